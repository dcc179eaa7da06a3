"""What a run amounts to: counts that add up, versions, hashes of what went in, and settings."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from breachpattern.output.secrets import clean
from breachpattern.spans import LONDON
from breachpattern.vocabulary import (
    BREACH_STATUSES,
    LEVELS,
    NATURES,
    ORDER_STATES,
    STRENGTHS,
    UNITS,
    Vocabulary,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from breachpattern.ingest import Extract, Issues
    from breachpattern.law import Catalogue
    from breachpattern.linking.people import People
    from breachpattern.timelines import Timelines

LIBRARIES = ("pandas", "numpy", "pyarrow", "scipy", "pydantic", "typer", "rich")


def versions() -> dict[str, str]:
    """Return the versions that a result rests on, by name.

    Examples
    --------
    >>> "breachpattern" in versions() and "python" in versions()
    True
    """
    found = {"breachpattern": _installed("breachpattern"), "python": sys.version.split()[0]}
    return found | {name: _installed(name) for name in LIBRARIES}


@cache
def _installed(name: str) -> str:
    """Return the version of a library; what is read from a file once does not change while it is imported."""
    return metadata.version(name)


def versions_of(catalogue: Catalogue, found: Mapping[str, str]) -> dict[str, str]:
    """Return the versions of a run: of the libraries, of what the patterns say of themselves, and of the law."""
    return versions() | dict(found) | {"catalogue_checked": catalogue.checked.isoformat()}


def show_versions() -> None:
    """Print the versions that a result rests on: worth pasting into a report of a fault.

    Examples
    --------
    >>> show_versions()  # doctest: +ELLIPSIS
    breachpattern...
    """
    from breachpattern.law import Catalogue

    found = versions() | {"catalogue": Catalogue.load().version}
    width = max(map(len, found))
    sys.stdout.write("".join(f"{name:<{width}}  {version}\n" for name, version in found.items()))


def counts_by_code(vocabulary: Vocabulary, codes: npt.NDArray[Any]) -> dict[str, int]:
    """Return how often each word of a vocabulary stands in a column of positions; zero counts are shown.

    Examples
    --------
    >>> counts_by_code(Vocabulary("x", ("a", "b")), np.array([1, 1, -1]))
    {'a': 0, 'b': 2}
    """
    counts = np.bincount(codes[codes >= 0].astype(np.int64), minlength=len(vocabulary))
    return dict(zip(vocabulary.values, counts.tolist(), strict=True))


def breaches_summary(timelines: Timelines) -> dict[str, Any]:
    """Return how many breaches there are, inferred contact within an order's terms included, by what they are."""
    breaches, inferred = timelines.breaches, timelines.inferred_within_terms
    status, state, nature = (np.append(breaches[c], inferred[c]) for c in ("status", "state", "nature"))
    return {
        "total": len(status),
        "incidents": len(np.unique(np.append(breaches["incident"], inferred["incident"]))),
        "inferred": len(inferred),
        "by_status": counts_by_code(BREACH_STATUSES, status),
        "by_order_state": counts_by_code(ORDER_STATES, state),
        "by_nature": counts_by_code(NATURES, nature),
    }


def courses_summary(timelines: Timelines) -> dict[str, Any]:
    """Return how many candidate courses there are, by strength and by unit."""
    courses = timelines.courses.frame
    return {
        "total": len(courses),
        "by_strength": counts_by_code(STRENGTHS, courses["strength"].to_numpy()),
        "by_unit": counts_by_code(UNITS, courses["unit"].to_numpy()),
    }


def findings_summary(findings: pa.Table) -> dict[str, Any]:
    """Return how many findings there are, by pattern and by level, the gravest first."""
    levels = counts_of(findings["level"].to_pylist())
    return {
        "total": findings.num_rows,
        "by_pattern": counts_of(findings["pattern"].to_pylist()),
        "by_level": {level: levels.get(level, 0) for level in reversed(LEVELS.values)},
    }


def people_summary(people: People) -> dict[str, Any]:
    """Return how records of people were joined, and each doubtful link that alone holds two groups together."""
    bridges = people.bridges.to_pylist()
    return {"method": people.method, "threshold": people.threshold, **people.counts, "warnings": bridges}


def issues_summary(issues: Issues) -> dict[str, Any]:
    """Return how many data problems there are, by code and by severity."""
    table = issues.to_arrow()
    return {
        "total": table.num_rows,
        "by_code": counts_of(table["code"].to_pylist()),
        "by_severity": counts_of(table["severity"].to_pylist()),
    }


def run_summary(
    *,
    versions: Mapping[str, str],
    as_of: int,
    started: datetime,
    finished: datetime,
    inputs: Mapping[str, Any],
    rows: Mapping[str, Any],
    counts: Mapping[str, Any],
    people: People | None,
    issues: Issues,
    provisions: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the summary of a run, but for its settings.

    Parameters
    ----------
    versions : mapping of str to str
    as_of : int
        Seconds UTC.
    started, finished : datetime
    inputs, rows : mapping
        By table: what was read, and where its rows went.
    counts : mapping
        ``not_yet_known``, ``breaches``, ``courses`` and ``findings``.
    people : People or None
    issues : Issues
    provisions : mapping
        What the catalogue says of every provision that is cited.
    """
    return {
        "versions": dict(versions),
        "as_of": iso(datetime.fromtimestamp(as_of, UTC)),
        "started": iso(started),
        "finished": iso(finished),
        "inputs": clean(inputs),
        "settings": {},
        "rows": clean(rows),
        "not_yet_known": counts["not_yet_known"],
        "breaches": counts["breaches"],
        "people": None if people is None else people_summary(people),
        "courses": counts["courses"],
        "findings": counts["findings"],
        "issues": issues_summary(issues),
        "provisions": dict(provisions),
    }


def extract_summary(extract: Extract) -> dict[str, Any]:
    """Return the summary of an extract that was read and not scored."""
    return {
        "versions": versions(),
        "finished": iso(datetime.now(UTC)),
        "inputs": clean(extract.sources),
        "rows": clean(extract.rows),
        "issues": issues_summary(extract.issues),
    }


def iso(moment: datetime) -> str:
    """Return a moment as ISO 8601 on the London clock, to the second.

    Examples
    --------
    >>> iso(datetime(2025, 7, 1, 12, tzinfo=UTC))
    '2025-07-01T13:00:00+01:00'
    """
    return moment.astimezone(LONDON).replace(microsecond=0).isoformat()


def with_considered(summary: Mapping[str, Any], written: int) -> dict[str, Any]:
    """Return a summary whose breaches add up to the rows that were written, orders considered included.

    Parameters
    ----------
    summary : mapping
        Its ``breaches`` has ``total`` (without orders that were considered and do not fit) and ``by_status``.
    written : int
        Rows of the table of breaches.

    Examples
    --------
    >>> with_considered({"breaches": {"total": 2, "by_status": {"recorded": 2, "not_breach": 0}}}, 5)
    {'breaches': {'total': 2, 'by_status': {'recorded': 2, 'not_breach': 3}, 'written': 5}}
    """
    breaches = summary["breaches"]
    statuses = breaches["by_status"] | {"not_breach": written - breaches["total"]}
    return {**summary, "breaches": breaches | {"by_status": statuses, "written": written}}


def counts_of(values: Sequence[Any]) -> dict[str, int]:
    """Return how often each text stands in a sequence, the most frequent first.

    Examples
    --------
    >>> counts_of(["b", "a", "b"])
    {'b': 2, 'a': 1}
    """
    from collections import Counter

    return dict(sorted(Counter(map(str, values)).items(), key=lambda item: (-item[1], item[0])))

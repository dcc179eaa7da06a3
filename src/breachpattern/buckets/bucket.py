"""One bucket: all rows of some connected people, from text to the tables of a run. A pure function."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern import patterns as patterns_room
from breachpattern import timelines as timelines_room
from breachpattern.ingest.issues import SCHEMA as ISSUE_SCHEMA
from breachpattern.ingest.issues import STAGE, IssueLog
from breachpattern.ingest.offences import SEEN
from breachpattern.ingest.part import IDS, CheckedParts, Part, check_parts
from breachpattern.ingest.tables import TABLES
from breachpattern.linking.people.people import BRIDGES, LINKS, People
from breachpattern.output.schema import BREACHES, COURSES, FINDINGS, NEAR_MISSES
from breachpattern.output.summary import breaches_summary, courses_summary, findings_summary
from breachpattern.output.tables import breaches_table, courses_table, findings_table, near_misses_table, schema_of
from breachpattern.patterns.store import SCHEMA as FINDING_SCHEMA
from breachpattern.records import MODELS, Reading
from breachpattern.records.cells import london_today

if TYPE_CHECKING:
    from breachpattern.law import Catalogue
    from breachpattern.patterns import Findings
    from breachpattern.timelines import Timelines

Progress = Callable[[str, int, int | None], None]
NO_TEXT = pa.array([], pa.string())
_FINDINGS = schema_of(FINDINGS[1:])
FILTERED = [pa.field(f"filter_{name}", pa.string()) for name in ("id", "reason", "author", "expires")]

SCHEMAS: dict[str, pa.Schema] = {
    "breaches": schema_of(BREACHES),
    "courses": schema_of(COURSES),
    "findings": _FINDINGS.append(pa.field("line", pa.large_binary())),
    "near_misses": schema_of(NEAR_MISSES),
    "suppressed": pa.schema([*FINDING_SCHEMA, *FILTERED]),
    "issues": ISSUE_SCHEMA.append(STAGE),
    "rejected": pa.schema(
        [("table", pa.string()), ("origin", pa.int64()), ("row", pa.int64()), ("reason", pa.string())]
    ),
    "offences": SEEN,
    "lost": pa.schema([("headline", pa.string())]),
    "counts": pa.schema([("what", pa.string()), ("count", pa.int64())]),
}


@dataclass(frozen=True)
class Setting:
    """What all buckets of a run share.

    Attributes
    ----------
    as_of : int
        The last second, in seconds UTC, of which anything may be known.
    catalogue : Catalogue
        The dated law.
    files : mapping of str to str
        By table that was given (``incidents``, ``orders``, ``persons``, ``associations``) what to call it in issues.
    readings : mapping of str to Reading
        By table how its cells are read; :meth:`reading` gives the default.
    spread : frozenset of str
        Tables of which a mapping makes several rows of one source row.
    patterns, filters : tuple of str
        Folders with packs and files with filters, as :func:`breachpattern.patterns.find` takes them.
    considered : bool
        Also give the orders that were considered and do not fit, as ``not_breach``.
    today : date, optional
        The day of the run, where ``readings`` does not say it; that of the machine, in London, otherwise.
    """

    as_of: int
    catalogue: Catalogue
    files: Mapping[str, str] = field(default_factory=lambda: {"incidents": "incidents", "orders": "orders"})
    readings: Mapping[str, Reading] = field(default_factory=dict)
    spread: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    considered: bool = False
    today: date | None = None

    def reading(self, table: str) -> Reading:
        """Return how the cells of a table are read."""
        default = Reading(today=self.today or london_today(), catalogue=self.catalogue)
        return self.readings.get(table, default)


def score_bucket(
    tables: Mapping[str, pa.Table], setting: Setting, *, on_progress: Progress | None = None
) -> dict[str, pa.Table]:
    """Return everything that the rows of some connected people say: a pure function of its arguments.

    Buckets that hold all rows of their people add up to the whole run: :mod:`breachpattern.buckets.merge` brings them
    into one order. Which rows belong together, :func:`breachpattern.linking.components.components` says.

    Parameters
    ----------
    tables : mapping of str to pyarrow.Table
        ``incidents`` and ``orders``: canonical columns as text, trimmed and null where blank, of any width, and
        ``row`` (int64), the line of the source; ``source_row`` (int64), its position in the source, is ``row`` where
        not given. All rows of an incident, and of an order, in one bucket, in the order of the source.
        ``persons``, ``associations``: canonical typed rows of these people, as :class:`breachpattern.ingest.Extract`
        has them.
        ``people`` (``reference, shown``: text): by which reference the entity of each is shown, where people were
        linked; ``links``: the links between these, as :class:`breachpattern.linking.people.People` has them.
        ``crowded`` (``text``): objects and addresses that too many people of the whole extract share.
        A table that is not there has no rows.
    setting : Setting
    on_progress : callable, optional
        Called with (stage, done, total).

    Returns
    -------
    dict of str to pyarrow.Table
        Always all of :data:`SCHEMAS`: ``breaches``, ``courses``, ``findings`` (without ``rank``, with ``line``: the
        record as JSON from after the rank on), ``near_misses``, ``suppressed``, each in the order of its file;
        ``issues`` with the ``stage`` of reading; ``rejected`` rows; ``offences`` (code and label pairs seen); ``lost``
        headlines of findings that stand only without doubtful links; ``counts``, to be added up.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from breachpattern.law import Catalogue
    >>> incidents = pa.table({
    ...     "row": [2, 3], "incident_id": ["I1", "I2"], "occurred_from": ["2025-03-01T10:00", "2025-03-04T10:00"],
    ...     "suspect_id": ["P1", "P1"], "victim_id": ["V1", "V1"], "behaviours": ["follow", "follow"]})
    >>> out = score_bucket({"incidents": incidents}, Setting(1_782_860_399, Catalogue.load()))
    >>> out["courses"]["incident_ids"].to_pylist()
    ['I1;I2']
    """
    out, lines = scored(tables, setting, on_progress=on_progress)
    line = pa.chunked_array(lines, pa.large_binary())
    return out | {"findings": out["findings"].append_column("line", line).cast(SCHEMAS["findings"])}


def scored(
    tables: Mapping[str, pa.Table], setting: Setting, *, on_progress: Progress | None = None
) -> tuple[dict[str, pa.Table], Iterator[pa.Array]]:
    """Return what :func:`score_bucket` does, but for the lines of the findings, which are made part by part.

    Returns
    -------
    tables : dict of str to pyarrow.Table
        ``findings`` without ``line``.
    lines : iterator of pyarrow.Array of large_binary
    """
    log = IssueLog([setting.files.get(table, table) for table in MODELS])
    done = _checked(tables, setting, log)
    people = _people(tables)
    crowded = tables["crowded"]["text"].combine_chunks() if "crowded" in tables else NO_TEXT
    timelines, found = _find(done, setting, people, crowded, on_progress)
    lost: list[str] = []
    if people is not None and people.counts["doubtful_links"]:
        _, certain = _find(done, setting, people.certain(), crowded, on_progress)
        found = found.doubting(patterns_room.doubts_of(found, certain, people))
        lost = patterns_room.lost_to_links(found, certain)
    elif people is not None:
        lost = patterns_room.lost_to_links(found, found)
    findings = findings_table(found.to_arrow())
    out = {
        "breaches": breaches_table(timelines, found.course_ids, considered=setting.considered),
        "courses": courses_table(timelines, found.course_ids),
        "findings": findings,
        "near_misses": near_misses_table(found.near_misses),
        "suppressed": _suppressed(found.suppressed),
        "issues": log.staged(),
        "rejected": _rejected(done),
        "offences": done.seen,
        "lost": pa.table({"headline": pa.array(lost, pa.string())}),
        "counts": _counts(done, timelines, found, findings),
    }
    whole = SCHEMAS | {"findings": _FINDINGS}
    return {name: out[name].select(schema.names).cast(schema) for name, schema in whole.items()}, _lines(found)


def _checked(tables: Mapping[str, pa.Table], setting: Setting, log: IssueLog) -> CheckedParts:
    """Return the checked tables: what comes as text is checked here, persons and associations were before."""
    parts = {}
    for table in ("incidents", "orders"):
        if table in setting.files:
            rows = tables.get(table, pa.table({"row": pa.array([], pa.int64())}))
            parts[table] = _part(rows, table, setting)
    known = pc.unique(tables["persons"]["person_id"]) if "persons" in tables else None
    known = NO_TEXT if known is None and "persons" in setting.files else known
    done = check_parts(parts, setting.catalogue, log, known_persons=known)
    given = {name: tables[name] for name in TABLES if name in tables and name not in parts}
    return CheckedParts(done.tables | given, done.rows, done.rejected, done.seen, done.strangers)


def _part(rows: pa.Table, table: str, setting: Setting) -> Part:
    line = rows["row"].to_numpy().astype(np.int64)
    origin = rows["source_row"].to_numpy().astype(np.int64) if "source_row" in rows.column_names else line
    columns = {
        name: pa.concat_arrays(rows[name].cast(pa.string()).chunks) if rows[name].num_chunks else NO_TEXT
        for name in rows.column_names
        if name in MODELS[table].model_fields
    }
    columns.setdefault(IDS[table], pa.nulls(rows.num_rows, pa.string()))
    return Part(setting.files[table], columns, line, origin, setting.reading(table), table in setting.spread)


def _people(tables: Mapping[str, pa.Table]) -> People | None:
    if "people" not in tables:
        return None
    people = tables["people"].sort_by("reference")
    links = tables["links"].cast(LINKS) if "links" in tables else LINKS.empty_table()
    doubtful = int(pc.sum(pc.invert(links["certain"])).as_py() or 0)
    return People(
        method="",
        threshold=0.0,
        references=people["reference"].combine_chunks(),
        shown=people["shown"].combine_chunks(),
        links=links,
        bridges=BRIDGES.empty_table(),
        counts={"doubtful_links": doubtful, "references_without_record": 0},
        issues=(),
    )


def _find(
    done: CheckedParts, setting: Setting, people: People | None, crowded: pa.Array, on_progress: Progress | None
) -> tuple[Timelines, Findings]:
    tables = timelines_room.Tables(**done.tables)
    timelines = timelines_room.build(
        tables, setting.catalogue, setting.as_of, people=people, crowded=crowded, on_progress=on_progress
    )
    found = patterns_room.find(timelines, setting.patterns, setting.filters, on_progress=on_progress)
    return timelines, found


def _lines(found: Findings) -> Iterator[pa.Array]:
    for lines in found.lines(ranked=False):
        yield lines.cast(pa.large_binary())


def _suppressed(found: Findings) -> pa.Table:
    rows = found.to_arrow().drop_columns(["rank"])
    for name in SCHEMAS["suppressed"].names:
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(rows.num_rows, pa.string()))
    return rows


def _rejected(done: CheckedParts) -> pa.Table:
    schema = SCHEMAS["rejected"]
    parts = [
        pa.table(
            [pa.repeat(table, len(one.rows)), pa.array(one.origin), pa.array(one.rows), one.reasons], schema=schema
        )
        for table, one in done.rejected.items()
    ]
    return pa.concat_tables([schema.empty_table(), *parts])


def _counts(done: CheckedParts, timelines: Timelines, found: Findings, findings: pa.Table) -> pa.Table:
    """Return every number of the summary that adds up over buckets, by its path."""
    counts: dict[str, Any] = {
        "rows": done.rows,
        "not_yet_known": {"incidents": timelines.columns.not_yet_known},
        "breaches": breaches_summary(timelines),
        "courses": courses_summary(timelines),
        "findings": findings_summary(findings)
        | {"suppressed": len(found.suppressed), "near_misses": found.near_miss_counts},
        "cited": {text: 1 for text in findings["provisions"].unique().to_pylist() if text},
        "strangers": {
            f"{table}/{column}": {"named": named, "missing": missing}
            for (table, column), (named, missing) in done.strangers.items()
        },
    }
    flat = dict(_flat(counts))
    return pa.table([pa.array(flat, pa.string()), pa.array(flat.values(), pa.int64())], schema=SCHEMAS["counts"])


def _flat(counts: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, int]]:
    for name, value in counts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}/")
        else:
            yield f"{above}{name}", int(value)

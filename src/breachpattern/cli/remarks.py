"""What is said on stderr about an extract that was read: rows lost, nobody named, an odd *as of*."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from breachpattern.cli import DONE, TOO_MANY_REJECTED
from breachpattern.cli.console import say
from breachpattern.ingest.extract import rejected_shares
from breachpattern.spans import DAY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from breachpattern.buckets.run import Scored
    from breachpattern.ingest import Extract


def verdict(rows: Mapping[str, Mapping[str, int]], allowed: float, written: Path | None) -> int:
    """Say which tables lost more rows than allowed, and return the exit code.

    Parameters
    ----------
    rows : mapping
        By table, where its rows went.
    allowed : float
        The share of the rows of each table that may be rejected. A table that lost all is named in any case.
    written : Path or None
        The folder in which the rejected rows stand.
    """
    lost, code = [], DONE
    for table, share in rejected_shares(rows).items():
        counts = rows[table]
        if share > allowed:
            code = TOO_MANY_REJECTED
            lost.append(
                f"{counts['rejected']:,} of {counts['rows_in']:,} rows of {table} were rejected ({share:.1%} of the "
                f"rows of {table}, more than the {allowed:.1%} allowed)"
            )
        elif not counts["accepted"]:
            lost.append(f"none of the {counts['rows_in']:,} rows of {table} was accepted")
    if lost:
        where = f"The outputs are written: see issues and rejected rows in {written}" if written else "See the problems"
        say(f"breachpattern: {'; '.join(lost)}. {where}; put the data right, or raise --max-rejected.")
    return code


def remarks(extract: Extract | Scored) -> Iterator[str]:
    """Yield what makes an empty answer mean nothing: no incidents, or nobody named in them."""
    name = extract.sources["incidents"]["name"] if "incidents" in extract.sources else "incidents"
    if not extract.rows["incidents"]["rows_in"]:
        yield f"{name}: there are no rows of incidents, so there is nothing to find."
    for issue in extract.issues.to_arrow().to_pylist():
        if issue["code"] == "nobody_named":
            yield f"{issue['file']}: {issue['message']} {issue['hint']}"


def remarks_on_time(run: Scored, as_of: str | None) -> Iterator[str]:
    """Yield what is odd about the instant of a run: it lies ahead, or before anything was known."""
    if as_of is None:
        return
    if run.as_of > datetime.now(UTC).timestamp() + DAY:
        yield f"--as-of {as_of} lies in the future: the answer is what is on file today."
    counts = run.rows["incidents"]
    accepted = counts.get("spread_to", counts["accepted"])
    if accepted and run.summary["not_yet_known"]["incidents"] >= accepted:
        yield f"--as-of {as_of} lies before anything was known: all {accepted:,} rows of incidents are left out."


def remark(texts: Iterable[str]) -> None:
    """Say each of some remarks on stderr, as a note."""
    for text in texts:
        say(f"breachpattern: note: {text}")

"""What an update leaves for people: a run folder with everything as it is now, and what changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from breachpattern.explain import law_of
from breachpattern.output.read import ALL_FINDINGS
from breachpattern.output.run import write_run
from breachpattern.output.secrets import clean
from breachpattern.output.summary import findings_summary, iso, issues_summary, versions
from breachpattern.output.tables import quarantined
from breachpattern.state.changes import KEYS, Changes
from breachpattern.state.state import State

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

AT_ONCE = 1_000


def write_changes(
    folder: str | Path, state: State, changes: Changes, catalogue: Catalogue, format: str = "csv"
) -> Path:
    """Write results and changes into a run folder, whole or not at all, and return its path.

    Parameters
    ----------
    folder : str or Path
        New, empty, or a former run, which is replaced.
    state, changes : State, Changes
        As an update gave them.
    catalogue : Catalogue
    format : {"csv", "parquet", "jsonl"}, default "csv"

    Raises
    ------
    OutputError
        Where the folder is not ours to replace or cannot be written.

    Notes
    -----
    ``findings.jsonl`` holds the whole of the findings that are new or changed; the others were told before. In JSON
    Lines the table of all findings therefore stands in ``findings_all.jsonl``.
    """
    findings = state.findings.to_arrow()
    tables = {name: getattr(state, name).to_arrow() for name in ("breaches", "courses", "near_misses")}
    tables |= {"findings": findings} | {f"changes_{name}": getattr(changes, name).to_arrow() for name in KEYS}
    if format == "jsonl":  # there the table of all findings has no name to itself
        tables[ALL_FINDINGS] = findings
    if len(state.suppressed):
        tables["suppressed"] = state.suppressed.to_arrow()
    tables |= {"issues": changes.issues.to_arrow()} | quarantined(changes.rejected)
    return write_run(
        folder, tables, summary_of(state, changes, catalogue), lines=_lines(findings, changes), format=format
    )


def summary_of(state: State, changes: Changes, catalogue: Catalogue) -> dict[str, Any]:
    """Return what an update amounts to: ``summary.json``."""
    findings = state.findings.to_arrow()
    cited = ";".join(filter(None, findings["provisions"].unique().to_pylist()))
    return {
        "versions": versions() | {"catalogue": catalogue.version, "catalogue_checked": catalogue.checked.isoformat()},
        "as_of": iso(datetime.fromtimestamp(changes.as_of, UTC)),
        "finished": iso(datetime.now(UTC)),
        "batch": len(state.batches),
        "inputs": clean(changes.sources),
        "rows": clean(changes.rows),
        "withdrawn": changes.withdrawn,
        "groups_worked_out_again": changes.groups,
        "changes": changes.counts(),
        "findings": findings_summary(findings),
        "issues": issues_summary(changes.issues),
        "provisions": law_of(catalogue, cited),
    }


def _lines(findings: pa.Table, changes: Changes) -> Iterator[list[bytes]]:
    """Yield the findings that are new or changed as lines of JSON, each with its rank among all."""
    rank = dict(zip(findings["finding_id"].to_pylist(), findings["rank"].to_pylist(), strict=True))
    lines: list[bytes] = []
    for record in changes.records():
        line = json.dumps({**record, "rank": rank[record["finding_id"]]}, ensure_ascii=False)
        lines.append(f"{line}\n".encode())
        if len(lines) == AT_ONCE:
            yield lines
            lines = []
    yield lines

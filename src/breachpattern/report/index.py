"""The index: what was read and left out, counts, charts, and the ranked worklist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.explain.moments import day
from breachpattern.output.charts import LOOKS, counts_chart, months_chart
from breachpattern.output.read import read_table
from breachpattern.report.decisions import Decision, decision_on
from breachpattern.report.run import Record, Run
from breachpattern.report.text import file_name, words

_MONTHS = 36
_DRAWN = ("recorded", "unrecorded")


@dataclass(frozen=True)
class Chart:
    """A chart of the index: its specification, and the numbers in it as rows for those who do not see it."""

    name: str
    title: str
    spec: dict[str, Any]
    heading: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def worklist(run: Run, decisions: Mapping[str, Decision]) -> list[Record]:
    """Return the ranked worklist: a row for each finding that has a page."""
    return [
        {
            "rank": finding["rank"],
            "level": finding["level"],
            "score": finding["score"],
            "id": finding["finding_id"],
            "page": file_name(finding["finding_id"]),
            "headline": finding["headline"],
            "pattern": finding.get("pattern_title") or words(finding["pattern"]),
            "suspects": finding["suspect_ids"] or ["not known"],
            "victims": finding["victim_ids"] or ["not known"],
            "kinds": sorted({v["order_title"] or "order" for o in finding.get("orders") or () for v in o["versions"]}),
            "forces": sorted({item["force"] for item in finding["evidence"] if item.get("force")}),
            "last_at": finding["last_at"][:10],
            "last": day(finding["last_at"]),
            "decision": decision_on(decisions, finding["finding_id"]),
        }
        for finding in run.findings
    ]


def choices(rows: list[Record]) -> dict[str, list[str]]:
    """Return what each filter of the worklist offers, in the order in which it stands there."""
    return {
        "level": list(dict.fromkeys(row["level"] for row in rows)),
        "pattern": sorted({row["pattern"] for row in rows}),
        "kind": sorted({kind for row in rows for kind in row["kinds"]}),
        "force": sorted({force for row in rows for force in row["forces"]}),
        "decision": sorted({row["decision"].status for row in rows}),
    }


def charts(folder: Path, run: Run, rows: list[Record]) -> list[Chart]:
    """Return the charts of the index.

    Parameters
    ----------
    folder : Path
        The run folder: breaches are counted by month from its table.
    run : Run
    rows : list of dict
        The worklist.
    """
    findings, breaches = run.summary["findings"], read_table(folder, "breaches").select(["occurred_at", "status"])
    titles = {row["id"]: row["pattern"] for row in rows}
    title_of = {f["pattern"]: titles[f["finding_id"]] for f in run.findings}
    levels = {words(level): count for level, count in findings["by_level"].items()}
    patterns = {title_of.get(key, words(key)): count for key, count in findings["by_pattern"].items() if count}
    by_status = Counter(breaches["status"].to_pylist())
    statuses = {LOOKS[key].words: by_status[key] for key in LOOKS if by_status[key]}
    found = [
        _counted("levels", "Findings by level", levels, "findings"),
        _counted("patterns", "Findings by pattern", patterns, "findings", width=300),
        _counted("breaches", "Breaches by what the record says", statuses, "breaches"),
    ]
    months = _by_month(breaches)
    if months:
        colours = {LOOKS[key].words: LOOKS[key].colour for key in _DRAWN}
        flat = [{"month": m, "series": s, "count": n} for (m, s), n in sorted(months.items())]
        spec = months_chart(flat, colours, "breaches").to_dict()
        every = sorted({m for m, _ in months})
        told = [(f"{date.fromisoformat(f'{m}-01'):%b %Y}", *(months[m, s] for s in colours)) for m in every]
        title = "Breaches by month of the conduct" + (f", the last {_MONTHS} months" if len(every) == _MONTHS else "")
        found.append(Chart("months", title, spec, ("Month", *colours), told))
    return [chart for chart in found if chart.rows]


def _counted(name: str, title: str, counts: Mapping[str, int], what: str, width: int = 420) -> Chart:
    return Chart(
        name,
        title,
        counts_chart(counts, what, width=width).to_dict(),
        (title.split(" by ")[1].capitalize(), what.capitalize()),
        list(counts.items()),
    )


def _by_month(breaches: pa.Table) -> Counter[tuple[str, str]]:
    """Return recorded and unrecorded breaches by month, of the last months that have any."""
    kept = breaches.filter(pc.and_(pc.is_in(breaches["status"], pa.array(_DRAWN)), breaches["occurred_at"].is_valid()))
    months = pc.strftime(kept["occurred_at"], "%Y-%m")
    grouped = (
        pa.table({"month": months, "status": kept["status"]})
        .group_by(["month", "status"])
        .aggregate([([], "count_all")])
    )
    counts = Counter({(row["month"], LOOKS[row["status"]].words): row["count_all"] for row in grouped.to_pylist()})
    last = sorted({month for month, _ in counts})[-_MONTHS:]
    return Counter({key: count for key, count in counts.items() if key[0] in last})


def accounting(run: Run) -> list[Record]:
    """Return where the rows of each table went."""
    return [{"table": name, **counts} for name, counts in run.summary["rows"].items() if counts["rows_in"]]


def left_out(run: Run, shown: int) -> list[str]:
    """Return in words what the pack does not show."""
    summary = run.summary
    told = []
    rejected = sum(counts["rejected"] for counts in summary["rows"].values())
    if rejected:
        told.append(f"{_several(rejected, 'row')} rejected; the quarantine files of the run hold them")
    unknown = summary.get("not_yet_known", {}).get("incidents", 0)
    if unknown:
        told.append(f"{_several(unknown, 'row')} of incidents reported after the instant of the run and left out")
    if summary["findings"].get("suppressed"):
        told.append(f"{_several(summary['findings']['suppressed'], 'finding')} suppressed by filters of yours")
    if run.total > shown:
        told.append(f"{run.total - shown:,} findings without a page here: findings.csv lists all {run.total:,}")
    if "changes" in summary:
        told.append("A batch of an update: only findings that are new or changed have a page")
    elif not summary["inputs"].get("orders"):
        told.append("No orders were given: nothing is known of any order")
    told.append("What was never recorded: an empty list says nothing about what happened to somebody")
    return told


def _several(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def worklist_table(rows: list[Record]) -> list[dict[str, Any]]:
    """Return the worklist as the rows of its spreadsheet."""
    return [
        {
            "rank": row["rank"],
            "level": row["level"],
            "score": row["score"],
            "finding_id": row["id"],
            "pattern": row["pattern"],
            "suspects": ";".join(row["suspects"]),
            "victims": ";".join(row["victims"]),
            "order_kinds": ";".join(row["kinds"]),
            "forces": ";".join(row["forces"]),
            "last": row["last_at"],
            "headline": row["headline"],
            "decision": row["decision"].status,
            "decided_by": row["decision"].by,
            "decided_at": row["decision"].at,
        }
        for row in rows
    ]

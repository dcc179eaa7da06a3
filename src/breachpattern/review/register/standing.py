"""Where decided findings stand in another run: unchanged, changed, or withdrawn, and why."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.analysis.reasons import reasons
from breachpattern.analysis.runs import RULES, Run
from breachpattern.analysis.since import compare
from breachpattern.output.results import Table
from breachpattern.review.register.decisions import PEOPLE_AND_EVIDENCE, Decision
from breachpattern.review.register.verdicts import CHANGED, OPEN, REJECTED, STATUSES, UNREVIEWED
from breachpattern.state.changes import WITHDRAWN
from breachpattern.vocabulary import LEVELS

FINDINGS = (
    "rank", "finding_id", "status", "level", "pattern", "suspect_id", "victim_ids", "course_id", "headline",
    "difference", "goes_on_from", "decision", "verdict", "reason", "text", "reviewer", "decided_at", "level_then",
)  # fmt: skip
GONE = ("finding_id", "pattern", "decision", "verdict", "reviewer", "decided_at", "why", "because")


@dataclass(frozen=True)
class Review:
    """The findings of a run beside what people decided.

    Attributes
    ----------
    findings : Table
        In the order of the run, with ``status`` (:data:`~breachpattern.review.register.STATUSES`), the last decision,
        and in ``difference`` what is new and what is gone since.
    withdrawn : Table
        Decided findings that the run does not have and that none of its findings goes on from, with ``why`` and
        ``because``: the record, rule or filter that changed.
    """

    findings: Table
    withdrawn: Table

    @property
    def to_do(self) -> Table:
        """What a person has to look at: what nobody decided, what changed, and what waits."""
        rows = self.findings.to_arrow()
        return Table("findings to decide", rows.filter(pc.is_in(rows["status"], value_set=pa.array(OPEN))))

    def only(self, statuses: Sequence[str]) -> Review:
        """Return the review with findings of some statuses only; without any, as it is."""
        if not statuses:
            return self
        rows = self.findings.to_arrow()
        kept = rows.filter(pc.is_in(rows["status"], value_set=pa.array(list(statuses), pa.string())))
        return Review(Table("findings", kept), self.withdrawn)

    def counts(self) -> dict[str, int]:
        """Return how many findings there are of each status, and how many decided ones are withdrawn."""
        return counted(self.findings.to_arrow()["status"].to_pylist()) | {WITHDRAWN: len(self.withdrawn)}

    def __repr__(self) -> str:
        return f"Review: {self._said()}\n{self.to_do!r}"

    def _repr_html_(self) -> str:
        return f"<p><strong>Review: {html.escape(self._said())}</strong></p>{self.to_do._repr_html_()}"

    def _said(self) -> str:
        return ", ".join(f"{status} {count:,}" for status, count in self.counts().items())


def counted(statuses: Sequence[str]) -> dict[str, int]:
    """Return how many there are of each status.

    Examples
    --------
    >>> counted(["confirmed", "confirmed"])["confirmed"]
    2
    """
    counts = pd.Series(statuses, dtype=object).value_counts()
    return {status: int(counts.get(status, 0)) for status in STATUSES}


def review_of(run: Run, decided: Sequence[Decision]) -> Review:
    """Return the findings of a run beside the last decision on each.

    Parameters
    ----------
    run : Run
    decided : sequence of Decision
        The last one on each finding.
    """
    last = {decision.finding_id: decision for decision in decided}
    # A decision on the finding that grew stands for the one on what it grew from, unless this run still has that.
    here = set(run.findings["finding_id"].to_pylist())
    carried = {decision.goes_on_from for decision in decided} - here
    current = [decision for decision in decided if decision.finding_id not in carried]
    became = _became(run, current)
    rows = [
        _row(row, became.get(row["finding_id"]), last)
        for row in run.findings.select([name for name in FINDINGS if name in run.findings.column_names]).to_pylist()
    ]
    gone = [last[identity] for identity, row in became.items() if row["change"] == WITHDRAWN]
    made = [
        (dict(zip(RULES, (d.package_version, d.catalogue_version, d.patterns_version), strict=True)), d.as_of)
        for d in gone
    ]
    snapshots = [d.rests_on() | {"finding_id": d.finding_id, "pattern": d.pattern} for d in gone]
    told = reasons(snapshots, run, made)
    withdrawn = [
        {"decision": d.id, "why": why, "because": because} | {n: getattr(d, n) for n in GONE if hasattr(d, n)}
        for d, (why, because) in zip(gone, told, strict=True)
    ]
    return Review(_table("findings", FINDINGS, rows), _table("withdrawn findings", GONE, withdrawn))


def _became(run: Run, current: Sequence[Decision]) -> dict[str, dict[str, Any]]:
    """Return what became of decided findings, by the id that they have now."""
    snapshots = [
        d.rests_on() | {"finding_id": d.finding_id, "pattern": d.pattern, "level": d.level, "course_id": d.course_id}
        for d in current
    ]
    names = ("finding_id", "pattern", "level", "course_id", *PEOPLE_AND_EVIDENCE)
    before = pa.table({name: pa.array([s[name] for s in snapshots], pa.string()) for name in names})
    # A finding goes on only from one of its own pattern and suspect: the others are nobody's successor.
    same = pa.table({name: before[name] for name in ("pattern", "suspect_id")}).to_pandas().drop_duplicates()
    about = run.findings.select(["finding_id", "pattern", "suspect_id"]).to_pandas()
    near = about.merge(same, on=["pattern", "suspect_id"])["finding_id"]
    found = compare(before, run.only([*near, *before["finding_id"].to_pylist()]))
    return {str(row["finding_id"]): {str(k): v for k, v in row.items()} for row in found.to_dict("records")}


def _row(finding: dict[str, Any], became: dict[str, Any] | None, last: dict[str, Decision]) -> dict[str, Any]:
    identity = finding["finding_id"]
    from_ = (became or {}).get("goes_on_from") or identity
    decision = last.get(from_) if became is None or became["change"] != "new" else None
    if decision is None:
        return finding | {"status": UNREVIEWED}
    told = became["reason"] if became is not None and became["change"] == CHANGED else ""
    if not told and _rose(finding["level"], decision):
        told = f"level {decision.level}, now {finding['level']}"
    return finding | {
        "status": CHANGED if told else decision.verdict,
        "difference": told,
        "goes_on_from": from_ if from_ != identity else "",
        "decision": decision.id,
        "verdict": decision.verdict,
        "reason": decision.reason,
        "text": decision.text,
        "reviewer": decision.reviewer,
        "decided_at": decision.decided_at,
        "level_then": decision.level,
    }


def _rose(level: str, decision: Decision) -> bool:
    """Return whether a rejected finding stands higher now: what was set aside as low was not judged as high."""
    known = level in LEVELS and decision.level in LEVELS
    return known and decision.verdict == REJECTED and LEVELS.index(level) > LEVELS.index(decision.level)


def _table(name: str, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> Table:
    kinds = {"rank": pa.int64(), "decision": pa.int64()}
    return Table(
        name, pa.table({c: pa.array([row.get(c) for row in rows], kinds.get(c, pa.string())) for c in columns})
    )

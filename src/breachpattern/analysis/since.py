"""What became of findings between two runs: new, changed, withdrawn or the same, and why."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from breachpattern.analysis.reasons import reasons, some_of
from breachpattern.analysis.runs import EVIDENCE, Run
from breachpattern.output.results import Table
from breachpattern.state.changes import CHANGED, NEW, WITHDRAWN, difference

if TYPE_CHECKING:
    from breachpattern.analysis.answers import Analysis

SAME = "same"
_LISTS = ("incidents", "orders", "breaches")


@dataclass(frozen=True)
class Since:
    """What became of findings since an earlier run.

    Attributes
    ----------
    new, changed, withdrawn, same : Table
        ``finding_id``, ``pattern``, ``level``, ``suspect_id``, ``victim_ids`` and ``goes_on_from``: the earlier finding
        that a changed one goes on from, its own id where only what is on file about its incidents changed. ``why``
        is ``record``, ``rule``, ``filter``, ``clock`` or ``evidence``, ``reason`` says it in words.
    """

    new: Table
    changed: Table
    withdrawn: Table
    same: Table

    def counts(self) -> dict[str, int]:
        """Return how many findings are new, changed, withdrawn and the same."""
        return {name: len(getattr(self, name)) for name in (NEW, CHANGED, WITHDRAWN, SAME)}

    def to_frame(self) -> pd.DataFrame:
        """Return all of them as pandas, with ``change`` in front."""
        parts: list[pd.DataFrame] = [getattr(self, name).to_frame() for name in (NEW, CHANGED, WITHDRAWN, SAME)]
        return pd.concat(parts, ignore_index=True)

    def __repr__(self) -> str:
        told = [getattr(self, name) for name in (NEW, CHANGED, WITHDRAWN)]
        return "\n".join([f"Since: {self._said()}", *(repr(table) for table in told if len(table))])

    def _repr_html_(self) -> str:
        told = (getattr(self, name)._repr_html_() for name in (NEW, CHANGED, WITHDRAWN))
        return f"<p><strong>Since: {html.escape(self._said())}</strong></p>{''.join(told)}"

    def _said(self) -> str:
        return ", ".join(f"{name} {count:,}" for name, count in self.counts().items())


def since(after: Run | Analysis | str | Path, before: Run | Analysis | str | Path) -> Since:
    """Return what became of findings between two runs.

    Parameters
    ----------
    after, before : Run, Analysis or path of a run folder

    Examples
    --------
    >>> import breachpattern as bp
    >>> who = {"suspect_id": "P1", "victim_id": "V1", "behaviours": "contact", "channel": "text"}
    >>> order = {"order_id": "O1", "kind": "restraining", "respondent_id": "P1", "protected_id": "V1",
    ...          "made_on": "2025-01-10", "terms": "no_contact"}
    >>> rows = [{"incident_id": f"I{d}", "occurred_from": f"2025-03-0{d}T10:00"} | who for d in (1, 4, 7)]
    >>> runs = [bp.Analyser().analyse(bp.read_extract(some, [order]), "2025-04-01") for some in (rows[:2], rows)]
    >>> found = {row["pattern"]: row["reason"] for row in since(runs[1], runs[0]).changed}
    >>> found["repeat_breach"]
    'incidents new: I7; breaches new: I7 > O1 (unrecorded, yes, contact)'
    """
    here, there = Run.of(after), Run.of(before)
    found = compare(there.evidence, here)
    rows = {kind: found[found["change"] == kind] for kind in (NEW, CHANGED, WITHDRAWN, SAME)}
    lost, fresh = _about(rows[WITHDRAWN], there.evidence), _about(rows[NEW], here.evidence)
    _explain(lost, there, here)
    _explain(fresh, here, there, backwards=True)
    tables = {NEW: fresh, WITHDRAWN: lost} | {kind: _about(rows[kind], here.evidence) for kind in (CHANGED, SAME)}
    return Since(**{kind: _table(f"{kind} findings", frame) for kind, frame in tables.items()})


def _explain(rows: pd.DataFrame, own: Run, other: Run, *, backwards: bool = False) -> None:
    made = [(own.versions, own.as_of)] * len(rows)
    told = reasons(rows.to_dict("records"), other, made, backwards=backwards)
    rows["why"], rows["reason"] = [why for why, _ in told], [reason for _, reason in told]


def compare(before: pa.Table, after: Run) -> pd.DataFrame:
    """Return what became of findings, by the evidence that they rest on.

    Parameters
    ----------
    before : pyarrow.Table
        As :func:`~breachpattern.analysis.runs.evidence_table` gives it.
    after : Run

    Returns
    -------
    pandas.DataFrame
        One row for each finding of the later run, in its order, then one for each that is gone: ``finding_id``,
        ``change``, ``goes_on_from``, ``why``, ``reason``, ``level_before``. A finding that has other evidence, or
        goes on from one that is gone, is ``changed``, and its reason says what is new and what is gone.
    """
    told = difference("findings", *(_compared(table) for table in (before, after.evidence))).to_pandas()
    ids = after.evidence["finding_id"].to_pylist()
    by_id = {row["finding_id"]: row for row in told.to_dict("records") if row["change"] != WITHDRAWN}
    was = {row["finding_id"]: row for row in before.to_pylist()}
    # Only what changed is looked at one by one.
    now = {row["finding_id"]: row for row in after.only(by_id).evidence.to_pylist()} if by_id else {}
    rows = [_became(identity, by_id.get(identity), was, now) for identity in ids]
    carried = {row.get("goes_on_from") for row in rows}
    gone = told.loc[told["change"] == WITHDRAWN, "finding_id"]
    rows += [
        {"finding_id": identity, "change": WITHDRAWN, "level_before": was[identity]["level"]}
        for identity in gone
        if identity not in carried
    ]
    columns = ["finding_id", "change", "goes_on_from", "why", "reason", "level_before"]
    return pd.DataFrame(rows, columns=columns, dtype=object).fillna("")


def _became(
    identity: str, told: Mapping[str, Any] | None, was: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any]:
    if told is None:
        return {"finding_id": identity, "change": SAME, "level_before": was[identity]["level"]}
    from_ = identity if told["change"] == CHANGED else told["goes_on_from"]
    if not isinstance(from_, str) or not from_:
        return {"finding_id": identity, "change": NEW}
    row = {"finding_id": identity, "goes_on_from": from_, "level_before": was[from_]["level"]}
    reason = evidence_difference(was[from_], now[identity])
    if not reason and from_ == identity:
        return row | {"goes_on_from": "", "change": SAME}
    reason = reason or "the same evidence, about people otherwise linked"
    return row | {"change": CHANGED, "why": "evidence", "reason": reason}


def evidence_difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return in words what evidence is new and what is gone; blank where nothing is.

    Examples
    --------
    >>> one = {"incidents": "I1;I2", "orders": "O1", "breaches": "", "span": "a/b"}
    >>> evidence_difference(one, one | {"incidents": "I1;I2;I3"})
    'incidents new: I3'
    """
    parts = []
    for name in _LISTS:
        old, new = (set(filter(None, str(row[name] or "").split(";"))) for row in (before, after))
        parts += [
            f"{name} {word}: {some_of(items)}" for word, items in (("new", new - old), ("gone", old - new)) if items
        ]
    if not parts and before["span"] != after["span"]:
        parts = [f"times of its records: {before['span']}, now {after['span']}"]
    return "; ".join(parts)


def _compared(table: pa.Table) -> pa.Table:
    """Return evidence under the names by which changes are told; a headline is no evidence."""
    columns = {name: table[name] for name in ("finding_id", "pattern", "suspect_id", "victim_ids", "level")}
    columns |= {"headline": pa.nulls(table.num_rows, pa.string()), "incident_ids": table["incidents"]}
    return pa.table(columns | {name: table[name] for name in EVIDENCE[1:]})


def _about(rows: pd.DataFrame, evidence: pa.Table) -> pd.DataFrame:
    frame = rows.merge(evidence.to_pandas(), on="finding_id", how="left")
    return frame.astype(object).where(frame.notna(), "")


def _table(name: str, frame: pd.DataFrame) -> Table:
    wanted = ("finding_id", "pattern", "level", "suspect_id", "victim_ids", "goes_on_from", "why", "reason")
    columns = {"change": pa.array(frame["change"].tolist(), pa.string())}
    return Table(name, pa.table(columns | {c: pa.array(frame[c].tolist(), pa.string()) for c in wanted}))

"""Why a finding of one run is not among those of another: the filter, record or rule that differs, or the clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.analysis.runs import RULES, Run

_SHOWN = 6


def reasons(
    rows: Sequence[Mapping[Any, Any]],
    other: Run,
    made: Iterable[tuple[Mapping[str, str], str]],
    *,
    backwards: bool = False,
) -> list[tuple[str, str]]:
    """Return why findings are not among those of another run: a word for it, and the reason in words.

    Parameters
    ----------
    rows : sequence of mapping
        The findings, with what they rest on.
    other : Run
        The run that does not have them.
    made : iterable of (dict, str)
        For each finding the versions by which it was made, and as of when.
    backwards : bool, default False
        The other run is the earlier one: it does not have them *yet*.

    Notes
    -----
    ``filter`` before ``record`` before ``rule``: the first that applies names the reason, and all are told. Where
    nothing that the runs hold of its records differs, and the rules neither, it says that the clock moved.
    """
    named = {item.partition(" (")[0].partition(" > ")[0] for row in rows for item in _split(row["breaches"])}
    pairs = other.breaches.filter(
        pc.is_in(other.breaches["incident_id"], value_set=pa.array(sorted(named), pa.string()))
    )
    held = {
        f"{b['incident_id']}{' > ' * bool(b['order_id'])}{b['order_id'] or ''}": ", ".join(
            filter(None, (b["status"], b["order_state"], (b["breach_kind"] or "").replace(";", "+")))
        )
        for b in pairs.to_pylist()
        if b["status"] != "not_breach"
    }
    suppressed = {row["finding_id"]: row for row in other.suppressed.to_pylist()}
    out = []
    for row, (versions, as_of) in zip(rows, made, strict=True):
        told = [
            *_by_filter(row, suppressed),
            *_by_record(row, other, held, backwards),
            *_by_rule(row, versions, other.versions, backwards),
        ]
        if not told:
            first, then = (other.as_of, as_of) if backwards else (as_of, other.as_of)
            told = [
                ("clock", f"its records, breaches and the rules stand as they were; as of went from {first} to {then}")
            ]
        out.append((told[0][0], "; ".join(text for _, text in told)))
    return out


def _by_filter(row: Mapping[str, Any], suppressed: Mapping[str, Any]) -> list[tuple[str, str]]:
    by = suppressed.get(row["finding_id"])
    return [("filter", f"the filter {by['filter_id']} suppresses it: {by['filter_reason']}")] if by else []


def _by_record(row: Mapping[str, Any], other: Run, held: Mapping[str, str], backwards: bool) -> list[tuple[str, str]]:
    incidents = _split(row["incidents"])
    missing = {item for item, there in zip(incidents, other.has_incidents(incidents), strict=True) if not there}
    told = []
    if missing:
        where = "in the extract" if other.on_file is not None else "in any answer"
        told.append(("record", f"not {where}{' before' if backwards else ' any more'}: {some_of(missing)}"))
    for item in _split(row["breaches"]):
        pair, _, state = item[:-1].partition(" (")
        there = held.get(pair, "no breach")
        if there != state and pair.partition(" > ")[0] not in missing:
            told.append(("record", f"{pair}: {state}, {'before' if backwards else 'now'} {there}"))
    return told


def _by_rule(
    row: Mapping[str, Any], one: Mapping[str, str], other: Mapping[str, str], backwards: bool
) -> list[tuple[str, str]]:
    word = "before" if backwards else "now"
    return [
        ("rule", f"{name} {one[name]}, {word} {other[name]} (pattern {row['pattern']})")
        for name in RULES
        if one.get(name) != other.get(name)
    ]


def _split(text: str | None) -> list[str]:
    return [item for item in (text or "").split(";") if item]


def some_of(items: Iterable[str]) -> str:
    """Return the first items in words, and how many more there are.

    Examples
    --------
    >>> some_of(["I2", "I1"])
    'I1, I2'
    """
    whole = sorted(items)
    more = f" and {len(whole) - _SHOWN:,} more" if len(whole) > _SHOWN else ""
    return ", ".join(whole[:_SHOWN]) + more

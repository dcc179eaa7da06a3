"""Arrests: which records of a breach are only of the arrest for a breach that another record tells."""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Bools, Columns, Ints
from breachpattern.sorting import order_by
from breachpattern.spans import DAY
from breachpattern.timelines.nexus import signal_table


def told_beside(columns: Columns, arrest: Bools, row: Ints, order: Ints) -> Bools:
    """Return which breaches are an arrest for a breach of the same order that has a record of its own.

    An arrest is no conduct of the suspect. It is for what the suspect did to the same victim (to any, where it names
    none) shortly before it or while it lasts; where that is not on record, the arrest stands for it.

    Parameters
    ----------
    columns : Columns
    arrest : (rows of the columns,) bool
        As :func:`~breachpattern.timelines.evidence.are_arrests` gives it.
    row, order : (n,) int64
        The row and the order of each breach, the order ``-1`` where none is on file.
    """
    suspect, victim, start = (
        values[row].astype(np.int64) for values in (columns.suspect, columns.victim, columns.start)
    )
    known = (suspect >= 0) & (order >= 0)
    asked, others = np.flatnonzero(known & arrest[row]), np.flatnonzero(known & ~arrest[row])
    out = np.zeros(len(row), np.bool_)
    if len(asked) == 0 or len(others) == 0:
        return out
    since = start[asked] - int(signal_table().rule.arrest_days * DAY)
    until = columns.end[row[asked]].astype(np.int64)
    named = victim[asked] >= 0
    for about, which in (((suspect, order, victim), named), ((suspect, order), ~named)):
        group = _groups([np.concatenate([values[asked], values[others]]) for values in about])
        own, rest = group[: len(asked)], group[len(asked) :]
        turn = order_by(rest, start[others])
        base = int(min(since.min(), start[others].min()))
        width = np.int64(int(max(until.max(), start[others].max())) - base + 2)
        key = rest[turn] * width + (start[others][turn] - base)
        low, high = (np.searchsorted(key, own * width + (t - base), side="left") for t in (since, until))
        out[asked] |= which & (high > low)
    return out


def _groups(keys: list[Ints]) -> Ints:
    """Return one number for each combination of values."""
    return np.asarray(np.unique(np.stack(keys), axis=1, return_inverse=True)[1], dtype=np.int64).reshape(-1)

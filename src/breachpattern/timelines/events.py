"""Events: which records record one of them, because of one incident, one moment or one reference.

A reference may be a call or a whole investigation, so it says that records belong together and not that they
are one event: records of one reference are as few events as their own times allow.
"""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Codes, Columns, Ints
from breachpattern.sorting import order_by

SHARP = 23 * 3600  # shorter than the shortest London day: a time of day is on record
LONG = 25 * 3600 + 1  # longer than the longest London day: a window over several days
Edges = tuple[Ints, Ints]


def same_event(columns: Columns, rows: Ints, unit: Ints, *, same_occurrence_hours: float) -> Edges:
    """Return pairs of positions in ``rows`` that record one event.

    Parameters
    ----------
    columns : Columns
    rows, unit : (n,) int64
        Rows of the columns and the unit of each, sorted by unit and time.
    same_occurrence_hours : float
        How far apart timed records with one reference may begin and be one event.
    """
    start, end = columns.start[rows], columns.end[rows]
    incident, reference = columns.incident[rows], columns.occurrence[rows]
    index = np.arange(len(rows))
    duration = end - start
    sharp = index[duration < SHARP]
    whole = index[(duration >= SHARP) & (duration < LONG)]
    referenced = index[reference >= 0]
    group = np.full(len(rows), -1, np.int64)
    group[referenced] = _compact(unit[referenced], reference[referenced])
    timed, wide = referenced[duration[referenced] < SHARP], referenced[duration[referenced] >= SHARP]
    held = _first_within(wide, timed, group, start, end)
    left = np.setdiff1d(wide, held[0])
    reach = start + int(same_occurrence_hours * 3600)
    edges = [
        _alike(index, unit, incident),
        _overlapping(sharp, unit, start, end),
        _overlapping(whole, unit, start, end),
        _first_within(whole, sharp, unit, start, end),
        held,
        _fewest(timed, group, start, reach),
        _fewest(left, group, start, end),
    ]
    return np.concatenate([e[0] for e in edges]), np.concatenate([e[1] for e in edges])


def _compact(unit: Ints, reference: Codes) -> Ints:
    """Return one number for each reference of each unit."""
    key = unit * (np.int64(reference.max(initial=0)) + 1) + reference
    return np.asarray(np.unique(key, return_inverse=True)[1], dtype=np.int64)


def _alike(index: Ints, unit: Ints, code: Codes) -> Edges:
    """Join the records of a unit that share a code."""
    order = order_by(unit, code)
    same = (np.diff(code[order]) == 0) & (np.diff(unit[order]) == 0)
    return index[order[:-1][same]], index[order[1:][same]]


def _overlapping(members: Ints, unit: Ints, start: Ints, end: Ints) -> Edges:
    """Join consecutive members of a unit where one begins before an earlier one has ended."""
    if len(members) < 2:
        return members[:0], members[:0]
    _, compact = np.unique(unit[members], return_inverse=True)
    base = int(start[members].min())
    width = np.int64(int(end[members].max()) - base + 2)
    running = np.maximum.accumulate(compact * width + (end[members] - base))
    joined = compact[1:] * width + (start[members][1:] - base) < running[:-1]
    return members[:-1][joined], members[1:][joined]


def _first_within(wide: Ints, sharp: Ints, group: Ints, start: Ints, end: Ints) -> Edges:
    """Join a record that knows only a window to the first timed record of its group that begins within it."""
    if len(wide) == 0 or len(sharp) == 0:
        return wide[:0], wide[:0]
    base = int(start.min())
    width = np.int64(int(end.max()) - base + 2)
    key = group * width + (start - base)
    sharp = sharp[order_by(key[sharp])]
    place = np.searchsorted(key[sharp], key[wide], side="left")
    candidate = sharp[np.minimum(place, len(sharp) - 1)]
    fits = (place < len(sharp)) & (group[candidate] == group[wide])
    fits &= (start[candidate] >= start[wide]) & (start[candidate] < end[wide])
    return wide[fits], candidate[fits]


def _fewest(members: Ints, group: Ints, start: Ints, reach: Ints) -> Edges:
    """Join members of a group into as few events as the spans ``[start, reach)`` allow.

    The span that ends first holds an event, with all that begin before its end; so do those that are left. No
    chain: an event is never longer than its first span, however many records follow each other closely.

    Examples
    --------
    >>> start = np.array([0, 5, 11, 20])
    >>> _fewest(np.arange(4), np.zeros(4, int), start, start + 10)[1].tolist()
    [0, 0, 2, 2]
    """
    if len(members) == 0:
        return members, members
    members = members[order_by(group[members], start[members])]
    group = group[members]
    base = int(start[members].min())
    width = np.int64(int(reach[members].max()) - base + 2)
    begins, ends = (group * width + (times[members] - base) for times in (start, reach))
    n = len(members)
    # Of each member and those after it in its group, the one that ends first.
    least = np.minimum.accumulate(ends[::-1])[::-1]
    soonest = np.minimum.accumulate(np.where(ends == least, np.arange(n), n)[::-1])[::-1]
    after = np.searchsorted(begins, ends, side="left")
    follows = (after < n) & (group[np.minimum(after, n - 1)] == group)
    jump = np.append(np.where(follows, soonest[np.minimum(after, n - 1)], n), n)
    # Follow the chain of firsts from the head of every group, in steps of one, two, four, …
    first = np.append(np.zeros(n, np.bool_), True)
    first[soonest[np.flatnonzero(np.append(True, group[1:] != group[:-1]))]] = True
    while True:
        reached = jump[first]
        if first[reached].all():
            break
        first[reached] = True
        jump = jump[jump]
    firsts = np.flatnonzero(first[:n])
    return members, members[firsts[np.searchsorted(ends[firsts], begins, side="right")]]

"""Occasions out of records: one event in the victim's life, however many records it left.

Records of one incident, records that overlap within a day, and records that share an occurrence reference and
a night are one occasion. Acts at different known times are different occasions, even minutes apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from breachpattern.linking.columns import Bools, Codes, Columns, Ints
from breachpattern.sorting import changes, order_by
from breachpattern.spans import DAY, NEVER, POSSIBLE, YES, london_days
from breachpattern.timelines.events import same_event
from breachpattern.timelines.in_common import between


@dataclass(frozen=True)
class RowFacts:
    """What other rooms know about each row of the columns, for the nexus between occasions.

    Attributes
    ----------
    conduct_crime : bool
        Recorded as stalking, harassment or coercive control.
    order_state : int8
        The best order state of the row's breaches, ``NO`` where there is none.
    order_made : int64
        The latest making of an order that the row breaches, ``NEVER`` where none.
    warned_at : int64
        The first police warning about this victim, ``FOREVER`` where none.
    """

    conduct_crime: Bools
    order_state: npt.NDArray[np.int8]
    order_made: Ints
    warned_at: Ints


@dataclass(frozen=True)
class Occasions:
    """Occasions of many units, sorted by unit and time; one array entry per occasion.

    ``unit`` is the index of the unit (a dyad, a group, a joint set). ``count`` is how many occasions the
    entry stands for: more than one where a single record covers several acts. ``speaks`` is false where no
    record says what was done or names an offence; ``reconciled_at`` is when the two people had last come
    together again, by any record of them (``NEVER`` where none says so). ``means_between`` and ``reference_between``
    list what :func:`~breachpattern.timelines.in_common.between` finds, one entry per code. ``rows`` and
    ``row_occasion`` list the member rows of :class:`~breachpattern.linking.columns.Columns`.
    """

    unit: Ints
    start: Ints
    end: Ints
    known: Ints
    count: Ints
    acts: Ints
    behaviours: Ints
    channels: Ints
    places: Ints
    impact: Ints
    means_low: Codes
    means_high: Codes
    reference_low: Codes
    reference_high: Codes
    means_between: Ints
    reference_between: Ints
    conduct_crime: Bools
    speaks: Bools
    reconciled_at: Ints
    in_order: Bools
    in_possible_order: Bools
    order_made: Ints
    warned_at: Ints
    rows: Ints
    row_occasion: Ints

    def __len__(self) -> int:
        return len(self.unit)

    @cached_property
    def day(self) -> Ints:
        """The London day on which each began."""
        return london_days(self.start)


def gather(
    columns: Columns,
    rows: Ints,
    unit: Ints,
    facts: RowFacts,
    *,
    same_occurrence_hours: float,
) -> Occasions:
    """Return the occasions of units.

    Parameters
    ----------
    columns : Columns
    rows, unit : (n,) int64
        Evidence rows, and the unit that each belongs to; a row may come once for each of several units.
    facts : RowFacts
        One entry per row of ``columns``.
    same_occurrence_hours : float
        How far apart records with one reference may begin and be one occasion.
    """
    if len(rows) == 0:
        return _none(rows)
    rows, unit, member = _by_event(columns, rows, unit, same_occurrence_hours)
    heads = np.flatnonzero(changes(member))
    first, sizes = rows[heads], np.diff(np.append(heads, len(rows)))
    # Most events are one row: only those of several are looked at row by row.
    several = np.flatnonzero(sizes > 1)
    beside = np.repeat(sizes > 1, sizes)
    shared, at = rows[beside], np.cumsum(sizes[several]) - sizes[several]

    def reduce(ufunc: np.ufunc, of: Callable[[Ints], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        out = of(first)
        if len(several):
            out[several] = ufunc.reduceat(of(shared), at)
        return out

    arrays = {
        "unit": unit[heads],
        "start": reduce(np.minimum, columns.start.take),
        "end": reduce(np.maximum, columns.end.take),
        "known": reduce(np.minimum, columns.known.take),
        "count": reduce(np.maximum, lambda r: _stands_for(columns, r)),
        "acts": reduce(np.maximum, columns.acts.take),
        "behaviours": reduce(np.bitwise_or, columns.behaviours.take),
        "channels": reduce(np.bitwise_or, lambda r: _bit(columns.channel[r])),
        "places": reduce(np.bitwise_or, lambda r: _bit(columns.place_role[r])),
        "impact": reduce(np.bitwise_or, columns.impact.take),
        "means_low": _none_is_unknown(reduce(np.minimum, lambda r: _or_big(columns.means[r]))),
        "means_high": reduce(np.maximum, columns.means.take),
        "reference_low": _none_is_unknown(reduce(np.minimum, lambda r: _or_big(columns.occurrence[r]))),
        "reference_high": reduce(np.maximum, columns.occurrence.take),
        "conduct_crime": reduce(np.logical_or, facts.conduct_crime.take),
        "speaks": reduce(
            np.logical_or, lambda r: ((columns.behaviours[r] | columns.possible[r]) != 0) | (columns.offence[r] >= 0)
        ),
        "reconciled_at": reduce(np.maximum, lambda r: _last_reconciled(columns, r)),
        "in_order": reduce(np.logical_or, lambda r: facts.order_state[r] == YES),
        "in_possible_order": reduce(np.logical_or, lambda r: facts.order_state[r] == POSSIBLE),
        "order_made": reduce(np.maximum, facts.order_made.take),
        "warned_at": reduce(np.minimum, facts.warned_at.take),
    }
    smallest = reduce(np.minimum, columns.incident.take)
    final = order_by(arrays["unit"], arrays["start"], arrays["end"], smallest)
    in_order = np.arange(len(final))
    if np.array_equal(final, in_order):
        inner = _inner(columns, arrays, shared, member[beside])
        return Occasions(**arrays, **inner, rows=rows, row_occasion=member)
    place = np.empty(len(final), np.int64)
    place[final] = in_order
    arrays = {name: values[final] for name, values in arrays.items()}
    member = place[member]
    inner = _inner(columns, arrays, shared, member[beside])
    return Occasions(**arrays, **inner, rows=rows, row_occasion=member)


def _inner(
    columns: Columns, arrays: dict[str, npt.NDArray[Any]], rows: Ints, occasion: Ints
) -> dict[str, npt.NDArray[Any]]:
    """Return what occasions of several rows name beside their lowest and their highest code."""
    return {
        "means_between": between(occasion, columns.means[rows], arrays["means_low"], arrays["means_high"]),
        "reference_between": between(
            occasion, columns.occurrence[rows], arrays["reference_low"], arrays["reference_high"]
        ),
    }


@dataclass(frozen=True)
class Tally:
    """How much happened when: the unit, the time and the number of occasions of each event."""

    unit: Ints
    start: Ints
    end: Ints
    count: Ints

    def within(self, unit: Ints, since: Ints, until: Ints) -> Ints:
        """Return how many occasions of each unit lie at least in part within ``[since, until)``."""
        if len(self.unit) == 0:
            return np.zeros(len(unit), np.int64)
        return self._before(self.start, unit, until) - self._before(self.end, unit, since + 1)

    def _before(self, times: Ints, unit: Ints, moment: Ints) -> Ints:
        """Return how many occasions of each unit have a time before a moment."""
        base = int(times.min())
        width = np.int64(int(times.max()) - base + 2)
        key = self.unit * width + (times - base)
        order = order_by(key)
        so_far = np.append(0, np.cumsum(self.count[order]))
        low = np.searchsorted(key[order], unit * width)
        high = np.searchsorted(key[order], unit * width + np.clip(moment - base, 0, width - 1))
        return np.asarray(so_far[high] - so_far[low])


def tally(columns: Columns, rows: Ints, unit: Ints, *, same_occurrence_hours: float) -> Tally:
    """Return how much happened when, by the rule that makes occasions.

    Parameters
    ----------
    columns : Columns
    rows, unit : (n,) int64
        Evidence rows, and the unit that each belongs to.
    same_occurrence_hours : float
        How far apart records with one reference may begin and be one occasion.
    """
    if len(rows) == 0:
        return Tally(rows, rows, rows, rows)
    rows, unit, member = _by_event(columns, rows, unit, same_occurrence_hours)
    heads = np.flatnonzero(np.append(True, member[1:] != member[:-1]))
    return Tally(
        unit=unit[heads],
        start=np.minimum.reduceat(columns.start[rows], heads),
        end=np.maximum.reduceat(columns.end[rows], heads),
        count=np.maximum.reduceat(_stands_for(columns, rows), heads),
    )


def _by_event(columns: Columns, rows: Ints, unit: Ints, hours: float) -> tuple[Ints, Ints, Ints]:
    """Return rows with their units, those of one event together, and the number of the event."""
    order = order_by(unit, columns.start[rows], columns.end[rows], columns.incident[rows])
    rows, unit = rows[order], unit[order]
    label = components(len(rows), *same_event(columns, rows, unit, same_occurrence_hours=hours))
    order = order_by(label)
    label = label[order]
    return rows[order], unit[order], np.cumsum(np.append(False, label[1:] != label[:-1]))


def _stands_for(columns: Columns, rows: Ints) -> Ints:
    """Return how many occasions each row stands for: one, or its days, at least two, where it covers several acts."""
    acts, start, end = columns.acts[rows], columns.start[rows], columns.end[rows]
    # A window with the day on which the clocks go back has an hour, and no day, more.
    days = np.minimum((end - start + DAY - 1) // DAY, london_days(end - 1) - london_days(start) + 1)
    return np.where(acts > 1, np.clip(days, 2, acts), 1)


def _last_reconciled(columns: Columns, rows: Ints) -> Ints:
    """Return when the two people of each row had last come together again by then, ``NEVER`` where no record says so.

    It is a fact about the two, whichever record says it: a cancelled one, or one of the other direction.
    """
    told = np.flatnonzero(columns.reconciled & (columns.suspect >= 0) & (columns.victim >= 0))
    if len(told) == 0:
        return np.full(len(rows), NEVER, np.int64)
    scale = np.int64(len(columns.names.persons) + 1)
    low, high = np.minimum(columns.suspect, columns.victim), np.maximum(columns.suspect, columns.victim)
    pair = low.astype(np.int64) * scale + high
    pairs, compact = np.unique(pair[told], return_inverse=True)
    base = int(columns.start.min())
    width = np.int64(int(columns.start.max()) - base + 2)
    moment = np.sort(compact * width + (columns.start[told] - base))
    place = np.minimum(np.searchsorted(pairs, pair[rows]), len(pairs) - 1)
    last = np.searchsorted(moment, place * width + (columns.start[rows] - base), side="right") - 1
    known = (pairs[place] == pair[rows]) & (last >= 0)
    found = moment[np.maximum(last, 0)]
    known &= found // width == place
    return np.where(known, found - place * width + base, NEVER)


def _none(rows: Ints) -> Occasions:
    kinds = {"Ints": np.int64, "Codes": np.int32, "Bools": np.bool_}
    empty: dict[str, Any] = {f.name: np.empty(0, kinds[str(f.type)]) for f in fields(Occasions)}
    return Occasions(**empty | {"rows": rows, "row_occasion": rows})


def _bit(codes: npt.NDArray[np.int8]) -> Ints:
    return np.where(codes >= 0, np.left_shift(np.int64(1), np.maximum(codes, 0).astype(np.int64)), 0)


_BIG = np.iinfo(np.int32).max


def _or_big(codes: Codes) -> Codes:
    return np.where(codes < 0, np.int32(_BIG), codes)


def _none_is_unknown(values: npt.NDArray[Any]) -> Codes:
    return np.where(values == _BIG, np.int32(-1), values).astype(np.int32)


def components(n: int, left: Ints, right: Ints) -> Ints:
    """Return a label for each of ``n`` nodes: the smallest node that edges join it to.

    Examples
    --------
    >>> components(4, np.array([0, 3]), np.array([2, 2])).tolist()
    [0, 1, 0, 0]
    """
    if n == 0:
        return np.empty(0, np.int64)
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(n, n))
    _, labels = connected_components(graph, directed=False)
    first = np.full(labels.max() + 1, n, np.int64)
    np.minimum.at(first, labels, np.arange(n))
    return np.asarray(first[labels], dtype=np.int64)

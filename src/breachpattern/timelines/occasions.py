"""Occasions out of records: one event in the victim's life, however many records it left.

Records of one incident, records that overlap within a day, and records that share an occurrence reference
and a day are one occasion. Acts at different known times are different occasions, even minutes apart.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from breachpattern.linking.columns import Bools, Codes, Columns, Ints
from breachpattern.spans import DAY, POSSIBLE, YES
from breachpattern.vocabulary import BEHAVIOURS, INCIDENT_KINDS

SHARP = 23 * 3600  # shorter than the shortest London day: a time of day is on record
LONG = 25 * 3600 + 1  # longer than the longest London day: a window over several days
NOT_TOWARDS_A_PERSON = BEHAVIOURS.mask(["notification_failure", "requirement_failure", "curfew_failure"])


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
    entry stands for: more than one where a single record covers several acts. ``rows`` and ``row_occasion``
    list the member rows of :class:`~breachpattern.linking.columns.Columns`.
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
    conduct_crime: Bools
    reconciled: Bools
    in_order: Bools
    in_possible_order: Bools
    order_made: Ints
    warned_at: Ints
    rows: Ints
    row_occasion: Ints

    def __len__(self) -> int:
        return len(self.unit)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the per-occasion arrays by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("rows", "row_occasion")}


def evidence_rows(columns: Columns, context_offence: Bools) -> Ints:
    """Return the rows that are conduct of a known suspect towards a known, different victim.

    A cancelled record carries no weight; failing to notify or to comply is conduct towards nobody; a custody
    record that describes no act is not conduct.

    Parameters
    ----------
    columns : Columns
    context_offence : (offences + 1,) bool
        Offences that are context and no act towards the victim (absconding), the last entry for no offence.
    """
    done = columns.behaviours | columns.possible
    towards_nobody = (done != 0) & (done & ~NOT_TOWARDS_A_PERSON == 0)
    silent = columns.behaviours == 0
    custody = columns.kind == INCIDENT_KINDS.index("custody")
    spell = silent & custody & (columns.offence < 0)
    context = silent & context_offence[columns.offence]
    return np.flatnonzero(
        (columns.suspect >= 0)
        & (columns.victim >= 0)
        & (columns.suspect != columns.victim)
        & ~columns.cancelled
        & ~towards_nobody
        & ~spell
        & ~context
    )


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
    order = np.lexsort((columns.incident[rows], columns.end[rows], columns.start[rows], unit))
    rows, unit = rows[order], unit[order]
    label = _same_event(columns, rows, unit, int(same_occurrence_hours * 3600))
    order = np.argsort(label, kind="stable")
    rows, unit, label = rows[order], unit[order], label[order]
    if len(rows) == 0:
        return _none(rows)
    heads = np.flatnonzero(np.append(True, label[1:] != label[:-1]))

    def reduce(ufunc: np.ufunc, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.asarray(ufunc.reduceat(values, heads))

    start, end = columns.start[rows], columns.end[rows]
    acts = columns.acts[rows]
    days = np.maximum((end - start + DAY - 1) // DAY, 1)
    count = np.where(acts > 1, np.clip(days, 2, acts), 1)
    big = np.iinfo(np.int32).max
    means, reference = columns.means[rows], columns.occurrence[rows]
    arrays = {
        "unit": unit[heads],
        "start": reduce(np.minimum, start),
        "end": reduce(np.maximum, end),
        "known": reduce(np.minimum, columns.known[rows]),
        "count": reduce(np.maximum, count),
        "acts": reduce(np.maximum, acts),
        "behaviours": reduce(np.bitwise_or, columns.behaviours[rows]),
        "channels": reduce(np.bitwise_or, _bit(columns.channel[rows])),
        "places": reduce(np.bitwise_or, _bit(columns.place_role[rows])),
        "impact": reduce(np.bitwise_or, columns.impact[rows]),
        "means_low": _none_is_unknown(reduce(np.minimum, np.where(means < 0, big, means)), big),
        "means_high": reduce(np.maximum, means),
        "reference_low": _none_is_unknown(reduce(np.minimum, np.where(reference < 0, big, reference)), big),
        "reference_high": reduce(np.maximum, reference),
        "conduct_crime": reduce(np.logical_or, facts.conduct_crime[rows]),
        "reconciled": reduce(np.logical_or, columns.reconciled[rows]),
        "in_order": reduce(np.logical_or, facts.order_state[rows] == YES),
        "in_possible_order": reduce(np.logical_or, facts.order_state[rows] == POSSIBLE),
        "order_made": reduce(np.maximum, facts.order_made[rows]),
        "warned_at": reduce(np.minimum, facts.warned_at[rows]),
    }
    member = np.cumsum(np.append(False, label[1:] != label[:-1]))
    smallest = reduce(np.minimum, columns.incident[rows])
    final = np.lexsort((smallest, arrays["end"], arrays["start"], arrays["unit"]))
    place = np.empty(len(final), np.int64)
    place[final] = np.arange(len(final))
    return Occasions(**{name: values[final] for name, values in arrays.items()}, rows=rows, row_occasion=place[member])


def _none(rows: Ints) -> Occasions:
    kinds = {"Ints": np.int64, "Codes": np.int32, "Bools": np.bool_}
    empty: dict[str, Any] = {f.name: np.empty(0, kinds[str(f.type)]) for f in fields(Occasions)}
    return Occasions(**empty | {"rows": rows, "row_occasion": rows})


def _bit(codes: npt.NDArray[np.int8]) -> Ints:
    return np.where(codes >= 0, np.left_shift(np.int64(1), np.maximum(codes, 0).astype(np.int64)), 0)


def _none_is_unknown(values: npt.NDArray[Any], big: int) -> Codes:
    return np.where(values == big, -1, values).astype(np.int32)


def _same_event(columns: Columns, rows: Ints, unit: Ints, window: int) -> Ints:
    """Label rows (sorted by unit and time) that record one event."""
    n = len(rows)
    start, end = columns.start[rows], columns.end[rows]
    index = np.arange(n)
    edges: list[tuple[Ints, Ints]] = []

    by_incident = np.lexsort((columns.incident[rows], unit))
    same = (np.diff(columns.incident[rows][by_incident]) == 0) & (np.diff(unit[by_incident]) == 0)
    edges.append((by_incident[:-1][same], by_incident[1:][same]))

    duration = end - start
    sharp = index[duration < SHARP]
    edges.append(_overlapping(sharp, unit, start, end))
    whole = index[(duration >= SHARP) & (duration < LONG)]
    edges.append(_overlapping(whole, unit, start, end))
    edges.append(_first_sharp_of_day(whole, sharp, unit, start, end))

    referenced = index[columns.occurrence[rows] >= 0]
    reference = columns.occurrence[rows]
    by_reference = referenced[np.lexsort((start[referenced], reference[referenced], unit[referenced]))]
    near = (
        (np.diff(reference[by_reference]) == 0)
        & (np.diff(unit[by_reference]) == 0)
        & (np.diff(start[by_reference]) < window)
    )
    edges.append((by_reference[:-1][near], by_reference[1:][near]))
    left = np.concatenate([e[0] for e in edges])
    right = np.concatenate([e[1] for e in edges])
    return components(n, left, right)


def _overlapping(members: Ints, unit: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Return edges between consecutive members of a unit where one begins before an earlier one has ended."""
    if len(members) < 2:
        return members[:0], members[:0]
    _, compact = np.unique(unit[members], return_inverse=True)
    base = int(start[members].min())
    width = np.int64(int(end[members].max()) - base + 2)
    running = np.maximum.accumulate(compact * width + (end[members] - base))
    joined = compact[1:] * width + (start[members][1:] - base) < running[:-1]
    return members[:-1][joined], members[1:][joined]


def _first_sharp_of_day(whole: Ints, sharp: Ints, unit: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Join a record that knows only its day to the first timed record of that day."""
    if len(whole) == 0 or len(sharp) == 0:
        return whole[:0], whole[:0]
    _, compact = np.unique(unit, return_inverse=True)
    base = int(start.min())
    width = np.int64(int(end.max()) - base + 2)
    key = compact * width + (start - base)
    place = np.searchsorted(key[sharp], key[whole], side="left")
    candidate = sharp[np.minimum(place, len(sharp) - 1)]
    fits = (
        (place < len(sharp))
        & (unit[candidate] == unit[whole])
        & (start[candidate] >= start[whole])
        & (start[candidate] < end[whole])
    )
    return whole[fits], candidate[fits]


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

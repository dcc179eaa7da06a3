"""Counter-signals of whole courses: acts in the other direction, cancelled records, what a unit cannot show."""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Columns, Floats, Ints
from breachpattern.sorting import order_by
from breachpattern.spans import DAY
from breachpattern.timelines.breaches import expand
from breachpattern.timelines.evidence import pair_key
from breachpattern.timelines.nexus import signal_table
from breachpattern.timelines.occasions import Tally, tally
from breachpattern.timelines.units import GROUP, JOINT, Units

AROUND = 30 * DAY
# Whether a quarrel has two sides is a fact about the people, not about one bad month of theirs.
IN_RETURN = 182 * DAY
MUTUAL = 2  # a single counter-allegation is no balance of acts


def counter_signals(
    columns: Columns, units: Units, unit: Ints, first_at: Ints, last_at: Ints, occasions: Ints
) -> tuple[Ints, Floats]:
    """Return the signals of whole courses and their points.

    Parameters
    ----------
    columns : Columns
    units : Units
        Of one kind.
    unit : (n,) int64
        The unit of each course.
    first_at, last_at : (n,) int64
        Where each course begins and ends; acts of the victim count from half a year before
        to half a year after, cancelled records from a month before to a month after.
    occasions : (n,) int64
        Occasions of each course.
    """
    table = signal_table()
    since, until = first_at - AROUND, last_at + AROUND
    reverse = other_direction(columns, units).within(unit, first_at - IN_RETURN, last_at + IN_RETURN)
    mutual = (reverse >= MUTUAL) & (reverse * 2 >= occasions)
    held = {
        "two_way": mutual,
        "counter_allegation": (reverse > 0) & ~mutual,
        "not_one_sided": (reverse > 0) & (reverse * 3 >= occasions) & ~mutual,
        "cancelled_records": cancelled(columns, units).within(unit, since, until) > 0,
    }
    if units.kind == GROUP:
        held |= {"purpose_not_on_record": np.ones(len(unit), np.bool_), "connection_inferred": ~units.filed[unit]}
    if units.kind == JOINT:
        together = units.together[unit]
        held |= {
            "acted_together": together,
            "tie_only": ~together,
            "same_means_used": units.same_means[unit],
            "connection_inferred": ~units.filed[unit] & ~together,
        }
    bits = np.zeros(len(unit), np.int64)
    for name, where in held.items():
        bits |= np.where(where, np.int64(table.bit(name)), 0)
    return bits, table.points(bits)


def other_direction(columns: Columns, units: Units) -> Tally:
    """Return the occasions on which a victim of each unit acted against a suspect of it.

    They are occasions like any other: records of one event count once, a record of many acts for its days.
    """
    rows, unit = _rows_of_couples(columns, units, units.evidence, turned=True)
    return tally(columns, rows, unit, same_occurrence_hours=signal_table().rule.same_occurrence_hours)


def cancelled(columns: Columns, units: Units) -> Tally:
    """Return the cancelled records of the people of each unit."""
    dropped = np.flatnonzero(columns.cancelled & (columns.suspect >= 0) & (columns.victim >= 0))
    rows, unit = _rows_of_couples(columns, units, dropped, turned=False)
    return Tally(unit, columns.start[rows], columns.end[rows], np.ones(len(rows), np.int64))


def _rows_of_couples(columns: Columns, units: Units, rows: Ints, *, turned: bool) -> tuple[Ints, Ints]:
    """Return those of some ascending rows that are of a suspect and a victim of a unit, and the unit of each."""
    suspect, victim = columns.suspect[units.rows], columns.victim[units.rows]
    own = pair_key(columns, victim, suspect) if turned else pair_key(columns, suspect, victim)
    order = order_by(units.unit, own)
    own, unit = own[order], units.unit[order]
    first = np.append(True, (own[1:] != own[:-1]) | (unit[1:] != unit[:-1]))[: len(own)]
    own, unit = own[first], unit[first]
    key = pair_key(columns, columns.suspect[rows], columns.victim[rows])
    low, high = np.searchsorted(key, own, side="left"), np.searchsorted(key, own, side="right")
    item, place = expand(unit, low, high)
    return rows[place], item

"""The life of each order version: when it began to bind, how long it lasted, and since when a breach counts."""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Bools, Ints
from breachpattern.linking.versions import Window, known_by
from breachpattern.spans import FOREVER, NEVER, london_days, london_midnight


def beginning(
    by_service: Bools,
    starts: Window,
    made: Window,
    served: Window,
    aware: Window,
) -> Window:
    """Return the window in which a version began to bind.

    A notice binds from service, an order from its start or its making. Where only the day is on file, or
    nothing, it had certainly begun by the time of that day at which it was served or known.
    """
    own_lo = np.where(by_service, served[0], made[0])
    own_hi = np.where(by_service, served[1], made[1])
    unknown_lo = np.where(by_service, made[0], NEVER)
    unknown_hi = np.where(by_service, FOREVER, np.minimum(served[1], aware[1]))
    low = np.where(own_hi == FOREVER, unknown_lo, own_lo)
    high = np.where(own_hi == FOREVER, unknown_hi, own_hi)
    given = starts[1] != FOREVER
    low, high = np.where(given, starts[0], low), np.where(given, starts[1], high)
    for told in (served, aware):
        within = (told[1] >= low) & (told[1] < high)
        high = np.where(within, told[1], high)
    return low, high


def whole_order_discharge(discharged: Window, start_lo: Ints, continues: Bools) -> Window:
    """Apply a discharge to every version of its order that had begun by then.

    Registers close the old version with the date of the variation, so a discharge never reaches a version
    that begins with it or later.
    """
    low = np.where(discharged[1] == FOREVER, FOREVER, discharged[0])
    if len(low) == 0:
        return low, discharged[1]
    group = np.cumsum(np.append(True, ~continues)) - 1
    heads = np.flatnonzero(np.append(True, ~continues))
    earliest_lo = np.minimum.reduceat(low, heads)[group]
    earliest_hi = np.minimum.reduceat(discharged[1], heads)[group]
    reaches = start_lo < earliest_lo
    return np.where(reaches, earliest_lo, low), np.where(reaches, earliest_hi, discharged[1])


def statutory_end(longest: Ints, made: Window, begun: Ints, continues: Bools) -> Window:
    """Return the window in which the statute ends a version: its longest life counts from the day the order was made.

    A variation is made later and prolongs nothing.

    Parameters
    ----------
    longest : (n,) int64
        Days, 0 where there is no limit.
    made : pair of (n,) int64
    begun : (n,) int64
        By when it had begun; counts where the making is not on file. ``FOREVER`` or ``NEVER`` where not known.
    continues : (n - 1,) bool
        Where the next version is one of the same order.

    Examples
    --------
    >>> from breachpattern.spans import as_of_second
    >>> day = lambda d: np.array([as_of_second(f"2025-03-{d:02d}T10:00")])
    >>> made = np.concatenate([day(3), day(17)])
    >>> found = statutory_end(np.array([28, 28]), (made, made), made, np.array([True]))
    >>> found[1].tolist() == [as_of_second("2025-03-31T00:00")] * 2
    True
    """
    if len(longest) == 0:
        return begun, begun
    heads = np.flatnonzero(np.append(True, ~continues))
    order = np.cumsum(np.append(True, ~continues)) - 1

    def first(day: Ints) -> Ints:
        known = np.where((day == NEVER) | (longest == 0), FOREVER, day)
        return np.asarray(np.minimum.reduceat(known, heads)[order])

    low = first(np.where(made[1] != FOREVER, made[0], begun))
    last = first(np.where(made[1] != FOREVER, known_by(made), begun))
    limited = (longest > 0) & (low != FOREVER)

    def after(day: Ints) -> Ints:
        return np.where(limited, london_midnight(london_days(np.where(limited, day, 0)) + longest), FOREVER)

    return after(low), after(last)


def hand_over(end_lo: Ints, discharged: Window, start: Window, continues: Bools) -> Bools:
    """Return which versions certainly lasted until the next one bound.

    Parameters
    ----------
    end_lo : (n,) int64
        The earliest end of each version by its own dates, discharge apart.
    discharged, start : pair of (n,) int64
    continues : (n - 1,) bool
        Where the next version is one of the same order.

    Notes
    -----
    Registers close the old version with the date of the variation: a discharge of the very moment, or the very day,
    of the next beginning is the hand-over itself.
    """
    out = np.zeros(len(end_lo), np.bool_)
    until = start[1][1:]
    same = (discharged[0][:-1] == start[0][1:]) & (discharged[1][:-1] >= until)
    out[:-1] = continues & (until != FOREVER) & (end_lo[:-1] >= until) & ((discharged[0][:-1] >= until) | same)
    return out


def awareness(
    elements: list[str], without_notice: Bools, unknown: Bools, served: Window, aware: Window
) -> tuple[Bools, Ints]:
    """Return whether a breach needs service or awareness, and since when that is met.

    Parameters
    ----------
    elements : list of str
        What the law of each version asks for: ``service``, ``without_notice`` (awareness, where it was made so)
        or nothing.
    without_notice, unknown : (n,) bool
        Where the version was made so, and where that is blank.
    served, aware : pair of (n,) int64
    """
    element = np.array(elements, dtype=object)
    by_service = element == "service"
    needs = by_service | ((element == "without_notice") & (without_notice | unknown))
    met = np.where(by_service, served[1], np.minimum(served[1], aware[1]))
    return needs, np.where(needs, met, NEVER)


def inherited_awareness(aware: Ints, needs: Bools, on_notice: Bools, continues: Bools, own: Bools) -> Ints:
    """Carry awareness of an earlier version of an order over to the later ones.

    Parameters
    ----------
    aware : (n,) int64
        Since when the element of each version is met by its own dates.
    needs : (n,) bool
        Where the law asks for one.
    on_notice : (n,) bool
        Where the version was made with the respondent there: who was there knows of the order.
    continues : (n,) bool
        Where a version follows one of the same order.
    own : (n,) bool
        Where a version asks for awareness of itself.

    Examples
    --------
    >>> flags = lambda *x: np.array(x, np.bool_)
    >>> inherited_awareness(
    ...     np.array([5, 9, FOREVER]), flags(1, 1, 1), flags(0, 0, 0), flags(0, 1, 1), flags(0, 0, 1)
    ... ).tolist() == [5, 5, FOREVER]
    True
    """
    if len(aware) == 0:
        return aware
    known = np.where(needs, aware, np.where(on_notice, NEVER, FOREVER))
    group = np.cumsum(~continues | own)
    # Ranks keep the order of the values; each group lies wholly below the one before, so that a running least
    # never reaches across.
    distinct, rank = np.unique(known, return_inverse=True)
    below = group * np.int64(len(distinct) + 1)
    least = np.minimum.accumulate(rank.reshape(-1) - below) + below
    return np.where(needs, distinct[least], aware)

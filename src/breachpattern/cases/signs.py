"""The grave signs of a course, and on how many days it began, carried on from one occasion to the next.

Mirrors ``_grave_signs``, ``_days`` and ``_apart`` of :mod:`breachpattern.timelines.courses`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from breachpattern.cases.nexus import BIT, TABLE
from breachpattern.cases.occasions import Occasion
from breachpattern.spans import DAY, NEVER, london_day
from breachpattern.timelines.courses import ALARM, CHANGED_LIFE, FEAR_OF_VIOLENCE, LIFE_IN_COMMON, NOT_KNOWN

BROKEN_AGAIN, PURSUED, GRAVER_EFFECT = BIT["order_broken_again"], BIT["pursued"], BIT["graver_effect"]
PURSUIT = TABLE.kinds["pursuit"]


class Days(NamedTuple):
    """Days on which something certainly began, as many as anybody asks for, and those of records that went on.

    Occasions come in the order in which they begin. ``reached`` is the day by which the last of ``apart`` had begun.
    """

    apart: int = 0
    reached: int = NEVER
    more: int = 0

    @property
    def number(self) -> int:
        """How many there are, exact as far as anybody asks."""
        return self.apart + self.more

    def with_day(self, first: int, last: int, more: int) -> Days:
        """Return the days with one more occasion, which began on one of some days."""
        if first > self.reached:
            return Days(self.apart + 1, last, self.more + more)
        if last < self.reached or more:
            return Days(self.apart, min(last, self.reached), self.more + more)
        return self


NONE = Days()


class Signs(NamedTuple):
    """What the occasions of a course show so far. ``said`` has the bits of relationships on record."""

    days: Days = NONE
    broken: Days = NONE
    pursued: Days = NONE
    afraid: Days = NONE
    alarmed: Days = NONE
    changed: bool = False
    said: int = 0

    @property
    def mask(self) -> int:
        """The signals of the grave signs that hold."""
        out = BROKEN_AGAIN if self.broken.number >= 2 else 0
        if self.pursued.number >= 2:
            out |= PURSUED
        if (self.afraid.number >= 2 or (self.changed and self.alarmed.number >= 2)) and self.apart:
            out |= GRAVER_EFFECT
        return out

    @property
    def apart(self) -> bool:
        """Whether some record says how the two are related, and none says partner or family."""
        return self.said & ~(1 << NOT_KNOWN) != 0 and not self.said & _IN_COMMON


NO_SIGNS = Signs()
_IN_COMMON = sum(1 << one for one in LIFE_IN_COMMON)


def shown(before: Signs, occasions: Iterable[Occasion]) -> Signs:
    """Return the signs with those of further occasions, none of which begins before those that were shown."""
    days, broken, pursued, afraid, alarmed, changed, said = before
    for one in occasions:
        day, more = london_day(one.start), 0
        last = day
        if one.end - one.start > DAY and (end := london_day(one.end - 1)) > day:
            more = one.count - 1
            last = day if more else end
        days = days.with_day(day, last, more)
        if one.in_order:
            broken = broken.with_day(day, last, more)
        if one.behaviours & PURSUIT:
            pursued = pursued.with_day(day, last, more)
        if one.impact:
            if one.impact & FEAR_OF_VIOLENCE:
                afraid = afraid.with_day(day, last, more)
            if one.impact & ALARM:
                alarmed = alarmed.with_day(day, last, more)
            changed = changed or one.impact & CHANGED_LIFE != 0
        for entry in one.entries:
            if entry.row.relationship >= 0:
                said |= 1 << entry.row.relationship
    return Signs(days, broken, pursued, afraid, alarmed, changed, said)

"""The grave signs of a course, and on how many days it began, carried on from one occasion to the next.

Mirrors ``_grave_signs``, ``_days`` and ``_apart`` of :mod:`breachpattern.timelines.courses`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from breachpattern.cases.nexus import BIT, RULE, TABLE
from breachpattern.cases.occasions import Occasion
from breachpattern.spans import DAY, london_day
from breachpattern.timelines.courses import ALARM, CHANGED_LIFE, FEAR_OF_VIOLENCE, LIFE_IN_COMMON, NOT_KNOWN

BROKEN_AGAIN, PURSUED, GRAVER_EFFECT = BIT["order_broken_again"], BIT["pursued"], BIT["graver_effect"]
PURSUIT = TABLE.kinds["pursuit"]
ENOUGH = max(RULE.clear_days, 2)


class Days(NamedTuple):
    """Days on which something began, as many as anybody asks for, and those of records that went on for longer."""

    began: frozenset[int] = frozenset()
    more: int = 0

    @property
    def number(self) -> int:
        """How many there are, exact as far as anybody asks."""
        return len(self.began) + self.more

    def with_day(self, day: int, more: int) -> Days:
        """Return the days with one more."""
        if len(self.began) >= ENOUGH or day in self.began:
            return self if not more else Days(self.began, self.more + more)
        return Days(self.began | {day}, self.more + more)


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
    """Return the signs with those of further occasions."""
    days, broken, pursued, afraid, alarmed, changed, said = before
    for one in occasions:
        day, more = london_day(one.start), one.count - 1 if one.end - one.start > DAY else 0
        days = days.with_day(day, more)
        if one.in_order:
            broken = broken.with_day(day, more)
        if one.behaviours & PURSUIT:
            pursued = pursued.with_day(day, more)
        if one.impact:
            if one.impact & FEAR_OF_VIOLENCE:
                afraid = afraid.with_day(day, more)
            if one.impact & ALARM:
                alarmed = alarmed.with_day(day, more)
            changed = changed or one.impact & CHANGED_LIFE != 0
        for entry in one.entries:
            if entry.row.relationship >= 0:
                said |= 1 << entry.row.relationship
    return Signs(days, broken, pursued, afraid, alarmed, changed, said)

"""Criteria on candidate courses of conduct: their strength, kind, reasons and recency."""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Ints
from breachpattern.patterns.populations import Population
from breachpattern.patterns.registry import Clock, Outcome, Parameter, Reason, criterion
from breachpattern.spans import DAY
from breachpattern.timelines.nexus import signal_table
from breachpattern.vocabulary import STRENGTHS, UNITS

_PHA_7 = "Protection from Harassment Act 1997 s.7(3)"
_SIGNALS = tuple(s.id for s in signal_table().signals)


@criterion(
    "course_strength",
    params={
        "at_least": Parameter(str, "arguable", "lowest strength", STRENGTHS.values),
        "at_most": Parameter(str, "clear", "highest strength", STRENGTHS.values),
    },
    reasons={
        "strength": Reason(
            "strength of the course, the strongest where there are several", "text", vocabulary=STRENGTHS
        )
    },
    basis=_PHA_7,
)
def course_strength(population: Population, *, at_least: str, at_most: str) -> Outcome:
    """Hold where it belongs to a candidate course of conduct of some strength."""
    strength = population.context.strength[population.course]
    low, high = STRENGTHS.index(at_least), STRENGTHS.index(at_most)
    return Outcome((strength >= low) & (strength <= high), {"strength": strength})


@criterion(
    "course_unit",
    unit="course",
    params={"any_of": Parameter(tuple, ("dyad",), "kinds of unit", UNITS.values)},
    basis="Protection from Harassment Act 1997 ss.1(1A), 7(3), 7(3A)",
)
def course_unit(population: Population, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where it is a course towards one victim, towards connected victims, or of several suspects."""
    unit = population.context.course_unit[population.course]
    return Outcome(np.isin(unit, [UNITS.index(u) for u in any_of]))


@criterion(
    "occasions",
    params={"at_least": Parameter(int, 2, "occasions")},
    reasons={"occasions": Reason("occasions: events in the victim's life, not records", noun="occasion")},
    basis=_PHA_7,
)
def occasions(population: Population, *, at_least: int) -> Outcome:
    """Hold where there are several occasions."""
    count = count_occasions(population)
    return Outcome(count >= at_least, {"occasions": count})


def count_occasions(population: Population) -> Ints:
    """Return the occasions of each candidate: as the course counts them, else distinct events."""
    if population.unit == "course" and not population.narrowed:
        return population.context.courses.frame["occasions"].to_numpy().astype(np.int64)[population.subject]
    return population.count_events()


@criterion(
    "signal",
    params={
        "any_of": Parameter(tuple, (), "signals of the strength rule", _SIGNALS),
    },
    basis="docs/strength.md",
)
def signal(population: Population, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where some signal for or against the course is on record."""
    mask = sum(signal_table().bit(s) for s in any_of)
    return Outcome(population.context.signals[population.course] & mask != 0)


def _no_longer_recent(_: object, first: Ints, last: Ints, *, within: int) -> Ints:
    del first
    return last[None, :] + (within + 1) * DAY


@criterion(
    "recent",
    params={"within": Parameter(int, 30, "days before the instant of the analysis")},
    reasons={"days_since": Reason("days since the last act", "days")},
    clock=Clock(_no_longer_recent, lambda now: now + 1),
)
def recent(population: Population, *, within: int) -> Outcome:
    """Hold where the last act is recent."""
    last = population.last_at
    known = last > np.iinfo(np.int64).min
    since = np.maximum(population.context.now - np.where(known, last, 0), 0) // DAY
    return Outcome(known & (since <= within), {"days_since": np.where(known, since, -1)})

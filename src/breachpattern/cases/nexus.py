"""The nexus between two occasions. Mirrors :func:`breachpattern.timelines.nexus.compare`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from math import log2
from typing import NamedTuple

from breachpattern.cases.occasions import Occasion
from breachpattern.cases.rows import Row
from breachpattern.spans import DAY, FOREVER, NEVER, london_day
from breachpattern.timelines.nexus import AROUND_THE_VICTIM, CLOSE_DAYS, LONG_DAYS, REMOTE, signal_table
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS, IMPACTS, INCIDENT_KINDS, PLACE_ROLES

TABLE = signal_table()
RULE = TABLE.rule
AT_ONCE, SCALE, LEAST = RULE.at_once, RULE.scale_days, RULE.link
BIT = {s.id: 1 << i for i, s in enumerate(TABLE.signals)}
WEIGHTS = tuple((1 << i, s.weight) for i, s in enumerate(TABLE.signals) if s.weight)
SERIOUS = TABLE.mask(serious=True)
CONNECTS = sum(1 << i for i, s in enumerate(TABLE.signals) if s.weight > 0)
AKIN = tuple(TABLE.kinds[name] for name in ("message", "presence", "confrontation", "property"))
STALKING, NOT_FOR_GAIN = TABLE.kinds["stalking"], ~TABLE.kinds["for_gain"]
FAR = sum(1 << CHANNELS.index(c) for c in REMOTE)
AROUND = sum(1 << PLACE_ROLES.index(p) for p in AROUND_THE_VICTIM)
FEAR = IMPACTS.mask(["fear_of_violence", "serious_alarm_distress"])
TELLING = ~BEHAVIOURS.mask(["other"])
CUSTODY = INCIDENT_KINDS.index("custody")
(
    CLOSE, SAME, AKIN_BIT, STALKING_BIT, MEANS, CHANNEL, PLACE, CRIMES, IN_ORDER, MAYBE_ORDER, FOUNDED, FOLLOWED,
    WARNED, RECURRING, OCCURRENCE, FEAR_BIT, EXPLAINED, UNLIKE, LONG_GAP, RECONCILED, GAIN, SILENT,
) = (
    BIT[name]
    for name in (
        "close_in_time", "same_behaviour", "akin_behaviour", "stalking_acts", "same_means", "same_channel",
        "same_place", "conduct_crimes", "order_in_force", "order_possibly_in_force", "order_founded_on_it",
        "order_followed_it", "warned", "recurring_date", "same_occurrence", "fear_or_alarm", "gap_explained", "unlike",
        "long_gap", "reconciled", "for_gain", "silent",
    )
)  # fmt: skip


class Link(NamedTuple):
    """A comparison of two occasions by their places. In order, the strongest comes first.

    ``joins`` tells whether it holds the two together: a serious counter-signal weighs and cuts nothing.
    """

    weakness: float
    later: int
    earlier: int
    signals: int
    joins: bool


@lru_cache(maxsize=65536)
def points(signals: int) -> float:
    """Mirror :meth:`SignalTable.points`."""
    out = 0.0
    for bit, weight in WEIGHTS:
        if signals & bit:
            out += weight
    return out


def proximity(days: float) -> float:
    """Mirror :func:`breachpattern.timelines.nexus.proximity`."""
    return AT_ONCE - log2(1 + days / SCALE) if days > 0 else AT_ONCE


@lru_cache(maxsize=65536)
def _alike(one: int, two: int) -> int:
    """Return the signals of what was done on the earlier and the later occasion."""
    gain = two != 0 and two & NOT_FOR_GAIN == 0 and one & NOT_FOR_GAIN == 0
    same = one & two & TELLING != 0 and not gain
    akin = any(one & kind and two & kind for kind in AKIN)
    stalking = one & STALKING != 0 and two & STALKING != 0
    out = (SAME if same else 0) | (STALKING_BIT if stalking else 0) | (GAIN if gain else 0)
    if akin and not same and not gain:
        out |= AKIN_BIT
    if not same and not (akin and not gain) and not stalking:
        out |= UNLIKE
    return out


def compare(i: int, one: Occasion, j: int, two: Occasion, *, founded: bool, custody: Custody) -> Link:
    """Return the nexus between an earlier occasion and a later one, with their places ``i`` and ``j``."""
    gap = two.start - one.end
    explained = 0
    if gap > 0 and custody.spells:
        explained = custody.seconds(one.end, two.start)
        gap = max(gap - explained, 0)
    days = gap / DAY if gap > 0 else 0.0
    signals = _alike(one.behaviours, two.behaviours)
    if days <= CLOSE_DAYS:
        signals |= CLOSE
    if two.start - one.start >= 299 * DAY and _aimed(one.behaviours) and _aimed(two.behaviours):
        apart = london_day(two.start) - london_day(one.start)
        if apart >= 300 and abs(apart - round(apart / 365.25) * 365.25) <= 3:
            signals |= RECURRING
    if one.means and not one.means.isdisjoint(two.means):
        signals |= MEANS
    if one.channels & two.channels & FAR:
        signals |= CHANNEL
    if one.places & two.places & AROUND:
        signals |= PLACE
    if one.conduct_crime and two.conduct_crime:
        signals |= CRIMES
    if two.in_order:
        signals |= IN_ORDER
    elif two.in_possible_order:
        signals |= MAYBE_ORDER
    if founded:
        signals |= FOUNDED
    elif (two.in_order or two.in_possible_order) and two.order_made > one.start and two.order_made != NEVER:
        signals |= FOLLOWED
    if two.warned_at <= two.start and two.warned_at != FOREVER:
        signals |= WARNED
    if one.references and not one.references.isdisjoint(two.references):
        signals |= OCCURRENCE
    if (one.impact | two.impact) & FEAR:
        signals |= FEAR_BIT
    if explained >= DAY:
        signals |= EXPLAINED
    if days > LONG_DAYS and not signals & RECURRING:
        signals |= LONG_GAP
    if two.reconciled_at > one.start and two.reconciled_at > one.reconciled_at:
        signals |= RECONCILED
    if not (one.speaks and two.speaks) and signals & CONNECTS == 0:
        signals |= SILENT
    return link_of(proximity(days) + points(signals), i, j, signals)


def _aimed(behaviours: int) -> bool:
    return behaviours == 0 or behaviours & NOT_FOR_GAIN != 0


def link_of(score: float, i: int, j: int, signals: int) -> Link:
    """Return the link of an earlier and a later occasion with so many points."""
    # Without the step through Python that a named tuple takes to be made.
    return tuple.__new__(Link, (-score, j, i, signals, score - points(signals & SERIOUS) >= LEAST))


class Custody:
    """Spells that one suspect spent in custody. Mirrors :class:`breachpattern.timelines.nexus.Custody`."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.spells: list[tuple[int, int]] = []
        for start, end in sorted((r.start, r.end) for r in rows if is_spell(r)):
            if self.spells and start <= self.spells[-1][1]:
                self.spells[-1] = self.spells[-1][0], max(end, self.spells[-1][1])
            else:
                self.spells.append((start, end))

    def seconds(self, start: int, end: int) -> int:
        """Return the seconds spent in custody within ``[start, end)``."""
        place = max(bisect_right(self.spells, (start, start)) - 1, 0)
        spent = 0
        for low, high in self.spells[place:]:
            if low >= end:
                break
            spent += max(min(high, end) - max(low, start), 0)
        return spent


def is_spell(row: Row) -> bool:
    """Return whether a row is time in custody."""
    return row.kind == CUSTODY and bool(row.suspect) and not row.cancelled and row.end - row.start >= DAY

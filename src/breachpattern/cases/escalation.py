"""Escalation of one candidate. Mirrors :mod:`breachpattern.patterns.criteria.escalation` and its statistics.

What the five tests need of a history is kept as running counts, so that one more occasion is one more step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import comb, erfc, exp, factorial, lgamma, sqrt
from typing import TYPE_CHECKING, Any

from breachpattern.cases.laws import Laws
from breachpattern.cases.occasions import Entry
from breachpattern.patterns.criteria.escalation import KINDS, TESTS
from breachpattern.patterns.statistics import EXACT_LENGTH, EXACT_POINTS, discordance_table
from breachpattern.timelines.nexus import signal_table

if TYPE_CHECKING:
    from breachpattern.cases.candidates import Candidate
    from breachpattern.cases.sums import Sums

NAMES = ("p_rate", "p_harm", "p_in_person", "p_violence", "p_new_kinds")
KIND_MASKS = tuple(signal_table().kinds[k] for k in KINDS)


@dataclass(frozen=True, slots=True)
class Onset:
    """When something begins: on how many events it is on record, and the place of the first and of the first unsure."""

    times: int = 0
    first: int = -1
    unsure: int = -1

    def plus(self, place: int, sure: bool, unsure: bool) -> Onset:
        """Return it with one more event."""
        if sure:
            return Onset(self.times + 1, place if self.first < 0 else self.first, self.unsure)
        if unsure and self.unsure < 0:
            return Onset(self.times, self.first, place)
        return self

    def p(self, length: int) -> float:
        """Mirror ``_begins``."""
        if self.times == 0:
            return 1.0
        plain = late_start_p(self.first, self.times, length)
        if 0 <= self.unsure < self.first:
            return max(plain, late_start_p(self.unsure, self.times + 1, length))
        return plain


@dataclass(frozen=True, slots=True)
class History:
    """Running counts over the events of a candidate in time order."""

    length: int
    first: int
    last: int
    total: int
    unknown: int
    discordant: int
    counts: tuple[int, ...]
    onsets: tuple[Onset, ...]

    def plus(self, start: int, behaviours: int, channels: int, laws: Laws) -> History:
        """Return the history with one more event after all others; channels are bits ``code``."""
        known = behaviours != 0
        counts, discordant = self.counts, self.discordant
        if known:
            rank = laws.worst(behaviours)
            discordant += sum(counts[rank + 1 :])
            counts = (*counts[:rank], counts[rank] + 1, *counts[rank + 1 :])
        here = bool(behaviours & laws.in_person or channels & laws.face)
        remote = bool(channels & laws.far or behaviours & laws.remote)
        sure = (here, bool(behaviours & laws.violent), *(bool(behaviours & mask) for mask in KIND_MASKS))
        unsure = (not here and (not known or not remote), *(not known for _ in sure[1:]))
        return History(
            length=self.length + 1,
            first=min(self.first, start) if self.length else start,
            last=max(self.last, start) if self.length else start,
            total=self.total + start,
            unknown=self.unknown + (not known),
            discordant=discordant,
            counts=counts,
            onsets=tuple(o.plus(self.length, s, u) for o, s, u in zip(self.onsets, sure, unsure, strict=True)),
        )


def history_of(sums: Sums, laws: Laws) -> History:
    """Return the history of some rows, carried on where only one came after them."""
    held: History | None = sums.kept.get("history")
    if held is None:
        if sums.parent is not None:
            last = sums.entries[-1].row
            held = history_of(sums.parent, laws).plus(
                last.start, last.behaviours, 1 << last.channel if last.channel >= 0 else 0, laws
            )
        else:
            held = _told(sums.entries, laws)
        sums.kept["history"] = held
    return held


def _told(entries: list[Entry], laws: Laws) -> History:
    """Mirror ``_histories``."""
    events: dict[object, list[int]] = {}
    for e in entries:
        row = e.row
        bits = 1 << row.channel if row.channel >= 0 else 0
        own = events.get(e.event)
        if own is None:
            events[e.event] = [row.start, row.behaviours, bits]
        else:
            own[0] = min(own[0], row.start)
            own[1] |= row.behaviours
            own[2] |= bits
    held = History(0, 0, 0, 0, 0, 0, (0,) * laws.ranks, (Onset(),) * (2 + len(KIND_MASKS)))
    for start, behaviours, channels in sorted(events.values(), key=lambda h: h[0]):
        held = held.plus(start, behaviours, channels, laws)
    return held


def escalation(c: Candidate, alpha: float, occasions: int) -> tuple[bool, dict[str, Any]]:
    """Return whether the tests indicate escalation, and what they say."""
    told = history_of(c.sums, c.scene.laws)
    known = told.length - told.unknown
    discordant = told.discordant + told.unknown * known + told.unknown * (told.unknown - 1) // 2
    p = [1.0] * len(NAMES)
    if told.length >= occasions:
        new = min(o.p(told.length) for o in told.onsets[2:]) * len(KINDS)
        p = [
            _rate(told),
            trend_p(discordant, told.counts),
            told.onsets[0].p(told.length),
            told.onsets[1].p(told.length),
            min(new, 1.0),
        ]
    adjusted = holm(p)
    mask = sum(1 << k for k in range(len(TESTS)) if adjusted[k] <= alpha)
    reasons: dict[str, Any] = dict(zip(NAMES, p, strict=True))
    reasons |= {
        "escalation": mask,
        "tested": told.length,
        "p_adjusted": min(adjusted),
        "discordant": discordant,
    }
    return told.length >= occasions and mask != 0, reasons


def _rate(told: History) -> float:
    if told.last <= told.first:
        return 1.0
    inner = told.length - 2
    if inner <= 0:
        return 1.0
    rest = told.total - told.first - told.last - inner * told.first
    return crowding_p(rest / (told.last - told.first) / inner, inner)


def ndtr(x: float) -> float:
    """Return the standard normal distribution function."""
    return erfc(-x / sqrt(2)) / 2


def crowding_p(mean: float, inner: int) -> float:
    """Mirror :func:`breachpattern.patterns.statistics.crowding_p`."""
    if inner > EXACT_POINTS:
        return ndtr(-(mean - 0.5) * sqrt(12 * inner))
    rest = min(max(inner - mean * inner, 0.0), float(inner))
    below = 0.0
    for k in range(inner + 1):
        if rest <= k:
            break
        below += (-1) ** k * comb(inner, k) * (rest - k) ** inner
    return min(max(below / factorial(inner), 0.0), 1.0)


@lru_cache(maxsize=65536)
def trend_p(discordant: int, counts: tuple[int, ...]) -> float:
    """Mirror :func:`breachpattern.patterns.statistics.trend_p`."""
    n = sum(counts)
    if n < 2:
        return 1.0
    if n <= EXACT_LENGTH:
        table = discordance_table(tuple(sorted(c for c in counts if c)))
        return float(table[discordant]) if discordant < len(table) else 1.0
    untied = (n * (n - 1) - sum(t * (t - 1) for t in counts)) / 2
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in counts)) / 18
    return ndtr((2 * discordant - untied + 1) / sqrt(variance)) if variance > 0 else ndtr(0.0)


@lru_cache(maxsize=65536)
def late_start_p(first: int, times: int, length: int) -> float:
    """Mirror :func:`breachpattern.patterns.statistics.late_start_p`."""
    if first > length - times:
        return 0.0

    def log_choose(a: int, b: int) -> float:
        return lgamma(a + 1.0) - lgamma(b + 1.0) - lgamma(a - b + 1.0)

    return exp(min(log_choose(length - first, times) - log_choose(length, times), 0.0))


def holm(p: list[float]) -> list[float]:
    """Mirror :func:`breachpattern.patterns.statistics.holm`."""
    out, most = [0.0] * len(p), 0.0
    for rank, k in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        most = max(most, p[k] * (len(p) - rank))
        out[k] = min(most, 1.0)
    return out

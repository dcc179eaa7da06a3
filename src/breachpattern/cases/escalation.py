"""Escalation of one candidate. Mirrors :mod:`breachpattern.patterns.criteria.escalation` and its statistics.

What the five tests need of a history is kept as running counts, so that one more occasion is one more step.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from functools import lru_cache
from math import comb, erfc, exp, factorial, lgamma, sqrt
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from breachpattern.cases.laws import Laws
from breachpattern.cases.occasions import Entry
from breachpattern.patterns.criteria.escalation import KINDS, TESTS
from breachpattern.patterns.statistics import EXACT_LENGTH, EXACT_POINTS, discordance_table
from breachpattern.timelines.nexus import signal_table

if TYPE_CHECKING:
    from breachpattern.cases.candidates import Candidate

NAMES = ("p_rate", "p_harm", "p_in_person", "p_violence", "p_new_kinds")
KIND_MASKS = tuple(signal_table().kinds[k] for k in KINDS)


UNCODED = 255  # the rank of an event of which nothing is coded


class Onset(NamedTuple):
    """When something begins: on how many events it is on record, and the place of the first and of the first unsure."""

    times: int = 0
    first: int = -1
    unsure: int = -1

    def plus(self, place: int, sure: bool, unsure: bool) -> Onset:
        """Return it with one more event at a place; those from there on move one further."""
        times, first, doubtful = self
        if first >= place:
            first += 1
        if doubtful >= place:
            doubtful += 1
        if sure:
            return Onset(times + 1, place if first < 0 else min(first, place), doubtful)
        if unsure:
            return Onset(times, first, place if doubtful < 0 else min(doubtful, place))
        return Onset(times, first, doubtful)

    def p(self, length: int) -> float:
        """Mirror ``_begins``."""
        if self.first <= 0:  # never, or from the first on
            return 1.0
        plain = late_start_p(self.first, self.times, length)
        if 0 <= self.unsure < self.first:
            return max(plain, late_start_p(self.unsure, self.times + 1, length))
        return plain


class History(NamedTuple):
    """Running counts over the events of a candidate in time order.

    ``ranks`` is the harm of each event, ``starts`` when each began.
    """

    total: int
    discordant: int
    counts: tuple[int, ...]
    onsets: tuple[Onset, ...]
    ranks: bytes
    starts: array[int]

    @property
    def length(self) -> int:
        """How many events there are."""
        return len(self.ranks)

    def plus(self, start: int, behaviours: int, channels: int, laws: Laws) -> History | None:
        """Return the history with one more event, ``None`` where another began at that second.

        Channels are bits ``code``.
        """
        starts = self.starts
        place = bisect_right(starts, start)
        if place and starts[place - 1] == start:
            return None
        rank, sure, unsure = _shown(laws, behaviours, channels)
        counts, discordant, ranks = self.counts, self.discordant, self.ranks
        late = place < len(ranks)
        if rank != UNCODED:
            if not late:
                discordant += sum(counts[rank + 1 :])
            else:
                before, after = ranks[:place], ranks[place:]
                discordant += sum(before.count(r) for r in range(rank + 1, laws.ranks))
                discordant += sum(after.count(r) for r in range(rank))
            counts = (*counts[:rank], counts[rank] + 1, *counts[rank + 1 :])
        onsets = list(self.onsets)
        for k in range(len(onsets)) if late else (*sure, *unsure):
            onsets[k] = onsets[k].plus(place, k in sure, k in unsure)
        return History(
            self.total + start,
            discordant,
            counts,
            tuple(onsets),
            ranks[:place] + bytes((rank,)) + ranks[place:] if late else ranks + bytes((rank,)),
            starts[:place] + array("q", (start,)) + starts[place:] if late else starts + array("q", (start,)),
        )


@lru_cache(maxsize=65536)
def _shown(laws: Laws, behaviours: int, channels: int) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    """Return the harm of what was done, which of the things that may begin it shows, and which it may show."""
    known = behaviours != 0
    here = bool(behaviours & laws.in_person or channels & laws.face)
    remote = bool(channels & laws.far or behaviours & laws.remote)
    sure = (here, bool(behaviours & laws.violent), *(bool(behaviours & mask) for mask in KIND_MASKS))
    unsure = (not here and (not known or not remote), *(not known for _ in sure[1:]))
    marked = range(len(sure))
    rank = laws.worst(behaviours) if known else UNCODED
    return rank, tuple(k for k in marked if sure[k]), tuple(k for k in marked if unsure[k] and not sure[k])


def history_of(entries: list[Entry], laws: Laws) -> History:
    """Return the history of some rows in time order. Mirrors ``_histories``."""
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
    told = sorted(events.values(), key=itemgetter(0))
    counts, discordant = [0] * laws.ranks, 0
    times, first, doubtful = ([start] * (2 + len(KIND_MASKS)) for start in (0, -1, -1))
    ranks = bytearray()
    for place, (_, behaviours, channels) in enumerate(told):
        rank, sure, unsure = _shown(laws, behaviours, channels)
        ranks.append(rank)
        if rank != UNCODED:
            discordant += sum(counts[rank + 1 :])
            counts[rank] += 1
        for k in sure:
            times[k] += 1
            if first[k] < 0:
                first[k] = place
        for k in unsure:
            if doubtful[k] < 0:
                doubtful[k] = place
    starts = array("q", [one[0] for one in told])
    onsets = tuple(map(Onset, times, first, doubtful))
    return History(sum(starts), discordant, tuple(counts), onsets, bytes(ranks), starts)


def indicates(c: Candidate, alpha: float, occasions: int) -> bool:
    """Return whether the tests indicate escalation."""
    if c.sums.events() < occasions or c.sums.history(c.scene.laws).length < occasions:
        return False
    p = c.sums.tested(c.scene.laws)[1]
    return min(min(p) * len(p), 1.0) <= alpha  # Holm's first step: where the least p fails, all do


def escalation(c: Candidate, alpha: float, occasions: int) -> dict[str, Any]:
    """Return what the tests say of escalation."""
    told = c.sums.history(c.scene.laws)
    discordant, p = c.sums.tested(c.scene.laws) if told.length >= occasions else (_discordant(told), [1.0] * len(NAMES))
    adjusted = holm(p)
    return dict(zip(NAMES, p, strict=True)) | {
        "escalation": sum(1 << k for k in range(len(TESTS)) if adjusted[k] <= alpha),
        "tested": told.length,
        "p_adjusted": min(adjusted),
        "discordant": discordant,
    }


def tested(told: History) -> tuple[int, list[float]]:
    """Return how many pairs of events are out of order, and the probabilities of the five tests."""
    length, discordant = len(told.ranks), _discordant(told)
    in_person, violence, *kinds = [o.p(length) if o.first > 0 else 1.0 for o in told.onsets]
    new = min(min(kinds) * len(kinds), 1.0)
    return discordant, [_rate(told), trend_p(discordant, told.counts), in_person, violence, new]


def _discordant(told: History) -> int:
    unknown = len(told.ranks) - (known := sum(told.counts))
    return told.discordant + unknown * known + unknown * (unknown - 1) // 2


def _rate(told: History) -> float:
    starts = told.starts
    inner = len(starts) - 2
    if inner <= 0:
        return 1.0
    first, last = starts[0], starts[-1]
    if last <= first:
        return 1.0
    rest = told.total - first - last - inner * first
    return crowding_p(rest / (last - first) / inner, inner)


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

"""Five one-sided tests of escalation over the occasions of one history, by counting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from statistics import NormalDist

from breachpattern.law import Catalogue

from .courses import KINDS_OF_ACT, kinds

FAR = frozenset({"phone", "text", "email", "social_media", "post", "online_other"})
EXACT_POINTS, EXACT_LENGTH = 12, 20
Told = Sequence[tuple[int, frozenset[str], frozenset[str]]]


def escalates(told: Told, law: Catalogue, alpha: float, fewest: int) -> bool:
    """Return whether any of the five tests indicates escalation after Holm's correction.

    Parameters
    ----------
    told : sequence of (start, behaviours, channels)
        Occasions in time order.
    """
    if len(told) < fewest:
        return False
    acts = [done for _, done, _ in told]
    p = [
        _rate([start for start, _, _ in told]),
        _harm(acts, law),
        _in_person(told, law),
        _begins([_has(done, law, "violent", "threatening") for done in acts], [not done for done in acts]),
        min(1.0, len(KINDS_OF_ACT) * min(_kind_begins(acts, name) for name in KINDS_OF_ACT)),
    ]
    adjusted, least = [], 0.0
    for turn, value in enumerate(sorted(p)):
        least = max(least, value * (len(p) - turn))
        adjusted.append(least)
    return adjusted[0] <= alpha


def _has(done: frozenset[str], law: Catalogue, *traits: str) -> bool:
    return any(getattr(law.behaviours[act], trait) for act in done if act in law.behaviours for trait in traits)


def _rate(starts: Sequence[int]) -> float:
    """Laplace's test: given first and last occasion, the inner ones are uniform if the rate is constant."""
    span, inner = starts[-1] - starts[0], starts[1:-1]
    if span <= 0 or not inner:
        return 1.0
    m = len(inner)
    total = sum(Fraction(start - starts[0], span) for start in inner)
    if m > EXACT_POINTS:
        return NormalDist().cdf(-(float(total) / m - 0.5) * math.sqrt(12 * m))
    rest = m - total
    below = sum((-1) ** k * math.comb(m, k) * max(rest - k, 0) ** m for k in range(m + 1))
    return float(min(max(below / math.factorial(m), 0), 1))


def _harm(acts: Sequence[frozenset[str]], law: Catalogue) -> float:
    """Mann-Kendall: pairs in which harm falls, or is not on record, over random orders of the known ranks."""
    ranks = [max((law.behaviours[a].harm for a in done if a in law.behaviours), default=0) if done else None
             for done in acts]  # fmt: skip
    known = [rank for rank in ranks if rank is not None]
    falling = sum(1 for i, one in enumerate(known) for later in known[i + 1 :] if later < one)
    unknown = len(ranks) - len(known)
    discordant = falling + unknown * len(known) + unknown * (unknown - 1) // 2
    n = len(known)
    counts = sorted(known.count(rank) for rank in set(known))
    if n < 2:
        return 1.0
    if n <= EXACT_LENGTH:
        mass = _inversions(tuple(counts))
        return sum(mass[: discordant + 1]) / sum(mass)
    untied = (n * (n - 1) - sum(t * (t - 1) for t in counts)) / 2
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in counts)) / 18
    return NormalDist().cdf((2 * discordant - untied + 1) / math.sqrt(variance)) if variance > 0 else 0.5


@cache
def _inversions(counts: tuple[int, ...]) -> list[int]:
    """Return how many orders of a multiset have 0, 1, 2 … discordant pairs."""
    out, before = [1], 0
    for count in counts:
        out = _product(out, _gaussian(before + count, count))
        before += count
    return out


@cache
def _gaussian(n: int, k: int) -> list[int]:
    """Return the coefficients of the Gaussian binomial of n over k."""
    if k in (0, n):
        return [1]
    shifted = [0] * k + _gaussian(n - 1, k)
    return [a + b for a, b in _aligned(_gaussian(n - 1, k - 1), shifted)]


def _aligned(one: list[int], other: list[int]) -> list[tuple[int, int]]:
    size = max(len(one), len(other))
    return [(one[i] if i < len(one) else 0, other[i] if i < len(other) else 0) for i in range(size)]


def _product(one: list[int], other: list[int]) -> list[int]:
    out = [0] * (len(one) + len(other) - 1)
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            out[i + j] += a * b
    return out


def _in_person(told: Told, law: Catalogue) -> float:
    sure = [_has(done, law, "in_person") or "in_person" in channels for _, done, channels in told]
    remote = [bool(channels & FAR) or _has(done, law, "remote") for _, done, channels in told]
    unsure = [not done or (not far and not here) for (_, done, _), far, here in zip(told, remote, sure, strict=True)]
    return _begins(sure, unsure)


def _kind_begins(acts: Sequence[frozenset[str]], name: str) -> float:
    return _begins([bool(done & kinds()[name]) for done in acts], [not done for done in acts])


def _begins(sure: Sequence[bool], unknown: Sequence[bool]) -> float:
    """Return how unlikely it is that something begins this late; an unknown occasion is read against escalation."""
    n, times = len(sure), sum(sure)
    if not times:
        return 1.0
    first = sure.index(True)
    p = _late(first, times, n)
    open_ones = [i for i in range(n) if unknown[i] and not sure[i]]
    if open_ones and open_ones[0] < first:
        p = max(p, _late(open_ones[0], times + 1, n))
    return p


def _late(first: int, times: int, n: int) -> float:
    return math.comb(n - first, times) / math.comb(n, times)

"""Exact tests of escalation over many short histories at once: no history is judged by eye.

Every function takes whole columns: histories of different lengths lie one after the other. Small histories get
exact probabilities, long ones the usual normal approximation.
"""

from __future__ import annotations

from functools import cache
from math import comb, factorial

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtr

from breachpattern.linking.columns import Bools, Floats, Ints

EXACT_POINTS = 12  # inner points up to which the sum of uniforms is exact and numerically safe
EXACT_LENGTH = 20  # occasions up to which the distribution of discordant pairs is exact


def crowding_p(inner_mean: Floats, inner: Ints) -> Floats:
    """Return how likely points this late are if the rate is constant (Laplace's test for trend).

    Given its first and last occasion, a history at constant rate has its inner occasions uniform between them.
    Their sum is then Irwin-Hall distributed, and exact for up to :data:`EXACT_POINTS` of them.

    Parameters
    ----------
    inner_mean : (n,) float
        Mean place of the inner occasions, 0 at the first and 1 at the last occasion.
    inner : (n,) int
        How many inner occasions there are.

    Returns
    -------
    (n,) float
        One-sided probability; 1 where there is no inner occasion.

    Examples
    --------
    >>> crowding_p(np.array([0.5, 0.9, 0.0]), np.array([4, 3, 0])).round(3).tolist()
    [0.5, 0.004, 1.0]
    """
    out = np.ones(len(inner))
    for m in range(1, EXACT_POINTS + 1):
        mine = np.flatnonzero(inner == m)
        if len(mine):
            # By symmetry the upper tail at s is the lower tail at m - s.
            rest = np.clip(m - inner_mean[mine] * m, 0, m)
            below = np.zeros(len(mine))
            for k in range(m + 1):
                below += (-1) ** k * comb(m, k) * np.maximum(rest - k, 0) ** m
            out[mine] = np.clip(below / factorial(m), 0, 1)
    many = np.flatnonzero(inner > EXACT_POINTS)
    out[many] = ndtr(-(inner_mean[many] - 0.5) * np.sqrt(12 * inner[many]))
    return out


def discordant_pairs(rank: Ints, history: Ints, histories: int, ranks: int) -> tuple[Ints, Ints]:
    """Return the pairs of each history in which the later rank is lower, and how often each rank occurs.

    Parameters
    ----------
    rank : (m,) int
        Ranks from 0, in time order within each history; ``-1`` is not known and left out.
    history : (m,) int
        The history of each entry, ascending.
    histories, ranks : int
        How many there are.

    Returns
    -------
    discordant : (histories,) int
    counts : (histories, ranks) int

    Examples
    --------
    >>> pairs, counts = discordant_pairs(np.array([0, 2, 1, 1]), np.array([0, 0, 0, 1]), 2, 3)
    >>> pairs.tolist(), counts.tolist()
    ([1, 0], [[1, 1, 1], [0, 1, 0]])
    """
    known = rank >= 0
    r, h = rank[known], history[known]
    one = np.zeros((len(r), ranks), np.int64)
    one[np.arange(len(r)), r] = 1
    running = np.cumsum(one, axis=0)
    counts = np.zeros((histories, ranks), np.int64)
    np.add.at(counts, (h, r), 1)
    before_history = np.vstack([np.zeros((1, ranks), np.int64), np.cumsum(counts, axis=0)])[h]
    earlier = running - before_history
    total = np.cumsum(earlier[:, ::-1], axis=1)[:, ::-1]
    higher = np.append(total[:, 1:], np.zeros((len(r), 1), np.int64), axis=1)[np.arange(len(r)), r]
    return np.bincount(h, weights=higher, minlength=histories).astype(np.int64), counts


def trend_p(discordant: Ints, counts: Ints) -> Floats:
    """Return how likely so few discordant pairs are if the order of the ranks is random (Mann-Kendall, ties exact).

    Parameters
    ----------
    discordant : (n,) int
        Pairs whose later rank is lower.
    counts : (n, ranks) int
        How often each rank occurs.

    Returns
    -------
    (n,) float
        One-sided probability.

    Examples
    --------
    >>> p = trend_p(np.array([0, 0]), np.array([[1, 1, 1, 1, 1], [2, 0, 0, 0, 2]]))
    >>> p.round(6).tolist()                                      # 1/5! and 1/(4 choose 2)
    [0.008333, 0.166667]
    """
    n = counts.sum(axis=1)
    out = np.ones(len(n))
    small = np.flatnonzero((n >= 2) & (n <= EXACT_LENGTH))
    if len(small):
        shapes, index = np.unique(np.sort(counts[small], axis=1), axis=0, return_inverse=True)
        tables = [discordance_table(tuple(int(c) for c in shape if c)) for shape in shapes]
        width = max(len(t) for t in tables)
        grid = np.ones((len(tables), width))
        for i, table in enumerate(tables):
            grid[i, : len(table)] = table
        out[small] = grid[np.ravel(index), np.minimum(discordant[small], width - 1)]
    large = np.flatnonzero(n > EXACT_LENGTH)
    t, m, d = counts[large], n[large].astype(float), discordant[large]
    untied = (m * (m - 1) - (t * (t - 1)).sum(axis=1)) / 2
    variance = (m * (m - 1) * (2 * m + 5) - (t * (t - 1) * (2 * t + 5)).sum(axis=1)) / 18
    spread = np.where(variance > 0, np.sqrt(np.maximum(variance, 1e-300)), np.inf)
    out[large] = ndtr((2 * d - untied + 1) / spread)
    return out


@cache
def discordance_table(counts: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Return P(discordant pairs <= d) over random orders of a multiset: the q-multinomial coefficients."""
    poly = [1]
    total = 0
    for count in counts:
        total += count
        for i in range(1, count + 1):
            poly = _over_q(_times_q(poly, total - count + i), i)
    mass = np.cumsum(np.array(poly, dtype=np.float64))
    return np.asarray(mass / mass[-1])


def _times_q(poly: list[int], n: int) -> list[int]:
    """Multiply by 1 - q^n."""
    out = poly + [0] * n
    for i, c in enumerate(poly):
        out[i + n] -= c
    return out


def _over_q(poly: list[int], n: int) -> list[int]:
    """Divide by 1 - q^n, which divides without rest."""
    out = poly[:]
    for i in range(n, len(out)):
        out[i] += out[i - n]
    return out[: len(out) - n]


def late_start_p(first: Ints, times: Ints, length: Ints) -> Floats:
    """Return how likely it is that something first happens this late if the order is random.

    Parameters
    ----------
    first : (n,) int
        Occasions before the first on which it happened.
    times : (n,) int
        On how many occasions it happened.
    length : (n,) int
        All occasions.

    Returns
    -------
    (n,) float
        ``C(length - first, times) / C(length, times)``; 1 where it never happened.

    Examples
    --------
    >>> late_start_p(np.array([4, 0, 3]), np.array([3, 2, 0]), np.array([7, 5, 6])).round(4).tolist()
    [0.0286, 1.0, 1.0]
    """
    happened = times > 0
    k, n = np.where(happened, times, 1), np.where(happened, length, 1)
    f = np.where(happened, first, 0)

    def log_choose(a: Ints, b: Ints) -> Floats:
        return np.asarray(gammaln(a + 1.0) - gammaln(b + 1.0) - gammaln(a - b + 1.0))

    return np.where(happened, np.exp(np.minimum(log_choose(n - f, k) - log_choose(n, k), 0.0)), 1.0)


def holm(p: Floats) -> Floats:
    """Return Holm-adjusted probabilities of several tests of each history.

    Parameters
    ----------
    p : (n, tests) float

    Examples
    --------
    >>> holm(np.array([[0.01, 0.04, 0.5]])).round(3).tolist()
    [[0.03, 0.08, 0.5]]
    """
    tests = p.shape[1]
    order = np.argsort(p, axis=1, kind="stable")
    stepped = np.maximum.accumulate(np.take_along_axis(p, order, 1) * (tests - np.arange(tests)), axis=1)
    out = np.empty_like(p)
    np.put_along_axis(out, order, np.minimum(stepped, 1.0), 1)
    return out


def first_true(where: Bools, place: Ints, history: Ints, length: Ints) -> Ints:
    """Return the place of the first true entry of each history, its length where there is none."""
    out = length.copy()
    np.minimum.at(out, history[where], place[where])
    return out

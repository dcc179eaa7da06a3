"""Sums over ranges of a sorted column under a limit, without looking at every pair."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Ints


def sum_up_to(
    values: Ints,
    weights: Ints,
    low: npt.NDArray[np.integer],
    high: npt.NDArray[np.integer],
    limit: Ints,
) -> Ints:
    """Return for each question the weights at positions ``[low, high)`` whose value is at most its limit.

    Work and memory grow with values and questions, times the bits of the number of distinct values, however wide
    the ranges are: at each bit the values with 0 are put before those with 1, and every range follows its half.

    Parameters
    ----------
    values, weights : (n,) int64
    low, high : (q,) int
        Where ``high`` does not exceed ``low`` the answer is 0.
    limit : (q,) int64

    Examples
    --------
    >>> values, weights = np.array([5, 9, 7, 5]), np.array([1, 10, 100, 1000])
    >>> sum_up_to(values, weights, np.array([0, 1, 2]), np.array([4, 3, 2]), np.array([7, 9, 9])).tolist()
    [1101, 110, 0]
    """
    known, rank = np.unique(values, return_inverse=True)
    rank, weights = rank.reshape(-1), weights.astype(np.int64)
    below = np.searchsorted(known, limit, side="right")
    low = low.astype(np.int64)
    high = np.maximum(high.astype(np.int64), low)
    out = np.zeros(len(low), np.int64)
    for bit in range(len(known).bit_length() - 1, -1, -1):
        one = (rank >> bit & 1).astype(np.bool_)
        zeros = np.append(0, np.cumsum(~one))
        weight = np.append(0, np.cumsum(np.where(one, 0, weights)))
        further = (below >> bit & 1).astype(np.bool_)
        out += np.where(further, weight[high] - weight[low], 0)
        low, high = (np.where(further, zeros[-1] + at - zeros[at], zeros[at]) for at in (low, high))
        order = np.concatenate([np.flatnonzero(~one), np.flatnonzero(one)])
        rank, weights = rank[order], weights[order]
    return out

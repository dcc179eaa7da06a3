"""What two occasions have in common: the same number, account or vehicle, the same reference.

Most occasions name one or none. Their lowest and highest code say all there is to say; of those that name three or
more, the codes between are listed apart.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Bools, Codes, Ints

_SHIFT = np.int64(32)


def between(occasion: Ints, code: Codes, low: Codes, high: Codes) -> Ints:
    """Return the codes that are neither the lowest nor the highest of their occasion, with it, sorted.

    Parameters
    ----------
    occasion, code : (rows,) int
        An occasion of each row, and the code that the row names, ``-1`` for none.
    low, high : (occasions,) int32

    Examples
    --------
    >>> found = between(np.array([0, 0, 0, 1]), np.array([7, 5, 6, 9]), np.array([5, 9]), np.array([7, 9]))
    >>> [(int(key) >> 32, int(key) & 0xFFFFFFFF) for key in found]
    [(0, 6)]
    """
    inner = (code > low[occasion]) & (code < high[occasion]) & (low[occasion] >= 0)
    return np.unique(_key(occasion[inner], code[inner]))


def shared(low: Codes, high: Codes, inner: Ints, i: Ints | slice, j: Ints | slice) -> Bools:
    """Return where two occasions name the same.

    Parameters
    ----------
    low, high : (occasions,) int32
        The lowest and the highest code of each occasion, ``-1`` for none.
    inner : int64
        The codes between (:func:`between`).
    i, j : (n,) int64, or slice
        Occasions.

    Examples
    --------
    >>> low, high = np.array([5, 6, 9], np.int32), np.array([7, 6, 9], np.int32)
    >>> inner = between(np.array([0, 0, 0]), np.array([7, 5, 6]), low, high)
    >>> shared(low, high, inner, np.array([0, 0]), np.array([1, 2])).tolist()
    [True, False]
    """
    low_i, high_i, low_j, high_j = low[i], high[i], low[j], high[j]
    out = np.asarray(
        ((low_i >= 0) & ((low_i == low_j) | (low_i == high_j)))
        | ((high_i >= 0) & ((high_i == low_j) | (high_i == high_j)))
    )
    if len(inner):
        index = np.arange(len(low))
        one, other = index[i], index[j]
        for these, those in ((one, other), (other, one)):
            out[_hold_inner(low, high, inner, these, those)] = True
    return out


def _hold_inner(low: Codes, high: Codes, inner: Ints, i: Ints, j: Ints) -> npt.NDArray[np.intp]:
    """Return the places of pairs of which the second names a code that lies between others of the first."""
    owner = inner >> _SHIFT
    several = np.zeros(len(low), np.bool_)
    several[owner] = True
    pair = np.flatnonzero(several[i])
    place, end = np.searchsorted(owner, i[pair], "left"), np.searchsorted(owner, i[pair], "right")
    held = [pair[:0]]
    while len(pair):
        code, against = inner[place] & 0xFFFFFFFF, j[pair]
        held.append(pair[(code == low[against]) | (code == high[against]) | np.isin(_key(against, code), inner)])
        left = place + 1 < end
        pair, place, end = pair[left], place[left] + 1, end[left]
    return np.concatenate(held)


def _key(occasion: Ints, code: npt.NDArray[np.integer]) -> Ints:
    return np.asarray((occasion.astype(np.int64) << _SHIFT) | code.astype(np.int64))

"""Many values of many histories to one number for each: in columns, and with NaN where there is none.

Sums run one value after the other within a history (``numpy.bincount``), so that other histories cannot change the last
digit of a sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Bools, Floats, Ints
from breachpattern.sorting import order_by

Values = npt.NDArray[Any]


def total(owner: Ints, values: Values, n: int) -> Floats:
    """Return the sum of the values of each owner, 0 where it has none.

    Examples
    --------
    >>> total(np.array([0, 0, 2]), np.array([1, 2, 5]), 3).tolist()
    [3.0, 0.0, 5.0]
    """
    return np.bincount(owner, weights=values, minlength=n).astype(np.float64)


def count(owner: Ints, n: int) -> Floats:
    """Return how many values each owner has."""
    return np.bincount(owner, minlength=n).astype(np.float64)


def known(values: Values, where: Values | bool = True) -> Floats:
    """Return values, NaN where they are not known.

    Examples
    --------
    >>> known(np.array([3, 0]), np.array([True, False])).tolist()
    [3.0, nan]
    """
    return np.where(where, values, np.nan).astype(np.float64)


def share(part: Values, whole: Values) -> Floats:
    """Return a part of a whole, NaN where there is no whole.

    Examples
    --------
    >>> share(np.array([1, 0]), np.array([2, 0])).tolist()
    [0.5, nan]
    """
    whole = np.asarray(whole, np.float64)
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0))


def extreme(how: np.ufunc, owner: Ints, values: Values, n: int) -> Floats:
    """Return the least (``numpy.minimum``) or greatest value of each owner, NaN where it has none.

    Examples
    --------
    >>> extreme(np.maximum, np.array([2, 0, 2]), np.array([1.0, 4.0, 3.0]), 3).tolist()
    [4.0, nan, 3.0]
    """
    order = order_by(owner)
    sorted_owner = owner[order]
    first = np.flatnonzero(np.append(True, sorted_owner[1:] != sorted_owner[:-1])) if len(owner) else order
    out = np.full(n, np.nan)
    if len(owner):
        out[sorted_owner[first]] = how.reduceat(np.asarray(values, np.float64)[order], first)
    return out


def median(owner: Ints, values: Values, n: int) -> Floats:
    """Return the median of the values of each owner, NaN where it has none.

    Examples
    --------
    >>> median(np.array([0, 0, 0, 2, 2]), np.array([9.0, 1.0, 2.0, 4.0, 6.0]), 3).tolist()
    [2.0, nan, 5.0]
    """
    order = order_by(owner, values)
    ordered = np.append(np.asarray(values, np.float64)[order], 0.0)
    size = np.bincount(owner, minlength=n)
    head = np.append(0, np.cumsum(size))[:-1]
    low, high = head + np.maximum(size - 1, 0) // 2, head + size // 2
    return known((ordered[np.minimum(low, len(values))] + ordered[np.minimum(high, len(values))]) / 2, size > 0)


def union(owner: Ints, masks: Ints, n: int) -> Ints:
    """Return the union of the masks of each owner; owners ascend."""
    out = np.zeros(n, np.int64)
    if len(owner):
        first = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
        out[owner[first]] = np.bitwise_or.reduceat(masks, first)
    return out


def bits(masks: Ints, of: int) -> Floats:
    """Return how many of the first so many bits each mask has.

    Examples
    --------
    >>> bits(np.array([0, 5, 7]), 2).tolist()
    [0.0, 1.0, 2.0]
    """
    out = np.zeros(len(masks))
    for bit in range(of):
        out += masks >> bit & 1
    return out


def any_of(owner: Ints, where: Bools, n: int) -> Bools:
    """Return which owners have a value that holds."""
    return np.asarray(np.bincount(owner[where], minlength=n) > 0)

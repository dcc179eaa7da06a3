"""Sorting whole columns: many keys packed into one machine word, and nothing sorted that stands in order already.

numpy sorts one column of words about twenty times faster than it sorts by three keys (``numpy.lexsort``), because
only the former runs in vector instructions. Everything here is exact and stable.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_WORD = 1 << 62


def order_by(*keys: npt.NDArray[Any]) -> Ints:
    """Return the positions that sort rows by some keys, the first key first; equal rows keep their order.

    Parameters
    ----------
    *keys : (n,) whole numbers, truth values or floats without NaN
        The same as ``numpy.lexsort`` of the keys in reverse.

    Examples
    --------
    >>> order_by(np.array([1, 0, 1, 0]), np.array([5, 7, 4, 7])).tolist()
    [1, 3, 2, 0]
    """
    n = len(keys[0])
    if n < 2 or _in_order(keys):
        return np.arange(n)
    first, *rest = _words([*keys, np.arange(n)])
    order = np.argsort(first)
    if rest:
        _settle_ties(order, first, rest)
    return order


def distinct(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the distinct values, sorted.

    Examples
    --------
    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ordered = np.sort(values)
    return ordered[changes(ordered)]


def numbered(*keys: npt.NDArray[Any]) -> tuple[int, Ints]:
    """Return how many distinct rows of keys there are, and for each row the number of its own in sorted order.

    Examples
    --------
    >>> numbered(np.array([4, 2, 4]), np.array([1, 1, 1]))
    (2, array([1, 0, 1]))
    """
    order = order_by(*keys)
    fresh = changes(*(key[order] for key in keys))
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(fresh) - 1
    return int(np.count_nonzero(fresh)), number


def changes(*keys: npt.NDArray[Any]) -> Bools:
    """Return where a row differs from the one before in any key; the first row differs.

    Examples
    --------
    >>> changes(np.array([1, 1, 2])).tolist()
    [True, False, True]
    """
    fresh = np.ones(len(keys[0]), np.bool_)
    if len(fresh) > 1:
        np.not_equal(keys[0][1:], keys[0][:-1], out=fresh[1:])
        for key in keys[1:]:
            fresh[1:] |= key[1:] != key[:-1]
    return fresh


def _in_order(keys: tuple[npt.NDArray[Any], ...]) -> bool:
    """Return whether rows stand in order of the keys, after a look at the first few."""
    if len(keys[0]) > 128 and not _in_order(tuple(key[:64] for key in keys)):
        return False
    undecided = np.ones(len(keys[0]) - 1, np.bool_)
    for key in keys:
        if np.any(undecided & (key[1:] < key[:-1])):
            return False
        undecided &= key[1:] == key[:-1]
        if not undecided.any():
            return True
    return True


def _words(keys: list[npt.NDArray[Any]]) -> list[Ints]:
    """Return keys packed into as few words as hold them, the first key in the highest place."""
    words: list[Ints] = []
    room = 0
    for key in keys:
        place, size = _places(key)
        if words and room * size <= _WORD:
            words[-1] = words[-1] * size + place
            room *= size
        else:
            words.append(place)
            room = size
    return words


def _places(key: npt.NDArray[Any]) -> tuple[Ints, int]:
    """Return a key as whole numbers from 0 in the same order, and how many there can be."""
    if key.dtype.kind != "f":
        low, high = int(key.min()), int(key.max())
        if high - low < _WORD:
            # Unsigned words may lie beyond the signed ones: what is taken off comes off first.
            small = (key - key.min()).astype(np.int64) if key.dtype.kind == "u" else key.astype(np.int64) - low
            return small, high - low + 1
    values, place = np.unique(key, return_inverse=True)
    return place.reshape(-1), len(values)


def _settle_ties(order: Ints, word: Ints, rest: list[Ints]) -> None:
    """Sort, in place, each run of rows that the first word leaves equal."""
    fresh = changes(word[order])
    alone = fresh & np.append(fresh[1:], True)
    tied = np.flatnonzero(~alone)
    if len(tied) == 0:
        return
    rows = order[tied]
    run = np.cumsum(fresh[tied])
    place, size = _places(rest[0][rows])
    if size > _WORD // (len(run) + 1):
        values, place = np.unique(place, return_inverse=True)
        place, size = place.reshape(-1), len(values)
    order[tied] = rows[order_by(run * size + place, *(word[rows] for word in rest[1:]))]

"""Sharing: pairs of people who have a value in common, unless many have it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Codes, Ints
from breachpattern.sorting import order_by


def count_people(value: Ints, person: npt.NDArray[np.integer], n: int) -> Ints:
    """Return how many people there are of each of ``n`` values; a negative code is nobody, or no value.

    Examples
    --------
    >>> count_people(np.array([0, 0, 0, 2, -1]), np.array([5, 6, 5, -1, 5]), 3).tolist()
    [2, 0, 0]
    """
    known = (value >= 0) & (person >= 0)
    pair = np.unique(np.stack([value[known], person[known].astype(np.int64)]), axis=1)[0]
    return np.asarray(np.bincount(pair, minlength=n), dtype=np.int64)


def pairs_sharing(person: Codes, value: Codes, most: int, row: Ints | None = None) -> tuple[Ints, Ints, Ints, Ints]:
    """Return pairs of people who share a value, the later row of each pair's first meeting, and how many share it.

    Examples
    --------
    >>> left, right, row, people = pairs_sharing(np.array([4, 7, 4, 9]), np.array([0, 0, 0, 1]), 6)
    >>> left.tolist(), right.tolist(), row.tolist(), people.tolist()
    ([4], [7], [1], [2])
    """
    rows = np.arange(len(person)) if row is None else row
    return pairs_of_values(person.astype(np.int64), value, rows, most)[:4]


def pairs_of_values(
    person: Ints, value: Codes, rows: Ints, most: int, roles: int = 1
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Return what :func:`pairs_sharing` does, and the value.

    A value shared by more than ``most`` people is a hub and joins nobody. Somebody in several roles is one person:
    ``person`` is then ``roles`` times the code and the role added.
    """
    known = (person >= 0) & (value >= 0)
    held = np.stack([value[known].astype(np.int64), person[known]])
    order = order_by(held[0], held[1], rows[known])
    held, rows = held[:, order], rows[known][order]
    fresh = np.diff(held[0], prepend=-1) != 0
    first = fresh | (np.diff(held[1], prepend=-1) != 0)
    people = fresh | (np.diff(held[1] // roles, prepend=-1) != 0)
    size = np.bincount(held[0][people], minlength=1)[held[0]] if held.shape[1] else held[0]
    few = first & (size > 1) & (size <= most)
    held, rows, size = held[:, few], rows[few], size[few]
    one, other = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for step in range(1, most * roles):
        together = np.flatnonzero(held[0][step:] == held[0][:-step])
        one.append(together)
        other.append(together + step)
    left, right = np.concatenate(one), np.concatenate(other)
    return held[1][left], held[1][right], np.maximum(rows[left], rows[right]), size[left], held[0][left]


def numbered(group: Ints, value: Ints) -> Ints:
    """Return the place of each value among the distinct ones of its group.

    Examples
    --------
    >>> numbered(np.array([0, 1, 0, 0]), np.array([7, 9, 8, 7])).tolist()
    [0, 0, 1, 0]
    """
    order = order_by(group, value)
    fresh_group = np.append(True, np.diff(group[order]) != 0)[: len(order)]
    fresh = fresh_group | np.append(True, np.diff(value[order]) != 0)[: len(order)]
    count = np.cumsum(fresh)
    out = np.empty(len(order), np.int64)
    out[order] = count - count[np.flatnonzero(fresh_group)][np.cumsum(fresh_group) - 1]
    return out

"""Entities: links taken in order of strength, and never a union of two people who are kept apart."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from breachpattern.linking.people.pairs import METHODS, Pairs
from breachpattern.linking.people.texts import Bools, Ints

Ends = tuple[Ints, Ints]

DECISION = METHODS.index("decision")


def components(size: int, left: Ints, right: Ints) -> Ints:
    """Return, for each reference, the smallest reference that is connected with it.

    Examples
    --------
    >>> components(4, np.array([1]), np.array([3])).tolist()
    [0, 1, 2, 1]
    """
    graph = coo_array((np.ones(len(left), np.bool_), (left, right)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    smallest = np.full(size, size, np.int64)
    np.minimum.at(smallest, label, np.arange(size))
    return np.asarray(smallest[label])


def within(label: Ints) -> tuple[Ints, Ints]:
    """Return every pair of members of each component.

    Examples
    --------
    >>> left, right = within(np.array([0, 1, 0, 0]))
    >>> list(zip(left.tolist(), right.tolist()))
    [(0, 2), (0, 3), (2, 3)]
    """
    members = np.argsort(label, kind="stable")
    grouped = label[members]
    last = np.searchsorted(grouped, grouped, side="right")
    place = np.arange(len(members))
    following = last - place - 1
    left = np.repeat(place, following)
    right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(following) - following, following)
    return members[left], members[right]


def unite(size: int, links: Pairs, apart: Ends, vetoed: Ends) -> tuple[Ints, Bools]:
    """Return the smallest reference of each entity, and which links were refused.

    Parameters
    ----------
    size : int
        How many references there are.
    links : Pairs
        In the order in which they are to be taken, decisions first.
    apart : pair of (k,) int64
        Pairs of references that people decided to keep apart: no link joins them.
    vetoed : pair of (k,) int64
        Pairs of references that no link but a person's decision may join.

    Examples
    --------
    >>> from breachpattern.linking.people.pairs import make
    >>> links = make(np.array([0, 1]), np.array([1, 2]), "pnc_id", 1.0, True, "same PNC id")
    >>> nobody = (np.empty(0, np.int64), np.empty(0, np.int64))
    >>> label, refused = unite(3, links, nobody, (np.array([0]), np.array([2])))
    >>> label.tolist(), refused.tolist()
    ([0, 0, 2], [False, True])
    """
    label = components(size, links.left, links.right)
    contested = np.unique(np.concatenate([label[one][label[one] == label[other]] for one, other in (apart, vetoed)]))
    if len(contested) == 0:
        return label, np.zeros(len(links), np.bool_)
    careful = np.flatnonzero(np.isin(label[links.left], contested))
    roots = _one_by_one(links.take(careful), _enemies(apart), _enemies(vetoed))
    members = np.isin(label, contested)
    label = label.copy()
    label[members] = [roots.get(int(member), int(member)) for member in np.flatnonzero(members)]
    return label, label[links.left] != label[links.right]


def _enemies(ends: Ends) -> dict[int, set[int]]:
    enemies: dict[int, set[int]] = {}
    for one, other in zip(ends[0].tolist(), ends[1].tolist(), strict=True):
        enemies.setdefault(one, set()).add(other)
        enemies.setdefault(other, set()).add(one)
    return enemies


def _one_by_one(links: Pairs, apart: dict[int, set[int]], vetoed: dict[int, set[int]]) -> dict[int, int]:
    """Return the smallest reference of the entity of each reference that a link names."""
    members: dict[int, set[int]] = {}
    root: dict[int, int] = {}
    nobody: set[int] = set()
    for a, b, method in zip(links.left.tolist(), links.right.tolist(), links.method.tolist(), strict=True):
        ours, theirs = root.setdefault(a, a), root.setdefault(b, b)
        if ours == theirs:
            continue
        small, large = sorted((members.setdefault(ours, {ours}), members.setdefault(theirs, {theirs})), key=len)
        if any(apart.get(member, nobody) & large for member in small):
            continue
        if method != DECISION and any(vetoed.get(member, nobody) & large for member in small):
            continue
        merged = small | large
        smallest = min(merged)
        members[smallest] = merged
        root |= dict.fromkeys(merged, smallest)
    return root

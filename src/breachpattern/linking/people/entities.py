"""Entities: links taken in order of strength, and never a union of two people who are kept apart."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from breachpattern.linking.people.pairs import METHODS, Pairs
from breachpattern.linking.people.texts import Bools, Ints

Ends = tuple[Ints, Ints]
Enemies = dict[int, set[int]]

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


def unite(
    size: int, links: Pairs, identified: Bools, apart: Ends, vetoed: Ends, relatives: Ends, sides: Ends
) -> tuple[Ints, Bools, Bools]:
    """Return the smallest reference of each entity, which links were refused, and which only for the sides they join.

    Parameters
    ----------
    size : int
        How many references there are.
    links : Pairs
        In the order in which they are to be taken, decisions first.
    identified : (n,) bool
        Links whose references share an identifier.
    apart : pair of (k,) int64
        Pairs of references that people decided to keep apart: no link joins them.
    vetoed : pair of (k,) int64
        Pairs of references that no link but a person's decision may join.
    relatives : pair of (k,) int64
        Pairs of references that only a decision or an identifier may join.
    sides : pair of (k,) int64
        Pairs of references on opposite sides of a record, which no link but a person's decision may join.

    Returns
    -------
    label : (size,) int64
    refused : (n,) bool
    for_sides : (n,) bool
        Those of the refused links that nothing but ``sides`` speaks against.

    Examples
    --------
    >>> from breachpattern.linking.people.pairs import make
    >>> links = make(np.array([0, 1]), np.array([1, 2]), "pnc_id", 1.0, True, "same PNC id")
    >>> nobody = (np.empty(0, np.int64), np.empty(0, np.int64))
    >>> label, refused, _ = unite(3, links, np.ones(2, bool), nobody, (np.array([0]), np.array([2])), nobody, nobody)
    >>> label.tolist(), refused.tolist()
    ([0, 0, 2], [False, True])
    """
    label = components(size, links.left, links.right)
    refused, for_sides = np.zeros((2, len(links)), np.bool_)
    every = [_connected(ends, label) for ends in (apart, vetoed, relatives, sides)]
    contested = np.unique(np.concatenate([label[one] for one, _ in every]))
    if len(contested) == 0:
        return label, refused, for_sides
    careful = np.flatnonzero(np.isin(label[links.left], contested))
    root, refused[careful], for_sides[careful] = _one_by_one(
        links.take(careful), identified[careful], *(_enemies(ends) for ends in every)
    )
    members = np.flatnonzero(np.isin(label, contested))
    label[members] = [root.get(member, member) for member in members.tolist()]
    return label, refused, for_sides


def _connected(ends: Ends, label: Ints) -> Ends:
    """Return the pairs whose references links connect."""
    one, other = ends
    together = (label[one] == label[other]) & (one != other)
    return one[together], other[together]


def _enemies(ends: Ends) -> Enemies:
    enemies: Enemies = {}
    for one, other in zip(ends[0].tolist(), ends[1].tolist(), strict=True):
        enemies.setdefault(one, set()).add(other)
        enemies.setdefault(other, set()).add(one)
    return enemies


def _one_by_one(
    links: Pairs, identified: Bools, apart: Enemies, vetoed: Enemies, relatives: Enemies, sides: Enemies
) -> tuple[dict[int, int], Bools, Bools]:
    """Return the smallest reference of the entity of each reference that a link names, and as :func:`unite` does."""
    members: dict[int, set[int]] = {}
    root: dict[int, int] = {}
    refused, for_sides = np.zeros((2, len(links)), np.bool_)
    ends = zip(links.left.tolist(), links.right.tolist(), strict=True)
    kinds = zip((links.method == DECISION).tolist(), identified.tolist(), strict=True)
    for position, ((a, b), (decided, by_identifier)) in enumerate(zip(ends, kinds, strict=True)):
        ours, theirs = root.setdefault(a, a), root.setdefault(b, b)
        if ours == theirs:
            continue
        groups = members.setdefault(ours, {ours}), members.setdefault(theirs, {theirs})
        refused[position] = (
            _divided(groups, apart)
            or (not decided and _divided(groups, vetoed))
            or (not decided and not by_identifier and _divided(groups, relatives))
        )
        for_sides[position] = not refused[position] and not decided and _divided(groups, sides)
        refused[position] |= for_sides[position]
        if not refused[position]:
            merged = groups[0] | groups[1]
            smallest = min(merged)
            members[smallest] = merged
            root |= dict.fromkeys(merged, smallest)
    return root, refused, for_sides


def _divided(groups: tuple[set[int], set[int]], enemies: Enemies) -> bool:
    small, large = sorted(groups, key=len)
    return any(not large.isdisjoint(enemies[member]) for member in small if member in enemies)

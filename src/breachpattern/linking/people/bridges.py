"""Bridges: doubtful links between two references that alone hold two groups of references together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from breachpattern.linking.people.entities import components
from breachpattern.linking.people.pairs import Pairs
from breachpattern.linking.people.texts import Ints

GROUP = 2  # references on either side


@dataclass(frozen=True)
class Bridges:
    """Bridges in the order of their links.

    Attributes
    ----------
    link : (n,) int64
        Position among the links of the most probable link of the bridge.
    size_left, size_right : (n,) int64
        How many references stand on either side.
    links : (n,) int64
        Of how many doubtful links the bridge is made.
    """

    link: Ints
    size_left: Ints
    size_right: Ints
    links: Ints


def find_bridges(label: Ints, links: Pairs) -> Bridges:
    """Return the doubtful links without which an entity would be two groups of at least two references.

    What certain links join is one node. Doubtful links between the same two nodes are one bridge, because they share
    one doubt: whether these two are one person. The time is that of one walk over the links.

    Parameters
    ----------
    label : (n,) int64
        Entity of each reference.
    links : Pairs
        Links that hold, in the order in which they are taken; both ends lie in one entity.

    Examples
    --------
    >>> from breachpattern.linking.people.pairs import make
    >>> links = make(np.array([0, 2, 1]), np.array([1, 3, 2]), "splink", 0.97, np.array([True, True, False]), "")
    >>> found = find_bridges(np.zeros(4, np.int64), links)
    >>> found.link.tolist(), found.size_left.tolist(), found.size_right.tolist(), found.links.tolist()
    ([2], [2], [2], [1])
    """
    size = len(label)
    node = components(size, links.left[links.certain], links.right[links.certain])
    weight = np.bincount(node, minlength=size)
    whole = np.bincount(label, minlength=size)
    one, other = node[links.left], node[links.right]
    open_ = np.flatnonzero((one != other) & ~links.certain & (whole[label[links.left]] >= 2 * GROUP))
    open_ = open_[np.argsort(-links.probability[open_], kind="stable")]
    keys = np.minimum(one, other)[open_] * max(size, 1) + np.maximum(one, other)[open_]
    _, first, count = np.unique(keys, return_index=True, return_counts=True)
    first_link = open_[first]
    below = _below(one[first_link], other[first_link], weight)
    rest = whole[label[links.left[first_link]]] - np.abs(below)
    keep = np.flatnonzero((below != 0) & (np.minimum(np.abs(below), rest) >= GROUP))
    keep = keep[np.argsort(first_link[keep])]
    from_left = below[keep] > 0
    reached, rest = np.abs(below[keep]), rest[keep]
    return Bridges(
        first_link[keep], np.where(from_left, reached, rest), np.where(from_left, rest, reached), count[keep]
    )


def _below(one: Ints, other: Ints, weight: Ints) -> Ints:
    """Return the weight of the nodes on one side of each edge that is a bridge, 0 for the others.

    It is that of the side of ``one``, or the negative of that of the side of ``other``. A walk in depth numbers the
    nodes; an edge down to a node is a bridge where nothing below it leads to an earlier number.
    """
    answer = np.zeros(len(one), np.int64)
    nodes, ends = np.unique(np.concatenate([one, other]), return_inverse=True)
    ends = ends.ravel()
    edge = np.tile(np.arange(len(one)), 2)
    order = np.argsort(ends, kind="stable")
    start = np.searchsorted(ends[order], np.arange(len(nodes) + 1)).tolist()
    towards, by = np.roll(ends, len(one))[order].tolist(), edge[order].tolist()
    number, lowest = [-1] * len(nodes), [0] * len(nodes)
    below = weight[nodes].tolist()
    counted = 0
    for root in range(len(nodes)):
        if number[root] >= 0:
            continue
        number[root] = lowest[root] = counted
        counted += 1
        path: list[tuple[int, int, Iterator[int]]] = [(root, -1, iter(range(start[root], start[root + 1])))]
        while path:
            node, came_by, rest = path[-1]
            step = next(rest, None)
            if step is None:
                path.pop()
                if path:
                    above = path[-1][0]
                    lowest[above] = min(lowest[above], lowest[node])
                    below[above] += below[node]
                    if lowest[node] == number[node]:
                        answer[came_by] = below[node] if ends[came_by] == node else -below[node]
            elif by[step] != came_by:
                there = towards[step]
                if number[there] >= 0:
                    lowest[node] = min(lowest[node], number[there])
                else:
                    number[there] = lowest[there] = counted
                    counted += 1
                    path.append((there, by[step], iter(range(start[there], start[there + 1]))))
    return answer

"""Bridges: a doubtful link that alone holds two groups of references together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from breachpattern.linking.people.pairs import Pairs
from breachpattern.linking.people.texts import Ints

GROUP = 2  # references on either side


@dataclass(frozen=True)
class Bridges:
    """Positions among the links, and how many references each side of the link holds."""

    link: Ints
    size_left: Ints
    size_right: Ints


def find_bridges(label: Ints, links: Pairs) -> Bridges:
    """Return the doubtful links whose removal splits an entity into two groups of at least two references.

    Parameters
    ----------
    label : (n,) int64
        Entity of each reference.
    links : Pairs
        Links that hold; both ends lie in one entity.

    Examples
    --------
    >>> from breachpattern.linking.people.pairs import make
    >>> links = make(np.array([0, 2, 1]), np.array([1, 3, 2]), "splink", 0.97, np.array([True, True, False]), "")
    >>> found = find_bridges(np.zeros(4, np.int64), links)
    >>> found.link.tolist(), found.size_left.tolist(), found.size_right.tolist()
    ([2], [2], [2])
    """
    size = np.bincount(label, minlength=len(label))[label] if len(label) else label
    in_large = size[links.left] >= 2 * GROUP
    neighbours: dict[int, list[int]] = {}
    for left, right in zip(links.left[in_large].tolist(), links.right[in_large].tolist(), strict=True):
        neighbours.setdefault(left, []).append(right)
        neighbours.setdefault(right, []).append(left)
    found = []
    for link in np.flatnonzero(in_large & ~links.certain).tolist():
        left, right = int(links.left[link]), int(links.right[link])
        reached = _reached(neighbours, left, right)
        if reached is None:
            continue
        rest = int(size[left]) - reached
        if min(reached, rest) >= GROUP:
            found.append((link, reached, rest))
    columns = np.array(found, np.int64).reshape(-1, 3)
    return Bridges(columns[:, 0], columns[:, 1], columns[:, 2])


def _reached(neighbours: dict[int, list[int]], start: int, across: int) -> int | None:
    """Return how many references are reached from ``start`` without its link to ``across``; None if that is too."""
    seen, waiting = {start}, [other for other in neighbours[start] if other != across]
    while waiting:
        member = waiting.pop()
        if member == across:
            return None
        if member not in seen:
            seen.add(member)
            waiting.extend(neighbours[member])
    return len(seen)

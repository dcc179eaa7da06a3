"""Links: which people are on which things (incidents, orders, objects), looked up from either side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from breachpattern.linking.columns import Bools, Ints
from breachpattern.timelines.courses import Ragged


@dataclass(frozen=True)
class Links:
    """Distinct (person, thing) pairs, sorted by person and thing.

    Attributes
    ----------
    person, thing, known : (n,) int64
        The pair, and the second by which it was known.
    by_person, by_thing : Ragged
        For each person and each thing, the positions of its pairs.

    Examples
    --------
    >>> links = Links.of(np.array([1, 0, 1, -1]), np.array([0, 0, 0, 1]), np.array([9, 5, 3, 0]), 2, 2)
    >>> links.person.tolist(), links.thing.tolist(), links.known.tolist()
    ([0, 1], [0, 0], [5, 3])
    >>> links.people_of(np.array([0]), as_of=4).tolist()
    [1]
    """

    person: Ints
    thing: Ints
    known: Ints
    by_person: Ragged
    by_thing: Ragged

    @classmethod
    def of(cls, person: Ints, thing: Ints, known: Ints, persons: int, things: int) -> Links:
        """Return the distinct pairs, each known from its first; a person or thing below 0 is not known."""
        keep = (person >= 0) & (thing >= 0)
        key = person[keep].astype(np.int64) * max(things, 1) + thing[keep]
        order = np.argsort(key, kind="stable")
        key = key[order]
        first = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
        pair = key[first]
        whose, what = pair // max(things, 1), pair % max(things, 1)
        when = np.minimum.reduceat(known[keep][order], first) if len(first) else np.empty(0, np.int64)
        positions = np.arange(len(pair))
        counts = np.bincount(whose, minlength=persons)
        by_person = Ragged(np.append(0, np.cumsum(counts)).astype(np.int64), positions)
        return cls(whose, what, when, by_person, Ragged.of(what, positions, things))

    def things_of(self, persons: Ints, as_of: int) -> Ints:
        """Return what some people were known to be on, sorted."""
        return np.unique(self.thing[self._known(self.by_person, persons, as_of)])

    def people_of(self, things: Ints, as_of: int) -> Ints:
        """Return who was known to be on some things, sorted."""
        return np.unique(self.person[self._known(self.by_thing, things, as_of)])

    def shared_by(self, persons: Ints, as_of: int) -> Ints:
        """Return the things that two or more of some distinct people were on, sorted."""
        things, counts = np.unique(self.thing[self._known(self.by_person, persons, as_of)], return_counts=True)
        return np.asarray(things[counts > 1])

    def count_of(self, persons: Ints, as_of: int) -> Ints:
        """Return on how many things each person was known to be."""
        lists = self.by_person.take(persons)
        known = np.append(0, np.cumsum(self.known[lists.values] <= as_of))
        return np.asarray(known[lists.offsets[1:]] - known[lists.offsets[:-1]])

    def crowded(self, most: int, as_of: int) -> Bools:
        """Return which things more than ``most`` people were on."""
        counts = np.bincount(self.thing[self.known <= as_of], minlength=len(self.by_thing))
        return np.asarray(counts > most)

    def neighbours(self, passable: Bools | None = None) -> tuple[Ints, Ints]:
        """Return pairs of people that, followed one after the other, join everybody on a thing."""
        pairs = self.by_thing.values
        if passable is not None:
            pairs = pairs[passable[self.thing[pairs]]]
        person, thing = self.person[pairs], self.thing[pairs]
        same = thing[1:] == thing[:-1]
        return person[:-1][same], person[1:][same]

    def _known(self, lists: Ragged, owners: Ints, as_of: int) -> Ints:
        pairs = lists.take(owners).values
        return np.asarray(pairs[self.known[pairs] <= as_of])

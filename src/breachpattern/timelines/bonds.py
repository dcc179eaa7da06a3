"""What joins two dyads: a tie between their victims, a tie between their suspects, or a joint act of the suspects.

A tie on file says nothing of a time at which it did not hold: one that had ended before the later of two people first
acted, or that began after all their acts, joins nobody here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from breachpattern.linking.columns import Bools, Columns, Ints
from breachpattern.linking.ties import ON_FILE, Ties, kind_codes
from breachpattern.sorting import changes, order_by
from breachpattern.timelines.breaches import expand
from breachpattern.timelines.evidence import pair_key
from breachpattern.vocabulary import BEHAVIOURS

THROUGH = BEHAVIOURS.mask(["third_party_contact"])


@dataclass(frozen=True)
class Pairs:
    """The dyads: their rows of evidence, in the order of the dyads, the dyad of each, and both people of each dyad."""

    columns: Columns
    rows: Ints
    dyad: Ints
    suspect: Ints
    victim: Ints

    def __len__(self) -> int:
        return len(self.suspect)

    @cached_property
    def first(self) -> Ints:
        """When the first act of each dyad began."""
        return np.minimum.reduceat(self.columns.start[self.rows], self._heads) if len(self) else self.suspect

    @cached_property
    def last(self) -> Ints:
        """When the last act of each dyad ended."""
        return np.maximum.reduceat(self.columns.end[self.rows], self._heads) if len(self) else self.suspect

    @cached_property
    def _heads(self) -> Ints:
        return np.flatnonzero(changes(self.dyad))

    def marked(self, *lists: Ints) -> Bools:
        """Return which dyads stand in any of some lists."""
        out = np.zeros(len(self), np.bool_)
        for listed in lists:
            out[listed] = True
        return out


@dataclass(frozen=True)
class Bonds:
    """Pairs of dyads, as positions, that something joins."""

    left: Ints
    right: Ints

    def take(self, index: Bools) -> Bonds:
        """Return some of the bonds."""
        return Bonds(self.left[index], self.right[index])

    def with_(self, other: Bonds) -> Bonds:
        """Return these bonds and the others."""
        return Bonds(np.concatenate([self.left, other.left]), np.concatenate([self.right, other.right]))


def tied_victims(columns: Columns, pairs: Pairs, ties: Ties) -> Bonds:
    """Return the bonds of dyads of one suspect whose victims are tied."""
    return _tied(columns, pairs, ties, pairs.victim, pairs.suspect)


def tied_suspects(columns: Columns, pairs: Pairs, ties: Ties) -> Bonds:
    """Return the bonds of dyads of one victim whose suspects are tied."""
    return _tied(columns, pairs, ties, pairs.suspect, pairs.victim)


def carried(columns: Columns, pairs: Pairs, bonds: Bonds) -> Bonds:
    """Return those bonds of which either dyad has contact through a third person on record."""
    through = pairs.marked(pairs.dyad[columns.behaviours[pairs.rows] & THROUGH != 0])
    return bonds.take(through[bonds.left] | through[bonds.right])


def on_one_record(columns: Columns, pairs: Pairs) -> Bonds:
    """Return the bonds of dyads of one victim that share an incident."""
    victim = pairs.victim[pairs.dyad]
    order = order_by(columns.incident[pairs.rows], victim, pairs.dyad)
    incident, dyad, victim = columns.incident[pairs.rows][order], pairs.dyad[order], victim[order]
    same = (incident[1:] == incident[:-1]) & (victim[1:] == victim[:-1]) & (dyad[1:] != dyad[:-1])
    return Bonds(dyad[:-1][same], dyad[1:][same])


def _tied(columns: Columns, pairs: Pairs, ties: Ties, side: Ints, other: Ints) -> Bonds:
    """Return bonds of dyads that share ``other`` and whose ``side`` people are tied, each in both directions."""
    by_side = order_by(side)
    low = np.searchsorted(side[by_side], ties.left, side="left")
    high = np.searchsorted(side[by_side], ties.left, side="right")
    tie, place = expand(np.arange(len(ties)), low, high)
    dyad = by_side[place]
    key = pair_key(columns, other, side)
    by_key = order_by(key)
    wanted = pair_key(columns, other[dyad], ties.right[tie])
    found = np.minimum(np.searchsorted(key[by_key], wanted), max(len(key) - 1, 0))
    hit = key[by_key][found] == wanted if len(key) else np.zeros(len(wanted), np.bool_)
    left, right, tie = dyad[hit], by_key[found[hit]], tie[hit]
    held = _held(pairs, ties.take(tie), left, right)
    return Bonds(left[held], right[held])


def _held(pairs: Pairs, ties: Ties, left: Ints, right: Ints) -> Bools:
    """Return which ties speak of the time in which the two dyads acted.

    What is inferred was seen on some day and may have held all along, so that only a tie on file begins too late.
    """
    first, last = pairs.first, pairs.last
    ended = ties.until <= np.maximum(first[left], first[right])
    later = np.isin(ties.kind, kind_codes(*ON_FILE)) & (ties.since >= np.maximum(last[left], last[right]))
    return np.asarray(~ended & ~later)

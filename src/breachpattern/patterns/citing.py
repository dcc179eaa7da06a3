"""Which provisions a finding cites: the pattern's own, those of the orders broken, and those of the signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from breachpattern.linking.columns import Ints
from breachpattern.patterns.context import Context
from breachpattern.patterns.populations import Population, owners
from breachpattern.spans import NEVER
from breachpattern.timelines.courses import Ragged
from breachpattern.timelines.nature import applies, claimed_kind, classes_of, made_first
from breachpattern.timelines.nexus import signal_table
from breachpattern.timelines.terms import TermTable


@dataclass(frozen=True)
class Citations:
    """The keys of provisions in a fixed order, and which of them each breach and each signal rests on."""

    keys: tuple[str, ...]
    of_breach: Ragged
    of_signal: tuple[tuple[int, ...], ...]

    def index(self, keys: Sequence[str]) -> Ints:
        """Return the positions of some keys."""
        place = {key: i for i, key in enumerate(self.keys)}
        return np.array([place[key] for key in keys], dtype=np.int64)

    def lists(self, population: Population, own: Sequence[tuple[Sequence[str], Ints]]) -> Ragged:
        """Return the provisions of each candidate, as sorted positions in ``keys``.

        Parameters
        ----------
        population : Population
        own : sequence of (keys, candidates)
            Further provisions and the candidates to which they apply.
        """
        n = len(population)
        if n == 0:
            return Ragged(np.zeros(1, np.int64), np.empty(0, np.int64))
        owner, place = [], []
        for keys, candidates in own:
            index = self.index(keys)
            owner.append(np.repeat(candidates, len(index)))
            place.append(np.tile(index, len(candidates)))
        broken = self.of_breach.take(population.breaches.values)
        owner.append(owners(population.breaches)[owners(broken)])
        place.append(broken.values)
        held = population.context.signals[population.course]
        for bit, cited in enumerate(self.of_signal):
            if cited:
                with_it = np.flatnonzero(held >> bit & 1)
                owner.append(np.repeat(with_it, len(cited)))
                place.append(np.tile(np.array(cited, dtype=np.int64), len(with_it)))
        return Ragged.distinct(np.concatenate(owner), np.concatenate(place), n)


def citations(context: Context, further: Sequence[str]) -> Citations:
    """Return what may be cited in a run.

    Parameters
    ----------
    context : Context
    further : sequence of str
        Keys that patterns and rules name themselves.
    """
    catalogue = context.catalogue
    laws = [(k, b) for k in catalogue.order_kind_ids for b in catalogue.order_kinds[k].breaches]
    signals = signal_table().signals
    keys = sorted(
        {*further, *(key for _, b in laws for key in b.provisions), *(key for s in signals for key in s.provisions)}
    )
    place = {key: i for i, key in enumerate(keys)}
    return Citations(
        keys=tuple(keys),
        of_breach=_of_breaches(context, place),
        of_signal=tuple(tuple(place[key] for key in s.provisions) for s in signals),
    )


def _of_breaches(context: Context, place: dict[str, int]) -> Ragged:
    """Return the provisions under which each breach is what it is, by the days that decide it."""
    breach, catalogue = context.breach, context.catalogue
    n = len(breach)
    on_file = breach.version >= 0
    kind = claimed_kind(context.columns, catalogue, breach.row).astype(np.int64)
    made = np.full(n, NEVER, np.int64)
    if len(context.orders):
        made[on_file] = made_first(context.orders, breach.version[on_file])
        kind = np.where(on_file, context.orders.kind[np.maximum(breach.version, 0)], kind)
    done = context.columns.behaviours[breach.row] | context.columns.possible[breach.row]
    classes = classes_of(breach.terms, done, TermTable.of(catalogue))
    owner, found = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for k in np.unique(kind[kind >= 0]):
        mine = np.flatnonzero(kind == k)
        for law in catalogue.order_kinds[catalogue.order_kind_ids[k]].breaches:
            hit = mine[applies(law, classes[mine], breach.start[mine], made[mine])]
            for key in law.provisions:
                owner.append(hit)
                found.append(np.full(len(hit), place[key], np.int64))
    return Ragged.distinct(np.concatenate(owner), np.concatenate(found), n)

"""Which provisions a finding cites: the pattern's own, those of the orders broken, and those of the signals.

Only law that there was on a day of the conduct is cited, and law of England and Wales alone nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from breachpattern.law import Catalogue
from breachpattern.linking.columns import Bools, Ints
from breachpattern.patterns.context import Context
from breachpattern.patterns.criteria.recording import elsewhere
from breachpattern.patterns.populations import Population, owners
from breachpattern.spans import FOREVER, NEVER, london_days
from breachpattern.timelines.courses import Ragged
from breachpattern.timelines.nature import applies, claimed_kind, classes_of, made_first
from breachpattern.timelines.nexus import signal_table
from breachpattern.timelines.terms import TermTable
from breachpattern.timelines.units import GROUP

# Stalking is a course in breach of s.1(1), never of s.1(1A) (s.2A(2)(a)), and ss.4 and 4A speak of one and the same
# person's fear: what is a course only because several victims are connected is none of them.
OF_ONE_VICTIM = ("pha1997.s2A", "pha1997.s2B", "pha1997.s4", "pha1997.s4A")


@dataclass(frozen=True)
class Citations:
    """The keys of provisions in a fixed order, and which of them each breach and each signal rests on.

    ``since`` and ``until`` are the days since 1970 between which each is law, ``here_alone`` where it is law in
    England and Wales and nowhere else, ``of_one`` where it asks for a course towards one victim.
    """

    keys: tuple[str, ...]
    since: Ints
    until: Ints
    here_alone: Bools
    of_one: Bools
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
        candidate, key = np.concatenate(owner), np.concatenate(place)
        law = self._is_law(population, candidate, key)
        return Ragged.distinct(candidate[law], key[law], n)

    def _is_law(self, population: Population, candidate: Ints, key: Ints) -> Bools:
        """Return where a provision was in force on a day from a candidate's first act to its last, and reaches it.

        The law of one part of the kingdom says nothing of conduct of which only another's law is on record.
        """
        some = np.diff(population.rows.offsets) > 0
        first = np.where(some, london_days(np.where(some, population.first_at, 0)), FOREVER)
        last = np.where(some, london_days(np.where(some, population.last_at, 0)), FOREVER)
        then = (self.since[key] <= last[candidate]) & ((first[candidate] < self.until[key]) | ~some[candidate])
        several = population.context.course_unit[population.course] == GROUP
        reaches = ~(self.here_alone[key] & elsewhere(population)[candidate]) & ~(self.of_one[key] & several[candidate])
        return np.asarray(then & reaches)


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
    since, until, here_alone = _extent_of(catalogue, keys)
    return Citations(
        keys=tuple(keys),
        since=since,
        until=until,
        here_alone=here_alone,
        of_one=np.isin(keys, OF_ONE_VICTIM),
        of_breach=_of_breaches(context, place),
        of_signal=tuple(tuple(place[key] for key in s.provisions) for s in signals),
    )


def _extent_of(catalogue: Catalogue, keys: Sequence[str]) -> tuple[Ints, Ints, Bools]:
    """Return since when and until when provisions are law, and which of them are so in England and Wales alone."""
    held = [catalogue.provisions[key] for key in keys]
    return (
        np.array([_day(p.in_force.start, NEVER) for p in held], dtype=np.int64),
        np.array([_day(p.in_force.end, FOREVER) for p in held], dtype=np.int64),
        np.array([p.extent == "E&W" for p in held], dtype=np.bool_),
    )


def _day(day: date | None, default: int) -> int:
    return default if day is None else int(np.datetime64(day, "D").astype(np.int64))


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

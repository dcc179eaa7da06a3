"""Histories: the occasions of every course or dyad in time order, with everything that features ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from breachpattern.linking.columns import Bools, Floats, Ints, seconds
from breachpattern.patterns.context import Context
from breachpattern.patterns.populations import Population, owners, population
from breachpattern.sorting import order_by
from breachpattern.spans import FOREVER
from breachpattern.timelines import Timelines
from breachpattern.timelines.breaches import expand
from breachpattern.timelines.courses import Ragged
from breachpattern.timelines.units import DYAD
from breachpattern.vocabulary import CHANNELS

_OF_AN_OCCASION = ("start", "end", "count", "acts", "behaviours", "channels", "places", "impact")


@dataclass(frozen=True)
class Histories:
    """Courses or dyads, and their occasions one after the other; nothing here was learnt after ``now``.

    Attributes
    ----------
    people : Population
        The rows, breaches and people of each.
    now : int
        The last second, in seconds UTC, of which anything is known.
    owner : (m,) int64
        The course or dyad of each occasion, ascending, its occasions in time order.
    start, end, count, acts, behaviours, channels, places, impact : (m,) int64
        As in :class:`~breachpattern.timelines.occasions.Occasions`; a channel that is coded as unknown is none.
    row, row_occasion : (k,) int64
        Rows of the columns and the occasion that each records.
    incidents : pyarrow.Table
        The canonical incidents, of which the columns keep only when they were known.
    weights : (offences + 1,) float64 or None
        Harm by code of the offence, NaN where the table has none; the last entry stands for no offence.
    """

    people: Population
    now: int
    owner: Ints
    start: Ints
    end: Ints
    count: Ints
    acts: Ints
    behaviours: Ints
    channels: Ints
    places: Ints
    impact: Ints
    row: Ints
    row_occasion: Ints
    incidents: pa.Table
    weights: Floats | None = None

    def __len__(self) -> int:
        return len(self.people)

    @property
    def context(self) -> Context:
        """The timelines, and what follows from them."""
        return self.people.context

    @cached_property
    def length(self) -> Ints:
        """How many occasions each history has."""
        return np.bincount(self.owner, minlength=len(self)).astype(np.int64)

    @cached_property
    def head(self) -> Ints:
        """The place of the first occasion of each history; every history has one."""
        return np.append(0, np.cumsum(self.length))[:-1].astype(np.int64)

    @cached_property
    def place(self) -> Ints:
        """How many occasions of its history come before each."""
        return np.arange(len(self.owner)) - self.head[self.owner]

    @cached_property
    def half(self) -> Ints:
        """0 in the first half of a history, 1 in the second, -1 for the middle one of an odd number."""
        each = (self.length // 2)[self.owner]
        return np.where(self.place < each, 0, np.where(self.place >= self.length[self.owner] - each, 1, -1))

    @cached_property
    def dyads(self) -> Ragged:
        """The dyads of each history."""
        if self.people.unit == "dyad":
            return Ragged(np.arange(len(self) + 1), np.arange(len(self)))
        rows = self.people.rows
        dyad = self.context.dyad_of_row[rows.values]
        return Ragged.distinct(owners(rows)[dyad >= 0], dyad[dyad >= 0], len(self))

    @cached_property
    def orders(self) -> Ragged:
        """The entries of the order register that bind a suspect and protect a victim of each history."""
        lists = self.context.register.dyads
        return self.through_dyads(Ragged.of(lists.values, owners(lists), len(self.context.dyads.suspect)))

    def through_dyads(self, of_dyad: Ragged) -> Ragged:
        """Return the distinct values of the dyads of each history."""
        owner, place = expand(
            owners(self.dyads), of_dyad.offsets[self.dyads.values], of_dyad.offsets[self.dyads.values + 1]
        )
        return Ragged.distinct(owner, of_dyad.values[place], len(self))

    @cached_property
    def reported(self) -> Ints:
        """When police were told of each row of the columns, ``FOREVER`` where no report is on file."""
        return seconds(self.incidents["reported_at"], default=FOREVER)[self.context.columns.position]

    def days_before(self, moments: Ints | Floats) -> Floats:
        """Return days from each moment to the instant, 0 where it lies later."""
        return np.asarray(np.maximum(self.now - moments, 0) / 86_400.0)

    def within(self, days: int) -> Bools:
        """Return which occasions began within the last so many days."""
        return np.asarray(self.start > self.now - days * 86_400)


def histories(
    timelines: Timelines, incidents: pa.Table, unit: str, now: int, weights: Floats | None = None
) -> Histories:
    """Return the histories of all courses or dyads of some timelines.

    Parameters
    ----------
    timelines : Timelines
    incidents : pyarrow.Table
        The canonical incidents that the timelines were built from.
    unit : {"course", "dyad"}
    now : int
        The last second of which anything is known.
    weights : (offences + 1,) float64, optional
    """
    context = Context(timelines)
    people = population(context, unit)
    kinds = sorted(timelines.occasions) if unit == "course" else [DYAD]
    parts = [timelines.occasions[kind] for kind in kinds]
    base = np.append(0, np.cumsum([len(part) for part in parts])).astype(np.int64)
    if unit == "course":
        members, course = timelines.courses.members, timelines.courses.frame["unit"].to_numpy()
        of_kind = np.searchsorted(kinds, course[owners(members)])
        owner, chosen = owners(members), members.values + base[of_kind]
    else:
        owner, chosen = parts[0].unit, np.arange(len(parts[0]))
    arrays = {name: np.concatenate([getattr(part, name) for part in parts])[chosen] for name in _OF_AN_OCCASION}
    order = order_by(owner, arrays["start"], arrays["end"], chosen)
    arrays = {name: values[order] for name, values in arrays.items()}
    arrays["channels"] = arrays["channels"] & ~np.int64(1 << CHANNELS.index("unknown"))
    place = np.full(base[-1], -1, np.int64)
    place[chosen[order]] = np.arange(len(order))
    row = np.concatenate([part.rows for part in parts])
    occasion = place[np.concatenate([part.row_occasion + base[i] for i, part in enumerate(parts)])]
    kept = occasion >= 0
    return Histories(
        people=people,
        now=now,
        owner=owner[order].astype(np.int64),
        **arrays,
        row=row[kept],
        row_occasion=occasion[kept],
        incidents=incidents,
        weights=weights,
    )

"""What criteria ask of the timelines again and again, computed once and only when asked."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.law import Catalogue
from breachpattern.linking.columns import Bools, Columns, Ints
from breachpattern.linking.orders import Orders
from breachpattern.patterns.registers import OrderRegister
from breachpattern.sorting import distinct, order_by
from breachpattern.spans import FOREVER, NEVER, YES, london_days
from breachpattern.timelines import Timelines
from breachpattern.timelines.arrests import told_beside
from breachpattern.timelines.breaches import expand
from breachpattern.timelines.courses import Courses, Ragged
from breachpattern.timelines.evidence import are_arrests
from breachpattern.timelines.occasions import Occasions, components
from breachpattern.timelines.reasons import MAYBE_TERMS
from breachpattern.timelines.units import DYAD, Units
from breachpattern.vocabulary import BEHAVIOURS, BREACH_KINDS, BREACH_STATUSES

T = TypeVar("T")
NO_ORDER_ON_FILE = BREACH_STATUSES.index("recorded_no_order")


@dataclass(frozen=True)
class BreachRows:
    """The breaches frame as arrays, one entry per incident row × order."""

    row: Ints
    incident: Ints
    order: Ints
    version: Ints
    suspect: Ints
    victim: Ints
    start: Ints
    end: Ints
    status: Ints
    state: Ints
    nature: Ints
    kinds: Ints
    terms: Ints
    course: Ints
    reasons: Ints
    days_since_served: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class Context:
    """The timelines of a run, and what follows from them.

    Everything is computed at first use and kept.
    """

    timelines: Timelines
    _kept: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, what: Hashable, work_out: Callable[[], T]) -> T:
        """Return something that several patterns ask for, worked out when the first does; it cannot be written to."""
        if what not in self._kept:
            found = work_out()
            if isinstance(found, np.ndarray):
                found.setflags(write=False)
            self._kept[what] = found
        kept: T = self._kept[what]
        return kept

    @property
    def columns(self) -> Columns:
        """The engine's rows."""
        return self.timelines.columns

    @property
    def orders(self) -> Orders:
        """Order versions."""
        return self.timelines.orders

    @property
    def catalogue(self) -> Catalogue:
        """The dated law."""
        return self.timelines.catalogue

    @property
    def courses(self) -> Courses:
        """Candidate courses."""
        return self.timelines.courses

    @property
    def dyads(self) -> Units:
        """Suspect-victim pairs with conduct on record."""
        return self.timelines.units[DYAD]

    @cached_property
    def now(self) -> int:
        """The last second of which anything is known: ``as_of``, or the latest of the data where it is unlimited.

        A criterion that asks for it declares a :class:`~breachpattern.patterns.registry.Clock`.
        """
        if self.timelines.as_of < FOREVER:
            return self.timelines.as_of
        if len(self.columns) == 0:
            return 0
        return int(max(self.columns.known.max(), self.columns.end.max() - 1))

    @cached_property
    def breach(self) -> BreachRows:
        """The breaches as arrays."""
        frame = self.timelines.breaches
        arrays: dict[str, Any] = {
            name: frame[name].to_numpy().astype(np.float64 if name == "days_since_served" else np.int64)
            for name in BreachRows.__dataclass_fields__
        }
        return BreachRows(**arrays)

    @property
    def inferred(self) -> pd.DataFrame:
        """Contact by people tied to a respondent: no breach that anybody can show."""
        return self.timelines.inferred

    @cached_property
    def register(self) -> OrderRegister:
        """The orders, one entry each, with the dyads that they protect."""
        return OrderRegister.of(self.orders, self.dyads, self.catalogue)

    @cached_property
    def strength(self) -> Ints:
        """The strength of each course, with a last entry for *no course*."""
        return np.append(self.courses.frame["strength"].to_numpy().astype(np.int64), 0)

    @cached_property
    def signals(self) -> Ints:
        """The signals of each course, with a last entry for *no course*."""
        return np.append(self.courses.frame["signals"].to_numpy().astype(np.int64), 0)

    @cached_property
    def course_unit(self) -> Ints:
        """The unit of each course, with a last entry, ``-1``, for *no course*."""
        return np.append(self.courses.frame["unit"].to_numpy().astype(np.int64), -1)

    # ------------------------------------------------------------------------------------------- rows
    @cached_property
    def dyad_of_row(self) -> Ints:
        """The dyad of each row, ``-1`` for rows that are no conduct towards a person."""
        out = np.full(len(self.columns), -1, np.int64)
        out[self.dyads.rows] = self.dyads.unit
        return out

    @cached_property
    def dyad_rows(self) -> Ragged:
        """The rows of each dyad in time order."""
        counts = np.bincount(self.dyads.unit, minlength=len(self.dyads.suspect))
        return Ragged(np.append(0, np.cumsum(counts)).astype(np.int64), self.dyads.rows)

    @cached_property
    def event(self) -> Ints:
        """A label for each row: rows with one label record one event, whoever the victims are."""
        index, incident = np.arange(len(self.columns)), self.columns.incident
        occasions: Occasions = self.timelines.occasions[DYAD]
        of_incident = np.empty(len(self.columns.names.incidents), np.int64)
        of_occasion = np.empty(len(occasions), np.int64)
        of_incident[incident], of_occasion[occasions.row_occasion] = index, occasions.rows
        left = np.concatenate([index, occasions.rows])
        right = np.concatenate([of_incident[incident], of_occasion[occasions.row_occasion]])
        several = left != right
        # Most rows stand for themselves: only the others are worth a graph.
        nodes = distinct(np.concatenate([left[several], right[several]]))
        ends = (np.searchsorted(nodes, side[several]) for side in (left, right))
        index[nodes] = nodes[components(len(nodes), *ends)]
        return index

    @cached_property
    def several_rows(self) -> Bools:
        """Where the incident of a row can come twice: it has further rows, or is a breach of several orders."""
        incident, n = self.columns.incident, len(self.columns.names.incidents)
        several = (np.bincount(incident, minlength=n) > 1) | (np.bincount(self.breach.incident, minlength=n) > 1)
        return np.asarray(several[incident])

    @cached_property
    def several_records(self) -> Bools:
        """Where the event of a row has further rows."""
        return np.asarray((np.bincount(self.event) > 1)[self.event])

    @cached_property
    def event_start(self) -> Ints:
        """The first second of the event that each row records."""
        first, others = self.columns.start.copy(), np.flatnonzero(self.event != np.arange(len(self.event)))
        np.minimum.at(first, self.event[others], self.columns.start[others])
        return np.asarray(first[self.event])

    @cached_property
    def stands_for(self) -> Ints:
        """How many occasions the event of each row stands for; 0 for rows that are no conduct towards a person."""
        occasions: Occasions = self.timelines.occasions[DYAD]
        event, count = self.event[occasions.rows], occasions.count[occasions.row_occasion]
        most = np.zeros(len(self.columns), np.int64)
        most[event] = 1
        several = count > 1
        np.maximum.at(most, event[several], count[several])
        return most[self.event]

    @cached_property
    def recorded_day(self) -> Ints:
        """The London day on which each row was recorded, days since 1970."""
        return london_days(self.columns.recorded)

    def conduct(self, *conducts: str) -> Bools:
        """Return where a row is recorded as one of some course-of-conduct offences; without names, as any."""
        return self.once(("conduct", conducts), lambda: self._recorded_as(conducts))

    def _recorded_as(self, conducts: Sequence[str]) -> Bools:
        table = [self.catalogue.offences[o].conduct for o in self.catalogue.offence_ids]
        wanted = np.array([bool(c) and (not conducts or c in conducts) for c in table] + [False])
        return np.asarray(wanted[self.columns.offence])

    def rule_requires(self, flag: str) -> Bools:
        """Return where the recording rule of the day on which a row was recorded requires something."""
        return self.once(("rule", flag), lambda: self._required(flag))

    def _required(self, flag: str) -> Bools:
        out = np.zeros(len(self.columns), np.bool_)
        days = self.recorded_day
        for rule in self.catalogue.recording_rules:
            if flag in rule.requires:
                span = rule.in_force
                out |= (days >= _day(span.start, NEVER)) & (days < _day(span.end, FOREVER))
        return out

    def behaving(self, *traits: str) -> int:
        """Return the mask of the behaviours that have one of some traits in the catalogue (``violent``, …)."""
        entries = self.catalogue.behaviours
        return BEHAVIOURS.mask(b for b in BEHAVIOURS if b in entries and any(getattr(entries[b], t) for t in traits))

    @cached_property
    def harm(self) -> Ints:
        """The harm rank of each behaviour of the vocabulary."""
        entries = self.catalogue.behaviours
        return np.array([entries[b].harm if b in entries else 0 for b in BEHAVIOURS], dtype=np.int64)

    # --------------------------------------------------------------------------------------- breaches
    @cached_property
    def certain_breach(self) -> Bools:
        """Where a breach was recorded with its order on file, or lies within the terms of one certainly in force."""
        recorded = self.breach.status == BREACH_STATUSES.index("recorded")
        in_force = (self.breach.status != NO_ORDER_ON_FILE) & (self.breach.state == YES)
        return np.asarray(recorded | (in_force & (self.breach.reasons & MAYBE_TERMS == 0)))

    @cached_property
    def duty_only(self) -> Bools:
        """Where a breach is only a failure to notify or to comply with a requirement."""
        duties = BREACH_KINDS.mask(["notification", "requirement"])
        return np.asarray((self.breach.kinds != 0) & (self.breach.kinds & ~duties == 0))

    @cached_property
    def event_of_breach(self) -> Ints:
        """The label of the event that each breach is."""
        return self.event[self.breach.row]

    @cached_property
    def told_beside(self) -> Bools:
        """Where a breach is only the arrest for one of the same order that has a record of its own."""
        arrest = are_arrests(self.columns, self.catalogue)
        return told_beside(self.columns, arrest, self.breach.row, self.breach.order)

    @cached_property
    def is_breach(self) -> Bools:
        """Where a row is a breach of some order."""
        out = np.zeros(len(self.columns), np.bool_)
        out[self.breach.row] = True
        return out

    @cached_property
    def _breaches_by_row(self) -> tuple[Ints, Ints]:
        order = order_by(self.breach.row)
        return order, np.searchsorted(self.breach.row[order], np.arange(len(self.columns) + 1))

    def breaches_of(self, rows: Ragged) -> Ragged:
        """Return the breaches of each candidate's rows."""
        order, offsets = self._breaches_by_row
        owner = np.repeat(np.arange(len(rows)), np.diff(rows.offsets))
        items, places = expand(owner, offsets[rows.values], offsets[rows.values + 1])
        return Ragged.of(items, order[places], len(rows))

    # ---------------------------------------------------------------------------------------- courses
    @cached_property
    def dyad_of_course(self) -> Ints:
        """The dyad of each course, ``-1`` for groups and joint units."""
        out = np.full(len(self.courses.frame), -1, np.int64)
        first = self.courses.rows.offsets[:-1]
        own = np.flatnonzero((self.courses.frame["unit"].to_numpy() == DYAD) & (np.diff(self.courses.rows.offsets) > 0))
        out[own] = self.dyad_of_row[self.courses.rows.values[first[own]]]
        return out

    @cached_property
    def course_of_row(self) -> Ints:
        """The strongest course that holds each row, ``-1`` where none."""
        rows = self.courses.rows
        course = np.repeat(np.arange(len(rows)), np.diff(rows.offsets))
        return strongest(rows.values, course, self.strength, len(self.columns))

    @cached_property
    def course_of_dyad(self) -> Ints:
        """The strongest course of each dyad, ``-1`` where it has none."""
        return strongest(self.dyad_of_course, np.arange(len(self.courses.frame)), self.strength, len(self.dyad_rows))


def strongest(owner: Ints, course: Ints, strength: Ints, n: int) -> Ints:
    """Return for each of ``n`` owners its strongest course, the first of equals; ``-1`` where it has none.

    Examples
    --------
    >>> strongest(np.array([0, 0, 2, -1]), np.array([0, 1, 2, 3]), np.array([1, 3, 2, 3, 0]), 3).tolist()
    [1, -1, 2]
    """
    out = np.full(n, -1, np.int64)
    kept = (owner >= 0) & (course >= 0)
    o, c = owner[kept], course[kept]
    order = order_by(strength[c], -c)
    out[o[order]] = c[order]
    return out


def flagged(table: Iterable[bool]) -> Bools:
    """Return flags by code as an array, with a last entry for *not known*."""
    return np.array([*table, False], dtype=np.bool_)


def _day(day: object, default: int) -> int:
    return default if day is None else int(np.datetime64(str(day), "D").astype(np.int64))

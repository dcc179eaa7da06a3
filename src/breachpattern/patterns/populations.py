"""Populations: the candidates that a pattern judges, with everything on record about each as ragged columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Bools, Ints
from breachpattern.patterns.context import Context, strongest
from breachpattern.sorting import changes, numbered, order_by
from breachpattern.timelines.courses import Ragged, starts


@dataclass(frozen=True)
class Population:
    """Candidates of one unit.

    Attributes
    ----------
    unit : str
        ``course``, ``breach``, ``order``, ``dyad`` or ``suspect``.
    subject : (n,) int64
        What the candidate is: an index into the courses, the breaches (its first), the order register or the
        dyads, or a person code.
    rows, breaches : Ragged
        Rows of the columns in time order, rows of the breaches frame.
    orders, suspects, victims : Ragged
        Codes, sorted.
    course : (n,) int64
        The course it belongs to (the strongest of several), ``-1`` where none.
    narrowed : bool
        The rows are no longer the whole unit but what a criterion or a member condition picked out.
    """

    unit: str
    context: Context
    subject: Ints
    rows: Ragged
    breaches: Ragged
    orders: Ragged
    suspects: Ragged
    victims: Ragged
    course: Ints
    narrowed: bool = False

    def __len__(self) -> int:
        return len(self.subject)

    def take(self, index: Ints) -> Population:
        """Return some of the candidates."""
        return replace(
            self,
            subject=self.subject[index],
            rows=self.rows.take_later(index),
            breaches=self.breaches.take_later(index),
            orders=self.orders.take_later(index),
            suspects=self.suspects.take_later(index),
            victims=self.victims.take_later(index),
            course=self.course[index],
        )

    # ------------------------------------------------------------------------------ questions to the members
    def count_rows(self, where: npt.NDArray[np.bool_]) -> Ints:
        """Return how many of each candidate's rows hold; ``where`` has one entry per row of the columns."""
        return _count(self.rows, where)

    def any_row(self, where: npt.NDArray[np.bool_]) -> Bools:
        """Return where at least one of a candidate's rows holds."""
        return _count(self.rows, where) > 0

    def any_breach(self, where: npt.NDArray[np.bool_]) -> Bools:
        """Return where at least one breach holds; ``where`` has one entry per row of the breaches frame."""
        return _count(self.breaches, where) > 0

    def every_breach(self, where: npt.NDArray[np.bool_]) -> Bools:
        """Return where there are breaches and all of them hold."""
        total = np.diff(self.breaches.offsets)
        return np.asarray((total > 0) & (_count(self.breaches, where) == total))

    def count_events(self, where: npt.NDArray[np.bool_] | None = None) -> Ints:
        """Return how many distinct events each candidate's rows (that hold) record."""
        return self._distinct(self.rows, self.context.event, where)

    def count_breach_events(self, where: npt.NDArray[np.bool_] | None = None) -> Ints:
        """Return how many distinct events each candidate's breaches (that hold) are."""
        return self._distinct(self.breaches, self.context.event_of_breach, where)

    def rows_where(self, where: npt.NDArray[np.bool_]) -> Ragged:
        """Return the rows of each candidate that hold, looked at when somebody first asks which."""
        return Ragged.later(partial(filtered, self.rows, where))

    def distinct(self, lists: Ragged, codes: npt.NDArray[np.integer]) -> Ragged:
        """Return the distinct known codes of each candidate's rows or breaches."""
        values = codes[lists.values].astype(np.int64)
        return Ragged.distinct(owners(lists)[values >= 0], values[values >= 0], len(self))

    def _distinct(self, lists: Ragged, label: Ints, where: npt.NDArray[np.bool_] | None) -> Ints:
        kept = lists if where is None else filtered(lists, where)
        return np.diff(Ragged.distinct(owners(kept), label[kept.values], len(self)).offsets)

    @property
    def first_at(self) -> Ints:
        """Return the first second of each candidate's rows; the far future where it has none."""
        return combined(np.minimum, self.rows, self.context.columns.start, np.iinfo(np.int64).max)

    @property
    def last_at(self) -> Ints:
        """Return the last second of each candidate's rows; the far past where it has none."""
        last = combined(np.maximum, self.rows, self.context.columns.end, np.iinfo(np.int64).min)
        return last - (np.diff(self.rows.offsets) > 0)

    @property
    def first_suspect(self) -> Ints:
        """Return the first suspect of each candidate, ``-1`` where none is known."""
        filled = np.diff(self.suspects.offsets) > 0
        return np.where(filled, np.append(self.suspects.values, -1)[self.suspects.offsets[:-1]], -1)

    # --------------------------------------------------------------------------------------------- narrowing
    def with_members(self, keep: Bools) -> Population:
        """Return the candidates with only those breaches that hold; orders and breaches keep only their rows."""
        breaches = filtered(self.breaches, keep)
        if self.unit not in ("breach", "order"):
            return replace(self, breaches=breaches, narrowed=True)
        return replace(
            _of_breaches(self, breaches),
            course=_course_of_breaches(self.context, breaches),
            narrowed=True,
        )

    def about(self, rows: Ragged) -> Population:
        """Return the candidates with other rows as their evidence."""
        rows = in_time_order(self.context, rows)
        if self.unit == "order":
            breaches = _common(self.context.breaches_of(rows), self.breaches, len(self.context.breach))
            best = strongest(owners(rows), self.context.course_of_row[rows.values], self.context.strength, len(self))
            return replace(self, rows=rows, breaches=breaches, victims=_victims(self, rows), course=best, narrowed=True)
        breaches = self.context.breaches_of(rows)
        kept = replace(self, rows=rows, breaches=breaches, victims=_victims(self, rows), narrowed=True)
        return kept if self.unit == "dyad" else replace(kept, orders=_orders(self.context, breaches))


def owners(lists: Ragged) -> Ints:
    """Return the candidate of each value."""
    return lists.owners


def filtered(lists: Ragged, where: npt.NDArray[np.bool_]) -> Ragged:
    """Return the values for which ``where[value]`` is true."""
    keep = where.take(lists.values)
    return Ragged(starts(keep)[lists.offsets], lists.values[keep])


def _common(lists: Ragged, others: Ragged, n: int) -> Ragged:
    """Return the values, all below ``n``, of each list that stand in the other list of the same owner too."""
    owner = owners(lists)
    kept = np.isin(owner * np.int64(n) + lists.values, owners(others) * np.int64(n) + others.values)
    return Ragged.of(owner[kept], lists.values[kept], len(lists))


def combined(how: np.ufunc, lists: Ragged, values: npt.NDArray[Any], blank: Any) -> npt.NDArray[Any]:
    """Return the least, the greatest or the union of ``values[value]`` over each list, ``blank`` for an empty one.

    Examples
    --------
    >>> combined(np.maximum, Ragged(np.array([0, 2, 2]), np.array([1, 0])), np.array([5, 7]), -1).tolist()
    [7, -1]
    """
    out = np.full(len(lists), blank, values.dtype)
    filled = np.flatnonzero(np.diff(lists.offsets))
    if len(filled):
        out[filled] = how.reduceat(values.take(lists.values), lists.offsets[filled])
    return out


def first_alike(rows: Ragged, label: npt.NDArray[np.integer], several: Bools) -> Ints:
    """Return for each row the place of the first one of the same candidate with the same label.

    Parameters
    ----------
    rows : Ragged
    label : (columns,) int
    several : (columns,) bool
        Rows whose label some other row has: only those are looked at.
    """
    first = np.arange(len(rows.values))
    places = np.flatnonzero(several[rows.values])
    count, number = numbered(owners(rows)[places], label[rows.values[places]])
    of_number = np.empty(count, np.int64)
    of_number[number[::-1]] = places[::-1]
    first[places] = of_number[number]
    return first


def stacked(parts: Sequence[Ragged]) -> Ragged:
    """Return the lists of each part, one part after the other."""
    lengths = [np.diff(part.offsets) for part in parts]
    offsets = starts(np.concatenate([np.empty(0, np.int64), *lengths]))
    return Ragged(offsets, np.concatenate([np.empty(0, np.int64), *(part.values for part in parts)]))


def joined(context: Context, parts: Sequence[Population], unit: str = "", *, narrowed: bool = True) -> Population:
    """Return the candidates of each part, one part after the other; without a unit, their units may differ."""
    subject, course = (
        np.concatenate([np.empty(0, np.int64), *(getattr(part, name) for part in parts)])
        for name in ("subject", "course")
    )
    lists = {
        name: stacked([getattr(part, name) for part in parts])
        for name in ("rows", "breaches", "orders", "suspects", "victims")
    }
    return Population(unit, context, subject, **lists, course=course, narrowed=narrowed)


def in_time_order(context: Context, rows: Ragged) -> Ragged:
    """Return each candidate's distinct rows in time order."""
    columns, owner, row = context.columns, owners(rows), rows.values
    order = order_by(owner, columns.start[row], columns.incident[row], row)
    owner, row = owner[order], row[order]
    fresh = changes(owner, row)
    return Ragged.of(owner[fresh], row[fresh], len(rows))


def population(context: Context, unit: str) -> Population:
    """Return the candidates of a unit.

    Parameters
    ----------
    context : Context
    unit : str
        ``course``: every candidate course. ``breach``: each incident against an order (or none on file) by a
        suspect. ``order``: every order of a respondent. ``dyad``: each suspect and victim with conduct on
        record. ``suspect``: each suspect with a candidate course, or with conduct towards several victims.
    """
    return _BUILDERS[unit](context)


def single_breaches(context: Context) -> Population:
    """Return every row of the breaches frame as a candidate of its own, for member conditions."""
    n = len(context.breach)
    return _breach_groups(context, np.arange(n), n)


def _courses(context: Context) -> Population:
    courses = context.courses
    breaches = context.breaches_of(courses.rows)
    n = len(courses.frame)
    return Population(
        "course", context, np.arange(n), courses.rows, breaches, _orders(context, breaches),
        courses.suspects, courses.victims, np.arange(n),
    )  # fmt: skip


def _breaches(context: Context) -> Population:
    b = context.breach
    count, group = numbered(b.suspect, b.incident, b.order)
    return _breach_groups(context, group, count)


def _breach_groups(context: Context, group: Ints, n: int) -> Population:
    breaches = Ragged.of(group, np.arange(len(context.breach)), n)
    blank = Ragged(np.zeros(n + 1, np.int64), np.empty(0, np.int64))
    subject = breaches.values[breaches.offsets[:-1]] if n else np.empty(0, np.int64)
    empty = Population("breach", context, subject, blank, blank, blank, blank, blank, np.full(n, -1, np.int64))
    kept = _of_breaches(empty, breaches)
    return replace(
        kept,
        orders=_orders(context, breaches),
        suspects=kept.distinct(kept.rows, context.columns.suspect),
        course=_course_of_breaches(context, breaches),
    )


def _order_lives(context: Context) -> Population:
    register, b = context.register, context.breach
    n = len(register)
    on_file = np.flatnonzero((b.version >= 0) & ~context.told_beside)
    breaches = Ragged.of(register.of_version[b.version[on_file]], on_file, n)
    one = np.arange(n + 1)
    empty = Population(
        "order", context, np.arange(n), breaches, breaches, Ragged(one, register.order),
        Ragged(one, register.respondent), register.protected, np.full(n, -1, np.int64),
    )  # fmt: skip
    return replace(_of_breaches(empty, breaches), course=_course_of_breaches(context, breaches))


def _dyads(context: Context) -> Population:
    dyads, register = context.dyads, context.register
    n = len(dyads.suspect)
    rows = context.dyad_rows
    one = np.arange(n + 1)
    breaches = context.breaches_of(rows)
    protecting = Ragged.distinct(register.dyads.values, register.order[owners(register.dyads)], n)
    return Population(
        "dyad", context, np.arange(n), rows, breaches, protecting,
        Ragged(one, dyads.suspect), Ragged(one, dyads.victim), context.course_of_dyad,
    )  # fmt: skip


def _suspects(context: Context) -> Population:
    dyads = context.dyads
    person, index = np.unique(dyads.suspect, return_inverse=True)
    several = np.bincount(index, minlength=len(person)) > 1
    several[index[context.course_of_dyad >= 0]] = True
    place = np.where(several, np.cumsum(several) - 1, -1)[index]
    people, n = person[several], int(several.sum())
    held = context.dyad_rows.take(np.flatnonzero(place >= 0))
    rows = in_time_order(context, Ragged.of(place[place >= 0][owners(held)], held.values, n))
    breaches = context.breaches_of(rows)
    best = strongest(place, context.course_of_dyad, context.strength, n)
    made = Population(
        "suspect", context, people.astype(np.int64), rows, breaches, _orders(context, breaches),
        Ragged(np.arange(n + 1), people.astype(np.int64)), rows, best,
    )  # fmt: skip
    return replace(made, victims=made.distinct(rows, context.columns.victim))


_BUILDERS = {"course": _courses, "breach": _breaches, "order": _order_lives, "dyad": _dyads, "suspect": _suspects}


def _count(lists: Ragged, where: npt.NDArray[np.bool_]) -> Ints:
    return np.diff(starts(where.take(lists.values)).take(lists.offsets))


def _of_breaches(given: Population, breaches: Ragged) -> Population:
    """Return a population whose rows are those of its breaches."""
    context = given.context
    rows = in_time_order(context, Ragged(breaches.offsets, context.breach.row[breaches.values]))
    return replace(given, breaches=breaches, rows=rows, victims=_victims(given, rows))


def _victims(given: Population, rows: Ragged) -> Ragged:
    """Return the victims on the rows, or those given before where the rows name none. Nobody is their own victim."""
    columns = given.context.columns
    found = given.distinct(rows, np.where(columns.victim == columns.suspect, -1, columns.victim))
    blank = np.diff(found.offsets) == 0
    if not blank.any():
        return found
    before = given.victims.take(np.flatnonzero(blank))
    owner = np.concatenate([owners(found), np.flatnonzero(blank)[owners(before)]])
    return Ragged.of(owner, np.concatenate([found.values, before.values]), len(given))


def _orders(context: Context, breaches: Ragged) -> Ragged:
    codes = context.breach.order[breaches.values]
    return Ragged.distinct(owners(breaches)[codes >= 0], codes[codes >= 0], len(breaches))


def _course_of_breaches(context: Context, breaches: Ragged) -> Ints:
    return strongest(owners(breaches), context.breach.course[breaches.values], context.strength, len(breaches))

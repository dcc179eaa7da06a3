"""What a further record of two people changes elsewhere: in the other direction, and of others told with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from breachpattern.cases.chains import chain, entries_of
from breachpattern.cases.courses import Traits
from breachpattern.cases.nexus import Custody, is_spell
from breachpattern.cases.occasions import Entry
from breachpattern.cases.view import View
from breachpattern.cases.wider import Wider, identity_of
from breachpattern.linking.ties import tie_table

if TYPE_CHECKING:
    from breachpattern.cases.courses import Course
    from breachpattern.cases.file import Cases
    from breachpattern.cases.rows import Row

Graded = list[tuple[list[int], int, int]]


def turned(after: View) -> list[View]:
    """Return the case of the victim towards the suspect; nothing where the record changes nothing of it.

    A course weighs less where the other person does as much: a record of the one is a counter-signal of the other.
    """
    before = View(after.cases, after.laws, after.victim, after.suspect, after.now)
    if before.own is None or not (before.own.links().courses or before.own.units):
        return []
    with_it = View(after.cases, after.laws, after.victim, after.suspect, after.now, before, facing=after)
    with_it.regrade()
    return [with_it] if before.changing or with_it.changing else []


def bound(after: View) -> Iterator[tuple[View, set[str]]]:
    """Yield the cases of those whom orders bind that a record of an unknown suspect breaches, and these orders."""
    cases, laws, record = after.cases, after.laws, after.record
    for respondent, orders in sorted(cases.bound(record).items()) if record is not None else ():
        before = View(cases, laws, respondent, after.victim, after.now)
        view = View(cases, laws, respondent, after.victim, after.now, before)
        view.record, view.fresh = record, after.fresh  # it is none of the pair
        yield view, orders


def regraded(before: View, after: View) -> Iterator[Entry]:
    """Yield the rows of other pairs of a group or a joint unit of which the strength changed with the record."""
    own = after.suspect, after.victim
    was, now = (_strengths(view.wider) for view in (before, after))
    for wider in (*before.wider, *after.wider):
        for course in wider.courses:
            for entry in entries_of(wider.chain, course):
                row = entry.row
                key = identity_of(row)
                if (row.suspect, row.victim) != own and was.get(key, 0) != now.get(key, 0):
                    yield entry


def _strengths(units: list[Wider]) -> dict[tuple[str, str, str, int], int]:
    out: dict[tuple[str, str, str, int], int] = {}
    for wider in units:
        for key, strength in wider.strengths.items():
            out[key] = max(out.get(key, 0), strength)
    return out


def explains_gaps(cases: Cases, row: Row) -> bool:
    """Return whether a record is time in custody that explains gaps in what the suspect did to somebody else."""
    if not is_spell(row):
        return False
    custody = None
    for victim in cases.strengths_towards(row.suspect):
        pair = cases.pair(row.suspect, victim)
        if victim == row.victim or pair.last_start <= row.start or pair.count < 2:
            continue
        if pair.units:
            return True
        custody = custody or Custody([*cases.spells(row.suspect), row])
        with_it = chain(list(pair.occasions), Traits(), pair.beside, custody)
        if _graded(with_it.courses) != _graded(pair.links().courses):
            return True
    return False


def _graded(courses: list[Course]) -> Graded:
    return sorted((c.members, c.strength, c.signals) for c in courses)


def crowds(cases: Cases, row: Row) -> bool:
    """Return whether with a record so many people use a number, account or vehicle that it ties nobody any more."""
    users = cases.users_of(row.means, "")
    return row.suspect not in users and len(users) == tie_table()[1].most_people

"""A straightforward reference: the words of the task in records, dictionaries and loops.

It is written from the pages that say what the answers are (the interface, ``docs/strength.md``, ``docs/reference``,
``docs/decisions``), one record at a time, and shares with the engine only what is contract or data: the Pydantic
models, the calendar, the catalogue of law, the numbers of the strength rule and the patterns' text. It knows nothing of
columns, codes, sorts or masks. So it is slow, and it is what the engine is held to, and timed against.

What it does not read it refuses: see :data:`benchmarks.reference.reading.NOT_READ`; person records and ties on file are
no argument of it. Which patterns it leaves out, :func:`benchmarks.reference.findings.not_covered` says.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime

from breachpattern.law import Catalogue
from breachpattern.spans import as_of_second

from .breaches import Breach, find_breaches
from .candidates import Case
from .contact import inferred_contact
from .courses import Course, World, courses_of, custody_of
from .findings import Finding, find, not_covered
from .occasions import Dyad, Occasion, by_dyad, count_prior_breaches, evidence, facts, prior_occasions
from .orders import lives
from .reading import NotCovered, Record, Source, read_incidents, read_orders
from .units import DYAD, dyad_units, find_ties, group_units, joint_units


@dataclass
class Answer:
    """What the reference says of an extract."""

    breaches: list[Breach]
    courses: list[Course]
    findings: list[Finding]
    case: Case


def score(incidents: Source, orders: Source = (), as_of: str | date | datetime | None = None) -> Answer:
    """Return the breaches, courses and findings of an extract as known at an instant.

    Parameters
    ----------
    incidents, orders : path or iterable of mappings
        CSV, Parquet or rows.
    as_of : str, date, datetime, optional
        Default now.

    Raises
    ------
    NotCovered
        Where the extract holds something that the reference does not work out.
    """
    law, now = Catalogue.load(), as_of_second(datetime.now(UTC) if as_of is None else as_of)
    records = read_incidents(incidents, law, now)
    known_orders = lives(read_orders(orders), law, now)
    breaches = find_breaches(records, known_orders, law)
    conduct = by_dyad(evidence(records))
    ties = find_ties(records, known_orders)
    dropped: dict[Dyad, list[Record]] = defaultdict(list)
    for r in records:
        if r.cancelled and r.suspect is not None and r.victim is not None:
            dropped[r.suspect, r.victim].append(r)
    founded: dict[Record, frozenset[str]] = {}
    for breach in breaches:
        if breach.version is not None:
            founded[breach.record] = founded.get(breach.record, frozenset()) | breach.version.founded_on
    known = facts(records, breaches, known_orders)
    world = World(conduct, dropped, custody_of(records), founded, known)
    occasions: dict[Dyad, list[Occasion]] = {}
    courses: list[Course] = []
    for unit in [*dyad_units(conduct), *group_units(conduct, ties), *joint_units(conduct, ties)]:
        told, found = courses_of(unit, world)
        courses += found
        if unit.kind == DYAD:
            occasions[unit.dyads[0]] = told
    case = Case(
        law, now, records, known_orders, breaches, conduct, occasions, courses,
        inferred_contact(records, known_orders, ties),
    )  # fmt: skip
    for course in courses:
        course.breaches = len({breach.record.incident for breach in case.breaches_on(course.rows)})
    count_prior_breaches(breaches)
    for breach in breaches:
        breach.course = case.course_of_row.get(breach.record, -1)
        own = occasions.get((str(breach.suspect), str(breach.victim)), ())
        breach.prior_occasions = prior_occasions(breach, own)
    return Answer(breaches, courses, find(case), case)


__all__ = ["Answer", "NotCovered", "not_covered", "score"]

"""Groups and joint units: several pairs whose courses are told together."""

from __future__ import annotations

from dataclasses import dataclass, field

from breachpattern.cases.chains import Chain, entries_of, extended
from breachpattern.cases.courses import Course
from breachpattern.cases.nexus import Custody
from breachpattern.cases.occasions import REACH, Entry, occasion_of
from breachpattern.cases.rows import Row

Identity = tuple[str, str, str, int]


@dataclass(slots=True, eq=False)
class Wider:
    """A group or a joint unit: its rows, their courses together, and the strength of the course that holds each row."""

    kind: int
    chain: Chain
    courses: list[Course]
    parts: dict[tuple[str, str], int]
    custody: Custody
    references: set[str]
    last_start: int
    last_end: int
    strengths: dict[Identity, int] = field(default_factory=dict)


def identity_of(row: Row) -> Identity:
    """Return what tells rows of a wider unit apart."""
    return row.suspect, row.victim, row.incident, row.place


def summed(
    kind: int,
    made: Chain,
    parts: dict[tuple[str, str], int],
    custody: Custody,
    references: set[str],
    last_start: int,
    last_end: int,
) -> Wider:
    """Return a wider unit with those of its courses that reach several of its parts."""
    courses: list[Course] = []
    strengths: dict[Identity, int] = {}
    for course in made.courses:
        rows = [e.row for e in entries_of(made, course)]
        if len({parts[row.suspect, row.victim] for row in rows}) >= 2:
            courses.append(course)
            for row in rows:
                key = identity_of(row)
                strengths[key] = max(strengths.get(key, 0), course.strength)
    return Wider(kind, made, courses, parts, custody, references, last_start, last_end, strengths)


def with_row(wider: Wider, entry: Entry) -> Wider | None:
    """Return a wider unit with one more row, ``None`` where it has to be built anew."""
    row = entry.row
    if row.start <= wider.last_start or row.start < wider.last_end:
        return None
    if row.occurrence and row.occurrence in wider.references and row.start < wider.last_start + REACH:
        return None
    made = extended(wider.chain, occasion_of([entry]), wider.custody)
    references = wider.references | {row.occurrence} if row.occurrence else wider.references
    last = row.start, max(wider.last_end, row.end)
    return summed(wider.kind, made, wider.parts, wider.custody, references, *last)

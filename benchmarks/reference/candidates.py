"""What patterns judge: courses, breaches, orders, dyads and suspects, each with everything on record about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import networkx as nx

from breachpattern.law import Catalogue

from .breaches import Breach
from .contact import Inferred
from .courses import STRENGTH, Course
from .occasions import ARREST, Dyad, Occasion, only_arrest
from .orders import WholeOrder
from .reading import Record
from .units import DYAD, users


@dataclass
class Case:
    """Everything on record, as known at an instant."""

    law: Catalogue
    now: int
    records: list[Record]
    orders: list[WholeOrder]
    breaches: list[Breach]
    dyads: dict[Dyad, list[Record]]
    occasions: dict[Dyad, list[Occasion]]
    courses: list[Course]
    inferred: list[Inferred]

    def __post_init__(self) -> None:
        self.place = {
            r: i for i, r in enumerate(sorted(self.records, key=lambda r: (
                r.suspect or "", r.victim or "", r.start, r.end, r.incident, r.place
            )))
        }  # fmt: skip
        self.dyad_of = {r: dyad for dyad, rows in self.dyads.items() for r in rows}
        self.event, self.event_start, self.event_stands_for = self._events()
        self.breaches_of: dict[Record, list[Breach]] = defaultdict(list)
        for breach in self.breaches:
            self.breaches_of[breach.record].append(breach)
        self.course_of_dyad: dict[Dyad, int] = {}
        self.course_of_row: dict[Record, int] = {}
        for number, course in enumerate(self.courses):
            for record in course.rows:
                self.course_of_row[record] = self.stronger(self.course_of_row.get(record, -1), number)
            if course.unit.kind == DYAD:
                dyad = course.unit.dyads[0]
                self.course_of_dyad[dyad] = self.stronger(self.course_of_dyad.get(dyad, -1), number)
        self.orders_of_dyad: dict[Dyad, list[WholeOrder]] = defaultdict(list)
        for whole in self.orders:
            for person in whole.protected:
                self.orders_of_dyad[whole.respondent, person].append(whole)

    def _events(self) -> tuple[dict[Record, int], dict[Record, int], dict[Record, int]]:
        """Return a label, the first second and the occasions of the event that each record records.

        Whoever the victims are: records of one incident and of one occasion of two people are one event.
        """
        graph = nx.Graph()
        graph.add_nodes_from(self.records)
        first: dict[str, Record] = {}
        for r in self.records:
            graph.add_edge(r, first.setdefault(r.incident, r))
        for told in self.occasions.values():
            for occasion in told:
                graph.add_edges_from((occasion.records[0], r) for r in occasion.records[1:])
        stands = {r: o.count for told in self.occasions.values() for o in told for r in o.records}
        label, start, count = {}, {}, {}
        for part in nx.connected_components(graph):
            least, begun = min(self.place[r] for r in part), min(r.start for r in part)
            most = max((stands.get(r, 0) for r in part), default=0)
            for r in part:
                label[r], start[r], count[r] = least, begun, most
        return label, start, count

    def strength(self, course: int) -> int:
        return STRENGTH[self.courses[course].strength] if course >= 0 else 0

    def stronger(self, one: int, other: int) -> int:
        """Return the stronger of two courses, the first of equals."""
        if one < 0 or other < 0:
            return max(one, other)
        return min((one, other), key=lambda c: (-self.strength(c), c))

    def strongest(self, courses: Iterable[int]) -> int:
        best = -1
        for course in courses:
            best = self.stronger(best, course)
        return best

    def in_turn(self, rows: Iterable[Record]) -> list[Record]:
        """Return distinct records in time order."""
        return sorted(set(rows), key=lambda r: (r.start, r.incident, self.place[r]))

    def breaches_on(self, rows: Iterable[Record]) -> list[Breach]:
        return [breach for r in rows for breach in self.breaches_of.get(r, ())]

    def conduct_under(self, whole: WholeOrder) -> list[Record]:
        """Return the respondent's conduct towards the people whom an order protects."""
        return [r for person in sorted(whole.protected) for r in self.dyads.get((whole.respondent, person), ())]

    @cached_property
    def users(self) -> dict[str, dict[str, int]]:
        """Who used each number, account, house or vehicle."""
        return users(self.records)

    @cached_property
    def unattributed(self) -> dict[str, list[Record]]:
        """Records of unknown suspects by what was used."""
        out: dict[str, list[Record]] = defaultdict(list)
        for r in self.records:
            if r.suspect is None and r.means is not None and not r.cancelled:
                out[r.means].append(r)
        return out

    @cached_property
    def families(self) -> dict[str, set[str]]:
        out: dict[str, set[str]] = defaultdict(set)
        for whole in self.orders:
            out[whole.order].add(whole.kind.family)
        return out


@dataclass
class Candidate:
    """One course, breach, order, dyad or suspect, and what is on record about it."""

    case: Case
    unit: str
    rows: list[Record]
    breaches: list[Breach]
    orders: list[str]
    suspects: list[str]
    victims: list[str]
    course: int
    whole: WholeOrder | None = None
    dyad: Dyad | None = None
    own: list[Breach] = field(default_factory=list)

    def with_members(self, keep: Callable[[Breach], bool]) -> Candidate:
        """Return the candidate with only some of its breaches; an order keeps only their rows."""
        breaches = [breach for breach in self.breaches if keep(breach)]
        if self.unit not in ("order", "breach"):
            return replace(self, breaches=breaches)
        rows = self.case.in_turn(breach.record for breach in breaches)
        course = self.case.strongest(breach.course for breach in breaches)
        return replace(self, breaches=breaches, rows=rows, victims=self._victims(rows), course=course)

    def about(self, rows: Sequence[Record]) -> Candidate:
        """Return the candidate with other records as its evidence."""
        rows = self.case.in_turn(rows)
        breaches = self.case.breaches_on(rows)
        victims = self._victims(rows)
        if self.unit == "order":
            breaches = [breach for breach in breaches if breach in self.breaches]
            course = self.case.strongest(self.case.course_of_row.get(r, -1) for r in rows)
            return replace(self, rows=rows, breaches=breaches, victims=victims, course=course)
        orders = self.orders if self.unit == "dyad" else orders_of(breaches)
        return replace(self, rows=rows, breaches=breaches, victims=victims, orders=orders)

    def _victims(self, rows: Iterable[Record]) -> list[str]:
        return victims_of(rows) or self.victims


def victims_of(rows: Iterable[Record]) -> list[str]:
    """Return the victims of some records; nobody is their own victim."""
    return sorted({r.victim for r in rows if r.victim is not None and r.victim != r.suspect})


def orders_of(breaches: Iterable[Breach]) -> list[str]:
    return sorted({breach.order for breach in breaches if breach.order is not None})


def candidates(case: Case, unit: str) -> list[Candidate]:
    """Return all candidates of a unit."""
    return {"course": _courses, "breach": _breaches, "order": _orders, "dyad": _dyads, "suspect": _suspects}[unit](case)


def single(case: Case, breach: Breach) -> Candidate:
    """Return one breach as a candidate of its own, for conditions on members."""
    rows = [breach.record]
    suspects = [breach.suspect] if breach.suspect is not None else []
    return Candidate(
        case, "breach", rows, [breach], orders_of([breach]), suspects, victims_of(rows), breach.course
    )  # fmt: skip


def _courses(case: Case) -> list[Candidate]:
    out = []
    for number, course in enumerate(case.courses):
        breaches = case.breaches_on(course.rows)
        out.append(
            Candidate(
                case, "course", course.rows, breaches, orders_of(breaches), course.suspects, course.victims, number
            )
        )
    return out


def _breaches(case: Case) -> list[Candidate]:
    groups = defaultdict(list)
    for breach in case.breaches:
        groups[breach.suspect, breach.record.incident, breach.order].append(breach)
    out = []
    for breaches in groups.values():
        rows = case.in_turn(breach.record for breach in breaches)
        suspects = sorted({r.suspect for r in rows if r.suspect is not None})
        course = case.strongest(breach.course for breach in breaches)
        out.append(
            Candidate(case, "breach", rows, breaches, orders_of(breaches), suspects, victims_of(rows), course)
        )  # fmt: skip
    return out


def _orders(case: Case) -> list[Candidate]:
    own = defaultdict(list)
    for breach in case.breaches:
        if breach.version is not None:
            own[breach.version.order, breach.version.respondent].append(breach)
    out = []
    for whole in case.orders:
        told = own[whole.order, whole.respondent]
        breaches = [b for b in told if not _told_beside(b.record, [other.record for other in told])]
        rows = case.in_turn(breach.record for breach in breaches)
        victims = victims_of(rows) or sorted(whole.protected)
        course = case.strongest(breach.course for breach in breaches)
        out.append(
            Candidate(
                case, "order", rows, breaches, [whole.order], [whole.respondent], victims, course, whole=whole
            )
        )  # fmt: skip
    return out


def _told_beside(r: Record, records: Sequence[Record]) -> bool:
    """Return whether a record of a breach is only of an arrest, for one of the same order that has its own record."""
    return (
        r.suspect is not None
        and only_arrest(r)
        and any(
            o.suspect == r.suspect and r.victim in (None, o.victim) and r.start - ARREST <= o.start < r.end
            for o in records
            if not only_arrest(o)
        )
    )


def _dyads(case: Case) -> list[Candidate]:
    return [
        Candidate(
            case,
            "dyad",
            rows,
            case.breaches_on(rows),
            sorted({whole.order for whole in case.orders_of_dyad.get(dyad, ())}),
            [dyad[0]],
            [dyad[1]],
            case.course_of_dyad.get(dyad, -1),
            dyad=dyad,
        )
        for dyad, rows in case.dyads.items()
    ]


def _suspects(case: Case) -> list[Candidate]:
    of_suspect = defaultdict(list)
    for dyad in case.dyads:
        of_suspect[dyad[0]].append(dyad)
    out = []
    for suspect, dyads in of_suspect.items():
        course = case.strongest(case.course_of_dyad.get(dyad, -1) for dyad in dyads)
        if len(dyads) < 2 and course < 0:
            continue
        rows = case.in_turn(r for dyad in dyads for r in case.dyads[dyad])
        breaches = case.breaches_on(rows)
        out.append(Candidate(case, "suspect", rows, breaches, orders_of(breaches), [suspect], victims_of(rows), course))
    return out

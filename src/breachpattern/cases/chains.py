"""The occasions of one unit as a chain. Mirrors :mod:`breachpattern.timelines.chains`.

A chain is kept with the links that hold each course together, so that an occasion after all others is compared with
the few before it and changes only the course that it joins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from breachpattern.cases.courses import NOTHING, Beside, Course, Traits, course_from, enlarged, weighed
from breachpattern.cases.nexus import RULE, Custody, Link, compare
from breachpattern.cases.occasions import Entry, Joined, Occasion
from breachpattern.timelines.units import DYAD

STEP, MARKS = 16, 6  # a chain is kept as it was every so many occasions back, and so often
LISTS = ("occasions", "links", "label", "course_of", "places")  # of a chain, put together when asked for


@dataclass(slots=True, eq=False)
class Step:
    """What one more occasion adds to a chain: itself with its links, and with other ``members`` to a course.

    ``label`` and ``which`` are theirs, as a chain has them.
    """

    place: int
    occasion: Occasion
    links: list[Link]
    members: list[int]
    label: int
    which: int = -1
    course: Course | None = None


@dataclass(slots=True, eq=False)
class Chain:
    """The occasions of a unit, the links between them and the courses that they make.

    ``links`` are those of each occasion with earlier ones, ``None`` until they are asked for; ``label`` is, for each
    occasion, the first one that links join it to; ``course_of`` the course that holds it, ``-1`` where none. ``loose``
    tells that nothing joins any of them and all stand together all the same. ``places`` has the occasions of incidents
    on which orders were founded, as far as these were asked for. ``marks`` are the chain as it was when it was shorter,
    to begin from where an occasion comes late. One that grew by a ``step`` has its lists from the ``former``.
    """

    traits: Traits
    beside: Beside
    occasions: list[Occasion]
    links: list[list[Link] | None]
    label: list[int] = field(default_factory=list)
    courses: list[Course] = field(default_factory=list)
    course_of: list[int] = field(default_factory=list)
    loose: bool = False
    places: dict[str, list[int]] = field(default_factory=dict)
    marks: tuple[Chain, ...] = ()
    former: Chain | None = None
    step: Step | None = None

    def __getattr__(self, name: str) -> Any:
        """Return a list of a chain that is another one and a step, all put together when somebody asks for one."""
        if name not in LISTS:  # asked first: a chain that is being copied has nothing yet
            raise AttributeError(name)
        former, step = self.former, self.step
        if former is None or step is None:
            raise AttributeError(name)
        whole = former.copy()
        self.occasions, self.links, self.places = whole.occasions, whole.links, whole.places
        self.label, self.course_of = whole.label, whole.course_of
        _put(self, step)
        self.former = self.step = None
        return getattr(self, name)

    def with_step(self, step: Step) -> Chain:
        """Return the chain with one more occasion; its courses are known, its lists are put together when asked for."""
        out = Chain.__new__(Chain)
        out.traits, out.beside, out.loose = self.traits, self.beside, False
        out.courses, out.marks = list(self.courses), self.marks
        out.former, out.step = self, step
        _replace(out.courses, step)
        _mark(out, len(self.occasions), self.alone)
        return out

    def course_at(self, place: int) -> Course | None:
        """Return the course that holds an occasion, if one does."""
        step = self.step
        which = step.which if step is not None and step.place == place else self.course_of[place]
        return self.courses[which] if which >= 0 else None

    def told_apart(self, was: Chain) -> tuple[list[Course], list[Course]]:
        """Return the courses of a chain that are not here any more, and those that are new here."""
        step = self.step
        if step is not None and self.former is was:
            return (was.courses[step.which : step.which + 1], [step.course]) if step.course is not None else ([], [])
        left, come = set(self.courses), set(was.courses)
        return [c for c in was.courses if c not in left], [c for c in self.courses if c not in come]

    def copy(self) -> Chain:
        """Return one that may be added to."""
        places = {incident: list(own) for incident, own in list(self.places.items())}
        return Chain(
            self.traits, self.beside, list(self.occasions), list(self.links), list(self.label), list(self.courses),
            list(self.course_of), self.loose, places, self.marks,
        )  # fmt: skip

    def alone(self) -> Chain:
        """Return it without its marks, to be read and never added to."""
        return Chain(
            self.traits, self.beside, self.occasions, self.links, self.label, self.courses, self.course_of, self.loose,
            self.places,
        )  # fmt: skip


def chain(
    occasions: list[Occasion],
    traits: Traits,
    beside: Beside,
    custody: Custody,
) -> Chain:
    """Return the chain of a unit from its occasions in time order."""
    out = Chain(traits, beside, [], [])
    first = len(occasions) - (MARKS - 1) * STEP if len(occasions) >= 2 * MARKS * STEP else len(occasions)
    for n, two in enumerate(occasions[:first]):
        _put(out, Step(n, two, _compared(out, n, two, custody), [n], n))
    _join(out, custody)
    for two in occasions[first:]:
        _mark(out, len(out.occasions), out.copy)
        _add(out, two, custody)
    return out


def recalled(occasions: list[Occasion], beside: Beside, courses: list[Course]) -> Chain:
    """Return the chain of a suspect towards a victim whose courses the engine found."""
    n = len(occasions)
    label, course_of = list(range(n)), [-1] * n
    for which, course in enumerate(courses):
        for member in course.members:
            label[member], course_of[member] = course.members[0], which
    loose = any(len(c.members) > 1 and not any(link.joins for link in c.tree) for c in courses)
    if loose:
        label = list(range(n))
    return Chain(Traits(), beside, occasions, [None] * n, label, courses, course_of, loose)


def extended(held: Chain, occasion: Occasion, custody: Custody) -> Chain:
    """Return the chain with an occasion that begins after all others, which nothing makes one with any of them."""
    n = len(held.occasions)
    if not _founded_on(occasion):
        step = _step(held, Step(n, occasion, _compared(held, n, occasion, custody), [n], n), custody)
        if step is not None:
            return held.with_step(step)
    out = held.copy()
    _mark(out, n, held.alone)
    _add(out, occasion, custody)
    return out


def changed(held: Chain, place: int, later: list[Occasion], custody: Custody) -> Chain:
    """Return the chain with other occasions from a place on, begun again from where it was before that."""
    for mark in reversed(held.marks):
        n = len(mark.occasions)
        if n <= place:
            out = mark.copy()
            out.marks = held.marks[: held.marks.index(mark) + 1]
            mine: set[Course] = set()
            for one in (*held.occasions[n:place], *later):
                if _mark(out, len(out.occasions), out.copy):
                    mine.clear()
                _add(out, one, custody, mine)
            return out
    return chain([*held.occasions[:place], *later], held.traits, held.beside, custody)


def _mark(held: Chain, n: int, former: Callable[[], Chain]) -> bool:
    """Keep a chain as it was with ``n`` occasions, every so many of them; whether that was done."""
    due = n >= STEP and (not held.marks or n - len(held.marks[-1].occasions) >= STEP)
    if due:
        mark = former()
        mark.marks = ()
        held.marks = (*held.marks[1 - MARKS :], mark)
    return due


def _add(held: Chain, occasion: Occasion, custody: Custody, mine: set[Course] | None = None) -> None:
    """Put an occasion at the end of a chain: it is compared with three others, and changes one course as a rule.

    ``mine`` are courses that nobody else has seen, whose lists the course that takes their place may take over.
    """
    n = len(held.occasions)
    alone = Step(n, occasion, _compared(held, n, occasion, custody), [n], n)
    step = _step(held, alone, custody, mine)
    _put(held, step or alone)
    if step is None:
        _join(held, custody)
        return
    _replace(held.courses, step)
    if mine is not None and step.course is not None:
        mine.add(step.course)


def _step(held: Chain, alone: Step, custody: Custody, mine: set[Course] | None = None) -> Step | None:
    """Return what an occasion changes that comes after all others, with its links but in no course as yet.

    ``None`` where courses become one, or are numbered anew by their first occasion. The chain stays as it is.
    """
    n, fresh, occasion = alone.place, alone.links, alone.occasion
    label, course_of, courses = held.label, held.course_of, held.courses
    joined = sorted({label[link.earlier] for link in fresh if link.joins})
    own = [one for one in joined if course_of[one] >= 0]
    members = [*(one for one in joined if one not in own), n]
    last = courses[-1].members[0] if courses else -1
    numbered = joined[0] == own[0] if own else members[0] > last
    if held.loose or len(own) > 1 or not numbered or (not courses and held.traits.kind == DYAD):
        return None
    if not joined and occasion.count < 2:
        return alone
    which, course = (course_of[own[0]], courses[course_of[own[0]]]) if own else (len(courses), NOTHING)
    links = [link for link in fresh if course_of[link.earlier] == which or link.earlier in members]
    for later in range(members[0], n):
        if course_of[later] == which or later in members:
            links += [
                link
                for link in _links(held, later, custody)
                if link.earlier in members or (later in members and course_of[link.earlier] == which)
            ]
    taken = mine is not None and course in mine
    grown = enlarged(course, held.occasions, occasion, members, links, held.traits, held.beside, taken=taken)
    return Step(n, occasion, fresh, members, joined[0] if joined else n, which, grown)


def weighed_anew(held: Chain, beside: Beside) -> Chain:
    """Return the chain where something else stands beside it: occasions and links are the same."""
    out = held.copy()
    out.beside, out.marks = beside, ()
    out.courses = [weighed(course, held.traits, held.beside, beside) for course in held.courses]
    return out


def entries_of(held: Chain, course: Course) -> list[Entry]:
    """Return the entries of a course in time order."""
    found = [entry for member in course.members for entry in held.occasions[member].entries]
    found.sort(key=lambda e: (e.row.start, e.row.incident))
    return found


def _founded_on(occasion: Occasion) -> set[str]:
    """Return the incidents on which the orders that an occasion breaches were founded."""
    out: set[str] = set()
    for entry in occasion.entries:
        for breach in entry.breaches:
            if breach.founded:
                out |= breach.founded
    return out


def _put(held: Chain, step: Step) -> None:
    """Put an occasion at the end of the lists of a chain."""
    held.occasions.append(step.occasion)
    held.links.append(step.links)
    held.label.append(step.label)
    held.course_of.append(step.which)
    for one in step.members[:-1]:
        held.label[one], held.course_of[one] = step.label, step.which
    if held.places:
        for incident in {e.row.incident for e in step.occasion.entries} & held.places.keys():
            held.places[incident].append(step.place)


def _replace(courses: list[Course], step: Step) -> None:
    """Put the course that grew in its place."""
    if step.course is not None:
        courses[step.which : step.which + 1] = [step.course]


def _links(held: Chain, j: int, custody: Custody) -> list[Link]:
    """Return the links of an occasion with earlier ones."""
    found = held.links[j]
    if found is None:
        found = held.links[j] = _compared(held, j, held.occasions[j], custody)
    return found


def _compared(held: Chain, j: int, two: Occasion, custody: Custody) -> list[Link]:
    """Mirror ``_compared`` and ``founded_pairs`` for one later occasion; of two links of one pair the stronger."""
    occasions = held.occasions
    near = range(max(j - RULE.lags, 0), j)
    links = [compare(i, occasions[i], j, two, founded=False, custody=custody) for i in near]
    founded = _founded_on(two)
    if not founded:
        return links
    best = dict(zip(near, links, strict=True))
    for i in _found(held, founded):
        if i < j and occasions[i].start < two.start:
            link = compare(i, occasions[i], j, two, founded=True, custody=custody)
            best[i] = min(best.get(i, link), link)
    return list(best.values())


def _found(held: Chain, incidents: set[str]) -> set[int]:
    """Return the occasions of some incidents."""
    unknown = incidents - held.places.keys()
    if unknown:
        found: dict[str, list[int]] = {incident: [] for incident in unknown}
        for i, occasion in enumerate(held.occasions):
            for incident in {e.row.incident for e in occasion.entries} & unknown:
                found[incident].append(i)
        held.places.update(found)  # at once: another thread may read them
    return {i for incident in incidents for i in held.places[incident]}


def _join(held: Chain, custody: Custody) -> None:
    """Find the courses of all occasions. Mirrors ``find_chains`` and ``_summarise``."""
    occasions, n = held.occasions, len(held.occasions)
    joined = Joined(n)
    for i in range(n):
        for link in _links(held, i, custody):
            if link.joins:
                joined.join(link.earlier, link.later)
    held.label = label = [joined.find(i) for i in range(n)]
    count = [0] * n
    for i, one in enumerate(label):
        count[one] += occasions[i].count
    held.loose = held.traits.kind == DYAD and n > 0 and max(count) < 2 and sum(count) >= 2
    if held.loose:
        label = [0] * n
        count[0] = sum(count)
    heads = {one: k for k, one in enumerate(sorted({one for one in label if count[one] >= 2}))}
    held.course_of = course_of = [heads.get(one, -1) for one in label]
    members: list[list[int]] = [[] for _ in heads]
    inside: list[list[Link]] = [[] for _ in heads]
    for i, which in enumerate(course_of):
        if which >= 0:
            members[which].append(i)
            inside[which] += [link for link in _links(held, i, custody) if course_of[link.earlier] == which]
    held.courses = [
        course_from(occasions, own, within, held.traits, held.beside)
        for own, within in zip(members, inside, strict=True)
    ]

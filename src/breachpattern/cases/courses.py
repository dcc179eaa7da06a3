"""Candidate courses of one unit. Mirrors :mod:`breachpattern.timelines.chains` and ``courses``.

A chain is kept with the links that hold each course together, so that an occasion after all others is compared with
the few before it and changes only the course that it joins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log2

from breachpattern.cases.nexus import BIT, FOUNDED, RULE, SERIOUS, TABLE, Custody, Link, compare, points, proximity
from breachpattern.cases.occasions import Entry, Joined, Occasion
from breachpattern.spans import DAY, london_day
from breachpattern.timelines.counter_signals import AROUND, IN_RETURN, MUTUAL
from breachpattern.timelines.courses import (
    ALARM,
    ARGUABLE,
    CHANGED_LIFE,
    CLEAR,
    FEAR_OF_VIOLENCE,
    LIFE_IN_COMMON,
    NOT_KNOWN,
    WEAK,
)
from breachpattern.timelines.units import DYAD, GROUP

BROKEN_AGAIN, PURSUED, GRAVER_EFFECT = BIT["order_broken_again"], BIT["pursued"], BIT["graver_effect"]
PURSUIT = TABLE.kinds["pursuit"]
MANY_ACTS, MINUTES_APART = BIT["many_acts_in_one_record"], BIT["minutes_apart"]
SAME_AGAIN = points(BIT["same_behaviour"])


@dataclass(slots=True, eq=False)
class Beside:
    """What else is on record of the people of a unit: acts in the other direction and cancelled records.

    Each is a list of (start, end, occasions).
    """

    other_direction: Sequence[tuple[int, int, int]] = ()
    cancelled: Sequence[tuple[int, int, int]] = ()


@dataclass(slots=True, eq=False)
class Traits:
    """What is known of a unit as a whole (:class:`~breachpattern.timelines.units.Units`)."""

    kind: int = DYAD
    highest: int = CLEAR
    together: bool = True
    same_means: bool = False
    filed: bool = True


@dataclass(slots=True, eq=False)
class Course:
    """A candidate course of a unit: its occasions, the links that hold it, and what follows from both."""

    members: list[int]
    tree: list[Link]
    inner: float
    inner_count: int
    count: int
    acts: int
    first_at: int
    last_at: int
    link_points: float
    link_signals: int
    strength: int = 0
    support: float = 0.0
    signals: int = 0
    near: dict[int, list[Link]] | None = field(default=None, repr=False)


@dataclass(slots=True, eq=False)
class Chain:
    """The occasions of a unit, the links between them and the courses that they make.

    ``label`` is, for each occasion, the first one that links join it to; ``course_of`` the course that holds it,
    ``-1`` where none. ``loose`` tells that nothing joins any of them and all stand together all the same.
    """

    traits: Traits
    beside: Beside
    occasions: list[Occasion]
    links: list[Link]
    label: list[int]
    courses: list[Course]
    course_of: list[int]
    loose: bool


def chain(
    occasions: list[Occasion],
    traits: Traits,
    beside: Beside,
    custody: Custody,
) -> Chain:
    """Return the chain of a unit from its occasions in time order."""
    links: list[Link] = []
    place = _places(occasions)
    for j, two in enumerate(occasions):
        links += _compared(occasions, j, two, place, custody)
    return _chained(occasions, links, traits, beside)


def extended(held: Chain, occasion: Occasion, custody: Custody) -> Chain:
    """Return the chain with an occasion that begins after all others, which nothing makes one with any of them."""
    n = len(held.occasions)
    occasions = [*held.occasions, occasion]
    founded = _founded_on(occasion)
    place = _places(held.occasions) if founded else {}
    fresh = _compared(occasions, n, occasion, place, custody)
    joined = {held.label[link.earlier] for link in fresh if link.joins}
    links = held.links + fresh
    if held.loose or len(joined) > 1 or (not held.courses and held.traits.kind == DYAD):
        return _chained(occasions, links, held.traits, held.beside)
    label = [*held.label, min(joined, default=n)]
    courses, course_of = list(held.courses), list(held.course_of)
    if not joined:
        if occasion.count < 2:
            return Chain(
                held.traits, held.beside, occasions, links, label, courses, [*course_of, -1], False,
            )  # fmt: skip
        courses.append(_graded(_course(occasions, [n], []), occasions, held.traits, held.beside))
        return Chain(held.traits, held.beside, occasions, links, label, courses, [*course_of, len(courses) - 1], False)
    (one,) = joined
    which = held.course_of[one]
    if which < 0:
        # An occasion that stood alone: courses are numbered by their first occasion, so that all move on.
        return _chained(occasions, links, held.traits, held.beside)
    grown = _grown(courses[which], occasions, [link for link in fresh if held.course_of[link.earlier] == which])
    courses[which] = _graded(grown, occasions, held.traits, held.beside)
    return Chain(held.traits, held.beside, occasions, links, label, courses, [*course_of, which], False)


def inserted(held: Chain, place: int, occasion: Occasion, custody: Custody) -> Chain:
    """Return the chain with an occasion among the others, which nothing makes one with any of them.

    Only the few on either side of it are compared with it; what lies further apart now is compared no longer.
    """
    occasions = [*held.occasions[:place], occasion, *held.occasions[place:]]
    links = []
    for weakness, later, earlier, signals in held.links:
        if earlier < place <= later:
            if later - earlier >= RULE.lags and not signals & FOUNDED:
                continue
            links.append(Link(weakness, later + 1, earlier, signals))
        elif earlier >= place:
            links.append(Link(weakness, later + 1, earlier + 1, signals))
        else:
            links.append(Link(weakness, later, earlier, signals))
    links += _compared(occasions, place, occasion, _places(held.occasions) if _founded_on(occasion) else {}, custody)
    links += [
        compare(place, occasion, j, occasions[j], founded=False, custody=custody)
        for j in range(place + 1, min(place + 1 + RULE.lags, len(occasions)))
    ]
    return _chained(occasions, links, held.traits, held.beside)


def entries_of(held: Chain, course: Course) -> list[Entry]:
    """Return the entries of a course in time order."""
    found = [entry for member in course.members for entry in held.occasions[member].entries]
    found.sort(key=lambda e: (e.row.start, e.row.incident))
    return found


def _places(occasions: Sequence[Occasion]) -> dict[str, list[int]]:
    """Return the occasions of each incident."""
    out: dict[str, list[int]] = {}
    for i, occasion in enumerate(occasions):
        for entry in occasion.entries:
            held = out.setdefault(entry.row.incident, [])
            if not held or held[-1] != i:
                held.append(i)
    return out


def _founded_on(occasion: Occasion) -> set[str]:
    """Return the incidents on which the orders that an occasion breaches were founded."""
    out: set[str] = set()
    for entry in occasion.entries:
        for breach in entry.breaches:
            if breach.founded:
                out |= breach.founded
    return out


def _compared(
    occasions: Sequence[Occasion], j: int, two: Occasion, place: dict[str, list[int]], custody: Custody
) -> list[Link]:
    """Mirror ``_compared`` and ``founded_pairs`` for one later occasion; of two links of one pair the stronger."""
    best: dict[int, Link] = {}
    for i in range(max(j - RULE.lags, 0), j):
        best[i] = compare(i, occasions[i], j, two, founded=False, custody=custody)
    for incident in _founded_on(two):
        for i in place.get(incident, ()):
            if i != j and occasions[i].start < two.start:
                link = compare(i, occasions[i], j, two, founded=True, custody=custody)
                best[i] = min(best.get(i, link), link)
    return list(best.values())


def _chained(occasions: list[Occasion], links: list[Link], traits: Traits, beside: Beside) -> Chain:
    """Mirror ``find_chains`` and ``_summarise``."""
    n = len(occasions)
    joined = Joined(n)
    for link in links:
        if link.joins:
            joined.join(link.earlier, link.later)
    label = [joined.find(i) for i in range(n)]
    count = [0] * n
    for i, one in enumerate(label):
        count[one] += occasions[i].count
    held = label
    loose = False
    if traits.kind == DYAD and n and max(count) < 2 and sum(count) >= 2:
        held, loose = [0] * n, True
        count[0] = sum(count)
    heads = {one: k for k, one in enumerate(sorted({one for one in held if count[one] >= 2}))}
    course_of = [heads.get(one, -1) for one in held]
    members: list[list[int]] = [[] for _ in heads]
    for i, which in enumerate(course_of):
        if which >= 0:
            members[which].append(i)
    inside: list[list[Link]] = [[] for _ in heads]
    for link in links:
        which = course_of[link.later]
        if which >= 0 and which == course_of[link.earlier]:
            inside[which].append(link)
    courses = [
        _graded(_course(occasions, own, _strongest(within)), occasions, traits, beside)
        for own, within in zip(members, inside, strict=True)
    ]
    return Chain(traits, beside, occasions, links, label, courses, course_of, loose)


def _strongest(links: list[Link]) -> list[Link]:
    """Mirror ``_strongest_tree`` for one course."""
    place: dict[int, int] = {}
    for link in links:
        place.setdefault(link.earlier, len(place))
        place.setdefault(link.later, len(place))
    joined = Joined(len(place))
    return [link for link in sorted(links) if joined.join(place[link.earlier], place[link.later])]


def _course(occasions: Sequence[Occasion], members: list[int], tree: list[Link]) -> Course:
    own = [occasions[m] for m in members]
    inner = [_inner(o) for o in own if o.count > 1]
    signals = 0
    for link in tree:
        signals |= link.signals
    return Course(
        members=members,
        tree=tree,
        inner=sum(inner),
        inner_count=len(inner),
        count=sum(o.count for o in own),
        acts=sum(o.acts for o in own),
        first_at=min(o.start for o in own),
        last_at=max(o.end for o in own),
        link_points=sum(-link.weakness for link in sorted(tree, key=lambda x: (x.later, x.earlier))),
        link_signals=signals,
    )


def _inner(occasion: Occasion) -> float:
    """Return the points of a record that stands for several acts."""
    days = (occasion.end - occasion.start) / DAY / max(occasion.acts - 1, 1)
    return proximity(days) + (SAME_AGAIN if occasion.behaviours else 0)


def _grown(course: Course, occasions: Sequence[Occasion], fresh: list[Link]) -> Course:
    """Return a course with one more occasion after all others, held by some of ``fresh``."""
    n = len(occasions) - 1
    new = occasions[n]
    tree, total, signals = course.tree, course.link_points, course.link_signals
    fresh = sorted(fresh)
    added = [fresh[0]]
    removed: set[Link] = set()
    for link in fresh[1:]:
        ring = _path(course, added, removed, link.earlier, n)
        weakest = max(ring)
        if weakest > link:
            (added.remove if weakest in added else removed.add)(weakest)
            added.append(link)
    if removed:
        tree = [link for link in tree if link not in removed]
        signals = 0
        for link in tree:
            signals |= link.signals
    for link in added:
        signals |= link.signals
    total += sum(-link.weakness for link in added) - sum(-link.weakness for link in removed)
    return Course(
        members=[*course.members, n],
        tree=tree + added,
        inner=course.inner + (_inner(new) if new.count > 1 else 0),
        inner_count=course.inner_count + (new.count > 1),
        count=course.count + new.count,
        acts=course.acts + new.acts,
        first_at=course.first_at,
        last_at=max(course.last_at, new.end),
        link_points=total,
        link_signals=signals,
    )


def _path(course: Course, added: list[Link], removed: set[Link], start: int, end: int) -> list[Link]:
    """Return the links between two occasions of a course that further links hold."""
    if course.near is None:
        near: dict[int, list[Link]] = {}
        for link in course.tree:
            near.setdefault(link.earlier, []).append(link)
            near.setdefault(link.later, []).append(link)
        course.near = near
    came: dict[int, Link | None] = {start: None}
    # The end hangs on what was added, so the search runs from there: a few steps as a rule.
    queue = [start]
    for node in queue:
        if node == end:
            break
        for link in (*course.near.get(node, ()), *added):
            if link in removed or node not in (link.earlier, link.later):
                continue
            other = link.later if node == link.earlier else link.earlier
            if other not in came:
                came[other] = link
                queue.append(other)
    out, node = [], end
    while (step := came[node]) is not None:
        out.append(step)
        node = step.earlier if node == step.later else step.later
    return out


def _graded(course: Course, occasions: Sequence[Occasion], traits: Traits, beside: Beside) -> Course:
    """Set support, signals and strength. Mirrors ``_summarise``, ``counter_signals`` and ``_strength``."""
    joints = len(course.tree) + course.inner_count
    mean = (course.link_points + course.inner) / max(joints, 1)
    support = mean + log2(max(course.count, 2)) - 1
    signals = course.link_signals | (MANY_ACTS if course.inner_count else 0)
    if course.last_at - course.first_at < RULE.short_run_hours * 3600:
        signals |= MINUTES_APART
    signals |= _grave_signs(course, occasions)
    against = _against(course, traits, beside)
    signals |= against
    support += points(against)
    strength = WEAK
    if support >= RULE.arguable and mean >= RULE.link:
        strength = ARGUABLE
        if (
            support >= RULE.clear
            and signals & SERIOUS == 0
            and _on_days([occasions[m] for m in course.members], RULE.clear_days)
        ):
            strength = CLEAR
    course.support, course.signals, course.strength = support, signals, min(strength, traits.highest)
    return course


def _grave_signs(course: Course, occasions: Sequence[Occasion]) -> int:
    """Mirror ``_grave_signs``."""
    changed = 0
    broken: list[Occasion] = []
    pursued: list[Occasion] = []
    afraid: list[Occasion] = []
    alarmed: list[Occasion] = []
    for member in course.members:
        one = occasions[member]
        if one.impact:
            changed |= one.impact & CHANGED_LIFE
            if one.impact & FEAR_OF_VIOLENCE:
                afraid.append(one)
            if one.impact & ALARM:
                alarmed.append(one)
        if one.in_order:
            broken.append(one)
        if one.behaviours & PURSUIT:
            pursued.append(one)
    signs = BROKEN_AGAIN if broken and _on_days(broken, 2) else 0
    if pursued and _on_days(pursued, 2):
        signs |= PURSUED
    if (_on_days(afraid, 2) or (changed and _on_days(alarmed, 2))) and _apart(course, occasions):
        signs |= GRAVER_EFFECT
    return signs


def _apart(course: Course, occasions: Sequence[Occasion]) -> bool:
    """Mirror ``_apart``."""
    said = {e.row.relationship for member in course.members for e in occasions[member].entries}
    return any(one >= 0 and one != NOT_KNOWN for one in said) and said.isdisjoint(LIFE_IN_COMMON)


def _on_days(occasions: Sequence[Occasion], at_least: int) -> bool:
    """Return whether acts began on so many days. Mirrors ``_days``."""
    began: set[int] = set()
    more = 0
    for one in occasions:
        began.add(london_day(one.start))
        if one.end - one.start > DAY:
            more += one.count - 1
        if len(began) + more >= at_least:
            return True
    return False


def _against(course: Course, traits: Traits, beside: Beside) -> int:
    since, until = course.first_at - AROUND, course.last_at + AROUND
    out = 0
    back = 0
    if beside.other_direction:
        back = _within(beside.other_direction, course.first_at - IN_RETURN, course.last_at + IN_RETURN)
    if back >= MUTUAL and back * 2 >= course.count:
        out |= BIT["two_way"]
    elif back > 0:
        out |= BIT["counter_allegation"] | (BIT["not_one_sided"] if back * 3 >= course.count else 0)
    if beside.cancelled and _within(beside.cancelled, since, until) > 0:
        out |= BIT["cancelled_records"]
    if traits.kind == DYAD:
        return out
    if traits.kind == GROUP:
        return out | BIT["purpose_not_on_record"] | (0 if traits.filed else BIT["connection_inferred"])
    out |= BIT["acted_together"] if traits.together else BIT["tie_only"]
    if traits.same_means:
        out |= BIT["same_means_used"]
    if not traits.filed and not traits.together:
        out |= BIT["connection_inferred"]
    return out


def _within(events: Sequence[tuple[int, int, int]], since: int, until: int) -> int:
    """Mirror :meth:`Tally.within`."""
    return sum(count for start, _, count in events if start < until) - sum(
        count for _, end, count in events if end <= since
    )

"""Candidate courses of one unit out of occasions and links. Mirrors :mod:`breachpattern.timelines.courses`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from math import log2
from operator import attrgetter, or_

from breachpattern.cases.nexus import BIT, RULE, SERIOUS, Link, points, proximity
from breachpattern.cases.occasions import Joined, Occasion
from breachpattern.cases.signs import NO_SIGNS, Signs, shown
from breachpattern.spans import DAY, FOREVER, NEVER
from breachpattern.timelines.counter_signals import AROUND, IN_RETURN, MUTUAL
from breachpattern.timelines.courses import ARGUABLE, CLEAR, WEAK
from breachpattern.timelines.units import DYAD, GROUP

MANY_ACTS, MINUTES_APART = BIT["many_acts_in_one_record"], BIT["minutes_apart"]
SAME_AGAIN = points(BIT["same_behaviour"])
WINDOW = 8  # the latest links of a course, among which those are as a rule that one more occasion replaces
_places, _signals = attrgetter("later", "earlier"), attrgetter("signals")


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
    signs: Signs = NO_SIGNS


NOTHING = Course([], [], 0.0, 0, 0, 0, FOREVER, NEVER, 0.0, 0)


def _strongest(links: list[Link]) -> list[Link]:
    """Mirror ``_strongest_tree`` for one course."""
    place: dict[int, int] = {}
    for link in links:
        place.setdefault(link.earlier, len(place))
        place.setdefault(link.later, len(place))
    joined = Joined(len(place))
    return [link for link in sorted(links) if joined.join(place[link.earlier], place[link.later])]


def course_from(
    occasions: Sequence[Occasion], members: list[int], links: list[Link], traits: Traits, beside: Beside
) -> Course:
    """Return the course of some of the occasions of a unit, which the strongest of their links hold."""
    own = [occasions[m] for m in members]
    inner = [inner_points(o) for o in own if o.count > 1]
    tree = sorted(_strongest(links), key=_places)
    course = Course(
        members=members,
        tree=tree,
        inner=sum(inner),
        inner_count=len(inner),
        count=sum(o.count for o in own),
        acts=sum(o.acts for o in own),
        first_at=min(o.start for o in own),
        last_at=max(o.end for o in own),
        link_points=sum(-link.weakness for link in tree),
        link_signals=reduce(or_, map(_signals, tree), 0),
        signs=shown(NO_SIGNS, own),
    )
    return _graded(course, traits, beside)


def inner_points(occasion: Occasion) -> float:
    """Return the points of a record that stands for several acts."""
    days = (occasion.end - occasion.start) / DAY / max(occasion.acts - 1, 1)
    return proximity(days) + (SAME_AGAIN if occasion.behaviours else 0)


def enlarged(
    course: Course,
    occasions: Sequence[Occasion],
    further: Occasion,
    members: list[int],
    links: list[Link],
    traits: Traits,
    beside: Beside,
    *,
    taken: bool = False,
) -> Course:
    """Return a course with more members, held by some of the links that these have with it and each other.

    The last of the members is a ``further`` occasion, after all others of the unit. Where the course is ``taken``, its
    lists are too.
    """
    new = [*(occasions[one] for one in members[:-1]), further]
    inner, inner_count, count, acts = course.inner, course.inner_count, course.count, course.acts
    first_at, last_at = course.first_at, course.last_at
    for one in new:
        count += one.count
        acts += one.acts
        if one.count > 1:
            inner += inner_points(one)
            inner_count += 1
        if one.start < first_at:
            first_at = one.start
        if one.end > last_at:
            last_at = one.end
    tree = course.tree if taken else list(course.tree)
    signals, total = course.link_signals, course.link_points
    later = course.members[-1:] < members[:1]
    every = course.members if taken else list(course.members)
    every += members
    if not later:
        every.sort()
    links.sort()
    apart = _apart(members, links)
    ends: dict[int, set[int]] = {}
    for link, joins in zip(links, apart, strict=True):
        if not joins:
            ends.setdefault(link.later, set()).add(link.earlier)
    start, weak = -1, dict[int, Link]()
    for link, joins in zip(links, apart, strict=True):
        if joins:
            signals |= link.signals
        else:
            if link.later != start or link.earlier not in weak:
                start, weak = link.later, _weakest(tree, link.later, ends[link.later])
            weakest = weak[link.earlier]
            if weakest < link:
                continue
            weak = {}
            # What it takes the place of is near the end as a rule.
            del tree[next(i for i in reversed(range(len(tree))) if tree[i] is weakest)]
            total += weakest.weakness
            lost = weakest.signals & ~link.signals
            for one_left in reversed(tree):  # as a rule one of the latest has them too
                if not lost:
                    break
                lost &= ~one_left.signals
            signals = (signals | link.signals) & ~lost
        tree.append(link)
        total -= link.weakness
    grown = Course(
        members=every,
        tree=tree,
        inner=inner,
        inner_count=inner_count,
        count=count,
        acts=acts,
        first_at=first_at,
        last_at=last_at,
        link_points=total,
        link_signals=signals,
        signs=shown(course.signs, new) if later else shown(NO_SIGNS, [*(occasions[m] for m in every[:-1]), further]),
    )
    return _graded(grown, traits, beside)


def _apart(members: list[int], links: list[Link]) -> list[bool]:
    """Return which links join what others before them have not joined already: a course and further members."""
    if len(members) == 1:
        return [k == 0 for k in range(len(links))]
    part, joined = {m: k for k, m in enumerate(members, 1)}, Joined(len(members) + 1)
    return [joined.join(part.get(link.earlier, 0), part.get(link.later, 0)) for link in links]


def _weakest(tree: list[Link], start: int, ends: set[int]) -> dict[int, Link]:
    """Return the weakest link on the way from an occasion to others; what the latest links show is the only way."""
    found: dict[int, Link] = {}
    queue, latest = [start], tree[-WINDOW:]
    for node in queue:
        until = found.get(node)
        for link in latest:
            other = link.later if link.earlier == node else link.earlier if link.later == node else start
            if other != start and other not in found:
                found[other] = link if until is None or until < link else until
                queue.append(other)
        if found.keys() >= ends:
            return found
    found = _reached(tree[-WINDOW * WINDOW :], start, ends)
    return found if found.keys() >= ends else _reached(tree, start, ends)


def _reached(links: list[Link], start: int, ends: set[int]) -> dict[int, Link]:
    """Return the weakest link on the way from an occasion to others, as far as some links reach."""
    near: dict[int, list[Link]] = {}
    for link in links:
        near.setdefault(link.earlier, []).append(link)
        near.setdefault(link.later, []).append(link)
    found: dict[int, Link] = {}
    queue = [start]
    for node in queue:
        until = found.get(node)
        for link in near.get(node, ()):
            other = link.later if node == link.earlier else link.earlier
            if other != start and other not in found:
                found[other] = link if until is None or until < link else until
                queue.append(other)
        if found.keys() >= ends:
            break
    return found


def _graded(course: Course, traits: Traits, beside: Beside) -> Course:
    """Set support, signals and strength. Mirrors ``_summarise``, ``counter_signals`` and ``_strength``."""
    joints = len(course.tree) + course.inner_count
    mean = (course.link_points + course.inner) / max(joints, 1)
    support = mean + log2(max(course.count, 2)) - 1
    signals = course.link_signals | course.signs.mask | (MANY_ACTS if course.inner_count else 0)
    if course.last_at - course.first_at < RULE.short_run_hours * 3600:
        signals |= MINUTES_APART
    against = _against(course, traits, beside)
    signals |= against
    support += points(against)
    strength = WEAK
    if support >= RULE.arguable and mean >= RULE.link:
        strength = ARGUABLE
        if support >= RULE.clear and signals & SERIOUS == 0 and course.signs.days.number >= RULE.clear_days:
            strength = CLEAR
    course.support, course.signals, course.strength = support, signals, min(strength, traits.highest)
    return course


def weighed(course: Course, traits: Traits, was: Beside, now: Beside) -> Course:
    """Return a course as it is where something else stands beside it; the same one where that changes nothing."""
    if _against(course, traits, was) == _against(course, traits, now):
        return course
    return _graded(replace(course), traits, now)


def _against(course: Course, traits: Traits, beside: Beside) -> int:
    since, until = course.first_at - AROUND, course.last_at + AROUND
    out = back = 0
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

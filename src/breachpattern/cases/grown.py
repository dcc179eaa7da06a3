"""The courses of a pair as candidates of patterns: those of the state before it carried on where they only grew."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from breachpattern.cases.candidates import Candidate, Scene
from breachpattern.cases.chains import entries_of
from breachpattern.cases.courses import Course
from breachpattern.cases.occasions import Entry
from breachpattern.cases.pairs import Pair
from breachpattern.cases.sums import Sums

MANY = 16  # further rows: with more a course is put together anew, as each would be a step that leads to the next


def courses_of(pair: Pair, scene: Scene) -> list[Candidate]:
    """Return the courses of a pair."""
    return [course_of(pair, course, scene) for course in pair.links().courses]


def course_of(pair: Pair, course: Course, scene: Scene) -> Candidate:
    """Return a course of a pair, that of the state before carried on where it stayed or only grew."""
    kept: dict[Course, Candidate] = pair.memory.setdefault("courses", {})
    held = kept.get(course)
    if held is None:
        held = kept[course] = _made(pair, course, scene)
    return held


def courses_kept(pair: Pair) -> list[Candidate]:
    """Return the courses of a pair that somebody asked for, those that stayed from the state before among them."""
    kept: dict[Course, Candidate] = pair.memory.setdefault("courses", {})
    former = pair.origin.memory.get("courses") if pair.origin is not None else None
    if former:
        kept.update({course: former[course] for course in pair.links().courses if course in former})
    return list(kept.values())


def _made(pair: Pair, course: Course, scene: Scene) -> Candidate:
    graded: dict[str, Any] = {
        "strength": course.strength,
        "signals": course.signals,
        "course_occasions": course.count,
    }
    former = _former(pair, course)
    further = None if former is None else _further(pair, course, former)
    if former is None or further is None or pair.origin is None:
        sums = Sums(entries_of(pair.links(), course))
        orders = tuple(sorted({b.order for b, _ in sums.breaches if b.order}))
        return Candidate("course", scene, sums, orders, (pair.suspect,), (pair.victim,), towards=pair.victim, **graded)
    made = course_of(pair.origin, former, scene)
    if former is course:
        return made
    if not further:
        return made.at(scene, **graded)
    for entry in further:
        made = made.plus(entry, scene=scene, **graded)
        if entry.breaches:
            made.orders = tuple(sorted({*made.orders, *(b.order for b in entry.breaches if b.order)}))
    return made


def _former(pair: Pair, course: Course) -> Course | None:
    """Return the course of the state before that a course goes on from, if there is one."""
    held = pair.origin.chain if pair.origin is not None else None
    if held is None:
        return None
    came = _came(pair)
    for place in course.members[:2]:
        if place != came:
            was = place - (place > came)
            which = held.course_of[was]
            if which >= 0 and held.courses[which].members[0] == was:
                return held.courses[which]
    return None


def _came(pair: Pair) -> int:
    """Return the place of the occasion that came."""
    return pair.place if pair.fresh is not None else len(pair.occasions)


def _further(pair: Pair, course: Course, former: Course) -> list[Entry] | None:
    """Return the rows by which a course grew, ``None`` where they are many, or not events of their own.

    They are the row that came, and what stood alone a little before it.
    """
    came, now, then = _came(pair), course.members, former.members
    if pair.fresh is not None and now[-1] == came and now[:-1] == then:
        return [pair.fresh]
    same = bisect_left(then, came)
    if now[:same] == then[:same]:  # as a rule all but a few
        now, then = now[same:], then[same:]
    places = sorted(set(now).difference(place + (place >= came) for place in then))
    if len(then) + len(places) != len(now) or len(places) > MANY:
        return None
    further = [pair.occasions[place].entries for place in places]
    apart = all(len(own) == 1 and (own[0] is pair.fresh or own[0].row.place < 0) for own in further)
    return [own[0] for own in further] if apart else None

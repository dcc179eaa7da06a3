"""The courses of a pair as candidates of patterns: those of the state before it carried on where they only grew."""

from __future__ import annotations

from typing import Any

from breachpattern.cases.candidates import Candidate, Scene
from breachpattern.cases.courses import Course, entries_of
from breachpattern.cases.occasions import Entry
from breachpattern.cases.pairs import Pair
from breachpattern.cases.sums import Sums


def courses_of(pair: Pair, scene: Scene) -> list[Candidate]:
    """Return the courses of a pair, those of the state before it carried on where they only grew."""
    held: list[Candidate] | None = pair.memory.get("courses")
    if held is not None:
        return held
    links = pair.links()
    kept: dict[int, Candidate] = {}
    former: dict[int, tuple[list[int], Candidate]] = {}
    origin = pair.origin
    if origin is not None and origin.chain is not None and "courses" in origin.memory:
        left = set(map(id, links.courses))
        for known, course in zip(origin.memory["courses"], origin.chain.courses, strict=True):
            if id(course) in left:
                kept[id(course)] = known
            else:
                places = _places(pair, course)
                former[places[0]] = places, known
    held = []
    for course in links.courses:
        if id(course) in kept:
            held.append(kept[id(course)])
            continue
        graded: dict[str, Any] = {
            "strength": course.strength,
            "signals": course.signals,
            "course_occasions": course.count,
        }
        then = next((former[place] for place in course.members[:2] if place in former), None)
        further = None if then is None else _further(pair, course.members, then[0])
        if then is None or further is None:
            sums = Sums(entries_of(links, course))
            orders = tuple(sorted({b.order for b, _ in sums.breaches if b.order}))
            made = Candidate(
                "course", scene, sums, orders, (pair.suspect,), (pair.victim,), towards=pair.victim, **graded
            )
        elif further:
            made = then[1]
            for entry in further:
                made = made.plus(entry, **graded)
                if entry.breaches:
                    made.orders = tuple(sorted({*made.orders, *(b.order for b in entry.breaches if b.order)}))
        else:
            made = then[1].at(then[1].scene, **graded)
        held.append(made)
    pair.memory["courses"] = held
    return held


def _places(pair: Pair, course: Course) -> list[int]:
    """Return where the occasions of a course of the state before stand now."""
    if pair.place == len(pair.occasions) - 1:
        return course.members
    return [place + (place >= pair.place) for place in course.members]


def _further(pair: Pair, now: list[int], then: list[int]) -> list[Entry] | None:
    """Return the rows by which a course grew, ``None`` where they are not events of their own.

    They are the row that came, and what stood alone a little before it.
    """
    places = now[len(then) :] if now[: len(then)] == then else sorted(set(now).difference(then))
    further = [pair.occasions[place].entries for place in places]
    apart = all(len(own) == 1 and (own[0] is pair.fresh or own[0].row.place < 0) for own in further)
    return [own[0] for own in further] if apart and len(then) + len(further) == len(now) else None

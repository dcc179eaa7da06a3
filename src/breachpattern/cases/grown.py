"""The courses of a pair as candidates of patterns: those of the state before it carried on where they only grew."""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter
from typing import Any

from breachpattern.cases.candidates import Candidate, Scene
from breachpattern.cases.courses import Course, entries_of
from breachpattern.cases.nexus import RULE
from breachpattern.cases.occasions import Entry, Occasion
from breachpattern.cases.pairs import Pair
from breachpattern.cases.sums import Sums


def courses_of(pair: Pair, scene: Scene) -> list[Candidate]:
    """Return the courses of a pair, those of the state before it carried on where they only grew."""
    held: list[Candidate] | None = pair.memory.get("courses")
    if held is not None:
        return held
    links = pair.links()
    kept: dict[int, Candidate] = {}
    former: dict[int, tuple[list[Occasion], Candidate]] = {}
    origin = pair.origin
    if origin is not None and origin.chain is not None and "courses" in origin.memory:
        left = set(map(id, links.courses))
        for known, course in zip(origin.memory["courses"], origin.chain.courses, strict=True):
            if id(course) in left:
                kept[id(course)] = known
            else:
                occasions = _occasions(origin, course)
                former[id(occasions[0])] = occasions, known
    held = []
    for course in links.courses:
        if id(course) in kept:
            held.append(kept[id(course)].at(scene, pair=pair))
            continue
        graded: dict[str, Any] = {
            "strength": course.strength,
            "signals": course.signals,
            "course_occasions": course.count,
        }
        occasions = _occasions(pair, course)
        then = next((former[id(o)] for o in occasions[:2] if id(o) in former), None)
        further = None if then is None else _further(pair, occasions, then[0])
        if then is None or further is None:
            sums = Sums(entries_of(links, course))
            orders = tuple(sorted({b.order for b, _ in sums.breaches if b.order}))
            made = Candidate("course", scene, sums, orders, (pair.suspect,), (pair.victim,), pair=pair, **graded)
        else:
            made = then[1] if further else then[1].at(scene, **graded)
            for entry in further:
                made = made.plus(entry, **graded)
                if entry.breaches:
                    made.orders = tuple(sorted({*made.orders, *(b.order for b in entry.breaches if b.order)}))
        made.pair = pair
        held.append(made)
    pair.memory["courses"] = held
    return held


def _occasions(pair: Pair, course: Course) -> list[Occasion]:
    return list(map(pair.occasions.__getitem__, course.members))


def _further(pair: Pair, now: list[Occasion], then: list[Occasion]) -> list[Entry] | None:
    """Return the rows by which a course grew, ``None`` where they are not events of their own.

    They are what came last, and what stood alone a little before it.
    """
    new = pair.fresh
    place = len(now) if new is None else bisect_left(now, new.row.start, key=attrgetter("start"))
    first = max(place - RULE.lags, 0)
    known = set(map(id, then[first:]))
    further = [occasion.entries for occasion in now[first:] if id(occasion) not in known]
    if now[:first] != then[:first] or len(now) - len(further) != len(then):
        return None
    apart = all(len(own) == 1 and (own[0] is new or own[0].row.place < 0) for own in further)
    return [entry for own in further for entry in own] if apart else None

"""A course with further members is held by the strongest of all links, as the course of all of them is."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from breachpattern.cases.courses import Beside, Course, Traits, _strongest, course_from, enlarged
from breachpattern.cases.nexus import Link, link_of
from breachpattern.cases.occasions import Occasion
from breachpattern.spans import DAY, FOREVER, NEVER


def occasion(day: int) -> Occasion:
    return Occasion(
        start=day * DAY, end=day * DAY + 1, known=day * DAY, count=1, acts=1, behaviours=0, channels=0, places=0,
        impact=0, means=frozenset(), references=frozenset(), conduct_crime=False, speaks=True,
        reconciled_at=NEVER, in_order=False, in_possible_order=False, order_made=NEVER, warned_at=FOREVER,
        incident=f"I{day}", entries=[],
    )  # fmt: skip


def links_between(r: Random, one: list[int], other: list[int], often: float) -> list[Link]:
    return [
        link_of(r.choice([r.uniform(-5, 5), r.randint(-3, 3)]), earlier, later, r.getrandbits(8))
        for earlier in one
        for later in other
        if earlier < later and r.random() < often
    ]


def drawn(seed: int, further: int) -> tuple[Course, list[Occasion], list[int], list[Link], list[Link]]:
    """Return a course, all occasions, its further members, the links of these and all links."""
    r = Random(seed)
    last = r.randint(4, 14)
    occasions = [occasion(day) for day in range(last + 1)]
    single = sorted(r.sample(range(last), further))
    own = [place for place in range(last) if place not in single]
    known = [link_of(r.uniform(-5, 5), one, two, r.getrandbits(8)) for one, two in pairwise(own)]
    known += links_between(r, own, own, 0.5)
    fresh = links_between(r, own, single, 0.5) + links_between(r, single, own, 0.5)
    fresh += [*links_between(r, own[:-1], [last], 0.5), link_of(r.uniform(-5, 5), own[-1], last, 1)]
    fresh += [link_of(r.uniform(-5, 5), one, last, r.getrandbits(8)) for one in single]
    return course_from(occasions, own, known, Traits(), Beside()), occasions, [*single, last], fresh, known + fresh


@pytest.mark.parametrize("further", [0, 1, 3])
def test_a_course_that_grew_is_held_by_the_strongest_of_all_links(further):
    for seed in range(300):
        course, occasions, members, fresh, links = drawn(seed, further)
        before = list(course.tree)
        grown = enlarged(course, occasions[:-1], occasions[-1], members, list(fresh), Traits(), Beside())
        whole = course_from(occasions, sorted([*course.members, *members]), links, Traits(), Beside())
        assert sorted(grown.tree) == sorted(whole.tree) == sorted(_strongest(links))
        assert grown.link_signals == whole.link_signals
        assert grown.link_points == pytest.approx(whole.link_points)
        assert course.tree == before

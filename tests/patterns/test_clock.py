from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.facts import catalogue, incident, order, timelines

from breachpattern.patterns import load_packs
from breachpattern.patterns.clock import Clockwork
from breachpattern.patterns.context import Context
from breachpattern.patterns.engine import find
from breachpattern.patterns.model import read_pattern
from breachpattern.patterns.populations import population
from breachpattern.patterns.registry import all_criteria
from breachpattern.spans import FOREVER, as_of_second

ROWS = [
    incident(f"I{day}", f"2025-02-0{day}T10:00", behaviours="contact", channel="phone", act_count=day)
    for day in range(1, 6)
]


class Stopped(Context):
    """A context in which nobody may ask what the time is."""

    @property
    def now(self) -> int:  # type: ignore[override]
        raise AssertionError("asked for the time")


@pytest.mark.parametrize("criterion", [c for c in all_criteria() if c.clock is None], ids=lambda c: c.id)
def test_a_criterion_without_a_clock_never_asks_for_the_time(criterion):
    context = Stopped(timelines(ROWS, [order("O1")]))
    for unit in criterion.units:
        criterion(population(context, unit), {})


def test_the_core_pack_has_the_criteria_that_ask_for_the_time():
    timed = [c.id for c in all_criteria() if c.clock is not None]
    assert timed == ["limitation_runs", "recent"]
    assert {leaf.criterion for leaf in Clockwork.of(load_packs()).leaves} == set(timed)


@pytest.mark.further
def test_answers_change_at_turns_and_nowhere_else():
    found = timelines(ROWS, [order("O1")], as_of=None)

    def answers(as_of: int) -> list[tuple[str, str, float]]:
        return [(f.id, f.level, f.score) for f in find(replace(found, as_of=as_of))]

    clockwork = Clockwork.of(load_packs())
    now, changes = as_of_second("2025-03-01"), 0
    while now < FOREVER:
        turn = int(clockwork.next_turns(catalogue(), found.columns.start, found.columns.end - 1, now).min())
        if turn < FOREVER:
            assert answers(turn - 1) == answers(now)
            changes += answers(turn) != answers(turn - 1)
        now = turn
    assert changes >= 4


def test_a_pattern_of_ones_own_that_asks_for_the_time_shows_another_answer_each_time():
    pack = read_pattern(
        {
            "id": "fresh", "title": "t", "status": "test", "level": "low", "unit": "course", "summary": "s",
            "basis": "judgement", "headline": "{days_since} ago", "false_positives": [],
            "condition": {"criterion": "recent", "within": 7},
        },
        "fresh.toml",
    )  # fmt: skip
    clockwork = Clockwork.of([pack])
    assert clockwork.next_tick("fresh", 10) == 11
    assert clockwork.next_tick("repeat_breach", 10) == FOREVER
    last = np.array([86_400 * 10])
    assert clockwork.next_turns(catalogue(), last, last, 86_400 * 12).tolist() == [86_400 * 18]

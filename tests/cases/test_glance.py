"""What is seen at a glance rules out no pattern that holds, and saves putting rows together where none can."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tests.cases.given import extract
from tests.drawing import first
from tests.facts import catalogue, incident, order

from breachpattern.cases import CaseIndex
from breachpattern.cases.findings import Patterns, _parameters
from breachpattern.cases.glance import NEEDED, glances
from breachpattern.cases.towards import Towards
from breachpattern.ingest import read_extract
from breachpattern.patterns.registry import find_criterion
from breachpattern.patterns.tree import parse

NOTHING = {
    "lives": (), "protected": frozenset(), "towards": Towards({}), "acts_through_others": False, "tied_acts": ((), -1),
    "uses_means": False,
}  # fmt: skip
SOMETHING: dict[str, dict[str, Any]] = {
    "through_others": {"acts_through_others": True},
    "tied_person_acts": {"tied_acts": ((object(),), 0)},
    "successive_orders": {"lives": (object(), object())},
    "orders_for_victims": {"protected": frozenset({"V1", "V2"})},
    "victims_with_course": {"towards": Towards({"V1": 3, "V2": 2})},
    "means_across_victims": {"uses_means": True},
}


PATTERN = """
id = "through_somebody"
title = "A suspect who acts through others"
status = "test"
level = "low"
unit = "suspect"
summary = "Contact through others with anybody."
basis = "judgement"
headline = "{suspect}"
false_positives = ["A solicitor."]
condition = { criterion = "through_others" }
"""
CRITERIA = [(unit, criterion) for unit, needed in NEEDED.items() for criterion in needed]


def may_hold(condition: dict[str, Any], unit: str = "dyad", **known: Any) -> bool:
    case: Any = SimpleNamespace(**(NOTHING | known))
    return any(may(case) for may in glances(unit, parse(condition, "test"), _parameters))


@pytest.mark.parametrize(("unit", "criterion"), CRITERIA)
def test_a_criterion_may_hold_only_of_what_it_needs(unit, criterion):
    assert not may_hold({"criterion": criterion}, unit)
    assert may_hold({"criterion": criterion}, unit, **SOMETHING[criterion])


@pytest.mark.parametrize(("unit", "criterion"), [c for c in CRITERIA if "at_least" in find_criterion(c[1]).parameters])
def test_what_asks_for_none_may_hold_of_anybody(unit, criterion):
    assert may_hold({"criterion": criterion, "at_least": 0}, unit)


def test_what_was_done_to_the_victim_rules_out_nothing_about_a_suspect(tmp_path):
    assert may_hold({"criterion": "through_others"}, "suspect")
    given = [
        incident(f"I{day}", f"2025-03-0{day}T10:00", victim_id=victim, behaviours=behaviours)
        for day, victim, behaviours in [(1, "V2", "third_party_contact"), (2, "V2", "contact"), (3, "V1", "contact")]
    ]
    (tmp_path / "own.toml").write_text(PATTERN)
    index = CaseIndex.of(read_extract(given), catalogue(), [tmp_path])
    for tier in ("fast", "full"):
        answer = index.assess(incident("N1", "2025-03-04T10:00", behaviours="contact"), findings=tier)
        assert [f["change"] for f in answer["findings"] if f["pattern"] == "through_somebody"] == ["changed"]


def test_what_cannot_be_seen_is_left_open():
    seen, unseen = {"criterion": "through_others"}, {"criterion": "occasions", "at_least": 99}
    assert may_hold(unseen)
    assert may_hold({"not": seen})
    assert may_hold({"any": [seen, unseen]})
    assert not may_hold({"all": [unseen, seen]})
    assert not may_hold({"any": [seen, {"all": [seen, {"not": seen}]}]})
    assert may_hold({"any": [seen, {"criterion": "tied_person_acts"}]}, acts_through_others=True)


@pytest.mark.parametrize("seed", first(2, range(24)))
def test_an_answer_is_the_same_where_everything_is_put_together(seed, monkeypatch):
    given = extract(seed, people=4)
    asked = [
        incident(f"N{i}", f"2026-01-{i + 1:02d}T10:00", suspect_id=suspect, victim_id=victim, **more)
        for i, (suspect, victim, more) in enumerate(
            [("P1", "V1", {}), ("P2", "V1", {"behaviours": "third_party_contact"}), ("P1", "V2", {"means": "@nobody"}),
             ("P1", "V3", {"channel": "third_party"}), ("P3", "V1", {}), ("P1", "V1", {"behaviours": "threat"})]
        )
    ]  # fmt: skip

    def answers() -> list[Any]:
        index = CaseIndex.of(read_extract(**{name: rows for name, rows in given.items() if rows}), catalogue())
        return [index.assess(one, keep=keep) for keep in (False, True) for one in asked]

    at_a_glance = answers()
    monkeypatch.setattr(Patterns, "may_hold", lambda *_: True)
    assert at_a_glance == answers()


def test_rows_are_put_together_only_where_a_pattern_may_hold():
    index = CaseIndex.of(
        read_extract([incident(f"I{i}", f"2025-03-0{i}T10:00") for i in (1, 2, 3)], orders=[order("O1")]), catalogue()
    )
    pair = index.cases.pair("P1", "V1")
    index.assess(incident("N1", "2025-04-01T10:00"))
    assert "dyad" not in pair.memory
    assert not index.cases.kept_suspects
    index.assess(incident("N2", "2025-04-01T10:00", channel="third_party", behaviours="contact"), keep=True)
    index.assess(incident("N3", "2025-04-02T10:00"))
    assert "dyad" in index.cases.pair("P1", "V1").memory

"""Every criterion on the two sides of its threshold: facts on which it holds, and facts one step away on which not."""

from typing import Any, NamedTuple

import pytest
from tests.facts import TODAY, incident, order, timelines
from tests.patterns.given import calls

from breachpattern.patterns import load_packs
from breachpattern.patterns.context import Context
from breachpattern.patterns.engine import run
from breachpattern.patterns.examples import _rows
from breachpattern.patterns.populations import population
from breachpattern.patterns.registry import all_criteria
from breachpattern.patterns.tree import Branch, holds, parse

DAYS = ("2025-05-04", "2025-05-11")
TWICE = calls(*DAYS)
ONCE = calls(DAYS[0])
LATER = ONCE[0] | {"incident_id": "I9", "occurred_from": "2025-05-18T20:00"}
APRIL = calls("2023-04-02", "2023-04-09", recorded_at="2023-04-09T21:00")
RO = [order("O1")]
ENDS = [order("O1", kind="non_molestation", without_notice="false", ends="2025-03-31")]
BAIL = order("B1", kind="police_bail", made_on="2025-05-05", ends="2025-12-01", founded_on="I1")
SPO = order("O1", kind="stalking_protection", served_at="2025-01-10T12:00", terms="no_contact;notification")
LATE = incident("I1", "2025-05-04", victim_id="", behaviours="notification_failure")
SERVED = {"kind": "non_molestation", "made_on": "2025-05-01", "served_at": "2025-05-01T10:00"}
MILD = {"behaviours": "contact", "channel": "text"}
HARD = {"behaviours": "approach;threat", "channel": "in_person"}
CRIME = {"kind": "crime", "offence_code": "008/31"}
INDIRECT = order("O1", terms="no_contact;no_indirect_contact")
BROTHER = [{"person_id": "P2", "other_id": "P1", "tie": "sibling"}]


def apart(*victims: str, **values: Any) -> list[dict[str, Any]]:
    """Two calls to each of some victims."""
    return [
        row | {"incident_id": f"{victim}{row['incident_id']}", "victim_id": victim, "occurrence_ref": ""} | values
        for n, victim in enumerate(victims)
        for row in calls(f"2025-0{n + 3}-04", f"2025-0{n + 3}-11")
    ]


def acts(*done: dict[str, str]) -> list[dict[str, Any]]:
    """One act a week."""
    weeks = [f"2025-{1 + n // 4:02d}-{1 + 7 * (n % 4):02d}T10:00" for n in range(len(done))]
    return [incident(f"I{n}", week, **act) for n, (week, act) in enumerate(zip(weeks, done, strict=True))]


def together(*suspects: str) -> list[dict[str, Any]]:
    """One act of all suspects at once, then one of each alone."""
    near = {"behaviours": "threat", "channel": "in_person"}
    alone = [incident(f"A{n}", f"2025-03-{5 + n:02d}T19:00", suspect_id=who, **near) for n, who in enumerate(suspects)]
    return [incident("I1", "2025-03-01T19:00", suspect_id=who, **near) for who in suspects] + alone


def each(rows: list[dict[str, Any]], *changes: dict[str, Any]) -> list[dict[str, Any]]:
    return [row | change for row, change in zip(rows, changes, strict=True)]


def on(rows: list[dict[str, Any]], orders: Any = None, associations: Any = None, as_of: str = TODAY) -> tuple[Any, ...]:
    return rows, orders, associations, as_of


class Side(NamedTuple):
    """A criterion with its parameters, facts on which it holds, and facts one step away on which it does not."""

    criterion: str
    unit: str
    parameters: dict[str, Any]
    held: tuple[Any, ...]
    not_held: tuple[Any, ...]


SIDES = [
    Side("behaviour", "dyad", {"any_of": ["threat"], "at_least": 2},
         on(calls(*DAYS, behaviours="threat")), on(each(TWICE, {"behaviours": "threat"}, {}))),
    Side("blank", "dyad", {"field": "behaviours"},
         on(each(TWICE, {}, {"behaviours": ""})), on(TWICE)),
    Side("blank", "dyad", {"field": "impact"},
         on(TWICE), on(each(TWICE, {}, {"impact": "changed_routine"}))),
    Side("blank", "dyad", {"field": "offence"},
         on(each(TWICE, {}, {"kind": "crime"})), on(TWICE)),
    Side("breach_kind", "breach", {"any_of": ["approach"]},
         on(calls(DAYS[0], behaviours="approach", channel="in_person"), [order("O1", terms="no_approach")]),
         on(ONCE, RO)),
    Side("breach_nature", "breach", {"any_of": ["offence"]},
         on(ONCE, [order("O1", kind="non_molestation", without_notice="false")]),
         on(ONCE, [order("O1", kind="dvpo", made_on="2025-05-01")])),
    Side("breach_status", "breach", {"any_of": ["unrecorded"]},
         on(ONCE, RO), on(calls(DAYS[0], **CRIME), RO)),
    Side("breaches", "order", {"at_least": 2},
         on(TWICE, RO), on(each(TWICE, {}, {"occurred_from": "2025-01-09T20:00"}), RO)),
    Side("breaches", "order", {"at_least": 1, "certain": True},
         on(ONCE, RO), on(calls("2025-01-10"), RO)),
    Side("channel", "dyad", {"any_of": ["phone"]},
         on(ONCE), on(calls(DAYS[0], channel="text"))),
    Side("closed_then_more", "dyad", {},
         on(each(TWICE, {"status": "closed", "outcome": "16"}, {})),
         on(each(TWICE, {}, {"status": "closed", "outcome": "16"}))),
    Side("closed_then_more", "dyad", {},
         on(each(TWICE, {"outcome": "14"}, {})), on(each(TWICE, {"outcome": "1"}, {}))),
    Side("conduct_after_end", "order", {"days": 30},
         on(calls("2025-04-30"), ENDS), on(calls("2025-05-01"), ENDS)),
    Side("course_strength", "course", {"at_least": "arguable"},
         on(calls(*DAYS, "2025-05-18", "2025-05-25"), RO), on(calls("2020-05-04", "2025-05-11"))),
    Side("course_unit", "course", {"any_of": ["joint"]},
         on(together("P1", "P2")), on(together("P1", ""))),
    Side("escalating", "dyad", {},
         on(acts(*[MILD] * 6, *[HARD] * 4)), on(acts(*[MILD, HARD] * 5))),
    Side("forces", "dyad", {"at_least": 2},
         on(each(TWICE, {"force": "Northmarch"}, {"force": "Southmarch"})),
         on(each(TWICE, {"force": "Northmarch"}, {"force": " NORTHMARCH"}))),
    Side("founding_conduct_repeated", "order", {},
         on(calls("2025-05-04", "2025-05-06"), [BAIL]),
         on(each(calls("2025-05-04", "2025-05-06"), {}, {"behaviours": "damage", "channel": ""}), [BAIL])),
    Side("impact", "dyad", {},
         on(each(TWICE, {}, {"impact": "fear_of_violence"})), on(each(TWICE, {}, {"impact": "changed_routine"}))),
    Side("limitation_runs", "course", {},
         on(calls("2025-02-03", "2025-02-10", behaviours="follow", offence_code="195/12"), as_of="2025-08-10"),
         on(calls("2025-02-03", "2025-02-10", behaviours="follow", offence_code="195/12"), as_of="2025-08-11")),
    Side("means_across_victims", "suspect", {},
         on(apart("V1", "V2", means="07700900301")),
         on(apart("V1", means="07700900301") + apart("V2", means="07700900302"))),
    Side("no_conduct_of_respondent", "order", {},
         on(calls(DAYS[0], suspect_id="P2"), RO, BROTHER),
         on([*calls(DAYS[0], suspect_id="P2"), LATER], RO, BROTHER)),
    Side("no_order_on_file", "breach", {},
         on(calls(DAYS[0], **CRIME)), on(calls(DAYS[0], **CRIME), RO)),
    Side("occasions", "dyad", {"at_least": 2},
         on(TWICE), on([row | {"occurrence_ref": "C1", "occurred_from": f"{DAYS[0]}T20:00"} for row in TWICE])),
    Side("only_duties", "order", {},
         on([LATE], [SPO]), on([LATE, LATER], [SPO])),
    Side("order_family", "order", {"any_of": ["bail"]},
         on(calls("2025-05-04", "2025-05-06"), [BAIL]), on(TWICE, RO)),
    Side("order_state", "breach", {"at_least": "yes"},
         on(ONCE, RO), on(calls("2025-01-10"), RO)),
    Side("orders_for_victims", "suspect", {},
         on(apart("V1", "V2"), [order("O1"), order("O2", protected_id="V2")]),
         on(apart("V1", "V2"), [order("O1"), order("O2", protected_id="V2", made_on="2025-04-12")])),
    Side("other_principal_crime", "dyad", {},
         on(calls(DAYS[0], **CRIME)), on(calls(DAYS[0], kind="crime", offence_code="105/01"))),
    Side("recent", "dyad", {"within": 30},
         on(ONCE, as_of="2025-06-03"), on(ONCE, as_of="2025-06-04")),
    Side("recorded_as", "dyad", {"any_of": ["stalking"]},
         on(each(TWICE, {}, {"offence_code": "195/12"})), on(each(TWICE, {}, {"offence_code": "195/94"}))),
    Side("recorded_under", "dyad", {},
         on(each(APRIL, {}, {"recorded_at": "2023-04-30T21:00"})),
         on(each(APRIL, {}, {"recorded_at": "2023-05-01T09:00"}))),
    Side("relationship", "dyad", {},
         on(each(TWICE, {}, {"relationship": "ex_partner"})), on(each(TWICE, {}, {"relationship": "partner"}))),
    Side("service_not_on_file", "breach", {},
         on(ONCE, [order("O1", kind="non_molestation", made_on="2025-05-01")]),
         on(ONCE, [order("O1", **SERVED)])),
    Side("signal", "dyad", {"any_of": ["order_in_force"]},
         on(TWICE, RO), on(TWICE)),
    Side("soon_after_service", "breach", {"days": 7},
         on(calls("2025-05-08"), [order("O1", **SERVED)]), on(calls("2025-05-09"), [order("O1", **SERVED)])),
    Side("successive_orders", "dyad", {},
         on(calls("2025-02-04", "2025-05-04"), [order("O1"), order("O2", made_on="2025-03-01")]),
         on(calls("2025-03-04", "2025-05-04"), [order("O1"), order("O2", made_on="2025-03-01")])),
    Side("suspects", "breach", {"at_least": 1},
         on(ONCE, RO), on(calls(DAYS[0], suspect_id="", **CRIME))),
    Side("through_others", "dyad", {},
         on(calls(DAYS[0], channel="third_party")), on(ONCE)),
    Side("tied_person_acts", "order", {},
         on(calls(DAYS[0], suspect_id="P2"), [INDIRECT], BROTHER),
         on(calls("2025-01-09", suspect_id="P2"), [INDIRECT], BROTHER)),
    Side("trait", "dyad", {},
         on(each(TWICE, {}, {"behaviours": "threat"})), on(each(TWICE, {}, {"behaviours": "follow"}))),
    Side("victims", "suspect", {"at_least": 2},
         on(apart("V1", "V2")), on([*TWICE, LATER | {"victim_id": ""}])),
    Side("victims_with_course", "suspect", {},
         on(apart("V1", "V2", behaviours="contact;threat")),
         on([row for row in apart("V1", "V2", behaviours="contact;threat") if row["incident_id"] != "V2I2"])),
]  # fmt: skip


def said(side: Side, facts: tuple[Any, ...]) -> list[bool]:
    leaf = parse({"criterion": side.criterion, **side.parameters}, "test")
    return holds(leaf, population(Context(timelines(*facts)), side.unit)).tolist()


@pytest.mark.parametrize("side", SIDES, ids=lambda side: f"{side.criterion} of a {side.unit}")
def test_one_step_decides(side):
    held, not_held = said(side, side.held), said(side, side.not_held)
    assert any(held), "it must hold, or the other side says nothing"
    assert not_held, "there must be a candidate that is refused"
    assert not any(not_held)


def test_every_criterion_stands_on_both_sides():
    assert {side.criterion for side in SIDES} == {criterion.id for criterion in all_criteria()}


def nearly(pattern, facts) -> bool:
    """Whether facts come within one part of the pattern's condition, for some candidate of its unit."""
    candidates = population(Context(timelines(*facts)), pattern.unit)
    parts = pattern.tree.parts if isinstance(pattern.tree, Branch) and pattern.tree.how == "all" else (pattern.tree,)
    met = sum(holds(part, candidates).astype(int) for part in parts)
    return bool(len(candidates)) and int(met.max()) >= len(parts) - 1


# Where the examples of the pattern are far away: their facts make no candidate at all. A shared order connects these
# two victims, and a theft from one and damage to the other's door three months later is weak.
FURTHER = {
    "connected_victims": on(
        [incident("I1", "2024-03-01T19:00", behaviours="theft", channel="phone"),
         incident("I2", "2024-06-04T19:00", victim_id="V2", behaviours="damage", channel="in_person")],
        [order("O1"), order("O1", protected_id="V2")],
    )
}  # fmt: skip


def quiet_facts(pattern):
    for example in pattern.examples:
        if not example.expect:
            yield _rows(example.incidents), _rows(example.orders), _rows(example.associations), str(example.as_of)
    if pattern.id in FURTHER:
        yield FURTHER[pattern.id]


@pytest.mark.parametrize("pattern", load_packs(), ids=lambda pattern: pattern.id)
def test_every_pattern_stays_quiet_near_its_threshold(pattern):
    near = [facts for facts in quiet_facts(pattern) if nearly(pattern, facts)]
    assert near, "no example with expect = false comes within one part of the condition"
    for facts in near:
        assert len(run(Context(timelines(*facts)), [pattern])) == 0

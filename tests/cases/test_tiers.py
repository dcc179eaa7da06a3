"""Both ways to find say the same of one incident, apart from what the fast one says that it does not tell."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from tests.cases.given import untidy
from tests.drawing import first
from tests.facts import catalogue, incident, order

import breachpattern as bp
from breachpattern.cases import CaseIndex
from breachpattern.cases.index import TIERS
from breachpattern.ingest import read_extract

TOLD = ("findings", "no_longer")


def told(answers: list[dict[str, Any]]) -> list[list[str]]:
    """What each answer finds, without the patterns that any of them leaves out."""
    left = {p["pattern"] for answer in answers for p in answer["patterns_not_assessed"]}
    return [sorted(str(f) for part in TOLD for f in a[part] if f["pattern"] not in left) for a in answers]


def asked(
    history: list[dict[str, Any]], call: dict[str, Any], orders: list[dict[str, Any]] | None = None, **more: Any
) -> dict[str, Any]:
    """The fast answer, after the other one was found to say the same; nothing is left out of it."""
    index = CaseIndex.of(read_extract(history, orders=orders, **more), catalogue())
    fast, full = (index.assess(call, findings=tier) for tier in TIERS)
    assert fast["patterns_not_assessed"] == []
    assert {part: fast[part] for part in TOLD} == {part: full[part] for part in TOLD}
    return fast


def changes(answer: dict[str, Any]) -> dict[str, str]:
    return {f["pattern"]: f["change"] for f in answer["findings"]}


CALLS = [incident(f"I{day}", f"2025-03-0{day}T10:00", behaviours="contact") for day in (1, 3)]
CALL = incident("N", "2025-03-05T10:00", behaviours="contact")
FORCES = [(1, "North"), (5, "South"), (9, "North"), (12, "South")]
NAMED = """
id = "named"
title = "Orders by their names"
status = "experimental"
level = "low"
unit = "dyad"
summary = "One."
basis = "judgement"
headline = "{suspect} and the orders {order_ids}"
false_positives = ["None."]
[condition]
criterion = "occasions"
at_least = 2
"""


def test_an_order_that_was_made_after_the_last_record_is_on_file_for_both(tmp_path):
    (tmp_path / "own.toml").write_text(NAMED)
    index = bp.Analyser(patterns=[tmp_path]).index(read_extract(CALLS, orders=[order("O1", made_on="2025-06-01")]))
    fast, full = (index.assess(CALL, findings=tier) for tier in TIERS)
    assert fast == full
    assert [f["headline"] for f in fast["findings"] if f["pattern"] == "named"] == ["P1 and the orders O1"]


def test_an_order_is_the_same_once_a_course_holds_what_breaches_it():
    broken = [incident("I1", "2025-03-01T10:00", behaviours="contact")]
    answer = asked(broken, incident("N", "2025-03-05T10:00", behaviours="contact"), [order("O1")])
    assert changes(answer)["unrecorded_breach"] == "changed"
    assert answer["no_longer"] == []


def test_a_course_weighs_less_where_the_other_person_does_as_much():
    """What goes, or is graded down, in the other direction is told."""
    in_return = incident("B", "2025-03-20T10:00", suspect_id="V1", victim_id="P1", behaviours="contact")
    calls = [incident(f"I{day}", f"2025-03-{day:02d}T10:00", behaviours="contact", force=f) for day, f in FORCES]
    answer = asked([*calls, in_return], in_return | {"incident_id": "N", "occurred_from": "2025-03-22T10:00"})
    assert [(f["pattern"], f["change"], f["rests_on_incident"]) for f in answer["findings"] if "P1 t" in f["headline"]]


def test_a_breach_of_an_order_by_somebody_unknown_is_one_of_that_order():
    index = CaseIndex.of(read_extract(CALLS), catalogue())
    index.add_order(order("O1"))
    call = CALL | {"suspect_id": "", "breach_of": "O1"}
    answers = [index.assess(call, findings=tier, keep=tier == "full") for tier in TIERS]
    assert answers[0] == answers[1]
    assert changes(answers[0])["repeat_breach"] == "changed"
    further = CALL | {"incident_id": "N2", "occurred_from": "2025-03-07T10:00"}
    anew = CaseIndex.of(read_extract([*CALLS, call], orders=[order("O1")]), catalogue())
    assert index.assess(further) == anew.assess(further)


def test_an_order_that_protects_nobody_by_name_is_found_by_its_number():
    index = CaseIndex.of(read_extract([incident("I1", "2025-03-01T10:00", victim_id="V2")]), catalogue())
    index.add_order(order("O1", protected_id="", terms="curfew"))
    call = CALL | {"suspect_id": "", "breach_of": "O1", "behaviours": "curfew_failure"}
    fast, full = (index.assess(call, findings=tier) for tier in TIERS)
    assert fast == full
    assert [b["order_id"] for b in fast["breaches"]] == ["O1"]


def test_whom_a_record_that_counts_no_more_leaves_out_the_others_stand_for():
    """What was not recorded as a breach names nobody, so that everybody on the records of the order stands for it."""
    orders = [order("O1", kind="stalking_protection", terms="curfew", curfew_from="21:00", curfew_to="06:00")]
    unnamed = incident("I1", "2025-03-01T23:00", victim_id="", behaviours="contact", channel="in_person")
    recorded = incident("I2", "2025-03-02T23:00", behaviours="contact", breach_of="O1")
    answer = asked([unnamed, recorded], incident("N", "2025-03-05T23:00", victim_id="V2", breach_of="O1"), orders)
    assert changes(answer)["unrecorded_breach"] == "changed"


def test_time_in_custody_explains_gaps_towards_others_too():
    acts = [incident(f"I{m}", f"2025-{m:02d}-01T10:00", victim_id="V2", behaviours="contact") for m in (1, 8)]
    call = incident("N", "2025-01-10T10:00", kind="custody", occurred_to="2025-07-25", behaviours="contact")
    index = CaseIndex.of(read_extract([*acts, incident("J", "2025-01-05T10:00")]), catalogue())
    answers = [index.assess(call, findings=tier) for tier in TIERS]
    assert "limitation_clock" in {p["pattern"] for p in answers[0]["patterns_not_assessed"]}
    assert told(answers)[0] == told(answers)[1]


def test_what_grades_an_order_for_somebody_else_is_told_or_left_out():
    """The call makes the group of two tied people a course, and with it the gap in the protection of the other one."""
    tie = {"person_id": "V1", "other_id": "V2", "tie": "family"}
    lapsed = order("O2", kind="dvpo", made_on="2025-01-03", ends="2025-01-30", protected_id="V2")
    acts = [("2025-02-10", "V2"), ("2025-07-30", "V1")]
    calls = [
        incident(f"I{n}", f"{day}T10:00", victim_id=who, behaviours="contact") for n, (day, who) in enumerate(acts)
    ]
    index = CaseIndex.of(read_extract(calls, orders=[lapsed], associations=[tie]), catalogue())
    call = incident("N", "2026-02-05T10:00", behaviours="contact")
    answers = [index.assess(call, findings=tier) for tier in TIERS]
    gap = [f for f in answers[1]["findings"] if f["pattern"] == "protection_gap"]
    assert [(f["level_before"], f["level"], f["rests_on_incident"]) for f in gap] == [("low", "medium", False)]
    assert "protection_gap" in {p["pattern"] for p in answers[0]["patterns_not_assessed"]}
    assert told(answers)[0] == told(answers)[1]


def test_a_number_may_tie_others_where_no_victim_is_named():
    rows = [incident("I1", "2025-03-01T10:00"), incident("I2", "2025-03-03T10:00", suspect_id="P2", means="jo99")]
    index = CaseIndex.of(read_extract(rows, orders=[order("O2", respondent_id="P2")]), catalogue())
    call = incident("N", "2025-02-05T10:00", victim_id="", means="jo99")
    left = {p["pattern"] for p in index.assess(call)["patterns_not_assessed"]}
    assert {"joint_conduct", "contact_through_others", "unrecorded_breach"} <= left


@pytest.mark.parametrize("victim", ["V1", ""])
def test_a_number_may_tie_others_where_nothing_was_done_to_the_victim_named(victim):
    """The arrest makes the two who use one number a joint unit against somebody else."""
    rows = [
        incident(f"I{who}{day}", f"2025-03-0{day}T10:00", suspect_id=who, victim_id="V2", behaviours="contact", **more)
        for who, more in (("P1", {}), ("P2", {"means": "jo99"}))
        for day in (1, 2, 3)
    ]
    index = CaseIndex.of(read_extract(rows), catalogue())
    call = incident("N", "2025-03-06T10:00", kind="custody", means="jo99", victim_id=victim)
    fast, full = (index.assess(call, findings=tier) for tier in TIERS)
    assert "joint_conduct" in {f["pattern"] for f in full["findings"]}
    assert "joint_conduct" in {p["pattern"] for p in fast["patterns_not_assessed"]}
    assert told([fast, full])[0] == told([fast, full])[1]


def test_a_mapping_that_is_used_again_for_the_next_incident_changes_nothing_on_file():
    index = CaseIndex.of(read_extract(CALLS), catalogue())
    call = dict(CALL)
    index.add(call)
    call |= {"incident_id": "N2", "occurred_from": "2025-03-07T10:00"}
    answers = [index.assess(call, findings=tier) for tier in TIERS]
    assert answers[0]["patterns_not_assessed"] == []
    assert answers[0] == answers[1]


def test_whom_only_records_name_that_came_since_is_asked_about_with_those_by_somebody_unknown():
    """The second victim, and the record of nobody known with the number, came after the index was made."""
    index = CaseIndex.of(read_extract([incident("I1", "2025-03-01T10:00", behaviours="contact")]), catalogue())
    to_other = {"victim_id": "V2", "behaviours": "contact", "means": "jo99"}
    index.add(incident("I2", "2025-03-03T10:00", **to_other))
    index.add(incident("I3", "2025-03-04T10:00", suspect_id="", **to_other))
    call = incident("N", "2025-03-06T10:00", behaviours="contact", means="jo99")
    answers = [index.assess(call, findings=tier) for tier in TIERS]
    lines = [[f["headline"] for f in a["findings"] if f["pattern"] == "means_across_victims"] for a in answers]
    assert len(lines[0]) == 1
    assert lines[0] == lines[1]
    assert told(answers)[0] == told(answers)[1]


def agree(seed: int) -> int:
    """Ask both, of a history of which a part came one by one; return how many findings were compared."""
    r, given = Random(seed), untidy(seed)
    numbers = [i["incident_id"] for i in given["incidents"]]
    single = [i for i in given["incidents"] if numbers.count(i["incident_id"]) == 1]
    if len(single) < 2:
        return 0
    one = r.choice([r.choice(single), max(single, key=lambda i: i["occurred_from"])])
    late = r.sample([i for i in single if i is not one], r.choice([0, 0, len(single) // 3]))
    named = {r.choice(given["orders"])["order_id"]} if given["orders"] and r.random() < 0.4 else set()
    rest = [i for i in given["incidents"] if i is not one and i not in late]
    if not rest:
        return 0
    told_later = [o for o in given["orders"] if o["order_id"] in named]
    index = made(given, rest, [o for o in given["orders"] if o not in told_later])
    for row in r.sample([*late, *told_later], len(late) + len(told_later)):
        if "order_id" in row:
            index.add_order(row)
        elif r.random() < 0.7:
            index.assess(row, keep=True)
        else:
            index.add(row)
    now = r.choice([None, None, "2025-09-01", "2026-01-15"])
    fast, full = (index.assess(one, findings=tier, now=now) for tier in TIERS)
    compared = told([fast, full])
    assert compared[0] == compared[1]
    anew = made(given, [*rest, *late], given["orders"]).assess(one, now=now)
    again = told([fast, anew])
    assert again[0] == again[1]
    assert {k: v for k, v in fast.items() if k not in (*TOLD, "patterns_not_assessed")} == {
        k: v for k, v in anew.items() if k not in (*TOLD, "patterns_not_assessed")
    }
    return len(compared[0])


def made(given: dict[str, list[dict[str, Any]]], incidents: list[dict[str, Any]], orders: Any) -> CaseIndex:
    extract = read_extract(incidents, orders=orders or None, associations=given["associations"] or None)
    return CaseIndex.of(extract, catalogue())


@pytest.mark.parametrize("seed", first(4, range(100)))
def test_both_say_the_same(seed):
    agree(seed)


@pytest.mark.slow
def test_both_say_the_same_of_many():
    assert sum(map(agree, range(3000, 3400))) > 500

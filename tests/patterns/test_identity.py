"""Ids: the same facts, the same id; other facts, another."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.facts import incident, order, timelines
from tests.patterns.given import CALL, by_pattern, calls, extracts, findings

from breachpattern.patterns import course_ids


def ids(rows, orders=()):
    return {p: {r["finding_id"] for r in rs} for p, rs in by_pattern(rows, list(orders)).items()}


def test_what_is_not_about_the_occasions_leaves_ids_alone():
    rows = calls("2025-03-01", "2025-03-05")
    plain = ids(rows, [order("O1")])
    richer = ids([row | {"impact": "fear_of_violence", "force": "Northmarch"} for row in rows], [order("O1")])
    assert {p: richer[p] for p in plain} == plain


def test_a_further_occasion_gives_another_id():
    short, long = ids(calls("2025-03-01", "2025-03-05")), ids(calls("2025-03-01", "2025-03-05", "2025-03-09"))
    assert short["conduct_not_recorded"].isdisjoint(long["conduct_not_recorded"])


def test_two_orders_on_the_same_conduct_give_two_ids():
    found = ids(calls("2025-03-01"), [order("O1"), order("O2", kind="non_molestation", without_notice="false")])
    assert len(found["unrecorded_breach"]) == 2


def test_course_ids_follow_people_and_incidents_and_nothing_else():
    rows = calls("2025-03-01", "2025-03-05")
    one = course_ids(timelines(rows)).tolist()
    assert course_ids(timelines(rows, [order("O1")])).tolist() == one
    other = [incident(r["incident_id"], r["occurred_from"], victim_id="V2", **CALL) for r in rows]
    both = course_ids(timelines(rows + [r | {"incident_id": "X" + r["incident_id"]} for r in other])).tolist()
    assert set(one) < set(both)
    assert len(set(both)) == len(both) == 2
    assert course_ids(timelines([])).tolist() == []


@settings(max_examples=up_to(15), deadline=None)
@given(extracts(), st.lists(st.sampled_from(["", "open", "closed"]), min_size=8, max_size=8))
def test_the_same_pattern_unit_and_occasions_have_the_same_id_and_others_another(extract, states):
    """Two runs can be compared: ids of both are one for one with what the findings are about."""
    rows, orders = extract
    other = [row | {"status": state, "force": "Westmarch"} for row, state in zip(rows, states, strict=False)]
    about: dict[str, set[str]] = {}
    for record in (*findings(rows, orders).records(), *findings(other, orders).records()):
        columns = ("pattern", "suspect_id", "victim_ids", "order_ids", "incident_ids")
        about.setdefault(record["finding_id"], set()).add(repr([record[column] for column in columns]))
    assert [facts for facts in about.values() if len(facts) > 1] == []
    told = [fact for facts in about.values() for fact in facts]
    assert len(told) == len(set(told))

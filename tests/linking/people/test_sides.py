"""Suspect and victim, respondent and protected person: records themselves keep them apart."""

import pyarrow as pa
import pytest
from tests.linking.people.given import PHONE, PNC, TOM, decisions, entities, lettered, link

from breachpattern.linking.people import link_people

SAME = {"pnc_id": PNC}


def sides(*pairs):
    left, right = zip(*pairs, strict=True) if pairs else ((), ())
    return pa.array(left, pa.string()), pa.array(right, pa.string())


def test_two_sides_of_a_record_are_not_joined_and_the_link_is_an_issue():
    people = link_people(lettered(SAME, SAME), apart=sides(("B", "A"), ("A", "B")))
    assert entities(people) == "A B"
    assert people.counts["refused_opposite_sides"] == people.counts["refused_links"] == 1
    (issue,) = people.issues
    assert (issue.row, issue.column, issue.code, issue.value) == (3, "person_id", "linked_to_opposite_side", "A and B")


def test_two_sides_are_kept_apart_through_a_third_record():
    doubtful = TOM | {"postcode": "ZZ1 1AA"}
    people = link_people(lettered(SAME | doubtful, SAME, doubtful), apart=sides(("B", "C")))
    assert entities(people) == "AB C"
    assert people.counts["refused_opposite_sides"] == 1
    assert [(issue.row, issue.value) for issue in people.issues] == [(4, "A and C")]


def test_a_decision_joins_two_sides():
    made = decisions(("A", "B", "same"))
    people = link_people(lettered({}, {}), apart=sides(("A", "B")), decisions=made)
    assert entities(people) == "AB"
    assert (people.counts["refused_opposite_sides"], people.issues) == (0, ())


def test_decisions_join_two_sides_through_others():
    made = decisions(("A", "B", "same"), ("B", "C", "same"))
    assert link({}, {}, {}, apart=sides(("A", "C")), decisions=made) == "ABC"


def test_a_link_does_not_join_what_only_decisions_may():
    made = decisions(("B", "C", "same"))
    assert link(SAME, SAME, {}, apart=sides(("A", "C")), decisions=made) == "A BC"


def test_a_link_refused_for_another_reason_is_not_counted_as_one_of_two_sides():
    made = decisions(("A", "B", "different"))
    people = link_people(lettered(SAME, SAME), apart=sides(("A", "B")), decisions=made)
    assert (people.counts["refused_links"], people.counts["refused_opposite_sides"]) == (1, 0)


@pytest.mark.parametrize("pair", [("A", "A"), ("A", None), ("A", "X"), (None, None)])
def test_what_is_no_pair_of_known_references_keeps_nobody_apart(pair):
    assert link(SAME, SAME, apart=sides(pair)) == "AB"


def test_splink_does_not_join_two_sides_either():
    kieran = TOM | {"surname": "Ashlingworth", "phone": PHONE}
    slip = kieran | {"surname": "Ashlingworh"}
    assert link(kieran, slip, method="probabilistic") == "AB"
    assert link(kieran, slip, method="probabilistic", apart=sides(("A", "B"))) == "A B"


def test_a_decision_may_name_a_reference_that_has_no_record():
    people = link_people(lettered(SAME, SAME), also=pa.array(["X", "A", None, "Y", "X"]),
                         decisions=decisions(("B", "X", "same")))  # fmt: skip
    assert entities(people) == "ABX Y"
    assert people.issues == ()
    counts = people.counts
    assert (counts["references"], counts["entities"], counts["references_without_record"]) == (3, 1, 1)
    assert people.certain().counts["entities"] == 1


@pytest.mark.parametrize("method", ["exact", "probabilistic"])
@pytest.mark.parametrize("columns", [{}, {"surname": pa.array([], pa.string()), "row": pa.array([], pa.int64())}])
def test_without_any_record_decisions_stand_alone(method, columns):
    nobody = pa.table({"person_id": pa.array([], pa.string())} | columns)
    made = decisions(("P1", "P2", "same"), ("P2", "P3", "different"), ("P1", "P9", "same"))
    people = link_people(nobody, method=method, also=pa.array(["P3", "P2", "P1"]), decisions=made)
    assert people.shown.to_pylist() == ["P1", "P1", "P3"]
    assert people.table()["person_id"].to_pylist() == ["P1", "P2"]
    assert [issue.code for issue in people.issues] == ["decision_unknown_person"]

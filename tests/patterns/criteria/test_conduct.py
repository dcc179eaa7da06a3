"""Conduct, people, closure and proxies: what holds, and what must not."""

import pytest
from tests.facts import incident, order
from tests.patterns.given import CALL, calls, record_of

from breachpattern.patterns.criteria.closure import outcome_number

FOLLOW = {"behaviours": "follow", "channel": "in_person"}


@pytest.mark.parametrize(
    ("written", "number"),
    [("16", "16"), ("016", "16"), ("Outcome 16", "16"), ("1a", "1A"), ("01", "1"), ("", ""), ("n/a", "")],
)
def test_outcome_numbers_however_they_are_written(written, number):
    assert outcome_number(written) == number


@pytest.mark.parametrize(
    ("change", "held"),
    [
        ({"outcome": "16", "status": "closed"}, True),
        ({"outcome": "18"}, True),
        ({"status": "closed"}, True),
        ({"outcome": "1", "status": "closed"}, False),
        ({"outcome": "3", "status": "closed"}, False),
        ({"status": "open"}, False),
        ({}, False),
    ],
)
def test_closed_without_a_sanction_while_it_went_on(change, held):
    rows = calls("2025-03-01", "2025-03-05", "2025-03-09", **FOLLOW)
    rows[0] |= change
    record = record_of("closed_while_course_continues", rows)
    assert (record is not None) is held
    if record:
        assert record["trace"]["all"][2]["values"]["occasions_after"] == "2 occasions"
        assert "I1 was closed" in record["headline"]


def test_the_last_record_closed_is_followed_by_nothing():
    rows = calls("2025-03-01", "2025-03-05", "2025-03-09", **FOLLOW)
    rows[2] |= {"outcome": "16"}
    assert record_of("closed_while_course_continues", rows) is None


@pytest.mark.parametrize(
    ("forces", "held"),
    [(("A", "B"), True), (("A", "A"), False), (("A", ""), False), (("", ""), False)],
)
def test_several_forces(forces, held):
    rows = calls("2025-03-01", "2025-03-05", **FOLLOW)
    rows = [row | {"force": force} for row, force in zip(rows, forces, strict=True)]
    assert (record_of("cross_force", rows) is not None) is held


def test_several_victims_need_a_course_each():
    one = calls("2025-03-01", "2025-03-05", **FOLLOW)
    two = [row | {"incident_id": "X" + row["incident_id"], "victim_id": "V2"} for row in one]
    assert record_of("serial_victims", one) is None
    assert record_of("serial_victims", one + two[:1]) is None
    record = record_of("serial_victims", one + two)
    assert record["victim_ids"] == ["V1", "V2"]
    assert record["incident_ids"] == ["I1", "XI1", "I2", "XI2"]


def test_weak_courses_do_not_make_a_series():
    one = [incident("I1", "2021-03-01", behaviours="damage"), incident("I2", "2025-03-05", behaviours="contact")]
    two = [row | {"incident_id": "X" + row["incident_id"], "victim_id": "V2"} for row in one]
    assert record_of("serial_victims", one + two) is None


TIE = [{"person_id": "P1", "other_id": "P2", "tie": "family"}]
OWN = incident("I1", "2025-02-20T19:00", **CALL)


@pytest.mark.parametrize(
    ("other", "held"),
    [
        ({}, True),
        ({"occurred_from": "2025-01-01T19:00"}, False),
        ({"victim_id": "V2"}, False),
        ({"suspect_id": "P3"}, False),
    ],
)
def test_what_a_tied_person_does_under_the_order_is_inferred_and_low(other, held):
    rows = [OWN, incident("I2", "2025-03-01T19:00", **(CALL | {"suspect_id": "P2"} | other))]
    record = record_of("contact_through_others", rows, [order("O1")], TIE)
    assert (record is not None) is held
    if record:
        assert record["level"] == "low"
        assert record["suspect_ids"] == ["P1"]
        assert record["incident_ids"] == ["I2"]


def test_a_record_that_names_both_is_no_proxy():
    rows = [OWN, *(incident("I2", "2025-03-01T19:00", **(CALL | {"suspect_id": p})) for p in ("P1", "P2"))]
    assert record_of("contact_through_others", rows, [order("O1")], TIE) is None


@pytest.mark.parametrize(
    ("bound", "held"), [([order("O1", terms="no_contact;no_indirect_contact")], True), ([], False)]
)
def test_a_message_through_another_needs_an_order_or_a_course(bound, held):
    rows = [incident("I1", "2025-03-01T19:00", behaviours="third_party_contact", channel="third_party")]
    assert (record_of("contact_through_others", rows, bound) is not None) is held

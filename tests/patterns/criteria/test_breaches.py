"""Breaches: counted as occasions, certain or not, soon after service or not."""

import pytest
from tests.facts import incident, order
from tests.patterns.given import CALL, by_pattern, calls, record_of

SPO = order("O1", kind="stalking_protection", served_at="2025-01-12T12:00", terms="no_contact;notification")


@pytest.mark.parametrize(
    ("rows", "held"),
    [
        (calls("2025-03-01"), False),
        (calls("2025-03-01", "2025-03-02"), True),
        (calls("2025-03-01", "2025-03-01"), False),
        ([*calls("2025-03-01"), incident("N1", "2025-03-05", victim_id="", behaviours="notification_failure")], False),
        ([row | {"status": "cancelled"} for row in calls("2025-03-01", "2025-03-02")], False),
        (calls("2025-03-01", "2024-03-02"), False),
    ],
)
def test_two_occasions_under_one_order_are_repeated(rows, held):
    assert (record_of("repeat_breach", rows, [SPO]) is not None) is held


def test_one_breach_each_of_two_orders_is_no_repeat():
    rows = [incident("I1", "2025-03-01T10:00", **CALL), incident("I2", "2025-03-08T10:00", victim_id="V2", **CALL)]
    assert record_of("repeat_breach", rows, [order("O1"), order("O2", protected_id="V2")]) is None


@pytest.mark.parametrize(
    ("served", "day", "held"),
    [
        ("2025-03-01T12:00", "2025-03-01", True),
        ("2025-03-01T12:00", "2025-03-08", True),
        ("2025-03-01T12:00", "2025-03-10", False),
        ("2025-03-05T12:00", "2025-03-04", False),
        ("", "2025-03-02", False),
    ],
)
def test_soon_after_service_is_within_seven_days(served, day, held):
    bound = [order("O1", made_on="2025-02-20", served_at=served)]
    assert (record_of("breach_soon_after_service", calls(day), bound) is not None) is held


def test_registering_late_is_not_soon_after_service():
    late = [incident("N1", "2025-01-16", victim_id="", behaviours="notification_failure")]
    assert record_of("breach_soon_after_service", late, [SPO]) is None
    assert record_of("notification_only", late, [SPO])["level"] == "low"


def test_unrecorded_is_one_finding_for_each_order_not_each_row():
    rows = calls("2025-03-01", "2025-03-03", "2025-03-09")
    found = by_pattern(rows, [order("O1"), order("O2", kind="non_molestation", without_notice="false")])
    assert [sorted(r["order_ids"]) for r in found["unrecorded_breach"]].count(["O1"]) == 1
    assert len(found["unrecorded_breach"]) == 2
    assert all(len(r["incident_ids"]) == 3 for r in found["unrecorded_breach"])


@pytest.mark.parametrize(("made", "level"), [("2025-01-10", "medium"), ("2025-03-01", "low")])
def test_only_certain_unrecorded_breaches_reach_medium(made, level):
    assert record_of("unrecorded_breach", calls("2025-03-01"), [order("O1", made_on=made)])["level"] == level


@pytest.mark.parametrize(("terms", "low"), [("no_contact;no_indirect_contact", False), ("no_contact", True)])
@pytest.mark.parametrize("pattern", ["unrecorded_breach", "repeat_breach"])
def test_no_breach_is_certain_whose_terms_may_not_reach_the_act(pattern, terms, low):
    """The order is certainly in force both times; only its words differ."""
    through_others = calls("2025-03-01", "2025-06-01", behaviours="third_party_contact", channel="third_party")
    assert (record_of(pattern, through_others, [order("O1", terms=terms)])["level"] == "low") is low


def test_a_breach_is_told_in_its_strongest_course_once():
    rows = calls("2025-03-01", "2025-03-05", "2025-03-09")
    rows.append(incident("G1", "2025-03-12T20:00", victim_id="V2", **CALL))
    both = [order("O1"), order("O1", protected_id="V2")]
    told = by_pattern(rows, both)["breach_in_course"]
    seen = [i for r in told for i in r["breach_incident_ids"]]
    assert "I1" in seen
    assert {tuple(r["victim_ids"]) for r in told} <= {("V1",), ("V1", "V2")}
    assert sum(r["victim_ids"] == ["V1"] for r in told) == 1


def test_a_breach_with_no_order_on_file_is_low_and_once_for_each_incident():
    rows = [incident("I1", "2025-03-01", victim_id=v, offence_code="008/31", kind="crime") for v in ("V1", "V2")]
    record = record_of("breach_without_order", rows)
    assert record["level"] == "low"
    assert record["victim_ids"] == ["V1", "V2"]
    assert record["order_ids"] == []

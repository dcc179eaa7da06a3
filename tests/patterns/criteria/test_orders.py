"""Orders: what followed their end, what they were founded on, and what came next."""

import pytest
from tests.facts import order
from tests.patterns.given import by_pattern, calls, record_of

GONE = order("O1", kind="non_molestation", without_notice="false", ends="2025-03-31")


@pytest.mark.parametrize(
    ("day", "held"),
    [("2025-03-31", False), ("2025-04-01", True), ("2026-03-31", True), ("2026-04-01", False)],
)
def test_the_gap_begins_after_the_last_day_and_ends_with_the_window(day, held):
    assert (record_of("protection_gap", calls(day), [GONE]) is not None) is held


def test_an_order_until_further_order_has_no_gap():
    assert record_of("protection_gap", calls("2025-06-01"), [order("O1")]) is None


def test_a_discharge_opens_the_gap():
    bound = order("O1", discharged_on="2025-05-01T12:00")
    record = record_of("protection_gap", calls("2025-05-20"), [bound])
    assert record["trace"]["values"] == {
        "ended": "1 May 2025",
        "days_after_end": "19 days",
        "occasions_after_end": "1 occasion",
    }


@pytest.mark.parametrize(
    ("other", "held"),
    [
        (order("O2", made_on="2025-04-15"), False),
        (order("O2", made_on="2025-06-15"), True),
        (order("O2", made_on="2025-04-15", protected_id="V9"), True),
        (order("O2", made_on="2025-04-15", respondent_id="P9"), True),
        (order("O2", kind="police_warning", made_on="2025-04-15", served_at="2025-04-15T12:00", terms=""), True),
    ],
)
def test_another_order_in_force_closes_the_gap(other, held):
    assert (record_of("protection_gap", calls("2025-05-20"), [GONE, other]) is not None) is held


def test_only_the_protected_person_counts():
    assert record_of("protection_gap", calls("2025-05-20", victim_id="V2"), [GONE]) is None


BAIL = order(
    "B1", kind="police_bail", made_on="2025-03-10", starts="2025-03-10T20:00", ends="2025-06-09", founded_on="I1"
)


@pytest.mark.parametrize(
    ("change", "held"),
    [
        ({}, True),
        ({"behaviours": "damage"}, False),
        ({"behaviours": ""}, False),
        ({"occurred_from": "2025-07-01T20:00"}, False),
        ({"victim_id": "V2"}, False),
        ({"suspect_id": "P2"}, False),
    ],
)
def test_the_founding_conduct_repeated_on_bail(change, held):
    first, second = calls("2025-02-01", "2025-04-20", channel="", behaviours="contact")
    record = record_of("conduct_on_bail", [first, second | change], [BAIL | {"terms": "residence"}])
    assert (record is not None) is held
    if record:
        assert record["incident_ids"] == ["I1", "I2"]
        assert "not an offence by itself" in " ".join(record["caveats"])


def test_conditions_broken_within_a_course_need_no_founding_record():
    rows = calls("2025-03-05", "2025-03-20", means="07700900305")
    assert record_of("conduct_on_bail", rows, [BAIL | {"founded_on": ""}]) is not None
    assert record_of("conduct_on_bail", rows, [order("O1")]) is None


@pytest.mark.parametrize(
    ("made", "days", "rungs"),
    [
        (("2025-01-10", "2025-03-10"), ("2025-02-01", "2025-04-01"), 2),
        (("2025-01-10", "2025-03-10"), ("2025-04-01", "2025-04-05"), None),
        (("2025-01-10", "2025-03-10"), ("2025-02-01", "2025-02-05"), None),
        (("2025-01-10", "2025-03-10", "2025-05-10"), ("2025-02-01", "2025-04-01", "2025-06-01"), 3),
        (("2025-01-10", "2025-03-10", "2025-05-10"), ("2025-02-01", "2025-06-01"), 2),
        (("2025-01-10",), ("2025-02-01", "2025-06-01"), None),
    ],
)
def test_a_rung_is_an_order_that_conduct_followed_before_the_next(made, days, rungs):
    orders = [order(f"O{i}", made_on=day) for i, day in enumerate(made)]
    record = record_of("order_ladder", calls(*days), orders)
    assert (record is None) is (rungs is None)
    if record:
        assert record["trace"]["values"]["rungs"] == f"{rungs} orders"
        assert record["order_ids"] == [f"O{i}" for i in range(len(made))]


def test_conduct_before_the_first_order_is_not_on_the_ladder():
    rows = calls("2024-12-01", "2025-02-01", "2025-04-01")
    record = record_of("order_ladder", rows, [order("O1"), order("O2", made_on="2025-03-10")])
    assert record["incident_ids"] == ["I2", "I3"]


def test_a_warning_is_no_rung():
    warning = order("W1", kind="police_warning", made_on="2025-01-05", served_at="2025-01-05T12:00", terms="")
    assert record_of("order_ladder", calls("2025-01-07", "2025-02-01"), [warning, order("O1")]) is None


def test_what_breaks_another_order_is_no_breach_of_this_one():
    first, *more = calls("2025-02-01", "2025-04-20", "2025-04-24", "2025-04-28", behaviours="contact;threat")
    silent, broken = BAIL | {"terms": "residence"}, BAIL | {"order_id": "B2", "terms": "no_contact"}

    def told(*bound):
        return {
            record["order_ids"][0]: record["level"] for record in by_pattern([first, *more], bound)["conduct_on_bail"]
        }

    assert told(silent, broken)["B1"] == told(silent)["B1"] == "medium"
    assert told(silent, broken)["B2"] == "critical"

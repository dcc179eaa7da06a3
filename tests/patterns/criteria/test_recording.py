"""Recording: the rule of the day decides; the clock is counted as a court counts it."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.facts import order
from tests.patterns.given import calls, record_of

from breachpattern.patterns.criteria.recording import months_later


@given(st.dates(date(1998, 1, 1), date(2060, 1, 1)), st.integers(1, 24))
def test_months_are_calendar_months(day, months):
    number = np.array([(day - date(1970, 1, 1)).days])
    later = date(1970, 1, 1) + timedelta(int(months_later(number, months)[0]))
    elapsed = (later.year - day.year) * 12 + later.month - day.month
    assert elapsed == months
    assert later.day == day.day or ((later + timedelta(1)).day == 1 and later.day < day.day)


@pytest.mark.parametrize(
    ("last", "as_of", "left"),
    [
        ("2025-02-10", "2025-08-10", "0 days"),
        ("2025-02-10", "2025-08-11", None),
        ("2025-08-31", "2026-02-28", "0 days"),
        ("2025-08-31", "2026-02-01", "27 days"),
        ("2025-02-10", "2025-02-11", "180 days"),
    ],
)
def test_the_six_months_end_with_the_corresponding_date(last, as_of, left):
    rows = calls("2025-01-28" if last < "2025-06" else "2025-08-15", last, behaviours="follow", offence_code="195/12")
    record = record_of("limitation_clock", rows, as_of=as_of)
    assert (record is None) is (left is None)
    if record:
        assert record["trace"]["all"][2]["values"]["days_left"] == left


@pytest.mark.parametrize(
    ("offences", "outcome", "runs"),
    [
        (("195/12", "195/12"), "", True),
        (("195/94", ""), "", True),
        (("", ""), "", True),
        (("008/31", "008/31"), "", True),
        (("195/12", "195/12"), "1", False),
        (("195/12", "195/12"), "01A", False),
        (("195/12", "195/12"), "16", True),
        (("008/65", "008/65"), "", False),
        (("008/65", "195/12"), "", True),
    ],
)
def test_the_clock_runs_for_uncharged_summary_offences(offences, outcome, runs):
    rows = calls("2025-03-01", "2025-03-05", behaviours="follow")
    rows = [row | {"offence_code": code, "outcome": outcome} for row, code in zip(rows, offences, strict=True)]
    assert (record_of("limitation_clock", rows, as_of="2025-04-01") is not None) is runs


def recorded(days, **values):
    return [row | {"recorded_at": f"{row['occurred_from'][:10]}T21:00"} for row in calls(*days, **values)]


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2013, None),
        (2017, None),
        (2019, "conduct_not_recorded"),
        (2022, "conduct_not_recorded"),
        (2024, "masked_conduct"),
    ],
)
def test_the_rule_of_the_day_of_recording_decides(year, expected):
    rows = recorded([f"{year}-06-0{d}" for d in (1, 4, 8)], offence_code="008/31", kind="crime")
    bound = [order("O1", made_on=f"{year}-01-10")]
    for pattern in ("conduct_not_recorded", "masked_conduct"):
        assert (record_of(pattern, rows, bound) is not None) is (pattern == expected), pattern


def test_late_recording_counts_by_the_day_of_recording():
    rows = calls("2017-06-01", "2017-06-05", behaviours="follow")
    assert record_of("conduct_not_recorded", rows) is None
    rows = [row | {"reported_at": "2021-02-01T10:00", "recorded_at": "2021-02-02T10:00"} for row in rows]
    assert record_of("conduct_not_recorded", rows) is not None


def test_since_2023_a_course_without_any_graver_crime_is_still_to_be_recorded():
    rows = recorded(["2025-06-01", "2025-06-05"], behaviours="follow")
    assert record_of("conduct_not_recorded", rows) is not None
    assert record_of("masked_conduct", rows) is None


@pytest.mark.parametrize("code", ["195/12", "195/94", "008/65", "008/30"])
def test_any_conduct_crime_is_a_record_of_the_course(code):
    rows = recorded(["2021-06-01", "2021-06-05"], behaviours="follow")
    rows[1]["offence_code"] = code
    assert record_of("conduct_not_recorded", rows) is None


@pytest.mark.parametrize(
    ("change", "held"),
    [
        ({}, True),
        ({"relationship": "partner"}, False),
        ({"relationship": ""}, False),
        ({"offence_code": "195/12"}, False),
        ({"offence_code": "008/30"}, True),
        ({"recorded_at": "2020-03-31T10:00", "occurred_from": "2020-03-30T20:00"}, False),
    ],
)
def test_former_partner_default(change, held):
    rows = recorded(["2022-06-01", "2022-06-05"], behaviours="follow", offence_code="195/94", relationship="ex_partner")
    if "occurred_from" in change:
        rows[0] |= {"occurred_from": "2020-03-28T20:00", "recorded_at": "2020-03-29T10:00"}
        rows[1] |= change
    else:
        rows = [row | change for row in rows]
    assert (record_of("ex_partner_default", rows) is not None) is held


STALK = {"behaviours": "follow", "offence_code": "195/12"}


def clock(rows, as_of, orders=None):
    """The days left on the clock, None where it does not run."""
    record = record_of("limitation_clock", rows, orders, as_of=as_of)
    return record and record["trace"]["all"][2]["values"]["days_left"]


def test_the_clock_of_one_record_of_many_acts_runs_from_its_end():
    span = calls("2025-11-01", occurred_to="2026-06-20T22:00", act_count="200", offence_code="195/94")
    assert clock(span, "2026-06-30") == "173 days"
    window = calls("2026-02-01", "2026-02-10", **STALK)
    window[1]["occurred_to"] = "2026-06-20T22:00"
    assert clock(window, "2026-06-30") == "41 days"


@pytest.mark.parametrize(
    ("outcome", "runs"), [("1", False), ("2A", False), ("Outcome 3", False), ("4", False), ("8", True), ("17", True)]
)
def test_a_charge_or_a_caution_stops_the_clock(outcome, runs):
    rows = calls("2026-05-18", "2026-06-01", outcome=outcome, **STALK)
    assert (clock(rows, "2026-06-30") is not None) is runs


def test_conduct_after_a_charge_has_a_clock_of_its_own():
    rows = calls("2026-03-05", "2026-04-20", "2026-05-02", "2026-05-16", **STALK)
    rows[0]["outcome"] = "1"
    assert clock(rows, "2026-06-30") == "139 days"
    assert clock(rows[:2], "2026-06-30") is None
    twin = rows[0] | {"incident_id": "I9", "occurred_from": "2026-03-05T20:20", "outcome": ""}
    refs = [row | {"occurrence_ref": "C1"} for row in (rows[0], twin)]
    assert clock([*refs, rows[1]], "2026-06-30") is None
    many = rows[1] | {"act_count": "5"}
    assert clock([rows[0], many], "2026-06-30") is not None


def test_the_clock_and_the_counting_rules_are_law_of_england_and_wales():
    bound = [order("O1", kind="non_harassment", made_on="2026-01-05")]
    rows = calls("2026-06-03", "2026-06-06", "2026-06-09", behaviours="contact;watch", kind="crime")
    scottish = [row | {"offence_text": "Breach of non-harassment order"} for row in rows]
    for pattern in ("limitation_clock", "conduct_not_recorded", "masked_conduct"):
        assert record_of(pattern, scottish, bound) is None, pattern
    assert record_of("limitation_clock", rows, bound) is None
    mixed = [*scottish[:2], rows[2] | {"offence_code": "195/12"}]
    assert record_of("limitation_clock", mixed, bound) is not None


def test_a_course_within_one_record_is_to_be_recorded():
    texts = {"behaviours": "contact", "channel": "text", "occurred_to": "2025-05-21T20:00"}
    assert record_of("conduct_not_recorded", calls("2025-05-01", act_count="60", **texts)) is not None
    assert record_of("conduct_not_recorded", calls("2025-05-01", **texts)) is None

import pyarrow as pa
import pytest
from tests.facts import catalogue, incident, order

from breachpattern.errors import UsageError
from breachpattern.ingest import read_extract
from breachpattern.output.person import person_table
from breachpattern.spans import as_of_second
from breachpattern.timelines import build

INCIDENTS = [
    incident("I1", "2025-02-01T10:00", behaviours="contact", channel="text"),
    incident("I2", "2025-02-03T22:00", behaviours="contact", reported_at="2025-06-01"),
    incident("I3", "2025-02-05", suspect_id="V1", victim_id="P9", behaviours="assault"),
    incident("I4", "2025-02-06", suspect_id="X", victim_id="Y"),
]
ORDERS = [
    order("O1", served_at="2025-01-12T09:00", ends="2025-12-31"),
    order("O1", served_at="2025-01-12T09:00", ends="2025-12-31", protected_id="V2"),
    order("O7", respondent_id="X", protected_id="Y"),
]


def events(person, as_of="2026-01-01"):
    extract = read_extract(INCIDENTS, ORDERS)
    found = build(extract, catalogue(), as_of_second(as_of))
    ids = pa.array([f"c{i}" for i in range(len(found.courses.frame))], pa.string())
    return person_table(found, extract.orders, ids, person).to_pylist()


def test_a_victims_timeline_holds_records_and_orders_in_time_order():
    said = [(e["event"], e["record_id"], e["role"], e["other_id"]) for e in events("V1")]
    assert said == [
        ("order made", "O1", "protected", "P1"),
        ("order served", "O1", "protected", "P1"),
        ("incident", "I1", "victim", "P1"),
        ("incident", "I2", "victim", "P1"),
        ("incident", "I3", "suspect", "P9"),
        ("order ends", "O1", "protected", "P1"),
    ]


def test_a_respondent_sees_each_protected_person():
    assert sorted({e["other_id"] for e in events("P1") if e["event"] == "order served"}) == ["V1", "V2"]


def test_an_incident_says_which_breach_it_is_and_which_course_holds_it():
    first = next(e for e in events("V1") if e["record_id"] == "I1")
    assert first["breach"] == "unrecorded of O1"
    assert first["course_id"] is not None
    assert first["course_strength"] in ("arguable", "clear")
    assert first["at"] == first["until"]


def test_nothing_learnt_later_is_on_the_timeline():
    assert [e["record_id"] for e in events("V1", "2025-05-31") if e["event"] == "incident"] == ["I1", "I3"]
    early = [e["event"] for e in events("V1", "2025-01-11")]
    assert "order served" not in early
    assert "order made" in early
    assert events("V1", "2025-01-09") == []


def test_a_day_is_shown_from_its_first_to_its_last_second():
    made = events("V1")[0]
    assert (made["at"].hour, made["until"].hour, made["until"].second) == (0, 23, 59)


def test_an_unknown_person_is_said_in_words():
    with pytest.raises(UsageError, match="'P-404'"):
        events("P-404")

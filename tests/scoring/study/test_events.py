"""Events: occasions of dyads, one after the other, with what is known of each."""

import numpy as np
import pytest
from tests.facts import incident

import breachpattern as bp
from breachpattern.errors import UsageError
from breachpattern.scoring import dyad_events

CALL = {"behaviours": "contact", "channel": "phone"}
AS_OF = "2025-12-31T10:00"


def events(rows, harm=None, as_of=AS_OF):
    return dyad_events(bp.Analyser().analyse(bp.read_extract(rows), as_of=as_of), harm=harm)


def test_records_of_one_occurrence_are_one_event_and_cancelled_ones_none():
    rows = [
        incident("I1", "2025-03-01T10:00", occurrence_ref="C1", **CALL),
        incident("I2", "2025-03-01T10:30", occurrence_ref="C1", **CALL),
        incident("I3", "2025-03-05T10:00", status="cancelled", **CALL),
        incident("I4", "2025-03-11T10:00", **CALL),
    ]
    found = events(rows)
    assert found["number"].tolist() == [1, 2]
    assert np.isnan(found["days_since"][0])
    assert found["days_since"][1] == 10
    assert found["at"].astype(str).tolist() == ["2025-03-01 10:00:00+00:00", "2025-03-11 10:00:00+00:00"]


def test_a_dyad_has_a_direction_and_the_rows_stand_in_the_order_of_the_text():
    rows = [
        incident("I1", "2025-03-01T10:00", suspect_id="B", victim_id="A", **CALL),
        incident("I2", "2025-03-02T10:00", suspect_id="A", victim_id="C", **CALL),
        incident("I3", "2025-03-03T10:00", suspect_id="A", victim_id="B", **CALL),
        incident("I4", "2025-03-04T10:00", suspect_id="B", victim_id="A", **CALL),
    ]
    told = events(rows)[["suspect_id", "victim_id", "number"]]
    assert told.to_numpy().tolist() == [["A", "B", 1], ["A", "C", 1], ["B", "A", 1], ["B", "A", 2]]
    assert told.equals(events(rows[::-1])[["suspect_id", "victim_id", "number"]])


def test_the_gravest_offence_with_a_weight_is_the_harm():
    rows = [
        incident("I1", "2025-03-01T10:00", offence_code="105/01", kind="crime", occurrence_ref="C1", **CALL),
        incident("I2", "2025-03-01T10:10", offence_code="8/65", kind="crime", occurrence_ref="C1", **CALL),
        incident("I3", "2025-03-09T10:00", **CALL),
    ]
    harm = events(rows, {"105/01": 1.0, "8/65": 10.0})["harm"].tolist()
    assert harm[0] == 10
    assert np.isnan(harm[1])
    assert events(rows)["harm"].isna().all()


def test_what_was_not_known_then_is_no_event():
    rows = [
        incident("I1", "2025-03-01T10:00", reported_at="2025-03-01T11:00", **CALL),
        incident("I2", "2025-03-09T10:00", reported_at="2025-06-01T11:00", **CALL),
    ]
    then = events(rows, as_of="2025-05-01T10:00")
    assert len(then) == 1
    assert then["days_followed"][0] == pytest.approx(61, abs=0.1)


def test_what_is_no_analysis_is_refused_in_words():
    with pytest.raises(UsageError, match="type list"):
        dyad_events([])


def test_no_events_are_an_empty_frame():
    assert len(events([incident("I1", "2025-03-01", suspect_id="", **CALL)])) == 0

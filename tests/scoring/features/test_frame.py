"""What every frame of features keeps to, over generated extracts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.facts import catalogue
from tests.scoring.features.given import CALL, HARM, analyse, calls, day, features, incident, order, rich
from tests.timelines.test_build import order_known, told

from breachpattern import Analyser, read_extract
from breachpattern.errors import UsageError
from breachpattern.scoring import feature_frame
from breachpattern.scoring.features.declared import declared

slow = settings(max_examples=up_to(8), deadline=None, suppress_health_check=[HealthCheck.too_slow])
UNITS = ("course", "dyad")
SECOND = {"incident_id": "Z9", "suspect_id": "P1", "victim_id": "V1", "behaviours": "contact;threat",
          "channel": "in_person", "offence_code": "195/94"}  # fmt: skip


def frames(extract, as_of="2025-12-31", then=None):
    analysis = analyse(*extract, as_of=as_of)
    return [feature_frame(analysis, then, unit, harm=HARM) for unit in UNITS]


def same(left, right):
    for one, other in zip(left, right, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


@slow
@given(rich(), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_a_row_written_twice_changes_a_feature(extract, random):
    before = frames(extract)
    shuffled = [list(rows) + list(rows)[:2] for rows in extract]
    for rows in shuffled:
        random.shuffle(rows)
    same(frames(shuffled), before)


@slow
@given(rich("a."), rich("b."))
def test_unrelated_people_change_no_feature(one, other):
    both = frames([mine + theirs for mine, theirs in zip(one, other, strict=True)])
    apart = zip(frames(one), frames(other), strict=True)
    same(both, [pd.concat([part for part in parts if len(part)] or parts[:1]).sort_index() for parts in apart])


@settings(slow, max_examples=up_to(10))
@given(rich(), st.integers(5, 220))
def test_nothing_learnt_later_leaks_in(extract, cut):
    """Features as of a day: those of an analysis made then, and those of an extract that ends then."""
    incidents, orders, ties = extract
    then = day(cut)
    kept_orders = [
        row | {name: row[name] if row[name][:10] <= then else "" for name in ("served_at", "discharged_on")}
        for row in orders
        if order_known(row, orders) <= then
    ]
    kept = [
        row | {"recorded_at": row["recorded_at"] if row["recorded_at"] <= then else ""}
        for row in incidents
        if told(row, incidents) <= then
    ]
    asked = frames(extract, then=then)
    same(asked, frames(extract, as_of=then))
    same(asked, frames((kept, kept_orders, ties), as_of=then))


@slow
@given(rich())
def test_every_frame_has_the_declared_columns_as_numbers_in_a_fixed_order(extract):
    for unit, frame in zip(UNITS, frames(extract), strict=True):
        assert list(frame.columns) == [feature.name for feature in declared(unit)]
        assert (frame.dtypes == np.float64).all()
        assert not np.isinf(frame.to_numpy()).any()
        assert frame.index.is_unique
        assert frame.index.is_monotonic_increasing
        assert list(frame.index.names) == (["course_id"] if unit == "course" else ["suspect_id", "victim_id"])


@slow
@given(rich(), st.integers(221, 260))
def test_a_further_connected_occasion_never_lowers_what_the_law_points_up(extract, at):
    incidents, orders, ties = extract
    before = frames(extract)[1]
    after = frames((([*incidents, SECOND | {"occurred_from": f"{day(at)}T12:00"}]), orders, ties))[1]
    upward = [feature.name for feature in declared("dyad") if feature.direction == 1]
    held, now = (frame[upward].fillna(-1) for frame in (before, after))
    fell = held.gt(now.reindex(held.index) + 1e-12)
    assert not fell.any().any(), fell.columns[fell.any()].tolist()


FILLED = (
    "behaviours",
    "channel",
    "means",
    "place_role",
    "impact",
    "act_count",
    "offence_code",
    "postcode",
    "breach_of",
)


@slow
@given(rich(), st.sampled_from(FILLED), st.integers(0, 8))
def test_a_blank_never_raises_what_the_law_points_up(extract, field, which):
    incidents, orders, ties = extract
    # A failure to notify is no act towards a person: saying so takes an occasion away.
    incidents = [row for row in incidents if row["behaviours"] != "notification_failure"]
    blanked = [row | ({field: ""} if i == which else {}) for i, row in enumerate(incidents)]
    before, after = frames((incidents, orders, ties))[1], frames((blanked, orders, ties))[1]
    upward = [feature.name for feature in declared("dyad") if feature.direction == 1]
    held, now = (frame[upward].fillna(-1) for frame in (before, after))
    rose = now.gt(held.reindex(now.index) + 1e-12)
    assert not rose.any().any(), rose.columns[rose.any()].tolist()


def test_an_empty_extract_has_empty_frames_with_all_columns():
    for unit, frame in zip(UNITS, frames(([], [], [])), strict=True):
        assert len(frame) == 0
        assert list(frame.columns) == [feature.name for feature in declared(unit)]
        assert (frame.dtypes == np.float64).all()


def test_a_later_instant_than_that_of_the_analysis_is_refused_in_words():
    analysis = analyse(calls("2025-03-01", "2025-03-04"), as_of="2025-06-30")
    with pytest.raises(UsageError, match="2025-07-01 are asked of an analysis as of 2025-06-30T23:59:59"):
        feature_frame(analysis, "2025-07-01")


def test_what_is_no_analysis_is_refused_in_words():
    with pytest.raises(UsageError, match="told of an Analysis, and this is of type Extract"):
        feature_frame(read_extract(calls("2025-03-01")))


def test_a_row_that_was_not_there_yet_is_not_there():
    analysis = analyse(calls("2025-03-01", "2025-03-04"), as_of="2025-06-30")
    assert len(feature_frame(analysis, "2025-03-02", "course")) == 0
    assert feature_frame(analysis, "2025-03-02", "dyad")["occasions"].tolist() == [1.0]


def test_courses_are_those_of_the_analysis():
    rows = [*calls("2025-03-01", "2025-03-04"), *(row | {"incident_id": f"X{row['incident_id']}", "victim_id": "V2"}
            for row in calls("2025-04-01", "2025-04-02", "2025-04-09"))]  # fmt: skip
    analysis = analyse(rows)
    frame, courses = feature_frame(analysis), analysis.courses.to_frame().set_index("course_id")
    assert sorted(frame.index) == sorted(courses.index)
    for name in ("occasions", "acts", "breaches"):
        assert frame[name].to_dict() == courses[name].astype(float).to_dict()
    assert frame["gap_longest"].round(1).to_dict() == courses["longest_gap_days"].to_dict()
    assert (frame["strength"].to_numpy() > 0).all()


def test_linked_references_are_one_person():
    persons = [{"person_id": p, "pnc_id": "11/412907D", "surname": "Aa", "given_name": "Bb"} for p in ("P1", "P7")]
    rows = [incident("I1", "2025-03-01T10:00", **CALL), incident("I2", "2025-03-04T10:00", suspect_id="P7", **CALL)]
    analysis = Analyser(catalogue()).analyse(read_extract(rows, persons=persons), "2025-06-30")
    frame = feature_frame(analysis, unit="dyad")
    assert frame.index.tolist() == [("P1", "V1")]
    assert frame["occasions"].tolist() == [2.0]
    assert feature_frame(analysis, "2025-03-02", "dyad")["occasions"].tolist() == [1.0]


def test_what_is_on_file_of_people_themselves_changes_no_feature():
    rows, orders = calls("2025-03-01", "2025-03-04"), [order("O1")]

    def frame(**values):
        people = [{"person_id": p, "surname": f"S{p}"} | values for p in ("P1", "V1")]
        extract = read_extract(rows, orders=orders, persons=people)
        return feature_frame(Analyser(catalogue(), link="off").analyse(extract, "2025-06-30"))

    plain = frame(sex="", date_of_birth="")
    pd.testing.assert_frame_equal(plain, frame(sex="F", date_of_birth="1990-01-01"), check_exact=True)


def test_a_selection_is_worked_out_alone_and_equals_the_whole():
    analysis = analyse(calls("2025-03-01", "2025-03-04", "2025-03-09"), [order("O1")])
    whole = feature_frame(analysis)
    part = feature_frame(analysis, features=["breach", "trend", "time"])
    names = [f.name for f in declared("course") if f.group in ("breach", "time")]
    pd.testing.assert_frame_equal(part, whole[names], check_exact=True)
    assert features(calls("2025-03-01"), features="occasions").to_dict() == {"occasions": 1.0}

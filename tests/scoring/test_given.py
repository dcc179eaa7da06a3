"""What is given in the wrong place is told in words, and times are read as everywhere else."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to

import breachpattern as bp
from breachpattern import scoring
from breachpattern.errors import ScoringError, UsageError
from breachpattern.scoring.assessment import (
    assess_ranking,
    connected_people,
    labels_from_findings,
    truth_labels,
    units_of,
)
from breachpattern.scoring.estimators.periods import Times
from breachpattern.scoring.given import seconds_of
from breachpattern.spans import as_of_second

ROWS = [
    {"incident_id": f"I{d}", "occurred_from": f"2025-03-0{d}T10:00", "suspect_id": "P1", "victim_id": "V1",
     "behaviours": "follow"} for d in (1, 4)
]  # fmt: skip


@pytest.fixture(scope="module")
def extract():
    return bp.read_extract(ROWS)


@pytest.fixture(scope="module")
def analysis(extract):
    return bp.Analyser().analyse(extract, as_of="2025-12-31")


@pytest.mark.parametrize(
    "call",
    [
        scoring.feature_frame, scoring.pattern_frame, scoring.dyad_events, scoring.breach_spells, connected_people,
        units_of, lambda what: truth_labels(what, {}),
        lambda what: labels_from_findings(what, pd.Series(dtype=str)),
        lambda what: assess_ranking(what, pd.Series(dtype=str, index=pd.Index([], name="course_id"))),
        lambda what: assess_ranking([what], pd.Series(dtype=str, index=pd.Index([], name="course_id"))),
    ],
)  # fmt: skip
@pytest.mark.parametrize("what", ["incidents.csv", 3, pd.DataFrame(ROWS), bp.read_extract(ROWS)])
def test_what_is_no_analysis_is_told_the_same_everywhere(call, what):
    kind = type(what).__name__
    with pytest.raises(
        UsageError, match=rf"of an Analysis, and this is of type {kind}\. Analyser\(\)\.analyse\(extract, as_of"
    ):
        call(what)


@pytest.mark.parametrize("estimator", [scoring.PatternScorer, scoring.CourseOfConductClassifier])
def test_an_analysis_is_no_rows(estimator, analysis, extract):
    y = ["confirmed", "rejected"]
    for what in (analysis, extract, "incidents.csv"):
        said = f"A {estimator.__name__} takes rows of numbers, and this is of type {type(what).__name__}"
        with pytest.raises(ScoringError, match=rf"X: {said}\. Give .*: pattern_frame\(analysis\), or feature_frame"):
            estimator().fit(what, y)
    fitted = estimator().fit(pd.DataFrame({"finding_level": [1.0, 2.0]}), y)
    with pytest.raises(ScoringError, match="takes rows of numbers, and this is of type Analysis"):
        fitted.predict(analysis)


def test_everything_is_about_courses_unless_told_otherwise(analysis):
    courses = scoring.pattern_frame(analysis).index
    verdicts = pd.Series(["confirmed"] * len(analysis.findings), index=[f.id for f in analysis.findings])
    labels = labels_from_findings(analysis, verdicts)
    assert courses.equals(scoring.feature_frame(analysis).index)
    assert set(labels.index) <= set(courses)
    assert labels.index.names == units_of(analysis).index.names == ["course_id"]


@pytest.mark.parametrize("unit", ["course", "dyad"])
def test_a_ranking_is_about_what_its_labels_are_about(analysis, unit):
    index = scoring.feature_frame(analysis, unit=unit).index
    found = assess_ranking(analysis, pd.Series(True, index=index), active_days=None, resamples=2)
    assert found.about["unit"] == unit
    named = assess_ranking(analysis, pd.Series(True, index=index), unit=unit, active_days=None, resamples=2)
    assert found.to_frame().equals(named.to_frame())


def test_labels_about_neither_are_told(analysis):
    with pytest.raises(UsageError, match="labels: Labels indexed by None are about neither courses nor dyads"):
        assess_ranking(analysis, pd.Series([True]))


@settings(max_examples=up_to(50))
@given(st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1)), min_size=1, max_size=5))
def test_a_time_without_an_offset_is_of_london_in_every_form(moments):
    moments = [moment.replace(microsecond=0, fold=0) for moment in moments]
    expected = [as_of_second(moment) for moment in moments]
    real = [datetime.fromtimestamp(s, UTC) for s in expected]
    for given_times in (
        pd.Series([moment.isoformat() for moment in moments]),
        pd.Series(moments, dtype=object),
        pd.Series(pd.to_datetime(pd.Series(real), utc=True)),
        pd.Series([moment.isoformat() for moment in real]),
    ):
        assert seconds_of(given_times).tolist() == expected
        assert Times.of(given_times, len(moments)).values.tolist() == expected


def test_clock_changes_days_and_blanks():
    naive = pd.Series(pd.to_datetime(["2025-10-26T01:30", "2025-03-30T01:30", "2025-07-01T12:00", None]))
    once, never, summer, blank = seconds_of(naive)
    assert once == as_of_second("2025-10-26T01:30+01:00")
    assert never == as_of_second("2025-03-30T01:00+00:00")
    assert summer == as_of_second("2025-07-01T11:00+00:00")
    assert np.isnan(blank)
    days = seconds_of(pd.Series([date(2025, 7, 1), "2025-07-01", None, "soon"], dtype=object))
    assert days[:2].tolist() == [as_of_second("2025-07-01")] * 2
    assert np.isnan(days[2:]).all()


def test_a_split_tells_a_time_that_cannot_be_read():
    split = scoring.PersonTimeSplit(2).split([0, 1], groups=["A", "B"], times=["2025-01-01", "soon"])
    with pytest.raises(UsageError, match="times: 'soon' is no time"):
        next(split)

"""Units, baselines and labels, counted out by hand and held against the truth of a force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import breachpattern as bp
from breachpattern.errors import UsageError
from breachpattern.scoring import feature_frame
from breachpattern.scoring.assessment import (
    BASELINES,
    count_in_a_year,
    labels_from_findings,
    recency_frequency_gravity,
    rule_rank,
    truth_labels,
    units_of,
)
from breachpattern.scoring.assessment.labels import decided

WEEKS = ("2025-06-01", "2025-06-08", "2025-06-15")


def analysed(rows, **more):
    return bp.Analyser().analyse(bp.read_extract(rows, **more), as_of="2025-12-31")


def incident(number, day, victim="V1", suspect="P1", **more):
    return {"incident_id": f"I{number}", "occurred_from": day, "suspect_id": suspect, "victim_id": victim, **more}


@pytest.fixture(scope="module")
def backwards(force):
    tables = force.tables()
    tables["incidents"] = tables["incidents"].take(np.arange(tables["incidents"].num_rows)[::-1])
    return bp.Analyser().analyse(bp.read_extract(**tables), as_of="2025-06-15")


@pytest.mark.parametrize("kind", ["dyad", "course"])
def test_units_are_those_of_the_features(analyses, kind):
    units, features = units_of(analyses[-1], kind), feature_frame(analyses[-1], unit=kind)
    assert set(units.index) == set(features.index)
    assert (np.diff(units.rows.offsets) > 0).all()
    days = pd.Series((analyses[-1].as_of - units.last_start) / 86_400, index=units.index)
    # The features count to the end of the last occasion, which may have begun earlier.
    assert (days - features["days_since_last"].reindex(units.index)).ge(-1.1).all()


def test_another_unit_is_refused(analyses):
    with pytest.raises(UsageError, match="no unit of a ranking"):
        units_of(analyses[-1], "order")


@pytest.mark.parametrize("name", list(BASELINES))
@pytest.mark.parametrize("kind", ["dyad", "course"])
def test_a_baseline_gives_every_unit_a_number_whatever_the_order_of_rows(analyses, backwards, name, kind):
    units = units_of(analyses[-1], kind)
    score = pd.Series(BASELINES[name](units), index=units.index)
    assert np.isfinite(score).all()
    assert score.min() < score.max()
    again = units_of(backwards, kind)
    other = pd.Series(BASELINES[name](again), index=again.index)
    pd.testing.assert_series_equal(score.sort_index(), other.sort_index())


@pytest.fixture(scope="module")
def cut(force, analyses):
    """The first analysis again, of an extract that ends there."""
    told = analyses[0].extract.incidents.to_pandas()
    later = told.loc[told["known_at"].map(pd.Timestamp.timestamp) > analyses[0].as_of, "incident_id"].unique()
    tables = force.tables()
    tables["incidents"] = tables["incidents"].filter(~np.isin(tables["incidents"]["incident_id"].to_numpy(), later))
    assert 0 < tables["incidents"].num_rows < force.incidents.num_rows
    return bp.Analyser().analyse(bp.read_extract(**tables), as_of=WEEKS[0])


@pytest.mark.parametrize("name", list(BASELINES))
def test_a_baseline_knows_nothing_of_what_was_reported_later(analyses, cut, name):
    whole, known = units_of(analyses[0], "dyad"), units_of(cut, "dyad")
    assert known.index.equals(whole.index)
    np.testing.assert_array_equal(BASELINES[name](known), BASELINES[name](whole))


def test_the_rule_rank_is_that_of_the_first_finding(analyses):
    units = units_of(analyses[-1], "dyad")
    score = pd.Series(rule_rank(units), index=units.index)
    findings = analyses[-1].findings.to_frame()
    for row in findings.head(20).itertuples():
        for victim in row.victim_ids.split(";"):
            assert score.get((row.suspect_id, victim), -1) >= -row.rank
    top = findings.iloc[0]
    assert score[(top["suspect_id"], top["victim_ids"].split(";")[0])] == -1
    assert (score == -(len(findings) + 1)).any()


def test_incidents_are_counted_once_and_only_those_of_the_year():
    rows = [
        incident(1, "2024-12-30"), incident(2, "2025-01-02"), incident(3, "2025-06-01"),
        incident(3, "2025-06-01", victim="V2"), incident(4, "2025-07-01", kind="log"),
    ]  # fmt: skip
    units = units_of(analysed([{k: v for k, v in row.items() if k != "kind"} for row in rows]), "dyad")
    assert dict(zip(units.index, count_in_a_year(units), strict=True)) == {("P1", "V1"): 3.0, ("P1", "V2"): 1.0}


def test_what_is_later_more_often_and_graver_comes_first():
    rows = [
        incident(1, "2025-02-01", victim="V1", behaviours="contact"),
        incident(2, "2025-03-01", victim="V2", behaviours="contact"),
        incident(3, "2025-03-01", victim="V3", behaviours="strangulation"),
        incident(4, "2025-03-01", victim="V4", behaviours="strangulation"),
        incident(5, "2025-02-01", victim="V4", behaviours="strangulation"),
    ]
    units = units_of(analysed(rows), "dyad")
    score = recency_frequency_gravity(units)
    assert [units.index[i][1] for i in np.argsort(score)] == ["V1", "V2", "V3", "V4"]


def test_a_force_is_no_truth_and_is_told_where_its_truth_is(force, analyses):
    with pytest.raises(UsageError, match=r"A Simulation is no truth\. Give .* truth_labels\(analysis, force\.truth\)"):
        truth_labels(analyses[-1], force, "dyad")


def test_labels_are_the_truth_of_the_people_behind_the_references(force, analyses):
    labels = truth_labels(analyses[-1], force.truth, "dyad")
    persons = force.truth["persons"].to_pandas().set_index("person_id")["human"]
    dyads = force.truth["dyads"].to_pandas().set_index(["suspect", "victim"])["course_of_conduct"]
    for (suspect, victim), true in labels.sample(60, random_state=0).items():
        said = dyads.get((persons.get(suspect), persons.get(victim)), "false")
        assert true == (str(said) == "true")
    assert 0.02 < labels.mean() < 0.3


def test_a_course_is_true_where_half_of_it_is_one_campaign(force, analyses):
    labels = truth_labels(analyses[-1], force.truth, "course")
    incidents = force.truth["incidents"].to_pandas().set_index("incident_id")["campaign_id"]
    campaigns = force.truth["campaigns"].to_pandas()
    true = set(campaigns.loc[campaigns["course_of_conduct"].astype(str) == "true", "campaign_id"])
    courses = analyses[-1].courses.to_frame().set_index("course_id")["incident_ids"].str.split(";")
    assert set(courses.index) == set(labels.index)
    for course, ids in courses.sample(80, random_state=0).items():
        counts = incidents.reindex(ids).value_counts()
        most = counts[counts.index.isin(true)].max() if counts.index.isin(true).any() else 0
        assert labels[course] == (most >= len(ids) / 2)


def test_a_verdict_on_a_finding_is_one_on_the_pair_that_it_is_about(analyses):
    table = analyses[-1].findings.to_frame()
    first, second = table["finding_id"].iloc[:2]
    named = table[table["victim_ids"].notna()].set_index("finding_id")
    verdicts = pd.Series(["rejected", "needs_record", "confirmed"], index=[first, second, "F-of-another-run"])
    labels = labels_from_findings(analyses[-1], verdicts, "dyad")
    assert labels.to_dict() == {tuple(named.loc[first, ["suspect_id", "victim_ids"]]): 0.0}
    course = labels_from_findings(analyses[-1], pd.Series(["confirmed"], index=[first]), "course")
    assert set(course.index) <= {named.loc[first, "course_id"]}


def test_a_verdict_about_several_victims_says_nothing_of_each(analyses):
    table = analyses[-1].findings.to_frame()
    several = table.loc[table["victim_ids"].str.contains(";", na=False), "finding_id"]
    assert len(several)
    for verdict in ("confirmed", "rejected"):
        assert len(labels_from_findings(analyses[-1], pd.Series(verdict, index=several), "dyad")) == 0


def test_one_confirmed_finding_outweighs_what_was_rejected(analyses):
    table = analyses[-1].findings.to_frame()
    pair = table.groupby(["suspect_id", "victim_ids"])["finding_id"].apply(list)
    ids = pair[pair.str.len() > 1].iloc[0]
    unit = table.set_index("finding_id").loc[ids[0]]
    verdicts = pd.Series(["rejected"] * (len(ids) - 1) + ["confirmed"], index=ids)
    key = (unit["suspect_id"], unit["victim_ids"].split(";")[0])
    assert labels_from_findings(analyses[-1], verdicts, "dyad")[key] == 1
    assert labels_from_findings(analyses[-1], verdicts[:-1], "dyad")[key] == 0
    assert key not in labels_from_findings(analyses[-1], verdicts[:0], "dyad").index


@pytest.mark.parametrize("wrong", [None, ["confirmed"], pd.DataFrame({"verdict": ["confirmed"]})])
def test_labels_that_are_no_series_are_refused_in_words(wrong):
    with pytest.raises(UsageError, match=r"is no labels. Give a series with the ids of the units as index"):
        decided(wrong)

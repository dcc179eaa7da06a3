"""A ranking has every finding once, whoever gives the scores, and ends ties the same way every time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tests.drawing import up_to
from tests.scoring.estimators.given import analysed

from breachpattern.errors import ScoringError
from breachpattern.scoring.estimators.classifier import CourseOfConductClassifier
from breachpattern.scoring.estimators.frame import LEVEL, pattern_frame
from breachpattern.scoring.estimators.points import PatternScorer
from breachpattern.scoring.estimators.ranking import rank, rank_units, scores
from breachpattern.scoring.features.frame import feature_frame
from breachpattern.vocabulary import LEVELS


class Given(BaseEstimator):
    """Gives each row the score that it was given."""

    def __init__(self, values: pd.Series):
        self.values = values

    def decision_function(self, rows):
        return self.values.reindex(rows.index).to_numpy()


class Two(BaseEstimator):
    def decision_function(self, rows):
        return np.zeros(2)


def levels(frame: pd.DataFrame) -> list[int]:
    return [LEVELS.index(level) for level in frame["level"]]


UNITS = st.sampled_from(["course", "dyad"])


@settings(max_examples=up_to(20), deadline=None)
@given(UNITS, st.integers(0, 2**32 - 1), st.booleans())
def test_whatever_the_scores_the_findings_are_the_same_and_their_order_is_total(unit, seed, within):
    analysis, frame = analysed(), pattern_frame(analysed(), unit)
    drawn = np.random.default_rng(seed).choice([0.0, 1.0, np.nan, np.inf, -3.5], len(frame))
    values = pd.Series(drawn, index=frame.index)
    ranked, before = rank(analysis, Given(values), frame, within_level=within), analysis.findings.to_frame()
    assert ranked["rank"].tolist() == list(range(1, len(before) + 1))
    same = ranked.sort_values("rule_rank").drop(columns=["rule_rank", "learnt_score", "rank"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(same, before.drop(columns="rank"))
    level = levels(ranked) if within else [0] * len(ranked)
    keys = list(zip([-x for x in level], -ranked["learnt_score"].fillna(-np.inf), ranked["rule_rank"], strict=True))
    assert keys == sorted(keys)


def test_by_points_the_first_findings_of_courses_keep_the_rank_of_the_rules():
    analysis, frame = analysed(), pattern_frame(analysed())
    ranked = rank(analysis, PatternScorer().fit(frame), frame)
    first = ranked[ranked["course_id"] != ""].sort_values("rule_rank").drop_duplicates("course_id").sort_values("rank")
    keys = list(zip([-level for level in levels(first)], -first["score"], strict=True))
    assert keys == sorted(keys)
    assert len(set(keys)) > 20


@settings(max_examples=up_to(10), deadline=None)
@given(UNITS, st.integers(0, 2**32 - 1), st.booleans())
def test_units_come_by_score_then_recency_then_name(unit, seed, within):
    analysis, frame = analysed(), pattern_frame(analysed(), unit)
    values = pd.Series(np.random.default_rng(seed).choice([0.0, 1.0, 2.0], len(frame)), index=frame.index)
    ranked = rank_units(analysis, Given(values), frame, within_level=within)
    assert set(ranked.index) == set(frame.index)
    level = frame[LEVEL].reindex(ranked.index) if within else np.zeros(len(frame))
    keys = list(zip(-level, -ranked["score"], -ranked["last_at"].astype("int64"), ranked.index, strict=True))
    assert keys == sorted(keys)
    assert ranked["score"].tolist() == values.reindex(ranked.index).tolist()


def test_the_order_of_the_rows_of_features_does_not_matter():
    analysis, frame = analysed(), pattern_frame(analysed())
    scorer = PatternScorer().fit(frame)
    turned = frame.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(rank(analysis, scorer, frame), rank(analysis, scorer, turned))
    pd.testing.assert_frame_equal(rank_units(analysis, scorer, frame), rank_units(analysis, scorer, turned))


@pytest.mark.parametrize(
    "scorer",
    [
        CourseOfConductClassifier(),
        make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), LogisticRegression(max_iter=500)),
        make_pipeline(SimpleImputer(keep_empty_features=True), RandomForestClassifier(5, random_state=0)),
    ],
    ids=["own", "logistic", "forest"],
)
def test_any_classifier_of_scikit_learn_takes_the_same_place(scorer):
    analysis = analysed()
    frame = pattern_frame(analysis).join(feature_frame(analysis))
    y = (frame["occasions"] > 2).astype(int)
    model = scorer.fit(frame, y)
    ranked = rank_units(analysis, model, frame.assign(beside=1.0))
    assert y.reindex(ranked.index).iloc[: int(y.sum() / 2)].mean() > 0.9
    assert len(rank(analysis, model, frame)) == len(analysis.findings)


def test_features_of_another_analysis_are_refused():
    analysis, frame = analysed(), pattern_frame(analysed())
    scorer = PatternScorer().fit(frame)
    for rows, said in (
        (frame.iloc[1:], r"1 of the units have no row, such as C-"),
        (pd.concat([frame, frame.iloc[:2]]), "2 of the units stand twice"),
        (pd.concat([frame, frame.iloc[:1].rename({frame.index[0]: "C-x"})]), "1 of the units are not of this analysis"),
        (frame.reset_index(drop=True), "Rows indexed by None are neither courses nor dyads"),
    ):
        with pytest.raises(ScoringError, match=said):
            rank(analysis, scorer, rows)


def test_features_that_a_model_needs_and_estimators_without_scores_are_told():
    frame = pattern_frame(analysed())
    scorer = PatternScorer().fit(frame)
    with pytest.raises(ScoringError, match="finding_level is not among the features, and the model was fitted to 40"):
        scores(scorer, frame.drop(columns=LEVEL))
    with pytest.raises(ScoringError, match="A StandardScaler gives no scores"):
        scores(StandardScaler(), frame)
    with pytest.raises(ScoringError, match=r"gives scores of the shape \(2,\)"):
        scores(Two(), frame)


def test_no_estimator_ranks_by_a_sensitive_attribute():
    analysis = analysed()
    frame = pattern_frame(analysis).assign(victim_ethnicity=1.0)
    model = RandomForestClassifier(n_estimators=2, random_state=0).fit(frame, np.arange(len(frame)) % 2)
    for scorer in (model, Given(pd.Series(1.0, index=frame.index))):
        with pytest.raises(ScoringError, match="'victim_ethnicity' is never scored by"):
            rank(analysis, scorer, frame)

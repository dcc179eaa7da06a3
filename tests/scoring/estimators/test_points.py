"""Points add up exactly, agree with the rank of findings, and are an estimator like any other."""

from __future__ import annotations

import math
import random
import tomllib
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks
from tests.scoring.estimators.given import analysed

from breachpattern.errors import ScoringError
from breachpattern.patterns.rules import rules
from breachpattern.scoring.estimators.frame import FURTHER, LEVEL, POINTS, pattern_frame
from breachpattern.scoring.estimators.points import PatternScorer
from breachpattern.scoring.estimators.weights import points_table

VALUES = st.one_of(st.floats(-1e6, 1e6), st.just(np.nan), st.integers(0, 5).map(float))


@pytest.mark.filterwarnings("ignore:None of the .* columns has points")
@parametrize_with_checks([PatternScorer()])
def test_it_is_an_estimator(estimator, check):
    check(estimator)


@given(arrays(np.float64, (4, 6), elements=VALUES), st.lists(st.floats(0, 1e3), min_size=6, max_size=6), st.randoms())
def test_the_explanation_adds_up_to_the_score_to_the_last_bit_in_any_order(rows, weights, chance: random.Random):
    frame = pd.DataFrame(rows, columns=list("abcdef"))
    scorer = PatternScorer(weights=dict(zip("abcdef", weights, strict=True)) | {"g": 1.0}).fit(
        frame.assign(g=0.0)
    )  # fmt: skip
    told = scorer.explain(frame.assign(g=0.0))
    score = scorer.score_samples(frame.assign(g=0.0))
    assert told.sum(axis=1).tolist() == score.tolist()
    for row, total in zip(told.to_numpy().tolist(), score.tolist(), strict=True):
        chance.shuffle(row)
        assert sum(row) == math.fsum(row) == total


@given(arrays(np.float64, (3, 3), elements=st.floats(0, 1e4)), st.integers(0, 2), st.integers(0, 2))
def test_a_blank_never_raises_a_score(rows, i, j):
    frame = pd.DataFrame(rows, columns=[LEVEL, FURTHER, "points_violence"])
    scorer, blanked = PatternScorer().fit(frame), frame.copy()
    blanked.iloc[i, j] = np.nan
    assert (scorer.score_samples(blanked) <= scorer.score_samples(frame)).all()


@pytest.mark.parametrize("unit", ["course", "dyad"])
def test_units_stand_in_the_order_of_their_first_ranked_findings(unit):
    analysis = analysed()
    frame = pattern_frame(analysis, unit)
    score = PatternScorer().fit(frame).score_samples(frame)
    points = points_table().points()
    best = frame[[c for c in frame if c.startswith(POINTS)]]
    rule = list(zip(frame[LEVEL], (best * [points[c] for c in best]).sum(axis=1), frame[FURTHER], strict=True))
    assert [rule[i] for i in np.argsort(score, kind="stable")] == sorted(rule)
    assert len(set(rule)) > 5


def test_no_points_of_a_lower_level_reach_the_next():
    table = points_table()
    below = (
        sum(rule.points for rule in rules().points) + len(pattern_frame(analysed()).columns) * table.points()[FURTHER]
    )
    assert table.points()[LEVEL] > below


def test_every_weight_has_a_source_or_says_judgement():
    data = tomllib.loads(files("breachpattern.scoring").joinpath("data/points.toml").read_text("utf-8"))
    said = [data["threshold"], data["rule_points"], data["log_odds"], *data["weights"]]
    assert all(part["source"].startswith("judgement") or "patterns/rules.toml" in part["source"] for part in said)
    assert {rule.id for rule in rules().points} == {c.removeprefix(POINTS) for c in table_columns() if POINTS in c}


def table_columns():
    return [weight.column for weight in points_table().weights]


def test_predict_says_one_for_high_and_critical():
    frame = pd.DataFrame({LEVEL: [3.0, 4.0, 5.0], "points_violence": [1.0, 0.0, 1.0]})
    assert PatternScorer().fit(frame).predict(frame).tolist() == [0, 1, 1]
    labelled = PatternScorer().fit(frame, ["rejected", "confirmed", "confirmed"])
    assert labelled.predict(frame).tolist() == ["rejected", "confirmed", "confirmed"]


def test_it_takes_its_place_in_pipelines_and_scorers():
    frame = pattern_frame(analysed())
    y = (frame[LEVEL] > 3).astype(int)
    pipeline = make_pipeline(FunctionTransformer(), PatternScorer())
    assert cross_val_score(pipeline, frame, y, scoring="average_precision", cv=3).min() == 1.0


def test_columns_that_have_no_points_are_told():
    with pytest.warns(UserWarning, match="None of the 1 columns has points, so every score is 0"):
        PatternScorer().fit(pd.DataFrame({"elsewhere": [1.0]}))


@pytest.mark.parametrize(
    ("weights", "rows", "said"),
    [
        ({"a": -1.0}, pd.DataFrame({"a": [1.0]}), "The weight of a is -1.0, and points are only added"),
        ({"a": math.inf}, pd.DataFrame({"a": [1.0]}), "The weight of a is inf"),
        ({"a": 1.0}, [[1.0]], "the rows have no names"),
    ],
)
def test_weights_that_make_no_sense_are_refused(weights, rows, said):
    with pytest.raises(ScoringError, match=said):
        PatternScorer(weights=weights).fit(rows)


def test_no_weight_may_be_given_to_a_sensitive_attribute():
    rows = pd.DataFrame({"finding_level": [4.0], "is_male": [1.0]})
    with pytest.raises(ScoringError, match="'is_male' is never scored by: a protected characteristic"):
        PatternScorer(weights={"finding_level": 1.0, "is_male": 1.0}).fit(rows)
    assert PatternScorer().fit(rows).score_samples(rows).tolist() == [800.0]

"""The classifier adds up exactly, never turns against the law's direction, and is an estimator like any other."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.utils.estimator_checks import parametrize_with_checks
from tests.scoring.estimators.given import analysed

from breachpattern.errors import ScoringError
from breachpattern.scoring.estimators.classifier import LEAST_LABELS, CourseOfConductClassifier
from breachpattern.scoring.estimators.frame import pattern_frame
from breachpattern.scoring.estimators.points import PatternScorer
from breachpattern.scoring.features.declared import declared
from breachpattern.scoring.features.frame import feature_frame

DIRECTIONS = {"occasions": 1, "days_since": -1, "gap": 0}
NAMES = list(DIRECTIONS)


@parametrize_with_checks([CourseOfConductClassifier()])
def test_it_is_an_estimator(estimator, check):
    check(estimator)


def example(seed: int, n: int = 80, blank: float = 0.2) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows with blanks, and labels that follow them loosely."""
    rng = np.random.default_rng(seed)
    rows = np.column_stack([rng.poisson(3, n), rng.exponential(90, n), rng.normal(20, 9, n)])
    odds = 0.8 * rows[:, 0] - rows[:, 1] / 60 - np.abs(rows[:, 2] - 20) / 9 + rng.logistic(size=n)
    rows[rng.random(rows.shape) < blank] = np.nan
    return pd.DataFrame(rows, columns=NAMES), (odds > np.median(odds)).astype(int)


@cache
def fitted(seed: int) -> CourseOfConductClassifier:
    rows, y = example(seed)
    when = np.arange(len(y)) * 86_400.0
    return CourseOfConductClassifier(DIRECTIONS).fit(rows, y, times=when, groups=np.arange(len(y)) // 3)


SEEDS = st.integers(0, 4)
ROWS = arrays(
    np.float64, (5, 3), elements=st.one_of(st.floats(-1e3, 1e3), st.integers(0, 9).map(float), st.just(np.nan))
)


@given(SEEDS, ROWS, st.randoms())
def test_what_is_explained_adds_up_to_the_log_odds_to_the_last_bit_in_any_order(seed, rows, chance):
    model, frame = fitted(seed), pd.DataFrame(rows, columns=NAMES)
    told, score = model.explain(frame), model.decision_function(frame)
    assert told.sum(axis=1).tolist() == score.tolist()
    for row, total in zip(told.to_numpy().tolist(), score.tolist(), strict=True):
        chance.shuffle(row)
        assert sum(row) == math.fsum(row) == total


@given(SEEDS, ROWS, st.floats(0, 50), st.floats(0, 500))
def test_more_of_a_feature_never_works_against_its_direction(seed, rows, more, further):
    model, frame = fitted(seed), pd.DataFrame(rows, columns=NAMES)
    before = model.decision_function(frame)
    assert (model.decision_function(frame.assign(occasions=frame["occasions"] + more)) >= before).all()
    assert (model.decision_function(frame.assign(days_since=frame["days_since"] + further)) <= before).all()


@cache
def learnt() -> tuple[CourseOfConductClassifier, pd.DataFrame]:
    """A model of all features, and the rows on which it learnt against what the law says of most of them."""
    frame = pattern_frame(analysed()).join(feature_frame(analysed()))
    against = (frame["occasions"] + frame["gravity_highest"].fillna(0) < 5).astype(int)
    return CourseOfConductClassifier().fit(frame, against), frame


@given(st.sampled_from([f.name for f in declared("course") if f.direction == 1]), st.floats(0, 1e4))
def test_no_label_makes_more_of_what_the_law_points_up_lower_a_score(feature, more):
    model, frame = learnt()
    if feature in frame:
        raised = frame.assign(**{feature: frame[feature] + more})
        assert (model.decision_function(raised) >= model.decision_function(frame)).all()


@given(SEEDS, ROWS, st.integers(0, 4), st.integers(0, 2))
def test_a_blank_never_raises_a_score(seed, rows, i, j):
    blanked = rows.copy()
    blanked[i, j] = np.nan
    model = fitted(seed)
    before, after = (model.decision_function(pd.DataFrame(r, columns=NAMES)) for r in (rows, blanked))
    assert (after <= before).all()
    assert not model.explain(pd.DataFrame(rows * np.nan, columns=NAMES)).drop(columns="baseline").to_numpy().any()


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_no_bit_of_the_model(seed):
    rows, y = example(seed)
    when, people = np.arange(len(y)) * 86_400.0, np.arange(len(y)) // 3
    turned = np.random.default_rng(seed).permutation(len(y))
    one = CourseOfConductClassifier().fit(rows, y, times=when, groups=people)
    other = CourseOfConductClassifier().fit(rows.iloc[turned], y[turned], times=when[turned], groups=people[turned])
    assert one.model_ == other.model_
    assert one.training_ == other.training_


def test_what_can_be_learnt_is_learnt():
    rows, y = example(9, 600, blank=0)
    new, truth = example(10, 600, blank=0)
    model = CourseOfConductClassifier(DIRECTIONS).fit(rows, y)
    assert (model.predict(new) == truth).mean() > 0.75
    heights = {c.feature: max(c.values) for c in model.model_.curves}
    assert min(heights.values()) > 0.3


def pool(n: int, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of the rules and one feature beside them, and labels that contradict the rules."""
    frame = pattern_frame(analysed())
    frame = frame.assign(beside=np.random.default_rng(seed).random(len(frame)))
    y = np.full(len(frame), "unreviewed", dtype=object)
    chosen = np.random.default_rng(seed).permutation(len(frame))[:n]
    y[chosen] = np.where(frame["beside"].iloc[chosen] > 0.5, "confirmed", "rejected")
    return frame, y


def test_with_few_labels_the_order_is_that_of_the_rules():
    frame, y = pool(LEAST_LABELS - 1)
    model = CourseOfConductClassifier().fit(frame, y)
    rule = PatternScorer().fit(frame).score_samples(frame)
    assert (
        np.argsort(model.decision_function(frame), kind="stable").tolist() == np.argsort(rule, kind="stable").tolist()
    )
    assert model.training_["learnt"].startswith("baseline only")
    assert model.training_["labels"]["unlabelled"] == len(frame) - LEAST_LABELS + 1


def test_with_few_of_one_class_the_order_is_that_of_the_rules():
    frame, y = pool(60)
    y[np.flatnonzero(y == "rejected")[4:]] = "unsure"
    assert CourseOfConductClassifier().fit(frame, y).training_["learnt"].startswith("baseline only")


def test_with_labels_enough_the_order_is_learnt():
    frame, y = pool(200)
    model = CourseOfConductClassifier().fit(frame, y)
    new, truth = pool(len(frame), seed=2)
    assert (model.predict(new) == truth).mean() > 0.9
    assert model.explain(new).columns[:2].tolist() == ["baseline", "rules"]


def test_nobody_and_nothing_both_fits_and_calibrates():
    rows, y = example(3)
    when, people = np.arange(len(y)), np.arange(len(y)) % 30
    moved = y.copy()
    model = CourseOfConductClassifier(DIRECTIONS).fit(rows, y, times=when, groups=people)
    told = model.training_["calibration"]
    later = when >= told["from"]
    assert told["rows"] == later.sum() == 20
    assert told["set_aside"] == (np.isin(people, people[later]) & ~later).sum() == 40
    # Labels of the later part and of its people leave every line as it was, up to the scale of the calibration.
    moved[later] = 1 - moved[later]
    other = CourseOfConductClassifier(DIRECTIONS).fit(rows, moved, times=when, groups=people)
    scales = [m.training_["calibration"]["slope"] for m in (model, other)]
    assert scales[0] != scales[1]
    for one, two in zip(model.model_.curves, other.model_.curves, strict=True):
        np.testing.assert_allclose(np.array(one.values) / scales[0], np.array(two.values) / scales[1], atol=1e-4)


def test_people_who_are_not_known_are_never_the_same():
    rows, y = example(3)
    model = CourseOfConductClassifier().fit(rows, y, times=np.arange(len(y)), groups=[None] * len(y))
    assert model.training_["calibration"]["set_aside"] == 0
    assert model.training_["people"] == len(y)


def test_calibration_corrects_a_model_that_is_too_sure_and_changes_no_order():
    rows, y = example(4, 2_000, blank=0)
    when = np.arange(len(y))
    later = when >= 1_000
    y = np.where(later & (np.random.default_rng(0).random(len(y)) < 0.7), 0, y)
    plain = CourseOfConductClassifier(DIRECTIONS).fit(rows[~later], y[~later])
    held = CourseOfConductClassifier(DIRECTIONS, calibration_share=0.5).fit(rows, y, times=when)
    new = rows[later]
    assert abs(held.predict_proba(new)[:, 1].mean() - y[later].mean()) < 0.02
    assert abs(plain.predict_proba(new)[:, 1].mean() - y[later].mean()) > 0.2
    assert held.training_["calibration"]["slope"] > 0


def test_the_training_is_told_in_numbers():
    rows, y = example(2)
    days = pd.Series(pd.date_range("2025-01-01", periods=len(y), tz="Europe/London"))
    y = np.where(y == 1, "confirmed", "rejected").astype(object)
    y[:10] = "unsure"
    model = CourseOfConductClassifier().fit(rows, y, times=days, groups=np.arange(len(y)) // 2)
    told = model.training_
    assert told["labels"] == {
        "rejected": int((y == "rejected").sum()), "confirmed": int((y == "confirmed").sum()), "unlabelled": 10,
    }  # fmt: skip
    assert told["people"] == 35
    assert told["period"] == ["2025-01-11T00:00:00Z", "2025-03-21T00:00:00Z"]
    assert told["calibration"]["method"] == "platt"
    assert model.classes_.tolist() == ["rejected", "confirmed"]
    assert CourseOfConductClassifier().fit(rows, y).training_["calibration"]["method"] == "none"


ROWS_30 = pd.DataFrame({"a": np.arange(30.0)})


@pytest.mark.parametrize(
    ("settings", "y", "extra", "said"),
    [
        ({}, ["confirmed"] * 30, {}, r"Only one class has labels \(confirmed\)"),
        ({}, ["unsure"] * 30, {}, "No row has a label"),
        ({}, [0, 1, 2] * 10, {}, "Only binary classification is supported"),
        ({}, [0, 1] * 15, {"times": [1.0] * 29}, "There is not one time for each row"),
        ({}, [0, 1] * 15, {"times": ["2025-01-01"] * 29 + ["soon"]}, "A time is missing or cannot be read"),
        ({}, [0, 1] * 15, {"groups": ["P1"] * 29}, "There is not one group for each row"),
        ({"penalty": 0.0}, [0, 1] * 15, {}, r"A penalty of 0\.0 holds nothing"),
        ({"calibration_share": 1.0}, [0, 1] * 15, {}, r"A calibration_share of 1\.0 cannot be"),
        ({"directions": {"a": 2}}, [0, 1] * 15, {}, "2 is no direction of a"),
        ({"directions": {"b": 1}}, [0, 1] * 15, {}, "A direction is given for b, and no such feature is there"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(settings, y, extra, said):
    with pytest.raises(ScoringError, match=said):
        CourseOfConductClassifier(**settings).fit(ROWS_30, y, **extra)


def test_sensitive_attributes_are_never_learnt_from():
    rows = ROWS_30.assign(suspect_ethnicity=1.0)
    with pytest.raises(ScoringError, match=r"'suspect_ethnicity' is never scored by: it is of a category of data"):
        CourseOfConductClassifier().fit(rows, [0, 1] * 15)


def test_directions_are_those_that_the_features_declare():
    rows, y = example(1)
    rows = rows.rename(columns={"gap": "rate"})
    model = CourseOfConductClassifier().fit(rows, y)
    assert {c.feature: c.direction for c in model.model_.curves} == {"occasions": 1, "days_since": 0, "rate": 0}

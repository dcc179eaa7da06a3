"""Measures agree with scikit-learn's where it has them, and count ties as what drawing lots gives on average."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss
from tests.drawing import up_to

from breachpattern.scoring.assessment.measures import Ranked, brier, calibration_curve, decision_curve

SCORED = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1)), min_size=1, max_size=40)


def columns(rows):
    return (np.array(column, dtype=float) for column in zip(*rows, strict=True))


@settings(max_examples=up_to(150), deadline=None)
@given(SCORED)
def test_average_precision_is_that_of_scikit_learn(rows):
    score, truth = columns(rows)
    found = Ranked.of(score, truth).counts().average_precision()[0]
    if truth.sum() == 0:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(average_precision_score(truth, score))


@settings(max_examples=up_to(60), deadline=None)
@given(SCORED, st.lists(st.integers(0, 3), min_size=40, max_size=40), st.integers(1, 12))
def test_a_weight_is_a_unit_that_stands_there_so_often(rows, weights, capacity):
    score, truth = columns(rows)
    often = np.array(weights[: len(rows)])
    weighed = Ranked.of(score, truth).counts(often.astype(float))
    written_out = Ranked.of(np.repeat(score, often), np.repeat(truth, often)).counts()
    np.testing.assert_allclose(weighed.average_precision(), written_out.average_precision())
    for one, two in zip(weighed.at([capacity]), written_out.at([capacity]), strict=True):
        np.testing.assert_allclose(one, two)


@settings(max_examples=up_to(30), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=6), st.integers(1, 6))
def test_precision_at_a_capacity_is_the_mean_over_all_orders_of_ties(rows, capacity):
    score, truth = columns(rows)
    precision, _ = Ranked.of(score, truth).counts().at([capacity])
    tops = [
        truth[list(order)][:capacity].mean()
        for order in permutations(range(len(rows)))
        if all(score[a] >= score[b] for a, b in pairwise(order))
    ]
    assert precision[0, 0] == pytest.approx(np.mean(tops))


@settings(max_examples=up_to(60), deadline=None)
@given(SCORED, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    before, after = (Ranked.of(*columns(some)).counts() for some in (rows, shuffled))
    np.testing.assert_array_equal(before.average_precision(), after.average_precision())
    np.testing.assert_array_equal(before.at([1, 3, 9]), after.at([1, 3, 9]))


def test_a_score_that_is_not_known_comes_last():
    precision, recall = Ranked.of([np.nan, 1.0, 0.0], [1, 1, 0]).counts().at([2])
    assert (precision[0, 0], recall[0, 0]) == (0.5, 0.5)


def test_nothing_to_rank_gives_no_number():
    counts = Ranked.of([], []).counts()
    assert np.isnan(counts.average_precision()).all()
    assert np.isnan(np.concatenate(counts.at([30]))).all()


@settings(max_examples=up_to(60), deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=50))
def test_brier_and_calibration_count_everybody_once(rows):
    probability, truth = columns(rows)
    assert brier(probability, truth)[0] == pytest.approx(brier_score_loss(truth, probability, pos_label=1))
    curve = calibration_curve(probability, truth, bins=5)
    assert curve["units"].sum() == len(rows)
    assert (curve["observed"] * curve["units"]).sum() == pytest.approx(truth.sum())
    assert (curve["predicted"] * curve["units"]).sum() == pytest.approx(probability.sum())
    assert curve["low"].le(curve["observed"] + 1e-12).all()
    assert curve["high"].ge(curve["observed"] - 1e-12).all()


@settings(max_examples=up_to(60), deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=50), st.floats(0.05, 0.95))
def test_net_benefit_is_counted_out(rows, threshold):
    probability, truth = columns(rows)
    found = decision_curve(probability, truth, [threshold]).iloc[0]
    above, rate = probability >= threshold, threshold / (1 - threshold)
    expected = (truth[above].sum() - rate * (1 - truth[above]).sum()) / len(rows)
    assert found["net_benefit"] == pytest.approx(expected)
    assert found["all"] == pytest.approx((truth.sum() - rate * (1 - truth).sum()) / len(rows))

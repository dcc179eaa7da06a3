"""Intervals hold what they promise, and resamples draw connected people together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to

from breachpattern.proportions import wilson
from breachpattern.scoring.assessment.intervals import (
    Resamples,
    interval,
    interval_between,
    interval_of,
    newcombe,
)


def test_nothing_counted_has_no_interval():
    assert np.isnan(newcombe(0, 0, 3, 10)).all()
    assert np.isnan(interval(np.array([np.nan]))).all()


def test_a_difference_turned_round_is_the_same_interval_turned_round():
    low, high = newcombe(9, 10, 3, 10)
    back = newcombe(3, 10, 9, 10)
    assert (float(low), float(high)) == pytest.approx((-float(back[1]), -float(back[0])))
    assert low <= 0.6 <= high


@settings(max_examples=up_to(30), deadline=None)
@given(st.lists(st.sampled_from("ABCDE"), min_size=1, max_size=20), st.integers(0, 5))
def test_connected_people_are_drawn_together_and_the_order_of_rows_changes_nothing(people, seed):
    weights = np.concatenate(list(Resamples.of(people, times=40, seed=seed).weights()))
    assert weights.shape == (40, len(people))
    for name in set(people):
        own = weights[:, [i for i, other in enumerate(people) if other == name]]
        assert (own == own[:, :1]).all()
    order = np.argsort(people, kind="stable")
    again = np.concatenate(list(Resamples.of(np.array(people)[order], times=40, seed=seed).weights()))
    np.testing.assert_array_equal(weights[:, order], again)


def test_the_interval_of_a_mean_covers_it_as_often_as_promised():
    rng = np.random.default_rng(1)
    covered = 0
    for seed in range(120):
        values = rng.normal(size=60)
        means = [(w @ values) / w.sum(axis=1) for w in Resamples.of(range(60), times=300, seed=seed).weights()]
        low, high = interval(np.concatenate(means))
        covered += low <= 0 <= high
    assert 0.88 <= covered / 120 <= 0.99


def test_thirty_of_thirty_are_not_certain():
    every, some = np.ones(200), np.tile([0.4, 0.6], 100)
    assert interval_of(1.0, every, 30) == pytest.approx([float(end) for end in wilson(30, 30)])
    assert interval_of(0.0, np.zeros(200), 30)[1] > 0.1
    assert interval_of(0.5, some, 30) == interval(some)
    low, high = interval_between((1.0, 0.5), (every, some), (30, 30))
    assert low < 0.4 <= interval(every - some)[0]
    assert interval_between((0.5, 1.0), (some, every), (30, 30)) == pytest.approx((-high, -low))
    assert interval_between((0.5, 0.5), (some, some[::-1]), (30, 30)) == interval(some - some[::-1])

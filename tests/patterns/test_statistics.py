"""Exact tests against brute force: every order of a short history, and simulated ones for the rate."""

from itertools import permutations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to

from breachpattern.patterns.statistics import (
    EXACT_POINTS,
    crowding_p,
    discordant_pairs,
    first_true,
    holm,
    late_start_p,
    trend_p,
)


def discordant(ranks):
    return sum(a > b for i, a in enumerate(ranks) for b in ranks[i + 1 :])


@settings(max_examples=up_to(40), deadline=None)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=6))
def test_the_trend_test_counts_every_order(ranks):
    rank = np.array(ranks)
    pairs, counts = discordant_pairs(rank, np.zeros(len(ranks), np.int64), 1, 4)
    assert pairs[0] == discordant(ranks)
    orders = [discordant(order) for order in permutations(ranks)]
    assert trend_p(pairs, counts)[0] == pytest.approx(np.mean([d <= pairs[0] for d in orders]))


@given(st.lists(st.lists(st.integers(-1, 4), max_size=12), min_size=1, max_size=6))
def test_histories_do_not_touch_each_other(histories):
    rank = np.array([r for h in histories for r in h], dtype=np.int64)
    owner = np.repeat(np.arange(len(histories)), [len(h) for h in histories])
    pairs, counts = discordant_pairs(rank, owner, len(histories), 5)
    for k, history in enumerate(histories):
        known = [r for r in history if r >= 0]
        assert pairs[k] == discordant(known)
        assert counts[k].tolist() == [known.count(r) for r in range(5)]


def test_the_normal_approximation_joins_the_exact_distribution():
    counts = np.array([[7, 7, 6], [7, 7, 7]])
    half = np.array([40, 40])
    exact, approximate = trend_p(half, counts)
    assert exact == pytest.approx(approximate, abs=0.05)


@pytest.mark.parametrize("inner", [1, 3, 8, EXACT_POINTS, EXACT_POINTS + 1, 30])
def test_the_rate_test_keeps_its_level(inner):
    draw = np.random.default_rng(inner)
    means = draw.random((20_000, inner)).mean(axis=1)
    p = crowding_p(means, np.full(20_000, inner))
    for level in (0.01, 0.05, 0.5):
        assert (p <= level).mean() == pytest.approx(level, abs=4 * np.sqrt(level / 20_000))


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 40))
def test_later_points_are_never_less_surprising(a, b, inner):
    early, late = sorted((a, b))
    p = crowding_p(np.array([early, late]), np.array([inner, inner]))
    assert p[1] <= p[0] + 1e-9
    assert (p >= 0).all()
    assert (p <= 1).all()


@given(st.integers(2, 12), st.data())
def test_a_late_start_is_as_likely_as_counting_says(length, data):
    times = data.draw(st.integers(1, length))
    first = data.draw(st.integers(0, length - times))
    p = late_start_p(np.array([first]), np.array([times]), np.array([length]))[0]
    assert p == pytest.approx(comb(length - first, times) / comb(length, times))


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_holm_never_lowers_and_keeps_order(values):
    p = np.array([values])
    adjusted = holm(p)
    assert (adjusted >= p - 1e-12).all()
    assert (np.diff(adjusted[0][np.argsort(p[0], kind="stable")]) >= -1e-12).all()
    assert adjusted.min() == pytest.approx(min(1.0, 5 * p.min()))


def test_the_first_place_of_each_history():
    where = np.array([False, True, True, False])
    first = first_true(where, np.array([0, 1, 0, 1]), np.array([0, 0, 1, 2]), np.array([2, 1, 2]))
    assert first.tolist() == [1, 0, 2]

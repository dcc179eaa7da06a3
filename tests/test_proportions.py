"""Wilson's interval is the published one, and that of scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from tests.drawing import up_to

from breachpattern.errors import UsageError
from breachpattern.proportions import wilson

COUNTED = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=up_to(80), deadline=None)
@given(COUNTED, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_it_is_that_of_scipy(counted, level):
    hits, count = counted
    expected = binomtest(hits, count).proportion_ci(confidence_level=level, method="wilson")
    low, high = wilson(hits, count, level)
    assert (float(low), float(high)) == pytest.approx((expected.low, expected.high), abs=1e-9)


@given(COUNTED)
def test_it_lies_around_the_share_within_nought_and_one_and_mirrors_what_was_not_hit(counted):
    k, n = counted
    low, high = wilson([k, n - k], [n, n])
    assert 0 <= low[0] <= k / n + 1e-12
    assert k / n - 1e-12 <= high[0] <= 1
    assert (low[0], high[0]) == pytest.approx((1 - high[1], 1 - low[1]), abs=1e-12)
    assert (low[0] == 0) == (k == 0)
    assert (high[0] == 1) == (k == n)


def test_it_is_the_published_one():
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
    for k, n, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        found = wilson([k], [n])
        assert np.round([found[0][0], found[1][0]], 4).tolist() == pytest.approx([low, high], abs=2e-4)


def test_nothing_counted_has_no_interval():
    assert np.isnan(wilson(0, 0)).all()


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_that_is_none_is_refused(level):
    with pytest.raises(UsageError, match=f"confidence of {level}"):
        wilson(1, 2, level)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from breachpattern.review.measures.rates import median_interval, survival


@given(st.integers(6, 60))
def test_the_interval_of_a_median_holds_at_least_95_percent_and_not_much_more(n):
    values = np.arange(1.0, n + 1)
    middle, low, high = median_interval(values)
    rank = int(low)
    assert (middle, high) == ((n + 1) / 2, n + 1 - rank)
    outside = 2 * binom.cdf(rank - 1, n, 0.5)
    assert outside <= 0.05 < 2 * binom.cdf(rank, n, 0.5)


def test_survival_by_hand():
    # Kaplan-Meier: 5 at risk, one at 10 (4/5); one leaves at 20; 3 at risk at 30 (4/5 * 2/3); one leaves; one at 100.
    told = survival(np.array([10.0, 20.0, 30.0, 40.0, 100.0]), np.array([1, 0, 1, 0, 1], bool), 90)
    assert told["share"] == pytest.approx(1 - 4 / 5 * 2 / 3)
    assert told["days"] == 100
    assert told["low"] < told["share"] < told["high"]

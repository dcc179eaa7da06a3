"""Sums over ranges under a limit agree with counting pair by pair."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.timelines.ranges import sum_up_to

NEVER, FOREVER = -(2**62), 2**62
seconds = st.one_of(st.integers(-5, 5), st.sampled_from([NEVER, FOREVER]))


@given(st.data())
def test_it_agrees_with_counting_pair_by_pair(data):
    points = data.draw(st.lists(st.tuples(seconds, st.integers(0, 50)), max_size=20))
    position = st.integers(0, len(points))
    asked = data.draw(st.lists(st.tuples(position, position, seconds), max_size=8))
    values, weights = (np.array([p[k] for p in points], np.int64) for k in (0, 1))
    low, high, limit = (np.array([a[k] for a in asked], np.int64) for k in (0, 1, 2))
    expected = [sum(w for v, w in points[a:b] if v <= most) for a, b, most in asked]
    assert sum_up_to(values, weights, low, high, limit).tolist() == expected

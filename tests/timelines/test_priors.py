"""What came before: counted in rounds, the same as counted one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.timelines.priors import Events, known_before

some = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12), st.integers(0, 12)), max_size=40)


def events(rows):
    return Events(*(np.array([r[i] for r in rows], dtype=np.int64) for i in range(3)))


@given(some, some)
def test_counting_in_rounds_is_counting_one_by_one(happened, asked):
    weight = np.arange(1, len(happened) + 1)
    expected = [
        sum(w for w, (s, at, known) in zip(weight.tolist(), happened, strict=True) if s == q and at < t and known <= k)
        for q, t, k in asked
    ]
    assert known_before(events(happened), weight, events(asked)).tolist() == expected


def test_a_long_series_needs_no_pairs():
    n = 20_000
    rng = np.random.default_rng(7)
    one = Events(np.zeros(n, np.int64), np.arange(n), rng.integers(0, n, n))
    counted = known_before(one, np.ones(n, np.int64), one)
    for i in (0, 1, 7_777, n - 1):
        assert counted[i] == (one.known[:i] <= one.known[i]).sum()

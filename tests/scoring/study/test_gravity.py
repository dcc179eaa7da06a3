"""Harm of successive events, counted by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.scoring import harm_by_event


def told(*harms):
    rows = [(i + 1, harm) for own in harms for i, harm in enumerate(own)]
    return pd.DataFrame(rows, columns=["number", "harm"])


def test_harm_and_its_change_by_hand():
    table = harm_by_event(told([1.0, 4.0, 2.0], [3.0, 3.0], [np.nan, 8.0], [5.0]), at_most=3)
    assert table["weighed"].tolist() == [3, 3, 1]
    assert table["mean"].tolist() == [3.0, 5.0, 2.0]
    assert table["median"].tolist() == [3.0, 4.0, 2.0]
    assert table["compared"].tolist() == [0, 2, 1]
    assert table["change"].tolist()[1:] == [1.5, -2.0]
    assert table["graver"].tolist()[1:] == [0.5, 0.0]
    # Student's t with one degree of freedom: 1.5 -/+ 12.7062 * 2.1213 / sqrt(2)
    assert table.loc[2, ["change_low", "change_high"]].tolist() == pytest.approx([-17.559, 20.559], abs=1e-3)


def test_a_dyad_is_never_compared_with_the_one_before_it():
    table = harm_by_event(told([1.0], [100.0], [1.0, 1.0]), at_most=2)
    assert table.loc[1, ["compared"]].tolist() == [0]
    assert table.loc[2, ["compared", "change"]].tolist() == [1, 0]


@given(st.lists(st.lists(st.floats(0, 100) | st.just(np.nan), min_size=1, max_size=5), max_size=8), st.floats(0.1, 10))
def test_the_unit_of_harm_does_not_matter(harms, scale):
    one, other = (harm_by_event(told(*[[h * s for h in own] for own in harms])) for s in (1, scale))
    assert one["compared"].equals(other["compared"])
    np.testing.assert_allclose(one["change"] * scale, other["change"], atol=1e-6)

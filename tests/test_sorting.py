"""Sorting gives what numpy's own sorts give, whatever the keys hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.sorting import changes, distinct, distinct_pairs, in_order, numbered, order_by
from breachpattern.spans import FOREVER, NEVER

WHOLE = st.sampled_from([NEVER, -(2**40), -1, 0, 1, 2, 3, 2**40, FOREVER])
KEYS = {
    "int64": (np.int64, WHOLE),
    "int8": (np.int8, st.integers(-3, 3)),
    "uint64": (np.uint64, st.sampled_from([2**64 - 2, 2**64 - 1, 2**63])),
    "bool": (np.bool_, st.booleans()),
    "float": (np.float64, st.sampled_from([-1.5, -0.0, 0.0, 1e-300, 2.0, np.inf])),
}


@st.composite
def tables(draw):
    n = draw(st.integers(0, 40))
    kinds = draw(st.lists(st.sampled_from(sorted(KEYS)), min_size=1, max_size=4))
    return [np.array(draw(st.lists(KEYS[kind][1], min_size=n, max_size=n)), dtype=KEYS[kind][0]) for kind in kinds]


@given(tables())
def test_order_by_is_lexsort(keys):
    assert order_by(*keys).tolist() == np.lexsort(keys[::-1]).tolist()


@given(tables())
def test_numbered_numbers_rows_in_sorted_order(keys):
    rows = list(zip(*(key.tolist() for key in keys), strict=True))
    places = {row: place for place, row in enumerate(sorted(set(rows)))}
    count, number = numbered(*keys)
    assert (count, number.tolist()) == (len(places), [places[row] for row in rows])


@given(st.lists(st.tuples(WHOLE, WHOLE)))
def test_distinct_pairs_are_the_sorted_set(pairs):
    first, second = (np.array(side, np.int64) for side in (zip(*pairs, strict=True) if pairs else ([], [])))
    found = distinct_pairs(first, second)
    assert list(zip(*(side.tolist() for side in found), strict=True)) == sorted(set(pairs))


@given(tables())
def test_rows_are_in_order_where_sorting_moves_none(keys):
    assert in_order(*keys) == (np.lexsort(keys[::-1]).tolist() == list(range(len(keys[0]))))


@given(st.lists(WHOLE))
def test_distinct_is_the_sorted_set(values):
    assert distinct(np.array(values, np.int64)).tolist() == sorted(set(values))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_changes_of_few_rows(n):
    assert changes(np.zeros(n)).tolist() == [True, False][:n]


def test_many_rows_that_tie_on_more_than_one_word():
    draw = np.random.default_rng(1)
    keys = [draw.integers(0, 3, 5000), draw.choice([NEVER, FOREVER], 5000), draw.integers(0, 2**61, 5000) // 2**59]
    assert order_by(*keys).tolist() == np.lexsort(keys[::-1]).tolist()


@pytest.mark.parametrize("wide", [2**40, 2**61])
def test_many_ties_of_keys_too_wide_for_a_word_are_numbered_in_order(wide):
    draw = np.random.default_rng(2)
    keys = [draw.integers(0, 3, 5000), *(draw.integers(0, 4, 5000) * wide // 4 for _ in range(3))]
    rows = list(zip(*(key.tolist() for key in keys), strict=True))
    places = {row: place for place, row in enumerate(sorted(set(rows)))}
    assert order_by(*keys).tolist() == np.lexsort(keys[::-1]).tolist()
    assert numbered(*keys)[1].tolist() == [places[row] for row in rows]

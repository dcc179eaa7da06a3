"""Columns that travel as codes say what each row would say by itself."""

import json

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.patterns.fragments import coded, fixed, glued, listed, numbered, numbers, worded
from breachpattern.patterns.populations import combined, first_alike, owners
from breachpattern.timelines.courses import Ragged

ROWS = st.lists(st.tuples(st.integers(-2, 3), st.booleans(), st.sampled_from([0.5, -1.0, 2.25])), max_size=30)
LISTS = st.lists(st.lists(st.integers(0, 6), max_size=5), min_size=1, max_size=8)


def ragged(lists):
    flat = np.array([value for one in lists for value in one], np.int64)
    return Ragged(np.append(0, np.cumsum([len(one) for one in lists])).astype(np.int64), flat)


@given(ROWS)
def test_each_combination_is_told_once_and_stands_in_every_row(rows):
    kinds = (np.int64, np.bool_, np.float64)
    columns = [np.array([row[k] for row in rows], kind) for k, kind in enumerate(kinds)]
    asked = []

    def tell(*values):
        asked.append(values)
        return repr(values)

    assert worded(tell, *columns).to_pylist() == [repr(row) for row in rows]
    assert len(asked) == len(set(rows))
    codes, first = numbered(*columns)
    assert all(rows[place] == row for row, place in zip(rows, first[codes].tolist(), strict=True))


def test_pieces_are_glued_whether_they_travel_as_codes_or_not():
    pieces = worded(str, np.array([2, 1, 2])), pa.array(["a", "b", "c", "d"])[1:], fixed(np.array([b"x", b"y", b"z"]))
    assert glued("<", *pieces, ">").to_pylist() == ["<2bx>", "<1cy>", "<2dz>"]


def test_what_is_not_known_is_null():
    known = np.array([True, False])
    told = glued(*coded(pa.array(['a"b']), np.array([0, -1])))
    assert [json.loads(text) for text in told.to_pylist()] == ['a"b', None]
    assert numbers(np.array([7, 0]), known).to_pylist() == ["7", "null"]
    assert fixed(np.array([b"x", b"y"]), known).to_pylist() == ["x", None]


@given(LISTS, st.sampled_from(["", '"', "\\", "\n", "é"]))
def test_lists_of_texts_are_json_whatever_is_in_the_texts(lists, odd):
    texts = [f"{odd}{number}" for number in range(7)]
    told = listed(pa.array(texts), ragged(lists)).to_pylist()
    assert [json.loads(text) for text in told] == [[texts[code] for code in codes] for codes in lists]


@given(st.lists(st.tuples(*[st.sampled_from([-(2**62), -1, 0, 1, 2**40, 2**62])] * 3), max_size=20))
def test_combinations_too_wide_for_a_word_are_told_apart(rows):
    columns = [np.array([row[k] for row in rows], np.int64) for k in range(3)]
    codes, first = numbered(*columns)
    assert all(rows[place] == row for row, place in zip(rows, first[codes].tolist(), strict=True))
    assert len(first) == len(set(rows))


@given(LISTS)
def test_the_first_alike_is_the_first_of_the_same_list_with_the_same_label(lists):
    rows, label = ragged(lists), np.array([0, 0, 1, 2, 2, 2, 3])
    several = np.bincount(label)[label] > 1
    several |= np.bincount(rows.values, minlength=len(label)) > 1
    mine, owner = label[rows.values], owners(rows)
    expected = [next(j for j in range(i + 1) if owner[j] == owner[i] and mine[j] == mine[i]) for i in range(len(mine))]
    assert first_alike(rows, label, several).tolist() == expected


@given(LISTS)
def test_lists_are_combined_one_by_one(lists):
    values = np.array([5, -3, 8, 0, 12, 7, 1])
    assert combined(np.maximum, ragged(lists), values, -9).tolist() == [max(values[one], default=-9) for one in lists]

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.linking.people.entities import components, within
from breachpattern.linking.people.pairs import NEIGHBOURS, make, sharing, strongest
from breachpattern.linking.people.texts import together

rows = st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 6)), min_size=1, max_size=25)


@given(rows)
def test_holders_share_a_value_exactly_where_a_loop_says_so(pairs):
    value, holder = np.array(pairs).T
    left, right = sharing(value, holder)
    expected = {(min(a, b), max(a, b)) for v, a in pairs for w, b in pairs if v == w and v >= 0 and a != b}
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == expected
    assert len(left) == len(expected)


def test_a_value_of_very_many_still_connects_them_all():
    size = NEIGHBOURS * 3
    left, right = sharing(np.zeros(size, np.int64), np.arange(size))
    assert len(left) < size * (size - 1) // 2
    assert set(components(size, left, right).tolist()) == {0}


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_every_pair_of_members_is_listed_once(label):
    left, right = within(np.array(label))
    pairs = {(i, j) for i in range(len(label)) for j in range(i + 1, len(label)) if label[i] == label[j]}
    assert {(min(p), max(p)) for p in zip(left.tolist(), right.tolist(), strict=True)} == pairs
    assert len(left) == len(pairs)


@given(rows)
def test_one_code_for_a_tuple(pairs):
    first, second = np.array(pairs).T
    codes = together(first, second)
    known = [i for i, (a, b) in enumerate(pairs) if a >= 0 and b >= 0]
    assert all((codes[i] >= 0) == (i in known) for i in range(len(pairs)))
    assert all((codes[i] == codes[j]) == (pairs[i] == pairs[j]) for i in known for j in known)


def test_a_pair_is_kept_by_its_strongest_link():
    one = make(np.array([0]), np.array([1]), "birth_date_swapped", 0.97, False, "doubtful")
    other = make(np.array([0]), np.array([1]), "name_birth_date_key", 0.9, True, "certain")
    assert strongest([one, other]).evidence.to_pylist() == ["certain"]

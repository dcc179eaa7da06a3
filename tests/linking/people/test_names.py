import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.linking.people.names import alike, is_nobody, nicknames, one_slip

words = st.text("abcdefg", min_size=1, max_size=9)


@given(words, words)
def test_likeness_is_symmetric_and_everybody_is_like_themselves(one, other):
    assert alike(one, one)
    assert alike(one, other) == alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("robert", "bob"), ("elizabeth", "betty"), ("j", "john"), ("chris", "christopher"), ("mark", "makr"),
     ("sarah", "sara"), ("john paul", "paul"), ("mohammed", "muhammad"), ("stephen", "steven"), ("ian", "iain")],
)  # fmt: skip
def test_names_of_one_person_are_alike(one, other):
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("daniel", "michael"), ("tom", "tim"), ("ann", "ava"), ("sophie", "sarah"), ("jack", "james")]
)
def test_names_of_twins_are_not(one, other):
    assert not alike(one, other)


def test_every_nickname_stands_in_plain_spelling():
    assert all(name.isalpha() and name == name.lower() for name in nicknames())


@pytest.mark.parametrize(
    "name", [("peter", "male"), ("ann", "other"), ("mark", "child"), ("null", "smith"), ("n", "khan")]
)
def test_real_people_are_somebody(name):
    assert not is_nobody(*name)


@given(words, st.integers(0, 8))
def test_an_exchange_of_neighbours_is_one_slip(word, place):
    at = place % len(word)
    assert one_slip(word, word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :] if at else word)

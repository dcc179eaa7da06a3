"""Words as typed: forms, slips, joined words, statutes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.law import Catalogue
from breachpattern.law.wording import LONGEST, Wording, typing_slips

WORDING = Catalogue.load()._recogniser.wording
WORDS = st.text("abcdef", min_size=0, max_size=8)


@given(WORDS, WORDS)
def test_slips_are_a_distance(left, right):
    slips = typing_slips(left, right, 20)
    assert slips == typing_slips(right, left, 20)
    assert (slips == 0) == (left == right)
    assert slips <= max(len(left), len(right))


@given(WORDS, st.integers(0, 7), st.sampled_from("abcdef"))
def test_one_letter_more_is_one_slip(word, place, letter):
    assert typing_slips(word, word[:place] + letter + word[place:], 3) == 1


@given(WORDS, WORDS, st.integers(0, 3))
def test_the_limit_only_cuts_off(left, right, limit):
    assert typing_slips(left, right, limit) == min(typing_slips(left, right, 20), limit + 1)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Breached N.M.O.", ("breach", "nmo")),
        ("R/O breach", ("ro", "breach")),
        ("non-molestation", ("non", "molestation")),
        ("nonmolestation", ("non", "molestation")),
        ("DVPN/O", ("dvpn", "dvpo")),
        ("Sec 363 (1) (2).", ("s363", "|")),
        ("S.4A POA 1986", ("s4a", "actpoa")),
        ("Stalking 4A", ("stalking", "s4a")),
        ("Stalking (4A)", ("stalking", "|", "s4a", "|")),
        ("790.23(1a) firearm", ("|", "1a", "|", "firearm")),
        ("Sec 4A(1)(b)(ii) PHA", ("s4a", "s4a_1_b_ii", "actpha")),
        ("S2 (NI)", ("s2", "|", "ni", "|")),
        ("baill conditons", ("bail", "condition")),
        ("BREACHOFNMO", ("breach", "nmo")),
        ("breach_of_bail", ("breach", "bail")),
        ("harrasment w/out violense", ("harassment", "without", "violence")),
        ("Malicious Communucations", ("malicious", "communication")),
        ("stalkng", ("stalking",)),
        ("‘Stalking’ – serious", ("stalking", "|", "serious")),
    ],
)
def test_words_come_out_in_one_form(typed, words):
    assert WORDING.tokens(typed) == words


@pytest.mark.parametrize(
    "word", ["beach", "found", "would", "sound", "treat", "talking", "walking", "thread", "border", "rest"]
)
def test_real_words_are_not_taken_for_typing_errors(word):
    assert WORDING.tokens(word) == (word,)


def test_of_a_narrative_in_the_place_of_a_label_no_more_is_kept_than_is_read():
    wording = Wording({})
    assert wording.tokens("x" * LONGEST + " first") == wording.tokens("x" * LONGEST + " second")
    assert wording._split_kept.cache_info().currsize == 1

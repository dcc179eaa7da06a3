import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern import vocabulary
from breachpattern.vocabulary import BEHAVIOURS, Vocabulary

ALL = [v for v in vars(vocabulary).values() if isinstance(v, Vocabulary)]


@given(st.sets(st.sampled_from(BEHAVIOURS.values)))
def test_a_mask_is_the_set_that_it_was_made_of(codes):
    assert set(BEHAVIOURS.codes(BEHAVIOURS.mask(codes))) == codes


@pytest.mark.parametrize("words", ALL, ids=lambda v: v.name)
def test_codes_are_distinct_and_fit_a_mask(words):
    assert len(set(words.values)) == len(words) < 63
    assert all(words.values[words.index(code)] == code for code in words)
    with pytest.raises(KeyError):
        words.index("no such code")

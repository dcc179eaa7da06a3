import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.linking.people.identifiers import LETTERS, canonical_cro, canonical_pnc, check_letter

years, serials = st.integers(0, 99), st.integers(1, 9_999_999)


@given(years, serials)
def test_one_pnc_id_has_one_spelling(year, serial):
    letter = check_letter(f"{year:02}", f"{serial:07}")
    century = 2000 if year < 50 else 1900
    spellings = [f"{century + year}/{serial:07}{letter}", f"{year:02}/{serial}{letter.lower()}",
                 f" {year:02}/{serial:07} {letter}", f"{century + year}{serial:07}{letter}"]  # fmt: skip
    assert {canonical_pnc(text) for text in spellings} == {f"{century + year}/{serial:07}{letter}"}


@given(years, serials, st.sampled_from(LETTERS))
def test_no_other_letter_fits(year, serial, letter):
    fits = letter == check_letter(f"{year:02}", f"{serial:07}")
    assert (canonical_pnc(f"{year:02}/{serial:07}{letter}") is not None) == fits


@given(years, serials, st.integers(0, 8))
def test_a_wrong_digit_is_noticed(year, serial, place):
    """The weights of the places are powers of ten, none of which 23 divides: every wrong digit changes the letter."""
    digits = f"{year:02}{serial:07}"
    wrong = digits[:place] + str((int(digits[place]) + 1) % 10) + digits[place + 1 :]
    assert check_letter(wrong[:2], wrong[2:]) != check_letter(digits[:2], digits[2:])


@pytest.mark.parametrize("text", ["", "2011", "ABC", "2011/0412907", "2011/0412907I", "201/0412907D", "٢٠١١/0412907D"])
def test_what_is_no_pnc_id_is_none(text):
    assert canonical_pnc(text) is None


def test_cro_numbers_in_both_forms():
    assert canonical_cro("001234/99" + check_letter("99", "001234")) == "001234/99L"
    assert canonical_cro("sf 39/83" + check_letter("39", "83")) == "SF39/83D"
    assert canonical_cro("1234/99Z") is None
    assert canonical_cro("SF39/83A") is None

"""Codes in any spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.law import Catalogue
from breachpattern.law.codes import spellings

LAW = Catalogue.load()
HO = sorted({code for o in LAW.offences.values() for code in o.ho_codes})
CJS = sorted({code for o in LAW.offences.values() for code in o.cjs_codes})
OWNER = {code: o.id for o in LAW.offences.values() for code in (*o.ho_codes, *o.cjs_codes)}


@given(st.sampled_from(HO), st.sampled_from(["{c}/{s}", "{c:02d}/{s}", "{c:03d}/{s}", "{c:03d}{s}", " {c} / {s} "]))
def test_a_home_office_code_is_known_in_every_spelling(code, spelling):
    major, minor = code.split("/")
    written = spelling.format(c=int(major), s=minor)
    assert LAW.recognise(written, "some label").offence == OWNER[code]


@given(st.sampled_from(HO).filter(lambda code: int(code.split("/")[0]) > 0))
def test_a_home_office_code_survives_a_spreadsheet_that_made_it_a_number(code):
    number = str(int(code.replace("/", "")))
    assert LAW.recognise(number, None).offence == OWNER[code]
    assert LAW.recognise(number + ".0", None).offence == OWNER[code]


@given(st.sampled_from(CJS), st.sampled_from(["", "A", "B", "C", "I"]), st.booleans())
def test_a_cjs_code_is_known_in_any_case_and_with_its_eighth_letter(code, suffix, lower):
    written = code + suffix
    assert LAW.recognise(written.lower() if lower else written, None).offence == OWNER[code]


def test_a_code_stands_for_one_offence_only():
    assert len(OWNER) == sum(len(o.ho_codes) + len(o.cjs_codes) for o in LAW.offences.values())


def test_the_code_comes_before_the_words():
    found = LAW.recognise("008/65", "Breach of non mol")
    assert (found.offence, found.method) == ("stalking_fear", "code")


def test_a_code_that_names_no_kind_of_order_lets_the_words_name_it():
    assert LAW.recognise("000/01", "Breach of restraining order").offence == "breach_restraining"
    assert LAW.recognise("000/01", "Harassment").offence == "breach_order"
    assert LAW.recognise("000/01", None).offence == "breach_order"


def test_an_unknown_code_falls_back_to_the_words_and_else_says_what_came_closest():
    assert LAW.recognise("999/99", "Stalking").offence == "stalking"
    unknown = LAW.recognise("008/99", None)
    assert unknown.offence is None
    assert unknown.normalised == "008/99"
    assert unknown.closest


@pytest.mark.parametrize("code", ["", "   ", "-", "n/a", "8Q", "1/2/2024", "8/65/2", "12", "PH97", None])
def test_what_is_no_code_leads_nowhere(code):
    assert LAW.recognise(code, None).offence is None


@given(st.text(max_size=20))
def test_any_text_at_all_is_read_without_a_crash(text):
    spellings(text)
    LAW.recognise(text, text)
    LAW.recognise_order_kind(text)

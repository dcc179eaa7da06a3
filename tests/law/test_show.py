"""An entry as text."""

from datetime import date

import pytest

from breachpattern.errors import CatalogueError
from breachpattern.law import Catalogue, show

LAW = Catalogue.load()
EVERY_ID = [
    *LAW.order_kinds, *LAW.offences, *LAW.provisions, *LAW.behaviours, *LAW.terms,
    *(rule.id for rule in LAW.recording_rules), *LAW.outcomes,
]  # fmt: skip


def test_every_entry_can_be_shown_with_its_check_date():
    for ident in EVERY_ID:
        text = show(LAW, ident)
        assert f"Checked:                {LAW.checked}" in text, ident
        assert max(len(line) for line in text.splitlines() if "https://" not in line) <= 110, ident


def test_what_was_not_verified_is_said():
    assert "Not verified:           all of it" in show(LAW, "interdict")
    assert "Not verified" not in show(LAW, "spa2019.s8")


def test_an_order_shows_what_a_breach_was_on_the_day_and_its_sources():
    text = show(LAW, "non_molestation", date(2019, 5, 1))
    assert "On 2019-05-01: in force" in text
    assert "contempt of court (from 1997-10-01, until 2007-07-01); not on 2019-05-01" in text
    assert "a criminal offence (from 2007-07-01); so on 2019-05-01" in text
    assert "https://www.legislation.gov.uk/ukpga/1996/27/section/42A" in text
    assert "066/39" in text


def test_an_order_made_under_the_older_act_says_so_and_its_duties_have_sources():
    text = show(LAW, "restraining_conviction", date(2025, 5, 1))
    assert "of an order made (from 1997-06-16, until 2020-12-01) is a criminal offence." in text
    text = show(LAW, "stalking_protection")
    assert "ukpga/2019/9/section/9\n" in text
    assert "ukpga/2019/9/section/10\n" in text


def test_a_start_that_is_not_on_record_is_not_made_up():
    assert "On 1950-01-01: not known; its start is not on record." in show(LAW, "court_bail", date(1950, 1, 1))
    assert "in force" in show(LAW, "court_bail").splitlines()[2]


def test_beyond_the_last_check_it_says_so():
    assert "beyond the last check" in show(LAW, "stalking", date(2030, 1, 1))
    assert "not in force; no commencement" in show(LAW, "vwjrsa2025.s109")


def test_an_unknown_id_names_the_nearest():
    with pytest.raises(CatalogueError, match="non_molestation"):
        show(LAW, "non_molestaton")

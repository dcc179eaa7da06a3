from __future__ import annotations

from pathlib import Path

from breachpattern.law import Catalogue
from breachpattern.law.reference import filled

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "catalogue.md"


def test_the_page_says_what_the_catalogue_says():
    text = PAGE.read_text(encoding="utf-8")
    assert filled(text) == text


def test_every_entry_is_on_the_page():
    law, text = Catalogue.load(), PAGE.read_text(encoding="utf-8")
    ids = [*law.order_kinds, *law.offences, *law.provisions, *(rule.id for rule in law.recording_rules)]
    assert not [ident for ident in ids if f"| `{ident}` " not in text]


def test_what_is_not_verified_says_so():
    law, text = Catalogue.load(), PAGE.read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| `")}
    for provision in law.provisions.values():
        assert ("yes, " in rows[provision.id].rsplit("|", 2)[1]) == provision.verified

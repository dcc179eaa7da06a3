"""The coverage page says what is so: every entry is on it, every test that it names is there and names the entry."""

import ast
import re

import pytest
from proof.law import PAGE, numbered, page, sections
from proof.tests_of import ROOT, naming, parametrised, texts_of_tests

from breachpattern.law import Catalogue

TEXT = PAGE.read_text(encoding="utf-8")
ROWS = {line.split("`")[1]: line.split(" | ") for line in TEXT.splitlines() if line.startswith("| `")}


def without_tests(text):
    return [line.rpartition(" | ")[0] if line.startswith("| `") else line for line in text.splitlines()]


def test_the_page_says_what_the_catalogue_the_data_and_the_code_say():
    assert without_tests(TEXT) == without_tests(page()), "run `make pages`"


def test_every_entry_is_on_the_page_with_a_test():
    law = Catalogue.load()
    known = [*law.order_kinds, *law.offences, *law.provisions, *(rule.id for rule in law.recording_rules)]
    assert list(ROWS) == [ident for entries in sections().values() for ident in entries]
    assert set(ROWS) == set(known)
    assert [ident for ident in known if not re.search(r"\bT\d", ROWS[ident][-1])] == []


def test_every_test_that_the_page_names_is_there():
    named = {name for cells in ROWS.values() for name in re.findall(r"`([\w/]+\.py::\w+)`", cells[-1])}
    named |= {name.removeprefix("tests/") for name in numbered()}
    assert named
    for name in sorted(named):
        path, _, function = name.partition("::")
        module = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
        assert function in {test for test, _ in texts_of_tests(module)}, f"{name} is gone; run `make pages`"


def test_a_test_is_found_by_what_it_and_its_tables_say():
    module = ast.parse(
        'TABLE = [("b.1", 2)]\nOTHER = ["c.1"]\n'
        'def helper():\n    return "d.1"\n'
        'def test_one():\n    assert TABLE and "a.1" and helper()\n'
        "def test_two():\n    assert OTHER\n"
    )
    assert dict(texts_of_tests(module)) == {"test_one": {"a.1", "b.1", "d.1"}, "test_two": {"c.1"}}


def test_a_plain_word_is_not_taken_for_an_entry():
    found = naming(["harassment", "no_such_thing.anywhere"], ROOT / "tests" / "proof")
    assert found == {"no_such_thing.anywhere": ["tests/proof/test_law.py::test_a_plain_word_is_not_taken_for_an_entry"]}


@pytest.mark.parametrize("row", [("first", "x"), ("second", "y")])
def test_rows_of_a_table_are_read_from_the_mark_that_pytest_runs(row):
    found = parametrised("tests.proof.test_law")
    assert found[row[0]] == ["tests/proof/test_law.py::test_rows_of_a_table_are_read_from_the_mark_that_pytest_runs"]

"""The lint of catalogue files."""

from datetime import date

import pytest

from breachpattern.law import lint

TODAY = date(2026, 11, 23)


@pytest.fixture
def issues(tmp_path):
    def of(text, today=TODAY):
        (tmp_path / "own.toml").write_text(text, encoding="utf-8")
        return lint([tmp_path], today=today)

    return of


def test_the_built_in_catalogue_is_clean():
    assert lint(today=TODAY) == []


def test_a_year_after_the_check_everything_is_stale():
    stale = lint(today=date(2027, 12, 1))
    assert stale
    assert all(issue.severity == "warning" and "last checked" in issue.message for issue in stale)


def test_every_error_is_listed_not_only_the_first(issues):
    found = issues('[offence.a]\ntitel = "A"\n[offence.b]\ntitle = "B"\nbreach_of = ["none_such"]\n')
    errors = [issue for issue in found if issue.severity == "error"]
    assert [issue.entry for issue in errors] == ["offence.a", "offence.a", "offence.b"]
    assert found[: len(errors)] == errors


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[offence.a]\ntitle = "A"\nrole = "breach"\nprovisions = ["pha1997.s2"]\n', "is a breach of nothing"),
        ('[offence.a]\ntitle = "A"\n', "has no source"),
        ('[order_kind.a]\ntitle = "A"\nsource = "https://example.org/a"\n', "nothing about what a breach is"),
        (
            '[offence.a]\ntitle = "A"\nho_codes = ["195/94"]\nsource = "https://example.org/a"\n',
            "already stands for 'harassment'",
        ),
        ('[provision."pha1997.s99"]\n', "has no summary"),
        (
            '[offence.a]\ntitle = "A"\nsource = "https://example.org/a"\nchecked = 2019-01-01\n',
            "last checked on 2019-01-01",
        ),
        (
            '[order_kind.a]\ntitle = "A"\nsource = "https://example.org/a"\n'
            + '[[order_kind.a.breach]]\nnature = "offence"\nterm_classes = ["prohibition"]\nprovisions = []\n' * 2,
            "gives two answers",
        ),
        (
            '[recording_rule.a]\ntitle = "A"\nfrom = 2027-05-01\n',
            "holds at the same time as 'may_2023'",
        ),
        (
            '[recording_rule.a]\ntitle = "A"\nfrom = 1990-01-01\nto = 1991-01-01\nrequires = ["principal_crime"]\n',
            "requires 'principal_crime'",
        ),
    ],
)
def test_doubts_are_warnings(issues, text, message):
    found = issues(text)
    assert [issue.severity for issue in found if message in issue.message] == ["warning"]


def test_what_an_entry_changes_is_noted_after_all_else(issues):
    found = issues(
        '[order_kind.stalking_protection]\ntitle = "SPO"\nlabels = ["spo"]\n'
        '[offence.a]\ntitle = "A"\nrole = "breach"\nprovisions = ["pha1997.s2"]\n'
    )
    assert [issue.severity for issue in found] == ["warning", "note"]
    assert found[-1].message == (
        "changes title (was 'Stalking protection order'), labels, of the entry in built-in:orders.toml."
    )


def test_an_issue_reads_as_one_line_with_its_place(issues):
    line = str(issues('[offence.a]\ntitle = "A"\n')[0])
    assert "own.toml, offence.a: has no source." in line
    assert "\n" not in line

"""What an issue says and what it must not carry: names that are somebody's, identifiers in full."""

import pytest
from tests.linking.people.given import OTHER_PHONE, PHONE, TOM, lettered

from breachpattern.linking.people import link_people


def issues(*rows):
    return link_people(lettered(*rows)).issues


@pytest.mark.parametrize(
    ("name", "column", "value", "message"),
    [
        (("John", "Unknown"), "surname", "Unknown", "This surname stands for one that is not known and is set aside; "
         "the given name still counts."),
        (("Baby", "Quill"), "given_name", "Baby", "This given name stands for one that is not known and is set aside; "
         "the surname still counts."),
        (("Unknown", "Male"), "surname", "Unknown Male", "This stands for a name that is not known; it links nobody."),
        (("Mr", None), "given_name", "Mr", "This stands for a name that is not known; it links nobody."),
        ((None, "UNKNOWN"), "surname", "UNKNOWN", "This stands for a name that is not known; it links nobody."),
    ],
)  # fmt: skip
def test_only_the_half_of_a_name_that_is_set_aside_is_shown(name, column, value, message):
    (issue,) = issues({"given_name": name[0], "surname": name[1]})
    assert (issue.column, issue.code, issue.value, issue.message) == (column, "placeholder_name", value, message)


@pytest.mark.parametrize(
    ("row", "code", "value"),
    [
        ({"pnc_id": "2011/0412907E"}, "pnc_check_letter", "…907E"),
        ({"cro_number": " 001234/99A "}, "cro_check_letter", "…/99A"),
    ],
)
def test_of_an_identifier_only_the_last_four_characters_are_shown(row, code, value):
    (issue,) = issues(row)
    assert (issue.code, issue.value) == (code, value)


def test_each_bridge_is_an_issue():
    here = {"phone": PHONE}, {"phone": PHONE, "postcode": "ZZ1 1AA"}
    there = {"phone": OTHER_PHONE, "postcode": "ZZ1 1AA"}, {"phone": OTHER_PHONE}
    people = link_people(lettered(*(TOM | own for own in (*here, *there))))
    (issue,) = people.issues
    assert (issue.row, issue.column, issue.code, issue.value) == (4, "person_id", "doubtful_bridge", "B and C")
    assert issue.message == people.bridges["message"][0].as_py()
    assert people.certain().issues == ()

import pytest
from tests.facts import breaches, catalogue, incident, order, timelines

from breachpattern.timelines.terms import TermTable
from breachpattern.vocabulary import TERMS


def test_every_term_of_the_vocabulary_is_law():
    table = TermTable.of(catalogue())
    assert len(table.certain) == len(TERMS) == len(table.breach_kind)
    assert not (table.certain & table.arguable).any()


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        ({"behaviours": "loiter", "channel": "in_person", "postcode": "ZZ1 1AA"}, "yes"),
        ({"behaviours": "other", "postcode": "ZZ1 1AA"}, "possible"),
        ({"behaviours": "exclusion_entry"}, "yes"),
        ({"behaviours": "exclusion_entry", "postcode": "ZZ9 9ZZ"}, None),
        ({"behaviours": "contact", "channel": "email", "postcode": "ZZ1 1AA"}, None),
        ({"behaviours": "publish", "place_role": "online", "postcode": "ZZ1 1AA"}, None),
    ],
)
def test_a_zone_asks_who_was_there_and_where(seen, state):
    facts = [order("O1", terms="exclusion", exclusion_postcodes="ZZ1 1AA")]
    rows = [incident("I1", "2025-03-05T10:00", **seen)]
    assert [b["state"] for b in breaches(timelines(rows, facts))] == ([state] if state else [])


@pytest.mark.parametrize(("place", "state"), [("victim_home", "yes"), ("suspect_home", None), ("", "possible")])
def test_a_curfew_is_broken_away_from_home(place, state):
    facts = [order("O1", kind="court_bail", terms="curfew", curfew_from="19:00", curfew_to="07:00")]
    rows = [incident("I1", "2025-03-05T22:00", behaviours="damage", channel="in_person", place_role=place)]
    assert [b["state"] for b in breaches(timelines(rows, facts))] == ([state] if state else [])


@pytest.mark.parametrize(
    ("zone", "place", "kinds"),
    [
        ("ZZ2", "ZZ2", [{"exclusion"}]),
        ("ZZ2 3AB", "ZZ2", [{"exclusion"}]),
        ("ZZ2", "ZZ23", []),
    ],
)
def test_an_entry_on_record_is_believed_unless_the_place_lies_outside(zone, place, kinds):
    facts = [order("O1", terms="exclusion", exclusion_postcodes=zone)]
    rows = [incident("I1", "2025-03-05T10:00", behaviours="exclusion_entry", channel="in_person", postcode=place)]
    assert [b["kinds"] for b in breaches(timelines(rows, facts))] == kinds

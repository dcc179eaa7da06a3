import pytest
from tests.facts import breach, breaches, catalogue, incident, order, timelines, within

from breachpattern.timelines.terms import TermTable
from breachpattern.vocabulary import TERMS


def test_every_term_of_the_vocabulary_is_law():
    table = TermTable.of(catalogue())
    assert len(table.certain) == len(TERMS) == len(table.breach_kind)
    assert not (table.certain & table.arguable).any()


@pytest.mark.parametrize(
    ("seen", "entered"),
    [
        ({"behaviours": "loiter", "channel": "in_person", "postcode": "ZZ1 1AA"}, "yes"),
        ({"behaviours": "other", "postcode": "ZZ1 1AA"}, "possible"),
        ({"behaviours": "exclusion_entry"}, "yes"),
        ({"behaviours": "exclusion_entry", "postcode": "ZZ9 9ZZ"}, None),
        ({"behaviours": "contact", "channel": "email", "postcode": "ZZ1 1AA"}, None),
        ({"behaviours": "publish", "place_role": "online", "postcode": "ZZ1 1AA"}, None),
    ],
)
def test_a_zone_asks_who_was_there_and_where(seen, entered):
    facts = [order("O1", terms="exclusion", exclusion_postcodes="ZZ1 1AA")]
    rows = [incident("I1", "2025-03-05T10:00", **seen)]
    assert [within(b) for b in breaches(timelines(rows, facts))] == ([entered] if entered else [])


@pytest.mark.parametrize(("place", "out"), [("victim_home", "yes"), ("suspect_home", None), ("", "possible")])
def test_a_curfew_is_broken_away_from_home(place, out):
    facts = [order("O1", kind="court_bail", terms="curfew", curfew_from="19:00", curfew_to="07:00")]
    rows = [incident("I1", "2025-03-05T22:00", behaviours="damage", channel="in_person", place_role=place)]
    assert [within(b) for b in breaches(timelines(rows, facts))] == ([out] if out else [])


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


def test_a_failure_of_a_curfew_on_record_needs_no_hour():
    facts = [order("O1", kind="court_bail", terms="curfew", curfew_from="20:00", curfew_to="07:00")]
    day, noon = (incident(f"I{at}", at, behaviours="curfew_failure") for at in ("2025-03-05", "2025-03-05T12:00"))
    found = timelines([day, noon], facts)
    assert [b["incident"] for b in breaches(found)] == ["I2025-03-05"]
    assert (within(breach(found, "I2025-03-05")), breach(found, "I2025-03-05")["state"]) == ("yes", "yes")


@pytest.mark.parametrize(
    ("terms", "victim", "status"),
    [("exclusion", "V1", "recorded"), ("exclusion", "V2", "recorded_no_order"), ("curfew", "", "recorded")],
)
def test_a_place_or_an_hour_not_on_file_does_not_deny_what_the_record_says(terms, victim, status):
    facts = [order("O1", terms=terms, exclusion_postcodes="ZZ1" if terms == "exclusion" else "")]
    seen = {"behaviours": "loiter", "channel": "in_person", "victim_id": victim, "offence_code": "008/31"}
    assert [b["status"] for b in breaches(timelines([incident("I1", "2025-03-05T22:00", **seen)], facts))] == [status]
    seen["offence_code"] = ""
    assert breaches(timelines([incident("I1", "2025-03-05T22:00", **seen)], facts)) == []

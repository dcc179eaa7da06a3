"""Who is who in a real public extract, whose names and birth dates are hashes. No row of it is kept here."""

from datetime import date
from itertools import product

import pandas as pd
import pyarrow as pa
import pytest
from tests.court_events.given import DATA, named, order_in_force, rows_of

from breachpattern.linking.people import link_people

pytestmark = [
    pytest.mark.further,
    pytest.mark.skipif(not DATA.exists(), reason="the public court extract is not on this machine"),
]


@pytest.fixture(scope="module")
def raw():
    return rows_of("persons")


def table(raw, **further):
    """Return the people as canonical records: each hash of a birth date becomes a date of its own.

    Days from 13 to 28, so that no two dates are each other's with day and month exchanged.
    """
    days = [date(*day).isoformat() for day in product(range(1940, 2000), range(1, 13), range(13, 29))]
    hashes = sorted(set(raw["dob_hash"]) - {""})
    dates = dict(zip(hashes, days[:: len(days) // len(hashes)], strict=False))
    columns = {
        "person_id": raw["ident"],
        "given_name": (raw["first_hash"] + " " + raw["middle_hash"]).str.strip(),
        "surname": raw["last_hash"],
        "date_of_birth": raw["dob_hash"].map(dates),
        "sex": raw["sex"],
    }
    return pa.Table.from_pandas(pd.DataFrame(columns | further), preserve_index=False)


@pytest.fixture(scope="module")
def by_licence(raw):
    """The licence as a second key: one holder, one number, as an e-mail address has."""
    licence = raw["licence_id"].where(raw["licence_id"] == "", raw["licence_id"] + "@licence.example")
    return link_people(table(raw, email=licence))


@pytest.fixture(scope="module")
def probable(raw):
    return link_people(table(raw), method="probabilistic")


def merged(raw, entity):
    """Return how many pairs of idents are one person, and how many of these hold different licences."""
    frame = raw.assign(entity=entity)
    frame = frame[frame["licence_id"] != ""]
    sizes, same = frame.groupby("entity").size(), frame.groupby(["entity", "licence_id"]).size()
    pairs, agreeing = ((count * (count - 1) // 2).sum() for count in (sizes, same))
    return int(pairs), int(pairs - agreeing)


def events_by(raw, person):
    """Return how many events that need an earlier open case have one, by who is who."""
    charges = rows_of("charges")
    return order_in_force(charges.assign(person=charges["ident"].map(dict(zip(raw["ident"], person, strict=True)))))


def entities(raw, people):
    return people.entity_of(pa.array(raw["ident"])).to_pylist()


def test_name_and_birth_date_alone_join_nobody_in_the_exact_stages(raw):
    """The extract has no second key, so that the exact stages cannot lift the count above that of its references.

    With these, 230 events find an earlier open case; 276 where whole name and birth date are taken for the person.
    """
    people = link_people(table(raw))
    assert people.counts["links"] == 0
    assert events_by(raw, raw["ident"]) == 230


@pytest.mark.parametrize(
    ("name", "events", "pairs"),
    [(["name_hash"], 276, (2462, 212)), (["first_hash", "middle_hash", "last_hash"], 277, (2480, 212))],
    ids=["as written", "in parts"],
)
def test_name_and_birth_date_taken_for_the_person_merge_people_of_two_licences(raw, name, events, pairs):
    person = raw["ident"].groupby(named(raw, [*name, "dob_hash"])).transform("min")
    assert events_by(raw, person) == events
    assert merged(raw, person) == pairs


def test_a_licence_as_second_key_lifts_the_count_without_one_wrong_merge(raw, by_licence):
    """Four of the 276 are lost: people of one name and birth date with two licences, or with none on file."""
    assert events_by(raw, entities(raw, by_licence)) == 272
    pairs, wrong = merged(raw, entities(raw, by_licence))
    assert (pairs, wrong) == (2268, 0)


def test_probable_links_lift_the_count_and_wrong_merges_by_licence_stay_few(raw, probable):
    """Whole name and birth date alone merge 2,462 pairs, of which 212 hold different licences; many of these are typed
    wrongly. Misspelt names add 34 pairs, three of them with different licences, and one more event.
    """
    assert events_by(raw, entities(raw, probable)) >= 277
    pairs, wrong = merged(raw, entities(raw, probable))
    assert pairs >= 2480
    assert wrong <= 220

"""A finding that is the same without doubtful links owes them nothing; any other says what it owes."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.facts import catalogue, incident, order

from breachpattern.ingest import read_extract
from breachpattern.linking.people.of_extract import people_of
from breachpattern.patterns import doubts_of, find, lost_to_links
from breachpattern.spans import as_of_second
from breachpattern.timelines import build

ALIKE = {"given_name": "Ana", "surname": "Vale", "date_of_birth": "1990-05-01", "postcode": "ZZ1 1AA"}
PERSONS = [{"person_id": p} | ALIKE for p in ("P1", "P2")] + [{"person_id": "P3", "surname": "Hart"}]
BEHAVIOUR = st.sampled_from(["contact", "threat", "follow"])
ACTS = st.lists(st.tuples(st.sampled_from(["P1", "P2", "P3"]), st.integers(1, 28), BEHAVIOUR), min_size=1, max_size=7)


def both(acts):
    rows = [
        incident(f"I{i}", f"2025-03-{day:02d}T10:00", suspect_id=who, behaviours=act)
        for i, (who, day, act) in enumerate(acts)
    ]
    extract = read_extract(rows, [order("O1"), order("O2", respondent_id="P3")], persons=PERSONS)
    people = people_of(extract, "exact", 0.95, None, None)
    now = as_of_second("2025-06-30")
    found, certain = (find(build(extract, catalogue(), now, people=p)) for p in (people, people.certain()))
    return found, certain, people


def keys(found):
    return {(r["pattern"], r["level"], tuple(r["incident_ids"]), tuple(r["order_ids"])) for r in found.records()}


@settings(max_examples=up_to(10), deadline=None)
@given(ACTS)
def test_only_findings_that_differ_without_the_links_are_doubted(acts):
    found, certain, people = both(acts)
    doubted = found.doubting(doubts_of(found, certain, people))
    for record in doubted.records():
        key = (record["pattern"], record["level"], tuple(record["incident_ids"]), tuple(record["order_ids"]))
        assert ("identity" in record) == (key not in keys(certain))


@settings(max_examples=up_to(10), deadline=None)
@given(ACTS)
def test_what_is_lost_is_held_by_no_finding_of_its_pattern(acts):
    found, certain, _ = both(acts)
    held = [(r["pattern"], set(r["incident_ids"])) for r in found.records()]
    lost = lost_to_links(found, certain)
    expected = [
        r["headline"]
        for r in certain.records()
        if not any(p == r["pattern"] and set(r["incident_ids"]) <= incidents for p, incidents in held)
    ]
    assert sorted(lost) == sorted(expected)

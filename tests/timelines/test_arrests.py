"""An arrest for a breach that has a record of its own is no second breach of the order."""

import pytest
from tests.facts import incident, order

import breachpattern as bp

CALL = {"behaviours": "contact", "channel": "phone", "offence_code": "008/31", "kind": "crime"}
ARREST = {"kind": "custody", "offence_code": "008/31", "channel": "", "behaviours": ""}


def repeated(*rows, orders=None):
    """How many breaches the order is told to have, 0 where it is not told to be broken again."""
    extract = bp.read_extract(list(rows), orders=orders or [order("O1")])
    told = bp.Analyser().analyse(extract, as_of="2026-06-30").findings.to_frame().query("pattern == 'repeat_breach'")
    assert len(told) <= 1
    return told["incident_ids"].str.split(";").str.len().sum()


@pytest.mark.parametrize("victim", ["V1", ""])
@pytest.mark.parametrize(("day", "said"), [("02", 0), ("07", 0), ("20", 2)])
def test_an_arrest_within_a_week_of_the_breach_is_not_another(victim, day, said):
    call = incident("I1", "2025-03-01T19:10", **CALL)
    arrest = incident("K1", f"2025-03-{day}T10:00", **ARREST | {"victim_id": victim})
    assert repeated(call, arrest) == said


def test_two_breaches_and_an_arrest_are_two_breaches():
    calls = [incident(f"I{d}", f"2025-03-0{d}T19:10", **CALL) for d in (1, 3)]
    assert repeated(*calls, incident("K1", "2025-03-04T10:00", **ARREST)) == 2


def test_an_arrest_for_what_is_not_on_record_stands_for_it():
    arrests = [incident(f"K{d}", f"2025-03-{d}T10:00", **ARREST) for d in (10, 20)]
    assert repeated(*arrests) == 2


def test_a_custody_record_that_describes_an_act_is_a_breach_of_its_own():
    call = incident("I1", "2025-03-01T19:10", **CALL)
    assert repeated(call, incident("K1", "2025-03-02T10:00", **ARREST | {"behaviours": "contact;threat"})) == 2

"""What a variation without notice adds asks for awareness of it; what was barred all along does not."""

import pytest
from tests.facts import breach, incident, order, timelines

CALL = {"behaviours": "contact", "channel": "phone"}
POST = {"behaviours": "publish", "channel": "social_media"}
LATE = "2025-06-08T19:00"


def state(act, *versions, at=LATE, victim="V1"):
    facts = [
        order("O1", kind="dapo", version=str(i + 1), made_on=f"2025-0{i + 3}-03", starts=f"2025-0{i + 3}-03T10:00")
        | version
        for i, these in enumerate(versions)
        for version in (these if isinstance(these, list) else [these])
    ]
    return breach(timelines([incident("I1", at, victim_id=victim, **act)], facts), "I1")["state"]


SERVED = {"without_notice": "false", "served_at": "2025-03-03T10:00", "terms": "no_contact"}
MORE = {"terms": "no_contact;no_publication"}


@pytest.mark.parametrize("notice", ["true", ""])
@pytest.mark.parametrize(("act", "expected"), [(CALL, "yes"), (POST, "possible")])
def test_only_what_a_variation_adds_is_doubtful(notice, act, expected):
    assert state(act, SERVED, MORE | {"without_notice": notice}) == expected


def test_one_act_barred_before_and_one_added_is_a_certain_breach():
    both = {"behaviours": "contact;publish", "channel": "social_media"}
    assert state(both, SERVED, MORE | {"without_notice": "true"}) == "yes"


def test_awareness_of_the_variation_settles_what_it_adds():
    aware = MORE | {"without_notice": "true", "aware_from": "2025-04-05T10:00"}
    assert state(POST, SERVED, aware) == "yes"


def test_a_version_of_which_nobody_was_aware_settles_nothing():
    first = {"without_notice": "true", "terms": "no_contact"}
    assert state(CALL, first, MORE | {"without_notice": "true"}) == "possible"
    assert state(CALL, first | {"served_at": "2025-03-04T10:00"}, MORE | {"without_notice": "true"}) == "yes"


def test_what_was_barred_all_along_is_followed_over_several_variations():
    more = MORE | {"without_notice": "true"}
    assert state(CALL, SERVED, more, more) == "yes"
    assert state(POST, SERVED, more, more) == "possible"
    assert state(CALL, SERVED, {"terms": "no_publication", "without_notice": "true"}, more) == "possible"
    known = more | {"aware_from": "2025-04-04T10:00"}
    assert state(POST, SERVED, known, more | {"terms": "no_publication"}) == "yes"


def test_a_person_or_a_place_that_a_variation_adds_was_not_barred_before():
    second = [SERVED | {"without_notice": "true", "served_at": "", "protected_id": v} for v in ("V1", "V2")]
    assert state(CALL, SERVED, second) == "yes"
    assert state(CALL, SERVED, second, victim="V2") == "possible"
    zones = [SERVED | {"terms": "exclusion", "exclusion_postcodes": code} for code in ("ZZ1", "ZZ1;ZZ2")]
    zones[1] |= {"without_notice": "true", "served_at": ""}
    there = {"behaviours": "loiter", "channel": "in_person"}
    assert state(there | {"postcode": "ZZ1 1AA"}, *zones) == "yes"
    assert state(there | {"postcode": "ZZ2 1AA"}, *zones) == "possible"

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.facts import breach, breaches, catalogue, incident, order, timelines, within

from breachpattern.spans import NO, POSSIBLE, YES
from breachpattern.timelines.terms import AWAY_FROM_HOME, REMOTE, TermTable, _curfew, _presence, matched_terms
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS, PLACE_ROLES, TERMS


def test_every_term_of_the_vocabulary_is_law():
    table = TermTable.of(catalogue())
    assert len(table.certain) == len(TERMS) == len(table.breach_kind)
    assert not (table.certain & table.arguable).any()
    assert {name: column.dtype for name, column in vars(table).items()} == {
        "certain": np.int64, "arguable": np.int64, "needs_victim": np.bool_, "term_class": np.int8,
        "breach_kind": np.int8,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "entered"),
    [
        ({"behaviours": "loiter", "channel": "in_person", "postcode": "ZZ1 1AA"}, "yes"),
        ({"behaviours": "other", "postcode": "ZZ1 1AA"}, "possible"),
        ({"behaviours": "exclusion_entry"}, "yes"),
        ({"behaviours": "exclusion_entry", "postcode": "ZZ9 9ZZ"}, None),
        ({"behaviours": "contact", "channel": "email", "postcode": "ZZ1 1AA"}, None),
        ({"behaviours": "publish", "place_role": "online", "postcode": "ZZ1 1AA"}, None),
        ({"behaviours": "exclusion_entry;contact", "channel": "text", "postcode": "ZZ1 1AA"}, "yes"),
        ({"behaviours": "loiter;contact", "channel": "text", "postcode": "ZZ1 1AA"}, "possible"),
        ({"behaviours": "assault;threat", "channel": "phone", "postcode": "ZZ1 1AA"}, "possible"),
        ({"behaviours": "watch", "channel": "online_other", "postcode": "ZZ1 1AA"}, None),
        ({"behaviours": "watch;contact", "channel": "social_media", "postcode": "ZZ1 1AA"}, None),
    ],
)
def test_a_zone_asks_who_was_there_and_where(seen, entered):
    facts = [order("O1", terms="exclusion", exclusion_postcodes="ZZ1 1AA")]
    rows = [incident("I1", "2025-03-05T10:00", **seen)]
    assert [within(b) for b in breaches(timelines(rows, facts))] == ([entered] if entered else [])


@pytest.mark.parametrize(
    ("seen", "near"),
    [
        ({"behaviours": "follow", "channel": "in_person"}, "yes"),
        ({"behaviours": "follow;contact", "channel": "text"}, "yes"),
        ({"behaviours": "watch"}, "yes"),
        ({"behaviours": "follow", "channel": "social_media"}, "possible"),
        ({"behaviours": "watch", "place_role": "online"}, "possible"),
        ({"behaviours": "loiter", "channel": "social_media"}, "yes"),
    ],
)
def test_who_follows_an_account_has_come_near_nobody_for_certain(seen, near):
    rows = [incident("I1", "2025-03-05T10:00", **seen)]
    assert [within(b) for b in breaches(timelines(rows, [order("O1", terms="no_approach")]))] == [near]


@pytest.mark.parametrize(("place", "out"), [("victim_home", "yes"), ("suspect_home", None), ("", "possible")])
def test_a_curfew_is_broken_away_from_home(place, out):
    facts = [order("O1", kind="court_bail", terms="curfew", curfew_from="19:00", curfew_to="07:00")]
    rows = [incident("I1", "2025-03-05T22:00", behaviours="damage", channel="in_person", place_role=place)]
    assert [within(b) for b in breaches(timelines(rows, facts))] == ([out] if out else [])


@pytest.mark.parametrize(
    ("hours", "at", "out"),
    [(("00:00", "06:00"), "03:00", ["yes"]), (("20:00", "00:00"), "22:00", ["yes"]), (("00:00", "06:00"), "22:00", [])],
)
def test_a_curfew_may_begin_or_end_at_midnight(hours, at, out):
    facts = [order("O1", kind="court_bail", terms="curfew", curfew_from=hours[0], curfew_to=hours[1])]
    rows = [incident("I1", f"2025-03-05T{at}", behaviours="damage", channel="in_person", place_role="victim_home")]
    assert [within(b) for b in breaches(timelines(rows, facts))] == out


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


TABLE = TermTable.of(catalogue())
AREAS = ("exclusion", "curfew")
behaviours = st.sets(st.sampled_from(BEHAVIOURS.values), max_size=3)
coded = {
    "channel": st.integers(-1, len(CHANNELS) - 1),
    "place_role": st.integers(-1, len(PLACE_ROLES) - 1),
}


@given(
    behaviours,
    behaviours,
    st.sets(st.sampled_from([term for term in TERMS.values if term not in AREAS])),
    st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()),
    coded["channel"],
    coded["place_role"],
)
def test_what_conduct_falls_within_term_by_term(done, likely, held, facts, channel, place_role):
    known, protects, named, names_nobody = facts
    columns = SimpleNamespace(
        behaviours=np.array([0, BEHAVIOURS.mask(done)]), victim=np.array([-1, 3 if known else -1]),
        channel=np.array([-1, channel]), place_role=np.array([-1, place_role]),
    )  # fmt: skip
    orders = SimpleNamespace(
        terms=np.array([0, 0, TERMS.mask(held)]), names_nobody=np.array([False, False, names_nobody])
    )
    certain, arguable = matched_terms(
        columns, orders, TABLE, (np.array([1]), np.array([2])), np.array([protects]), np.array([named]),
        np.array([BEHAVIOURS.mask(likely)]),
    )  # fmt: skip
    law, surely, maybe = catalogue().terms, set(), set()
    for term in held:
        sure, may = set(law[term].certain), set(law[term].arguable)
        bodily = by_body(done, channel, place_role) if term == "no_approach" else done
        within, perhaps = bool(bodily & sure), bool((done | likely) & (sure | may) and not bodily & sure)
        if law[term].needs_victim:
            open_victim = names_nobody if known else named
            perhaps = (perhaps and protects) or ((within or perhaps) and open_victim)
            within = within and protects
        surely |= {term} if within else set()
        maybe |= {term} if perhaps and not within else set()
    assert set(TERMS.codes(int(certain[0]))) == surely
    assert set(TERMS.codes(int(arguable[0]))) == maybe


AT_A_PLACE = {"damage", "property_interference", "theft"}


def by_body(done, channel, place_role):
    """The acts that nobody can do by the internet, where it was used."""
    online = place_role >= 0 and PLACE_ROLES.values[place_role] == "online"
    if online or (channel >= 0 and CHANNELS.values[channel] in ("social_media", "online_other")):
        return done - {"follow", "watch", "property_interference", "damage", "theft", "sexual"}
    return done


def was_there(done, channel, place_role):
    """Whether the suspect was there in person: a message is sent from anywhere, an approach is not."""
    close = by_body(done, channel, place_role) & (set(catalogue().terms["no_approach"].certain) | AT_A_PLACE)
    far = channel >= 0 and CHANNELS.values[channel] in REMOTE
    far = far or (place_role >= 0 and PLACE_ROLES.values[place_role] == "online")
    if done & {"exclusion_entry", "curfew_failure"} or (channel >= 0 and CHANNELS.values[channel] == "in_person"):
        return YES
    if close:
        return POSSIBLE if far else YES
    return NO if far else POSSIBLE


@given(behaviours, coded["channel"], coded["place_role"])
def test_who_was_there_in_person(done, channel, place_role):
    columns = SimpleNamespace(
        behaviours=np.array([BEHAVIOURS.mask(done)]), channel=np.array([channel]), place_role=np.array([place_role])
    )
    assert _presence(columns, TABLE, np.array([0])).tolist() == [was_there(done, channel, place_role)]


@given(
    behaviours,
    coded["channel"],
    coded["place_role"],
    st.booleans(),
    st.sampled_from([(-1, -1), (1320, -1), (1320, 360), (600, 720)]),
)
def test_who_was_out_under_a_curfew(done, channel, place_role, named, hours):
    """At 23:00 London time: within the first whole curfew, outside the second."""
    at = np.array([1_741_215_600])  # 2025-03-05T23:00Z
    columns = SimpleNamespace(
        behaviours=np.array([BEHAVIOURS.mask(done)]), channel=np.array([channel]), place_role=np.array([place_role]),
        start=at, end=at + 1,
    )  # fmt: skip
    orders = SimpleNamespace(
        terms=np.array([TERMS.mask(["curfew"])]), curfew_from=np.array([hours[0]]), curfew_to=np.array([hours[1]])
    )
    pair = np.array([0])
    found = int(_curfew(columns, orders, TABLE, pair, pair, np.array([named]))[0])
    on_file = -1 not in hours
    under = POSSIBLE if not on_file else YES if hours == (1320, 360) else NO
    role = PLACE_ROLES.values[place_role] if place_role >= 0 else ""
    there = was_there(done, channel, place_role)
    out = NO if role == "suspect_home" or there != YES else YES if role in AWAY_FROM_HOME else POSSIBLE
    if "curfew_failure" in done:
        assert found == (NO if under == NO else YES)
    else:
        assert found == (min(under, out) if on_file or named else NO)

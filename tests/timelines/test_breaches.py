"""Points of law and order logic, one fact at a time; the acceptance cases are others."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.facts import breach, breaches, incident, order, timelines, within

from breachpattern.timelines.breaches import _candidate_pairs, expand


def one(behaviours="contact", channel="phone", at="2025-03-05T10:00", **more):
    return incident("I1", at, behaviours=behaviours, channel=channel, **more)


@pytest.mark.parametrize(
    ("terms", "behaviours", "channel", "kinds"),
    [
        ("no_contact", "contact", "email", {"contact"}),
        ("no_contact", "gift", "post", {"contact"}),
        ("no_indirect_contact", "third_party_contact", "third_party", {"contact"}),
        ("no_approach", "follow", "in_person", {"approach"}),
        ("no_approach", "watch;loiter", "in_person", {"approach"}),
        ("no_publication", "publish", "online_other", {"publication"}),
        ("no_monitoring", "track_device", "unknown", {"monitoring"}),
        ("no_violence", "strangulation", "in_person", {"violence"}),
        ("no_contact;no_violence", "assault", "in_person", {"contact", "violence"}),
    ],
)
def test_conduct_within_a_term_is_an_unrecorded_breach(terms, behaviours, channel, kinds):
    found = breach(timelines([one(behaviours, channel)], [order("O1", terms=terms)]), "I1")
    assert (found["status"], found["state"], found["kinds"]) == ("unrecorded", "yes", kinds)


@pytest.mark.parametrize(
    ("terms", "behaviours", "channel"),
    [
        ("no_violence", "contact", "text"),
        ("no_contact", "publish", "social_media"),
        ("no_publication", "contact", "text"),
        ("no_approach", "contact", "phone"),
        ("residence;reporting", "contact", "text"),
        ("other", "contact", "text"),
    ],
)
def test_what_the_terms_do_not_forbid_is_no_breach(terms, behaviours, channel):
    assert breaches(timelines([one(behaviours, channel)], [order("O1", terms=terms)])) == []


@pytest.mark.parametrize(
    "seen",
    [
        one("third_party_contact", "third_party"),
        one("approach", "in_person"),
        incident("I1", "2025-03-05", offence_code="195/94"),
    ],
)
def test_a_doubt_about_the_orders_words_is_a_reason_and_not_a_state(seen):
    found = breach(timelines([seen], [order("O1")]), "I1")
    assert (found["status"], found["state"], within(found)) == ("unrecorded", "yes", "possible")


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2025-01-09T23:59", None),
        ("2025-01-10T12:00", "possible"),
        ("2025-01-11T00:00", "yes"),
        ("2025-02-20T23:59", "yes"),
        ("2025-02-21T00:00", None),
    ],
)
def test_a_day_of_making_is_possible_and_a_last_day_counts(at, state):
    found = breaches(timelines([one(at=at)], [order("O1", ends="2025-02-20")]))
    assert [b["state"] for b in found] == ([state] if state else [])


@pytest.mark.parametrize(("at", "state"), [("2025-02-20T11:59", "yes"), ("2025-02-20T12:00", None)])
def test_a_timed_end_is_the_first_moment_without_the_order(at, state):
    found = breaches(timelines([one(at=at)], [order("O1", ends="2025-02-20T12:00")]))
    assert [b["state"] for b in found] == ([state] if state else [])


def test_a_discharge_of_one_day_leaves_that_day_open():
    facts = [order("O1", discharged_on="2025-03-05")]
    assert breach(timelines([one(at="2025-03-04T10:00")], facts), "I1")["state"] == "yes"
    assert breach(timelines([one(at="2025-03-05T10:00")], facts), "I1")["state"] == "possible"
    assert breaches(timelines([one(at="2025-03-06T10:00")], facts)) == []


def test_a_term_that_both_versions_hold_binds_on_the_day_of_the_variation():
    versions = [
        order("O1", version="1", terms="no_contact;exclusion", exclusion_postcodes="ZZ1 1AA"),
        order("O1", version="2", starts="2025-03-05", terms="no_contact"),
    ]
    assert breach(timelines([one(at="2025-03-05T10:00")], versions), "I1")["state"] == "yes"


def test_a_term_that_only_one_version_holds_is_open_on_the_day_of_the_variation():
    versions = [
        order("O1", version="1", terms="no_contact"),
        order("O1", version="2", starts="2025-03-05", terms="no_contact;no_publication"),
    ]
    found = timelines([one("publish", "social_media", at="2025-03-05T10:00")], versions)
    assert breach(found, "I1")["state"] == "possible"


@pytest.mark.parametrize(
    ("without_notice", "dates", "state"),
    [
        ("true", {}, "possible"),
        ("", {}, "possible"),
        ("false", {}, "yes"),
        ("true", {"served_at": "2025-02-01T10:00"}, "yes"),
        ("true", {"aware_from": "2025-02-01T10:00", "served_at": "2025-04-01T10:00"}, "yes"),
        ("true", {"served_at": "2025-03-06T10:00"}, "possible"),
        ("true", {"served_at": "2025-03-05"}, "possible"),
        ("", {"served_at": "2025-02-01"}, "yes"),
    ],
)
@pytest.mark.parametrize("kind", ["non_molestation", "dapo", "forced_marriage", "fgm_protection"])
def test_awareness_counts_only_where_the_order_was_made_without_notice(kind, without_notice, dates, state):
    facts = [order("O1", kind=kind, without_notice=without_notice, **dates)]
    assert breach(timelines([one()], facts), "I1")["state"] == state


def test_a_stalking_protection_order_asks_for_no_awareness():
    facts = [order("O1", kind="stalking_protection", without_notice="true")]
    assert breach(timelines([one()], facts), "I1")["state"] == "yes"


def test_a_notice_binds_from_service():
    facts = [order("O1", kind="dvpn", made_on="2025-03-05", served_at="2025-03-05T12:00")]
    assert breaches(timelines([one(at="2025-03-05T11:00")], facts)) == []
    assert breach(timelines([one(at="2025-03-05T13:00")], facts), "I1")["state"] == "yes"


def test_a_notice_whose_service_is_not_on_file_is_possible():
    facts = [order("O1", kind="dapn", made_on="2025-03-04")]
    assert breach(timelines([one()], facts), "I1")["state"] == "possible"


@pytest.mark.parametrize(("day", "held"), [("2025-03-28", True), ("2025-03-29", False)])
@pytest.mark.parametrize("ends", ["", "2025-06-30"])
def test_a_dvpo_ends_with_its_28th_day(day, held, ends):
    facts = [order("O1", kind="dvpo", made_on="2025-03-01", ends=ends)]
    assert bool(breaches(timelines([one(at=f"{day}T10:00")], facts))) is held


@pytest.mark.parametrize(
    ("kind", "day", "nature"),
    [
        ("non_molestation", "2007-06-30", "contempt"),
        ("non_molestation", "2007-07-01", "offence"),
        ("restraining_conviction", "2025-03-05", "offence"),
        ("occupation", "2025-03-05", "contempt"),
        ("undertaking", "2025-03-05", "contempt"),
        ("dvpo", "2025-03-05", "civil_order"),
        ("police_bail", "2025-03-05", "arrest"),
        ("bail_scotland", "2025-03-05", "offence"),
        ("licence", "2025-03-05", "enforcement"),
        ("suspended_sentence_order", "2025-03-05", "enforcement"),
        ("stalking_protection_ni", "2025-03-05", "offence"),
    ],
)
def test_what_a_breach_is_in_law_depends_on_the_order_and_the_day(kind, day, nature):
    year = int(day[:4])
    made = f"{year}-02-25" if year > 2007 else "2007-01-10"
    facts = [order("O1", kind=kind, made_on=made, without_notice="false")]
    assert breach(timelines([one(at=f"{day}T10:00")], facts), "I1")["nature"] == nature


def test_a_forced_marriage_requirement_is_contempt_and_its_prohibition_an_offence():
    facts = [order("O1", kind="forced_marriage", without_notice="false", terms="no_contact;reporting")]
    failed = one("requirement_failure", "", breach_of="O1", victim_id="")
    assert breach(timelines([failed], facts), "I1")["nature"] == "contempt"
    assert breach(timelines([one()], facts), "I1")["nature"] == "offence"


def test_a_police_warning_cannot_be_broken():
    assert breaches(timelines([one()], [order("W1", kind="police_warning")])) == []


def test_a_cancelled_record_is_nobodys_breach():
    assert breaches(timelines([one(status="cancelled", offence_code="008/31")], [order("O1")])) == []


def test_the_record_that_names_another_kind_gives_two_answers():
    found = breaches(timelines([one(offence_code="066/39")], [order("O1")]))
    assert {(b["order"], b["status"]) for b in found} == {("O1", "unrecorded"), (None, "recorded_no_order")}


def test_the_two_restraining_orders_share_their_words():
    facts = [order("O1", kind="restraining_acquittal")]
    found = timelines([one(offence_text="Breach of restraining order")], facts)
    assert breach(found, "I1")["status"] == "recorded"


def test_a_record_that_names_an_order_with_other_words_is_recorded():
    found = timelines([one("false_allegation", "third_party", breach_of="O1")], [order("O1", terms="other")])
    assert (breach(found, "I1")["status"], breach(found, "I1")["state"]) == ("recorded", "yes")


def test_a_record_without_a_suspect_that_names_an_order_is_possible():
    found = breach(timelines([one(suspect_id="", breach_of="O1")], [order("O1")]), "I1")
    assert (found["order"], found["status"], found["state"]) == ("O1", "recorded", "possible")


def test_only_the_respondent_breaches():
    rows = [one(suspect_id="P1", offence_code="008/31"), one(suspect_id="F1", offence_code="008/31")]
    found = breaches(timelines(rows, [order("O1")]))
    assert [(b["suspect"], b["status"]) for b in found] == [("P1", "recorded")]


def test_an_order_protects_its_own_people():
    found = timelines([one(victim_id="V2", offence_code="008/31")], [order("O1")])
    assert [(b["order"], b["status"]) for b in breaches(found)] == [(None, "recorded_no_order")]
    assert [b["order"] for b in breaches(found, considered=True)] == ["O1"]


def test_a_statutory_notification_duty_needs_no_term_on_file():
    facts = [order("O1", kind="stalking_protection")]
    found = breach(timelines([one("notification_failure", "", victim_id="", offence_code="068/16")], facts), "I1")
    assert (found["status"], found["kinds"], found["nature"]) == ("recorded", {"notification"}, "offence")


@pytest.mark.parametrize(
    ("at", "to", "out"),
    [
        ("2025-03-05T23:30", "", "yes"),
        ("2025-03-05T18:30", "2025-03-05T20:00", "possible"),
        ("2025-03-05T07:00", "", None),
        ("2025-03-05", "", "possible"),
    ],
)
def test_a_curfew_crosses_midnight(at, to, out):
    facts = [order("O1", kind="court_bail", terms="curfew", curfew_from="19:00", curfew_to="07:00")]
    seen = one("other", "in_person", at=at, occurred_to=to, place_role="public", victim_id="")
    found = breaches(timelines([seen], facts))
    assert [(within(b), b["state"]) for b in found] == ([(out, "yes")] if out else [])


def test_a_message_from_inside_the_zone_is_not_an_entry():
    facts = [order("O1", terms="exclusion", exclusion_postcodes="ZZ1")]
    assert breaches(timelines([one("contact", "text", postcode="ZZ1 1AA")], facts)) == []
    assert breaches(timelines([one("loiter", "in_person", postcode="ZZ1 1AA")], facts)) != []
    assert breaches(timelines([one("loiter", "in_person", postcode="ZZ11 1AA")], facts)) == []


def test_prior_counts_hold_what_was_known_when_the_breach_was():
    told_late = incident("I1", "2025-02-01T10:00", reported_at="2025-05-01T10:00", behaviours="contact")
    known = incident("I2", "2025-02-10T10:00", behaviours="contact")
    later = incident("I3", "2025-03-05T10:00", behaviours="contact", reported_at="2025-03-05T11:00")
    found = breach(timelines([told_late, known, later], [order("O1", made_on="2025-03-01")]), "I3")
    assert found["prior_occasions"] == 1


def test_a_record_that_names_an_order_nobody_has_on_file_is_still_a_breach():
    found = breach(timelines([one(breach_of="O9")]), "I1")
    assert (found["order"], found["status"]) == (None, "recorded_no_order")


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("place", ["ZZ1 1AA", "ZZ2 3AB"])
def test_an_exclusion_area_of_any_row_is_the_order_s(turn, place):
    rows = [
        order("O1", terms="exclusion", exclusion_postcodes="ZZ1 1AA"),
        order("O1", terms="exclusion", exclusion_postcodes="ZZ2", protected_id="V2"),
    ]
    seen = one("loiter", "in_person", postcode=place)
    assert breach(timelines([seen], rows[::turn]), "I1")["state"] == "yes"


def test_no_version_was_in_force_in_the_gap_between_two():
    versions = [
        order("O1", version="1", ends="2025-03-01"),
        order("O1", version="2", starts="2025-06-01T00:00"),
    ]
    through = one(at="2025-02-20T10:00", occurred_to="2025-07-01T10:00")
    assert breach(timelines([through], versions), "I1")["state"] == "possible"
    versions[0] |= {"ends": "2025-05-31"}
    assert breach(timelines([through], versions), "I1")["state"] == "yes"


@pytest.mark.parametrize("turn", [1, -1])
def test_rows_that_differ_only_in_what_was_done_are_one_breach(turn):
    acts = ("contact", "assault", "notification_failure")
    rows = [one(act, "in_person") for act in acts] + [one("assault", "in_person", victim_id="V2")]
    facts = [order("O1", terms="no_contact;no_violence")]
    found = timelines(rows[::turn], facts)
    mine = breach(found, "I1")
    assert (mine["victim"], mine["kinds"]) == ("V1", {"contact", "violence"})
    assert mine["terms"] == {"no_contact", "no_violence"}


def test_rows_of_one_person_under_two_narratives_are_one_record_without_an_order():
    rows = [one("contact", offence_code="008/31"), one("threat", offence_code="008/31")]
    assert breach(timelines(rows), "I1")["status"] == "recorded_no_order"


def test_a_record_of_the_day_and_of_the_hour_are_not_before_each_other():
    rows = [
        incident("I1", "2025-03-01", behaviours="contact"),
        incident("I2", "2025-03-01T10:30", behaviours="contact"),
    ]
    assert [b["prior_occasions"] for b in breaches(timelines(rows, [order("O1")]))] == [0, 0]


def test_a_breach_reported_later_was_no_prior_breach():
    rows = [
        incident("I1", "2025-03-01T10:00", behaviours="contact", reported_at="2025-06-01"),
        incident("I2", "2025-03-05T10:00", behaviours="contact", reported_at="2025-03-05T12:00"),
        incident("I3", "2025-03-06T10:00", behaviours="contact", reported_at="2025-06-02"),
    ]
    found = timelines(rows, [order("O1")])
    assert [breach(found, i)["prior_breaches"] for i in ("I1", "I2", "I3")] == [0, 0, 2]


@pytest.mark.parametrize("turn", [1, -1])
def test_a_row_reported_later_brings_its_victim_later(turn):
    rows = [one(reported_at="2025-03-06"), one(reported_at="2025-06-01", victim_id="V2")]
    facts = [order("O1"), order("O1", protected_id="V2")]
    assert [b["victim"] for b in breaches(timelines(rows[::turn], facts, as_of="2025-04-01"))] == ["V1"]
    assert len(breaches(timelines(rows[::turn], facts))) == 2


@pytest.mark.parametrize(
    ("kind", "terms", "code", "kinds"),
    [
        ("criminal_behaviour", "exclusion", "066/98", {"unspecified"}),
        ("stalking_protection", "no_publication", "008/74", {"unspecified"}),
        ("court_bail", "curfew;reporting", "BA76005", {"unspecified"}),
        ("licence", "residence", "CJ03005", {"unspecified"}),
        ("restraining_conviction", "no_contact", "008/31", {"contact"}),
        ("restraining_conviction", "no_contact;no_approach", "008/31", {"unspecified"}),
    ],
)
@pytest.mark.parametrize("behaviours", ["", "other"])
def test_a_coded_breach_that_tells_no_conduct_keeps_its_live_order(kind, terms, code, kinds, behaviours):
    rows = [incident("I1", "2025-03-05T10:00", offence_code=code, behaviours=behaviours)]
    found = breach(timelines(rows, [order("O1", kind=kind, terms=terms, exclusion_postcodes="ZZ1")]), "I1")
    assert (found["order"], found["status"], found["state"]) == ("O1", "recorded", "yes")
    assert found["kinds"] == ({"unspecified"} if behaviours else kinds)


@pytest.mark.parametrize(
    ("behaviours", "channel", "kinds"),
    [("contact", "phone", {"contact"}), ("", "phone", {"contact"}), ("", "", {"unspecified"})],
)
@pytest.mark.parametrize("victim", ["V1", "V7"])
def test_the_code_of_a_breach_invents_no_conduct(behaviours, channel, kinds, victim):
    seen = one(behaviours, channel, victim_id=victim, offence_code="008/31")
    assert breach(timelines([seen], [order("O1", terms="no_contact;no_approach")]), "I1")["kinds"] == kinds


def test_a_call_is_no_approach_where_only_the_code_makes_the_order_fit():
    found = breach(timelines([one(offence_code="008/31")], [order("O1", terms="no_approach")]), "I1")
    assert (found["status"], found["kinds"], found["terms"]) == ("recorded", {"contact"}, set())


@pytest.mark.parametrize(
    ("behaviours", "channel", "kinds"),
    [("contact", "phone", {"contact"}), ("approach", "in_person", {"contact"}), ("", "", {"contact"})],
)
def test_a_coded_breach_without_a_victim_keeps_its_live_order(behaviours, channel, kinds):
    seen = one(behaviours, channel, victim_id="", offence_code="008/31")
    found = breach(timelines([seen], [order("O1")]), "I1")
    assert (found["order"], found["status"], found["state"], found["kinds"]) == ("O1", "recorded", "yes", kinds)
    assert "the victim is not named on the record" in found["reasons"]


def test_conduct_without_a_victim_is_no_unrecorded_breach():
    assert breaches(timelines([one(victim_id="")], [order("O1")])) == []
    named = breaches(timelines([one(victim_id="", offence_code="066/39")], [order("O1")]))
    assert [(b["order"], b["status"]) for b in named] == [(None, "recorded_no_order")]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(0, 3)), max_size=6))
def test_items_are_repeated_once_for_each_of_their_places(drawn):
    items, low, length = (np.array([row[k] for row in drawn], dtype=np.int64) for k in range(3))
    found = expand(items, low, low + length)
    wanted = [(item, place) for item, start, n in drawn for place in range(start, start + n)]
    assert list(zip(*(side.tolist() for side in found), strict=True)) == wanted


@given(
    st.lists(st.tuples(st.integers(-1, 3), st.booleans()), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 2), st.booleans()), max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), unique=True, max_size=4),
)
def test_a_record_meets_the_orders_of_its_suspect_and_those_it_names(records, versions, named):
    versions = sorted(versions)
    named = sorted((row, number) for row, number in named if row < len(records))
    columns = SimpleNamespace(
        suspect=np.array([suspect for suspect, _ in records], dtype=np.int32),
        cancelled=np.array([gone for _, gone in records], dtype=np.bool_),
        names=SimpleNamespace(persons=range(4)),
        breach_claims=tuple(np.array([claim[k] for claim in named], dtype=np.int64) for k in (0, 1)),
    )
    orders = SimpleNamespace(
        respondent=np.array([v[0] for v in versions], dtype=np.int64),
        order=np.array([v[1] for v in versions], dtype=np.int64),
        is_order=np.array([v[2] for v in versions], dtype=np.bool_),
    )
    wanted = [
        (row, place)
        for row, (suspect, gone) in enumerate(records)
        for place, (respondent, number, is_order) in enumerate(versions)
        if is_order and not gone and (suspect == respondent if suspect >= 0 else (row, number) in named)
    ]
    found = _candidate_pairs(columns, orders)
    assert sorted(zip(*(side.tolist() for side in found), strict=True)) == wanted

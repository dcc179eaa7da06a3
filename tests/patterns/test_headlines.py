"""Headlines: one plain sentence for everyone, whatever is missing, and nothing possible said to be certain."""

import re

from hypothesis import given, settings
from tests.drawing import up_to
from tests.facts import incident, order
from tests.patterns.given import calls, extracts, findings, record_of

FORBIDDEN = re.compile(r"\b([Gg]uilty|[Pp]rove[ns]|[Oo]ffender|[Pp]erpetrator|None|nan)\b|_|\b0 \w")


@settings(max_examples=up_to(15), deadline=None)
@given(extracts())
def test_headlines_are_one_plain_sentence_without_a_verdict(extract):
    for finding in findings(*extract):
        assert "\n" not in finding.headline
        assert len(finding.headline) < 320
        assert not FORBIDDEN.search(finding.headline), finding.headline


def test_counts_agree_with_their_nouns():
    rows = calls("2025-03-01", "2025-03-05", "2025-03-09")
    rows[0]["offence_code"] = "008/31"
    told = record_of("breach_in_course", rows, [order("O1")])["headline"]
    assert told == (
        "P1 towards V1: 3 occasions between 1 Mar and 9 Mar 2025, among them 3 breaches of a restraining order on "
        "conviction (1 recorded as a breach), indicate a course of conduct (clear)"
    )


def test_unnamed_people_are_said_to_be_unnamed():
    row = incident("I1", "2025-03-01", suspect_id="", victim_id="", offence_code="008/31", kind="crime")
    told = record_of("breach_without_order", [row])["headline"]
    assert told.startswith("A suspect not named towards a person not named")


MAYBE = {"kind": "non_molestation", "without_notice": "true", "made_on": "2025-03-01", "served_at": "2025-03-04T12:00"}
WITHOUT_NOTICE = order("O1", **MAYBE)


def test_possible_breaches_are_counted_apart():
    rows = calls("2025-03-02", "2025-03-05", "2025-03-09")
    told = record_of("repeat_breach", rows, [WITHOUT_NOTICE])["headline"]
    assert "2 breaches and 1 possible one of a non-molestation order (none recorded as a breach)" in told
    told = record_of("breach_in_course", rows, [WITHOUT_NOTICE])["headline"]
    assert "among them 2 breaches and 1 possible one of a non-molestation order" in told
    told = record_of("unrecorded_breach", rows, [WITHOUT_NOTICE])["headline"]
    assert told.startswith(
        "P1: conduct on 2 occasions, and possibly on 1 more, between 2 Mar and 9 Mar 2025 falls within order O1"
    )


def test_what_is_only_possible_is_said_to_be_possible():
    told = record_of("unrecorded_breach", calls("2025-03-02"), [WITHOUT_NOTICE])["headline"]
    assert told.startswith("P1: conduct on 2 Mar 2025 may fall within order O1")
    rows = calls("2025-02-10", "2025-03-02", "2025-03-03")
    told = record_of("breach_in_course", rows, [WITHOUT_NOTICE])["headline"]
    assert "among them 2 possible breaches of a non-molestation order" in told


def test_one_of_several_is_said_to_be_one():
    rows = calls("2025-01-05", "2025-01-08", "2025-01-14")
    told = record_of("breach_in_course", rows, [order("O1")])["headline"]
    assert "3 occasions between 5 Jan and 14 Jan 2025, one of them a breach of a restraining order on" in told


def test_the_day_of_service_is_named_and_no_old_event_is_urgent():
    served = order("O1", served_at="2025-03-01T09:00", made_on="2025-03-01", kind="stalking_protection")
    told = record_of("breach_soon_after_service", calls("2025-03-01"), [served])["headline"]
    assert "was broken on the day of service (on 1 Mar 2025)" in told
    assert "now" not in told
    told = record_of("breach_soon_after_service", calls("2025-03-04"), [served])["headline"]
    assert "within 3 days of service" in told


def test_a_person_is_not_said_to_act_towards_themselves():
    row = incident("I1", "2025-03-01", victim_id="P1", offence_code="008/31", kind="crime")
    record = record_of("breach_without_order", [row])
    assert record["headline"].startswith("P1 towards a person not named")
    assert record["victim_ids"] == []


def test_recorded_harassment_is_counted_in_records_and_not_in_occasions():
    rows = calls("2025-03-01", "2025-03-05", "2025-03-09", relationship="ex_partner", kind="crime")
    rows[0]["offence_code"] = "195/94"
    told = record_of("ex_partner_default", rows)["headline"]
    assert "3 occasions between 1 Mar and 9 Mar 2025, with 1 record of harassment and none of stalking" in told


def test_an_unrecorded_breach_of_which_the_order_s_words_decide_is_a_possible_one():
    rows = calls("2025-03-05", "2025-03-09")
    rows.append(incident("I9", "2025-03-12T19:00", behaviours="threat", channel="post"))
    told = record_of("repeat_breach", rows, [order("O1", terms="no_contact;no_violence")])["headline"]
    assert "3 breaches" in told
    told = record_of("repeat_breach", rows, [order("O1", terms="no_violence")])
    assert told is None
    rows[2] |= {"behaviours": "approach", "channel": "in_person"}
    told = record_of("repeat_breach", rows, [order("O1", terms="no_contact")])["headline"]
    assert "2 breaches and 1 possible one" in told

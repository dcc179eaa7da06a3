import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.facts import catalogue

from breachpattern.explain import explain, law_of

RECORD = {
    "finding_id": "F-1",
    "rank": 1,
    "pattern": "breach_in_course",
    "pattern_title": "Breach within a course of conduct",
    "level": "high",
    "score": 61.5,
    "unit": "dyad",
    "suspect_id": "P1",
    "suspect_ids": ["P1"],
    "victim_ids": ["V1"],
    "course_id": "C-1",
    "strength": "clear",
    "breach_incident_ids": ["I2"],
    "incident_ids": ["I1", "I2"],
    "order_ids": ["O1"],
    "first_at": "2025-02-01T10:00:00+00:00",
    "last_at": "2025-07-03T22:00:00+01:00",
    "headline": "P1 towards V1: 2 occasions indicate a course of conduct",
    "provisions": ["pha1997.s2", "nowhere1066.s1"],
    "caveats": ["service is not on file", "Against: reconciliation"],
    "evidence": [
        {
            "incident_id": "I2", "row": 3, "start": "2025-07-03T22:00:00+01:00", "end": "2025-07-03T22:00:01+01:00",
            "known_at": "2025-07-04T09:00:00+01:00", "behaviours": ["contact", "threat"], "channel": "phone",
            "offence": "pha_s2",
            "breaches": [
                {
                    "order_id": "O1", "version": 1, "status": "unrecorded", "order_state": "possible",
                    "nature": "offence", "breach_kind": ["contact"], "terms_matched": ["no_contact"],
                    "reasons": ["conduct within the terms of the order"],
                }
            ],
        },
        {
            "incident_id": "I1", "row": 2, "start": "2025-02-01T00:00:00+00:00", "end": "2025-02-02T00:00:00+00:00",
            "known_at": None, "behaviours": [], "channel": None, "offence": None, "breaches": [],
        },
    ],
    "reasons_for": [{"signal": "same_means", "text": "the same number", "weight": 2.0, "basis": "judgement"}],
    "reasons_against": [{"signal": "reconciled", "text": "reconciliation", "weight": -1.0, "basis": "R v Hills"}],
    "missing": ["the hour of service"],
    "false_positives": ["shared childcare"],
    "trace": {"all": [{"criterion": "course_strength", "holds": True, "params": {"at_least": "arguable"},
                       "values": {"strength": "clear"}}]},
    "versions": {"catalogue": "2026.11.23"},
}  # fmt: skip


def story(**changes):
    record = RECORD | changes
    return explain(record, law_of(catalogue(), record["provisions"]))


def section(told, title):
    return next(s for s in told.sections if s.title == title)


def test_the_story_tells_every_part():
    said = str(story())
    for part in (
        "P1 towards V1", "Breach within a course of conduct", "3 Jul 2025 22:00", "I2 (line 3)",
        "contact, threat (phone)", "breach of O1 version 1: not recorded as a breach", "possibly in force",
        "known to police since 4 Jul 2025 09:00",
        "the same number (+2 points)", "rests on: judgement", "reconciliation (-1 point)", "rests on: R v Hills",
        "the hour of service", "service is not on file", "shared childcare", "asked for: lowest strength: arguable",
        "where there are several: clear", "catalogue 2026.11.23", "people decide",
    ):  # fmt: skip
        assert part in " ".join(said.split()), part


def test_evidence_is_told_in_time_order_whatever_the_order_of_the_record():
    lines = [line for line, _ in section(story(), "Evidence, in time order").points]
    assert [("I1" in line, "I2" in line) for line in lines] == [(True, False), (False, True)]
    assert "acts not on record" in lines[0]
    assert str(story(evidence=RECORD["evidence"][::-1])) == str(story())


def test_the_law_is_shown_with_title_address_and_day_of_checking():
    law = section(story(), "The law, as the catalogue has it").points
    provision = catalogue().provisions["pha1997.s2"]
    assert law[0][0] == f"pha1997.s2: {provision.title}"
    assert provision.url in law[0][1]
    assert any("last checked 23 Nov 2026" in detail for detail in law[0][1])
    assert law[1][0].startswith("nowhere1066.s1: not in the catalogue")


def test_what_is_not_verified_says_so():
    key = next(key for key, p in catalogue().provisions.items() if not p.verified)
    assert "UNVERIFIED" in str(story(provisions=[key]))
    assert "UNVERIFIED" not in str(story(provisions=["pha1997.s2"]))


def test_an_address_is_never_broken_in_two():
    for width in (40, 60, 100):
        said = story().to_text(width)
        assert catalogue().provisions["pha1997.s2"].url in said


def test_empty_parts_are_left_out():
    told = story(reasons_against=[], missing=[], caveats=[], trace={}, evidence=[])
    titles = {s.title for s in told.sections}
    assert not titles & {"What is missing", "Before relying on it", "The rule that fired"}


def test_what_speaks_against_it_is_told_once_and_always():
    assert str(story()).count("reconciliation") == 1
    assert section(story(reasons_against=[]), "What speaks against it").points == (("nothing on file", ()),)
    assert "Against: reconciliation" in str(story(reasons_against=[]))


def test_records_of_one_occasion_are_said_to_be_one():
    items = [RECORD["evidence"][0] | {"occasion": 1}, RECORD["evidence"][0] | {"incident_id": "I3", "occasion": 1},
             RECORD["evidence"][0] | {"incident_id": "I4", "occasion": 2}]  # fmt: skip
    told = section(story(evidence=items), "Evidence, in time order").points
    assert ["one occasion with I2" in details for _, details in told] == [False, True, False]


def test_offences_and_orders_are_called_by_their_titles():
    item = RECORD["evidence"][0] | {"offence": "fear_poa", "offence_title": "fear of violence (public order)"}
    breach = item["breaches"][0] | {"order_kind": "non_molestation", "order_title": "non-molestation order"}
    said = " ".join(str(story(evidence=[item | {"breaches": [breach]}])).split())
    assert "recorded as fear of violence (public order)" in said
    assert "O1 version 1 (non-molestation order)" in said


def test_json_holds_the_whole_record_and_the_law():
    data = json.loads(story().to_json())
    assert {key: data[key] for key in RECORD} == RECORD
    assert [entry["provision"] for entry in data["law"]] == RECORD["provisions"]


def test_html_is_escaped():
    told = story(headline="<script>alert(1)</script>", caveats=["<b>"])
    assert "<script>" not in told._repr_html_()
    assert "&lt;b&gt;" in told._repr_html_()


def test_a_record_without_its_optional_parts_is_still_told():
    needed = ("finding_id", "rank", "pattern", "level", "score", "headline")
    assert "P1 towards V1" in str(explain({key: RECORD[key] for key in needed}, {}))


@pytest.mark.parametrize("given_as", [list, ";".join])
def test_lists_may_come_as_text_too(given_as):
    assert "Victims: V1, V2." in str(story(victim_ids=given_as(["V1", "V2"])))


@given(st.recursive(
    st.fixed_dictionaries({"criterion": st.just("gap"), "holds": st.booleans(), "values": st.dictionaries(
        st.text("abc", min_size=1), st.one_of(st.floats(allow_nan=False), st.none(), st.text(max_size=3)))}),
    lambda below: st.fixed_dictionaries({"all": st.lists(below, max_size=3)}) | st.fixed_dictionaries({"not": below}),
    max_leaves=6,
))  # fmt: skip
def test_every_condition_of_a_trace_is_told(trace):
    def leaves(node):
        if "criterion" in node:
            return 1
        below = node.get("all", [node["not"]] if "not" in node else [])
        return sum(map(leaves, below))

    told = story(trace=trace)
    lines = [line for s in told.sections if s.title == "The rule that fired" for line, _ in s.points]
    assert sum(line.strip().startswith("gap") for line in lines) == leaves(trace)

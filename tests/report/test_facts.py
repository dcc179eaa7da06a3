from hypothesis import given
from hypothesis import strategies as st
from tests.facts import catalogue

from breachpattern.report.facts import facts_of
from breachpattern.report.run import People, Run, read
from breachpattern.vocabulary import BEHAVIOURS


def seen(run, pattern):
    held = read(run, 500)
    finding = next(f for f in held.findings if f["pattern"] == pattern and f["victim_ids"] == ["V1"])
    return {name: fact.text for name, fact in facts_of(finding, held.people(finding), held, catalogue()).items()}


def test_facts_say_where_they_show(run):
    facts = seen(run, "breach_in_course")
    assert facts["stalking_acts"] == (
        "follow (paragraph a), contact (paragraph b) and loiter (paragraph e) on 4 records"
    )
    assert facts["threats"] == "threat on 2 records: I1, I4"
    assert facts["recorded_breach"] == "1 record: I2"
    assert facts["other_victims"] == "candidate courses towards V2"
    assert facts["told_to_stop"].startswith("restraining order on conviction O1 made 10 Jan 2025, served 12 Jan 2025")
    assert "fear" in facts
    assert not {"life_changed", "violence", "helpers", "stalking_protection_order"} & set(facts)


def one(behaviours, breaches=()):
    item = {"incident_id": "I1", "suspect_id": "P1", "victim_id": "V1", "occasion": 1, "own": True, "channel": None,
            "start": "2025-03-01T10:00:00+00:00", "end": "2025-03-01T10:00:01+00:00", "behaviours": list(behaviours),
            "breaches": list(breaches)}  # fmt: skip
    finding = {"suspect_ids": ["P1"], "victim_ids": ["V1"], "evidence": [item], "course_id": "", "unit": "dyad",
               "first_at": item["start"], "last_at": item["start"]}  # fmt: skip
    people = People([item], [], [])
    return set(facts_of(finding, people, Run({}, [], 0, {}), catalogue()))


@given(st.sets(st.sampled_from(BEHAVIOURS.values)), st.sets(st.sampled_from(BEHAVIOURS.values)))
def test_more_on_record_never_takes_a_fact_away_and_a_blank_gives_none(some, more):
    assert one([]) == set()
    assert one(some) <= one(some | more)

"""Findings as a collection: indexing, printing, near misses, versions; and what each record rests on."""

import json

import pytest
from tests.facts import incident, order
from tests.patterns.given import CALL, calls, findings, record_of

ROWS = calls("2025-03-01", "2025-03-05", "2025-03-09", behaviours="contact;threat")
BOUND = [order("O1", served_at="2025-03-02T12:00")]


def test_it_counts_indexes_iterates_and_prints():
    found = findings(ROWS, BOUND)
    assert [f.rank for f in found] == list(range(1, len(found) + 1))
    assert found[-1].rank == len(found)
    assert found[0].record()["finding_id"] == found[0].id
    assert found[0].headline in repr(found[0])
    assert "critical" in repr(found)
    with pytest.raises(IndexError, match="there are"):
        found[len(found)]
    assert repr(findings(calls("2025-03-01"))) == "0 findings"


def test_a_record_is_a_copy():
    finding = findings(ROWS, BOUND)[0]
    finding.record()["headline"] = "changed"
    assert finding.record()["headline"] == finding.headline


def test_versions_name_library_catalogue_and_patterns():
    versions = findings(ROWS).versions
    assert set(versions) == {"breachpattern", "catalogue", "patterns"}
    assert all(versions.values())


def test_near_misses_are_listed_and_are_no_findings():
    found = findings(calls("2025-03-01"), [order("O1")])
    near = [row for row in found.near_misses.to_pylist() if row["pattern"] == "repeat_breach"]
    assert near == [
        {
            "pattern": "repeat_breach",
            "text": "one breach so far",
            "suspect_ids": "P1",
            "victim_ids": "V1",
            "course_id": "",
            "order_ids": "O1",
            "incident_ids": "I1",
            "first_at": "2025-03-01T20:00:00+00:00",
            "last_at": "2025-03-01T20:00:00+00:00",
        }
    ]
    assert found.near_miss_counts["repeat_breach"] == 1
    assert "repeat_breach" not in {f.pattern for f in found}


def test_near_misses_stand_pattern_by_pattern_the_most_recent_first():
    rows = [incident("I1", "2025-03-01T20:00", **CALL), incident("I2", "2025-04-01T20:00", victim_id="V2", **CALL)]
    orders = [order("O1"), order("O2", protected_id="V2")]
    near = findings(rows, orders).near_misses.to_pylist()
    assert [row["victim_ids"] for row in near if row["pattern"] == "repeat_breach"] == ["V2", "V1"]
    assert findings(rows[::-1], orders[::-1]).near_misses.to_pylist() == near


def test_each_breach_cites_the_law_of_its_order_on_the_day():
    def law(kind, day):
        return record_of("unrecorded_breach", calls(day), [order("O1", kind=kind, made_on="2006-01-01")])["provisions"]

    assert "pha1997.s5" in law("restraining_conviction", "2010-03-01")
    assert "fla1996.s42A" in law("non_molestation", "2010-03-01")
    assert "fla1996.s42A" not in law("non_molestation", "2007-03-01")


@pytest.mark.parametrize(
    ("kind", "made", "cited", "not_cited"),
    [
        ("restraining_conviction", "2019-05-01", {"pha1997.s5"}, {"sa2020.s363"}),
        ("restraining_conviction", "2021-05-01", {"sa2020.s363"}, {"pha1997.s5"}),
        ("restraining_conviction", "", {"pha1997.s5", "sa2020.s363"}, set()),
        ("restraining", "2021-05-01", {"sa2020.s363", "pha1997.s5A", "pha1997.s5"}, set()),
        ("restraining", "2008-05-01", {"pha1997.s5"}, {"sa2020.s363", "pha1997.s5A"}),
        ("criminal_behaviour", "2019-05-01", {"asbcpa2014.s30"}, {"sa2020.s339"}),
        ("criminal_behaviour", "2021-05-01", {"sa2020.s339"}, {"asbcpa2014.s30"}),
        ("sexual_harm_prevention", "2019-05-01", {"soa2003.s103I"}, {"sa2020.s354"}),
    ],
)
def test_a_breach_of_a_sentencing_order_cites_the_law_of_the_day_on_which_it_was_made(kind, made, cited, not_cited):
    orders = [order("O1", kind=kind, made_on=made, starts="2019-05-01")]
    provisions = set(record_of("unrecorded_breach", calls("2025-03-01"), orders)["provisions"])
    assert cited <= provisions
    assert not provisions & not_cited


def test_a_variation_leaves_an_order_one_of_the_law_under_which_it_was_made():
    orders = [
        order("O1", made_on="2019-05-01", version="1"),
        order("O1", made_on="2022-05-01", version="2"),
    ]
    provisions = record_of("unrecorded_breach", calls("2025-03-01"), orders)["provisions"]
    assert "pha1997.s5" in provisions
    assert "sa2020.s363" not in provisions


def test_a_duty_cites_the_duty_and_a_contact_the_offence():
    spo = [order("O1", kind="stalking_protection", served_at="2025-01-12T12:00", terms="no_contact;notification")]
    late = [incident("I1", "2025-03-01", victim_id="", behaviours="notification_failure")]
    assert "spa2019.s8" not in record_of("notification_only", late, spo)["provisions"]
    assert "spa2019.s8" in record_of("unrecorded_breach", calls("2025-03-01"), spo)["provisions"]


def test_courses_cite_what_their_acts_and_effects_call_for():
    def law(**values):
        return record_of("conduct_not_recorded", calls("2025-03-01", "2025-03-05", "2025-03-09", **values))[
            "provisions"
        ]

    assert {"pha1997.s1(1)", "pha1997.s2", "pha1997.s7"} <= set(law(behaviours="threat"))
    assert "pha1997.s2A" in law(behaviours="follow")
    assert {"pha1997.s4", "pha1997.s4A"} <= set(law(impact="fear_of_violence"))
    assert "pha1997.s4" not in law(impact="changed_routine")


def test_counter_facts_ride_along():
    rows = calls("2025-03-01", "2025-03-05", "2025-03-09")
    rows[2]["reconciled_before"] = "true"
    record = record_of("breach_in_course", rows, [order("O1")])
    assert [r["signal"] for r in record["reasons_against"]] == ["reconciled"]
    assert "Against: reconciliation between the occasions" in record["caveats"]
    assert record["false_positives"]


def test_doubts_about_a_breach_are_caveats():
    unsure = [order("O1", kind="non_molestation", without_notice="true", terms="")]
    record = record_of("unrecorded_breach", calls("2025-03-01"), unsure)
    assert record["level"] == "low"
    said = " ".join(record["caveats"])
    assert "awareness by then is not on file" in said
    assert "terms not on file" in said
    assert "The date of service of an order is not on file." in record["missing"]


def test_what_is_missing_is_said():
    rows = calls("2025-03-01", "2025-03-05", "2025-03-09", behaviours="", kind="crime")
    rows[0]["behaviours"] = rows[1]["behaviours"] = "contact"
    missing = " ".join(record_of("conduct_not_recorded", rows)["missing"])
    for words in ("not coded", "blank or not recognised", "related", "No effect on the victim"):
        assert words in missing


def test_unverified_law_is_said_to_be_unverified():
    kind = "bail_scotland"
    record = record_of("unrecorded_breach", calls("2025-03-01"), [order("O1", kind=kind)])
    from tests.facts import catalogue

    unverified = [k for k in record["provisions"] if not catalogue().provisions[k].substance_verified]
    assert all(any(key in caveat for caveat in record["caveats"]) for key in unverified)


def test_no_caveat_breaks_the_list():
    for finding in findings(ROWS, BOUND):
        assert all(";" not in caveat for caveat in finding.record()["caveats"])
        assert finding.record()["caveats"][-1].startswith("A candidate for a person")


def test_evidence_is_by_reference_with_the_breach_beside_it():
    rows = [incident("I1", "2025-03-01T20:00", narrative="she said no", **CALL)]
    record = record_of("unrecorded_breach", rows, BOUND)
    assert "she said no" not in json.dumps(record)
    row = record["evidence"][0]
    assert (row["incident_id"], row["row"], row["start"]) == ("I1", 2, "2025-03-01T20:00:00+00:00")
    assert row["breaches"][0]["order_id"] == "O1"
    assert row["breaches"][0]["order_kind"] == "restraining_conviction"
    assert row["breaches"][0]["version"] == 1


def test_the_trace_says_what_was_asked_and_seen():
    leaf = record_of("repeat_breach", ROWS, BOUND)["trace"]
    assert leaf["criterion"] == "breaches"
    assert leaf["params"]["at_least"] == 2
    assert leaf["values"] == {"breaches": "3 breaches", "recorded": "0 recorded breaches"}
    assert leaf["holds"]


def test_the_level_says_why():
    record = record_of("breach_in_course", ROWS, BOUND)
    assert record["level"] == "critical"
    assert "judgement" in record["level_because"]
    assert record_of("unrecorded_breach", calls("2025-03-01"), BOUND)["level_because"] == "the pattern's own level"


def test_a_record_tells_the_life_of_its_orders_as_they_were_judged():
    orders = [
        order("O1", served_at="2025-03-02T12:00", ends="2025-12-31"),
        order("O1", version=2, made_on="2025-03-06", terms="no_contact;exclusion", ends="2026-12-31"),
    ]
    record = record_of("repeat_breach", ROWS, orders)
    (told,) = record["orders"]
    assert [told["order_id"]] == record["order_ids"]
    first, second = told["versions"]
    assert (first["served"], first["from"], first["from_by"]) == (
        "2025-03-02T12:00:00+00:00", "2025-01-10T00:00:00+00:00", "2025-01-11T00:00:00+00:00",
    )  # fmt: skip
    assert (first["until"], first["until_by"]) == (second["from"], second["from_by"])
    assert (second["until"], second["terms"], second["end_doubtful"]) == (
        "2027-01-01T00:00:00+00:00", ["no_contact", "exclusion"], False,
    )  # fmt: skip
    assert (first["respondent_id"], first["protected_ids"]) == ("P1", ["V1"])


def test_an_order_that_is_not_on_file_has_no_life():
    rows = [incident("I1", "2025-03-01T20:00", offence_code="008/31", breach_of="GONE", **CALL)]
    record = record_of("breach_without_order", rows, [])
    assert record["orders"] == []


def test_no_level_calls_a_breach_certain_that_the_headline_calls_possible():
    unserved = [order("O1", kind="non_molestation", made_on="2025-03-01", without_notice="true")]
    rows = calls("2025-03-03", "2025-03-10", "2025-03-17", "2025-03-24", kind="crime", offence_code="066/39")
    records = [r for r in findings(rows, unserved).records() if r["breach_incident_ids"]]
    assert any("4 possible breaches" in r["headline"] and r["level"] == "high" for r in records)
    for record in records:
        assert "certain" not in record["level_because"].replace("recorded or certain", "")

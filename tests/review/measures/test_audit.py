"""Hand-computed answers: a small extract with a breach in every window of the recording rules."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to

import breachpattern as bp
from breachpattern.errors import UsageError
from breachpattern.review.measures import audit, definitions, read_actions
from breachpattern.review.measures.ledger import MEASURES
from breachpattern.review.measures.near import alive, has_near

HEAD = (
    "incident_id,kind,occurred_from,reported_at,recorded_at,offence_code,suspect_id,victim_id,behaviours,relationship"
)
# S1 towards V1: an order of 2013, and a breach in each window. B2013 has nothing before it; each later breach has two
# texts in the year before it. In 2016 a harassment crime shares an occurrence number with the breach; in 2019 a
# stalking crime is recorded ten days after it; in 2021 nothing is; in 2024 nothing is, and the breach is a crime.
ROWS = """
B2013,crime,2013-06-01T10:00,2013-06-01T12:00,2013-06-01T13:00,008/31,S1,V1,contact,ex_partner,,O1,1,open,North,ZZ11AA
T1,incident,2016-01-01T10:00,2016-01-01T12:00,2016-01-01T13:00,,S1,V1,contact,ex_partner,,,,closed,North,ZZ11AA
T2,incident,2016-02-01T10:00,2016-02-01T12:00,2016-02-01T13:00,,S1,V1,contact,ex_partner,,,,closed,North,ZZ11AA
B2016,crime,2016-03-01T10:00,2016-03-01T12:00,2016-03-03T13:00,008/31,S1,V1,contact,ex_partner,OCC7,O1,16,closed,North,ZZ11AA
H2016,crime,2016-03-02T10:00,2016-03-02T12:00,2016-03-02T13:00,008/30,S1,V1,contact,ex_partner,OCC7,,16,closed,North,ZZ11AA
T3,incident,2019-01-01T10:00,2019-01-01T12:00,2019-01-01T13:00,,S1,V1,contact,ex_partner,,,,closed,North,ZZ11AA
T4,incident,2019-02-01T10:00,2019-02-01T12:00,2019-02-01T13:00,,S1,V1,contact,ex_partner,,,,closed,North,ZZ11AA
B2019,crime,2019-03-01T10:00,2019-03-01T12:00,2019-03-01T13:00,008/31,S1,V1,contact,ex_partner,OCC9,O1,1,closed,South,ZZ21AA
K2019,crime,2019-03-10T10:00,2019-03-11T12:00,2019-03-11T13:00,008/65,S1,V1,follow,ex_partner,,,1,closed,South,ZZ21AA
T5,incident,2021-01-01T10:00,2021-01-01T12:00,2021-01-01T13:00,,S1,V1,contact,ex_partner,,,,closed,North,ZZ11AA
T6,incident,2021-02-01T10:00,2021-02-01T12:00,2021-02-01T13:00,,S1,V1,contact,ex_partner,,,,closed,North,ZZ11AA
B2021,crime,2021-03-01T10:00,2021-03-01T12:00,2021-03-01T13:00,008/31,S1,V1,contact,ex_partner,,O1,15,closed,North,ZZ11AA
H2021,crime,2022-09-01T10:00,2022-09-01T12:00,2022-09-01T13:00,008/30,S2,V2,contact,ex_partner,,,15,closed,North,ZZ11AA
T7,incident,2024-01-01T10:00,2024-01-01T12:00,2024-01-01T13:00,,S1,V1,contact,ex_partner,,,,closed,North,ZZ11AA
T8,incident,2024-02-01T10:00,2024-02-01T12:00,2024-02-01T13:00,,S1,V1,contact,ex_partner,,,,closed,North,ZZ11AA
B2024,crime,2024-03-01T10:00,2024-03-01T12:00,2024-03-01T13:00,008/31,S1,V1,contact,ex_partner,,O1,,open,North,ZZ11AA
N2024,crime,2024-05-01T10:00,2024-05-01T12:00,2024-05-01T13:00,008/31,S3,V3,contact,stranger,,,,open,North,ZZ11AA
"""
FURTHER = ",occurrence_ref,breach_of,outcome,status,force,postcode"
ORDERS = [
    {"order_id": "O1", "kind": "restraining_conviction", "respondent_id": "S1", "protected_id": "V1",
     "made_on": "2013-01-01", "served_at": "2013-01-01T10:00", "terms": "no_contact"},
]  # fmt: skip
CUSTODY = "C2021,custody,2021-03-04T09:00,2021-03-04T09:00,2021-03-04T09:00,,S1,,,,,,,,North,"


def extract(*more: str, orders=ORDERS):
    lines = [*ROWS.strip().splitlines(), *more]
    names = (HEAD + FURTHER).split(",")
    return bp.read_extract([dict(zip(names, line.split(","), strict=True)) for line in lines], orders)


def audited(*more: str, as_of: str = "2024-12-31", actions=None, orders=ORDERS):
    done = None if actions is None else read_actions(actions)
    return audit(bp.Analyser().analyse(extract(*more, orders=orders), as_of=as_of), actions=done)


@pytest.fixture(scope="module")
def found():
    return audited()


def counted(found, name):
    row = found[name]
    return int(row["numerator"]), int(row["denominator"])


def records(found, measure, *, met=True):
    rows = found.records[(found.records["measure"] == measure) & (found.records["met"] == met)]
    return sorted(rows["incident_id"])


# Six breaches are recorded: B2013 to B2024, and N2024, which no order fits.
HAND = {
    # B2016, B2019, B2021, B2024 have a history. B2016 shares OCC7 with a harassment crime.
    "linked_to_conduct": (1, 4),
    # Two or more before: the same four. B2016 and B2019 have a conduct crime; B2021 and B2024 nothing.
    "no_wider_record": (2, 4),
    # Recorded April 2018 to April 2023: B2019 (a stalking crime ten days later) and B2021.
    "parallel_conduct_record": (1, 2),
    # Recorded from May 2023 as a crime: B2024 and N2024. B2024 lies in a course and has no conduct crime since 2019.
    "masked_conduct": (1, 2),
    # From April 2020, former partners: H2021, recorded as harassment.
    "ex_partner_as_stalking": (0, 1),
    # Pairs with a breach: S1 and V1 (five), S3 and V3 (one).
    "broken_twice": (1, 2),
    "broken_three_times": (1, 2),
    "broken_five_times": (1, 2),
    # Closed 14 or 16: B2016; H2016 followed a day later.
    "closed_and_again": (1, 1),
    # V1 alone saw an event after a breach or conduct crime (T7 after K2019 and B2021), under an order without end.
    "no_order_at_next_event": (0, 1),
    # The last year: S1 and S3, one victim each.
    "several_victims": (0, 2),
    # Three pairs; S1 and V1 were seen by North and South.
    "several_forces": (1, 3),
    # Within the terms of O1: the five breaches, eight texts, and the two conduct crimes.
    "unrecorded_breaches": (10, 15),
    "within_written_terms": (5, 5),
    "no_order_on_file": (1, 6),
    # All but B2016 within the hour.
    "recorded_within_24_hours": (5, 6),
    "orders_with_service": (1, 1),
    "orders_with_end": (0, 1),
    "incidents_with_both_people": (17, 17),
}


@pytest.mark.parametrize("name", HAND)
def test_every_window_of_the_rules_matches_to_the_record(found, name):
    assert counted(found, name) == HAND[name]


def test_the_records_behind_a_count_are_listed(found):
    assert records(found, "M2.records") == ["B2021", "B2024"]
    assert records(found, "M2.records", met=False) == ["B2016", "B2019"]
    assert records(found, "M3") == ["B2019"]
    assert records(found, "M4") == ["B2024"]
    assert records(found, "M21", met=False) == ["B2016"]
    assert records(found, "M20") == ["N2024"]


def test_a_measure_that_cannot_be_computed_says_which_column_is_missing(found):
    assert found["arrest_within_7_days"]["status"] == "not computed"
    assert found["arrest_within_7_days"]["missing"] == "incidents.kind=custody|actions.arrest"
    assert found["risk_reviewed"]["missing"] == "actions.risk_assessment"
    assert found["people_who_can_be_matched"]["missing"] == "persons"
    bare = [{"incident_id": "I1", "occurred_from": "2025-01-01", "suspect_id": "P1", "victim_id": "V1"}]
    told = audit(bp.Analyser().analyse(bp.read_extract(bare), as_of="2025-06-30"))
    assert told["linked_to_conduct"]["missing"] == "incidents.occurrence_ref"
    assert told["within_written_terms"]["missing"] == "orders.terms"
    assert "no incidents.outcome" in repr(told)


def test_without_orders_nothing_is_said_about_orders():
    told = audited(as_of="2024-12-31", orders=None)
    asked = ("no_order_on_file", "no_order_at_next_event", "protected_within_28_days", "unrecorded_breaches")
    assert {told[name]["missing"] for name in asked} == {"orders"}
    assert told["protection_order_considered"]["missing"] == "orders|actions.protection_order_decision"


def test_custody_records_and_actions_answer_what_they_can():
    three_days_later = audited(CUSTODY)
    assert counted(three_days_later, "arrest_within_24_hours") == (0, 6)
    assert counted(three_days_later, "arrest_within_7_days") == (1, 6)
    done = [
        {"action": "arrest", "at": "2021-03-01T20:00", "suspect_id": "S1"},
        {"action": "risk_assessment", "at": "2021-03-02T09:00", "incident_id": "B2021"},
        {"action": "risk_assessment", "at": "2024-03-20T09:00", "suspect_id": "S1", "victim_id": "V1"},
        {"action": "protection_order_decision", "at": "2016-04-20T09:00", "suspect_id": "S9"},
    ]
    told = audited(actions=done)
    assert counted(told, "arrest_within_24_hours") == (1, 6)
    assert counted(told, "risk_reviewed") == (1, 6)
    assert records(told, "M15") == ["B2021"]
    assert records(told, "M2") == []


def test_what_was_done_on_a_day_alone_may_have_been_done_after_the_breach_of_that_day():
    done = [
        {"action": "arrest", "at": "2021-03-01", "suspect_id": "S1"},
        {"action": "risk_assessment", "at": "2021-03-01", "incident_id": "B2021"},
        {"action": "risk_assessment", "at": "2024-03-01T11:00", "incident_id": "B2024"},
        {"action": "risk_assessment", "at": "2019-02-28", "incident_id": "B2019"},
    ]
    told = audited(actions=done)
    assert records(told, "M8.24h") == ["B2021"]
    assert records(told, "M15") == ["B2021", "B2024"]
    # B2024 was assessed an hour after the breach, an hour before police were told: it was not dealt with alone.
    assert records(told, "M2") == []


@pytest.mark.further
def test_custody_of_a_day_alone_counts_and_a_cancelled_record_does_not():
    day = "C2021,custody,2021-03-01,2021-03-01,2021-03-01,,S1,,,,,,,{},North,"
    assert counted(audited(day.format("")), "arrest_within_24_hours") == (1, 6)
    assert counted(audited(day.format(""), day.replace("C2021", "C2").format("cancelled")),
                   "arrest_within_24_hours") == (1, 6)  # fmt: skip
    assert counted(audited(CUSTODY, day.replace("C2021", "C2").format("cancelled")), "arrest_within_24_hours") == (0, 6)


def test_a_cancelled_record_is_no_further_event():
    rows = [
        {"incident_id": "B1", "breach_of": "O1", "outcome": "16", "status": "closed"},
        {"incident_id": "X1", "status": "cancelled"},
        {"incident_id": "I2", "status": "open"},
    ]
    at = {"B1": "2025-01-01T10:00", "X1": "2025-01-05T10:00", "I2": "2025-09-01T10:00"}
    rows = [{"occurred_from": at[row["incident_id"]], "suspect_id": "S1", "victim_id": "V1"} | row for row in rows]
    order = ORDERS[0] | {"ends": "2025-06-01"}
    found = audit(bp.Analyser().analyse(bp.read_extract(rows, [order]), as_of="2026-01-01"))
    assert counted(found, "closed_and_again") == (0, 1)
    assert counted(found, "no_order_at_next_event") == (1, 1)


def test_an_order_that_is_broken_on_the_day_of_its_service_counts():
    rows = [
        {"incident_id": "B1", "occurred_from": "2025-01-10", "suspect_id": "S1", "victim_id": "V1", "breach_of": "O1"}
    ]
    order = ORDERS[0] | {"made_on": "2025-01-10", "served_at": "2025-01-10"}
    found = audit(bp.Analyser().analyse(bp.read_extract(rows, [order]), as_of="2026-01-01"))
    assert counted(found, "broken_within_90_days") == (1, 1)
    assert found["broken_within_90_days"]["share"] == 1.0


def test_without_orders_nothing_is_said_of_orders():
    found = audited(orders=None)
    for name in ("no_order_at_next_event", "protected_within_28_days", "unrecorded_breaches", "no_order_on_file"):
        assert found[name]["missing"] == "orders", name
    assert found["protection_order_considered"]["missing"] == "orders|actions.protection_order_decision"


@pytest.mark.further
def test_a_stalking_protection_order_that_names_nobody_was_considered():
    order = {"order_id": "O2", "kind": "stalking_protection", "respondent_id": "S1", "made_on": "2024-03-20"}
    plain, with_order = audited(), audited(orders=[*ORDERS, order])
    assert counted(plain, "protection_order_considered")[0] == 0
    assert counted(with_order, "protection_order_considered")[0] > 0
    assert records(with_order, "M2.records") == ["B2021"]


def test_a_suspect_stands_where_last_seen():
    more = [
        "Z1,crime,2024-06-01T10:00,2024-06-01T12:00,2024-06-01T13:00,008/30,S1,A1,contact,stranger,,,,open,South,ZZ21AA"
    ]
    rows = audited(*more).records
    row = rows[(rows["measure"] == "M13") & (rows["suspect_id"] == "S1")].iloc[0]
    assert (row["incident_id"], row["month"], row["force"], row["met"]) == ("Z1", "2024-06", "South", True)


def test_a_stalking_protection_order_is_something_wider():
    order = {"order_id": "O2", "kind": "stalking_protection", "respondent_id": "S1", "protected_id": "V1",
             "made_on": "2024-03-20"}  # fmt: skip
    assert records(audited(orders=[*ORDERS, order]), "M2.records") == ["B2021"]


def test_a_stalking_protection_order_that_ended_years_before_excuses_nothing():
    order = {"order_id": "O2", "kind": "stalking_protection", "respondent_id": "S1", "protected_id": "V1",
             "made_on": "2020-02-01", "ends": "2021-06-01"}  # fmt: skip
    assert records(audited(orders=[*ORDERS, order]), "M2.records") == ["B2024"]
    order |= {"made_on": "2020-02-01", "ends": "2020-02-20"}
    assert records(audited(orders=[*ORDERS, order]), "M2.records") == ["B2021", "B2024"]


def test_what_is_too_recent_is_not_judged():
    assert counted(audited(as_of="2024-03-10"), "no_wider_record") == (1, 3)


def test_the_days_between_breaches_and_until_the_first_are_right(found):
    row = found["days_between_breaches"]
    starts = pd.to_datetime(["2013-06-01", "2016-03-01", "2019-03-01", "2021-03-01", "2024-03-01"])
    gaps = np.diff(starts) / np.timedelta64(1, "D")
    assert row["days"] == pytest.approx(np.median(gaps), abs=0.1)
    first = found["broken_within_90_days"]
    assert (int(first["numerator"]), int(first["denominator"])) == (1, 1)
    assert first["share"] == 0.0  # broken, but after 151 days
    assert first["days"] == pytest.approx(151, abs=0.1)


def test_mixes_add_up(found):
    for measure in ("M7", "M12"):
        parts = found.whole[found.whole["measure"] == measure]
        assert parts["numerator"].sum() == 6
        assert (parts["denominator"] == 6).all()
    outcomes = found.whole[found.whole["measure"] == "M7"].set_index("category")["numerator"]
    assert outcomes["none on record"] == 2
    assert outcomes["1 Charged or summonsed"] == 2


def test_divisions_add_up_to_the_whole(found):
    shares = [key for key, definition in definitions().items() if definition.kind == "share"]
    for measure in shares:
        table = found.measures[found.measures["measure"] == measure]
        whole = table[table["by"] == "all"].iloc[0]
        for by, part in table.groupby("by"):
            if whole["status"] == "computed":
                assert part["numerator"].sum() == whole["numerator"], (measure, by)
                assert part["denominator"].sum() == whole["denominator"], (measure, by)
    by_force = found.measures[(found.measures["measure"] == "M3") & (found.measures["by"] == "force")]
    assert dict(zip(by_force["of"], by_force["numerator"], strict=True)) == {"North": 0, "South": 1}
    assert set(found.measures.loc[found.measures["by"] == "district", "of"]) >= {"ZZ1", "ZZ2"}


def test_the_order_of_rows_and_duplicates_change_nothing(found):
    lines = ROWS.strip().splitlines()
    names = (HEAD + FURTHER).split(",")
    turned = [dict(zip(names, line.split(","), strict=True)) for line in [*lines[::-1], lines[3]]]
    again = audit(bp.Analyser().analyse(bp.read_extract(turned, ORDERS), as_of="2024-12-31"))
    pd.testing.assert_frame_equal(again.measures, found.measures)
    keys = ["measure", "incident_id", "order_id"]
    pd.testing.assert_frame_equal(
        *(frame.sort_values(keys, ignore_index=True) for frame in (again.records, found.records))
    )


@given(st.sampled_from(["2013-07-01", "2016-03-02", "2019-03-10", "2021-03-01", "2022-10-01", "2024-03-15"]))
@settings(max_examples=up_to(6))
def test_nothing_learnt_later_leaks_in(day):
    names = (HEAD + FURTHER).split(",")
    rows = [dict(zip(names, line.split(","), strict=True)) for line in ROWS.strip().splitlines()]
    then = [row for row in rows if row["reported_at"][:10] <= day]
    known = audit(bp.Analyser().analyse(bp.read_extract(then, ORDERS), as_of=day))
    then_again = audited(as_of=day)
    pd.testing.assert_frame_equal(then_again.records, known.records)
    pd.testing.assert_frame_equal(then_again.measures, known.measures)


def test_every_definition_has_its_function_and_says_all_it_must():
    assert set(MEASURES) == set(definitions())
    for definition in definitions().values():
        assert definition.kind in ("share", "days", "survival", "mix")
        assert definition.better in ("higher", "lower", "neither")
        assert all(
            (definition.title, definition.numerator, definition.denominator, definition.caveat, definition.basis)
        )


def test_an_audit_is_written_whole_and_again(found, tmp_path):
    for _ in range(2):
        found.write(tmp_path / "audit")
    summary = json.loads((tmp_path / "audit" / "summary.json").read_text())
    told = {one["id"]: one for one in summary["measures"]}
    assert (told["M2.records"]["numerator"], told["M2.records"]["better"]) == (2, "lower")
    assert "numerator" in told["M7"]["parts"][0]
    assert told["M2"]["counts"].startswith("Recorded breaches")
    records = pd.read_csv(tmp_path / "audit" / "records_internal.csv")
    assert len(records) == len(found.records)


def test_an_unknown_measure_is_refused_in_words(found):
    with pytest.raises(UsageError, match="no measure 'nonsense'"):
        found["nonsense"]


def test_the_run_chart_is_drawn_and_the_page_is_escaped(found):
    assert found.plot("no_wider_record").to_dict()["layer"]
    with pytest.raises(UsageError, match="not computed: the extract has no actions"):
        found.plot("dealt_with_alone")
    with pytest.raises(UsageError, match="no months"):
        found.plot("days_between_breaches")
    assert "Breaches dealt with alone" in found._repr_html_()


@given(st.data())
def test_near_and_alive_are_what_a_loop_says(data):
    def column(size, low=0, high=12):
        return np.array(data.draw(st.lists(st.integers(low, high), min_size=size, max_size=size)), np.int64)

    n, m = data.draw(st.integers(0, 6)), data.draw(st.integers(0, 6))
    ask, among, since, until = column(n, -1, 3), column(m, -1, 3), column(n), column(n)
    at, end = column(m), column(m)
    near = [any(a == b >= 0 and s <= t <= u for b, t in zip(among, at, strict=True)) for a, s, u in
            zip(ask, since, np.maximum(since, until), strict=True)]  # fmt: skip
    assert has_near(ask, since, np.maximum(since, until), among, at).tolist() == near
    held = [any(a == b >= 0 and s <= t < e for b, s, e in zip(among, at, end, strict=True)) for a, t in
            zip(ask, since, strict=True)]  # fmt: skip
    assert alive(ask, since, among, at, end).tolist() == held


def test_an_extract_in_which_nothing_happened_is_written_all_the_same(tmp_path):
    one = bp.read_extract([{"incident_id": "I1", "occurred_from": "2025-02-01", "suspect_id": "P1", "victim_id": "V1"}])
    audit(bp.Analyser().analyse(one, as_of="2025-03-02")).write(tmp_path / "audit")
    told = json.loads((tmp_path / "audit" / "summary.json").read_text(encoding="utf-8"))["measures"]
    assert [measure["id"] for measure in told] == list(definitions())


@pytest.mark.further
def test_equal_data_gives_equal_records_whatever_the_order_of_rows():
    people = [
        {"person_id": "S2", "pnc_id": "2001/0000001A"},
        {"person_id": "S1"},
        {"person_id": "S1", "force": "North"},
    ]
    rows = [dict(zip((HEAD + FURTHER).split(","), line.split(","), strict=True)) for line in ROWS.strip().splitlines()]

    def records(step):
        read = bp.read_extract(rows[::step], ORDERS, people[::step])
        return audit(bp.Analyser().analyse(read, as_of="2024-12-31")).records

    pd.testing.assert_frame_equal(records(1), records(-1))

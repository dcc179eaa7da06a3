import random
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.facts import breaches, courses, incident, order, timelines

from breachpattern.output.schema import BREACHES, COURSES
from breachpattern.output.tables import breaches_table, courses_table, lists_of, words_of_masks
from breachpattern.timelines.courses import Ragged
from breachpattern.vocabulary import TERMS

ACTS = st.fixed_dictionaries(
    {
        "suspect_id": st.sampled_from(["P1", "P2", ""]),
        "victim_id": st.sampled_from(["V1", "V2", ""]),
        "occurred_from": st.dates(date(2025, 1, 1), date(2025, 12, 31)).map(date.isoformat),
        "behaviours": st.sampled_from(["contact", "follow", "contact;threat", ""]),
        "offence_code": st.sampled_from(["", "066/39", "8Q"]),
    }
)
ORDERS = [order("O1"), order("=O2", protected_id="V2", kind="non_molestation", made_on="2025-06-01")]


def ids(found):
    return pa.array([f"c{i}" for i in range(len(found.courses.frame))], pa.string())


def plain(value):
    return value or None


@settings(max_examples=up_to(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTS, max_size=12))
def test_whole_columns_say_what_row_by_row_decoding_says(acts):
    found = timelines([{"incident_id": f"I{i}"} | act for i, act in enumerate(acts)], ORDERS)
    table = breaches_table(found, ids(found))
    said = [
        {
            "incident": row["incident_id"],
            "order": row["order_id"],
            "suspect": row["suspect_id"],
            "victim": row["victim_id"],
            "status": row["status"],
            "state": row["order_state"],
            "nature": row["nature"],
            "kinds": set((row["breach_kind"] or "").split(";")) - {""},
            "terms": set((row["terms_matched"] or "").split(";")) - {""},
            "reasons": set((row["reasons"] or "").split("; ")) - {""},
            "strength": row["course_strength"],
            "prior_occasions": row["prior_occasions_365d"],
            "prior_breaches": row["prior_breaches"],
        }
        for row in table.to_pylist()
    ]
    assert said == breaches(found)
    told = [
        {
            "unit": row["unit"],
            "strength": row["strength"],
            "occasions": row["occasions"],
            "acts": row["acts"],
            "breaches": row["breaches"],
            "suspects": row["suspect_ids"].split(";"),
            "victims": row["victim_ids"].split(";"),
            "incidents": sorted(row["incident_ids"].split(";")),
        }
        for row in courses_table(found, ids(found)).to_pylist()
    ]
    wanted = [{k: v for k, v in c.items() if k not in ("support", "signals")} for c in courses(found)]
    assert sorted(map(str, told)) == sorted(map(str, wanted))


@given(
    st.lists(st.lists(st.integers(0, 3), max_size=3), max_size=5),
    st.lists(st.integers(0, 2 ** len(TERMS) - 1), max_size=5),
)
def test_lists_and_masks_become_text_as_a_loop_would_make_it(lists, masks):
    names = pa.array(["a", "b", "c", "é"])
    flat = Ragged(
        np.append(0, np.cumsum([len(x) for x in lists])).astype(np.int64),
        np.array([v for x in lists for v in x], np.int64),
    )
    assert lists_of(names, flat).to_pylist() == [";".join(names[v].as_py() for v in x) for x in lists]
    out = words_of_masks(TERMS.values, np.array(masks, np.int64)).to_pylist()
    assert out == [plain(";".join(TERMS.codes(mask))) for mask in masks]


def story():
    acts = [
        incident("I1", "2025-02-01T10:00", behaviours="contact", channel="text"),
        incident("I2", "2025-02-03T22:00", behaviours="contact;threat", channel="phone"),
        incident("I3", "2025-02-04", behaviours="contact", channel="phone", victim_id="V9"),
    ]
    return timelines(acts, [order("O1", served_at="2025-01-12T09:00")])


def test_a_breach_row_says_when_which_version_and_where_it_stands():
    found = story()
    first = breaches_table(found, ids(found)).to_pylist()[0]
    assert first["incident_id"] == "I1"
    assert first["row"] == 2
    assert first["order_version"] == 1
    assert first["order_kind"] == "restraining_conviction"
    assert first["days_since_served"] == 20
    assert first["occurred_at"].isoformat() == "2025-02-01T10:00:00+00:00"
    assert "conduct within the terms of the order" in first["reasons"].split("; ")


def test_orders_considered_come_only_on_request_and_what_is_not_worked_out_is_blank():
    found = story()
    usual = breaches_table(found, ids(found))
    everything = breaches_table(found, ids(found), considered=True)
    assert "not_breach" not in usual["status"].to_pylist()
    [other] = [row for row in everything.to_pylist() if row["status"] == "not_breach"]
    assert (other["incident_id"], other["order_id"]) == ("I3", "O1")
    assert other["course_strength"] is None
    assert other["prior_breaches"] is None
    assert everything.num_rows == usual.num_rows + 1


def test_a_course_ends_with_its_last_second_and_names_both_sides():
    found = story()
    [course] = courses_table(found, ids(found)).to_pylist()
    assert course["incident_ids"] == "I1;I2"
    assert course["last_at"].isoformat() == "2025-02-03T22:00:00+00:00"
    assert course["longest_gap_days"] == 2.5
    assert "the same behaviour again" in course["reasons_for"].split("; ")


def test_the_strongest_courses_come_first():
    acts = [
        incident(f"{victim}{i}", f"2025-0{1 + i}-01T10:00", victim_id=victim, behaviours=what)
        for victim, what in (("V1", "contact"), ("V2", "theft"))
        for i in range(2)
    ]
    random.Random(3).shuffle(acts)
    rank = ["clear", "arguable", "weak"]
    found = timelines(acts, [order("O1")])
    strengths = courses_table(found, ids(found))["strength"].to_pylist()
    assert len(set(strengths)) > 1
    assert strengths == sorted(strengths, key=rank.index)


def test_an_extract_with_nothing_in_it_gives_empty_tables_with_all_columns():
    found = timelines([incident("I1", "2025-02-01", suspect_id="", victim_id="")])
    for table, columns in (
        (breaches_table(found, ids(found), considered=True), BREACHES),
        (courses_table(found, ids(found)), COURSES),
    ):
        assert table.num_rows == 0
        assert table.column_names == [column.name for column in columns]


def test_who_acted_stands_as_the_row_writes_it_and_the_path_as_of_the_act():
    calls = {"behaviours": "contact", "channel": "phone"}
    found = timelines(
        [incident("I1", "2025-03-01T19:00", suspect_id="P2", **calls),
         incident("I2", "2025-01-01T19:00", suspect_id="P9", victim_id="V9")],
        [order("O1", terms="no_contact;no_indirect_contact")],
        [{"person_id": "P1", "other_id": "P2", "tie": "partner", "since": "2015-01-01", "until": "2018-01-01"},
         {"person_id": "P1", "other_id": "P2", "tie": "partner", "since": "2023-01-01"}],
    )  # fmt: skip
    columns = found.columns
    written = np.where(columns.suspect == found.people.find("P2"), found.people.find("P9"), columns.suspect_reference)
    known_otherwise = replace(found, columns=replace(columns, suspect_reference=written.astype(np.int32)))
    (row,) = breaches_table(known_otherwise, ids(found)).to_pylist()
    assert (row["suspect_id"], row["through_id"]) == ("P1", "P9")
    assert row["path"] == "P2, partner of P1 since 2023"

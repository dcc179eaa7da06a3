"""The whole of reading: accounting, duplicates, disagreeing rows, references, offences, and what is handed on."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.errors import UsageError
from breachpattern.ingest import ISSUE_CODES, read_extract
from breachpattern.ingest.conflicts import duplicates, repeated
from breachpattern.ingest.extract import Extract
from breachpattern.ingest.issues import IssueLog
from breachpattern.vocabulary import BEHAVIOURS, TERMS

TODAY = date(2026, 6, 30)


def incident(number, at="2025-03-01T10:00", **values):
    return {"incident_id": number, "occurred_from": at, "suspect_id": "P1", "victim_id": "V1"} | values


def order(number, **values):
    return {"order_id": number, "kind": "non_molestation", "respondent_id": "P1", "protected_id": "V1"} | values


def instant(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def codes(extract):
    return [(i["row"], i["column"], i["code"]) for i in extract.issues.to_arrow().to_pylist()]


def test_an_incident_is_typed():
    row = read_extract(
        [incident("C1", "2025-03-01", reported_at="2025-03-02", behaviours="contact;threat", offence_code="66/39")]
    ).incidents.to_pylist()[0]
    assert (row["start"], row["end"]) == (instant("2025-03-01T00:00"), instant("2025-03-02T00:00"))
    assert row["reported_at"] == row["known_at"] == instant("2025-03-02T23:59:59")
    assert row["behaviours"] == BEHAVIOURS.mask(["contact", "threat"])
    assert (row["kind"], row["act_count"], row["impact"]) == ("crime", 1, 0)
    assert row["offence"] is not None
    assert row["recorded_at"] is None


def test_an_incident_is_known_when_recorded_or_when_it_was_over():
    rows = read_extract([
        incident("1", occurred_to="2025-03-01T11:00", recorded_at="2025-03-05T09:00"),
        incident("2", occurred_to="2025-03-01T11:00"),
        incident("3"),
    ]).incidents["known_at"].to_pylist()  # fmt: skip
    assert rows == [instant("2025-03-05T09:00"), instant("2025-03-01T10:59:59"), instant("2025-03-01T10:00")]


def test_a_clock_time_that_was_twice_is_a_span_and_one_that_never_was_is_its_day():
    rows = read_extract([incident("1", "2025-10-26T01:30"), incident("2", "2025-03-30T01:30")]).incidents.to_pylist()
    assert (rows[0]["start"], rows[0]["end"]) == (instant("2025-10-26T00:30"), instant("2025-10-26T01:30:01"))
    assert (rows[1]["start"], rows[1]["end"]) == (instant("2025-03-30T00:00"), instant("2025-03-30T23:00"))


def test_an_order_is_typed():
    row = read_extract([], orders=[
        order("O1", made_on="2025-01-10", served_at="2025-01-10T14:30", ends="2026-01-09", terms="no_contact",
              curfew_from="22:00", exclusion_postcodes="zz2 3ab;ZZ4 5", version="2")
    ]).orders.to_pylist()[0]  # fmt: skip
    assert (row["made_lo"], row["made_hi"]) == (instant("2025-01-10T00:00"), instant("2025-01-11T00:00"))
    assert row["served_lo"] == row["served_hi"] == instant("2025-01-10T14:30")
    assert (row["ends"], row["ends_text"], row["ends_doubtful"]) == (instant("2026-01-10T00:00"), "2026-01-09", False)
    assert (row["terms"], row["version"]) == (TERMS.mask(["no_contact"]), 2)
    assert (row["curfew_from"], row["curfew_to"]) == (22 * 60, None)
    assert row["exclusion_postcodes"] == "ZZ23AB;ZZ4 5"
    assert (row["without_notice"], row["starts_lo"]) == (None, None)


def test_an_order_that_ends_before_it_starts_is_doubtful_and_an_endless_one_is_open():
    rows = read_extract([], orders=[
        order("O1", made_on="2025-05-01", ends="2025-04-01"), order("O2", made_on="2025-05-01", ends="9999-12-31"),
    ]).orders.to_pylist()  # fmt: skip
    assert [(row["ends"], row["ends_doubtful"], row["ends_text"]) for row in rows] == [
        (None, True, "2025-04-01"),
        (None, False, "9999-12-31"),
    ]


def test_an_order_of_an_unknown_kind_or_without_a_respondent_is_refused():
    extract = read_extract([], orders=[order("O1", kind="peace_and_quiet_order"), order("O2", respondent_id="")])
    assert extract.rows["orders"] == {"rows_in": 2, "accepted": 0, "rejected": 2, "duplicates": 0}
    assert codes(extract) == [(2, "kind", "unknown_order_kind"), (3, "respondent_id", "missing_value")]
    assert extract.rejected_share == 1.0


def test_associations_and_persons_are_handed_on():
    extract = read_extract(
        [],
        persons=[{"person_id": "NA", "surname": "Null", "date_of_birth": "1991-04-17", "postcode": "zz1 1aa"}],
        associations=[{"person_id": "P1", "other_id": "P1", "since": "2020-01-01", "until": "2021-01-01"}],
    )
    person, tie = extract.persons.to_pylist()[0], extract.associations.to_pylist()[0]
    assert (person["person_id"], person["surname"]) == ("NA", "Null")
    assert (person["date_of_birth"], person["postcode"]) == ("1991-04-17", "ZZ11AA")
    assert (tie["tie"], tie["until"]) == ("other", instant("2021-01-02T00:00"))
    assert [code for _, _, code in codes(extract) if code != "not_in_persons"] == ["tied_to_self"]


rows_of_text = st.lists(
    st.fixed_dictionaries(
        {
            "incident_id": st.sampled_from(["1", "2", "3", ""]),
            "occurred_from": st.sampled_from(["2025-03-01", "x", ""]),
        },
        optional={
            "channel": st.sampled_from(["phone", "Phone", "pigeon", ""]),
            "means": st.sampled_from(["a", " a", ""]),
        },
    ),
    max_size=30,
)


@given(rows_of_text)
def test_every_row_is_accounted_for_and_a_second_copy_is_a_duplicate(rows):
    extract = read_extract(rows)
    counts = extract.rows["incidents"]
    assert counts["rows_in"] == len(rows) == counts["accepted"] + counts["rejected"] + counts["duplicates"]
    texts = [
        tuple(row.get(c, "").strip() for c in ("incident_id", "occurred_from", "channel", "means")) for row in rows
    ]
    assert counts["duplicates"] == len(texts) - len(set(texts))
    assert extract.rejected["incidents"].num_rows == counts["rejected"] if rows else True
    twice = read_extract(rows + rows)
    assert twice.incidents.drop_columns("row").equals(extract.incidents.drop_columns("row"))
    assert twice.rows["incidents"]["duplicates"] == counts["duplicates"] + len(rows)


@given(st.lists(st.tuples(*[st.sampled_from(["a", "b", None])] * 3), max_size=40))
def test_duplicates_are_the_rows_that_stood_before(rows):
    columns = {name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate("xyz")}
    found = duplicates(columns, repeated(columns["x"])).tolist()
    assert found == [row in rows[:i] for i, row in enumerate(rows)]


def test_rows_of_one_incident_that_disagree_keep_the_first_value():
    extract = read_extract([
        incident("1", channel="", offence_code="008/72", postcode="ZZ1 1AA"),
        incident("1", "2025-08-15T23:00", victim_id="V2", offence_code="105/01", channel="phone",
                 relationship="friend"),
        incident("1", channel="email", behaviours="threat", suspect_id="P2", occurred_to="2025-03-01T12:00"),
    ])  # fmt: skip
    rows = extract.incidents.to_pylist()
    assert {(row["start"], row["end"]) for row in rows} == {
        (instant("2025-03-01T10:00"), instant("2025-03-01T10:00:01"))
    }
    assert [row["offence_code"] for row in rows] == ["008/72"] * 3
    assert [row["channel"] for row in rows] == ["phone"] * 3
    assert [row["relationship"] for row in rows] == [None, "friend", None]
    assert sorted(codes(extract)) == [
        (3, "occurred_from", "rows_disagree"),
        (3, "offence_code", "rows_disagree"),
        (4, "channel", "rows_disagree"),
        (4, "occurred_to", "rows_disagree"),
    ]


def test_a_rejected_row_has_no_say():
    extract = read_extract([incident("1", "soon", channel="email"), incident("1", channel="phone")])
    assert extract.incidents["channel"].to_pylist() == ["phone"]
    assert "rows_disagree" not in extract.issues.by_code()


def test_people_of_an_order_may_differ_in_terms_and_a_second_respondent_is_noted():
    extract = read_extract([], orders=[
        order("O1", terms="no_contact", made_on="2025-01-10"),
        order("O1", terms="no_approach", protected_id="V2", made_on="2025-01-11"),
        order("O1", respondent_id="P2", made_on="2025-01-12"),
    ])  # fmt: skip
    assert extract.orders["terms"].to_pylist() == [TERMS.mask(["no_contact"]), TERMS.mask(["no_approach"]), 0]
    assert [made.day for made in extract.orders["made_lo"].to_pylist()] == [10, 11, 12]
    assert codes(extract) == [(3, "made_on", "rows_disagree"), (4, "respondent_id", "order_binds_several")]


def test_references_that_lead_nowhere_are_kept_and_noted():
    extract = read_extract(
        [incident("1", breach_of="O1; O2"), incident("2", victim_id="P1")],
        orders=[order("O1", founded_on="9;1")],
        persons=[{"person_id": "P1"}],
    )
    assert extract.incidents["breach_of"].to_pylist() == ["O1;O2", None]
    found = extract.issues.to_arrow().to_pylist()
    assert [(i["file"], i["row"], i["column"], i["code"], i["value"]) for i in found] == [
        ("incidents", None, "victim_id", "not_in_persons", None),
        ("incidents", 2, "breach_of", "unknown_reference", "O2"),
        ("incidents", 3, "victim_id", "suspect_is_victim", "P1"),
        ("orders", None, "protected_id", "not_in_persons", None),
        ("orders", 2, "founded_on", "unknown_reference", "9"),
    ]
    assert "unknown_reference" not in read_extract([incident("1", breach_of="O1")]).issues.by_code()


def test_codes_and_labels_are_noted_once_and_malformed_codes_in_every_row():
    extract = read_extract(
        [
            incident("1", offence_code="999/99"),
            incident("2", offence_code="999/99"),
            incident("3", offence_text="Left the cat out"),
            incident("4", offence_text="Left the cat out"),
            incident("5", offence_code="n/a"),
            incident("6", offence_code="n/a"),
            incident("7", offence_code="8/65"),
            incident("8", offence_code="ph97010"),
        ]
    )
    assert sorted(codes(extract)) == [
        (2, "offence_code", "unknown_offence_code"),
        (4, "offence_text", "unknown_offence_text"),
        (6, "offence_code", "malformed_offence_code"),
        (7, "offence_code", "malformed_offence_code"),
    ]
    assert "(in 2 rows)" in extract.issues.to_arrow()["message"][0].as_py()
    offences = extract.incidents["offence"].to_pylist()
    assert offences[:6] == [None] * 6
    assert offences[6] == offences[7] is not None


def test_narrative_is_dropped_unless_asked_for_and_never_quarantined():
    rows = [incident("1", narrative="kestrel"), incident("2", "soon", narrative="kestrel")]
    dropped = read_extract(rows)
    assert "narrative" not in dropped.incidents.column_names
    assert "narrative" not in dropped.rejected["incidents"].column_names
    assert "kestrel" not in str(dropped.issues.to_arrow().to_pylist())
    assert read_extract(rows, keep_narrative=True).incidents["narrative"].to_pylist() == ["kestrel"]


def test_the_day_of_the_run_can_be_given():
    later = [incident("1", "2026-07-01")]
    assert read_extract(later, today=date(2026, 7, 1)).rows["incidents"]["accepted"] == 1
    assert read_extract(later, today=TODAY).rows["incidents"]["rejected"] == 1
    noted = read_extract([], orders=[order("O1", made_on="2026-07-01", served_at="2026-06-30")], today=TODAY)
    assert codes(noted) == [(2, "made_on", "later_than_today"), (2, "served_at", "told_before_it_was_made")]


@pytest.mark.parametrize(
    ("told", "noted"),
    [
        ({"served_at": "2025-03-09T16:00"}, [(2, "served_at", "told_before_it_was_made")]),
        ({"aware_from": "2025-02-01"}, [(2, "aware_from", "told_before_it_was_made")]),
        ({"served_at": "2025-03-10"}, []),  # the day of making: nobody knows which came first, and it is no slip
        ({"served_at": "2025-02-01", "version": "2"}, []),  # the first service, kept beside a variation
    ],
)
def test_an_order_that_was_told_before_it_was_made_is_noted_and_kept(told, noted):
    orders = [{"order_id": "O1", "kind": "non_molestation", "respondent_id": "P1", "made_on": "2025-03-10"} | told]
    extract = read_extract([], orders=orders)
    assert codes(extract) == noted
    assert extract.rows["orders"]["accepted"] == 1


def test_the_order_of_rows_changes_nothing_but_their_order():
    rows = [incident(str(i), f"2025-03-{1 + i % 28:02}", channel=["phone", "x", ""][i % 3]) for i in range(40)]
    shuffled = random.Random(7).sample(rows, len(rows))

    def sorted_rows(given_rows):
        table = read_extract(given_rows).incidents.drop_columns("row")
        return sorted(table.to_pylist(), key=lambda row: row["incident_id"])

    assert sorted_rows(rows) == sorted_rows(shuffled)


def test_good_orders_excuse_no_lost_incidents():
    good = [order(f"O{n}") for n in range(350)]
    extract = read_extract([incident(str(n), occurred_from="soon") for n in range(10)], orders=good)
    assert extract.rejected_shares == {"incidents": 1.0, "orders": 0.0}
    assert extract.rejected_share == 1.0
    lost = read_extract([incident("1")], persons=[{"person_id": ""}, {"person_id": "P1"}])
    assert lost.rejected_share == 0.5


@pytest.mark.parametrize("source", [[], "incidents.csv"])
def test_a_query_for_what_is_no_database_is_refused(source):
    with pytest.raises(UsageError, match="query is given for incidents"):
        read_extract(source, query="select 1")
    with pytest.raises(UsageError, match="query is given for orders"):
        read_extract([], query={"orders": "select 1"})


def test_a_label_gets_no_hint_that_only_shares_a_word():
    said = {
        label: read_extract([incident("1", offence_text=label)]).issues.to_arrow()["message"].to_pylist()
        for label in ("Domestic incident, no crime",)
    }
    assert all("Nearest" not in message for messages in said.values() for message in messages)


def test_an_empty_extract_has_every_column():
    empty, full = read_extract([]), read_extract([incident("1")], orders=[order("O1")])
    for table in ("incidents", "orders"):
        assert getattr(empty, table).schema.equals(getattr(full, table).schema)
    assert isinstance(empty, Extract)
    assert repr(empty) == "<Extract: no rows; 0 issues>"
    assert empty.rejected_share == 0


def test_issues_print_themselves_and_are_safe_in_a_notebook():
    extract = read_extract([incident("<b>1</b>", channel="<script>")] + [incident(str(i), "x") for i in range(20)])
    assert repr(extract.issues).startswith("21 issues: 20 errors, 1 warning, 0 notes")
    assert "… and 11 more" in repr(extract.issues)
    shown = extract.issues._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    frame = extract.issues.to_frame()
    assert list(frame.columns) == ["file", "row", "column", "code", "severity", "value", "message", "hint"]
    assert frame["row"].tolist() == list(range(2, 23))


def test_the_list_of_codes_is_the_law_of_issues():
    assert all(code.code == name and code.meaning for name, code in ISSUE_CODES.items())
    assert {code.severity for code in ISSUE_CODES.values()} == {"error", "warning", "info"}
    with pytest.raises(KeyError):
        IssueLog().add("f", [2], "c", "no_such_code", None, "m")


def test_progress_names_what_is_read_and_counts_what_is_checked():
    told = []
    read_extract(
        [{"incident_id": "I1", "occurred_from": "2025-03-01"}] * 3,
        orders=[{"order_id": "O1", "kind": "dvpo", "respondent_id": "P1"}],
        on_progress=lambda *one: told.append(one),
    )
    assert told == [
        ("reading incidents", 0, 2), ("reading orders", 1, 2),
        ("checking", 0, 4), ("checking", 3, 4), ("checking", 4, 4),
    ]  # fmt: skip

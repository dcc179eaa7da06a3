"""Rows of one record: what stands where they disagree, what fills a blank, and what was known when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.ingest import read_extract


def row(number="1", at="2025-03-01T10:00", **values):
    return {"incident_id": number, "occurred_from": at, "suspect_id": "P1", "victim_id": "V1"} | values


def order(number="O1", **values):
    return {"order_id": number, "kind": "non_molestation", "respondent_id": "P1", "protected_id": "V1"} | values


def incidents(*rows):
    return read_extract(list(rows)).incidents.to_pylist()


def orders(*rows):
    return read_extract([], orders=list(rows)).orders.to_pylist()


def instant(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def disagreements(extract):
    return [
        (i["row"], i["column"], i["message"])
        for i in extract.issues.to_arrow().to_pylist()
        if i["code"] == "rows_disagree"
    ]


def test_a_blank_is_filled_from_any_row_of_the_incident_without_an_issue():
    extract = read_extract([
        row(channel="", offence_code="008/72", relationship="friend"),
        row(victim_id="V2", channel="phone", postcode="ZZ1 1AA", domestic_abuse="true"),
        row(victim_id="V3", lat="52.1", lon="-1.5", status="closed"),
    ])  # fmt: skip
    found = extract.incidents.to_pylist()
    for column, value in {
        "channel": "phone", "offence_code": "008/72", "postcode": "ZZ11AA", "domestic_abuse": True, "lat": 52.1,
        "lon": -1.5, "status": "closed", "kind": "crime",
    }.items():  # fmt: skip
        assert [r[column] for r in found] == [value] * 3
    assert len({r["offence"] for r in found}) == 1
    assert [r["relationship"] for r in found] == ["friend", None, None]
    assert disagreements(extract) == []


def test_half_a_place_is_filled_with_a_whole_one_and_never_mixed():
    found = incidents(row(lat="50.0"), row(victim_id="V2", lat="52.1", lon="-1.5"))
    assert [(r["lat"], r["lon"]) for r in found] == [(52.1, -1.5)] * 2


@pytest.mark.parametrize("turn", [1, -1])
def test_a_value_that_was_told_first_stands_wherever_it_is_written(turn):
    rows = [
        row(reported_at="2025-06-01", channel="email"),
        row(victim_id="V2", reported_at="2025-03-02", channel="phone"),
    ]
    extract = read_extract(rows[::turn])
    assert extract.incidents["channel"].to_pylist() == ["phone", "phone"]
    assert [message for _, column, message in disagreements(extract) if column == "channel"] == [
        f"channel differs from row {3 if turn == 1 else 2} of the same incident ('phone'), which stands."
    ]


def test_among_rows_told_at_one_time_the_first_of_the_file_stands():
    found = incidents(row(channel="email"), row(victim_id="V2", channel="phone", at="2025-02-01"))
    assert [(r["channel"], r["start"]) for r in found] == [("email", instant("2025-03-01T10:00"))] * 2


def test_a_row_takes_nothing_from_one_that_was_told_later():
    early, late = incidents(
        row(reported_at="2025-03-02", channel="", offence_code="105/01"),
        row(victim_id="V2", reported_at="2025-06-01", channel="phone", postcode="ZZ1 1AA"),
    )
    assert (early["channel"], early["postcode"]) == (None, None)
    assert (late["channel"], late["offence_code"]) == ("phone", "105/01")


@pytest.mark.parametrize("turn", [1, -1])
def test_each_row_is_known_from_its_own_telling(turn):
    rows = [row(reported_at="2025-03-02"), row(victim_id="V2", reported_at="2025-06-01")]
    extract = read_extract(rows[::turn])
    known = {r["victim_id"]: r["known_at"] for r in extract.incidents.to_pylist()}
    assert known == {"V1": instant("2025-03-02T23:59:59"), "V2": instant("2025-06-01T22:59:59")}
    ((_, column, message),) = disagreements(extract)
    assert column == "reported_at"
    assert message.endswith("; each row keeps its own.")


@pytest.mark.parametrize("turn", [1, -1])
def test_a_row_that_does_not_say_when_was_told_with_the_first_that_does(turn):
    rows = [
        row(victim_id="V1"),
        row(victim_id="V2", reported_at="2025-06-01T10:00"),
        row(victim_id="V3", recorded_at="2025-05-01T10:00"),
    ]
    known = {r["victim_id"]: r["known_at"] for r in incidents(*rows[::turn])}
    assert known["V1"] == known["V3"] == instant("2025-05-01T09:00")
    assert known["V2"] == instant("2025-06-01T09:00")


def test_the_day_of_recording_fills_blanks_and_overrides_nothing():
    found = incidents(
        row(reported_at="2025-03-02", recorded_at="2025-03-04T10:00"),
        row(victim_id="V2", reported_at="2025-03-02"),
        row(victim_id="V3", reported_at="2025-03-02", recorded_at="2025-03-09T10:00"),
        row(victim_id="V4", reported_at="2025-03-01T12:00"),
    )
    assert [r["recorded_at"] and r["recorded_at"].day for r in found] == [4, 4, 9, None]


def test_a_malformed_code_is_noted_where_it_is_written():
    extract = read_extract([row(offence_code="n/a"), row(victim_id="V2"), row(victim_id="V3", offence_code="66/39")])
    found = [(i["row"], i["code"]) for i in extract.issues.to_arrow().to_pylist()]
    assert found == [(2, "malformed_offence_code"), (4, "rows_disagree")]


def test_blanks_of_an_order_are_filled_where_its_rows_agree():
    extract = read_extract(
        [],
        orders=[
            order(made_on="2025-01-10", ends="2025-06-01", without_notice="true"),
            order(protected_id="V2", served_at="2025-01-12", curfew_from="22:00", curfew_to="06:00"),
            order(version="2", protected_id="V2"),
        ],
    )
    first, second, other = extract.orders.to_pylist()
    for column in ("made_lo", "served_hi", "ends", "without_notice", "curfew_from", "curfew_to"):
        assert first[column] == second[column] is not None
        assert other[column] is None
    assert disagreements(extract) == []


def test_rows_of_an_order_that_disagree_keep_their_own_and_say_so():
    extract = read_extract(
        [],
        orders=[
            order(made_on="2025-01-10", ends="2025-06-01", without_notice="false", kind="restraining"),
            order(protected_id="V2", made_on="2025-01-11", ends="2025-07-01", without_notice="true"),
            order(protected_id="V3", served_at="2025-02-01", kind="restraining"),
        ],
    )
    assert [r["made_lo"] and r["made_lo"].day for r in extract.orders.to_pylist()] == [10, 11, None]
    assert [r["served_lo"] is not None for r in extract.orders.to_pylist()] == [False, False, True]
    assert [r["ends"] and r["ends"].month for r in extract.orders.to_pylist()] == [6, 7, None]
    assert disagreements(extract) == [
        (3, "kind", "kind differs from row 2 of the same order ('restraining'); "
                    "the first of the two in the catalogue stands."),
        (3, "made_on", "made_on differs from row 2 of the same order ('2025-01-10'); which of the two is right is "
                       "left open."),
        (3, "ends", "ends differs from row 2 of the same order ('2025-06-01'); which of the two is right is left "
                    "open."),
        (3, "without_notice", "without_notice differs from row 2 of the same order ('false'); "
                              "it counts as made without notice."),
    ]  # fmt: skip


told_rows = st.lists(
    st.fixed_dictionaries(
        {
            "incident_id": st.sampled_from(["1", "2"]),
            "occurred_from": st.sampled_from(["2025-01-01", "2025-01-02T10:00"]),
            "reported_at": st.sampled_from(["2025-02-01", "2025-03-01", "2025-04-01T10:00"]),
            "recorded_at": st.sampled_from(["", "2025-03-15", "2025-05-01"]),
            "channel": st.sampled_from(["", "phone", "email"]),
            "offence_code": st.sampled_from(["", "008/31", "105/01"]),
            "lat": st.sampled_from(["", "52.0"]),
            "lon": st.sampled_from(["", "-1.0"]),
        }
    ),
    max_size=8,
)


@given(told_rows, st.sampled_from(["2025-02-15", "2025-03-10", "2025-04-02"]))
def test_what_a_row_says_depends_on_nothing_that_was_told_later(rows, cut):
    rows = [r | {"victim_id": f"V{i}"} for i, r in enumerate(rows)]  # no two alike
    early = [r for r in rows if r["reported_at"] < cut]
    whole, part = ({r["victim_id"]: r for r in incidents(*given_rows)} for given_rows in (rows, early))
    for victim, found in part.items():
        assert {k: v for k, v in whole[victim].items() if k != "row"} == {k: v for k, v in found.items() if k != "row"}

"""Ties on file and inferred ones, with their time, and nothing from an object that many people share."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.facts import catalogue, incident, order

from breachpattern.ingest import read_extract
from breachpattern.linking.paths import path_words
from breachpattern.linking.ties import find_ties, tie_table
from breachpattern.spans import as_of_second
from breachpattern.timelines import build

TODAY = "2026-06-30"


def ties(incidents=(), orders=(), associations=(), persons=(), as_of=TODAY):
    rows = list(incidents) or [incident("I0", "2025-01-01", suspect_id="", victim_id="")]
    extract = read_extract(rows, list(orders) or None, list(persons) or None, list(associations) or None)
    found = build(extract, catalogue(), as_of_second(as_of))
    return found, find_ties(
        found.columns, found.orders, extract.associations, extract.persons, found.people, found.as_of
    )


def said(found, held):
    names, kinds = found.columns.names.persons, tie_table()[0]
    return {
        (names[a].as_py(), kinds[k].id, names[b].as_py())
        for a, b, k in zip(held.left.tolist(), held.right.tolist(), held.kind.tolist(), strict=True)
    }


def test_every_weight_lies_between_nobody_and_the_same_person():
    kinds, rule = tie_table()
    assert all(0 < kind.weight < 1 for kind in kinds)
    assert len({kind.id for kind in kinds}) == len(kinds)
    assert 0 < rule.per_step < 1


def test_a_tie_on_file_joins_both_ways_and_once():
    rows = [
        {"person_id": "P1", "other_id": "P2", "tie": "family"},
        {"person_id": "P2", "other_id": "P1", "tie": "family"},
    ]
    found, held = ties(associations=rows)
    assert said(found, held) == {("P1", "family", "P2"), ("P2", "family", "P1")}
    assert len(held) == 2


def test_a_tie_known_later_is_not_known_yet():
    row = {"person_id": "P1", "other_id": "P2", "tie": "friend", "since": "2025-06-01"}
    assert len(ties(associations=[row], as_of="2025-05-31")[1]) == 0
    assert len(ties(associations=[row], as_of="2025-06-01")[1]) == 2


def test_suspects_on_one_record_and_with_one_number_are_tied():
    rows = [
        incident("I1", "2025-01-01", suspect_id="P1"),
        incident("I1", "2025-01-01", suspect_id="P2"),
        incident("I2", "2025-02-01", suspect_id="P3", means="07700900001", victim_id="V7"),
        incident("I3", "2025-03-01", suspect_id="P4", means="07700900001", victim_id="V8"),
    ]
    found, held = ties(rows)
    assert {("P1", "suspects_together", "P2"), ("P3", "same_means", "P4")} <= said(found, held)
    assert ("P1", "same_means", "P3") not in said(found, held)


def test_unknown_suspects_and_cancelled_records_tie_nobody():
    rows = [
        incident("I1", "2025-01-01", suspect_id="", means="07700900001"),
        incident("I2", "2025-01-02", suspect_id="P1", means="07700900001"),
        incident("I3", "2025-01-03", suspect_id="P2", status="cancelled"),
        incident("I3", "2025-01-03", suspect_id="P3", status="cancelled"),
    ]
    assert len(ties(rows)[1]) == 0


@pytest.mark.parametrize(("people", "tied"), [(2, True), (6, True), (7, False), (40, False)])
def test_an_object_that_many_people_share_is_a_hub_and_ties_nobody(people, tied):
    rows = [{"person_id": f"P{i}", "phone": "0770 0900001"} for i in range(people)]
    assert (len(ties(persons=rows)[1]) > 0) is tied


def test_an_address_ties_only_with_its_postcode():
    rows = [
        {"person_id": "P1", "address": "1 High Street", "postcode": "ZZ1 1AA"},
        {"person_id": "P2", "address": "1 high street", "postcode": "zz11aa"},
        {"person_id": "P3", "address": "1 High Street", "postcode": "ZZ9 9ZZ"},
        {"person_id": "P4", "address": "1 High Street"},
        {"person_id": "P5", "address": "1 High Street"},
    ]
    found, held = ties(persons=rows)
    assert said(found, held) == {("P1", "same_address", "P2"), ("P2", "same_address", "P1")}


@pytest.mark.parametrize(
    ("suspects", "since"),
    [
        ([["P1"]], None),
        ([["P1"], ["P1"], ["P1"]], None),
        ([["P1"], [""], [""]], None),
        ([["P1", "P2"]], None),
        ([["P1"], ["P1", "P2"]], None),
        ([["P1"], ["P2"]], 2),
        ([["P1"], ["P1"], [""], ["P2"]], 4),
        ([["P1", "P2"], ["P1"], ["P2", "P3"]], 3),
    ],
)
def test_victims_are_tied_where_no_one_suspect_explains_their_common_records(suspects, since):
    rows = [
        incident(f"I{i}", f"2025-01-0{i + 1}T10:00", victim_id=v, suspect_id=s)
        for i, those in enumerate(suspects)
        for s in those
        for v in ("V1", "V2")
    ]
    found, held = ties(rows)
    victims = held.of_kinds("victims_together")
    assert (("V1", "victims_together", "V2") in said(found, victims)) is (since is not None)
    assert set(victims.since.tolist()) == ({as_of_second(f"2025-01-0{since}T10:00")} if since else set())
    assert all(found.columns.start[victims.row] == victims.since)


def test_a_cancelled_record_ties_no_victims():
    rows = [
        incident(f"I{s}", "2025-01-01", victim_id=v, suspect_id=s, status="cancelled" if s == "P2" else "open")
        for s in ("P1", "P2")
        for v in ("V1", "V2")
    ]
    assert "victims_together" not in {kind for _, kind, _ in said(*ties(rows))}


def test_one_order_ties_all_whom_it_protects():
    found, held = ties(orders=[order("O1", protected_id=v) for v in ("V1", "V2", "V3")])
    assert {("V1", "protected_together", "V3"), ("V1", "protected_together", "V2")} <= said(found, held)


def test_a_path_is_told_from_its_far_end_with_every_tie_between_two_people():
    rows = [
        {"person_id": "P1", "other_id": "P2", "tie": "family", "since": "2021-05-01"},
        {"person_id": "P1", "other_id": "P2", "tie": "household"},
        {"person_id": "P2", "other_id": "P3", "tie": "friend"},
    ]
    found, held = ties(associations=rows)
    position = {(found.columns.names.persons[int(a)].as_py(), found.columns.names.persons[int(b)].as_py()): i
                for i, (a, b) in enumerate(zip(held.left, held.right, strict=True))}  # fmt: skip
    near = path_words(held, found.columns, [position["P1", "P2"]])
    assert near == "P2, in the household of P1 and family of P1 since 2021"
    far = path_words(held, found.columns, [position["P1", "P2"], position["P2", "P3"]])
    assert far.startswith("P3, friend of P2, ")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sets(st.sampled_from(["P1", "P2", "P3"])), st.sets(st.sampled_from("VWX"))), max_size=7))
def test_victims_are_tied_from_the_first_record_on_that_leaves_no_suspect_on_all(records):
    rows = [
        incident(f"I{i}", f"2025-01-0{i + 1}T10:00", suspect_id=s, victim_id=v)
        for i, (suspects, victims) in enumerate(records)
        for s in suspects or {""}
        for v in victims
    ]
    expected = {}
    for pair in combinations("VWX", 2):
        on_all = None
        for i, (suspects, victims) in enumerate(records):
            if suspects and victims >= set(pair):
                on_all = suspects if on_all is None else on_all & suspects
                if not on_all:
                    expected[pair] = as_of_second(f"2025-01-0{i + 1}T10:00")
                    break
    found, held = ties(rows)
    names, held = found.columns.names.persons, held.of_kinds("victims_together")
    people = [
        (names[a].as_py(), names[b].as_py()) for a, b in zip(held.left.tolist(), held.right.tolist(), strict=True)
    ]
    assert {pair: s for pair, s in zip(people, held.since.tolist(), strict=True) if pair[0] < pair[1]} == expected

"""Ties on file and inferred ones, with their time, and nothing from an object that many people share."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
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


@pytest.mark.parametrize(
    ("column", "value"),
    [("phone", v) for v in ("unknown", "N/K", "none", "withheld", "0", "-", "no phone", "none given")]
    + [("email", "none"), ("vehicle", "unknown"), ("vehicle", "blue Ford van")]
    + [("address", "NFA"), ("address", "no fixed abode")],
)
def test_a_placeholder_on_file_ties_nobody(column, value):
    rows = [{"person_id": p, "postcode": "ZZ1 1AA", column: value} for p in ("P1", "P2")]
    assert len(ties(persons=rows)[1]) == 0


@pytest.mark.parametrize("means", ["withheld", "unknown", "private number", "WhatsApp", "facebook", "in person"])
def test_means_that_are_no_object_tie_nobody(means):
    rows = [incident(f"I{p}", "2025-01-01", suspect_id=f"P{p}", victim_id=f"V{p}", means=means) for p in (1, 2)]
    assert len(ties(rows)[1]) == 0


@pytest.mark.parametrize(
    ("column", "on_file", "means"),
    [
        ("phone", "+44 7700 900142", "07700900142"),
        ("email", "A.B@example.org", "a.b@example.org"),
        ("vehicle", "ZZ25 ABC", "blue van zz25abc"),
    ],
)
def test_using_what_somebody_else_has_on_file_ties_the_two_from_that_record_on(column, on_file, means):
    call = incident("I1", "2025-01-01", suspect_id="P2", means=means, reported_at="2025-01-03")
    found, held = ties([call], persons=[{"person_id": "P1", column: on_file}])
    assert said(found, held) == {("P1", "uses_object_of", "P2"), ("P2", "uses_object_of", "P1")}
    assert set(held.since.tolist()) == set(found.columns.known.tolist())
    assert len(ties([call], persons=[{"person_id": "P1", column: on_file}], as_of="2025-01-02")[1]) == 0


def test_using_ones_own_number_ties_nobody():
    call = incident("I1", "2025-01-01", suspect_id="P1", means="07700900142")
    assert len(ties([call], persons=[{"person_id": "P1", "phone": "07700 900142"}])[1]) == 0


def test_a_number_with_country_code_is_the_same_number():
    rows = [
        incident(f"I{p}", f"2025-01-0{p}", suspect_id=f"P{p}", means=m)
        for p, m in ((1, "+44 7700 900142"), (2, "07700900142"))
    ]
    assert ("P1", "same_means", "P2") in said(*ties(rows))


def test_a_tie_on_file_keeps_every_period():
    row = {"person_id": "P1", "other_id": "P2", "tie": "partner"}
    rows = [row | {"since": "2015-01-01", "until": "2018-01-01"}, row | {"since": "2023-01-01"}]
    held = ties(associations=[*rows, rows[0]])[1]
    assert len(held) == 4
    act, known = as_of_second("2024-01-01"), as_of_second("2024-01-01")
    assert held.held(np.arange(4), np.full(4, act), np.full(4, known)).sum() == 2


def test_a_shared_object_says_less_the_more_people_share_it():
    def weight(people):
        rows = [{"person_id": f"P{i}", "phone": "07700900001"} for i in range(people)]
        return ties(persons=rows)[1].weight.max()

    assert weight(2) == 0.8
    assert weight(2) > weight(3) > weight(6) > 0


def test_who_holds_and_uses_an_object_is_counted_once_among_those_who_share_it():
    rows = [incident("I1", "2025-01-01", suspect_id="P1", means="07700900001")]
    persons = [{"person_id": p, "phone": "07700900001"} for p in ("P1", "P2")]
    assert set(ties(rows, persons=persons)[1].people.tolist()) == {2}


def test_a_number_both_used_is_told_with_the_other_persons_last_use_before_the_act():
    rows = [
        incident(n, at, suspect_id=p, means="07700900001", victim_id=v)
        for n, at, p, v in (
            ("I5", "2025-01-05", "P1", "V7"), ("I7", "2025-03-05", "P1", "V7"), ("I8", "2025-04-05", "P2", "V1"),
            ("I9", "2025-05-05", "P1", "V7"),
        )
    ]  # fmt: skip
    found, held = ties(rows)
    path = [int(np.flatnonzero(held.left == found.people.find("P1"))[0])]
    act = int(np.flatnonzero(found.columns.suspect == found.people.find("P2"))[0])
    words = path_words(held, found.columns, path, act)
    assert words == "P2, user of the number that P1 used in March 2025 (record I7)"


def test_of_several_numbers_both_used_the_one_of_the_act_is_told():
    rows = [
        incident(n, at, suspect_id=p, means=m, victim_id="V1")
        for n, at, p, m in (
            ("I1", "2025-01-05", "P1", "07700900001"), ("I2", "2025-01-06", "P2", "07700900001"),
            ("I3", "2025-02-05", "P1", "07700900002"), ("I4", "2025-03-06", "P2", "07700900002"),
        )
    ]  # fmt: skip
    found, held = ties(rows)
    path = [int(np.flatnonzero(held.left == found.people.find("P1"))[0])]
    of_p2 = found.columns.suspect == found.people.find("P2")
    told = [path_words(held, found.columns, path, act) for act in np.flatnonzero(of_p2).tolist()]
    assert [words[-11:] for words in told] == ["(record I1)", "(record I3)"]


def test_a_number_on_file_is_told_from_both_sides():
    found, held = ties(
        [incident("I7", "2025-03-05", suspect_id="P1", means="07700900001")],
        persons=[{"person_id": "P2", "phone": "07700900001"}],
    )
    forth, back = (int(np.flatnonzero(held.left == found.people.find(p))[0]) for p in ("P1", "P2"))
    assert path_words(held, found.columns, [forth]) == (
        "P2, with the number on file that P1 used in March 2025 (record I7)"
    )
    assert path_words(held, found.columns, [back]) == "P1, user of the number on file for P2 (record I7)"


@settings(max_examples=up_to(40), deadline=None)
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

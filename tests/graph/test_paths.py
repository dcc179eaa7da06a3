import pytest
from tests.facts import incident, order
from tests.graph.given import analyse

from breachpattern.errors import UsageError
from breachpattern.graph import bridges, paths_in_words, third_parties


def graph_of(incidents, person="P1", radius=2, **tables):
    return analyse({"incidents": incidents} | tables).graph(person, radius)


def test_the_path_says_tie_act_and_number():
    rows = [
        incident("I1", "2025-03-03T10:00", channel="phone", means="07700 900142"),
        incident("I2", "2025-03-09T10:00", suspect_id="P2", channel="phone", means="07700 900142"),
    ]
    ties = [{"person_id": "P2", "other_id": "P1", "tie": "household", "since": "2021-05-01"}]
    assert paths_in_words(graph_of(rows, associations=ties), "P1", "V1") == [
        "P1 phoned V1 on 3 March 2025 (I1).",
        "P2, household of P1 since 1 May 2021, phoned V1 on 9 March 2025 (I2) with the phone …0142 that P1 used on "
        "3 March 2025 (I1).",
    ]


def test_a_third_party_is_told_and_the_direct_way_is_not():
    rows = [
        incident("I1", "2025-03-03T10:00", channel="phone"),
        incident("I2", "2025-03-09T10:00", suspect_id="P2", channel="text"),
        incident("I3", "2025-03-10T10:00", suspect_id="P2", channel="text"),
        incident("I4", "2025-03-11T10:00", suspect_id="P2", channel="text"),
    ]
    ties = [
        {"person_id": "P2", "other_id": "P3", "tie": "friend"},
        {"person_id": "P3", "other_id": "P1", "tie": "family"},
    ]
    table = third_parties(graph_of(rows, associations=ties), "P1", "V1")
    assert table.to_dict("records") == [
        {
            "person_ids": "P3;P2",
            "steps": 3,
            "path": "P2, friend of P3 (P3: family of P1), texted V1 on 11 March 2025 (I4), and on 2 more records.",
        }
    ]


@pytest.mark.parametrize(
    ("incidents", "tables", "said"),
    [
        ([incident("I1", "2025-03-03", victim_id="P2")], {}, "P1 acted towards P2 on 3 March 2025 (I1)."),
        (
            [incident("I1", "2025-03-03", suspect_id="P2", victim_id="P1", channel="post")],
            {},
            "P1 was written to by P2 on 3 March 2025 (I1).",
        ),
        (
            [incident("I1", "2025-03-03"), incident("I1", "2025-03-03", suspect_id="P2")],
            {},
            "P1 was suspect together with P2 on 3 March 2025 (I1).",
        ),
        (
            [incident("I1", "2025-03-03")],
            {"orders": [order("O1", protected_id="P2")]},
            "P1 is bound by order O1 towards P2.",
        ),
        (
            [incident("I1", "2025-03-03", means="ab12 cde")],
            {"persons": [{"person_id": "P2", "vehicle": "AB12CDE"}]}
            | {"associations": [{"person_id": "P2", "other_id": "V1", "tie": "other"}]},
            "P1 shares the vehicle …CDE, which P2 has.",
        ),
    ],
)
def test_every_kind_of_connection_has_its_words(incidents, tables, said):
    assert paths_in_words(graph_of(incidents, **tables), "P1", "P2")[0] == said


def test_no_path_is_no_sentence_and_a_stranger_is_an_error():
    graph = graph_of([incident("I1", "2025-03-03")])
    assert paths_in_words(graph, "P1", "P1") == []
    with pytest.raises(UsageError, match="does not hold the person 'P9'"):
        paths_in_words(graph, "P1", "P9")


def test_who_bridges_two_parts_is_found_though_both_know_one_place():
    place = {"postcode": "ZZ5 3XE", "place_role": "public"}
    rows = [
        incident("I1", "2025-03-01", suspect_id="P1", victim_id="V1", **place),
        incident("I2", "2025-03-02", suspect_id="P2", victim_id="V1"),
        incident("I3", "2025-03-03", suspect_id="P2", victim_id="V2", **place),
        incident("I4", "2025-03-04", suspect_id="P3", victim_id="V2"),
    ]
    table = bridges(graph_of(rows, radius=4))
    assert table.values.tolist() == [["P2", 2, 2], ["V1", 2, 1], ["V2", 2, 1]]

import pytest
from hypothesis import given, settings
from tests.drawing import up_to
from tests.facts import incident, order
from tests.graph.given import analyse, worlds

from breachpattern.errors import UsageError
from breachpattern.graph import mutual, order_ladder, others_contacted, shared_objects

few = settings(max_examples=up_to(25), deadline=None)


def index_of(incidents, **tables):
    return analyse({"incidents": incidents} | tables).graph_index


@few
@given(worlds())
def test_two_way_disputes_are_those_that_a_search_finds(world):
    table = mutual(analyse(world).graph_index)
    towards = {}
    for row in world["incidents"]:
        if row["suspect_id"] and row["victim_id"] and row["suspect_id"] != row["victim_id"]:
            towards.setdefault((row["suspect_id"], row["victim_id"]), []).append(row["occurred_from"][:10])
    found = {
        (r.person_id, r.other_id): (r.towards_other, r.towards_person, r.first_towards_other, r.first_towards_person)
        for r in table.itertuples()
    }
    assert found == {
        (a, b): (len(days), len(towards[b, a]), min(days), min(towards[b, a]))
        for (a, b), days in towards.items()
        if a < b and (b, a) in towards
    }


def test_an_affray_stands_on_one_record_and_counts_in_both_directions():
    rows = [
        incident("I1", "2025-03-01T10:00", suspect_id="P1", victim_id="P2"),
        incident("I1", "2025-03-01T10:00", suspect_id="P2", victim_id="P1"),
        incident("I2", "2025-03-05T10:00", suspect_id="P2", victim_id="P1"),
    ]
    (found,) = mutual(index_of(rows)).to_dict("records")
    assert (found["towards_other"], found["towards_person"], found["on_one_record"]) == (1, 2, 1)
    assert found["answered_after_days"] == 0


def test_objects_shared_across_people_and_victims():
    rows = [
        incident("I1", "2025-03-01", victim_id="V1", means="07700 900142"),
        incident("I2", "2025-03-02", victim_id="V2", means="+44 7700 900142"),
        incident("I3", "2025-03-03", victim_id="V1", means="07700 900317"),
        incident("I4", "2025-03-04", victim_id="V1", means="withheld"),
        incident("I5", "2025-03-05", victim_id="V2", means="withheld"),
    ]
    index = index_of(rows, persons=[{"person_id": "V2", "phone": "07700900317"}])
    table = shared_objects(index)
    assert table[["object", "persons", "victims", "incidents"]].values.tolist() == [
        ["phone …0142", 1, 2, 2],
        ["phone …0317", 2, 1, 1],
    ]
    assert table["person_ids"].tolist() == ["P1", "P1;V2"]
    assert table["victim_ids"].tolist() == ["V1;V2", "V1"]
    assert shared_objects(index, most_shared=1)["object"].tolist() == ["phone …0142"]
    assert shared_objects(index, objects="clear")["object"].tolist() == ["phone 07700900142", "phone 07700900317"]


def test_who_else_was_contacted_and_whom_an_order_protects():
    rows = [
        incident("I1", "2025-03-01", victim_id="V2"),
        incident("I2", "2025-01-01", victim_id="V1"),
        incident("I3", "2025-04-01", victim_id="V1"),
        incident("I4", "2025-04-01", victim_id=""),
        incident("I5", "2025-04-01", suspect_id="P2", victim_id="V3"),
    ]
    table = others_contacted(index_of(rows, orders=[order("O1")]), "P1")
    assert table.values.tolist() == [
        ["V1", 2, "2025-01-01", "2025-04-01", "O1"],
        ["V2", 1, "2025-03-01", "2025-03-01", ""],
    ]


def test_the_ladder_stands_in_the_order_in_which_orders_began():
    orders = [
        order("O2", made_on="2025-05-01", ends="2026-04-30", court="Second Court"),
        order("O1", kind="police_warning", made_on="2024-01-10"),
        order("O2", version=2, made_on="2025-06-01", protected_id="V2", ends="2026-05-31", court="Second Court"),
        order("O9", respondent_id="P2", made_on="2024-01-01"),
    ]
    rows = [incident("I1", "2025-05-10T10:00", behaviours="contact", channel="phone")]
    table = order_ladder(index_of(rows, orders=orders), "P1")
    assert table["order_id"].tolist() == ["O1", "O2"]
    assert table["protected_ids"].tolist() == ["V1", "V1;V2"]
    assert table["breach_incidents"].tolist() == [0, 1]
    assert table["last_day"].tolist()[1] == "2026-05-31"
    assert table["court"].tolist()[1] == "Second Court"


@pytest.mark.parametrize("measure", [others_contacted, order_ladder])
def test_whoever_has_nothing_on_record_gets_an_empty_table_and_a_stranger_an_error(measure):
    index = index_of([incident("I1", "2025-03-01")])
    assert measure(index, "V1").empty
    with pytest.raises(UsageError, match="'P9'"):
        measure(index, "P9")

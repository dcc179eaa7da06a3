import networkx as nx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.facts import incident, order
from tests.graph.given import PEOPLE, analyse, content, moments, named_in, worlds

from breachpattern.errors import UsageError
from breachpattern.graph import components, neighbourhood
from breachpattern.graph.reach import MOST_SHARED

few = settings(max_examples=up_to(25), deadline=None)
WORLD = {
    "incidents": [
        incident("I1", "2025-02-01T10:00", behaviours="contact", channel="phone", means="07700 900142",
                 postcode="ZZ2 3AB", place_role="victim_home"),
        incident("I2", "2025-02-03T22:00", suspect_id="", victim_id="V2", means="+44 7700 900142",
                 postcode="ZZ5 3XE", place_role="public"),
        incident("I3", "2025-02-09T23:00", suspect_id="P2", victim_id="V1", postcode="ZZ7 1AA"),
        incident("I4", "2025-02-10T23:00", suspect_id="", victim_id="V9"),
        incident("I5", "2025-02-11T23:00", suspect_id="", victim_id="V8"),
    ],
    "orders": [order("O1", served_at="2025-01-12T09:00")],
    "associations": [{"person_id": "P1", "other_id": "P2", "tie": "household", "since": "2021-05-01"}],
    "persons": [{"person_id": "P2", "phone": "07700 900317", "vehicle": "AB12 CDE"}],
}  # fmt: skip


def edges(graph, kind):
    return sorted((left, right) for left, right, said in graph.edges(data="kind") if said == kind)


def people(graph):
    return {node for node, kind in graph.nodes(data="kind") if kind == "person"}


@pytest.fixture(scope="module")
def analysis():
    return analyse(WORLD)


def test_radius_one_holds_everything_about_the_person_and_whoever_shares_it(analysis):
    graph = analysis.graph("P1")
    assert people(graph) == {"person:P1", "person:P2", "person:V1", "person:V2"}
    assert edges(graph, "suspect_of") == [("person:P1", "incident:I1"), ("person:P2", "incident:I3")]
    assert edges(graph, "respondent_of") == [("person:P1", "order:O1")]
    assert edges(graph, "protected_by") == [("person:V1", "order:O1")]
    assert edges(graph, "associated_with") == [("person:P1", "person:P2")]
    assert edges(graph, "breaches") == [("incident:I1", "order:O1")]


def test_a_number_leads_to_records_of_unknown_suspects(analysis):
    used = edges(analysis.graph("P1"), "used")
    assert used == [("incident:I1", "object:1"), ("incident:I2", "object:1")]


def test_two_unknown_suspects_are_nobody(analysis):
    graph = analysis.graph("V9", radius=3)
    assert set(graph) == {"person:V9", "incident:I4"}


def test_what_a_nominal_record_says_is_drawn(analysis):
    graph = analysis.graph("P2")
    assert [graph.nodes[thing]["object_kind"] for _, thing in edges(graph, "has_phone")] == ["phone"]
    assert [graph.nodes[thing]["label"] for _, thing in edges(graph, "drives")] == ["vehicle …CDE"]


def test_no_address_and_no_number_is_in_clear_by_default(analysis):
    said = str(content(analysis.graph("P1", radius=2)))
    for secret in ("ZZ2 3AB", "ZZ23AB", "3XE", "ZZ7", "07700", "7700900142", "AB12"):
        assert secret not in said
    assert "victim home of V1" in said
    assert "public in ZZ5" in said


def test_whoever_asks_sees_addresses_and_numbers(analysis):
    said = str(content(analysis.graph("P1", radius=2, addresses=True, objects="clear")))
    for shown in ("ZZ2 3AB", "ZZ5 3XE", "phone 07700900142", "vehicle AB12CDE"):
        assert shown in said


def test_the_graph_names_nobody_and_tells_no_narrative():
    world = WORLD | {
        "incidents": [row | {"narrative": "he said so"} for row in WORLD["incidents"]],
        "persons": [{"person_id": "P2", "given_name": "Ann", "surname": "Sample", "address": "1 Long Row"}],
    }
    said = str(content(analyse(world).graph("P1")))
    assert not [word for word in ("he said so", "Ann", "Sample", "Long Row") if word in said]


def test_an_object_that_many_share_leads_nowhere():
    def world(n):
        return {
            "incidents": [
                incident(f"I{i}", "2025-02-01T10:00", suspect_id=f"P{i}", victim_id=f"V{i}", means="07700 900142")
                for i in range(n)
            ]
        }

    assert len(people(analyse(world(MOST_SHARED)).graph("P1"))) == MOST_SHARED + 1
    crowded = analyse(world(MOST_SHARED + 1)).graph("P1", radius=2)
    assert people(crowded) == {"person:P1", "person:V1"}
    assert edges(crowded, "used") == [("incident:I1", "object:1")]


def test_a_place_leads_nowhere():
    rows = [
        incident(f"I{i}", "2025-02-01", suspect_id=f"P{i}", victim_id=f"V{i}", postcode="ZZ5 3XE", place_role="public")
        for i in range(2)
    ]
    assert people(analyse({"incidents": rows}).graph("P1", radius=3)) == {"person:P1", "person:V1"}


def test_a_graph_that_is_too_large_is_refused_with_the_way_to_narrow_it():
    rows = [incident(f"I{i}", "2025-02-01", victim_id=f"V{i}") for i in range(30)]
    analysis = analyse({"incidents": rows})
    with pytest.raises(UsageError) as refused:
        analysis.graph("V1", radius=2, limit=40)
    said = str(refused.value)
    assert "61 nodes" in said
    assert "P1 (30 records)" in said
    for way in ("smaller radius", "as_of", "course or finding", "raise the limit"):
        assert way in said
    with pytest.raises(UsageError) as refused:
        analysis.graph("P1", limit=40)
    assert "smaller radius" not in str(refused.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a: a.graph("P99"), "names the person 'P99'"),
        (lambda a: a.graph("P1", radius=0), "radius of 0"),
        (lambda a: a.graph("P1", objects="all"), "'masked' or 'clear'"),
        (lambda a: a.graph("P1", as_of="soon"), "not a date"),
    ],
)
def test_what_makes_no_sense_is_said(analysis, call, message):
    with pytest.raises(UsageError, match=message):
        call(analysis)


def test_a_later_moment_than_that_of_the_analysis_is_refused():
    with pytest.raises(UsageError, match="after that of the analysis"):
        analyse(WORLD, "2025-06-30").graph("P1", as_of="2025-07-01")


def test_what_was_learnt_later_is_not_drawn(analysis):
    graph = analysis.graph("P1", as_of="2025-01-11")
    assert set(graph) == {"person:P1", "person:P2", "person:V1", "order:O1"}
    assert "served" not in graph.nodes["order:O1"]
    assert "served" in analysis.graph("P1").nodes["order:O1"]


def test_ties_and_records_are_known_from_their_own_day(analysis):
    world = WORLD | {"associations": [{"person_id": "P1", "other_id": "P2", "tie": "friend", "since": "2025-03-01"}]}
    tied = analyse(world)
    assert not edges(tied.graph("P1", as_of="2025-02-28"), "associated_with")
    assert edges(tied.graph("P1", as_of="2025-03-01"), "associated_with")
    assert "incident:I1" not in analysis.graph("P1", as_of="2025-01-31")
    assert "incident:I1" in analysis.graph("P1", as_of="2025-02-01")


def test_an_association_ends_when_its_end_is_known():
    tie = {"person_id": "P1", "other_id": "P2", "tie": "partner", "since": "2021-01-01", "until": "2025-03-31"}
    analysis = analyse(WORLD | {"associations": [tie]})
    for when, until in (("2025-03-30", None), ("2025-04-02", "2025-03-31")):
        (said,) = [said for *_, said in analysis.graph("P1", as_of=when).edges(data=True) if "tie" in said]
        assert said.get("until") == until


def test_people_of_the_outer_ring_who_share_an_object_show_the_records_that_say_so():
    rows = [
        incident("I1", "2025-02-01", suspect_id="P1", victim_id="V1"),
        incident("I2", "2025-02-02", suspect_id="P2", victim_id="V1"),
        incident("I3", "2025-02-03", suspect_id="P1", victim_id="V2", means="07700 900142"),
        incident("I4", "2025-02-04", suspect_id="P2", victim_id="V3", means="07700 900142"),
    ]
    graph = analyse({"incidents": rows}).graph("V1")
    assert edges(graph, "used") == [("incident:I3", "object:1"), ("incident:I4", "object:1")]
    assert "person:V2" not in graph


@few
@given(worlds(), moments(), st.integers(1, 3))
def test_a_graph_as_of_a_moment_is_that_of_the_analysis_as_of_it(world, when, radius):
    person = named_in(world)
    assume(person)
    assert content(analyse(world).graph(person, radius, when)) == content(analyse(world, when).graph(person, radius))


@few
@given(worlds(), st.randoms(use_true_random=False), st.integers(1, 3))
def test_the_order_of_rows_does_not_matter(world, chance, radius):
    person = named_in(world)
    assume(person)
    mixed = {name: chance.sample(table, len(table)) for name, table in world.items()}
    assert content(analyse(world).graph(person, radius)) == content(analyse(mixed).graph(person, radius))


@pytest.mark.further
@few
@given(worlds())
def test_a_larger_radius_only_adds(world):
    person = named_in(world)
    assume(person)
    analysis = analyse(world)
    for radius in (1, 2, 3):
        small, large = analysis.graph(person, radius), analysis.graph(person, radius + 1)
        numbered = ("object", "place")
        assert {node for node, kind in small.nodes(data="kind") if kind not in numbered} <= set(large)
        assert len(small) <= len(large)
        assert small.number_of_edges() <= large.number_of_edges()


@few
@given(worlds(), st.integers(1, 3))
def test_every_edge_rests_on_a_row_of_the_extract_and_joins_two_nodes(world, radius):
    person = named_in(world)
    assume(person)
    analysis = analyse(world)
    graph = analysis.graph(person, radius)
    ids = {"incidents": "incident_id", "orders": "order_id", "associations": "person_id", "persons": "person_id"}
    for left, right, said in graph.edges(data=True):
        assert "kind" in graph.nodes[left]
        assert "kind" in graph.nodes[right]
        table = getattr(analysis.extract, said["table"]).to_pylist()
        mine = [row for row in table if row["row"] == said["row"]]
        assert len(mine) == 1
        if "record" in said:
            assert mine[0][ids[said["table"]]] == said["record"]
    assert all(value is not None and value != "" for _, said in graph.nodes(data=True) for value in said.values())


@few
@given(worlds())
def test_everybody_in_reach_is_connected_with_the_person(world):
    person = named_in(world)
    assume(person)
    graph = analyse(world).graph(person, 2)
    drawn = nx.node_connected_component(graph.to_undirected(), f"person:{person}")
    assert drawn == set(graph)


@few
@given(worlds())
def test_the_largest_radius_is_the_component(world):
    person = named_in(world)
    assume(person)
    analysis = analyse(world)
    index = analysis.graph_index
    labels = components(index)
    names = index.timelines.columns.names.persons.to_pylist()
    mine = {
        f"person:{name}" for name, label in zip(names, labels, strict=True) if label == labels[index.person(person)]
    }
    assert people(analysis.graph(person, len(PEOPLE))) == mine


@pytest.mark.further
@few
@given(worlds(), st.integers(0, 3))
def test_hubs_at_an_earlier_moment_are_those_of_that_moment(world, cap):
    person = named_in(world)
    assume(person)
    when = "2025-07-01"
    later, earlier = analyse(world).graph_index, analyse(world, when).graph_index
    drawn = [
        content(neighbourhood(index, person, 2, then, most_shared=cap))
        for index, then in ((later, earlier.as_of), (earlier, None))
    ]
    assert drawn[0] == drawn[1]

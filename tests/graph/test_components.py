import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from tests.drawing import up_to
from tests.facts import incident
from tests.graph.given import PEOPLE, analyse, named_in, worlds

from breachpattern.graph import components, degrees

few = settings(max_examples=up_to(25), deadline=None)


@pytest.mark.further
@few
@given(worlds())
def test_the_label_is_the_smallest_code_and_agrees_with_what_is_drawn(world):
    if not named_in(world):
        return
    index = analyse(world).graph_index
    labels, counted = components(index), degrees(index)
    names = counted["person_id"].tolist()
    graph = nx.Graph()
    graph.add_nodes_from(names)
    analysis = analyse(world)
    for name in names:
        view = analysis.graph(name, 1)
        graph.add_edges_from((name, other.split(":")[1]) for other, kind in view.nodes(data="kind") if kind == "person")
    for part in nx.connected_components(graph):
        codes = [names.index(name) for name in part]
        assert {int(label) for label in labels[codes]} == {min(codes)}
    assert counted["people"].tolist() == [len(set(graph[name]) - {name}) for name in names]


def test_a_crowded_object_connects_nobody():
    rows = [incident(f"I{p}", "2025-02-01", suspect_id=p, victim_id=f"V{p}", means="07700 900142") for p in PEOPLE]
    index = analyse({"incidents": rows}).graph_index
    assert len(np.unique(components(index))) == 1
    assert len(np.unique(components(index, most_shared=len(PEOPLE) - 1))) == len(PEOPLE)
    assert set(degrees(index, most_shared=len(PEOPLE) - 1)["people"]) == {1}


def test_nobody_has_no_components():
    index = analyse({"incidents": [incident("I1", "2025-02-01", suspect_id="", victim_id="")]}).graph_index
    assert len(components(index)) == len(degrees(index)) == 0

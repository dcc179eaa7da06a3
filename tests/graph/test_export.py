import csv
import json
from inspect import signature

import networkx as nx
import pytest
from hypothesis import assume, given, settings
from tests.drawing import up_to
from tests.facts import incident
from tests.graph.given import analyse, content, named_in, worlds
from tests.graph.test_view import WORLD

from breachpattern.errors import OutputError, UsageError
from breachpattern.graph import write_graph

NEWER_KEYWORD = "edges" in signature(nx.node_link_graph).parameters
few = settings(max_examples=up_to(15), deadline=None)


@pytest.fixture(scope="module")
def graph():
    return analyse(WORLD).graph("P1", radius=2)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_json(path):
    data = json.loads(path.read_text("utf-8"))
    data["links"] = data.pop("edges")
    return nx.node_link_graph(data, **({"edges": "links"} if NEWER_KEYWORD else {}))


READERS = {
    ".graphml": lambda path: nx.read_graphml(path, force_multigraph=True),
    ".gexf": nx.read_gexf,
    ".json": read_json,
}


def plain(graph):
    """Return what a graph says without what a format adds for itself."""
    for _, _, said in graph.edges(data=True):
        said.pop("id", None)
    return content(graph)


@few
@given(worlds())
@pytest.mark.parametrize("suffix", READERS)
def test_a_file_reads_back_as_the_same_graph(tmp_path_factory, suffix, world):
    person = named_in(world)
    assume(person)
    graph = analyse(world).graph(person, 2)
    (path,) = write_graph(graph, tmp_path_factory.mktemp("graph") / f"around{suffix}")
    assert plain(READERS[suffix](path)) == content(graph)


def test_tables_have_the_headers_that_importers_read_and_every_node_and_edge(graph, tmp_path):
    nodes, edges = (rows_of(path) for path in write_graph(graph, tmp_path / "around.csv"))
    assert list(nodes[0])[:2] == [":ID", ":LABEL"]
    assert list(edges[0])[:3] == [":START_ID", ":END_ID", ":TYPE"]
    assert [row[":ID"] for row in nodes] == list(graph)
    assert {row[":LABEL"] for row in nodes} == {"Person", "Incident", "Order", "Object", "Place"}
    assert len({row[":ID"] for row in nodes}) == len(nodes)
    assert len(edges) == graph.number_of_edges()
    assert {row[":START_ID"] for row in edges} | {row[":END_ID"] for row in edges} <= set(graph)
    assert "SUSPECT_OF" in {row[":TYPE"] for row in edges}
    assert all(row["row:int"].isdigit() for row in edges)


def test_a_spreadsheet_runs_nothing(tmp_path):
    analysis = analyse({"incidents": [incident("=1+1", "2025-02-01", suspect_id="@cmd", victim_id="+V")]})
    nodes, _ = (rows_of(path) for path in write_graph(analysis.graph("@cmd"), tmp_path / "around.csv"))
    assert sorted(row["label"] for row in nodes) == ["'+V", "'=1+1", "'@cmd"]


@pytest.mark.parametrize("suffix", [".graphml", ".gexf"])
def test_what_xml_cannot_hold_is_replaced(suffix, tmp_path):
    graph = nx.MultiDiGraph()
    graph.add_node("person:P\x01", kind="person", label="P\x01")
    (path,) = write_graph(graph, tmp_path / f"odd{suffix}")
    assert list(READERS[suffix](path).nodes(data="label")) == [("person:P�", "P�")]


def test_an_unknown_suffix_and_a_missing_folder_are_said(graph, tmp_path):
    with pytest.raises(UsageError, match=r"End the name in|'\.xlsx'"):
        write_graph(graph, tmp_path / "around.xlsx")
    with pytest.raises(OutputError, match="cannot be written"):
        write_graph(graph, tmp_path / "nowhere" / "around.json")

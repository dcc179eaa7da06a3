import sys

import pytest
from tests.facts import incident
from tests.graph.given import analyse
from tests.graph.test_view import WORLD

from breachpattern.errors import MissingDependency
from breachpattern.graph import plot
from breachpattern.graph.picture import LOOKS


@pytest.fixture(scope="module")
def graph():
    return analyse(WORLD).graph("P1", radius=2)


def data_of(chart):
    lines, points, *_ = chart.to_dict()["layer"]
    return points["data"]["values"], lines["data"]["values"]


def test_every_node_is_a_point_with_a_place_and_every_pair_a_line(graph):
    nodes, edges = data_of(plot(graph))
    assert {row["label"] for row in nodes} == set(dict(graph.nodes(data="label")).values())
    assert len(nodes) == len(graph)
    assert len({(row["x"], row["y"]) for row in nodes}) == len(nodes)
    assert all(abs(row[axis]) <= 1.1 for row in nodes for axis in ("x", "y"))
    assert len(edges) == len(set(graph.edges()))


def test_a_kind_has_one_colour_and_one_shape_of_its_own():
    colours, shapes = zip(*LOOKS.values(), strict=True)
    assert len(set(colours)) == len(set(shapes)) == len(LOOKS)


def test_the_same_graph_is_laid_out_the_same_way(graph):
    assert data_of(plot(graph)) == data_of(plot(graph.copy()))


def test_nobody_lies_on_top_of_anybody():
    rows = [incident(f"I{i}", f"2025-02-{i + 1:02d}") for i in range(20)]
    nodes, _ = data_of(plot(analyse({"incidents": rows}).graph("P1")))
    people = [(row["x"], row["y"]) for row in nodes if row["kind"] == "person"]
    assert max(abs(a - b) for a, b in zip(*people, strict=True)) > 0.1


def test_a_person_alone_is_a_picture_too():
    graph = analyse({"incidents": [incident("I1", "2025-02-01", victim_id="")]}, "2025-01-01").graph("P1")
    assert len(graph) == 1
    assert plot(graph).to_dict()


def test_the_picture_says_what_to_install(graph, monkeypatch):
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(MissingDependency, match=r"pip install 'breachpattern\[report\]'"):
        plot(graph)


def test_it_becomes_a_png(graph, tmp_path):
    plot(graph).save(tmp_path / "around.png")
    assert (tmp_path / "around.png").read_bytes().startswith(b"\x89PNG")

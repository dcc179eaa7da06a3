"""Picture: a graph as an altair chart, laid out the same way every time."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt

from breachpattern.errors import MissingDependency
from breachpattern.graph.drawing import Graph

SEED = 7
# Colours that people with any colour vision tell apart (Okabe and Ito), and a shape for each kind beside them.
LOOKS = {
    "person": ("#0072B2", "circle"),
    "incident": ("#E69F00", "square"),
    "order": ("#009E73", "diamond"),
    "object": ("#CC79A7", "triangle-up"),
    "place": ("#56B4E9", "cross"),
}
# Lines by what the edge says: colour and dashes.
LINES = {
    "suspect, respondent": ("#555555", [1, 0]),
    "victim, protected": ("#9a9a9a", [5, 3]),
    "breach of an order": ("#D55E00", [1, 0]),
    "known tie": ("#0072B2", [1, 0]),
    "used, has, at": ("#cfcfcf", [1, 0]),
}
_LINE_OF = {
    "suspect_of": "suspect, respondent",
    "respondent_of": "suspect, respondent",
    "victim_of": "victim, protected",
    "protected_by": "victim, protected",
    "breaches": "breach of an order",
    "associated_with": "known tie",
}
_MOST_FOR_SPRINGS = 80
_ROOM = 0.22


def plot(graph: Graph, width: int = 760, height: int = 560) -> Any:
    """Return an altair chart of a graph: people, incidents, orders, objects and places by shape and colour.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        As :func:`breachpattern.graph.neighbourhood` gives it; readable up to about forty nodes.
    width, height : int
        Pixels.

    Raises
    ------
    MissingDependency
        Where altair is not installed; the message holds the install line.
    """
    try:
        altair: Any = import_module("altair")
    except ImportError:
        raise MissingDependency.for_extra("altair", "report", "draw a graph") from None
    nodes, edges = _tables(graph)
    kinds = [kind for kind in LOOKS if kind in {node["kind"] for node in nodes}]
    x = altair.X("x:Q", axis=None, scale=altair.Scale(domain=[-1.15, 1.15]))
    y = altair.Y("y:Q", axis=None, scale=altair.Scale(domain=[-1.15, 1.15]))
    drawn = [line for line in LINES if line in {edge["line"] for edge in edges}]
    colours = altair.Scale(domain=drawn, range=[LINES[line][0] for line in drawn])
    dashes = altair.Scale(domain=drawn, range=[LINES[line][1] for line in drawn])
    lines = altair.Chart(altair.Data(values=edges)).mark_rule(strokeWidth=1.4).encode(
        x=x, y=y, x2="x2:Q", y2="y2:Q",
        stroke=altair.Stroke("line:N", title=None, scale=colours),
        strokeDash=altair.StrokeDash("line:N", title=None, scale=dashes),
        tooltip=[altair.Tooltip(field) for field in ("from:N", "how:N", "to:N", "time:N")],
    )  # fmt: skip
    looks = {"domain": kinds, "range": [LOOKS[kind][0] for kind in kinds]}
    shapes = {"domain": kinds, "range": [LOOKS[kind][1] for kind in kinds]}
    base = altair.Chart(altair.Data(values=nodes))
    points = base.mark_point(filled=True, opacity=1, stroke="white", strokeWidth=1).encode(
        x=x, y=y,
        color=altair.Color("kind:N", title=None, scale=altair.Scale(**looks)),
        shape=altair.Shape("kind:N", title=None, scale=altair.Scale(**shapes)),
        size=altair.Size("size:Q", scale=None),
        tooltip=[altair.Tooltip(field) for field in ("label:N", "kind:N", "what:N", "time:N")],
    )  # fmt: skip
    halo = {"stroke": "white", "strokeWidth": 3, "strokeOpacity": 0.85}
    words = [
        base.mark_text(dy=16, fontSize=10, fontWeight=500, **around).encode(
            x=x, y=y, text="caption:N", color=altair.value("#222222")
        )
        for around in (halo, {})
    ]  # fmt: skip
    return (
        altair.layer(lines, points, *words)
        .properties(width=width, height=height)
        .configure_view(stroke=None)
        .configure_legend(orient="top", labelFontSize=12, symbolSize=120, columns=5)
    )


def _tables(graph: Graph) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    place = _layout(graph)
    nodes = [
        {
            "x": place[node][0],
            "y": place[node][1],
            "kind": said["kind"],
            "label": said["label"],
            "caption": _caption(said),
            "what": _what(said),
            "time": said.get("time", said.get("made", "")),
            "size": 260 if said["kind"] == "person" else 150,
        }
        for node, said in graph.nodes(data=True)
    ]
    joined: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for left, right, said in graph.edges(data=True):
        joined.setdefault((left, right), []).append(said)
    edges = [
            {
                "x": place[left][0], "y": place[left][1], "x2": place[right][0], "y2": place[right][1],
                "from": graph.nodes[left]["label"], "to": graph.nodes[right]["label"],
                "how": ", ".join(dict.fromkeys(_how(said) for said in several)),
                "time": several[0].get("time", several[0].get("since", "")),
                "line": next((_LINE_OF[s["kind"]] for s in several if s["kind"] in _LINE_OF), "used, has, at"),
            }
            for (left, right), several in joined.items()
        ]  # fmt: skip
    return nodes, edges


def _layout(graph: Graph) -> dict[str, tuple[float, float]]:
    """Return where each node lies, within -1 and 1; the same for the same graph."""
    simple = nx.Graph()
    simple.add_nodes_from(sorted(graph))
    simple.add_edges_from(sorted({tuple(sorted(pair)) for pair in graph.to_undirected().edges()}))
    place = nx.spring_layout(simple, seed=SEED, iterations=60)
    if 2 < len(simple) <= _MOST_FOR_SPRINGS and nx.is_connected(simple):
        place = nx.kamada_kawai_layout(simple, pos=place)
    spread = _pushed_apart(np.array([place[node] for node in simple], dtype=np.float64).reshape(-1, 2))
    return {node: (round(x, 4), round(y, 4)) for node, (x, y) in zip(simple, spread.tolist(), strict=True)}


def _pushed_apart(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return points of which no two lie on top of each other: labels need room."""
    room = min(_ROOM, 1.2 / max(len(points), 1) ** 0.5)
    for _ in range(40):
        between = points[:, None] - points[None, :]
        distance = np.hypot(between[..., 0], between[..., 1])
        np.fill_diagonal(distance, np.inf)
        lack = np.maximum(room - distance, 0) / np.maximum(distance, 1e-6)
        points = points + (between * lack[..., None]).sum(axis=1) * 0.3
    return np.clip(points, -1.1, 1.1)


def _caption(said: dict[str, Any]) -> str:
    return str(said["time"][:10]) if said["kind"] == "incident" else str(said["label"])


def _what(said: dict[str, Any]) -> str:
    parts = (
        said.get(key, "") for key in ("order_kind", "record_kind", "offence", "behaviours", "channel", "object_kind")
    )
    return ", ".join(part.replace("_", " ").replace(";", ", ") for part in parts if part)


def _how(said: dict[str, Any]) -> str:
    detail = said.get("tie") or said.get("status")
    return f"{said['kind']} ({detail})".replace("_", " ") if detail else str(said["kind"]).replace("_", " ")

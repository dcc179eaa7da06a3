"""Export: a graph as a file that other tools read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import networkx as nx
import pyarrow as pa
import pyarrow.csv as csv

from breachpattern.errors import OutputError, UsageError
from breachpattern.graph.drawing import Graph
from breachpattern.output.files import harmless

SUFFIXES = (".graphml", ".gexf", ".json", ".csv")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_graph(graph: Graph, path: str | Path) -> list[Path]:
    """Write a graph in the format that the suffix names, and return the files.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
    path : str or Path
        ``.graphml`` (yEd, Gephi, Cytoscape), ``.gexf`` (Gephi), ``.json`` (node-link; edges under ``edges``), or
        ``.csv``: two files, ``…_nodes.csv`` and ``…_edges.csv``, with the headers that Neo4j's importer reads and
        that link-chart tools map. In CSV a cell that a spreadsheet would run is written with a leading
        apostrophe.

    Raises
    ------
    UsageError
        Where the suffix is none of these.
    OutputError
        Where the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> graph = nx.MultiDiGraph()
    >>> graph.add_node("person:P1", kind="person", label="P1")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [written.name for written in write_graph(graph, Path(folder) / "around.csv")]
    ['around_nodes.csv', 'around_edges.csv']
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise UsageError(
            f"A graph cannot be written as {path.suffix or 'a file without a suffix'!r}.",
            where=path.name,
            hint=f"End the name in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}.",
        )
    try:
        if path.suffix == ".csv":
            return _write_tables(graph, path)
        if path.suffix == ".json":
            path.write_text(json.dumps(node_link(graph), ensure_ascii=False, indent=1), encoding="utf-8", newline="\n")
        elif path.suffix == ".gexf":
            nx.write_gexf(_for_xml(graph), path)
        else:
            nx.write_graphml(_for_xml(graph), path)
    except OSError as problem:
        raise OutputError("The graph cannot be written.", where=path.name, hint=str(problem.strerror)) from None
    return [path]


def node_link(graph: Graph) -> dict[str, Any]:
    """Return a graph as JSON-able data that ``networkx.node_link_graph(…, edges="edges")`` reads.

    Examples
    --------
    >>> node_link(nx.MultiDiGraph([("a", "b")]))["edges"]
    [{'source': 'a', 'target': 'b', 'key': 0}]
    """
    return {
        "directed": True,
        "multigraph": True,
        "graph": dict(graph.graph),
        "nodes": [{"id": node, **said} for node, said in graph.nodes(data=True)],
        "edges": [
            {"source": left, "target": right, "key": key, **said}
            for left, right, key, said in graph.edges(keys=True, data=True)
        ],
    }


def _for_xml(graph: Graph) -> Graph:
    """Return a copy without the characters that XML cannot hold."""
    copy = nx.relabel_nodes(graph, {node: _clean(node) for node in graph}, copy=True)
    for *_, said in (*copy.nodes(data=True), *copy.edges(data=True)):
        said |= {name: _clean(value) if isinstance(value, str) else value for name, value in said.items()}
    return copy


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)


def _write_tables(graph: Graph, path: Path) -> list[Path]:
    nodes = [{":ID": node, ":LABEL": said["kind"].title(), **said} for node, said in graph.nodes(data=True)]
    edges = [
        {":START_ID": left, ":END_ID": right, ":TYPE": said["kind"].upper(), **said}
        for left, right, said in graph.edges(data=True)
    ]
    files = []
    for name, rows, first in (
        ("nodes", nodes, (":ID", ":LABEL")),
        ("edges", edges, (":START_ID", ":END_ID", ":TYPE")),
    ):
        files.append(path.with_name(f"{path.stem}_{name}.csv"))
        csv.write_csv(harmless(_table(rows, first)), files[-1])
    return files


def _table(rows: Iterable[Mapping[str, Any]], first: tuple[str, ...]) -> pa.Table:
    rows = list(rows)
    names = dict.fromkeys([*first, *(name for row in rows for name in row if name != "kind")])
    columns: dict[str, pa.Array] = {}
    for name in names:
        values = [row.get(name) for row in rows]
        whole = bool(rows) and all(isinstance(value, int | None) for value in values)
        columns[f"{name}:int" if whole else name] = pa.array(values, pa.int64() if whole else pa.string())
    return pa.table(columns)

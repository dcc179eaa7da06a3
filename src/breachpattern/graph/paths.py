"""Paths: how two people of a graph are connected, in words, and who stands between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import networkx as nx
import pandas as pd

from breachpattern.errors import UsageError
from breachpattern.graph.drawing import Graph
from breachpattern.graph.hops import ACT, Hop, hops, name, users

Hops = dict[tuple[str, str], list[Hop]]


def paths_in_words(graph: Graph, a: str, b: str, at_most: int = 5) -> list[str]:
    """Return how one person is connected with another, in sentences, the shortest ways first.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        As :func:`neighbourhood` gives it.
    a, b : str
        References of two people in the graph.
    at_most : int, default 5

    Raises
    ------
    UsageError
        Where the graph does not hold one of them.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> from breachpattern.law import Catalogue
    >>> from breachpattern.timelines import build
    >>> from breachpattern.graph import GraphIndex, neighbourhood
    >>> extract = read_extract(
    ...     [{"incident_id": "I1", "occurred_from": "2025-03-03", "suspect_id": "P2", "victim_id": "V1",
    ...       "channel": "phone"}],
    ...     associations=[{"person_id": "P1", "other_id": "P2", "tie": "household", "since": "2021-05-01"}],
    ... )
    >>> graph = neighbourhood(GraphIndex.of(build(extract, Catalogue.load()), extract), "P1", radius=2)
    >>> paths_in_words(graph, "P1", "V1")
    ['P2, household of P1 since 1 May 2021, phoned V1 on 3 March 2025 (I1).']
    """
    known = hops(graph)
    ends = _person(graph, a), _person(graph, b)
    return [_sentence(graph, known, path) for path in _paths(known, *ends, at_most)]


def third_parties(graph: Graph, suspect: str, victim: str, at_most: int = 20) -> pd.DataFrame:
    """Return the people through whom a suspect and a victim are connected, with the path in words.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
    suspect, victim : str
        References of two people in the graph.
    at_most : int, default 20

    Returns
    -------
    pandas.DataFrame
        ``person_ids`` (those between, joined with ``;``), ``steps`` and ``path``; the shortest first. Who is
        connected has done nothing by that: a path is where to look.

    Raises
    ------
    UsageError
        Where the graph does not hold one of them.
    """
    known = hops(graph)
    ends = _person(graph, suspect), _person(graph, victim)
    indirect = {pair: several for pair, several in known.items() if set(pair) != set(ends)}
    paths = _paths(indirect, *ends, at_most)
    return pd.DataFrame(
        {
            "person_ids": pd.Series(
                [";".join(name(graph, node) for node in path[1:-1]) for path in paths], dtype="str"
            ),
            "steps": pd.Series([len(path) - 1 for path in paths], dtype="int64"),
            "path": pd.Series([_sentence(graph, known, path) for path in paths], dtype="str"),
        }
    )


def bridges(graph: Graph) -> pd.DataFrame:
    """Return the people without whom the graph would fall apart: who bridges otherwise separate parts.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        The person at the centre of a neighbourhood is often one of them, because it was drawn around them.

    Returns
    -------
    pandas.DataFrame
        ``person_id, parts, people_apart``: how many parts with people in them there would be, and how many
        people would stand outside the largest. Places hold nobody together.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> from breachpattern.law import Catalogue
    >>> from breachpattern.timelines import build
    >>> from breachpattern.graph import GraphIndex, neighbourhood
    >>> rows = [{"incident_id": f"I{v}", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": v}
    ...         for v in ("V1", "V2", "V3")]
    >>> extract = read_extract(rows)
    >>> index = GraphIndex.of(build(extract, Catalogue.load()), extract)
    >>> bridges(neighbourhood(index, "V1", radius=2)).values.tolist()
    [['P1', 3, 2]]
    """
    whole = nx.Graph(graph.to_undirected())
    whole.remove_nodes_from([node for node, kind in graph.nodes(data="kind") if kind == "place"])
    rows = []
    for person in sorted(nx.articulation_points(whole)):
        if graph.nodes[person]["kind"] != "person":
            continue
        group = nx.node_connected_component(whole, person) - {person}
        parts = nx.connected_components(whole.subgraph(group))
        people = sorted(sum(graph.nodes[node]["kind"] == "person" for node in part) for part in parts)
        counted = [count for count in people if count]
        if len(counted) > 1:
            rows.append((name(graph, person), len(counted), sum(counted[:-1])))
    frame = pd.DataFrame(rows, columns=["person_id", "parts", "people_apart"])
    return frame.sort_values(["people_apart", "parts", "person_id"], ascending=[False, False, True], ignore_index=True)


def _person(graph: Graph, reference: str) -> str:
    key = f"person:{reference}"
    if key not in graph:
        raise UsageError(
            f"The graph does not hold the person {reference!r}.",
            hint="Draw it with a larger radius, or around that person.",
        )
    return key


def _paths(known: Hops, start: str, end: str, at_most: int) -> list[list[str]]:
    people = nx.Graph(list(known))
    if start == end or start not in people or end not in people or not nx.has_path(people, start, end):
        return []
    return list(islice(nx.shortest_simple_paths(people, start, end), at_most))


def _sentence(graph: Graph, known: Hops, path: Sequence[str]) -> str:
    """Return a path told from its last person but one: who they are to the one before, and what they did."""
    *before, last, end = path
    did = _deed(known[last, end])
    more = sum(hop.kind == ACT for hop in known[last, end]) - 1 if did.kind == ACT else 0
    clause = did.clause + _with_what(graph, did, before) + (f", and on {more} more records" if more > 1 else "")
    clause += ", and on 1 more record" if more == 1 else ""
    if not before:
        return f"{name(graph, last)} {clause}."
    sentence = f"{name(graph, last)}, {known[last, before[-1]][0].aside}"
    for nearer, farther in zip(before[:0:-1], before[-2::-1], strict=True):
        sentence += f" ({name(graph, nearer)}: {known[nearer, farther][0].aside})"
    return f"{sentence}, {clause}."


def _deed(several: Sequence[Hop]) -> Hop:
    """Return what says most about a last step: an act towards the person, else whatever connects."""
    return next((hop for hop in several if hop.kind == ACT), several[0])


def _with_what(graph: Graph, did: Hop, before: Sequence[str]) -> str:
    """Say with which object an act was done, where somebody earlier on the path has it or used it."""
    if did.kind != ACT:
        return ""
    for _, thing, kind in graph.out_edges(did.node, data="kind"):
        if kind == "used":
            whose = users(graph, thing)
            for person in before:
                if person in whose:
                    return f" with the {name(graph, thing)} that {name(graph, person)} {whose[person]}"
    return ""

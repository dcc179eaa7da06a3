"""Hops: what connects two people of a graph directly, as a phrase. The words of the record, not proof of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from breachpattern.graph.drawing import Graph

HAS = ("has_phone", "has_account", "drives")
_TIES = {
    "co_suspect": "on file as co-suspect of",
    "household": "household of",
    "other": "tied to",
}
# What a suspect did to a victim, and what it was to the victim, by the channel of the record.
_ACTS = {
    "phone": ("phoned {}", "phoned by {}"),
    "text": ("texted {}", "texted by {}"),
    "email": ("emailed {}", "emailed by {}"),
    "social_media": ("messaged {}", "messaged by {}"),
    "post": ("wrote to {}", "written to by {}"),
    "third_party": ("reached {} through others", "reached through others by {}"),
}
_OTHER_ACT = ("acted towards {}", "victim of {}")
TIE, THING, TOGETHER, ACT, ACTED_ON, ORDER = range(6)


@dataclass(frozen=True, order=True)
class Hop:
    """What one person is to another: ``aside`` stands between commas, ``clause`` is a predicate.

    Hops of one kind sort with the latest first.
    """

    kind: int
    age: int
    aside: str
    clause: str
    node: str


def hops(graph: Graph) -> dict[tuple[str, str], list[Hop]]:
    """Return what connects every two people of a graph, from the side of the first.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        As :func:`breachpattern.graph.neighbourhood` gives it.
    """
    found: dict[tuple[str, str], list[Hop]] = defaultdict(list)
    for left, right, hop in (*_ties(graph), *_incidents(graph), *_orders(graph), *_things(graph)):
        found[left, right].append(hop)
    return {pair: sorted(several) for pair, several in sorted(found.items())}


def day(text: str) -> str:
    """Return an ISO date in plain words.

    Examples
    --------
    >>> day("2025-03-03T10:00:00+00:00")
    '3 March 2025'
    """
    when = date.fromisoformat(text[:10])
    return f"{when.day} {when:%B %Y}"


def users(graph: Graph, thing: str) -> dict[str, str]:
    """Return how each person came to have an object: ``has``, or ``used on`` a day (record)."""
    out: dict[str, str] = {}
    for source, _, edge in graph.in_edges(thing, data=True):
        if edge["kind"] in HAS:
            out[source] = "has"
        elif edge["kind"] == "used":
            people = _on(graph, source)
            for person in people["suspect_of"] or people["victim_of"]:
                out.setdefault(
                    person, f"{'used' if people['suspect_of'] else 'was reached from'} {_when(graph, source)}"
                )
    return dict(sorted(out.items()))


def name(graph: Graph, node: str) -> str:
    """Return the label of a node."""
    return str(graph.nodes[node]["label"])


def _of_kind(graph: Graph, kind: str) -> list[str]:
    return sorted(node for node, said in graph.nodes(data="kind") if said == kind)


def _on(graph: Graph, node: str) -> dict[str, list[str]]:
    """Return who is on an incident or an order, by how."""
    out: dict[str, list[str]] = defaultdict(list)
    for person, _, kind in graph.in_edges(node, data="kind"):
        out[kind].append(person)
    return defaultdict(list, {kind: sorted(set(people)) for kind, people in out.items()})


def _when(graph: Graph, incident: str) -> str:
    return f"on {day(graph.nodes[incident]['time'])} ({name(graph, incident)})"


def _age(graph: Graph, incident: str) -> int:
    return -date.fromisoformat(graph.nodes[incident]["time"][:10]).toordinal()


def _ties(graph: Graph) -> Iterator[tuple[str, str, Hop]]:
    for left, right, edge in graph.edges(data=True):
        if edge["kind"] != "associated_with":
            continue
        words = _TIES.get(edge["tie"], f"{edge['tie']} of")
        since = f" since {day(edge['since'])}" if "since" in edge else ""
        until = f" until {day(edge['until'])}" if "until" in edge else ""
        for one, other in ((left, right), (right, left)):
            said = f"{words} {name(graph, other)}{since}{until}"
            yield one, other, Hop(TIE, 0, said, f"is {said}", "")


def _incidents(graph: Graph) -> Iterator[tuple[str, str, Hop]]:
    for incident in _of_kind(graph, "incident"):
        people, when, age = _on(graph, incident), _when(graph, incident), _age(graph, incident)
        active, passive = _ACTS.get(graph.nodes[incident].get("channel", ""), _OTHER_ACT)
        for suspect in people["suspect_of"]:
            for victim in people["victim_of"]:
                did = f"{active.format(name(graph, victim))} {when}"
                was = f"{passive.format(name(graph, suspect))} {when}"
                yield suspect, victim, Hop(ACT, age, f"who {did}", did, incident)
                yield victim, suspect, Hop(ACTED_ON, age, was, f"was {was}", incident)
        for role in ("suspect", "victim"):
            for pair in combinations(people[f"{role}_of"], 2):
                for one, other in (pair, pair[::-1]):
                    said = f"{role} together with {name(graph, other)} {when}"
                    yield one, other, Hop(TOGETHER, age, said, f"was {said}", incident)


def _orders(graph: Graph) -> Iterator[tuple[str, str, Hop]]:
    for order in _of_kind(graph, "order"):
        people, label = _on(graph, order), name(graph, order)
        for bound in people["respondent_of"]:
            for safe in people["protected_by"]:
                binds = f"bound by order {label} towards {name(graph, safe)}"
                saves = f"protected from {name(graph, bound)} by order {label}"
                yield bound, safe, Hop(ORDER, 0, binds, f"is {binds}", order)
                yield safe, bound, Hop(ORDER, 0, saves, f"is {saves}", order)
        for pair in combinations(people["protected_by"], 2):
            for one, other in (pair, pair[::-1]):
                said = f"protected together with {name(graph, other)} by order {label}"
                yield one, other, Hop(ORDER, 0, said, f"is {said}", order)


def _things(graph: Graph) -> Iterator[tuple[str, str, Hop]]:
    for thing in _of_kind(graph, "object"):
        label = name(graph, thing)
        for (one, mine), (other, theirs) in combinations(users(graph, thing).items(), 2):
            for left, right, how in ((one, other, theirs), (other, one, mine)):
                said = f"the {label}, which {name(graph, right)} {how}"
                yield left, right, Hop(THING, 0, f"sharing {said}", f"shares {said}", thing)

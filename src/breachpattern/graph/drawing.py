"""Drawing: what lies in reach becomes a networkx graph, in the words of POLE (people, objects, locations, events).

Node keys say what kind of thing they are (``person:P-1``, ``incident:I-1``, ``order:O-1``); objects and places
have running numbers, because their spelling would give them away. What is not known is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa

from breachpattern.graph.index import HOLDS, GraphIndex
from breachpattern.graph.objects import KINDS
from breachpattern.graph.places import Places, places_of
from breachpattern.graph.reach import Reach, known_rows
from breachpattern.graph.then import lives_and_breaches
from breachpattern.linking.columns import Codes, Ints
from breachpattern.linking.orders import Orders
from breachpattern.patterns.wording import iso_times
from breachpattern.spans import FOREVER, london_wall_clock
from breachpattern.vocabulary import BEHAVIOURS, BREACH_STATUSES, CHANNELS, INCIDENT_KINDS, ORDER_STATES

Graph = Any
Keys = dict[int, str]
Facts = Mapping[str, Sequence[Any]]
_HOW = tuple(how for _, how in HOLDS.values())


def drawn(index: GraphIndex, found: Reach, as_of: int, addresses: bool, clear: bool) -> Graph:
    """Return the graph of what was found: every node, and every edge that has both ends inside.

    Parameters
    ----------
    index : GraphIndex
    found : Reach
    as_of : int
        The last second, in seconds UTC, of which anything may be known.
    addresses, clear : bool
        Whether postcodes and objects are shown in full.
    """
    names, graph = index.timelines.columns.names, nx.MultiDiGraph()
    rows = known_rows(index, found.incidents, as_of)
    lives, breaches = lives_and_breaches(index, rows, found.orders, as_of)
    places = places_of(index.timelines.columns, rows, addresses)
    person = _keys("person", names.persons, found.persons)
    incident = _keys("incident", names.incidents, found.incidents)
    order = _keys("order", names.orders, found.orders)
    thing = {code: f"object:{n}" for n, code in enumerate(found.objects.tolist(), 1)}
    records = index.incidents.count_of(found.persons, as_of).tolist()
    _nodes(graph, "person", person, [_bare(key) for key in person.values()], {"records": records})
    _nodes(graph, "incident", incident, [_bare(key) for key in incident.values()], _incident_facts(index, rows))
    _nodes(graph, "order", order, [_bare(key) for key in order.values()], _order_facts(index, lives, found.orders))
    labels = [index.things.label(code, clear) for code in thing]
    _nodes(graph, "object", thing, labels, {"object_kind": [KINDS[k] for k in index.things.kind[found.objects]]})
    place = {code: f"place:{code + 1}" for code in range(len(places.labels))}
    facts = {"role": places.roles} | ({"postcode": places.postcodes} if addresses else {})
    _nodes(graph, "place", place, places.labels, facts)
    _incident_edges(graph, index, rows, person, incident, thing)
    _place_edges(graph, index, rows, places, incident, place)
    _order_edges(graph, index, person, order, as_of)
    _breach_edges(graph, index, breaches, incident, order)
    _tie_edges(graph, index, found.ties, person, as_of)
    _holding_edges(graph, index, person, thing)
    return graph


def _keys(kind: str, texts: pa.Array, codes: Ints) -> Keys:
    names = texts.take(pa.array(codes)).to_pylist()
    return {code: f"{kind}:{name}" for code, name in zip(codes.tolist(), names, strict=True)}


def _bare(key: str) -> str:
    return key.split(":", 1)[1]


def _nodes(graph: Graph, kind: str, keys: Keys, labels: Sequence[str], facts: Facts) -> None:
    for key, label, *values in zip(keys.values(), labels, *facts.values(), strict=True):
        graph.add_node(key, kind=kind, label=label, **_said(facts, values))


def _edges(
    graph: Graph,
    kind: str,
    table: str,
    ends: tuple[Ints | Codes, Ints | Codes],
    keys: tuple[Keys, Keys],
    facts: Facts,
) -> None:
    """Add edges between codes; where an end is not in the graph there is none."""
    for left, right, *values in zip(ends[0].tolist(), ends[1].tolist(), *facts.values(), strict=True):
        if left in keys[0] and right in keys[1]:
            graph.add_edge(keys[0][left], keys[1][right], kind=kind, table=table, **_said(facts, values))


def _said(facts: Facts, values: Sequence[Any]) -> dict[str, Any]:
    return {name: value for name, value in zip(facts, values, strict=True) if value is not None and value != ""}


def _incident_facts(index: GraphIndex, rows: Ints) -> Facts:
    """Return what each incident is, in the order of their codes: of its first row, behaviours of all."""
    columns = index.timelines.columns
    rows = rows[np.argsort(columns.incident[rows], kind="stable")]
    incident = columns.incident[rows]
    heads = np.flatnonzero(np.append(True, incident[1:] != incident[:-1])[: len(rows)])
    first = rows[heads]
    behaviours = np.bitwise_or.reduceat(columns.behaviours[rows], heads) if len(heads) else heads
    offences = [*index.timelines.catalogue.offence_ids, ""]
    start, end = columns.start[first], columns.end[first]
    return {
        "record_kind": _words(INCIDENT_KINDS.values, columns.kind[first]),
        "offence": [offences[o] for o in columns.offence[first].tolist()],
        "behaviours": [";".join(BEHAVIOURS.codes(mask)) for mask in behaviours.tolist()],
        "channel": _words(CHANNELS.values, columns.channel[first]),
        "time": iso_times(start).to_pylist(),
        "until": iso_times(np.where(end > start + 1, end - 1, FOREVER)).to_pylist(),
    }


def _order_facts(index: GraphIndex, lives: Orders, orders: Ints) -> Facts:
    """Return the kind and the life of each order: from its first version to the last day of its last."""
    mine = np.flatnonzero(np.isin(lives.order, orders))
    mine = mine[np.lexsort((lives.version[mine], lives.order[mine]))]
    order = lives.order[mine]
    first = np.searchsorted(order, orders, side="left")
    last = np.searchsorted(order, orders, side="right") - 1
    on_file = last >= first
    head, tail = mine[np.where(on_file, first, 0)], mine[np.where(on_file, last, 0)]
    kinds = index.timelines.catalogue.order_kind_ids
    return {
        "order_kind": [kinds[k] for k in lives.kind[head].tolist()],
        "made": london_days_text(lives.made[head]),
        "served": london_days_text(lives.served[head]),
        "starts": london_days_text(lives.start_lo[head]),
        "ends": london_days_text(lives.end_hi[tail] - 1),
        "versions": (last - first + 1).tolist(),
    }


def _incident_edges(graph: Graph, index: GraphIndex, rows: Ints, person: Keys, incident: Keys, thing: Keys) -> None:
    """Add who did what to whom, and with what; rows that say the same say it once."""
    columns = index.timelines.columns
    thing_of_row = index.object_of_row[rows]
    for kind, ends, keys in (
        ("suspect_of", (columns.suspect[rows], columns.incident[rows]), (person, incident)),
        ("victim_of", (columns.victim[rows], columns.incident[rows]), (person, incident)),
        ("used", (columns.incident[rows], thing_of_row), (incident, thing)),
    ):
        once = _once(*ends)
        _edges(graph, kind, "incidents", (ends[0][once], ends[1][once]), keys, _row_facts(index, rows[once]))


def _row_facts(index: GraphIndex, rows: Ints) -> Facts:
    columns = index.timelines.columns
    return {
        "time": iso_times(columns.start[rows]).to_pylist(),
        "record": columns.names.incidents.take(pa.array(columns.incident[rows])).to_pylist(),
        "row": columns.row[rows].tolist(),
    }


def _place_edges(graph: Graph, index: GraphIndex, rows: Ints, places: Places, incident: Keys, place: Keys) -> None:
    ends = index.timelines.columns.incident[rows].astype(np.int64), places.of_row
    once = _once(*ends)
    _edges(
        graph, "at", "incidents", (ends[0][once], ends[1][once]), (incident, place), _row_facts(index, rows[once])
    )  # fmt: skip


def _order_edges(graph: Graph, index: GraphIndex, person: Keys, order: Keys, as_of: int) -> None:
    on = index.order_rows
    mine = np.flatnonzero(np.isin(on.order, list(order)) & (on.known <= as_of))
    made = london_days_text(on.made[mine])
    for kind, people in (("respondent_of", on.respondent), ("protected_by", on.protected)):
        once = _once(people[mine], on.order[mine])
        rows = mine[once]
        facts: Facts = {
            "time": [made[i] for i in once.tolist()],
            "record": index.timelines.columns.names.orders.take(pa.array(on.order[rows])).to_pylist(),
            "row": on.row[rows].tolist(),
        }
        _edges(graph, kind, "orders", (people[rows], on.order[rows]), (person, order), facts)


def _breach_edges(graph: Graph, index: GraphIndex, breaches: pd.DataFrame, incident: Keys, order: Keys) -> None:
    """Add which incident breaches which order; a breach that no order on file fits is said on the incident."""
    ends = breaches["incident"].to_numpy(), breaches["order"].to_numpy()
    status = breaches["status"].to_numpy()
    for code in np.unique(ends[0][ends[1] < 0]).tolist():
        graph.nodes[incident[code]]["breach"] = "recorded_no_order"
    once = _once(*ends)
    names = index.timelines.columns.names
    facts: Facts = {
        "time": iso_times(breaches["start"].to_numpy()[once]).to_pylist(),
        "record": names.incidents.take(pa.array(ends[0][once])).to_pylist(),
        "status": _words(BREACH_STATUSES.values, status[once]),
        "order_state": _words(ORDER_STATES.values, breaches["state"].to_numpy()[once]),
        "row": index.timelines.columns.row[breaches["row"].to_numpy()[once]].tolist(),
    }
    _edges(graph, "breaches", "incidents", (ends[0][once], ends[1][once]), (incident, order), facts)


def _tie_edges(graph: Graph, index: GraphIndex, chosen: Ints, person: Keys, as_of: int) -> None:
    ties = index.ties
    until = np.where(ties.until[chosen] <= as_of, ties.until[chosen] - 1, FOREVER)
    facts: Facts = {
        "tie": ties.tie.take(pa.array(chosen)).to_pylist(),
        "since": london_days_text(ties.since[chosen]),
        "until": london_days_text(until),
        "row": ties.row[chosen].tolist(),
    }
    ends = ties.person[chosen], ties.other[chosen]
    _edges(graph, "associated_with", "associations", ends, (person, person), facts)


def _holding_edges(graph: Graph, index: GraphIndex, person: Keys, thing: Keys) -> None:
    held = index.holdings
    mine = np.sort(held.by_person.take(np.array(list(person), dtype=np.int64)).values)
    for number, how in enumerate(_HOW):
        these = mine[held.how[mine] == number]
        these = these[_once(held.person[these], held.object[these])]
        ends = held.person[these], held.object[these]
        _edges(graph, how, "persons", ends, (person, thing), {"row": held.row[these].tolist()})


def _once(left: Any, right: Any) -> Ints:
    """Return the positions of the first of each pair, ascending."""
    if len(left) == 0:
        return np.empty(0, np.int64)
    pairs = np.stack([left, right], axis=1)
    return np.sort(np.unique(pairs, axis=0, return_index=True)[1]).astype(np.int64)


def _words(words: Sequence[str], codes: Any) -> list[str | None]:
    said = [*words, None]
    return [said[code] for code in codes.tolist()]


def london_days_text(seconds: Ints) -> list[str | None]:
    """Return the London day of each second as ISO 8601 text; ``None`` far from any date.

    Examples
    --------
    >>> london_days_text(np.array([1751576400, FOREVER]))
    ['2025-07-03', None]
    """
    known = np.abs(seconds) < 1 << 40
    if len(seconds) == 0:
        return []
    days = np.datetime_as_string(london_wall_clock(np.where(known, seconds, 0)).astype("M8[s]").astype("M8[D]"))
    return [str(day) if there else None for day, there in zip(days.tolist(), known.tolist(), strict=True)]

"""Who acts towards whom: one suspect and one victim, connected victims, suspects who act together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import networkx as nx

from .occasions import Dyad
from .orders import WholeOrder
from .reading import Record

DYAD, GROUP, JOINT = "dyad", "group", "joint"
MOST_PEOPLE = 6  # a record that more people share ties nobody


@dataclass(frozen=True)
class Tie:
    """A tie that records suggest: its kind, since when it was seen."""

    kind: str
    since: int


Ties = dict[frozenset[str], list[Tie]]


@dataclass(eq=False)
class Unit:
    """A set of dyads that belong together; ``part`` says which of them stood closer together already."""

    kind: str
    dyads: list[Dyad]
    part: dict[Dyad, Dyad]
    highest: str = "clear"
    together: bool = True
    suspect: str | None = None
    on_file: bool = True


def find_ties(records: Sequence[Record], orders: Iterable[WholeOrder]) -> Ties:
    """Return the ties that records and orders suggest, each from its first sight on."""
    ties: Ties = defaultdict(list)
    seen = sorted((r for r in records if not r.cancelled), key=lambda r: (r.known, r.start, r.incident))
    turn = {record: place for place, record in enumerate(seen)}
    by_incident: dict[str, list[Record]] = defaultdict(list)
    for record in seen:
        by_incident[record.incident].append(record)
    for pair, record in _first_together(by_incident.values(), "suspect", turn).items():
        ties[pair].append(Tie("suspects_together", record.known))
    for pair, record in _victims_together(records, by_incident, turn).items():
        ties[pair].append(Tie("victims_together", record.known))
    protected: dict[frozenset[str], int] = {}
    for whole in orders:
        for v in whole.versions:
            for two in combinations(sorted(v.protected), 2):
                pair = frozenset(two)
                protected[pair] = min(protected.get(pair, v.begins[0]), v.begins[0])
    for pair, since in protected.items():
        ties[pair].append(Tie("protected_together", since))
    return dict(ties)


def _met(rows: Sequence[Record], side: str, turn: dict[Record, int]) -> dict[frozenset[str], Record]:
    """Return the pairs of people on one side of some rows, and the later row of each pair's first meeting."""
    first: dict[str, Record] = {}
    for record in sorted(rows, key=turn.__getitem__):
        person = getattr(record, side)
        if person is not None:
            first.setdefault(person, record)
    if len(first) > MOST_PEOPLE:
        return {}
    return {frozenset({a, b}): max(first[a], first[b], key=turn.__getitem__) for a, b in combinations(first, 2)}


def _first_together(
    groups: Iterable[Sequence[Record]], side: str, turn: dict[Record, int]
) -> dict[frozenset[str], Record]:
    out: dict[frozenset[str], Record] = {}
    for rows in groups:
        for pair, record in _met(rows, side, turn).items():
            if pair not in out or turn[record] < turn[out[pair]]:
                out[pair] = record
    return out


def _victims_together(
    records: Sequence[Record], by_incident: dict[str, list[Record]], turn: dict[Record, int]
) -> dict[frozenset[str], Record]:
    """Return victims of the same records, from the first record on that leaves no one suspect on all of them."""
    begun: dict[str, int] = {}
    everything = sorted(records, key=lambda r: (r.known, r.start, r.incident))
    for place, record in enumerate(everything):
        begun.setdefault(record.incident, place)
    met: dict[frozenset[str], dict[str, dict[str, Record]]] = defaultdict(lambda: defaultdict(dict))
    for incident, rows in by_incident.items():
        suspects = {r.suspect for r in rows if r.suspect is not None}
        for suspect in suspects:
            for pair, record in _met([r for r in rows if r.suspect == suspect], "victim", turn).items():
                met[pair][incident][suspect] = record
    out = {}
    for pair, incidents in met.items():
        on_all: set[str] | None = None
        for incident in sorted(incidents, key=begun.__getitem__):
            there = incidents[incident]
            on_all = set(there) if on_all is None else on_all & set(there)
            if not on_all:
                out[pair] = min(there.values(), key=turn.__getitem__)
                break
    return out


def dyad_units(dyads: dict[Dyad, list[Record]]) -> list[Unit]:
    """Return one unit for each suspect and victim."""
    return [Unit(DYAD, [dyad], {dyad: dyad}, suspect=dyad[0]) for dyad in dyads]


def group_units(dyads: dict[Dyad, list[Record]], ties: Ties) -> list[Unit]:
    """Return one unit for each suspect and set of connected victims: at most arguable."""
    between = ("victims_together", "protected_together")
    bonds = [
        (one, other)
        for one, other in _tied_dyads(dyads, ties, between, side=1)
        if one[0] == other[0]
    ]  # fmt: skip
    units = _widened(GROUP, list(dyads), [("arguable", bonds)])
    filed = {dyad for pair in _tied_dyads(dyads, ties, ("protected_together",), side=1) for dyad in pair}
    for unit in units:
        unit.on_file = not filed.isdisjoint(unit.dyads)
    return units


def joint_units(dyads: dict[Dyad, list[Record]], ties: Ties) -> list[Unit]:
    """Return one unit for each victim and set of suspects who act together, and the wider sets that ties make."""
    tied = [
        (one, other)
        for one, other in _tied_dyads(dyads, ties, ("suspects_together",), side=0)
        if one[1] == other[1]
    ]  # fmt: skip
    on_record: dict[tuple[str, str], set[Dyad]] = defaultdict(set)
    through = set()
    for dyad, rows in dyads.items():
        for record in rows:
            on_record[record.incident, dyad[1]].add(dyad)
            if "third_party_contact" in record.done:
                through.add(dyad)
    acted = [pair for same in on_record.values() for pair in combinations(sorted(same), 2)]
    acted += [(one, other) for one, other in tied if one in through or other in through]
    return _widened(JOINT, list(dyads), [("clear", acted), ("weak", tied)])


def _tied_dyads(
    dyads: dict[Dyad, list[Record]], ties: Ties, kinds: Sequence[str], side: int
) -> list[tuple[Dyad, Dyad]]:
    """Return pairs of dyads whose people on one side are tied, and that have the other side in common."""
    of_person = defaultdict(list)
    for dyad in dyads:
        of_person[dyad[side]].append(dyad)
    out = []
    for pair, found in ties.items():
        if any(tie.kind in kinds for tie in found):
            a, b = sorted(pair)
            out += [(x, y) for x in of_person[a] for y in of_person[b] if x[1 - side] == y[1 - side]]
    return out


def _widened(kind: str, dyads: list[Dyad], steps: list[tuple[str, list[tuple[Dyad, Dyad]]]]) -> list[Unit]:
    """Join dyads into larger units step by step; what an earlier step knew already is not told again."""
    graph = nx.Graph()
    graph.add_nodes_from(dyads)
    label = {dyad: dyad for dyad in dyads}
    out = []
    for highest, bonds in steps:
        closer = label
        graph.add_edges_from(bonds)
        label = {dyad: min(part) for part in nx.connected_components(graph) for dyad in part}
        members = defaultdict(list)
        for dyad in dyads:
            members[label[dyad]].append(dyad)
        for head in sorted(members):
            part = {dyad: closer[dyad] for dyad in members[head]}
            if len(set(part.values())) >= 2:
                suspect = head[0] if kind == GROUP else None
                together = kind == JOINT and highest == "clear"
                out.append(Unit(kind, members[head], part, highest, together, suspect, on_file=False))
    return out

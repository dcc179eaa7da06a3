"""Who acts towards whom: one suspect and one victim, connected victims, suspects who act together."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import combinations, permutations
from typing import Any

import networkx as nx

from .occasions import Dyad
from .orders import WholeOrder
from .reading import Record

DYAD, GROUP, JOINT = "dyad", "group", "joint"
BETWEEN_VICTIMS = ("victims_together", "protected_together")
BETWEEN_SUSPECTS = ("suspects_together", "same_means")


@cache
def tie_data() -> dict[str, Any]:
    """Return the weights of ties and the rule by which they add up, which are data."""
    return tomllib.loads(files("breachpattern.linking").joinpath("ties.toml").read_text("utf-8"))


@cache
def tie_weights() -> dict[str, float]:
    return {entry["id"]: entry["weight"] for entry in tie_data()["tie"]}


@cache
def most_people() -> int:
    """Return how many people a record or an object may tie: what more of them share ties nobody."""
    return int(tie_data()["rule"]["most_people"])


@dataclass(frozen=True)
class Tie:
    """A tie that records suggest: its kind, since when it was seen, and how many people share what makes it."""

    kind: str
    since: int
    people: int = 2

    @property
    def weight(self) -> float:
        """How much it says: less the more people share what makes it."""
        return tie_weights()[self.kind] / float((self.people - 1) ** tie_data()["rule"]["crowd"])


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
    same_means: bool = False


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
    for used in users(seen).values():
        if len(used) <= most_people():
            for one, other in combinations(used, 2):
                ties[frozenset({one, other})].append(Tie("same_means", max(used[one], used[other]), len(used)))
    return dict(ties)


def users(records: Iterable[Record]) -> dict[str, dict[str, int]]:
    """Return by number, account, house or vehicle which known suspects used it, and since when each is known to."""
    out: dict[str, dict[str, int]] = defaultdict(dict)
    for r in records:
        if r.means is not None and r.suspect is not None and not r.cancelled:
            used = out[r.means]
            used[r.suspect] = min(used.get(r.suspect, r.known), r.known)
    return dict(out)


def _met(rows: Sequence[Record], side: str, turn: dict[Record, int]) -> dict[frozenset[str], Record]:
    """Return the pairs of people on one side of some rows, and the later row of each pair's first meeting."""
    first: dict[str, Record] = {}
    for record in sorted(rows, key=turn.__getitem__):
        person = getattr(record, side)
        if person is not None:
            first.setdefault(person, record)
    if len(first) > most_people():
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
    units = _widened(GROUP, list(dyads), [("arguable", _tied_dyads(dyads, ties, BETWEEN_VICTIMS, side=1))])
    filed = {dyad for pair in _tied_dyads(dyads, ties, ("protected_together",), side=1) for dyad in pair}
    for unit in units:
        unit.on_file = not filed.isdisjoint(unit.dyads)
    return units


def joint_units(dyads: dict[Dyad, list[Record]], ties: Ties) -> list[Unit]:
    """Return one unit for each victim and set of suspects who act together, and the wider sets that ties make.

    Who acts together may be shown clearly, who used one number, account, house or vehicle arguably, who is tied weakly.
    """
    tied = _tied_dyads(dyads, ties, BETWEEN_SUSPECTS, side=0)
    sharing = _tied_dyads(dyads, ties, ("same_means",), side=0)
    on_record: dict[tuple[str, str], set[Dyad]] = defaultdict(set)
    through = set()
    for dyad, rows in dyads.items():
        for record in rows:
            on_record[record.incident, dyad[1]].add(dyad)
            if "third_party_contact" in record.done:
                through.add(dyad)
    acted = [pair for same in on_record.values() for pair in combinations(sorted(same), 2)]
    acted += [(one, other) for one, other in tied if one in through or other in through]
    units = _widened(JOINT, list(dyads), [("clear", acted), ("arguable", sharing), ("weak", tied)])
    shared: dict[Dyad, set[Dyad]] = defaultdict(set)
    for one, other in sharing:
        shared[one].add(other)
    for unit in units:
        there = set(unit.dyads)
        unit.same_means = any(shared[dyad] & there for dyad in unit.dyads if dyad in shared)
    return units


def _tied_dyads(
    dyads: dict[Dyad, list[Record]], ties: Ties, kinds: Sequence[str], side: int
) -> list[tuple[Dyad, Dyad]]:
    """Return pairs of dyads, both ways, whose people on one side are tied and that have the other side in common."""
    of_person = defaultdict(list)
    for dyad in dyads:
        of_person[dyad[side]].append(dyad)
    out = []
    for pair, found in ties.items():
        if any(tie.kind in kinds for tie in found):
            for a, b in permutations(sorted(pair)):
                beside = [(dyad, (b, dyad[1]) if side == 0 else (dyad[0], b)) for dyad in of_person.get(a, ())]
                out += [(one, other) for one, other in beside if other in dyads]
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

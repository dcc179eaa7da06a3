"""Occasions: one event in the victim's life, however many records it left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from .breaches import DUTIES, UNRECORDED, Breach
from .clock import DAY, FOREVER, NEVER, NO, POSSIBLE, RANK, YEAR, YES, day_of
from .orders import WholeOrder
from .reading import Record

SHARP, LONG = 23 * 3600, 25 * 3600 + 1
SAME_OCCURRENCE, ARREST = 12 * 3600, 7 * DAY
Dyad = tuple[str, str]


@dataclass
class Facts:
    """What is known of each record beyond its own words."""

    order_state: dict[Record, str]
    order_made: dict[Record, int]
    warned_at: dict[Dyad, int]
    reconciled: dict[frozenset[str], list[int]]

    def reconciled_at(self, record: Record) -> int:
        """Return when the two people of a record had last come together again by then."""
        if record.suspect is None or record.victim is None:
            return NEVER
        told = self.reconciled.get(frozenset({record.suspect, record.victim}), ())
        return max((moment for moment in told if moment <= record.start), default=NEVER)


@dataclass(eq=False)
class Occasion:
    """One event of a unit: its records, and what they say together."""

    records: list[Record]
    start: int
    end: int
    known: int
    count: int
    acts: int
    done: frozenset[str]
    channels: frozenset[str]
    places: frozenset[str]
    impact: frozenset[str]
    references: frozenset[str]
    means: frozenset[str]
    conduct_crime: bool
    speaks: bool
    reconciled_at: int
    in_order: bool
    in_possible_order: bool
    order_made: int
    warned_at: int
    course: int = -1


def evidence(records: Sequence[Record]) -> list[Record]:
    """Return the records that are conduct of a known suspect towards a known, different victim."""
    conduct, arrests = [], []
    for r in records:
        acts = r.done | r.possible
        known = r.suspect is not None and r.victim is not None and r.suspect != r.victim and not r.cancelled
        context = not r.done and r.offence is not None and r.offence.role == "context"
        if not known or (acts and acts <= DUTIES) or context:
            continue
        if not only_arrest(r):
            conduct.append(r)
        elif r.done or (r.offence is not None and r.offence.breach_of):
            arrests.append(r)
    if arrests:
        begun = defaultdict(list)
        for r in conduct:
            begun[r.suspect, r.victim].append(r.start)
        conduct += [
            r for r in arrests if not any(r.start - ARREST <= start < r.end for start in begun[r.suspect, r.victim])
        ]
    return sorted(conduct, key=lambda r: r.place)


def only_arrest(r: Record) -> bool:
    """Return whether a record says no more than that somebody was arrested."""
    implied = frozenset(r.offence.behaviours) if r.offence is not None else frozenset()
    return r.kind == "custody" and not r.done - implied


def by_dyad(conduct: Iterable[Record]) -> dict[Dyad, list[Record]]:
    """Return the records of each suspect towards each victim, in time order."""
    out: dict[Dyad, list[Record]] = defaultdict(list)
    for record in conduct:
        out[str(record.suspect), str(record.victim)].append(record)
    return {dyad: sorted(out[dyad], key=in_time) for dyad in sorted(out)}


def in_time(record: Record) -> tuple[int, int, str]:
    return record.start, record.end, record.incident


def facts(records: Sequence[Record], breaches: Sequence[Breach], orders: Sequence[WholeOrder]) -> Facts:
    """Return what is known of records from orders, warnings and reconciliations."""
    state: dict[Record, str] = {}
    made: dict[Record, int] = {}
    for breach in breaches:
        if breach.version is None:
            continue
        told = breach.state
        if breach.status == UNRECORDED and breach.maybe_terms and told == YES:
            told = POSSIBLE
        state[breach.record] = max(state.get(breach.record, NO), told, key=RANK.__getitem__)
        made[breach.record] = max(made.get(breach.record, NEVER), breach.version.made[0])
    warned: dict[Dyad, int] = {}
    for whole in orders:
        for v in whole.versions:
            given = v.begins[1] if v.begins[1] != FOREVER else v.made[0]
            if v.kind.is_order or given == NEVER:
                continue
            for person in v.protected:
                warned[v.respondent, person] = min(warned.get((v.respondent, person), FOREVER), given)
    reconciled = defaultdict(list)
    for r in records:
        if r.reconciled and r.suspect is not None and r.victim is not None:
            reconciled[frozenset({r.suspect, r.victim})].append(r.start)
    return Facts(state, made, warned, dict(reconciled))


def events(records: Sequence[Record]) -> list[list[Record]]:
    """Return the records of one unit, those of one event together.

    Records of one incident, records that overlap within a day, and records of one reference and a night.
    """
    records = sorted(records, key=in_time)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(records)))
    by_incident, by_reference = defaultdict(list), defaultdict(list)
    for i, r in enumerate(records):
        by_incident[r.incident].append(i)
        if r.occurrence is not None:
            by_reference[r.occurrence].append(i)
    for same in by_incident.values():
        graph.add_edges_from(pairwise(same))
    length = [r.end - r.start for r in records]
    sharp = [i for i in range(len(records)) if length[i] < SHARP]
    whole_days = [i for i in range(len(records)) if SHARP <= length[i] < LONG]
    for kind in (sharp, whole_days):
        until = NEVER
        for earlier, later in pairwise(kind):
            until = max(until, records[earlier].end)
            if records[later].start < until:
                graph.add_edge(earlier, later)
    _first_within(graph, records, whole_days, sharp)
    for members in by_reference.values():
        timed = [i for i in members if length[i] < SHARP]
        windows = [i for i in members if length[i] >= SHARP]
        held = _first_within(graph, records, windows, timed)
        _fewest(graph, records, {i: records[i].start + SAME_OCCURRENCE for i in timed})
        _fewest(graph, records, {i: records[i].end for i in windows if i not in held})
    return [[records[i] for i in sorted(part)] for part in nx.connected_components(graph)]


def _first_within(graph: nx.Graph, records: Sequence[Record], windows: list[int], timed: list[int]) -> set[int]:
    """Join each window to the first timed record that begins within it; return the windows that have one."""
    held = set()
    for window in windows:
        later = [i for i in timed if records[i].start >= records[window].start]
        first = min(later, key=lambda i: records[i].start, default=None)
        if first is not None and records[first].start < records[window].end:
            graph.add_edge(window, first)
            held.add(window)
    return held


def _fewest(graph: nx.Graph, records: Sequence[Record], until: Mapping[int, int]) -> None:
    """Join records into as few events as their spans allow: the span that ends first holds all that begin in it."""
    left = set(until)
    while left:
        first = min(left, key=lambda i: (until[i], i))
        inside = {i for i in left if records[i].start < until[first]}
        graph.add_edges_from((first, i) for i in inside)
        left -= inside


def stands_for(record: Record) -> int:
    """Return how many occasions a record stands for: its days, at least two, where it covers several acts."""
    if record.acts <= 1:
        return 1
    touched = (day_of(record.end - 1) - day_of(record.start)).days + 1
    days = min(-(-(record.end - record.start) // DAY), touched)
    return min(max(days, 2), record.acts)


def occasions(records: Sequence[Record], known: Facts) -> list[Occasion]:
    """Return the occasions of one unit in time order."""
    out = []
    for event in events(records):
        states = {known.order_state.get(r, NO) for r in event}
        out.append(
            Occasion(
                records=event,
                start=min(r.start for r in event),
                end=max(r.end for r in event),
                known=min(r.known for r in event),
                count=max(stands_for(r) for r in event),
                acts=max(r.acts for r in event),
                done=frozenset().union(*(r.done for r in event)),
                channels=frozenset(r.channel for r in event if r.channel is not None),
                places=frozenset(r.place_role for r in event if r.place_role is not None),
                impact=frozenset().union(*(r.impact for r in event)),
                references=frozenset(r.occurrence for r in event if r.occurrence is not None),
                means=frozenset(r.means for r in event if r.means is not None),
                conduct_crime=any(r.offence is not None and bool(r.offence.conduct) for r in event),
                speaks=any(r.done or r.possible or r.offence is not None for r in event),
                reconciled_at=max(known.reconciled_at(r) for r in event),
                in_order=YES in states,
                in_possible_order=POSSIBLE in states,
                order_made=max(known.order_made.get(r, NEVER) for r in event),
                warned_at=min(known.warned_at.get((str(r.suspect), str(r.victim)), FOREVER) for r in event),
            )
        )
    return sorted(out, key=lambda o: (o.start, o.end, min(r.incident for r in o.records)))


def count_within(found: Iterable[tuple[int, int, int]], since: int, until: int) -> int:
    """Return how many occasions of (start, end, count) lie at least in part within ``[since, until)``."""
    return sum(count for start, end, count in found if start < until and end > since)


def prior_occasions(breach: Breach, own: Sequence[Occasion]) -> int:
    """Count the other occasions of the two people in the year before, as known when this record was."""
    start = breach.record.start
    return sum(
        occasion.count
        for occasion in own
        if start - YEAR <= occasion.start < start
        and occasion.known <= breach.known
        and breach.record not in occasion.records
    )


def count_prior_breaches(breaches: Sequence[Breach]) -> None:
    """Give each breach the number of earlier breach incidents towards its victim that were known when it was."""
    series = defaultdict(list)
    for breach in breaches:
        if breach.suspect is not None:
            target = ("victim", breach.victim) if breach.victim is not None else ("order", breach.order)
            series[breach.suspect, target].append(breach)
    for mine in series.values():
        first: dict[str, Breach] = {}
        for one in sorted(mine, key=lambda b: b.known):
            first.setdefault(one.record.incident, one)
        for breach in mine:
            breach.prior_breaches = sum(
                1 for one in first.values() if one.record.start < breach.record.start and one.known <= breach.known
            )

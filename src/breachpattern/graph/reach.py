"""Reach: who and what lies within some steps of a person or of some records, before anything is drawn.

A step leads from a person to everybody who stands with them on a record, an order, an association or an
object. An object that many people share (a hostel's telephone) is shown and leads nowhere; a place leads
nowhere either: going to one public house is not a tie.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from breachpattern.errors import UsageError
from breachpattern.graph.index import GraphIndex
from breachpattern.linking.columns import Ints

LIMIT = 500
MOST_SHARED = 10
_NAMED = 3


@dataclass(frozen=True)
class Reach:
    """What a graph holds: codes of people, incidents, orders and objects, and positions of ties, ascending."""

    persons: Ints
    incidents: Ints
    orders: Ints
    objects: Ints
    ties: Ints

    def __len__(self) -> int:
        return len(self.persons) + len(self.incidents) + len(self.orders) + len(self.objects)


@dataclass(frozen=True)
class Start:
    """Where a graph begins: a person, or some records with everybody on them."""

    what: str
    persons: Ints
    incidents: Ints
    orders: Ints
    steps: int

    @classmethod
    def person(cls, index: GraphIndex, reference: str, radius: int) -> Start:
        """Begin at one person; each step is a step of the radius."""
        none = np.empty(0, np.int64)
        return cls(reference, np.array([index.person(reference)], np.int64), none, none, _checked(radius))

    @classmethod
    def records(
        cls, index: GraphIndex, what: str, incidents: Ints, orders: Ints, persons: Ints, radius: int, as_of: int
    ) -> Start:
        """Begin at some records: the first step of the radius takes in the people on them."""
        kept = [links.by_thing.take(things).values for links, things in (
            (index.incidents, incidents), (index.orders, orders)
        )]  # fmt: skip
        known_incidents = index.incidents.thing[kept[0]][index.incidents.known[kept[0]] <= as_of]
        known_orders = index.orders.thing[kept[1]][index.orders.known[kept[1]] <= as_of]
        incidents, orders = np.unique(known_incidents), np.unique(known_orders)
        people = np.union1d(index.incidents.people_of(incidents, as_of), index.orders.people_of(orders, as_of))
        return cls(what, np.union1d(people, persons), incidents, orders, _checked(radius) - 1)


def reach(index: GraphIndex, start: Start, as_of: int, limit: int = LIMIT, most_shared: int = MOST_SHARED) -> Reach:
    """Return what lies within some steps of a start, as it was known at an instant.

    Parameters
    ----------
    index : GraphIndex
    start : Start
    as_of : int
        The last second, in seconds UTC, of which anything may be known.
    limit : int
        The most nodes that a graph may have.
    most_shared : int
        An object that more people share leads nowhere.

    Raises
    ------
    UsageError
        Where there are more nodes than the limit: how many, through whom, and how to narrow it.
    """
    inside = frontier = start.persons
    incidents, orders, objects = start.incidents, start.orders, np.empty(0, np.int64)
    leads_nowhere = index.objects.crowded(most_shared, as_of)
    for _ in range(start.steps):
        met = index.incidents.things_of(frontier, as_of)
        bound = index.orders.things_of(frontier, as_of)
        had = index.objects.things_of(frontier, as_of)
        leading = had[~leads_nowhere[had]]
        incidents = np.union1d(incidents, np.union1d(met, _using(index, leading, as_of)))
        orders, objects = np.union1d(orders, bound), np.union1d(objects, had)
        ties = index.ties.of(frontier, as_of)
        found = np.unique(
            np.concatenate(
                [
                    index.incidents.people_of(met, as_of),
                    index.orders.people_of(bound, as_of),
                    index.objects.people_of(leading, as_of),
                    index.ties.person[ties],
                    index.ties.other[ties],
                ]
            )
        )
        frontier = np.setdiff1d(found, inside, assume_unique=True)
        inside = np.union1d(inside, frontier)
        _refuse(index, start, inside, len(inside) + len(incidents) + len(orders) + len(objects), as_of, limit)
    shared = index.objects.shared_by(inside, as_of)
    if start.steps:
        incidents = np.union1d(incidents, index.incidents.shared_by(frontier, as_of))
        incidents = np.union1d(incidents, _using(index, shared[~leads_nowhere[shared]], as_of, inside))
    orders = np.union1d(orders, index.orders.shared_by(inside, as_of))
    held = index.holdings.object[index.holdings.by_person.take(inside).values]
    objects = np.union1d(objects, np.intersect1d(shared, held))
    objects = np.union1d(objects, _used_in(index, incidents, as_of))
    ties = index.ties.of(inside, as_of)
    both = np.isin(index.ties.person[ties], inside) & np.isin(index.ties.other[ties], inside)
    within = Reach(*(np.asarray(part, dtype=np.int64) for part in (inside, incidents, orders, objects, ties[both])))
    _refuse(index, start, inside, len(within), as_of, limit)
    return within


def known_rows(index: GraphIndex, incidents: Ints, as_of: int) -> Ints:
    """Return the rows of some incidents that were known, ascending."""
    rows = np.sort(index.rows.take(incidents).values)
    return np.asarray(rows[index.timelines.columns.known[rows] <= as_of])


def _using(index: GraphIndex, objects: Ints, as_of: int, people: Ints | None = None) -> Ints:
    """Return the incidents in which some objects were used, by or towards some people where those are given."""
    columns = index.timelines.columns
    rows = index.users.take(objects).values
    rows = rows[columns.known[rows] <= as_of]
    if people is not None:
        rows = rows[np.isin(columns.suspect[rows], people) | np.isin(columns.victim[rows], people)]
    return np.unique(columns.incident[rows]).astype(np.int64)


def _used_in(index: GraphIndex, incidents: Ints, as_of: int) -> Ints:
    used = index.object_of_row[known_rows(index, incidents, as_of)]
    return np.unique(used[used >= 0]).astype(np.int64)


def _checked(radius: int) -> int:
    if radius < 1:
        raise UsageError(f"A radius of {radius} holds nobody.", hint="Radius 1 is everybody one step away.")
    return radius


def _refuse(index: GraphIndex, start: Start, persons: Ints, nodes: int, as_of: int, limit: int) -> None:
    if nodes <= limit:
        return
    counts = index.incidents.count_of(persons, as_of) + index.orders.count_of(persons, as_of)
    busiest = np.lexsort((persons, -counts))[:_NAMED]
    hubs = ", ".join(
        f"{name} ({count:,} records)"
        for name, count in zip(index.names(persons[busiest]), counts[busiest].tolist(), strict=True)
    )
    smaller = "a smaller radius, " if start.steps > 1 else ""
    raise UsageError(
        f"The graph around {start.what!r} has at least {nodes:,} nodes; the limit is {limit:,}.",
        hint=f"The largest part comes through {hubs}. Ask for {smaller}an earlier as_of, or one course or finding "
        "instead of a person; or raise the limit.",
    )

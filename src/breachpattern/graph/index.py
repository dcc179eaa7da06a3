"""The index: who is on which record, order and object, as sorted whole numbers; made once, looked up often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from breachpattern.errors import UsageError
from breachpattern.graph.links import Links
from breachpattern.graph.objects import ACCOUNT, PHONE, VEHICLE, Objects, objects_of, spelt
from breachpattern.linking.columns import Codes, Ints, code, dictionary, integers, seconds
from breachpattern.spans import FOREVER, NEVER
from breachpattern.timelines.courses import Ragged

if TYPE_CHECKING:
    from breachpattern.timelines import Timelines
    from breachpattern.timelines.build import CheckedTables

# How a person comes to hold an object, by the column of the persons table that says so.
HOLDS = {"phone": (PHONE, "has_phone"), "email": (ACCOUNT, "has_account"), "vehicle": (VEHICLE, "drives")}


@dataclass(frozen=True)
class OrderRows:
    """Rows of the orders table: respondent, protected person, and since when the row is known."""

    position: Ints
    row: Ints
    order: Codes
    respondent: Codes
    protected: Codes
    made: Ints
    known: Ints


@dataclass(frozen=True)
class Ties:
    """Rows of the associations table, and which of them each person is in."""

    row: Ints
    person: Codes
    other: Codes
    tie: pa.Array
    known: Ints
    since: Ints
    until: Ints
    by_person: Ragged

    def of(self, persons: Ints, as_of: int) -> Ints:
        """Return the ties of some people that were known, ascending."""
        ties = np.unique(self.by_person.take(persons).values)
        return np.asarray(ties[self.known[ties] <= as_of])


@dataclass(frozen=True)
class Holdings:
    """What nominal records say that people have: a telephone, an account, a vehicle."""

    row: Ints
    person: Codes
    object: Codes
    how: Codes
    by_person: Ragged


@dataclass(frozen=True)
class GraphIndex:
    """Sorted whole-number views of an analysis: from people to records, orders and objects, and back.

    Attributes
    ----------
    timelines : Timelines
    tables : Extract
        The canonical tables behind them.
    incidents, orders, objects : Links
        Who is on which incident (code), order (code) and object (code). The object that a record names
        belongs to its suspect, or to its victim where the suspect is not known.
    rows : Ragged
        The rows of the columns that each incident has.
    users : Ragged
        The rows that used each object.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> from breachpattern.law import Catalogue
    >>> from breachpattern.timelines import build
    >>> extract = read_extract([{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1"}])
    >>> index = GraphIndex.of(build(extract, Catalogue.load()), extract)
    >>> index.incidents.count_of(np.array([index.person("P1")]), index.as_of).tolist()
    [1]
    """

    timelines: Timelines
    tables: CheckedTables
    incidents: Links
    orders: Links
    objects: Links
    ties: Ties
    order_rows: OrderRows
    holdings: Holdings
    things: Objects
    object_of_row: Codes
    rows: Ragged
    users: Ragged

    @classmethod
    def of(cls, timelines: Timelines, tables: CheckedTables) -> GraphIndex:
        """Return the index of an analysis.

        Parameters
        ----------
        timelines : Timelines
        tables : Extract
            The extract of which they are the timelines.
        """
        columns, names = timelines.columns, timelines.columns.names
        persons, positions = len(names.persons), np.arange(len(columns))
        both = np.concatenate([columns.suspect, columns.victim]).astype(np.int64)
        twice = np.concatenate([columns.incident, columns.incident]).astype(np.int64)
        order_rows = _order_rows(timelines, tables.orders)
        things, object_of_row, holdings = _objects(timelines, tables.persons)
        owner = np.where(columns.suspect >= 0, columns.suspect, columns.victim)
        held_by = np.concatenate([owner, holdings.person]).astype(np.int64)
        held = np.concatenate([object_of_row, holdings.object]).astype(np.int64)
        since = np.concatenate([columns.known, np.full(len(holdings.row), NEVER, np.int64)])
        used = object_of_row >= 0
        return cls(
            timelines=timelines,
            tables=tables,
            incidents=Links.of(both, twice, np.tile(columns.known, 2), persons, len(names.incidents)),
            orders=Links.of(
                np.concatenate([order_rows.respondent, order_rows.protected]).astype(np.int64),
                np.tile(order_rows.order, 2).astype(np.int64),
                np.tile(order_rows.known, 2),
                persons,
                len(names.orders),
            ),
            objects=Links.of(held_by, held, since, persons, len(things)),
            ties=_ties(timelines, tables.associations),
            order_rows=order_rows,
            holdings=holdings,
            things=things,
            object_of_row=object_of_row,
            rows=Ragged.of(columns.incident.astype(np.int64), positions, len(names.incidents)),
            users=Ragged.of(object_of_row[used].astype(np.int64), positions[used], len(things)),
        )

    @property
    def as_of(self) -> int:
        """The last second of which anything is known."""
        return self.timelines.as_of

    @property
    def persons(self) -> int:
        """How many people there are."""
        return len(self.timelines.columns.names.persons)

    def person(self, reference: str) -> int:
        """Return the code of a person.

        Raises
        ------
        UsageError
            Where no record, order or association names the person.
        """
        found = self.timelines.people.find(reference)
        if found < 0:
            raise UsageError(
                f"No record, order or association names the person {reference!r}.",
                hint="Give the reference exactly as the extract writes it.",
            )
        return found

    def names(self, persons: Ints) -> list[str]:
        """Return the references of some people."""
        return [str(name) for name in self.timelines.columns.names.persons.take(pa.array(persons)).to_pylist()]


def _order_rows(timelines: Timelines, orders: pa.Table) -> OrderRows:
    """Return the rows of orders known by then; a row is known as :func:`live_orders` says."""
    names = timelines.columns.names
    known = np.full(orders.num_rows, FOREVER, np.int64)
    for event in ("made", "served", "aware"):
        low, high = seconds(orders[f"{event}_lo"], default=NEVER), seconds(orders[f"{event}_hi"], default=FOREVER)
        known = np.minimum(known, np.where(high > low, np.where(high == FOREVER, FOREVER, high - 1), high))
    known = np.where(known == FOREVER, seconds(orders["starts_lo"], default=NEVER), known)
    position = np.flatnonzero(known <= timelines.as_of)
    return OrderRows(
        position=position,
        row=integers(orders["row"])[position],
        order=code(orders["order_id"], names.orders)[position],
        respondent=timelines.people.named(orders["respondent_id"])[position],
        protected=timelines.people.named(orders["protected_id"])[position],
        made=seconds(orders["made_lo"], default=NEVER)[position],
        known=known[position],
    )


def _ties(timelines: Timelines, table: pa.Table) -> Ties:
    people = timelines.people
    person, other = people.named(table["person_id"]), people.named(table["other_id"])
    since = seconds(table["since_lo"], default=NEVER)
    keep = np.flatnonzero((person >= 0) & (other >= 0) & (person != other) & (since <= timelines.as_of))
    person, other = person[keep], other[keep]
    positions = np.arange(len(keep))
    return Ties(
        row=integers(table["row"])[keep],
        person=person,
        other=other,
        tie=table["tie"].cast(pa.string()).combine_chunks().take(pa.array(keep)),
        known=since[keep],
        since=since[keep],
        until=seconds(table["until"], default=FOREVER)[keep],
        by_person=Ragged.of(
            np.concatenate([person, other]).astype(np.int64), np.concatenate([positions, positions]), len(people.texts)
        ),
    )


def _objects(timelines: Timelines, persons: pa.Table) -> tuple[Objects, Codes, Holdings]:
    """Return the objects of records and of nominals: what they are, which row used which, who holds which."""
    columns, names = timelines.columns, timelines.columns.names
    means = names.means
    nominal = timelines.people.named(persons["person_id"])
    columns_held = [
        pa.chunked_array([spelt(persons[column].cast(pa.string()).combine_chunks(), kind)])
        for column, (kind, _) in HOLDS.items()
    ]
    distinct = dictionary(pa.chunked_array([means]), *columns_held)
    of_means = np.append(code(pa.chunked_array([means], pa.string()), distinct), np.int32(-1))
    held = [code(column, distinct) for column in columns_held]
    how = np.repeat(np.arange(len(held)), len(nominal)).astype(np.int32)
    holder, thing = np.tile(nominal, len(held)), np.concatenate(held)
    row = np.tile(integers(persons["row"]), len(held))
    kept = (holder >= 0) & (thing >= 0)
    by_person = Ragged.of(holder[kept].astype(np.int64), np.arange(np.count_nonzero(kept)), len(names.persons))
    holdings = Holdings(row[kept], holder[kept], thing[kept], how[kept], by_person)
    return objects_of(distinct), of_means[columns.means], holdings

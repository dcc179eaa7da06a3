"""Groups of connected people: which records can change each other's answers, and which new ones reach.

Two records belong together where they share an incident, a person (every reference of one human being is one
person), an order, or an object that few enough people share to tie them
(:func:`breachpattern.linking.ties.find_ties`); and where an association ties their people. Nothing else carries an
answer from one record to another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import code, dictionary, exploded
from breachpattern.linking.ties import tie_table
from breachpattern.state.records import OBJECTS, is_in
from breachpattern.timelines.occasions import components

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PEOPLE = {
    "incidents": ("suspect_id", "victim_id"),
    "orders": ("respondent_id", "protected_id"),
    "persons": ("person_id",),
    "associations": ("person_id", "other_id"),
}
# Records named by others: (table, its own reference, lists of references to it elsewhere).
NAMED = {"incidents": ("incident_id", {"orders": "founded_on"}), "orders": ("order_id", {"incidents": "breach_of"})}
_NOBODY = pa.array([], pa.string())


@dataclass(frozen=True)
class Same:
    """Which references are one human being, where they are not one each.

    Attributes
    ----------
    references, shown : pyarrow.Array of string
        The reference by which each human being of several references is shown.
    """

    references: pa.Array = field(default_factory=lambda: _NOBODY)
    shown: pa.Array = field(default_factory=lambda: _NOBODY)

    def person(self, references: pa.ChunkedArray | pa.Array) -> pa.Array:
        """Return the person of each reference."""
        column = references.combine_chunks() if isinstance(references, pa.ChunkedArray) else references
        if len(self.references) == 0:
            return column
        place = pc.index_in(column, value_set=self.references, skip_nulls=True)
        return pc.coalesce(self.shown.take(place), column)

    def all_of(self, references: pa.Array) -> pa.Array:
        """Return some references and every other one of the same people."""
        people = self.person(references)
        others = self.references.filter(pc.is_in(self.shown, value_set=people))
        return pc.unique(pa.concat_arrays([references, people, others]))


@dataclass(frozen=True)
class Marks:
    """What rows can share with others: incidents, people, orders and objects, each once."""

    incidents: pa.Array
    people: pa.Array
    orders: pa.Array
    objects: pa.Array

    @classmethod
    def of(cls, rows: Mapping[str, pa.Table], same: Same) -> Marks:
        """Return the marks of some rows; of a person every reference."""
        people = _distinct([rows[t][c] for t, names in PEOPLE.items() for c in names])
        named = {}
        for table, (own, lists) in NAMED.items():
            told = [_items(rows[t][c]) for t, c in lists.items()]
            named[table] = _distinct([rows[table][own], *told])
        objects = _distinct([rows[t][c] for t, names in OBJECTS.items() for c in names])
        return cls(named["incidents"], same.all_of(people), named["orders"], objects)

    def on(self, table: str, rows: pa.Table) -> Bools:
        """Return which rows of a table bear any of the marks."""
        out = np.zeros(rows.num_rows, np.bool_)
        for name in PEOPLE[table]:
            out |= is_in(rows[name], self.people)
        for name in OBJECTS.get(table, ()):
            out |= is_in(rows[name], self.objects)
        for target, (own, lists) in NAMED.items():
            texts = self.incidents if target == "incidents" else self.orders
            if target == table:
                out |= is_in(rows[own], texts)
            elif table in lists:
                out[exploded(rows[lists[table]], texts)[0]] = True
        return out


def _items(lists: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the references of a column of ``;``-joined lists."""
    known = pc.drop_null(lists)
    parts = [pc.utf8_trim_whitespace(pc.list_flatten(pc.split_pattern(chunk, ";"))) for chunk in known.chunks]
    return pa.chunked_array(parts, pa.string())


def _distinct(columns: list[pa.ChunkedArray]) -> pa.Array:
    return dictionary(*columns)


@dataclass(frozen=True)
class Use:
    """Who uses an object or has it on file: pairs of a person and an object, each with the row that says so."""

    person: pa.Array
    object: pa.Array

    def crowds(self, same: Same) -> pa.Array:
        """Return the objects that more people share than a tie allows."""
        if len(self.object) == 0:
            return _NOBODY
        people = same.person(self.person)
        objects, persons = (pc.dictionary_encode(side) for side in (self.object, people))
        pair = objects.indices.to_numpy().astype(np.int64) * len(persons.dictionary) + persons.indices.to_numpy()
        count = np.bincount(np.unique(pair) // max(len(persons.dictionary), 1), minlength=len(objects.dictionary))
        return objects.dictionary.filter(pa.array(count > tie_table()[1].most_people))


def uses(
    rows: Mapping[str, pa.Table], objects: pa.Array, as_of: int, without: Mapping[str, Bools] | None = None
) -> Use:
    """Return who was known to share some objects at an instant.

    Parameters
    ----------
    rows : mapping of str to pyarrow.Table
        Records of a state.
    objects : pyarrow.Array of string
    as_of : int
        Seconds UTC. Uses known later do not count, nor those of cancelled records.
    without : mapping of str to (n,) bool, optional
        Rows that are left out.
    """
    people, shared = [_NOBODY], [_NOBODY]
    for table, names in OBJECTS.items():
        records = rows[table]
        counted = np.ones(records.num_rows, np.bool_) if without is None else ~without[table]
        if table == "incidents":
            counted &= records["known"].to_numpy() <= as_of
            counted &= ~records["cancelled"].to_numpy()
            counted &= records["suspect_id"].is_valid().to_numpy()
        for name in names:
            place = pa.array(np.flatnonzero(counted & is_in(records[name], objects)))
            people += records[PEOPLE[table][0]].take(place).chunks
            shared += records[name].take(place).chunks
    return Use(pa.concat_arrays(people), pa.concat_arrays(shared))


def reached(
    rows: Mapping[str, pa.Table], fresh: Mapping[str, Bools], same: Same, as_of: int, *, also: pa.Array = _NOBODY
) -> Marks:
    """Return the marks through which some rows can change answers about others.

    Parameters
    ----------
    rows : mapping of str to pyarrow.Table
        All records, new ones included.
    fresh : mapping of str to (n,) bool
        Rows that are new, newly known, about to go, or whose record has such a row.
    same : Same
    as_of : int
        The instant before, in seconds UTC.
    also : pyarrow.Array of string
        Further people.

    Notes
    -----
    An object that many people shared before, whatever the fresh rows add or take away, ties nobody before or after.
    """
    marks = Marks.of({t: rows[t].filter(pa.array(fresh[t])) for t in rows}, same)
    steady = uses(rows, marks.objects, as_of, fresh).crowds(same)
    objects = marks.objects.filter(pc.invert(pc.is_in(marks.objects, value_set=steady)))
    people = same.all_of(_distinct([pa.chunked_array([marks.people]), pa.chunked_array([also])]))
    return Marks(marks.incidents, people, marks.orders, objects)


def labelled(rows: Mapping[str, pa.Table], same: Same, crowded: pa.Array) -> dict[str, Ints]:
    """Return the group of each row, numbered from 0.

    Parameters
    ----------
    rows : mapping of str to pyarrow.Table
        Records; every record that shares a mark with one of them is there too.
    same : Same
    crowded : pyarrow.Array of string
        Objects that tie nobody.
    """
    marks = Marks.of(rows, same)
    alone = marks.objects.filter(pc.invert(pc.is_in(marks.objects, value_set=crowded)))
    kinds = {"incidents": marks.incidents, "people": marks.people, "orders": marks.orders, "objects": alone}
    first = dict(zip(kinds, np.append(0, np.cumsum([len(texts) for texts in kinds.values()])), strict=False))
    nodes: dict[str, Ints] = {}
    left, right = [np.empty(0, np.int64)], [np.empty(0, np.int64)]

    def tie(one: Ints, other: Ints) -> None:
        known = (one >= 0) & (other >= 0)
        left.append(one[known])
        right.append(other[known])

    def coded(kind: str, column: pa.ChunkedArray | pa.Array) -> Ints:
        codes = code(pa.chunked_array([column]) if isinstance(column, pa.Array) else column, kinds[kind])
        return np.where(codes >= 0, codes.astype(np.int64) + first[kind], -1)

    for table, names in PEOPLE.items():
        records = rows[table]
        people = [coded("people", same.person(records[name])) for name in names]
        own = coded(table, records[NAMED[table][0]]) if table in NAMED else people[0]
        nodes[table] = own
        for person in people:
            tie(own, person)
        for name in OBJECTS.get(table, ()):
            tie(own, coded("objects", records[name]))
        for target, (_, lists) in NAMED.items():
            if table in lists:
                row, item = exploded(records[lists[table]], kinds[target])
                tie(own[row], item + first[target])
    label = components(sum(map(len, kinds.values())), np.concatenate(left), np.concatenate(right))
    used = np.unique(np.concatenate([label[own] for own in nodes.values()]))
    return {table: np.searchsorted(used, label[own]) for table, own in nodes.items()}

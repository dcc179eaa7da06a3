"""Groups of people who act: whose answers hang together, which of them new rows reach, and what else those need.

Every answer is about a suspect or a respondent, or about several who are tied. Two records belong to one group where
they share an incident, who acted (every reference of one human being is one person), an order, or an object that few
enough people share to tie them (:func:`breachpattern.linking.ties.find_ties`); and where an association ties their
people. A victim whom two suspects share does not make one group of them: what other records say of the victim is
looked at (:func:`surroundings`), what they say of the other suspect changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import code, dictionary, exploded
from breachpattern.linking.components import IDS, NAMED, PEOPLE, Nodes
from breachpattern.linking.sharing import count_people
from breachpattern.linking.ties import tie_table
from breachpattern.state.records import HOME, OBJECTS, is_in

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_NOBODY = pa.array([], pa.string())
VICTIMS = {"incidents": ("victim_id",), "orders": ("protected_id",)}


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
        named = {
            of: _distinct([rows[of][IDS[of]], *(_items(rows[t][name]) for t, (name, to) in NAMED.items() if to == of)])
            for of in IDS
        }
        objects = _distinct([rows[t][c] for t, names in OBJECTS.items() for c in names])
        return cls(named["incidents"], same.all_of(people), named["orders"], objects)

    def on(self, table: str, rows: pa.Table) -> Bools:
        """Return which rows of a table bear any of the marks."""
        out = np.zeros(rows.num_rows, np.bool_)
        for name in PEOPLE[table]:
            out |= is_in(rows[name], self.people)
        out |= _bears(rows, table, self.objects)
        ids = {"incidents": self.incidents, "orders": self.orders}
        if table in IDS:
            out |= is_in(rows[IDS[table]], ids[table])
            name, other = NAMED[table]
            out[exploded(rows[name], ids[other])[0]] = True
        return out


def _items(lists: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the references of a column of ``;``-joined lists."""
    known = pc.drop_null(lists)
    parts = [pc.utf8_trim_whitespace(pc.list_flatten(pc.split_pattern(chunk, ";"))) for chunk in known.chunks]
    return pa.chunked_array(parts, pa.string())


def _distinct(columns: list[pa.ChunkedArray]) -> pa.Array:
    return dictionary(*columns)


def crowded_among(
    rows: Mapping[str, pa.Table], objects: pa.Array, same: Same, as_of: int, without: Mapping[str, Bools] | None = None
) -> pa.Array:
    """Return those of some objects that more people share than a tie allows, in every way in which the engine counts.

    Parameters
    ----------
    rows : mapping of str to pyarrow.Table
        Records of a state.
    objects : pyarrow.Array of string
    same : Same
    as_of : int
        Seconds UTC. Uses known later do not count.
    without : mapping of str to (n,) bool, optional
        Rows that are left out.

    Notes
    -----
    A tie counts who has an object on file and who used it on a record that was not cancelled, the criterion of means
    that few people use its users alone: so users decide. An address is only ever on file.
    """
    person: list[pa.Array] = []
    shared: list[pa.Array] = []
    used: list[Bools] = []
    for table, names in OBJECTS.items():
        records = rows[table]
        counted = np.ones(records.num_rows, np.bool_) if without is None else ~without[table]
        if table == "incidents":
            counted &= records["known"].to_numpy() <= as_of
            counted &= records["suspect_id"].is_valid().to_numpy()
        for name in names:
            place = np.flatnonzero(counted & is_in(records[name], objects))
            person.append(_whole(records[PEOPLE[table][0]].take(pa.array(place))))
            shared.append(_whole(records[name].take(pa.array(place))))
            stands = table == "incidents" and ~records["cancelled"].to_numpy(zero_copy_only=False)[place]
            used.append(np.full(len(place), name == HOME) | stands)
    value = code(pa.chunked_array(shared), objects).astype(np.int64)
    people = pc.dictionary_encode(same.person(pa.concat_arrays(person))).indices.to_numpy(zero_copy_only=False)
    counted = np.concatenate(used)
    many = count_people(value[counted], people[counted], len(objects)) > tie_table()[1].most_people
    return objects.filter(pa.array(many))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


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
    objects = _without(marks.objects, crowded_among(rows, marks.objects, same, as_of, fresh))
    # Whoever shares an object is tied to others by it, and so are those towards whom they acted.
    sharers = [rows[t][PEOPLE[t][0]].filter(pa.array(_bears(rows[t], t, objects))) for t in OBJECTS]
    people = same.all_of(_distinct([pa.chunked_array([marks.people]), pa.chunked_array([also]), *sharers]))
    return Marks(marks.incidents, people, marks.orders, objects)


def surroundings(rows: Mapping[str, pa.Table], inside: Mapping[str, Bools], same: Same) -> dict[str, Bools]:
    """Return the rows that the answers about some groups need: their own, and what is known of their victims.

    Parameters
    ----------
    rows : mapping of str to pyarrow.Table
        Records of a state.
    inside : mapping of str to (n,) bool
        The rows of the groups.
    same : Same

    Notes
    -----
    What else is known of two people of a group stands in records, orders and associations that name both: what ties
    two victims, or what a victim did in turn; and in what is on file for them. What the engine says of other suspects
    who come in that way is not whole and not used.
    """
    own = {name: table.filter(pa.array(inside[name])) for name, table in rows.items()}
    people = Marks.of(own, same).people
    here = {name: inside[name] | _names_two(rows[name], name, ~inside[name], people, same) for name in rows}
    if len(same.references) == 0:
        return here
    while True:
        for name, own_id in IDS.items():
            here[name] |= is_in(rows[name][own_id], rows[name][own_id].filter(pa.array(here[name])))
        named = _distinct([rows[t][c].filter(pa.array(here[t])) for t, names in PEOPLE.items() for c in names])
        # A person is known by the reference that shows them.
        absent = _without(pc.unique(same.person(named)), named)
        further = {name: Marks(_NOBODY, absent, _NOBODY, _NOBODY).on(name, rows[name]) & ~here[name] for name in rows}
        if not any(mask.any() for mask in further.values()):
            return here
        here = {name: here[name] | further[name] for name in rows}


def _names_two(records: pa.Table, table: str, asked: Bools, people: pa.Array, same: Same) -> Bools:
    """Return those of some whole records that name two of some people; of persons those that are about one of them."""
    out = np.zeros(records.num_rows, np.bool_)
    for name in PEOPLE[table]:
        out |= is_in(records[name], people)
    out &= asked
    if table == "persons":
        return out
    rows = np.flatnonzero(out)
    record = rows
    if table in IDS:
        ids = pc.dictionary_encode(records[IDS[table]].take(pa.array(rows))).unify_dictionaries()
        record = np.concatenate([rows[:0], *(chunk.indices.to_numpy() for chunk in ids.chunks)])
    shown = pc.unique(same.person(people))
    ends = [code(pa.chunked_array([same.person(records[name].take(pa.array(rows)))]), shown) for name in PEOPLE[table]]
    person, width = np.concatenate(ends).astype(np.int64), np.int64(len(shown) + 1)
    pair = np.unique((np.tile(record, len(ends)).astype(np.int64) * width + person)[person >= 0])
    several, count = np.unique(pair // width, return_counts=True)
    out[rows] = np.isin(record, several[count > 1])
    return out


def _without(texts: pa.Array, others: pa.Array) -> pa.Array:
    return texts.filter(pc.invert(pc.is_in(texts, value_set=others)))


def _bears(records: pa.Table, table: str, objects: pa.Array) -> Bools:
    """Return which rows of a table show any of some objects."""
    out = np.zeros(records.num_rows, np.bool_)
    for name in OBJECTS.get(table, ()):
        out |= is_in(records[name], objects)
    return out


@dataclass(frozen=True)
class Labels:
    """The group of each row of each table, and of each reference.

    Attributes
    ----------
    rows : dict of str to (n,) int64
    references : pyarrow.Array of string
    of_reference : (references,) int64
    """

    rows: dict[str, Ints]
    references: pa.Array
    of_reference: Ints


def labelled(rows: Mapping[str, pa.Table], same: Same, crowded: pa.Array, first: int) -> Labels:
    """Return the groups of some rows, numbered from ``first``.

    Parameters
    ----------
    rows : mapping of str to pyarrow.Table
        Records of whole groups.
    same : Same
    crowded : pyarrow.Array of string
        Objects that tie nobody.
    first : int
    """
    acting = {name: table.drop_columns(list(VICTIMS.get(name, ()))) for name, table in rows.items()}
    nodes = Nodes(acting, pa.table({"reference": same.references, "shown": same.shown}))
    for shared in (nodes.objects(), nodes.addresses()):
        nodes.join_objects(shared, crowded)
    labels, of_reference = nodes.labels()
    return Labels({name: label + first for name, label in labels.items()}, nodes.texts, of_reference + first)

"""Which rows belong together: components of people whom anything connects that the engine follows.

The columns are text as it was written; nothing needs to be checked before. Rows that share an incident or an order,
people on one row, people whom a tie on file joins, whom linking took for one, or of whom one object or address is on
file or was used, are in one component. What connects more than the engine would ever follow does no harm: components
only say what may be scored apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from breachpattern.linking.objects import spelt, spelt_column, texts_in
from breachpattern.linking.sharing import count_people
from breachpattern.linking.ties import OBJECTS, address_on_file

Ints = npt.NDArray[np.int64]
PEOPLE = {
    "incidents": ("suspect_id", "victim_id"),
    "orders": ("respondent_id", "protected_id"),
    "persons": ("person_id",),
    "associations": ("person_id", "other_id"),
}
IDS = {"incidents": "incident_id", "orders": "order_id"}
# The column of each table that names records of the other.
NAMED = {"incidents": ("breach_of", "orders"), "orders": ("founded_on", "incidents")}


@dataclass(frozen=True)
class Sharing:
    """Who had which object: a person or, where nobody is named, a row; and the text of each object."""

    texts: pa.Array
    value: Ints
    node: Ints
    person: npt.NDArray[np.bool_]

    def most_people(self) -> Ints:
        """Return how many people may share each object at most, by every row as it was written."""
        return count_people(self.value[self.person], self.node[self.person], len(self.texts))


class Nodes:
    """The people and rows of an extract as nodes of a graph.

    Parameters
    ----------
    tables : mapping of str to pyarrow.Table
        ``incidents``, ``orders``, ``persons``, ``associations``: the columns of :data:`PEOPLE`, :data:`IDS`,
        :data:`NAMED` and ``means``, and of persons those that name objects and the address, as text. A column that is
        not there is blank.
    people : pyarrow.Table, optional
        ``reference, shown``: by which reference the entity of each is shown, where linking joined some.

    Examples
    --------
    >>> rows = pa.table({"incident_id": ["I1", "I2", "I3", "I1"], "suspect_id": ["P1", "P2", None, "P3"],
    ...                  "victim_id": ["V1", "V1", "V2", "V3"]})
    >>> Nodes({"incidents": rows}).labels()[0]["incidents"].tolist()
    [0, 0, 1, 0]
    """

    def __init__(self, tables: Mapping[str, pa.Table], people: pa.Table | None = None) -> None:
        self.tables = tables
        # The ids of incidents are as many as their rows: they are encoded beside everything that is done with people.
        with ThreadPoolExecutor(1) as beside:
            ids = {
                table: beside.submit(_encoded, _plain(tables[table], name))
                for table, name in IDS.items()
                if table in tables
            }
            self._join_people(people)
        self._join_records({table: encoded.result() for table, encoded in ids.items()})

    def _join_people(self, people: pa.Table | None) -> None:
        """Give each person a node, and join those on one row."""
        tables = self.tables
        named = [(table, name) for table in tables for name in PEOPLE[table]]
        columns = [_plain(tables[table], name) for table, name in named]
        encoded = pc.dictionary_encode(pa.chunked_array([c for column in columns for c in column.chunks], pa.string()))
        codes = pc.fill_null(encoded.combine_chunks().indices, -1) if len(encoded) else pa.array([], pa.int32())
        ends = np.cumsum([len(column) for column in columns])
        whole = codes.to_numpy(zero_copy_only=False).astype(np.int64)
        self.texts = encoded.chunk(0).dictionary if encoded.num_chunks else pa.array([], pa.string())
        entity = _entities(self.texts, people)
        self.entity = entity[:-1]
        self.side = {key: entity[part] for key, part in zip(named, np.split(whole, ends[:-1]), strict=True)}
        self.size = len(self.texts)
        self.left: list[Ints] = []
        self.right: list[Ints] = []
        self.home = {table: self._home(table) for table in tables}

    def _home(self, table: str) -> Ints:
        """Return the node of each row: one of its people, or its own; rows without an id of their own share one."""
        sides = [self.side[table, name] for name in PEOPLE[table]]
        home: Ints = sides[0].copy()
        for side in sides[1:]:
            both = np.flatnonzero((home >= 0) & (side >= 0) & (home != side))
            self._join(home[both], side[both])
            home = np.where(home >= 0, home, side)
        lonely = np.flatnonzero(home < 0)
        home[lonely] = self.size + np.arange(len(lonely))
        self.size += len(lonely)
        return home

    def _join(self, left: Ints, right: Ints) -> None:
        self.left.append(left)
        self.right.append(right)

    def _join_records(self, encoded: Mapping[str, tuple[pa.Array, Ints]]) -> None:
        """Join the rows of each record, and those of records that name each other."""
        first: dict[str, tuple[pa.Array, Ints]] = {}
        for table, (ids, code) in encoded.items():
            home = self.home[table]
            blank = np.flatnonzero(code < 0)
            if len(blank):
                # They are rejected whatever they say, but told apart from their repetitions.
                home[blank] = self.size
                self.size += 1
            where = np.full(len(ids), -1, np.int64)
            known = np.flatnonzero(code >= 0)[::-1]
            where[code[known]] = known
            again = np.flatnonzero((code >= 0) & (np.append(where, -1)[code] != np.arange(len(code))))
            self._join(home[again], home[where[code[again]]])
            first[table] = ids, home[where]
        for table, (name, other) in NAMED.items():
            if table in first and other in first:
                self._join_named(table, name, *first[other])

    def _join_named(self, table: str, name: str, ids: pa.Array, home: Ints) -> None:
        lists = texts_in(_plain(self.tables[table], name))
        given = np.flatnonzero(lists.is_valid().to_numpy(zero_copy_only=False))
        if len(given) == 0:
            return
        split = pc.split_pattern(lists.take(pa.array(given)), ";")
        found = pc.fill_null(pc.index_in(pc.utf8_trim_whitespace(pc.list_flatten(split)), value_set=ids), -1)
        place = found.to_numpy(zero_copy_only=False).astype(np.int64)
        row = given[pc.list_parent_indices(split).to_numpy()]
        self._join(self.home[table][row[place >= 0]], home[place[place >= 0]])

    def join_rows(self, table: str, one: Ints, other: Ints) -> None:
        """Join rows of a table, by their positions."""
        self._join(self.home[table][one], self.home[table][other])

    def objects(self) -> Sharing:
        """Return who used which object or has it on file."""
        texts, nodes, person = [], [], []
        if "incidents" in self.tables and "means" in self.tables["incidents"].column_names:
            used = spelt_column(_plain(self.tables["incidents"], "means"))
            texts.append(texts_in(used))
            nodes.append(self.home["incidents"])
            person.append(self.side["incidents", "suspect_id"] >= 0)
        if "persons" in self.tables:
            table, holder = self.tables["persons"], self.home["persons"]
            texts += [spelt(texts_in(_plain(table, name)), kind) for name, kind in OBJECTS.values()]
            nodes += [holder] * len(OBJECTS)
            person += [np.ones(len(holder), np.bool_)] * len(OBJECTS)
        return _sharing(texts, nodes, person)

    def addresses(self) -> Sharing:
        """Return who has which address with its whole postcode on file."""
        if "persons" not in self.tables:
            return _sharing([], [], [])
        holder = self.home["persons"]
        return _sharing([address_on_file(self.tables["persons"])], [holder], [np.ones(len(holder), np.bool_)])

    def join_objects(self, shared: Sharing, crowded: pa.Array | None = None) -> None:
        """Join those who share an object, unless it is crowded."""
        keep = np.ones(len(shared.texts), np.bool_)
        if crowded is not None and len(crowded):
            keep = ~pc.is_in(shared.texts, value_set=crowded).to_numpy(zero_copy_only=False)
        mine = np.flatnonzero(keep[shared.value])
        self._join(shared.node[mine], self.size + shared.value[mine])
        self.size += len(shared.texts)

    def labels(self) -> tuple[dict[str, Ints], Ints]:
        """Return the component of each row of each table, and of each reference of ``texts``.

        Components are numbers from 0, by the first row of any table.
        """
        left, right = np.concatenate([*self.left, _NONE]), np.concatenate([*self.right, _NONE])
        ends = left.astype(np.int32), right.astype(np.int32)
        graph = coo_array((np.ones(len(left), np.int8), ends), shape=(self.size, self.size))
        label = connected_components(graph, directed=False)[1].astype(np.int64) if self.size else _NONE
        rows = np.concatenate([_NONE, *(label[home] for home in self.home.values())])
        first = np.full(self.size, len(rows), np.int64)
        np.minimum.at(first, rows, np.arange(len(rows)))
        rank = np.empty(self.size, np.int64)
        rank[np.argsort(first, kind="stable")] = np.arange(self.size)
        return {table: rank[label[home]] for table, home in self.home.items()}, rank[label[self.entity]]


_NONE = np.empty(0, np.int64)


def _encoded(texts: pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    """Return the distinct texts, and which of them stands in each row, ``-1`` where none does."""
    found = pc.dictionary_encode(texts).combine_chunks()
    codes = pc.fill_null(found.indices, -1).to_numpy(zero_copy_only=False)
    return found.dictionary, codes.astype(np.int64)


def _plain(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        return pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
    column = table[name]
    return column if column.type == pa.string() else column.cast(pa.string())


def _entities(texts: pa.Array, people: pa.Table | None) -> Ints:
    """Return for each reference the place of the one that shows its entity, with a last entry for blank."""
    own = np.arange(len(texts), dtype=np.int64)
    if people is not None and len(texts):
        place = pc.index_in(texts, value_set=people["reference"].combine_chunks())
        shown = pc.coalesce(people["shown"].combine_chunks().take(place), texts)
        code = pc.dictionary_encode(shown).indices.to_numpy(zero_copy_only=False)
        _, first = np.unique(code, return_index=True)
        own = first[code].astype(np.int64)
    return np.append(own, -1)


def _sharing(texts: list[pa.Array], nodes: list[Ints], person: list[npt.NDArray[np.bool_]]) -> Sharing:
    encoded = pc.dictionary_encode(pa.chunked_array(texts, pa.string())).combine_chunks()
    if not len(encoded):
        return Sharing(pa.array([], pa.string()), _NONE, _NONE, _NONE.astype(np.bool_))
    code = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    known = code >= 0
    return Sharing(encoded.dictionary, code[known], np.concatenate(nodes)[known], np.concatenate(person)[known])

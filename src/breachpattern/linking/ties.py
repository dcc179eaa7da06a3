"""Ties between people: as somebody wrote them down, and as shared records and objects suggest.

A tie is symmetric. Each has a kind, a weight (``ties.toml``), a time from which it was known to hold and one at
which it ended. An object that many people share (a hostel's phone, a solicitor's address) ties nobody.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Bools, Columns, Floats, Ints, dictionary, seconds
from breachpattern.linking.columns import code as code_of
from breachpattern.linking.entities import Entities
from breachpattern.linking.objects import ACCOUNT, KINDS, PHONE, VEHICLE, no_object, spelt, texts_in
from breachpattern.linking.orders import Orders
from breachpattern.linking.people.contacts import addresses, postcodes, streets
from breachpattern.linking.sharing import numbered, pairs_of_values, pairs_sharing
from breachpattern.sorting import order_by
from breachpattern.spans import FOREVER, NEVER

ON_FILE = ("partner", "family", "household", "friend", "colleague", "co_suspect", "other")
# The tie that an object on file makes, by the column of the persons table that names it.
OBJECTS = {"same_phone": ("phone", PHONE), "same_email": ("email", ACCOUNT), "same_vehicle": ("vehicle", VEHICLE)}
# What connects the victims of one suspect, and what connects suspects.
BETWEEN_VICTIMS = (
    "partner", "family", "household", "friend", "colleague", "other", "same_phone", "same_address",
    "victims_together", "protected_together",
)  # fmt: skip
BETWEEN_SUSPECTS = (*ON_FILE, "suspects_together", "same_means", "uses_object_of", *OBJECTS, "same_address")


@dataclass(frozen=True)
class TieKind:
    """A way in which two people are connected: its weight and its words, where need be also from the other side."""

    id: str
    weight: float
    text: str
    text_back: str = ""
    inferred: bool = False


@dataclass(frozen=True)
class TieRule:
    """How ties add up (see ``ties.toml``)."""

    per_step: float
    enough: float
    not_said: float
    tied_to_victim: float
    most_people: int
    crowd: float
    basis: str


@cache
def tie_table() -> tuple[tuple[TieKind, ...], TieRule]:
    """Return the kinds of tie in the order of their codes, and the rule.

    Examples
    --------
    >>> kinds, rule = tie_table()
    >>> kinds[0].id, rule.most_people
    ('partner', 6)
    """
    data = tomllib.loads(files("breachpattern.linking").joinpath("ties.toml").read_text("utf-8"))
    return tuple(TieKind(**entry) for entry in data["tie"]), TieRule(**data["rule"])


def _most() -> int:
    return tie_table()[1].most_people


def kind_codes(*ids: str) -> Ints:
    """Return the codes of some kinds of tie."""
    names = [kind.id for kind in tie_table()[0]]
    return np.array([names.index(i) for i in ids], dtype=np.int64)


@dataclass(frozen=True)
class Ties:
    """Ties of an extract, both directions of each, sorted by ``left`` and ``right``.

    Attributes
    ----------
    left, right : int64
        Entity codes.
    kind : int64
        Position in :func:`tie_table`.
    since, until : int64
        Seconds UTC; ``NEVER`` and ``FOREVER`` where not known.
    row : int64
        A row of the columns that shows the tie, ``-1`` where it stands in another table.
    people : int64
        How many people share the object that makes the tie, ``2`` where none does.
    """

    left: Ints
    right: Ints
    kind: Ints
    since: Ints
    until: Ints
    row: Ints
    people: Ints

    def __len__(self) -> int:
        return len(self.left)

    def take(self, index: npt.NDArray[np.intp] | Bools) -> Ties:
        """Return some of the ties."""
        return Ties(*(getattr(self, name)[index] for name in self.__dataclass_fields__))

    def of_kinds(self, *ids: str) -> Ties:
        """Return the ties of some kinds."""
        return self.take(np.isin(self.kind, kind_codes(*ids)))

    @property
    def pairs(self) -> tuple[Ints, Ints]:
        """Return the people as two arrays."""
        return self.left, self.right

    @property
    def weight(self) -> Floats:
        """Return the weight of each tie: less where more people share what makes it."""
        kinds, rule = tie_table()
        return np.asarray(np.array([kind.weight for kind in kinds])[self.kind] / (self.people - 1.0) ** rule.crowd)

    @property
    def inferred(self) -> Bools:
        """Return which ties nobody wrote down as such."""
        return np.array([kind.inferred for kind in tie_table()[0]])[self.kind]

    def held(self, tie: Ints, start: Ints, known: Ints) -> Bools:
        """Return which of some ties held when an act began.

        What somebody wrote down must have begun by then. What records suggest was seen on some day and may have held
        before; what was seen only after the act was known says nothing about it.
        """
        begun = self.since[tie] <= np.where(self.inferred[tie], known, start)
        return np.asarray(begun & (self.until[tie] > start))

    def within(self, other: Ties) -> Bools:
        """Return which ties join people whom one of the others joins too."""
        return np.isin(_pair(self.left, self.right), _pair(other.left, other.right))


def _pair(left: Ints, right: npt.NDArray[np.integer]) -> Ints:
    return np.asarray(left * (np.int64(1) << 31) + right)


def find_ties(
    columns: Columns, orders: Orders, associations: pa.Table, persons: pa.Table, people: Entities, as_of: int,
    crowded: pa.Array | None = None,
) -> Ties:  # fmt: skip
    """Return the ties known at an instant.

    Parameters
    ----------
    columns, orders : Columns, Orders
        What was known by then: suspects on one record, victims on records of several suspects, shared means,
        people protected by one order.
    associations, persons : pyarrow.Table
        Canonical tables: ties on file; phones, e-mails, vehicles and addresses that records share. A persons
        file has no dates: it is taken as it is.
    people : Entities
    as_of : int
        Seconds UTC.
    crowded : pyarrow.Array of string, optional
        Objects and addresses of which it is known that too many people share them, also people who are not here.
    """
    crowded = pa.array([], pa.string()) if crowded is None else crowded
    told = _telling_rows(columns)
    parts = [_on_file(associations, people, as_of)]
    parts += [_same_objects(columns, told, persons, people, crowded), _same_address(persons, people, crowded)]
    parts += [_suspects_together(columns, told), _victims_together(columns, told), _protected(orders)]
    return _both_ways(parts)


def _both_ways(parts: list[Ties]) -> Ties:
    """Return ties in both directions, sorted, without those of somebody to themselves.

    A tie on file keeps each of its periods; of what is inferred the first sight is enough, for each
    number of people who share the object.
    """
    whole = Ties(*(np.concatenate([getattr(p, name) for p in parts]) for name in Ties.__dataclass_fields__))
    whole = whole.take((whole.left >= 0) & (whole.right >= 0) & (whole.left != whole.right))
    both = Ties(
        np.append(whole.left, whole.right), np.append(whole.right, whole.left),
        *(np.tile(getattr(whole, name), 2) for name in ("kind", "since", "until", "row", "people")),
    )  # fmt: skip
    both = both.take(order_by(both.left, both.right, both.kind, both.people, both.since, both.until, both.row))
    same = (np.diff(both.left) == 0) & (np.diff(both.right) == 0) & (np.diff(both.kind) == 0)
    same &= np.diff(both.people) == 0
    another = (np.diff(both.since) != 0) | (np.diff(both.until) != 0)
    same &= ~(another & np.isin(both.kind, kind_codes(*ON_FILE))[1:])
    return both.take(np.append(True, ~same)[: len(both)])


def _ties(
    kind: str | Ints, left: Ints, right: Ints, since: Ints | None = None, row: Ints | None = None,
    people: Ints | None = None,
) -> Ties:  # fmt: skip
    n = len(left)
    return Ties(
        left.astype(np.int64), right.astype(np.int64),
        np.full(n, kind_codes(kind)[0]) if isinstance(kind, str) else kind,
        np.full(n, NEVER) if since is None else since, np.full(n, FOREVER),
        np.full(n, -1, np.int64) if row is None else row, np.full(n, 2, np.int64) if people is None else people,
    )  # fmt: skip


def _on_file(table: pa.Table, people: Entities, as_of: int) -> Ties:
    known = seconds(table["since_lo"], default=NEVER)
    keep = np.flatnonzero(known <= as_of)
    codes = code_of(table["tie"], pa.array(ON_FILE))
    return Ties(
        people.named(table["person_id"])[keep].astype(np.int64),
        people.named(table["other_id"])[keep].astype(np.int64),
        kind_codes(*ON_FILE)[np.where(codes < 0, ON_FILE.index("other"), codes)][keep],
        known[keep],
        seconds(table["until"], default=FOREVER)[keep],
        np.full(len(keep), -1, np.int64),
        np.full(len(keep), 2, np.int64),
    )


def address_on_file(persons: pa.Table) -> pa.Array:
    """Return the address of each person record that gives one with its whole postcode, in one spelling."""
    street, postcode = texts_in(persons["address"]), texts_in(persons["postcode"])
    somewhere = pc.if_else(no_object(street), pa.scalar(None, pa.string()), street)
    return addresses(streets(somewhere), postcodes(postcode))


def _same_address(persons: pa.Table, people: Entities, crowded: pa.Array) -> Ties:
    """Return ties between people of whom one address with its whole postcode is on file."""
    value = pa.chunked_array([address_on_file(persons)])
    code = _unless_crowded(dictionary(value), crowded)[code_of(value, dictionary(value))]
    left, right, _, size = pairs_sharing(people.named(persons["person_id"]), code, _most())
    return _ties("same_address", left, right, people=size)


def _unless_crowded(texts: pa.Array, crowded: pa.Array) -> npt.NDArray[np.int32]:
    """Return the code of each text, ``-1`` where it is crowded, with a last entry for *not known*."""
    here = pc.is_in(texts, value_set=crowded).to_numpy(zero_copy_only=False)
    return np.append(np.where(here, -1, np.arange(len(texts))), -1).astype(np.int32)


def _same_objects(columns: Columns, told: Ints, persons: pa.Table, people: Entities, crowded: pa.Array) -> Ties:
    """Return ties between people who used one number, account or vehicle, or of whom it is on file.

    Everybody is there once as holder and once as user. The file has no dates, so that two holders are tied throughout;
    where one of the two is a user, from the day on which the record of the use was known.
    """
    means = pa.chunked_array([columns.names.means])
    held = [pa.chunked_array([spelt(texts_in(persons[name]), kind)]) for name, kind in OBJECTS.values()]
    texts = dictionary(means, *held)
    few = _unless_crowded(texts, crowded)
    used = few[np.append(code_of(means, texts), np.int32(-1))[np.where(columns.cancelled, -1, columns.means)[told]]]
    holder = np.tile(people.named(persons["person_id"]).astype(np.int64), len(held))
    user = columns.suspect[told].astype(np.int64)
    left, right, at, size, value = pairs_of_values(
        np.concatenate([np.where(holder < 0, -1, 2 * holder), np.where(user < 0, -1, 2 * user + 1)]),
        np.concatenate([*(few[code_of(column, texts)] for column in held), used]),
        np.append(np.full(len(holder), -1, np.int64), np.arange(len(told))),
        _most(),
        roles=2,
    )
    on_file = _kind_of_holders(texts)[value]
    users = left % 2 + right % 2
    kind = np.choose(users, [on_file, kind_codes("uses_object_of")[0], kind_codes("same_means")[0]])
    row = np.where(users > 0, np.append(told, -1)[at], -1)
    since = np.where(users > 0, np.append(columns.known, NEVER)[row], NEVER)
    return _ties(kind, left // 2, right // 2, since, row, size)


def _kind_of_holders(texts: pa.Array) -> Ints:
    """Return the tie that each object makes between those of whom it is on file."""
    of_kind = np.full(len(KINDS), kind_codes("same_address")[0])
    of_kind[[KINDS.index(kind) for _, kind in OBJECTS.values()]] = kind_codes(*OBJECTS)
    kinds = pc.list_element(pc.split_pattern(texts, ":", max_splits=1), 0) if len(texts) else texts
    return of_kind[code_of(pa.chunked_array([kinds]), pa.array(KINDS))]


def _telling_rows(columns: Columns) -> Ints:
    """Return the rows that may tell of a tie, in the order in which they became known.

    Those are the rows of records with several rows, and those that name an object.
    """
    several = np.bincount(columns.incident)[columns.incident] > 1 if len(columns) else np.empty(0, np.bool_)
    rows = np.flatnonzero(several | (columns.means >= 0))
    return rows[order_by(columns.known[rows], columns.start[rows], columns.incident[rows])]


def _suspects_together(columns: Columns, told: Ints) -> Ties:
    suspect = np.where(columns.cancelled[told], np.int32(-1), columns.suspect[told])
    left, right, at, _ = pairs_sharing(suspect, columns.incident[told], _most())
    row = told[at]
    return _ties("suspects_together", left, right, columns.known[row], row)


def _victims_together(columns: Columns, told: Ints) -> Ties:
    """Return ties between people who were victims on the same records, where no one suspect explains that.

    Whoever strikes at two strangers who happen to stand together does so on every record of the two. What says that
    they belong together is that somebody else found them together as well: no suspect is on all their records. One
    without a suspect says nothing of that.
    """
    counted = ~columns.cancelled[told] & (columns.suspect[told] >= 0)
    keys = np.unique(_pair(columns.incident[told].astype(np.int64), columns.suspect[told]), return_inverse=True)[1]
    by_one = keys.reshape(-1).astype(np.int32)
    victim = np.where(counted, columns.victim[told], np.int32(-1)).astype(np.int32)
    left, right, at, _ = pairs_sharing(victim, by_one, _most())
    row = told[at]
    begun = np.full(int(columns.incident.max(initial=-1)) + 1, len(told), np.int64)
    np.minimum.at(begun, columns.incident[told], np.arange(len(told)))
    pair = _pair(np.minimum(left, right), np.maximum(left, right))
    pair = np.unique(pair, return_inverse=True)[1].reshape(-1)
    number = numbered(pair, begun[columns.incident[row]])
    own = numbered(_pair(pair, columns.suspect[row]), number)
    # Up to its own gap a suspect is on all records of a pair; the first record beyond all such is the one that tells.
    reach = np.zeros(int(pair.max(initial=-1)) + 1, np.int64)
    np.maximum.at(reach, pair, np.where(own == number, number + 1, 0))
    tells = np.flatnonzero(number == reach[pair])
    tells = tells[np.unique(pair[tells], return_index=True)[1]]
    return _ties("victims_together", left[tells], right[tells], columns.known[row[tells]], row[tells])


def _protected(orders: Orders) -> Ties:
    """Return people whom one order protects together."""
    version, person = orders.protections
    left, right, held = [person[:0]], [person[:0]], [version[:0]]
    step = 1
    while step < len(version) and (same := version[step:] == version[:-step]).any():
        left.append(person[:-step][same])
        right.append(person[step:][same])
        held.append(version[step:][same])
        step += 1
    since = orders.start_lo[np.concatenate(held)]
    return _ties("protected_together", np.concatenate(left), np.concatenate(right), since)

"""The split: which bucket each row of an extract goes to, so that no bucket needs a row of another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.part import Part, check_parts
from breachpattern.linking.columns import equals, seconds
from breachpattern.linking.components import IDS, NAMED, PEOPLE, Nodes
from breachpattern.linking.objects import spelt_column, texts_in
from breachpattern.linking.sharing import count_people
from breachpattern.linking.ties import tie_table

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

Ints = npt.NDArray[np.int64]
# The columns that say what belongs together.
NEEDED = {
    "incidents": (IDS["incidents"], *PEOPLE["incidents"], NAMED["incidents"][0], "means"),
    "orders": (IDS["orders"], *PEOPLE["orders"], NAMED["orders"][0]),
}
LARGE = 64  # a component with more than this part of a bucket is placed by itself


@dataclass(frozen=True)
class Split:
    """Where the rows of an extract go.

    Attributes
    ----------
    bucket : dict of str to (n,) int16
        By table, the bucket of each row.
    rows : (buckets,) int64
        How many rows of incidents and orders each bucket has.
    crowded : pyarrow.Array of string
        Objects and addresses that too many people share to connect anybody.
    references : pyarrow.Array of string
        Every reference of the extract.
    of_reference : (references,) int64
        The bucket that holds it.
    """

    bucket: dict[str, npt.NDArray[np.int16]]
    rows: Ints
    crowded: pa.Array
    references: pa.Array
    of_reference: Ints


def split(
    parts: Mapping[str, Part],
    persons: pa.Table | None,
    associations: pa.Table | None,
    people: pa.Table | None,
    *,
    catalogue: Catalogue,
    as_of: int,
    shares: Callable[[Ints], Ints],
    rows_at: Callable[[Ints], Part] | None = None,
) -> Split:
    """Return a bucket for each row, the same for the same rows.

    Parameters
    ----------
    parts : mapping of str to Part
        ``incidents`` and ``orders``, as they were read.
    persons, associations : pyarrow.Table, optional
        Checked.
    people : pyarrow.Table, optional
        ``reference, shown``, where people were linked.
    catalogue : Catalogue
    as_of : int
        Seconds UTC: who had used an object by then decides whether too many people share it.
    shares : callable
        Takes the rows of each component and returns for every bucket what share it takes; none is empty.
    rows_at : callable, optional
        Returns all columns of some rows of incidents, where ``parts`` do not have them.
    """
    rows_at = rows_at or (lambda rows: parts["incidents"].take(rows))
    tables = {table: pa.table(_needed(table, part)) for table, part in parts.items()}
    tables |= {name: rows for name, rows in (("persons", persons), ("associations", associations)) if rows is not None}
    nodes = Nodes(tables, people)
    for table, part in parts.items():
        if part.spread:  # what is said of a line is said once, so its rows stay together
            same = np.flatnonzero(np.diff(part.origin) == 0)
            nodes.join_rows(table, same, same + 1)
    crowded = []
    for shared, exact in ((nodes.objects(), False), (nodes.addresses(), True)):
        many = shared.texts.filter(pa.array(shared.most_people() > tie_table()[1].most_people))
        if not exact and len(many):
            many = _crowded(many, parts.get("incidents"), rows_at, people, catalogue, as_of)
        nodes.join_objects(shared, many)
        crowded.append(many)
    labels, of_reference = nodes.labels()
    heavy = np.concatenate([np.empty(0, np.int64), *(labels[table] for table in parts)])
    everybody = max((int(label.max(initial=-1)) for label in labels.values()), default=-1) + 1
    sizes = np.bincount(heavy, minlength=everybody)
    place = pack(sizes, shares(sizes))
    # Without a row there is one bucket all the same: it says that nothing was found.
    rows = np.bincount(place, weights=sizes, minlength=int(place.max(initial=0)) + 1).astype(np.int64)
    return Split(
        {table: place[label].astype(np.int16) for table, label in labels.items()},
        rows,
        pa.concat_arrays(crowded),
        nodes.texts,
        np.append(place, 0)[np.minimum(of_reference, everybody)],  # some stand on rows that say nothing
    )


def _needed(table: str, part: Part) -> dict[str, pa.Array]:
    found = {name: part.columns[name] for name in NEEDED[table] if name in part.columns}
    separator = part.reading.list_separator
    lists = NAMED[table][0]
    if lists in found and separator != ";":
        found[lists] = pc.replace_substring(found[lists], separator, ";")
    found.setdefault(IDS[table], pa.nulls(len(part.rows), pa.string()))
    return found


def pack(sizes: Ints, shares: Ints) -> Ints:
    """Return a bucket for each component: the large ones one by one, the others in a row.

    Parameters
    ----------
    sizes : (components,) int64
        Their rows.
    shares : (buckets,) int64
        What each bucket takes of the rows, in proportion.

    Examples
    --------
    >>> pack(np.array([5, 1, 1, 1, 1, 1]), np.array([1, 1])).tolist()
    [0, 1, 1, 1, 1, 1]
    >>> np.bincount(pack(np.ones(9_000, np.int64), np.array([2, 1]))).tolist()
    [6000, 3000]
    """
    place = np.zeros(len(sizes), np.int64)
    buckets = len(shares)
    if buckets < 2 or len(sizes) == 0:
        return place
    # A bucket with a smaller share is as full before it has any rows.
    held = (int(shares.max()) - shares) * int(sizes.sum()) // int(shares.sum())
    fair = -(-int(sizes.sum() + held.sum()) // buckets)
    large = np.flatnonzero(sizes * LARGE > fair)
    loads = list(zip(held.tolist(), range(buckets), strict=True))
    heapify(loads)
    for component in large[np.argsort(-sizes[large], kind="stable")].tolist():
        load, bucket = heappop(loads)
        place[component] = bucket
        heappush(loads, (load + int(sizes[component]), bucket))
    filled = np.array([size for size, _ in sorted(loads, key=itemgetter(1))], dtype=np.int64)
    small = np.flatnonzero(sizes * LARGE <= fair)
    upto = np.cumsum(_room(filled, int(sizes[small].sum())))
    before = np.cumsum(sizes[small]) - sizes[small]
    place[small] = np.minimum(np.searchsorted(upto, before, side="right"), buckets - 1)
    used, numbers = np.unique(place, return_inverse=True)
    return numbers.reshape(-1).astype(np.int64) if len(used) < buckets else place


def _room(load: Ints, rows: int) -> Ints:
    """Return how many of some rows each bucket takes, so that the loads come as close together as they can.

    Examples
    --------
    >>> _room(np.array([9, 1, 3]), 6).tolist()
    [0, 4, 2]
    """
    order = np.sort(load)
    # With the k lightest filled to one level, how high that is; the first that reaches no further bucket.
    level = -(-(np.cumsum(order) + rows) // np.arange(1, len(load) + 1))
    k = int(np.flatnonzero(level <= np.append(order[1:], np.iinfo(np.int64).max))[0])
    return np.asarray(np.maximum(level[k] - load, 0), dtype=np.int64)


def _crowded(
    many: pa.Array,
    part: Part | None,
    rows_at: Callable[[Ints], Part],
    people: pa.Table | None,
    catalogue: Catalogue,
    as_of: int,
) -> pa.Array:
    """Return those of some objects that too many people had used by then, in every way in which the engine counts.

    One way counts users alone and the other also those of whom an object is on file, so users decide. Their rows are
    checked, with all rows of the same incidents: what a record is, its rows say together.
    """
    if part is None or "means" not in part.columns:
        return many[:0]
    used = texts_in(spelt_column(pa.chunked_array([part.columns["means"]])))
    ids = part.columns["incident_id"]
    touched = pc.unique(ids.filter(pc.fill_null(pc.is_in(used, value_set=many), False)))
    rows = np.flatnonzero(pc.is_in(ids, value_set=touched.drop_null()).to_numpy(zero_copy_only=False))
    found = uses(rows_at(rows), many, catalogue, as_of)
    person: pa.ChunkedArray = found["person"]
    if people is not None:
        place = pc.index_in(person, value_set=people["reference"].combine_chunks())
        person = pc.coalesce(people["shown"].combine_chunks().take(place), person)
    code = pc.fill_null(pc.dictionary_encode(person).combine_chunks().indices, -1).to_numpy(zero_copy_only=False)
    users = count_people(_places(texts_in(found["text"]), many), code, len(many))
    return many.filter(pa.array(users > tie_table()[1].most_people))


def uses(part: Part, many: pa.Array, catalogue: Catalogue, as_of: int) -> pa.Table:
    """Return who had used which of some objects by then, from checked rows that still stand.

    Parameters
    ----------
    part : Part
        All rows of the incidents on which the objects are.
    many : pyarrow.Array of string
        The objects.
    catalogue : Catalogue
    as_of : int
        Seconds UTC.

    Returns
    -------
    pyarrow.Table
        ``text, person``.
    """
    table = check_parts({"incidents": part}, catalogue, IssueLog()).tables["incidents"]
    table = table.take(pa.array(np.flatnonzero(seconds(table["known_at"]) <= as_of)))
    table = table.filter(pa.array(~equals(table["status"], "cancelled")))
    columns = {"text": texts_in(spelt_column(table["means"])), "person": texts_in(table["suspect_id"])}
    return pa.table(columns).filter(pc.fill_null(pc.is_in(columns["text"], value_set=many), False))


def _places(texts: pa.Array, many: pa.Array) -> Ints:
    found = pc.fill_null(pc.index_in(texts, value_set=many, skip_nulls=True), -1)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)

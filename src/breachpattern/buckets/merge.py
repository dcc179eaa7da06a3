"""The merge: results of buckets, each in the order of its file, brought into one order without holding them all."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.buckets.bucket import SCHEMAS
from breachpattern.output.files import Rows
from breachpattern.output.schema import FINDINGS
from breachpattern.output.tables import schema_of
from breachpattern.vocabulary import LEVELS, STRENGTHS

Ints = npt.NDArray[np.int64]
# What came of a bucket: the folder with its tables, or the tables.
Results: TypeAlias = Path | Mapping[str, pa.Table]
ROWS, LINES = 65_536, 2_048
RANK = pa.field("rank", pa.int64())


@dataclass(frozen=True)
class Sorting:
    """By what the rows of a table are sorted: columns to read, how keys are made of them, and their directions."""

    columns: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    made: Callable[[pa.Table, Sequence[str]], pa.Table] = lambda table, _: table


def _graded(table: pa.Table, _: Sequence[str]) -> pa.Table:
    level = pc.index_in(table["level"], value_set=pa.array(LEVELS.values))
    last = table["last_at"]
    if pa.types.is_string(last.type):
        last = last.cast(pa.timestamp("s", "UTC"))
    return table.set_column(0, "level", level).set_column(2, "last_at", last)


def _strength(table: pa.Table, _: Sequence[str]) -> pa.Table:
    return table.set_column(0, "strength", pc.index_in(table["strength"], value_set=pa.array(STRENGTHS.values)))


def _by_pattern(table: pa.Table, patterns: Sequence[str]) -> pa.Table:
    return table.set_column(0, "pattern", pc.index_in(table["pattern"], value_set=pa.array(patterns, pa.string())))


_IDS = ("suspect_ids", "victim_ids", "order_ids", "incident_ids")
_WORST = (("level", "descending"), ("score", "descending"), ("last_at", "descending"), ("finding_id", "ascending"))
ORDERS = {
    "breaches": Sorting(("occurred_at", "incident_id"), (("occurred_at", "ascending"), ("incident_id", "ascending"))),
    "courses": Sorting(
        ("strength", "last_at", "course_id"),
        (("strength", "descending"), ("last_at", "descending"), ("course_id", "ascending")),
        _strength,
    ),
    "findings": Sorting(("level", "score", "last_at", "finding_id"), _WORST, _graded),
    "suppressed": Sorting(("level", "score", "last_at", "finding_id"), _WORST, _graded),
    "near_misses": Sorting(
        ("pattern", "last_at", *_IDS),
        (("pattern", "ascending"), ("last_at", "descending"), *((name, "ascending") for name in _IDS)),
        _by_pattern,
    ),
}


class Merged:
    """One table of all buckets, in the order of its file.

    Parameters
    ----------
    name : str
        One of :data:`ORDERS`.
    buckets : sequence of Results
    patterns : sequence of str, default ()
        The patterns in the order in which their near misses stand.
    mapped : bool, default True
        Map files into memory: quicker, but what was read counts as memory until the system wants it back.
    """

    def __init__(
        self, name: str, buckets: Sequence[Results], patterns: Sequence[str] = (), *, mapped: bool = True
    ) -> None:
        self._opened = pa.memory_map if mapped else pa.OSFile
        self._buckets = buckets
        order = ORDERS[name]
        parts = [_columns(bucket, name, order.columns) for bucket in buckets]
        sizes = [part.num_rows for part in parts]
        keys = order.made(pa.concat_tables(parts), patterns) if parts else SCHEMAS[name].empty_table()
        keys = keys.append_column("place", pa.array(np.arange(keys.num_rows)))
        ordered = pc.sort_indices(keys, [*order.keys, ("place", "ascending")])
        bucket = np.repeat(np.arange(len(parts), dtype=np.int32), sizes)
        # Each bucket's own rows are in order already: who comes next is all there is to know.
        self._next = bucket[ordered.to_numpy()] if len(bucket) else bucket
        self.name = name

    def __len__(self) -> int:
        return len(self._next)

    def rows(self, columns: Sequence[str], at_once: int = ROWS) -> Iterator[pa.Table]:
        """Yield some columns of the rows in order, so many rows at a time."""
        for rows, place in self.gathered(columns, at_once):
            yield rows.combine_chunks().take(pa.array(place))

    def gathered(self, columns: Sequence[str], at_once: int) -> Iterator[tuple[pa.Table, Ints]]:
        """Yield the same rows bucket by bucket, with the place where each next one in order stands among them."""
        readers = [_Reader(_batches(bucket, self.name, columns, self._opened)) for bucket in self._buckets]
        try:
            for start in range(0, len(self), at_once):
                chosen = self._next[start : start + at_once]
                counts = np.bincount(chosen, minlength=len(readers))
                parts = [reader.take(int(count)) for reader, count in zip(readers, counts, strict=True) if count]
                place = np.empty(len(chosen), np.int64)
                place[np.argsort(chosen, kind="stable")] = np.arange(len(chosen))
                yield pa.concat_tables([part for some in parts for part in some]), place
        finally:
            for reader in readers:
                reader.close()


class _Reader:
    """Reads one bucket's table from its beginning on."""

    def __init__(self, batches: Generator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._held: pa.Table | None = None

    def take(self, count: int) -> list[pa.Table]:
        """Return the next rows."""
        parts = []
        while count:
            if self._held is None or self._held.num_rows == 0:
                self._held = pa.Table.from_batches([next(self._batches)])
            parts.append(self._held.slice(0, count))
            self._held = self._held.slice(parts[-1].num_rows)
            count -= parts[-1].num_rows
        return parts

    def close(self) -> None:
        self._batches.close()


def _batches(
    bucket: Results, name: str, columns: Sequence[str], opened: Callable[[str], pa.NativeFile] = pa.OSFile
) -> Generator[pa.RecordBatch]:
    """Yield some columns of a table of a bucket, as many rows at a time as lie together."""
    if not isinstance(bucket, Path):
        yield from bucket[name].select(list(columns)).to_batches()
        return
    with opened(str(bucket / f"{name}.arrow")) as file:
        schema = pa.ipc.open_file(file).schema
        options = pa.ipc.IpcReadOptions(included_fields=[schema.get_field_index(column) for column in columns])
        source = pa.ipc.open_file(file, options=options)
        for number in range(source.num_record_batches):
            yield source.get_batch(number).select(list(columns))


def _columns(bucket: Results, name: str, columns: Sequence[str]) -> pa.Table:
    whole = SCHEMAS[name]
    schema = pa.schema([whole.field(column) for column in columns])
    return pa.Table.from_batches([_compact(batch) for batch in _batches(bucket, name, columns)], schema)


def _compact(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch without the room that Arrow reserves for columns that were not asked for."""
    return batch.take(pa.array(np.arange(batch.num_rows)))


def plain(merged: Merged) -> Rows:
    """Return the rows of a table as they are."""
    schema = SCHEMAS[merged.name]
    return Rows(schema, len(merged), lambda: merged.rows(schema.names))


def ranked(merged: Merged, schema: pa.Schema) -> Rows:
    """Return the rows with their rank in front."""
    names = [name for name in schema.names if name != "rank"]

    def parts() -> Iterator[pa.Table]:
        done = 0
        for rows in merged.rows(names):
            rank = pa.array(np.arange(done + 1, done + rows.num_rows + 1))
            yield pa.table([rank, *rows.columns], schema=schema)
            done += rows.num_rows

    return Rows(schema, len(merged), parts)


def findings(merged: Merged) -> Rows:
    """Return the findings as their table has them."""
    return ranked(merged, schema_of(FINDINGS))


def suppressed(merged: Merged) -> Rows:
    """Return what filters suppressed as its table has it."""
    return ranked(merged, pa.schema([RANK, *SCHEMAS["suppressed"]]))


def lines(merged: Merged, report: Callable[[int], None] = lambda _: None) -> Iterator[list[bytes | memoryview]]:
    """Yield the whole findings as lines of JSON in pieces: id and rank of each, and the rest of it where it lies.

    Parameters
    ----------
    merged : Merged
    report : callable, optional
        Told how many are done.
    """
    done = 0
    report(done)
    for rows, place in merged.gathered(["finding_id", "line"], LINES):
        ranks = pa.array(np.arange(done + 1, done + rows.num_rows + 1)).cast(pa.string())
        ids = rows["finding_id"].combine_chunks().take(pa.array(place))
        front = pc.binary_join_element_wise('{"finding_id":"', ids, '","rank":', ranks, "")
        rest = [line for chunk in rows["line"].chunks for line in _where_they_lie(chunk)]
        turns = zip(front.cast(pa.binary()).to_pylist(), place.tolist(), strict=True)
        yield [piece for head, at in turns for piece in (head, rest[at], b"\n")]
        done += rows.num_rows
        report(done)


def _where_they_lie(lines: pa.LargeBinaryArray) -> Iterator[memoryview]:
    _, offsets, data = lines.buffers()
    edges = np.frombuffer(offsets, np.int64)[lines.offset : lines.offset + len(lines) + 1].tolist()
    text = memoryview(data) if data is not None else memoryview(b"")
    return (text[begin:end] for begin, end in pairwise(edges))


def added(tables: Sequence[pa.Table]) -> dict[str, Any]:
    """Return the counts of all buckets added up, as they were before they were laid flat.

    Examples
    --------
    >>> one = pa.table({"what": ["rows/in", "total"], "count": [2, 3]})
    >>> added([one, one])
    {'rows': {'in': 4}, 'total': 6}
    """
    whole: dict[str, Any] = {}
    for table in tables:
        for what, count in zip(table["what"].to_pylist(), table["count"].to_pylist(), strict=True):
            *above, name = what.split("/")
            place = whole
            for part in above:
                place = place.setdefault(part, {})
            place[name] = place.get(name, 0) + count
    return whole


def read_small(buckets: Sequence[Results], name: str) -> pa.Table:
    """Return one table of all buckets, bucket after bucket."""
    parts = [_columns(bucket, name, SCHEMAS[name].names) for bucket in buckets]
    return pa.concat_tables([SCHEMAS[name].empty_table(), *parts])

"""Tables as CSV, Parquet or JSON Lines. No CSV cell starts a formula; times carry their offset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.spans import london_wall_clock

FORMATS = ("csv", "parquet", "jsonl")
AT_ONCE, ROW_GROUP = 65_536, 1 << 20
# References, moments and sentences: Parquet would make a dictionary of their values and throw it away.
SELDOM_REPEATED = ("_id", "_ids", "_at", "headline", "rank", "row")
# What a spreadsheet takes for the start of a formula; a plain number such as -1.5 is harmless.
# Some take the wide forms of the signs too, and pass over blanks and marks that cannot be seen before them.
_FORMULA = r"^[\p{Z}\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]"
_NUMBER = r"^[+\-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+\-]?[0-9]+)?$"


@dataclass(frozen=True)
class Rows:
    """Rows of one output that come one part after the other.

    Attributes
    ----------
    schema : pyarrow.Schema
    count : int
        How many there are.
    parts : callable
        Returns an iterator over tables of that schema.
    """

    schema: pa.Schema
    count: int
    parts: Callable[[], Iterator[pa.Table]]

    @classmethod
    def of(cls, table: pa.Table) -> Rows:
        """Return the rows of one table."""
        return cls.later(table.schema, table.num_rows, lambda: table)

    @classmethod
    def later(cls, schema: pa.Schema, count: int, make: Callable[[], pa.Table]) -> Rows:
        """Return the rows of a table that is made when they are asked for, and let go of when they are written."""

        def parts() -> Iterator[pa.Table]:
            table = make()
            return (table.slice(start, AT_ONCE) for start in range(0, count, AT_ONCE))

        return cls(schema, count, parts)


def write_table(table: pa.Table | Rows, folder: Path, name: str, format: str) -> Path:
    """Write a table to ``folder/name.format`` and return the path.

    Parameters
    ----------
    table : pyarrow.Table or Rows
        The file is the same, however the rows are divided into parts.
    folder : Path
        An existing folder.
    name : str
    format : {"csv", "parquet", "jsonl"}
        CSV cells are made harmless to spreadsheets and times become ISO 8601 text; JSON Lines keep text as it
        is and times as ISO 8601; Parquet keeps text and times as they are.
    """
    path = folder / f"{name}.{format}"
    rows = table if isinstance(table, Rows) else Rows.of(table)
    _WRITERS[format](rows, path)
    return path


def _write_parquet(rows: Rows, path: Path) -> None:
    import pyarrow.parquet as parquet

    repeated = [name for name in rows.schema.names if not name.endswith(SELDOM_REPEATED)]
    with parquet.ParquetWriter(path, rows.schema, use_dictionary=repeated) as writer:
        held: list[pa.Table] = []
        size = 0
        for part in rows.parts():
            while size + part.num_rows >= ROW_GROUP:
                rest = ROW_GROUP - size
                writer.write_table(pa.concat_tables([*held, part.slice(0, rest)]).combine_chunks(), ROW_GROUP)
                part, held, size = part.slice(rest), [], 0
            held.append(part)
            size += part.num_rows
        if size or not rows.count:
            writer.write_table(pa.concat_tables(held or [rows.schema.empty_table()]).combine_chunks(), ROW_GROUP)


def _write_csv(rows: Rows, path: Path) -> None:
    import pyarrow.csv as csv

    # pyarrow before 19 writes the header once more where a chunk is empty.
    with csv.CSVWriter(path, harmless(times_as_text(rows.schema.empty_table())).schema) as writer:
        for part in rows.parts():
            writer.write_table(harmless(times_as_text(part)).combine_chunks())


def text_of(lines: pa.Array) -> pa.Buffer:
    """Return texts one after the other as bytes: they lie so in memory, and nothing is copied.

    Examples
    --------
    >>> text_of(pa.array(["a;", "b;"])[1:]).to_pybytes()
    b'b;'
    """
    _, offsets, text = lines.buffers()
    if not len(lines):
        return pa.py_buffer(b"")
    begin, end = np.frombuffer(offsets, np.int32)[[lines.offset, lines.offset + len(lines)]].tolist()
    return text.slice(begin, end - begin)


def harmless(table: pa.Table) -> pa.Table:
    """Return the table with a leading apostrophe in every cell and header that a spreadsheet would run.

    Examples
    --------
    >>> harmless(pa.table({"a": ["=1+1", "-1.5", "-1+cmd", None]}))["a"].to_pylist()
    ["'=1+1", '-1.5', "'-1+cmd", None]
    """
    columns = [_harmless(as_text(column) if is_textual(column.type) else column) for column in table.columns]
    return pa.table(columns, names=_harmless(pa.chunked_array([table.column_names], pa.string())).to_pylist())


def _harmless(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not is_textual(column.type):
        return column
    suspicious = pc.match_substring_regex(column, _FORMULA)
    if not pc.any(suspicious).as_py():
        return column
    runs = pc.and_(suspicious, pc.invert(pc.match_substring_regex(column, _NUMBER)))
    return pc.if_else(runs, pc.binary_join_element_wise("'", column, ""), column)


def is_textual(type_: pa.DataType) -> bool:
    """Return whether a column holds text, plain or as a dictionary."""
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a text column without its dictionary."""
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def times_as_text(table: pa.Table) -> pa.Table:
    """Return the table with every instant as ISO 8601 text on the London clock, with its offset.

    Examples
    --------
    >>> at = pa.array([1_751_328_000, None], pa.timestamp("s", "UTC"))
    >>> times_as_text(pa.table({"at": at}))["at"].to_pylist()
    ['2025-07-01T01:00:00+01:00', None]
    """
    for i, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(i, field.name, _london_text(table.column(i)))
    return table


def _london_text(column: pa.ChunkedArray) -> pa.Array:
    known = np.asarray(column.is_valid().to_numpy(), dtype=np.bool_)
    seconds = column.cast(pa.timestamp("s", "UTC")).cast(pa.int64()).fill_null(0).to_numpy()
    local = london_wall_clock(seconds)
    text = pa.array(local, mask=~known).cast(pa.timestamp("s")).cast(pa.string())
    text = pc.utf8_replace_slice(text, 10, 11, "T")
    offsets, index = np.unique(local - seconds, return_inverse=True)
    suffixes = pa.array(
        [f"{offset // 3600:+03d}:{offset % 3600 // 60:02d}" for offset in offsets.tolist()], pa.string()
    )
    return pc.binary_join_element_wise(text, suffixes.take(pa.array(index.reshape(-1))), "")


def _write_lines(rows: Rows, path: Path) -> None:
    import pandas as pd

    with path.open("w", encoding="utf-8", newline="") as file:
        for part in rows.parts():
            frame = times_as_text(part).to_pandas(types_mapper=pd.ArrowDtype)
            frame.to_json(file, orient="records", lines=True, force_ascii=False)


_WRITERS: dict[str, Callable[[Rows, Path], None]] = {
    "csv": _write_csv, "parquet": _write_parquet, "jsonl": _write_lines,
}  # fmt: skip

"""Frames, records, Parquet and JSON Lines as text."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.documents import Unreadable, parse_json
from breachpattern.errors import InputError
from breachpattern.ingest.bounds import COLUMNS, allowed, too_large
from breachpattern.ingest.headers import header_names
from breachpattern.ingest.sources import Broken, TextTable
from breachpattern.records.cells import as_text

DAY = 86_400
FARTHEST = 10**14  # seconds: days beyond do not fit an Arrow date


def is_frame(source: object) -> bool:
    """Return whether something is a data frame of pandas, polars or pyarrow, or speaks Arrow."""
    return hasattr(source, "__arrow_c_stream__") or _is_pandas(source)


def from_frame(frame: Any, name: str) -> TextTable:
    """Return a data frame as a table of text.

    Times keep their offset; a column of times that are all midnight is a column of days, because pandas knows
    no days.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"id": ["007", None], "at": pd.to_datetime(["2025-03-01", "2025-03-02"])})
    >>> from_frame(frame, "incidents").data.to_pylist()
    [{'id': '007', 'at': '2025-03-01'}, {'id': None, 'at': '2025-03-02'}]
    """
    if _is_pandas(frame):
        names = header_names([str(column) for column in frame.columns], name, 1)
        columns = [_pandas_column(frame.iloc[:, i]) for i in range(len(names))]
    else:
        table = pa.table(frame)
        names = header_names(table.column_names, name, 1)
        columns = table.columns
    texts = []
    for column, title in zip(columns, names, strict=True):
        with _told(title, name):
            texts.append(column_as_text(column))
    return _numbered(pa.table(texts, names=names), name)


def from_records(records: Iterable[Any], name: str) -> TextTable:
    """Return mappings or models as a table of text; columns come in the order of their first appearance.

    Raises
    ------
    InputError
        Where a record is neither.

    Examples
    --------
    >>> from_records([{"a": 1}, {"b": ["x", "y"]}], "incidents").data.to_pylist()
    [{'a': '1', 'b': None}, {'a': None, 'b': 'x;y'}]
    """
    rows: list[Mapping[str, Any]] = []
    for record in records:
        row = record.model_dump() if hasattr(record, "model_dump") else record
        if not isinstance(row, Mapping):
            raise InputError(
                f"A record is a {type(record).__name__}, not a mapping.",
                where=f"{name}, record {len(rows) + 1}",
                hint="Give mappings from column to value, or models.",
            )
        rows.append(row)
    return _numbered(_from_mappings(rows, name), name)


def from_parquet(data: bytes, name: str, digest: str) -> TextTable:
    """Return a Parquet file as a table of text."""
    import pyarrow.parquet as parquet

    try:
        with parquet.ParquetFile(pa.BufferReader(data)) as file:
            check_size(file.metadata, len(data), name)
            table = file.read()
    except (pa.ArrowException, OSError, ValueError):  # also a name of a column that is no text
        seen = "it does not begin as one" if not data.startswith(b"PAR1") else "it begins as one and breaks off"
        raise InputError(
            f"The file is not Parquet or is damaged: {seen}.", where=name, hint="Export it again."
        ) from None
    try:
        table.validate(full=True)  # also that every text is UTF-8
    except pa.ArrowInvalid:
        raise InputError("A column holds bytes that are no text.", where=name, hint="Export it again.") from None
    return _numbered(pa.table(from_frame(table, name).data), name, digest)


def check_size(metadata: Any, packed: int, name: str) -> None:
    """Refuse a Parquet file of more rows and columns than its size can carry: a few bytes may stand for millions."""
    most = allowed(packed)
    stored = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if max(stored, metadata.num_rows * metadata.num_columns * 4) > most:
        raise too_large(name, packed, most)


def from_json_lines(data: bytes, name: str, digest: str) -> TextTable:
    """Return JSON Lines as a table of text; numbers stay as they are written.

    Examples
    --------
    >>> from_json_lines(b'{"id": "007", "n": 1.50}', "x.jsonl", "").data.to_pylist()
    [{'id': '007', 'n': '1.50'}]
    """
    rows: list[Mapping[str, Any]] = []
    lines: list[int] = []
    broken: list[Broken] = []
    text = data.removeprefix(b"\xef\xbb\xbf")
    for number, line in enumerate(io.BytesIO(text), start=1):
        if not line.strip():
            continue
        try:
            record = parse_json(line, parse_float=str, parse_int=str)
        except Unreadable as error:
            broken.append(Broken(number, "unreadable_line", f"The line is not JSON: {error}.", _shown(line)))
            continue
        if not isinstance(record, dict):
            broken.append(Broken(number, "unreadable_line", "The line is not a JSON object.", _shown(line)))
            continue
        rows.append(record)
        lines.append(number)
    names = dict.fromkeys(str(key) for row in rows for key in row)
    if len(names) > COLUMNS:
        raise InputError(
            f"The objects have {len(names):,} keys, and at most {COLUMNS:,} are read.",
            where=name,
            hint="Leave out those that are not needed.",
        )
    if not rows and broken:
        raise InputError("No line is a JSON object.", where=name, hint="JSON Lines hold one JSON object on each line.")
    return TextTable(name, _from_mappings(rows, name), np.array(lines, np.int64), digest, tuple(broken))


def column_as_text(column: pa.Array | pa.ChunkedArray, *, days: bool | None = None) -> pa.ChunkedArray:
    """Return any Arrow column as text: whole floats as integers, times as ISO 8601, lists joined by ``;``.

    Parameters
    ----------
    column : pyarrow.Array or pyarrow.ChunkedArray
    days : bool, optional
        Whether clock times without a zone are days; by default they are where all of them are midnight.

    Examples
    --------
    >>> column_as_text(pa.array([42.0, 0.5, None])).to_pylist()
    ['42', '0.5', None]
    """
    chunked = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
    kind = chunked.type
    if pa.types.is_dictionary(kind):
        chunked = chunked.cast(kind.value_type)
        kind = kind.value_type
    if pa.types.is_string(kind) or pa.types.is_null(kind):
        return chunked.cast(pa.string())
    if kind == pa.string_view():
        # pyarrow 17 has no cast from views.
        return pa.chunked_array([pa.array(chunked.to_pylist(), pa.string())])
    if pa.types.is_large_string(kind):
        return pa.chunked_array([part.cast(pa.string()) for part in chunked.chunks], pa.string())
    if pa.types.is_timestamp(kind):
        return _times(chunked, days)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_date(kind):
        if pa.types.is_date64(kind):
            return _times(chunked.cast(pa.int64()).cast(pa.timestamp("ms")), True)
        return chunked.cast(pa.string())
    return pa.chunked_array([objects_as_text(chunked.to_pylist())])


@contextmanager
def _told(title: str, name: str) -> Iterator[None]:
    """Name the column that cannot be read as text."""
    try:
        yield
    except (pa.ArrowException, ValueError, ArithmeticError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise InputError(
            f"The column '{title}' holds what cannot be read as text: {reason}.",
            where=name,
            hint="Export it as text, or leave it out.",
        ) from None


def midnights_only(column: pa.Array | pa.ChunkedArray) -> bool:
    """Return whether all clock times are midnight: such a column holds days."""
    return bool((_seconds(column).drop_null().to_numpy() % DAY == 0).all())


def _times(column: pa.ChunkedArray, days: bool | None) -> pa.ChunkedArray:
    seconds = _seconds(column).cast(pa.timestamp("s"))
    if column.type.tz is None:
        if midnights_only(seconds) if days is None else days:
            return seconds.cast(pa.date32()).cast(pa.string())
        return seconds.cast(pa.string())
    # An instant is one of UTC, whatever zone it was shown in, be that one that nobody knows.
    return pc.binary_join_element_wise(seconds.cast(pa.string()), "Z", "")


def _seconds(column: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    """Return times as whole seconds, rounded down, within the years that Arrow can write."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    per = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[column.type.unit]
    parts = []
    for chunk in chunks:
        known = chunk.is_valid().to_numpy(zero_copy_only=False)
        whole = pc.fill_null(chunk.cast(pa.int64()), 0).to_numpy() // per
        parts.append(pa.array(np.clip(whole, -FARTHEST, FARTHEST), mask=~known))
    return pa.chunked_array(parts, pa.int64())


def objects_as_text(values: Iterable[Any]) -> pa.Array:
    """Return Python objects as a column of text; ``None`` and NaN are blank.

    Where every time is midnight the column holds days.
    """
    known = list(values)
    times = [value for value in known if isinstance(value, datetime)]
    days = all(value.time() == time() and value.tzinfo is None for value in times)
    return pa.array(
        [_text(value.date() if days and isinstance(value, datetime) else value) for value in known],
        pa.string(),
    )


def _text(value: Any) -> str | None:
    return None if value is None else as_text(value) or None


def _is_pandas(source: object) -> bool:
    return type(source).__module__.split(".")[0] == "pandas" and hasattr(source, "iloc")


def _pandas_column(series: Any) -> pa.Array | pa.ChunkedArray:
    if series.dtype != object:
        try:
            return pa.array(series, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            pass
    missing = series.isna().to_numpy()
    return objects_as_text(None if gone else value for value, gone in zip(series, missing, strict=True))


def _from_mappings(rows: list[Mapping[str, Any]], name: str) -> pa.Table:
    keys = list(dict.fromkeys(str(key) for row in rows for key in row))
    columns = {}
    for key in keys:
        with _told(ascii(key)[1:-1], name):
            columns[key.encode().decode()] = objects_as_text(row.get(key) for row in rows)
    return pa.table(columns)


def _numbered(table: pa.Table, name: str, digest: str | None = None) -> TextTable:
    return TextTable(name, table, np.arange(2, table.num_rows + 2, dtype=np.int64), digest)


def _shown(line: bytes) -> str:
    return line.decode("utf-8", errors="replace").strip()

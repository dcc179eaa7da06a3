"""Frames, records, Parquet and JSON Lines as text."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.errors import InputError
from breachpattern.ingest.headers import header_names
from breachpattern.ingest.sources import Broken, TextTable
from breachpattern.records.cells import as_text

DAY = 86_400


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
    return _numbered(pa.table([column_as_text(c) for c in columns], names=names), name)


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
    return _numbered(_from_mappings(rows), name)


def from_parquet(data: bytes, name: str, digest: str) -> TextTable:
    """Return a Parquet file as a table of text."""
    import pyarrow.parquet as parquet

    try:
        table = parquet.read_table(pa.BufferReader(data))
    except (pa.ArrowInvalid, OSError):
        seen = "it does not begin as one" if not data.startswith(b"PAR1") else "it begins as one and breaks off"
        raise InputError(
            f"The file is not Parquet or is damaged: {seen}.", where=name, hint="Export it again."
        ) from None
    return _numbered(pa.table(from_frame(table, name).data), name, digest)


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
            record = json.loads(line, parse_float=str, parse_int=str)
        except ValueError as error:
            reason = str(error).split(":")[0]
            broken.append(Broken(number, "unreadable_line", f"The line is not JSON: {reason}.", _shown(line)))
            continue
        if not isinstance(record, dict):
            broken.append(Broken(number, "unreadable_line", "The line is not a JSON object.", _shown(line)))
            continue
        rows.append(record)
        lines.append(number)
    if not rows and broken:
        raise InputError("No line is a JSON object.", where=name, hint="JSON Lines hold one JSON object on each line.")
    return TextTable(name, _from_mappings(rows), np.array(lines, np.int64), digest, tuple(broken))


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
        whole = chunked.cast(pa.date32()) if pa.types.is_date64(kind) else chunked
        return whole.cast(pa.string())
    return pa.chunked_array([objects_as_text(chunked.to_pylist())])


def midnights_only(column: pa.Array | pa.ChunkedArray) -> bool:
    """Return whether all clock times are midnight: such a column holds days."""
    known = pc.floor_temporal(column, unit="second").cast(pa.timestamp("s")).cast(pa.int64()).drop_null()
    return bool((known.to_numpy() % DAY == 0).all())


def _times(column: pa.ChunkedArray, days: bool | None) -> pa.ChunkedArray:
    zone = column.type.tz
    seconds = pc.floor_temporal(column, unit="second").cast(pa.timestamp("s", tz=zone))
    if zone is None:
        if midnights_only(seconds) if days is None else days:
            return seconds.cast(pa.date32()).cast(pa.string())
        return seconds.cast(pa.string())
    utc = seconds.cast(pa.timestamp("s", "UTC")).cast(pa.int64()).cast(pa.timestamp("s")).cast(pa.string())
    return pc.binary_join_element_wise(utc, "Z", "")


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


def _from_mappings(rows: list[Mapping[str, Any]]) -> pa.Table:
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    columns = [objects_as_text(row.get(name) for row in rows) for name in names]
    return pa.table(columns, names=names)


def _numbered(table: pa.Table, name: str, digest: str | None = None) -> TextTable:
    return TextTable(name, table, np.arange(2, table.num_rows + 2, dtype=np.int64), digest)


def _shown(line: bytes) -> str:
    return line.decode("utf-8", errors="replace").strip()

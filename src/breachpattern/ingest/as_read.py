"""Rows as they were read, before those of one record were brought together: what a later batch is put beside.

A typed table of an extract has been settled: blanks are filled from other rows of the record, disagreements
decided. Whoever adds rows later needs each row as it stood, and whether it was ever written before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.checks import Checked
from breachpattern.ingest.columns import Values
from breachpattern.ingest.conflicts import codes_of
from breachpattern.ingest.times import Moments
from breachpattern.records import MODELS
from breachpattern.records.judge import cell_of
from breachpattern.spans import NEVER, london_days

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

MOMENT = pa.struct([("lo", pa.int64()), ("hi", pa.int64()), ("day", pa.bool_())])
CODED = pa.dictionary(pa.int32(), pa.string())
_TYPES = {
    "text": pa.string(), "ids": pa.string(), "postcodes": pa.string(), "postcode": pa.string(), "code": CODED,
    "order_kind": CODED, "codes": pa.int64(), "when": MOMENT, "boolean": pa.bool_(), "number": pa.float64(),
    "count": pa.int64(), "clock": pa.int64(),
}  # fmt: skip
# Free text is copied nowhere.
LEFT_OUT = ("narrative",)
_PRIME, _SALT, _BITS = np.uint64(1_099_511_628_211), 14_695_981_039_346_656_037, 2**64


def schema_of(table: str) -> pa.Schema:
    """Return the columns of the rows of a table as they are read.

    ``row`` is the line of the source, ``written`` a hash of everything that it says (null where that is not known),
    ``ends_text`` and ``ends_doubtful`` belong to orders.

    Examples
    --------
    >>> schema_of("associations").names
    ['row', 'written', 'person_id', 'other_id', 'tie', 'since', 'until']
    """
    model = MODELS[table]
    fields = [(name, _TYPES[cell_of(model, name).name]) for name in model.model_fields if name not in LEFT_OUT]
    ends = [("ends_text", pa.string()), ("ends_doubtful", pa.bool_())] if table == "orders" else []
    return pa.schema([("row", pa.int64()), ("written", pa.uint64()), *fields, *ends])


def rows_as_read(checked: Checked, written: Hashes) -> pa.Table:
    """Return the accepted rows of a table whose cells have been read, and not yet brought together.

    Parameters
    ----------
    checked : Checked
    written : (n,) uint64
        As :func:`fingerprints` makes them.
    """
    schema = schema_of(checked.table)
    columns: dict[str, Any] = {"row": checked.rows, "written": written}
    columns |= {name: _to_arrow(checked.values[name], schema.field(name).type) for name in _values(checked.table)}
    if checked.table == "orders":
        columns |= {"ends_text": checked.text["ends"], "ends_doubtful": checked.ends_doubtful}
    whole = pa.table([columns[name] for name in schema.names], schema=schema)
    accepted = checked.accepted
    return whole if accepted.all() else whole.filter(pa.array(accepted))


def checked_again(table: str, rows: pa.Table, file: str) -> Checked:
    """Return rows as they were read as a checked table, ready to be brought together.

    Parameters
    ----------
    table : str
    rows : pyarrow.Table
        With the columns of :func:`schema_of`.
    file : str
        Name for the issues.
    """
    values = {name: _from_arrow(rows[name]) for name in _values(table)}
    values |= {name: pa.nulls(rows.num_rows, pa.string()) for name in LEFT_OUT if name in MODELS[table].model_fields}
    text = _Told(values)
    doubtful = np.zeros(rows.num_rows, np.bool_)
    if table == "orders":
        text["ends"] = _whole(rows["ends_text"])
        doubtful = np.asarray(_whole(rows["ends_doubtful"]).to_numpy(zero_copy_only=False), dtype=np.bool_)
    lines = np.asarray(rows["row"].to_numpy(), dtype=np.int64)
    return Checked(table, file, text, lines, values, np.full(rows.num_rows, -1, np.int64), [], doubtful)


def bounds_of(column: pa.ChunkedArray) -> tuple[Ints, Ints]:
    """Return the first and the last second of each moment of a column, both ``NEVER`` where blank.

    Examples
    --------
    >>> day = pa.chunked_array([pa.array([{"lo": 0, "hi": 86400, "day": True}, None], MOMENT)])
    >>> [side[0].item() for side in bounds_of(day)]
    [0, 86399]
    """
    moments = _from_arrow(column)
    return tuple(np.where(moments.known, side, NEVER) for side in (moments.lo, moments.last))  # type: ignore[return-value]


def fingerprints(table: str, columns: dict[str, pa.Array]) -> Hashes:
    """Return a number for everything that each row says as it is written; a blank and an absent column are one.

    Only rows of one record are ever compared by it.

    Examples
    --------
    >>> rows = {"person_id": pa.array(["a", "a", "a"]), "surname": pa.array(["x", "x", None])}
    >>> one, same, other = fingerprints("persons", rows).tolist()
    >>> one == same, one == other
    (True, False)
    """
    total = np.zeros(len(next(iter(columns.values()))) if columns else 0, np.uint64)
    for place, name in enumerate(MODELS[table].model_fields):
        if name in columns:
            encoded = pc.dictionary_encode(columns[name])
            salted = _mixed(_hashes(encoded.dictionary) + np.uint64((place + 1) * _SALT % _BITS))
            total += np.append(salted, np.uint64(0))[codes_of(encoded)]
    return _mixed(total)


def _values(table: str) -> list[str]:
    return [name for name in MODELS[table].model_fields if name not in LEFT_OUT]


def _to_arrow(values: Values, kind: pa.DataType) -> pa.Array:
    if isinstance(values, Moments):
        parts = [pa.array(values.lo), pa.array(values.hi), pa.array(values.day)]
        return pa.StructArray.from_arrays(parts, fields=list(kind), mask=pa.array(~values.known))
    if isinstance(values, np.ndarray):
        return pa.array(values, kind, mask=np.isnan(values)) if kind == pa.float64() else pa.array(values, kind)
    return values.cast(kind)


def _from_arrow(column: pa.ChunkedArray) -> Values:
    whole = _whole(column)
    if whole.type == MOMENT:
        lo, hi, day = (pc.struct_field(whole, name) for name in ("lo", "hi", "day"))
        known = np.asarray(whole.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
        lows, highs = (np.array(pc.fill_null(x, 0).to_numpy(zero_copy_only=False), np.int64) for x in (lo, hi))
        return Moments(known, lows, highs, np.array(pc.fill_null(day, False).to_numpy(zero_copy_only=False), np.bool_))
    if whole.type == pa.float64():
        return np.array(whole.to_numpy(zero_copy_only=False), np.float64)
    if whole.type == pa.int64():
        return np.array(whole.to_numpy(zero_copy_only=False), np.int64)
    return whole


def _whole(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 0:
        return pa.array([], column.type)
    return column.unify_dictionaries().combine_chunks() if column.num_chunks > 1 else column.chunk(0)


class _Told(dict[str, pa.Array]):
    """Columns as text, each made when it is first asked for: only rows that disagree are told."""

    def __init__(self, values: dict[str, Values]) -> None:
        super().__init__()
        self._values = values

    def __missing__(self, name: str) -> pa.Array:
        self[name] = _told(self._values[name])
        return self[name]


def _told(values: Values) -> pa.Array:
    """Return values as text, for what is said of rows that disagree."""
    if isinstance(values, Moments):
        days = pa.array(london_days(values.lo).astype(np.int32)).cast(pa.date32()).cast(pa.string())
        times = pa.array(values.lo, pa.int64()).cast(pa.timestamp("s")).cast(pa.string())
        moments = pc.binary_join_element_wise(pc.replace_substring(times, " ", "T"), "Z", "")
        said = pc.if_else(pa.array(values.day), days, moments)
        return pc.if_else(pa.array(values.known), said, pa.scalar(None, pa.string()))
    if isinstance(values, np.ndarray):
        blank = np.isnan(values) if values.dtype == np.float64 else values < 0
        return pa.array(values, mask=blank).cast(pa.string())
    return values.cast(pa.string())


def _hashes(texts: pa.Array) -> Hashes:
    """Return a number for each text: a polynomial of its bytes, all texts at once."""
    if len(texts) == 0:
        return np.empty(0, np.uint64)
    _, offsets, data = texts.cast(pa.string()).buffers()
    bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    codes = np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]].astype(np.uint64) + np.uint64(1)
    sizes = np.diff(bounds)
    within = np.arange(len(codes)) - np.repeat(bounds[:-1] - bounds[0], sizes)
    powers = np.cumprod(np.full(int(sizes.max()) + 1, _PRIME, np.uint64))
    running = np.append(np.uint64(0), np.cumsum(codes * powers[within], dtype=np.uint64))
    return _mixed(running[bounds[1:] - bounds[0]] - running[bounds[:-1] - bounds[0]])


def _mixed(values: Hashes) -> Hashes:
    """Spread the bits of each number over all of it."""
    mixed = values ^ (values >> np.uint64(30))
    mixed = mixed * np.uint64(0xBF58476D1CE4E5B9)
    mixed = mixed ^ (mixed >> np.uint64(27))
    return np.asarray(mixed * np.uint64(0x94D049BB133111EB), dtype=np.uint64)

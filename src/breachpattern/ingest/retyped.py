"""Typed tables of an extract as rows as read, for extracts that did not keep those."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.as_read import MOMENT, schema_of
from breachpattern.ingest.tables import WINDOWS
from breachpattern.spans import london_midnight

if TYPE_CHECKING:
    from breachpattern.ingest.extract import Extract

Ints = npt.NDArray[np.int64]
_INSTANTS = {
    "incidents": {"occurred_from": "start", "occurred_to": "end", "reported_at": "reported_at",
                  "recorded_at": "recorded_at"},
    "orders": {"ends": "ends"},
    "persons": {},
    "associations": {"until": "until"},
}  # fmt: skip
_WINDOWS = {"orders": WINDOWS, "associations": {"since": "since"}}
_MINUTES = ("curfew_from", "curfew_to")


def rows_of(extract: Extract) -> dict[str, pa.Table]:
    """Return the rows of an extract as they were read, or as near to that as its typed tables are.

    Of an extract that kept its rows these are exact. Otherwise rows of one record have been brought together already,
    a day is its first second or its last, and ``written`` is null.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> rows = rows_of(read_extract([{"incident_id": "I1", "occurred_from": "2025-03-01"}]))
    >>> rows["incidents"]["incident_id"].to_pylist(), rows["incidents"]["written"].to_pylist()
    (['I1'], [None])
    """
    tables = {"incidents": extract.incidents, "orders": extract.orders, "persons": extract.persons}
    tables["associations"] = extract.associations
    kept = extract.as_read if extract.as_read is not None else {n: _retyped(n, t) for n, t in tables.items()}
    return {name: kept.get(name, schema_of(name).empty_table()) for name in tables}


def _retyped(name: str, table: pa.Table) -> pa.Table:
    schema = schema_of(name)
    size = table.num_rows
    columns: dict[str, pa.Array | pa.ChunkedArray] = {"written": pa.nulls(size, pa.uint64())}
    for target, source in _INSTANTS[name].items():
        at = _seconds(table[source])
        columns[target] = _moments(at, at, np.zeros(size, np.bool_), _known(table[source]))
    for source, target in _WINDOWS.get(name, {}).items():
        low, high = _seconds(table[f"{source}_lo"]), _seconds(table[f"{source}_hi"])
        columns[target] = _moments(low, high, high > low, _known(table[f"{source}_lo"]))
    if name == "persons":
        born = table["date_of_birth"].cast(pa.date32())
        days = np.asarray(pc.fill_null(born.cast(pa.int32()), 0).to_numpy(), dtype=np.int64)
        whole = np.ones(size, np.bool_)
        columns["date_of_birth"] = _moments(london_midnight(days), london_midnight(days + 1), whole, _known(born))
    for field in schema:
        if field.name in columns:
            continue
        column = table[field.name] if field.name in table.column_names else pa.nulls(size, field.type)
        columns[field.name] = pc.fill_null(column, -1).cast(field.type) if field.name in _MINUTES else column
    return pa.table([columns[field.name] for field in schema], names=schema.names).cast(schema)


def _known(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    return np.asarray(column.is_valid().to_numpy(), dtype=np.bool_)


def _seconds(column: pa.ChunkedArray) -> Ints:
    return np.asarray(pc.fill_null(column.cast(pa.int64()), 0).to_numpy(), dtype=np.int64)


def _moments(low: Ints, high: Ints, day: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]) -> pa.Array:
    parts = [pa.array(low), pa.array(high), pa.array(day)]
    return pa.StructArray.from_arrays(parts, fields=list(MOMENT), mask=pa.array(~known))

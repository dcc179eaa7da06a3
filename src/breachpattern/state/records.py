"""The records of a state: every accepted row of every table as it was read, batch after batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.errors import UsageError
from breachpattern.ingest import Extract, Issues, read_extract
from breachpattern.ingest.as_read import checked_again, schema_of
from breachpattern.ingest.conflicts import codes_of, groups, settle
from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.offences import recognise
from breachpattern.ingest.retyped import rows_of
from breachpattern.ingest.tables import TABLES, incidents_table
from breachpattern.linking.columns import equals, seconds
from breachpattern.linking.objects import spelt, spelt_column, texts_in
from breachpattern.linking.ties import OBJECTS as ON_FILE
from breachpattern.linking.ties import address_on_file
from breachpattern.spans import FOREVER

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NAMES = ("incidents", "orders", "persons", "associations")
# What tells one record of a table from another.
KEYS = {
    "incidents": ("incident_id",),
    "orders": ("order_id", "version"),
    "persons": ("person_id",),
    "associations": ("person_id", "other_id"),
}
# By which a record is withdrawn: of an order all versions go.
WITHDRAWN_BY = KEYS | {"orders": ("order_id",)}
# The objects that a row shows, in one spelling: what can tie its person to others.
HOME = "home"
OBJECTS = {"incidents": ("object",), "persons": ("phone_object", "email_object", "vehicle_object", HOME)}
_KEPT = [("batch", pa.int32()), ("group", pa.int64())]
# Of incidents also what their rows say together: from when each is known, and whether it was cancelled.
_TOGETHER = [("known", pa.int64()), ("cancelled", pa.bool_())]


@dataclass(frozen=True)
class Batch:
    """New rows of every table, and the account of their reading."""

    rows: dict[str, pa.Table]
    issues: Issues
    account: dict[str, dict[str, int]]
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejected: dict[str, pa.Table] = field(default_factory=dict)
    privacy: dict[str, Any] = field(default_factory=dict)


def empty(table: str) -> pa.Table:
    """Return a table of records without rows."""
    return _schema(table).empty_table()


def _schema(table: str) -> pa.Schema:
    objects = [(name, pa.string()) for name in OBJECTS.get(table, ())]
    together = _TOGETHER if table == "incidents" else []
    return pa.schema([*schema_of(table), *(pa.field(*f) for f in (*_KEPT, *together, *objects))])


def read_batch(new: Any, catalogue: Catalogue) -> Batch:
    """Return new rows.

    Parameters
    ----------
    new : Extract, mapping, or anything that is read as incidents
        A mapping has ``incidents``, ``orders``, ``persons`` or ``associations`` as keys.

    Raises
    ------
    UsageError
        Where a mapping has other keys.
    """
    if isinstance(new, Mapping):
        unknown = sorted(str(key) for key in new if key not in NAMES)
        if unknown or not new:
            raise UsageError(
                f"A batch has no table {', '.join(unknown)}." if unknown else "The batch is empty.",
                hint=f"Its tables are {', '.join(NAMES)}; give at least one of them.",
            )
        new = read_extract(**{"incidents": None, **new}, catalogue=catalogue, keep_as_read=True)
    elif not isinstance(new, Extract):
        new = read_extract(new, catalogue=catalogue, keep_as_read=True)
    return Batch(rows_of(new), new.issues, new.rows, new.sources, new.rejected, new.privacy)


def admitted(table: str, rows: pa.Table, batch: int) -> pa.Table:
    """Return rows as read with what a state keeps beside them; their groups are not known yet."""
    size = rows.num_rows
    columns = {name: rows[name] for name in rows.column_names}
    columns |= {"batch": pa.array(np.full(size, batch, np.int32)), "group": pa.array(np.full(size, -1, np.int64))}
    if table == "incidents":
        columns |= {"known": pa.array(np.full(size, FOREVER)), "cancelled": pa.array(np.zeros(size, np.bool_))}
        columns["object"] = spelt_column(rows["means"])
    elif table == "persons":
        held = [spelt(texts_in(rows[name]), kind) for name, kind in ON_FILE.values()]
        columns |= dict(zip(OBJECTS["persons"], [*held, address_on_file(rows)], strict=True))
    schema = _schema(table)
    return pa.table([columns[name] for name in schema.names], schema=schema)


def keys_of(rows: pa.Table, names: Iterable[str]) -> pa.ChunkedArray:
    """Return one text for each row that tells its record; a blank version is the first."""
    parts = []
    for name in names:
        column = rows[name]
        if name == "version":
            version = column.to_numpy()
            column = pa.chunked_array([pa.array(np.where(version < 0, 1, version))])
        parts.append(column.cast(pa.string()))
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "\x1f")


def is_in(column: pa.ChunkedArray, values: pa.Array | pa.ChunkedArray) -> Bools:
    """Return where a column holds one of some texts; a blank is none of them."""
    if len(values) == 0 or len(column) == 0:
        return np.zeros(len(column), np.bool_)
    known = pc.drop_null(values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values)
    return np.asarray(pc.fill_null(pc.is_in(column, value_set=known), False).to_numpy(), dtype=np.bool_)


def repeated(table: str, old: pa.Table, new: pa.Table, catalogue: Catalogue) -> Bools:
    """Return which new rows an earlier batch wrote already, word for word.

    Where one of two rows comes from an extract that did not keep its rows as read, they are the same where they say
    the same.
    """
    key = KEYS[table][0]
    out = np.zeros(new.num_rows, np.bool_)
    alike = old.filter(pa.array(is_in(old[key], new[key])))
    asked = np.flatnonzero(is_in(new[key], alike[key]))
    if len(asked) == 0:
        return out
    before, now = alike, new.take(pa.array(asked))
    both = pa.concat_tables([before.select(schema_of(table).names), now.select(schema_of(table).names)])
    size = before.num_rows
    record = codes_of(_one(both[key]))
    written = codes_of(_one(both["written"]))
    told = _first_before(groups([record, written]), size) & (written[size:] >= 0)
    if (written < 0).any():
        said = groups([record, *_said(table, both, catalogue)])
        told |= _first_before(said, size, written < 0)
    out[asked] = told
    return out


def _first_before(label: Ints, size: int, loose: Bools | None = None) -> Bools:
    """Return which labels from ``size`` on stand before it too; with ``loose``, where either of the two is loose."""
    before, now = label[:size], label[size:]
    found = np.isin(now, before)
    if loose is None:
        return np.asarray(found)
    return np.asarray((found & loose[size:]) | np.isin(now, before[loose[:size]]))


def _said(table: str, rows: pa.Table, catalogue: Catalogue) -> list[Ints]:
    """Return what each row says by itself, as codes of its typed columns."""
    typed = typed_table(table, rows, catalogue, IssueLog(), together=False)
    return [codes_of(_one(typed[name].cast(pa.string()))) for name in typed.column_names if name != "row"]


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def typed_table(
    table: str, rows: pa.Table, catalogue: Catalogue, log: IssueLog, *, together: bool = True, file: str | None = None
) -> pa.Table:
    """Return rows as read as the typed table of an extract, the rows of each record brought together."""
    checked = checked_again(table, rows, file or table)
    if together and table in ("incidents", "orders"):
        checked = settle(checked, log)
    if table == "incidents":
        return incidents_table(checked, recognise(checked, catalogue, IssueLog())[0])
    return TABLES[table](checked)


def extract_of(rows: Mapping[str, pa.Table], catalogue: Catalogue) -> Extract:
    """Return records as an extract: what a full run on them would have read."""
    log = IssueLog()
    tables = {name: typed_table(name, rows[name], catalogue, log) for name in NAMES}
    account = {
        name: {"rows_in": t.num_rows, "accepted": t.num_rows, "rejected": 0, "duplicates": 0}
        for name, t in tables.items()
    }
    return Extract(**tables, issues=log.collect(), rows=account, sources={}, rejected={})


def together(incidents: pa.Table) -> tuple[Ints, Bools]:
    """Return from when each row of a typed table of incidents is known, and whether it was cancelled."""
    return seconds(incidents["known_at"]), equals(incidents["status"], "cancelled")


def with_column(table: pa.Table, name: str, values: npt.NDArray[Any]) -> pa.Table:
    """Return a table with other values in a column."""
    place = table.column_names.index(name)
    return table.set_column(place, table.schema.field(name), pa.array(values, table.schema.field(name).type))

"""Results of a state: the tables of a run, each row with the group of people that it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import code, dictionary
from breachpattern.output.schema import FINDINGS
from breachpattern.output.tables import breaches_table, courses_table, findings_table, near_misses_table
from breachpattern.spans import NEVER
from breachpattern.vocabulary import LEVELS, STRENGTHS

if TYPE_CHECKING:
    from breachpattern.patterns import Findings
    from breachpattern.timelines import Timelines

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Results = Mapping[str, pa.Table]

NAMES = ("breaches", "courses", "findings", "near_misses", "suppressed")
# The records by which a row of each table finds its group.
_RECORDS = {
    "breaches": (("incidents", "incident_id"),),
    "courses": (("incidents", "incident_ids"),),
    "findings": (("incidents", "incident_ids"), ("orders", "order_ids"), ("persons", "suspect_id")),
    "near_misses": (("incidents", "incident_ids"), ("orders", "order_ids"), ("persons", "suspect_ids")),
}
_RECORDS["suppressed"] = _RECORDS["findings"]
NO_FILTER = ("filter_id", "filter_reason", "filter_author", "filter_expires")


def results_of(
    timelines: Timelines, found: Findings, groups: Mapping[str, tuple[pa.Array, Ints]]
) -> dict[str, pa.Table]:
    """Return the results of a run as tables, each row with its group.

    Parameters
    ----------
    timelines : Timelines
    found : Findings
    groups : mapping of str to (pyarrow.Array of string, (n,) int64)
        References of ``incidents``, ``orders`` and ``persons``, and the group of each. What
        belongs to none is left out: it is about people of whom not everything is here.
    """
    ids = pa.array(found.course_ids, pa.string())
    suppressed = found.suppressed.to_arrow()
    blank = {name: pa.nulls(suppressed.num_rows, pa.string()) for name in NO_FILTER}
    filters = {name: suppressed[name] if name in suppressed.column_names else blank[name] for name in NO_FILTER}
    tables = {
        "breaches": breaches_table(timelines, ids),
        "courses": courses_table(timelines, ids),
        "findings": findings_table(found.to_arrow()),
        "near_misses": near_misses_table(found.near_misses),
        "suppressed": _with(findings_table(suppressed), filters),
    }
    whole = {name: _with(table, {"group": _group(name, table, groups)}) for name, table in tables.items()}
    return {name: table.filter(pc.greater_equal(table["group"], 0)) for name, table in whole.items()}


def none() -> dict[str, pa.Table]:
    """Return results without rows."""
    from breachpattern.ingest import read_extract
    from breachpattern.law import Catalogue
    from breachpattern.patterns.context import Context
    from breachpattern.patterns.engine import run
    from breachpattern.timelines import build

    nothing = build(read_extract([]), Catalogue.load())
    nobody = pa.array([], pa.string()), np.empty(0, np.int64)
    return results_of(nothing, run(Context(nothing), ()), dict.fromkeys(("incidents", "orders", "persons"), nobody))


def _with(table: pa.Table, columns: Mapping[str, pa.Array | pa.ChunkedArray]) -> pa.Table:
    for name, values in columns.items():
        table = table.append_column(name, values)
    return table


def _group(name: str, table: pa.Table, groups: Mapping[str, tuple[pa.Array, Ints]]) -> pa.Array:
    group = np.full(table.num_rows, -1, np.int64)
    for kind, column in _RECORDS[name]:
        texts, labels = groups[kind]
        held = code(first_of(table[column]), texts)
        group = np.where((group < 0) & (held >= 0), np.append(labels, -1)[held], group)
    return pa.array(group)


def first_of(lists: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the first item of each ``;``-joined list.

    Examples
    --------
    >>> first_of(pa.chunked_array([["I1;I2", "I3", None, ""]])).to_pylist()
    ['I1', 'I3', None, '']
    """
    parts = [pc.list_element(pc.split_pattern(chunk, ";", max_splits=1), 0) for chunk in lists.chunks]
    return pa.chunked_array(parts, pa.string())


def without(results: Results, gone: Ints) -> dict[str, pa.Table]:
    """Return results without those of some groups."""
    return {name: table.filter(pa.array(~of_groups(table, gone))) for name, table in results.items()}


def only(results: Results, groups: Ints) -> dict[str, pa.Table]:
    """Return the results of some groups."""
    return {name: table.filter(pa.array(of_groups(table, groups))) for name, table in results.items()}


def of_groups(table: pa.Table, groups: Ints) -> Bools:
    """Return which rows of a table belong to some groups."""
    return np.asarray(np.isin(table["group"].to_numpy(), groups))


def joined(one: Results, other: Results) -> dict[str, pa.Table]:
    """Return both results."""
    return {name: pa.concat_tables([table, other[name].cast(table.schema)]) for name, table in one.items()}


def in_order(name: str, table: pa.Table, near: tuple[str, ...] = ()) -> pa.Table:
    """Return a table as a full run would write it: in its total order, without groups, findings ranked.

    Parameters
    ----------
    name : str
    table : pyarrow.Table
    near : tuple of str
        The patterns in the order in which near misses are told.
    """
    if name == "near_misses":
        table = table.append_column("place", pc.index_in(table["pattern"], value_set=pa.array(near, pa.string())))
        ids = ("suspect_ids", "victim_ids", "order_ids", "incident_ids")
        keys = [("place", "ascending"), ("last_at", "descending"), *((column, "ascending") for column in ids)]
        table = table.take(pc.sort_indices(table, sort_keys=keys))
        return table.drop_columns(["place", "group"])
    table = table.take(pa.array(_ORDERS[name](table))).drop_columns(["group"])
    if name in ("findings", "suppressed"):
        table = table.set_column(0, FINDINGS[0].name, pa.array(np.arange(1, table.num_rows + 1)))
    return table


def _breach_order(table: pa.Table) -> Ints:
    incident, order = (code(table[name], dictionary(table[name])) for name in ("incident_id", "order_id"))
    return np.lexsort((order, incident, _seconds(table["occurred_at"])))


def _course_order(table: pa.Table) -> Ints:
    ids = code(table["course_id"], dictionary(table["course_id"]))
    strength = code(table["strength"], pa.array(STRENGTHS.values)).astype(np.int64)
    return np.lexsort((ids, -_seconds(table["last_at"]), -strength))


def finding_order(table: pa.Table) -> Ints:
    """Return the order of findings: level, score, recency, id."""
    ids = code(table["finding_id"], dictionary(table["finding_id"]))
    level = code(table["level"], pa.array(LEVELS.values)).astype(np.int64)
    score = table["score"].to_numpy()
    return np.lexsort((ids, -_seconds(table["last_at"]), -score, -level))


_ORDERS = {
    "breaches": _breach_order,
    "courses": _course_order,
    "findings": finding_order,
    "suppressed": finding_order,
}


def _seconds(column: pa.ChunkedArray) -> Ints:
    whole = column.cast(pa.timestamp("s", "UTC")).cast(pa.int64())
    return np.asarray(pc.fill_null(whole, NEVER).to_numpy(), dtype=np.int64)

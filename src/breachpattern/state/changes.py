"""What an update changed: findings, breaches and courses that are new, other than before, or gone."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest import Issues
from breachpattern.ingest.conflicts import codes_of, groups
from breachpattern.linking.columns import code
from breachpattern.output.results import Table
from breachpattern.state.results import Results
from breachpattern.timelines.breaches import expand
from breachpattern.vocabulary import LEVELS

if TYPE_CHECKING:
    from breachpattern.patterns import Findings

Ints = npt.NDArray[np.int64]

NEW, CHANGED, WITHDRAWN = KINDS = ("new", "changed", "withdrawn")
# What tells one row of a table from another, and what of it is no news: a place in a list, a line in a file.
KEYS = {
    "findings": ("finding_id",),
    "courses": ("course_id",),
    "breaches": ("incident_id", "order_id", "suspect_id", "victim_id", "through_id"),
}
NO_NEWS = ("rank", "row", "group")
# Shown as they were and as they are.
TOLD = {"findings": ("level", "headline"), "courses": ("strength", "occasions"), "breaches": ("status", "order_state")}
ABOUT = {
    "findings": ("pattern", "suspect_id", "victim_ids"),
    "courses": ("unit", "suspect_ids", "victim_ids"),
    "breaches": (),
}
# Ids of findings and courses hash their incidents, so that one that grows has another id: what it goes on from.
GOES_ON = {"findings": ("pattern", "suspect_id"), "courses": ("unit", "suspect_ids")}


def difference(name: str, before: pa.Table, after: pa.Table) -> pa.Table:
    """Return what is new, changed and withdrawn between two tables of results.

    Parameters
    ----------
    name : str
        ``findings``, ``courses`` or ``breaches``.
    before, after : pyarrow.Table

    Returns
    -------
    pyarrow.Table
        ``change``, the key, what it is about, and each told column ``_before`` and ``_after``; ``fields``, the names
        of the columns that differ, joined with ``;``. A new finding or course that shares incidents with one of its
        kind that was withdrawn has its id in ``goes_on_from``, and in ``fields`` what differs between the two.
    """
    there = _found_again(name, before, after)
    gone = np.setdiff1d(np.arange(before.num_rows), there)
    fresh = np.flatnonzero(there < 0)
    from_ = _goes_on(name, before, after, gone, fresh)
    differs = _differing(name, before, after, np.where(there >= 0, there, from_))
    changed = np.flatnonzero((there >= 0) & (differs != ""))
    kind = np.repeat(KINDS, [len(fresh), len(changed), len(gone)])
    now = np.concatenate([fresh, changed, np.full(len(gone), -1)])
    then = np.concatenate([np.full(len(fresh), -1), there[changed], gone])
    columns: dict[str, Any] = {"change": pa.array(kind.tolist(), pa.string())}
    for column in (*KEYS[name], *ABOUT[name]):
        columns[column] = pc.coalesce(_at(after, column, now), _at(before, column, then))
    for column in TOLD[name]:
        columns[f"{column}_before"] = _at(before, column, then)
        columns[f"{column}_after"] = _at(after, column, now)
    columns["fields"] = pa.array(np.append(differs, "")[now].tolist(), pa.string())
    if name in GOES_ON:
        columns["goes_on_from"] = _at(before, KEYS[name][0], np.append(from_, -1)[now])
    return _sorted(name, pa.table(columns))


def _found_again(name: str, before: pa.Table, after: pa.Table) -> Ints:
    """Return for each row of the later table the earlier one with its key, ``-1`` where none.

    Rows with one key are paired one by one, as they stand.
    """
    old, new = _codes(before, after, KEYS[name])
    width = np.int64(max(len(old), len(new)) + 1)
    keys = [label * width + _place(label) for label in (old, new)]
    order = np.argsort(keys[0], kind="stable")
    place = np.minimum(np.searchsorted(keys[0][order], keys[1]), max(len(old) - 1, 0))
    if len(old) == 0:
        return np.full(len(new), -1, np.int64)
    return np.where(keys[0][order][place] == keys[1], order[place], -1)


def _codes(before: pa.Table, after: pa.Table, columns: tuple[str, ...]) -> tuple[Ints, Ints]:
    """Return what some columns of two tables say together, as codes that are equal where they say the same."""
    parts = [pa.chunked_array([*(_text(table[name]) for table in (before, after))], pa.string()) for name in columns]
    whole = groups([codes_of(part.combine_chunks()) for part in parts])
    return whole[: before.num_rows], whole[before.num_rows :]


def _place(label: Ints) -> Ints:
    """Return the place of each entry among its equals."""
    order = np.argsort(label, kind="stable")
    fresh = np.append(True, label[order][1:] != label[order][:-1])[: len(label)]
    first = np.maximum.accumulate(np.where(fresh, np.arange(len(label)), 0))
    out = np.empty(len(label), np.int64)
    out[order] = np.arange(len(label)) - first
    return out


def _goes_on(name: str, before: pa.Table, after: pa.Table, gone: Ints, fresh: Ints) -> Ints:
    """Return for each new row the withdrawn one that shares most incidents with it, ``-1`` where none."""
    out = np.full(after.num_rows, -1, np.int64)
    if name not in GOES_ON or len(gone) == 0 or len(fresh) == 0:
        return out
    owners = _codes(before, after, GOES_ON[name])
    items = [_incidents(table.take(pa.array(rows))) for table, rows in ((before, gone), (after, fresh))]
    texts = pa.chunked_array([item for _, item in items]).combine_chunks()
    incident = codes_of(texts)
    size = len(items[0][0])
    old, new = gone[items[0][0]], fresh[items[1][0]]
    shared = groups([np.concatenate([owners[0][old], owners[1][new]]), incident])
    order = np.argsort(shared[:size], kind="stable")
    low, high = (np.searchsorted(shared[:size][order], shared[size:], side=side) for side in ("left", "right"))
    item, place = expand(np.arange(len(new)), low, high)
    pair = np.stack([new[item], old[order[place]]])
    if pair.shape[1] == 0:
        return out
    (now, then), count = np.unique(pair, axis=1, return_counts=True)
    by_id = np.argsort(np.argsort(codes_in_order(before[KEYS[name][0]])[then], kind="stable"), kind="stable")
    best = np.lexsort((-by_id, count, now))
    out[now[best]] = then[best]
    return out


def _incidents(table: pa.Table) -> tuple[Ints, pa.Array]:
    """Return (row, incident) pairs."""
    lists = pc.split_pattern(pc.fill_null(_text(table["incident_ids"]), ""), ";")
    return np.asarray(pc.list_parent_indices(lists).to_numpy(), dtype=np.int64), pc.list_flatten(lists)


def codes_in_order(column: pa.ChunkedArray) -> Ints:
    """Return the place of each text among the distinct ones, sorted."""
    return code(pa.chunked_array([_text(column)]), _dictionary(column)).astype(np.int64)


def _differing(name: str, before: pa.Table, after: pa.Table, compared: Ints) -> npt.NDArray[np.object_]:
    """Return for each later row the names of the columns in which it differs from the one that it is held against."""
    out = np.full(after.num_rows, "", object)
    rows = np.flatnonzero(compared >= 0)
    for column in (column for column in after.column_names if column not in (*NO_NEWS, *KEYS[name])):
        now, then = after[column].take(pa.array(rows)), before[column].take(pa.array(compared[rows]))
        same = pc.or_(pc.fill_null(pc.equal(now, then), False), pc.and_(pc.is_null(now), pc.is_null(then)))
        apart = rows[~np.asarray(same.to_numpy(), dtype=np.bool_)]
        out[apart] = np.where(out[apart] == "", column, out[apart] + ";" + column)
    return out


def _at(table: pa.Table, column: str, rows: Ints) -> pa.ChunkedArray:
    return table[column].take(pa.array(np.maximum(rows, 0), mask=rows < 0))


def _sorted(name: str, table: pa.Table) -> pa.Table:
    """Return changes with the gravest first: new, changed, withdrawn among equals, then by key."""
    keys: list[Any] = [codes_in_order(table[key]) for key in reversed(KEYS[name])]
    kind = code(table["change"], pa.array(KINDS))
    if name == "findings":
        levels = pa.array(LEVELS.values)
        grave = np.maximum(*(code(table[f"level_{when}"], levels).astype(np.int64) for when in ("before", "after")))
        return table.take(pa.array(np.lexsort([*keys, kind, -grave])))
    return table.take(pa.array(np.lexsort([*keys, kind])))


def _text(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays([chunk.cast(pa.string()) for chunk in column.chunks] or [pa.array([], pa.string())])


def _dictionary(column: pa.ChunkedArray) -> pa.Array:
    unique = pc.unique(_text(column)).drop_null()
    return unique.take(pc.sort_indices(unique))


@dataclass(frozen=True)
class Changes:
    """What an update changed.

    Attributes
    ----------
    findings, courses, breaches : Table
        What is new, changed and withdrawn, the gravest first (:func:`difference`).
    issues : Issues
        Problems with the new rows, and rows of one record that disagree.
    rows : dict
        Where each new row went: ``rows_in = accepted + rejected + duplicates``, by table.
    sources, rejected : dict
        As :class:`~breachpattern.Extract` has them, of the new rows.
    withdrawn : dict
        How many rows were taken out, by table, and ids of which there was none.
    groups : int
        How many groups of connected people were worked out again.
    as_of : int
        The last second, UTC, of which anything was known.
    """

    findings: Table
    courses: Table
    breaches: Table
    issues: Issues
    rows: dict[str, dict[str, int]]
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejected: dict[str, pa.Table] = field(default_factory=dict)
    withdrawn: dict[str, Any] = field(default_factory=dict)
    groups: int = 0
    as_of: int = 0
    found: Findings | None = None

    @classmethod
    def between(cls, before: Results, after: Results, **account: Any) -> Changes:
        """Return the changes between two results."""

        def changes_of(name: str) -> Table:
            table = difference(name, before[name], after[name])
            return Table(f"changes of {name}", table, _said(table))

        return cls(
            findings=changes_of("findings"), courses=changes_of("courses"), breaches=changes_of("breaches"), **account
        )

    def __len__(self) -> int:
        return sum(map(len, self._tables()))

    def _tables(self) -> tuple[Table, Table, Table]:
        return self.findings, self.breaches, self.courses

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many of each table are new, changed and withdrawn."""
        return {name: _counts(getattr(self, name).to_arrow()) for name in KEYS}

    def to_frame(self) -> pd.DataFrame:
        """Return the changes of findings as pandas."""
        return self.findings.to_frame()

    def records(self) -> Iterator[Mapping[str, Any]]:
        """Yield the whole of each finding that is new or changed, as JSON-able data, the gravest first."""
        if self.found is not None:
            wanted = {row["finding_id"] for row in self.findings if row["change"] != WITHDRAWN}
            yield from (record for record in self.found.records() if record["finding_id"] in wanted)

    def __repr__(self) -> str:
        return "\n".join(["Changes", *(f"  {table.heading()}" for table in self._tables())])

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{html.escape(table.heading())}</li>" for table in self._tables()[1:])
        return f"{self.findings._repr_html_()}<ul>{lines}</ul>"


def _counts(table: pa.Table) -> dict[str, int]:
    counts = {item["values"]: item["counts"] for item in pc.value_counts(table["change"]).to_pylist()}
    return {kind: counts.get(kind, 0) for kind in KINDS}


def _said(table: pa.Table) -> str:
    return ", ".join(f"{kind} {count:,}" for kind, count in _counts(table).items() if count)

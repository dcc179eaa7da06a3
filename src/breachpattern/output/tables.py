"""The engine's integer codes as tables of text: whole columns at a time, never row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.paths import path_words
from breachpattern.output.schema import BREACHES, COURSES, FINDINGS, NEAR_MISSES, PEOPLE_LINKS, Column
from breachpattern.spans import DAY
from breachpattern.timelines.nexus import signal_table
from breachpattern.timelines.reasons import BREACH_REASONS
from breachpattern.vocabulary import (
    BREACH_KINDS,
    BREACH_STATUSES,
    NATURES,
    ORDER_STATES,
    STRENGTHS,
    TERMS,
    UNITS,
    Vocabulary,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from breachpattern.ingest import Extract
    from breachpattern.linking.people import People
    from breachpattern.timelines import Timelines
    from breachpattern.timelines.courses import Ragged

Codes = npt.NDArray[Any]
TIME = pa.timestamp("s", "Europe/London")
_TYPES = {
    "text": pa.string(), "list": pa.string(), "whole": pa.int64(), "number": pa.float64(), "time": TIME,
    "flag": pa.bool_(),
}  # fmt: skip


def texts_of(texts: pa.Array, codes: Codes) -> pa.Array:
    """Return the text behind each code; ``-1`` is null.

    Examples
    --------
    >>> texts_of(pa.array(["a", "b"]), np.array([1, -1])).to_pylist()
    ['b', None]
    """
    return texts.take(pa.array(codes.astype(np.int64), mask=codes < 0))


def words_of(vocabulary: Vocabulary, codes: Codes) -> pa.Array:
    """Return the word of each position in a vocabulary; ``-1`` is null.

    Examples
    --------
    >>> words_of(STRENGTHS, np.array([3, -1])).to_pylist()
    ['clear', None]
    """
    return texts_of(pa.array(vocabulary.values, pa.string()), codes)


def words_of_masks(words: tuple[str, ...], masks: Codes, joint: str = ";") -> pa.Array:
    """Return the words of each bit mask, joined; an empty mask is null.

    Examples
    --------
    >>> words_of_masks(("red", "green"), np.array([3, 0, 2])).to_pylist()
    ['red;green', None, 'green']
    """
    if len(masks) == 0:
        return pa.array([], pa.string())
    distinct, index = np.unique(masks, return_inverse=True)
    joined = [joint.join(w for i, w in enumerate(words) if mask >> i & 1) or None for mask in distinct.tolist()]
    return pa.array(joined, pa.string()).take(pa.array(index.reshape(-1)))


def lists_of(texts: pa.Array, lists: Ragged) -> pa.Array:
    """Return the texts behind lists of codes, joined with ``;``.

    Examples
    --------
    >>> from breachpattern.timelines.courses import Ragged
    >>> lists_of(pa.array(["a", "b"]), Ragged(np.array([0, 2, 3]), np.array([1, 0, 1]))).to_pylist()
    ['b;a', 'b']
    """
    items = texts.take(pa.array(lists.values))
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(lists.offsets, pa.int32()), items), ";")


def times_of(seconds: Codes, known: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Return seconds UTC as instants on the London clock; null where not known.

    Examples
    --------
    >>> str(times_of(np.array([1_751_328_000]))[0].as_py())
    '2025-07-01 01:00:00+01:00'
    """
    mask = None if known is None else ~known
    return pa.array(seconds.astype(np.int64), mask=mask).cast(pa.timestamp("s", "UTC")).cast(TIME)


def schema_of(columns: tuple[Column, ...]) -> pa.Schema:
    """Return the types of the columns of an output."""
    return pa.schema([(column.name, _TYPES[column.kind]) for column in columns])


def table_of(columns: tuple[Column, ...], values: dict[str, Any]) -> pa.Table:
    """Return a table with exactly the columns of an output, typed.

    Parameters
    ----------
    columns : tuple of Column
    values : dict of str to array
        One array for each column.
    """
    return pa.table({column.name: _typed(values[column.name], column) for column in columns})


def _typed(values: Any, column: Column) -> Any:
    kind = _TYPES[column.kind]
    return values.cast(kind) if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, kind)


def breaches_table(timelines: Timelines, course_ids: pa.Array, *, considered: bool = False) -> pa.Table:
    """Return the breaches as text, in time order.

    Parameters
    ----------
    timelines : Timelines
    course_ids : pyarrow.Array of string
        The id of each course of ``timelines.courses``.
    considered : bool, default False
        Add the orders that were considered and do not fit, as ``not_breach``.

    Returns
    -------
    pyarrow.Table
        The columns of :data:`breachpattern.output.schema.BREACHES`.
    """
    frame = _every_breach(timelines, considered)
    columns, orders = timelines.columns, timelines.orders
    held = {name: frame[name].to_numpy() for name in frame.columns}
    version = held["version"].astype(np.int64)
    with_order = version >= 0
    kinds = np.append(orders.kind.astype(np.int64), -1)[version]
    version_numbers = np.append(orders.version.astype(np.int64), 0)[version]
    names = columns.names
    return table_of(
        BREACHES,
        {
            "incident_id": texts_of(names.incidents, held["incident"]),
            "order_id": texts_of(names.orders, held["order"]),
            "suspect_id": texts_of(names.persons, _suspects(timelines, frame)),
            "victim_id": texts_of(names.persons, columns.victim_reference[held["row"]]),
            "status": words_of(BREACH_STATUSES, held["status"]),
            "order_state": words_of(ORDER_STATES, held["state"]),
            "nature": words_of(NATURES, held["nature"]),
            "breach_kind": words_of_masks(BREACH_KINDS.values, held["kinds"]),
            "terms_matched": words_of_masks(TERMS.values, held["terms"]),
            "days_since_served": _whole(held["days_since_served"]),
            "course_id": texts_of(course_ids, held["course"]),
            "course_strength": words_of(STRENGTHS, held["strength"]),
            "prior_occasions_365d": _whole(held["prior_occasions_365d"]),
            "prior_breaches": _whole(held["prior_breaches"]),
            "reasons": words_of_masks(BREACH_REASONS.values, held["reasons"], "; "),
            "order_version": pa.array(version_numbers, mask=~with_order),
            "order_kind": texts_of(pa.array(timelines.catalogue.order_kind_ids, pa.string()), kinds),
            "occurred_at": times_of(held["start"]),
            "known_at": times_of(held["known"]),
            "row": columns.row[held["row"]],
            "through_id": texts_of(names.persons, _who_acted(timelines, frame)),
            "path": pa.array(_paths(timelines, frame), pa.string()),
        },
    )


def _every_breach(timelines: Timelines, considered: bool) -> pd.DataFrame:
    """Return breaches, inferred ones within the terms, and at wish the orders considered, in time order."""
    nobody = {"through": -1, "tie": -1, "next_tie": -1, "path_weight": np.nan}
    parts = [timelines.breaches.assign(**nobody), timelines.inferred_within_terms]
    if considered:
        # What came before is worked out for breaches only: it stays blank here.
        blank = {"course": -1, "strength": -1, "prior_occasions_365d": np.nan, "prior_breaches": np.nan}
        parts.append(timelines.considered.assign(**nobody, **blank))
    whole = [part for part in parts if len(part)] or parts[:1]
    columns = list(parts[0].columns)
    frame = pd.concat([part[columns] for part in whole], ignore_index=True) if len(whole) > 1 else whole[0][columns]
    return frame.sort_values(["start", "incident", "order", "row"], kind="stable", ignore_index=True)


def _suspects(timelines: Timelines, frame: pd.DataFrame) -> Codes:
    """Return whom each row means: as the record writes it, or where contact is inferred the respondent's entity."""
    written = timelines.columns.suspect_reference[frame["row"].to_numpy()]
    return np.where(frame["through"].to_numpy() >= 0, frame["suspect"].to_numpy(), written)


def _who_acted(timelines: Timelines, frame: pd.DataFrame) -> Codes:
    """Return through whom contact is inferred, as the record writes them; ``-1`` where none is."""
    written = timelines.columns.suspect_reference[frame["row"].to_numpy()]
    return np.where(frame["through"].to_numpy() >= 0, written, np.int32(-1))


def _paths(timelines: Timelines, frame: pd.DataFrame) -> list[str | None]:
    out: list[str | None] = [None] * len(frame)
    steps, acts = frame[["tie", "next_tie"]].to_numpy(), frame["row"].to_numpy()
    for place in np.flatnonzero(steps[:, 0] >= 0).tolist():
        path = [tie for tie in steps[place].tolist() if tie >= 0]
        out[place] = path_words(timelines.ties, timelines.columns, path, int(acts[place]))
    return out


def courses_table(timelines: Timelines, course_ids: pa.Array) -> pa.Table:
    """Return the candidate courses as text: the strongest first, then the most recent, then by id.

    Parameters
    ----------
    timelines : Timelines
    course_ids : pyarrow.Array of string

    Returns
    -------
    pyarrow.Table
        The columns of :data:`breachpattern.output.schema.COURSES`.
    """
    courses, signals = timelines.courses, signal_table()
    against = signals.mask(against=True)
    words = tuple(signal.text for signal in signals.signals)
    held = {name: courses.frame[name].to_numpy() for name in courses.frame.columns}
    keys = pa.table({"strength": held["strength"], "last_at": held["last_at"], "id": course_ids})
    order = pc.sort_indices(keys, [("strength", "descending"), ("last_at", "descending"), ("id", "ascending")])
    order = order.to_numpy().astype(np.int64)
    held = {name: values[order] for name, values in held.items()}
    persons = timelines.columns.names.persons
    return table_of(
        COURSES,
        {
            "course_id": course_ids.take(pa.array(order)),
            "suspect_ids": lists_of(persons, courses.suspects.take(order)),
            "victim_ids": lists_of(persons, courses.victims.take(order)),
            "unit": words_of(UNITS, held["unit"]),
            "strength": words_of(STRENGTHS, held["strength"]),
            "occasions": held["occasions"],
            "acts": held["acts"],
            "breaches": held["breaches"],
            "first_at": times_of(held["first_at"]),
            "last_at": times_of(held["last_at"] - 1),
            "longest_gap_days": np.round(held["longest_gap"] / DAY, 1),
            "reasons_for": words_of_masks(words, held["signals"] & ~against, "; "),
            "reasons_against": words_of_masks(words, held["signals"] & against, "; "),
            "incident_ids": lists_of(
                timelines.columns.names.incidents, _incidents(timelines, courses.rows.take(order))
            ),
            "support": np.round(held["support"], 2),
        },
    )


def link_issues(
    people: People, file: str, decisions: str, lost: Sequence[str]
) -> list[tuple[str, int | None, str, str, str | None, str, str]]:
    """Return what linking people doubted, with the file that each concerns.

    Parameters
    ----------
    people : People
    file, decisions : str
        What to call the persons and the decisions.
    lost : sequence of str
        Headlines of findings that stand only without the doubtful links.
    """
    hint = "Look at the doubtful links in people_links, and decide them."
    return [
        (decisions if "decision" in i.code else file, i.row, i.column, i.code, i.value, i.message, i.hint)
        for i in people.issues
    ] + [
        (file, None, "person_id", "lost_to_doubtful_link", None, f"Only without doubtful links: {headline}", hint)
        for headline in lost
    ]


def people_links_table(links: pa.Table | None) -> pa.Table:
    """Return the joined person records with exactly the columns of the contract."""
    names = [column.name for column in PEOPLE_LINKS]
    return table_of(PEOPLE_LINKS, {n: pa.array([]) if links is None else links[n] for n in names})


def extract_tables(extract: Extract) -> dict[str, pa.Table]:
    """Return what reading an extract leaves for people: issues and rejected rows, by file name."""
    return {"issues": extract.issues.to_arrow()} | quarantined(extract.rejected)


def quarantined(rejected: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Return the rejected rows of each table that has some, by file name."""
    tables = {}
    for name, rows in rejected.items():
        if rows.num_rows:
            # Narrative is copied nowhere: the line number leads back to it.
            kept = [column for column in rows.column_names if column.strip().lower() != "narrative"]
            tables[f"quarantine_{name}"] = rows.select(kept)
    return tables


def findings_table(findings: pa.Table) -> pa.Table:
    """Return the findings with exactly the columns of the contract, their times typed.

    Parameters
    ----------
    findings : pyarrow.Table
        As the patterns give them: times are ISO 8601 text or instants.
    """
    return table_of(FINDINGS, {column.name: _instants(findings[column.name], column) for column in FINDINGS})


def near_misses_table(near: pa.Table) -> pa.Table:
    """Return near misses with exactly the columns of the contract, their times typed.

    Parameters
    ----------
    near : pyarrow.Table
        As the patterns give them: times are ISO 8601 text.
    """
    return table_of(NEAR_MISSES, {column.name: _instants(near[column.name], column) for column in NEAR_MISSES})


def _instants(values: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    if column.kind == "time" and (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return values.cast(pa.timestamp("s", "UTC")).cast(TIME)
    return values


def _whole(values: Codes) -> pa.Array:
    """Return whole numbers, null where NaN."""
    if values.dtype.kind != "f":
        return pa.array(values.astype(np.int64))
    blank = np.isnan(values)
    return pa.array(np.where(blank, 0, values).astype(np.int64), mask=blank)


def _incidents(timelines: Timelines, rows: Ragged) -> Ragged:
    """Return the distinct incidents of each course in time order; rows of one incident are neighbours."""
    incident = timelines.columns.incident[rows.values].astype(np.int64)
    owner = np.repeat(np.arange(len(rows)), np.diff(rows.offsets))
    first = np.ones(len(incident), np.bool_)
    first[1:] = (incident[1:] != incident[:-1]) | (owner[1:] != owner[:-1])
    return type(rows).of(owner[first], incident[first], len(rows))

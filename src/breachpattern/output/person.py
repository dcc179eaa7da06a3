"""Everything on record about one person, in time order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.errors import UsageError
from breachpattern.linking.columns import seconds
from breachpattern.output.schema import Column
from breachpattern.output.tables import table_of, texts_of, times_of, words_of, words_of_masks
from breachpattern.spans import FOREVER, NEVER
from breachpattern.vocabulary import BEHAVIOURS, BREACH_STATUSES, CHANNELS, INCIDENT_KINDS, STRENGTHS

if TYPE_CHECKING:
    from breachpattern.timelines import Timelines

PERSON = (
    Column("at", "time", "The first second of the event."),
    Column("until", "time", "Its last second; the same as `at` where the moment is known."),
    Column("event", "text", "`incident`, or what happened to an order."),
    Column("role", "text", "`suspect`, `victim`, `respondent` or `protected`."),
    Column("other_id", "text", "The person on the other side."),
    Column("record_id", "text", "The incident or the order."),
    Column("version", "whole", "The version of the order."),
    Column("kind", "text", "The kind of record or order."),
    Column("offence", "text", "The offence recorded, as the catalogue names it."),
    Column("behaviours", "list", "What was done."),
    Column("channel", "text", "How."),
    Column("breach", "list", "What the incident is to which order."),
    Column("course_id", "text", "The strongest candidate course that holds the incident."),
    Column("course_strength", "text", "Its strength.", STRENGTHS),
    Column("known_at", "time", "When the police knew of it."),
)
_EVENTS = {
    "order made": "made",
    "order served": "served",
    "respondent aware": "aware",
    "order starts": "starts",
    "order discharged": "discharged",
}


def person_table(timelines: Timelines, orders: pa.Table, course_ids: pa.Array, person_id: str) -> pa.Table:
    """Return every record and order event of a person that was known by then, in time order.

    Parameters
    ----------
    timelines : Timelines
    orders : pyarrow.Table
        The canonical orders of the extract.
    course_ids : pyarrow.Array of string
    person_id : str
        As written in the extract.

    Raises
    ------
    UsageError
        Where no record or order names the person.
    """
    code = timelines.people.find(person_id)
    if code < 0:
        raise UsageError(
            f"No record and no order names the person {person_id!r}.",
            hint="Give the reference exactly as the extract writes it.",
        )
    members = timelines.people.members(code)
    parts = [_incidents(timelines, course_ids, code), _order_events(timelines, orders, members)]
    return pa.concat_tables(parts).sort_by(
        [(name, "ascending") for name in ("at", "until", "event", "record_id", "other_id")]
    )


def _incidents(timelines: Timelines, course_ids: pa.Array, code: int) -> pa.Table:
    columns = timelines.columns
    rows = np.flatnonzero((columns.suspect == code) | (columns.victim == code))
    acts = columns.suspect[rows] == code
    names = columns.names
    breaches, held = _breaches_of(timelines, rows), _courses_of(timelines, rows)
    offences = pa.array(timelines.catalogue.offence_ids, pa.string())
    strength = np.append(timelines.courses.frame["strength"].to_numpy(), -1)[held]
    return table_of(
        PERSON,
        {
            "at": times_of(columns.start[rows]),
            "until": times_of(columns.end[rows] - 1),
            "event": pa.array(["incident"] * len(rows), pa.string()),
            "role": pa.array(np.where(acts, "suspect", "victim").tolist(), pa.string()),
            "other_id": texts_of(names.persons, np.where(acts, columns.victim[rows], columns.suspect[rows])),
            "record_id": texts_of(names.incidents, columns.incident[rows]),
            "version": pa.nulls(len(rows), pa.int64()),
            "kind": words_of(INCIDENT_KINDS, columns.kind[rows]),
            "offence": texts_of(offences, columns.offence[rows]),
            "behaviours": words_of_masks(BEHAVIOURS.values, columns.behaviours[rows]),
            "channel": words_of(CHANNELS, columns.channel[rows]),
            "breach": pa.array(breaches, pa.string()),
            "course_id": texts_of(course_ids, held),
            "course_strength": words_of(STRENGTHS, strength),
            "known_at": times_of(columns.known[rows]),
        },
    )


def _breaches_of(timelines: Timelines, rows: Any) -> list[str | None]:
    """Return for each of a person's rows the breaches that it is, such as ``unrecorded of O1``."""
    frame = timelines.breaches
    mine = frame[np.isin(frame["row"].to_numpy(), rows)]
    orders = texts_of(timelines.columns.names.orders, mine["order"].to_numpy()).to_pylist()
    said: dict[int, list[str]] = {}
    for row, status, order in zip(mine["row"].tolist(), mine["status"].tolist(), orders, strict=True):
        word = BREACH_STATUSES.values[status]
        said.setdefault(row, []).append(f"{word} of {order}" if order else word)
    return [";".join(said[row]) if row in said else None for row in rows.tolist()]


def _courses_of(timelines: Timelines, rows: Any) -> Any:
    """Return for each of a person's rows the strongest course that holds it, -1 where none does."""
    courses = timelines.courses
    mine = np.flatnonzero(np.isin(courses.rows.values, rows))
    owner = np.searchsorted(courses.rows.offsets, mine, side="right") - 1
    order = np.lexsort((-owner, courses.frame["strength"].to_numpy()[owner]))
    held = np.full(len(rows), -1, np.int64)
    held[np.searchsorted(rows, courses.rows.values[mine[order]])] = owner[order]
    return held


def _order_events(timelines: Timelines, orders: pa.Table, members: pa.Array) -> pa.Table:
    """Return what happened to the orders that bind or protect a person, as known by then."""
    orders = orders.filter(pc.or_(_among(orders["respondent_id"], members), _among(orders["protected_id"], members)))
    windows = {
        event: (seconds(orders[f"{name}_lo"], default=NEVER), seconds(orders[f"{name}_hi"], default=FOREVER))
        for event, name in _EVENTS.items()
    }
    by = {event: np.where(high > low, high - 1, high) for event, (low, high) in windows.items()}
    on_file = {event: window[1] != FOREVER for event, window in windows.items()}
    moments = [np.where(on_file[e], by[e], FOREVER) for e in ("order made", "order served", "respondent aware")]
    known = np.minimum.reduce(moments)
    starts_lo = windows["order starts"][0]
    known = np.where(known == FOREVER, starts_lo, known)
    happened = {event: on_file[event] & (by[event] <= timelines.as_of) for event in windows}
    # An order says for itself when it starts and ends: that is known with the order.
    happened["order starts"] = on_file["order starts"] & (known <= timelines.as_of)
    ends = seconds(orders["ends"], default=FOREVER)
    windows["order ends"] = (ends, ends)
    happened["order ends"] = (ends != FOREVER) & (known <= timelines.as_of)
    parts = [
        _events(orders, members, event, window, np.flatnonzero(happened[event])) for event, window in windows.items()
    ]
    return pa.concat_tables(parts)


def _among(column: pa.ChunkedArray, members: pa.Array) -> pa.ChunkedArray:
    return pc.is_in(column.cast(pa.string()), value_set=members)


def _events(orders: pa.Table, members: pa.Array, event: str, window: tuple[Any, Any], chosen: Any) -> pa.Table:
    table = orders.take(pa.array(chosen))
    low, high = (side[chosen] for side in window)
    respondent, protected = (table[c].cast(pa.string()) for c in ("respondent_id", "protected_id"))
    bound = _among(respondent, members)
    n = len(chosen)
    values: dict[str, Any] = {column.name: pa.nulls(n) for column in PERSON}
    return table_of(
        PERSON,
        values
        | {
            "at": times_of(low),
            "until": times_of(np.where(high > low, high - 1, high)),
            "event": pa.array([event] * n, pa.string()),
            "role": pc.if_else(bound, "respondent", "protected"),
            "other_id": pc.if_else(bound, protected, respondent),
            "record_id": table["order_id"],
            "version": table["version"],
            "kind": table["kind"],
        },
    )

"""Between the rows of one table: exact duplicates, and rows of one record that disagree."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.checks import Checked, take
from breachpattern.ingest.columns import Values
from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.times import Moments
from breachpattern.sorting import distinct, numbered, order_by
from breachpattern.spans import FOREVER, NEVER

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# What belongs to the record and not to one of its people; columns of one group say something only together.
SHARED: dict[str, tuple[tuple[str, ...], ...]] = {
    "incidents": (
        ("kind",), ("occurrence",), ("offence_code",), ("offence_text",), ("channel",), ("occurrence_ref",),
        ("postcode",), ("lat", "lon"), ("easting", "northing"), ("place_role",), ("outcome",), ("status",),
        ("domestic_abuse",), ("force",),
    ),
    "orders": (
        ("kind",), ("made_on",), ("served_at",), ("aware_from",), ("starts",), ("ends",), ("discharged_on",),
        ("without_notice",), ("origin",), ("curfew_from", "curfew_to"), ("court",), ("force",),
    ),
}  # fmt: skip
# When an order came to be known: filled from a sibling only where the rows agree on all of it.
DATING = ("made_on", "served_at", "aware_from")
# What becomes of rows of one order version that differ (breachpattern.linking.versions).
OF_ORDERS = {
    "kind": "the first of the two in the catalogue stands",
    "without_notice": "it counts as made without notice",
    "curfew_from": "the shorter curfew stands",
    "curfew_to": "the shorter curfew stands",
    "origin": "each row keeps its own",
    "court": "each row keeps its own",
    "force": "each row keeps its own",
}
STANDS = "which stands"
LEFT_OPEN = "which of the two is right is left open"
KEYS = {"incidents": ["incident_id"], "orders": ["order_id", "version", "respondent_id"]}


def repeated(ids: pa.Array) -> Bools:
    """Return which rows share their reference with another, blank ones with each other.

    Examples
    --------
    >>> repeated(pa.array(["a", "b", "a"])).tolist()
    [True, False, True]
    """
    codes = codes_of(ids) + 1
    return np.asarray(np.bincount(codes, minlength=1)[codes] > 1)


def duplicates(text: dict[str, pa.Array], repeats: Bools) -> Bools:
    """Return which rows repeat an earlier row exactly.

    Parameters
    ----------
    text : dict of str to pyarrow.Array
        Canonical columns as text.
    repeats : (n,) bool
        Which rows share their reference with another; only these are compared further.

    Examples
    --------
    >>> text = {"id": pa.array(["a", "b", "a", "a"]), "x": pa.array(["1", "1", "1", None])}
    >>> duplicates(text, repeated(text["id"])).tolist()
    [False, False, True, False]
    """
    rows = np.flatnonzero(repeats)
    found = np.zeros(len(repeats), bool)
    if len(rows) == 0:
        return found
    group = groups([codes_of(column.take(pa.array(rows))) for column in text.values()])
    first = np.full(group.max() + 1, len(repeats), np.int64)
    np.minimum.at(first, group, np.arange(len(rows)))
    found[rows] = first[group] != np.arange(len(rows))
    return found


def groups(columns: list[Ints]) -> Ints:
    """Return one number for each distinct combination of codes.

    Examples
    --------
    >>> groups([np.array([0, 0, 1]), np.array([-1, -1, 5])]).tolist()
    [0, 0, 1]
    """
    return numbered(*columns)[1]


def codes_of(values: Any) -> Ints:
    """Return a column as integers that are equal where the values are; -1 is blank.

    Examples
    --------
    >>> codes_of(pa.array(["x", None, "x"])).tolist()
    [0, -1, 0]
    """
    if isinstance(values, Moments):
        joint = groups([values.lo, values.hi, values.day.astype(np.int64)])
        return np.where(values.known, joint, -1)
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        if not pa.types.is_dictionary(values.type):
            values = pc.dictionary_encode(values)
        codes = pc.fill_null(values.indices, -1) if values.null_count else values.indices
        return np.asarray(codes.to_numpy(zero_copy_only=False), dtype=np.int64)
    if values.dtype == np.float64:
        _, codes = np.unique(values, return_inverse=True)
        return np.where(np.isnan(values), -1, codes.reshape(-1))
    return np.asarray(values, dtype=np.int64)


def settle(checked: Checked, log: IssueLog) -> Checked:
    """Return the table with the rows of each record brought together; rejected rows have no say.

    A blank disagrees with nothing and is filled from the other rows of the record. Where rows of an incident
    disagree, the value that was told first stands, and among rows told at one time the first in the file; a row
    takes nothing from one that was told later (``docs/decisions/0008-rows-of-one-record.md``). Where rows of an
    order version disagree, each keeps its own and :mod:`breachpattern.linking.versions` weighs them by what they
    say. Every later row that says something else gets an issue.
    """
    keys = [codes_of(checked.values[name]) for name in KEYS[checked.table]]
    record = np.where(checked.accepted, groups(keys), -1)
    if checked.table == "orders":
        _note_several_respondents(checked, keys, log)
    shared = np.flatnonzero(np.bincount(record + 1)[record + 1] > 1)
    shared = shared[record[shared] >= 0]
    if len(shared) == 0:
        return checked
    bring_together = _settle_incidents if checked.table == "incidents" else _settle_orders
    return replace(checked, values=bring_together(checked, record, shared, log))


def _settle_incidents(checked: Checked, record: Ints, shared: Ints, log: IssueLog) -> dict[str, Values]:
    values = dict(checked.values)
    values["occurrence"] = occurrence(values)
    own = told(values)
    values["told"] = filled = _told_with_siblings(own, record, shared)
    instant = np.where(filled.known, filled.last, NEVER)
    rows = shared[order_by(record[shared], instant[shared], ~own.known[shared])]
    for names in SHARED["incidents"]:
        codes = _codes(values, names, rows)
        said, stands = _first_said(record[rows], codes)
        differs = said & (codes >= 0) & (codes != codes[stands])
        _note_incidents(checked, names, rows[differs], rows[stands[differs]], log)
        takes = said & (codes != codes[stands]) & (instant[rows] >= instant[rows[stands]])
        _give(values, names, rows[takes], rows[stands[takes]])
    for name in ("reported_at", "recorded_at"):
        codes = codes_of(take(values[name], rows))
        said, stands = _first_said(record[rows], codes)
        differs = said & (codes >= 0) & (codes != codes[stands])
        _note_disagreement(checked, name, rows[differs], rows[stands[differs]], "each row keeps its own", log)
        takes = said & (codes < 0) & (instant[rows] >= instant[rows[stands]])
        if name == "recorded_at":
            _give(values, (name,), rows[takes], rows[stands[takes]])
    return values


def _settle_orders(checked: Checked, record: Ints, shared: Ints, log: IssueLog) -> dict[str, Values]:
    values = dict(checked.values)
    rows = shared[order_by(record[shared])]
    found = {}
    for names in SHARED["orders"]:
        codes = _codes(values, names, rows)
        said, stands = _first_said(record[rows], codes)
        differs = said & (codes >= 0) & (codes != codes[stands])
        for name in names:
            apart = differs if len(names) == 1 else differs & _differ(values[name], rows, rows[stands])
            _note_disagreement(checked, name, rows[apart], rows[stands[apart]], OF_ORDERS.get(name, LEFT_OPEN), log)
        unsettled = distinct(record[rows[differs]])
        found[names] = (said & (codes < 0), stands, unsettled)
    undated = np.concatenate([found[(name,)][2] for name in DATING])
    for names, (takes, stands, unsettled) in found.items():
        apart = undated if names[0] in DATING else unsettled
        if names[0] == "ends":
            apart = np.append(apart, record[rows[checked.ends_doubtful[rows]]])
        takes = takes & ~np.isin(record[rows], apart)
        _give(values, names, rows[takes], rows[stands[takes]])
    return values


def occurrence(values: dict[str, Any]) -> Moments:
    """Return when incidents happened, as spans: ``lo`` the first second, ``hi`` the second after the last."""
    begin, end = values["occurred_from"], values["occurred_to"]
    last = np.where(end.known, np.maximum(end.hi, begin.lo + 1), begin.end)
    return Moments(begin.known, begin.lo, last, np.ones(len(begin.lo), bool))


def told(values: dict[str, Any]) -> Moments:
    """Return when the police were told of each row: as reported, else as recorded."""
    reported, recorded = values["reported_at"], values["recorded_at"]
    return Moments(
        reported.known | recorded.known,
        np.where(reported.known, reported.lo, recorded.lo),
        np.where(reported.known, reported.hi, recorded.hi),
        np.where(reported.known, reported.day, recorded.day),
    )


def _told_with_siblings(own: Moments, record: Ints, shared: Ints) -> Moments:
    """Return when each row was told; one that does not say was told with the first of its siblings."""
    earliest = np.full(int(record.max()) + 1, FOREVER, np.int64)
    saying = shared[own.known[shared]]
    np.minimum.at(earliest, record[saying], own.last[saying])
    filled = own.take(np.arange(len(record)))
    blank = shared[~own.known[shared] & (earliest[record[shared]] != FOREVER)]
    filled.known[blank], filled.day[blank] = True, False
    filled.lo[blank] = filled.hi[blank] = earliest[record[blank]]
    return filled


def _codes(values: dict[str, Values], names: tuple[str, ...], rows: Ints) -> Ints:
    """Return what some columns say together; -1 where one of them is blank."""
    codes = [codes_of(take(values[name], rows)) for name in names]
    return codes[0] if len(codes) == 1 else np.where(np.minimum.reduce(codes) >= 0, groups(codes), -1)


def _first_said(record: Ints, codes: Ints) -> tuple[Bools, Ints]:
    """Return where a record says anything at all, and the position of the row that says it first."""
    known = np.flatnonzero(codes >= 0)
    first = np.full(int(record.max(initial=-1)) + 1, len(record), np.int64)
    np.minimum.at(first, record[known], known)
    stands = first[record]
    said = stands < len(record)
    return said, np.where(said, stands, 0)


def _give(values: dict[str, Values], names: tuple[str, ...], rows: Ints, source: Ints) -> None:
    if len(rows) == 0:
        return
    for name in names:
        place = np.arange(len(values[name].known if isinstance(values[name], Moments) else values[name]))
        place[rows] = source
        values[name] = take(values[name], place)


def _differ(column: Values, rows: Ints, others: Ints) -> Bools:
    codes = codes_of(take(column, np.concatenate([rows, others])))
    return np.asarray(codes[: len(rows)] != codes[len(rows) :])


def _note_incidents(checked: Checked, names: tuple[str, ...], rows: Ints, first: Ints, log: IssueLog) -> None:
    """Note each row that differs from the one that stands, at the first column that shows it."""
    columns, shown = (
        (("occurred_from", "occurred_to") if names == ("occurrence",) else names),
        np.zeros(len(rows), bool),
    )
    for name in columns:
        here = ~shown & (_differ(checked.values[name], rows, first) if name != columns[-1] else True)
        shown |= here
        _note_disagreement(checked, name, rows[here], first[here], STANDS, log)


def _later_and_first(record: Ints, codes: Ints) -> tuple[Ints, Ints]:
    """Return the rows that differ from the first known value of their record, and where that stands."""
    said, stands = _first_said(record, codes)
    differs = np.flatnonzero(said & (codes >= 0) & (codes != codes[stands]))
    return differs, stands[differs]


def _note_disagreement(checked: Checked, column: str, rows: Ints, first: Ints, fate: str, log: IssueLog) -> None:
    if len(rows) == 0:
        return
    text = checked.text[column]
    seen, stands = text.take(pa.array(rows)), text.take(pa.array(first))
    message = pc.binary_join_element_wise(
        f"{column} differs from row ",
        pa.array(checked.rows[first]).cast(pa.string()),
        f" of the same {checked.table[:-1]} ('",
        pc.fill_null(stands, ""),
        f"'){', ' if fate == STANDS else '; '}{fate}.",
        "",
    )
    log.add(checked.file, checked.rows[rows], column, "rows_disagree", seen, message)


def _note_several_respondents(checked: Checked, keys: list[Ints], log: IssueLog) -> None:
    order = np.where(checked.accepted, groups(keys[:2]), -1)
    known = np.flatnonzero(order >= 0)
    rows, first = _later_and_first(order[known], keys[2][known])
    if len(rows) == 0:
        return
    seen = checked.text["respondent_id"].take(pa.array(known[rows]))
    message = pc.binary_join_element_wise(
        "The order names another respondent in row ",
        pa.array(checked.rows[known[first]]).cast(pa.string()),
        "; both are kept.",
        "",
    )
    log.add(checked.file, checked.rows[known[rows]], "respondent_id", "order_binds_several", seen, message)

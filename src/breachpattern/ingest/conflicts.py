"""Between the rows of one table: exact duplicates, and rows of one record that disagree."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.checks import Checked, take
from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.times import Moments

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# What belongs to the record and not to one of its people; a blank disagrees with nothing.
SHARED = {
    "incidents": [
        "kind", "occurrence", "reported_at", "recorded_at", "offence_code", "offence_text", "channel",
        "occurrence_ref", "postcode", "lat", "lon", "easting", "northing", "place_role", "outcome",
        "status", "domestic_abuse", "force",
    ],
    "orders": [
        "kind", "made_on", "served_at", "aware_from", "starts", "ends", "discharged_on", "without_notice",
        "origin", "curfew_from", "curfew_to", "court", "force",
    ],
}  # fmt: skip
KEYS = {"incidents": ["incident_id"], "orders": ["order_id", "version", "respondent_id"]}


def duplicates(text: dict[str, pa.Array], key: str) -> Bools:
    """Return which rows repeat an earlier row exactly.

    Parameters
    ----------
    text : dict of str to pyarrow.Array
        Canonical columns as text.
    key : str
        The column that holds the reference of the record; only rows that share it are compared further.

    Examples
    --------
    >>> text = {"id": pa.array(["a", "b", "a", "a"]), "x": pa.array(["1", "1", "1", None])}
    >>> duplicates(text, "id").tolist()
    [False, False, True, False]
    """
    codes = codes_of(text[key])
    size = len(codes)
    repeated = np.bincount(codes + 1, minlength=1)[codes + 1] > 1
    rows = np.flatnonzero(repeated)
    found = np.zeros(size, bool)
    if len(rows) == 0:
        return found
    group = groups([codes_of(column.take(pa.array(rows))) for column in text.values()])
    first = np.full(group.max() + 1, size, np.int64)
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
    group = np.zeros(len(columns[0]), np.int64)
    for codes in columns:
        low, high = int(codes.min(initial=0)), int(codes.max(initial=0))
        if low == high:
            continue
        _, narrow = np.unique(codes, return_inverse=True)
        _, group = np.unique(group * (int(narrow.max()) + 1) + narrow.reshape(-1), return_inverse=True)
        group = group.reshape(-1)
    return group


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
        return np.asarray(pc.fill_null(values.indices, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
    if values.dtype == np.float64:
        _, codes = np.unique(values, return_inverse=True)
        return np.where(np.isnan(values), -1, codes.reshape(-1))
    return np.asarray(values, dtype=np.int64)


def settle(checked: Checked, log: IssueLog) -> Checked:
    """Return the table with one value for each record where its rows disagree: the first stands.

    Every later row that says something else gets an issue. Rejected rows have no say.
    """
    keys = [codes_of(checked.values[name]) for name in KEYS[checked.table]]
    record = groups(keys)
    record = np.where(checked.accepted, record, -1)
    if checked.table == "orders":
        _note_several_respondents(checked, keys, log)
    shared = np.flatnonzero(np.bincount(record + 1)[record + 1] > 1)
    shared = shared[record[shared] >= 0]
    if len(shared) == 0:
        return checked
    values = dict(checked.values)
    if checked.table == "incidents":
        values["occurrence"] = occurrence(values)
    for name in SHARED[checked.table]:
        codes = codes_of(take(values[name], shared))
        rows, first = _later_and_first(record[shared], codes)
        if len(rows) == 0:
            continue
        rows, first = shared[rows], shared[first]
        if name == "occurrence":
            begins = values[name].lo[rows] != values[name].lo[first]
            _note_disagreement(checked, "occurred_from", rows[begins], first[begins], log)
            _note_disagreement(checked, "occurred_to", rows[~begins], first[~begins], log)
        else:
            _note_disagreement(checked, name, rows, first, log)
        source = np.arange(len(record))
        source[rows] = first
        values[name] = take(values[name], source)
        if name in checked.text:
            checked.text[name] = checked.text[name].take(pa.array(source))
    return replace(checked, values=values)


def occurrence(values: dict[str, Any]) -> Moments:
    """Return when incidents happened, as spans: ``lo`` the first second, ``hi`` the second after the last."""
    begin, end = values["occurred_from"], values["occurred_to"]
    last = np.where(end.known, np.maximum(end.hi, begin.lo + 1), begin.end)
    return Moments(begin.known, begin.lo, last, np.ones(len(begin.lo), bool))


def _later_and_first(record: Ints, codes: Ints) -> tuple[Ints, Ints]:
    """Return the rows that differ from the first known value of their record, and where that stands."""
    known = np.flatnonzero(codes >= 0)
    _, start, member = np.unique(record[known], return_index=True, return_inverse=True)
    first = known[start][member.reshape(-1)]
    differs = codes[known] != codes[first]
    return known[differs], first[differs]


def _note_disagreement(checked: Checked, column: str, rows: Ints, first: Ints, log: IssueLog) -> None:
    text = checked.text[column]
    seen, stands = text.take(pa.array(rows)), text.take(pa.array(first))
    message = pc.binary_join_element_wise(
        f"{column} differs from row ",
        pa.array(checked.rows[first]).cast(pa.string()),
        f" of the same {checked.table[:-1]} ('",
        pc.fill_null(stands, ""),
        "'), which stands.",
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

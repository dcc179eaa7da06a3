"""Between the tables: references to records and people that are not there, and people who meet themselves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.checks import Checked
from breachpattern.ingest.issues import IssueLog

PEOPLE = {
    "incidents": ("suspect_id", "victim_id"),
    "orders": ("respondent_id", "protected_id"),
    "associations": ("person_id", "other_id"),
}
SAME = {
    "incidents": ("suspect_is_victim", "Suspect and victim are the same person, so no pair is formed."),
    "orders": ("respondent_is_protected", "The order protects its own respondent."),
    "associations": ("tied_to_self", "A person is tied to the same person."),
}
# table, column of references, table of the records, column of their reference
REFERENCES = (
    ("incidents", "breach_of", "orders", "order_id"),
    ("orders", "founded_on", "incidents", "incident_id"),
)


# Of the people named in a column (table, column): how many, and how many of them no person record holds.
Strangers = dict[tuple[str, str], tuple[int, int]]


def check_references(tables: dict[str, Checked], log: IssueLog) -> None:
    """Note references between accepted rows that lead nowhere, row by row; the values are kept.

    Parameters
    ----------
    tables : dict of str to Checked
        The tables that were given; a reference into a table that was not given is not looked at.
    """
    for table, column, target, key in REFERENCES:
        if table in tables and target in tables:
            _note_orphans(tables[table], column, tables[target].values[key], log)
    for table, (one, other) in PEOPLE.items():
        if table not in tables:
            continue
        _note_same(tables[table], one, other, log)


def strangers(tables: dict[str, Checked], known: pa.Array) -> Strangers:
    """Return how many people each column of accepted rows names, and how many of them are not known.

    Parameters
    ----------
    tables : dict of str to Checked
    known : pyarrow.Array of string
        The references of the person records.
    """
    found: Strangers = {}
    for table, columns in PEOPLE.items():
        for column in columns if table in tables else ():
            named = pc.unique(tables[table].values[column].drop_null())
            met = pc.sum(pc.is_in(named, value_set=known)).as_py() if len(named) else 0
            found[table, column] = len(named), len(named) - met
    return found


def note_strangers(found: Strangers, files: Mapping[str, str], log: IssueLog) -> None:
    """Note for each column how many of the people it names no person record holds.

    Parameters
    ----------
    found : dict
        As :func:`strangers` gives it.
    files : mapping of str to str
        By table, the file.
    """
    for (table, column), (named, missing) in found.items():
        if missing:
            message = f"{missing:,} of {named:,} people named in {column} are not in the persons table."
            log.add(files[table], None, column, "not_in_persons", None, message)


def _note_orphans(checked: Checked, column: str, known: pa.Array, log: IssueLog) -> None:
    lists = checked.values[column]
    rows = np.flatnonzero(lists.is_valid().to_numpy(zero_copy_only=False))
    if len(rows) == 0:
        return
    split = pc.split_pattern(lists.take(pa.array(rows)), ";")
    parents = rows[pc.list_parent_indices(split).to_numpy()]
    names = pc.list_flatten(split)
    orphan = np.flatnonzero(~pc.is_in(names, value_set=pc.unique(known)).to_numpy(zero_copy_only=False))
    seen = names.take(pa.array(orphan))
    message = pc.binary_join_element_wise("'", seen, "' is not in the extract; the reference is kept.", "")
    log.add(checked.file, checked.rows[parents[orphan]], column, "unknown_reference", seen, message)


def _note_same(checked: Checked, one: str, other: str, log: IssueLog) -> None:
    same = pc.fill_null(pc.equal(checked.values[one], checked.values[other]), False)
    rows = np.flatnonzero(same.to_numpy(zero_copy_only=False))
    code, message = SAME[checked.table]
    log.add(checked.file, checked.rows[rows], other, code, checked.values[other].take(pa.array(rows)), message)

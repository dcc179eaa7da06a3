"""Whether an extract names suspects and victims at all: where it does not, finding nothing looks like peace."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from breachpattern.ingest.issues import IssueLog

LOST = {
    "suspect_id": "no breach of an order and no course of conduct can be found",
    "victim_id": "no conduct towards a person, and so no course of conduct, can be found",
}


def note_nobody(columns: Mapping[str, pa.Array], name: str, rows: int, log: IssueLog) -> None:
    """Note where no row of incidents names a suspect, or none a victim.

    Parameters
    ----------
    columns : mapping of str to pyarrow.Array
        Canonical columns of incidents, null where blank.
    name : str
        Of the file.
    rows : int
        How many there are; of none nothing is said.
    log : IssueLog

    Examples
    --------
    >>> log = IssueLog()
    >>> note_nobody({"suspect_id": pa.array(["P1"]), "victim_id": pa.nulls(1, pa.string())}, "x.csv", 1, log)
    >>> log.collect().to_arrow()["message"].to_pylist()
    ['victim_id is blank on every row: no conduct towards a person, and so no course of conduct, can be found.']
    """
    for column, lost in LOST.items() if rows else ():
        if column not in columns:
            message = f"No column is read as {column}, so no row has one: {lost}."
        elif columns[column].null_count == len(columns[column]):
            message = f"{column} is blank on every row: {lost}."
        else:
            continue
        log.add(name, None, column, "nobody_named", None, message)

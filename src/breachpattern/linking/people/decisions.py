"""Decisions of people that two references are one person, or are not."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.errors import InputError
from breachpattern.linking.people.texts import Ints

COLUMNS = ("person_id", "other_id", "verdict", "by", "on", "reason")
REQUIRED = ("person_id", "other_id", "verdict")
VERDICTS = ("same", "different")
SCHEMA = pa.schema([("row", pa.int64()), *((name, pa.string()) for name in COLUMNS)])


def read_decisions(path: str | Path) -> pa.Table:
    r"""Return a CSV of decisions as a table.

    Parameters
    ----------
    path : str or Path
        Columns ``person_id``, ``other_id``, ``verdict`` (``same`` or ``different``), and where known ``by``, ``on``
        (an ISO date, in any of its forms) and ``reason``. Blank lines are left out.

    Returns
    -------
    pyarrow.Table
        The columns as text, ``on`` as ``YYYY-MM-DD``, and ``row``, the line that a spreadsheet shows.

    Raises
    ------
    InputError
        Where the file cannot be read or a row is not a decision.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "decisions.csv"
    ...     _ = path.write_text("person_id,other_id,verdict,by,on\nP1,P2,Same,A. Analyst,2026-02-01\n")
    ...     read_decisions(path).select(["person_id", "other_id", "verdict"]).to_pylist()
    [{'person_id': 'P1', 'other_id': 'P2', 'verdict': 'same'}]
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(
            f"The decisions cannot be read: {error.strerror}.",
            where=str(path),
            hint=f"Name a CSV file with the columns {', '.join(COLUMNS)}.",
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            "The decisions are not UTF-8 text.", where=path.name, hint="Save the file as UTF-8."
        ) from error
    lines = _lines(text, path.name)
    header = [name.strip().lower() for name in next(lines, [])]
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise InputError(
            f"The header lacks {', '.join(missing)}.",
            where=path.name,
            hint=f"The columns are {', '.join(COLUMNS)}.",
        )
    return _table(header, lines, path.name)


def _lines(text: str, name: str) -> Iterator[list[str]]:
    number = 0
    try:
        for cells in csv.reader(io.StringIO(text, newline="")):
            number += 1
            yield cells
    except csv.Error as error:
        raise InputError(
            f"The decisions are not CSV: {error}.", where=f"{name}, row {number + 1}", hint="Save it as CSV again."
        ) from None


def digest_of(decisions: pa.Table) -> str:
    """Return what tells whether decisions say the same of the same people, and neither of whom nor by whom nor why.

    Examples
    --------
    >>> one = pa.table({"person_id": ["P1"], "other_id": ["P2"], "verdict": ["same"], "reason": ["The same tatto."]})
    >>> other = pa.table({"person_id": ["P2"], "other_id": ["P1"], "verdict": ["same"], "reason": ["The same tattoo."]})
    >>> digest_of(one) == digest_of(other)
    True
    """
    columns = (decisions[name].to_pylist() for name in REQUIRED)
    said = sorted({(*sorted((one, other)), verdict) for one, other, verdict in zip(*columns, strict=True)})
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _table(header: list[str], lines: Iterable[list[str]], name: str) -> pa.Table:
    rows = []
    for number, cells in enumerate(lines, 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            raise InputError(
                "The row has more cells than the header.",
                where=f"{name}, row {number}",
                hint="Put a cell that holds a comma in double quotes.",
            )
        row = dict.fromkeys(COLUMNS, "") | {key: cell.strip() for key, cell in zip(header, cells, strict=False)}
        row["verdict"] = row["verdict"].lower()
        _check(row, f"{name}, row {number}")
        rows.append({"row": number} | {column: row[column] or None for column in COLUMNS})
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _check(row: dict[str, str], where: str) -> None:
    for column in REQUIRED:
        if not row[column]:
            raise InputError("The cell is blank.", where=f"{where}, {column}", hint="A decision names two references.")
    if row["verdict"] not in VERDICTS:
        raise InputError(
            f"'{row['verdict']}' is not a verdict.", where=f"{where}, verdict", hint="Write same or different."
        )
    if row["person_id"] == row["other_id"]:
        raise InputError(
            "Both references are the same one.", where=f"{where}, other_id", hint="A decision names two references."
        )
    if row["on"]:
        day = _day(row["on"])
        if not day:
            raise InputError(f"'{row['on']}' is not a date.", where=f"{where}, on", hint="Write it as 2026-02-01.")
        row["on"] = day


def _day(text: str | None) -> str:
    """Return an ISO date as ``YYYY-MM-DD``, whose order as text is that of time; blank where it is none."""
    try:
        return date.fromisoformat(text or "").isoformat()
    except ValueError:
        return ""


@dataclass(frozen=True)
class Decided:
    """Decisions as pairs of references, one verdict for each pair.

    Attributes
    ----------
    left, right : (n,) int64
        Positions among the sorted references, ``left < right``.
    same : list of bool
    source : list of dict
        The decision that stands: ``row, by, on, reason`` and the two references.
    contradictory : list of dict
        Decisions on a pair that another decision on the same pair contradicts.
    unknown : list of dict
        Decisions that name a reference which is not among the persons.
    """

    left: Ints
    right: Ints
    same: list[bool]
    source: list[dict[str, str]]
    contradictory: list[dict[str, str]]
    unknown: list[dict[str, str]]


def decide(decisions: pa.Table | None, references: pa.Array) -> Decided:
    """Return the decisions that concern known references.

    Of several decisions on one pair the latest by ``on`` stands; where that does not tell, ``different`` stands,
    because a wrong merge does more harm than a missed one.
    """
    rows = [] if decisions is None else decisions.to_pylist()
    ends = [[row["person_id"] for row in rows], [row["other_id"] for row in rows]]
    codes = [pc.fill_null(pc.index_in(pa.array(end, pa.string()), value_set=references), -1).to_pylist()
             for end in ends]  # fmt: skip
    standing: dict[tuple[int, int], dict[str, str]] = {}
    contradictory, unknown = [], []
    order = sorted(
        zip(*codes, rows, strict=True),
        key=lambda item: (_day(item[2].get("on")), item[2]["verdict"] == "different", sorted(item[:2])),
    )
    for one, other, row in order:
        if one < 0 or other < 0:
            unknown.append(row)
            continue
        pair = (min(one, other), max(one, other))
        before = standing.get(pair)
        if before is not None and before["verdict"] != row["verdict"]:
            contradictory.append(before)
        standing[pair] = row
    pairs = sorted(standing)
    return Decided(
        left=np.array([left for left, _ in pairs], np.int64),
        right=np.array([right for _, right in pairs], np.int64),
        same=[standing[pair]["verdict"] == "same" for pair in pairs],
        source=[standing[pair] for pair in pairs],
        contradictory=contradictory,
        unknown=unknown,
    )

"""The rows of a sheet that comes back: which hold a decision, and what is wrong with the others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from breachpattern.analysis.runs import Run
from breachpattern.errors import InputError, UsageError
from breachpattern.ingest import Issues
from breachpattern.ingest.issues import SCHEMA
from breachpattern.ingest.sources import TextTable, read_source
from breachpattern.review.register import verdicts
from breachpattern.review.register.decisions import Decision
from breachpattern.review.register.sheets import HEADER, plain, short_hash

_NEEDED = ("finding_id", "verdict", "reason")
# What can be wrong with a row: its column, and what would put it right.
CODES = {
    "unreadable_row": ("", "Put quotes around cells that hold the delimiter, or give an .xlsx."),
    "unknown_finding": ("finding_id", "Export the sheet again from this run; ids are copied, not typed."),
    "named_twice": ("finding_id", "One row for each finding; the first was taken."),
    "unknown_verdict": ("verdict", f"One of {', '.join(verdicts.VERDICTS)}."),
    "unknown_reason": ("reason", "See `breachpattern review reasons`."),
    "unusable_text": ("text", "A sentence in plain text."),
    "no_reviewer": ("reviewer", "Name who decided, or give --reviewer for the whole sheet."),
    "unreadable_number": ("corrects", "The number of a decision on this finding."),
    "evidence_changed": ("evidence", "Look at the finding as it is now, in a sheet exported from this run."),
    "decided_meanwhile": ("decision", "Look at that decision; export again to decide all the same."),
}
_CODE_OF = {
    "verdict": "unknown_verdict", "reason": "unknown_reason", "text": "unusable_text", "reviewer": "no_reviewer",
}  # fmt: skip


@dataclass
class Row:
    """A row of a sheet that holds a verdict: where it stands, and what it says."""

    line: int
    finding_id: str
    cells: dict[str, str]
    given: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Imported:
    """What became of a sheet.

    Attributes
    ----------
    decisions : list of Decision
        Those that were written.
    issues : Issues
        One for each row that could not be used.
    rows : dict
        ``rows_in = accepted + rejected + duplicates + blank``: a duplicate is in the register already, a blank row has
        no verdict.
    """

    decisions: list[Decision]
    issues: Issues
    rows: dict[str, int]


def read_sheet(path: Path) -> TextTable:
    """Return a sheet as text.

    Raises
    ------
    InputError
        Where it cannot be read, or lacks a column.
    """
    sheet = read_source(path, "decisions")
    missing = [name for name in _NEEDED if name not in sheet.data.column_names]
    if missing:
        raise InputError(
            f"The sheet has no column {' and no column '.join(missing)}.",
            where=str(path),
            hint="Fill in a sheet that `breachpattern review export` wrote; its header stays as it is.",
        )
    return sheet


class Problems:
    """What could not be used of a sheet, row by row."""

    def __init__(self, file: str) -> None:
        self._file, self._rows = file, list[dict[str, Any]]()

    def add(self, line: int, code: str, value: str, message: str, hint: str | None = None, column: str = "") -> None:
        """Take note of a row that cannot be used."""
        known, usual = CODES[code]
        self._rows.append(
            {
                "file": self._file,
                "row": line,
                "column": column or known or None,
                "code": code,
                "severity": "error",
                "value": value,
                "message": message,
                "hint": hint or usual,
            }
        )

    def __len__(self) -> int:
        return len(self._rows)

    def issues(self) -> Issues:
        """Return them in the order of the rows."""
        return Issues(pa.Table.from_pylist(sorted(self._rows, key=lambda row: int(row["row"])), schema=SCHEMA))


def rows_of(sheet: TextTable, run: Run, reviewer: str | None, problems: Problems) -> tuple[list[Row], int]:
    """Return the rows that hold a usable verdict, and how many are blank; of all others a problem is noted."""
    for broken in sheet.broken:
        problems.add(broken.row, "unreadable_row", broken.text, broken.message)
    names = [name for name in HEADER if name in sheet.data.column_names]
    frame = sheet.data.select(names).to_pylist()
    known = set(run.findings["finding_id"].to_pylist())
    rows: dict[str, Row] = {}
    blank = 0
    for line, cells in zip(sheet.rows.tolist(), frame, strict=True):
        row = Row(line, "", {name: plain((cells.get(name) or "").strip()) for name in HEADER})
        row.finding_id = row.cells["finding_id"]
        if not row.cells["verdict"]:
            blank += 1
        elif row.finding_id not in known:
            problems.add(line, "unknown_finding", row.finding_id, f"This run has no finding {row.finding_id!r}.")
        elif row.finding_id in rows:
            first = rows[row.finding_id].line
            problems.add(line, "named_twice", row.finding_id, f"Row {first} decides on this finding already.")
        elif _usable(row, reviewer, problems):
            rows[row.finding_id] = row
    current = {e["finding_id"]: short_hash(e) for e in run.only(rows).evidence.to_pylist()}
    return [row for row in rows.values() if _same_evidence(row, current, problems)], blank


def _usable(row: Row, reviewer: str | None, problems: Problems) -> bool:
    cells = row.cells
    numbers: dict[str, int | None] = {}
    for name in ("decision", "corrects"):
        text = cells[name].removesuffix(".0")
        if text and not text.isdecimal():
            message = f"{cells[name]!r} is no number of a decision."
            problems.add(row.line, "unreadable_number", cells[name], message, column=name)
            return False
        numbers[name] = int(text) if text else None
    given = {
        "verdict": re.sub(r"[\s\-]+", "_", cells["verdict"].casefold()),
        "reason": re.sub(r"[\s\-]+", "_", cells["reason"].casefold()),
        "text": verdicts.tidy(cells["text"]),
        "reviewer": verdicts.tidy(cells["reviewer"] or reviewer or ""),
    }
    try:
        verdicts.check(**given)
    except UsageError as error:
        column = str(error.where)
        problems.add(row.line, _CODE_OF[column], cells[column], error.message, error.hint)
        return False
    row.given = given | {"seen": numbers["decision"], "corrects": numbers["corrects"]}
    return True


def _same_evidence(row: Row, current: Mapping[str, str], problems: Problems) -> bool:
    held = row.cells["evidence"]
    if held and held != current[row.finding_id]:
        message = "The finding rests on other evidence than when this sheet was written."
        problems.add(row.line, "evidence_changed", held, message)
        return False
    return True

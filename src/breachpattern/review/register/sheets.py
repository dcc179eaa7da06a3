"""Decisions in a spreadsheet: a sheet goes out with the findings, comes back with verdicts, no good row lost."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from breachpattern.analysis.runs import Run
from breachpattern.errors import MissingDependency, OutputError, UsageError
from breachpattern.review.register.decisions import evidence_hash
from breachpattern.review.register.standing import Review

SUFFIXES = (".csv", ".xlsx")
SHOWN = ("finding_id", "status", "level", "pattern", "suspect_id", "victim_ids", "course_id", "headline", "difference")
LAST = ("verdict", "reason", "text", "reviewer", "decided_at")
TO_FILL = ("verdict", "reason", "text", "reviewer", "corrects")
HEADER = (*SHOWN, "decision", *(f"last_{name}" for name in LAST), "evidence", *TO_FILL)
# One more apostrophe in front of whatever a spreadsheet would run, and of what looks as if it had one already: so that
# taking one away gives back what was there.
_RUNS = re.compile(r"'*[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+\-]?\d+(\.\d*)?")


def safe(text: str) -> str:
    """Return a cell that no spreadsheet runs; :func:`plain` gives back what it was.

    Examples
    --------
    >>> safe("=1+1"), safe("-5"), safe("plain"), plain(safe("'=1"))
    ("'=1+1", '-5', 'plain', "'=1")
    """
    return f"'{text}" if _RUNS.match(text) and not _NUMBER.fullmatch(text) else text


def plain(text: str) -> str:
    """Return a cell as it was before :func:`safe`."""
    return text[1:] if text.startswith("'") and _RUNS.match(text[1:]) else text


def write_sheet(path: Path, run: Run, review: Review) -> None:
    """Write the findings of a review as a sheet to fill in, readable by its owner alone.

    Raises
    ------
    OutputError
        Where the file is there already, or cannot be written.
    UsageError
        Where its name says neither CSV nor Excel.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path.name} is no name for a sheet.", hint=f"End it in {' or '.join(SUFFIXES)}.")
    rows = [_cells(row, hashed) for row, hashed in zip(review.findings, _hashes(run, review), strict=True)]
    try:
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise OutputError(
            "The file exists, and may hold somebody's work.", where=str(path), hint="Name another file, or delete it."
        ) from None
    except OSError as error:
        raise OutputError(
            f"The sheet cannot be written: {error.strerror}.",
            where=str(path),
            hint="Name a file in a folder that is there, and that you may write to.",
        ) from None
    try:
        (_write_csv if path.suffix.lower() == ".csv" else _write_xlsx)(file, rows)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise OutputError(
            f"The sheet cannot be written: {error.strerror or error}.",
            where=str(path),
            hint="Is there room on the disk?",
        ) from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _hashes(run: Run, review: Review) -> list[str]:
    rows = run.only(review.findings.to_arrow()["finding_id"].to_pylist()).evidence.to_pylist()
    return [short_hash(row) for row in rows]


def short_hash(row: Mapping[str, Any]) -> str:
    """Return what tells evidence apart, so written that no spreadsheet takes it for a number."""
    return f"E-{evidence_hash(row)[:16]}"


def _cells(row: Mapping[str, Any], hashed: str) -> list[str]:
    whole = {name: row[name] for name in (*SHOWN, "decision")} | {f"last_{name}": row[name] for name in LAST}
    whole |= {"evidence": hashed}
    return [safe("" if whole.get(name) is None else str(whole[name])) for name in HEADER]


def _write_csv(file: int, rows: Sequence[Sequence[str]]) -> None:
    import csv

    # The mark in front tells spreadsheets that it is UTF-8.
    with os.fdopen(file, "w", encoding="utf-8-sig", newline="") as sheet:
        writer = csv.writer(sheet)
        writer.writerow(HEADER)
        writer.writerows(rows)


def _write_xlsx(file: int, rows: Sequence[Sequence[str]]) -> None:
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    except ImportError:
        os.close(file)
        raise MissingDependency.for_extra("openpyxl", "excel", "write a workbook") from None
    book = Workbook(write_only=True)
    sheet = book.create_sheet("decisions")
    sheet.freeze_panes = "B2"
    for row in (HEADER, *rows):
        cells = [WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("?", text)) for text in row]
        for cell in cells:
            cell.data_type = "s"  # never a formula, whatever it begins with
        sheet.append(cells)
    with os.fdopen(file, "wb") as target:
        book.save(target)

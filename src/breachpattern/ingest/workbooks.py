"""Excel workbooks as text: the right sheet, the right header line, numbers and dates as they were meant."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa

from breachpattern.errors import InputError, MissingDependency
from breachpattern.ingest.bounds import check_workbook
from breachpattern.ingest.frames import objects_as_text
from breachpattern.ingest.headers import header_names
from breachpattern.ingest.sources import Layout, TextTable
from breachpattern.records import MODELS
from breachpattern.records.cells import as_text


def read(data: bytes, name: str, digest: str, table: str, layout: Layout) -> TextTable:
    """Return a worksheet as a table of text.

    Parameters
    ----------
    table : str
        The sheet of this name is taken where there is one, else the first that is not empty.
    layout : Layout
        Worksheet and header line.

    Raises
    ------
    InputError
        Where it is no workbook, the sheet is missing or empty, or header cells are merged.
    MissingDependency
        Where python-calamine is not installed.

    Notes
    -----
    A cell that Excel holds as a number has lost its leading zeros before it comes here: reference columns must
    be formatted as text in the workbook. A date at midnight is a day.
    """
    book = _open(data, name)
    sheet = _sheet(book, name, table, layout)
    where = f"{name}, sheet '{sheet.name}'"
    cells: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    header = layout.header_row - 1
    if header >= len(cells):
        raise InputError(
            f"The sheet has no line {layout.header_row}.",
            where=where,
            hint="The mapping says where the header stands: header_row.",
        )
    _refuse_merged(sheet, header, where)
    names = header_names([as_text(cell) for cell in cells[header]], where, layout.header_row)
    kept = [i for i, row in enumerate(cells) if i > header and any(as_text(cell) for cell in row)]
    columns = [objects_as_text(cells[i][j] for i in kept) for j in range(len(names))]
    named = [j for j, column in enumerate(names) if not (_unnamed(column, j) and columns[j].null_count == len(kept))]
    data_table = pa.table([columns[j] for j in named], names=[names[j] for j in named])
    others = tuple(title for title in book.sheet_names if title != sheet.name)
    return TextTable(
        name, data_table, np.array(kept, np.int64) + 1, digest, other_sheets=others,
        unread=() if layout.sheet else _filled(book, name, others), sheet=sheet.name,
    )  # fmt: skip


def first_lines(data: bytes, name: str, table: str, count: int) -> list[tuple[str | None, list[list[str]]]]:
    """Return the first lines of the sheet that is named after the table, else of every sheet under its name."""
    book = _open(data, name)
    named = [title for title in book.sheet_names if title.strip().casefold() == table]
    sheets = ((title, _loaded(book, name, title)) for title in named or book.sheet_names)
    first = None if named else next((title for title, sheet in sheets if sheet.height), None)
    found: list[tuple[str | None, list[list[str]]]] = []
    for title in named or book.sheet_names:
        rows = _loaded(book, name, title).to_python(skip_empty_area=False, nrows=count)
        lines = [[as_text(cell) or "" for cell in row] for row in rows]
        found.append((None if named or title == first else title, lines))
    return found


def _open(data: bytes, name: str) -> Any:
    try:
        import python_calamine
    except ImportError:
        raise MissingDependency.for_extra("python-calamine", "excel", "read a workbook") from None
    if data.startswith(b"PK"):  # anything else is told apart below
        check_workbook(data, name)
    try:
        with _damage(name):
            return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except python_calamine.PasswordError:
        raise InputError(
            "The workbook is protected by a password.", where=name, hint="Save a copy without it."
        ) from None


def _filled(book: Any, name: str, sheets: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sheets that hold something and are not named after a table of their own."""
    free = (title for title in sheets if title.strip().casefold() not in MODELS)
    return tuple(title for title in free if _loaded(book, name, title).height)


def _loaded(book: Any, name: str, title: str) -> Any:
    with _damage(f"{name}, sheet '{title}'"):
        return book.get_sheet_by_name(title)


@contextmanager
def _damage(where: str) -> Iterator[None]:
    try:
        yield
    except BaseException as error:  # the library panics with one that is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError) or type(error).__name__ == "PasswordError":
            raise
        raise InputError(
            f"This is not an Excel workbook, or it is damaged ({error}).", where=where, hint="Save it again as .xlsx."
        ) from None


def _sheet(book: Any, name: str, table: str, layout: Layout) -> Any:
    sheets: list[str] = book.sheet_names
    if layout.sheet is not None and layout.sheet not in sheets:
        raise InputError(f"There is no sheet '{layout.sheet}'.", where=name, hint=f"Sheets: {', '.join(sheets)}.")
    own = [layout.sheet] if layout.sheet else [s for s in sheets if s.strip().casefold() == table]
    for candidate in own or sheets:
        sheet = _loaded(book, name, candidate)
        if sheet.height:
            return sheet
    raise InputError(
        "The workbook is empty." if not own else f"The sheet '{own[0]}' is empty.",
        where=name,
        hint="Export it again, or name the sheet that holds the rows in the mapping: sheet.",
    )


def _refuse_merged(sheet: Any, header: int, where: str) -> None:
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        if top <= header <= bottom and (left != right or top != bottom):
            raise InputError(
                f"Cells of the header in line {header + 1} are merged, so columns have no names of their own.",
                where=where,
                hint="Unmerge them, or give the line of the real header in a mapping: header_row = N.",
            )


def _unnamed(column: str, j: int) -> bool:
    return column == f"column {j + 1}"

"""Where the header of a file stands: extracts have title lines above it, workbooks have sheets before it."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from pathlib import Path
from typing import Any

from breachpattern.ingest import sources
from breachpattern.ingest.sources import Layout

LOOKED_AT = 40
FEWEST = 2
NEARLY_FULL = 0.8

Lines = Sequence[Sequence[str]]


def find_layout(source: Any, table: str, known: Container[str], words: Callable[[str], str]) -> Layout:
    """Return the sheet and the line of a source that hold its header; the first of both unless others fit better.

    Parameters
    ----------
    source : path, or anything else that holds a table
        Only files have lines above a header.
    table : str
        A worksheet of this name is taken before any other.
    known : container of str
        Names of columns, as ``words`` gives them.
    words : callable
        Turns a header as written into comparable words.
    """
    if not isinstance(source, (str, Path)) or "://" in str(source):
        return Layout()
    best, chosen = -1, Layout()
    for sheet, lines in _sheets(Path(source).expanduser(), table):
        line = header_line(lines, known, words)
        score = _recognised(lines[line - 1], known, words) if lines else -1
        if score > best:
            best, chosen = score, Layout(header_row=line, sheet=sheet)
    return chosen


def header_line(lines: Lines, known: Container[str], words: Callable[[str], str]) -> int:
    """Return the line that looks like a header, counted from 1.

    That is the first with the most known names; where no line has two, the first that is nearly as full as the
    fullest and holds only texts, each once.

    Examples
    --------
    >>> lines = [["Crimes of 2025", ""], ["", ""], ["Crime No", "Date"], ["X1", "1 May"]]
    >>> header_line(lines, {"crime no", "date"}, str.lower), header_line(lines, set(), str.lower)
    (3, 3)
    """
    scores = [_recognised(cells, known, words) for cells in lines]
    if max(scores, default=0) >= FEWEST:
        return scores.index(max(scores)) + 1
    filled = [[cell for cell in cells if cell.strip()] for cells in lines]
    widest = max(map(len, filled), default=0)
    for number, cells in enumerate(filled, start=1):
        texts = len(set(cells)) == len(cells) and not any(cell.strip()[:1].isdigit() for cell in cells)
        if cells and len(cells) >= NEARLY_FULL * widest and texts:
            return number
    return 1


def _recognised(cells: Sequence[str], known: Container[str], words: Callable[[str], str]) -> int:
    return sum(words(cell) in known for cell in cells if cell.strip())


def _sheets(path: Path, table: str) -> Sequence[tuple[str | None, Lines]]:
    """Return the first lines of a text file, or of every sheet of a workbook that may be meant."""
    data = sources.content(path)
    if sources.suffix_of(path) in sources.TEXT_SUFFIXES:
        from breachpattern.ingest import csv_text

        return [(None, csv_text.first_lines(data, path.name, LOOKED_AT))]
    if sources.suffix_of(path) == ".xlsx":
        from breachpattern.ingest import workbooks

        return workbooks.first_lines(data, path.name, table, LOOKED_AT)
    return []

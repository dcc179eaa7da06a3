"""CSV as text: encodings, header, delimiter, and rows that do not fit it."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv

from breachpattern.errors import InputError
from breachpattern.ingest.bounds import CELL, gunzip
from breachpattern.ingest.headers import header_names
from breachpattern.ingest.sources import Broken, Layout, TextTable

DELIMITERS = ",;\t|"
GZIP, ZIP, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
UTF8_BOM, UTF16_BOMS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
CHUNK = 2**23


def read(data: bytes, name: str, digest: str | None, layout: Layout) -> TextTable:
    r"""Return a CSV file, plain or gzip, as a table of text.

    Parameters
    ----------
    data : bytes
        The file. UTF-8 with or without BOM; UTF-16 with BOM and cp1252 are read with a note.
    name, digest : str
        File name and SHA-256.
    layout : Layout
        Header line and delimiter; the delimiter is otherwise the most frequent of ``, ; tab |`` in the header.

    Raises
    ------
    InputError
        Where it is no CSV, is cut off, or has no header.

    Examples
    --------
    >>> text = read(b"id,name\n007,NA\n", "x.csv", None, Layout())
    >>> text.data.to_pylist()
    [{'id': '007', 'name': 'NA'}]
    """
    plain, notes = _utf8(_unpacked(data, name), name)
    names, start, delimiter = header(plain, name, layout)
    stop = len(plain)
    while stop > start and plain[stop - 1] in b"\r\n":
        stop -= 1
    empty = TextTable(name, _empty(names), np.empty(0, np.int64), digest, notes=tuple(notes))
    first = layout.header_row + 1
    if stop > start and _is_regular(plain, start, stop):
        try:
            # Slices of the buffer, never copies: files have hundreds of megabytes.
            columns = _fast(pa.py_buffer(plain).slice(start, stop - start), names, delimiter)
            return replace(empty, data=columns, rows=np.arange(first, first + columns.num_rows, dtype=np.int64))
        except pa.ArrowInvalid:
            pass  # some row does not fit the header: find it
    return _careful(plain[start:stop], delimiter, first, empty)


def first_lines(data: bytes, name: str, count: int) -> list[list[str]]:
    """Return the cells of the first lines, split at the delimiter that is the most frequent in them."""
    plain, _ = _utf8(_unpacked(data, name), name)
    lines = [line.decode("utf-8").rstrip("\r\n") for line in itertools.islice(io.BytesIO(plain), count)]
    delimiter = max(DELIMITERS, key="".join(lines).count)
    return [next(csv.reader([line], delimiter=delimiter), []) for line in lines]


def _is_regular(data: bytes, start: int, stop: int) -> bool:
    """Return whether no quotation mark is left open and no line is blank, as far as bytes can tell."""
    return (
        data.count(b'"', start, stop) % 2 == 0
        and data[start : start + 1] not in (b"\r", b"\n")
        and data.find(b"\n\n", start, stop) < 0
        and data.find(b"\n\r\n", start, stop) < 0
    )


def _empty(names: list[str]) -> pa.Table:
    return pa.table([pa.array([], pa.string())] * len(names), names=names)


def _unpacked(data: bytes, name: str) -> bytes:
    if data.startswith(GZIP):
        data = gunzip(data, name)
        if not data:
            raise InputError("The file is empty.", where=name, hint="Export it again.")
    for magic, what in ((ZIP, "an Excel workbook or a zip archive"), (PARQUET, "a Parquet file")):
        if data.startswith(magic):
            raise InputError(
                f"The name says CSV, but this is {what}.", where=name, hint="Give the file its right ending."
            )
    return data


def _utf8(data: bytes, name: str) -> tuple[bytes, list[tuple[str, str]]]:
    notes: list[tuple[str, str]] = []
    if data.startswith(UTF8_BOM):
        data = data[3:]
    if data.startswith(UTF16_BOMS):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeDecodeError:
            raise InputError("The UTF-16 text is cut off.", where=name, hint="Export it again.") from None
        notes.append(("not_utf8", "The file is UTF-16 and was read as such."))
    if b"\0" in data[:65_536]:
        raise InputError("The file holds binary data, not text.", where=name, hint="Export it as CSV.")
    if not _is_utf8(data):
        data = data.decode("cp1252", errors="replace").encode()
        notes.append(("not_utf8", "The file is not UTF-8; it was read as cp1252 (Windows-1252)."))
    if b"\n" not in data and b"\r" in data:
        data = data.replace(b"\r", b"\n")
    return data, notes


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    try:
        for start in range(0, len(data), CHUNK):
            decoder.decode(view[start : start + CHUNK], final=start + CHUNK >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def header(data: bytes, name: str, layout: Layout) -> tuple[list[str], int, str]:
    """Return the column names, the byte after the header, and the delimiter."""
    stream = io.BytesIO(data)
    for _ in range(layout.header_row - 1):
        if not stream.readline():
            break
    start = stream.tell()
    first = stream.readline().decode("utf-8")
    delimiter = layout.delimiter or max(DELIMITERS, key=first.count)
    stream.seek(start)
    lines = (line.decode("utf-8") for line in iter(stream.readline, b""))
    try:
        cells = next(csv.reader(lines, delimiter=delimiter), [])
    except csv.Error as error:
        raise InputError(f"The header cannot be read: {error}.", where=name, hint="Export it as CSV again.") from None
    return header_names(cells, name, layout.header_row), stream.tell(), delimiter


def _fast(body: pa.Buffer, names: list[str], delimiter: str) -> pa.Table:
    places = [f"c{i}" for i in range(len(names))]
    return pcsv.read_csv(body, **options(places, delimiter)).rename_columns(names)


def options(names: list[str], delimiter: str) -> dict[str, Any]:
    """Return how pyarrow reads the rows of a regular file: everything as text, blank as null."""
    return {
        "read_options": pcsv.ReadOptions(column_names=names, block_size=CHUNK),
        "parse_options": pcsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        "convert_options": pcsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
        ),
    }


def odd(head: bytes) -> bool:
    """Return whether the beginning of a file is anything but plain UTF-8 lines."""
    marks = (UTF8_BOM, *UTF16_BOMS, ZIP, PARQUET, GZIP)
    return head.startswith(marks) or b"\0" in head or b"\n" not in head


def _careful(body: bytes, delimiter: str, first: int, empty: TextTable) -> TextTable:
    """Read row by row: slower, but every row that does not fit the header is found and kept apart."""
    names = empty.data.column_names
    width = len(names)
    good: list[list[str]] = []
    rows: list[int] = []
    short: list[int] = []
    broken: list[Broken] = []
    row = first - 1
    for cells in _records(body.decode("utf-8"), delimiter, empty.name, first):
        row += 1
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            message = f"The row has {len(cells)} cells, the header has {width}."
            broken.append(Broken(row, "too_many_cells", message, delimiter.join(cells)))
            continue
        if len(cells) < width:
            short.append(row)
            cells = cells + [""] * (width - len(cells))
        good.append(cells[:width])
        rows.append(row)
    columns = [pa.array([cells[i] or None for cells in good], pa.string()) for i in range(width)]
    return TextTable(
        empty.name,
        pa.table(columns, names=names),
        np.array(rows, np.int64),
        empty.sha256,
        tuple(broken),
        empty.notes,
        tuple(short),
    )


def _records(text: str, delimiter: str, name: str, first: int) -> Iterator[list[str]]:
    limit = csv.field_size_limit(CELL)
    row, cells = first - 1, [""]
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            row += 1
            yield cells
    except csv.Error as error:
        if "field limit" in str(error):
            raise InputError(
                f"A cell has more than {CELL:,} characters.",
                where=f"{name}, row {row + 1}",
                hint="Shorten it, or close a quotation mark that was left open.",
            ) from None
        raise InputError(
            f"The file is not CSV: {error}.", where=f"{name}, row {row + 1}", hint="Put that row right."
        ) from None
    finally:
        csv.field_size_limit(limit)
    if text.count('"') % 2 and any("\n" in cell for cell in cells):
        raise InputError(
            "A quotation mark is opened and never closed, so the rest of the file cannot be split into rows.",
            where=f"{name}, row {row}",
            hint="Close it, or double it where it is part of the text.",
        )

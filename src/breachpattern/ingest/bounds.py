"""How much a file may hold: what is read must stay in proportion to what was sent."""

from __future__ import annotations

import gzip
import io
import os
import re
import zipfile
import zlib

from breachpattern.errors import InputError, UsageError

COLUMNS = 16_384  # as many as a worksheet can have
CELLS = 100_000_000  # of a worksheet, filled or not: it is held as a rectangle
CELL = 2**24  # characters
FREE, RATIO = 2**28, 100  # what every file may unpack to, and how many times its own size
VARIABLE = "BREACHPATTERN_MAX_UNPACKED"
CHUNK = 2**20
_SIZES = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_ROW = re.compile(rb"<row[^>]{0,200}? r=\"(\d{1,7})\"")
_CELL_THREE, _CELL_TWO = re.compile(rb" r=\"([A-Z]{3})\d"), re.compile(rb" r=\"([A-Z]{2})\d")


def allowed(packed: int) -> int:
    """Return how many bytes a file of a size may unpack to.

    Raises
    ------
    UsageError
        Where the environment variable that says otherwise is no size.

    Examples
    --------
    >>> allowed(1_000), allowed(10_000_000)
    (268435456, 1000000000)
    """
    told = os.environ.get(VARIABLE)
    if told is None:
        return max(FREE, RATIO * packed)
    found = re.fullmatch(r"\s*([0-9]{1,15})\s*([KMGT]?)B?\s*", told.upper())
    if not found:
        raise UsageError(f"{told!r} is no size.", where=VARIABLE, hint="Write it as 8GB.")
    return int(found[1]) * _SIZES[found[2]]


def too_large(name: str, packed: int, most: int) -> InputError:
    """Return the error of a file that unpacks to more than is allowed."""
    return InputError(
        f"The file weighs {packed:,} bytes and unpacks to more than {most:,}, so it is not read further.",
        where=name,
        hint=f"Where that is as it should be, allow more: set {VARIABLE}=8GB in the environment.",
    )


def gunzip(data: bytes, name: str) -> bytes:
    """Return what a gzip file holds, as far as it is allowed to.

    Examples
    --------
    >>> gunzip(gzip.compress(b"a,b"), "x.csv.gz")
    b'a,b'
    """
    most, parts, size = allowed(len(data)), [], 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            while part := file.read(CHUNK):
                size += len(part)
                if size > most:
                    raise too_large(name, len(data), most)
                parts.append(part)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError("The gzip file is cut off or damaged.", where=name, hint="Copy or export it again.") from None
    return b"".join(parts)


def check_workbook(data: bytes, name: str) -> None:
    """Refuse a workbook that unpacks to too much, or a sheet whose far corners span too many cells.

    A reader of worksheets fills the whole rectangle up to the farthest cell, before anybody can ask how large it is.

    Raises
    ------
    InputError
    """
    most, size = allowed(len(data)), 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            for entry in book.infolist():
                size += entry.file_size
                if size > most:
                    raise too_large(name, len(data), most)
                rows, width, tail = 0, 26, b""
                sheet = entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml")
                with book.open(entry) as file:  # to the end: its checksum proves that its size is no lie
                    while part := file.read(CHUNK):
                        if sheet:
                            seen = tail + part
                            rows = max([rows, *(int(found) for found in _ROW.findall(seen))])
                            width = max(width, _widest(seen, rows))
                            tail = seen[-256:]
                if rows * width > CELLS:
                    raise InputError(
                        f"A sheet spans {rows:,} rows and {width:,} columns, and at most {CELLS:,} cells are read.",
                        where=f"{name}, {entry.filename}",
                        hint="Delete what stands far out, or save the sheet as CSV.",
                    )
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise InputError(
            f"This is not an Excel workbook, or it is damaged ({error}).", where=name, hint="Save it again as .xlsx."
        ) from None


def _widest(xml: bytes, rows: int) -> int:
    """Return the farthest column that cells name, as far as it matters."""
    if rows * COLUMNS <= CELLS:
        return 0
    names = set(_CELL_THREE.findall(xml)) or set(_CELL_TWO.findall(xml))
    return max((_number(column) for column in names), default=0)


def _number(column: bytes) -> int:
    """Return the number of a column.

    Examples
    --------
    >>> _number(b"A"), _number(b"XFD")
    (1, 16384)
    """
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number

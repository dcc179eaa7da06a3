"""From whatever holds a table (path, URL, frame, records) to one table of text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.errors import InputError
from breachpattern.ingest.secrets import safe_address

# Two letters or more: one is a drive.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+:(?!\\)")
TEXT_SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt")
SUFFIXES = (*TEXT_SUFFIXES, ".xlsx", ".parquet", ".jsonl")
FILES_SHOWN = 5


@dataclass(frozen=True)
class Broken:
    """A row that cannot be split into cells: its line, the issue code, why, and its text."""

    row: int
    code: str
    message: str
    text: str


@dataclass(frozen=True)
class Layout:
    """Where in a file the table stands: header line, delimiter, worksheet, query."""

    header_row: int = 1
    delimiter: str | None = None
    sheet: str | None = None
    query: str | None = None


@dataclass(frozen=True)
class TextTable:
    """A table as text, exactly as it was written.

    Attributes
    ----------
    name : str
        File name, or the name of the table for frames and records. Never holds a password.
    data : pyarrow.Table
        String columns under the names of the header.
    rows : (n,) int64
        The line that a spreadsheet shows for each row (header = 1).
    sha256 : str or None
        Of the file as it stands; ``None`` where there is no file.
    broken : tuple of Broken
        Rows that could not be split into cells.
    notes : tuple of (code, message)
        Problems of the whole file.
    short : tuple of int
        Lines with fewer cells than the header.
    other_sheets : tuple of str
        Further sheets of the workbook, in which the table was not looked for.
    unread : tuple of str
        Those of them that hold something and may belong to this table, nobody having said which sheet is meant.
    sheet : str
        The sheet that was read, where the source is a workbook.
    """

    name: str
    data: pa.Table
    rows: npt.NDArray[np.int64]
    sha256: str | None = None
    broken: tuple[Broken, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    short: tuple[int, ...] = field(default=())
    other_sheets: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    sheet: str = ""


def read_source(source: Any, table: str, layout: Layout | None = None) -> TextTable:
    """Return a source as a table of text.

    Parameters
    ----------
    source : path, database URL, data frame or iterable of records
        Paths end as :data:`SUFFIXES` says. Frames are those of pandas, polars and pyarrow, or anything that speaks
        the Arrow C stream protocol. Records are mappings or models.
    table : str
        ``incidents``, ``orders``, ``persons`` or ``associations``: names frames, picks worksheets and tables.
    layout : Layout, optional
        Header line, delimiter, worksheet, query.

    Raises
    ------
    InputError
        Where it cannot be read as a table at all.

    Examples
    --------
    >>> text = read_source([{"incident_id": 7, "occurred_from": "2025-03-01"}], "incidents")
    >>> text.data["incident_id"].to_pylist(), text.rows.tolist()
    (['7'], [2])
    """
    layout = layout or Layout()
    if isinstance(source, str) and "://" in source:
        from breachpattern.ingest import databases

        return databases.read(source, table, layout.query)
    if isinstance(source, str) and _ADDRESS.match(source) and not Path(source).exists():
        raise InputError(
            "This looks like a database URL that is written without ://.",
            where=safe_address(source),
            hint="Write it as postgresql://user:password@host/database or sqlite:///file.",
        )
    if isinstance(source, (str, Path)):
        return _read_path(Path(source).expanduser(), table, layout)
    from breachpattern.ingest import frames

    if isinstance(source, TextTable):
        return source
    if frames.is_frame(source):
        return frames.from_frame(source, table)
    if isinstance(source, Iterable) and not isinstance(source, (bytes, dict)):
        return frames.from_records(source, table)
    raise InputError(
        f"A {type(source).__name__} is not a table.",
        where=table,
        hint="Give a path, a database URL, a pandas, polars or pyarrow frame, or a list of records.",
    )


def _read_path(path: Path, table: str, layout: Layout) -> TextTable:
    data = content(path)
    digest = hashlib.sha256(data).hexdigest()
    suffix = suffix_of(path)
    if suffix in TEXT_SUFFIXES:
        from breachpattern.ingest import csv_text

        if suffix.startswith(".tsv") and layout.delimiter is None:
            layout = replace(layout, delimiter="\t")
        return csv_text.read(data, path.name, digest, layout)
    if suffix == ".xlsx":
        from breachpattern.ingest import workbooks

        return workbooks.read(data, path.name, digest, table, layout)
    from breachpattern.ingest import frames

    if suffix == ".parquet":
        return frames.from_parquet(data, path.name, digest)
    return frames.from_json_lines(data, path.name, digest)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, read part by part."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def suffix_of(path: Path) -> str:
    """Return the ending of a file name that says how it is read; :class:`InputError` where it is none of ours."""
    name = path.name.lower()
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if name.endswith(suffix):
            return suffix
    raise InputError(
        f"Files that end in '{path.suffix}' cannot be read." if path.suffix else "The file name has no ending.",
        where=str(path),
        hint=f"Readable are {', '.join(SUFFIXES)} and database URLs.",
    )


def content(path: Path) -> bytes:
    """Return what a file holds.

    Raises
    ------
    InputError
        Where it is none, cannot be read, or is empty.
    """
    where = str(path)
    if path.is_dir():
        raise InputError("This is a folder, not a file.", where=where, hint="Name the file in it.")
    if not path.exists():
        there = sorted(p.name for p in path.parent.glob("*") if p.name.lower().endswith(SUFFIXES))
        near = get_close_matches(path.name, there, FILES_SHOWN, 0.6) or there[:FILES_SHOWN]
        more = f" and {len(there) - len(near)} more" if len(there) > len(near) else ""
        hint = f"Files there: {', '.join(near)}{more}." if near else "Check the path."
        raise InputError("There is no such file.", where=where, hint=hint)
    suffix_of(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"The file cannot be read: {error.strerror}.", where=where, hint="Check that you may read it."
        ) from None
    if not data:
        raise InputError("The file is empty.", where=where, hint="Export it again.")
    return data

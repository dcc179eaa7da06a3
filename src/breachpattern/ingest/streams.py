"""Sources that are read batch after batch, as often as need be, and never held whole: Parquet, and regular CSV.

What a batch holds is what the whole would hold at that place, to the letter. Where that cannot be promised without
seeing all rows at once, there is no stream, and the source is read whole.
"""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa

from breachpattern.errors import InputError
from breachpattern.ingest import csv_text
from breachpattern.ingest.bounds import allowed, too_large
from breachpattern.ingest.frames import check_size, column_as_text, midnights_only
from breachpattern.ingest.headers import header_names
from breachpattern.ingest.sources import TEXT_SUFFIXES, Layout, TextTable, digest_of, suffix_of

Read = Callable[[list[int]], Iterator[pa.Table]]
BATCH = 1 << 18
HEAD = 1 << 20  # in which a header ends
_PLAIN = (
    pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_boolean, pa.types.is_floating,
    pa.types.is_date, pa.types.is_timestamp, pa.types.is_null,
)  # fmt: skip


@dataclass(frozen=True)
class Stream:
    """A source that can be read again and again.

    Attributes
    ----------
    name : str
        File name.
    sha256 : str
    columns : tuple of str
        The names of the header.
    first : int
        The line of the first row.
    count : int
        How many rows there are.
    read : callable
        Takes positions of columns and yields tables of text with those columns.
    """

    name: str
    sha256: str
    columns: tuple[str, ...]
    first: int
    count: int
    read: Read

    def batches(self, wanted: Collection[str] | None = None) -> Iterator[TextTable]:
        """Yield some columns, or all, of batch after batch of rows, with their lines."""
        places = [i for i, name in enumerate(self.columns) if wanted is None or name in wanted]
        line = self.first
        for table in self.read(places):
            rows = np.arange(line, line + table.num_rows, dtype=np.int64)
            yield TextTable(self.name, table, rows, self.sha256)
            line += table.num_rows

    def rows_at(self, places: np.ndarray[Any, np.dtype[np.int64]]) -> pa.Table:
        """Return the rows at some positions, ascending, as they are written."""
        found = [pa.table([pa.array([], pa.string())] * len(self.columns), names=list(self.columns))]
        start = 0
        for batch in self.batches():
            low, high = np.searchsorted(places, [start, start + len(batch.rows)])
            found.append(batch.data.take(pa.array(places[low:high] - start)))
            start += len(batch.rows)
        return pa.concat_tables(found)


def open_stream(source: Any, layout: Layout) -> Stream | None:
    """Return a source as a stream; ``None`` where it has to be read whole.

    Parameters
    ----------
    source : any
        Only paths of Parquet and CSV files can be streams.
    layout : Layout
    """
    if not isinstance(source, (str, Path)) or "://" in str(source) or not Path(source).expanduser().is_file():
        return None
    path = Path(source).expanduser()
    suffix, stamp = suffix_of(path), _stamp(path)
    if suffix != ".parquet" and suffix not in TEXT_SUFFIXES:
        return None
    stream = _parquet(path) if suffix == ".parquet" else _csv(path, suffix, layout)
    return stream and replace(stream, read=_unchanged(path, stamp, stream.read))


def _unchanged(path: Path, stamp: tuple[int, int], read: Read) -> Read:
    """Return a way of reading that refuses a file that is no longer as it was opened: rows are told by their place."""

    def again(places: list[int]) -> Iterator[pa.Table]:
        yield from read(places)
        if _stamp(path) != stamp:
            raise InputError(
                "The file changed while it was read.",
                where=path.name,
                hint="Give a copy of it, or wait until whatever writes it is done.",
            )

    return again


def _stamp(path: Path) -> tuple[int, int]:
    known = path.stat()
    return known.st_size, known.st_mtime_ns


def _parquet(path: Path) -> Stream | None:
    import pyarrow.parquet as parquet

    try:
        file = parquet.ParquetFile(path)
    except (pa.ArrowException, OSError, ValueError):
        return None  # reading it whole says what is wrong
    with file:
        check_size(file.metadata, path.stat().st_size, path.name)
        schema, rows = file.schema_arrow, file.metadata.num_rows
        kinds = [field.type.value_type if pa.types.is_dictionary(field.type) else field.type for field in schema]
        if not rows or not all(any(test(kind) for test in _PLAIN) for kind in kinds):
            return None
        # A column of midnights is one of days, which only all of it can say.
        naive = [i for i, kind in enumerate(kinds) if pa.types.is_timestamp(kind) and kind.tz is None]
        days = {i for i in naive if _is_days(file, schema.names[i])}
    names = header_names(list(schema.names), path.name, 1)

    def read(places: list[int]) -> Iterator[pa.Table]:
        wanted = [schema.names[i] for i in places]
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(BATCH, columns=wanted):
                try:
                    batch.validate(full=True)  # also that every text is UTF-8
                except pa.ArrowInvalid:
                    raise InputError(
                        "A column holds bytes that are no text.", where=path.name, hint="Export it again."
                    ) from None
                held = [column_as_text(batch.column(schema.names[i]), days=i in days) for i in places]
                yield pa.table(held, names=[names[i] for i in places])

    return Stream(path.name, digest_of(path), tuple(names), 2, rows, read)


def _is_days(file: Any, name: str) -> bool:
    return all(midnights_only(batch.column(0)) for batch in file.iter_batches(BATCH, columns=[name]))


def _csv(path: Path, suffix: str, layout: Layout) -> Stream | None:
    import pyarrow.csv as pcsv

    if layout.delimiter is None and suffix.startswith(".tsv"):
        layout = Layout(layout.header_row, "\t", layout.sheet, layout.query)
    with _opened(path) as file:
        head = file.read(HEAD)
        if not head or csv_text.odd(head) or (not head.endswith(b"\n") and b"\n" not in head):
            return None
        names, start, delimiter = csv_text.header(head, path.name, layout)
        if start >= len(head) or not _is_regular(file, head[start:], path):
            return None

    def read(places: list[int]) -> Iterator[pa.Table]:
        with _opened(path) as file:
            file.read(start)
            options = csv_text.options([f"c{i}" for i in range(len(names))], delimiter)
            options["convert_options"].include_columns = [f"c{i}" for i in places]
            with pcsv.open_csv(file, **options) as batches:
                for batch in batches:
                    yield pa.Table.from_batches([batch]).rename_columns([names[i] for i in places])

    try:
        count = sum(table.num_rows for table in read([0]))
    except pa.ArrowInvalid:
        return None  # some row does not fit the header: reading it whole finds it
    return Stream(path.name, digest_of(path), tuple(names), layout.header_row + 1, count, read) if count else None


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == csv_text.GZIP
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _is_regular(file: IO[bytes], body: bytes, path: Path) -> bool:
    """Return whether the rest of a file is UTF-8 without open quotation marks or blank lines, part by part."""
    decoder, quotes, before = codecs.getincrementaldecoder("utf-8")(), 0, b"\n"
    packed, size = path.stat().st_size, 0
    most = allowed(packed)
    try:
        while body:
            size += len(body)
            if size > most:
                raise too_large(path.name, packed, most)
            decoder.decode(body)
            seen = before + body
            # A line that is blank may lie across two parts.
            if b"\n\n" in seen or b"\n\r\n" in seen:
                return False
            quotes += body.count(b'"')
            before, body = seen[-2:], file.read(csv_text.CHUNK)
        decoder.decode(b"", final=True)
    except (UnicodeDecodeError, EOFError, OSError):
        return False
    return quotes % 2 == 0

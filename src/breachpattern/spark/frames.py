"""The tables of an extract as Spark has them: every row with its number, every cell as text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from breachpattern.errors import UsageError
from breachpattern.ingest.frames import column_as_text
from breachpattern.ingest.headers import header_names
from breachpattern.ingest.privacy import Privacy
from breachpattern.ingest.sources import TextTable
from breachpattern.spark.session import check_session

# Rows are numbered part by part; the parts are counted first.
PARTS = 512
# Bytes that go to Spark at a time: each batch is a task, and a cluster refuses a task of more than 128 MB.
PIECE = 16 << 20
ROW = "row"
# How the types begin that a column of row numbers may have.
NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal", "string")


@dataclass(frozen=True)
class Source:
    """One table of an extract on Spark.

    Attributes
    ----------
    table : str
        ``incidents``, ``orders``, ``persons`` or ``associations``.
    name : str
        What issues call it.
    columns : tuple of str
        Its columns by the names that it came with.
    frame : pyspark.sql.DataFrame
        ``row``, and each column by its place: ``c0``, ``c1`` …, as it came.
    days : frozenset of int
        Columns of clock times without a zone that hold nothing but midnights: days.
    file : TextTable or None
        The file that it was read from, without its rows.
    taken : bool
        It stands in the source of another table, which tells what is wrong with it.
    """

    table: str
    name: str
    columns: tuple[str, ...]
    frame: Any
    days: frozenset[int] = frozenset()
    file: TextTable | None = None
    taken: bool = False

    @property
    def described(self) -> TextTable:
        """The source as a table without rows."""
        blank = pa.table({name: pa.array([], pa.string()) for name in self.columns})
        return self.file or TextTable(self.name, blank, np.empty(0, np.int64))

    @property
    def refused(self) -> list[str]:
        """Its columns of special categories: never read, and not kept beside rejected rows."""
        return [name for name in self.columns if Privacy().refuses(name)]

    @property
    def read(self) -> TextTable:
        """What is read of it, as a table without rows."""
        text = self.described
        return replace(text, data=text.data.drop_columns(self.refused))

    @property
    def places(self) -> list[str]:
        """The columns of the frame that hold cells."""
        return [f"c{place}" for place in range(len(self.columns))]

    def without_frame(self) -> Source:
        """Return what a worker needs of it."""
        return replace(self, frame=None, file=None)

    def text(self, rows: pa.Table | pa.RecordBatch) -> TextTable:
        """Return some rows of the frame as a table of text, in the order of their numbers."""
        order = np.argsort(np.asarray(rows.column(ROW)), kind="stable")
        refused = self.refused
        cells = {
            name: as_text(rows.column(place), days=number in self.days)
            for number, (place, name) in enumerate(zip(self.places, self.columns, strict=True))
            if name not in refused
        }
        data = pa.table(cells).take(pa.array(order))
        return TextTable(self.name, data, np.asarray(rows.column(ROW), np.int64)[order])


def frame_of(session: Any, table: pa.Table, schema: str | None = None) -> Any:
    """Return a table of Arrow as a data frame."""
    whole = in_pieces(table)
    return session.createDataFrame(whole) if schema is None else session.createDataFrame(whole, schema)


def in_pieces(table: pa.Table, most: int = PIECE) -> pa.Table:
    """Return a table in pieces of about so many bytes, none without rows, because Spark stops reading at such a one.

    Examples
    --------
    >>> table = pa.chunked_array([[1, 2], [], [3, 4]])
    >>> in_pieces(pa.table({"n": table}), most=24)["n"].to_pylist()
    [1, 2, 3, 4]
    """
    whole = table.combine_chunks()
    if not whole.num_rows:
        return whole
    rows = max(1, whole.num_rows * most // max(whole.nbytes, 1))
    return pa.Table.from_batches(whole.to_batches(max_chunksize=rows))


def source_of(
    frame: Any, table: str, *, name: str | None = None, row: str | None = None, trusted: bool = False
) -> Source:
    """Return a Spark data frame as a table of an extract.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
    table : str
    name : str, optional
        What issues call it; the name of the table by default.
    row : str, optional
        A column of whole numbers, each once, that says which row it is. Without it rows are numbered from 2 by what
        they hold, so that the same rows have the same numbers whatever order Spark gives them in.
    trusted : bool, default False
        The numbers are known to be each there once.

    Raises
    ------
    UsageError
        Where it is no data frame of Spark or of a session that cannot do the work, has no such column, or a number is
        blank or there twice.
    InputError
        Where two columns have one name.
    """
    if not (hasattr(frame, "sparkSession") and hasattr(frame, "toDF")):
        raise UsageError(
            f"A {type(frame).__name__} is no data frame of Spark.",
            where=table,
            hint="Give what spark.read or spark.table returns; spark.createDataFrame makes one of pandas or pyarrow.",
        )
    check_session(frame.sparkSession)
    if row is not None and row not in frame.columns:
        raise UsageError(
            f"There is no column {row!r} to number the rows by.",
            where=table,
            hint=f"The columns are {', '.join(frame.columns[:12])}.",
        )
    if row is not None and not trusted:
        _check_numbers(frame, table, row)
    columns = [column for column in frame.columns if column != row]
    names = header_names(columns, table, 1)
    cells = _by_place(frame, row)
    places = [f"c{place}" for place in range(len(names))]
    numbered = cells if row is not None else _numbered(cells, places)
    return Source(table, name or table, tuple(names), numbered, _days(cells, places))


def _check_numbers(frame: Any, table: str, row: str) -> None:
    from pyspark.sql import functions as f

    numbers = frame.toDF(*(f"k{place}" for place in range(len(frame.columns))))
    number = f.col(f"k{frame.columns.index(row)}")
    kind = numbers.select(number).dtypes[0][1]
    if not kind.startswith(NUMBERS):
        raise UsageError(
            f"The column {row!r} is of the type {kind}.", where=table, hint="Number the rows by whole numbers."
        )
    rows, distinct = numbers.agg(f.count("*"), f.countDistinct(number.try_cast("long"))).first()
    if rows != distinct:
        raise UsageError(
            f"The column {row!r} has {distinct:,} different whole numbers for {rows:,} rows.",
            where=table,
            hint="Number the rows each by its own, or leave row= out.",
        )


def _by_place(frame: Any, row: str | None) -> Any:
    """Return the frame with its columns named by their places, because Spark's own names may differ in case only."""
    from pyspark.sql import functions as f

    kept = [place for place, column in enumerate(frame.columns) if column != row]
    renamed = frame.toDF(*(f"k{place}" for place in range(len(frame.columns))))
    cells = [f.col(f"k{place}").alias(f"c{number}") for number, place in enumerate(kept)]
    numbers = [] if row is None else [f.col(f"k{frame.columns.index(row)}").cast("long").alias(ROW)]
    return renamed.select(*numbers, *cells)


def _numbered(cells: Any, places: list[str]) -> Any:
    """Return the rows numbered from 2 by what they hold: a part by its hash, then in the order of their text.

    Every part is counted and numbered by itself, so that nothing passes through one worker, and a task that is run
    again gives the same numbers.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    held = f.to_json(f.struct(*places), {"timeZone": "UTC"})
    told = cells.withColumn("held", held).withColumn("part", f.pmod(f.xxhash64("held"), f.lit(PARTS)))
    counts = dict(told.groupBy("part").count().collect())
    before = np.concatenate([[0], np.cumsum([counts.get(part, 0) for part in range(PARTS)])])[:PARTS]
    offset = f.element_at(f.array(*(f.lit(int(n)) for n in before)), f.col("part").cast("int") + 1)
    within = f.row_number().over(Window.partitionBy("part").orderBy("held"))
    return told.select((offset + within + 1).cast("long").alias(ROW), *places)


def _days(cells: Any, places: list[str]) -> frozenset[int]:
    """Return the columns of clock times that hold midnights only: a frame of pandas knows no days."""
    from pyspark.sql import functions as f

    kinds = dict(cells.dtypes)
    clocks = [place for place in places if kinds[place] == "timestamp_ntz"]
    if not clocks:
        return frozenset()
    found = cells.agg(*(f.max(f.col(c) != f.col(c).cast("date").cast("timestamp_ntz")).alias(c) for c in clocks))
    return frozenset(places.index(place) for place, timed in found.first().asDict().items() if not timed)


def as_text(column: pa.Array | pa.ChunkedArray, *, days: bool) -> pa.ChunkedArray:
    """Return a column as text; days where the whole column of the table holds nothing but midnights.

    Examples
    --------
    >>> midnight = pa.array([1_740_787_200], pa.timestamp("s"))
    >>> as_text(midnight, days=True).to_pylist(), as_text(midnight, days=False).to_pylist()
    (['2025-03-01'], ['2025-03-01 00:00:00'])
    """
    if days or not (pa.types.is_timestamp(column.type) and column.type.tz is None):
        return column_as_text(column)
    # A part of a column may be all midnight by chance.
    chunked = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
    return chunked.cast(pa.timestamp("s"), safe=False).cast(pa.string())

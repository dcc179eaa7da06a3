"""Rejected rows as they were written, with the reason of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from breachpattern.ingest.extract import free_name
from breachpattern.spark.canonical import LINE, PLACE
from breachpattern.spark.frames import Source

REASON = "reason"


def quarantine(source: Source, rejected: Any, hidden: tuple[str, ...]) -> Any:
    """Return the rejected rows of a source in the order of their numbers.

    A source row of which a mapping makes several stands here once, with the first reason.

    Parameters
    ----------
    source : Source
    rejected : pyspark.sql.DataFrame
        ``row, reason, place``.
    hidden : tuple of str
        Source columns that are left out: narrative is copied nowhere.
    """
    from pyspark.sql import functions as f

    first = rejected.groupBy(LINE).agg(f.min_by(REASON, PLACE).alias(REASON))
    rows = source.frame.join(first, LINE)
    shown = [name for name in source.columns if name not in (*hidden, *source.refused)]
    names = ["file", LINE, REASON, *map(free_name, shown)]
    types = ["string", "long", *["string"] * (len(names) - 2)]
    schema = ", ".join(f"`{name.replace('`', '``')}` {kind}" for name, kind in zip(names, types, strict=True))
    return rows.mapInArrow(_writer(source.without_frame(), shown, names), schema).orderBy(LINE)


def _writer(source: Source, shown: list[str], names: list[str]) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """Return what turns rows of a source into text on a worker."""

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if batch.num_rows == 0:
                continue
            ordered = pa.Table.from_batches([batch]).sort_by(LINE)
            text = source.text(ordered)
            cells = [text.data[name] for name in shown]
            table = pa.table(
                [pa.repeat(source.name, len(text.rows)), pa.array(text.rows), ordered[REASON], *cells], names=names
            )
            yield from table.combine_chunks().to_batches()

    return write

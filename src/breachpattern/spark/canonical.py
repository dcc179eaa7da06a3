"""Incidents and orders in canonical columns of text, batch by batch on the workers, as a mapping makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.mapped import apply
from breachpattern.ingest.mapping import TableMapping
from breachpattern.ingest.part import Part
from breachpattern.linking.objects import spelt_column, texts_in
from breachpattern.records import MODELS, Reading
from breachpattern.spark.frames import Source

LINE, PLACE, OBJECT = "row", "place", "object"


@dataclass(frozen=True)
class Canonical:
    """A table in canonical columns on Spark.

    Attributes
    ----------
    source : Source
    frame : pyspark.sql.DataFrame
        ``row``, the number of the source row; ``place`` among the rows that a mapping makes of it; every canonical
        column as text, null where blank; ``object``, the means in one spelling.
    reading : Reading
        How its cells are read.
    spread : bool
        The mapping makes several rows of one source row.
    given : frozenset of str
        The canonical columns that something in the source is read as.
    hidden : tuple of str
        The source columns that hold narrative, which is copied nowhere.
    """

    source: Source
    frame: Any
    reading: Reading
    spread: bool
    given: frozenset[str]
    hidden: tuple[str, ...]


def fields_of(table: str) -> list[str]:
    """Return the canonical columns of a table, in order.

    Examples
    --------
    >>> fields_of("associations")
    ['person_id', 'other_id', 'tie', 'since', 'until']
    """
    return list(MODELS[table].model_fields)


def canonical(source: Source, plan: TableMapping, reading: Reading, log: IssueLog) -> Canonical:
    """Return a source in canonical columns; what is wrong with its columns goes to the log.

    Raises
    ------
    InputError, MappingError
        Where a required column is missing, or the mapping names a column that is not there.
    """
    blank = source.read
    shown = apply(plan, source.table, blank, reading, log)
    names = fields_of(source.table)
    schema = ", ".join([f"{LINE} long", f"{PLACE} long", *(f"{name} string" for name in names), f"{OBJECT} string"])
    frame = source.frame.mapInArrow(_reader(source.without_frame(), plan, reading.time_zone), schema)
    hidden = tuple(shown.sources.get("narrative", ()))
    return Canonical(source, frame, shown.reading, shown.spread, frozenset(shown.columns), hidden)


def _reader(source: Source, plan: TableMapping, zone: str) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """Return what turns batches of a source into canonical ones on a worker."""

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if batch.num_rows:
                yield from canonical_rows(source, batch, plan, zone).to_batches()

    return read


def canonical_rows(source: Source, rows: pa.RecordBatch, plan: TableMapping, zone: str) -> pa.Table:
    """Return some rows of a source in canonical columns."""
    text = source.text(rows)
    made = apply(plan, source.table, text, Reading(time_zone=zone), IssueLog())
    line = pa.array(text.rows[made.origin])
    place = pa.array(np.arange(len(line)))
    blank = pa.nulls(len(line), pa.string())
    columns = {name: made.columns.get(name, blank) for name in fields_of(source.table)}
    used = texts_in(spelt_column(pa.chunked_array([columns["means"]]))) if "means" in columns else blank
    return pa.table({LINE: line, PLACE: place} | columns | {OBJECT: used}).combine_chunks()


def in_order(rows: pa.Table) -> pa.Table:
    """Return rows of a canonical table in the order of their source: Spark keeps none."""
    return rows.sort_by([(LINE, "ascending"), (PLACE, "ascending")])


def part_of(rows: pa.Table, table: str, file: str, reading: Reading, spread: bool) -> Part:
    """Return rows of a canonical table as checking takes them."""
    ordered = in_order(rows)
    line = ordered[LINE].to_numpy()
    columns = {name: texts_in(ordered[name]) for name in fields_of(table)}
    return Part(file, columns, line, line, reading, spread)

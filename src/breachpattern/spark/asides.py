"""Persons and associations: they come to the driver, where people are linked as on one machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.errors import UsageError
from breachpattern.ingest.checks import check
from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.mapped import Canonical as Mapped
from breachpattern.ingest.mapped import apply
from breachpattern.ingest.mapping import Mapping as Plan
from breachpattern.ingest.part import Part, Rejected, check_parts
from breachpattern.ingest.references import Strangers
from breachpattern.ingest.sources import TextTable
from breachpattern.linking.components import PEOPLE
from breachpattern.linking.objects import texts_in
from breachpattern.linking.people import link_people
from breachpattern.linking.people.people import People
from breachpattern.records import Reading
from breachpattern.spark.canonical import LINE, Canonical, fields_of
from breachpattern.spark.frames import frame_of
from breachpattern.spark.heading import Heading
from breachpattern.spark.shared import Shared

if TYPE_CHECKING:
    from breachpattern.analysis import Analyser

ROWS_ON_DRIVER = 5_000_000
ASIDE = ("persons", "associations")
SIDES = pa.schema([("one", pa.string()), ("other", pa.string())])


@dataclass(frozen=True)
class Asides:
    """What of an extract is on the driver.

    Attributes
    ----------
    tables : dict of str to pyarrow.Table
        ``persons`` and ``associations``, checked, where they were given.
    rows, rejected, strangers
        As :class:`breachpattern.ingest.part.CheckedParts` has them.
    mapped : dict of str to (TextTable, Mapped)
        What the rejected rows were written as.
    """

    tables: dict[str, pa.Table] = field(default_factory=dict)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    rejected: dict[str, Rejected] = field(default_factory=dict)
    strangers: Strangers = field(default_factory=dict)
    mapped: dict[str, tuple[TextTable, Mapped]] = field(default_factory=dict)


def read_asides(heading: Heading, plan: Plan, reading: Reading, on_driver: int = ROWS_ON_DRIVER) -> Asides:
    """Return persons and associations, checked; every problem goes to the log.

    Raises
    ------
    UsageError
        Where they have more rows than the driver is to hold.
    """
    parts, mapped = {}, {}
    for table in ASIDE:
        if table not in heading.sources:
            continue
        source, count = heading.sources[table], heading.counts[table]
        if count > on_driver:
            raise UsageError(
                f"{count:,} rows of {table} are more than the {on_driver:,} that the driver links.",
                where=source.name,
                hint="Link people before, write who they are into the references of incidents and orders, and leave "
                "the table out.",
            )
        heading.note(table)
        text = source.text(source.frame.toArrow())
        made = apply(plan.table(table), table, text, reading, heading.log)
        heading.left_out[table] = made.left_out
        parts[table] = Part(source.name, made.columns, text.rows[made.origin], made.origin, made.reading, made.spread)
        mapped[table] = text, made
    done = check_parts(parts, reading.catalogue, heading.log)  # type: ignore[arg-type]
    tables = {table: done.tables[table] for table in parts}
    return Asides(tables, done.rows, done.rejected, done.strangers, mapped)


def linked(asides: Asides, tables: Mapping[str, Canonical], analyser: Analyser, shared: Any) -> People | None:
    """Return which references are one human being; ``None`` where nothing says so.

    The driver holds the persons, whom decisions name, and which pairs of those stand on opposite sides of an accepted
    record. Everybody else is counted where they are.
    """
    decisions = analyser.decisions
    persons = asides.tables.get("persons")
    if analyser.link == "off" or ((persons is None or persons.num_rows == 0) and decisions is None):
        return None
    records = check_parts({}, analyser.catalogue, IssueLog()).tables["persons"] if persons is None else persons
    within = [texts_in(records["person_id"])]
    within += [] if decisions is None else [texts_in(decisions[name]) for name in ("person_id", "other_id")]
    concerned = pc.unique(pa.chunked_array(within, pa.string())).drop_null()
    pairs, also, others = _concerning(_sides(tables, shared), concerned, asides.tables.get("associations"))
    people = link_people(
        records, analyser.link, analyser.link_threshold, decisions, analyser.link_model, apart=pairs, also=also
    )
    counts = dict(people.counts)
    return replace(people, counts=counts | {"references_without_record": counts["references_without_record"] + others})


def of_several(people: People) -> pa.Table:
    """Return who is one of several references of a human being: ``reference``, and ``shown`` for all of them."""
    shown = people.shown.dictionary_encode()
    code = shown.indices.to_numpy(zero_copy_only=False)
    several = pa.array(np.bincount(code, minlength=len(shown.dictionary))[code] > 1)
    return pa.table({"reference": people.references.filter(several), "shown": people.shown.filter(several)})


def _sides(tables: Mapping[str, Canonical], shared: Any) -> Any:
    """Return the two people of each accepted row of incidents and orders, each pair once."""
    found = [
        table.frame.select(LINE, *fields_of(name)).mapInArrow(_pairs_of(table, shared), "one string, other string")
        for name, table in tables.items()
    ]
    return reduce(lambda one, other: one.unionByName(other), found).distinct()


def _pairs_of(table: Canonical, shared: Any) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """Return what tells on a worker who is on the two sides of each accepted row."""
    name, file = table.source.table, table.source.name

    def find(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        one: Shared = shared.value
        with one.setting() as setting:
            for batch in batches:
                text = {field: batch.column(field) for field in fields_of(name)}
                line = np.asarray(batch.column(LINE), np.int64)
                checked = check(name, file, text, line, setting.reading(name), IssueLog())
                kept = pa.array(np.flatnonzero(checked.accepted))
                ends = [checked.text[side].take(kept) for side in PEOPLE[name]]
                pairs = pa.table(ends, schema=SIDES).group_by(SIDES.names).aggregate([])
                yield from (part for part in pairs.to_batches() if part.num_rows)

    return find


def _concerning(
    sides: Any, concerned: pa.Array, associations: pa.Table | None
) -> tuple[tuple[pa.Array, pa.Array], pa.Array, int]:
    """Return the pairs of those concerned, who of them any table names, and how many others are named."""
    from pyspark.sql import functions as f

    session = sides.sparkSession
    known = frame_of(session, pa.table({"known": concerned}))
    sides = sides.persist()
    named = sides.select(f.explode(f.array(*SIDES.names)).alias("name"))
    if associations is not None and associations.num_rows:
        ties = pa.chunked_array([texts_in(associations[side]) for side in PEOPLE["associations"]], pa.string())
        named = named.unionByName(frame_of(session, pa.table({"name": ties})))
    named = named.where("name is not null").distinct()
    also = named.join(known, f.col("name") == f.col("known"), "left_semi").toArrow()["name"]
    others = named.join(known, f.col("name") == f.col("known"), "left_anti").count()
    pairs = sides
    for side in SIDES.names:
        pairs = pairs.join(known, f.col(side) == f.col("known"), "left_semi")
    found = pairs.toArrow()
    sides.unpersist()
    return (texts_in(found["one"]), texts_in(found["other"])), texts_in(also), others

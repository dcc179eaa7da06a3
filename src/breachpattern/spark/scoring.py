"""Score an extract on Spark: components, a bucket for each row, and the same function for every bucket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.analysis import Analyser, instant_of
from breachpattern.buckets import score_bucket
from breachpattern.buckets.run import PERSON
from breachpattern.ingest import Mapping as Plan
from breachpattern.linking.components import PEOPLE
from breachpattern.linking.objects import texts_in
from breachpattern.linking.people import splink_engine
from breachpattern.linking.people.people import People
from breachpattern.records import Reading
from breachpattern.records.cells import london_today
from breachpattern.spark.asides import Asides, linked, of_several, read_asides
from breachpattern.spark.canonical import LINE, PLACE, Canonical, fields_of, in_order
from breachpattern.spark.components import LINKS_ON_DRIVER, components
from breachpattern.spark.frames import Source, frame_of, source_of
from breachpattern.spark.heading import Heading
from breachpattern.spark.links import ANCHOR, anchored, code, links_of, shown_as
from breachpattern.spark.look_alikes import note_look_alikes
from breachpattern.spark.outputs import packed, spark_schema
from breachpattern.spark.rules import Rules
from breachpattern.spark.scored import Scored
from breachpattern.spark.session import check_installed, check_workers, pinned
from breachpattern.spark.shared import Shared, share

if TYPE_CHECKING:
    from pathlib import Path

# What a worker scores in about a second and holds in half a gigabyte (docs/how-to/spark.md).
ROWS_OF_BUCKET = 100_000
BUCKET = "bucket"
# Tables that come to a bucket whole: one row of bytes each.
NAME, BYTES = "name", "bytes"
MAIN = ("incidents", "orders")


def score(
    incidents: Any,
    orders: Any = None,
    persons: Any = None,
    associations: Any = None,
    *,
    analyser: Analyser | None = None,
    as_of: str | date | datetime | None = None,
    mapping: str | Path | Plan | None = None,
    row: str | None = None,
    today: date | None = None,
    include_not_breach: bool = False,
    rows_of_bucket: int = ROWS_OF_BUCKET,
    links_on_driver: int = LINKS_ON_DRIVER,
) -> Scored:
    """Return breaches, courses and findings of an extract as data frames of Spark.

    What is in them is what :meth:`breachpattern.Analyser.analyse` finds on one machine, row for row.

    Parameters
    ----------
    incidents, orders, persons, associations : pyspark.sql.DataFrame
        The canonical tables, or those of a force with a mapping, as :func:`breachpattern.read_extract` takes them. Only
        incidents are needed. Clock times of London are text or ``timestamp_ntz``; a ``timestamp`` is an instant.
        Persons and associations come to the driver, which links people.
    analyser : Analyser, optional
        Law, patterns, filters, and how people are linked.
    as_of : str, date, datetime, optional
        As :meth:`breachpattern.Analyser.analyse` takes it.
    mapping : path or Mapping, optional
        How the force's own columns become canonical ones.
    row : str, optional
        A column of whole numbers in every table that says which row is which, for issues and where only the order of
        rows decides; by default rows are numbered from 2 by what they hold.
    today : date, optional
        The day of the run; today in London where not given.
    include_not_breach : bool, default False
        Among the breaches, also the orders that were considered and do not fit.
    rows_of_bucket : int, default 100,000
        About how many rows of incidents and orders a task scores at a time. It changes no answer.
    links_on_driver : int, default 5,000,000
        Up to so many distinct links the driver finds what is connected, beyond that Spark does.

    Returns
    -------
    Scored
        Its data frames are worked out when they are first used.

    Raises
    ------
    MissingDependency
        Where PySpark is not installed.
    UsageError
        Where something is no data frame, or the workers have no such library.
    InputError, MappingError
        Where a required column is missing, or the mapping does not fit.

    Notes
    -----
    With a session at hand, ``score(spark.table("police.incidents"), as_of="2026-06-30").findings`` is the worklist; see
    ``docs/how-to/spark.md``.
    """
    check_installed()
    started = datetime.now(UTC)
    given = {"incidents": incidents, "orders": orders, "persons": persons, "associations": associations}
    sources = {name: source_of(frame, name, row=row) for name, frame in given.items() if frame is not None}
    plan = mapping if isinstance(mapping, Plan) else Plan() if mapping is None else Plan.load(mapping)
    return score_sources(
        sources, analyser or Analyser(), instant_of(started if as_of is None else as_of), plan, started=started,
        today=today, considered=include_not_breach, rows_of_bucket=rows_of_bucket, links_on_driver=links_on_driver,
    )  # fmt: skip


def score_sources(
    sources: Mapping[str, Source],
    analyser: Analyser,
    as_of: int,
    plan: Plan,
    *,
    started: datetime,
    today: date | None = None,
    considered: bool = False,
    rows_of_bucket: int = ROWS_OF_BUCKET,
    links_on_driver: int = LINKS_ON_DRIVER,
) -> Scored:
    """Return what :func:`score` does, of tables that are numbered already."""
    session = sources["incidents"].frame.sparkSession
    if analyser.link == "probabilistic":
        splink_engine.require()
    check_workers(session)
    with pinned(session):
        return _scored(
            _with_taken(sources, plan), analyser, as_of, plan, started, today or london_today(), considered,
            rows_of_bucket, links_on_driver,
        )  # fmt: skip


def _with_taken(sources: Mapping[str, Source], plan: Plan) -> dict[str, Source]:
    """Return the sources with those tables that a mapping takes from the source of another."""
    whole = dict(sources)
    for table in PEOPLE:
        taken = plan.table(table).taken_from
        if table not in whole and taken in whole:
            whole[table] = replace(whole[taken], table=table, taken=True)
    return {table: whole[table] for table in PEOPLE if table in whole}


def _scored(
    sources: dict[str, Source],
    analyser: Analyser,
    as_of: int,
    plan: Plan,
    started: datetime,
    today: date,
    considered: bool,
    rows_of_bucket: int,
    links_on_driver: int,
) -> Scored:
    reading = Reading(today=today, catalogue=analyser.catalogue)
    heading = Heading(sources, plan, reading)
    try:
        return _worked_out(
            heading, analyser, as_of, plan, reading, started, considered, rows_of_bucket, links_on_driver
        )
    except BaseException:
        heading.let_go()
        raise


def _worked_out(
    heading: Heading,
    analyser: Analyser,
    as_of: int,
    plan: Plan,
    reading: Reading,
    started: datetime,
    considered: bool,
    rows_of_bucket: int,
    links_on_driver: int,
) -> Scored:
    sources = heading.sources
    session = sources["incidents"].frame.sparkSession
    tables = {name: heading.canonical(name) for name in MAIN if name in sources}
    asides = read_asides(heading, plan, reading)
    note_look_alikes(tables, asides, heading.log)
    shared = Shared(
        as_of,
        files={name: source.name for name, source in sources.items()},
        readings={name: replace(table.reading, catalogue=None) for name, table in tables.items()},
        spread=frozenset(name for name, table in tables.items() if table.spread),
        considered=considered,
        rules=Rules.of(analyser.catalogue.extra, analyser.patterns, analyser.filters),
    )
    rows = sum(heading.counts[name] for name in tables)
    buckets = max(1, -(-rows // rows_of_bucket))
    first = share(session, shared)
    people = linked(asides, tables, analyser, first)
    known = None if people is None else of_several(people)
    links = links_of(tables, asides.tables.get("persons"), asides.tables.get("associations"), known, first)
    places = _Places(heading.keep(components(links.frame, links_on_driver).select("code", "component")), buckets)
    whole = share(session, replace(shared, crowded=links.crowded))
    frame = _grouped(tables, places, _delivered(asides, people, known, places, session), buckets, whole)
    return Scored(heading.keep(frame), heading, tables, asides, people, analyser, as_of, started)


class _Places:
    """Which bucket each component goes to: it depends on nothing but its smallest code."""

    def __init__(self, components: Any, buckets: int) -> None:
        self.components = components
        self._buckets = buckets

    def of(self, rows: Any) -> Any:
        """Return rows that have an anchor with the bucket of each."""
        from pyspark.sql import functions as f

        known = self.components.withColumnRenamed("code", ANCHOR)
        placed = rows.join(known, ANCHOR, "left")
        own = f.pmod(f.xxhash64(f.coalesce("component", ANCHOR)), f.lit(self._buckets)).cast("int")
        return placed.withColumn(BUCKET, own).drop(ANCHOR, "component")


def _delivered(
    asides: Asides, people: People | None, known: pa.Table | None, places: _Places, session: Any
) -> pa.Table:
    """Return what of persons, ties and links each bucket needs, each table as bytes in one row."""
    tables: dict[str, tuple[pa.Table, pa.Array]] = {}
    for name, checked in asides.tables.items():
        table = checked.select(PERSON) if name == "persons" else checked
        first, *others = (shown_as(table[side], known) for side in PEOPLE[name])
        tables[name] = table, first.fill_null("") if not others else _either(first, others[0])
    if people is not None and known is not None:
        tables["people"] = known, texts_in(known["shown"])
        tables["links"] = people.links, shown_as(people.links["person_id"], known)
    anchors = [anchor for _, anchor in tables.values()]
    distinct = pa.chunked_array(anchors, pa.string()).unique() if anchors else pa.array([], pa.string())
    coded = frame_of(session, pa.table({"text": distinct})).withColumn(ANCHOR, code("person", "text"))
    bucket_of = places.of(coded).toArrow()
    # Where nothing else comes to any bucket, one is scored all the same: its numbers are those of a run on nothing.
    rows: list[dict[str, Any]] = [{BUCKET: 0, NAME: None, BYTES: None}]
    for name, (table, anchor) in tables.items():
        place = pc.index_in(anchor, value_set=bucket_of["text"].combine_chunks())
        bucket = bucket_of[BUCKET].combine_chunks().take(place)
        for number in bucket.unique().to_pylist():
            chosen = table.filter(pc.equal(bucket, number))
            rows.append({BUCKET: number, NAME: name, BYTES: _bytes_of(chosen)})
    schema = pa.schema([(BUCKET, pa.int32()), (NAME, pa.string()), (BYTES, pa.binary())])
    return pa.Table.from_pylist(rows, schema=schema)


def _either(one: pa.Array, other: pa.Array) -> pa.Array:
    return pc.coalesce(one, other, pa.scalar(""))


def _bytes_of(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def _grouped(tables: Mapping[str, Canonical], places: _Places, delivered: pa.Table, buckets: int, shared: Any) -> Any:
    """Return the results of all buckets: incidents on one side, everything else on the other."""
    from pyspark.sql import functions as f

    session = tables["incidents"].frame.sparkSession
    left = places.of(anchored(tables["incidents"])).select(BUCKET, LINE, PLACE, *fields_of("incidents"))
    right = frame_of(session, delivered, "bucket int, name string, bytes binary")
    if "orders" in tables:
        orders = places.of(anchored(tables["orders"])).select(BUCKET, LINE, PLACE, *fields_of("orders"))
        right = right.unionByName(orders.withColumn(NAME, f.lit("orders")), allowMissingColumns=True)
    sides = [side.repartition(buckets, BUCKET).groupBy(BUCKET) for side in (left, right)]
    return sides[0].cogroup(sides[1]).applyInArrow(_scorer(shared), spark_schema())


def _scorer(shared: Any) -> Callable[[pa.Table, pa.Table], pa.Table]:
    """Return what scores one bucket on a worker."""

    def run(left: pa.Table, right: pa.Table) -> pa.Table:
        one: Shared = shared.value
        tables = {"incidents": in_order(left.drop_columns([BUCKET])).drop_columns([PLACE])}
        if len(one.crowded):
            tables["crowded"] = pa.table({"text": one.crowded})
        whole = right.filter(right[BYTES].is_valid())
        for name, held in zip(whole[NAME].to_pylist(), whole[BYTES].to_pylist(), strict=True):
            with pa.ipc.open_stream(held) as reader:
                tables[name] = reader.read_all()
        if "orders" in one.files:
            orders = right.filter(pc.equal(right[NAME], "orders"))
            tables["orders"] = in_order(orders.drop_columns([BUCKET, NAME, BYTES])).drop_columns([PLACE])
        with one.setting() as setting:
            return packed(score_bucket(tables, setting))

    return run

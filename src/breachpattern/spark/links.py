"""What connects rows on Spark: the links of :mod:`breachpattern.linking.components`, between codes instead of places.

A code is the hash of what it stands for. Should two ever be the same, two components are scored together that could
have been apart, which changes no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.buckets.split import uses
from breachpattern.linking.components import IDS, NAMED, PEOPLE
from breachpattern.linking.objects import spelt, texts_in
from breachpattern.linking.ties import OBJECTS, address_on_file, tie_table
from breachpattern.spark.canonical import LINE, OBJECT, PLACE, Canonical, fields_of, part_of
from breachpattern.spark.frames import frame_of
from breachpattern.spark.shared import Shared

ANCHOR = "anchor"
HOLDINGS = pa.schema([("text", pa.string()), ("person", pa.string())])
HELD = pa.schema([("text", pa.string()), ("person", pa.string()), ("object", pa.bool_())])
CHECKED_TOGETHER = 64


@dataclass(frozen=True)
class Links:
    """Links between the rows of an extract.

    Attributes
    ----------
    frame : pyspark.sql.DataFrame
        ``left`` and ``right``: codes.
    crowded : pyarrow.Array of string
        Objects and addresses that too many people share to connect anybody.
    """

    frame: Any
    crowded: pa.Array


def anchored(table: Canonical) -> Any:
    """Return the rows of a table with the code of their record.

    Rows without an id are rejected whatever they say, but told apart from their repetitions: these share one. Where a
    mapping makes several rows of one, all share one: what is said of a line is said once.
    """
    from pyspark.sql import functions as f

    name, kind = IDS[table.source.table], table.source.table
    said = [] if table.spread else fields_of(kind)
    own = f.when(f.col(name).isNull(), f.xxhash64(f.lit(f"blank {kind}"), *said)).otherwise(code(kind, name))
    return table.frame.withColumn(ANCHOR, own)


def code(kind: str, column: str) -> Any:
    """Return the code of something of a kind by its text."""
    from pyspark.sql import functions as f

    return f.xxhash64(f.lit(kind), f.col(column))


def links_of(
    tables: Mapping[str, Canonical],
    persons: pa.Table | None,
    associations: pa.Table | None,
    people: pa.Table | None,
    shared: Any,
) -> Links:
    """Return what connects the rows of an extract.

    Parameters
    ----------
    tables : mapping of str to Canonical
        ``incidents`` and, where given, ``orders``.
    persons, associations : pyarrow.Table, optional
        Checked.
    people : pyarrow.Table, optional
        ``reference, shown``, where people were linked.
    shared
        As :func:`breachpattern.spark.shared.share` gives it.
    """
    session = tables["incidents"].frame.sparkSession
    shown = None if people is None else frame_of(session, _of_several(people))
    found = [_of_people(anchored(table), table.source.table, shown) for table in tables.values()]
    found += [_of_named(tables, table) for table in tables if NAMED[table][1] in tables]
    found += [_of_lines(anchored(table)) for table in tables.values() if table.spread]
    held = _holdings(persons)
    crowded = _crowded(tables["incidents"], held, shown, shared)
    found.append(_of_objects(anchored(tables["incidents"]), crowded))
    frame = found[0]
    for more in found[1:]:
        frame = frame.unionByName(more)
    for aside in _of_asides(held, associations, people, crowded):
        frame = frame.unionByName(_coded(frame_of(session, aside)))
    return Links(frame, crowded)


def _of_several(people: pa.Table) -> pa.Table:
    """Return the references that are shown by another one."""
    other = pc.not_equal(people["reference"], people["shown"])
    return people.select(["reference", "shown"]).filter(other)


def _named_as(frame: Any, column: str, shown: Any) -> Any:
    """Return a frame in which a column holds the references by which people are shown."""
    from pyspark.sql import functions as f

    if shown is None:
        return frame
    known = shown.select(f.col("reference").alias("known"), f.col("shown").alias("by"))
    joined = frame.join(known, f.col(column) == f.col("known"), "left")
    return joined.withColumn(column, f.coalesce("by", column)).drop("known", "by")


def _of_people(rows: Any, table: str, shown: Any) -> Any:
    """Return the links of each record with the people on it."""
    from pyspark.sql import functions as f

    people = f.explode(f.array(*PEOPLE[table])).alias("person")
    named = rows.where(f.col(IDS[table]).isNotNull()).select(ANCHOR, people).where("person is not null").distinct()
    named = _named_as(named, "person", shown)
    return named.select(f.col(ANCHOR).alias("left"), code("person", "person").alias("right"))


def _of_lines(rows: Any) -> Any:
    """Return the links between the records that a mapping makes of one line."""
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    least = f.min(ANCHOR).over(Window.partitionBy(LINE))
    return rows.select(f.col(ANCHOR).alias("left"), least.alias("right")).where("left <> right")


def _of_named(tables: Mapping[str, Canonical], table: str) -> Any:
    """Return the links of records with the records of another table that they name, where these are there."""
    from pyspark.sql import functions as f

    column, other = NAMED[table]
    rows = anchored(tables[table]).where(f"{IDS[table]} is not null and {column} is not null")
    separator = "[" + "".join(f"\\{sign}" for sign in {";", tables[table].reading.list_separator}) + "]"
    named = rows.select(ANCHOR, f.explode(f.split(column, separator)).alias("name"))
    named = named.select(f.col(ANCHOR).alias("left"), f.xxhash64(f.lit(other), f.trim("name")).alias("right"))
    there = tables[other].frame.where(f"{IDS[other]} is not null").select(code(other, IDS[other]).alias("right"))
    return named.join(there.distinct(), "right", "left_semi").select("left", "right")


def _holdings(persons: pa.Table | None) -> pa.Table:
    """Return who has which object or address on file."""
    if persons is None or persons.num_rows == 0:
        return HELD.empty_table()
    texts = [spelt(texts_in(persons[name]), kind) for name, kind in OBJECTS.values()]
    texts.append(address_on_file(persons))
    person = texts_in(persons["person_id"])
    parts = [
        pa.table({"text": text, "person": person, "object": pa.repeat(number < len(OBJECTS), len(person))})
        for number, text in enumerate(texts)
    ]
    whole = pa.concat_tables(parts)
    return whole.filter(pc.and_(whole["text"].is_valid(), whole["person"].is_valid()))


def _of_objects(rows: Any, crowded: pa.Array) -> Any:
    """Return the links of each record with the objects used, unless they are crowded."""
    from pyspark.sql import functions as f

    used = rows.where(f"incident_id is not null and {OBJECT} is not null").select(ANCHOR, OBJECT).distinct()
    if len(crowded):
        full = frame_of(rows.sparkSession, pa.table({"full": crowded}))
        used = used.join(f.broadcast(full), f.col(OBJECT) == f.col("full"), "left_anti")
    return used.select(f.col(ANCHOR).alias("left"), code("object", OBJECT).alias("right"))


def _of_asides(
    held: pa.Table, associations: pa.Table | None, people: pa.Table | None, crowded: pa.Array
) -> Iterator[pa.Table]:
    """Yield the links that persons and associations make, as (kind, text) on both sides."""
    few = held.filter(pc.invert(pc.is_in(held["text"], value_set=crowded)))
    if few.num_rows:
        yield _pairs(("person", shown_as(few["person"], people)), ("object", few["text"]))
    if associations is not None and associations.num_rows:
        one, other = (shown_as(associations[name], people) for name in PEOPLE["associations"])
        both = pc.and_(one.is_valid(), other.is_valid())
        if pc.any(both).as_py():
            yield _pairs(("person", one.filter(both)), ("person", other.filter(both)))


def shown_as(references: pa.ChunkedArray, people: pa.Table | None) -> pa.Array:
    """Return the reference by which each person is shown."""
    own = texts_in(references)
    if people is None:
        return own
    place = pc.index_in(own, value_set=people["reference"].combine_chunks())
    return pc.coalesce(people["shown"].combine_chunks().take(place), own)


def _pairs(left: tuple[str, Any], right: tuple[str, Any]) -> pa.Table:
    n = len(left[1])
    return pa.table(
        {
            "left_kind": pa.repeat(left[0], n),
            "left_text": left[1],
            "right_kind": pa.repeat(right[0], n),
            "right_text": right[1],
        }
    )


def _coded(pairs: Any) -> Any:
    from pyspark.sql import functions as f

    return pairs.select(*(f.xxhash64(f"{side}_kind", f"{side}_text").alias(side) for side in ("left", "right")))


def _crowded(incidents: Canonical, held: pa.Table, shown: Any, shared: Any) -> pa.Array:
    """Return the objects and addresses that too many people share, as :func:`breachpattern.buckets.split` counts them.

    As the rows are written, no fewer people share an object than the engine counts; only those of which these are
    too many are counted as the engine does, from checked rows.
    """
    from pyspark.sql import functions as f

    most = tie_table()[1].most_people
    session = incidents.frame.sparkSession
    holders = _named_as(frame_of(session, held), "person", shown)
    used = incidents.frame.where(f"{OBJECT} is not null and incident_id is not null")
    written = used.select(f.col(OBJECT).alias("text"), f.col("suspect_id").alias("person"), f.lit(True).alias("object"))
    written = _named_as(written.where("person is not null").distinct(), "person", shown)
    counts = written.unionByName(holders).groupBy("text", "object").agg(f.countDistinct("person").alias("people"))
    many = counts.where(f"people > {most}").toArrow()
    addresses = many.filter(pc.invert(many["object"]))["text"].combine_chunks()
    objects = many.filter(many["object"])["text"].combine_chunks()
    if len(objects) == 0:
        return _texts(addresses)
    full = f.broadcast(frame_of(session, pa.table({"text": objects})))
    touched = used.join(full, f.col(OBJECT) == f.col("text"), "left_semi").select("incident_id").distinct()
    rows = incidents.frame.join(touched, "incident_id", "left_semi")
    columns = [LINE, PLACE, *fields_of("incidents")]
    group = f.pmod(f.xxhash64("incident_id"), f.lit(CHECKED_TOGETHER)).alias("group")
    checked = (
        rows.select(group, *columns)
        .groupBy("group")
        .applyInArrow(_user_of(incidents, objects, shared), "text string, person string")
    )
    users = _named_as(checked, "person", shown).groupBy("text").agg(f.countDistinct("person").alias("users"))
    found = users.where(f"users > {most}").select("text").toArrow()["text"]
    return _texts(pa.concat_arrays([_texts(found), _texts(addresses)]))


def _texts(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return texts sorted, as one array."""
    whole = pa.chunked_array([column]) if isinstance(column, pa.Array) else column
    texts = texts_in(whole)
    return texts.take(pc.sort_indices(texts))


def _user_of(incidents: Canonical, objects: pa.Array, shared: Any) -> Callable[[pa.Table], pa.Table]:
    """Return what tells on a worker who had used which of some objects, from checked rows of whole incidents."""
    name, spread = incidents.source.name, incidents.spread

    def find(rows: pa.Table) -> pa.Table:
        one: Shared = shared.value
        with one.setting() as setting:
            part = part_of(rows, "incidents", name, setting.reading("incidents"), spread)
            found = uses(part, objects, setting.catalogue, setting.as_of)
        return found.cast(HOLDINGS)

    return find

"""The results of all buckets as one data frame of Spark, and each of its tables in the order of its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from breachpattern.buckets import SCHEMAS
from breachpattern.output.schema import OUTPUTS
from breachpattern.vocabulary import LEVELS, STRENGTHS

TABLE, PLACE = "table", "place"
_INSTANT = pa.timestamp("us", "UTC")
ALIKE = ["urgency", "score", "month"]
MONTH, EARLIEST = 30 * 86_400, -(2**40)
# How a finding's line begins, where the bucket leaves it to all findings.
LINE_BEGINS = ('{"finding_id":"', '","rank":')


def _of_spark(kind: pa.DataType) -> pa.DataType:
    """Return the type in which a column goes to Spark."""
    if pa.types.is_timestamp(kind):
        return _INSTANT
    return pa.binary() if pa.types.is_large_binary(kind) else kind


STRUCTS = {
    name: pa.struct([pa.field(column.name, _of_spark(column.type)) for column in schema])
    for name, schema in SCHEMAS.items()
}
PACKED = pa.schema([(TABLE, pa.string()), (PLACE, pa.int64()), *((name, struct) for name, struct in STRUCTS.items())])


def packed(results: Mapping[str, pa.Table]) -> pa.Table:
    """Return the results of a bucket as one table: each row in the column of its table, the others null."""
    parts = [PACKED.empty_table()]
    for name, table in results.items():
        n = table.num_rows
        if n == 0:
            continue
        cells = [pa.concat_arrays(table[field.name].cast(field.type).chunks) for field in STRUCTS[name]]
        columns = {TABLE: pa.repeat(name, n), PLACE: pa.array(np.arange(n))}
        columns |= {other: pa.nulls(n, struct) for other, struct in STRUCTS.items() if other != name}
        columns[name] = pa.StructArray.from_arrays(cells, fields=list(STRUCTS[name]))
        parts.append(pa.table([columns[field.name] for field in PACKED], schema=PACKED))
    return pa.concat_tables(parts).combine_chunks()


def spark_schema() -> Any:
    """Return the schema of :data:`PACKED` in the words of Spark."""
    from pyspark.sql import types as t

    kinds = {
        pa.string(): t.StringType(),
        pa.int64(): t.LongType(),
        pa.float64(): t.DoubleType(),
        pa.bool_(): t.BooleanType(),
        pa.binary(): t.BinaryType(),
        _INSTANT: t.TimestampType(),
    }
    structs = [
        t.StructField(name, t.StructType([t.StructField(field.name, kinds[field.type]) for field in struct]))
        for name, struct in STRUCTS.items()
    ]
    return t.StructType([t.StructField(TABLE, t.StringType()), t.StructField(PLACE, t.LongType()), *structs])


def rows_of(scored: Any, name: str) -> Any:
    """Return the rows of one table of the packed results, with their ``place`` in their bucket."""
    return scored.where(scored[TABLE] == name).select(f"{name}.*", PLACE)


def breaches(scored: Any) -> Any:
    """Return the breaches in time order."""
    from pyspark.sql import functions as f

    rows = rows_of(scored, "breaches")
    # All rows of an incident come from one bucket, where they are in order.
    return rows.orderBy(f.asc_nulls_last("occurred_at"), "incident_id", PLACE).drop(PLACE)


def courses(scored: Any) -> Any:
    """Return the candidate courses: the strongest first, then the most recent, then by id."""
    from pyspark.sql import functions as f

    strength = _position("strength", STRENGTHS.values).desc()
    return rows_of(scored, "courses").orderBy(strength, f.desc("last_at"), "course_id").drop(PLACE)


def ranked(scored: Any) -> Any:
    """Return the findings with their rank, and the ``line`` of each."""
    return _with_rank(rows_of(scored, "findings"), "last_at")


def _with_rank(findings: Any, last: str) -> Any:
    """Return findings with their rank: level, score, recency, id.

    Ranks are counted within one group at a time, so that no worker has to hold all findings.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    rows = grouped(findings, last)
    sizes = rows.groupBy(*ALIKE).agg(f.count("*").alias("size"))
    order = Window.orderBy(*map(f.desc, ALIKE)).rowsBetween(Window.unboundedPreceding, -1)
    before = sizes.select(*ALIKE, f.coalesce(f.sum("size").over(order), f.lit(0)).alias("before"))
    within = f.row_number().over(Window.partitionBy(*ALIKE).orderBy(f.desc(last), "finding_id"))
    rank = (f.col("before") + within).cast("long")
    return rows.join(f.broadcast(before), ALIKE).withColumn("rank", rank).drop("before", "urgency", "month", PLACE)


def grouped(findings: Any, last: str = "last_at") -> Any:
    """Return findings with the group of each: :data:`ALIKE`, of which a greater one comes first.

    Level and score alone are not enough: two of five findings have the lowest level and no points.
    """
    from pyspark.sql import functions as f

    month = f.coalesce(f.floor(f.unix_seconds(last) / MONTH), f.lit(EARLIEST))
    return findings.withColumn("urgency", _position("level", LEVELS.values)).withColumn("month", month)


def findings(scored: Any) -> Any:
    """Return the findings in the order in which a person should look at them."""
    return ranked(scored).select(*(column.name for column in OUTPUTS["findings"])).orderBy("rank")


def lines(scored: Any) -> Any:
    """Return the whole findings as JSON: ``rank`` and ``line``, in rank order."""
    from pyspark.sql import functions as f

    begins, rank = (f.lit(text) for text in LINE_BEGINS)
    whole = f.concat(begins, "finding_id", rank, f.col("rank").cast("string"), f.col("line").cast("string"))
    return ranked(scored).select("rank", whole.alias("line")).orderBy("rank")


def near_misses(scored: Any, patterns: tuple[str, ...]) -> Any:
    """Return the near misses pattern by pattern, the most recent first."""
    from pyspark.sql import functions as f

    ids = ("suspect_ids", "victim_ids", "order_ids", "incident_ids")
    order = [_position("pattern", patterns), f.desc_nulls_last("last_at"), *map(f.asc_nulls_last, ids), PLACE]
    return rows_of(scored, "near_misses").orderBy(*order).drop(PLACE)


def suppressed(scored: Any) -> Any:
    """Return what filters suppressed, ranked as findings are."""
    from pyspark.sql import functions as f

    rows = rows_of(scored, "suppressed").withColumn("last", f.to_timestamp("last_at"))
    return _with_rank(rows, "last").select("rank", *SCHEMAS["suppressed"].names).orderBy("rank")


def _position(column: str, words: tuple[str, ...]) -> Any:
    """Return the place of each word in a vocabulary, from 1."""
    from pyspark.sql import functions as f

    return f.array_position(f.array(*map(f.lit, words)), f.col(column))

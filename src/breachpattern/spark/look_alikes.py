"""References that look alike, found where they lie: only what concerns such a one comes to the driver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.look_alikes import HIDDEN, KINDS, keys_of, note_kind
from breachpattern.ingest.part import TOGETHER
from breachpattern.linking.objects import texts_in
from breachpattern.spark.asides import Asides
from breachpattern.spark.canonical import Canonical
from breachpattern.spark.frames import frame_of

# A text of these characters alone is its own key; most systems write nothing else.
PLAIN = r"^[\x20-\x60\x7B-\x7E]*\z"
TEXT, KEY, IS_HIDDEN = "text", "key", "hidden"


def note_look_alikes(tables: Mapping[str, Canonical], asides: Asides, log: IssueLog) -> None:
    """Note what :func:`breachpattern.ingest.look_alikes.note_look_alikes` notes on one machine."""
    log.stage = TOGETHER
    for kind, where in KINDS.items():
        present = [name for name in where if name in tables or name in asides.mapped]
        texts = _texts(tables, asides, where)
        concerned = None if texts is None else _concerned(texts)
        if concerned is not None:
            source = present[0]
            file = tables[source].source.name if source in tables else asides.mapped[source][0].name
            note_kind(kind, concerned, file, log)


def _texts(tables: Mapping[str, Canonical], asides: Asides, where: Mapping[str, tuple[str, ...]]) -> Any:
    """Return the references of one kind, with repetitions; ``None`` where no table has any."""
    from pyspark.sql import functions as f

    session = tables["incidents"].frame.sparkSession
    found = []
    for name, columns in where.items():
        if name in tables:
            found += [tables[name].frame.select(f.col(column).alias(TEXT)) for column in columns]
        elif name in asides.mapped:
            made = asides.mapped[name][1].columns
            held = [made[column].cast(pa.string()) for column in columns if column in made]
            found += [frame_of(session, pa.table({TEXT: texts}), f"{TEXT} string") for texts in held]
    return reduce(lambda one, other: one.unionByName(other), found).where(f"{TEXT} is not null") if found else None


def _concerned(texts: Any) -> pa.Array | None:
    """Return each text that looks like another or holds what cannot be seen; ``None`` where all are plain."""
    from pyspark.sql import functions as f

    plain = f.col(TEXT).rlike(PLAIN)
    schema = f"{TEXT} string, {KEY} string, {IS_HIDDEN} boolean"
    odd = texts.where(~plain).distinct().mapInArrow(_keyed, schema).persist()
    try:
        if odd.isEmpty():
            return None
        keys = odd.select(f.col(KEY).alias("asked")).distinct()
        alone = texts.where(plain).distinct().join(keys, f.col(TEXT) == f.col("asked"), "left_semi")
        whole = odd.unionByName(alone.select(TEXT, f.col(TEXT).alias(KEY), f.lit(False).alias(IS_HIDDEN)))
        alike = whole.groupBy(KEY).count().where("count > 1").select(KEY)
        concerned = whole.join(alike, KEY, "left_semi").select(TEXT).unionByName(odd.where(IS_HIDDEN).select(TEXT))
        return texts_in(concerned.distinct().toArrow()[TEXT])
    finally:
        odd.unpersist()


def _keyed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        texts = batch.column(TEXT).cast(pa.string())
        columns = [texts, keys_of(texts), pc.match_substring_regex(texts, HIDDEN)]
        yield pa.record_batch(columns, names=[TEXT, KEY, IS_HIDDEN])

"""Near misses: candidates that a pattern did not hold on, but that came as close as the pattern itself says."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.patterns.block import Block
from breachpattern.patterns.identity import id_or_blank, incident_lists, text_lists
from breachpattern.patterns.wording import iso_times

NEAR_MISS_COLUMNS = (
    "pattern", "text", "suspect_ids", "victim_ids", "course_id", "order_ids", "incident_ids", "first_at", "last_at",
)  # fmt: skip
_SCHEMA = pa.schema([(name, pa.string()) for name in NEAR_MISS_COLUMNS])


def near_misses_table(blocks: Sequence[Block], course_ids: pa.Array) -> pa.Table:
    """Return the near misses of all patterns as text: pattern by pattern, the most recent first.

    Parameters
    ----------
    blocks : sequence of Block
    course_ids : pyarrow.Array of string
    """
    parts = [_of_block(b, course_ids) for b in blocks if b.pattern.near_miss is not None and len(b.near)]
    return pa.concat_tables([_SCHEMA.empty_table(), *parts])


def _of_block(block: Block, course_ids: pa.Array) -> pa.Table:
    assert block.pattern.near_miss is not None
    near, names = block.near, block.near.context.columns.names
    last = near.last_at
    table = pa.table(
        {
            "pattern": pa.repeat(block.pattern.id, len(near)),
            "text": pa.repeat(block.pattern.near_miss.text, len(near)),
            "suspect_ids": text_lists(near.suspects, names.persons),
            "victim_ids": text_lists(near.victims, names.persons),
            "course_id": id_or_blank(course_ids, near.course),
            "order_ids": text_lists(near.orders, names.orders),
            "incident_ids": text_lists(incident_lists(near.context, near.rows), names.incidents),
            "first_at": iso_times(near.first_at),
            "last_at": iso_times(last),
        },
        schema=_SCHEMA,
    )
    ids = ("suspect_ids", "victim_ids", "order_ids", "incident_ids")
    keys = [("last", "descending"), *((name, "ascending") for name in ids)]
    return table.take(pc.sort_indices(table.append_column("last", pa.array(last)), sort_keys=keys))

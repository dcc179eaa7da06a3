"""Near misses: candidates that a pattern did not hold on, but that came as close as the pattern itself says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Ints
from breachpattern.patterns.block import Block
from breachpattern.patterns.identity import id_or_blank, incident_lists, text_lists
from breachpattern.patterns.populations import Population, joined
from breachpattern.patterns.wording import iso_times
from breachpattern.sorting import changes, order_by

NEAR_MISS_COLUMNS = (
    "pattern", "text", "suspect_ids", "victim_ids", "course_id", "order_ids", "incident_ids", "first_at", "last_at",
)  # fmt: skip
_SCHEMA = pa.schema([(name, pa.string()) for name in NEAR_MISS_COLUMNS])
# What decides between near misses of one pattern that ended in the same second.
_TIES = ("suspect_ids", "victim_ids", "order_ids", "incident_ids")


def near_misses_table(blocks: Sequence[Block], course_ids: pa.Array) -> pa.Table:
    """Return the near misses of all patterns as text: pattern by pattern, the most recent first.

    Parameters
    ----------
    blocks : sequence of Block
    course_ids : pyarrow.Array of string
    """
    held = [b for b in blocks if b.pattern.near_miss is not None and len(b.near)]
    if not held:
        return _SCHEMA.empty_table()
    near = joined(held[0].near.context, [b.near for b in held])
    block = np.repeat(np.arange(len(held)), [len(b.near) for b in held])
    order = order_by(block, -near.last_at)
    block, near = block[order], near.take(order)
    return _settled(_as_text(held, block, near, course_ids), block, near.last_at)


def _as_text(held: Sequence[Block], block: Ints, near: Population, course_ids: pa.Array) -> pa.Table:
    names, numbers = near.context.columns.names, pa.array(block)
    patterns = [b.pattern for b in held]
    return pa.table(
        {
            "pattern": pa.array([p.id for p in patterns]).take(numbers),
            "text": pa.array([p.near_miss.text if p.near_miss else "" for p in patterns]).take(numbers),
            "suspect_ids": text_lists(near.suspects, names.persons),
            "victim_ids": text_lists(near.victims, names.persons),
            "course_id": id_or_blank(course_ids, near.course),
            "order_ids": text_lists(near.orders, names.orders),
            "incident_ids": text_lists(incident_lists(near.context, near.rows), names.incidents),
            "first_at": iso_times(near.first_at),
            "last_at": iso_times(near.last_at),
        },
        schema=_SCHEMA,
    )


def _settled(table: pa.Table, block: Ints, last: Ints) -> pa.Table:
    """Return a table with rows of one pattern that ended in the same second sorted by their text."""
    fresh = changes(block, last)
    tied = np.flatnonzero(~(fresh & np.append(fresh[1:], True)))
    if len(tied) == 0:
        return table
    rows = table.select(_TIES).take(pa.array(tied)).append_column("run", pa.array(np.cumsum(fresh)[tied]))
    keys = [(name, "ascending") for name in ("run", *_TIES)]
    places = np.arange(len(table))
    places[tied] = tied[pc.sort_indices(rows, sort_keys=keys).to_numpy()]
    return table.take(pa.array(places))

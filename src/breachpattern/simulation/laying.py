"""Told stories among drawn ones: one extract, and one truth."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.simulation.draws import Bools
from breachpattern.simulation.recording import Town
from breachpattern.simulation.records import Records, together
from breachpattern.simulation.stories import Row, Stories
from breachpattern.simulation.tables import Names
from breachpattern.simulation.told import Told, with_told
from breachpattern.simulation.truth import human, truth_tables


def laid_among(
    tables: dict[str, pa.Table], repeat: Bools, stories: Stories, told: dict[str, list[Row]]
) -> dict[str, pa.Table]:
    """Return drawn and told rows as one: in the order in which they were written down, what stands twice last."""
    more = {name: _table(told[name]) for name in tables}
    drawn, repeated = tables["incidents"], pa.array(stories.repeated, pa.string())
    again = more["incidents"].filter(pc.is_in(more["incidents"]["incident_id"], repeated))
    once = _by_time([drawn.filter(pa.array(~repeat)), more["incidents"]], "recorded_at", "occurred_from", "incident_id")
    return {
        "incidents": pa.concat_tables([once, drawn.filter(pa.array(repeat)), again], promote_options="default"),
        "orders": _by_time([tables["orders"], more["orders"]], "made_on", "order_id"),
        "persons": pa.concat_tables([more["persons"], tables["persons"]], promote_options="default"),
        "associations": pa.concat_tables([more["associations"], tables["associations"]], promote_options="default"),
    }


def _table(rows: list[Row]) -> pa.Table:
    """Return told rows as text, with nothing where the story says nothing."""
    names = dict.fromkeys(name for row in rows for name in row)
    told = [{name: value or None for name, value in row.items()} for row in rows]
    return pa.Table.from_pylist(told, schema=pa.schema([(name, pa.string()) for name in names]))


def _by_time(parts: list[pa.Table], *columns: str) -> pa.Table:
    """Return the rows of parts by their first column, or the next where it is blank."""
    table = pa.concat_tables(parts, promote_options="default")
    when = pc.coalesce(*(table[name] for name in columns))
    place = pa.table({"when": when, "name": table[columns[-1]], "row": pa.array(np.arange(table.num_rows))})
    return table.take(place.sort_by([(name, "ascending") for name in place.column_names])["row"])


def whole_truth(town: Town, records: Records, names: Names, told: Told) -> dict[str, pa.Table]:
    """Return the tables of truth of everything that was drawn and told."""
    every = Names(
        pa.concat_arrays([_flat(names.incidents), told.incidents]),
        pa.concat_arrays([_flat(names.orders), told.orders]),
        names.held,
        names.humans,
    )
    truth = truth_tables(with_told(town, told.town), together([records, told.records]), every)
    people = pa.table({"person_id": list(told.humans), "human": human(np.array(list(told.humans.values()), np.int64))})
    return truth | {"persons": pa.concat_tables([truth["persons"], people])}


def _flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column

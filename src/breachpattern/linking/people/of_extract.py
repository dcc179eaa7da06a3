"""Who is who in an extract: its persons, and what its records and orders say about who they cannot be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.people.link import link_people
from breachpattern.linking.people.people import People

if TYPE_CHECKING:
    from breachpattern.ingest import Extract


def people_of(
    extract: Extract,
    method: str,
    threshold: float,
    decisions: pa.Table | None,
    model: str | Path | None,
    *,
    on_progress: Callable[[str, int, int | None], None] | None = None,
) -> People | None:
    """Return which references of an extract are one human being; ``None`` where nothing says so.

    Suspect and victim of a record, and the two sides of an order, are two people unless somebody decided otherwise.

    Parameters
    ----------
    extract : Extract
    method, threshold, decisions, model
        As :func:`~breachpattern.linking.people.link_people` takes them.
    on_progress : callable, optional
    """
    if extract.persons.num_rows == 0 and decisions is None:
        return None
    sides = opposite_sides(extract)
    also = references(extract)
    return link_people(extract.persons, method, threshold, decisions, model, on_progress, apart=sides, also=also)


def opposite_sides(extract: Extract) -> tuple[pa.Array, pa.Array]:
    """Return the references that a record or an order itself puts on opposite sides."""
    incidents, orders = extract.incidents, extract.orders
    pairs = ((incidents["suspect_id"], incidents["victim_id"]), (orders["respondent_id"], orders["protected_id"]))
    left, right = (_texts(*side) for side in zip(*pairs, strict=True))
    both = pc.and_(left.is_valid(), right.is_valid())
    return left.filter(both), right.filter(both)


def references(extract: Extract) -> pa.Array:
    """Return every reference of the records, the orders and the ties, once each."""
    ties = extract.associations
    incidents, orders = extract.incidents, extract.orders
    return (
        _texts(
            incidents["suspect_id"],
            incidents["victim_id"],
            orders["respondent_id"],
            orders["protected_id"],
            ties["person_id"],
            ties["other_id"],
        )
        .unique()
        .drop_null()
    )


def _texts(*columns: pa.Array | pa.ChunkedArray) -> pa.Array:
    chunks = [chunk for column in columns for chunk in getattr(column, "chunks", [column])]
    return pa.chunked_array([chunk.cast(pa.string()) for chunk in chunks], pa.string()).combine_chunks()

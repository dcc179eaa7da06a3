"""A ledger: one line for each item that a measure counts, and whether it meets the numerator. All else follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from breachpattern.linking.columns import Bools, Ints
from breachpattern.output.tables import texts_of
from breachpattern.review.measures.facts import Facts

# What a line says, beside `met`, `days` and `category`: who and what it is about, and how it is divided.
REFERENCES = ("incident_id", "suspect_id", "victim_id", "order_id", "course_id", "person_id")
DIVISIONS = ("month", "force", "district", "order_kind")
COLUMNS = ("met", "days", "category", *REFERENCES, *DIVISIONS)

Measure = Callable[[Facts], pd.DataFrame]
MEASURES: dict[str, Measure] = {}


def measure(key: str) -> Callable[[Measure], Measure]:
    """Register a function that gives the ledger of a measure."""

    def keep(function: Measure) -> Measure:
        MEASURES[key] = function
        return function

    return keep


def lines(met: Bools, days: npt.NDArray[Any] | None = None, **columns: Any) -> pd.DataFrame:
    """Return a ledger of given columns; those not given are blank.

    Parameters
    ----------
    met : (n,) bool
    days : (n,) float, optional
        For measures of days: how many, NaN where not known.
    **columns
        Texts by the names of :data:`COLUMNS`.
    """
    n = len(met)
    given: dict[str, Any] = {"met": met, "days": np.full(n, np.nan) if days is None else days, **columns}
    texts = {name: pd.array(given.get(name, [None] * n), dtype="string") for name in COLUMNS[2:]}
    return pd.DataFrame({"met": np.asarray(met, bool), "days": np.asarray(given["days"], float), **texts})


def lines_of_rows(
    facts: Facts,
    rows: Ints,
    met: Bools,
    days: npt.NDArray[Any] | None = None,
    *,
    category: pa.Array | None = None,
    **columns: Any,
) -> pd.DataFrame:
    """Return a ledger whose lines are about rows of the engine's columns, and are divided as these are.

    Parameters
    ----------
    rows : (n,) int64
        The row that each line is about, or the latest that it rests on.
    """
    held, timelines = facts.columns, facts.analysis.timelines
    kinds = pa.array([kind.title for kind in _kinds(facts)], pa.string())
    texts: dict[str, Any] = {
        "incident_id": texts_of(held.names.incidents, held.incident[rows]),
        "suspect_id": texts_of(timelines.people.texts, held.suspect_reference[rows]),
        "victim_id": texts_of(timelines.people.texts, held.victim_reference[rows]),
        "month": pa.array(facts.month[rows].astype("M8[M]").astype(str)),
        "force": texts_of(held.names.forces, held.force[rows]),
        "district": texts_of(facts.districts, held.postcode[rows]),
        "order_kind": texts_of(kinds, facts.order_kind[rows]),
    }
    if category is not None:
        texts["category"] = category
    return lines(met, days, **{name: _plain(column) for name, column in (texts | columns).items()})


def _kinds(facts: Facts) -> list[Any]:
    law = facts.context.catalogue
    return [law.order_kinds[kind] for kind in law.order_kind_ids]


def _plain(column: Any) -> Any:
    return column.to_pandas() if isinstance(column, pa.Array | pa.ChunkedArray) else column

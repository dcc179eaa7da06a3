"""Measures of what the extract holds at all: one line for each order version, nominal record or incident."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Bools, seconds
from breachpattern.review.measures.facts import Facts, by_incident
from breachpattern.review.measures.ledger import lines, lines_of_rows, measure
from breachpattern.spans import FOREVER

KEY = ["order_id", "version"]


def _orders(facts: Facts, filled: str) -> pd.DataFrame:
    """Return a line for each order version that was known: met where a column is filled in one of its rows."""
    table = facts.orders_table
    frame = table.select([*KEY, "force"]).to_pandas().assign(given=_filled(table, filled))
    if filled == "served_lo":  # a service that lay ahead was on nobody's file
        frame["given"] &= seconds(table[filled], default=FOREVER) <= facts.now
    held = frame.groupby(KEY, sort=True).agg(given=("given", "any"), force=("force", "first")).reset_index()
    return lines(held["given"].to_numpy(), order_id=held["order_id"], force=held["force"].astype("string"))


def _filled(table: pa.Table, name: str) -> Bools:
    if name == "terms":
        return np.asarray(pc.not_equal(table[name], 0).to_numpy(), dtype=np.bool_)
    return _valid(table[name])


def _valid(column: pa.ChunkedArray) -> Bools:
    return np.asarray(pc.is_valid(column).to_numpy(), dtype=np.bool_)


@measure("M19.served")
def orders_with_service(facts: Facts) -> pd.DataFrame:
    """Return order versions, and whether a day of service is on file."""
    return _orders(facts, "served_lo")


@measure("M19.protected")
def orders_with_protected_person(facts: Facts) -> pd.DataFrame:
    """Return order versions, and whether they name a protected person."""
    return _orders(facts, "protected_id")


@measure("M19.terms")
def orders_with_terms(facts: Facts) -> pd.DataFrame:
    """Return order versions, and whether terms are on file."""
    return _orders(facts, "terms")


@measure("M19.end")
def orders_with_end(facts: Facts) -> pd.DataFrame:
    """Return order versions, and whether the day on which they end is on file."""
    return _orders(facts, "ends")


@measure("M19.people")
def people_who_can_be_matched(facts: Facts) -> pd.DataFrame:
    """Return nominal records, and whether a PNC id or a date of birth is on file."""
    table: Any = facts.analysis.extract.persons
    given = _filled(table, "pnc_id") | _filled(table, "date_of_birth")
    told = lines(given, person_id=table["person_id"].to_pandas(), force=table["force"].cast(pa.string()).to_pandas())
    return told.sort_values(["person_id", "force", "met"], ignore_index=True)  # whatever the order of the file


@measure("M19.pairs")
def incidents_with_both_people(facts: Facts) -> pd.DataFrame:
    """Return incidents, and whether a row names suspect and victim."""
    rows = np.arange(len(facts.columns))
    first, (met,) = by_incident(facts, rows, facts.pair >= 0)
    return lines_of_rows(facts, first, met)


@measure("M19.reported")
def incidents_with_report(facts: Facts) -> pd.DataFrame:
    """Return incidents, and whether they say when police were told or the record was made."""
    given = _valid(facts.written("reported_at")) | _valid(facts.written("recorded_at"))
    first, (met,) = by_incident(facts, np.arange(len(facts.columns)), given)
    return lines_of_rows(facts, first, met)

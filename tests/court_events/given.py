"""What the tests of the real public extract share: where it lies, its law, and who had an earlier case open."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from breachpattern.ingest import read_extract
from breachpattern.law import Catalogue
from breachpattern.spans import FOREVER
from breachpattern.timelines import build
from breachpattern.vocabulary import BREACH_STATUSES, ORDER_STATES

HERE = Path(__file__).parent
DATA = Path(os.environ.get("BREACHPATTERN_REFERENCE_DATA", HERE.parents[2] / "shared" / "data")) / "court_events"
STATUTES = ["arrest_statute", "prosecutor_statute", "court_statute"]
CHARGES = ["arrest_charge", "prosecutor_charge", "court_charge"]


@cache
def catalogue() -> Catalogue:
    return Catalogue.load(extra=[HERE / "law"])


def rows_of(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / f"{name}.csv.gz", dtype=str, keep_default_na=False)


def named(charges: pd.DataFrame, columns: list[str]) -> pd.Series:
    """The texts of some columns in one, with a bar between them."""
    return charges[columns[0]].str.cat(charges[columns[1:]], sep="|")


def release_broken(charges: pd.DataFrame) -> pd.DataFrame:
    """The charges of breaking pretrial release, which only an earlier case can have imposed."""
    broken = named(charges, STATUTES).str.contains("741.29", regex=False)
    return charges[broken | named(charges, CHARGES).str.contains("PRETRIAL")]


def order_in_force(charges: pd.DataFrame) -> int:
    """How many events (person x day) of broken release fall into another open case of the column ``person``.

    A case is open from the day after offence and arrest to the day on which it closed.
    """
    events = release_broken(charges)
    incidents = pd.DataFrame(
        {
            "incident_id": events["case_id"] + "-" + events["count_no"],
            "occurred_from": events["offence_date"],
            "suspect_id": events["person"],
            "occurrence_ref": events["case_id"],
            "offence_text": "741.29(6) violation of pretrial release conditions",
        }
    )
    dates = ["offence_date", "arrest_date", "case_closed"]
    dated = charges.assign(**{column: pd.to_datetime(charges[column].replace("", None)) for column in dates})
    first_and_last = {"offence_date": "min", "arrest_date": "min", "case_closed": "max"}
    cases = dated.groupby(["person", "case_id"], as_index=False).agg(first_and_last).dropna()
    begun = cases[["offence_date", "arrest_date"]].max(axis=1) + pd.Timedelta(days=1)
    orders = pd.DataFrame(
        {
            "order_id": cases["case_id"],
            "kind": "fl_pretrial_release",
            "respondent_id": cases["person"],
            "starts": begun.dt.strftime("%Y-%m-%dT00:00"),
            "ends": cases["case_closed"].dt.strftime("%Y-%m-%d"),
            "terms": "other",
        }
    )[cases["case_closed"] >= begun]
    found = build(read_extract(incidents, orders=orders, catalogue=catalogue()), catalogue(), FOREVER)
    rows = found.breaches
    fits = rows[(rows["status"] == BREACH_STATUSES.index("recorded")) & (rows["state"] == ORDER_STATES.index("yes"))]
    names, at = found.columns.names, fits["row"].to_numpy()
    case = np.array(names.occurrences.take(pa.array(found.columns.occurrence[at])).to_pylist())
    order = np.array(names.orders.take(pa.array(fits["order"])).to_pylist())
    other = case != order
    return len(set(zip(fits["suspect"][other], found.columns.start[at][other], strict=True)))

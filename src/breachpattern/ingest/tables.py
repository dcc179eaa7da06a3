"""Checked columns as the typed tables that ingest hands on (``docs/architecture.md``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.checks import Checked
from breachpattern.ingest.conflicts import occurrence, told
from breachpattern.ingest.places import wgs84_from_grid
from breachpattern.ingest.times import Moments
from breachpattern.spans import london_days
from breachpattern.vocabulary import INCIDENT_KINDS

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

INSTANT = pa.timestamp("s", "UTC")
CODED = pa.dictionary(pa.int32(), pa.string())
WINDOWS = {"made": "made_on", "served": "served_at", "aware": "aware_from", "starts": "starts",
           "discharged": "discharged_on"}  # fmt: skip


def incidents_table(checked: Checked, offence: pa.DictionaryArray) -> pa.Table:
    """Return accepted incidents as the canonical typed table.

    Parameters
    ----------
    checked : Checked
        Accepted rows only, settled.
    offence : pyarrow.DictionaryArray
        Catalogue ids, one for each row.
    """
    v = checked.values
    span: Moments = v.get("occurrence") or occurrence(v)
    reported, recorded = v["reported_at"], v["recorded_at"]
    heard: Moments = v.get("told") or told(v)
    known = np.where(heard.known, heard.last, span.hi - 1)
    lat, lon = _place(v)
    columns: dict[str, Any] = {
        "row": checked.rows,
        "incident_id": v["incident_id"],
        "kind": _kind(v),
        "start": _instants(span.lo),
        "end": _instants(span.hi),
        "reported_at": reported.column(reported.last),
        "recorded_at": recorded.column(recorded.last),
        # Nothing is known before it began: rows of one record may have brought the two together.
        "known_at": _instants(np.maximum(known, span.lo)),
        "offence_code": v["offence_code"],
        "offence_text": v["offence_text"],
        "offence": offence,
        "suspect_id": v["suspect_id"],
        "victim_id": v["victim_id"],
        "relationship": v["relationship"],
        "channel": v["channel"],
        "place_role": v["place_role"],
        "status": v["status"],
        "outcome": _coded(v["outcome"]),
        "force": _coded(v["force"]),
        "behaviours": v["behaviours"],
        "impact": v["impact"],
        "means": v["means"],
        "occurrence_ref": v["occurrence_ref"],
        "act_count": np.where(v["act_count"] < 0, 1, v["act_count"]).astype(np.int32),
        "breach_of": v["breach_of"],
        "postcode": v["postcode"],
        "lat": _floats(lat),
        "lon": _floats(lon),
        "reconciled_before": v["reconciled_before"],
        "domestic_abuse": v["domestic_abuse"],
    }
    if "narrative" in checked.text and checked.text["narrative"].null_count < len(checked.rows):
        columns["narrative"] = v["narrative"]
    return pa.table(columns)


def orders_table(checked: Checked) -> pa.Table:
    """Return accepted orders as the canonical typed table."""
    v = checked.values
    columns: dict[str, Any] = {
        "row": checked.rows,
        "order_id": v["order_id"],
        "version": np.where(v["version"] < 0, 1, v["version"]).astype(np.int32),
        "kind": v["kind"],
        "respondent_id": v["respondent_id"],
        "protected_id": v["protected_id"],
    }
    for name, source in WINDOWS.items():
        columns |= _window(name, v[source])
    columns |= {
        "ends": v["ends"].column(v["ends"].hi),
        "ends_text": checked.text["ends"],
        "ends_doubtful": checked.ends_doubtful,
        "without_notice": v["without_notice"],
        "origin": v["origin"],
        "terms": v["terms"],
        "exclusion_postcodes": v["exclusion_postcodes"],
        "exclusion_lat": _floats(v["exclusion_lat"]),
        "exclusion_lon": _floats(v["exclusion_lon"]),
        "exclusion_radius_m": _floats(v["exclusion_radius_m"]),
        "curfew_from": _minutes(v["curfew_from"]),
        "curfew_to": _minutes(v["curfew_to"]),
        "founded_on": v["founded_on"],
        "court": v["court"],
        "force": v["force"],
    }
    return pa.table(columns)


def persons_table(checked: Checked) -> pa.Table:
    """Return accepted persons as the canonical table: text, but for the postcode, which is normalised."""
    v = checked.values
    born = v["date_of_birth"]
    day = pa.array(london_days(born.lo).astype(np.int32), pa.int32(), mask=~born.known).cast(pa.date32())
    return pa.table({"row": checked.rows} | v | {"date_of_birth": day.cast(pa.string())})


def associations_table(checked: Checked) -> pa.Table:
    """Return accepted associations as the canonical table."""
    v = checked.values
    tie = pc.fill_null(v["tie"].cast(pa.string()), "other")
    return pa.table(
        {"row": checked.rows, "person_id": v["person_id"], "other_id": v["other_id"], "tie": tie}
        | _window("since", v["since"])
        | {"until": v["until"].column(v["until"].hi)}
    )


TABLES: dict[str, Callable[[Checked], pa.Table]] = {
    "orders": orders_table,
    "persons": persons_table,
    "associations": associations_table,
}


def _kind(values: dict[str, Any]) -> pa.Array:
    """Return the kind of each record: a crime where nothing is said and an offence code is given, an incident else."""
    kind = values["kind"]
    codes = np.array([*map(INCIDENT_KINDS.index, kind.dictionary.to_pylist()), -1])
    said = codes[pc.fill_null(kind.indices, -1).to_numpy(zero_copy_only=False)]
    by_code = values["offence_code"].is_valid().to_numpy(zero_copy_only=False)
    unsaid = np.where(by_code, INCIDENT_KINDS.index("crime"), INCIDENT_KINDS.index("incident"))
    code = pa.array(np.where(said < 0, unsaid, said).astype(np.int32))
    return pa.DictionaryArray.from_arrays(code, pa.array(INCIDENT_KINDS.values, pa.string()))


def _coded(text: pa.Array) -> pa.Array:
    return text if pa.types.is_dictionary(text.type) else pc.dictionary_encode(text)


def _instants(seconds: Ints) -> pa.Array:
    return pa.array(seconds, pa.int64()).cast(INSTANT)


def _window(name: str, moments: Moments) -> dict[str, pa.Array]:
    return {f"{name}_lo": moments.column(moments.lo), f"{name}_hi": moments.column(moments.hi)}


def _floats(values: npt.NDArray[np.float64]) -> pa.Array:
    return pa.array(values, pa.float64(), mask=np.isnan(values))


def _minutes(values: Ints) -> pa.Array:
    return pa.array(values, pa.int32(), mask=values < 0)


def _place(values: dict[str, Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    lat, lon = values["lat"].copy(), values["lon"].copy()
    half = np.isnan(lat) | np.isnan(lon)
    lat[half] = lon[half] = np.nan
    grid = np.flatnonzero(half & ~np.isnan(values["easting"]) & ~np.isnan(values["northing"]))
    if len(grid):
        lat[grid], lon[grid] = wgs84_from_grid(values["easting"][grid], values["northing"][grid])
    return lat, lon

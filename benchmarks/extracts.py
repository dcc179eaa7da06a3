"""Skewed, invented extracts of any size: most people once, some often, one hot suspect and one hot pair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

HOT_SUSPECT, HOT_DYAD, ORDERS_PER_INCIDENT = 5_000, 2_000, 0.12
BEHAVIOURS = [
    "contact",
    "contact;threat",
    "assault",
    "follow",
    "damage",
    "watch;loiter",
    "approach",
    "",
    "theft",
]
CHANNELS = ["in_person", "phone", "text", "email", "social_media", ""]
CODES = ["008/72", "105/01", "149/00", "195/94", "195/12", "066/39", "008/31", "", "", ""]
TERMS = [
    "no_contact",
    "no_contact;no_violence",
    "no_contact;no_approach",
    "no_contact;no_indirect_contact",
    "",
]
KINDS = ["non_molestation", "restraining_conviction", "stalking_protection", "court_bail", "dvpo"]
EPOCH = np.datetime64("2016-01-01T00:00", "m")
MINUTES = 10 * 365 * 24 * 60


def make(incidents: int, folder: Path, *, seed: int = 7) -> dict[str, Path]:
    """Write incidents and orders as Parquet and CSV; return their paths.

    Dyads follow a heavy tail: about 85 % of them have one incident. There are 120,000 orders for a million
    incidents. The hot suspect and the hot dyad are scaled down for small extracts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(seed)
    dyads = max(int(incidents * 0.39), 2)
    weight = draw.pareto(1.6, dyads) + 0.05
    dyad = draw.choice(dyads, size=incidents, p=weight / weight.sum())
    suspect_of = draw.integers(0, max(int(dyads * 0.87), 1), dyads)
    victim_of = draw.integers(0, dyads, dyads)
    hot = min(HOT_DYAD, incidents // 50)
    dyad[:hot] = 0
    suspect, victim = suspect_of[dyad], victim_of[dyad]
    suspect[hot : hot + min(HOT_SUSPECT, incidents // 20)] = suspect_of[1]
    when = draw.integers(0, MINUTES, incidents)
    occurred = np.datetime_as_string(EPOCH + when)
    delay = np.where(draw.random(incidents) < 0.04, draw.integers(1440, 90 * 1440, incidents), 30)
    reported = np.datetime_as_string(EPOCH + when + delay)
    table = pa.table(
        {
            "incident_id": [f"C{i:08d}" for i in range(incidents)],
            "occurred_from": occurred,
            "reported_at": reported,
            "offence_code": pick(draw, CODES, incidents),
            "suspect_id": named(draw, "P", suspect, blank=0.06),
            "victim_id": named(draw, "V", victim, blank=0.04),
            "behaviours": pick(draw, BEHAVIOURS, incidents),
            "channel": pick(draw, CHANNELS, incidents),
        }
    )
    orders = round(incidents * ORDERS_PER_INCIDENT)
    bound = draw.choice(dyads, orders, replace=False)
    made = draw.integers(0, MINUTES, orders)
    order_table = pa.table(
        {
            "order_id": [f"O{i:07d}" for i in range(orders)],
            "kind": pick(draw, KINDS, orders),
            "respondent_id": named(draw, "P", suspect_of[bound], blank=0),
            "protected_id": named(draw, "V", victim_of[bound], blank=0),
            "made_on": np.datetime_as_string((EPOCH + made).astype("M8[D]")),
            "served_at": np.where(
                draw.random(orders) < 0.7, np.datetime_as_string(EPOCH + made + 1440), np.array("", "U16")
            ),
            "ends": np.datetime_as_string((EPOCH + made + 365 * 1440).astype("M8[D]")),
            "terms": pick(draw, TERMS, orders),
        }
    )
    paths = {}
    for name, rows in (("incidents", table), ("orders", order_table)):
        paths[f"{name}.parquet"] = folder / f"{name}.parquet"
        paths[f"{name}.csv"] = folder / f"{name}.csv"
        pq.write_table(rows, paths[f"{name}.parquet"])
        pcsv.write_csv(rows, paths[f"{name}.csv"])
    return paths


def pick(draw: np.random.Generator, values: list[str], n: int) -> pa.Array:
    """Return ``n`` values drawn evenly."""
    return pa.array(values).take(pa.array(draw.integers(0, len(values), n)))


def named(draw: np.random.Generator, prefix: str, numbers: np.ndarray, *, blank: float) -> pa.Array:
    """Return references such as ``P0000042``, some of them blank."""
    texts = np.char.add(prefix, np.char.zfill(numbers.astype("U8"), 7))
    return pa.array(np.where(draw.random(len(numbers)) < blank, "", texts))

"""Skewed, invented extracts of any size: most pairs once, some often, one hot suspect and one hot pair.

Shares are round figures of the kind that police statistics publish: about one recorded offence in sixteen is a
breach of an order, most of them while one is in force, and an order concerns 12 % of the pairs.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

HOT_SUSPECT, HOT_DYAD = 5_000, 2_000
DYADS_PER_INCIDENT, SUSPECTS_PER_DYAD, ORDERS_PER_DYAD = 0.39, 0.87, 0.12
VICTIM_OF_SEVERAL, RECORDED_LATE = 0.10, 0.04
BREACH_CODED_IN_FORCE, BREACH_CODED_OTHERWISE = 0.5, 0.045
BEHAVIOURS = ["contact", "contact;threat", "assault", "follow", "damage", "watch;loiter", "approach", "", "theft"]
CHANNELS = ["in_person", "phone", "text", "email", "social_media", ""]
CODES = ["105/01", "149/00", "195/94", "195/12", "008/72", "", "", ""]
TERMS = ["no_contact", "no_contact;no_violence", "no_contact;no_approach", "no_contact;no_indirect_contact", ""]
KINDS = ["non_molestation", "restraining_conviction", "stalking_protection", "court_bail", "dvpo"]
BREACH_CODES = ["066/39", "008/31", "068/16", "", ""]
# Of the records that name what was used: how many do, and whose it is. The rest is the suspect's own.
NAMES_MEANS, OF_ANOTHER, OF_MANY, OF_NOBODY = 0.3, 0.08, 0.02, 0.05
WRITTEN = ["07700 {}", "+44 7700 {}", "07700{}", "WhatsApp: 07700 {}", "@user_{}", "@USER_{}", "user_{}"]
EPOCH = np.datetime64("2016-01-01T00:00", "m")
YEAR = 365 * 24 * 60
MINUTES = 10 * YEAR


def make(
    incidents: int, folder: Path, *, seed: int = 7, orders_per_dyad: float = ORDERS_PER_DYAD, means: bool = False
) -> dict[str, Path]:
    """Write incidents and orders as Parquet (typed times) and CSV (text); return their paths.

    Pairs follow a heavy tail: most of them have one incident. The hot suspect and the hot pair are scaled down
    for small extracts. Where ``means`` is asked for, records name numbers and accounts too, some of which are shared.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(seed)
    dyads = max(int(incidents * DYADS_PER_INCIDENT), 2)
    weight = draw.pareto(1.6, dyads) + 0.05
    dyad = draw.choice(dyads, size=incidents, p=weight / weight.sum())
    suspect_of = draw.integers(0, max(int(dyads * SUSPECTS_PER_DYAD), 1), dyads)
    others = draw.random(dyads) < VICTIM_OF_SEVERAL
    victim_of = np.where(others, draw.integers(0, dyads, dyads), np.arange(dyads))
    hot = min(HOT_DYAD, incidents // 50)
    dyad[:hot] = 0
    suspect, victim = suspect_of[dyad], victim_of[dyad]
    suspect[hot : hot + min(HOT_SUSPECT, incidents // 20)] = suspect_of[1]
    when = draw.integers(0, MINUTES, incidents)
    delay = np.where(draw.random(incidents) < RECORDED_LATE, draw.integers(1440, 90 * 1440, incidents), 30)

    orders = round(dyads * orders_per_dyad)
    bound = draw.choice(dyads, orders, replace=False)
    made = draw.integers(0, MINUTES, orders)
    kind = draw.integers(0, len(KINDS), orders)
    order_of = np.full(dyads, -1)
    order_of[bound] = np.arange(orders)
    order = order_of[dyad]
    in_force = (order >= 0) & (when >= made[order]) & (when < made[order] + YEAR)
    coded = draw.random(incidents) < np.where(in_force, BREACH_CODED_IN_FORCE, BREACH_CODED_OTHERWISE)
    breach_kind = np.where(in_force, kind[order], draw.integers(0, len(KINDS), incidents))

    table = pa.table(
        {
            "incident_id": _numbered("C", np.arange(incidents), 8),
            "occurred_from": _instants(when),
            "reported_at": _instants(when + delay),
            "offence_code": pc.if_else(
                pa.array(coded), pa.array(BREACH_CODES).take(pa.array(breach_kind)), _drawn(draw, CODES, incidents)
            ),
            "suspect_id": _some_blank(draw, _numbered("P", suspect, 7), 0.06),
            "victim_id": _some_blank(draw, _numbered("V", victim, 7), 0.04),
            "behaviours": _drawn(draw, BEHAVIOURS, incidents),
            "channel": _drawn(draw, CHANNELS, incidents),
        }
    )
    if means:
        table = table.append_column("means", _means(suspect, seed))
    order_table = pa.table(
        {
            "order_id": _numbered("O", np.arange(orders), 7),
            "kind": pa.array(KINDS).take(pa.array(kind)),
            "respondent_id": _numbered("P", suspect_of[bound], 7),
            "protected_id": _numbered("V", victim_of[bound], 7),
            "made_on": (EPOCH + made).astype("M8[D]"),
            "served_at": _some_blank(draw, pa.array(_instants(made + 1440)), 0.3),
            "ends": (EPOCH + made + YEAR).astype("M8[D]"),
            "terms": _drawn(draw, TERMS, orders),
        }
    )
    paths = {}
    for name, rows in (("incidents", table), ("orders", order_table)):
        paths[f"{name}.parquet"] = folder / f"{name}.parquet"
        paths[f"{name}.csv"] = folder / f"{name}.csv"
        pq.write_table(rows, paths[f"{name}.parquet"])
        pcsv.write_csv(_as_text(rows), paths[f"{name}.csv"])
    return paths


def _means(suspect: np.ndarray, seed: int) -> pa.Array:
    """Return what was used on each record: a blank, a number or an account, written in one way or another."""
    draw = np.random.default_rng([seed, 1])
    n = len(suspect)
    others, turn = draw.integers(0, suspect.max() + 1, n), draw.random(n)
    # A telephone of a few neighbours, one of everybody in a hostel, and what is no object.
    whose = np.where(turn < OF_ANOTHER, others // 4 * 4, suspect)
    whose = np.where(turn > 1 - OF_MANY, others % 3, whose)
    text = pc.utf8_lpad(pa.array(whose).cast(pa.string()), 6, "0")
    way = pa.array(WRITTEN).take(pa.array(draw.integers(0, len(WRITTEN), n)))
    begin, end = (pc.list_element(pc.split_pattern(way, "{}"), k) for k in (0, 1))
    written = pc.binary_join_element_wise(begin, text, end, "")
    written = pc.if_else(pa.array(draw.random(n) < OF_NOBODY), "withheld", written)
    return _some_blank(draw, written, 1 - NAMES_MEANS)


def _drawn(draw: np.random.Generator, values: list[str], n: int) -> pa.Array:
    """Return ``n`` values drawn evenly."""
    return pa.array(values).take(pa.array(draw.integers(0, len(values), n)))


def _numbered(prefix: str, numbers: np.ndarray, digits: int) -> pa.Array:
    """Return references such as ``P0000042``."""
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(pa.array(numbers).cast(pa.string()), digits, "0"), "")


def _instants(minutes: np.ndarray) -> np.ndarray:
    return (EPOCH + minutes).astype("M8[s]")


def _some_blank(draw: np.random.Generator, values: pa.Array, share: float) -> pa.Array:
    return pc.if_else(pa.array(draw.random(len(values)) < share), pa.scalar(None, values.type), values)


def _as_text(rows: pa.Table) -> pa.Table:
    """Return the table as an export writes it: times as ``2025-03-01T14:00``."""
    for place, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type):
            minutes = pc.strftime(rows[field.name].cast(pa.timestamp("s")), format="%Y-%m-%dT%H:%M")
            rows = rows.set_column(place, field.name, minutes)
    return rows

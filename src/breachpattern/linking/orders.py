"""Orders as lives: when each version was in force, whom it bound and protected, and what it forbade.

The ends of a life are windows, because extracts hold days where the law needs moments. ``start_lo`` is the
first second at which the version can have been in force, ``start_hi`` the second from which it certainly
was; ``end_lo`` and ``end_hi`` likewise. ``aware`` is the second from which every awareness element that the
order's law asks for is met.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.columns import (
    Bools,
    Codes,
    Ints,
    code,
    exploded,
    floats,
    integers,
    seconds,
)
from breachpattern.linking.known import Known, awareness_of, ends_of, known_windows
from breachpattern.linking.places import Zones
from breachpattern.linking.versions import Versions, known_rows
from breachpattern.spans import FOREVER, NEVER
from breachpattern.vocabulary import TERMS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue
    from breachpattern.law.entries import OrderKind
    from breachpattern.linking.entities import Entities

WINDOWS = ("made", "served", "aware", "starts", "discharged")


@dataclass(frozen=True)
class Orders:
    """Order versions known at an instant, sorted by respondent, order and version.

    Every array has one entry per order version; ``protections`` and ``founded`` are (version, code) pairs.
    ``hands_over`` is where a version certainly lasted until the next one bound, ``varied_unaware`` where it varies an
    order of which the respondent may know only what the version before said.
    """

    row: Ints
    order: Codes
    version: Ints
    kind: Codes
    respondent: Codes
    start_lo: Ints
    start_hi: Ints
    end_lo: Ints
    end_hi: Ints
    hands_over: Bools
    aware: Ints
    varied_unaware: Bools
    made: Ints
    served: Ints
    terms: Ints
    terms_on_file: Bools
    is_order: Bools
    needs_awareness: Bools
    needs_service: Bools
    notice_unknown: Bools
    end_doubtful: Bools
    capped: Bools
    open_ended: Bools
    names_nobody: Bools
    curfew_from: Ints
    curfew_to: Ints
    zones: Zones
    protections: tuple[Ints, Ints]
    founded: tuple[Ints, Ints]

    def __len__(self) -> int:
        return len(self.order)

    def protects(self, version: Ints, victim: npt.NDArray[np.int32]) -> Bools:
        """Return where a version protects a person; an unknown person is never protected.

        Parameters
        ----------
        version : (n,) int64
            Indices of order versions.
        victim : (n,) int32
            Person codes, ``-1`` where not known.
        """
        scale = np.int64(1) << 32
        keys = np.sort(self.protections[0] * scale + self.protections[1])
        wanted = version.astype(np.int64) * scale + np.maximum(victim, 0)
        place = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        found = keys[place] == wanted if len(keys) else np.zeros(len(wanted), np.bool_)
        return np.asarray(found & (victim >= 0))


def live_orders(
    orders: pa.Table,
    catalogue: Catalogue,
    as_of: int,
    *,
    people: Entities,
    incident_ids: pa.Array,
    order_ids: pa.Array,
) -> Orders:
    """Return the order versions known at ``as_of`` with their lives.

    Parameters
    ----------
    orders : pyarrow.Table
        Canonical orders, one row per order × protected person × version.
    catalogue : Catalogue
        Says when a kind of order begins, how long it may last and what awareness its breach asks for.
    as_of : int
        Seconds UTC. A row is known from the first of its making, service or the respondent's awareness
        (:func:`~breachpattern.linking.versions.known_rows`); service, awareness and discharge after ``as_of`` are
        not yet known.
    people : Entities
    incident_ids, order_ids : pyarrow.Array of string
        The texts to code against.

    Notes
    -----
    A version ends when the next begins; discharge ends the order; a statutory longest life is applied (Crime and
    Security Act 2010 s.28(10) for a DVPO), which counts from the first making of the order. Awareness of an earlier
    version is awareness of the order (Family Law Act 1996 s.42A(2) asks only that its existence was known), except
    where a domestic abuse protection order was varied without notice (Domestic Abuse Act 2021 s.45(8)-(9)), or may
    have been: what that adds or extends asks for awareness of itself (:mod:`breachpattern.timelines.awareness`). Who
    was there when a version was made knows of the order.
    """
    order, version = code(orders["order_id"], order_ids), integers(orders["version"])
    respondent = people.named(orders["respondent_id"])
    windows = {name: _window(orders, name) for name in WINDOWS}
    every = Versions.of(respondent, order, version)
    versions = every.where(known_rows(every, windows, as_of))
    head = versions.heads
    kind = versions.least(code(orders["kind"], pa.array(catalogue.order_kind_ids, pa.string()))).astype(np.int32)
    continues = (order[head][1:] == order[head][:-1]) & (respondent[head][1:] == respondent[head][:-1])
    known = Known(orders, versions, _kinds(catalogue), kind, continues, known_windows(versions, windows, as_of))
    starts, served = known.start(), known.windows["served"]
    terms, on_file = _terms(versions.union(integers(orders["terms"])), kind, catalogue)
    curfew = versions.shortest_curfew(_minutes(orders["curfew_from"]), _minutes(orders["curfew_to"]))
    return Orders(
        row=integers(orders["row"])[head],
        order=order[head],
        version=version[head],
        kind=kind,
        respondent=respondent[head],
        start_lo=starts[0],
        start_hi=starts[1],
        made=known.windows["made"][0],
        served=np.where(served[1] == FOREVER, NEVER, served[0]),
        terms=terms,
        terms_on_file=on_file,
        is_order=known.of_kind([k.is_order for k in known.kinds]),
        needs_service=known.of_kind([k.awareness == "service" for k in known.kinds]),
        curfew_from=curfew[0],
        curfew_to=curfew[1],
        zones=_zones(orders.take(pa.array(versions.rows)), versions.member),
        **ends_of(known, starts),
        **awareness_of(known),
        **_protected(known, people),
        founded=_founded(known, incident_ids),
    )


def _protected(known: Known, people: Entities) -> dict[str, Any]:
    """Return whom versions protect, as (version, person) pairs, and which of them name nobody."""
    person = people.named(known.orders["protected_id"])[known.versions.rows]
    pairs = np.stack([known.versions.member, person.astype(np.int64)], axis=1)
    protections = np.unique(pairs[person >= 0], axis=0)
    names_nobody = np.ones(len(known.versions.heads), np.bool_)
    names_nobody[protections[:, 0]] = False
    return {"protections": (protections[:, 0], protections[:, 1]), "names_nobody": names_nobody}


def _founded(known: Known, incident_ids: pa.Array) -> tuple[Ints, Ints]:
    """Return the incidents on which versions were made, as (version, incident) pairs."""
    rows, codes = exploded(known.orders["founded_on"].take(pa.array(known.versions.rows)), incident_ids)
    founded = np.unique(np.stack([known.versions.member[rows], codes], axis=1), axis=0)
    return founded[:, 0], founded[:, 1]


def _kinds(catalogue: Catalogue) -> list[OrderKind]:
    return [catalogue.order_kinds[kind] for kind in catalogue.order_kind_ids]


def _window(orders: pa.Table, name: str) -> tuple[Ints, Ints]:
    return (
        seconds(orders[f"{name}_lo"], default=NEVER),
        seconds(orders[f"{name}_hi"], default=FOREVER),
    )


def _terms(on_file: Ints, kind: Codes, catalogue: Catalogue) -> tuple[Ints, Bools]:
    """Return the terms of each version: on file, else the default, and the statutory notification duty."""
    kinds = _kinds(catalogue)
    default = np.array([TERMS.mask(k.default_terms or ("no_contact", "no_violence")) for k in kinds], dtype=np.int64)
    duty = np.array([TERMS.mask(["notification"]) if k.notification else 0 for k in kinds], dtype=np.int64)
    known = on_file != 0
    return np.where(known, on_file, default[kind]) | duty[kind], known


def _zones(orders: pa.Table, version: Ints) -> Zones:
    """Return the exclusion areas that rows give, each for its version."""
    postcodes = orders["exclusion_postcodes"].cast(pa.string()).combine_chunks()
    lat, lon, radius = (floats(orders[f"exclusion_{name}"]) for name in ("lat", "lon", "radius_m"))
    given = np.flatnonzero(postcodes.is_valid().to_numpy(zero_copy_only=False) | ~np.isnan(radius))
    return Zones(version[given], postcodes.take(pa.array(given)), lat[given], lon[given], radius[given])


def _minutes(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.cast(pa.int64()).fill_null(-1).to_numpy(), dtype=np.int64)

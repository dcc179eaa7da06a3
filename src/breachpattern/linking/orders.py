"""Orders as lives: when each version was in force, whom it bound and protected, and what it forbade.

The ends of a life are windows, because extracts hold days where the law needs moments. ``start_lo`` is the
first second at which the version can have been in force, ``start_hi`` the second from which it certainly
was; ``end_lo`` and ``end_hi`` likewise. ``aware`` is the second from which every awareness element that the
order's law asks for is met.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.columns import (
    Bools,
    Codes,
    Ints,
    code,
    exploded,
    flags,
    floats,
    integers,
    seconds,
)
from breachpattern.linking.lives import (
    awareness,
    beginning,
    hand_over,
    inherited_awareness,
    statutory_end,
    whole_order_discharge,
)
from breachpattern.linking.places import Zones
from breachpattern.linking.versions import Versions, known_by, known_rows
from breachpattern.spans import FOREVER, NEVER
from breachpattern.vocabulary import TERMS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue
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
    order = code(orders["order_id"], order_ids)
    version = integers(orders["version"])
    respondent = people.named(orders["respondent_id"])
    windows = {name: _window(orders, name) for name in WINDOWS}
    kinds = [catalogue.order_kinds[k] for k in catalogue.order_kind_ids]

    every = Versions.of(respondent, order, version)
    versions = every.where(known_rows(every, windows, as_of))
    rows, head = versions.rows, versions.heads
    for name in ("served", "aware", "discharged"):
        low, high = windows[name]
        later = known_by(windows[name]) > as_of
        windows[name] = np.where(later, NEVER, low), np.where(later, FOREVER, high)
    made, served, aware, starts, discharged = (versions.window(windows[name]) for name in WINDOWS)
    kind = versions.least(code(orders["kind"], pa.array(catalogue.order_kind_ids, pa.string()))).astype(np.int32)
    same_order = (order[head][1:] == order[head][:-1]) & (respondent[head][1:] == respondent[head][:-1])

    by_service = np.array([k.begins == "service" for k in kinds])[kind]
    start = beginning(by_service, starts, made, served, aware)
    doubtful = versions.any(flags(orders["ends_doubtful"]))
    ends = seconds(orders["ends"], default=FOREVER)
    last = versions.greatest(np.where(ends == FOREVER, NEVER, ends))
    last = np.where(last == NEVER, FOREVER, last)
    longest = np.array([k.max_days or 0 for k in kinds], dtype=np.int64)[kind]
    told = np.minimum(known_by(served), known_by(aware))
    cap = statutory_end(longest, made, np.where(start[0] == NEVER, told, start[0]), same_order)
    capped = cap[1] < last
    certain = np.array([k.certain_days or 0 for k in kinds], dtype=np.int64)[kind]
    # Where no end is on file, what a decision ends is certain for a while only.
    for_now = statutory_end(certain, made, np.where(start[0] == NEVER, told, start[0]), same_order)[0]
    for_now = np.where(last == FOREVER, for_now, FOREVER)
    end_lo = np.where(doubtful, NEVER, np.minimum(np.minimum(versions.least(ends), cap[0]), for_now))
    end_hi = np.minimum(last, cap[1])
    discharged = whole_order_discharge(discharged, start[0], same_order)
    hands_over = hand_over(end_lo, discharged, start, same_order)
    end_lo, end_hi = np.minimum(end_lo, discharged[0]), np.minimum(end_hi, discharged[1])
    end_lo[:-1] = np.where(same_order, np.minimum(end_lo[:-1], start[0][1:]), end_lo[:-1])
    end_hi[:-1] = np.where(same_order, np.minimum(end_hi[:-1], start[1][1:]), end_hi[:-1])

    notice = orders["without_notice"]
    without_notice = versions.any(flags(notice))
    unknown = ~versions.any(np.asarray(notice.is_valid().to_numpy(), dtype=np.bool_))
    elements = [kinds[k].awareness for k in kind]
    needs, aware_from = awareness(elements, without_notice, unknown, served, aware)
    by_notice = np.array([e == "without_notice" for e in elements], np.bool_)
    follows = np.append(False, same_order) if len(head) else same_order
    of_itself = np.array([k.id == "dapo" for k in kinds])[kind] & (without_notice | unknown)
    aware_from = inherited_awareness(
        aware_from,
        needs,
        by_notice & ~without_notice & ~unknown,
        follows,
        of_itself,
    )

    terms, on_file = _terms(versions.union(integers(orders["terms"])), kind, catalogue)
    protected = people.named(orders["protected_id"])[rows]
    index = versions.member
    protections = np.unique(np.stack([index, protected.astype(np.int64)], axis=1)[protected >= 0], axis=0)
    names_nobody = np.ones(len(head), np.bool_)
    names_nobody[protections[:, 0]] = False
    founded_rows, founded_codes = exploded(orders["founded_on"].take(pa.array(rows)), incident_ids)
    founded = np.unique(np.stack([index[founded_rows], founded_codes], axis=1), axis=0)
    curfew = versions.shortest_curfew(_minutes(orders["curfew_from"]), _minutes(orders["curfew_to"]))
    return Orders(
        row=integers(orders["row"])[head],
        order=order[head],
        version=version[head],
        kind=kind,
        respondent=respondent[head],
        start_lo=start[0],
        start_hi=start[1],
        end_lo=end_lo,
        end_hi=end_hi,
        hands_over=hands_over,
        aware=aware_from,
        varied_unaware=follows & of_itself,
        made=made[0],
        served=np.where(served[1] == FOREVER, NEVER, served[0]),
        terms=terms,
        terms_on_file=on_file,
        is_order=np.array([k.is_order for k in kinds])[kind],
        needs_awareness=needs,
        needs_service=np.array([k.awareness == "service" for k in kinds])[kind],
        notice_unknown=by_notice & unknown,
        end_doubtful=doubtful,
        capped=capped,
        open_ended=end_hi == FOREVER,
        names_nobody=names_nobody,
        curfew_from=curfew[0],
        curfew_to=curfew[1],
        zones=_zones(orders.take(pa.array(rows)), index),
        protections=(protections[:, 0], protections[:, 1]),
        founded=(founded[:, 0], founded[:, 1]),
    )


def _window(orders: pa.Table, name: str) -> tuple[Ints, Ints]:
    return (
        seconds(orders[f"{name}_lo"], default=NEVER),
        seconds(orders[f"{name}_hi"], default=FOREVER),
    )


def _terms(on_file: Ints, kind: Codes, catalogue: Catalogue) -> tuple[Ints, Bools]:
    """Return the terms of each version: on file, else the default, and the statutory notification duty."""
    kinds = [catalogue.order_kinds[k] for k in catalogue.order_kind_ids]
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

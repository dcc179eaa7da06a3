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
    Floats,
    Ints,
    code,
    exploded,
    flags,
    floats,
    integers,
    seconds,
)
from breachpattern.spans import FOREVER, NEVER, london_days, london_midnight
from breachpattern.vocabulary import TERMS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue
    from breachpattern.linking.entities import Entities

WINDOWS = ("made", "served", "aware", "starts", "discharged")


@dataclass(frozen=True)
class Orders:
    """Order versions known at an instant, sorted by respondent, order and version.

    Every array has one entry per order version; ``protections`` and ``founded`` are (version, code) pairs.
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
    aware: Ints
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
    lat: Floats
    lon: Floats
    radius: Floats
    curfew_from: Ints
    curfew_to: Ints
    zone_postcodes: pa.Array
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
        Seconds UTC. A version is known from the first of its making, service or the respondent's awareness;
        service, awareness and discharge after ``as_of`` are not yet known.
    people : Entities
    incident_ids, order_ids : pyarrow.Array of string
        The texts to code against.

    Notes
    -----
    A version ends when the next begins; discharge ends the order; a statutory longest life is applied
    (Crime and Security Act 2010 s.28(10) for a DVPO). Awareness of an earlier version is awareness of the
    order (Family Law Act 1996 s.42A(2) asks only that its existence was known), except where a domestic abuse
    protection order was varied without notice (Domestic Abuse Act 2021 s.45(9)).
    """
    order = code(orders["order_id"], order_ids)
    version = integers(orders["version"])
    respondent = people.named(orders["respondent_id"])
    windows = {name: _window(orders, name) for name in WINDOWS}
    kinds = [catalogue.order_kinds[k] for k in catalogue.order_kind_ids]
    kind = code(orders["kind"], pa.array(catalogue.order_kind_ids, pa.string()))

    known = np.minimum.reduce([_known_by(windows[name]) for name in ("made", "served", "aware")])
    undated = known == FOREVER
    known = np.where(undated, np.where(windows["starts"][0] == NEVER, NEVER, windows["starts"][0]), known)
    rows = np.flatnonzero(known <= as_of)
    rows = rows[np.lexsort((rows, version[rows], order[rows], respondent[rows]))]
    first = np.ones(len(rows), np.bool_)
    first[1:] = (
        (order[rows][1:] != order[rows][:-1])
        | (version[rows][1:] != version[rows][:-1])
        | (respondent[rows][1:] != respondent[rows][:-1])
    )
    index = np.cumsum(first) - 1
    head = rows[first]
    for name in ("served", "aware", "discharged"):
        low, high = windows[name]
        later = _known_by(windows[name]) > as_of
        windows[name] = np.where(later, NEVER, low), np.where(later, FOREVER, high)

    def merged(name: str) -> tuple[Ints, Ints]:
        """Return one window per version: its rows agree, or the earliest stands."""
        low, high = (side[rows] for side in windows[name])
        blank = high == FOREVER
        best = np.full(len(head), FOREVER, np.int64)
        np.minimum.at(best, index, high)
        lows = np.full(len(head), FOREVER, np.int64)
        np.minimum.at(lows, index, np.where(blank, FOREVER, low))
        return np.where(best == FOREVER, NEVER, lows), best

    made, served, aware, starts, discharged = (merged(name) for name in WINDOWS)
    kind = kind[head]
    by_service = np.array([k.begins == "service" for k in kinds])[kind]
    start_lo, start_hi = _beginning(by_service, starts, made, served, aware)

    end = seconds(orders["ends"], default=FOREVER)[head]
    doubtful = flags(orders["ends_doubtful"])[head]
    longest = np.array([k.max_days or 0 for k in kinds], dtype=np.int64)[kind]
    from_day = np.where(made[0] != NEVER, made[0], start_lo)
    has_cap = (longest > 0) & (from_day != NEVER)
    cap = np.where(has_cap, london_midnight(london_days(np.where(has_cap, from_day, 0)) + longest), FOREVER)
    capped = cap < end
    end = np.minimum(end, cap)
    end_lo, end_hi = np.where(doubtful, NEVER, end), end.copy()
    same_order = (order[head][1:] == order[head][:-1]) & (respondent[head][1:] == respondent[head][:-1])
    discharged = _whole_order_discharge(discharged, start_lo, same_order)
    end_lo = np.minimum(end_lo, discharged[0])
    end_hi = np.minimum(end_hi, discharged[1])
    end_lo[:-1] = np.where(same_order, np.minimum(end_lo[:-1], start_lo[1:]), end_lo[:-1])
    end_hi[:-1] = np.where(same_order, np.minimum(end_hi[:-1], start_hi[1:]), end_hi[:-1])

    notice = orders["without_notice"].take(pa.array(head))
    needs_awareness, aware_from, unknown_notice = _awareness([kinds[k].awareness for k in kind], notice, served, aware)
    own_variation = np.array([k.id == "dapo" for k in kinds])[kind] & flags(notice)
    aware_from = _inherit_awareness(aware_from, np.append(False, same_order), own_variation)

    terms, on_file = _terms(integers(orders["terms"]).astype(np.int64), rows, index, kind, catalogue)
    protected = people.named(orders["protected_id"])[rows]
    protections = np.unique(np.stack([index, protected.astype(np.int64)], axis=1)[protected >= 0], axis=0)
    names_nobody = np.ones(len(head), np.bool_)
    names_nobody[protections[:, 0]] = False
    founded_rows, founded_codes = exploded(orders["founded_on"].take(pa.array(rows)), incident_ids)
    founded = np.unique(np.stack([index[founded_rows], founded_codes], axis=1), axis=0)
    heads = orders.take(pa.array(head))
    return Orders(
        row=integers(heads["row"]),
        order=order[head],
        version=version[head],
        kind=kind,
        respondent=respondent[head],
        start_lo=start_lo,
        start_hi=start_hi,
        end_lo=end_lo,
        end_hi=end_hi,
        aware=aware_from,
        made=made[0],
        served=np.where(served[1] == FOREVER, NEVER, served[0]),
        terms=terms,
        terms_on_file=on_file,
        is_order=np.array([k.is_order for k in kinds])[kind],
        needs_awareness=needs_awareness,
        needs_service=np.array([k.awareness == "service" for k in kinds])[kind],
        notice_unknown=unknown_notice,
        end_doubtful=doubtful,
        capped=capped,
        open_ended=end_hi == FOREVER,
        names_nobody=names_nobody,
        lat=floats(heads["exclusion_lat"]),
        lon=floats(heads["exclusion_lon"]),
        radius=floats(heads["exclusion_radius_m"]),
        curfew_from=_minutes(heads["curfew_from"]),
        curfew_to=_minutes(heads["curfew_to"]),
        zone_postcodes=heads["exclusion_postcodes"].cast(pa.string()).combine_chunks(),
        protections=(protections[:, 0], protections[:, 1]),
        founded=(founded[:, 0], founded[:, 1]),
    )


def _window(orders: pa.Table, name: str) -> tuple[Ints, Ints]:
    return (
        seconds(orders[f"{name}_lo"], default=NEVER),
        seconds(orders[f"{name}_hi"], default=FOREVER),
    )


def _known_by(window: tuple[Ints, Ints]) -> Ints:
    """Return the second by which an event is known: the event itself, or the end of its day."""
    low, high = window
    return np.where(high == FOREVER, FOREVER, np.where(high > low, high - 1, high))


def _beginning(
    by_service: Bools,
    starts: tuple[Ints, Ints],
    made: tuple[Ints, Ints],
    served: tuple[Ints, Ints],
    aware: tuple[Ints, Ints],
) -> tuple[Ints, Ints]:
    """Return the window in which a version began to bind.

    A notice binds from service, an order from its start or its making. Where only the day is on file, or
    nothing, it had certainly begun by the time of that day at which it was served or known.
    """
    own_lo = np.where(by_service, served[0], made[0])
    own_hi = np.where(by_service, served[1], made[1])
    unknown_lo = np.where(by_service, made[0], NEVER)
    unknown_hi = np.where(by_service, FOREVER, np.minimum(served[1], aware[1]))
    low = np.where(own_hi == FOREVER, unknown_lo, own_lo)
    high = np.where(own_hi == FOREVER, unknown_hi, own_hi)
    given = starts[1] != FOREVER
    low, high = np.where(given, starts[0], low), np.where(given, starts[1], high)
    for told in (served, aware):
        within = (told[1] >= low) & (told[1] < high)
        high = np.where(within, told[1], high)
    return low, high


def _whole_order_discharge(discharged: tuple[Ints, Ints], start_lo: Ints, continues: Bools) -> tuple[Ints, Ints]:
    """Apply a discharge to every version of its order that had begun by then.

    Registers close the old version with the date of the variation, so a discharge never reaches a version
    that begins with it or later.
    """
    low = np.where(discharged[1] == FOREVER, FOREVER, discharged[0])
    if len(low) == 0:
        return low, discharged[1]
    group = np.cumsum(np.append(True, ~continues)) - 1
    heads = np.flatnonzero(np.append(True, ~continues))
    earliest_lo = np.minimum.reduceat(low, heads)[group]
    earliest_hi = np.minimum.reduceat(discharged[1], heads)[group]
    reaches = start_lo < earliest_lo
    return np.where(reaches, earliest_lo, low), np.where(reaches, earliest_hi, discharged[1])


def _awareness(
    elements: list[str], notice: pa.ChunkedArray, served: tuple[Ints, Ints], aware: tuple[Ints, Ints]
) -> tuple[Bools, Ints, Bools]:
    """Return whether a breach needs service or awareness, since when it is met, and where notice is blank."""
    element = np.array(elements, dtype=object)
    without_notice = flags(notice)
    unknown = ~np.asarray(notice.is_valid().to_numpy(), dtype=np.bool_)
    by_notice = element == "without_notice"
    by_service = element == "service"
    needs = by_service | (by_notice & (without_notice | unknown))
    met = np.where(by_service, served[1], np.minimum(served[1], aware[1]))
    return needs, np.where(needs, met, NEVER), by_notice & unknown


def _inherit_awareness(aware: Ints, continues: Bools, own_variation: Bools) -> Ints:
    """Carry awareness of an earlier version of an order over to the later ones."""
    inherited = aware.copy()
    for i in np.flatnonzero(continues & ~own_variation & (aware > NEVER)):
        inherited[i] = min(inherited[i], inherited[i - 1]) if inherited[i - 1] != NEVER else inherited[i]
    return inherited


def _terms(terms: Ints, rows: Ints, index: Ints, kind: Codes, catalogue: Catalogue) -> tuple[Ints, Bools]:
    """Return the terms of each version: on file, else the default, and the statutory notification duty."""
    on_file = np.zeros(len(kind), np.int64)
    np.bitwise_or.at(on_file, index, terms[rows])
    kinds = [catalogue.order_kinds[k] for k in catalogue.order_kind_ids]
    default = np.array([TERMS.mask(k.default_terms or ("no_contact", "no_violence")) for k in kinds], dtype=np.int64)
    duty = np.array([TERMS.mask(["notification"]) if k.notification else 0 for k in kinds], dtype=np.int64)
    known = on_file != 0
    return np.where(known, on_file, default[kind]) | duty[kind], known


def _minutes(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.cast(pa.int64()).fill_null(-1).to_numpy(), dtype=np.int64)

"""The orders of a run, one entry each: their whole life over all versions, and whom they concern."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from breachpattern.law import Catalogue
from breachpattern.linking.columns import Bools, Ints
from breachpattern.linking.orders import Orders
from breachpattern.timelines.breaches import expand
from breachpattern.timelines.courses import Ragged
from breachpattern.timelines.units import Units


@dataclass(frozen=True)
class OrderRegister:
    """Orders of one respondent each, in the order of their versions.

    Attributes
    ----------
    of_version : (versions,) int64
        The entry of each order version.
    order, respondent, kind : int64
        Codes; the kind is that of the last version.
    start_lo, start_hi, end_lo, end_hi : int64
        The windows in which the first version began and the last one ends, seconds UTC.
    protected : Ragged
        Person codes.
    dyads : Ragged
        The dyads (respondent towards a protected person) with conduct on record.
    founded : Ragged
        Incident codes on which it was made.
    """

    of_version: Ints
    order: Ints
    respondent: Ints
    kind: Ints
    start_lo: Ints
    start_hi: Ints
    end_lo: Ints
    end_hi: Ints
    is_order: Bools
    protected: Ragged
    dyads: Ragged
    founded: Ragged

    def __len__(self) -> int:
        return len(self.order)

    @classmethod
    def of(cls, orders: Orders, dyads: Units, catalogue: Catalogue) -> OrderRegister:
        """Return the register of order versions sorted by respondent, order and version."""
        head = np.ones(len(orders), np.bool_)
        head[1:] = (orders.order[1:] != orders.order[:-1]) | (orders.respondent[1:] != orders.respondent[:-1])
        entry = (np.cumsum(head) - 1).astype(np.int64)
        first = np.flatnonzero(head)
        last = np.append(first[1:], len(orders)) - 1 if len(first) else first
        n = len(first)

        def least(values: Ints) -> Ints:
            return np.minimum.reduceat(values, first) if n else values[:0]

        def most(values: Ints) -> Ints:
            return np.maximum.reduceat(values, first) if n else values[:0]

        version, person = orders.protections
        protected = Ragged.distinct(entry[version], person, n)
        version, incident = orders.founded
        respondent = orders.respondent[first].astype(np.int64)
        kinds = [catalogue.order_kinds[k].is_order for k in catalogue.order_kind_ids]
        kind = orders.kind[last].astype(np.int64)
        return cls(
            of_version=entry,
            order=orders.order[first].astype(np.int64),
            respondent=respondent,
            kind=kind,
            start_lo=least(orders.start_lo),
            start_hi=least(orders.start_hi),
            end_lo=most(orders.end_lo),
            end_hi=most(orders.end_hi),
            is_order=np.array(kinds, dtype=np.bool_)[kind],
            protected=protected,
            dyads=_protected_dyads(respondent, protected, dyads),
            founded=Ragged.distinct(entry[version], incident, n),
        )


def _protected_dyads(respondent: Ints, protected: Ragged, dyads: Units) -> Ragged:
    """Return the dyads of each order, the respondent towards a protected person."""
    n = len(respondent)
    owner = np.repeat(np.arange(n), np.diff(protected.offsets))
    low = np.searchsorted(dyads.suspect, respondent[owner], side="left")
    high = np.searchsorted(dyads.suspect, respondent[owner], side="right")
    pair, dyad = expand(np.arange(len(owner)), low, high)
    hit = dyads.victim[dyad] == protected.values[pair]
    return Ragged.of(owner[pair[hit]], dyad[hit], n)

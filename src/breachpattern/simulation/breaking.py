"""Which acts truly broke which orders: what the register and the records can only let one guess."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from breachpattern.law import Catalogue
from breachpattern.simulation.acts import Acts
from breachpattern.simulation.conduct import VICTIM_HOME, Conduct
from breachpattern.simulation.draws import Ints
from breachpattern.simulation.police import ORDER_KINDS, Orders
from breachpattern.simulation.register import Register
from breachpattern.simulation.units import Units
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS, TERMS

INDIRECT = BEHAVIOURS.mask(["contact", "third_party_contact", "threat", "gift"])


@dataclass(frozen=True)
class Broken:
    """Acts that broke orders, one entry for each pair: the act, the order, the terms it broke (a mask of ``TERMS``)."""

    act: Ints
    order: Ints
    terms: Ints


def broken_orders(units: Units, acts: Acts, conduct: Conduct, orders: Orders, held: Register) -> Broken:
    """Return every act that broke an order.

    An order is broken by its respondent, or by somebody who acts for him where it forbids indirect contact, towards
    a person whom it protects, while it is alive and, where its law asks for that, known to the respondent, by an act
    that certainly falls within its terms (the catalogue says which do) or by going to the home that it excludes.
    """
    act, order = _pairs(acts.unit, orders.unit)
    if len(act) == 0:
        return Broken(act, order, act)
    at = acts.at[act]
    alive = (at >= _binds_from(orders)[order]) & (at < orders.until[order])
    protects = (held.protected[order] == conduct.target[act][:, None]).any(axis=1)
    own = conduct.actor[act] == held.respondent[order]
    suspect = units.suspect[acts.unit[act]]
    for_him = conduct.forward[act] & (held.respondent[order] == suspect) & (conduct.actor[act] != suspect)
    keep = alive & protects & (own | for_him)
    act, order, at, own = act[keep], order[keep], at[keep], own[keep]
    terms = np.where(at >= held.varied[order], held.terms_after[order], held.terms[order])
    done = conduct.behaviours[act]
    hit = np.zeros(len(act), np.int64)
    for term in Catalogue.load().terms.values():
        bit = np.int64(TERMS.mask([term.id]))
        certain = np.int64(BEHAVIOURS.mask(term.certain))
        hit |= np.where(own & ((terms & bit) != 0) & ((done & certain) != 0), bit, 0)
    indirect = np.int64(TERMS.mask(["no_indirect_contact"]))
    hit |= np.where(~own & ((terms & indirect) != 0) & ((done & INDIRECT) != 0), indirect, 0)
    there = (conduct.place[act] == VICTIM_HOME) & (conduct.channel[act] == CHANNELS.values.index("in_person"))
    excluded = np.int64(TERMS.mask(["exclusion"]))
    hit |= np.where(own & there & ((terms & excluded) != 0), excluded, 0)
    found = np.flatnonzero(hit)
    return Broken(act[found], order[found], hit[found])


def _binds_from(orders: Orders) -> Ints:
    """Return from when conduct breaks each order: made, or served where its law asks for service or awareness."""
    kinds = Catalogue.load().order_kinds
    by_service = np.array([kinds[kind].begins == "service" for kind in ORDER_KINDS])[orders.kind]
    return np.asarray(np.where(by_service | (orders.without_notice == 1), orders.served, orders.made))


def _pairs(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Return the pairs of positions that share a unit; ``left`` is sorted."""
    low, high = np.searchsorted(left, right, side="left"), np.searchsorted(left, right, side="right")
    count = high - low
    second = np.repeat(np.arange(len(right)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    first = np.repeat(low, count) + within
    order = np.lexsort((second, first))
    return np.asarray(first[order]), np.asarray(second[order])


def first_order(broken: Broken, size: int) -> Ints:
    """Return for each act one order that it broke, the one made last, -1 where it broke none."""
    found = np.full(size, -1)
    found[broken.act] = broken.order
    return found

"""What the terms of an order reach: conduct, places and hours against the law's reading of each term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Bools, Columns, Ints
from breachpattern.linking.orders import Orders
from breachpattern.linking.places import under_curfew
from breachpattern.spans import NO, POSSIBLE, YES
from breachpattern.vocabulary import BEHAVIOURS, BREACH_KINDS, CHANNELS, PLACE_ROLES, TERMS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

TERM_CLASSES = ("prohibition", "requirement", "notification")
REMOTE = ("phone", "text", "email", "social_media", "post", "online_other", "third_party")
INTERNET = ("social_media", "online_other")
# What takes a body elsewhere can be done by the internet: an account is followed, a camera watched through.
BY_INTERNET = ("follow", "watch", "property_interference", "damage", "theft", "sexual")
# A record of one of these says itself that the suspect was somewhere.
SAYS_WHERE = ("exclusion_entry", "curfew_failure")
AWAY_FROM_HOME = ("victim_home", "victim_work", "victim_school", "court", "public")


@dataclass(frozen=True)
class TermTable:
    """The law's reading of each term, as masks: what falls within it, what may, and what it is."""

    certain: Ints
    arguable: Ints
    needs_victim: Bools
    term_class: npt.NDArray[np.int8]
    breach_kind: npt.NDArray[np.int8]

    @classmethod
    def of(cls, catalogue: Catalogue) -> TermTable:
        """Return the table of a catalogue, in the order of :data:`breachpattern.vocabulary.TERMS`."""
        terms = [catalogue.terms[t] for t in TERMS.values]
        return cls(
            certain=np.array([BEHAVIOURS.mask(t.certain) for t in terms], dtype=np.int64),
            arguable=np.array([BEHAVIOURS.mask(t.arguable) for t in terms], dtype=np.int64),
            needs_victim=np.array([t.needs_victim for t in terms]),
            term_class=np.array([TERM_CLASSES.index(t.term_class) for t in terms], dtype=np.int8),
            breach_kind=np.array([BREACH_KINDS.index(t.breach_kind) for t in terms], dtype=np.int8),
        )

    def union(self, masks: Ints, values: Ints) -> Ints:
        """Return, for each mask of terms, the union of one value per term."""
        out = np.zeros(len(masks), np.int64)
        for i, value in enumerate(values):
            out |= np.where(masks >> i & 1 == 1, value, 0)
        return out


def matched_terms(
    columns: Columns,
    orders: Orders,
    terms: TermTable,
    pairs: tuple[Ints, Ints],
    protects: Bools,
    named: Bools,
    possible: Ints,
) -> tuple[Ints, Ints]:
    """Return the terms that the conduct certainly falls within, and those that it may.

    Parameters
    ----------
    columns, orders, terms : Columns, Orders, TermTable
    pairs : pair of (n,) int64
        Incident rows and order versions.
    protects : (n,) bool
        The version protects the victim of the row.
    named : (n,) bool
        The record itself says that this order, or one of its kind, was broken. What such a record leaves blank, the
        victim, the place or an hour of the order, does not speak against its own word.
    possible : (n,) int64
        Mask of behaviours that the record makes likely but does not say.
    """
    rows, versions = pairs
    done, victim = columns.behaviours[rows], columns.victim[rows]
    held, bodily = orders.terms[versions], _bodily(columns, rows)
    open_victim = np.where(victim >= 0, orders.names_nobody[versions], named)
    certain, arguable = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    for i, term in enumerate(TERMS.values):
        has = held >> i & 1 == 1
        if term in ("exclusion", "curfew") or not has.any():
            continue
        within = has & ((bodily if term == "no_approach" else done) & terms.certain[i] != 0)
        maybe = has & (
            (done & (terms.certain[i] | terms.arguable[i]) != 0)
            | (possible & (terms.certain[i] | terms.arguable[i]) != 0)
        )
        if terms.needs_victim[i]:
            maybe = (maybe & protects) | ((within | maybe) & open_victim)
            within = within & protects
        certain |= np.where(within, 1 << i, 0)
        arguable |= np.where(maybe & ~within, 1 << i, 0)
    for term, states in (
        ("exclusion", _exclusion(columns, orders, terms, rows, versions, protects, named)),
        ("curfew", _curfew(columns, orders, terms, rows, versions, named)),
    ):
        bit = TERMS.mask([term])
        has = held & bit != 0
        certain |= np.where(has & (states == YES), bit, 0)
        arguable |= np.where(has & (states == POSSIBLE), bit, 0)
    return certain, arguable


def _bodily(columns: Columns, rows: Ints) -> Ints:
    """Return the acts of each record without those that may have been done by the internet, where it was used."""
    internet = np.isin(columns.channel[rows], [CHANNELS.index(c) for c in INTERNET]) | _online(columns, rows)
    done = columns.behaviours[rows]
    return np.where(internet, done & ~BEHAVIOURS.mask(BY_INTERNET), done)


def _online(columns: Columns, rows: Ints) -> Bools:
    return np.asarray(columns.place_role[rows] == PLACE_ROLES.index("online"))


def _presence(columns: Columns, terms: TermTable, rows: Ints) -> npt.NDArray[np.int8]:
    """Return whether the suspect was there in person: certainly, possibly or not.

    A record has one channel. Where it is that of a message, an act beside it that takes a body was done in person all
    the same, and whether at the place of the record is left open.
    """
    approach = terms.certain[TERMS.index("no_approach")] | BEHAVIOURS.mask(
        [*SAYS_WHERE, "damage", "property_interference", "theft"]
    )
    channel = columns.channel[rows]
    far = np.isin(channel, [CHANNELS.index(c) for c in REMOTE]) | _online(columns, rows)
    close = _bodily(columns, rows) & approach != 0
    says = columns.behaviours[rows] & BEHAVIOURS.mask(SAYS_WHERE) != 0
    there = says | (channel == CHANNELS.index("in_person")) | (close & ~far)
    return np.where(there, YES, np.where(close | ~far, POSSIBLE, NO)).astype(np.int8)


def _exclusion(
    columns: Columns, orders: Orders, terms: TermTable, rows: Ints, versions: Ints, protects: Bools, named: Bools
) -> npt.NDArray[np.int8]:
    """Return whether the suspect was in the exclusion area of each pair."""
    out = np.full(len(rows), NO, np.int8)
    with_term = np.flatnonzero(orders.terms[versions] & TERMS.mask(["exclusion"]) != 0)
    if len(with_term) == 0:
        return out
    r, v = rows[with_term], versions[with_term]
    zone, has_zone = orders.zones.around(
        v, columns.names.postcodes, columns.postcode[r], columns.lat[r], columns.lon[r]
    )
    there = _presence(columns, terms, r)
    says_entered = columns.behaviours[r] & BEHAVIOURS.mask(["exclusion_entry"]) != 0
    at_home = (columns.place_role[r] == PLACE_ROLES.index("victim_home")) & protects[with_term]
    state = np.where((zone == YES), there, NO)
    state = np.where((zone == POSSIBLE) & ~has_zone & at_home & (there != NO), POSSIBLE, state)
    others = (columns.victim[r] >= 0) & ~protects[with_term] & ~orders.names_nobody[v]
    said = named[with_term] & ~others & (there == YES)
    state = np.where((zone == POSSIBLE) & said, POSSIBLE, state)
    state = np.where((zone == POSSIBLE) & says_entered, YES, state)
    out[with_term] = state
    return out


def _curfew(
    columns: Columns, orders: Orders, terms: TermTable, rows: Ints, versions: Ints, named: Bools
) -> npt.NDArray[np.int8]:
    """Return whether the suspect was out under the curfew of each pair."""
    out = np.full(len(rows), NO, np.int8)
    with_term = np.flatnonzero(orders.terms[versions] & TERMS.mask(["curfew"]) != 0)
    if len(with_term) == 0:
        return out
    r, v = rows[with_term], versions[with_term]
    hours = under_curfew(columns.start[r], columns.end[r], orders.curfew_from[v], orders.curfew_to[v])
    says_out = columns.behaviours[r] & BEHAVIOURS.mask(["curfew_failure"]) != 0
    role = columns.place_role[r]
    away = np.isin(role, [PLACE_ROLES.index(p) for p in AWAY_FROM_HOME])
    at_home = role == PLACE_ROLES.index("suspect_home")
    there = _presence(columns, terms, r)
    out_of_home = np.where(away & (there == YES), YES, np.where(there == YES, POSSIBLE, NO))
    out_of_home = np.where(at_home, NO, out_of_home)
    on_file = (orders.curfew_from[v] >= 0) & (orders.curfew_to[v] >= 0)
    state = np.where(on_file | named[with_term], np.minimum(hours, out_of_home), NO)
    # A record that names the failure needs no hour; only an hour outside the curfew speaks against it.
    out[with_term] = np.where(says_out, np.where(on_file & (hours == NO), NO, YES), state)
    return out

"""Every incident against every order that concerns it: in force or not, a breach or not, of what kind in law.

The join is by person first (respondent = suspect), then by time. A breach is *recorded* where the record
itself says breach and an order fits, *unrecorded* where the conduct falls within a live order's protected
person and terms and nobody called it a breach, *recorded_no_order* where the record says breach and no
order on file fits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.linking.columns import Columns, Ints
from breachpattern.linking.orders import Orders
from breachpattern.sorting import order_by
from breachpattern.spans import DAY, NEVER, NO, POSSIBLE, YES, containment
from breachpattern.timelines.awareness import aware_of
from breachpattern.timelines.claims import Claims
from breachpattern.timelines.duties import failed_duty
from breachpattern.timelines.nature import acts_shown, claimed_kind, classes_of, kinds_of, made_first, nature_of
from breachpattern.timelines.reasons import (
    DUTY_NOT_BEGUN,
    ENDED,
    NO_ORDER,
    NONE_FITS,
    NOT_BEGUN,
    NOT_BREACH,
    PROTECTS_OTHERS,
    RECORDED,
    SAYS_BREACH,
    UNRECORDED,
    Grounds,
)
from breachpattern.timelines.terms import TermTable, matched_terms
from breachpattern.timelines.verdicts import join_versions, one_row_per_incident, one_row_per_order
from breachpattern.vocabulary import BEHAVIOURS, TERMS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

NOTIFICATION = TERMS.mask(["notification"])
NOTIFYING = BEHAVIOURS.mask(["notification_failure"])


def find_breaches(columns: Columns, orders: Orders, catalogue: Catalogue) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the breaches, and the orders considered that were not breached.

    Parameters
    ----------
    columns : Columns
        Incident rows known at the instant.
    orders : Orders
        Order versions known at the instant.
    catalogue : Catalogue
        The law: terms, offences that record a breach, what a breach is on a date.

    Returns
    -------
    breaches, considered : pandas.DataFrame
        One row per incident × suspect × victim × order: ``row, incident, order, version, suspect, victim, start,
        end, known, status, state, nature, kinds, terms, days_since_served, reasons``. ``considered`` has
        ``not_breach``.

    Notes
    -----
    ``state`` is about the order's life, and that of a duty that the law sets beside it, and about what the respondent
    knew of it; whether its words reach the conduct is
    told by ``reasons`` alone. An order that is on file without its terms is read as no contact and no violence. A
    cancelled record is nobody's breach. A police warning is not an order, so it cannot be broken.
    """
    terms = TermTable.of(catalogue)
    claims = Claims.of(columns, catalogue)
    pairs = _candidate_pairs(columns, orders)
    judged = _judge(columns, orders, catalogue, terms, claims, pairs)
    best = one_row_per_order(join_versions(judged, orders))
    unmatched = _recorded_without_order(columns, catalogue, claims, best)
    whole = one_row_per_incident(columns, pd.concat([best, unmatched], ignore_index=True))
    fits = whole["status"].to_numpy() != NOT_BREACH
    return _sorted(whole[fits]), _sorted(whole[~fits])


def _candidate_pairs(columns: Columns, orders: Orders) -> tuple[Ints, Ints]:
    """Return every (row, order version) of the suspect, and of the orders that a record names."""
    eligible = np.flatnonzero((columns.suspect >= 0) & ~columns.cancelled)
    begins = np.searchsorted(orders.respondent, np.arange(len(columns.names.persons) + 1))
    suspect = columns.suspect[eligible]
    rows, versions = expand(eligible, begins[suspect], begins[suspect + 1])
    named_rows, named_orders = columns.breach_claims
    unnamed_suspect = (columns.suspect[named_rows] < 0) & ~columns.cancelled[named_rows]
    by_order = order_by(orders.order)
    sorted_orders = orders.order[by_order]
    wanted = named_orders[unnamed_suspect]
    extra_rows, places = expand(
        named_rows[unnamed_suspect],
        np.searchsorted(sorted_orders, wanted, side="left"),
        np.searchsorted(sorted_orders, wanted, side="right"),
    )
    rows = np.concatenate([rows, extra_rows])
    versions = np.concatenate([versions, by_order[places]])
    keep = orders.is_order[versions]
    return rows[keep], versions[keep]


def expand(items: Ints, low: npt.NDArray[np.intp], high: npt.NDArray[np.intp]) -> tuple[Ints, Ints]:
    """Return each item once per position in ``[low, high)``, with the positions.

    Examples
    --------
    >>> items, places = expand(np.array([7, 8]), np.array([0, 2]), np.array([2, 3]))
    >>> items.tolist(), places.tolist()
    ([7, 7, 8], [0, 1, 2])
    """
    counts = (high - low).astype(np.int64)
    total = int(counts.sum())
    within = np.arange(total, dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(items, counts), np.repeat(low.astype(np.int64), counts) + within


def _judge(
    columns: Columns,
    orders: Orders,
    catalogue: Catalogue,
    terms: TermTable,
    claims: Claims,
    pairs: tuple[Ints, Ints],
) -> pd.DataFrame:
    """Return the judgement of every (row, version) pair."""
    rows, versions = pairs
    start, end, victim = columns.start[rows], columns.end[rows], columns.victim[rows]
    life = containment(
        start,
        end,
        (orders.start_lo[versions], orders.start_hi[versions]),
        (orders.end_lo[versions], orders.end_hi[versions]),
    )
    unnamed = columns.suspect[rows] < 0
    protects = orders.protects(versions, victim)
    claimed = claims.of_pairs(rows, orders.order[versions], orders.kind[versions])
    possible = columns.possible[rows]
    certain, arguable = matched_terms(columns, orders, terms, pairs, protects, claimed.named, possible)
    duty = failed_duty(start, end, versions, orders, catalogue)
    certain = np.where(duty == NO, certain & ~NOTIFICATION, certain)
    fits = (certain | arguable) != 0
    aware = aware_of(columns, orders, terms, pairs, np.where(certain != 0, certain, arguable), claimed.named)
    state = np.where((life == YES) & (~aware | unnamed), POSSIBLE, life).astype(np.int8)

    done, shown = columns.behaviours[rows], acts_shown(columns, rows)
    placeless = terms.union(orders.terms[versions], np.where(terms.needs_victim, 0, 1)) != 0
    person_fits = protects | (victim < 0) | orders.names_nobody[versions] | fits
    person_fits |= claimed.names_order & placeless
    unspecific = (orders.terms[versions] & TERMS.mask(["other"]) != 0) | (done & ~BEHAVIOURS.mask(["other"]) == 0)
    terms_fit = fits | claimed.names_order | unspecific | ~orders.terms_on_file[versions]
    live = state != NO
    recorded = live & claimed.named & person_fits & terms_fit
    unrecorded = live & ~recorded & fits
    status = np.where(recorded, RECORDED, np.where(unrecorded, UNRECORDED, NOT_BREACH)).astype(np.int8)

    # The code of a breach makes an order fit, but what its record shows decides which part of it was broken.
    guessed = np.flatnonzero(claimed.named & (shown != 0) & (certain == 0) & (arguable != 0))
    if len(guessed):
        pick = rows[guessed], versions[guessed]
        seen = shown[guessed] & possible[guessed]
        own = matched_terms(columns, orders, terms, pick, protects[guessed], claimed.named[guessed], seen)
        arguable[guessed] = own[1]
    matched = np.where(certain != 0, certain, arguable)
    early = (done & NOTIFYING != 0) & (matched & ~NOTIFICATION == 0) & (duty != YES)
    state = np.where(live & early, POSSIBLE, state).astype(np.int8)
    kind_of_terms = terms.union(matched, 1 << terms.breach_kind.astype(np.int64))
    any_of_several = claimed.named & (shown == 0) & (certain == 0) & (kind_of_terms & (kind_of_terms - 1) != 0)
    kinds = kinds_of(np.where(any_of_several, 0, matched), shown, claims.breach_kind[rows], terms)
    classes = classes_of(matched, done | possible, terms)
    served = orders.served[versions]
    days = np.where((served != NEVER) & (start >= served), (start - served) // DAY, -1).astype(np.float64)
    grounds = Grounds(
        rows=rows,
        versions=versions,
        life=life,
        aware=aware,
        protects=protects,
        certain=certain,
        matched=matched,
        claimed=claimed,
        duty=np.where(early, duty, YES),
        recorded=recorded,
        fits=status != NOT_BREACH,
    )
    return pd.DataFrame(
        {
            "row": rows,
            "incident": columns.incident[rows],
            "order": orders.order[versions],
            "version": versions,
            "suspect": columns.suspect[rows],
            "victim": victim,
            "start": start,
            "end": end,
            "known": columns.known[rows],
            "status": status,
            "state": state,
            "nature": nature_of(catalogue, orders.kind[versions], classes, start, made_first(orders, versions)),
            "kinds": kinds,
            "terms": matched,
            "days_since_served": np.where(days < 0, np.nan, days),
            "reasons": grounds.reasons(columns, orders),
            "certain": (certain != 0) & aware & ~unnamed & ~early,
        }
    )


def _recorded_without_order(
    columns: Columns, catalogue: Catalogue, claims: Claims, judged: pd.DataFrame
) -> pd.DataFrame:
    """Return the records that say breach where no order on file fits any row of the incident."""
    fitting = np.zeros(len(columns.names.incidents), np.bool_)
    fitting[judged["incident"].to_numpy()[judged["status"].to_numpy() == RECORDED]] = True
    says = np.flatnonzero(claims.says)
    rows = says[~fitting[columns.incident[says]]]
    behaviours = columns.behaviours[rows] | columns.possible[rows]
    terms = TermTable.of(catalogue)
    none = np.zeros(len(rows), np.int64)
    kind = claimed_kind(columns, catalogue, rows)
    nature = np.full(len(rows), -1, np.int8)
    named = kind >= 0
    nature[named] = nature_of(
        catalogue, kind[named], classes_of(none, behaviours, terms)[named], columns.start[rows][named]
    )
    considered = np.zeros(len(columns), np.int64)
    np.bitwise_or.at(considered, judged["row"].to_numpy(), judged["reasons"].to_numpy())
    against = considered[rows] & (ENDED | NOT_BEGUN | PROTECTS_OTHERS | DUTY_NOT_BEGUN)
    reasons = SAYS_BREACH | NONE_FITS | against
    return pd.DataFrame(
        {
            "row": rows,
            "incident": columns.incident[rows],
            "order": np.full(len(rows), -1, np.int32),
            "version": np.full(len(rows), -1, np.int64),
            "suspect": columns.suspect[rows],
            "victim": columns.victim[rows],
            "start": columns.start[rows],
            "end": columns.end[rows],
            "known": columns.known[rows],
            "status": np.full(len(rows), NO_ORDER, np.int8),
            "state": np.full(len(rows), NO, np.int8),
            "nature": nature,
            "kinds": kinds_of(none, acts_shown(columns, rows), claims.breach_kind[rows], terms),
            "terms": none,
            "days_since_served": np.full(len(rows), np.nan),
            "reasons": reasons,
            "certain": np.zeros(len(rows), np.bool_),
        }
    )


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    keys = (frame[name].to_numpy() for name in ("start", "incident", "order", "row"))
    return frame.iloc[order_by(*keys)].reset_index(drop=True)

"""Measures that count recorded breaches: one line for each incident."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from breachpattern.linking.columns import Bools, Ints, seconds
from breachpattern.output.tables import words_of_masks
from breachpattern.patterns.criteria.closure import outcome_number, with_outcome
from breachpattern.review.measures.facts import LOOK_BACK, Facts, by_incident
from breachpattern.review.measures.ledger import lines_of_rows, measure
from breachpattern.spans import DAY, NEVER
from breachpattern.timelines.reasons import NO_ORDER, RECORDED, UNRECORDED
from breachpattern.vocabulary import BREACH_KINDS, INCIDENT_KINDS, TERMS

HOUR = 3600
AFTER = 28 * DAY
# Where officers and call takers write what happened; intelligence, custody and civil records are no crime or incident.
WRITTEN = tuple(INCIDENT_KINDS.index(kind) for kind in ("crime", "incident", "call"))


def _ledger(facts: Facts, rows: Ints, met: Bools, *, asked: Bools | None = None, waits: int = 0) -> pd.DataFrame:
    """Return a line for each incident: asked where any of its rows is, met where any of those rows is."""
    old = facts.columns.known[rows] + waits * DAY <= facts.now
    kept = old if asked is None else old & asked
    first, (fulfilled,) = by_incident(facts, rows[kept], met[kept])
    return lines_of_rows(facts, first, fulfilled)


def _conduct_near(facts: Facts, rows: Ints, before: int, after: int) -> Bools:
    """Return where a conduct crime of the same pair was recorded within so many seconds of when police were told."""
    known, among = facts.columns.known[rows], np.flatnonzero(facts.conduct)
    return facts.has_near(rows, known - before, known + after, among, facts.columns.recorded[among])


@measure("M1")
def linked_to_conduct(facts: Facts) -> pd.DataFrame:
    """Return breaches with a history: linked to a conduct crime by an occurrence number, or recorded as one."""
    rows, columns = facts.breaches, facts.columns
    crimes = np.flatnonzero(facts.conduct & (columns.occurrence >= 0))
    label = np.where(facts.pair >= 0, facts.pair * (len(columns.names.occurrences) + 1) + columns.occurrence, -1)
    label = np.where(columns.occurrence >= 0, label, -1)
    linked = np.isin(label[rows], label[crimes]) & (label[rows] >= 0)
    return _ledger(facts, rows, linked | facts.conduct[rows], asked=facts.prior[rows] >= 1)


def _alone(facts: Facts, seen: Bools) -> pd.DataFrame:
    ledger = _ledger(facts, facts.breaches, seen, asked=facts.prior[facts.breaches] >= 2, waits=28)
    return ledger.assign(met=~ledger["met"])


def _wider_record(facts: Facts) -> Bools:
    """Return where a conduct crime, a stalking protection order or the consideration of one is on record."""
    rows, known = facts.breaches, facts.columns.known[facts.breaches]
    since, until = known - LOOK_BACK, known + AFTER
    seen = _conduct_near(facts, rows, LOOK_BACK, AFTER) | facts.guarded(rows, since, until)
    recorded, applied = facts.columns.recorded, facts.applied
    seen |= facts.has_near(rows, since, until, applied, recorded[applied])
    nobody = applied[facts.columns.victim[applied] < 0]  # it names nobody to be protected, as an order may
    suspect = facts.columns.suspect.astype(np.int64)
    seen |= facts.has_near(rows, since, until, nobody, recorded[nobody], of=suspect)
    return seen | facts.has_near(rows, since, until, *facts.actions.rows_of(facts, "protection_order_decision"))


@measure("M2")
def dealt_with_alone(facts: Facts) -> pd.DataFrame:
    """Return breaches with two events before them and nothing on record that looks wider."""
    rows, columns = facts.breaches, facts.columns
    # From the breach on: police may act before the record says that they were told.
    assessed = facts.actions.rows_of(facts, "risk_assessment")
    return _alone(
        facts,
        _wider_record(facts) | facts.has_near(rows, columns.start[rows], columns.known[rows] + AFTER, *assessed),
    )


@measure("M2.records")
def no_wider_record(facts: Facts) -> pd.DataFrame:
    """Return breaches with two events before them, and whether crimes and orders show nothing wider."""
    return _alone(facts, _wider_record(facts))


@measure("M3")
def parallel_conduct_record(facts: Facts) -> pd.DataFrame:
    """Return breaches under the rule of 2018 to 2023 with a conduct crime near them, or one still open."""
    rows, columns = facts.breaches, facts.columns
    near = _conduct_near(facts, rows, AFTER, AFTER)
    open_ = np.flatnonzero(facts.conduct & ~columns.closed & (columns.outcome < 0))
    known = columns.known[rows]
    near |= facts.has_near(rows, np.full(len(rows), NEVER), known, open_, columns.recorded[open_])
    under = facts.context.rule_requires("conduct_in_addition_to_notifiable")[rows]
    return _ledger(facts, rows, near, asked=under, waits=28)


@measure("M4")
def masked_conduct(facts: Facts) -> pd.DataFrame:
    """Return breaches under the rule of 2023, and which stand for a course with no conduct crime beside them."""
    rows, columns = facts.breaches, facts.columns
    under = facts.context.rule_requires("principal_crime_only")[rows]
    crime = columns.kind[rows] == INCIDENT_KINDS.index("crime")
    hidden = crime & ~facts.conduct[rows] & ~_conduct_near(facts, rows, LOOK_BACK, facts.now)
    return _ledger(facts, rows, facts.in_course[rows] & hidden, asked=under)


@measure("M7")
def outcomes_of_breaches(facts: Facts) -> pd.DataFrame:
    """Return recorded breaches by outcome number."""
    first, _ = by_incident(facts, facts.breaches)
    numbers = [outcome_number(text) or text for text in facts.columns.names.outcomes.to_pylist()]
    law = facts.context.catalogue.outcomes
    titles = [f"{number} {law[number].title}" if number in law else number for number in numbers]
    named = pa.array([*titles, "none on record"]).take(pa.array(facts.columns.outcome[first] % (len(titles) + 1)))
    return lines_of_rows(facts, first, np.ones(len(first), np.bool_), category=named)


def _arrested(facts: Facts, within: int) -> pd.DataFrame:
    rows, columns = facts.breaches, facts.columns
    custody = np.flatnonzero(
        (columns.kind == INCIDENT_KINDS.index("custody")) & (columns.suspect >= 0) & facts.standing
    )
    told, at, until = facts.actions.rows_of(facts, "arrest")
    # The arrest is at the beginning of custody, within its first day where no hour is known.
    begun = np.maximum(columns.start[custody], np.minimum(columns.end[custody], columns.start[custody] + DAY) - 1)
    among = np.concatenate([custody, told])
    at, until = np.concatenate([columns.start[custody], at]), np.concatenate([begun, until])
    suspect = columns.suspect.astype(np.int64)
    met = facts.has_near(rows, columns.start[rows], columns.known[rows] + within, among, at, until, of=suspect)
    return _ledger(facts, rows, met, asked=suspect[rows] >= 0, waits=within // DAY)


@measure("M8.24h")
def arrest_within_24_hours(facts: Facts) -> pd.DataFrame:
    """Return breaches with an arrest within 24 hours."""
    return _arrested(facts, 24 * HOUR)


@measure("M8.7d")
def arrest_within_7_days(facts: Facts) -> pd.DataFrame:
    """Return breaches with an arrest within 7 days."""
    return _arrested(facts, 7 * DAY)


@measure("M8.30d")
def arrest_within_30_days(facts: Facts) -> pd.DataFrame:
    """Return breaches with an arrest within 30 days."""
    return _arrested(facts, 30 * DAY)


@measure("M9")
def closed_and_again(facts: Facts) -> pd.DataFrame:
    """Return breaches closed with outcome 14 or 16, and whether another event followed."""
    rows, columns = facts.breaches, facts.columns
    closed = with_outcome(facts.context, ("14", "16"))[rows]
    following = facts.next_event[rows]
    soon = (following >= 0) & (columns.start[following] <= columns.end[rows] + 90 * DAY)
    old = columns.end[rows] + 90 * DAY <= facts.now
    return _ledger(facts, rows, soon, asked=closed & old, waits=90)


@measure("M12")
def kinds_of_breach(facts: Facts) -> pd.DataFrame:
    """Return recorded breaches by what was breached."""
    breach = facts.context.breach
    counted = np.flatnonzero(facts.counts_as_breach)
    incident, place = np.unique(breach.incident[counted], return_inverse=True)
    kinds = np.zeros(len(incident), np.int64)
    np.bitwise_or.at(kinds, place.reshape(-1), breach.kinds[counted])
    first, _ = by_incident(facts, facts.breaches)
    words = words_of_masks(tuple(BREACH_KINDS), kinds).fill_null("unspecified")
    return lines_of_rows(facts, first, np.ones(len(first), np.bool_), category=words)


@measure("M15")
def risk_reviewed(facts: Facts) -> pd.DataFrame:
    """Return breaches with a risk assessment within 72 hours."""
    rows, known = facts.breaches, facts.columns.known[facts.breaches]
    assessed = facts.actions.rows_of(facts, "risk_assessment")
    met = facts.has_near(rows, facts.columns.start[rows], known + 72 * HOUR, *assessed)
    return _ledger(facts, rows, met, waits=3)


@measure("M17")
def only_the_text_says(facts: Facts) -> pd.DataFrame:
    """Return crimes and incidents whose free text speaks of a broken order, and whether no record says so."""
    rows = facts.speaking[np.isin(facts.columns.kind[facts.speaking], WRITTEN)]
    first, (called,) = by_incident(facts, rows, facts.called[rows])
    return lines_of_rows(facts, first, ~called)


@measure("M17.terms")
def unrecorded_breaches(facts: Facts) -> pd.DataFrame:
    """Return incidents within the terms of an order, and whether no record calls them a breach."""
    breach = facts.context.breach
    rows = np.unique(breach.row[np.isin(breach.status, (RECORDED, UNRECORDED))])
    rows = rows[facts.standing[rows]]
    first, (called,) = by_incident(facts, rows, facts.called[rows])
    return lines_of_rows(facts, first, ~called)


def _of_terms(facts: Facts, asked: Bools, met: int) -> pd.DataFrame:
    """Return breaches of order versions that are asked about, and whether they meet one of some terms."""
    breach = facts.context.breach
    counted = facts.counts_as_breach & np.append(asked, False)[breach.version]
    first, (fulfilled,) = by_incident(facts, breach.row[counted], breach.terms[counted] & met != 0)
    return lines_of_rows(facts, first, fulfilled)


@measure("M18")
def against_place_or_hours(facts: Facts) -> pd.DataFrame:
    """Return breaches of an order with an area or hours on file, and whether place or time lies within them."""
    orders, (area, hours) = facts.context.orders, (TERMS.mask([term]) for term in ("exclusion", "curfew"))
    place = np.isin(np.arange(len(orders)), orders.zones.version) & (orders.terms & area != 0)
    clock = (orders.curfew_from >= 0) & (orders.curfew_to >= 0) & (orders.terms & hours != 0)
    return _of_terms(facts, np.asarray(place | clock), area | hours)


@measure("M18.terms")
def within_written_terms(facts: Facts) -> pd.DataFrame:
    """Return breaches of an order with terms on file, and whether the acts meet one."""
    return _of_terms(facts, facts.context.orders.terms_on_file, -1)


@measure("M20")
def no_order_on_file(facts: Facts) -> pd.DataFrame:
    """Return breaches, and whether no order on file fits."""
    breach = facts.context.breach
    fits = facts.marked(breach.row[facts.counts_as_breach & (breach.status != NO_ORDER)])
    first, (fitting,) = by_incident(facts, facts.breaches, fits[facts.breaches])
    return lines_of_rows(facts, first, ~fitting)


@measure("M21")
def recorded_within_24_hours(facts: Facts) -> pd.DataFrame:
    """Return recorded breaches, and whether the record was made within 24 hours."""
    told, made = (seconds(facts.written(n), default=NEVER)[facts.breaches] for n in ("reported_at", "recorded_at"))
    both = (told != NEVER) & (made != NEVER) & (made <= facts.now)
    return _ledger(facts, facts.breaches, made <= told + 24 * HOUR, asked=both, waits=1)


@measure("M22")
def part_of_a_course(facts: Facts) -> pd.DataFrame:
    """Return recorded breaches, and whether they lie in a course that is at least arguable."""
    rows = facts.breaches
    return _ledger(facts, rows, facts.in_course[rows], asked=facts.pair[rows] >= 0)

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
from breachpattern.vocabulary import BREACH_KINDS, INCIDENT_KINDS

HOUR = 3600
AFTER = 28 * DAY


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
    rows, columns = facts.recorded, facts.columns
    crimes = np.flatnonzero(facts.conduct & (columns.occurrence >= 0))
    label = np.where(facts.pair >= 0, facts.pair * (len(columns.names.occurrences) + 1) + columns.occurrence, -1)
    label = np.where(columns.occurrence >= 0, label, -1)
    linked = np.isin(label[rows], label[crimes]) & (label[rows] >= 0)
    return _ledger(facts, rows, linked | facts.conduct[rows], asked=facts.prior[rows] >= 1)


@measure("M2")
def dealt_with_alone(facts: Facts) -> pd.DataFrame:
    """Return breaches with two events before them and nothing on record that looks wider."""
    rows, known = facts.recorded, facts.columns.known[facts.recorded]
    seen = _conduct_near(facts, rows, LOOK_BACK, AFTER)
    seen |= facts.guarded(rows, known - LOOK_BACK, known + AFTER)
    seen |= facts.has_near(
        rows, known - LOOK_BACK, known + AFTER, *facts.actions.rows_of(facts, "protection_order_decision")
    )
    # From the breach on: police may act before the record says that they were told.
    seen |= facts.has_near(
        rows, facts.columns.start[rows], known + AFTER, *facts.actions.rows_of(facts, "risk_assessment")
    )
    ledger = _ledger(facts, rows, seen, asked=facts.prior[rows] >= 2, waits=28)
    return ledger.assign(met=~ledger["met"])


@measure("M3")
def parallel_conduct_record(facts: Facts) -> pd.DataFrame:
    """Return breaches under the rule of 2018 to 2023 with a conduct crime near them, or one still open."""
    rows, columns = facts.recorded, facts.columns
    near = _conduct_near(facts, rows, AFTER, AFTER)
    open_ = np.flatnonzero(facts.conduct & ~columns.closed & (columns.outcome < 0))
    known = columns.known[rows]
    near |= facts.has_near(rows, np.full(len(rows), NEVER), known, open_, columns.recorded[open_])
    under = facts.context.rule_requires("conduct_in_addition_to_notifiable")[rows]
    return _ledger(facts, rows, near, asked=under, waits=28)


@measure("M4")
def masked_conduct(facts: Facts) -> pd.DataFrame:
    """Return breaches recorded as the principal crime, within a course, with no conduct crime beside them."""
    rows, columns = facts.recorded, facts.columns
    under = facts.context.rule_requires("principal_crime_only")[rows]
    crime = columns.kind[rows] == INCIDENT_KINDS.index("crime")
    none = ~_conduct_near(facts, rows, LOOK_BACK, facts.now)
    return _ledger(facts, rows, facts.in_course[rows] & none, asked=under & crime & ~facts.conduct[rows])


@measure("M7")
def outcomes_of_breaches(facts: Facts) -> pd.DataFrame:
    """Return recorded breaches by outcome number."""
    first, _ = by_incident(facts, facts.recorded)
    numbers = [outcome_number(text) or text for text in facts.columns.names.outcomes.to_pylist()]
    law = facts.context.catalogue.outcomes
    titles = [f"{number} {law[number].title}" if number in law else number for number in numbers]
    named = pa.array([*titles, "none on record"]).take(pa.array(facts.columns.outcome[first] % (len(titles) + 1)))
    return lines_of_rows(facts, first, np.ones(len(first), np.bool_), category=named)


def _arrested(facts: Facts, within: int) -> pd.DataFrame:
    rows, columns = facts.recorded, facts.columns
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
    """Return breaches closed because the victim does not support, and whether another event followed."""
    rows, columns = facts.recorded, facts.columns
    closed = with_outcome(facts.context, ("14", "16"))[rows]
    following = facts.next_event[rows]
    soon = (following >= 0) & (columns.start[following] <= columns.end[rows] + 90 * DAY)
    old = columns.end[rows] + 90 * DAY <= facts.now
    return _ledger(facts, rows, soon, asked=closed & old)


@measure("M11.next")
def no_order_at_next_event(facts: Facts) -> pd.DataFrame:
    """Return breaches, and whether an order protected the victim at the next event."""
    rows = facts.recorded
    following = facts.next_event[rows]
    bare = np.zeros(len(rows), np.bool_)
    bare[following >= 0] = ~facts.in_force(following[following >= 0])
    return _ledger(facts, rows, bare, asked=following >= 0)


@measure("M12")
def kinds_of_breach(facts: Facts) -> pd.DataFrame:
    """Return recorded breaches by what was breached."""
    breach = facts.context.breach
    counted = np.flatnonzero(np.isin(breach.status, (RECORDED, NO_ORDER)) & facts.standing[breach.row])
    incident, place = np.unique(breach.incident[counted], return_inverse=True)
    kinds = np.zeros(len(incident), np.int64)
    np.bitwise_or.at(kinds, place.reshape(-1), breach.kinds[counted])
    first, _ = by_incident(facts, facts.recorded)
    words = words_of_masks(tuple(BREACH_KINDS), kinds).fill_null("unspecified")
    return lines_of_rows(facts, first, np.ones(len(first), np.bool_), category=words)


@measure("M15")
def risk_reviewed(facts: Facts) -> pd.DataFrame:
    """Return breaches with a risk assessment within 72 hours."""
    rows, known = facts.recorded, facts.columns.known[facts.recorded]
    assessed = facts.actions.rows_of(facts, "risk_assessment")
    met = facts.has_near(rows, facts.columns.start[rows], known + 72 * HOUR, *assessed)
    return _ledger(facts, rows, met, asked=facts.pair[rows] >= 0, waits=3)


@measure("M17")
def unrecorded_breaches(facts: Facts) -> pd.DataFrame:
    """Return incidents within the terms of an order, and whether no record calls them a breach."""
    breach = facts.context.breach
    rows = np.unique(breach.row[np.isin(breach.status, (RECORDED, UNRECORDED))])
    rows = rows[facts.standing[rows]]
    first, (called,) = by_incident(facts, rows, facts.is_recorded_breach[rows])
    return lines_of_rows(facts, first, ~called)


@measure("M18")
def within_written_terms(facts: Facts) -> pd.DataFrame:
    """Return recorded breaches of an order with terms on file, and whether the acts meet one."""
    breach, orders = facts.context.breach, facts.context.orders
    counted = (breach.status == RECORDED) & facts.standing[breach.row]
    counted &= np.append(orders.terms_on_file, False)[breach.version]
    first, (met,) = by_incident(facts, breach.row[counted], breach.terms[counted] != 0)
    return lines_of_rows(facts, first, met)


@measure("M20")
def no_order_on_file(facts: Facts) -> pd.DataFrame:
    """Return recorded breaches, and whether no order on file fits."""
    breach = facts.context.breach
    fits = facts.marked(breach.row[breach.status == RECORDED])
    first, (fitting,) = by_incident(facts, facts.recorded, fits[facts.recorded])
    return lines_of_rows(facts, first, ~fitting)


@measure("M21")
def recorded_within_24_hours(facts: Facts) -> pd.DataFrame:
    """Return recorded breaches, and whether the record was made within 24 hours."""
    table = facts.analysis.extract.incidents
    # Rows of the columns stand for rows of the table, in another order.
    place = facts.columns.position[facts.recorded]
    told, made = (seconds(table[name], default=NEVER)[place] for name in ("reported_at", "recorded_at"))
    both = (told != NEVER) & (made != NEVER) & (made <= facts.now)
    return _ledger(facts, facts.recorded, made <= told + 24 * HOUR, asked=both, waits=1)


@measure("M22")
def part_of_a_course(facts: Facts) -> pd.DataFrame:
    """Return recorded breaches, and whether they lie in a course that is at least arguable."""
    rows = facts.recorded
    return _ledger(facts, rows, facts.in_course[rows], asked=facts.pair[rows] >= 0)

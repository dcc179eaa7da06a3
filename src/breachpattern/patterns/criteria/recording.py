"""Criteria on recording: which crime was recorded under which rule, and how long a summary charge remains open."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from breachpattern.law import Catalogue
from breachpattern.linking.columns import Bools, Ints
from breachpattern.patterns.context import Context, flagged
from breachpattern.patterns.criteria.closure import rows_after, with_outcome
from breachpattern.patterns.populations import Population, combined, filtered, owners
from breachpattern.patterns.registry import Clock, Outcome, Parameter, Reason, criterion
from breachpattern.spans import NEVER, london_days, london_midnight
from breachpattern.vocabulary import INCIDENT_KINDS

CONDUCTS = ("stalking", "harassment", "fear_of_violence", "coercive_control")
_RULES = "Home Office Counting Rules, by the day of recording"


@criterion(
    "recorded_as",
    params={
        "any_of": Parameter(tuple, CONDUCTS, "course-of-conduct offences", CONDUCTS),
        "requires": Parameter(str, "", "count only records made under a recording rule with this flag"),
    },
    reasons={"conduct_records": Reason("records of such a crime", noun="record")},
    basis=_RULES,
)
def recorded_as(population: Population, *, any_of: tuple[str, ...], requires: str) -> Outcome:
    """Hold where a course-of-conduct crime is on record."""
    where = population.context.conduct(*any_of)
    if requires:
        where = where & population.context.rule_requires(requires)
    count = population.count_rows(where)
    return Outcome(count > 0, {"conduct_records": count})


@criterion(
    "recorded_under",
    params={
        "requires": Parameter(str, "conduct_in_addition_to_notifiable", "flag of the recording rule"),
        "beyond_first": Parameter(bool, True, "leave out the records of the first event"),
    },
    reasons={"records_under_rule": Reason("records made under the rule", noun="record")},
    basis=_RULES,
)
def recorded_under(population: Population, *, requires: str, beyond_first: bool) -> Outcome:
    """Hold where records were made under a recording rule that asks for something.

    The first event alone is no course, unless it stands for several occasions by itself.
    """
    context = population.context
    under = context.rule_requires(requires)[population.rows.values]
    owner = owners(population.rows)
    if beyond_first:
        under &= context.event[population.rows.values] != _first_event(population)[owner]
    count = np.bincount(owner[under], minlength=len(population)).astype(np.int64)
    count[elsewhere(population)] = 0
    return Outcome(count > 0, {"records_under_rule": count})


def _first_event(population: Population) -> Ints:
    """Return the first event of each candidate, ``-1`` where it stands for several occasions."""
    context = population.context
    filled = np.flatnonzero(np.diff(population.rows.offsets) > 0)
    row = population.rows.values[population.rows.offsets[filled]]
    out = np.full(len(population), -1, np.int64)
    out[filled] = np.where(context.stands_for[row] >= 2, -1, context.event[row])
    return out


def elsewhere(population: Population) -> Bools:
    """Return where law of Scotland or Northern Ireland is on record, and none of England and Wales.

    The law on record is that of the recorded offences and of the orders broken.
    """
    here, abroad = (
        population.any_row(rows) | population.any_breach(breaches)
        for rows, breaches in population.context.once(elsewhere, partial(_law_on_record, population.context))
    )
    return np.asarray(abroad & ~here)


def _law_on_record(context: Context) -> tuple[tuple[Bools, Bools], ...]:
    """Return which rows and breaches are of law of England and Wales, and which of law of another part alone."""
    law, version = context.catalogue, context.breach.version
    offences = [law.offences[o].extent for o in law.offence_ids]
    kinds = [law.order_kinds[k].extent for k in law.order_kind_ids]
    kind = np.where(version >= 0, np.append(context.orders.kind, -1)[version], -1)
    return tuple(
        (flagged(map(test, offences))[context.columns.offence], flagged(map(test, kinds))[kind])
        for test in (lambda extent: "E&W" in extent, lambda extent: "E&W" not in extent and extent != "UK")
    )


@criterion(
    "other_principal_crime",
    params={"requires": Parameter(str, "", "count only records made under a recording rule with this flag")},
    reasons={"principal_incident": Reason("the first record of such a crime", "incident")},
    basis="Home Office Counting Rules, principal crime; its order is not verified, so mode of trial stands in",
)
def other_principal_crime(population: Population, *, requires: str) -> Outcome:
    """Hold where a crime that is no course-of-conduct crime, and is triable on indictment, is on record."""
    context = population.context
    where = _outranks_summary_conduct(context)
    if requires:
        where = where & context.rule_requires(requires)
    kept = population.rows_where(where)
    first = np.full(len(population), -1, np.int64)
    first[owners(kept)[::-1]] = context.columns.incident[kept.values[::-1]]
    if requires:
        first[elsewhere(population)] = -1
    return Outcome(first >= 0, {"principal_incident": first})


def _outranks_summary_conduct(context: Context) -> Bools:
    offences = [context.catalogue.offences[o] for o in context.catalogue.offence_ids]
    graver = flagged(not o.conduct and o.mode in ("either way", "indictable") for o in offences)
    columns = context.columns
    return np.asarray(graver[columns.offence] & (columns.kind == INCIDENT_KINDS.index("crime")))


def _limit_turns(catalogue: Catalogue, first: Ints, last: Ints, *, at_most: int) -> Ints:
    """Return when each row's limit comes within so many days, and when it has passed."""
    months = limitation_months(catalogue)
    turns = []
    for at in (first, last):
        days, place = np.unique(london_days(at), return_inverse=True)
        end = months_later(days, months)
        turns += [london_midnight(day)[place.reshape(-1)] for day in (end - at_most, end + 1)]
    return np.stack(turns)


def _next_midnight(now: int) -> int:
    return int(london_midnight(london_days(np.array([now])) + 1)[0])


def limitation_months(catalogue: Catalogue) -> int:
    """Return the months within which a summary conduct offence must be charged."""
    offences = [catalogue.offences[o] for o in catalogue.offence_ids]
    return min((o.limitation_months for o in offences if o.conduct and o.limitation_months), default=6)


@criterion(
    "limitation_runs",
    unit="course",
    params={"at_most": Parameter(int, 366, "days left")},
    reasons={
        "deadline": Reason("last day to lay an information for the last act", "instant"),
        "days_left": Reason("days left at the instant of the analysis", "days"),
    },
    basis="Magistrates' Courts Act 1980 s.127(1); DPP v Baker [2004] EWHC 2782 (Admin): time runs from the last act",
    clock=Clock(_limit_turns, _next_midnight),
)
def limitation_runs(population: Population, *, at_most: int) -> Outcome:
    """Hold where a summary conduct offence is neither charged nor cautioned and its time limit has not passed.

    Conduct after a charge or caution is a new crime with a limit of its own, once it makes several occasions.
    """
    context, columns = population.context, population.context.columns
    offences = [context.catalogue.offences[o] for o in context.catalogue.offence_ids]
    months = limitation_months(context.catalogue)
    summary = flagged(bool(o.conduct and o.limitation_months) for o in offences)[columns.offence]
    conduct = context.conduct()
    disposing = tuple(number for number, outcome in context.catalogue.outcomes.items() if outcome.disposes)
    disposed = filtered(population.rows, conduct & with_outcome(context, disposing))
    until = combined(np.maximum, disposed, columns.end, NEVER)
    left_open = replace(population, rows=rows_after(population, until))
    wanting = left_open.any_row(summary) | ~left_open.any_row(conduct)
    wanting &= (until == NEVER) | (_occasions(left_open) >= 2)
    last = combined(np.maximum, left_open.rows, np.where(columns.acts > 1, columns.end - 1, columns.start), NEVER)
    known = last > NEVER
    deadline = months_later(london_days(np.where(known, last, 0)), months)
    left = deadline - london_days(np.full(len(population), context.now))
    runs = known & wanting & (left >= 0) & (left <= at_most) & ~elsewhere(population)
    return Outcome(runs, {"deadline": np.where(known, london_midnight(deadline), NEVER), "days_left": left})


def _occasions(population: Population) -> Ints:
    """Return how many occasions the rows of each candidate stand for."""
    context = population.context
    events = population.distinct(population.rows, context.event)  # the label of an event is one of its rows
    return np.bincount(owners(events), weights=context.stands_for[events.values], minlength=len(population)).astype(
        np.int64
    )


def months_later(days: Ints, months: int) -> Ints:
    """Return the day of the same number some months later, or the last of that month where it has none.

    The day of the offence does not count and the limit ends with the corresponding date.

    Examples
    --------
    >>> day = lambda text: np.array([text], dtype="M8[D]").astype(np.int64)
    >>> months_later(day("2025-08-31"), 6).astype("M8[D]").astype(str).tolist()
    ['2026-02-28']
    >>> months_later(day("2026-02-10"), 6).astype("M8[D]").astype(str).tolist()
    ['2026-08-10']
    """
    date = np.asarray(days, dtype=np.int64).astype("M8[D]")
    month = date.astype("M8[M]")
    of_month = (date - month.astype("M8[D]")).astype(np.int64)
    target = month + np.timedelta64(months, "M")
    length = ((target + np.timedelta64(1, "M")).astype("M8[D]") - target.astype("M8[D]")).astype(np.int64)
    return np.asarray(target.astype("M8[D]").astype(np.int64) + np.minimum(of_month, length - 1))

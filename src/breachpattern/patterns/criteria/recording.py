"""Criteria on recording: which crime was recorded under which rule, and how long a summary charge remains open."""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Bools, Ints
from breachpattern.patterns.context import Context, flagged
from breachpattern.patterns.criteria.closure import with_outcome
from breachpattern.patterns.populations import Population, owners
from breachpattern.patterns.registry import Outcome, Parameter, Reason, criterion
from breachpattern.spans import NEVER, london_days, london_midnight
from breachpattern.vocabulary import INCIDENT_KINDS

CONDUCTS = ("stalking", "harassment", "fear_of_violence", "coercive_control")
CHARGED = ("1", "1A")
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
    """Hold where records were made under a recording rule that asks for something."""
    context = population.context
    under = context.rule_requires(requires)[population.rows.values]
    owner = owners(population.rows)
    if beyond_first:
        under &= context.event[population.rows.values] != _first_event(population)[owner]
    count = np.bincount(owner[under], minlength=len(population)).astype(np.int64)
    return Outcome(count > 0, {"records_under_rule": count})


def _first_event(population: Population) -> Ints:
    filled = np.flatnonzero(np.diff(population.rows.offsets) > 0)
    out = np.full(len(population), -1, np.int64)
    out[filled] = population.context.event[population.rows.values[population.rows.offsets[filled]]]
    return out


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
    return Outcome(first >= 0, {"principal_incident": first})


def _outranks_summary_conduct(context: Context) -> Bools:
    offences = [context.catalogue.offences[o] for o in context.catalogue.offence_ids]
    graver = flagged(not o.conduct and o.mode in ("either way", "indictable") for o in offences)
    columns = context.columns
    return np.asarray(graver[columns.offence] & (columns.kind == INCIDENT_KINDS.index("crime")))


@criterion(
    "limitation_runs",
    unit="course",
    params={"at_most": Parameter(int, 366, "days left")},
    reasons={
        "deadline": Reason("last day to lay an information for the last act", "instant"),
        "days_left": Reason("days left at the instant of the analysis", "days"),
    },
    basis="Magistrates' Courts Act 1980 s.127(1); DPP v Baker [2004] EWHC 2782 (Admin): time runs from the last act",
)
def limitation_runs(population: Population, *, at_most: int) -> Outcome:
    """Hold where a summary conduct offence is uncharged and its time limit has not passed."""
    context, columns = population.context, population.context.columns
    offences = [context.catalogue.offences[o] for o in context.catalogue.offence_ids]
    months = min((o.limitation_months for o in offences if o.conduct and o.limitation_months), default=6)
    summary = flagged(bool(o.conduct and o.limitation_months) for o in offences)[columns.offence]
    conduct = context.conduct()
    charged = conduct & with_outcome(context, CHARGED)
    wanting = population.any_row(summary) | ~population.any_row(conduct)
    wanting &= ~population.any_row(charged)
    last = np.full(len(population), NEVER)
    np.maximum.at(last, owners(population.rows), columns.start[population.rows.values])
    known = last > NEVER
    deadline = months_later(london_days(np.where(known, last, 0)), months)
    left = deadline - london_days(np.full(len(population), context.now))
    runs = known & wanting & (left >= 0) & (left <= at_most)
    return Outcome(runs, {"deadline": np.where(known, london_midnight(deadline), NEVER), "days_left": left})


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

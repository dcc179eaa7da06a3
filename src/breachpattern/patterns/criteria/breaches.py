"""Criteria on breaches: how many, recorded or not, of what kind, how soon, and how certain."""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Bools, Ints
from breachpattern.patterns.context import NO_ORDER_ON_FILE
from breachpattern.patterns.populations import Population, combined, filtered, owners
from breachpattern.patterns.registry import Later, Outcome, Parameter, Reason, criterion
from breachpattern.timelines.courses import Ragged
from breachpattern.vocabulary import BREACH_KINDS, BREACH_STATUSES, NATURES, ORDER_STATES

FOUND = ("recorded", "unrecorded", "recorded_no_order")


@criterion(
    "breaches",
    params={
        "at_least": Parameter(int, 1, "distinct occasions of breach"),
        "status": Parameter(tuple, FOUND, "statuses that count", FOUND),
        "certain": Parameter(
            bool,
            False,
            "only breaches that were recorded, or whose order was certainly in force and forbids the act",
        ),
        "told_here": Parameter(
            bool, False, "one of them belongs to no stronger course, nor an equal one of fewer people"
        ),
    },
    reasons={
        "breaches": Reason("occasions of breach", noun="breach"),
        "recorded": Reason("occasions that were recorded as a breach", noun="recorded breach"),
    },
    basis="Protection from Harassment Act 1997 s.7(3): a breach is itself conduct",
)
def breaches(
    population: Population, *, at_least: int, status: tuple[str, ...], certain: bool, told_here: bool
) -> Outcome:
    """Hold where there are breaches of orders, counted as occasions and not as records."""
    context = population.context
    counted = np.isin(context.breach.status, [BREACH_STATUSES.index(s) for s in status])
    if certain:
        counted &= context.certain_breach
    count = population.any_breach(counted) if at_least == 1 else population.count_breach_events(counted)
    enough = count >= at_least
    if told_here:
        enough &= _told_here(population, counted)
    kept = filtered(population.breaches, counted)
    rows = Ragged(kept.offsets, context.breach.row[kept.values])

    def reasons() -> dict[str, Ints]:
        recorded = context.breach.status != BREACH_STATUSES.index("unrecorded")
        return {
            "breaches": population.count_breach_events(counted),
            "recorded": population.count_breach_events(recorded),
        }

    return Outcome(enough, Later(reasons), rows)


def _told_here(population: Population, counted: Bools) -> Bools:
    kept = filtered(population.breaches, counted)
    owner = owners(kept)
    here = population.context.breach.course[kept.values] == population.course[owner]
    out = np.zeros(len(population), np.bool_)
    out[owner[here]] = True
    return out


@criterion(
    "breach_status",
    params={"any_of": Parameter(tuple, ("unrecorded",), "statuses", FOUND)},
)
def breach_status(population: Population, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where a breach is recorded, unrecorded, or recorded with no order on file."""
    return Outcome(
        population.any_breach(np.isin(population.context.breach.status, [BREACH_STATUSES.index(s) for s in any_of]))
    )


@criterion(
    "order_state",
    params={"at_least": Parameter(str, "yes", "lowest state of the order at the incident", ORDER_STATES.values)},
    reasons={"order_state": Reason("the best state of an order at a breach", "text", vocabulary=ORDER_STATES)},
)
def order_state(population: Population, *, at_least: str) -> Outcome:
    """Hold where an order was in force, or possibly in force, at a breach."""
    best = combined(np.maximum, population.breaches, population.context.breach.state, 0)
    return Outcome(best >= ORDER_STATES.index(at_least), {"order_state": best})


@criterion(
    "breach_kind",
    params={"any_of": Parameter(tuple, (), "kinds of breach", BREACH_KINDS.values)},
    reasons={"breach_kinds": Reason("kinds of breach", "mask", vocabulary=BREACH_KINDS)},
)
def breach_kind(population: Population, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where a breach is of some kind: contact, approach, notification and so on."""
    kinds = population.context.breach.kinds
    return Outcome(
        population.any_breach(kinds & BREACH_KINDS.mask(any_of) != 0), {"breach_kinds": all_kinds(population)}
    )


@criterion(
    "only_duties",
    params={},
    reasons={"breach_kinds": Reason("kinds of breach", "mask", vocabulary=BREACH_KINDS)},
    basis="Stalking Protection Act 2019 s.9, Domestic Abuse Act 2021 s.41: registering late is not contact",
)
def only_duties(population: Population) -> Outcome:
    """Hold where every breach is a failure to notify or to meet a requirement, none is conduct towards a person."""
    return Outcome(population.every_breach(population.context.duty_only), {"breach_kinds": all_kinds(population)})


def all_kinds(population: Population) -> Ints:
    """Return the kinds of all breaches of each candidate, as a mask."""
    return combined(np.bitwise_or, population.breaches, population.context.breach.kinds, 0)


@criterion(
    "breach_nature",
    params={"any_of": Parameter(tuple, (), "natures", NATURES.values)},
)
def breach_nature(population: Population, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where a breach is in law an offence, contempt, a ground for arrest, or another thing."""
    return Outcome(population.any_breach(np.isin(population.context.breach.nature, [NATURES.index(n) for n in any_of])))


@criterion(
    "soon_after_service",
    params={"days": Parameter(int, 7, "days between service and breach")},
    reasons={"days_after_service": Reason("days between service and the first breach after it", "days")},
    basis="judgement: a breach within days shows what the order means to the respondent",
)
def soon_after_service(population: Population, *, days: int) -> Outcome:
    """Hold where a breach other than a failure to notify or comply followed service within days."""
    context = population.context
    after = np.where(context.duty_only, np.inf, np.nan_to_num(context.breach.days_since_served, nan=np.inf))
    least = combined(np.minimum, population.breaches, after, np.inf)
    soon = least <= days
    return Outcome(soon, {"days_after_service": np.where(np.isfinite(least), least, -1).astype(np.int64)})


@criterion(
    "no_order_on_file",
    params={},
)
def no_order_on_file(population: Population) -> Outcome:
    """Hold where a record says breach and no order on file fits."""
    return Outcome(population.any_breach(population.context.breach.status == NO_ORDER_ON_FILE))


@criterion("service_not_on_file", params={})
def service_not_on_file(population: Population) -> Outcome:
    """Hold where an order that was breached has no date of service on file."""
    context = population.context
    served = np.append(context.orders.served, 0)
    return Outcome(population.any_breach((context.breach.version >= 0) & (served[context.breach.version] < -(1 << 60))))

"""Criteria on the lives of orders: which kind, what followed its end, what it was founded on, what came next."""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Bools, Ints
from breachpattern.patterns.context import Context
from breachpattern.patterns.populations import Population, combined, owners
from breachpattern.patterns.registry import Outcome, Parameter, Reason, criterion
from breachpattern.sorting import order_by
from breachpattern.spans import DAY, FOREVER, NEVER
from breachpattern.timelines.breaches import expand
from breachpattern.timelines.courses import Ragged
from breachpattern.vocabulary import BEHAVIOURS


@criterion(
    "order_family",
    unit=("course", "breach", "order", "dyad"),
    params={"any_of": Parameter(tuple, (), "families of order kinds in the catalogue (bail, restraining, …)")},
)
def order_family(population: Population, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where an order concerned is of some family."""
    context = population.context
    table = [context.catalogue.order_kinds[k].family for k in context.catalogue.order_kind_ids]
    family = np.isin(np.array(table, dtype=object).astype(str), any_of)
    by_code = np.zeros(len(context.columns.names.orders), np.bool_)
    np.logical_or.at(by_code, context.register.order, family[context.register.kind])
    return Outcome(combined(np.logical_or, population.orders, by_code, False))


@criterion(
    "conduct_after_end",
    unit="order",
    params={"days": Parameter(int, 365, "days after the order had certainly ended")},
    reasons={
        "ended": Reason("the last second at which the order can have been in force", "instant"),
        "days_after_end": Reason("days from the end to the first act after it", "days"),
        "occasions_after_end": Reason("occasions after it", noun="occasion"),
    },
)
def conduct_after_end(population: Population, *, days: int) -> Outcome:
    """Hold where conduct towards the protected person went on after the order, with no other order in force."""
    context = population.context
    columns, register = context.columns, context.register
    entry, row = _conduct_towards_protected(context, population.subject)
    order = population.subject[entry]
    end = register.end_hi[order]
    since = columns.start[row] - np.where(end == FOREVER, columns.start[row], end)
    after = (end < FOREVER) & register.is_order[order] & (since >= 0) & (since < days * DAY)
    after &= ~_some_order_live(context, row)
    rows = Ragged.of(entry[after], row[after], len(population))
    first = np.full(len(population), np.iinfo(np.int64).max)
    np.minimum.at(first, entry[after], since[after])
    events = np.diff(Ragged.distinct(entry[after], context.event[row[after]], len(population)).offsets)
    found = events > 0
    return Outcome(
        found,
        {
            "ended": np.where(found, register.end_hi[population.subject] - 1, NEVER),
            "days_after_end": np.where(found, first // DAY, -1),
            "occasions_after_end": events,
        },
        rows,
    )


def _conduct_towards_protected(context: Context, entries: Ints) -> tuple[Ints, Ints]:
    """Return (position in entries, row) of the respondents' conduct towards the people their orders protect."""
    dyads = context.register.dyads.take(entries)
    entry, dyad = owners(dyads), dyads.values
    rows = context.dyad_rows
    entry, place = expand(entry, rows.offsets[dyad], rows.offsets[dyad + 1])
    return entry, rows.values[place]


def _some_order_live(context: Context, rows: Ints) -> Bools:
    """Return where some order of the suspect that protects the victim may have been in force."""
    register, columns = context.register, context.columns
    live = np.zeros(len(columns), np.bool_)
    asked = np.unique(rows)
    wanted = np.zeros(len(context.dyad_rows), np.bool_)
    wanted[context.dyad_of_row[asked]] = True
    entries = np.unique(owners(register.dyads)[wanted[register.dyads.values]])
    entries = entries[register.is_order[entries]]
    entry, row = _conduct_towards_protected(context, entries)
    order = entries[entry]
    touching = (columns.end[row] > register.start_lo[order]) & (columns.start[row] < register.end_hi[order])
    live[row[touching]] = True
    return np.asarray(live[rows])


@criterion(
    "founding_conduct_repeated",
    unit="order",
    params={},
    reasons={
        "repeated": Reason("behaviours repeated while the order was in force", "mask", vocabulary=BEHAVIOURS),
        "occasions_since": Reason("occasions of them", noun="occasion"),
    },
    basis="judgement: the conduct for which the order was made was done again under it",
)
def founding_conduct_repeated(population: Population) -> Outcome:
    """Hold where what the order was founded on was done again, towards the same person, while it was in force."""
    context = population.context
    columns, register, n = context.columns, context.register, len(population)
    founded = register.founded.take(population.subject)
    entry, row = _conduct_towards_protected(context, population.subject)
    pair = entry * (len(columns.names.incidents) + 1) + columns.incident[row]
    ground = owners(founded) * (len(columns.names.incidents) + 1) + founded.values
    is_ground = np.isin(pair, ground)
    before = np.zeros(n, np.int64)
    telling = ~np.int64(BEHAVIOURS.mask(["other"]))
    np.bitwise_or.at(before, entry[is_ground], columns.behaviours[row[is_ground]] & telling)
    order = population.subject[entry]
    during = (columns.end[row] > register.start_lo[order]) & (columns.start[row] < register.end_hi[order])
    again = during & ~is_ground & (columns.behaviours[row] & before[entry] != 0)
    shared = np.zeros(n, np.int64)
    np.bitwise_or.at(shared, entry[again], (columns.behaviours[row] & before[entry])[again])
    events = np.diff(Ragged.distinct(entry[again], context.event[row[again]], n).offsets)
    told = again | (is_ground & (events > 0)[entry])
    return Outcome(
        events > 0,
        {"repeated": shared, "occasions_since": events},
        Ragged.of(entry[told], row[told], n),
    )


@criterion(
    "successive_orders",
    unit=("dyad", "course"),
    params={"at_least": Parameter(int, 2, "orders, each followed by further conduct")},
    reasons={"rungs": Reason("successive orders, each followed by further conduct", noun="order")},
    basis="judgement: an order that does not hold is followed by a further order that does not hold",
)
def successive_orders(population: Population, *, at_least: int) -> Outcome:
    """Hold where successive orders protected the victim, and conduct followed each of them before the next."""
    context = population.context
    dyad = population.subject if population.unit == "dyad" else context.dyad_of_course[population.course]
    rungs, first = ladder(context)
    count = np.append(rungs, 0)[dyad]
    began = np.append(first, np.iinfo(np.int64).max)[dyad]
    since = context.columns.start[population.rows.values] >= began[owners(population.rows)]
    evidence = Ragged.of(owners(population.rows)[since], population.rows.values[since], len(population))
    return Outcome(count >= at_least, {"rungs": count}, evidence)


def ladder(context: Context) -> tuple[Ints, Ints]:
    """Return for each dyad the number of orders followed by conduct before the next, and when the first began."""
    register, rows, n = context.register, context.dyad_rows, len(context.dyad_rows)
    rungs, began = np.zeros(n, np.int64), np.full(n, np.iinfo(np.int64).max)
    entry, dyad = owners(register.dyads), register.dyads.values
    start = np.where(register.start_lo[entry] > NEVER, register.start_lo[entry], register.start_hi[entry])
    keep = register.is_order[entry] & (start > NEVER) & (start < FOREVER)
    dyad, start = dyad[keep], start[keep]
    if len(dyad) == 0:
        return rungs, began
    order = order_by(dyad, start)
    dyad, start = dyad[order], start[order]
    until = np.full(len(dyad), FOREVER)
    same = dyad[1:] == dyad[:-1]
    until[:-1][same] = start[1:][same]
    moments = context.columns.start[rows.values]
    base = int(min(start.min(), moments.min()))
    width = np.int64(int(max(start.max(), moments.max())) - base + 2)
    key = owners(rows) * width + (moments - base)
    low = np.searchsorted(key, dyad * width + (start - base))
    high = np.searchsorted(key, dyad * width + np.clip(until - base, 0, width - 1))
    followed = high > low
    np.add.at(rungs, dyad[followed], 1)
    np.minimum.at(began, dyad, start)
    return rungs, began

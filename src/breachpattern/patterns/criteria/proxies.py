"""Criteria on contact through others: as recorded, and as inferred from what a tied person did."""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Bools, Ints
from breachpattern.patterns.context import Context
from breachpattern.patterns.populations import Population, owners
from breachpattern.patterns.registry import Outcome, Parameter, Reason, criterion
from breachpattern.timelines.breaches import expand
from breachpattern.timelines.courses import Ragged
from breachpattern.timelines.units import JOINT
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS

_PHA_7_3A = "Protection from Harassment Act 1997 s.7(3A)"


@criterion(
    "through_others",
    params={"breaching": Parameter(bool, False, "count only what breaches an order")},
    reasons={"occasions_through_others": Reason("occasions of contact through others", noun="occasion")},
    basis=_PHA_7_3A,
)
def through_others(population: Population, *, breaching: bool) -> Outcome:
    """Hold where contact through another person is on record."""
    columns = population.context.columns
    indirect = columns.behaviours & BEHAVIOURS.mask(["third_party_contact"]) != 0
    indirect |= columns.channel == CHANNELS.index("third_party")
    if breaching:
        broken = np.zeros(len(columns), np.bool_)
        broken[population.context.breach.row] = True
        indirect &= broken
    return Outcome(
        population.any_row(indirect),
        {"occasions_through_others": population.count_events(indirect)},
        population.rows_where(indirect),
    )


@criterion(
    "tied_person_acts",
    unit="dyad",
    params={},
    reasons={"occasions_by_others": Reason("occasions of conduct by a tied person", noun="occasion")},
    basis=_PHA_7_3A + ": an inference, which asks for aiding, abetting, counselling or procuring",
)
def tied_person_acts(population: Population) -> Outcome:
    """Hold where a person tied to the respondent acted towards the protected person while the order was in force."""
    context = population.context
    n = len(population)
    wanted = np.full(len(context.dyad_rows), -1, np.int64)
    wanted[population.subject] = np.arange(n)
    mine, other = _neighbours(context, wanted >= 0)
    owner, place = expand(wanted[mine], context.dyad_rows.offsets[other], context.dyad_rows.offsets[other + 1])
    row = context.dyad_rows.values[place]
    dyad = population.subject[owner]
    during = _under_order(context, dyad, row)
    owner, row, dyad = owner[during], row[during], dyad[during]
    during = ~_on_own_record(context, dyad, row)
    rows = Ragged.of(owner[during], row[during], n)
    count = np.diff(Ragged.distinct(owners(rows), context.event[rows.values], n).offsets)
    return Outcome(count > 0, {"occasions_by_others": count}, rows)


def _neighbours(context: Context, wanted: Bools) -> tuple[Ints, Ints]:
    """Return (dyad, other dyad) of tied suspects with one victim, for the dyads wanted."""
    joint = context.timelines.units[JOINT]
    pair = np.unique(np.stack([joint.unit, context.dyad_of_row[joint.rows]], axis=1), axis=0)
    if len(pair) == 0:
        return pair[:, 0], pair[:, 1]
    unit, dyad = pair[:, 0], pair[:, 1]
    asked = np.flatnonzero(wanted[dyad])
    low, high = np.searchsorted(unit, unit[asked], side="left"), np.searchsorted(unit, unit[asked], side="right")
    item, place = expand(asked, low, high)
    apart = context.dyads.suspect[dyad[item]] != context.dyads.suspect[dyad[place]]
    return dyad[item[apart]], dyad[place[apart]]


def _under_order(context: Context, dyad: Ints, row: Ints) -> Bools:
    """Return where an order of the dyad's suspect that protects its victim may have been in force at a row."""
    register, columns = context.register, context.columns
    protecting = Ragged.of(register.dyads.values, owners(register.dyads), len(context.dyad_rows))
    item, place = expand(np.arange(len(dyad)), protecting.offsets[dyad], protecting.offsets[dyad + 1])
    order = protecting.values[place]
    live = (columns.end[row[item]] > register.start_lo[order]) & (columns.start[row[item]] < register.end_hi[order])
    out = np.zeros(len(dyad), np.bool_)
    out[item[live & register.is_order[order]]] = True
    return out


def _on_own_record(context: Context, dyad: Ints, row: Ints) -> Bools:
    """Return where the respondent too is a suspect of the row's event."""
    asked = np.unique(dyad)
    own = context.dyad_rows.take(asked)
    scale = len(context.columns) + 1
    seen = asked[owners(own)] * scale + context.event[own.values]
    return np.isin(dyad * scale + context.event[row], seen)

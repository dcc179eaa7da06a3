"""Criteria on contact through others: as recorded, and as inferred from what a tied person did."""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Ints
from breachpattern.patterns.populations import Population, owners
from breachpattern.patterns.registry import Outcome, Parameter, Reason, criterion
from breachpattern.sorting import order_by
from breachpattern.timelines.breaches import expand
from breachpattern.timelines.courses import Ragged
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
    unit=("dyad", "order"),
    params={},
    reasons={
        "occasions_by_others": Reason("occasions of contact by a tied person", noun="occasion"),
        "path": Reason("who acted, and what ties them to the respondent", "path"),
    },
    basis=_PHA_7_3A + ": an inference, which asks for aiding, abetting, counselling or procuring",
)
def tied_person_acts(population: Population) -> Outcome:
    """Hold where a person tied to the respondent contacted somebody whom an order protects from contact."""
    context, n = population.context, len(population)
    owner, inferred = _inferred_of(population)
    row = context.inferred["row"].to_numpy()[inferred]
    rows = Ragged.of(owner, row, n)
    count = np.diff(Ragged.distinct(owners(rows), context.event[rows.values], n).offsets)
    best = np.full(n, -1, np.int64)
    heaviest = np.lexsort((-inferred, context.inferred["path_weight"].to_numpy()[inferred]))
    best[owner[heaviest]] = inferred[heaviest]
    return Outcome(count > 0, {"occasions_by_others": count, "path": best}, rows)


@criterion(
    "no_conduct_of_respondent",
    unit="order",
    params={},
    basis="judgement: what the respondent did is told by other patterns",
)
def no_conduct_of_respondent(population: Population) -> Outcome:
    """Hold where no conduct of the respondent towards a protected person is on record."""
    own = population.context.register.dyads.take(population.subject)
    return Outcome(np.diff(own.offsets) == 0)


def _inferred_of(population: Population) -> tuple[Ints, Ints]:
    """Return (candidate, position among the inferred breaches) pairs."""
    context, frame = population.context, population.context.inferred
    if population.unit == "order":
        wanted = context.register.order[population.subject]
        found = frame["order"].to_numpy().astype(np.int64)
    else:
        scale = np.int64(len(context.columns.names.persons) + 1)
        wanted = context.dyads.suspect[population.subject] * scale + context.dyads.victim[population.subject]
        found = frame["suspect"].to_numpy() * scale + frame["victim"].to_numpy()
    order = order_by(wanted)
    low = np.searchsorted(wanted[order], found, side="left")
    high = np.searchsorted(wanted[order], found, side="right")
    item, place = expand(np.arange(len(found)), low, high)
    return order[place], item

"""Criteria on conduct: what was done, by what means, with what effect, and what is not on record."""

from __future__ import annotations

import numpy as np

from breachpattern.patterns.populations import Population, combined
from breachpattern.patterns.registry import Outcome, Parameter, Reason, criterion
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS, IMPACTS, INCIDENT_KINDS, RELATIONSHIPS

TRAITS = ("violent", "threatening", "in_person", "remote", "acquisitive", "s2a")
FIELDS = ("behaviours", "offence", "relationship", "channel", "impact", "victim", "suspect")


@criterion(
    "behaviour",
    params={
        "any_of": Parameter(tuple, (), "behaviours", BEHAVIOURS.values),
        "at_least": Parameter(int, 1, "occasions"),
    },
    reasons={"behaviours": Reason("behaviours on record", "mask", vocabulary=BEHAVIOURS)},
)
def behaviour(population: Population, *, any_of: tuple[str, ...], at_least: int) -> Outcome:
    """Hold where some behaviour is on record on a number of occasions."""
    return _behaving(population, BEHAVIOURS.mask(any_of), at_least)


@criterion(
    "trait",
    params={
        "any_of": Parameter(tuple, ("violent", "threatening"), "traits of behaviours in the catalogue", TRAITS),
        "at_least": Parameter(int, 1, "occasions"),
    },
    reasons={"behaviours": Reason("behaviours on record", "mask", vocabulary=BEHAVIOURS)},
)
def trait(population: Population, *, any_of: tuple[str, ...], at_least: int) -> Outcome:
    """Hold where violent, threatening or other conduct, as the catalogue classes behaviours, is on record."""
    return _behaving(population, population.context.behaving(*any_of), at_least)


def _behaving(population: Population, mask: int, at_least: int) -> Outcome:
    done = population.context.columns.behaviours
    told = population.context.once((_behaving, mask), lambda: done & mask)
    some = population.context.once((_behaving, mask, "some"), lambda: told != 0)
    shown = combined(np.bitwise_or, population.rows, told, 0)
    count = population.any_row(some) if at_least <= 1 else population.count_events(some) >= at_least
    return Outcome(count, {"behaviours": shown}, population.rows_where(some))


@criterion(
    "impact",
    params={
        "any_of": Parameter(
            tuple, ("fear_of_violence", "serious_alarm_distress"), "effects on the victim", IMPACTS.values
        )
    },
    reasons={"impact": Reason("effects on record", "mask", vocabulary=IMPACTS)},
    basis="Protection from Harassment Act 1997 ss.4, 4A",
)
def impact(population: Population, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where an effect on the victim is on record."""
    mask = IMPACTS.mask(any_of)
    shown = combined(np.bitwise_or, population.rows, population.context.columns.impact & mask, 0)
    return Outcome(shown != 0, {"impact": shown})


@criterion(
    "relationship",
    params={"any_of": Parameter(tuple, ("ex_partner",), "relationships of suspect to victim", RELATIONSHIPS.values)},
)
def relationship(population: Population, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where a relationship of suspect to victim is on record."""
    wanted = [RELATIONSHIPS.index(r) for r in any_of]
    return Outcome(population.any_row(np.isin(population.context.columns.relationship, wanted)))


@criterion(
    "channel",
    params={"any_of": Parameter(tuple, (), "channels", CHANNELS.values)},
)
def channel(population: Population, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where a channel is on record."""
    wanted = [CHANNELS.index(c) for c in any_of]
    return Outcome(population.any_row(np.isin(population.context.columns.channel, wanted)))


@criterion(
    "blank",
    params={"field": Parameter(str, "behaviours", "column", FIELDS)},
)
def blank(population: Population, *, field: str) -> Outcome:
    """Hold where something is not on record on at least one row (impact: on every row); blank never means no."""
    columns = population.context.columns
    if field == "impact":
        return Outcome(~population.any_row(columns.impact != 0) & (np.diff(population.rows.offsets) > 0))
    missing = columns.behaviours == 0 if field == "behaviours" else getattr(columns, field) < 0
    if field == "offence":
        missing &= columns.kind == INCIDENT_KINDS.index("crime")
    return Outcome(population.any_row(missing))

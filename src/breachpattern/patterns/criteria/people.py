"""Criteria on people and forces: several victims, several suspects, several forces."""

from __future__ import annotations

import numpy as np

from breachpattern.patterns.populations import Population, filtered, owners
from breachpattern.patterns.registry import Outcome, Parameter, Reason, criterion
from breachpattern.timelines.courses import Ragged
from breachpattern.vocabulary import STRENGTHS


@criterion(
    "victims",
    params={"at_least": Parameter(int, 2, "victims")},
    reasons={"victims_on_record": Reason("known victims", noun="victim")},
)
def victims(population: Population, *, at_least: int) -> Outcome:
    """Hold where there are several known victims."""
    count = np.diff(population.victims.offsets)
    return Outcome(count >= at_least, {"victims_on_record": count})


@criterion(
    "suspects",
    params={"at_least": Parameter(int, 2, "suspects")},
    reasons={"suspects_on_record": Reason("known suspects", noun="suspect")},
)
def suspects(population: Population, *, at_least: int) -> Outcome:
    """Hold where there are several known suspects."""
    count = np.diff(population.suspects.offsets)
    return Outcome(count >= at_least, {"suspects_on_record": count})


@criterion(
    "forces",
    params={"at_least": Parameter(int, 2, "recording forces")},
    reasons={"forces": Reason("forces that hold records", noun="force")},
)
def forces(population: Population, *, at_least: int) -> Outcome:
    """Hold where records come from several forces; case and spacing tell none apart."""
    columns = population.context.columns
    names = [" ".join(name.split()).casefold() for name in columns.names.forces.to_pylist()]
    _, alike = np.unique(np.array(names, dtype=np.str_), return_inverse=True)
    force = np.append(alike, -1)[columns.force]
    count = np.diff(population.distinct(population.rows, force).offsets)
    return Outcome(count >= at_least, {"forces": count})


@criterion(
    "victims_with_course",
    unit="suspect",
    params={
        "strength": Parameter(str, "arguable", "lowest strength of each course", STRENGTHS.values),
        "at_least": Parameter(int, 2, "victims"),
    },
    reasons={"victims_with_course": Reason("victims towards each of whom a course is on record", noun="victim")},
    basis="Protection from Harassment Act 1997 s.7(3)(a), victim by victim",
)
def victims_with_course(population: Population, *, strength: str, at_least: int) -> Outcome:
    """Hold where one suspect, several victims, a candidate course towards each."""
    context = population.context
    strong = np.append(context.strength[context.course_of_dyad] >= STRENGTHS.index(strength), False)
    where = strong[context.dyad_of_row]
    kept = filtered(population.rows, where)
    dyads = Ragged.distinct(owners(kept), context.dyad_of_row[kept.values], len(population))
    count = np.diff(dyads.offsets)
    return Outcome(count >= at_least, {"victims_with_course": count}, kept)

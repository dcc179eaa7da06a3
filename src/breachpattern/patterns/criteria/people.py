"""Criteria on people and forces: several victims, several suspects, several forces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from breachpattern.linking.columns import Bools, Ints
from breachpattern.linking.ties import tie_table
from breachpattern.patterns.context import Context
from breachpattern.patterns.populations import Population, filtered, owners
from breachpattern.patterns.registry import Outcome, Parameter, Reason, criterion
from breachpattern.sorting import order_by
from breachpattern.spans import FOREVER, NEVER
from breachpattern.timelines.breaches import expand
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


@criterion(
    "means_across_victims",
    unit="suspect",
    params={"at_least": Parameter(int, 2, "victims reached by one number, account or vehicle")},
    reasons={
        "victims_reached": Reason("victims reached by it", noun="victim"),
        "unattributed": Reason("records of unknown suspects on which it was used", noun="record"),
    },
    basis="judgement: what links records is who had the means, and that is a question to ask",
)
def means_across_victims(population: Population, *, at_least: int) -> Outcome:
    """Hold where one number, account or vehicle of a suspect reached several victims.

    Of several that did, the one that reached most is told. Records of unknown suspects on which the same means was used
    are counted and shown, never attributed. Means that more people use than ``most_people`` of the ties are nobody's;
    as there, a cancelled record makes nobody a user.
    """
    context, n = population.context, len(population)
    columns, rows = context.columns, population.rows
    used, owner = columns.means[rows.values].astype(np.int64), owners(rows)
    own = (used >= 0) & _private(context)[used]
    scale = np.int64(len(columns.names.means) + 1)
    pairs, group = np.unique(owner[own] * scale + used[own], return_inverse=True)
    victims = Ragged.distinct(group.reshape(-1), columns.victim[rows.values[own]].astype(np.int64), len(pairs))
    reach = np.diff(victims.offsets)
    furthest = _first_of_each(pairs // scale, reach, n)
    chosen = np.zeros(len(pairs), np.bool_)
    chosen[furthest[furthest >= 0]] = True
    most = np.where(furthest >= 0, np.append(reach, 0)[furthest], 0)
    enough = chosen & (reach >= at_least)
    mine = enough[group.reshape(-1)]
    evidence_owner, evidence = owner[own][mine], rows.values[own][mine]
    unknown = _unattributed(context)
    item, place = expand(np.flatnonzero(enough), *unknown.between(pairs[enough] % scale))
    strangers = pairs[item] // scale
    count = np.bincount(strangers, minlength=n)
    return Outcome(
        most >= at_least,
        {"victims_reached": most, "unattributed": count},
        Ragged.distinct(np.append(evidence_owner, strangers), np.append(evidence, unknown.rows[place]), n),
    )


def _first_of_each(owner: Ints, size: Ints, n: int) -> Ints:
    """Return for each of ``n`` owners the place of its largest, the first of equals; ``-1`` where it has none."""
    best = np.full(n, -1, np.int64)
    order = order_by(size, -np.arange(len(owner)))
    best[owner[order]] = order
    return best


def _private(context: Context) -> Bools:
    """Return which means few enough known suspects used, with a last entry for *not known*."""
    columns = context.columns
    known = (columns.suspect >= 0) & (columns.means >= 0) & ~columns.cancelled
    users = Ragged.distinct(
        columns.means[known].astype(np.int64), columns.suspect[known].astype(np.int64), len(columns.names.means)
    )
    crowded = pc.is_in(columns.names.means, value_set=context.timelines.crowded).to_numpy(zero_copy_only=False)
    return np.append((np.diff(users.offsets) <= tie_table()[1].most_people) & ~crowded, False)


@dataclass(frozen=True)
class _Unattributed:
    """Records of unknown suspects by the means used, sorted by it."""

    means: Ints
    rows: Ints

    def between(self, means: Ints) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        return np.searchsorted(self.means, means, side="left"), np.searchsorted(self.means, means, side="right")


def _unattributed(context: Context) -> _Unattributed:
    columns = context.columns
    rows = np.flatnonzero((columns.suspect < 0) & (columns.means >= 0) & ~columns.cancelled)
    rows = rows[np.argsort(columns.means[rows], kind="stable")]
    return _Unattributed(columns.means[rows].astype(np.int64), rows)


@criterion(
    "orders_for_victims",
    unit="suspect",
    params={"at_least": Parameter(int, 2, "people protected, each by an order that conduct followed")},
    reasons={
        "protected": Reason("people protected by orders that conduct followed", noun="protected person"),
        "orders_made": Reason("orders that conduct followed", noun="order"),
    },
    basis="judgement: orders for one person after another did not end the conduct",
)
def orders_for_victims(population: Population, *, at_least: int) -> Outcome:
    """Hold where orders protect several people from one suspect, and conduct towards each followed them."""
    context, n = population.context, len(population)
    register, columns = context.register, context.columns
    entry, dyad = owners(register.dyads), register.dyads.values
    start = np.where(register.start_lo[entry] > NEVER, register.start_lo[entry], register.start_hi[entry])
    dated = register.is_order[entry] & (start > NEVER) & (start < FOREVER)
    entry, dyad, start = entry[dated], dyad[dated], start[dated]
    item, place = expand(np.arange(len(dyad)), context.dyad_rows.offsets[dyad], context.dyad_rows.offsets[dyad + 1])
    row = context.dyad_rows.values[place]
    after = columns.start[row] >= start[item]
    item, row = item[after], row[after]
    wanted = np.full(len(columns.names.persons), -1, np.int64)
    wanted[population.subject] = np.arange(n)
    owner = wanted[context.dyads.suspect[dyad[item]]]
    mine = owner >= 0
    owner, item, row = owner[mine], item[mine], row[mine]
    protected = Ragged.distinct(owner, context.dyads.victim[dyad[item]], n)
    orders = Ragged.distinct(owner, register.order[entry[item]].astype(np.int64), n)
    count = np.diff(protected.offsets)
    return Outcome(
        count >= at_least,
        {"protected": count, "orders_made": np.diff(orders.offsets)},
        Ragged.distinct(owner, row, n),
    )

"""What told stories are in the terms of the model: units, acts, orders, records of them, and the text of their rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
import pyarrow as pa

from breachpattern.errors import InputError
from breachpattern.simulation.acts import ACTS, Acts
from breachpattern.simulation.breaking import Broken, broken_orders
from breachpattern.simulation.census import Census
from breachpattern.simulation.clock import DAY, FOREVER, HOUR, NEVER, minute_of, moment_text, settled
from breachpattern.simulation.conduct import MASKS, Conduct
from breachpattern.simulation.draws import Draws
from breachpattern.simulation.parameters import parameters
from breachpattern.simulation.police import SEVERITY, Orders
from breachpattern.simulation.recording import Town
from breachpattern.simulation.records import ACT, FAILURE, SECOND, Records, blank
from breachpattern.simulation.register import Register
from breachpattern.simulation.stories import TRUTH_ONLY, Row, Stories
from breachpattern.simulation.told_orders import each, told_orders
from breachpattern.simulation.units import OTHERS, Units, of_kind
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS, PLACE_ROLES, RELATIONSHIPS, Vocabulary

T = TypeVar("T", Units, Acts, Conduct, Orders, Register, Broken)


@dataclass(frozen=True)
class Told:
    """What stories add to a town.

    Attributes
    ----------
    town : Town
        Its units, acts and orders are numbered from where those of the other town end.
    records : Records
        One entry for each row that is about an act, or a failure to notify: as far as the tables of truth need it.
    incidents, orders : pyarrow.Array
        The number of the incident of each record, and the reference of each order.
    humans : dict
        The person behind each nominal record.
    """

    town: Town
    records: Records
    incidents: pa.Array
    orders: pa.Array
    humans: dict[str, int]


def tell(stories: Stories, town: Town, records: Records, census: Census) -> Told:
    """Return what stories are in the terms of the model, numbered after everything that a town holds already."""
    humans = _humans(stories, census)
    base, first_act, first_order = len(town.units), len(town.acts), len(town.orders)
    told = [_Act(base + unit, row, humans) for unit, row in stories.incidents if unit >= 0]
    units = _units(stories, humans, base)
    order_ids = list(dict.fromkeys(row["order_id"] for _, row in stories.orders))
    whose = {row["order_id"]: base + unit for unit, row in stories.orders}
    numbers = {name: place for place, name in enumerate(dict.fromkeys(act.name for act in told))}
    done = sorted({act.name: act for act in reversed(told) if not act.failure}.values(), key=_Act.when)
    place = {act.name: number for number, act in enumerate(done)}
    acts, conduct = _acts(done), _conduct(done, units, base)
    orders, held = told_orders(stories, order_ids, whose, humans, acts)
    # Positions count from nought within the stories, and go on where the town ends once put together.
    alone = broken_orders(units, _moved(acts, unit=-base), conduct, _moved(orders, unit=-base), held)
    broken = Broken(alone.act + first_act, alone.order + first_order, alone.terms)
    number = int(records.number.max(initial=-1)) + 1
    rows = blank(
        len(told),
        why=each(told, _why(told)),
        act=each(told, lambda act: place[act.name] + first_act if act.name in place else -1),
        unit=each(told, lambda act: act.unit),
        order=each(told, lambda act: order_ids.index(act.row["breach_of"]) + first_order if act.failure else -1),
        number=each(told, lambda act: number + numbers[act.name]),
        doer=each(told, lambda act: act.doer),
        target=each(told, lambda act: act.target),
        begins=each(told, lambda act: act.at),
    )
    last = Orders(**{**vars(orders), "act": orders.act + first_act})
    return Told(
        town=Town(units, acts, conduct, last, held, broken, town.period),
        records=rows,
        incidents=pa.array([act.name for act in told], pa.string()),
        orders=pa.array(order_ids, pa.string()),
        humans=humans,
    )


def with_told(town: Town, told: Town) -> Town:
    """Return a town and the stories told of it as one."""

    def both(one: T, other: T) -> T:
        columns = {f.name: np.concatenate([getattr(one, f.name), getattr(other, f.name)]) for f in fields(one)}
        return type(one)(**columns)

    return Town(
        both(town.units, told.units),
        both(town.acts, told.acts),
        both(town.conduct, told.conduct),
        both(town.orders, told.orders),
        both(town.held, told.held),
        both(town.broken, told.broken),
        town.period,
    )


def told_tables(stories: Stories, draws: Draws) -> dict[str, list[Row]]:
    """Return the rows of the extract that stories tell, and when each was written down, which is drawn."""
    waits = np.minimum(draws.waits(5.0 * HOUR, len(stories.numbers)), DAY - 1).astype(np.int64)
    wait = dict(zip(stories.numbers, waits.tolist(), strict=True))
    incidents = []
    for _, row in stories.incidents:
        shown = {name: value for name, value in row.items() if name not in TRUTH_ONLY}
        reported = shown.get("reported_at", "")
        if len(reported) > len("2025-01-01"):
            at = settled(np.array([minute_of(reported) + 5 + wait[row["incident_id"]]]))
            reported = moment_text(at)[0].as_py()
        incidents.append(shown | {"recorded_at": reported})
    orders = [row for _, row in stories.orders]
    return {"incidents": incidents, "orders": orders, "persons": stories.persons, "associations": stories.associations}


class _Act:
    """One told row: who, whom, when, and what the model would call it."""

    def __init__(self, unit: int, row: Row, humans: dict[str, int]) -> None:
        self.unit, self.row, self.name = unit, row, row["incident_id"]
        self.doer = humans.get(row.get("done_by") or row.get("suspect_id", ""), -1)
        self.target = humans.get(row.get("victim_id", ""), -1)
        said = [code for code in row["behaviours"].split(";") if code]
        self.at = minute_of(row["occurred_from"])
        self.behaviours = BEHAVIOURS.mask(said) if self._known(BEHAVIOURS, *said) else 0
        self.channel = CHANNELS.index(row["channel"]) if self._known(CHANNELS, row["channel"]) else -1
        place = row.get("place_role", "")
        self.place = PLACE_ROLES.index(place) if self._known(PLACE_ROLES, place) else -1
        self.failure = self.target < 0 and "notification_failure" in said
        if self.failure and not row.get("breach_of"):
            raise InputError(
                "A failure to notify is told without its order.", where=self.name, hint="Give `breach_of`."
            )
        if not self.failure and (self.doer < 0 or self.target < 0):
            raise InputError("Nobody is told to have done it, or to nobody.", where=self.name, hint="Give `done_by`.")

    def _known(self, vocabulary: Vocabulary, *codes: str) -> bool:
        """Return whether anything is said, and refuse a code that nobody knows."""
        said = [code for code in codes if code]
        if strange := [code for code in said if code not in vocabulary]:
            hint = f"Known: {', '.join(vocabulary)}."
            raise InputError(f"{strange[0]!r} is not a code of {vocabulary.name}.", where=self.name, hint=hint)
        return bool(said)

    def when(self) -> tuple[int, int, str]:
        """Return the order of acts."""
        return self.unit, self.at, self.name

    def what(self) -> int:
        """Return the act of the model that has most in common with what is told, of equals in what is gravest."""
        common = [int(mask & self.behaviours) for mask in MASKS]
        likeness = [
            one.bit_count() / int(mask | self.behaviours).bit_count() for one, mask in zip(common, MASKS, strict=True)
        ]
        ways = [self.row["channel"] in act["channel"] for act in parameters()["act"].values()]
        return max(range(len(ACTS)), key=lambda code: (likeness[code], _gravity(common[code]), ways[code], -code))


def _gravity(behaviours: int) -> int:
    """Return how grave some behaviours are: each is as grave as the least of the acts that have it."""
    bits = [bit for bit in range(len(BEHAVIOURS)) if behaviours >> bit & 1]
    return sum(int(SEVERITY[MASKS >> bit & 1 == 1].min()) for bit in bits)


def _why(told: list[_Act]) -> Callable[[_Act], int]:
    first = {act.name: act for act in reversed(told)}
    return lambda act: FAILURE if act.failure else ACT if first[act.name] is act else SECOND


def _moved(part: T, **by: int) -> T:
    return type(part)(**vars(part) | {name: getattr(part, name) + step for name, step in by.items()})


def _humans(stories: Stories, census: Census) -> dict[str, int]:
    """Return the person behind each nominal record: new people of the town, one for all records of the same."""
    own = [row for row in stories.persons if row["person_id"] not in stories.same_person]
    male = np.array([float(row["sex"] == "M") for row in own])
    people = census.people(len(own), male=male).tolist()
    found = {row["person_id"]: human for row, human in zip(own, people, strict=True)}
    return found | {further: found[first] for further, first in stories.same_person.items()}


def _units(stories: Stories, humans: dict[str, int], base: int) -> Units:
    kinds, told, size = [unit.kind for unit in stories.units], stories.units, len(stories.units)
    others = np.full((size, OTHERS), -1)
    relationship = np.full(size, RELATIONSHIPS.index("unknown"))
    start, end = np.full(size, float(FOREVER)), np.full(size, float(NEVER))
    for unit, row in stories.incidents:
        if unit >= 0:
            start[unit] = min(start[unit], minute_of(row["occurred_from"]))
            end[unit] = max(end[unit], minute_of(row["occurred_from"]))
            if row.get("suspect_id") == told[unit].suspect and row.get("victim_id") == told[unit].victim:
                relationship[unit] = RELATIONSHIPS.index(row.get("relationship") or "unknown")
    for place, unit_told in enumerate(told):
        for seat, person in enumerate(unit_told.others):
            others[place, seat] = humans[person]
    first_of = {(unit.kind, unit.suspect): place for place, unit in reversed(list(enumerate(told)))}
    series = [base + first_of[unit.kind, unit.suspect] if unit.kind == "serial" else -1 for unit in told]
    return Units(
        kind=each(kinds, of_kind),
        suspect=each(told, lambda unit: humans[unit.suspect]),
        victim=each(told, lambda unit: humans[unit.victim]),
        others=others,
        relationship=relationship,
        start=start,
        end=end,
        rate=np.zeros(size),
        excitation=np.zeros(size),
        decay=np.ones(size),
        most=np.bincount([unit for unit, _ in stories.incidents if unit >= 0], minlength=size),
        series=np.array(series, np.int64),
    )


def _acts(done: list[_Act]) -> Acts:
    unit = each(done, lambda act: act.unit)
    first = np.searchsorted(unit, unit, side="left")
    size = len(done)
    no = np.zeros(size, np.bool_)
    return Acts(
        unit=unit,
        at=each(done, lambda act: act.at),
        what=each(done, _Act.what),
        reported=np.ones(size, np.bool_),
        arrested=no,
        charged=each(done, lambda act: act.row.get("outcome") == "1").astype(np.bool_),
        under_order=no,
        number=np.arange(size) - first,
        defies=np.full(size, -1),
    )


def _conduct(done: list[_Act], units: Units, base: int) -> Conduct:
    size, nothing = len(done), np.zeros(len(done), np.int64)
    actor, target = each(done, lambda act: act.doer), each(done, lambda act: act.target)
    own = each(done, lambda act: act.unit) - base
    back = (actor == units.victim[own]) & (target == units.suspect[own])
    return Conduct(
        actor=actor,
        target=target,
        forward=~back,
        behaviours=each(done, lambda act: act.behaviours),
        channel=each(done, lambda act: act.channel),
        place=each(done, lambda act: act.place),
        home=np.full(size, -1),
        means=nothing,
        means_of=actor,
        means_number=nothing,
        count=each(done, lambda act: int(act.row.get("act_count") or 1)),
        lasted=nothing,
        reconciled=each(done, lambda act: act.row.get("reconciled_before") == "true").astype(np.bool_),
    )

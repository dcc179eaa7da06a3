"""What the police write down of what came to notice: one record of each act, late or prompt, in full or in part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from breachpattern.law import Catalogue
from breachpattern.simulation.acts import ACTS, Acts
from breachpattern.simulation.breaking import Broken, first_order
from breachpattern.simulation.clock import DAY, HOUR, NEVER, WHOLE, Period, minute, settled
from breachpattern.simulation.conduct import Conduct
from breachpattern.simulation.draws import Bools, Draws, Ints
from breachpattern.simulation.offences import NO_OFFENCE, Choice, choose, is_offence
from breachpattern.simulation.parameters import parameters
from breachpattern.simulation.police import COVERT, SEVERITY, Orders
from breachpattern.simulation.records import ACT, CRIME, INCIDENT, INTELLIGENCE, Records, blank
from breachpattern.simulation.register import Register
from breachpattern.simulation.units import EX_PARTNER, Units, of_kind
from breachpattern.vocabulary import BEHAVIOURS, IMPACTS, RELATIONSHIPS

DAMAGE = ACTS.index("damage")
OTHER_RELATIONSHIP = RELATIONSHIPS.values.index("acquaintance")


@dataclass(frozen=True)
class Town:
    """Everything that happened, with the orders and what the register holds of them."""

    units: Units
    acts: Acts
    conduct: Conduct
    orders: Orders
    held: Register
    broken: Broken
    period: Period = WHOLE


def records_of_acts(town: Town, draws: Draws) -> tuple[Records, Ints]:
    """Return a record of every act that the police know of, and the conduct crime to add to each (or none)."""
    units, acts, conduct = town.units, town.acts, town.conduct
    numbers = parameters()["recording"]
    told_with = _told_with(units, acts, draws)
    act = np.flatnonzero(told_with >= 0)
    reported = _reported(acts, conduct, draws)[told_with[act]]
    reported = np.maximum(reported, acts.at[act] + conduct.lasted[act])
    recorded = recorded_after(reported, draws)
    inside = recorded < town.period.last
    act, reported, recorded = act[inside], reported[inside], recorded[inside]
    size, u, what = len(act), acts.unit[act], acts.what[act]
    order = first_order(town.broken, len(acts))[act]
    order_kind = np.where(order >= 0, town.orders.kind[order] if len(town.orders) else -1, -1)
    choice = _chosen(town, act, recorded, order_kind, draws)
    known = acts.arrested[act] | ~draws.chance(COVERT[what], size)
    relationship = _relationship(town, act)
    domestic = units.domestic[u] & (relationship != OTHER_RELATIONSHIP)
    named = choice.as_breach & (order >= 0) & draws.chance(numbers["breach_named"], size)
    named &= town.held.on_file[order] if len(town.orders) else False
    begins, day_only, ends = _when(town, act, draws)
    records = blank(
        size,
        why=ACT,
        act=act,
        unit=u,
        number=act,
        kind=kinds_of(choice.offence, draws),
        begins=begins,
        ends=ends,
        day_only=day_only,
        reported=np.where(draws.chance(numbers["reported_blank"], size), NEVER, reported),
        recorded=recorded,
        offence=choice.offence,
        suspect=np.where(known, conduct.actor[act], -1),
        victim=conduct.target[act],
        doer=conduct.actor[act],
        target=conduct.target[act],
        relationship=_left(np.where(known, relationship, -1), numbers["relationship_blank"], draws),
        channel=_left(conduct.channel[act], numbers["channel_blank"], draws),
        place=conduct.place[act],
        behaviours=_behaviours(conduct.behaviours[act], draws),
        impact=_impact(units.is_campaign[u], SEVERITY[what] > 0, draws),
        means=np.where(draws.chance(numbers["means_blank"], size), 0, conduct.means[act]),
        means_of=conduct.means_of[act],
        means_number=conduct.means_number[act],
        count=conduct.count[act],
        occurrence=_investigation(units, u, draws),
        breach_of=np.where(named, order, -1),
        home=_left(conduct.home[act], numbers["postcode_blank"], draws),
        reconciled=np.where(conduct.reconciled[act], 1, -1),
        domestic=_flag(domestic, draws),
        outcome=outcomes(choice.offence, known, acts.charged[act], recorded, town.period, draws),
        neighbour=draws.chance(parameters()["force"]["neighbour_share"], size),
    )
    dropped = (records.kind == CRIME) & ~acts.arrested[act] & draws.chance(numbers["cancelled"], size)
    outcome = np.where(dropped, -1, records.outcome)
    return records.at(np.arange(size), cancelled=dropped, outcome=outcome), choice.additional


def _told_with(units: Units, acts: Acts, draws: Draws) -> Ints:
    """Return with which act each became known: itself, the first report of its campaign, or -1 for never."""
    size = len(acts)
    own = np.arange(size)
    told = np.where(acts.reported, own, size)
    following = np.minimum.accumulate(told[::-1])[::-1]
    first_report = acts.reported & (np.cumsum(acts.reported) - 1 == _before_unit(acts))
    discloses = first_report & draws.chance(parameters()["recording"]["disclosed"], size)
    reach = np.minimum(following, size - 1)
    comes_out = (following < size) & (acts.unit[reach] == acts.unit) & discloses[reach]
    comes_out &= units.is_campaign[acts.unit] & ~acts.reported
    return np.where(acts.reported, own, np.where(comes_out, reach, -1))


def _before_unit(acts: Acts) -> Ints:
    """Return for each act how many reported acts the units before its own have."""
    so_far = np.append(0, np.cumsum(acts.reported))
    return np.asarray(so_far[np.searchsorted(acts.unit, acts.unit, side="left")])


def _reported(acts: Acts, conduct: Conduct, draws: Draws) -> Ints:
    numbers, size = parameters()["recording"], len(acts)
    draw = draws.random.random(size)
    late = draw >= 1 - numbers["late"]
    mean = np.where(draw < numbers["prompt"], 0.75 * HOUR, np.where(late, numbers["late_days"] * DAY, 12.0 * HOUR))
    return settled(acts.at + conduct.lasted + 2 + draws.waits(mean, size).astype(np.int64))


def recorded_after(reported: Ints, draws: Draws) -> Ints:
    """Return when what was reported was written down: within a day as a rule, days later else."""
    size = len(reported)
    quick = draws.chance(parameters()["recording"]["within_a_day"], size)
    wait = np.where(quick, np.minimum(draws.waits(5.0 * HOUR, size), DAY - 1), DAY + draws.waits(4.0 * DAY, size))
    return settled(reported + 5 + wait.astype(np.int64))


def _chosen(town: Town, act: Ints, recorded: Ints, order_kind: Ints, draws: Draws) -> Choice:
    units, acts = town.units, town.acts
    u = acts.unit[act]
    order = np.lexsort((act, recorded, u))
    rank = np.empty(len(act), np.int64)
    heads = np.append(True, u[order][1:] != u[order][:-1])[: len(act)]
    rank[order] = np.arange(len(act)) - np.maximum.accumulate(np.where(heads, np.arange(len(act)), 0))
    may_be = (rank >= 1) & town.conduct.forward[act] & (units.kind[u] != of_kind("shop_theft"))  # s.7(5): an individual
    former = units.relationship[u] == EX_PARTNER
    at, what = acts.at[act], acts.what[act]
    return choose(what, at, recorded, SEVERITY[what], order_kind, former, may_be, units.is_campaign[u], draws)


def _relationship(town: Town, act: Ints) -> Ints:
    """Return how the record has the two: the unit's own people as they are, everybody else as acquaintances."""
    units, u = town.units, town.acts.unit[act]
    pair = np.where(town.conduct.forward[act], 0, 1)
    actor = np.where(pair == 0, units.suspect[u], units.victim[u])
    target = np.where(pair == 0, units.victim[u], units.suspect[u])
    own = (town.conduct.actor[act] == actor) & (town.conduct.target[act] == target)
    return np.where(own, units.relationship[u], OTHER_RELATIONSHIP)


def _when(town: Town, act: Ints, draws: Draws) -> tuple[Ints, Bools, Ints]:
    """Return when the record says that it began, whether it knows the day only, and when it ended (or ``NEVER``)."""
    numbers, size = parameters()["recording"], len(act)
    at = town.acts.at[act]
    day_only = draws.chance(numbers["day_only"], size)
    found_later = (town.acts.what[act] == DAMAGE) & draws.chance(numbers["window"], size)
    before = np.where(found_later, draws.whole(0, 6 * HOUR, size), 0)
    lasted = np.maximum(town.conduct.lasted[act], np.where(found_later, 1, 0))
    begins = settled(np.maximum(at - before, 0))
    return begins, day_only, np.where(lasted > 0, settled(at + lasted), NEVER)


def kinds_of(offence: Ints, draws: Draws) -> Ints:
    """Return of which kind records are: crimes where they name one."""
    crime = (offence >= 0) & is_offence()[offence]
    rumour = (offence < 0) & draws.chance(parameters()["recording"]["intelligence"], len(offence))
    return np.where(crime, CRIME, np.where(rumour, INTELLIGENCE, INCIDENT))


def _left(values: Ints, share: float, draws: Draws) -> Ints:
    return np.where(draws.chance(share, len(values)), -1, values)


def _behaviours(mask: Ints, draws: Draws) -> Ints:
    numbers = parameters()["recording"]
    for bit in range(len(BEHAVIOURS)):
        lost = draws.chance(numbers["behaviour_lost"], len(mask))
        mask = np.where(lost, mask & ~np.int64(1 << bit), mask)
    return np.where(draws.chance(numbers["behaviours_blank"], len(mask)), 0, mask)


def _impact(campaign: Bools, can: Bools, draws: Draws) -> Ints:
    numbers = parameters()["recording"]
    share = np.where(campaign, numbers["impact_noted"], numbers["impact_noted_everyday"])
    noted = can & draws.chance(share, len(can))
    chosen = draws.pick(numbers["impact"], IMPACTS.values, len(can))
    return np.where(noted, np.left_shift(np.int64(1), chosen), 0)


def _investigation(units: Units, u: Ints, draws: Draws) -> Ints:
    """Return the investigation that some records of a campaign or dispute share: the unit, counted down from -2."""
    numbers = parameters()["recording"]
    share = np.where(units.is_campaign[u], numbers["same_investigation"], numbers["same_investigation_everyday"])
    shared = draws.chance(share, len(u))
    return np.where(shared, -2 - u, -1)


def _flag(domestic: Bools, draws: Draws) -> Ints:
    numbers, size = parameters()["recording"], len(domestic)
    missing = draws.chance(numbers["domestic_flag_missing"], size)
    denied = draws.chance(numbers["domestic_denied"], size)
    return np.where(domestic, np.where(missing, -1, 1), np.where(denied, 0, -1))


def outcomes(offence: Ints, known: Bools, charged: Bools, recorded: Ints, period: Period, draws: Draws) -> Ints:
    """Return the Home Office outcome of each crime, -1 where it is still open or is no crime."""
    numbers, size = parameters()["outcomes"], len(offence)
    names = tuple(numbers["known"]), tuple(numbers["unknown"])
    with_suspect = np.array([int(name) for name in names[0]])[draws.pick(numbers["known"], names[0], size)]
    without = np.array([int(name) for name in names[1]])[draws.pick(numbers["unknown"], names[1], size)]
    early = (with_suspect == 22) & ~was_outcome_22(recorded)
    with_suspect = np.where(early, 16, with_suspect)
    found = np.where(charged, 1, np.where(known, with_suspect, without))
    crime = (offence != NO_OFFENCE) & is_offence()[offence]
    still_open = recorded > period.last - draws.waits(numbers["open_days"] * DAY, size)
    return np.where(crime & ~still_open, found, -1)


def was_outcome_22(at: Ints) -> Bools:
    """Return whether outcome 22 existed at some minutes."""
    start = Catalogue.load().outcomes["22"].in_force.start
    return np.asarray(at >= (NEVER if start is None else minute(start)))

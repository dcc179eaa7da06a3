"""Further records: logs, arrests, custody, records in addition, second people, duplicates, and everybody's thefts."""

from __future__ import annotations

import numpy as np

from breachpattern.simulation.census import Census
from breachpattern.simulation.clock import DAY, HOUR, NEVER, WHOLE, Period, moments, settled
from breachpattern.simulation.draws import Draws, Ints
from breachpattern.simulation.offences import FAILURES, OFFENCES, UNKNOWN
from breachpattern.simulation.parameters import campaign, parameters
from breachpattern.simulation.police import ORDER_KINDS, Custody
from breachpattern.simulation.recording import Town, outcomes, recorded_after
from breachpattern.simulation.records import (
    ADDITION,
    AGAIN,
    ARREST,
    CALL,
    CRIME,
    CUSTODY,
    FAILURE,
    HELD,
    LOG,
    SECOND,
    Records,
    blank,
    together,
)
from breachpattern.simulation.records import UNKNOWN as NOBODY_KNOWS
from breachpattern.simulation.units import OTHERS, of_kind
from breachpattern.vocabulary import BEHAVIOURS, TERMS

FAILED = BEHAVIOURS.mask(["notification_failure"])


def with_further(records: Records, additional: Ints, town: Town, custody: Custody, draws: Draws) -> Records:
    """Return the records of acts with everything else that is written down because of them."""
    numbers, size = parameters()["recording"], len(records)
    logged = draws.chance(numbers["call_log"], size)
    added = additional >= 0
    linked = added | (logged & draws.chance(numbers["log_linked"], size))
    records = records.at(np.arange(size), occurrence=np.where(linked, records.act, records.occurrence))
    parts = [records, _second_people(records, town, draws)]
    next_number = len(town.acts)
    for part in (
        _in_addition(records, additional, town.period, draws),
        _logs(records.at(logged)),
        _again(records, town.period, draws),
        _arrests(records, town, draws),
        _held(town, custody, draws),
        _failures(town, draws),
    ):
        parts.append(part.at(np.arange(len(part)), number=next_number + np.arange(len(part))))
        next_number += len(part)
    return together(parts)


def _in_addition(records: Records, additional: Ints, period: Period, draws: Draws) -> Records:
    """Return the conduct crimes that the rules of 2018 to 2023 asked for beside the most serious other crime."""
    chosen = np.flatnonzero(additional >= 0)
    offence, size = additional[chosen], len(chosen)
    charged = records.outcome[chosen] == 1
    return records.at(
        chosen,
        why=np.full(size, ADDITION),
        kind=np.full(size, CRIME),
        offence=offence,
        breach_of=np.full(size, -1),
        outcome=outcomes(offence, np.ones(size, np.bool_), charged, records.recorded[chosen], period, draws),
        cancelled=np.zeros(size, np.bool_),
    )


def _logs(records: Records) -> Records:
    """Return the logs of calls: who called is not on them, what was done neither."""
    size = len(records)
    nothing, zero = np.full(size, -1), np.zeros(size, np.int64)
    return records.at(
        np.arange(size),
        why=np.full(size, LOG),
        kind=np.full(size, CALL),
        offence=nothing,
        behaviours=zero,
        impact=zero,
        means=zero,
        count=np.ones(size, np.int64),
        breach_of=nothing,
        outcome=nothing,
        cancelled=np.zeros(size, np.bool_),
        recorded=np.where(records.reported == NEVER, records.recorded, records.reported),
    )


def _again(records: Records, period: Period, draws: Draws) -> Records:
    """Return second records of acts that two officers wrote down, under numbers of their own."""
    chosen = np.flatnonzero(draws.chance(parameters()["recording"]["recorded_twice"], len(records)))
    size = len(chosen)
    later = settled(records.recorded[chosen] + draws.whole(10, 8 * HOUR, size))
    inside = later < period.last
    return records.at(
        chosen[inside],
        why=np.full(int(inside.sum()), AGAIN),
        recorded=later[inside],
        occurrence=np.full(int(inside.sum()), -1),
    )


def _second_people(records: Records, town: Town, draws: Draws) -> Records:
    """Return second rows of one incident: another victim at the same time, or the two suspects together."""
    u = records.unit
    kind = town.units.kind[u]
    parts = []
    for name, side in (("connected_victims", "victim"), ("by_proxy", "suspect")):
        both = (kind == of_kind(name)) & draws.chance(campaign(name)["together"], len(records))
        both &= (records.suspect >= 0) & town.conduct.forward[records.act]
        others = town.units.others[u, draws.whole(0, OTHERS if side == "victim" else 1, len(records))]
        main = town.units.victim[u] if side == "victim" else town.units.suspect[u]
        present = records.victim if side == "victim" else records.suspect
        other = np.where(present == main, others, main)
        chosen = np.flatnonzero(both & (other >= 0) & (other != present))
        who = other[chosen]
        changed = {"victim": who, "target": who} if side == "victim" else {"suspect": who, "doer": who}
        blank_again = {"why": np.full(len(chosen), SECOND), "relationship": np.full(len(chosen), -1)}
        parts.append(records.at(chosen, **changed, **blank_again))
    return together(parts)


def _arrests(records: Records, town: Town, draws: Draws) -> Records:
    """Return custody records of arrests for breaking conditions of bail."""
    arrested = town.acts.arrested[records.act]
    bail = np.zeros(len(town.acts), np.bool_)
    kinds = town.orders.kind[town.broken.order]
    bail[town.broken.act[kinds == ORDER_KINDS.index("court_bail")]] = True
    chosen = np.flatnonzero(
        arrested & bail[records.act] & draws.chance(parameters()["recording"]["custody_record"], len(records))
    )
    size = len(chosen)
    at = settled(records.begins[chosen] + 6 * HOUR)
    nothing, zero = np.full(size, -1), np.zeros(size, np.int64)
    return records.at(
        chosen,
        why=np.full(size, ARREST),
        kind=np.full(size, CUSTODY),
        begins=at,
        ends=np.full(size, NEVER),
        day_only=np.zeros(size, np.bool_),
        reported=np.full(size, NEVER),
        recorded=np.maximum(at, records.recorded[chosen]),
        offence=np.full(size, OFFENCES.index("breach_court_bail")),
        behaviours=zero,
        impact=zero,
        means=zero,
        channel=nothing,
        place=nothing,
        home=nothing,
        count=np.ones(size, np.int64),
        occurrence=nothing,
        outcome=nothing,
        reconciled=nothing,
        cancelled=np.zeros(size, np.bool_),
    )


def _held(town: Town, custody: Custody, draws: Draws) -> Records:
    """Return records of remands and sentences, where the force has them."""
    size = len(custody.unit)
    kept = draws.chance(parameters()["recording"]["custody_record"], size) & (custody.begins + HOUR < town.period.last)
    u, begins, ends = custody.unit[kept], settled(custody.begins[kept]), settled(custody.ends[kept])
    who = np.where(town.conduct.forward[custody.act[kept]], town.units.suspect[u], town.units.victim[u])
    return blank(
        len(u),
        why=HELD,
        unit=u,
        kind=CUSTODY,
        begins=begins,
        ends=np.where(ends < town.period.last, ends, NEVER),
        recorded=settled(begins + HOUR),
        suspect=who,
        doer=who,
    )


def _failures(town: Town, draws: Draws) -> Records:
    """Return failures to notify an address, which are conduct towards nobody."""
    orders, held = town.orders, town.held
    size = len(orders)
    owed = (held.terms & TERMS.mask(["notification"])) != 0
    failed = owed & held.on_file & draws.chance(parameters()["register"]["notification_failure"], size)
    at = settled(orders.served + 4 * DAY + draws.waits(8.0 * DAY, size).astype(np.int64))
    recorded = recorded_after(at, draws)
    chosen = np.flatnonzero(failed & (at < orders.until) & (recorded < town.period.last))
    table = np.array([OFFENCES.index(FAILURES[k]) if k in FAILURES else -1 for k in ORDER_KINDS])
    offence = table[orders.kind[chosen]]
    nobody = np.zeros(len(chosen), np.bool_)
    return blank(
        len(chosen),
        why=FAILURE,
        unit=orders.unit[chosen],
        order=chosen,
        kind=CRIME,
        begins=at[chosen],
        reported=at[chosen],
        recorded=recorded[chosen],
        offence=offence,
        suspect=held.respondent[chosen],
        doer=held.respondent[chosen],
        behaviours=FAILED,
        breach_of=chosen,
        outcome=outcomes(offence, ~nobody, nobody, recorded[chosen], town.period, draws),
    )


def unknown_suspects(size: int, number: int, census: Census, draws: Draws, period: Period = WHOLE) -> Records:
    """Return crimes by nobody knows whom: what fills the extract to its size.

    Parameters
    ----------
    size : int
    number : int
        The number of the first.
    census : Census
    draws : Draws
    period : Period
    """
    numbers, recording = parameters()["unknown_suspect"], parameters()["recording"]
    offence = draws.pick(numbers["kinds"], OFFENCES, size)
    reported = moments(period.first + 3 * DAY, period.last - DAY, size, draws)
    recorded = np.minimum(recorded_after(reported, draws), period.last - HOUR)
    begins = np.maximum(settled(reported - 10 - draws.waits(9.0 * HOUR, size).astype(np.int64)), period.first)
    named = draws.chance(numbers["victim_named"], size)
    victim = np.full(size, -1)
    victim[named] = census.people(int(named.sum()))
    behaviour = {"burglary_dwelling": "entry", "theft": "theft", "criminal_damage": "damage", "arson": "damage"}
    masks = np.array([BEHAVIOURS.mask([behaviour.get(name, "assault")]) for name in UNKNOWN], np.int64)
    place = np.array([UNKNOWN.index(name) if name in UNKNOWN else 0 for name in OFFENCES])[offence]
    known = ~draws.chance(recording["behaviours_blank"], size)
    nobody = np.zeros(size, np.bool_)
    window = draws.chance(0.5, size)
    return blank(
        size,
        why=NOBODY_KNOWS,
        number=number + np.arange(size),
        kind=CRIME,
        begins=begins,
        ends=np.where(window, settled(np.maximum(reported - 2, begins)), NEVER),
        day_only=draws.chance(recording["day_only"], size),
        reported=reported,
        recorded=recorded,
        offence=offence,
        victim=victim,
        target=victim,
        behaviours=np.where(known, masks[place], 0),
        home=np.where(draws.chance(recording["postcode_blank"], size), -1, census.any_home(size)),
        outcome=outcomes(offence, nobody, nobody, recorded, period, draws),
        neighbour=draws.chance(parameters()["force"]["neighbour_share"], size),
    )

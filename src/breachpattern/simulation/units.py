"""Who does what to whom: one unit for each dispute, each pair of people, each campaign, before anything happens."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from breachpattern.simulation.census import Census
from breachpattern.simulation.clock import DAY, WHOLE, YEAR, Period, moments
from breachpattern.simulation.draws import Bools, Draws, Floats, Ints
from breachpattern.simulation.parameters import campaign, parameters
from breachpattern.vocabulary import RELATIONSHIPS

CAMPAIGNS: tuple[str, ...] = tuple(parameters()["campaign"])
EVERYDAY: tuple[str, ...] = tuple(parameters()["everyday"])
KINDS = CAMPAIGNS + EVERYDAY
OTHERS = 3  # at most so many further victims, or one proxy
PARTNER, EX_PARTNER, FAMILY, NEIGHBOUR = (
    RELATIONSHIPS.values.index(name) for name in ("partner", "ex_partner", "family", "neighbour")
)
COUPLES = np.array([PARTNER, EX_PARTNER], np.int64)
DOMESTIC = np.array([PARTNER, EX_PARTNER, FAMILY], np.int64)
# Records that one recorded act becomes on average: logs, custody records, records in addition. Only a first guess of
# how many units make so many incidents; what it misses is made up by crimes of unknown suspects.
RECORDS_PER_ACT = 1.15


@dataclass(frozen=True)
class Units:
    """One entry for each unit.

    Attributes
    ----------
    kind : int64
        Position in :data:`KINDS`.
    suspect, victim : int64
        People. In a two-way unit, whoever acted first is the suspect.
    others : (n, 3) int64
        Further victims, or the proxy; -1 where there is nobody.
    relationship : int64
        Position in ``RELATIONSHIPS``.
    start, end : float64
        When the first act happens, and when nothing more does by itself.
    rate, excitation, decay : float64
        Of the background (per minute), how many acts an act draws after it, and how fast that fades (per minute).
    most : int64
        The most acts that can be, orders apart.
    series : int64
        What the campaigns of one serial offender share, -1 elsewhere.
    """

    kind: Ints
    suspect: Ints
    victim: Ints
    others: Ints
    relationship: Ints
    start: Floats
    end: Floats
    rate: Floats
    excitation: Floats
    decay: Floats
    most: Ints
    series: Ints

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def is_campaign(self) -> Bools:
        """Whether each unit is a campaign."""
        return np.asarray(self.kind < len(CAMPAIGNS))

    @property
    def domestic(self) -> Bools:
        """Whether suspect and victim are, or were, partners or family."""
        return np.isin(self.relationship, DOMESTIC)


def of_kind(name: str) -> int:
    """Return the position of a kind."""
    return KINDS.index(name)


def make_units(incidents: int, census: Census, draws: Draws, *, quiet_town: bool, period: Period = WHOLE) -> Units:
    """Return the units of a town that will come to about the wanted number of incidents.

    Parameters
    ----------
    incidents : int
    census : Census
        Is asked for everybody who takes part.
    draws : Draws
    quiet_town : bool
        Leave the campaigns out.
    period : Period
        The minutes in which they begin.
    """
    people = _Regulars(incidents, census, draws)
    shares = parameters()["mixture"]
    parts = [] if quiet_town else [_campaigns(incidents * shares["campaigns"], census, draws, period)]
    for name in EVERYDAY:
        acts, numbers = incidents * shares[name] / RECORDS_PER_ACT, parameters()["everyday"][name]
        further = numbers["repeats"] * (1 + numbers["rate"] * numbers["years"] / (1 - numbers["excitation"]))
        parts.append(_everyday(name, round(acts / (1 + further)), people, census, draws, period))
    return Units(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Units)))


class _Regulars:
    """People whom the police meet again and again, in one dispute after another, and people met once."""

    def __init__(self, incidents: int, census: Census, draws: Draws) -> None:
        self._census, self._draws, self._numbers = census, draws, parameters()["people"]
        self._pool = census.people(max(round(incidents * self._numbers["persistent_pool"]), 5), male=0.85)
        self.shops = census.people(max(round(incidents * self._numbers["shops"]), 2), shop=True)

    def suspects(self, size: int, male: float) -> Ints:
        """Return suspects, some of them well known."""
        found = self._census.people(size, male=male)
        known = self._draws.chance(self._numbers["persistent"], size)
        # The square makes the first of the pool the busiest.
        chosen = (np.square(self._draws.random.random(size)) * len(self._pool)).astype(np.int64)
        return np.where(known, self._pool[chosen], found)

    def victims(self, found: Ints) -> Ints:
        """Return victims, of whom some were victims before."""
        again = self._draws.chance(self._numbers["repeat_victim"], len(found))
        return np.where(again, found[self._draws.whole(0, max(len(found), 1), len(found))], found)


def _everyday(name: str, size: int, people: _Regulars, census: Census, draws: Draws, period: Period) -> Units:
    numbers = parameters()["everyday"][name]
    relationship = draws.pick(numbers["relationship"], RELATIONSHIPS.values, size)
    couple = np.isin(relationship, COUPLES)
    if name == "shop_theft":
        suspect = people.suspects(size, numbers["male"])
        victim = people.shops[draws.whole(0, len(people.shops), size)]
    elif set(numbers["relationship"]) & {"partner", "family", "neighbour"}:
        suspect, victim = _close_pairs(relationship, numbers["male"], census, draws)
    else:
        suspect = people.suspects(size, numbers["male"])
        victim = people.victims(census.people(size, male=np.where(couple, 0.1, 0.5)))
    comes_again = draws.chance(numbers["repeats"], size)
    start = moments(*period, size, draws).astype(np.float64)
    years = draws.waits(numbers["years"], size)
    return Units(
        kind=np.full(size, of_kind(name)),
        suspect=suspect,
        victim=victim,
        others=np.full((size, OTHERS), -1),
        relationship=relationship,
        start=start,
        end=np.where(comes_again, start + years * YEAR, start),
        rate=np.where(comes_again, numbers["rate"] / YEAR, 0.0),
        excitation=np.full(size, float(numbers["excitation"])),
        decay=np.full(size, 1 / (numbers["memory_days"] * DAY)),
        most=np.where(comes_again, 200, 1),
        series=np.full(size, -1),
    )


def _close_pairs(relationship: Ints, male: float, census: Census, draws: Draws) -> tuple[Ints, Ints]:
    """Return pairs who share a home (partners, most relatives), live next door, or apart."""
    size = len(relationship)
    theirs = census.homes(2 * size)[::2]
    couple = np.isin(relationship, COUPLES)
    suspect = census.people(size, male=male, home=theirs)
    together = (relationship == PARTNER) | ((relationship == FAMILY) & draws.chance(0.7, size))
    elsewhere = census.homes(2 * size)[::2]
    home = np.where(together, theirs, np.where(relationship == NEIGHBOUR, theirs + 1, elsewhere))
    victim = census.people(size, male=np.where(couple, 1 - male, 0.5), home=home)
    return suspect, victim


def _campaigns(incidents: float, census: Census, draws: Draws, period: Period) -> Units:
    table = {name: campaign(name) for name in CAMPAIGNS}
    shares = {name: numbers["share"] for name, numbers in table.items()}
    total = sum(shares.values())
    yields = {
        name: numbers["reported"]
        * (numbers["brief"] * numbers["acts"][0] + (1 - numbers["brief"]) * numbers["acts"][1] * 0.6)
        for name, numbers in table.items()
    }
    mean = RECORDS_PER_ACT * sum(shares[name] / total * yields[name] for name in CAMPAIGNS)
    kind = np.sort(draws.pick(shares, KINDS, round(incidents / mean)))
    sizes = {name: int((kind == of_kind(name)).sum()) for name in CAMPAIGNS}
    parts = [_campaigns_of(name, sizes[name], table[name], census, draws, period) for name in CAMPAIGNS]
    return Units(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Units)))


def _campaigns_of(name: str, size: int, numbers: dict[str, Any], census: Census, draws: Draws, period: Period) -> Units:
    relationship = draws.pick(numbers["relationship"], RELATIONSHIPS.values, size)
    suspect, victim = _close_pairs(relationship, numbers["male"], census, draws)
    brief = draws.chance(numbers["brief"], size)
    acts = np.where(brief, *numbers["acts"])
    length = np.where(brief, *numbers["days"]) * DAY
    series = np.full(size, -1)
    start = moments(*period, size, draws).astype(np.float64)
    rate = np.maximum(acts - 1, 1) * (1 - numbers["excitation"]) / length
    lasts = draws.lengths(length, numbers["spread"], size)
    if name == "serial":
        suspect, series, start = _in_series(suspect, start, lasts, numbers, draws, period)
    return Units(
        kind=np.full(size, of_kind(name)),
        suspect=suspect,
        victim=victim,
        others=_others(name, victim, numbers, census, draws),
        relationship=relationship,
        start=start,
        end=start + lasts,
        rate=rate,
        excitation=np.full(size, float(numbers["excitation"])),
        decay=np.full(size, 1 / (numbers["memory_days"] * DAY)),
        most=np.full(size, 200),
        series=series,
    )


def _in_series(
    suspect: Ints, start: Floats, lasts: Floats, numbers: dict[str, Any], draws: Draws, period: Period
) -> tuple[Ints, Ints, Floats]:
    """Return campaigns of one offender after another: whose they are, which series, when each begins."""
    size = len(suspect)
    victims = 2 + draws.pick(numbers["victims"], ("two", "three"), size)
    first = np.append(0, np.cumsum(victims))
    series = np.searchsorted(first, np.arange(size), side="right") - 1
    head = first[series]
    step = np.where(np.arange(size) > head, draws.waits(numbers["pause_days"] * DAY, size) + np.roll(lasts, 1), 0.0)
    so_far = np.cumsum(step)
    begins = np.minimum(start[head], period.first + (period.last - period.first) * 0.8) + so_far - so_far[head]
    return suspect[head], series, begins


def _others(name: str, victim: Ints, numbers: dict[str, Any], census: Census, draws: Draws) -> Ints:
    size = len(victim)
    others = np.full((size, OTHERS), -1)
    if name == "by_proxy":
        others[:, 0] = census.people(size, male=0.5)
    if name == "connected_victims" and size:
        count = 1 + draws.pick(numbers["others"], ("one", "two", "three"), size)
        with_her = draws.chance(numbers["same_home"], size * OTHERS).reshape(size, OTHERS)
        for place in range(OTHERS):
            home = np.where(with_her[:, place], census.home_of(victim), census.homes(2 * size)[::2])
            others[:, place] = np.where(count > place, census.people(size, home=home), -1)
    return others

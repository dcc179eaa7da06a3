"""What each act was: who did it to whom, by which way, with what, where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from breachpattern.simulation.acts import ACTS, Acts
from breachpattern.simulation.census import Census
from breachpattern.simulation.clock import DAY, HOUR
from breachpattern.simulation.draws import Bools, Draws, Ints
from breachpattern.simulation.parameters import campaign, parameters
from breachpattern.simulation.units import CAMPAIGNS, COUPLES, KINDS, OTHERS, Units, of_kind
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS, PLACE_ROLES

NOTHING, NUMBER, HANDLE, EMAIL, VEHICLE = range(5)
WITH = {"": NOTHING, "number": NUMBER, "handle": HANDLE, "vehicle": VEHICLE}
THROUGH_OTHER = ACTS.index("through_other")
VICTIM_HOME = PLACE_ROLES.values.index("victim_home")
MASKS = np.array([BEHAVIOURS.mask(act["behaviours"]) for act in parameters()["act"].values()], np.int64)


@dataclass(frozen=True)
class Conduct:
    """What each act was; one entry for each.

    Attributes
    ----------
    actor, target : int64
        People: who did it to whom.
    forward : bool
        By the unit's suspect (or for them) towards its victim (or theirs), not the other way.
    behaviours : int64
        Mask of ``BEHAVIOURS``.
    channel, place : int64
        Positions in ``CHANNELS`` and ``PLACE_ROLES``, -1 where there is none.
    home : int64
        The home where, or near which, it happened.
    means, means_of, means_number : int64
        What was used (one of ``NOTHING`` to ``VEHICLE``), whose, and which of theirs.
    count : int64
        Acts that one record covers.
    lasted : int64
        Minutes from the first of them to the last.
    reconciled : bool
        The two had come together again since the act before.
    """

    actor: Ints
    target: Ints
    forward: Bools
    behaviours: Ints
    channel: Ints
    place: Ints
    home: Ints
    means: Ints
    means_of: Ints
    means_number: Ints
    count: Ints
    lasted: Ints
    reconciled: Bools


def describe(units: Units, acts: Acts, census: Census, draws: Draws) -> Conduct:
    """Return what each act was."""
    size, u, numbers = len(acts), acts.unit, parameters()["everyday_messages"]
    kind = units.kind[u]
    forward = ~draws.chance(_by_kind("reverse")[kind], size) | (acts.number == 0)
    forward = np.where(acts.defies >= 0, forward[acts.defies], forward)  # whoever is bound breaks an order
    actor = np.where(forward, units.suspect[u], units.victim[u])
    target = np.where(forward, units.victim[u], units.suspect[u])
    actor = np.where(forward & _by_other(kind, acts.what, draws), units.others[u, 0], actor)
    target = np.where(forward, _whom(units, u, target, draws), target)
    channel, place = np.full(size, -1), np.full(size, -1)
    count = np.ones(size, np.int64)
    for code, act in enumerate(parameters()["act"].values()):
        of = np.flatnonzero(acts.what == code)
        channel[of] = draws.pick(act["channel"], CHANNELS.values, len(of))
        if "place" in act:
            place[of] = draws.pick(act["place"], PLACE_ROLES.values, len(of))
        count[of] = 1 + draws.waits(act["acts"] - 1, len(of)).astype(np.int64)
    count[acts.defies >= 0] = 1
    hours = np.where(units.is_campaign[u], numbers["campaign_hours"], numbers["hours"])
    means = np.array([WITH[act["means"]] for act in parameters()["act"].values()])[acts.what]
    by_account = np.isin(channel, [CHANNELS.values.index("social_media"), CHANNELS.values.index("online_other")])
    means = np.where((means == NUMBER) & by_account, HANDLE, means)
    means = np.where((means == NUMBER) & (channel == CHANNELS.values.index("email")), EMAIL, means)
    another = draws.chance(parameters()["recording"]["other_number"], size)
    couple = np.isin(units.relationship[u], COUPLES)
    return Conduct(
        actor=actor,
        target=target,
        forward=forward,
        behaviours=MASKS[acts.what],
        channel=channel,
        place=place,
        home=_where(place, target, census),
        means=means,
        means_of=actor,
        means_number=np.where(another, draws.whole(1, 4, size), 0),
        count=count,
        lasted=np.where(count > 3, draws.waits(hours * HOUR, size).astype(np.int64), 0),
        reconciled=couple & _long_after(acts) & draws.chance(_by_kind("reconciled")[kind], size),
    )


def _where(place: Ints, target: Ints, census: Census) -> Ints:
    """Return where: at home, as for messages, at the one place of work that each has, or anywhere."""
    at_home = (place == VICTIM_HOME) | (place < 0)
    at_work = place == PLACE_ROLES.values.index("victim_work")
    anywhere = census.any_home(len(place))
    work = census.home_of((target * 7_919) % census.count)
    return np.where(at_home, census.home_of(target), np.where(at_work, work, anywhere))


def _by_kind(name: str) -> Any:
    """Return a number of every kind, campaigns first."""
    return np.array(
        [campaign(kind)[name] if kind in CAMPAIGNS else parameters()["everyday"][kind][name] for kind in KINDS], float
    )


def _by_other(kind: Ints, what: Ints, draws: Draws) -> Bools:
    """Return which acts the proxy did, where they go from suspect to victim."""
    share = campaign("by_proxy")["proxy_share"]
    chosen = (what == THROUGH_OTHER) | draws.chance(share, len(kind))
    return np.asarray((kind == of_kind("by_proxy")) & chosen)


def _whom(units: Units, u: Ints, target: Ints, draws: Draws) -> Ints:
    """Return at whom the acts were aimed: the victim, or somebody near her."""
    connected = units.kind[u] == of_kind("connected_victims")
    chosen = draws.whole(0, OTHERS, len(u))
    count = (units.others[u] >= 0).sum(axis=1)
    other = units.others[u, np.minimum(chosen, np.maximum(count - 1, 0))]
    aside = draws.chance(campaign("connected_victims")["others_share"], len(u))
    return np.where(connected & aside & (other >= 0), other, target)


def _long_after(acts: Acts) -> Bools:
    """Return whether an act comes a week or more after the one before it of the same unit."""
    before = np.append(-1, acts.unit[:-1])
    gap = acts.at - np.append(0, acts.at[:-1])
    return np.asarray((before == acts.unit) & (gap >= 7 * DAY))

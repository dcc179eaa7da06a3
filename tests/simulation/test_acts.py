import numpy as np
import pytest

from breachpattern.simulation.acts import happen
from breachpattern.simulation.census import Census
from breachpattern.simulation.clock import DAY, LAST
from breachpattern.simulation.conduct import describe
from breachpattern.simulation.draws import Draws
from breachpattern.simulation.units import make_units


@pytest.fixture(scope="module")
def happened():
    units = make_units(40_000, Census(Draws(2, "census")), Draws(2, "units"), quiet_town=False)
    acts, police = happen(units, Draws(2, "acts"))
    return units, acts, police


def test_acts_come_in_order_of_unit_and_time_and_within_the_period(happened):
    _, acts, _ = happened
    same = acts.unit[1:] == acts.unit[:-1]
    assert (np.diff(acts.unit) >= 0).all()
    assert (np.diff(acts.at)[same] >= 0).all()
    assert (acts.at >= 0).all()
    assert (acts.at < LAST + DAY).all()
    assert (acts.number == np.arange(len(acts)) - np.searchsorted(acts.unit, acts.unit)).all()


def test_nobody_acts_in_custody(happened):
    _, acts, police = happened
    custody = police.custody()
    assert len(custody.unit) > 50
    low, high = np.searchsorted(acts.unit, custody.unit), np.searchsorted(acts.unit, custody.unit, side="right")
    for first, last, begins, ends in zip(low, high, custody.begins, custody.ends, strict=True):
        own = acts.at[first:last]
        # The clock moves an act by an hour where it was skipped or shown twice.
        assert not ((own >= begins + 60) & (own < ends)).any()


def test_acts_are_bursty(happened):
    """The gaps of campaigns spread more than those of a steady process, whose deviation is their mean."""
    units, acts, _ = happened
    same = (acts.unit[1:] == acts.unit[:-1]) & units.is_campaign[acts.unit[1:]]
    gaps = np.diff(acts.at)[same] / DAY
    assert gaps.std() / gaps.mean() > 1.5
    assert np.median(gaps) < gaps.mean() / 2


def test_orders_and_contact_leave_less_to_happen(happened):
    """The same units with police that never answer act more."""
    units, acts, _ = happened
    from breachpattern.simulation import acts as room

    class Asleep(room.Police):
        def answer(self, u, at, what, breach, notices, act):
            nothing = np.zeros(len(u), np.bool_)
            never = np.full(len(u), np.inf)
            return room.Answer(nothing, nothing, nothing, never, never)

    town = room._Town(units, Draws(2, "acts"))
    town.police = Asleep(units, Draws(2, "asleep"))
    town.run()
    undisturbed = town.acts()
    campaigns = units.is_campaign
    assert campaigns[undisturbed.unit].sum() > 1.1 * campaigns[acts.unit].sum()


def test_an_anniversary_brings_some_back(happened):
    units, acts, _ = happened
    since = acts.at - units.start[acts.unit]
    day = np.abs(since - 365 * DAY) < DAY
    around = (np.abs(since - 365 * DAY) < 8 * DAY) & ~day
    assert day[units.is_campaign[acts.unit]].sum() > around[units.is_campaign[acts.unit]].sum() / 7 * 3


def test_whoever_is_bound_breaks_an_order_in_everyday_life(happened):
    units, acts, police = happened
    census = Census(Draws(2, "census"))
    make_units(40_000, census, Draws(2, "units"), quiet_town=False)
    conduct = describe(units, acts, census, Draws(2, "conduct"))
    defiant = np.flatnonzero(acts.defies >= 0)
    assert len(defiant) > 20
    assert not units.is_campaign[acts.unit[defiant]].any()
    assert (acts.unit[defiant] == acts.unit[acts.defies[defiant]]).all()
    assert (conduct.actor[defiant] == conduct.actor[acts.defies[defiant]]).all()
    assert (conduct.count[defiant] == 1).all()
    led = police.orders().act
    assert np.isin(acts.defies[defiant], led).all()

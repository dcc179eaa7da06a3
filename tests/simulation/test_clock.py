from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from breachpattern.simulation.clock import LAST, hour_weights, minute, moments, settled
from breachpattern.simulation.draws import Draws
from breachpattern.spans import london_wall_clock


@settings(deadline=None)
@given(st.lists(st.integers(0, LAST), min_size=1))
def test_settled_times_are_on_the_clock_once(minutes):
    """Each stands for one instant: the wall clock shows it at exactly one of the two offsets."""
    shown = settled(np.array(minutes))
    epoch = np.datetime64(date(2016, 1, 1), "s").astype(np.int64)
    wall = epoch + shown * 60
    fits = [london_wall_clock(wall - offset) == wall for offset in (0, 3600)]
    assert (fits[0] ^ fits[1]).all()
    assert (shown >= np.array(minutes)).all()


def test_hours_have_mean_one():
    assert np.isclose(hour_weights().mean(), 1)
    assert minute(date(2016, 1, 2)) == 1440


def test_moments_prefer_the_busy_hours():
    hours = moments(0, LAST, 20_000, Draws(1, "clock")) // 60 % 24
    count = np.bincount(hours, minlength=24)
    assert count[18:22].sum() > 3 * count[3:7].sum()

from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachpattern import simulate
from breachpattern.errors import UsageError
from breachpattern.simulation.clock import LAST, WHOLE, hour_weights, minute, moments, period_of, settled
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


def test_a_period_runs_to_the_end_of_its_last_day():
    assert period_of(None, None) == WHOLE == (0, LAST)
    assert period_of(datetime(2023, 1, 1, 9), None) == period_of("2023-01-01", None)
    assert period_of(date(2023, 1, 1), "2026-06-30") == (minute(date(2023, 1, 1)), minute(date(2026, 7, 1)))


@pytest.mark.parametrize(
    "days", [("2015-12-31", None), ("2025-01-01", "2025-01-20"), (None, "2200-01-01"), ("soon", None), (20250101, None)]
)
def test_a_period_that_cannot_be_is_refused(days):
    with pytest.raises(UsageError):
        period_of(*days)


def test_an_extract_of_other_years_lies_within_them():
    force = simulate(400, 2, since="2023-01-01", until="2026-06-30")
    told = [text for text in force.incidents["recorded_at"].to_pylist() if text]
    assert "2023-01-01" <= min(told) < "2023-06"
    assert "2026-01" < max(told) < "2026-07-01"
    assert min(force.orders["made_on"].to_pylist()) >= "2023-01-01"
    assert set(force.truth["orders"]["kind"].to_pylist()).isdisjoint({"police_information_notice"})

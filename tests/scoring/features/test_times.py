"""Features of time against the same, worked out one history at a time from their definitions."""

from __future__ import annotations

import math
import statistics
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.scoring.features.given import CALL, analyse, features, incident

from breachpattern.scoring import feature_frame
from breachpattern.spans import as_of_second

START = datetime(2025, 1, 1, 12)
AS_OF = "2026-03-01T12:00"
SECONDS = as_of_second(AS_OF)


def written(hours):
    return (START + timedelta(hours=hours)).isoformat(timespec="minutes")


def told(hours):
    rows = [incident(f"I{i}", written(h), **CALL) for i, h in enumerate(hours)]
    return features(rows, as_of=AS_OF, features=["time", "counts"])


def moments(hours):
    """The occasions in seconds UTC: the tests stay in winter, where London is UTC."""
    return [datetime.fromisoformat(f"{START + timedelta(hours=h)}+00:00").timestamp() for h in sorted(hours)]


winter = st.lists(st.integers(0, 24 * 80), min_size=1, max_size=9, unique=True)


@settings(max_examples=up_to(25), deadline=None)
@given(winter)
def test_the_columns_agree_with_the_definitions(hours):
    row, at = told(hours), moments(hours)
    n, age = len(at), [(SECONDS - t) / 86_400 for t in at]
    gaps = [(b - a - 1) / 86_400 for a, b in pairwise(at)]
    between = [(b - a) / 86_400 for a, b in pairwise(at)]
    wanted = {
        "occasions": n,
        "occasions_365d": sum(a < 365 for a in age),
        "days_since_first": age[0],
        "days_since_last": age[-1],
        "span_days": (at[-1] + 1 - at[0]) / 86_400,
        "rate": 30 * n / max(age[0], 30),
        "intensity": sum(0.5 / 30 * math.exp(-a / 30) * 30 for a in age),
        "intensity_slow": sum(0.5 / 180 * math.exp(-a / 180) * 30 for a in age),
        "rate_within": math.nan,
        "burstiness": math.nan,
    } | {f"gap_{name}": math.nan for name in ("shortest", "median", "longest", "last")}
    if n > 1:
        wanted["rate_within"] = 30 * (n - 1) / sum(between) if sum(between) >= 1 else math.nan
        wanted |= {"gap_shortest": min(gaps), "gap_median": statistics.median(gaps), "gap_longest": max(gaps)}
        wanted["gap_last"] = gaps[-1]
    if n > 2:
        r, m = statistics.pstdev(between) / statistics.mean(between), len(between)
        a, b = math.sqrt(m + 1), math.sqrt(m - 1)
        wanted["burstiness"] = (a * r - b) / ((a - 2) * r + b)
    for name, events, until in (("trend", at[1:-1], at[-1]), ("trend_to_date", at[1:], SECONDS)):
        places = [(t - at[0]) / (until - at[0]) for t in events]
        uniform = (statistics.mean(places) - 0.5) * math.sqrt(12 * len(places)) if places else math.nan
        wanted[name] = uniform
    assert row[list(wanted)].to_dict() == pytest.approx(wanted, rel=1e-9, abs=1e-9, nan_ok=True)


def test_a_quickening_history_has_a_rising_trend_and_a_slowing_one_a_falling_one():
    quicker = [0, 500, 900, 1200, 1400, 1500, 1550, 1575]
    slower = [1575 - h for h in quicker]
    assert told(quicker)["trend"] > 1.64
    assert told(slower)["trend"] == pytest.approx(-told(quicker)["trend"])


@pytest.mark.parametrize(
    ("hours", "least", "most"),
    [([0, 24, 48, 72, 96], -1, -1), ([0, 1, 2, 3, 1500], 0.9, 1)],
)
def test_burstiness_runs_from_regular_to_all_at_once(hours, least, most):
    assert least - 1e-9 <= told(hours)["burstiness"] <= most + 1e-9


def test_burstiness_of_random_occasions_is_about_nothing():
    random = np.random.default_rng(7)
    rows = [
        incident(f"I{pair}-{hour}", written(hour), victim_id=f"V{pair}", **CALL)
        for pair in range(200)
        for hour in random.choice(24 * 80, 8, replace=False).tolist()
    ]
    found = feature_frame(analyse(rows, as_of=AS_OF), unit="dyad", features="burstiness")["burstiness"]
    assert len(found) == 200
    # The correction is exact for the mean square; over seven uniform spacings the mean is -0.046 (200,000 drawn).
    assert abs(found.mean() + 0.046) < 0.03


def test_trend_to_date_falls_while_it_is_quiet_and_trend_stays():
    rows = [incident(f"I{i}", f"2025-03-{d:02d}T10:00", **CALL) for i, d in enumerate((1, 9, 14, 17, 18))]
    soon, late = (features(rows, as_of=when) for when in ("2025-03-19", "2025-09-01"))
    assert soon["trend"] == late["trend"]
    assert late["trend_to_date"] < soon["trend_to_date"]
    assert late["intensity"] < soon["intensity"]


def test_a_record_of_several_acts_stands_for_its_days():
    row = features([incident("I1", "2025-03-01", occurred_to="2025-03-05", act_count="50", **CALL)])
    assert (row["occasions"], row["acts"], row["acts_most"]) == (5, 50, 50)
    assert np.isnan(row["gap_longest"])

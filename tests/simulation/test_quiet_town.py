"""A town without campaigns stays quiet, and the campaigns of another are still seen."""

from __future__ import annotations

import pytest
from benchmarks.bench_truth import called_clear, quiet, reached

import breachpattern as bp

ONCE_IN = 100_000


@pytest.mark.slow
def test_a_quiet_town_is_quiet():
    """The bound is one in 100,000 on average; one odd pair can have two patterns."""
    found = quiet(ONCE_IN, 5)
    assert len(found) <= 2, found[["pattern", "processes", "headline"]].to_string()


@pytest.mark.slow
def test_quiet_is_not_bought_with_blindness():
    force = bp.simulate(40_000, 5)
    analysis = bp.Analyser().analyse(bp.read_extract(**force.tables()), as_of="2025-12-31")
    share = reached(force, analysis).set_index("campaigns")
    assert share.loc["all", "high"] >= 0.15
    assert share.loc["all", "medium"] >= 0.7
    assert share.loc["10 acts or more", "high"] >= 0.4
    clear = called_clear(force, analysis).set_index("process")["clear"]
    assert clear["volatile_couple"] <= 0.03
    assert clear["rejected"] >= 0.4

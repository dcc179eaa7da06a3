"""One small force, analysed at three instants."""

from __future__ import annotations

import pytest

import breachpattern as bp

WEEKS = ("2025-06-01", "2025-06-08", "2025-06-15")


@pytest.fixture(scope="session")
def force():
    return bp.simulate(6_000, seed=3)


@pytest.fixture(scope="session")
def analyses(force):
    extract, analyser = bp.read_extract(**force.tables()), bp.Analyser()
    return [analyser.analyse(extract, as_of=day) for day in WEEKS]

"""What tests of scoring share: a small simulated force, analysed once."""

from __future__ import annotations

from functools import cache

import breachpattern as bp


@cache
def analysed(incidents: int = 3_000, seed: int = 5) -> bp.Analysis:
    force = bp.simulate(incidents, seed)
    return bp.Analyser().analyse(bp.read_extract(**force.tables()), as_of="2025-12-31")

"""Baselines: what a ranking has to beat. The rank of the findings, and two orders that forces use today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from breachpattern.scoring.assessment.units import Units
from breachpattern.scoring.estimators.frame import place
from breachpattern.spans import DAY
from breachpattern.vocabulary import BEHAVIOURS

Floats = npt.NDArray[np.float64]
Scorer = Callable[[Units], Any]

YEAR_DAYS = 365
# Northumbria's procedure looks at three years (7.2 of the manual of the Sunderland Safeguarding Adults Board).
GRAVITY_DAYS = 3 * 365


def rule_rank(units: Units) -> Floats:
    """Return the order of the findings: the higher, the earlier the first finding about a unit stands.

    Parameters
    ----------
    units : Units

    Returns
    -------
    (n,) float64
        Minus the rank of the first finding that names the pair, or the course; units without a finding share the
        last place.

    Examples
    --------
    >>> import breachpattern as bp
    >>> from breachpattern.scoring.assessment import units_of
    >>> rows = [{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1"}]
    >>> rule_rank(units_of(bp.Analyser().analyse(bp.read_extract(rows), as_of="2025-12-31"), "dyad")).tolist()
    [-1.0]
    """
    placed = place(units.analysis, units.kind)
    last = len(units.analysis.found)
    first = np.full(len(units), last)
    np.minimum.at(first, units.index.get_indexer(placed.index)[placed.unit], placed.finding)
    return -(first + 1.0)


def count_in_a_year(units: Units) -> Floats:
    """Return how many incidents of each unit began in the 365 days before the instant of the analysis.

    Examples
    --------
    >>> import breachpattern as bp
    >>> from breachpattern.scoring.assessment import units_of
    >>> rows = [{"incident_id": f"I{n}", "occurred_from": day, "suspect_id": "P1", "victim_id": "V1"}
    ...         for n, day in enumerate(["2023-03-01", "2025-03-01", "2025-04-01"])]
    >>> count_in_a_year(units_of(bp.Analyser().analyse(bp.read_extract(rows), as_of="2025-12-31"), "dyad")).tolist()
    [2.0]
    """
    ones = np.ones(len(units.analysis.timelines.columns))
    return units.of_incidents(ones, units.analysis.as_of - YEAR_DAYS * DAY)


def recency_frequency_gravity(units: Units) -> Floats:
    """Return the mean of three places from 0 to 1: by latest act, by incidents and by their gravity in three years.

    Parameters
    ----------
    units : Units

    Returns
    -------
    (n,) float64

    Notes
    -----
    Forces rank perpetrators of domestic abuse by recency, frequency and gravity, each in weighted bands that could not
    be found in print (Northumbria; the Metropolitan Police until 2020, decision PCD 931 of the Mayor's office). Here
    each is a percentile among the units, equally weighted: finer than bands, so with fewer ties. Bands or weights of a
    force may do better or worse: give its own order as a scorer. Gravity is the sum over incidents of the harm rank (0
    to 5, a judgement) of the gravest
    behaviour on each record or implied by its offence.

    Examples
    --------
    >>> import breachpattern as bp
    >>> from breachpattern.scoring.assessment import units_of
    >>> rows = [{"incident_id": f"I{n}", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": victim}
    ...         for n, victim in enumerate(["V1", "V2", "V2"])]
    >>> units = units_of(bp.Analyser().analyse(bp.read_extract(rows), as_of="2025-12-31"), "dyad")
    >>> recency_frequency_gravity(units).round(2).tolist()
    [0.67, 0.83]
    """
    since = units.analysis.as_of - GRAVITY_DAYS * DAY
    columns = units.analysis.timelines.columns
    frequency = units.of_incidents(np.ones(len(columns)), since)
    gravity = units.of_incidents(harm_of_rows(units), since)
    parts = [units.last_start.astype(np.float64), frequency, gravity]
    return np.asarray(np.mean([_place(part) for part in parts], axis=0))


def harm_of_rows(units: Units) -> Floats:
    """Return the harm rank of the gravest behaviour of each row of the columns; 0 where none is known."""
    entries = units.analysis.timelines.catalogue.behaviours
    masks, place = np.unique(units.analysis.timelines.columns.behaviours, return_inverse=True)
    worst = np.zeros(len(masks))
    for bit, behaviour in enumerate(BEHAVIOURS):
        harm = entries[behaviour].harm if behaviour in entries else 0
        worst = np.where(masks >> bit & 1, np.maximum(worst, harm), worst)
    return np.asarray(worst[place.reshape(-1)])


def _place(values: Floats) -> Floats:
    return np.asarray(rankdata(values) / max(len(values), 1))


BASELINES: dict[str, Scorer] = {
    "rule_rank": rule_rank,
    "recency_frequency_gravity": recency_frequency_gravity,
    "count_in_a_year": count_in_a_year,
}

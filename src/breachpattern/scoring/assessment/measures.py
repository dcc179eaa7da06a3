"""Measures of a ranking against what is true, for one weighing of the units or for many at once.

Ties are never broken in a ranking's favour: units of one score share their places, and a measure at a capacity is
what drawing among them gives on average.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.proportions import wilson

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ranked:
    """Units in the order of a score, the highest first; ties share a place.

    Attributes
    ----------
    order : (n,) int64
        Positions of the units, the highest score first.
    ends : (places,) int64
        Where in ``order`` each run of equal scores ends, the last unit included.
    truth : (n,) float64
        In that order.
    """

    order: Ints
    ends: Ints
    truth: Floats

    @classmethod
    def of(cls, score: Any, truth: Any) -> Ranked:
        """Return units ranked by a score; a score that is NaN comes last."""
        score = np.nan_to_num(np.asarray(score, np.float64), nan=-np.inf)
        order = np.argsort(-score, kind="stable")
        ordered = score[order]
        ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)[: len(ordered)])
        return cls(order, ends, np.asarray(truth, np.float64)[order])

    def counts(self, weights: Floats | None = None) -> Counts:
        """Return units and true units down to the end of each place, for each weighing (all units once by default)."""
        weights = np.ones((1, len(self.order))) if weights is None else np.atleast_2d(weights)
        ordered = weights[:, self.order]
        return Counts(np.cumsum(ordered, axis=1)[:, self.ends], np.cumsum(ordered * self.truth, axis=1)[:, self.ends])


@dataclass(frozen=True)
class Counts:
    """Units, and true ones among them, from the top down to the end of each place: (weighings, places) each."""

    units: Floats
    hits: Floats

    def average_precision(self) -> Floats:
        """Return the average precision for each weighing; NaN where nothing is true.

        Examples
        --------
        >>> Ranked.of([3, 2, 1], [1, 0, 1]).counts().average_precision().round(3).tolist()
        [0.833]
        """
        if self.units.shape[1] == 0:
            return np.full(len(self.units), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            precision = np.where(self.units > 0, self.hits / self.units, 0.0)
        gained = np.diff(self.hits, axis=1, prepend=0.0)
        return np.asarray((gained * precision).sum(axis=1) / or_nan(self.hits[:, -1]))

    def at(self, capacities: Sequence[float]) -> tuple[Floats, Floats]:
        """Return precision and recall for each weighing and each number of units that are looked at.

        Examples
        --------
        >>> precision, recall = Ranked.of([2, 1, 1], [1, 0, 1]).counts().at([2])
        >>> precision.tolist(), recall.tolist()
        ([[0.75]], [[0.75]])
        """
        shape = len(self.units), len(capacities)
        if self.units.shape[1] == 0:
            return np.full(shape, np.nan), np.full(shape, np.nan)
        units, hits = (np.concatenate([np.zeros((len(c), 1)), c], axis=1) for c in (self.units, self.hits))
        looked, found = np.empty(shape), np.empty(shape)
        row = np.arange(len(units))
        for column, capacity in enumerate(capacities):
            looked[:, column] = np.minimum(capacity, units[:, -1])
            place = np.clip((units < looked[:, column, None]).sum(axis=1), 1, units.shape[1] - 1)
            above, size = units[row, place - 1], units[row, place] - units[row, place - 1]
            share = (looked[:, column] - above) / np.where(size > 0, size, 1.0)
            found[:, column] = hits[row, place - 1] + share * (hits[row, place] - hits[row, place - 1])
        return found / or_nan(looked), found / or_nan(hits[:, -1:])


def or_nan(values: Floats) -> Floats:
    """Return denominators with NaN in the place of what cannot divide."""
    return np.where(values > 0, values, np.nan)


def brier(probability: Any, truth: Any, weights: Floats | None = None) -> Floats:
    """Return the mean squared distance between probability and truth, for each weighing (Brier, 1950).

    Examples
    --------
    >>> brier([0.9, 0.2], [1, 0]).round(3).tolist()
    [0.025]
    """
    squared = (np.asarray(probability, np.float64) - np.asarray(truth, np.float64)) ** 2
    weights = np.ones((1, len(squared))) if weights is None else np.atleast_2d(weights)
    total = weights.sum(axis=1)
    return np.asarray(weights @ squared / or_nan(total))


def calibration_curve(probability: Any, truth: Any, bins: int = 10) -> pd.DataFrame:
    """Return how often what was given a probability was true, in bins of as many units as can be.

    Parameters
    ----------
    probability, truth : (n,) array-like
    bins : int, default 10
        At most: units of one probability stay in one bin.

    Returns
    -------
    pandas.DataFrame
        ``predicted`` (mean), ``observed`` (share), ``low``, ``high`` (Wilson, 95 %), ``units``.

    Examples
    --------
    >>> curve = calibration_curve([0.1, 0.1, 0.9, 0.9], [0, 0, 1, 0], bins=2)
    >>> curve[["predicted", "observed", "units"]].values.tolist()
    [[0.1, 0.0, 2.0], [0.9, 0.5, 2.0]]
    """
    probability, truth = np.asarray(probability, np.float64), np.asarray(truth, np.float64)
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, bins + 1))) if len(probability) else np.zeros(2)
    number = np.clip(np.searchsorted(edges, probability, side="right") - 1, 0, max(len(edges) - 2, 0))
    count = np.bincount(number)
    hits, total = np.bincount(number, weights=truth), np.bincount(number, weights=probability)
    kept = count > 0
    count, hits, total = count[kept], hits[kept], total[kept]
    low, high = wilson(hits, count)
    columns = {"predicted": total / count, "observed": hits / count, "low": low, "high": high, "units": count}
    return pd.DataFrame(columns)


def decision_curve(probability: Any, truth: Any, thresholds: Any = None) -> pd.DataFrame:
    """Return the net benefit of looking at every unit above a threshold, beside looking at all and at none.

    Parameters
    ----------
    probability, truth : (n,) array-like
    thresholds : array-like, optional
        From 0.01 to 0.99 by default. A threshold of 0.2 says that a course missed is four times as bad as a unit
        looked at for nothing.

    Returns
    -------
    pandas.DataFrame
        ``threshold``, ``net_benefit``, ``all``, ``none``: true units found for each unit assessed, less what was
        looked at for nothing at the rate of exchange (Vickers and Elkin, 2006).

    Examples
    --------
    >>> decision_curve([0.9, 0.2], [1, 0], [0.5]).values.tolist()
    [[0.5, 0.5, 0.0, 0.0]]
    """
    probability, truth = np.asarray(probability, np.float64), np.asarray(truth, np.float64)
    thresholds = np.linspace(0.01, 0.99, 99) if thresholds is None else np.asarray(thresholds, np.float64)
    exchange = thresholds / (1 - thresholds)
    ordered = np.argsort(probability, kind="stable")
    above = len(truth) - np.searchsorted(probability[ordered], thresholds, side="left")
    true_above = np.append(np.cumsum(truth[ordered][::-1])[::-1], 0.0)[len(truth) - above]
    n = max(len(truth), 1)
    net = (true_above - (above - true_above) * exchange) / n
    share = truth.sum() / n
    columns = {"threshold": thresholds, "net_benefit": net, "all": share - (1 - share) * exchange}
    return pd.DataFrame({**columns, "none": np.zeros(len(thresholds))})

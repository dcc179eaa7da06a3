"""Fitting: how high the ramps stand, and what later decisions say of the scale. Both are convex: one answer each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from breachpattern.scoring.estimators.sums import Floats

# Standard deviations of what is believed beforehand (judgement): of the level, of trust in the rules around 1, of the
# slope of the calibration around 1. The level is hardly held; a slope moves from 1 only where rows by the dozen say so.
LEVEL_SD, TRUST_SD, SLOPE_SD = 10.0, 0.3, 0.3
LEAST_TRUST, SLOPES = 0.1, (0.05, 20.0)


@dataclass(frozen=True)
class Fit:
    """The level of the log-odds, what a unit of the rule's log-odds is worth, and the height of each ramp."""

    level: float
    trust: float
    heights: Floats


def fit_ramps(height: Floats, y: Floats, rule: Floats, penalty: float, *, learns: bool) -> Fit:
    """Return the most plausible heights, none negative, under a normal belief about each with variance 1/penalty.

    Parameters
    ----------
    height : (n, ramps) float64
        Where each row stands on each ramp.
    y : (n,) float64
        1 or 0.
    rule : (n,) float64
        The log-odds of the rules; all 0 where they have no say.
    penalty : float
    learns : bool
        Whether anything but the level is learnt.
    """
    says = bool(rule.any())
    least_trust = (LEAST_TRUST if learns else 1.0) if says else 0.0
    most_trust = (None if learns else 1.0) if says else 0.0
    n = height.shape[1]
    bounds: list[tuple[Any, Any]] = [(None, None), (least_trust, most_trust), *[(0.0, None if learns else 0.0)] * n]
    centre = np.append([0.0, float(says)], np.zeros(n))
    belief = np.append([LEVEL_SD**-2, TRUST_SD**-2], np.full(n, penalty))

    def loss(t: Floats) -> tuple[float, Floats]:
        z = t[0] + t[1] * rule + height @ t[2:]
        value, slope = _log_loss(z, y)
        pull = belief * (t - centre)
        gradient = np.concatenate([[slope.sum(), slope @ rule], height.T @ slope]) + pull
        return value + float(pull @ (t - centre)) / 2, gradient

    found = _least(loss, centre, bounds)
    return Fit(float(found[0]), float(found[1]), found[2:])


def fit_line(z: Floats, y: Floats) -> tuple[float, float]:
    """Return slope and intercept that fit log-odds to what happened; the slope is never negative, and 1 without rows.

    Platt's scaling with a belief in (1, 0): few rows move it little.

    Parameters
    ----------
    z : (n,) float64
        The log-odds before calibration.
    y : (n,) float64
        1 or 0.

    Examples
    --------
    >>> fit_line(np.empty(0), np.empty(0))
    (1.0, 0.0)
    """
    centre, belief = np.array([1.0, 0.0]), np.array([SLOPE_SD**-2, LEVEL_SD**-2])

    def loss(t: Floats) -> tuple[float, Floats]:
        value, slope = _log_loss(t[0] * z + t[1], y)
        pull = belief * (t - centre)
        return value + float(pull @ (t - centre)) / 2, np.array([slope @ z, slope.sum()]) + pull

    found = _least(loss, centre, [SLOPES, (None, None)])
    return float(found[0]), float(found[1])


def _log_loss(z: Floats, y: Floats) -> tuple[float, Floats]:
    return float(np.logaddexp(0, z).sum() - y @ z), expit(z) - y


def _least(loss: Any, start: Floats, bounds: list[tuple[Any, Any]]) -> npt.NDArray[np.float64]:
    options = {"maxiter": 5_000, "maxfun": 10_000, "maxcor": 30, "gtol": 1e-6, "ftol": 1e-9}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x, dtype=np.float64)

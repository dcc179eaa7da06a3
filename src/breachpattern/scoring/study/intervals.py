"""Intervals of means."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from breachpattern.linking.columns import Floats


def mean_interval(mean: Floats, deviation: Floats, n: npt.ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return Student's interval of means, NaN where fewer than two values say nothing of their spread.

    Examples
    --------
    >>> low, high = mean_interval(np.array([2.0]), np.array([1.0]), [3])
    >>> [round(float(low[0]), 3), round(float(high[0]), 3)]
    [-0.484, 4.484]
    """
    count = np.asarray(n, np.float64)
    several = np.where(count > 1, count, np.nan)
    half = special.stdtrit(several - 1, 0.5 + confidence / 2) * deviation / np.sqrt(several)
    return mean - half, mean + half

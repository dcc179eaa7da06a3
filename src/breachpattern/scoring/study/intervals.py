"""Intervals of shares and means."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from breachpattern.errors import UsageError
from breachpattern.linking.columns import Floats


def wilson(successes: npt.ArrayLike, trials: npt.ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the score interval of shares, NaN where there was no trial.

    Parameters
    ----------
    successes, trials : (n,) array of int
    confidence : float, default 0.95
        Between 0 and 1.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. *JASA* 22, 209-212.

    Examples
    --------
    >>> [round(float(bound[0]), 4) for bound in wilson([8], [10])]
    [0.4902, 0.9433]
    """
    if not 0 < confidence < 1:
        raise UsageError(f"A confidence of {confidence} is none.", where="confidence", hint="Give 0.95, or 0.9.")
    k, n = np.asarray(successes, np.float64), np.asarray(trials, np.float64)
    z2 = special.ndtri(0.5 + confidence / 2) ** 2
    some = np.where(n > 0, n, np.nan)
    middle = (k + z2 / 2) / (some + z2)
    half = np.sqrt(z2 * (k * (some - k) / some + z2 / 4)) / (some + z2)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


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

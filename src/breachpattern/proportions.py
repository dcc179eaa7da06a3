"""How sure a share is: Wilson's interval, in the one place where everybody who counts finds it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from breachpattern.errors import UsageError

Floats = npt.NDArray[np.float64]
LEVEL = 0.95


def normal_quantile(level: float = LEVEL) -> float:
    """Return how many standard deviations either way hold a share of a normal distribution.

    Raises
    ------
    UsageError
        Where the share is not between 0 and 1.

    Examples
    --------
    >>> round(normal_quantile(), 3)
    1.96
    """
    from scipy.special import ndtri

    if not 0 < level < 1:
        raise UsageError(f"A confidence of {level} is none.", where="confidence", hint="Give 0.95, or 0.9.")
    return float(ndtri((1 + level) / 2))


def wilson(hits: npt.ArrayLike, count: npt.ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the ends of Wilson's score interval of shares; NaN where nothing was counted.

    Parameters
    ----------
    hits, count : array-like
        Numerators and denominators; they need not be whole numbers.
    level : float, default 0.95

    Raises
    ------
    UsageError
        Where the level is not between 0 and 1.

    Notes
    -----
    Wilson (1927), Journal of the American Statistical Association 22, 209-212. It stays within 0 and 1, reaches them
    where none or all were hit, and holds for small counts, where two standard errors either way do not.

    Examples
    --------
    >>> low, high = wilson([0, 5, 10], 10)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.237, 0.722], [0.278, 0.763, 1.0])
    """
    k, n = np.asarray(hits, np.float64), np.asarray(count, np.float64)
    z2 = normal_quantile(level) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (k + z2 / 2) / (n + z2)
        half = np.sqrt(z2 * (k * (n - k) / n + z2 / 4)) / (n + z2)
    # At 0 and at 1 the interval reaches them exactly; rounding must not keep it away.
    low, high = np.where(k == 0, 0.0, np.clip(middle - half, 0, 1)), np.where(k == n, 1.0, np.clip(middle + half, 0, 1))
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)

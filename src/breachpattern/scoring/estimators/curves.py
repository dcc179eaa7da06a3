"""What each feature adds: one broken line per feature, which never falls where the law says that more is more.

A line is a sum of ramps between knots, none with a negative height: rising ones, falling ones, or both where no
direction is declared. A blank stands on none of them, so it adds nothing, and nothing adds less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from breachpattern.scoring.estimators.sums import Floats, exact

KNOTS = 9


@dataclass(frozen=True)
class Curve:
    """What one feature adds to the log-odds.

    Attributes
    ----------
    feature : str
    direction : int
        1 never falls, -1 never rises, 0 is free.
    knots, values : tuple of float
        The corners; beyond the first and the last the line is level. A blank adds 0.

    Examples
    --------
    >>> Curve("occasions", 1, (2.0, 6.0), (0.0, 1.0)).at(np.array([1.0, 4.0, 9.0, np.nan])).tolist()
    [0.0, 0.5, 1.0, 0.0]
    """

    feature: str
    direction: int
    knots: tuple[float, ...]
    values: tuple[float, ...]

    def at(self, x: Floats) -> Floats:
        """Return what values add, as exact sums take it."""
        known = ~np.isnan(x)
        if not self.knots:
            return np.zeros(len(x))
        return exact(np.where(known, np.interp(np.where(known, x, self.knots[0]), self.knots, self.values), 0.0))


def knots_of(x: Floats) -> Floats:
    """Return at most nine knots: all distinct values where they are few, else quantiles that the feature takes.

    Examples
    --------
    >>> knots_of(np.array([3.0, 1.0, np.nan, 3.0])).tolist()
    [1.0, 3.0]
    >>> len(knots_of(np.arange(100.0)))
    9
    """
    known = np.sort(x[~np.isnan(x)])
    distinct = known[np.append(True, known[1:] > known[:-1])] if len(known) else known
    if len(distinct) <= KNOTS:
        return distinct
    places = np.linspace(0, len(known) - 1, KNOTS).round().astype(np.int64)
    return np.unique(known[places])


def ramps(x: Floats, knots: Floats, direction: int) -> Floats:
    """Return the heights of the ramps at some values, from 0 to 1: the rising ones, then the falling ones.

    Examples
    --------
    >>> ramps(np.array([1.0, 2.0, np.nan]), np.array([1.0, 3.0]), 0).tolist()
    [[0.0, 1.0], [0.5, 0.5], [0.0, 0.0]]
    """
    known = ~np.isnan(x)
    filled = np.where(known, x, knots[0])
    up = np.clip((filled[:, None] - knots[:-1]) / np.diff(knots), 0, 1)
    sides = ([up] if direction >= 0 else []) + ([1 - up] if direction <= 0 else [])
    return np.asarray(np.hstack(sides) * known[:, None])


def drawn(feature: str, direction: int, knots: Floats, heights: Floats) -> Curve:
    """Return the line that ramps of some heights add up to."""
    values = ramps(knots, knots, direction) @ heights
    return Curve(feature, direction, tuple(knots.tolist()), tuple(exact(values).tolist()))

"""Seeded draws: one stream for each stage, so that a stage that draws more leaves the others as they were."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Draws:
    """The draws of one stage.

    Parameters
    ----------
    seed : int
        Of the whole simulation, not negative.
    stage : str
        The stage that draws.

    Examples
    --------
    >>> Draws(7, "people").whole(0, 100, 3).tolist() == Draws(7, "people").whole(0, 100, 3).tolist()
    True
    """

    def __init__(self, seed: int, stage: str) -> None:
        self.random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(stage.encode())])))

    def chance(self, probability: float | Floats, size: int) -> Bools:
        """Return ``size`` times whether something of this probability happened."""
        return np.asarray(self.random.random(size) < probability)

    def whole(self, low: int, high: int | Ints, size: int) -> Ints:
        """Return ``size`` whole numbers from ``low`` to below ``high``."""
        return np.asarray(self.random.integers(low, high, size), np.int64)

    def waits(self, mean: float | Floats, size: int) -> Floats:
        """Return ``size`` exponential waiting times."""
        return np.asarray(self.random.exponential(1.0, size) * mean)

    def lengths(self, mean: float | Floats, spread: float | Floats, size: int) -> Floats:
        """Return ``size`` lognormal lengths with this mean and this sigma of their logarithm."""
        normal = self.random.standard_normal(size)
        return np.asarray(mean * np.exp(spread * normal - np.square(spread) / 2))

    def pick(self, shares: Mapping[str, float], values: Sequence[Any], size: int) -> Ints:
        """Return ``size`` positions in ``values``, drawn by shares that name some of them.

        Examples
        --------
        >>> Draws(1, "x").pick({"b": 1.0}, ("a", "b"), 2).tolist()
        [1, 1]
        """
        places = np.array([values.index(name) for name in shares], np.int64)
        weight = np.cumsum(np.fromiter(shares.values(), np.float64, len(shares)))
        chosen = np.searchsorted(weight / weight[-1], self.random.random(size), side="right")
        return np.asarray(places[np.minimum(chosen, len(places) - 1)])

    def order(self, size: int) -> Ints:
        """Return the numbers below ``size`` in some order."""
        return np.asarray(self.random.permutation(size), np.int64)

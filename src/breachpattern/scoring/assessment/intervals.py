"""Intervals: how sure a measure is. Wilson's for one proportion, resampled people for everything that is ranked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from breachpattern.proportions import LEVEL, wilson

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# So many resamples are weighed at a time: what bounds the memory of a resampled measure.
CHUNK = 25


def newcombe(hits: Any, count: Any, other_hits: Any, other_count: Any, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the ends of Newcombe's interval of the difference between two independent proportions.

    Parameters
    ----------
    hits, count : array-like
        Of the proportion from which the other is taken.
    other_hits, other_count : array-like
    level : float, default 0.95

    Notes
    -----
    Newcombe (1998), method 10: built from Wilson's intervals of the two.

    Examples
    --------
    >>> low, high = newcombe(56, 70, 48, 80)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0524, 0.3339)
    """
    hits, count = np.asarray(hits, np.float64), np.asarray(count, np.float64)
    other_hits, other_count = np.asarray(other_hits, np.float64), np.asarray(other_count, np.float64)
    low, high = wilson(hits, count, level)
    other_low, other_high = wilson(other_hits, other_count, level)
    with np.errstate(invalid="ignore", divide="ignore"):
        share, other = hits / count, other_hits / other_count
        difference = share - other
        down = np.hypot(share - low, other_high - other)
        up = np.hypot(high - share, other - other_low)
    return difference - down, difference + up


@dataclass(frozen=True)
class Resamples:
    """The same draws of people for every measure, so that differences between scorers are paired.

    People who are connected are drawn together: their units are not independent.

    Attributes
    ----------
    group : (n,) int64
        For each unit the number of its connected people, from 0.
    times : int
    seed : int
    """

    group: Ints
    times: int = 1000
    seed: int = 0

    @classmethod
    def of(cls, people: Any, times: int = 1000, seed: int = 0) -> Resamples:
        """Return the resamples of units by the label of their connected people; the order of rows changes nothing."""
        _, group = np.unique(np.asarray(people), return_inverse=True)
        return cls(group.reshape(-1).astype(np.int64), times, seed)

    def weights(self) -> Iterator[Floats]:
        """Yield how often each unit is drawn, some resamples at a time: (resamples, n)."""
        rng = np.random.default_rng(self.seed)
        groups = int(self.group.max(initial=-1)) + 1
        for start in range(0, self.times, CHUNK):
            size = min(CHUNK, self.times - start)
            drawn = rng.multinomial(groups, np.full(groups, 1 / groups), size=size) if groups else np.zeros((size, 0))
            yield drawn[:, self.group].astype(np.float64)


def interval(values: Floats, level: float = LEVEL) -> tuple[float, float]:
    """Return the percentile interval of resampled values; NaN where none could be computed.

    Examples
    --------
    >>> interval(np.arange(101) / 100)
    (0.025, 0.975)
    """
    kept = values[np.isfinite(values)]
    if len(kept) == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return round(float(low), 12), round(float(high), 12)


def interval_of(value: float, again: Floats, looked: float | None = None) -> tuple[float, float]:
    """Return the interval of a measure; of a share of which every draw gives the same, Wilson's.

    Where all thirty are true, so are all thirty of every draw: an interval from 1 to 1 would say that nothing else was
    ever possible.

    Parameters
    ----------
    value : float
    again : (resamples,) float64
        The same measure of each draw.
    looked : float, optional
        Of how many units a share is one.

    Examples
    --------
    >>> [round(end, 2) for end in interval_of(1.0, np.ones(1000), 30)]
    [0.89, 1.0]
    """
    low, high = interval(again)
    if looked is None or low != high:
        return low, high
    ends = wilson(value * looked, looked)
    return round(float(ends[0]), 12), round(float(ends[1]), 12)


def interval_between(
    values: tuple[float, float], again: tuple[Floats, Floats], looked: tuple[float | None, float | None]
) -> tuple[float, float]:
    """Return the interval of a difference: of the same draws of both, or of their intervals where one never varies.

    Parameters
    ----------
    values : (float, float)
        The measure, and the one that is taken from it.
    again : two of (resamples,) float64
    looked : two of float, optional
        As :func:`interval_of` takes it.

    Notes
    -----
    The second way squares and adds distances, as Newcombe (1998) does. It takes the two for independent, which is too
    wide rather than too narrow where both look at the same people.

    Examples
    --------
    >>> half = np.repeat([0.4, 0.6], 500)
    >>> [round(end, 2) for end in interval_between((1.0, 0.5), (np.ones(1000), half), (30, 30))]
    [0.35, 0.6]
    """
    alone = [interval(drawn) for drawn in again]
    if all(of is None or low != high for of, (low, high) in zip(looked, alone, strict=True)):
        return interval(again[0] - again[1])
    (low, high), (other_low, other_high) = (interval_of(*each) for each in zip(values, again, looked, strict=True))
    difference = values[0] - values[1]
    down = np.hypot(values[0] - low, other_high - values[1])
    up = np.hypot(high - values[0], values[1] - other_low)
    return round(float(difference - down), 12), round(float(difference + up), 12)

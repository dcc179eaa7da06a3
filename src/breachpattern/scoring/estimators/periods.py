"""Rows apart in time and people: what a model is fitted to, and the later rows that calibrate it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.errors import ScoringError
from breachpattern.scoring.given import seconds_of
from breachpattern.sorting import Bools, Ints


@dataclass(frozen=True)
class Parts:
    """The rows that fit and the rows that calibrate; none does both.

    Attributes
    ----------
    fits, calibrates : (n,) bool
    set_aside : int
        Earlier rows of people of whom a later row calibrates.
    """

    fits: Bools
    calibrates: Bools
    set_aside: int


def parts_of(
    times: npt.NDArray[np.float64] | None, people: Ints | None, share: float, y: npt.NDArray[np.float64]
) -> Parts:
    """Return which labelled rows fit and which calibrate.

    Parameters
    ----------
    times : (n,) float64, optional
        Without them, every row fits.
    people : (n,) int64, optional
        Somebody with a row in the later part fits nothing.
    share : float
        The share of rows, at most, that the later part has. Rows of one time are never parted.
    y : (n,) float64
        The class of each row: where one of them would be gone from the earlier part, every row fits.

    Examples
    --------
    >>> parts = parts_of(np.array([1.0, 2.0, 3.0, 4.0]), np.array([7, 8, 9, 8]), 0.25, np.array([0.0, 1.0, 1.0, 1.0]))
    >>> parts.fits.tolist(), parts.calibrates.tolist(), parts.set_aside
    ([True, False, True, False], [False, False, False, True], 1)
    """
    everything = Parts(np.ones(len(y), np.bool_), np.zeros(len(y), np.bool_), 0)
    if times is None or share == 0:
        return everything
    cut = np.sort(times)[len(times) - 1 - int(len(times) * share)]
    later = times > cut
    held_back = later.copy()
    if people is not None:
        held_back |= np.isin(people, people[later])
    if len(np.unique(y[~held_back])) < 2:
        return everything
    return Parts(~held_back, later, int((held_back & ~later).sum()))


@dataclass(frozen=True)
class Times:
    """When each row was: seconds UTC where they are times of a clock (in London, without an offset), else as given."""

    values: npt.NDArray[np.float64]
    of_clock: bool

    @classmethod
    def of(cls, times: Any, n: int) -> Times:
        """Return the times of rows.

        Raises
        ------
        ScoringError
            Where there is not one for each row, or one is missing.
        """
        series = pd.Series(times if isinstance(times, (pd.Series, pd.Index)) else np.asarray(times))
        of_clock = series.dtype.kind not in "iuf"
        values = seconds_of(series) if of_clock else series.to_numpy(dtype=np.float64)
        if len(values) != n or not np.isfinite(values).all():
            raise ScoringError(
                "There is not one time for each row." if len(values) != n else "A time is missing or cannot be read.",
                where="times", hint="Give the day of the decision, or of the last act, for every row.",
            )  # fmt: skip
        return cls(values, of_clock)

    def told(self, value: float) -> str | float:
        """Return a time as text where it is one of a clock.

        Examples
        --------
        >>> Times(np.empty(0), of_clock=True).told(0.0)
        '1970-01-01T00:00:00Z'
        """
        return f"{np.datetime64(int(value), 's')}Z" if self.of_clock else float(value)


def people_of(groups: Any, n: int) -> Ints:
    """Return a number for the people of each row; two who are not known are never the same."""
    codes, _ = pd.factorize(pd.Series(np.asarray(groups)), sort=True)
    if len(codes) != n:
        raise ScoringError("There is not one group for each row.", where="groups", hint="Give the suspect of each row.")
    nobody = np.flatnonzero(codes < 0)
    codes[nobody] = codes.max(initial=-1) + 1 + np.arange(len(nobody))
    return np.asarray(codes, dtype=np.int64)

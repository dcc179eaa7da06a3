"""What is given to this room, checked in one place: an analysis, rows of features, times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.errors import ScoringError, UsageError
from breachpattern.spans import as_of_second

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis

ROWS = "Give one row for each course or dyad: pattern_frame(analysis), or feature_frame(analysis)."


def the_analysis(given: Any, what: str, *, hint: str = "") -> Analysis:
    """Return what is given, where it is an analysis.

    Parameters
    ----------
    given : Analysis
    what : str
        What is made of it, such as "Features are told".
    hint : str, optional
        What else would work.

    Raises
    ------
    UsageError

    Examples
    --------
    >>> try:
    ...     the_analysis("incidents.csv", "A study is made")
    ... except UsageError as error:
    ...     print(error)
    analysis: A study is made of an Analysis, and this is of type str. Analyser().analyse(extract, as_of) gives one.
    """
    if not hasattr(given, "timelines") or not hasattr(given, "extract"):
        raise UsageError(
            f"{what} of an Analysis, and this is of type {type(given).__name__}.",
            where="analysis",
            hint=f"Analyser().analyse(extract, as_of) gives one{f'; {hint}' if hint else ''}.",
        )
    analysis: Analysis = given
    return analysis


def refuse_no_rows(given: Any, estimator: str) -> None:
    """Raise :class:`ScoringError` where an object of this library, or a path, stands in the place of rows."""
    if isinstance(given, str) or type(given).__module__.partition(".")[0] == "breachpattern":
        raise ScoringError(
            f"A {estimator} takes rows of numbers, and this is of type {type(given).__name__}.", where="X", hint=ROWS
        )


def seconds_of(times: pd.Series[Any]) -> npt.NDArray[np.float64]:
    """Return times of a clock as seconds UTC; NaN where one is missing or cannot be read.

    Without an offset a time is Europe/London, and a day is its end, as everywhere (:mod:`breachpattern.spans`). An hour
    that comes twice is the first of the two, one that never was the hour after.

    Examples
    --------
    >>> seconds_of(pd.Series(["2025-07-01T12:00", "2025-07-01T11:00Z", "soon"])).tolist()
    [1751367600.0, 1751367600.0, nan]
    """
    if pd.api.types.is_datetime64_any_dtype(times.dtype):
        aware = times
        if times.dt.tz is None:
            first = np.ones(len(times), np.bool_)
            aware = times.dt.tz_localize("Europe/London", ambiguous=first, nonexistent="shift_forward")
        moments = aware.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[s]")
        return np.where(np.isnat(moments), np.nan, moments.astype(np.int64))
    given = ~np.asarray(times.isna())
    distinct, place = np.unique(times[given].astype(str).to_numpy(dtype=str), return_inverse=True)
    found = np.full(len(times), np.nan)
    found[given] = np.array([_second(text) for text in distinct.tolist()], np.float64)[place.reshape(-1)]
    return found


def _second(text: str) -> float:
    try:
        return as_of_second(text)
    except ValueError:
        return np.nan

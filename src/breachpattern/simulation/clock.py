"""The time of the simulation: whole minutes of the London wall clock since the period began."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.errors import UsageError
from breachpattern.simulation.draws import Bools, Draws, Floats, Ints
from breachpattern.simulation.parameters import parameters

HOUR, DAY = 60, 1440
YEAR = 365.25 * DAY
NEVER = np.int64(-(2**40))
FOREVER = np.int64(2**40)
START: date = parameters()["period"]["start"]
END: date = parameters()["period"]["end"]
EPOCH = np.datetime64(START, "m")


def minute(day: date) -> int:
    """Return the minute with which a day begins.

    Examples
    --------
    >>> minute(START), minute(START + timedelta(days=1))
    (0, 1440)
    """
    return (day - START).days * DAY


def minute_of(text: str) -> int:
    """Return the minute of a day or a moment as text.

    Examples
    --------
    >>> minute_of("2016-01-02"), minute_of("2016-01-01T01:15")
    (1440, 75)
    """
    return int(np.datetime64(text, "m").astype(np.int64) - EPOCH.astype(np.int64))


LAST = minute(END)


class Period(NamedTuple):
    """The minutes that an extract covers: acts begin and records are made in ``[first, last)``."""

    first: int = 0
    last: int = LAST


WHOLE = Period()
FURTHEST = date(END.year + 25, 1, 1)


def period_of(since: str | date | None, until: str | date | None) -> Period:
    """Return the minutes of an extract from its first to its last day; the whole period where neither is told.

    Raises
    ------
    UsageError
        Where a day is none, or fewer than thirty lie between.

    Examples
    --------
    >>> period_of("2016-01-02", "2016-03-01")
    Period(first=1440, last=87840)
    """
    first, last = _day(since, "since"), _day(until, "until")
    period = Period(WHOLE.first if first is None else minute(first), WHOLE.last if last is None else minute(last) + DAY)
    if period.first < 0 or period.last - period.first < 30 * DAY or period.last > minute(FURTHEST):
        raise UsageError(
            f"An extract from {since or START} to {until or END - timedelta(days=1)} cannot be drawn.",
            where="since",
            hint=f"Give thirty days or more, from {START} to {FURTHEST}.",
        )
    return period


def _day(value: str | date | None, name: str) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise UsageError(f"{value!r} is not a day.", where=name, hint="Give one such as 2025-06-30.") from None


@cache
def hour_weights() -> Floats:
    """Return the relative rate of acts in each hour of the day, with mean one."""
    weight = np.array(parameters()["hours"]["weight"], np.float64)
    return np.asarray(weight / weight.mean())


def moments(first: int, last: int, size: int, draws: Draws) -> Ints:
    """Return moments of the days from ``first`` to before ``last``, more of them in the busy hours."""
    day = draws.whole(first // DAY, last // DAY, size)
    weights = {str(hour): float(weight) for hour, weight in enumerate(hour_weights())}
    hour = draws.pick(weights, tuple(weights), size)
    return settled(day * DAY + hour * HOUR + draws.whole(0, HOUR, size))


def hours_rate(minutes: Floats) -> Floats:
    """Return the relative rate of acts at some minutes."""
    return np.asarray(hour_weights()[(minutes // HOUR).astype(np.int64) % 24])


@cache
def _doubtful_hours() -> Ints:
    """Return the minutes with which the hours begin that the clock skips or shows twice."""
    found = []
    for year in range(START.year, END.year + 30):
        for month in (3, 10):
            last = date(year, month, 31)
            found.append(minute(last - timedelta(days=(last.weekday() + 1) % 7)) + HOUR)
    return np.array(found, np.int64)


def settled(minutes: Ints) -> Ints:
    """Return minutes with those moved on an hour that the clock skipped or showed twice.

    Examples
    --------
    >>> spring = minute(date(2024, 3, 31)) + 90
    >>> settled(np.array([spring, 0])).tolist() == [spring + 60, 0]
    True
    """
    begins = _doubtful_hours()
    place = np.maximum(np.searchsorted(begins, minutes, side="right") - 1, 0)
    inside = (minutes >= begins[place]) & (minutes < begins[place] + HOUR)
    return np.asarray(np.where(inside, minutes + HOUR, minutes))


def days(minutes: Ints) -> Ints:
    """Return the minute with which the day of each minute begins."""
    return np.asarray(minutes // DAY * DAY)


def moment_text(minutes: Ints, known: Bools | None = None) -> pa.Array:
    """Return minutes as ``2025-03-01T10:15``, null where not known.

    Examples
    --------
    >>> moment_text(np.array([75])).to_pylist()
    ['2016-01-01T01:15']
    """
    return _text(minutes, known, "m")


def day_text(minutes: Ints, known: Bools | None = None) -> pa.Array:
    """Return the days of minutes as ``2025-03-01``, null where not known."""
    return _text(minutes, known, "D")


def _text(minutes: Ints, known: Bools | None, unit: Literal["m", "D"]) -> pa.Array:
    shown = minutes if known is None else np.where(known, minutes, 0)
    instants: npt.NDArray[np.datetime64] = (EPOCH + shown.astype("m8[m]")).astype(f"M8[{unit}]")
    texts = pa.array(np.datetime_as_string(instants, unit=unit), pa.string())
    if known is None:
        return texts
    return pc.if_else(pa.array(known), texts, pa.scalar(None, pa.string()))

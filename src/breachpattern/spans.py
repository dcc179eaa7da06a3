"""Half-open time spans in whole seconds of UTC, and the calendar of Europe/London.

A span is ``[start, end)``. Columns of spans are pairs of ``int64`` arrays (seconds since 1970-01-01 UTC). An
instant is the shortest span, one second. An open end is :data:`FOREVER`, an open start :data:`NEVER`; both
exist only inside comparisons and are never written to an output.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Seconds = npt.NDArray[np.int64]
LONDON = ZoneInfo("Europe/London")
DAY, HOUR = 86_400, 3_600
NEVER = int(np.iinfo(np.int64).min // 4)
FOREVER = int(np.iinfo(np.int64).max // 4)

NO, POSSIBLE, YES = 0, 1, 2


def certainly_within(start: Seconds, end: Seconds, low: Seconds, high: Seconds) -> npt.NDArray[np.bool_]:
    """Return where ``[start, end)`` lies wholly inside ``[low, high)``.

    Examples
    --------
    >>> a = np.array([0, 5, 9]); b = np.array([5, 11, 10])
    >>> certainly_within(a, b, np.array([0, 0, 0]), np.array([10, 10, 10])).tolist()
    [True, False, True]
    """
    return np.asarray((start >= low) & (end <= high))


def touches(start: Seconds, end: Seconds, low: Seconds, high: Seconds) -> npt.NDArray[np.bool_]:
    """Return where ``[start, end)`` and ``[low, high)`` share at least one second.

    Examples
    --------
    >>> touches(np.array([0]), np.array([5]), np.array([5]), np.array([9])).tolist()
    [False]
    """
    return np.asarray((start < high) & (low < end) & (start < end) & (low < high))


def containment(
    start: Seconds,
    end: Seconds,
    begins: tuple[Seconds, Seconds],
    finishes: tuple[Seconds, Seconds],
) -> npt.NDArray[np.int8]:
    """Return whether each span lies in a life whose two ends are known only within windows.

    Parameters
    ----------
    start, end : (n,) int64
        The spans, in seconds UTC.
    begins : pair of (n,) int64
        The earliest and the latest second at which the life can have begun.
    finishes : pair of (n,) int64
        The earliest and the latest second at which it can have ended.

    Returns
    -------
    (n,) int8
        ``YES`` where the span is inside whatever the windows hold, ``NO`` where it is outside whatever they
        hold, else ``POSSIBLE``.

    Examples
    --------
    >>> one = lambda x: np.array([x])
    >>> containment(one(5), one(6), (one(0), one(4)), (one(9), one(9))).tolist()
    [2]
    >>> containment(one(3), one(6), (one(0), one(4)), (one(9), one(9))).tolist()
    [1]
    >>> containment(one(9), one(10), (one(0), one(4)), (one(9), one(9))).tolist()
    [0]
    """
    state = np.full(start.shape, POSSIBLE, dtype=np.int8)
    state[certainly_within(start, end, begins[1], finishes[0])] = YES
    state[~touches(start, end, begins[0], finishes[1])] = NO
    return state


def day_bounds(day: date) -> tuple[int, int]:
    """Return the first second of a London day and the first second of the next.

    Examples
    --------
    >>> start, end = day_bounds(date(2025, 10, 26))
    >>> (end - start) // 3600
    25
    """
    return _midnight(day), _midnight(day + timedelta(days=1))


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), LONDON).timestamp())


def as_of_second(when: str | date | datetime | None) -> int:
    """Return the last second that an *as of* includes: a date means the end of that London day.

    Parameters
    ----------
    when : str, date, datetime or None
        ISO 8601. Without an offset a time is Europe/London. ``None`` means no limit.

    Raises
    ------
    ValueError
        Where the text is not an ISO date or time.

    Examples
    --------
    >>> as_of_second("2026-06-30") + 1 == day_bounds(date(2026, 6, 30))[1]
    True
    >>> as_of_second("2025-09-01T12:00+00:00")
    1756728000
    """
    if when is None:
        return FOREVER
    if isinstance(when, str):
        text = when.strip()
        when = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    if isinstance(when, datetime):
        local = when if when.tzinfo else when.replace(tzinfo=LONDON)
        return int(local.timestamp())
    return day_bounds(when)[1] - 1


def london_days(seconds: Seconds) -> npt.NDArray[np.int64]:
    """Return the London calendar day of each second, as days since 1970-01-01.

    Examples
    --------
    >>> london_days(np.array([as_of_second("2025-07-01T00:30")])).tolist() == [
    ...     (date(2025, 7, 1) - date(1970, 1, 1)).days]
    True
    """
    return np.asarray(np.floor_divide(london_wall_clock(seconds), DAY))


@lru_cache(maxsize=4096, typed=True)
def london_day(second: int) -> int:
    """Return what :func:`london_days` does for one second, without an array.

    Examples
    --------
    >>> london_day(as_of_second("2025-07-01T00:30")) == (date(2025, 7, 1) - date(1970, 1, 1)).days
    True
    """
    starts, offsets = _london_offset_lists()
    return (second + offsets[bisect_right(starts, second) - 1]) // DAY


@cache
def _london_offset_lists() -> tuple[list[int], list[int]]:
    starts, offsets = _london_offsets()
    return starts.tolist(), offsets.tolist()


def london_wall_clock(seconds: Seconds) -> Seconds:
    """Return London wall-clock time of each UTC second, as seconds since 1970-01-01T00:00 on that clock."""
    seconds = np.asarray(seconds, dtype=np.int64)
    hours = np.floor_divide(seconds, HOUR)
    hours -= _FIRST_HOUR
    return np.asarray(seconds + _hourly_offsets().take(hours, mode="clip"))


def next_clock_change(seconds: Seconds) -> Seconds:
    """Return the first second after each second at which London's clocks are put forward or back.

    Examples
    --------
    >>> next_clock_change(np.array([as_of_second("2025-10-25T22:30")])).tolist() == [
    ...     as_of_second("2025-10-26T01:00+00:00")]
    True
    """
    starts, _ = _london_offsets()
    later = np.append(starts, FOREVER)
    return np.asarray(later[np.searchsorted(starts, seconds, side="right")])


_FIRST_HOUR, _LAST_HOUR = -613_608, 1_139_568  # of 1900, and of 2100
_OFFSETS: tuple[Seconds, Seconds] | None = None


def _london_offsets() -> tuple[Seconds, Seconds]:
    """Return every change of the London offset from 1900 to 2100: seconds UTC, and the offset since."""
    global _OFFSETS
    if _OFFSETS is None:
        # The clocks were never changed twice within a week.
        weeks = range(_FIRST_HOUR * HOUR, _LAST_HOUR * HOUR, 7 * DAY)
        held = [_london_offset(second) for second in weeks]
        starts, offsets = [NEVER], held[:1]
        for i in np.flatnonzero(np.diff(held)).tolist():
            low, high = weeks[i], weeks[i + 1]
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _london_offset(middle) == held[i] else (low, middle)
            starts.append(high)
            offsets.append(held[i + 1])
        _OFFSETS = np.array(starts, dtype=np.int64), np.array(offsets, dtype=np.int64)
    return _OFFSETS


@cache
def _hourly_offsets() -> npt.NDArray[np.int32]:
    """Return the London offset in each hour from 1900 to 2100: clocks are only changed on a whole hour of UTC."""
    starts, offsets = _london_offsets()
    hours = np.diff(starts[1:] // HOUR, prepend=_FIRST_HOUR, append=_LAST_HOUR)
    return np.repeat(offsets.astype(np.int32), hours)


def _london_offset(second: int) -> int:
    return int(datetime.fromtimestamp(second, LONDON).utcoffset().total_seconds())  # type: ignore[union-attr]


def london_midnight(days: npt.NDArray[np.int64]) -> Seconds:
    """Return the first second UTC of each London day, given as days since 1970-01-01.

    Examples
    --------
    >>> day = date(2025, 7, 1)
    >>> london_midnight(np.array([(day - date(1970, 1, 1)).days])).tolist() == [day_bounds(day)[0]]
    True
    """
    starts, offsets = _london_offsets()
    # The clocks never change around midnight, so the offset of the hour before decides.
    return np.asarray(
        days * DAY - offsets[np.searchsorted(starts, days * DAY - 3600, side="right") - 1], dtype=np.int64
    )

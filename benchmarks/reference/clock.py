"""Seconds, days and windows, one at a time."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from breachpattern.spans import DAY, FOREVER, LONDON, NEVER

Window = tuple[int, int]
YEAR = 365 * DAY
YES, POSSIBLE, NO = "yes", "possible", "no"
RANK = {NO: 0, POSSIBLE: 1, YES: 2}


@lru_cache(maxsize=1 << 16)
def day_of(second: int) -> date:
    """Return the London day of a second."""
    return datetime.fromtimestamp(second, LONDON).date()


def held(start: int, end: int, begins: Window, finishes: Window) -> str:
    """Return whether a span lies within a life whose ends are known only within windows.

    Examples
    --------
    >>> held(5, 6, (0, 4), (9, 9)), held(3, 6, (0, 4), (9, 9)), held(9, 10, (0, 4), (9, 9))
    ('yes', 'possible', 'no')
    """
    if start >= begins[1] and end <= finishes[0]:
        return YES
    outside = end <= begins[0] or start >= finishes[1] or begins[0] >= finishes[1]
    return NO if outside else POSSIBLE


__all__ = ["DAY", "FOREVER", "NEVER", "NO", "POSSIBLE", "RANK", "YEAR", "YES", "Window", "day_of", "held"]

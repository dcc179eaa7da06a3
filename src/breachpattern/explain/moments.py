"""Times of a story in words, as a person would write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any


def _parsed(text: Any) -> datetime:
    return datetime.fromisoformat(str(text))


def day(text: Any) -> str:
    """Return the day of an ISO 8601 time: ``3 Jul 2025``."""
    moment = _parsed(text)
    return f"{moment.day} {moment:%b %Y}"


def minute(text: Any) -> str:
    """Return an ISO 8601 time to the minute: ``3 Jul 2025 22:00``."""
    moment = _parsed(text)
    return f"{day(text)} {moment:%H:%M}"


def span(start: Any, end: Any) -> str:
    """Return the time of a record in words: a minute, a day, or from one to the other.

    Examples
    --------
    >>> span("2025-03-01T00:00:00+00:00", "2025-03-02T00:00:00+00:00")
    '1 Mar 2025'
    >>> span("2025-03-01T10:15:00+00:00", "2025-03-01T10:15:01+00:00")
    '1 Mar 2025 10:15'
    >>> span("2025-03-01T10:15:00+00:00", "2025-03-03T00:00:00+00:00")
    '1 Mar 2025 10:15 to 2 Mar 2025 23:59'
    """
    if not start:
        return "time not known"
    if not end:
        return minute(start)
    last = _parsed(end) - timedelta(seconds=1)
    first = _parsed(start)
    midnight = f"{first:%H%M%S}" == "000000" and f"{last:%H%M%S}" == "235959"
    if midnight:
        return day(start) if first.date() == last.date() else f"{day(start)} to {day(last.isoformat())}"
    if last <= first:
        return minute(start)
    return f"{minute(start)} to {minute(last.isoformat())}"

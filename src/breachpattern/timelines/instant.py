"""An *as of*, as people write it."""

from __future__ import annotations

from datetime import date, datetime

from breachpattern.errors import UsageError
from breachpattern.spans import as_of_second


def instant_of(as_of: str | date | datetime) -> int:
    """Return the last second that an *as of* includes.

    Raises
    ------
    UsageError
        Where it is no ISO date or time.

    Examples
    --------
    >>> instant_of("2026-06-30")
    1782860399
    """
    try:
        return as_of_second(as_of)
    except (ValueError, OverflowError, TypeError):
        raise UsageError(
            f"{str(as_of)!r} is not a date or time.",
            where="as of",
            hint="Write it as 2026-06-30 (the end of that day) or 2026-06-30T14:00, Europe/London.",
        ) from None

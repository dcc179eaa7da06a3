"""Rules that hold between the cells of one row. Each names the cell that gives way."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from breachpattern.records.cells import Reading, as_text
from breachpattern.records.moments import Unreadable, When, bounds
from breachpattern.spans import day_bounds

ENDLESS = r"^(210[1-9]|21[1-9][0-9]|2[2-9][0-9]{2}|[3-9][0-9]{3})-"  # after 2100
OLDEST_AGE = timedelta(days=120 * 366)  # POLE DS_034: at most 120


@dataclass(frozen=True)
class Rule:
    """A rule between cells: the column that gives way, and what is wrong, or ``None``."""

    column: str
    check: Callable[[Any, Reading], Unreadable | None]


@lru_cache(maxsize=64)
def end_of(today: date) -> int:
    """Return the first second after a London day."""
    return day_bounds(today)[1]


def lies_before(end: When | None, start: When | None) -> bool:
    """Return whether something that ends certainly does so before something else starts.

    Examples
    --------
    >>> from datetime import date
    >>> lies_before(date(2025, 3, 1), date(2025, 3, 2)), lies_before(None, date(2025, 3, 2))
    (True, False)
    """
    return end is not None and start is not None and bounds(end).end <= bounds(start).lo


def closes_by(end: When | None, start: When | None) -> bool:
    """Return whether an exclusive end (the last day included where it is a day) leaves nothing after a start.

    Examples
    --------
    >>> from datetime import date, datetime
    >>> closes_by(date(2025, 3, 2), date(2025, 3, 2)), closes_by(datetime(2025, 3, 2), date(2025, 3, 2))
    (False, True)
    """
    return end is not None and start is not None and bounds(end).hi <= bounds(start).lo


def _to_before_from(row: Any, _: Reading) -> Unreadable | None:
    if not lies_before(row.occurred_to, row.occurred_from):
        return None
    return Unreadable(
        "ends_before_it_begins",
        f"It ends ({_said(row.occurred_to)}) before it begins ({_said(row.occurred_from)}).",
        "Correct one of the two; the end is set aside.",
    )


def _occurs_in_future(row: Any, reading: Reading) -> Unreadable | None:
    start, recorded = bounds(row.occurred_from).lo, row.recorded_at
    if start < end_of(reading.today) or (recorded is not None and start < bounds(recorded).end):
        return None
    return Unreadable(
        "occurs_in_future",
        f"It happened ({_said(row.occurred_from)}) after the day of the run ({reading.today.isoformat()})"
        + (f" and after it was recorded ({_said(recorded)})." if recorded is not None else "."),
        "Correct the year.",
    )


def _known_too_late(column: str) -> Rule:
    def check(row: Any, reading: Reading) -> Unreadable | None:
        when, limit = getattr(row, column), end_of(reading.today)
        if when is None or bounds(when).lo < limit or bounds(row.occurred_from).lo >= limit:
            return None
        return Unreadable(
            "known_in_future",
            f"{column} ({_said(when)}) lies after the day of the run ({reading.today.isoformat()}).",
            "Correct the year; the value is set aside.",
        )

    return Rule(column, check)


def _known_too_early(column: str) -> Rule:
    def check(row: Any, _: Reading) -> Unreadable | None:
        if not lies_before(getattr(row, column), row.occurred_from):
            return None
        return Unreadable(
            "known_before_it_happened",
            f"{column} ({_said(getattr(row, column))}) lies before it happened ({_said(row.occurred_from)}).",
            "Correct one of the two; the value is set aside.",
        )

    return Rule(column, check)


def _ends_before_start(row: Any, _: Reading) -> Unreadable | None:
    start = row.starts if row.starts is not None else row.made_on
    if not closes_by(row.ends, start):
        return None
    return Unreadable(
        "order_ends_before_it_starts",
        f"It ends ({_said(row.ends)}) before it starts ({_said(start)}).",
        "Correct one of the two. The start is kept; whether the order was in force is at most possible.",
    )


def _discharged_before_made(row: Any, _: Reading) -> Unreadable | None:
    if not lies_before(row.discharged_on, row.made_on):
        return None
    return Unreadable(
        "discharged_before_it_was_made",
        f"It was discharged ({_said(row.discharged_on)}) before it was made ({_said(row.made_on)}).",
        "Correct one of the two; the discharge is set aside.",
    )


def _birth(row: Any, reading: Reading) -> Unreadable | None:
    born = row.date_of_birth
    if born is None:
        return None
    day = bounds(born)
    if end_of(reading.today - OLDEST_AGE) <= day.lo < end_of(reading.today):
        return None
    return Unreadable(
        "out_of_range", f"Nobody of interest was born on {_said(born)}.", "Correct the date (POLE DS_034)."
    )


def _until_before_since(row: Any, _: Reading) -> Unreadable | None:
    if not closes_by(row.until, row.since):
        return None
    return Unreadable(
        "ends_before_it_begins",
        f"It ends ({_said(row.until)}) before it begins ({_said(row.since)}).",
        "Correct one of the two; the end is set aside.",
    )


def without_endless_end(data: dict[str, Any], column: str) -> dict[str, Any]:
    """Return the cells without an end in a year such as 9999: that is how systems write *no end*."""
    if re.match(ENDLESS, as_text(data.get(column))):
        return {name: value for name, value in data.items() if name != column}
    return data


def _said(when: When) -> str:
    return when.isoformat(" ", "minutes") if isinstance(when, datetime) else when.isoformat()


INCIDENT_RULES = (
    Rule("occurred_from", _occurs_in_future),
    Rule("occurred_to", _to_before_from),
    *(_known_too_late(column) for column in ("reported_at", "recorded_at")),
    *(_known_too_early(column) for column in ("reported_at", "recorded_at")),
)
ORDER_RULES = (Rule("ends", _ends_before_start), Rule("discharged_on", _discharged_before_made))
PERSON_RULES = (Rule("date_of_birth", _birth),)
ASSOCIATION_RULES = (Rule("until", _until_before_since),)

"""Gaps and rate of a finding's occasions, and the clock that runs on a summary-only charge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np

from breachpattern.law import Catalogue
from breachpattern.patterns.criteria.recording import limitation_months, months_later
from breachpattern.patterns.wording import counted
from breachpattern.report.run import Record
from breachpattern.report.text import moment

_WINDOWS = (30, 91, 365)


def occasions_of(finding: Record) -> list[datetime]:
    """Return when each occasion of a finding began, in time order."""
    begun: dict[Any, datetime] = {}
    for item in finding["evidence"]:
        if item["start"]:
            at = moment(item["start"])
            occasion = item["occasion"], item.get("victim_id")  # what was done to each of several is one of each
            begun[occasion] = min(at, begun.get(occasion, at))
    return sorted(begun.values())


def rates_of(finding: Record, course: Mapping[str, Any], as_of: str) -> list[tuple[str, str]]:
    """Return how many occasions there were, how far apart, and how many of late, as labels and words.

    Parameters
    ----------
    finding : dict
    course : mapping
        The candidate course of the finding; empty where there is none.
    as_of : str
    """
    times = occasions_of(finding)
    if not times:
        return []
    now = moment(as_of)
    days = (times[-1] - times[0]).days
    told = [("Events in the evidence", f"{len(times)} over {counted(days, 'day')}" if days else str(len(times)))]
    if course.get("acts"):
        several = " (a record may stand for several)" if course["occasions"] > len(times) else ""
        acts = f"{course['acts']} on {counted(course['occasions'], 'occasion')}{several}"
        told.append(("Acts in the candidate course", acts))

    gaps = [(b - a) / timedelta(days=1) for a, b in pairwise(times)]
    if gaps:
        longest = max(range(len(gaps)), key=gaps.__getitem__)
        told.append(("Typical gap (median)", _days(median(gaps))))
        told.append(
            ("Longest gap", f"{_days(gaps[longest])}, from {_day(times[longest])} to {_day(times[longest + 1])}")
        )
        told.append(("Last gap", _days(gaps[-1])))
    for window in _WINDOWS:
        count = sum(now - timedelta(days=window) < at <= now for at in times)
        told.append((f"In the {window} days before {_day(now)}", str(count)))
    told.append(("Since the last occasion", _days(max((now - times[-1]) / timedelta(days=1), 0))))
    return told


def clock_of(finding: Record, course: Mapping[str, Any], as_of: str, catalogue: Catalogue) -> dict[str, Any]:
    """Return when the time to charge a summary-only offence over this conduct runs out.

    Magistrates' Courts Act 1980 s.127(1); for a course of conduct the time runs from the last act (DPP v Baker [2004]
    EWHC 2782 (Admin)). The day of the act does not count.
    """
    last = moment(max(str(course.get("last_at") or ""), str(finding["last_at"])))
    months = limitation_months(catalogue)
    day = np.array([last.date()], dtype="M8[D]").astype(np.int64)
    until: date = months_later(day, months).astype("M8[D]")[0].astype(object)
    return {"last": _day(last), "months": months, "until": _day(until), "left": (until - moment(as_of).date()).days}


def _days(days: float) -> str:
    return f"{days * 24:.0f} hours" if 0 < days < 2 else counted(round(days), "day")


def _day(at: date) -> str:
    return f"{at.day} {at:%b %Y}"

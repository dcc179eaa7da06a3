"""What is written about time: days, clock times of a place, and the seconds of UTC that they stand for.

Text is read by explicit formats, ISO 8601 first; the order of day and month is never guessed. A day stays a
day, a clock time without an offset stays a clock time, and :func:`bounds` says which seconds either means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from breachpattern.spans import day_bounds

When = date | datetime

LONDON_NAME = "Europe/London"
FIRST_YEAR, LAST_YEAR = 1900, 2100
ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?(Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_NUMERIC = re.compile(r"(\d{1,4})[./\- ](\d{1,2})[./\- ](\d{1,4})(?!\d)", re.ASCII)
_DIRECTIVES = {"d": r"(\d{2})", "m": r"(\d{2})", "Y": r"(\d{4})", "H": r"(\d{2})", "M": r"(\d{2})",
               "S": r"(\d{2})"}  # fmt: skip
_TIME_DIRECTIVES = frozenset("HIMSfpXcTR")


class Unreadable(ValueError):  # noqa: N818 - reads as what it is
    """A cell that cannot be read: a stable code, what is wrong, and what would work.

    Parameters
    ----------
    code : str
        One of the issue codes.
    message, hint : str
        In plain words.
    keep : str, optional
        The part of the cell that can be read all the same.
    """

    def __init__(self, code: str, message: str, hint: str = "", keep: str | None = None) -> None:
        self.code, self.message, self.hint, self.keep = code, message, hint, keep
        super().__init__(message)


@dataclass(frozen=True)
class Bounds:
    """The seconds of UTC within which something lies.

    Attributes
    ----------
    lo, hi : int
        Equal for a known second. For a day its first second and the first of the next. For a clock time that
        occurred twice both readings.
    day : bool
        ``hi`` is exclusive: the hour is not known.
    doubt : str
        Issue code where the clock makes the time doubtful, else empty.
    """

    lo: int
    hi: int
    day: bool
    doubt: str = ""

    @property
    def end(self) -> int:
        """The second by which it is certainly over; an instant lasts one second."""
        return self.hi if self.day else self.hi + 1


@lru_cache(maxsize=4096)
def read_when(text: str, formats: tuple[str, ...] = (), zone: str = LONDON_NAME) -> When:
    """Return the day or the time that a text means.

    Parameters
    ----------
    text : str
        ISO 8601 (``2025-03-01``, ``2025-03-01T10:15``, with or without an offset), or one of ``formats``.
    formats : tuple of str
        :func:`datetime.datetime.strptime` formats, tried in this order after ISO.
    zone : str
        Time zone of clock times without an offset. In Europe/London they come back without one.

    Raises
    ------
    Unreadable
        With the reason and what would work.

    Examples
    --------
    >>> read_when("2025-03-01"), read_when("2025-03-01 10:15")
    (datetime.date(2025, 3, 1), datetime.datetime(2025, 3, 1, 10, 15))
    >>> read_when("01/03/2025", ("%d/%m/%Y",))
    datetime.date(2025, 3, 1)
    """
    parts = ISO.fullmatch(text)
    when = _from_iso(text, parts) if parts else _from_formats(text, formats)
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise Unreadable(
            "year_out_of_range",
            f"The year {when.year} lies outside {FIRST_YEAR} to {LAST_YEAR}.",
            "Correct the year, or leave the cell blank where the date is not known.",
        )
    if isinstance(when, datetime) and when.tzinfo is None and zone != LONDON_NAME:
        return when.replace(tzinfo=ZoneInfo(zone))
    return when


def _from_iso(text: str, parts: re.Match[str]) -> When:
    year, month, day, hour, minute, second, offset = parts.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(day))
        zone = None if offset is None else timezone(_offset(offset))
        return datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=zone)
    except ValueError:
        raise Unreadable(
            "impossible_date",
            f"'{text}' does not exist in the calendar or on the clock.",
            "Correct the date.",
        ) from None


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta(0)
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]) if len(text) > 3 else 0)
    return -size if text[0] == "-" else size


def _from_formats(text: str, formats: tuple[str, ...]) -> When:
    for form in formats:
        try:
            when = datetime.strptime(text, form)
        except ValueError:
            continue
        if _is_day(form):
            return when.date()
        return when.replace(microsecond=0)
    raise _why_not(text, formats)


@lru_cache(maxsize=64)
def _is_day(form: str) -> bool:
    return not {part[0] for part in form.split("%")[1:] if part} & _TIME_DIRECTIVES


def _why_not(text: str, formats: tuple[str, ...]) -> Unreadable:
    numbers = _NUMERIC.match(text)
    ask = "Write it as 2025-03-01 or 2025-03-01T10:15, or name its format under date_formats in a mapping."
    if numbers and not formats:
        first, second, third = numbers.groups()
        if len(third) in (2, 4) and int(first) <= 12 and int(second) <= 12 and first != second:
            return Unreadable(
                "ambiguous_date",
                f"'{text}' may put the day or the month first, and that is not guessed.",
                ask,
            )
    if formats:
        ask = f"Write it as 2025-03-01, or as the mapping says: {', '.join(formats)}."
    return Unreadable("unreadable_date", f"'{text}' is not a date that can be read.", ask)


@lru_cache(maxsize=64)
def iso_rewrite(form: str) -> tuple[str, str] | None:
    r"""Return a pattern and a replacement that turn text of a numeric format into ISO, ``None`` for others.

    Examples
    --------
    >>> iso_rewrite("%d/%m/%Y %H:%M")
    ('^(\\d{2})/(\\d{2})/(\\d{4}) (\\d{2}):(\\d{2})$', '\\3-\\2-\\1T\\4:\\5')
    >>> iso_rewrite("%d %b %Y") is None
    True
    """
    pattern, place, i, count = "^", {}, 0, 0
    while i < len(form):
        if form[i] == "%":
            directive = form[i + 1 : i + 2]
            if directive not in _DIRECTIVES or directive in place:
                return None
            count += 1
            place[directive] = count
            pattern += _DIRECTIVES[directive]
            i += 2
        else:
            pattern += re.escape(form[i]) if form[i] not in "/:- " else form[i]
            i += 1
    if set(place) not in (set("dmY"), set("dmYHM"), set("dmYHMS")):
        return None
    iso = rf"\{place['Y']}-\{place['m']}-\{place['d']}"
    if "H" in place:
        iso += rf"T\{place['H']}:\{place['M']}" + (rf":\{place['S']}" if "S" in place else "")
    return pattern + "$", iso


@lru_cache(maxsize=4096)
def bounds(when: When) -> Bounds:
    """Return the seconds of UTC that a day or a time stands for.

    A day is the whole London day. A time without an offset is London's clock: a time that the clock skipped
    stands for its whole day, one that it showed twice for both readings.

    Examples
    --------
    >>> from datetime import date, datetime
    >>> both = bounds(datetime(2025, 10, 26, 1, 30))
    >>> both.hi - both.lo, both.doubt
    (3600, 'repeated_clock_time')
    >>> bounds(datetime(2025, 3, 30, 1, 30)).doubt
    'impossible_clock_time'
    """
    if not isinstance(when, datetime):
        return Bounds(*day_bounds(when), day=True)
    zone = when.tzinfo or ZoneInfo(LONDON_NAME)
    early, late = (int(when.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (0, 1))
    if early == late:
        return Bounds(early, early, day=False)
    if early > late:  # PEP 495: where the clock skipped the time, the readings change places
        return Bounds(*day_bounds(when.date()), day=True, doubt="impossible_clock_time")
    return Bounds(early, late, day=False, doubt="repeated_clock_time")

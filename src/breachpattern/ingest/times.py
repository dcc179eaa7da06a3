"""Whole columns of dates and times: text to seconds of UTC, without a loop over rows.

Everything here is certain: text of the plain ISO shapes, on days when the clock did not change. Whatever else
stands in a column is left to the reader of single cells (:mod:`breachpattern.records.moments`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.month_names import named_months_to_iso
from breachpattern.records.moments import FIRST_YEAR, LAST_YEAR, Bounds, iso_rewrite
from breachpattern.spans import DAY, london_midnight

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Length of an ISO text -> length of date and time, whether a Z or an offset follows.
_SHAPES = {10: (10, ""), 16: (16, ""), 17: (16, "Z"), 19: (19, ""), 20: (19, "Z"), 22: (16, "+"), 23: (19, ""),
           24: (19, "Z"), 25: (19, "+"), 26: (19, ""), 27: (19, "Z"), 29: (19, "+"), 32: (19, "+")}  # fmt: skip
_FRACTIONS = {23: 3, 24: 3, 26: 6, 27: 6, 29: 3, 32: 6}
_DIGITS = {10: [0, 1, 2, 3, 5, 6, 8, 9]}
_DIGITS[16] = [*_DIGITS[10], 11, 12, 14, 15]
_DIGITS[19] = [*_DIGITS[16], 17, 18]
_PUNCTUATION = {10: {4: "-", 7: "-"}, 16: {4: "-", 7: "-", 13: ":"}, 19: {4: "-", 7: "-", 13: ":", 16: ":"}}
_FIRST_DAY = (datetime(FIRST_YEAR, 1, 1) - datetime(1970, 1, 1)).days - 2
_DAYS = (LAST_YEAR + 1 - FIRST_YEAR) * 366
_CHANGES = np.int64(2**40)  # marks a day on which the clock changes


@dataclass
class Moments:
    """A column of days and times as seconds of UTC.

    Attributes
    ----------
    known : bool
        Where there is a value.
    lo, hi : int64
        As in :class:`breachpattern.records.moments.Bounds`.
    day : bool
        ``hi`` is exclusive.
    """

    known: Bools
    lo: Ints
    hi: Ints
    day: Bools

    @classmethod
    def blank(cls, size: int) -> Moments:
        """Return a column without values."""
        return cls(np.zeros(size, bool), np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, bool))

    def take(self, rows: npt.NDArray[np.int64]) -> Moments:
        """Return some rows."""
        return Moments(*(getattr(self, field.name)[rows] for field in fields(self)))

    def put(self, rows: npt.NDArray[np.int64], value: Bounds) -> None:
        """Set some rows to one value."""
        self.known[rows], self.day[rows] = True, value.day
        self.lo[rows], self.hi[rows] = value.lo, value.hi

    @property
    def end(self) -> Ints:
        """The second by which each is certainly over."""
        return np.where(self.day, self.hi, self.hi + 1)

    @property
    def last(self) -> Ints:
        """The last second of each: the instant, or the last second of a day."""
        return np.where(self.day, self.hi - 1, self.hi)

    def column(self, seconds: Ints) -> pa.Array:
        """Return seconds of these rows as a timestamp column, null where there is no value."""
        return pa.array(seconds, pa.int64(), mask=~self.known).cast(pa.timestamp("s", "UTC"))


def parse(text: pa.Array, formats: tuple[str, ...], zone: str) -> tuple[Moments, Bools]:
    """Return what is certain of a column of dates and times, and where something doubtful stands.

    Parameters
    ----------
    text : pyarrow.Array of string
        Trimmed; null where blank.
    formats : tuple of str
        Formats beside ISO 8601.
    zone : str
        Of clock times without an offset.

    Returns
    -------
    Moments, (n,) bool
        Doubtful are the rows whose text is neither blank nor certain.

    Examples
    --------
    >>> moments, doubtful = parse(pa.array(["2025-03-01", "1 March", None]), (), "Europe/London")
    >>> moments.known.tolist(), doubtful.tolist()
    ([True, False, False], [False, True, False])
    """
    iso = _rewritten(text, formats)
    moments = Moments.blank(len(iso))
    lengths = pc.fill_null(pc.binary_length(iso), 0).to_numpy(zero_copy_only=False)
    for length in np.flatnonzero(np.bincount(lengths)).tolist():
        if length not in _SHAPES:
            continue
        rows = np.flatnonzero(lengths == length)
        part = iso if len(rows) == len(iso) else iso.take(pa.array(rows))
        good, lo, hi = _parse_shape(_bytes(part, length), length, zone)
        where = rows[good]
        moments.known[where], moments.day[where] = True, length == 10
        moments.lo[where], moments.hi[where] = lo[good], hi[good]
    return moments, (lengths > 0) & ~moments.known


def _rewritten(text: pa.Array, formats: tuple[str, ...]) -> pa.Array:
    """Return the text turned into ISO, up to the first format that is neither numeric nor names the month."""
    for form in formats:
        named = named_months_to_iso(text, form)
        if named is not None:
            text = named
            continue
        rewrite = iso_rewrite(form)
        if rewrite is None or re.match(rewrite[0], "2001-01-01") or re.match(rewrite[0][:-1], "2001-01-01"):
            break
        text = pc.replace_substring_regex(text, rewrite[0], rewrite[1])
    return text


def _bytes(text: pa.Array, length: int) -> npt.NDArray[np.uint8]:
    """Return text of one length as a matrix of bytes."""
    _, offsets, data = text.buffers()
    first = np.frombuffer(offsets, np.int32, 1, 4 * text.offset)[0]
    return np.frombuffer(data, np.uint8, len(text) * length, int(first)).reshape(-1, length)


def _parse_shape(text: npt.NDArray[np.uint8], length: int, zone: str) -> tuple[Bools, Ints, Ints]:
    base, suffix = _SHAPES[length]
    good = _is_shape(text, length, base, suffix)
    digits = text[:, _DIGITS[base]].astype(np.int64) - ord("0")
    numbers = [_number(digits[:, :4])] + [_number(digits[:, i : i + 2]) for i in range(4, digits.shape[1], 2)]
    year, month, day = numbers[:3]
    good &= (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    safe_month = np.where(good, month, 1)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    longest = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])[safe_month - 1]
    good &= day <= longest + (leap & (month == 2))
    year, month, day = (np.where(good, part, fill) for part, fill in ((year, 2000), (month, 1), (day, 1)))
    days = _days(year, month, day)
    if base == 10:
        return good, london_midnight(days), london_midnight(days + 1)
    hour, minute = numbers[3:5]
    second = numbers[5] if base == 19 else np.zeros_like(hour)
    good &= (hour < 24) & (minute < 60) & (second < 60)
    clock = days * DAY + np.where(good, hour * 3600 + minute * 60 + second, 0)
    if suffix:
        seconds = clock - (_written_offset(text) if suffix == "+" else 0)
        if suffix == "+":
            good &= _plain_offset(text)
        return good, seconds, seconds
    offsets = _day_offsets(zone)[days - _FIRST_DAY]
    good &= offsets != _CHANGES
    seconds = clock - np.where(good, offsets, 0)
    return good, seconds, seconds


def _is_shape(text: npt.NDArray[np.uint8], length: int, base: int, suffix: str) -> Bools:
    digits = list(_DIGITS[base])
    good = np.ones(len(text), bool)
    for place, sign in _PUNCTUATION[base].items():
        good &= text[:, place] == ord(sign)
    if base > 10:
        good &= (text[:, 10] == ord("T")) | (text[:, 10] == ord(" "))
    if length in _FRACTIONS:
        good &= text[:, base] == ord(".")
        digits += range(base + 1, base + 1 + _FRACTIONS[length])
    if suffix == "Z":
        good &= text[:, -1] == ord("Z")
    if suffix == "+":
        good &= (text[:, -3] == ord(":")) & ((text[:, -6] == ord("+")) | (text[:, -6] == ord("-")))
        digits += [length - 5, length - 4, length - 2, length - 1]
    # Below "0" the difference wraps round to a large number, so that one comparison holds both ends.
    return good & ((text[:, digits] - np.uint8(ord("0"))) <= 9).all(axis=1)


def _number(digits: Ints) -> Ints:
    value = digits[:, 0]
    for i in range(1, digits.shape[1]):
        value = value * 10 + digits[:, i]
    return value


def _days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Return days since 1970-01-01 of dates of the Gregorian calendar."""
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    return np.asarray(months.astype("datetime64[D]").astype(np.int64) + day - 1)


def _written_offset(text: npt.NDArray[np.uint8]) -> Ints:
    tail = text[:, [-5, -4, -2, -1]].astype(np.int64) - ord("0")
    size = (tail[:, 0] * 10 + tail[:, 1]) * 3600 + (tail[:, 2] * 10 + tail[:, 3]) * 60
    return np.where(text[:, -6] == ord("-"), -size, size)


def _plain_offset(text: npt.NDArray[np.uint8]) -> Bools:
    """Return where an offset lies within fifteen hours and has less than sixty minutes."""
    return np.asarray((np.abs(_written_offset(text)) <= 15 * 3600) & (text[:, -2] < ord("6")))


@lru_cache(maxsize=8)
def _day_offsets(zone: str) -> Ints:
    """Return the offset from UTC of each local day in seconds, or :data:`_CHANGES` where it is not constant."""
    local = ZoneInfo(zone)
    step = 7

    def offset(day: int) -> int:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
        return int(at.astimezone(local).utcoffset().total_seconds())  # type: ignore[union-attr]

    table = np.empty(_DAYS + 2 * step, np.int64)
    for start in range(0, len(table) - step, step):
        here, there = offset(_FIRST_DAY + start), offset(_FIRST_DAY + start + step)
        table[start : start + step] = here
        if here != there:
            ends = [offset(_FIRST_DAY + start + i) for i in range(step + 1)]
            for i in range(step):
                table[start + i] = ends[i]
                if ends[i] != ends[i + 1]:
                    # Local days lead or lag UTC by hours: the days around the change are doubtful too.
                    table[max(start + i - 1, 0) : start + i + 1] = _CHANGES
    return _spread(table)


def _spread(table: Ints) -> Ints:
    """Mark the day after each day of change as well."""
    changes = np.flatnonzero(table == _CHANGES)
    table[np.minimum(changes + 1, len(table) - 1)] = _CHANGES
    return table

"""Whole columns of dates and times: text to seconds of UTC, without a loop over rows.

Everything here is certain: text of the plain ISO shapes, but for the hours that the clock skipped or showed twice.
Whatever else stands in a column is left to the reader of single cells (:mod:`breachpattern.records.moments`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
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
from breachpattern.spans import DAY, HOUR, london_midnight

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
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _END = (
    int((datetime(year, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()) for year in (FIRST_YEAR, LAST_YEAR + 1)
)


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
        good, lo, hi = _parse_shape(part, length, zone)
        if len(rows) == len(iso) and good.all():
            return Moments(good, lo, hi, np.full(len(iso), length == 10)), np.zeros(len(iso), np.bool_)
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


def _parse_shape(part: pa.Array, length: int, zone: str) -> tuple[Bools, Ints, Ints]:
    base, suffix = _SHAPES[length]
    text = _bytes(part, length)
    good, clock = _read_whole(part, text, length) or _read_digits(text, length)
    if base == 10:
        days = clock // DAY
        return good, london_midnight(days), london_midnight(days + 1)
    if suffix == "+":
        good &= _plain_offset(text)
        clock = clock - _written_offset(text)
    elif not suffix:
        offset, certain = _local_offset(clock, zone)
        good, clock = good & certain, clock - offset
    return good, clock, clock


def _read_whole(part: pa.Array, text: npt.NDArray[np.uint8], length: int) -> tuple[Bools, Ints] | None:
    """Return what :func:`_read_digits` does, at once; nothing where any text is not of the plain shape."""
    base, suffix = _SHAPES[length]
    if suffix == "+" or length in _FRACTIONS or not _is_punctuated(text, base, suffix).all():
        return None
    try:
        when = (pc.utf8_slice_codeunits(part, 0, base) if suffix else part).cast(pa.timestamp("s"))
    except pa.ArrowInvalid:
        return None
    clock = np.asarray(when.cast(pa.int64()).to_numpy(), dtype=np.int64)
    return (clock >= _FIRST) & (clock < _END), clock


def _read_digits(text: npt.NDArray[np.uint8], length: int) -> tuple[Bools, Ints]:
    """Return which texts are of a shape and say a time that there is, and that time as the clock showed it."""
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
    clock = _days(year, month, day) * DAY
    if base > 10:
        hour, minute = numbers[3:5]
        second = numbers[5] if base == 19 else np.zeros_like(hour)
        good &= (hour < 24) & (minute < 60) & (second < 60)
        clock += np.where(good, hour * 3600 + minute * 60 + second, 0)
    return good, clock


def _is_shape(text: npt.NDArray[np.uint8], length: int, base: int, suffix: str) -> Bools:
    digits = list(_DIGITS[base])
    good = _is_punctuated(text, base, suffix)
    if length in _FRACTIONS:
        good &= text[:, base] == ord(".")
        digits += range(base + 1, base + 1 + _FRACTIONS[length])
    if suffix == "+":
        good &= (text[:, -3] == ord(":")) & ((text[:, -6] == ord("+")) | (text[:, -6] == ord("-")))
        digits += [length - 5, length - 4, length - 2, length - 1]
    # Below "0" the difference wraps round to a large number, so that one comparison holds both ends.
    return good & ((text[:, digits] - np.uint8(ord("0"))) <= 9).all(axis=1)


def _is_punctuated(text: npt.NDArray[np.uint8], base: int, suffix: str) -> Bools:
    good = np.ones(len(text), bool)
    for place, sign in _PUNCTUATION[base].items():
        good &= text[:, place] == ord(sign)
    if base > 10:
        good &= (text[:, 10] == ord("T")) | (text[:, 10] == ord(" "))
    if suffix == "Z":
        good &= text[:, -1] == ord("Z")
    return good


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


def _local_offset(clock: Ints, zone: str) -> tuple[Ints, Bools]:
    """Return the offset from UTC of times that a clock showed, in seconds, and where there is just one."""
    begins, ends, offsets = _clock_changes(zone)
    by_hour = _changes_by_hour(zone)
    if by_hour is None:
        passed = np.searchsorted(ends, clock, side="right")
    else:
        passed = by_hour.take((clock - _FIRST) // HOUR, mode="clip").astype(np.int64)
    return offsets[passed], clock < np.append(begins, np.iinfo(np.int64).max)[passed]


@lru_cache(maxsize=8)
def _changes_by_hour(zone: str) -> npt.NDArray[np.int16] | None:
    """Return how many changes have passed in each hour of the clock; nothing where one ends within an hour."""
    _, ends, _ = _clock_changes(zone)
    if (ends % HOUR).any():
        return None
    hours = np.diff(np.clip(ends, _FIRST, _END) // HOUR, prepend=_FIRST // HOUR, append=_END // HOUR)
    return np.repeat(np.arange(len(hours), dtype=np.int16), hours)


@lru_cache(maxsize=8)
def _clock_changes(zone: str) -> tuple[Ints, Ints, Ints]:
    """Return each span of the clock that it skipped or showed twice, and the offsets before, between and after them."""
    local = ZoneInfo(zone)

    def offset(second: int) -> int:
        at = _EPOCH + timedelta(seconds=second)
        return int(at.astimezone(local).utcoffset().total_seconds())  # type: ignore[union-attr]

    week = 7 * DAY
    begins, ends, offsets = [], [], [offset(_FIRST - week)]
    for start in range(_FIRST - week, _END + week, week):
        before, after = offsets[-1], offset(start + week)
        if before != after:
            at = bisect_left(range(start, start + week), True, key=lambda second: offset(second) != before) + start
            begins.append(at + min(before, after))
            ends.append(at + max(before, after))
            offsets.append(after)
    return np.array(begins, np.int64), np.array(ends, np.int64), np.array(offsets, np.int64)

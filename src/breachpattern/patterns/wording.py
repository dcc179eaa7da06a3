"""Plain words: dates, counts and the values of reasons. Persons by reference, no narrative."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Bools, Ints
from breachpattern.linking.paths import path_words
from breachpattern.patterns.context import Context
from breachpattern.patterns.fragments import fixed, glued, numbered, worded
from breachpattern.patterns.registry import Reason
from breachpattern.spans import DAY, FOREVER, NEVER, london_day, london_wall_clock

EPOCH = date(1970, 1, 1)
_YEAR_1, _YEAR_9999 = -62_135_510_400, 253_402_214_400
WITHOUT_ARTICLE = ("bail", "supervision")


class Texts:
    """The text behind the codes of a run, turned into Python once."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @cached_property
    def persons(self) -> list[str]:
        """Person references by code."""
        return _list(self.context.columns.names.persons)

    @cached_property
    def orders(self) -> list[str]:
        """Order ids by code."""
        return _list(self.context.columns.names.orders)

    @cached_property
    def order_titles(self) -> tuple[str, ...]:
        """The kinds of order in words (``non-molestation order``); the last is for an order of no known kind."""
        catalogue = self.context.catalogue
        return *(spoken(catalogue.order_kinds[k].title.split(",")[0]) for k in catalogue.order_kind_ids), "order"

    @cached_property
    def kind_of_order(self) -> Ints:
        """The place of each order's kind among :attr:`order_titles`, by order code."""
        out = np.full(len(self.context.columns.names.orders), len(self.order_titles) - 1)
        out[self.context.register.order] = self.context.register.kind
        return out

    @cached_property
    def inferred_of_row(self) -> dict[int, list[int]]:
        """Positions of the inferred breaches of each row that has some."""
        out: dict[int, list[int]] = {}
        for place, row in enumerate(self.context.inferred["row"].tolist()):
            out.setdefault(row, []).append(place)
        return out

    def path(self, inferred: int) -> str:
        """Return who acted in an inferred breach and what ties them to the respondent, in words."""
        held = self.context.inferred.iloc[inferred]
        steps = [int(held[name]) for name in ("tie", "next_tie") if held[name] >= 0]
        return path_words(self.context.timelines.ties, self.context.columns, steps, int(held["row"]))

    @cached_property
    def offences(self) -> tuple[str, ...]:
        """Offences of the catalogue by code, as they stand inside a sentence."""
        catalogue = self.context.catalogue
        return tuple(spoken(catalogue.offences[o].title) for o in catalogue.offence_ids)

    def ids_of(self, reason: Reason) -> pa.Array | None:
        """Return the ids by code where the values of a reason are codes of incidents or orders."""
        names = self.context.columns.names
        return {"incident": names.incidents, "order": names.orders}.get(reason.shown)

    def render(self, reason: Reason, value: Any) -> Any:
        """Return a reason's value as JSON-able data in words: a date, a count with its noun, codes as text."""
        if reason.shown == "mask" and reason.vocabulary is not None:
            return list(reason.vocabulary.codes(int(value)))
        if reason.shown == "text" and reason.vocabulary is not None:
            return reason.vocabulary.values[int(value)]
        if reason.shown == "instant":
            return day_text(int(value)) if NEVER < int(value) < FOREVER else None
        if reason.shown == "days":
            return counted(int(value), "day") if value >= 0 else None
        if reason.shown == "path":
            return self.path(int(value)) if value >= 0 else None
        if reason.shown == "probability":
            return float(f"{float(value):.4g}")
        if reason.shown == "flag":
            return bool(value)
        return counted(int(value), reason.noun) if reason.noun else int(value)


def _list(texts: pa.Array) -> list[str]:
    return list(texts.to_pylist())


@lru_cache(maxsize=4096)
def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "day"), counted(3, "breach"), counted(2, "recorded breach"), counted(0, "victim")
    ('1 day', '3 breaches', '2 recorded breaches', '0 victims')
    """
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun}{'es' if noun.endswith(('ch', 's', 'x')) else 's'}"


def joined(words: Sequence[str]) -> str:
    """Return words as a list in a sentence.

    Examples
    --------
    >>> joined(["V1", "V2", "V3"]), joined(["V1"])
    ('V1, V2 and V3', 'V1')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def spoken(title: str) -> str:
    """Return a title as it stands inside a sentence.

    Examples
    --------
    >>> spoken("Non-molestation order"), spoken("DVPO")
    ('non-molestation order', 'DVPO')
    """
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def with_article(noun: str) -> str:
    """Return a noun with *a* or *an*, or as it is where it takes neither.

    Examples
    --------
    >>> with_article("interim order"), with_article("restraining order"), with_article("undertaking")
    ('an interim order', 'a restraining order', 'an undertaking')
    >>> with_article("police bail")
    'police bail'
    """
    if any(word in noun.split() for word in WITHOUT_ARTICLE):
        return noun
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"


def day_text(second: int) -> str:
    """Return the London day of a second in words.

    Examples
    --------
    >>> day_text(1757055600)
    '5 Sep 2025'
    """
    return _day(london_day(second))


def span_texts(first: Ints, last: Ints) -> pa.Array:
    """Return spans of London days in words; days count from 1970.

    Examples
    --------
    >>> span_texts(np.array([20334, 20334]), np.array([20367, 20334])).to_pylist()
    ['between 3 Sep and 6 Oct 2025', 'on 3 Sep 2025']
    """
    several = first < last
    years = (days.astype("M8[D]").astype("M8[Y]").astype(np.int64) for days in (first, last))
    return glued(worded(_start, several, np.where(several, first, 0), np.not_equal(*years)), worded(_day, last))


@cache
def _start(several: bool, day: int, year: bool) -> str:
    return f"between {_day(day, year)} and " if several else "on "


@cache
def _day(day: int, year: bool = True) -> str:
    date = EPOCH + timedelta(day)
    return f"{date.day} {date:%b %Y}" if year else f"{date.day} {date:%b}"


def iso_times(seconds: Ints) -> pa.Array:
    """Return instants as ISO 8601 text on the London clock with its offset; null where far from any date.

    Examples
    --------
    >>> iso_times(np.array([1751576400, NEVER])).to_pylist()
    ['2025-07-03T22:00:00+01:00', None]
    """
    return fixed(*_iso_times(seconds))


def json_times(seconds: Ints) -> pa.Array:
    """Return instants as JSON strings, ``null`` where far from any date.

    Examples
    --------
    >>> json_times(np.array([1751576400, NEVER])).to_pylist()
    ['"2025-07-03T22:00:00+01:00"', 'null']
    """
    bare, known = _iso_times(seconds)
    text = np.empty(len(bare), [("open", "S1"), ("text", bare.dtype), ("close", "S1")])
    text["open"] = text["close"] = b'"'
    text["text"] = bare
    found = fixed(text, known)
    return pc.fill_null(found, "null") if found.null_count else found


def _iso_times(seconds: Ints) -> tuple[npt.NDArray[Any], Bools]:
    known = (seconds > _YEAR_1) & (seconds < _YEAR_9999)
    usable = np.where(known, seconds, 0)
    wall = london_wall_clock(usable)
    day, second = np.divmod(wall, DAY)
    zones, first_of_zone = numbered(wall - usable)
    text = np.empty(len(wall), [("day", "S10"), ("t", "S1"), ("clock", "S8"), ("zone", "S6")])
    place = day - _FIRST_DAY
    if place.min(initial=0) >= 0 and place.max(initial=0) < len(_calendar()):
        text["day"] = _calendar().take(place)
    else:
        text["day"] = np.datetime_as_string(day.astype("M8[D]")).astype("S10")
    text["t"] = b"T"
    text["clock"] = _clock().take(second)
    text["zone"] = np.array([_zone(offset) for offset in (wall - usable)[first_of_zone].tolist()], "S6").take(zones)
    return text, known


_FIRST_DAY, _LAST_DAY = -25_567, 47_481  # of the years 1900 to 2099


@cache
def _calendar() -> npt.NDArray[np.bytes_]:
    """Return every day from 1900 to 2099 as text (``1900-01-01`` …)."""
    days = np.arange(_FIRST_DAY, _LAST_DAY + 1).astype("M8[D]")
    months = days.astype("M8[M]")
    first = months[0].astype(np.int64)
    text = np.full(len(days), b"-", [("month", "S7"), ("a", "S1"), ("day", "S2")])
    text["month"] = np.datetime_as_string(np.unique(months)).astype("S7").take(months.astype(np.int64) - first)
    text["day"] = _two_digits().take((days - months).astype(np.int64) + 1)
    return text.view("S10").ravel()


@cache
def _two_digits() -> npt.NDArray[np.bytes_]:
    return np.array([f"{number:02d}" for number in range(60)], "S2")


@cache
def _clock() -> npt.NDArray[np.bytes_]:
    """Return every second of a day as text (``00:00:00`` …)."""
    two = _two_digits()
    text = np.full((24, 60, 60), b"::", [("h", "S2"), ("a", "S1"), ("m", "S2"), ("b", "S1"), ("s", "S2")])
    text["h"], text["m"], text["s"] = two[:24, None, None], two[:, None], two
    return text.view("S8").ravel()


def _zone(offset: int) -> str:
    minutes = abs(offset // 60)
    return f"{'-' if offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"

"""Plain words: dates, counts and the values of reasons. Persons by reference, no narrative."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from breachpattern.linking.columns import Ints
from breachpattern.linking.paths import path_words
from breachpattern.patterns.context import Context
from breachpattern.patterns.registry import Reason
from breachpattern.spans import FOREVER, LONDON, NEVER, london_wall_clock

EPOCH = date(1970, 1, 1)
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
    def kind_of_order(self) -> list[str]:
        """The kind of each order in words, by order code (``non-molestation order``)."""
        out = ["order"] * len(self.orders)
        register, catalogue = self.context.register, self.context.catalogue
        titles = [spoken(catalogue.order_kinds[k].title.split(",")[0]) for k in catalogue.order_kind_ids]
        for order, kind in zip(register.order.tolist(), register.kind.tolist(), strict=True):
            out[order] = titles[kind]
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

    def render(self, reason: Reason, value: Any) -> Any:
        """Return a reason's value as JSON-able data in words: a date, a count with its noun, codes as text."""
        if reason.shown == "mask" and reason.vocabulary is not None:
            return list(reason.vocabulary.codes(int(value)))
        if reason.shown == "text" and reason.vocabulary is not None:
            return reason.vocabulary.values[int(value)]
        if reason.shown == "instant":
            return day_text(int(value)) if NEVER < int(value) < FOREVER else None
        if reason.shown in ("incident", "order"):
            # Every incident of an extract as a Python text would weigh more than the few that are told.
            names = self.context.columns.names
            return (
                (names.incidents if reason.shown == "incident" else names.orders)[value].as_py() if value >= 0 else None
            )
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
    moment = datetime.fromtimestamp(second, UTC).astimezone(LONDON)
    return f"{moment.day} {moment:%b %Y}"


def span_text(first: int, last: int) -> str:
    """Return a span of London days in words; days count from 1970.

    Examples
    --------
    >>> span_text(20334, 20367), span_text(20334, 20334)
    ('between 3 Sep and 6 Oct 2025', 'on 3 Sep 2025')
    """
    begin, end = EPOCH + timedelta(first), EPOCH + timedelta(last)
    if begin == end:
        return f"on {end.day} {end:%b %Y}"
    year = "" if begin.year == end.year else f" {begin.year}"
    return f"between {begin.day} {begin:%b}{year} and {end.day} {end:%b %Y}"


def iso_times(seconds: Ints) -> pa.Array:
    """Return instants as ISO 8601 text on the London clock with its offset; null where far from any date.

    Examples
    --------
    >>> iso_times(np.array([1751576400, NEVER])).to_pylist()
    ['2025-07-03T22:00:00+01:00', None]
    """
    known = np.abs(seconds) < 1 << 40
    usable = np.where(known, seconds, 0)
    if len(usable) == 0:
        return pa.array([], pa.string())
    wall = london_wall_clock(usable)
    offset = (wall - usable) // 60
    distinct, place = np.unique(offset, return_inverse=True)
    signs = [f"{'-' if o < 0 else '+'}{abs(o) // 60:02d}:{abs(o) % 60:02d}" for o in distinct.tolist()]
    text = np.char.add(np.datetime_as_string(wall.astype("M8[s]")), np.array(signs)[place])
    return pa.array(text.tolist(), pa.string(), mask=~known)

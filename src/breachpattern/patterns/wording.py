"""Plain words: headlines, dates, counts and the values of reasons. Persons by reference, no narrative."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from string import Formatter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Ints
from breachpattern.linking.paths import path_words
from breachpattern.patterns.context import Context
from breachpattern.patterns.criteria.courses import count_occasions
from breachpattern.patterns.model import Pattern
from breachpattern.patterns.populations import Population, owners
from breachpattern.patterns.registry import Reason
from breachpattern.patterns.tree import Held
from breachpattern.spans import FOREVER, LONDON, NEVER, london_days, london_wall_clock
from breachpattern.timelines.courses import Ragged
from breachpattern.vocabulary import BREACH_STATUSES, STRENGTHS

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
        steps = self.context.inferred[["tie", "next_tie"]].iloc[inferred].tolist()
        return path_words(self.context.timelines.ties, self.context.columns, [tie for tie in steps if tie >= 0])

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


def placeholders(template: str) -> tuple[str, ...]:
    """Return the names in braces of a headline.

    Examples
    --------
    >>> placeholders("{suspect} towards {victims}")
    ('suspect', 'victims')
    """
    return tuple(name for _, name, _, _ in Formatter().parse(template) if name)


def headlines(pattern: Pattern, population: Population, held: Held, texts: Texts) -> pa.Array:
    """Return the headline of each finding of a pattern."""
    reasons = held.reasons()
    pieces: list[Any] = [pa.repeat("", len(population))]
    for literal, name, _, _ in Formatter().parse(pattern.headline):
        pieces.append(pa.scalar(literal))
        if name in _PHRASES:
            pieces.append(pa.array(_PHRASES[name](population, texts), pa.string()))
        elif name:
            leaf, values = reasons[name]
            pieces.append(_told(leaf.criterion.reasons[name], values, texts))
    return pc.binary_join_element_wise(*pieces, "")


def _told(reason: Reason, values: npt.NDArray[Any], texts: Texts) -> pa.Array:
    """Return the values of a reason in words; each distinct value is told once."""
    known, place = np.unique(values, return_inverse=True)
    said = pa.array([_said(texts.render(reason, value)) for value in known.tolist()], pa.string())
    return said.take(pa.array(place.reshape(-1)))


def _said(value: Any) -> str:
    if isinstance(value, list):
        return joined([str(item).replace("_", " ") for item in value]) if value else "nothing coded"
    if isinstance(value, float):
        return f"{value:.2g}"
    return "an unknown day" if value is None else str(value)


def _people(lists: Ragged, texts: Texts, nobody: str) -> list[str]:
    names, offsets = texts.persons, lists.offsets.tolist()
    values = lists.values.tolist()
    return [joined([names[p] for p in values[a:b]]) if b > a else nobody for a, b in pairwise(offsets)]


def _suspects(population: Population, texts: Texts) -> list[str]:
    return _people(population.suspects, texts, "A suspect not named")


def _victims(population: Population, texts: Texts) -> list[str]:
    return _people(population.victims, texts, "a person not named")


def _occasions(population: Population, texts: Texts) -> list[str]:
    del texts
    return [counted(n, "occasion") for n in count_occasions(population).tolist()]


def _spans(population: Population, texts: Texts) -> list[str]:
    del texts
    first, last = population.first_at, population.last_at
    known = last > np.iinfo(np.int64).min
    days = np.stack([london_days(np.where(known, at, 0)) for at in (first, last)], axis=1)
    spans = {}
    out = []
    for pair, k in zip(map(tuple, days.tolist()), known.tolist(), strict=True):
        if pair not in spans:
            spans[pair] = span_text(*pair)
        out.append(spans[pair] if k else "at no known time")
    return out


def _breach_phrases(population: Population, texts: Texts) -> list[str]:
    context = population.context
    count = population.count_breach_events().tolist()
    unrecorded = context.breach.status == BREACH_STATUSES.index("unrecorded")
    recorded = population.count_breach_events(~unrecorded).tolist()
    codes = context.breach.order[population.breaches.values]
    orders = Ragged.distinct(owners(population.breaches), codes, len(population))
    values, offsets = orders.values.tolist(), orders.offsets.tolist()
    out = []
    for k, (n, r) in enumerate(zip(count, recorded, strict=True)):
        of = [code for code in values[offsets[k] : offsets[k + 1]] if code >= 0]
        kinds = sorted({texts.kind_of_order[code] for code in of})
        whom = f"{len(of)} orders" if len(of) > 1 else with_article(kinds[0]) if of else "an order not on file"
        how = "none recorded as a breach" if not r else "recorded" if r == n else f"{r} recorded as a breach"
        out.append(f"{counted(n, 'breach')} of {whom} ({how})")
    return out


def _order_ids(population: Population, texts: Texts) -> list[str]:
    values, offsets = population.orders.values.tolist(), population.orders.offsets.tolist()
    lists = ([texts.orders[code] for code in values[a:b]] for a, b in pairwise(offsets))
    return [joined(names) if names else "not on file" for names in lists]


def _order_phrases(population: Population, texts: Texts) -> list[str]:
    values, offsets = population.orders.values.tolist(), population.orders.offsets.tolist()
    out = []
    for a, b in pairwise(offsets):
        names = [f"{texts.orders[code]} ({texts.kind_of_order[code]})" for code in values[a:b]]
        word = "order" if len(names) < 2 else "orders"
        out.append(f"{word} {joined(names)}" if names else "an order not on file")
    return out


def _strengths(population: Population, texts: Texts) -> list[str]:
    del texts
    strength: Ints = population.context.strength[population.course]
    return [STRENGTHS.values[s] for s in strength.tolist()]


_PHRASES: dict[str, Callable[[Population, Texts], list[str]]] = {
    "suspect": _suspects,
    "victims": _victims,
    "occasions": _occasions,
    "span": _spans,
    "breaches": _breach_phrases,
    "order": _order_phrases,
    "order_ids": _order_ids,
    "strength": _strengths,
}


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


PLACEHOLDERS = tuple(_PHRASES)

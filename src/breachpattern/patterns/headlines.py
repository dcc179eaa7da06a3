"""Headlines: the one sentence of a finding, from a pattern's template. What is possible is never said to be certain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from string import Formatter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Ints
from breachpattern.patterns.criteria.courses import count_occasions
from breachpattern.patterns.model import Pattern
from breachpattern.patterns.populations import Population, owners
from breachpattern.patterns.registry import Reason
from breachpattern.patterns.tree import Held
from breachpattern.patterns.wording import Texts, counted, joined, span_text, with_article
from breachpattern.spans import POSSIBLE, YES, london_days
from breachpattern.timelines.courses import Ragged
from breachpattern.timelines.reasons import MAYBE_TERMS
from breachpattern.vocabulary import BREACH_STATUSES, STRENGTHS


@dataclass(frozen=True)
class Phrase:
    """What stands for a placeholder: its meaning, and the words for each finding of a population."""

    meaning: str
    words: Callable[[Population, Texts], list[str]]


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
        if name in PLACEHOLDERS:
            pieces.append(pa.array(PLACEHOLDERS[name].words(population, texts), pa.string()))
        elif name:
            leaf, values = reasons[name]
            pieces.append(_told(leaf.criterion.reasons[name], values, texts))
    return pc.binary_join_element_wise(*pieces, "")


def _told(reason: Reason, values: npt.NDArray[Any], texts: Texts) -> pa.Array:
    """Return the values of a reason in words; each distinct value is told once."""
    known, place = np.unique(values, return_inverse=True)
    said = pa.array([_said(reason, value, texts) for value in known.tolist()], pa.string())
    return said.take(pa.array(place.reshape(-1)))


def _said(reason: Reason, number: Any, texts: Texts) -> str:
    if reason.noun and number == 0:
        return "none"
    value = texts.render(reason, number)
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
    spans: dict[tuple[int, int], str] = {}
    out = []
    for pair, k in zip(map(tuple, days.tolist()), known.tolist(), strict=True):
        if pair not in spans:
            spans[pair] = span_text(*pair)
        out.append(spans[pair] if k else "at no known time")
    return out


def _by_certainty(population: Population) -> tuple[Ints, Ints, Ints]:
    """Return how many occasions of breach are certain, possible, and recorded where no order on file fits.

    A breach is possible where its order was possibly in force, or where nobody recorded it and the order's words
    decide.
    """
    breach = population.context.breach
    unsaid = (breach.status == BREACH_STATUSES.index("unrecorded")) & (breach.reasons & MAYBE_TERMS != 0)
    certain = (breach.state == YES) & ~unsaid
    possible = (breach.state == POSSIBLE) | ((breach.state == YES) & unsaid)
    sure = population.count_breach_events(certain)
    some = population.count_breach_events(certain | possible)
    return sure, some - sure, population.count_breach_events() - some


def _breach_counts(certain: int, possible: int, unfounded: int) -> str:
    """Return a count of breaches in which a possible one is never counted as a certain one.

    Examples
    --------
    >>> _breach_counts(7, 2, 0), _breach_counts(0, 1, 0), _breach_counts(1, 1, 1)
    ('7 breaches and 2 possible ones', '1 possible breach', '1 breach, 1 possible one and 1 with no order on file')
    """
    parts = [counted(certain, "breach")] if certain else []
    if possible:
        parts.append(counted(possible, "possible one" if parts else "possible breach"))
    if unfounded:
        parts.append(f"{unfounded} with no order on file" if parts else counted(unfounded, "breach"))
    return joined(parts) if parts else "no breach"


def _of_whom(population: Population, texts: Texts) -> list[str]:
    codes = population.context.breach.order[population.breaches.values]
    orders = Ragged.distinct(owners(population.breaches), codes, len(population))
    out = []
    for a, b in pairwise(orders.offsets.tolist()):
        of = [code for code in orders.values[a:b].tolist() if code >= 0]
        kinds = sorted({texts.kind_of_order[code] for code in of})
        out.append(f"{len(of)} orders" if len(of) > 1 else with_article(kinds[0]) if of else "an order not on file")
    return out


def _recording(population: Population) -> list[str]:
    unrecorded = population.context.breach.status == BREACH_STATUSES.index("unrecorded")
    recorded = population.count_breach_events(~unrecorded).tolist()
    counts = population.count_breach_events().tolist()
    return [
        "none recorded as a breach" if not r else "recorded" if r == n else f"{r} recorded as a breach"
        for n, r in zip(counts, recorded, strict=True)
    ]


def _breach_phrases(population: Population, texts: Texts) -> list[str]:
    counts = zip(*(part.tolist() for part in _by_certainty(population)), strict=True)
    whole = zip(counts, _of_whom(population, texts), _recording(population), strict=True)
    return [f"{_breach_counts(*count)} of {whom} ({how})" for count, whom, how in whole]


def _among_them(population: Population, texts: Texts) -> list[str]:
    phrases = _breach_phrases(population, texts)
    one = population.count_breach_events() == 1
    return [
        f"one of them a {phrase.removeprefix('1 ')}" if single else f"among them {phrase}"
        for phrase, single in zip(phrases, one.tolist(), strict=True)
    ]


def _conduct_within(population: Population, texts: Texts) -> list[str]:
    certain, possible, _ = _by_certainty(population)
    spans = _spans(population, texts)
    out = []
    for sure, maybe, span in zip(certain.tolist(), possible.tolist(), spans, strict=True):
        often = f" on {counted(sure or maybe, 'occasion')}" if sure + maybe > 1 else ""
        more = f", and possibly on {maybe} more," if sure and maybe else ""
        out.append(f"conduct{often}{more} {span} {'falls' if sure else 'may fall'} within")
    return out


def _broken(population: Population, texts: Texts) -> list[str]:
    del texts
    certain, _, _ = _by_certainty(population)
    return ["broken" if sure else "possibly broken" for sure in certain.tolist()]


def _after_service(population: Population, texts: Texts) -> list[str]:
    del texts
    days = np.nan_to_num(population.context.breach.days_since_served, nan=np.inf)
    least = np.full(len(population), np.inf)
    np.minimum.at(least, owners(population.breaches), days[population.breaches.values])
    return [
        "at an unknown time after service" if day == np.inf
        else "on the day of service" if day == 0
        else f"within {counted(int(day), 'day')} of service"
        for day in least.tolist()
    ]  # fmt: skip


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


PLACEHOLDERS: dict[str, Phrase] = {
    "suspect": Phrase("The suspect or suspects, by reference.", _suspects),
    "victims": Phrase("The victims, by reference.", _victims),
    "occasions": Phrase("How many occasions: `3 occasions`.", _occasions),
    "span": Phrase("From when to when: `between 1 Mar and 9 Mar 2025`, `on 1 Mar 2025`.", _spans),
    "breaches": Phrase(
        "The breaches, certain and possible ones apart, of what, and how many were recorded: `7 breaches and 2 "
        "possible ones of a non-molestation order (3 recorded as a breach)`.", _breach_phrases,
    ),
    "among_them": Phrase(
        "The same after occasions: `among them 2 breaches of …`, `one of them a breach of …`.", _among_them,
    ),
    "conduct_within": Phrase(
        "Conduct within an order, the possible apart: `conduct on 4 occasions, and possibly on 2 more, between … falls "
        "within`; `may fall within` where none is certain.", _conduct_within,
    ),
    "broken": Phrase("`broken`, or `possibly broken` where no breach is certain.", _broken),
    "after_service": Phrase(
        "How soon after service: `on the day of service`, `within 3 days of service`.", _after_service,
    ),
    "order": Phrase("The orders with their kinds: `order O1 (non-molestation order)`.", _order_phrases),
    "order_ids": Phrase("The orders by reference.", _order_ids),
    "strength": Phrase("The strength of the course.", _strengths),
}  # fmt: skip

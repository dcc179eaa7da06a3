"""Headlines: the one sentence of a finding, from a pattern's template. What is possible is never said to be certain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Ints
from breachpattern.patterns.criteria.courses import count_occasions
from breachpattern.patterns.fragments import glued, inside, worded
from breachpattern.patterns.model import Pattern
from breachpattern.patterns.populations import Population, combined, owners
from breachpattern.patterns.registry import Reason, find_criterion
from breachpattern.patterns.tree import Held, leaves
from breachpattern.patterns.wording import Texts, counted, joined, span_texts, with_article
from breachpattern.spans import POSSIBLE, YES, london_days
from breachpattern.timelines.courses import Ragged
from breachpattern.timelines.reasons import MAYBE_TERMS
from breachpattern.vocabulary import BREACH_STATUSES, STRENGTHS


@dataclass(frozen=True)
class Phrase:
    """What stands for a placeholder: its meaning, and the words for each finding of a population."""

    meaning: str
    words: Callable[[Population, Texts], pa.Array]


def placeholders(template: str) -> tuple[str, ...]:
    """Return the names in braces of a headline.

    Examples
    --------
    >>> placeholders("{suspect} towards {victims}")
    ('suspect', 'victims')
    """
    return tuple(name for _, name, _, _ in Formatter().parse(template) if name)


def faults_of(pattern: Pattern) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the headline of a pattern whose criteria are known, and what would work."""
    given = {name for leaf in leaves(pattern.condition) for name in find_criterion(leaf.criterion).reasons}
    try:
        names = placeholders(pattern.headline)
    except ValueError as error:
        yield f"The headline cannot be read: {error}.", "Double a brace that stands for itself."
        return
    for name in names:
        if name not in PLACEHOLDERS and name not in given:
            allowed = ", ".join([*PLACEHOLDERS, *sorted(given)])
            yield f"The headline asks for {{{name}}}, which nothing gives.", f"Allowed: {allowed}."


def headlines(pattern: Pattern, population: Population, held: Held, texts: Texts) -> pa.Array:
    """Return the headline of each finding of a pattern."""
    reasons = held.reasons()
    pieces: list[str | pa.Array] = [pa.repeat("", len(population))]
    for literal, name, _, _ in Formatter().parse(pattern.headline):
        pieces.append(literal)
        if name in PLACEHOLDERS:
            pieces.append(PLACEHOLDERS[name].words(population, texts))
        elif name:
            leaf, values = reasons[name]
            pieces.append(_told(leaf.criterion.reasons[name], values, texts))
    return glued(*pieces)


def _told(reason: Reason, values: npt.NDArray[Any], texts: Texts) -> pa.Array:
    """Return the values of a reason in words."""
    ids = texts.ids_of(reason)
    if ids is not None:
        return pc.fill_null(ids.take(pa.array(values, mask=values < 0)), _UNKNOWN)
    return worded(lambda value: _said(reason, value, texts), values)


_UNKNOWN = "an unknown day"


def _said(reason: Reason, number: Any, texts: Texts) -> str:
    if reason.noun and number == 0:
        return "none"
    value = texts.render(reason, number)
    if isinstance(value, list):
        return joined([str(item).replace("_", " ") for item in value]) if value else "nothing coded"
    if isinstance(value, float):
        return f"{value:.2g}"
    return _UNKNOWN if value is None else str(value)


def _enumerated(items: pa.Array, lists: Ragged, nothing: str) -> pa.Array:
    """Return the items of each list as a person would list them: ``V1, V2 and V3``."""
    length, owner = np.diff(lists.offsets), owners(lists)
    if (length == 1).all():
        return items
    place = np.arange(len(owner)) - lists.offsets[owner]
    last = (place > 0) & (place == length[owner] - 1)
    joint = pa.array(["", ", ", " and "]).take(pa.array(np.where(last, 2, place > 0)))
    whole = inside(glued(joint, items), lists, "")
    return pc.if_else(pa.array(length > 0), whole, nothing)


def _people(lists: Ragged, texts: Texts, nobody: str) -> pa.Array:
    return _enumerated(texts.context.columns.names.persons.take(pa.array(lists.values)), lists, nobody)


def _suspects(population: Population, texts: Texts) -> pa.Array:
    return _people(population.suspects, texts, "A suspect not named")


def _victims(population: Population, texts: Texts) -> pa.Array:
    return _people(population.victims, texts, "a person not named")


def _occasions(population: Population, texts: Texts) -> pa.Array:
    del texts
    return worded(lambda n: counted(n, "occasion"), count_occasions(population))


def _spans(population: Population, texts: Texts) -> pa.Array:
    del texts
    first, last = population.first_at, population.last_at
    known = last > np.iinfo(np.int64).min
    days = (london_days(np.where(known, at, 0)) for at in (first, last))
    spans = span_texts(*days)
    return spans if known.all() else pc.if_else(pa.array(known), spans, "at no known time")


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


def _one_order(population: Population) -> tuple[Ints, Ints]:
    """Return how many orders are broken, and the first of them, ``-1`` where none is on file."""
    orders = population.distinct(population.breaches, population.context.breach.order)
    count = np.diff(orders.offsets)
    return count, np.where(count > 0, np.append(orders.values, -1)[orders.offsets[:-1]], -1)


def _breach_phrases(population: Population, texts: Texts) -> pa.Array:
    return _breaches(population, texts, lambda phrase, _: phrase)


def _among_them(population: Population, texts: Texts) -> pa.Array:
    return _breaches(
        population,
        texts,
        lambda phrase, one: f"one of them a {phrase.removeprefix('1 ')}" if one else f"among them {phrase}",
    )


def _breaches(population: Population, texts: Texts, put: Callable[[str, bool], str]) -> pa.Array:
    def tell(certain: int, possible: int, unfounded: int, recorded: int, orders: int, kind: int) -> str:
        total = certain + possible + unfounded
        whom = with_article(texts.order_titles[kind]) if orders == 1 else f"{orders} orders"
        how = "recorded" if recorded == total else f"{recorded} recorded as a breach"
        counts, of = _breach_counts(certain, possible, unfounded), whom if orders else "an order not on file"
        return put(f"{counts} of {of} ({how if recorded else 'none recorded as a breach'})", total == 1)

    recorded = population.context.breach.status != BREACH_STATUSES.index("unrecorded")
    orders, first = _one_order(population)
    kind = np.where(orders == 1, np.append(texts.kind_of_order, -1)[first], -1)
    return worded(tell, *_by_certainty(population), population.count_breach_events(recorded), orders, kind)


def _conduct_within(population: Population, texts: Texts) -> pa.Array:
    def tell(sure: int, maybe: int) -> str:
        often = f" on {counted(sure or maybe, 'occasion')}" if sure + maybe > 1 else ""
        more = f", and possibly on {maybe} more," if sure and maybe else ""
        return f"conduct{often}{more} "

    certain, possible, _ = _by_certainty(population)
    falls = worded(lambda sure: " falls within" if sure else " may fall within", certain > 0)
    return glued(worded(tell, certain, possible), _spans(population, texts), falls)


def _broken(population: Population, texts: Texts) -> pa.Array:
    del texts
    certain, _, _ = _by_certainty(population)
    return worded(lambda sure: "broken" if sure else "possibly broken", certain > 0)


def _after_service(population: Population, texts: Texts) -> pa.Array:
    def tell(day: float) -> str:
        if day == np.inf:
            return "at an unknown time after service"
        return "on the day of service" if day == 0 else f"within {counted(int(day), 'day')} of service"

    del texts
    days = np.nan_to_num(population.context.breach.days_since_served, nan=np.inf)
    return worded(tell, combined(np.minimum, population.breaches, days, np.inf))


def _order_ids(population: Population, texts: Texts) -> pa.Array:
    orders = population.orders
    return _enumerated(texts.context.columns.names.orders.take(pa.array(orders.values)), orders, "not on file")


def _order_phrases(population: Population, texts: Texts) -> pa.Array:
    orders = population.orders
    ids = texts.context.columns.names.orders.take(pa.array(orders.values))
    kinds = pa.array(texts.order_titles).take(pa.array(texts.kind_of_order[orders.values]))
    words = ("an order not on file", "order ", "orders ")
    return glued(
        worded(lambda many: words[many], np.minimum(np.diff(orders.offsets), 2)),
        _enumerated(glued(ids, " (", kinds, ")"), orders, ""),
    )


def _strengths(population: Population, texts: Texts) -> pa.Array:
    del texts
    return worded(lambda code: STRENGTHS.values[code], population.context.strength[population.course])


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

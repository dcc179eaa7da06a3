"""Measures that count pairs of suspect and victim, or suspects: one line for each, where it was last seen."""

from __future__ import annotations

import numpy as np
import pandas as pd

from breachpattern.linking.columns import Ints
from breachpattern.review.measures.facts import LOOK_BACK, Facts
from breachpattern.review.measures.ledger import lines_of_rows, measure
from breachpattern.sorting import order_by
from breachpattern.spans import DAY
from breachpattern.vocabulary import RELATIONSHIPS


def _groups(label: Ints, value: Ints) -> tuple[Ints, Ints]:
    """Return how many distinct values each distinct label has, and the last place of each label.

    Examples
    --------
    >>> _groups(np.array([5, 5, 9]), np.array([1, 1, 2]))
    (array([1, 1]), array([1, 2]))
    """
    order = order_by(label, value)
    one, other = label[order], value[order]
    fresh = np.append(True, one[1:] != one[:-1])[: len(one)]
    differs = fresh | np.append(True, other[1:] != other[:-1])[: len(one)]
    group = np.cumsum(fresh) - 1
    last = np.zeros(int(fresh.sum()), np.int64)
    np.maximum.at(last, group, order)
    return np.bincount(group, weights=differs).astype(np.int64), last


def _broken(facts: Facts, at_least: int) -> pd.DataFrame:
    rows = facts.breaches[facts.pair[facts.breaches] >= 0]
    count, last = _groups(facts.pair[rows], facts.columns.incident[rows].astype(np.int64))
    return lines_of_rows(facts, rows[last], count >= at_least)


@measure("M6.2")
def broken_twice(facts: Facts) -> pd.DataFrame:
    """Return pairs with a recorded breach, and whether there are two."""
    return _broken(facts, 2)


@measure("M6.3")
def broken_three_times(facts: Facts) -> pd.DataFrame:
    """Return pairs with a recorded breach, and whether there are three."""
    return _broken(facts, 3)


@measure("M6.5")
def broken_five_times(facts: Facts) -> pd.DataFrame:
    """Return pairs with a recorded breach, and whether there are five."""
    return _broken(facts, 5)


@measure("M6.between")
def days_between_breaches(facts: Facts) -> pd.DataFrame:
    """Return breaches with an earlier one of the same pair, and the days from that one."""
    rows = facts.breaches[facts.pair[facts.breaches] >= 0]
    columns, pair = facts.columns, facts.pair
    order = order_by(pair[rows], columns.start[rows], columns.incident[rows])
    rows = rows[order]
    again = np.append(False, pair[rows][1:] == pair[rows][:-1])[: len(rows)]
    again &= np.append(False, columns.incident[rows][1:] != columns.incident[rows][:-1])[: len(rows)]
    gap = np.append(0, np.diff(columns.start[rows]))[: len(rows)] / DAY
    return lines_of_rows(facts, rows[again], np.ones(int(again.sum()), np.bool_), gap[again])


@measure("M5")
def ex_partner_as_stalking(facts: Facts) -> pd.DataFrame:
    """Return conduct crimes by a former partner since April 2020, and whether they are recorded as stalking."""
    context, columns = facts.context, facts.columns
    conduct = context.conduct("stalking", "harassment", "fear_of_violence") & facts.standing
    former = columns.relationship == RELATIONSHIPS.index("ex_partner")
    asked = conduct & former & context.rule_requires("ex_partner_default_stalking")
    rows = np.flatnonzero(asked & ~facts.of_incidents(facts.verdicts.harassment_only))
    _, first = np.unique(columns.incident[rows], return_index=True)
    return lines_of_rows(facts, rows[first], context.conduct("stalking")[rows[first]])


@measure("M13")
def several_victims(facts: Facts) -> pd.DataFrame:
    """Return suspects of the last year, and whether there were two victims or more."""
    columns = facts.columns
    recent = (facts.is_breach | facts.conduct) & (columns.start > facts.now - LOOK_BACK)
    rows = np.flatnonzero(recent & (facts.pair >= 0))
    rows = rows[order_by(columns.start[rows], columns.incident[rows])]
    count, last = _groups(columns.suspect[rows].astype(np.int64), columns.victim[rows].astype(np.int64))
    return lines_of_rows(facts, rows[last], count >= 2)


@measure("M14")
def several_forces(facts: Facts) -> pd.DataFrame:
    """Return pairs with an event of a known force, and whether two forces or more saw them."""
    rows = np.flatnonzero((facts.columns.force >= 0) & facts.standing & (facts.pair >= 0))
    count, last = _groups(facts.pair[rows], facts.columns.force[rows].astype(np.int64))
    return lines_of_rows(facts, rows[last], count >= 2)


@measure("M11.next")
def no_order_at_next_event(facts: Facts) -> pd.DataFrame:
    """Return victims whose last breach or conduct crime an event followed, and whether no order was then live."""
    columns = facts.columns
    rows = np.flatnonzero((facts.is_breach | facts.conduct) & (facts.next_event >= 0))
    rows = rows[order_by(columns.victim[rows], columns.start[rows], columns.incident[rows])]
    victim = columns.victim[rows]
    rows = rows[np.append(victim[1:] != victim[:-1], True)[: len(rows)]]
    return lines_of_rows(facts, rows, ~facts.in_force(facts.next_event[rows]))


@measure("M11.days")
def protected_within_28_days(facts: Facts) -> pd.DataFrame:
    """Return pairs first seen unprotected at a recorded breach or conduct crime, and the days until an order began."""
    columns, pair = facts.columns, facts.pair
    rows = np.flatnonzero((facts.is_breach | facts.conduct) & (pair >= 0))
    rows = rows[~facts.in_force(rows)]
    order = order_by(pair[rows], columns.start[rows])
    rows = rows[order]
    rows = rows[np.append(True, pair[rows][1:] != pair[rows][:-1])[: len(rows)]]
    version, protected = facts.protected_pairs
    orders = facts.context.orders
    kept = orders.is_order[version] & (protected >= 0)
    begins = orders.start_lo[version][kept]
    by_start = order_by(protected[kept], begins)
    held, begins = protected[kept][by_start], begins[by_start]
    # The first beginning of the same pair after the event.
    after = np.searchsorted(_packed(held, begins), _packed(pair[rows], columns.start[rows]), side="right")
    there = after < len(held)
    there[there] &= held[after[there]] == pair[rows][there]
    until = np.full(len(rows), facts.now, np.int64)
    until[there] = np.minimum(begins[after[there]], facts.now)
    met = there & (until < facts.now)
    return lines_of_rows(facts, rows, met, np.maximum(until - columns.start[rows], 0) / DAY)


def _packed(label: Ints, at: Ints) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """Return (label, second) as one comparable value each."""
    out = np.empty(len(label), dtype=[("label", np.int64), ("at", np.int64)])
    out["label"], out["at"] = label, at
    return out

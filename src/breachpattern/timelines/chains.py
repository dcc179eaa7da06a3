"""Chains: occasions of one unit that links hold together, and the links that do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from breachpattern.linking.columns import Bools, Ints
from breachpattern.sorting import changes, numbered, order_by
from breachpattern.timelines.nexus import Custody, Links, compare, signal_table
from breachpattern.timelines.occasions import Occasions, components
from breachpattern.timelines.units import DYAD, Units


@dataclass(frozen=True)
class Chains:
    """The candidate courses of units of one kind.

    Attributes
    ----------
    course : (occasions,) int64
        The candidate that holds each occasion, ``-1`` where none.
    count : int
        How many candidates there are.
    links : Links
        The strongest links that join all occasions of each candidate: one fewer than it has occasions.
    """

    course: Ints
    count: int
    links: Links


def find_chains(units: Units, occasions: Occasions, founded: tuple[Ints, Ints], custody: Custody) -> Chains:
    """Return the chains of the occasions of units.

    A link joins from the rule's ``link`` points on. A serious counter-signal (a reconciliation) weighs on the
    link and cuts nothing: what it stands against stays in sight.

    Parameters
    ----------
    units : Units
    occasions : Occasions
        The occasions of these units.
    founded : pair of (n,) int64
        (earlier, later) occasions where the later breaches an order founded on the earlier.
    custody : Custody
    """
    table, n = signal_table(), len(occasions)
    links = _compared(units, occasions, founded, custody)
    serious = links.signals & table.mask(serious=True)
    weighty = np.flatnonzero(serious)
    score = links.score.copy()
    score[weighty] -= table.points(serious[weighty])
    joins = score >= table.rule.link
    label = components(n, links.earlier[joins], links.later[joins])
    in_course = np.bincount(label, weights=occasions.count, minlength=n)[label] >= 2
    if units.kind == DYAD:
        label, in_course = _loose_pairs(occasions, label, in_course)
    course = np.full(n, -1, np.int64)
    count, course[in_course] = numbered(label[in_course])
    inside = (course[links.earlier] == course[links.later]) & (course[links.later] >= 0)
    return Chains(course, count, _strongest(links.take(np.flatnonzero(inside)), course))


def _compared(units: Units, occasions: Occasions, founded: tuple[Ints, Ints], custody: Custody) -> Links:
    """Compare each occasion with the few before it, and with those on which the order that it breaches was founded."""
    parts = [compare(occasions, *founded, units.suspect, custody, founded=True)]
    for lag in range(1, signal_table().rule.lags + 1):
        i, j = slice(None, -lag), slice(lag, None)
        same = np.flatnonzero(occasions.unit[i] == occasions.unit[j])
        parts.append(compare(occasions, i, j, units.suspect, custody).take(same))
    return Links.together(parts)


def _strongest(links: Links, course: Ints) -> Links:
    """Return the strongest links that hold the same occasions together as all of them, later occasions in order.

    It does not matter which of two occasions came first: an act that the next one explains counts by that link.
    """
    if len(links.score) == 0:
        return links
    only = np.bincount(course[links.later])[course[links.later]] == 1
    others = np.flatnonzero(~only)
    chosen = np.append(np.flatnonzero(only), _strongest_tree(links, others, len(course)))
    return links.take(chosen[order_by(links.later[chosen], links.earlier[chosen])])


def _strongest_tree(links: Links, some: Ints, n: int) -> Ints:
    """Return, of some links between ``n`` occasions, the strongest that hold the same together as all of them."""
    if len(some) == 0:
        return some
    earlier, later, weakness = links.earlier[some], links.later[some], numbered(-links.score[some])[1]
    # The strongest of two links between the same occasions.
    order = order_by(earlier, later, weakness)
    order = order[changes(earlier[order], later[order])]
    some, earlier, later, weakness = (column[order] for column in (some, earlier, later, weakness))
    # Ranks for scores: no two weigh the same, so that other people's occasions cannot change the choice.
    order = order_by(weakness, later, earlier)
    rank = np.empty(len(order))
    rank[order] = np.arange(1, len(order) + 1)
    ends = earlier.astype(np.int32), later.astype(np.int32)  # all that older scipy takes
    tree = minimum_spanning_tree(coo_array((rank, ends), shape=(n, n)).tocsr())
    return np.asarray(some[order[tree.data.astype(np.int64) - 1]])


def _loose_pairs(occasions: Occasions, label: Ints, in_course: Bools) -> tuple[Ints, Bools]:
    """Give two people with several occasions that nothing joins one candidate that holds them all."""
    unit = occasions.unit
    joined = np.zeros(int(unit.max()) + 1 if len(unit) else 0, np.bool_)
    joined[unit[in_course]] = True
    several = np.bincount(unit, weights=occasions.count, minlength=len(joined)) >= 2
    loose = ~joined[unit] & several[unit]
    first = np.full(len(joined), len(unit), np.int64)
    np.minimum.at(first, unit, np.arange(len(unit)))
    return np.where(loose, first[unit], label), in_course | loose

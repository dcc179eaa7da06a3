"""What came before a breach, as it was known when the breach was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from breachpattern.linking.columns import Bools, Columns, Ints
from breachpattern.sorting import changes, numbered, order_by
from breachpattern.spans import DAY
from breachpattern.timelines.occasions import Occasions
from breachpattern.timelines.units import Units

YEAR = 365 * DAY


@dataclass(frozen=True)
class Events:
    """Events of many series: the series of each, when it was, and when it was known."""

    series: Ints
    at: Ints
    known: Ints

    def __len__(self) -> int:
        return len(self.series)

    def take(self, index: Bools) -> Events:
        """Return some of the events."""
        return Events(*(getattr(self, name)[index] for name in ("series", "at", "known")))


def known_before(events: Events, weight: Ints, asked: Events) -> Ints:
    """Return for each question the weight of the earlier events of its series that were known by then.

    Parameters
    ----------
    events : Events
    weight : (n,) int64
        What each event counts.
    asked : Events
        Counts events of the series before ``at`` that were known at ``known``.

    Examples
    --------
    >>> series = np.array([7, 7, 7])
    >>> events = Events(series, np.array([1, 2, 3]), np.array([1, 9, 3]))
    >>> known_before(events, np.array([1, 1, 1]), Events(series, np.array([2, 3, 4]), np.array([2, 3, 9]))).tolist()
    [1, 1, 3]
    """
    wanted = np.isin(events.series, asked.series)
    events, weight = events.take(wanted), weight[wanted]
    if len(events) == 0 or len(asked) == 0:
        return np.zeros(len(asked), np.int64)
    earlier, late = _earlier(events, weight, asked)
    if not late.any():
        return earlier
    # Few records are late: only they are looked at one question at a time.
    events, weight = events.take(late), weight[late]
    return earlier - _earlier(events, weight, asked)[0] + _known_in_rounds(events, weight, asked)


def _earlier(events: Events, weight: Ints, asked: Events) -> tuple[Ints, Bools]:
    """Return the weight of all earlier events of the series of each question, and which events one of them missed."""
    n, m = len(events), len(asked)
    series, at, known = (np.concatenate([getattr(events, k), getattr(asked, k)]) for k in ("series", "at", "known"))
    asks = np.arange(n + m) >= n
    order = order_by(series, at, ~asks)
    fresh = changes(series[order])
    before = np.append(0, np.cumsum(np.append(weight, np.zeros(m, np.int64))[order]))[:-1]
    total = np.empty(n + m, np.int64)
    total[order] = before - before[np.flatnonzero(fresh)][np.cumsum(fresh) - 1]
    # The earliest knowledge of all later questions of the series; those of a later series are no smaller.
    count, rank = numbered(known)
    base = np.cumsum(fresh) * (count + 1)
    asked_at = base + np.where(asks, rank, count)[order]
    soonest = np.minimum.accumulate(asked_at[::-1])[::-1]
    missed = np.empty(n + m, np.bool_)
    missed[order] = soonest < base + rank[order]
    return total[n:], missed[:n]


def _known_in_rounds(events: Events, weight: Ints, asked: Events) -> Ints:
    """Return what :func:`known_before` does.

    Events and questions of a series stand in order of time. In rounds, blocks of 1, 2, 4 … places are taken in
    pairs; a question of the later block counts the events of the earlier one that were known, by a running sum in
    order of knowledge. So 20,000 breaches of one order cost 15 sorts, not 200 million pairs.
    """
    n, m = len(events), len(asked)
    series, at, known = (np.concatenate([getattr(events, k), getattr(asked, k)]) for k in ("series", "at", "known"))
    weighed = np.concatenate([weight, np.zeros(m, np.int64)])
    asks = np.arange(n + m) >= n
    total = np.zeros(n + m, np.int64)
    in_time = order_by(series, at, ~asks)
    heads = np.flatnonzero(changes(series[in_time]))
    sizes = np.diff(np.append(heads, n + m))
    head = np.repeat(heads, sizes)
    size, place, base = (np.empty(n + m, np.int64) for _ in range(3))
    base[in_time], place[in_time] = head, np.arange(n + m) - head
    size[in_time] = np.repeat(sizes, sizes)
    members = order_by(series, known, asks)
    width = 1
    while len(members := members[size[members] > width]):
        pair = base[members] + place[members] // (2 * width) * (2 * width)
        order = order_by(pair)
        here, pair = members[order], pair[order]
        later = place[here] // width % 2 == 1
        running = np.cumsum(np.where(later, 0, weighed[here]))
        before = np.append(0, running[:-1])
        at_begin = before[np.maximum.accumulate(np.where(changes(pair), np.arange(len(here)), 0))]
        counting = later & asks[here]
        total[here[counting]] += (running - at_begin)[counting]
        width *= 2
    return total[n:]


def prior_occasions(columns: Columns, breaches: pd.DataFrame, occasions: Occasions, pairs: Units) -> Ints:
    """Count the other occasions of the same dyad in the year before, that were known when this record was.

    Parameters
    ----------
    columns : Columns
    breaches : pandas.DataFrame
    occasions : Occasions
        Of dyads. The occasion to which a breach itself belongs never counts.
    pairs : Units
        The dyads.
    """
    out = np.zeros(len(breaches), np.int64)
    if len(pairs.suspect) == 0 or len(breaches) == 0 or len(occasions) == 0:
        return out
    row, suspect, victim, start, known = (
        breaches[c].to_numpy().astype(np.int64) for c in ("row", "suspect", "victim", "start", "known")
    )
    scale = np.int64(len(columns.names.persons) + 1)
    people = pairs.suspect * scale + pairs.victim
    unit = np.minimum(np.searchsorted(people, suspect * scale + victim), len(people) - 1)
    asked = np.flatnonzero((people[unit] == suspect * scale + victim) & (suspect >= 0) & (victim >= 0))
    unit, start, known = unit[asked], start[asked], known[asked]
    events = Events(occasions.unit, occasions.start, occasions.known)
    own = np.full(len(columns), -1, np.int64)
    own[occasions.rows] = occasions.row_occasion
    mine = own[row[asked]]
    counts_mine = (
        (mine >= 0)
        & (occasions.unit[mine] == unit)
        & (occasions.start[mine] >= start - YEAR)
        & (occasions.start[mine] < start)
        & (occasions.known[mine] <= known)
    )
    within = known_before(events, occasions.count, Events(unit, start, known))
    longer_ago = known_before(events, occasions.count, Events(unit, start - YEAR, known))
    out[asked] = within - longer_ago - np.where(counts_mine, occasions.count[mine], 0)
    return out


def prior_breaches(breaches: pd.DataFrame, inferred: pd.DataFrame) -> Ints:
    """Count earlier breach incidents towards the victim, or of the order where no victim is named.

    Only those count that were known when this record was. The inferred ones come last; they are told what came
    before and count for nobody.
    """

    def column(name: str) -> Ints:
        return np.concatenate([frame[name].to_numpy().astype(np.int64) for frame in (breaches, inferred)])

    suspect, victim, order, start, incident, known = map(
        column, ("suspect", "victim", "order", "start", "incident", "known")
    )
    target = np.where(victim >= 0, victim * 2, order * 2 + 1)
    _, series = numbered(suspect, target)
    direct = np.flatnonzero(np.arange(len(suspect)) < len(breaches))
    sort = direct[order_by(series[direct], incident[direct], known[direct])]
    fresh = np.append(True, (np.diff(series[sort]) != 0) | (np.diff(incident[sort]) != 0))[: len(sort)]
    first = sort[fresh]
    counted = known_before(
        Events(series[first], start[first], known[first]), np.ones(len(first), np.int64), Events(series, start, known)
    )
    return np.where(suspect >= 0, counted, 0)

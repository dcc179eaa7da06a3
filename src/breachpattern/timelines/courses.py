"""Candidate courses of conduct: chains of occasions held together by nexus, with reasons on both sides.

A chain joins occasions whose nexus reaches the rule's ``link`` points; gaps weigh and never cut. Strength
comes from the mean of the links that hold it together and the number of occasions (``docs/strength.md``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.linking.columns import Bools, Columns, Floats, Ints
from breachpattern.sorting import distinct_pairs, in_order, order_by
from breachpattern.spans import DAY, FOREVER, NEVER, london_days
from breachpattern.timelines.chains import Chains, find_chains
from breachpattern.timelines.counter_signals import counter_signals
from breachpattern.timelines.nexus import Custody, proximity, signal_table
from breachpattern.timelines.occasions import Occasions
from breachpattern.timelines.units import DYAD, Units
from breachpattern.vocabulary import IMPACTS, RELATIONSHIPS, STRENGTHS

FEAR_OF_VIOLENCE, ALARM = IMPACTS.mask(["fear_of_violence"]), IMPACTS.mask(["serious_alarm_distress"])
CHANGED_LIFE = IMPACTS.mask(["changed_routine", "moved_home", "health", "work", "extra_security"])
LIFE_IN_COMMON = tuple(RELATIONSHIPS.index(r) for r in ("partner", "family"))
NOT_KNOWN = RELATIONSHIPS.index("unknown")
WEAK, ARGUABLE, CLEAR = (STRENGTHS.index(s) for s in ("weak", "arguable", "clear"))


def starts(counts: npt.NDArray[Any]) -> Ints:
    """Return where each of some runs begins, and where the last one ends.

    Examples
    --------
    >>> starts(np.array([2, 0, 1])).tolist()
    [0, 2, 2, 3]
    """
    out = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=out[1:])
    return out


@dataclass(frozen=True)
class Ragged:
    """Lists of whole numbers of different lengths: ``values[offsets[k]:offsets[k + 1]]`` is the k-th.

    Examples
    --------
    >>> Ragged.of(np.array([1, 0, 1]), np.array([5, 6, 4]), 3)[1].tolist()
    [5, 4]
    """

    offsets: Ints
    values: Ints

    @classmethod
    def of(cls, owner: Ints, values: npt.NDArray[np.int64] | Ints, n: int) -> Ragged:
        """Return the values of each of ``n`` owners, in the order given."""
        if not in_order(owner):
            values = values[order_by(owner)]
        return cls(starts(np.bincount(owner, minlength=n)), np.asarray(values, dtype=np.int64))

    @classmethod
    def distinct(cls, owner: Ints, values: npt.NDArray[np.int64] | Ints, n: int) -> Ragged:
        """Return the distinct values of each of ``n`` owners, sorted."""
        owner, values = distinct_pairs(owner, values)
        return cls(starts(np.bincount(owner, minlength=n)), np.asarray(values, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, k: int) -> Ints:
        return self.values[self.offsets[k] : self.offsets[k + 1]]

    def take(self, index: Ints) -> Ragged:
        """Return some of the lists, in the order asked for."""
        begin = self.offsets[index]
        counts = self.offsets[index + 1] - begin
        offsets = starts(counts)
        places = np.repeat(begin - offsets[:-1], counts)
        places += np.arange(offsets[-1])
        return Ragged(offsets, self.values.take(places))

    def take_later(self, index: Ints) -> Ragged:
        """Return the same as :meth:`take`, gathered when somebody first asks what is in the lists."""
        return self.later(partial(self.take, index))

    @staticmethod
    def later(gather: Callable[[], Ragged]) -> Ragged:
        """Return lists that are gathered when somebody first asks what is in them."""
        return _Later(gather)

    @cached_property
    def owners(self) -> Ints:
        """The number of the list of each value."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    def append(self, other: Ragged) -> Ragged:
        """Return these lists followed by the others."""
        return Ragged(
            np.concatenate([self.offsets, other.offsets[1:] + self.offsets[-1]]),
            np.concatenate([self.values, other.values]),
        )


class _Later(Ragged):
    """Lists that are gathered when somebody first asks what is in them: of most populations only some are asked."""

    def __init__(self, gather: Callable[[], Ragged]) -> None:
        vars(self)["_gather"] = gather

    def __getattr__(self, name: str) -> Ints:
        if name not in ("offsets", "values"):
            raise AttributeError(name)
        gather = vars(self).get("_gather")
        if gather is not None:
            vars(self).update(vars(gather()))
            vars(self).pop("_gather", None)
        return vars(self)[name]  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Courses:
    """Candidate courses: a frame with one row each, and their members.

    ``frame`` has ``unit, strength, support, occasions, acts, first_at, last_at, longest_gap, signals``.
    ``rows`` are member rows of the columns in time order, ``occasions`` indices into the occasions of the
    unit, ``links`` those that hold them together.
    """

    frame: pd.DataFrame
    suspects: Ragged
    victims: Ragged
    rows: Ragged
    members: Ragged
    links: pd.DataFrame


def chain(
    columns: Columns,
    units: Units,
    occasions: Occasions,
    founded: tuple[Ints, Ints],
    custody: Custody,
) -> Courses:
    """Return the candidate courses of units of one kind.

    Parameters
    ----------
    columns : Columns
    units : Units
        Dyads, groups or joint sets; gives each unit's suspect and what is known of its ties.
    occasions : Occasions
        The occasions of these units.
    founded : pair of (n,) int64
        (earlier, later) occasions where the later breaches an order founded on the earlier.
    custody : Custody
    """
    return _summarise(columns, units, occasions, find_chains(units, occasions, founded, custody))


def _summarise(columns: Columns, units: Units, occasions: Occasions, chains: Chains) -> Courses:
    """Return the frame of courses with strength and both sides' reasons."""
    table = signal_table()
    course_of, n, links = chains.course, chains.count, chains.links
    members = np.flatnonzero(course_of >= 0)
    course = course_of[members]
    members_of = Ragged.of(course, members, n)
    link_course = course_of[links.later]
    inner = members[occasions.count[members] > 1]
    inner_score = proximity(
        (occasions.end[inner] - occasions.start[inner]) / DAY / np.maximum(occasions.acts[inner] - 1, 1),
        table.rule,
    ) + np.where(occasions.behaviours[inner] != 0, table.signals[table.index("same_behaviour")].weight, 0)

    points = np.zeros(n)
    np.add.at(points, link_course, links.score)
    np.add.at(points, course_of[inner], inner_score)
    joints = np.bincount(link_course, minlength=n) + np.bincount(course_of[inner], minlength=n)
    count = np.bincount(course, weights=occasions.count[members], minlength=n).astype(np.int64)
    mean = points / np.maximum(joints, 1)
    support = mean + np.log2(np.maximum(count, 2)) - 1

    signals = np.zeros(n, np.int64)
    np.bitwise_or.at(signals, link_course, links.signals)
    signals[course_of[inner]] |= table.bit("many_acts_in_one_record")
    first_at, last_at = np.full(n, np.iinfo(np.int64).max), np.full(n, np.iinfo(np.int64).min)
    np.minimum.at(first_at, course, occasions.start[members])
    np.maximum.at(last_at, course, occasions.end[members])
    signals |= np.where(last_at - first_at < table.rule.short_run_hours * 3600, table.bit("minutes_apart"), 0)

    of_course = course_of[occasions.row_occasion] >= 0
    rows, owner = occasions.rows[of_course], course_of[occasions.row_occasion][of_course]
    order = order_by(owner, columns.start[rows], columns.incident[rows])
    rows, owner = rows[order], owner[order]
    suspects = Ragged.distinct(owner, columns.suspect[rows].astype(np.int64), n)
    victims = Ragged.distinct(owner, columns.victim[rows].astype(np.int64), n)
    unit_of_course = np.zeros(n, np.int64)
    unit_of_course[course] = occasions.unit[members]
    days = partial(_days, occasions, members, course, n)
    signals |= _grave_signs(occasions, members, course, _apart(columns, rows, owner, n), days)
    against, weight = counter_signals(columns, units, unit_of_course, first_at, last_at, count)
    signals |= against
    support = support + weight
    frame = pd.DataFrame(
        {
            "unit": np.full(n, units.kind, np.int8),
            "strength": _strength(units, unit_of_course, support, mean, signals, days()),
            "support": support,
            "occasions": count,
            "acts": np.bincount(course, weights=occasions.acts[members], minlength=n).astype(np.int64),
            "first_at": first_at,
            "last_at": last_at,
            "longest_gap": _longest_gap(occasions, members_of),
            "signals": signals,
        }
    )
    best_links = pd.DataFrame(
        {
            "course": link_course,
            "earlier": links.earlier,
            "later": links.later,
            "score": links.score,
            "signals": links.signals,
            "gap": links.gap,
        }
    )
    wide = _genuine(units, rows, owner, unit_of_course)
    return _only(
        Courses(frame, suspects, victims, Ragged.of(owner, rows, n), members_of, best_links),
        np.flatnonzero(wide),
    )


def _longest_gap(occasions: Occasions, members: Ragged) -> Ints:
    """Return the longest gap of each course in seconds."""
    m, c = members.values, members.owners
    longest = np.zeros(len(members), np.int64)
    inside = np.flatnonzero(c[1:] == c[:-1]) + 1
    gap = np.maximum(occasions.start[m[inside]] - occasions.end[m[inside - 1]], 0)
    np.maximum.at(longest, c[inside], gap)
    return longest


def _days(occasions: Occasions, members: Ints, course: Ints, n: int, where: Bools | None = None) -> Ints:
    """Return on how many days acts of each course certainly began, exact as far as any rule asks.

    A record of many acts that goes on stands for its days. One act at an unknown time of several days may have been on
    the day of another: days are counted that no choice of its day could bring together.
    """
    if where is not None:
        members, course = members[where], course[where]
    start, end = occasions.start[members], occasions.end[members]
    first = london_days(start)
    went_on = (end - start > DAY) & (london_days(end - 1) > first)
    vague = went_on & (occasions.count[members] == 1)
    days = np.diff(Ragged.distinct(course, first, n).offsets).astype(np.int64)
    if vague.any():
        some = np.zeros(n, np.bool_)
        some[course[vague]] = True
        of = some[course]
        last = np.where(vague[of], london_days(end[of] - 1), first[of])
        days[some] = _days_apart(course[of], first[of], last, n)[some]
    more = np.bincount(course, weights=np.where(went_on, occasions.count[members] - 1, 0), minlength=n)
    return np.asarray(days + more.astype(np.int64))


def _days_apart(course: Ints, first: Ints, last: Ints, n: int) -> Ints:
    """Return how many spans of days of each course lie apart at most, as far as any rule asks."""
    apart, reached = np.zeros(n, np.int64), np.full(n, NEVER, np.int64)
    for _ in range(max(signal_table().rule.clear_days, 2)):
        soonest = np.full(n, FOREVER, np.int64)
        beyond = first > reached[course]
        np.minimum.at(soonest, course[beyond], last[beyond])
        apart += soonest < FOREVER
        reached = soonest
    return apart


def _apart(columns: Columns, rows: Ints, owner: Ints, n: int) -> Bools:
    """Return where some record says how suspect and victim are related, and none says partner or family."""
    relationship = columns.relationship[rows]
    together = np.isin(relationship, LIFE_IN_COMMON)
    said, no_other = np.zeros(n, np.bool_), np.ones(n, np.bool_)
    said[owner[(relationship >= 0) & (relationship != NOT_KNOWN)]] = True
    no_other[owner[together]] = False
    return said & no_other


def _grave_signs(occasions: Occasions, members: Ints, course: Ints, apart: Bools, days: Callable[..., Ints]) -> Ints:
    """Return the signs that set a course apart from trouble that came back."""
    table = signal_table()
    done, impact = occasions.behaviours[members], occasions.impact[members]
    changed = np.zeros(len(apart), np.bool_)
    changed[course[impact & CHANGED_LIFE != 0]] = True
    afraid, alarmed = days(impact & FEAR_OF_VIOLENCE != 0) >= 2, days(impact & ALARM != 0) >= 2
    held = {
        "order_broken_again": days(occasions.in_order[members]) >= 2,
        "pursued": days(done & table.kinds["pursuit"] != 0) >= 2,
        "graver_effect": apart & (afraid | (alarmed & changed)),
    }
    signs = np.zeros(len(apart), np.int64)
    for name, where in held.items():
        signs |= np.where(where, np.int64(table.bit(name)), 0)
    return signs


def _strength(
    units: Units, unit: Ints, support: Floats, mean: Floats, signals: Ints, days: Ints
) -> npt.NDArray[np.int8]:
    """Grade support: `clear` never stands beside a serious counter-signal, nor on a few days."""
    signal = signal_table()
    rule = signal.rule
    strength = np.full(len(support), WEAK, np.int8)
    connected = mean >= rule.link
    strength[(support >= rule.arguable) & connected] = ARGUABLE
    serious = signals & signal.mask(serious=True) != 0
    strength[(support >= rule.clear) & connected & ~serious & (days >= rule.clear_days)] = CLEAR
    return np.minimum(strength, units.highest[unit]).astype(np.int8)


def _genuine(units: Units, rows: Ints, course: Ints, unit: Ints) -> Bools:
    """Return where a course reaches several parts of its unit: several victims, or suspects who act apart otherwise.

    What lies within one part is told as a course of that part.
    """
    if units.kind == DYAD:
        return np.ones(len(unit), np.bool_)
    parts = Ragged.distinct(course, units.part_of(rows, unit[course]), len(unit))
    return np.diff(parts.offsets) >= 2


def _only(courses: Courses, keep: Ints) -> Courses:
    if len(keep) == len(courses.frame):
        return courses
    position = np.full(len(courses.frame), -1, np.int64)
    position[keep] = np.arange(len(keep))
    links = courses.links[position[courses.links["course"].to_numpy()] >= 0]
    return Courses(
        courses.frame.iloc[keep].reset_index(drop=True),
        courses.suspects.take(keep),
        courses.victims.take(keep),
        courses.rows.take(keep),
        courses.members.take(keep),
        links.assign(course=position[links["course"].to_numpy()]).reset_index(drop=True),
    )

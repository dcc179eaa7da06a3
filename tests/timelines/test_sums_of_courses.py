"""What is said of a course, column by column, is what its own occasions and links say (in plain Python)."""

from datetime import datetime
from functools import reduce
from math import log2
from operator import or_

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.facts import incident, order, timelines

from breachpattern.spans import DAY, LONDON
from breachpattern.timelines.chains import find_chains
from breachpattern.timelines.counter_signals import counter_signals
from breachpattern.timelines.courses import Ragged, _grave_signs, _only, _strength, chain
from breachpattern.timelines.founding import founded_pairs
from breachpattern.timelines.nexus import Custody, Links, compare, signal_table
from breachpattern.timelines.units import DYAD, Units
from breachpattern.vocabulary import IMPACTS, RELATIONSHIPS, STRENGTHS

TABLE = signal_table()
RULE = TABLE.rule
WEAK, ARGUABLE, CLEAR = (STRENGTHS.index(s) for s in ("weak", "arguable", "clear"))
CHANGED = ("changed_routine", "moved_home", "health", "work", "extra_security")
days = st.one_of(st.integers(0, 20), st.integers(0, 450))


@st.composite
def extracts(draw):
    rows = []
    for number in range(draw(st.integers(2, 7))):
        first = np.datetime64("2025-03-01T20:00") + np.timedelta64(
            draw(days) * 24 + draw(st.sampled_from([0, 1, 5])), "h"
        )
        acts = draw(st.sampled_from(["", "", "2", "4"]))
        until = str(first + np.timedelta64(draw(st.sampled_from([1, 24, 30, 24 * 9])), "h")) if acts else ""
        rows.append(
            incident(
                f"I{number}", str(first), occurred_to=until, act_count=acts,
                suspect_id=draw(st.sampled_from(["P1", "P1", "P1", "P2"])),
                victim_id=draw(st.sampled_from(["V1", "V1", "V1", "V2"])),
                behaviours=draw(st.sampled_from(["contact", "contact;threat", "follow", "", "damage"])),
                channel=draw(st.sampled_from(["phone", "in_person", ""])),
                impact=draw(st.sampled_from(["", "fear_of_violence", "serious_alarm_distress", "moved_home"])),
                relationship=draw(st.sampled_from(["ex_partner", "ex_partner", "partner", "unknown", ""])),
            )
        )  # fmt: skip
    bound = order("O1", made_on="2025-03-10", founded_on=draw(st.sampled_from(["", "I0", "I0;I1"])))
    return rows, draw(st.sampled_from([[], [bound]]))


def began_on(start):
    return datetime.fromtimestamp(int(start), LONDON).date()


TYPES = {
    "unit": np.int8, "strength": np.int8, "support": np.float64, "occasions": np.int64, "acts": np.int64,
    "first_at": np.int64, "last_at": np.int64, "longest_gap": np.int64, "signals": np.int64,
}  # fmt: skip
TYPES_OF_LINKS = {name: np.float64 if name == "score" else np.int64
                  for name in ("course", "earlier", "later", "score", "signals", "gap")}  # fmt: skip


class Account:
    """One course: what its occasions and its links say."""

    def __init__(self, found, kind, chains, course):
        self.o, self.columns, self.units = found.occasions[kind], found.columns, found.units[kind]
        self.members = [m for m in range(len(self.o)) if chains.course[m] == course]
        self.links = [n for n in range(len(chains.links.score)) if chains.course[chains.links.later[n]] == course]
        self.chains = chains
        rows = [r for r, m in zip(self.o.rows, self.o.row_occasion, strict=True) if m in self.members]
        self.rows = sorted(rows, key=lambda r: (found.columns.start[r], found.columns.incident[r]))
        self.unit = int(self.o.unit[self.members[0]])

    def of(self, name):
        return [int(value) for value in getattr(self.o, name)[self.members]]

    def days(self, where=lambda m: True):
        some = [m for m in self.members if where(m)]
        more = sum(int(self.o.count[m]) - 1 for m in some if self.o.end[m] - self.o.start[m] > DAY)
        return len({began_on(self.o.start[m]) for m in some}) + more

    @property
    def several(self):
        return [m for m in self.members if self.o.count[m] > 1]

    @property
    def mean(self):
        points = float(sum(self.chains.links.score[n] for n in self.links))
        same = TABLE.signals[TABLE.index("same_behaviour")].weight
        for m in self.several:
            gap = (self.o.end[m] - self.o.start[m]) / DAY / max(self.o.acts[m] - 1, 1)
            points += RULE.at_once - log2(1 + gap / RULE.scale_days) + (same if self.o.behaviours[m] else 0)
        return points / max(len(self.links) + len(self.several), 1)

    @property
    def signals(self):
        mask = reduce(or_, (int(self.chains.links.signals[n]) for n in self.links), 0)
        held = {
            "many_acts_in_one_record": bool(self.several),
            "minutes_apart": max(self.of("end")) - min(self.of("start")) < RULE.short_run_hours * 3600,
            "order_broken_again": self.days(lambda m: self.o.in_order[m]) >= 2,
            "pursued": self.days(lambda m: self.o.behaviours[m] & TABLE.kinds["pursuit"]) >= 2,
            "graver_effect": self.graver,
        }
        return reduce(or_, (TABLE.bit(name) for name, on in held.items() if on), mask)

    @property
    def graver(self):
        said = {RELATIONSHIPS.values[c] for c in self.columns.relationship[self.rows] if c >= 0} - {"unknown"}
        impact = {name: self.days(lambda m, n=name: self.o.impact[m] & IMPACTS.mask([n])) for name in IMPACTS.values}
        changed = any(impact[name] for name in CHANGED)
        grave = impact["fear_of_violence"] >= 2 or (impact["serious_alarm_distress"] >= 2 and changed)
        return bool(said) and not said & {"partner", "family"} and grave

    @property
    def gap(self):
        pairs = zip(self.members[:-1], self.members[1:], strict=True)
        return max((max(int(self.o.start[b] - self.o.end[a]), 0) for a, b in pairs), default=0)

    @property
    def reaches_several_parts(self):
        parts = self.units.part_of(np.array(self.rows), np.full(len(self.rows), self.unit))
        return self.units.kind == DYAD or len(set(parts.tolist())) >= 2


def points(mask):
    return sum(signal.weight for n, signal in enumerate(TABLE.signals) if mask >> n & 1)


def together(pairs, n):
    """The sets that pairs join."""
    group = {k: {k} for k in range(n)}
    for a, b in pairs:
        both = group[a] | group[b]
        group |= dict.fromkeys(both, both)
    return {frozenset(mine) for mine in group.values()}


def chained(found, kind, founded, custody):
    """The occasions of each candidate, and the points of the strongest links that hold them together."""
    units, o = found.units[kind], found.occasions[kind]
    pairs = [(int(a), int(b)) for a, b in zip(*founded, strict=True)]
    near = [(j - lag, j) for lag in range(1, RULE.lags + 1) for j in range(lag, len(o)) if o.unit[j] == o.unit[j - lag]]
    ends = [[np.array([pair[side] for pair in some], dtype=np.int64) for side in (0, 1)] for some in (pairs, near)]
    links = Links.together(
        [compare(o, *ends[0], units.suspect, custody, founded=True), compare(o, *ends[1], units.suspect, custody)]
    )
    serious = TABLE.mask(serious=True)
    scores = [float(s) for s in links.score]
    joined = [p for p, s, m in zip(pairs + near, scores, links.signals, strict=True)
              if s - points(int(m) & serious) >= RULE.link]  # fmt: skip
    held = {group for group in together(joined, len(o)) if sum(int(o.count[k]) for k in group) >= 2}
    if kind == DYAD:
        chosen = {int(o.unit[k]) for group in held for k in group}
        for unit in set(o.unit.tolist()) - chosen:
            mine = frozenset(k for k in range(len(o)) if o.unit[k] == unit)
            held |= {mine} if sum(int(o.count[k]) for k in mine) >= 2 else set()
    kept = {}
    for group in held:
        inside = sorted((-s, pair) for pair, s in zip(pairs + near, scores, strict=True) if set(pair) <= group)
        tree, strongest = [], []
        for score, pair in inside:
            if len(together([*tree, pair], len(o))) < len(together(tree, len(o))):
                tree.append(pair)
                strongest.append(-score)
        kept[group] = sorted(strongest)
    return kept


@settings(max_examples=up_to(12))
@given(extracts())
def test_links_from_the_threshold_on_make_a_candidate(extract):
    found = timelines(*extract)
    for kind, units in found.units.items():
        o, custody = found.occasions[kind], Custody(found.columns)
        founded = founded_pairs(found.columns, found.orders, found.breaches, o)
        chains = find_chains(units, o, founded, custody)
        groups = [frozenset(np.flatnonzero(chains.course == k).tolist()) for k in range(chains.count)]
        assert chains.course.dtype == np.int64
        assert set(chains.course.tolist()) - {-1} == set(range(chains.count))
        assert [min(group) for group in groups] == sorted(min(group) for group in groups)
        got = {group: [] for group in groups}
        for earlier, later, score in zip(chains.links.earlier, chains.links.later, chains.links.score, strict=True):
            assert chains.course[earlier] == chains.course[later] >= 0
            got[groups[chains.course[later]]].append(float(score))
        wanted = chained(found, kind, founded, custody)
        assert {group: pytest.approx(sorted(scores)) for group, scores in got.items()} == wanted


@settings(max_examples=up_to(12))
@given(extracts())
def test_a_course_is_told_by_its_occasions_and_links(extract):
    found = timelines(*extract)
    for kind, units in found.units.items():
        occasions, custody = found.occasions[kind], Custody(found.columns)
        founded = founded_pairs(found.columns, found.orders, found.breaches, occasions)
        chains = find_chains(units, occasions, founded, custody)
        got = chain(found.columns, units, occasions, founded, custody)
        assert (dict(got.frame.dtypes), dict(got.links.dtypes)) == (TYPES, TYPES_OF_LINKS)
        for lists in (got.rows, got.members, got.suspects, got.victims):
            assert (lists.values.dtype, lists.offsets.dtype) == (np.int64, np.int64)
        every = [Account(found, kind, chains, course) for course in range(chains.count)]
        wanted = [account for account in every if account.reaches_several_parts]
        assert (len(got.frame), list(got.frame.index)) == (len(wanted), list(range(len(wanted))))
        for k, (account, row) in enumerate(zip(wanted, got.frame.itertuples(), strict=True)):
            count, acts = sum(account.of("count")), sum(account.of("acts"))
            bounds = min(account.of("start")), max(account.of("end"))
            assert (row.unit, row.occasions, row.acts) == (kind, count, acts)
            assert (row.first_at, row.last_at, row.longest_gap) == (*bounds, account.gap)
            column = [np.array([value]) for value in (account.unit, *bounds, count)]
            against, weight = counter_signals(found.columns, units, *column)
            assert row.signals == account.signals | int(against[0])
            assert row.support == pytest.approx(account.mean + log2(max(count, 2)) - 1 + float(weight[0]))
            grade = _strength(
                units, column[0], np.array([row.support]), np.array([account.mean]), np.array([row.signals]),
                np.array([account.days()]),
            )  # fmt: skip
            assert row.strength == grade[0]
            assert got.rows[k].tolist() == account.rows
            assert got.members[k].tolist() == account.members
            assert got.suspects[k].tolist() == sorted(set(found.columns.suspect[account.rows].tolist()))
            assert got.victims[k].tolist() == sorted(set(found.columns.victim[account.rows].tolist()))
        links = [(k, n) for k, account in enumerate(wanted) for n in account.links]
        assert list(got.links.index) == list(range(len(links)))
        told = {(row.course, row.earlier, row.later, row.score, row.signals, row.gap) for row in got.links.itertuples()}
        given_links = chains.links
        assert told == {
            (k, *(getattr(given_links, name)[n] for name in ("earlier", "later", "score", "signals", "gap")))
            for k, n in links
        }


def graded(support, mean, days, signals=0, highest=CLEAR):
    units = Units.__new__(Units)
    object.__setattr__(units, "highest", np.array([highest], dtype=np.int8))
    one = [np.array([value]) for value in (support, mean, signals, days)]
    found = _strength(units, np.array([0]), *one)
    assert found.dtype == np.int8
    return int(found[0])


def test_a_grade_begins_with_its_threshold():
    serious = TABLE.mask(serious=True) & -TABLE.mask(serious=True)
    clear = {"support": RULE.clear, "mean": RULE.link, "days": RULE.clear_days}
    assert graded(**clear) == CLEAR
    assert graded(**clear | {"support": RULE.clear - 1e-9}) == ARGUABLE
    assert graded(**clear | {"days": RULE.clear_days - 1}) == ARGUABLE
    assert graded(**clear, signals=serious) == ARGUABLE
    assert graded(**clear, highest=ARGUABLE) == ARGUABLE
    assert graded(**clear | {"mean": RULE.link - 1e-9}) == WEAK
    assert graded(RULE.arguable, RULE.link, 1) == ARGUABLE
    assert graded(RULE.arguable - 1e-9, RULE.link, 9) == WEAK


def test_of_no_lists_each_is_empty():
    none = np.empty(0, np.int64)
    assert [Ragged.distinct(none, none, 3)[k].tolist() for k in range(3)] == [[], [], []]
    empty = Ragged.distinct(none, none, 3)
    assert (len(empty.values), empty.values.dtype, empty.offsets.dtype) == (0, np.int64, np.int64)


def test_what_is_left_of_courses_has_new_places_and_their_links_with_them():
    found = timelines([incident(f"I{n}", f"2025-03-0{n}T20:00", behaviours="contact", victim_id=v)
                       for n, v in enumerate(("V1", "V1", "V2", "V2", "V3", "V3"), 1)])  # fmt: skip
    courses = found.courses
    assert len(courses.frame) == 3
    for kept in ([0], [1], [2], [0, 2], []):
        left = _only(courses, np.array(kept, dtype=np.int64))
        assert list(left.frame.index) == list(range(len(kept)))
        assert left.frame["first_at"].tolist() == courses.frame["first_at"].iloc[kept].tolist()
        assert left.links["course"].tolist() == list(range(len(kept)))
        assert list(left.links.index) == list(range(len(kept)))
        for part in ("rows", "members", "victims", "suspects"):
            assert [getattr(left, part)[k].tolist() for k in range(len(kept))] == [
                getattr(courses, part)[k].tolist() for k in kept
            ]


def test_grave_signs_ask_for_two_days_of_each():
    class Occasions:
        in_order = np.array([True, True, False])
        behaviours = np.array([0, TABLE.kinds["pursuit"], TABLE.kinds["pursuit"]])
        impact = np.zeros(3, np.int64)

    def signs(days):
        found = _grave_signs(Occasions, np.arange(3), np.zeros(3, np.int64), np.array([False]), days)
        return {signal.id for signal in TABLE.of(int(found[0]))}

    assert signs(lambda where: np.array([1])) == set()
    assert signs(lambda where: np.array([int(where.sum())])) == {"order_broken_again", "pursued"}

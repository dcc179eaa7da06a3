"""Chains: the links that are kept are the strongest that hold the same occasions together."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.timelines import chains
from breachpattern.timelines.chains import _compared, _loose_pairs, _strongest, find_chains
from breachpattern.timelines.nexus import Links, signal_table
from breachpattern.timelines.units import GROUP

# Pairs of occasions (earlier, later) of two courses, 0 to 4 and 5 to 9, with their points.
ends = st.one_of(*(st.tuples(st.integers(low, low + 4), st.integers(low, low + 4)) for low in (0, 5)))
pairs = st.lists(st.tuples(ends.filter(lambda e: e[0] < e[1]), st.integers(-3, 9)), max_size=16)
COURSE = np.array([0] * 5 + [1] * 5)


def links(drawn):
    earlier, later = (np.array([e[k] for e, _ in drawn], dtype=np.int64) for k in (0, 1))
    score = np.array([s for _, s in drawn], dtype=np.float64)
    return Links(earlier, later, score, np.arange(len(drawn)), np.zeros(len(drawn), np.int64))


def forest(drawn):
    """The strongest forest, link by link (Kruskal): its points, and which occasions hang together."""
    above = list(range(10))

    def root(k):
        while above[k] != k:
            k = above[k]
        return k

    points = []
    for (earlier, later), score in sorted(drawn, key=lambda link: -link[1]):
        if root(earlier) != root(later):
            above[root(earlier)] = root(later)
            points.append(score)
    return sorted(points), [[root(a) == root(b) for b in range(10)] for a in range(10)]


@given(pairs, st.randoms(use_true_random=False))
def test_the_links_kept_are_the_strongest_that_join_the_same(drawn, random):
    kept = _strongest(links(drawn), COURSE)
    as_drawn = [((int(a), int(b)), float(s)) for a, b, s in zip(kept.earlier, kept.later, kept.score, strict=True)]
    assert forest(as_drawn) == forest(drawn)
    assert len(as_drawn) == len(forest(drawn)[0])
    places = [(later, earlier) for (earlier, later), _ in as_drawn]
    assert places == sorted(places)
    random.shuffle(drawn)
    again = _strongest(links(drawn), COURSE)
    told = [(int(a), int(b), float(s)) for a, b, s in zip(again.earlier, again.later, again.score, strict=True)]
    assert told == [(a, b, s) for (a, b), s in as_drawn]


def test_of_links_that_weigh_the_same_those_are_kept_whose_later_occasion_came_first():
    pairs = [(0, 3), (0, 4), (1, 2), (1, 4), (2, 3)]
    kept = _strongest(links([(pair, 2) for pair in pairs]), COURSE)
    assert list(zip(kept.earlier.tolist(), kept.later.tolist(), strict=True)) == [(1, 2), (0, 3), (2, 3), (0, 4)]


class Sequence:
    """Occasions of two units, one after another."""

    unit = np.array([0] * 6 + [1] * 2)
    count = np.ones(8, np.int64)

    def __len__(self):
        return 8


def test_each_occasion_is_compared_with_the_few_before_it_and_with_what_its_order_was_founded_on(monkeypatch):
    def told(occasions, i, j, *given, founded=False):
        ends = (np.arange(len(occasions))[side] for side in (i, j))
        return Links(*ends, *(np.full(len(occasions.unit[i]), founded) for _ in range(3)))

    monkeypatch.setattr(chains, "compare", told)
    found = _compared(SimpleNamespace(suspect=None), Sequence(), (np.array([0]), np.array([5])), None)
    pairs = list(zip(found.earlier.tolist(), found.later.tolist(), strict=True))
    assert (pairs[0], found.signals.tolist()) == ((0, 5), [True] + [False] * (len(pairs) - 1))
    lags = signal_table().rule.lags
    assert sorted(pairs[1:]) == sorted(
        (i, j) for j in range(8) for i in range(max(j - lags, 0), j) if Sequence.unit[i] == Sequence.unit[j]
    )


def test_a_link_joins_from_the_points_of_the_rule_on(monkeypatch):
    rule = signal_table().rule
    drawn = [((0, 1), rule.link), ((2, 3), rule.link - 1e-9)]
    monkeypatch.setattr(chains, "_compared", lambda *given: replace(links(drawn), signals=np.zeros(2, np.int64)))
    units = SimpleNamespace(kind=GROUP)
    found = find_chains(units, Sequence(), (np.empty(0, np.int64),) * 2, None)
    assert found.course.tolist() == [0, 0] + [-1] * 6


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans()), max_size=8))
def test_what_nothing_joins_is_one_candidate_of_two_people_and_only_where_it_is_several(drawn):
    drawn = sorted(drawn)
    unit, count = (np.array([row[k] for row in drawn], dtype=np.int64) for k in (0, 1))
    joined = np.array([row[2] for row in drawn], dtype=np.bool_)
    label = np.arange(len(drawn)) + 100
    found, in_course = _loose_pairs(SimpleNamespace(unit=unit, count=count), label, joined)
    for k, (who, _, own) in enumerate(drawn):
        mine = [i for i, row in enumerate(drawn) if row[0] == who]
        loose = not any(drawn[i][2] for i in mine) and sum(drawn[i][1] for i in mine) >= 2
        assert bool(in_course[k]) is (own or loose)
        assert int(found[k]) == (mine[0] if loose else 100 + k)

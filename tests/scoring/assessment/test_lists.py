"""Worklists show nothing twice, and are the same whatever the order of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to

from breachpattern.scoring.assessment.lists import Snapshot, best_first, rank_biased_overlap, stability, worklists

WEEK = 7 * 86_400


def snapshot(week, scores, order=None):
    names = [f"C{i:02d}" for i in range(len(scores))]
    order = range(len(scores)) if order is None else order
    index = pd.Index([names[i] for i in order], name="course_id")
    people = index.to_numpy(dtype=object)
    return Snapshot(
        1_700_000_000 + week * WEEK, index, people, people, {"s": np.array([scores[i] for i in order], float)}
    )


SCORES = st.lists(st.integers(0, 3), min_size=1, max_size=12)


@settings(max_examples=up_to(30), deadline=None)
@given(st.lists(SCORES, min_size=1, max_size=4), st.integers(1, 5), st.randoms(use_true_random=False))
def test_nothing_is_shown_twice_and_each_list_takes_the_best_that_is_left(weeks, capacity, random):
    shuffled = []
    for week, scores in enumerate(weeks):
        order = list(range(len(scores)))
        random.shuffle(order)
        shuffled.append(snapshot(week, scores, order))
    shown = worklists([snapshot(w, s) for w, s in enumerate(weeks)], "s", capacity)
    pd.testing.assert_frame_equal(shown, worklists(shuffled, "s", capacity))
    assert not shown["unit"].duplicated().any()
    seen: set[str] = set()
    for week, scores in enumerate(weeks):
        mine = shown[shown["as_of"] == snapshot(week, scores).day]
        left = {f"C{i:02d}": score for i, score in enumerate(scores) if f"C{i:02d}" not in seen}
        assert mine["unit"].map(left).tolist() == sorted(left.values(), reverse=True)[:capacity]
        assert mine["place"].tolist() == list(range(1, len(mine) + 1))
        seen |= set(mine["unit"])


def test_ties_are_settled_by_lots_and_not_by_the_reference():
    index = pd.MultiIndex.from_arrays([[f"P-{i:04d}" for i in range(200)], ["V"] * 200])
    order = best_first(index, np.zeros(200))
    assert sorted(order.tolist()) == list(range(200))
    assert abs(np.corrcoef(order, np.arange(200))[0, 1]) < 0.25


def test_stability_counts_who_stays():
    found = stability([snapshot(0, [9, 8, 1, 0]), snapshot(1, [9, 0, 8, 1])], ["s"], 2).iloc[0]
    assert (found["overlap"], found["days"]) == (0.5, 7.0)


@settings(max_examples=up_to(60), deadline=None)
@given(st.permutations("abcdef"), st.permutations("abcdef"))
def test_rank_biased_overlap_is_symmetric_and_one_only_for_equal_lists(one, two):
    value = rank_biased_overlap(one, two)
    assert value == pytest.approx(rank_biased_overlap(two, one))
    assert 0 <= value <= 1
    assert (value == 1) == (list(one) == list(two))


def test_rank_biased_overlap_of_a_worked_example():
    # Depth 2 at p = 0.9: agreement 0 at the first place, 1 at the second; 1*0.81 + (0.1/0.9)*(0 + 1*0.81).
    assert rank_biased_overlap("ab", "ba") == pytest.approx(0.81 + 0.81 * 0.1 / 0.9)

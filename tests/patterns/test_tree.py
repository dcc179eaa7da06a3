"""Trees: the short way and the full way agree, and wrong trees are refused with words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.facts import order, timelines
from tests.patterns.given import calls

from breachpattern.errors import PatternError
from breachpattern.patterns.context import Context
from breachpattern.patterns.populations import population
from breachpattern.patterns.tree import Leaf, check, evaluate, holds, leaves, parse, with_window

LEAVES = st.sampled_from(
    [
        {"criterion": "breaches", "at_least": 1},
        {"criterion": "breaches", "at_least": 2, "certain": True},
        {"criterion": "course_strength", "at_least": "clear"},
        {"criterion": "course_unit", "any_of": ["group"]},
        {"criterion": "recent", "within": 200},
        {"criterion": "trait", "any_of": ["threatening"]},
    ]
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def courses():
    rows = calls("2025-03-01", "2025-03-05", behaviours="contact;threat")
    rows += [
        row | {"incident_id": f"B{i}", "victim_id": "V2"} for i, row in enumerate(calls("2026-01-01", "2026-01-09"))
    ]
    rows += [
        row | {"incident_id": f"C{i}", "suspect_id": "P3"} for i, row in enumerate(calls("2022-01-01", "2023-01-09"))
    ]
    return population(Context(timelines(rows, [order("O1"), order("O2", protected_id="V2")])), "course")


@settings(max_examples=up_to(60), deadline=None)
@given(tree=TREES)
def test_the_short_way_and_the_full_way_agree(courses, tree):
    node = parse(tree, "test")
    assert len(courses) == 3
    assert holds(node, courses).tolist() == evaluate(node, courses).holds.tolist()


@settings(max_examples=up_to(30), deadline=None)
@given(tree=TREES, index=st.lists(st.integers(0, 2), max_size=4))
def test_no_candidate_changes_another(courses, tree, index):
    import numpy as np

    node, chosen = parse(tree, "test"), np.array(index, dtype=np.int64)
    assert holds(node, courses.take(chosen)).tolist() == holds(node, courses)[chosen].tolist()
    assert evaluate(node, courses).take(chosen).holds.tolist() == holds(node, courses)[chosen].tolist()


@pytest.mark.parametrize("wrong", [{}, {"all": []}, {"some": []}, {"all": [], "any": []}, "breaches", {"any": {}}, 3])
def test_what_is_no_condition_is_refused(wrong):
    with pytest.raises(PatternError, match="is not a condition"):
        parse(wrong, "mine.toml")


@pytest.mark.parametrize(
    ("leaf", "words"),
    [
        ({"criterion": "braeches"}, "Nearest: breaches"),
        ({"criterion": "breaches", "atleast": 2}, "Allowed: at_least"),
        ({"criterion": "breaches", "at_least": "two"}, "a whole number"),
        ({"criterion": "breaches", "at_least": True}, "a whole number"),
        ({"criterion": "course_strength", "at_least": "certain"}, "allowed: none, weak, arguable, clear"),
        ({"criterion": "conduct_after_end"}, "is for order"),
        ({"criterion": "behaviour", "any_of": ["contact", "calling"]}, "may not be 'calling'"),
        ({"criterion": "behaviour", "any_of": "contact"}, "a list of codes"),
    ],
)
def test_check_says_what_is_wrong(leaf, words):
    assert words in " ".join(check(parse(leaf, "test"), "course"))


def test_the_window_fills_days_that_are_not_given():
    node = parse(
        {
            "all": [
                {"criterion": "conduct_after_end"},
                {"criterion": "conduct_after_end", "days": 5},
                {"criterion": "breaches"},
            ]
        },
        "test",
    )
    filled = [leaf.parameters for leaf in leaves(with_window(node, 30))]
    assert filled == [{"days": 30}, {"days": 5}, {}]
    assert with_window(node, None) == node


def test_the_first_criterion_to_give_a_reason_owns_it(courses):
    node = parse({"any": [{"criterion": "breaches"}, {"criterion": "breaches", "at_least": 9}]}, "test")
    leaf, values = evaluate(node, courses).reasons()["breaches"]
    assert leaf.node == Leaf("breaches", {})
    assert values.sum() > 0

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.linking.people.given import OTHER_PHONE, PHONE, TOM, entities, lettered

from breachpattern.linking.people import link_people
from breachpattern.linking.people.bridges import find_bridges
from breachpattern.linking.people.entities import components
from breachpattern.linking.people.pairs import make, sharing


def test_one_doubtful_link_between_two_groups_is_a_bridge():
    """A and B share a phone, C and D another; only a postcode joins B and C."""
    here = {"phone": PHONE}, {"phone": PHONE, "postcode": "ZZ1 1AA"}
    there = {"phone": OTHER_PHONE, "postcode": "ZZ1 1AA"}, {"phone": OTHER_PHONE}
    people = link_people(lettered(*(TOM | own for own in (*here, *there))))
    assert entities(people) == "ABCD"
    bridge = people.bridges.to_pylist()[0]
    assert (bridge["person_id"], bridge["other_id"], bridge["size_left"], bridge["size_right"]) == ("C", "B", 2, 2)
    assert bridge["message"].startswith("One doubtful link (probability 0.980) alone joins 2 references to 2")
    assert people.counts["bridges"] == 1
    assert people.certain().counts["bridges"] == people.certain().bridges.num_rows == 0


@pytest.mark.parametrize(
    ("pairs", "certain", "bridges"),
    [
        ([(0, 1), (1, 2), (2, 3)], [True, True, True], 0),  # nothing doubtful
        ([(0, 1), (1, 2), (2, 3), (0, 3)], [True, False, True, True], 0),  # there is another way round
        ([(0, 1), (1, 2), (1, 3)], [True, False, True], 0),  # one reference alone is no group
        ([(0, 1), (1, 2), (2, 3)], [True, False, True], 1),
        ([(0, 1), (0, 2), (1, 3), (2, 3)], [True, False, False, True], 1),  # two doubtful links between two groups
        ([(0, 1), (0, 2), (1, 3), (2, 3)], [False, False, False, True], 0),  # a ring through two lone references
        ([(0, 1), (1, 2), (2, 3)], [False, False, False], 1),  # the link in the middle
    ],
)
def test_only_a_doubtful_link_that_alone_joins_two_groups_is_one(pairs, certain, bridges):
    left, right = np.array(pairs).T
    found = find_bridges(np.zeros(4, np.int64), make(left, right, "splink", 0.96, np.array(certain), ""))
    assert len(found.link) == bridges


def test_several_doubtful_links_between_two_groups_are_one_bridge_and_counted():
    """Two keys of each pair of records agree; two doubtful links join what these make one."""
    here = {"phone": PHONE, "postcode": "ZZ1 1AA"}
    there = {"phone": OTHER_PHONE, "postcode": "ZZ1 1AA"}
    people = link_people(lettered(*(TOM | own for own in (here, here, there, there))))
    assert entities(people) == "ABCD"
    (bridge,) = people.bridges.to_pylist()
    assert (bridge["size_left"], bridge["size_right"]) == (2, 2)
    assert bridge["message"].startswith("4 doubtful links (probability 0.980 at most) alone join 2 references to 2; ")


def test_a_bridge_of_several_links_is_shown_by_the_most_probable():
    pairs = make(np.array([0, 2, 0, 1]), np.array([1, 3, 2, 3]), "splink", np.array([1, 1, 0.96, 0.98]),
                 np.array([True, True, False, False]), "")  # fmt: skip
    found = find_bridges(np.zeros(4, np.int64), pairs)
    assert (found.link.tolist(), found.links.tolist()) == ([3], [2])


def by_removal(label, left, right, certain):
    """Return the bridges, as pairs of nodes, by taking each pair of nodes apart and looking."""
    node = components(len(label), left[certain], right[certain])
    found = set()
    for pair in {tuple(sorted(ends)) for ends in zip(node[left].tolist(), node[right].tolist(), strict=True)}:
        kept = [tuple(sorted(ends)) != pair for ends in zip(node[left].tolist(), node[right].tolist(), strict=True)]
        without = components(len(label), left[kept], right[kept])
        sizes = [int((without == without[end]).sum()) for end in pair]
        if pair[0] != pair[1] and without[pair[0]] != without[pair[1]] and min(sizes) >= 2:
            found.add((*pair, *sizes))
    return node, found


ends = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), min_size=1, max_size=14)


@settings(max_examples=up_to(100), deadline=None)
@given(ends)
def test_bridges_are_what_taking_each_pair_apart_finds(drawn):
    drawn = sorted({(min(a, b), max(a, b)): kind for a, b, kind in drawn if a != b}.items())
    left = np.array([pair[0] for pair, _ in drawn], np.int64)
    right = np.array([pair[1] for pair, _ in drawn], np.int64)
    certain = np.array([kind for _, kind in drawn], np.bool_)
    label = components(10, left, right)
    found = find_bridges(label, make(left, right, "splink", 0.96, certain, ""))
    node, expected = by_removal(label, left, right, certain) if len(left) else (label, set())
    got = set()
    for link, *sizes in zip(found.link, found.size_left, found.size_right, strict=True):
        both = [(int(node[left[link]]), int(sizes[0])), (int(node[right[link]]), int(sizes[1]))]
        (a, size_a), (b, size_b) = sorted(both)
        got.add((a, b, size_a, size_b))
    assert got == expected
    assert found.link.tolist() == sorted(found.link.tolist())


def test_thousands_of_doubtful_links_are_looked_at_in_one_walk():
    left, right = sharing(np.zeros(4000, np.int64), np.arange(4000))
    begun = time.perf_counter()
    found = find_bridges(np.zeros(4000, np.int64), make(left, right, "splink", 0.96, False, ""))
    assert len(found.link) == 0
    assert time.perf_counter() - begun < 20  # a walk for each link takes minutes

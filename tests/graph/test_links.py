from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.graph.links import Links

pairs = st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 5), st.integers(0, 9)), max_size=30)


def links_of(rows):
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Links.of(columns[:, 0], columns[:, 1], columns[:, 2], 5, 6)


@given(pairs, st.integers(0, 9), st.sets(st.integers(0, 4), min_size=1))
def test_both_sides_answer_like_a_search_through_all_rows(rows, as_of, asked):
    links, persons = links_of(rows), np.array(sorted(asked))
    known = {(p, t) for p, t, when in rows if p >= 0 and t >= 0 and when <= as_of}
    things = sorted({t for p, t in known if p in asked})
    assert links.things_of(persons, as_of).tolist() == things
    assert links.people_of(np.array(things, dtype=np.int64), as_of).tolist() == sorted(
        {p for p, t in known if t in things}
    )
    assert links.count_of(persons, as_of).tolist() == [sum(p == q for p, _ in known) for q in persons]
    assert links.shared_by(persons, as_of).tolist() == [t for t in things if sum((p, t) in known for p in asked) > 1]
    assert links.crowded(1, as_of).tolist() == [sum((p, t) in known for p in range(5)) > 1 for t in range(6)]


@given(pairs)
def test_neighbours_join_everybody_on_a_thing_and_nobody_else(rows):
    links = links_of(rows)
    joined = set(zip(*(side.tolist() for side in links.neighbours()), strict=True))
    on = {t: sorted({p for p, u, _ in rows if u == t and p >= 0}) for t in range(6)}
    assert joined == {pair for people in on.values() for pair in pairwise(people)}

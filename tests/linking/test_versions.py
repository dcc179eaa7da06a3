"""Several rows of one order version, column by column, say what they say one version at a time."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from breachpattern.linking.versions import Versions, known_by, known_rows
from breachpattern.spans import FOREVER, NEVER

rows = st.tuples(*[st.integers(0, 2)] * 3)
values = st.one_of(st.just(FOREVER), st.integers(0, 6))
windows = st.one_of(
    st.just((NEVER, FOREVER)),
    st.tuples(st.integers(0, 6), st.integers(-2, 1)).map(lambda at: (10 * at[0] + at[1],) * 2),
    st.tuples(st.integers(0, 6), st.integers(1, 3)).map(lambda w: (10 * w[0], 10 * (w[0] + w[1]))),
)
minutes = st.one_of(st.just(-1), st.sampled_from([0, 60, 420, 1200, 1320, 1439]))


def table(keys):
    return Versions.of(*(np.array([key[k] for key in keys], dtype=np.int64) for k in range(3)))


def members(keys):
    """The rows of each version, by respondent, order and version."""
    return [[k for k, key in enumerate(keys) if key == version] for version in sorted(set(keys))]


def column(seconds):
    return np.array(seconds, dtype=np.int64)


def pair(drawn):
    return column([low for low, _ in drawn]), column([high for _, high in drawn])


@given(st.lists(rows, max_size=8))
def test_rows_of_one_order_and_version_are_one(keys):
    found = table(keys)
    assert [found.rows[found.member == n].tolist() for n in range(len(found.heads))] == members(keys)
    assert found.heads.tolist() == [group[0] for group in members(keys)]


@given(st.lists(st.tuples(rows, st.booleans()), min_size=1, max_size=8))
def test_some_rows_only(drawn):
    keys, kept = [key for key, _ in drawn], np.array([keep for _, keep in drawn])
    found = table(keys).where(kept)
    left = [[k for k in group if kept[k]] for group in members(keys)]
    assert [found.rows[found.member == n].tolist() for n in range(len(found.heads))] == [
        group for group in left if group
    ]
    assert found.heads.tolist() == [group[0] for group in left if group]


@given(st.lists(st.tuples(rows, values), min_size=1, max_size=8))
def test_what_rows_say_together(drawn):
    keys, said = [key for key, _ in drawn], column([value for _, value in drawn])
    found, groups = table(keys), members(keys)
    assert found.least(said).tolist() == [min(said[k] for k in group) for group in groups]
    assert found.greatest(said).tolist() == [max(said[k] for k in group) for group in groups]
    masks = np.where(said == FOREVER, 0, said)
    assert found.union(masks).tolist() == [int(np.bitwise_or.reduce(masks[group])) for group in groups]
    assert found.any(masks > 1).tolist() == [any(masks[k] > 1 for k in group) for group in groups]
    filled = {k: said[k] if said[k] != FOREVER else min(said[i] for i in group) for group in groups for k in group}
    assert found.filled(said).tolist() == [filled[k] for k in range(len(keys))]


ONE = (0, 0, 0)


@example([(ONE, (0, 10)), (ONE, (9, 9))])
@example([(ONE, (0, 10)), (ONE, (10, 10))])
@example([(ONE, (0, 10)), (ONE, (11, 11))])
@example([(ONE, (0, 10)), (ONE, (10, 20))])
@given(st.lists(st.tuples(rows, windows), min_size=1, max_size=8))
def test_windows_meet_or_span_what_lies_between(drawn):
    keys, said = [key for key, _ in drawn], [window for _, window in drawn]

    def together(group):
        told = [said[k] for k in group if said[k][1] != FOREVER]
        if not told:
            return NEVER, FOREVER
        low, high = max(w[0] for w in told), min(w[1] for w in told)
        last = min(w[1] - 1 if w[1] > w[0] else w[1] for w in told)
        return (low, high) if low <= last else (min(w[0] for w in told), max(w[1] for w in told))

    low, high = table(keys).window(pair(said))
    assert list(zip(low.tolist(), high.tolist(), strict=True)) == [together(group) for group in members(keys)]


@given(st.lists(st.tuples(rows, minutes, minutes), min_size=1, max_size=8))
def test_the_shortest_whole_curfew_stands(drawn):
    keys, begins, ends = ([row[k] for row in drawn] for k in range(3))

    def shortest(group):
        whole = [(begins[k], ends[k]) for k in group if begins[k] >= 0 and ends[k] >= 0]
        if whole:
            return min((end - begin) % 1440 for begin, end in whole)
        return max(begins[k] for k in group), max(ends[k] for k in group)

    found = table(keys).shortest_curfew(column(begins), column(ends))
    for n, group in enumerate(members(keys)):
        begin, end = int(found[0][n]), int(found[1][n])
        told = {(begins[k], ends[k]) for k in group}
        wanted = shortest(group)
        assert (begin, end) == wanted if isinstance(wanted, tuple) else (end - begin) % 1440 == wanted
        assert isinstance(wanted, tuple) or (begin, end) in told
        same = [b for b, e in told if b >= 0 and e >= 0 and (e - b) % 1440 == wanted]
        assert begin == min(same, default=begin)


@given(st.lists(windows, min_size=1, max_size=5))
def test_an_event_is_known_by_itself_or_by_the_end_of_its_day(drawn):
    wanted = [FOREVER if high == FOREVER else high - 1 if high > low else high for low, high in drawn]
    assert known_by(pair(drawn)).tolist() == wanted


@given(st.lists(st.tuples(rows, windows, windows, windows, windows), min_size=1, max_size=6), st.integers(0, 90))
def test_a_row_is_known_from_the_first_that_it_or_its_siblings_tell(drawn, as_of):
    keys = [row[0] for row in drawn]
    made, served, aware, starts = ([row[k] for row in drawn] for k in range(1, 5))

    def by(window):
        return int(known_by(pair([window]))[0])

    def known(k, group):
        making = by(made[k]) if made[k][1] != FOREVER else min(by(made[i]) for i in group)
        return min(making, by(served[k]), by(aware[k]))

    wanted = {}
    for group in members(keys):
        for k in group:
            own = known(k, group)
            first = own if own != FOREVER else min(known(i, group) for i in group)
            begin = starts[k][0] if starts[k][1] != FOREVER else FOREVER
            begin = (
                begin
                if begin != FOREVER
                else min((starts[i][0] for i in group if starts[i][1] != FOREVER), default=NEVER)
            )
            wanted[k] = (first if first != FOREVER else begin) <= as_of
    told = {"made": pair(made), "served": pair(served), "aware": pair(aware), "starts": pair(starts)}
    assert known_rows(table(keys), told, as_of).tolist() == [wanted[k] for k in range(len(keys))]


def test_no_rows_are_no_versions():
    found = table([])
    none = np.empty(0, np.int64)
    assert (len(found.heads), found.least(none).tolist(), found.greatest(none).dtype) == (0, [], np.int64)
    assert found.where(np.empty(0, np.bool_)).heads.tolist() == []
    assert [side.tolist() for side in found.shortest_curfew(none, none)] == [[], []]

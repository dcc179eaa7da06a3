"""The life of an order version, column by column, says what the rule says for one version at a time."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.linking.account import began

from breachpattern.linking import lives
from breachpattern.spans import DAY, FOREVER, NEVER, day_bounds

BLANK = (NEVER, FOREVER)
FIRST = date(2025, 3, 25)  # the clocks go forward on the 30th

days = st.integers(0, 9).map(lambda n: day_bounds(FIRST + timedelta(n)))
moments = st.integers(0, 9 * 4).map(lambda n: (day_bounds(FIRST)[0] + n * DAY // 4,) * 2)
windows = st.one_of(st.just(BLANK), days, moments)
flags = st.booleans()


def columns(values):
    """Windows as a pair of columns."""
    return tuple(np.array([value[side] for value in values], dtype=np.int64) for side in (0, 1))


def bools(values):
    return np.array(values, dtype=np.bool_)


def in_turn(found):
    return [tuple(int(side[k]) for side in found) for k in range(len(found[0]))]


@given(st.lists(st.tuples(flags, windows, windows, windows, windows), min_size=1, max_size=6))
def test_when_a_version_began_to_bind(versions):
    by_service, *rest = zip(*versions, strict=True)
    found = lives.beginning(bools(by_service), *map(columns, rest))
    assert in_turn(found) == [began(*version) for version in versions]


def of_one_order(continues):
    """The places of the versions of each order."""
    groups = [[0]]
    for place, same in enumerate(continues, 1):
        if same:
            groups[-1].append(place)
        else:
            groups.append([place])
    return {place: group for group in groups for place in group}


@st.composite
def registers(draw, *columns):
    n = draw(st.integers(1, 5))
    return [draw(st.lists(column, min_size=n, max_size=n)) for column in columns], draw(
        st.lists(flags, min_size=n - 1, max_size=n - 1)
    )


@given(registers(windows, windows))
def test_a_discharge_reaches_the_versions_that_had_begun(register):
    (discharged, starts), continues = register
    groups = of_one_order(continues)
    wanted = []
    for place, (start, _) in enumerate(starts):
        told = [discharged[k] for k in groups[place] if discharged[k][1] != FOREVER]
        first = (min((d[0] for d in told), default=FOREVER), min((d[1] for d in told), default=FOREVER))
        own = discharged[place] if discharged[place][1] != FOREVER else (FOREVER, FOREVER)
        wanted.append(first if start < first[0] else own)
    found = lives.whole_order_discharge(columns(discharged), columns(starts)[0], bools(continues))
    assert in_turn(found) == wanted


def later(second, longest):
    """The midnight of London some days after the day of a second."""
    day = FIRST - timedelta(2)
    while day_bounds(day)[1] <= second:
        day += timedelta(1)
    return day_bounds(day + timedelta(longest))[0]


@given(
    registers(st.sampled_from([0, 2, 28]), windows, st.one_of(st.just((NEVER,) * 2), st.just((FOREVER,) * 2), moments))
)
def test_the_statute_counts_from_the_day_the_order_was_made(register):
    (longest, made, begun), continues = register
    groups = of_one_order(continues)

    def known(place, side):
        low, high = made[place]
        if longest[place] == 0:
            return []
        if high == FOREVER:
            return [begun[place][0]] if begun[place][0] not in (NEVER, FOREVER) else []
        return [low if side == 0 else max(low, high - 1)]

    def ends(place, side):
        told = [second for k in groups[place] for second in known(k, side)]
        return later(min(told), longest[place]) if told and longest[place] else FOREVER

    found = lives.statutory_end(np.array(longest), columns(made), columns(begun)[0], bools(continues))
    assert in_turn(found) == [(ends(place, 0), ends(place, 1)) for place in range(len(made))]


@given(registers(st.one_of(st.just((FOREVER,) * 2), moments), windows, windows))
def test_a_version_lasts_until_the_next_binds_where_nothing_ended_it_before(register):
    (ends, discharged, starts), continues = register
    wanted = [False] * len(ends)
    for place, same_order in enumerate(continues):
        gone, start = discharged[place], starts[place + 1]
        hand_over = gone[0] == start[0] and gone[1] >= start[1]
        wanted[place] = (
            same_order and start[1] != FOREVER and ends[place][0] >= start[1] and (gone[0] >= start[1] or hand_over)
        )
    found = lives.hand_over(columns(ends)[0], columns(discharged), columns(starts), bools(continues))
    assert found.tolist() == wanted


@given(
    st.lists(
        st.tuples(st.sampled_from(["none", "service", "without_notice"]), flags, flags, windows, windows),
        min_size=1,
        max_size=5,
    )
)
def test_what_the_law_asks_of_awareness_and_since_when_it_is_met(versions):
    elements, without, unknown, served, aware = zip(*versions, strict=True)
    needs, met = lives.awareness(list(elements), bools(without), bools(unknown), columns(served), columns(aware))
    for k, (element, blind, blank, service, knowing) in enumerate(versions):
        asked = element == "service" or (element == "without_notice" and (blind or blank))
        since = service[1] if element == "service" else min(service[1], knowing[1])
        assert (bool(needs[k]), int(met[k])) == (asked, since if asked else NEVER)


@given(registers(st.sampled_from([NEVER, 5, 9, FOREVER]), flags, flags, flags))
def test_who_knew_of_an_earlier_version_knows_of_the_order(register):
    (aware, needs, on_notice, own), continues = register
    follows = [False, *continues]
    wanted, known = [], FOREVER
    for k, since in enumerate(aware):
        if not follows[k] or own[k]:
            known = FOREVER
        known = min(known, since if needs[k] else NEVER if on_notice[k] else FOREVER)
        wanted.append(known if needs[k] else since)
    found = lives.inherited_awareness(np.array(aware), bools(needs), bools(on_notice), bools(follows), bools(own))
    assert found.tolist() == wanted


def test_each_version_hands_over_by_its_own_discharge():
    one, two, three = (day_bounds(FIRST + timedelta(n)) for n in (1, 2, 3))
    never = (FOREVER, FOREVER)
    ends, starts = columns([never] * 3)[0], columns([one, two, three])
    told = [lives.hand_over(ends, columns(gone), starts, bools([True, True])).tolist()
            for gone in ([two, three, never], [two, two, never], [three, three, never])]  # fmt: skip
    assert told == [[True, True, False], [True, False, False], [True, True, False]]


def test_nothing_on_file_has_no_life():
    none, no = np.empty(0, np.int64), np.empty(0, np.bool_)
    assert [len(side) for side in lives.whole_order_discharge((none, none), none, no)] == [0, 0]
    assert [len(side) for side in lives.statutory_end(none, (none, none), none, no)] == [0, 0]
    assert lives.inherited_awareness(none, no, no, no, no).tolist() == []

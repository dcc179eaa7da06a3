from datetime import UTC, date, datetime, timedelta
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern import spans
from breachpattern.spans import DAY, FOREVER, NEVER, NO, POSSIBLE, YES

moments = st.integers(-1000, 1000)
DAYS_OF_CLOCK_CHANGE = [date(2025, 3, 30), date(2025, 10, 26), date(1970, 6, 1), date(2026, 3, 29)]


@st.composite
def windows(draw):
    low = draw(moments)
    return low, low + draw(st.integers(0, 50))


@st.composite
def times(draw):
    start = draw(moments)
    return start, start + draw(st.integers(1, 80))


def state(span, begins, finishes):
    def one(x):
        return np.array([x], dtype=np.int64)

    return int(spans.containment(one(span[0]), one(span[1]), tuple(map(one, begins)), tuple(map(one, finishes)))[0])


@given(times(), windows(), windows())
def test_containment_agrees_with_every_life_that_the_windows_allow(span, begins, finishes):
    """YES: inside whichever life it was. NO: outside whichever. The windows' ends decide, so they suffice."""
    answers = set()
    for begin in begins:
        for finish in finishes:
            inside = span[0] >= begin and span[1] <= finish
            outside = span[1] <= begin or span[0] >= finish or finish <= begin
            answers.add("in" if inside else "out" if outside else "part")
    got = state(span, begins, finishes)
    assert (got == YES) is (answers == {"in"})
    assert (got == NO) is (answers == {"out"})


def test_two_spans_touch_where_they_share_a_second_and_one_lies_in_the_other_where_it_has_all_of_it():
    every = list(product(range(4), repeat=4))
    columns = [np.array(column) for column in zip(*every, strict=True)]
    shared = [bool(set(range(start, end)) & set(range(low, high))) for start, end, low, high in every]
    assert spans.touches(*columns).tolist() == shared
    assert spans.certainly_within(*columns).tolist() == [s >= low and e <= high for s, e, low, high in every]


def test_containment_of_columns_is_that_of_each_of_their_rows():
    every = [each for each in product(range(4), repeat=6) if each[2] <= each[3] and each[4] <= each[5]]
    start, end, *ends = (np.array(column) for column in zip(*every, strict=True))
    found = spans.containment(start, end, tuple(ends[:2]), tuple(ends[2:]))
    assert found.dtype == np.int8
    for (low, high, begins, begun, ends_first, ends_last), state in zip(every, found.tolist(), strict=True):
        sure = low >= begun and high <= ends_first
        touched = bool(set(range(low, high)) & set(range(begins, ends_last)))
        assert state == (NO if not touched else YES if sure else POSSIBLE)


@given(times(), windows(), windows(), st.integers(0, 40))
def test_knowing_less_never_makes_a_state_certain(span, begins, finishes, blur):
    sharp = state(span, begins, finishes)
    blurred = state(span, (begins[0] - blur, begins[1] + blur), (finishes[0] - blur, finishes[1] + blur))
    assert blurred in (sharp, POSSIBLE)


@given(times(), windows())
def test_an_open_end_never_ends(span, begins):
    assert state(span, (NEVER, NEVER), (FOREVER, FOREVER)) == YES
    assert state(span, begins, (FOREVER, FOREVER)) != NO or span[1] <= begins[0]


@given(st.dates(date(1972, 1, 1), date(2090, 1, 1)))
def test_a_london_day_begins_at_local_midnight_and_has_23_24_or_25_hours(day):
    start, end = spans.day_bounds(day)
    assert (end - start) // 3600 in (23, 24, 25)
    number = np.array([(day - date(1970, 1, 1)).days])
    assert spans.london_midnight(number).tolist() == [start]
    assert spans.london_days(np.array([start, end - 1])).tolist() == [number[0], number[0]]


@pytest.mark.parametrize("year", [1901, 1916, 1940, 1941, 1947, 1968, 1969, 1971, 2025, 2098])
@pytest.mark.parametrize("month", range(1, 13))
def test_a_day_of_any_law_of_summer_time_begins_at_its_midnight(year, month):
    day = date(year, month, 15)
    start, number = spans.day_bounds(day)[0], (day - date(1970, 1, 1)).days
    assert spans.london_midnight(np.array([number])).tolist() == [start]
    assert [spans.london_day(start - 1), spans.london_day(start)] == [number - 1, number]


@pytest.mark.parametrize("day", DAYS_OF_CLOCK_CHANGE)
def test_the_wall_clock_is_that_of_london(day):
    start, end = spans.day_bounds(day)
    seconds = np.arange(start, end, 900)
    expected = [int(datetime.fromtimestamp(int(s), spans.LONDON).replace(tzinfo=UTC).timestamp()) for s in seconds]
    assert spans.london_wall_clock(seconds).tolist() == expected


@given(st.dates(date(1972, 1, 1), date(2090, 1, 1)), st.sampled_from([-1800, -1, 0, 1800]))
def test_a_second_near_midnight_belongs_to_its_day_alone_and_in_a_column(day, step):
    second = spans.day_bounds(day)[0] + step
    number = (day - date(1970, 1, 1)).days - (step < 0)
    assert spans.london_day(second) == number
    assert spans.london_days(np.array([second])).tolist() == [number]


CHANGES = [
    datetime.fromisoformat(text)
    for text in (
        "1968-02-18T02:00Z",
        "1971-10-31T02:00Z",
        "2025-03-30T01:00Z",
        "2025-10-26T01:00Z",
        "2037-03-29T01:00Z",
    )
]


def test_a_day_is_a_plain_number_whoever_asked_first():
    second = spans.as_of_second("2025-07-01T12:34")
    spans.london_day.cache_clear()
    assert spans.london_day(np.int64(second)) == spans.london_day(second)
    assert type(spans.london_day(second)) is int


def test_the_table_of_clock_changes_is_that_of_london(monkeypatch):
    """Worked out anew, without what an earlier call has kept."""
    monkeypatch.setattr(spans, "_OFFSETS", None)
    spans._london_offset_lists.cache_clear()
    spans.london_day.cache_clear()
    seconds = [int(change.timestamp()) + step for change in CHANGES for step in (-8 * DAY, -1, 0, 1, 3599, 8 * DAY)]
    seconds += [
        int(datetime(year, month, 15, 12, tzinfo=UTC).timestamp()) for year in (1901, 1941, 2099) for month in (1, 7)
    ]
    wall = [int(datetime.fromtimestamp(s, spans.LONDON).replace(tzinfo=UTC).timestamp()) for s in seconds]
    assert spans.london_wall_clock(np.array(seconds)).tolist() == wall
    assert spans.london_days(np.array(seconds)).tolist() == [second // DAY for second in wall]
    assert [spans.london_day(second) for second in seconds] == [second // DAY for second in wall]
    assert spans.london_wall_clock(np.array([], dtype=np.int32)).dtype == np.int64


@pytest.mark.parametrize("change", CHANGES)
def test_the_next_clock_change_is_the_first_one_after(change):
    at = int(change.timestamp())
    before, on = spans.next_clock_change(np.array([at - 1, at])).tolist()
    assert before == at
    assert on > at + 20 * DAY


def test_one_second_and_none_are_columns_too():
    july, none = spans.as_of_second("2025-07-01T12:00"), np.array([], dtype=np.int64)
    assert spans.london_wall_clock(np.array([july])).tolist() == [july + 3600]
    assert [len(of(none)) for of in (spans.london_wall_clock, spans.london_midnight, spans.next_clock_change)] == [
        0
    ] * 3
    # Of a table without rows, a library may not know that a column is one of whole numbers.
    assert spans.london_wall_clock(np.array([])).dtype == np.int64
    last = spans.next_clock_change(np.array([spans.as_of_second("2101-01-01")]))
    assert (last.dtype, last.tolist()) == (np.int64, [FOREVER])


@given(st.dates(date(1972, 1, 1), date(2090, 1, 1)))
def test_as_of_a_date_is_the_last_second_of_that_day(day):
    assert spans.as_of_second(day.isoformat()) == spans.day_bounds(day)[1] - 1
    assert spans.as_of_second(day) < spans.as_of_second(day + timedelta(days=1))


def test_as_of_without_an_offset_is_london_time():
    assert spans.as_of_second("2025-08-01T12:00") == spans.as_of_second("2025-08-01T11:00+00:00")
    assert spans.as_of_second(None) == FOREVER
    with pytest.raises(ValueError, match="isoformat"):
        spans.as_of_second("some day")

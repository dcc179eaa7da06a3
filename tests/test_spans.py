from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern import spans
from breachpattern.spans import FOREVER, NEVER, NO, POSSIBLE, YES

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
    if got == YES:
        assert answers == {"in"}
    if answers == {"in"}:
        assert got == YES
    if got == NO:
        assert answers == {"out"}


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


@pytest.mark.parametrize("day", DAYS_OF_CLOCK_CHANGE)
def test_the_wall_clock_is_that_of_london(day):
    start, end = spans.day_bounds(day)
    seconds = np.arange(start, end, 900)
    expected = [int(datetime.fromtimestamp(int(s), spans.LONDON).replace(tzinfo=UTC).timestamp()) for s in seconds]
    assert spans.london_wall_clock(seconds).tolist() == expected


@given(st.dates(date(1972, 1, 1), date(2090, 1, 1)))
def test_as_of_a_date_is_the_last_second_of_that_day(day):
    assert spans.as_of_second(day.isoformat()) == spans.day_bounds(day)[1] - 1
    assert spans.as_of_second(day) < spans.as_of_second(day + timedelta(days=1))


def test_as_of_without_an_offset_is_london_time():
    assert spans.as_of_second("2025-08-01T12:00") == spans.as_of_second("2025-08-01T11:00+00:00")
    assert spans.as_of_second(None) == FOREVER
    with pytest.raises(ValueError, match="isoformat"):
        spans.as_of_second("some day")

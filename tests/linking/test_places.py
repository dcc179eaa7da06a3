import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.linking.places import coverage, distance_m, under_curfew
from breachpattern.spans import NO, POSSIBLE, YES, as_of_second

latitudes, longitudes = st.floats(49.9, 60.8), st.floats(-8.2, 1.8)


@pytest.mark.parametrize(
    ("zone", "postcode", "expected"),
    [
        ("ZZ2", "ZZ2 3AB", YES),
        ("ZZ2", "ZZ23 4CD", NO),
        ("ZZ23", "ZZ2 3AB", NO),
        ("ZZ2 3", "ZZ2 3AB", YES),
        ("ZZ2 3", "ZZ2 4AB", NO),
        ("ZZ23A", "ZZ2 3AB", YES),
        ("ZZ", "ZZ2 3AB", YES),
        ("Z", "ZZ2 3AB", NO),
        ("ZZ", "ZZ2", YES),
        ("ZZ2", "ZZ2", YES),
        ("ZZ2", "ZZ2 3", YES),
        ("ZZ2 3", "ZZ23A", YES),
        ("ZZ2", "ZZ", POSSIBLE),
        ("ZZ2 3AB", "ZZ2", POSSIBLE),
        ("ZZ2 3", "ZZ2", POSSIBLE),
        ("ZZ2", "ZZ23", NO),
        ("ZZ23", "ZZ2", NO),
        ("ZZ2 3", "ZZ2 4", NO),
        ("Z", "ZZ", NO),
        ("the park", "ZZ2 3AB", POSSIBLE),
        ("ZZ2 3AB", "zz23ab", YES),
        ("ZZ2 3AB", "not a postcode", POSSIBLE),
    ],
)
def test_a_postcode_of_a_zone_or_of_an_incident_may_be_a_prefix(zone, postcode, expected):
    assert coverage(zone, postcode) == expected


@given(latitudes, longitudes, latitudes, longitudes)
def test_distance_is_symmetric_and_zero_at_home(a, b, c, d):
    def metres(*points):
        return float(distance_m(*(np.array([p]) for p in points))[0])

    assert metres(a, b, c, d) == pytest.approx(metres(c, d, a, b), abs=1e-6)
    assert metres(a, b, a, b) == pytest.approx(0, abs=1e-3)


def test_a_degree_of_latitude_is_about_111_kilometres():
    there = distance_m(np.array([52.0]), np.array([-1.0]), np.array([53.0]), np.array([-1.0]))
    assert float(there[0]) == pytest.approx(111_195, rel=1e-3)


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_an_instant_is_inside_a_curfew_or_outside_it(begins, ends, minute):
    midnight = as_of_second("2025-03-04T00:00")
    moment = np.array([midnight + minute * 60])
    got = under_curfew(moment, moment + 1, np.array([begins]), np.array([ends]))[0]
    inside = begins <= minute < ends if begins <= ends else minute >= begins or minute < ends
    assert got == (YES if inside else NO)


@pytest.mark.parametrize(
    ("begins", "ends", "state"),
    [
        ("2025-10-25T22:30", "2025-10-26T05:50", YES),  # eight hours and twenty minutes of a night of nine
        ("2025-10-25T22:30", "2025-10-26T06:10", POSSIBLE),
        ("2025-10-26T06:00", "2025-10-26T21:00", NO),
        ("2025-10-26T00:30+00:00", "2025-10-26T01:10+00:00", YES),  # 01:30 and forty minutes later 01:10
        ("2025-03-29T22:30", "2025-03-30T06:20", POSSIBLE),  # less than the eight hours, but past the end
        ("2025-03-29T22:30", "2025-03-30T06:00", YES),
        ("2025-03-30T06:00", "2025-03-30T22:00", NO),
    ],
)
def test_curfew_hours_are_those_of_the_clock_when_the_clock_changes(begins, ends, state):
    start, end = np.array([as_of_second(begins)]), np.array([as_of_second(ends)])
    assert under_curfew(start, end, np.array([22 * 60]), np.array([6 * 60])).tolist() == [state]


def test_a_span_within_an_hour_that_comes_twice_may_leave_the_curfew():
    start, end = (np.array([as_of_second(f"2025-10-26T{t}+00:00")]) for t in ("00:30", "01:10"))
    assert under_curfew(start, end, np.array([80]), np.array([360])).tolist() == [POSSIBLE]

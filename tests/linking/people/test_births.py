from datetime import date

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.linking.people.births import (
    UNKNOWN_DAY,
    day_and_month_in_order,
    days,
    parts,
    placeholders,
)

dates = st.dates(min_value=date(1000, 1, 1))


@given(dates)
def test_days_and_parts_agree_with_the_calendar(born):
    day = days(pa.array([born.isoformat()]))
    assert [int(part[0]) for part in parts(day)] == [born.year, born.month, born.day]


def test_blank_and_unreadable_dates_are_not_known():
    assert (days(pa.array([None, "", "31/12/1990", "1990-02-30"], pa.string())) == UNKNOWN_DAY).all()


def test_a_new_year_on_which_too_many_are_born_is_a_placeholder():
    born = ["1980-01-01"] * 6 + [f"1980-{1 + i % 12:02}-{2 + i % 26:02}" for i in range(60)] + ["1981-01-01"] * 2
    found = placeholders(days(pa.array(born)), np.arange(len(born)))
    assert found.tolist() == [True] * 6 + [False] * 62


def test_one_person_on_many_records_is_no_crowd():
    assert not placeholders(days(pa.array(["1980-01-01"] * 9)), np.zeros(9, np.int64)).any()


@given(dates)
def test_exchanged_day_and_month_fall_together(born):
    if born.day <= 12:
        both = days(pa.array([born.isoformat(), f"{born.year:04}-{born.day:02}-{born.month:02}"]))
        assert len(set(day_and_month_in_order(both).tolist())) == 1

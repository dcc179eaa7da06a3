"""Plain words for dates."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.patterns.wording import iso_times, json_times, span_texts
from breachpattern.spans import FOREVER, LONDON, NEVER


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2025-12-31", "2026-01-01", "between 31 Dec 2025 and 1 Jan 2026"),
        ("2025-01-05", "2025-01-05", "on 5 Jan 2025"),
        ("2025-01-05", "2025-02-06", "between 5 Jan and 6 Feb 2025"),
    ],
)
def test_spans_name_the_year_once_where_it_is_one(first, last, said):
    days = np.array([[first], [last]], dtype="M8[D]").astype(np.int64)
    assert span_texts(*days).to_pylist() == [said]


@given(st.lists(st.one_of(st.integers(-2_208_988_800, 4_102_444_800), st.sampled_from([NEVER, FOREVER])), max_size=20))
def test_times_are_those_of_the_london_clock(seconds):
    said = [None if at in (NEVER, FOREVER) else datetime.fromtimestamp(at, LONDON).isoformat() for at in seconds]
    column = np.array(seconds, np.int64)
    assert iso_times(column).to_pylist() == said
    assert [json.loads(text) for text in json_times(column).to_pylist()] == said


def test_times_of_other_centuries_have_their_days_too():
    winters = [datetime(year, 1, 15, 12, tzinfo=UTC) for year in (1999, 2150, 9998)]
    seconds = np.array([int(at.timestamp()) for at in winters])
    assert iso_times(seconds).to_pylist() == [at.isoformat() for at in winters]

"""Plain words for dates."""

import numpy as np
import pytest

from breachpattern.patterns.wording import span_texts


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

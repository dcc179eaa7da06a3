"""Records of one reference are as few events as their own times allow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.facts import incident, timelines

TEXT = {"behaviours": "contact", "channel": "text", "occurrence_ref": "INV-9"}


def occasions(*rows):
    """How many occasions P1 and V1 have."""
    found = timelines([incident(f"I{i}", **(TEXT | row)) for i, row in enumerate(rows)])
    return int(found.occasions[0].count.sum())


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (["2025-05-24T22:10", "2025-05-24T23:30", "2025-05-25T00:40"], 1),
        ([f"2025-05-0{d}T{22 - d}:00" for d in range(1, 6)], 5),
        (["2025-05-01T20:00", "2025-05-02T19:00"], 2),
        (["2025-05-01", "2025-05-02", "2025-05-03"], 3),
        (["2025-05-01", "2025-05-01T22:10"], 1),
        # One night, reported every four hours: no record carries the next along for ever.
        ([f"2025-05-{d:02d}T{h:02d}:00" for d in (1, 2, 3) for h in range(0, 24, 4)], 6),
    ],
)
def test_an_investigation_is_not_one_event(times, expected):
    assert occasions(*({"at": t} for t in times)) == expected


def test_a_window_is_the_first_event_within_it():
    weekend = {"at": "2025-05-02T18:00", "occurred_to": "2025-05-05T09:00"}
    assert occasions(weekend, {"at": "2025-05-04T03:00"}) == 1
    assert occasions(weekend, weekend) == 1
    assert occasions(weekend, {"at": "2025-05-03T03:00"}, {"at": "2025-05-04T03:00"}) == 2
    assert occasions(weekend, {"at": "2025-05-06T03:00"}) == 2
    assert occasions(weekend | {"occurrence_ref": ""}, {"at": "2025-05-04T03:00"}) == 2


def test_windows_that_overlap_one_after_the_other_are_no_chain():
    weeks = [{"at": f"2025-05-{d:02d}", "occurred_to": f"2025-05-{d + 7:02d}"} for d in (1, 8, 15, 22)]
    assert occasions(*weeks) == 2


@given(st.lists(st.integers(0, 200), min_size=1, max_size=12), st.randoms())
def test_timed_records_of_one_reference_are_the_fewest_nights_in_any_order(hours, random):
    rows = [{"at": str(np.datetime64("2025-05-01T00:00") + np.timedelta64(h, "h"))} for h in hours]
    expected, until = 0, -1
    for h in sorted(hours):
        if h >= until:
            expected, until = expected + 1, h + 12
    random.shuffle(rows)
    assert occasions(*rows) == expected

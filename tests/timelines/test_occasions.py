import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.facts import courses, incident, timelines

from breachpattern.timelines.occasions import components


def occasions(*rows):
    """How many occasions P1 and V1 have."""
    found = timelines([incident(f"I{i}", **row) for i, row in enumerate(rows)])
    return int(found.occasions[0].count[found.occasions[0].unit == 0].sum())


CALL = {"behaviours": "contact", "channel": "phone"}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"at": "2025-03-01T10:00"}, {"at": "2025-03-01T10:03"}], 2),
        ([{"at": "2025-03-01T10:00"}, {"at": "2025-03-01T10:00"}], 1),
        ([{"at": "2025-03-01"}, {"at": "2025-03-01"}], 1),
        ([{"at": "2025-03-01"}, {"at": "2025-03-01T10:00"}], 1),
        ([{"at": "2025-03-01"}, {"at": "2025-03-01T10:00"}, {"at": "2025-03-01T15:00"}], 2),
        ([{"at": "2025-03-01"}, {"at": "2025-03-02"}], 2),
        (
            [
                {"at": "2025-03-01T10:00", "occurrence_ref": "CAD1"},
                {"at": "2025-03-01T12:00", "occurrence_ref": "CAD1"},
            ],
            1,
        ),
        (
            [
                {"at": "2025-03-01T10:00", "occurrence_ref": "INV1"},
                {"at": "2025-03-09T10:00", "occurrence_ref": "INV1"},
            ],
            2,
        ),
        ([{"at": "2025-03-01T20:00", "occurred_to": "2025-03-01T22:00"}, {"at": "2025-03-01T21:00"}], 1),
        ([{"at": "2025-03-01", "act_count": "50"}], 2),
        ([{"at": "2025-03-01", "occurred_to": "2025-03-08", "act_count": "60"}], 8),
        ([{"at": "2025-03-01", "occurred_to": "2025-03-20"}], 1),
        ([{"at": "2025-03-01T10:00"}, {"at": "2025-03-05T10:00", "status": "cancelled"}], 1),
    ],
)
def test_records_become_occasions(rows, expected):
    assert occasions(*(CALL | row for row in rows)) == expected


@pytest.mark.parametrize("failure", ["notification_failure", "requirement_failure", "curfew_failure"])
def test_a_failure_to_comply_is_conduct_towards_nobody(failure):
    rows = [
        incident("I1", "2025-03-01", behaviours="contact"),
        incident("I2", "2025-03-05", behaviours=failure),
    ]
    assert courses(timelines(rows)) == []


def test_a_day_in_custody_is_not_an_occasion():
    rows = [
        incident("I1", "2025-03-01T10:00", behaviours="contact"),
        incident("K1", "2025-03-02T10:00", occurred_to="2025-03-12T10:00", kind="custody"),
    ]
    assert courses(timelines(rows)) == []


@given(st.integers(1, 30), st.data())
def test_components_join_what_edges_join(n, data):
    node = st.integers(0, n - 1)
    edges = data.draw(st.lists(st.tuples(node, node), max_size=40))
    left = np.array([e[0] for e in edges], dtype=np.int64)
    right = np.array([e[1] for e in edges], dtype=np.int64)
    label = components(n, left, right)
    reach = {i: {i} for i in range(n)}
    for a, b in edges:
        joined = reach[a] | reach[b]
        for k in joined:
            reach[k] = joined
    assert label.tolist() == [min(reach[i]) for i in range(n)]

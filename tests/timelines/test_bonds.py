"""What joins two dyads, and the time of which a tie speaks."""

import pytest
from tests.facts import courses, incident, order, timelines

THREAT = {"behaviours": "threat", "channel": "in_person"}


@pytest.mark.parametrize(
    ("tie", "joined"),
    [
        ({}, True),
        ({"until": "2025-02-01"}, False),
        ({"until": "2025-03-02"}, True),
        ({"since": "2025-03-02"}, True),
        ({"since": "2025-04-01"}, False),
        ({"since": "2020-01-01", "until": "2026-01-01"}, True),
    ],
    ids=["no time", "had ended", "ended after both", "began between", "began after all", "held throughout"],
)
@pytest.mark.parametrize("side", ["victim_id", "suspect_id"])
def test_a_tie_speaks_of_the_time_in_which_it_held(side, tie, joined):
    rows = [incident(f"I{i}", f"2025-03-0{i + 1}", **THREAT | {side: f"X{i}"}) for i in range(2)]
    associations = [{"person_id": "X0", "other_id": "X1", "tie": "family"} | tie]
    assert bool(courses(timelines(rows, associations=associations))) is joined


def test_an_order_made_after_the_acts_still_ties_those_whom_it_protects():
    rows = [incident(f"I{i}", f"2025-03-0{i + 1}", victim_id=f"V{i}", **THREAT) for i in range(2)]
    orders = [order("O1", protected_id=f"V{i}", made_on="2025-04-01") for i in range(2)]
    assert [c["unit"] for c in courses(timelines(rows, orders))] == ["group"]

from datetime import date

import pytest
from tests.facts import TODAY, order, timelines

from breachpattern.spans import FOREVER, NEVER, as_of_second, day_bounds


def lives(*rows, as_of=TODAY):
    return timelines([], list(rows), as_of=as_of).orders


def test_a_life_is_a_pair_of_windows():
    found = lives(order("O1", made_on="2025-01-10", ends="2025-02-20", discharged_on="2025-02-01"))
    day, end = day_bounds(date(2025, 1, 10))
    assert (found.start_lo[0], found.start_hi[0]) == (day, end)
    assert found.end_lo[0] == as_of_second("2025-02-01T00:00")
    assert found.end_hi[0] == as_of_second("2025-02-02T00:00")


def test_service_on_the_day_settles_the_hour_of_the_start():
    found = lives(order("O1", made_on="2025-01-10", served_at="2025-01-10T16:00"))
    assert found.start_hi[0] == as_of_second("2025-01-10T16:00")


def test_service_before_a_later_start_does_not_move_it():
    found = lives(order("O1", starts="2025-02-01T09:00", served_at="2025-01-12T16:00"))
    assert found.start_hi[0] == as_of_second("2025-02-01T09:00")


def test_an_undated_order_may_always_have_been_in_force():
    found = lives(order("O1", made_on=""))
    assert (found.start_lo[0], found.start_hi[0], found.end_hi[0]) == (NEVER, FOREVER, FOREVER)


def test_versions_follow_each_other_and_a_discharge_reaches_the_living():
    rows = [
        order("O1", version="1", discharged_on="2025-09-01"),
        order("O1", version="2", starts="2025-03-01"),
    ]
    found = lives(*rows)
    assert found.end_hi[0] == as_of_second("2025-03-02T00:00")
    assert found.end_hi[1] == as_of_second("2025-09-02T00:00")


def test_the_day_of_a_variation_written_as_a_discharge_ends_only_the_old_version():
    rows = [
        order("O1", version="1", discharged_on="2025-03-01"),
        order("O1", version="2", starts="2025-03-01"),
    ]
    assert lives(*rows).end_hi[1] == FOREVER


def test_knowing_of_the_order_is_knowing_of_its_variation():
    def aware(kind, **second):
        rows = [
            order("O1", kind=kind, version="1", without_notice="true", served_at="2025-01-12T10:00"),
            order("O1", kind=kind, version="2", starts="2025-03-01", without_notice="true", **second),
        ]
        return lives(*rows).aware[1]

    assert aware("non_molestation") == as_of_second("2025-01-12T10:00")
    assert aware("dapo") == FOREVER
    assert aware("dapo", served_at="2025-03-02T10:00") == as_of_second("2025-03-02T10:00")


@pytest.mark.parametrize(
    ("as_of", "versions", "served"),
    [("2025-01-09", 0, None), ("2025-01-10", 1, False), ("2025-01-12", 1, True)],
)
def test_orders_are_known_from_their_making_and_service_from_its_day(as_of, versions, served):
    found = lives(order("O1", served_at="2025-01-12T10:00"), as_of=as_of)
    assert len(found) == versions
    if versions:
        assert bool(found.served[0] != NEVER) == served


def test_several_protected_people_are_one_order():
    found = lives(order("O1", protected_id="V1"), order("O1", protected_id="V2"))
    assert len(found) == 1
    assert len(found.protections[0]) == 2

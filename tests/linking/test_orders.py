from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
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


def both_ways(*rows, **options):
    """The one version that some rows make, in either order of the rows."""
    first, second = lives(*rows, **options), lives(*rows[::-1], **options)
    assert len(first) == len(second)
    for name in ("start_lo", "start_hi", "end_lo", "end_hi", "aware", "served", "kind", "curfew_from", "curfew_to"):
        assert getattr(first, name).tolist() == getattr(second, name).tolist()
    return first


def test_what_one_row_leaves_blank_the_other_says():
    found = both_ways(
        order("O1", ends="2025-06-01", without_notice="true", curfew_from="22:00", curfew_to="06:00", made_on=""),
        order("O1", protected_id="V2", served_at="2025-01-12T10:00"),
    )
    assert found.end_lo[0] == found.end_hi[0] == as_of_second("2025-06-01") + 1
    assert found.start_hi[0] == as_of_second("2025-01-10") + 1
    assert found.served[0] == as_of_second("2025-01-12T10:00")
    assert (found.curfew_from[0], found.curfew_to[0]) == (22 * 60, 6 * 60)


def test_rows_that_cannot_both_be_true_leave_open_what_lies_between():
    found = both_ways(order("O1", ends="2025-06-01"), order("O1", protected_id="V2", ends="2025-08-01"))
    assert (found.end_lo[0], found.end_hi[0]) == (as_of_second("2025-06-01") + 1, as_of_second("2025-08-01") + 1)
    found = both_ways(order("O1"), order("O1", protected_id="V2", made_on="2025-02-10"))
    assert (found.start_lo[0], found.start_hi[0]) == (as_of_second("2025-01-09") + 1, as_of_second("2025-02-10") + 1)


def test_a_time_on_the_day_that_another_row_gives_is_no_disagreement():
    found = both_ways(order("O1"), order("O1", protected_id="V2", made_on="2025-01-10T12:00"))
    assert found.start_lo[0] == found.start_hi[0] == as_of_second("2025-01-10T12:00")


def test_an_order_that_any_row_says_was_made_without_notice_asks_for_awareness():
    found = both_ways(
        order("O1", kind="non_molestation", without_notice="false"),
        order("O1", kind="non_molestation", without_notice="true", protected_id="V2"),
    )
    assert found.aware[0] == FOREVER


def test_the_shorter_curfew_stands_and_half_a_curfew_is_filled():
    rows = [
        order("O1", curfew_from="19:00", curfew_to="07:00"),
        order("O1", curfew_from="22:00", curfew_to="06:00", protected_id="V2"),
    ]
    assert both_ways(*rows).curfew_from[0] == 22 * 60
    found = both_ways(order("O1", curfew_from="19:00"), order("O1", curfew_to="07:00", protected_id="V2"))
    assert (found.curfew_from[0], found.curfew_to[0]) == (19 * 60, 7 * 60)


@pytest.mark.parametrize(("as_of", "known"), [("2025-05-31", 0), ("2025-06-01", 2)])
def test_a_second_person_is_not_protected_before_the_order_was_made(as_of, known):
    found = lives(order("O1", made_on="2025-06-01"), order("O1", protected_id="V2", made_on=""), as_of=as_of)
    assert len(found.protections[0]) == known


def test_rows_that_disagree_on_the_making_are_each_known_from_their_own():
    rows = [order("O1", made_on="2025-06-01"), order("O1", protected_id="V2", served_at="2025-02-01")]
    found = both_ways(*rows, as_of="2025-03-01")
    assert len(found.protections[0]) == 1
    assert found.start_hi[0] == as_of_second("2025-01-10") + 1


def versions(kind, *notices, **second):
    rows = [
        order("O1", kind=kind, version=str(i + 1), starts=f"2025-0{i + 2}-01", without_notice=n) | (second if i else {})
        for i, n in enumerate(notices)
    ]
    return lives(*rows).aware.tolist()


def test_who_was_there_when_a_version_was_made_knows_of_the_next():
    assert versions("non_molestation", "false", "") == [NEVER, NEVER]
    assert versions("non_molestation", "false", "true") == [NEVER, NEVER]
    assert versions("non_molestation", "", "false", "") == [FOREVER, NEVER, NEVER]
    assert versions("non_molestation", "", "") == [FOREVER, FOREVER]


def test_a_domestic_abuse_protection_order_varied_without_notice_asks_for_awareness_of_that():
    assert versions("dapo", "false", "true") == [NEVER, FOREVER]
    assert versions("dapo", "false", "") == [NEVER, FOREVER]
    assert versions("dapo", "true", "false") == [FOREVER, NEVER]
    assert versions("dapo", "false", "", served_at="2025-03-02T10:00") == [NEVER, as_of_second("2025-03-02T10:00")]


@pytest.mark.parametrize(
    ("dates", "until"),
    [
        ({"made_on": "2025-03-03"}, "2025-03-31"),
        ({"starts": "2025-03-03T11:00"}, "2025-03-31"),
        ({"served_at": "2025-03-03T11:00"}, "2025-03-31"),
        ({"served_at": "2025-03-03"}, "2025-03-31"),
        ({"aware_from": "2025-03-03T00:00"}, "2025-03-31"),
        ({"made_on": "2025-03-03", "served_at": "2025-03-05T11:00"}, "2025-03-31"),
        ({"made_on": "2025-03-03", "ends": "2025-03-20"}, "2025-03-21"),
        ({}, None),
    ],
)
def test_a_protection_order_ends_with_its_28th_day_whatever_tells_its_beginning(dates, until):
    found = lives(order("O1", kind="dvpo", **{"made_on": ""} | dates))
    assert found.end_hi[0] == (as_of_second(f"{until}T00:00") if until else FOREVER)


@pytest.mark.parametrize("second", [{"made_on": "2025-03-17"}, {"made_on": "", "starts": "2025-03-17T11:00"}])
def test_a_variation_does_not_start_the_28_days_again(second):
    found = lives(
        order("O1", kind="dvpo", made_on="2025-03-03"),
        order("O1", kind="dvpo", version="2", **second),
        order("O2", kind="dvpo", made_on="2025-04-01"),
        order("O3", made_on="2025-04-01"),
    )
    assert found.end_hi[1:].tolist() == [
        as_of_second("2025-03-31T00:00"), as_of_second("2025-04-29T00:00"), FOREVER
    ]  # fmt: skip
    assert found.capped.tolist() == [True, True, True, False]


@pytest.mark.parametrize(
    ("first", "second", "held"),
    [
        ({}, {"starts": "2025-03-05"}, True),
        ({"ends": "2025-03-04"}, {"starts": "2025-03-05"}, False),
        ({"ends": "2025-03-05"}, {"starts": "2025-03-05"}, True),
        ({"ends": "2025-03-05T12:00"}, {"starts": "2025-03-05T12:00"}, True),
        ({"ends": "2025-03-05T12:00"}, {"starts": "2025-03-05T12:01"}, False),
        ({"discharged_on": "2025-03-05"}, {"starts": "2025-03-05"}, True),
        ({"discharged_on": "2025-03-04"}, {"starts": "2025-03-05"}, False),
        ({"ends": "2025-03-01"}, {"starts": "2025-06-01"}, False),
    ],
)
def test_a_version_hands_over_where_it_lasts_until_the_next_binds(first, second, held):
    found = lives(order("O1", version="1", **first), order("O1", version="2", **second))
    assert found.hands_over.tolist() == [held, False]


def test_every_row_of_an_order_adds_its_own_exclusion_area():
    found = lives(
        order("O1", exclusion_postcodes="ZZ1 1AA"),
        order("O1", protected_id="V2", exclusion_postcodes="ZZ2"),
        order("O1", protected_id="V3"),
        order("O2", exclusion_lat="52.1", exclusion_lon="-1.5", exclusion_radius_m="100"),
    )
    assert found.zones.version.tolist() == [0, 0, 1]
    assert found.zones.postcodes.to_pylist() == ["ZZ11AA", "ZZ2", None]


@given(
    st.lists(st.integers(1, 90), min_size=1, max_size=4),
    st.one_of(st.none(), st.integers(1, 120)),
    st.randoms(use_true_random=False),
)
def test_a_variation_is_a_new_version_and_ends_the_one_before(gaps, discharged, random):
    """Every version hands over on the day of the next, a discharge ends whichever still lives; none is edited."""
    made = date(2025, 1, 10)
    starts = [made + timedelta(sum(gaps[:n])) for n in range(len(gaps) + 1)]
    gone = starts[-1] + timedelta(discharged) if discharged else None
    rows = [
        order("O1", version=str(n), starts=start.isoformat(), discharged_on=gone.isoformat() if gone else "")
        for n, start in enumerate(starts, 1)
    ]
    random.shuffle(rows)
    found = lives(*rows, as_of=None)
    turns = sorted(range(len(rows)), key=lambda k: found.start_lo[k])
    assert [int(found.start_lo[k]) for k in turns] == [day_bounds(start)[0] for start in starts]
    assert [int(found.end_lo[k]) for k in turns[:-1]] == [day_bounds(start)[0] for start in starts[1:]]
    assert [int(found.end_hi[k]) for k in turns[:-1]] == [day_bounds(start)[1] for start in starts[1:]]
    last = turns[-1]
    assert int(found.end_hi[last]) == (day_bounds(gone)[1] if gone else FOREVER)
    assert int(found.end_lo[last]) == (day_bounds(gone)[0] if gone else FOREVER)


@pytest.mark.parametrize(("kind", "days"), [("dvpn", 2), ("dapn", 2), ("police_bail", 28)])
def test_what_a_decision_ends_is_certain_for_a_while_only_where_no_end_is_on_file(kind, days):
    dates = {"made_on": "2025-03-01", "served_at": "2025-03-01T10:00", "starts": "2025-03-01T10:00"}
    unknown, told = order("O1", kind=kind, **dates), order("O2", kind=kind, ends="2025-09-30", **dates)
    found = lives(unknown, told)
    day = date(2025, 3, 1 + days) if days < 28 else date(2025, 3, 29)
    assert found.end_lo.tolist() == [day_bounds(day)[0], as_of_second("2025-10-01T00:00")]
    assert found.end_hi.tolist() == [FOREVER, as_of_second("2025-10-01T00:00")]

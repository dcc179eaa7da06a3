import json

import pytest
from tests.facts import catalogue

from breachpattern.report.rates import clock_of, occasions_of, rates_of


def finding(*starts, **more):
    evidence = [{"occasion": n, "start": start} for n, start in enumerate(starts, 1)]
    return {"evidence": evidence, "last_at": starts[-1], "provisions": []} | more


def test_records_of_one_occasion_count_once():
    evidence = [{"occasion": 1, "start": f"2025-03-01T10:0{n}:00+00:00"} for n in (5, 0)]
    assert [at.minute for at in occasions_of({"evidence": evidence})] == [0]


def test_gaps_and_rate_by_hand():
    told = dict(
        rates_of(
            finding("2025-01-01T10:00:00+00:00", "2025-01-11T10:00:00+00:00", "2025-03-12T10:00:00+00:00"),
            {"acts": 50, "occasions": 3},
            "2025-04-01T23:59:59+01:00",
        )
    )
    assert told["Events in the evidence"] == "3 over 70 days"
    assert told["Acts in the candidate course"] == "50 on 3 occasions"
    assert told["Typical gap (median)"] == "35 days"
    assert told["Longest gap"] == "60 days, from 11 Jan 2025 to 12 Mar 2025"
    assert told["In the 30 days before 1 Apr 2025"] == "1"
    assert told["In the 91 days before 1 Apr 2025"] == "3"


@pytest.mark.parametrize(
    ("last", "until", "left"),
    [
        ("2025-08-31T10:00:00+01:00", "28 Feb 2026", 28),
        ("2025-07-31T10:00:00+01:00", "31 Jan 2026", 0),
        ("2025-07-30T23:59:59+01:00", "30 Jan 2026", -1),
    ],
)
def test_the_clock_runs_six_months_from_the_last_act(last, until, left):
    clock = clock_of(finding(last), {}, "2026-01-31T23:59:59+00:00", catalogue())
    assert (clock["until"], clock["left"], clock["months"]) == (until, left, 6)


def test_the_last_act_of_the_course_counts_where_it_is_later():
    clock = clock_of(
        finding("2025-01-01T10:00:00+00:00"), {"last_at": "2025-02-01T10:00:00+00:00"}, "2025-03-01", catalogue()
    )
    assert clock["last"] == "1 Feb 2025"


def test_all_of_it_can_be_written_down():
    json.dumps(clock_of(finding("2025-01-01T10:00:00+00:00"), {}, "2025-03-01T00:00:00+00:00", catalogue()))

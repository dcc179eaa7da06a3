"""A finding cites law that there was when it happened, and where it happened."""

from __future__ import annotations

import pytest
from tests.facts import catalogue, order
from tests.patterns.given import calls, findings, record_of

FOLLOWED = {"behaviours": "follow", "channel": "in_person"}


def cited(pattern: str, days: list[str], as_of: str, **values: str) -> set[str]:
    record = record_of(pattern, calls(*days, **(FOLLOWED | values)), as_of=as_of)
    assert record is not None
    return set(record["provisions"])


@pytest.mark.parametrize(
    ("days", "stalking"),
    [
        (["2012-11-01", "2012-11-08", "2012-11-24"], False),  # s.2A is law since 25 November 2012
        (["2012-11-11", "2012-11-18", "2012-11-25"], True),
        (["2025-03-01", "2025-03-08", "2025-03-15"], True),
    ],
)
def test_an_offence_is_cited_for_conduct_since_it_is_one(days, stalking):
    told = cited("limitation_clock", days, days[-1])
    assert {"pha1997.s2", "pha1997.s7"} <= told
    assert ("pha1997.s2A" in told) is stalking


def test_nothing_is_cited_that_was_not_law_between_the_first_act_and_the_last():
    held = catalogue().provisions
    for year in range(1996, 2027, 5):
        days = [f"{year}-02-01", f"{year}-02-08", f"{year}-03-01"]
        orders = [order("O1", made_on=f"{year}-01-10", kind=kind) for kind in ("restraining", "occupation")]
        for record in findings(calls(*days, **FOLLOWED), orders, as_of=f"{year}-03-02").records():
            for key in record["provisions"]:
                start, end = held[key].in_force.start, held[key].in_force.end
                assert start is None or start.isoformat() <= days[-1], (year, key)
                assert end is None or days[0] < end.isoformat(), (year, key)


@pytest.mark.parametrize("kind", ["bail_scotland", "non_harassment", "stalking_protection_ni", "restraining_ni"])
def test_law_of_england_and_wales_is_not_cited_where_only_that_of_another_part_is_on_record(kind):
    orders = [order("O1", kind=kind, made_on="2025-01-10")]
    record = record_of("breach_in_course", calls("2025-03-01", "2025-03-08", "2025-03-15"), orders)
    assert record is not None
    extents = {catalogue().provisions[key].extent for key in record["provisions"]}
    assert extents
    assert "E&W" not in extents


def test_one_order_of_england_and_wales_brings_its_law():
    orders = [order("O1", kind="bail_scotland"), order("O2")]
    record = record_of("breach_in_course", calls("2025-03-01", "2025-03-08", "2025-03-15"), orders)
    assert record is not None
    assert {"pha1997.s2", "sa2020.s363", "cpsa1995.s27"} <= set(record["provisions"])


def test_connected_victims_are_no_case_of_an_offence_that_asks_for_one_victim():
    """s.2A(2)(a): stalking is a course in breach of s.1(1), not of s.1(1A); ss.4 and 4A: the same person's fear."""
    followed = [
        call | {"victim_id": f"V{i}", "impact": "fear_of_violence", "relationship": "neighbour"}
        for i, call in enumerate(calls("2025-03-01", "2025-03-05", "2025-03-09", **FOLLOWED), 1)
    ]
    ties = [{"person_id": "V1", "other_id": other, "tie": "family"} for other in ("V2", "V3")]
    record = record_of("connected_victims", followed, associations=ties)
    assert record is not None
    assert {"pha1997.s1(1A)", "pha1997.s2", "pha1997.s7"} <= set(record["provisions"])
    assert not {"pha1997.s2A", "pha1997.s4", "pha1997.s4A"} & set(record["provisions"])
    one = [row | {"victim_id": "V1"} for row in followed]
    alone = record_of("conduct_not_recorded", one)
    assert alone is not None
    assert {"pha1997.s2A", "pha1997.s4A"} <= set(alone["provisions"])

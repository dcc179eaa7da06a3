"""Forces: one name, however it is typed, is one force."""

import pytest
from tests.facts import incident
from tests.patterns.given import calls, record_of


@pytest.mark.parametrize(
    ("names", "held"),
    [
        (("Westmarch", "WESTMARCH", "Westmarch "), False),
        (("West  Mercia", "West Mercia", "west mercia"), False),
        (("Westmarch", "", "Westmarch"), False),
        (("Westmarch", "Northmarch", "Westmarch"), True),
    ],
)
def test_case_and_spacing_tell_no_forces_apart(names, held):
    rows = calls("2025-03-01", "2025-03-04", "2025-03-07", behaviours="follow;watch")
    rows = [row | {"force": name} for row, name in zip(rows, names, strict=True)]
    assert (record_of("cross_force", rows) is not None) is held


def test_of_two_numbers_that_reached_several_victims_the_furthest_is_told():
    def call(number, day, victim, means):
        by_phone = {"behaviours": "contact", "channel": "phone", "means": means, "victim_id": victim}
        return incident(number, f"2025-03-{day:02d}T10:00") | by_phone

    rows = [call(f"I{i}", i + 1, f"V{i}", "07700900001") for i in range(3)]
    rows += [call(f"J{i}", i + 10, f"W{i}", "07700900002") for i in range(2)]
    record = record_of("means_across_victims", rows)
    assert record["victim_ids"] == ["V0", "V1", "V2"]
    assert "reached 3 victims (V0, V1 and V2), 3 occasions" in record["headline"]


def test_a_cancelled_record_makes_nobody_a_user():
    by_phone = {"behaviours": "contact", "channel": "phone", "means": "07700900001"}
    rows = [incident(f"I{i}", f"2025-03-0{i}T10:00", suspect_id=f"P{i}") | by_phone for i in range(1, 8)]
    rows.append(incident("J1", "2025-04-01T10:00", suspect_id="P1", victim_id="V2") | by_phone)
    assert record_of("means_across_victims", rows) is None
    rows[6] |= {"status": "cancelled"}
    record = record_of("means_across_victims", rows)
    assert (record["suspect_id"], record["victim_ids"]) == ("P1", ["V1", "V2"])

"""A record closed while the conduct went on: what followed is another event."""

import pytest
from tests.patterns.given import calls, record_of


def closed(*days, at=-1, twin=None):
    rows = calls(*days)
    rows[at] |= {"kind": "crime", "outcome": "16", "status": "closed", "occurrence_ref": "C1"}
    if twin:
        rows.append(rows[at] | {"incident_id": "T", "kind": "call", "occurred_from": twin, "outcome": "", "status": ""})
    return record_of("closed_while_course_continues", rows)


@pytest.mark.parametrize("twin", [None, "2025-03-10T20:20", "2025-03-11T02:00"])
def test_a_second_record_of_the_closed_event_is_nothing_that_followed(twin):
    assert closed("2025-03-03", "2025-03-10", twin=twin) is None


def test_a_later_event_followed_and_is_counted_once():
    record = closed("2025-03-03", "2025-03-10", at=0, twin="2025-03-03T20:20")
    values = next(p["values"] for p in record["trace"]["all"] if "closed" in p.get("values", {}))
    assert values == {"closed": "1 record", "closed_incident": "I1", "occasions_after": "1 occasion"}

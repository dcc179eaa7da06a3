import pytest
from tests.facts import breaches, incident, order, timelines


@pytest.mark.parametrize(
    ("record", "status"),
    [
        ({"offence_code": "066/39"}, "recorded"),
        ({"offence_text": "Breach of non-molestation order"}, "recorded"),
        ({"breach_of": "O1"}, "recorded"),
        ({"offence_text": "Non-molestation order granted", "behaviours": "contact"}, "unrecorded"),
        ({"offence_code": "008/72"}, "unrecorded"),
    ],
)
def test_what_the_record_says_makes_a_breach_recorded(record, status):
    facts = [order("O1", kind="non_molestation", without_notice="false")]
    found = breaches(timelines([incident("I1", "2025-03-05T10:00", **record)], facts))
    assert [b["status"] for b in found] == [status]


@pytest.mark.parametrize("kind", ["police_bail", "court_bail", "bail"])
def test_a_breach_of_bail_does_not_say_which_bail(kind):
    facts = [order("O1", kind=kind)]
    rows = [incident("I1", "2025-03-05T10:00", offence_text="Breach of bail conditions")]
    assert [b["status"] for b in breaches(timelines(rows, facts))] == ["recorded"]

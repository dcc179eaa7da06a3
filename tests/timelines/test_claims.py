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


@pytest.mark.parametrize(
    ("record", "kind", "status"),
    [
        ({"offence_text": "Breach of non-molestation order"}, "non_molestation_ni", "recorded"),
        ({"offence_text": "Breach of restraining order"}, "restraining_ni", "recorded"),
        ({"offence_text": "Breach of stalking protection order"}, "stalking_protection_ni", "recorded"),
        ({"offence_code": "066/39"}, "non_molestation_ni", "recorded_no_order unrecorded"),
        ({"offence_text": "Breach of non-molestation order NI"}, "non_molestation", "recorded_no_order unrecorded"),
        ({"offence_code": "997/01"}, "dvpn", "recorded"),
        ({"offence_code": "997/01"}, "dvpo", "recorded"),
        ({"offence_code": "MC80530"}, "dvpn", "recorded_no_order unrecorded"),
    ],
)
def test_a_label_of_two_jurisdictions_means_the_order_on_file_and_a_code_its_own(record, kind, status):
    facts = [order("O1", kind=kind, made_on="2025-03-01", served_at="2025-03-01T10:00", without_notice="false")]
    act = {"behaviours": "contact", "channel": "phone"}
    found = breaches(timelines([incident("I1", "2025-03-05T10:00", **act, **record)], facts))
    assert " ".join(sorted(b["status"] for b in found)) == status


@pytest.mark.parametrize("kind", ["police_bail", "court_bail", "bail"])
def test_a_breach_of_bail_does_not_say_which_bail(kind):
    facts = [order("O1", kind=kind)]
    rows = [incident("I1", "2025-03-05T10:00", offence_text="Breach of bail conditions")]
    assert [b["status"] for b in breaches(timelines(rows, facts))] == ["recorded"]

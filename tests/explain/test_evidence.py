"""The evidence of a finding in words."""

from tests.facts import catalogue, incident, order

from breachpattern import Analyser, read_extract


def test_contact_through_others_is_told_with_its_path_and_as_inferred():
    brother = incident("I2", "2025-03-01T19:00", suspect_id="P2", behaviours="contact", channel="phone")
    extract = read_extract(
        [incident("I1", "2025-02-01T19:00", behaviours="contact", channel="phone"), brother],
        [order("O1", terms="no_contact;no_indirect_contact")],
        associations=[{"person_id": "P1", "other_id": "P2", "tie": "family", "since": "2021-05-01"}],
    )
    found = Analyser(catalogue()).analyse(extract, "2025-06-30").findings
    story = next(f for f in found if f.pattern == "contact_through_others").explain().to_text(500)
    assert "inferred contact of P1 through P2, family of P1 since 2021: order O1 in force then" in story

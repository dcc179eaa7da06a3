"""Who is who in an extract: what its records and orders say about who somebody cannot be."""

from tests.facts import incident, order

from breachpattern.ingest import read_extract
from breachpattern.linking.people.of_extract import opposite_sides, people_of, references

ROWS = [
    incident("I1", "2025-03-01"),
    incident("I2", "2025-03-02", victim_id=""),
    incident("I3", "2025-03-03", suspect_id="P9"),
]


def test_sides_are_those_of_records_and_orders_where_both_are_known():
    extract = read_extract(ROWS, [order("O1", respondent_id="P5", protected_id="V5"), order("O2", protected_id="")])
    left, right = opposite_sides(extract)
    assert sorted(zip(left.to_pylist(), right.to_pylist(), strict=True)) == [("P1", "V1"), ("P5", "V5"), ("P9", "V1")]


def test_every_reference_of_every_table_stands_once():
    ties = [{"person_id": "P1", "other_id": "F1", "tie": "friend"}]
    extract = read_extract(ROWS, [order("O1", respondent_id="P5")], associations=ties)
    assert sorted(references(extract).to_pylist()) == ["F1", "P1", "P5", "P9", "V1"]


def test_without_persons_and_decisions_nobody_is_linked():
    assert people_of(read_extract(ROWS), "exact", 0.95, None, None) is None

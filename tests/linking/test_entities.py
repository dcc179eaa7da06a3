"""References and entities: what a row writes, and who that is."""

import pyarrow as pa

from breachpattern.linking.entities import Entities

TEXTS = pa.array(["P1", "P2", "P3", "V1"])


def test_without_linking_every_reference_is_its_own_entity():
    people = Entities.known(TEXTS)
    column = pa.chunked_array([["V1", None, "P2", "stranger"]])
    assert people.named(column).tolist() == people.references(column).tolist() == [3, -1, 1, -1]


def test_an_entity_is_called_by_its_smallest_reference():
    people = Entities.known(TEXTS, pa.array(["P1", "P1", "P3", "V1"]))
    assert people.named(pa.chunked_array([["P2", "P1", None, "V1"]])).tolist() == [0, 0, -1, 3]
    assert people.members(0).to_pylist() == ["P1", "P2"]
    assert people.find("P2") == people.find("P1") == 0
    assert people.find("P9") == -1

from __future__ import annotations

import pyarrow as pa
import pytest
from tests.facts import catalogue, incident, order

from breachpattern import Analyser
from breachpattern.state.changes import difference
from breachpattern.state.results import none

CALLS = [incident(f"I{day}", f"2025-02-0{day}T10:00", behaviours="contact", channel="phone") for day in range(1, 6)]


def course(number: str, incidents: str, strength: str = "weak", **values: object) -> dict[str, object]:
    row = {"course_id": number, "incident_ids": incidents, "strength": strength, "unit": "dyad", "suspect_ids": "P1"}
    return row | {"victim_ids": "V1", "occasions": incidents.count(";") + 1} | values


def courses(*rows: dict[str, object]) -> pa.Table:
    schema = none()["courses"].schema
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)


def test_nothing_changes_between_a_table_and_itself():
    table = courses(course("C-1", "I1;I2"), course("C-2", "I3;I4"))
    assert difference("courses", table, table.take([1, 0])).num_rows == 0


def test_what_is_new_changed_and_withdrawn_is_told_with_the_columns_that_differ():
    before = courses(course("C-1", "I1;I2"), course("C-2", "I3;I4"), course("C-3", "I5;I6", suspect_ids="P9"))
    after = courses(
        course("C-1", "I1;I2", "clear", breaches=1), course("C-4", "I3;I4;I7", "arguable"), course("C-2", "I3;I4")
    )
    told = difference("courses", before, after).select(
        ["change", "course_id", "strength_before", "strength_after", "fields", "goes_on_from"]
    )
    assert told.to_pylist() == [
        dict(zip(told.column_names, row, strict=True))
        for row in (
            ("new", "C-4", None, "arguable", "", None),
            ("changed", "C-1", "weak", "clear", "strength;breaches", None),
            ("withdrawn", "C-3", "weak", None, "", None),
        )
    ]


def test_a_course_that_grows_goes_on_from_the_one_with_which_it_shares_most():
    before = courses(course("C-1", "I1;I2;I3"), course("C-2", "I4;I5"), course("C-8", "I1;I2", suspect_ids="P2"))
    after = courses(course("C-9", "I1;I2;I4;I6"))
    told = difference("courses", before, after).to_pylist()
    assert (told[0]["course_id"], told[0]["goes_on_from"]) == ("C-9", "C-1")
    assert told[0]["fields"] == "occasions;incident_ids"


def test_rows_with_one_key_are_paired_one_by_one():
    row = {"incident_id": "I1", "order_id": "O1", "suspect_id": "P1", "victim_id": "V1", "status": "recorded"}
    schema = none()["breaches"].schema
    one, two = (
        pa.Table.from_pylist([{n: row.get(n) for n in schema.names}] * times, schema=schema) for times in (1, 2)
    )
    assert difference("breaches", one, two)["change"].to_pylist() == ["new"]
    assert difference("breaches", two, one)["change"].to_pylist() == ["withdrawn"]


@pytest.fixture(scope="module")
def changes():
    state, _ = Analyser(catalogue()).update(None, CALLS[:4], as_of="2025-03-01")
    new = {"incidents": CALLS[4:], "orders": [order("O1")]}
    return Analyser(catalogue()).update(state, new, as_of="2025-03-01")[1]


def test_changes_say_what_they_are_wherever_they_are_looked_at(changes):
    counts = changes.counts()
    assert counts["breaches"] == {"new": 5, "changed": 0, "withdrawn": 0}
    assert len(changes) == sum(sum(kinds.values()) for kinds in counts.values())
    assert f"{len(changes.findings)} changes of findings: new" in repr(changes)
    assert "changes of breaches: new 5" in changes._repr_html_()
    frame = changes.to_frame()
    assert set(frame["change"]) == {"new", "withdrawn"}
    grown = frame[frame["goes_on_from"].notna()]
    assert set(grown["goes_on_from"]) <= set(frame.loc[frame["change"] == "withdrawn", "finding_id"])
    assert len(grown) > 0


def test_the_whole_of_each_finding_that_is_new_or_changed_can_be_had(changes):
    told = {row["finding_id"] for row in changes.findings if row["change"] != "withdrawn"}
    records = list(changes.records())
    assert {record["finding_id"] for record in records} == told
    assert all(record["evidence"] for record in records)

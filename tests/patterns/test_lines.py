"""Findings as lines of JSON: the same whatever the chunk, whole for any text, and what a record is made of."""

import json
from itertools import chain

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from tests.drawing import up_to
from tests.facts import incident, order
from tests.patterns.given import CALL, calls, extracts, findings

from breachpattern.patterns import findings as room
from breachpattern.patterns.fragments import chosen, encode, quoted, told

ODD = ['a "quoted" id', "back\\slash", "tab\tand\nbreak", "accent é ☂", "\x1f\x7f", "{}", "%s{0}", "a;b"]


def lines_of(found):
    return list(chain.from_iterable(lines.to_pylist() for lines in found.lines()))


@pytest.mark.parametrize("odd", ODD)
def test_ids_of_any_text_come_out_as_they_went_in(odd):
    rows = [incident(f"I{i}{odd}", f"2025-03-0{i}", suspect_id=f"P{odd}", victim_id=f"V{odd}", **CALL) for i in (1, 5)]
    bound = [order(f"O{odd}", respondent_id=f"P{odd}", protected_id=f"V{odd}")]
    found = findings(rows, bound)
    records = [json.loads(line) for line in lines_of(found)]
    assert len(records) == len(found) > 0
    expected = rows[0]["incident_id"].strip()
    assert any(item["incident_id"] == expected for record in records for item in record["evidence"])
    for record in records:
        assert record["suspect_id"] == record["suspect_ids"][0]
        assert set(record["incident_ids"]) <= {row["incident_id"] for row in rows}
        assert set(record["order_ids"]) <= {bound[0]["order_id"]}


@settings(max_examples=up_to(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(extracts())
def test_lines_are_compact_json_and_agree_with_the_records(extract):
    found = findings(*extract)
    lines = lines_of(found)
    assert [encode(record) for record in found.records()] == lines
    assert [finding.record() for finding in found] == [json.loads(line) for line in lines]


@pytest.mark.parametrize(("findings_at_once", "rows_at_once"), [(1, 10**6), (10**6, 1), (2, 3)])
def test_the_size_of_a_chunk_changes_nothing(monkeypatch, findings_at_once, rows_at_once):
    found = findings(calls("2025-03-01", "2025-03-05", "2025-03-09"), [order("O1")])
    whole = lines_of(found)
    monkeypatch.setattr(room, "CHUNK", findings_at_once)
    monkeypatch.setattr(room, "CHUNK_ROWS", rows_at_once)
    assert lines_of(found) == whole
    assert len(list(found.lines())) > 1


def test_no_findings_are_no_lines():
    assert lines_of(findings(calls("2025-03-01"))) == []


def test_each_line_stands_on_its_own():
    for line in lines_of(findings(calls("2025-03-01", "2025-03-05", "2025-03-09"), [order("O1")])):
        record = json.loads(line)
        assert {"finding_id", "pattern", "level", "evidence", "versions", "trace", "basis"} <= set(record)
        assert record["evidence"]


def test_a_value_that_json_does_not_know_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        told(np.array([1]), lambda _: float("nan"))


@pytest.mark.parametrize("odd", ODD)
def test_quoting_agrees_with_json(odd):
    assert quoted(pa.array([odd, None])).to_pylist() == [json.dumps(odd, ensure_ascii=False), "null"]


def test_no_choice_is_an_empty_list():
    assert chosen([], 0) == []

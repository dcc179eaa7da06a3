from __future__ import annotations

import pytest

from breachpattern.errors import InputError
from breachpattern.ingest.privacy import Privacy
from breachpattern.review.measures.actions import read_actions


def test_under_a_key_no_cell_of_a_header_is_quoted(tmp_path):
    (tmp_path / "actions.csv").write_text("arrest,P-0137,P-0137\n")
    with pytest.raises(InputError) as told:
        read_actions(tmp_path / "actions.csv", Privacy(b"sixteen bytes or more"))
    assert "0137" not in str(told.value).lower()


def test_a_bad_row_is_an_issue_with_its_place_and_costs_no_other(tmp_path):
    path = tmp_path / "actions.csv"
    path.write_text(
        "action,at,incident_id,suspect_id\n"
        "arrest,2025-03-01T10:00,I1,\n"
        "tea,2025-03-01,I1,\n"
        "arrest,yesterday,I1,\n"
        "arrest,2025-03-01,,\n"
        ",2025-03-01,I1,\n"
        "risk_assessment,2025-03-02,,P1\n"
    )
    read = read_actions(path)
    assert read.frame["action"].tolist() == ["arrest", "risk_assessment"]
    assert read.rows_in == 6
    issues = read.issues.to_frame()
    assert issues["row"].tolist() == [3, 4, 5, 6]
    assert issues["column"].tolist() == ["action", "at", "incident_id", "action"]
    assert (issues["severity"] == "error").all()


def test_a_table_without_its_columns_is_refused_in_words():
    with pytest.raises(InputError, match="no column 'at'"):
        read_actions([{"action": "arrest"}])

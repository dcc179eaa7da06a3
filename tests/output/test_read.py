"""A run folder read back is the run, whatever its format."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

import breachpattern as bp
from breachpattern.errors import OutputError
from breachpattern.output.read import read_table

ROOT = Path(__file__).parents[2]
# Texts in which a whole finding says more than its row: its lists are told apart from what is missing.
OTHERWISE = {"caveats"}


@pytest.fixture(scope="module")
def analysis() -> bp.Analysis:
    sample = ROOT / "sample_data"
    return bp.Analyser().analyse(
        bp.read_extract(sample / "incidents.csv", orders=sample / "orders.csv"), as_of="2026-06-30"
    )


@pytest.mark.parametrize("format", ["csv", "parquet", "jsonl"])
def test_tables_come_back_as_they_were(analysis: bp.Analysis, tmp_path: Path, format: str) -> None:
    folder = analysis.write(tmp_path / "run", format=format)
    for name in ("findings", "breaches", "courses", "near_misses"):
        wrote, read = getattr(analysis, name).to_arrow(), read_table(folder, name)
        assert read.num_rows == wrote.num_rows > 0
        for column in set(wrote.column_names) - (OTHERWISE if format == "jsonl" else set()):
            assert read[column].to_pylist() == wrote[column].to_pylist(), column
            assert read[column].type == wrote[column].type
    assert read_table(folder, "suppressed").num_rows == 0


def test_what_was_made_harmless_is_read_as_it_was(tmp_path: Path) -> None:
    who = {"victim_id": "V1", "behaviours": "contact", "channel": "text", "suspect_id": "=P1"}
    rows = [{"incident_id": f"-I{d}", "occurred_from": f"2025-03-0{d}"} | who for d in (1, 4)]
    order = {
        "order_id": "@O",
        "kind": "restraining",
        "respondent_id": "=P1",
        "protected_id": "V1",
        "made_on": "2025-01-01",
    }
    analysis = bp.Analyser().analyse(bp.read_extract(rows, [order]), as_of="2025-04-01")
    breaches = read_table(analysis.write(tmp_path / "run"), "breaches")
    assert breaches["incident_id"].to_pylist() == ["-I1", "-I4"]
    assert breaches["suspect_id"].to_pylist() == ["=P1", "=P1"]
    assert breaches["order_id"].to_pylist() == ["@O", "@O"]


def test_a_table_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "findings.csv").write_text("a,b\n1,2\n")
    with pytest.raises(OutputError, match="The table findings of this run cannot be read"):
        read_table(tmp_path, "findings")
    assert read_table(tmp_path, "breaches").schema.field("occurred_at").type == pa.timestamp("s", "Europe/London")

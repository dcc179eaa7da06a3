from pathlib import Path

import pytest

from breachpattern.output.schema import OUTPUTS, json_schema, names

CONTRACT = {
    "breaches": "incident_id, order_id, suspect_id, victim_id, status, order_state, nature, breach_kind, "
    "terms_matched, days_since_served, course_id, course_strength, prior_occasions_365d, prior_breaches, reasons",
    "courses": "course_id, suspect_ids, victim_ids, unit, strength, occasions, acts, breaches, first_at, last_at, "
    "longest_gap_days, reasons_for, reasons_against, incident_ids",
    "findings": "rank, finding_id, pattern, level, score, suspect_id, victim_ids, course_id, breach_incident_ids, "
    "incident_ids, order_ids, first_at, last_at, headline, provisions, caveats",
    "issues": "file, row, column, code, severity, value, message, hint",
}
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "outputs.md"


@pytest.mark.parametrize("table", CONTRACT)
def test_the_columns_of_the_contract_come_first_and_in_order(table):
    promised = CONTRACT[table].split(", ")
    assert names(table)[: len(promised)] == promised


@pytest.mark.parametrize("table", OUTPUTS)
def test_the_reference_page_names_every_column(table):
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in names(table) if f"`{name}`" not in page] == []


def test_the_schema_holds_every_column_with_a_meaning():
    for table, entry in json_schema()["$defs"].items():
        assert list(entry["properties"]) == names(table)
        assert all(
            column["description"].rstrip("`").endswith((".", "years")) for column in entry["properties"].values()
        )

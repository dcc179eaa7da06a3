"""A mapping says everything that a force's own extract needs to become canonical."""

from __future__ import annotations

import pytest

from breachpattern.errors import InputError
from breachpattern.ingest import Mapping, read_extract
from breachpattern.ingest.mapped import clean

EXPORT = [
    {
        "Crime No": "42/25", "Part": "1", "Record Type": "CRIME", "Date From": "01/02/2025", "Time From": "10:15",
        "Suspect 1": "P1", "Rel 1": "EX  Boyfriend", "Suspect 2": "P2", "Rel 2": "Work colleague",
        "Victim A": "V1", "Victim B": "V2", "Offence": "", "Old Offence": "Harassment", "MO": "rang,waited outside",
        "Beat": "B7",
    },
    {
        "Crime No": "43/25", "Part": "", "Record Type": "Non Crime", "Date From": "13/02/2025", "Time From": "",
        "Suspect 1": "", "Rel 1": "", "Suspect 2": "", "Rel 2": "", "Victim A": "", "Victim B": "V3",
        "Offence": "Stalking", "Old Offence": "Harassment", "MO": "", "Beat": "B7",
    },
    {"Crime No": "Total: 2", "Record Type": "", "Date From": "", "Victim A": ""},
    {"Crime No": "44/25", "Record Type": "FRAUD", "Date From": "14/02/2025"},
]  # fmt: skip
FORCE = """
[incidents]
date_formats = ["%d/%m/%Y %H:%M", "%d/%m/%Y"]
list_separator = ","
unused = ["Beat"]
[incidents.columns]
incident_id = { join = ["Crime No", "Part"], with = "-" }
kind = "record type"
occurred_from = { join = ["Date From", "Time From"], with = " " }
offence_text = { first = ["Offence", "Old Offence"] }
behaviours = "MO"
[incidents.constants]
force = "Northmarch"
[[incidents.wide]]
suspect_id = ["Suspect 1", "Suspect 2"]
relationship = ["Rel 1", "Rel 2"]
[[incidents.wide]]
victim_id = ["Victim A", "Victim B"]
[incidents.values.relationship]
"ex boyfriend" = "ex_partner"
"*colleague*" = "colleague"
[incidents.values.kind]
"non crime" = "incident"
[incidents.values.behaviours]
rang = "contact"
"waited outside" = "loiter"
[incidents.leave_out]
"Crime No" = ["Total*"]
[incidents.only]
"Record Type" = ["crime", "non crime", ""]
"""


def test_a_row_whose_joined_columns_are_all_blank_keeps_its_place():
    rows = [
        {"id": "I1", "when": "2025-02-01", "code": "8/65", "label": "x"},
        {"id": "I2", "when": "2025-02-02", "code": "", "label": ""},
        {"id": "I3", "when": "2025-02-03", "code": "", "label": "theft"},
    ]
    plan = """
        [incidents.columns]
        incident_id = "id"
        occurred_from = "when"
        offence_text = { join = ["code", "label"], with = " | " }
    """
    table = read_extract(rows, mapping=Mapping.parse(plan)).incidents
    assert table["incident_id"].to_pylist() == ["I1", "I2", "I3"]
    assert table["offence_text"].to_pylist() == ["8/65 | x", None, "theft"]


def test_a_mapping_turns_an_export_into_canonical_rows():
    extract = read_extract(EXPORT, mapping=Mapping.parse(FORCE))
    rows = extract.incidents.to_pylist()
    people = [
        (row["row"], row["incident_id"], row["suspect_id"], row["relationship"], row["victim_id"]) for row in rows
    ]
    assert people == [
        (2, "42/25-1", "P1", "ex_partner", "V1"),
        (2, "42/25-1", "P1", "ex_partner", "V2"),
        (2, "42/25-1", "P2", "colleague", "V1"),
        (2, "42/25-1", "P2", "colleague", "V2"),
        (3, "43/25", None, None, "V3"),
    ]
    assert [row["start"].isoformat() for row in rows[::4]] == ["2025-02-01T10:15:00+00:00", "2025-02-13T00:00:00+00:00"]
    assert {(row["kind"], row["offence_text"]) for row in rows} == {("crime", "Harassment"), ("incident", "Stalking")}
    assert {row["force"] for row in rows} == {"Northmarch"}
    assert (
        rows[0]["behaviours"]
        == read_extract([{"incident_id": "x", "occurred_from": "2025-02-01", "behaviours": "contact;loiter"}])
        .incidents["behaviours"][0]
        .as_py()
    )
    assert extract.rows["incidents"] == {
        "rows_in": 2, "accepted": 2, "rejected": 0, "duplicates": 0, "left_out": 2, "spread_to": 5,
    }  # fmt: skip
    assert set(extract.issues.by_code()) == {"rows_left_out"}


def wide(*rows):
    export = [{"id": i, "on": on, "s1": "P1", "s2": "P2", "v1": v1, "v2": "V2", "act": act} for i, on, v1, act in rows]
    mapping = """
        [incidents.columns]
        incident_id = "id"
        occurred_from = "on"
        channel = "act"
        [[incidents.wide]]
        suspect_id = ["s1", "s2"]
        [[incidents.wide]]
        victim_id = ["v1", "v2"]
    """
    return read_extract(export, mapping=Mapping.parse(mapping))


def test_a_source_row_is_counted_once_however_many_rows_it_becomes():
    extract = wide(
        ("1", "2025-03-01", "V1", "phone"),
        ("2", "soon", "V1", "phone"),
        ("1", "2025-03-01", "V1", "phone"),
        ("3", "2025-03-02", "V2", "pigeon"),
    )
    assert extract.rows["incidents"] == {
        "rows_in": 4, "accepted": 2, "rejected": 1, "duplicates": 1, "spread_to": 6,
    }  # fmt: skip
    assert extract.rejected["incidents"]["row"].to_pylist() == [3]
    assert extract.rejected_share == 0.25
    assert extract.incidents.num_rows == 6


def test_a_bad_cell_of_a_source_row_is_one_issue():
    found = wide(("1", "2025-03-01", "V1", "pigeon"), ("2", "soon", "V1", "phone")).issues.to_arrow().to_pylist()
    assert [(i["row"], i["column"], i["code"]) for i in found] == [
        (2, "channel", "unknown_value"),
        (3, "occurred_from", "unreadable_date"),
    ]


def test_orders_can_stand_in_the_file_of_the_incidents():
    rows = [
        {"id": "1", "on": "2025-03-01", "who": "P1", "to": "V1", "what": "741.31(4a)"},
        {"id": "2", "on": "2025-03-02", "who": "P1", "to": "V1", "what": "Order made"},
    ]
    mapping = Mapping.parse("""
        [incidents.columns]
        incident_id = "id"
        occurred_from = "on"
        [incidents.leave_out]
        what = ["order *"]
        [orders]
        from = "incidents"
        [orders.only]
        what = ["ORDER MADE"]
        [orders.columns]
        order_id = "id"
        made_on = "on"
        respondent_id = "who"
        [orders.constants]
        kind = "non_molestation"
    """)
    extract = read_extract(rows, mapping=mapping)
    assert extract.incidents["incident_id"].to_pylist() == ["1"]
    assert extract.orders["order_id"].to_pylist() == ["2"]
    assert extract.orders["row"].to_pylist() == [3]
    assert extract.rows["orders"]["left_out"] == 1


def test_without_a_section_canonical_names_are_taken_in_any_spelling():
    extract = read_extract([{"Incident ID": "1", "occurred-from": "2025-03-01", "Beat": "7"}], mapping=Mapping())
    assert extract.incidents["incident_id"].to_pylist() == ["1"]
    assert extract.issues.by_code() == {"nobody_named": 2, "unused_columns": 1}
    assert "Beat" in extract.issues.to_arrow()["message"][0].as_py()


def test_a_named_unused_column_is_not_read_even_under_a_canonical_name():
    rows = [{"incident_id": "1", "occurred_from": "2025-03-01", "kind": "rubbish", "suspect_id": "P", "victim_id": "V"}]
    extract = read_extract(rows, mapping=Mapping.parse('[incidents]\nunused = ["kind"]'))
    assert extract.incidents["kind"].to_pylist() == ["incident"]
    assert len(extract.issues) == 0


def test_a_time_zone_of_the_mapping_decides_what_a_clock_means():
    rows = [{"incident_id": "1", "occurred_from": "2025-07-01T12:00"}]
    utc = read_extract(rows, mapping=Mapping.parse('[incidents]\ntime_zone = "UTC"'))
    assert utc.incidents["start"][0].as_py().isoformat() == "2025-07-01T12:00:00+00:00"
    assert read_extract(rows).incidents["start"][0].as_py().isoformat() == "2025-07-01T11:00:00+00:00"


def test_iso_is_read_before_the_formats_of_the_mapping():
    rows = [{"incident_id": "1", "occurred_from": "2025-03-04"}, {"incident_id": "2", "occurred_from": "2025/04/03"}]
    found = read_extract(rows, mapping=Mapping.parse('[incidents]\ndate_formats = ["%Y-%d-%m", "%Y/%d/%m"]'))
    assert [start.isoformat()[:10] for start in found.incidents["start"].to_pylist()] == ["2025-03-04", "2025-03-04"]


def test_a_missing_column_names_what_would_help(tmp_path):
    (tmp_path / "rms.csv").write_text("Crime No,When\n1,2025-03-01\n")
    with pytest.raises(InputError, match=r"rms.csv, incidents: There is no column incident_id .*`breachpattern map`"):
        read_extract(tmp_path / "rms.csv")
    half = Mapping.parse('[incidents.columns]\nincident_id = "Crime No"')
    with pytest.raises(InputError, match=r'no column occurred_from.* occurred_from = "…" under \[incidents.columns\]'):
        read_extract(tmp_path / "rms.csv", mapping=half)


def test_clean_trims_and_keeps_what_only_looks_blank():
    import pyarrow as pa

    assert clean(pa.chunked_array([["\u00a0a\t", "NULL"], ["\n", "-"]])).to_pylist() == ["a", "NULL", None, "-"]


def test_a_column_by_which_rows_are_left_out_is_not_told_as_unread():
    plan = Mapping.parse('[incidents.leave_out]\n"Total" = ["y"]')
    rows = [
        {"incident_id": "C1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1", "Total": total}
        for total in ("y", "n")
    ]
    extract = read_extract(rows, mapping=plan)
    assert set(extract.issues.by_code()) == {"rows_left_out"}

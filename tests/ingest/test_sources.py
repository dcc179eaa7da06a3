"""One table, however it arrives: CSV in every encoding, workbooks, Parquet, JSON Lines, databases and frames."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import sqlite3

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.ingest import read_extract
from breachpattern.ingest.csv_text import read
from breachpattern.ingest.frames import column_as_text, from_frame
from breachpattern.ingest.mapping import Mapping
from breachpattern.ingest.sources import Layout, TextTable, read_source
from breachpattern.records import Incident

ROWS = [
    {
        "incident_id": "007",
        "occurred_from": "2025-03-01T10:15",
        "suspect_id": "NA",
        "victim_id": "V1",
        "means": "René, “quoted”\nand more",
    },
    {"incident_id": "7", "occurred_from": "2025-03-02", "suspect_id": "null", "victim_id": "V1", "means": None},
    {
        "incident_id": "=1+1",
        "occurred_from": "2025-03-03T00:00",
        "suspect_id": "None",
        "victim_id": "V1",
        "means": "0042",
    },
]
NAMES = list(ROWS[0])


def as_csv(rows=ROWS, newline="\n", delimiter=",", encoding="utf-8"):
    out = io.StringIO()
    writer = csv.DictWriter(out, NAMES, lineterminator=newline, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def wanted():
    return read_extract(ROWS).incidents


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", as_csv()),
        ("bom.csv", b"\xef\xbb\xbf" + as_csv()),
        ("windows.csv", as_csv(newline="\r\n")),
        ("semicolons.csv", as_csv(delimiter=";")),
        ("tabs.csv", as_csv(delimiter="\t")),
        ("tabs.tsv", as_csv(delimiter="\t")),
        ("zipped.tsv.gz", gzip.compress(as_csv(delimiter="\t"), mtime=0)),
        ("semicolons.txt", as_csv(delimiter=";")),
        ("zipped.csv.gz", gzip.compress(as_csv(), mtime=0)),
        ("cp1252.csv", as_csv(encoding="cp1252")),
        ("utf16.csv", as_csv(encoding="utf-16")),
        ("lines.jsonl", "\n".join(json.dumps(row) for row in ROWS).encode()),
    ],
)
def test_every_file_gives_the_same_table(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    extract = read_extract(tmp_path / name)
    assert extract.incidents.drop_columns("row").equals(wanted().drop_columns("row"))
    assert len(extract.sources["incidents"]["sha256"]) == 64
    codes = extract.issues.by_code()
    assert codes == ({"not_utf8": 1} if name in ("cp1252.csv", "utf16.csv") else {})
    if name == "cp1252.csv":
        issue = extract.issues.to_arrow().to_pylist()[0]
        assert (issue["row"], issue["file"]) == (None, name)
        assert "cp1252" in issue["message"]


def test_frames_and_records_give_the_same_table():
    frames = [
        pd.DataFrame(ROWS),
        pl.DataFrame(ROWS),
        pa.Table.from_pylist(ROWS),
        pa.RecordBatch.from_pylist(ROWS),
        [Incident(**row) for row in ROWS],
        (row for row in ROWS),
    ]
    for frame in frames:
        found = read_extract(frame)
        assert found.incidents.drop_columns("row").equals(wanted().drop_columns("row"))
        assert found.sources["incidents"]["name"] == "incidents"


def test_parquet_and_databases_give_the_same_table(tmp_path):
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "x.parquet")
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        pd.DataFrame(ROWS).to_sql("incidents", connection, index=False)
    connection.close()
    with duckdb.connect(tmp_path / "x.duckdb") as duck:
        table = pa.Table.from_pylist(ROWS)
        duck.register("given", table)
        duck.execute("CREATE TABLE crimes AS SELECT * FROM given")
    query = "SELECT * FROM crimes"
    for source, sql in [
        (tmp_path / "x.parquet", None),
        (f"sqlite:///{tmp_path}/x.sqlite", None),
        (f"sqlite:///{tmp_path}/x.sqlite", {"incidents": "SELECT * FROM incidents"}),
        (f"duckdb:///{tmp_path}/x.duckdb", query),
    ]:
        assert read_extract(source, query=sql).incidents.equals(wanted()), source


def test_a_workbook_gives_the_same_table(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Read me"
    book.active.append(["The crimes stand on the other sheet."])
    sheet = book.create_sheet("Incidents")
    sheet.append(NAMES)
    for row in ROWS:
        sheet.append(["'" if value == "=1+1" else value for value in row.values()])
    book.save(tmp_path / "x.xlsx")
    found = read_extract(tmp_path / "x.xlsx").incidents
    assert found["incident_id"].to_pylist() == ["007", "7", "'"]
    assert found.drop_columns("incident_id").equals(wanted().drop_columns("incident_id"))


def workbook(path, *sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, incident in sheets:
        sheet = book.create_sheet(title)
        for row in (["incident_id", "occurred_from"], [incident, "2025-03-01"]) if incident else ():
            sheet.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("sheets", "read", "unread"),
    [
        ([("Crimes", "C1"), ("Closed", "C2"), ("Blank", ""), ("Old", "C3")], "C1", "Closed; Old"),
        ([("Closed", "C2"), (" INCIDENTS ", "C1")], "C1", "Closed"),
        ([("Crimes", "C1"), ("Orders", "O1"), ("persons", "P1")], "C1", ""),
        ([("Crimes", "C1"), ("Blank", "")], "C1", ""),
    ],
)
def test_a_sheet_with_rows_that_was_not_read_is_told(tmp_path, sheets, read, unread):
    path = workbook(tmp_path / "x.xlsx", *sheets)
    extract = read_extract(path)
    assert extract.incidents["incident_id"].to_pylist() == [read]
    told = [row for row in extract.issues.to_arrow().to_pylist() if row["code"] == "sheets_not_read"]
    assert [row["value"] for row in told] == ([unread] if unread else [])
    if told:
        kept = next(title for title, incident in sheets if incident == read)
        assert told[0]["message"].startswith(f"The sheet '{kept}' was read and no other; there are rows in 'Closed'")
        assert "sheet = ..." in told[0]["hint"]
        chosen = Mapping.parse(f'[incidents]\nsheet = "{kept}"')
        assert "sheets_not_read" not in read_extract(path, mapping=chosen).issues.by_code()


def test_a_workbook_keeps_numbers_days_and_lines(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Crimes", None, None])
    sheet.append([])
    sheet.append(["incident_id", "occurred_from", "reported_at", "act_count"])
    sheet.append([42, dt.datetime(2025, 3, 1), dt.datetime(2025, 3, 1, 10, 15), 50])
    sheet.append([None, None, None, None])
    sheet.append(["C2", dt.datetime(2025, 3, 2), dt.datetime(2025, 3, 2), 1.0])
    book.save(tmp_path / "x.xlsx")
    table = read_source(tmp_path / "x.xlsx", "incidents", Layout(header_row=3))
    assert table.rows.tolist() == [4, 6]
    assert table.data.to_pylist() == [
        {"incident_id": "42", "occurred_from": "2025-03-01", "reported_at": "2025-03-01T10:15:00", "act_count": "50"},
        {"incident_id": "C2", "occurred_from": "2025-03-02", "reported_at": "2025-03-02", "act_count": "1"},
    ]


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r")), min_size=3, max_size=3)))
def test_whatever_text_survives_a_csv(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *rows])
    found = read(out.getvalue().encode(), "x.csv", None, Layout())

    def filled(table):
        return [row for row in table if any((cell or "").strip() for cell in row)]

    got = [list(row.values()) for row in found.data.to_pylist()]
    assert filled(got) == filled([[cell or None for cell in row] for row in rows])


def test_rows_count_as_a_spreadsheet_counts_them():
    content = b'id,note\n1,"two\nlines"\n\n2,x\n3,a,b\n4\n5,y,\n'
    found = read(content, "x.csv", None, Layout())
    assert found.data["id"].to_pylist() == ["1", "2", "4", "5"]
    assert found.rows.tolist() == [2, 4, 6, 7]
    assert found.short == (6,)
    assert [(b.row, b.code) for b in found.broken] == [(5, "too_many_cells")]


def test_a_row_that_does_not_fit_is_accounted_for(tmp_path):
    file = tmp_path / "x.csv"
    file.write_bytes(b"incident_id,occurred_from\nC1,2025-03-01\nC2,2025-03-02,extra\nC3\n")
    extract = read_extract(file)
    assert extract.rows["incidents"] == {"rows_in": 3, "accepted": 1, "rejected": 2, "duplicates": 0}
    rejected = extract.rejected["incidents"].to_pylist()
    assert [(row["row"], row["incident_id"], row["line"]) for row in rejected] == [
        (4, "C3", None),
        (3, None, "C2,2025-03-02,extra"),
    ]
    assert extract.issues.by_code() == {"missing_value": 1, "short_row": 1, "nobody_named": 2, "too_many_cells": 1}


def test_header_and_delimiter_can_be_named():
    content = b"Crimes of 2025\nmade by nobody\nid|name\n1|x,y\n"
    found = read(content, "x.csv", None, Layout(header_row=3))
    assert found.data.to_pylist() == [{"id": "1", "name": "x,y"}]
    assert found.rows.tolist() == [4]
    forced = read(b"id;name,x\n1;2\n", "x.csv", None, Layout(delimiter=";"))
    assert forced.data.column_names == ["id", "name,x"]


def test_a_quote_inside_a_cell_is_a_quote():
    found = read(b'id,note\n1,a 6" nail\n2,"said ""no"""\n', "x.csv", None, Layout())
    assert found.data["note"].to_pylist() == ['a 6" nail', 'said "no"']


def test_a_broken_line_of_json_is_accounted_for(tmp_path):
    file = tmp_path / "x.jsonl"
    file.write_text('{"incident_id": "C1", "occurred_from": "2025-03-01", "act_count": 5}\n{oops\n\n"text"\n')
    extract = read_extract(file)
    assert extract.rows["incidents"] == {"rows_in": 3, "accepted": 1, "rejected": 2, "duplicates": 0}
    assert extract.rejected["incidents"]["row"].to_pylist() == [2, 4]
    assert extract.incidents["act_count"].to_pylist() == [5]


def test_typed_columns_become_text():
    frame = pd.DataFrame(
        {
            "number": pd.array([1, None, 3], dtype="Int64"),
            "float": [42.0, np.nan, 0.5],
            "mixed": [1, "x", None],
            "day": pd.to_datetime(["2025-03-01", None, "2025-03-02"]),
            "time": pd.to_datetime(["2025-03-01T00:00:00.0", None, "2025-03-02T10:15:30.5"]),
            "zoned": pd.to_datetime(["2025-07-01T12:00", None, None]).tz_localize("Europe/London"),
            "true": pd.array([True, None, False], dtype="boolean"),
            "category": pd.Categorical(["a", None, "a"]),
        }
    )
    assert from_frame(frame, "x").data.to_pydict() == {
        "number": ["1", None, "3"],
        "float": ["42", None, "0.5"],
        "mixed": ["1", "x", None],
        "day": ["2025-03-01", None, "2025-03-02"],
        "time": ["2025-03-01 00:00:00", None, "2025-03-02 10:15:30"],
        "zoned": ["2025-07-01 11:00:00Z", None, None],
        "true": ["true", None, "false"],
        "category": ["a", None, "a"],
    }
    lists = column_as_text(pa.array([["contact", "threat"], [], None]))
    assert lists.to_pylist() == ["contact;threat", None, None]
    assert column_as_text(pa.array([dt.date(2025, 3, 1)], pa.date64())).to_pylist() == ["2025-03-01"]
    assert column_as_text(pa.array(["x"], pa.large_string())).type == pa.string()


def test_typed_database_columns_become_text(tmp_path):
    with duckdb.connect(tmp_path / "x.duckdb") as duck:
        duck.execute("CREATE TABLE incidents (incident_id INTEGER, occurred_from TIMESTAMP, lat DOUBLE, lon DOUBLE)")
        duck.execute("INSERT INTO incidents VALUES (7, '2025-03-01 10:15:00', 51.5, -1)")
    found = read_extract(f"duckdb:///{tmp_path}/x.duckdb").incidents.to_pylist()[0]
    assert (found["incident_id"], found["lat"]) == ("7", 51.5)
    assert found["start"] == dt.datetime(2025, 3, 1, 10, 15, tzinfo=dt.UTC)


def test_a_text_table_passes_through():
    given_table = TextTable("mine", pa.table({"a": ["1"]}), np.array([9]))
    assert read_source(given_table, "incidents") is given_table

"""Wrong files, one by one: each is refused in one readable paragraph that says where and what would work."""

from __future__ import annotations

import gzip
import io
import sqlite3

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from breachpattern.errors import InputError, MappingError
from breachpattern.ingest import Mapping, read_extract

HEADER = b"incident_id,occurred_from,suspect_id,victim_id\n"
GOOD = HEADER + b"C1,2025-03-01T10:15,P1,V1\nC2,2025-03-08,P1,V1\n"


def workbook(rows, *, merge=None, title="Sheet"):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet():
    out = io.BytesIO()
    pq.write_table(pa.table({"incident_id": ["C1"]}), out)
    return out.getvalue()


# file name, content, words that the message must hold
REFUSED = [
    ("empty.csv", b"", ["empty.csv", "file is empty", "Export it again"]),
    ("empty.csv.gz", gzip.compress(b""), ["file is empty"]),
    ("blank.csv", b"\n\n\n", ["Line 1 holds no column names", "header_row"]),
    ("commas.csv", b",,,\n1,2,3,4\n", ["Line 1 holds no column names"]),
    ("nameless.csv", b"a,b\n1,2\n", ["no column incident_id", "none occurred_from", "a, b", "breachpattern map"]),
    ("no_date.csv", b"incident_id,when\nC1,2025-03-01\n", ["no column occurred_from", "incident_id, when"]),
    ("twice.csv", b"incident_id,occurred_from,Kind,kind\n", ["Two columns are called 'kind'"]),
    ("cut.csv.gz", gzip.compress(GOOD * 500)[:-40], ["cut off or damaged", "cut.csv.gz"]),
    ("not_really.csv.gz", b"\x1f\x8bnonsense", ["cut off or damaged"]),
    ("renamed.csv", workbook([["incident_id"]]), ["name says CSV", "Excel workbook or a zip", "right ending"]),
    ("parquet.csv", parquet(), ["this is a Parquet file"]),
    ("binary.csv", b"\x00\x01\x02" * 50, ["binary data, not text"]),
    ("half_utf16.csv", GOOD.decode().encode("utf-16")[:-1], ["UTF-16 text is cut off"]),
    (
        "open_quote.csv",
        GOOD + b'C3,2025-03-09,"P1,V1\nC4,2025-03-10,P1,V1\n',
        ["open_quote.csv, row 4", "never closed"],
    ),
    ("book.xlsx", b"PK\x03\x04 not a workbook", ["book.xlsx", "not an Excel workbook, or it is damaged"]),
    ("text.xlsx", GOOD, ["not an Excel workbook"]),
    ("nothing.xlsx", workbook([]), ["workbook is empty"]),
    (
        "merged.xlsx",
        workbook([["Crimes of 2025", None, None], ["incident_id", "occurred_from", "x"]], merge="A1:C1"),
        ["line 1 are merged", "header_row"],
    ),
    (
        "table.parquet",
        b"not parquet at all",
        ["table.parquet", "not Parquet or is damaged: it does not begin as one. Export"],
    ),
    ("cut.parquet", parquet()[:-9], ["not Parquet or is damaged"]),
    ("words.jsonl", b"once upon a time\n", ["No line is a JSON object"]),
    ("list.jsonl", b"[1, 2]\n[3]\n", ["No line is a JSON object"]),
    ("notes.docx", b"anything", ["end in '.docx'", ".csv, .csv.gz, .tsv, .tsv.gz, .txt, .xlsx, .parquet, .jsonl"]),
    ("incidents", b"anything", ["no ending"]),
]


@pytest.mark.parametrize(("name", "content", "words"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_wrong_file_is_refused_in_words(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_extract(tmp_path / name)
    said = str(caught.value)
    assert "\n" not in said
    assert caught.value.where
    for word in words:
        assert word in said


def test_a_folder_and_a_missing_file_are_refused_in_words(tmp_path):
    (tmp_path / "crimes.csv").write_bytes(GOOD)
    with pytest.raises(InputError, match="folder, not a file"):
        read_extract(tmp_path)
    with pytest.raises(InputError, match=r"no such file\. Files there: crimes\.csv"):
        read_extract(tmp_path / "crime.csv")
    for n in range(7):
        (tmp_path / f"orders_{n}.csv").write_bytes(GOOD)
    with pytest.raises(InputError, match=r"Files there: crimes\.csv and 7 more\."):
        read_extract(tmp_path / "crime.csv")
    with pytest.raises(InputError, match=r"no such file\. Check the path"):
        read_extract(tmp_path / "nowhere" / "crime.csv")


def test_what_is_no_table_is_refused_in_words():
    with pytest.raises(InputError, match="A int is not a table"):
        read_extract(42)
    with pytest.raises(InputError, match=r"record 2: A record is a str"):
        read_extract([{"incident_id": "C1", "occurred_from": "2025-03-01"}, "C2"])


def test_databases_are_refused_in_words_and_without_passwords(tmp_path):
    sqlite3.connect(tmp_path / "rms.sqlite").close()
    (tmp_path / "broken.sqlite").write_bytes(b"this is no database" * 100)
    (tmp_path / "broken.duckdb").write_bytes(b"this is no database" * 100)
    cases = [
        (f"sqlite:///{tmp_path}/rms.sqlite", "no such table: incidents"),
        (f"sqlite:///{tmp_path}/nowhere.sqlite", "no such database file"),
        (f"sqlite:///{tmp_path}/broken.sqlite", "not a database"),
        (f"duckdb:///{tmp_path}/nowhere.duckdb", "no such database file"),
        (f"duckdb:///{tmp_path}/broken.duckdb", "not a valid DuckDB"),
        ("nosuch://ann:secret@host/db", "database URL is not understood"),
    ]
    for url, words in cases:
        with pytest.raises(InputError) as caught:
            read_extract(url)
        assert words in str(caught.value)
        assert "secret" not in str(caught.value)
        assert "\n" not in str(caught.value)


MAPPINGS = [
    ("incidents = 3", ["[incidents] must be a section"]),
    ("[incident]", ["'incident' is not a table", "Did you mean 'incidents'?"]),
    ("[incidents]\ncolumn = 1", ["'column' is not a key of a mapping", "Did you mean 'columns'?"]),
    ("[incidents.columns]\nsuspect = 'A'", ["'suspect' is not a column of incidents", "Columns: incident_id"]),
    ("[incidents.columns]\nsuspect_id = 3", ["suspect_id is not understood", "join"]),
    ("[incidents.columns]\nsuspect_id = { join = ['A'] }", ["suspect_id is not understood"]),
    ("[incidents.columns]\nsuspect_id = { first = [] , }", ["TOML"]),
    ("[incidents.columns]\nsuspect_id = { first = [] }", ["A list of texts is needed"]),
    ("[incidents.values.channel]\nfax = 1", ["must be text in quotes"]),
    ("[incidents]\nvalues = 'x'", ["must be a section"]),
    ("[incidents]\nheader_row = 0", ["header_row must be a line number"]),
    ("[incidents]\ndelimiter = 'ab'", ["delimiter must be one character"]),
    ("[incidents]\ntime_zone = 'Mars/Olympus'", ["no time zone 'Mars/Olympus'"]),
    ("[incidents]\ndate_formats = ['%H:%M']", ["'%H:%M' does not give day, month and year"]),
    ("[incidents]\ndate_formats = ['%d/%m/%Y %Q']", ["does not give day, month and year"]),
    ("[incidents]\nwide = 'x'", ["wide must name lists"]),
    ("[[incidents.wide]]\nsuspect_id=['A','B']\nrelationship=['C']", ["equally long"]),
    ("[incidents.columns]\nforce='A'\n[incidents.constants]\nforce='B'", ["force is given twice"]),
    ("[orders]\nfrom = 'orders'", ["'orders' is not another table"]),
    ("[incidents]\nsheet = 1", ["sheet must be text"]),
    ("[incidents\n", ["not valid TOML"]),
]


@pytest.mark.parametrize(("text", "words"), MAPPINGS, ids=[str(i) for i in range(len(MAPPINGS))])
def test_a_wrong_mapping_is_refused_in_words(text, words):
    with pytest.raises(MappingError) as caught:
        Mapping.parse(text, "force.toml")
    said = str(caught.value)
    assert said.startswith("force.toml")
    assert "\n" not in said
    for word in words:
        assert word in said


def test_a_mapping_that_does_not_fit_is_refused_in_words(tmp_path):
    file = tmp_path / "crimes.csv"
    file.write_bytes(GOOD)
    for text, words in [
        (
            "[incidents.columns]\nkind = 'Suspect'",
            ["column 'Suspect', which is not there", "The columns are incident_id"],
        ),
        ("[incidents.only]\nKnd = ['x']", ["'Knd', which is not there"]),
        ("[incidents]\nunused = ['Beat']", ["'Beat', which is not there"]),
        ("[incidents.wide]\nsuspect_id = ['suspect_id', 'suspect_2']", ["'suspect_2'", "Did you mean 'suspect_id'?"]),
    ]:
        with pytest.raises(MappingError) as caught:
            read_extract(file, mapping=Mapping.parse(text))
        for word in words:
            assert word in str(caught.value)
    with pytest.raises(MappingError, match="no such mapping file"):
        read_extract(file, mapping=tmp_path / "nowhere.toml")
    (tmp_path / "latin.toml").write_bytes(b"[incidents]\n# caf\xe9\n")
    with pytest.raises(MappingError, match="not UTF-8"):
        read_extract(file, mapping=tmp_path / "latin.toml")


# Rows that cost something: the cell, and what is said of it.
ROWS = (
    HEADER.strip()
    + b",reported_at,recorded_at,occurred_to,channel,act_count,lat,lon,domestic_abuse,postcode,breach_of\n"
)
DOUBTFUL = [
    (b",2025-03-01,P1,V1,,,,,,,,,,", "incident_id", "missing_value", "error"),
    (b"C,,P1,V1,,,,,,,,,,", "occurred_from", "missing_value", "error"),
    (b"C,01/02/2025,P1,V1,,,,,,,,,,", "occurred_from", "ambiguous_date", "error"),
    (b"C,31/12/2025,P1,V1,,,,,,,,,,", "occurred_from", "unreadable_date", "error"),
    (b"C,2025-02-31,P1,V1,,,,,,,,,,", "occurred_from", "impossible_date", "error"),
    (b"C,1825-02-01,P1,V1,,,,,,,,,,", "occurred_from", "year_out_of_range", "error"),
    (b"C,2052-02-01,P1,V1,,,,,,,,,,", "occurred_from", "occurs_in_future", "error"),
    (b"C,2025-03-30T01:30,P1,V1,,,,,,,,,,", "occurred_from", "impossible_clock_time", "warning"),
    (b"C,2025-10-26T01:30,P1,V1,,,,,,,,,,", "occurred_from", "repeated_clock_time", "info"),
    (b"C,2025-03-01,P1,V1,soon,,,,,,,,,", "reported_at", "unreadable_date", "warning"),
    (b"C,2025-03-01,P1,V1,2025-02-01,,,,,,,,,", "reported_at", "known_before_it_happened", "warning"),
    (b"C,2025-03-01,P1,V1,,2062-02-01,,,,,,,,", "recorded_at", "known_in_future", "warning"),
    (b"C,2025-03-01,P1,V1,,,2025-02-01,,,,,,,", "occurred_to", "ends_before_it_begins", "warning"),
    (b"C,2025-03-01,P1,V1,,,,pigeon,,,,,,", "channel", "unknown_value", "warning"),
    (b"C,2025-03-01,P1,V1,,,,,many,,,,,", "act_count", "unreadable_number", "warning"),
    (b"C,2025-03-01,P1,V1,,,,,0,,,,,", "act_count", "out_of_range", "warning"),
    (b"C,2025-03-01,P1,V1,,,,,,91,0,,,", "lat", "out_of_range", "warning"),
    (b"C,2025-03-01,P1,V1,,,,,,51,,,,", "lat", "half_a_place", "info"),
    (b"C,2025-03-01,P1,V1,,,,,,,,perhaps,,", "domestic_abuse", "unreadable_boolean", "warning"),
    (b"C,2025-03-01,P1,V1,,,,,,,,,somewhere,", "postcode", "unreadable_postcode", "warning"),
    (b"C,2025-03-01,P1,P1,,,,,,,,,,", "victim_id", "suspect_is_victim", "warning"),
    (b"C,2025-03-01,P1,V1,,,,,,,,,,O9", "breach_of", "unknown_reference", "info"),
]


@pytest.mark.parametrize(("line", "column", "code", "severity"), DOUBTFUL, ids=[case[2] for case in DOUBTFUL])
def test_a_doubtful_cell_is_named_and_takes_no_good_row_with_it(tmp_path, line, column, code, severity):
    file = tmp_path / "crimes.csv"
    file.write_bytes(ROWS + b"G1,2025-03-01,P1,V1,,,,,,,,,,\n" + line + b"\nG2,2025-03-02,P1,V1,,,,,,,,,,\n")
    extract = read_extract(file, orders=[])
    issues = [issue for issue in extract.issues.to_arrow().to_pylist() if issue["row"] is not None]
    assert [(i["row"], i["column"], i["code"], i["severity"]) for i in issues] == [(3, column, code, severity)]
    assert issues[0]["message"]
    assert issues[0]["hint"]
    kept = extract.incidents["incident_id"].to_pylist()
    assert kept == (["G1", "G2"] if severity == "error" else ["G1", "C", "G2"])
    rejected = extract.rejected["incidents"].to_pylist()
    assert [row["row"] for row in rejected] == ([3] if severity == "error" else [])
    assert all(row["reason"] for row in rejected)

"""Databases are read and never changed, and their passwords are said nowhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import duckdb
import pytest

from breachpattern.errors import InputError
from breachpattern.ingest import read_extract
from breachpattern.ingest.databases import read

CHANGES = [
    "drop table incidents",
    "create table left_behind (x int)",
    "delete from incidents returning *",
    "update incidents set incident_id = 'C9' returning *",
    "insert into incidents values ('C2', '2025-03-02') returning *",
    "with gone as (select 1) delete from incidents returning *",
    "pragma query_only = off; drop table incidents",
    "select * from incidents; drop table incidents",
    "/* select */ drop table incidents",
    "attach 'other.sqlite' as other",
    "vacuum",
    "",
]


@pytest.fixture
def sqlite(tmp_path):
    with closing(sqlite3.connect(tmp_path / "t.sqlite")) as connection, connection:
        connection.execute("create table incidents (incident_id text, occurred_from text)")
        connection.execute("insert into incidents values ('C1', '2025-03-01')")
    return tmp_path / "t.sqlite"


@pytest.fixture
def duck(tmp_path):
    with duckdb.connect(tmp_path / "t.duckdb") as connection:
        connection.execute("create table incidents as select 'C1' as incident_id, '2025-03-01' as occurred_from")
    return tmp_path / "t.duckdb"


@pytest.mark.parametrize("query", CHANGES)
def test_a_query_that_could_change_a_database_is_refused_and_changes_nothing(sqlite, query):
    before = sqlite.read_bytes()
    if query:
        with pytest.raises(InputError):
            read_extract(f"sqlite:///{sqlite}", query=query)
    assert sqlite.read_bytes() == before
    assert read(f"sqlite:///{sqlite}", "incidents", None).data["incident_id"].to_pylist() == ["C1"]


def test_the_refusal_says_what_would_work(sqlite):
    with pytest.raises(InputError, match=r"t\.sqlite: The query gives no table\. Write a SELECT\.$"):
        read(f"sqlite:///{sqlite}", "incidents", "drop table incidents")


def test_the_database_itself_is_open_for_reading_only(sqlite, monkeypatch):
    monkeypatch.setattr("breachpattern.ingest.databases.check_query", lambda query, _where: query)
    for query in ("drop table incidents", "delete from incidents returning *"):
        with pytest.raises(InputError, match=r"readonly|read-only"):
            read(f"sqlite:///{sqlite}", "incidents", query)
    assert read(f"sqlite:///{sqlite}", "incidents", None).data.num_rows == 1


@pytest.mark.parametrize(
    "query", ["copy incidents to 'leak.csv'", "copy (select 1) to 'leak.csv'", "export database 'leak'", "drop table x"]
)
def test_duckdb_writes_no_file(duck, query, monkeypatch):
    monkeypatch.chdir(duck.parent)
    with pytest.raises(InputError):
        read(f"duckdb:///{duck}", "incidents", query)
    monkeypatch.setattr("breachpattern.ingest.databases.check_query", lambda query, _where: query)
    with pytest.raises(InputError):
        read(f"duckdb:///{duck}", "incidents", query)
    assert [path.name for path in duck.parent.iterdir()] == ["t.duckdb"]


def test_what_only_reads_is_read(sqlite, duck):
    for query in (
        "SELECT * FROM incidents;",
        "with x as (select * from incidents) select * from x",
        "-- all of them\nselect replace(incident_id, 'X', ';') as incident_id, occurred_from from incidents",
        "(select incident_id, occurred_from from incidents)",
        "select incident_id, occurred_from, 'do not delete: x' as \"update\" from incidents where 'a;b' <> 'c'",
    ):
        assert read(f"duckdb:///{duck}", "incidents", query).data["incident_id"].to_pylist() == ["C1"]
        if not query.startswith("("):
            assert read(f"sqlite:///{sqlite}", "incidents", query).data["incident_id"].to_pylist() == ["C1"]
    assert read(f"duckdb:///{duck}", "x", "values (1)").data.num_rows == 1


def test_a_percent_sign_and_a_colon_reach_the_database_as_they_are(sqlite):
    query = "select incident_id from incidents where incident_id like 'C%' and occurred_from <> '10:15:x'"
    assert read(f"sqlite:///{sqlite}", "incidents", query).data.num_rows == 1


def test_a_password_in_an_address_is_in_no_issue_and_no_rejected_row(sqlite):
    query = "select incident_id, 'soon' as occurred_from, 1 as further from incidents"
    extract = read_extract(f"sqlite:///{sqlite}?password=s3cret", query=query)
    said = f"{extract.issues.to_arrow().to_pylist()} {extract.rejected} {extract.sources}"
    assert "s3cret" not in said
    assert "?password=***" in said


@pytest.mark.parametrize(
    "url",
    [
        "mssql+pyodbc:///?odbc_connect=Driver%3Dx%3BUID%3Dme%3BPWD%3Ds3cret",
        "postgresql:/me:s3cret@h/db",
        "postgresql:me:s3cret@h/db",
        "postgresql://me:s3cret two@localhost:1/db",
        "postgresql://me:s3cret@localhost:one/db",
        "nosuch://me:s3cret@h/db",
    ],
)
def test_a_password_is_in_no_message(url):
    with pytest.raises(Exception) as caught:
        read_extract(url)
    assert "s3cret" not in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_one_slash_is_no_file_name():
    with pytest.raises(InputError, match=r"looks like a database URL.*://"):
        read_extract("postgresql:/me:s3cret@h/db")


def test_errors_are_told_apart_and_end_their_sentences(sqlite, duck, tmp_path):
    (tmp_path / "broken.sqlite").write_bytes(b"this is no database" * 100)
    (tmp_path / "broken.duckdb").write_bytes(b"this is no database" * 100)
    for url, table, words in [
        (f"sqlite:///{sqlite}", "nosuch", "no such table: nosuch. Check the query"),
        (f"sqlite:///{tmp_path}/broken.sqlite", "incidents", "file is not a database. Check that the address names"),
        (f"duckdb:///{tmp_path}/broken.duckdb", "incidents", "Check that the address names"),
        ("nosense://u@h/d", "incidents", "no kind of database 'nosense'. Known are"),
    ]:
        with pytest.raises(InputError) as caught:
            read(url, table, None)
        assert words in str(caught.value)
        assert "sqlalchemy.dialects" not in str(caught.value)
    with pytest.raises(InputError) as caught:
        read(f"duckdb:///{duck}", "nosuch", None)
    assert "Did you mean" not in str(caught.value)

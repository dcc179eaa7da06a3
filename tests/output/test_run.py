import json

import pyarrow as pa
import pytest

from breachpattern.errors import OutputError, UsageError
from breachpattern.output.files import Rows
from breachpattern.output.run import BUFFER, write_run

SUMMARY = {"versions": {"breachpattern": "0"}, "inputs": [{"name": "duckdb://me:secret@h/x"}]}
TABLES = {"breaches": pa.table({"id": ["=1"]}), "findings": pa.table({"finding_id": ["F1"]})}
LINES = ['{"finding_id":"F1","headline":"é"}', '{"finding_id":"F2"}']
PIECES = [[pa.py_buffer(f"{LINES[0]}\n".encode())], [], [memoryview(LINES[1].encode()), b"\n"]]


@pytest.mark.parametrize(
    ("format", "files"),
    [
        ("csv", ["breaches.csv", "findings.csv", "findings.jsonl"]),
        ("parquet", ["breaches.parquet", "findings.jsonl", "findings.parquet"]),
        ("jsonl", ["breaches.jsonl", "findings.jsonl"]),
    ],
)
def test_the_files_of_a_run_are_those_that_the_summary_names(tmp_path, format, files):
    out = write_run(
        tmp_path / "run",
        TABLES,
        SUMMARY,
        lines=PIECES,
        format=format,
    )
    summary = json.loads((out / "summary.json").read_text())
    assert summary["files"] == [*files, "summary.json"]
    assert sorted(p.name for p in out.iterdir()) == summary["files"]
    assert (out / "findings.jsonl").read_text(encoding="utf-8") == "".join(f"{line}\n" for line in LINES)
    assert "secret" not in (out / "summary.json").read_text()


def test_a_second_run_replaces_the_first_whatever_its_format(tmp_path):
    write_run(
        tmp_path / "run",
        TABLES,
        SUMMARY,
        lines=PIECES,
        format="parquet",
    )
    out = write_run(
        tmp_path / "run",
        TABLES,
        SUMMARY,
        lines=PIECES,
    )
    assert not list(out.glob("*.parquet"))


def test_a_failure_between_two_findings_leaves_nothing(tmp_path):
    def lines():
        yield PIECES[0]
        raise ValueError("no JSON")

    with pytest.raises(ValueError, match="JSON"):
        write_run(tmp_path / "run", TABLES, SUMMARY, lines=lines())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_goes_wrong_beside_leaves_nothing(tmp_path, wrong):
    def make():
        raise wrong

    broken = Rows.later(TABLES["breaches"].schema, 1, make)
    with pytest.raises(KeyboardInterrupt if isinstance(wrong, KeyboardInterrupt) else OutputError):
        write_run(tmp_path / "run", {"breaches": broken}, SUMMARY, lines=PIECES)
    assert list(tmp_path.iterdir()) == []


def test_lines_are_made_no_further_ahead_than_memory_allows(tmp_path):
    part = b"x" * (BUFFER - 1) + b"\n"

    def lines():
        for number in range(20):
            (written,) = tmp_path.glob(".*/findings.jsonl")
            assert written.stat().st_size >= (number - 3) * len(part)
            yield [part]

    out = write_run(tmp_path / "run", {}, SUMMARY, lines=lines())
    assert (out / "findings.jsonl").read_bytes() == part * 20


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(UsageError, match="csv, parquet, jsonl"):
        write_run(tmp_path / "run", TABLES, SUMMARY, format="xls")


def test_a_place_that_cannot_be_written_is_said_in_words(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="file is a file, so no folder"):
        write_run(tmp_path / "file" / "run", TABLES, SUMMARY)


def test_a_summary_may_be_made_when_the_tables_are_written(tmp_path):
    made = []

    def rows():
        made.append("table")
        return TABLES["breaches"]

    def summary():
        made.append("summary")
        return SUMMARY

    tables = {"breaches": Rows.later(TABLES["breaches"].schema, 1, rows)}
    out = write_run(tmp_path / "run", tables, summary)
    assert made == ["table", "summary"]
    assert json.loads((out / "summary.json").read_text())["files"] == ["breaches.csv", "summary.json"]

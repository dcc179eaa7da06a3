"""Decisions in a spreadsheet: what goes out comes back, no cell runs, every bad row is said, no good one lost."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.review.register.given import found

from breachpattern.analysis.runs import Run
from breachpattern.errors import InputError, OutputError, UsageError
from breachpattern.review.register import Register
from breachpattern.review.register.sheets import HEADER, plain, safe

YES = ("confirmed", "course_of_conduct")
STARTS = st.sampled_from(["", "=", "+", "-", "@", "'", "''=", "'-", "\t", "-5", "-5+1"])


@given(STARTS, st.text())
def test_a_cell_never_runs_and_nothing_of_it_is_lost(start: str, rest: str) -> None:
    text = start + rest
    cell = safe(text)
    assert plain(cell) == text
    assert cell[:1] not in tuple("=+-@\t\r\n") or cell.strip("+-").replace(".", "", 1).isdecimal() or not cell


def sheet(path: Path) -> list[dict[str, str]]:
    """Return the rows of a sheet as a spreadsheet reads them."""
    if path.suffix == ".xlsx":
        from openpyxl import load_workbook

        book = load_workbook(path)
        header, *rows = [[cell.value or "" for cell in row] for row in book.active.iter_rows()]
        assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
        book.close()
        return [dict(zip(header, map(str, row), strict=True)) for row in rows]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_decisions_come_back_as_they_were_written(register: Register, first: Run, tmp_path: Path, suffix: str) -> None:
    text = "=HYPERLINK(\"http://x\")\nsecond “line”; 'quoted', naïve"
    register.decide(first, found(first), "confirmed", "other", text=text, reviewer="@home")
    out = tmp_path / f"sheet{suffix}"
    counts = register.export_decisions(first, out)
    assert counts["confirmed"] == 1
    rows = sheet(out)
    assert list(rows[0]) == list(HEADER)
    (row,) = [row for row in rows if row["finding_id"] == found(first)]
    assert row["last_text"].startswith("'=")
    assert row["last_reviewer"] == "'@home"
    # Filled in by a spreadsheet: a correction, and a decision on a finding that had none.
    other = found(first, "unrecorded_breach")
    for row in rows:
        if row["finding_id"] == found(first):
            row |= {"verdict": "Needs record", "reason": "service_unknown", "corrects": row["decision"]}
            row |= {"text": row["last_text"], "reviewer": row["last_reviewer"]}
        if row["finding_id"] == other:
            row |= {"verdict": "rejected", "reason": "unconnected"}
    filled = fill(tmp_path / "filled.csv", rows)
    imported = register.import_decisions(first, filled, reviewer="B. Second")
    assert len(imported.issues) == 0
    assert imported.rows == {
        "rows_in": len(rows), "accepted": 2, "rejected": 0, "duplicates": 0, "blank": len(rows) - 2,
    }  # fmt: skip
    last = register.history(found(first))[-1]
    assert (last.verdict, last.text, last.reviewer, last.corrects) == ("needs_record", text, "@home", 1)
    assert register.history(other)[-1].reviewer == "B. Second"
    again = register.import_decisions(first, filled, reviewer="B. Second")
    assert (again.rows["accepted"], again.rows["duplicates"], len(again.issues)) == (0, 2, 0)
    assert register.verify().ok


def test_every_bad_row_is_an_issue_and_no_good_row_is_lost(register: Register, first: Run, tmp_path: Path) -> None:
    ids = first.findings["finding_id"].to_pylist()
    register.decide(first, ids[0], *YES, reviewer="Somebody Else")
    out = tmp_path / "sheet.csv"
    register.export_decisions(first, out)
    blank = dict.fromkeys(HEADER, "")
    fine = {"verdict": "confirmed", "reason": "course_of_conduct", "reviewer": "A. Reader"}
    by_id = {row["finding_id"]: row for row in sheet(out)}
    rows = [
        blank | {"finding_id": ids[0]} | fine,  # 2: decided meanwhile
        by_id[ids[1]] | fine,  # 3: good
        by_id[ids[1]] | fine,  # 4: twice
        blank | {"finding_id": "F-0"} | fine,  # 5
        by_id[ids[2]] | fine | {"verdict": "guilty"},  # 6
        by_id[ids[2]] | fine | {"reason": "unconnected"},  # 7
        by_id[ids[2]] | fine | {"reason": "other"},  # 8
        by_id[ids[2]] | fine | {"reviewer": ""},  # 9
        by_id[ids[2]] | fine | {"corrects": "the first"},  # 10
        by_id[ids[2]] | fine | {"evidence": "E-0000000000000000"},  # 11
        by_id[ids[3]] | fine,  # 12: good
        by_id[ids[4]],  # 13: blank
    ]
    imported = register.import_decisions(first, fill(tmp_path / "filled.csv", rows))
    issues = imported.issues.to_arrow().to_pylist()
    assert [(i["row"], i["column"], i["code"], i["value"]) for i in issues] == [
        (2, "decision", "decided_meanwhile", ""),
        (4, "finding_id", "named_twice", ids[1]),
        (5, "finding_id", "unknown_finding", "F-0"),
        (6, "verdict", "unknown_verdict", "guilty"),
        (7, "reason", "unknown_reason", "unconnected"),
        (8, "text", "unusable_text", ""),
        (9, "reviewer", "no_reviewer", ""),
        (10, "corrects", "unreadable_number", "the first"),
        (11, "evidence", "evidence_changed", "E-0000000000000000"),
    ]
    assert all(i["file"] == "filled.csv" and i["message"] and i["hint"] for i in issues)
    assert "Somebody Else" in issues[0]["message"]
    assert {decision.finding_id for decision in imported.decisions} == {ids[1], ids[3]}
    counts = imported.rows
    assert counts["rows_in"] == counts["accepted"] + counts["rejected"] + counts["duplicates"] + counts["blank"] == 12


def test_a_line_that_cannot_be_split_is_an_issue(register: Register, first: Run, tmp_path: Path) -> None:
    ids = first.findings["finding_id"].to_pylist()
    path = tmp_path / "sheet.csv"
    path.write_text(
        "finding_id,verdict,reason,reviewer\n"
        f"{ids[0]},confirmed,course_of_conduct,A. Reader,one,too,many\n"
        f"{ids[1]},confirmed,course_of_conduct,A. Reader\n"
    )
    imported = register.import_decisions(first, path)
    assert [(i["row"], i["code"]) for i in imported.issues.to_arrow().to_pylist()] == [(2, "unreadable_row")]
    assert [decision.finding_id for decision in imported.decisions] == [ids[1]]
    assert imported.rows["rows_in"] == 2


def test_a_finding_that_grew_is_not_decided_by_an_old_sheet(
    register: Register, first: Run, later: Run, tmp_path: Path
) -> None:
    out = tmp_path / "sheet.csv"
    register.export_decisions(first, out)
    rows = [row | {"verdict": "confirmed", "reason": "course_of_conduct"} for row in sheet(out)]
    imported = register.import_decisions(later, fill(tmp_path / "filled.csv", rows), reviewer="A. Reader")
    assert set(imported.issues.by_code()) <= {"unknown_finding", "evidence_changed"}
    assert imported.issues.by_code()["unknown_finding"] > 0
    assert imported.rows["accepted"] + imported.rows["rejected"] == len(rows)


def test_a_sheet_is_never_written_over_another(register: Register, first: Run, tmp_path: Path) -> None:
    out = tmp_path / "sheet.csv"
    out.write_text("somebody's work")
    before = register.verify().entries
    with pytest.raises(OutputError, match="may hold somebody's work"):
        register.export_decisions(first, out)
    assert out.read_text() == "somebody's work"
    assert register.verify().entries == before  # what was not exported is not logged as exported
    with pytest.raises(UsageError, match=r"End it in \.csv or \.xlsx"):
        register.export_decisions(first, tmp_path / "sheet.ods")


def test_a_sheet_without_its_columns_is_refused_whole(register: Register, first: Run, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text("finding_id,comment\nF-1,yes\n")
    with pytest.raises(InputError, match="no column verdict and no column reason"):
        register.import_decisions(first, path)


def test_only_some_statuses_are_exported(register: Register, first: Run, tmp_path: Path) -> None:
    register.decide(first, found(first), *YES)
    out = tmp_path / "sheet.csv"
    register.export_decisions(first, out, status=["confirmed"])
    assert [row["finding_id"] for row in sheet(out)] == [found(first)]

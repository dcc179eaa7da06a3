"""The review commands as a person gives them: what they print, write, and end with."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.review.register.given import INCIDENTS, analyse, tampered

from breachpattern.cli import main


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return analyse(INCIDENTS[:2]).write(tmp_path_factory.mktemp("run") / "run")


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    address = f"sqlite:///{tmp_path}/register.db"
    monkeypatch.setenv("BREACHPATTERN_REGISTER", address)
    return address


def ids(run: Path) -> list[str]:
    with (run / "findings.csv").open(encoding="utf-8", newline="") as file:
        return [row["finding_id"] for row in csv.DictReader(file)]


DECIDE = ["--verdict", "confirmed", "--reason", "course_of_conduct", "--reviewer", "A. Reader"]


def test_from_the_list_to_a_decision_and_back(run: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    first = ids(run)[0]
    assert main(["review", "list", str(run)]) == 0
    said = capsys.readouterr()
    assert f"unreviewed {len(ids(run))}" in said.out
    assert first in said.out
    assert "a new register begins in" in said.err
    assert main(["review", "decide", str(run), first, *DECIDE, "--text", "seen together"]) == 0
    assert f"{first}: confirmed (course_of_conduct) by A. Reader on" in capsys.readouterr().out
    assert main(["review", "list", str(run)]) == 0
    said = capsys.readouterr()
    assert first not in said.out  # not asked again
    assert "confirmed 1" in said.out
    assert said.err == ""
    assert main(["review", "list", str(run), "--status", "confirmed", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["text"] for row in told["findings"]] == ["seen together"]
    assert told["counts"]["confirmed"] == 1


def test_the_difference_is_shown(run: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    later = analyse(INCIDENTS).write(tmp_path / "later")
    for identity in ids(run):
        assert main(["review", "decide", str(run), identity, *DECIDE]) == 0
    capsys.readouterr()
    assert main(["review", "list", str(later), "--status", "changed"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "since then: incidents new: I7" in said
    assert main(["review", "list", str(analyse([]).write(tmp_path / "none"))]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "record: not in any answer any more: I1, I4" in said


def test_what_was_decided_meanwhile_is_told(run: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    first = ids(run)[0]
    assert main(["review", "decide", str(run), first, *DECIDE]) == 0
    assert main(["review", "decide", str(run), first, *DECIDE]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "decided already: confirmed (course_of_conduct) by A. Reader" in said
    assert "--corrects 1" in said
    assert main(["review", "decide", str(run), first, *DECIDE, "--corrects", "1"]) == 0


def test_a_sheet_goes_out_and_comes_back(
    run: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "sheet.csv"
    assert main(["review", "export", str(run), str(sheet)]) == 0
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0] |= {"verdict": "confirmed", "reason": "course_of_conduct"}
    rows[1] |= {"verdict": "perhaps", "reason": "course_of_conduct"}
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    problems = tmp_path / "problems.csv"
    command = ["review", "import", str(run), str(sheet), "--reviewer", "A. Reader", "--issues", str(problems)]
    assert main(command) == 3
    said = " ".join(capsys.readouterr().out.split())
    assert "accepted 1, rejected 1" in said
    assert "sheet.csv row 3 verdict: 'perhaps' is no verdict" in said
    with problems.open(newline="") as file:
        assert [row["code"] for row in csv.DictReader(file)] == ["unknown_verdict"]
    assert main(command) == 2  # the problems stand there already


def test_verify_says_what_is_broken(run: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "verify"]) == 1
    assert "There is no register here" in capsys.readouterr().err
    assert main(["review", "decide", str(run), ids(run)[0], *DECIDE]) == 0
    assert main(["review", "verify"]) == 0
    said = capsys.readouterr().out
    assert "Every link holds." in said
    head = next(line.removeprefix("Head: ") for line in said.splitlines() if line.startswith("Head: "))
    assert main(["review", "verify", "--head", head[:10]]) == 0
    assert main(["review", "verify", "--head", "0123abcd"]) == 1
    tampered(url, "update review_decisions set verdict = 'rejected'")
    capsys.readouterr()
    assert main(["review", "verify"]) == 1
    assert "BROKEN: Decision 1 (" in capsys.readouterr().out


def test_purge_says_what_went(
    run: Path, url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from breachpattern.review.register import log

    monkeypatch.setattr(log, "now", lambda: "2020-01-01T00:00:00Z")
    for identity in ids(run)[:3]:
        assert main(["review", "decide", str(run), identity, *DECIDE]) == 0
    capsys.readouterr()
    for option, word in (["--dry-run"], "would go"), ([], "went (entry 5 of the log)"):
        assert main(["review", "purge", "--before", "2021-01-01", *option]) == 0
        said = " ".join(capsys.readouterr().out.split())
        assert f"3 decisions from 2020-01-01 to 2020-01-01 {word}; 3 of them the last on their finding" in said
        assert "Numbers: 1-3" in said
    assert main(["review", "purge", "--before", "2021-01-01"]) == 0
    assert "No decision was made before" in capsys.readouterr().out
    assert main(["review", "verify"]) == 0


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (["list", "RUN", "--status", "guilty"], 2, "'guilty' is no status"),
        (["decide", "RUN", "F-", *DECIDE], 2, "an id that begins with 'F-'"),
        (["decide", "RUN", "F-0", "--verdict", "yes", "--reason", "other"], 2, "'yes' is no verdict"),
        (["list", "nowhere"], 1, "There is no such folder"),
        (["list", "RUN", "--register", "register.db"], 2, "no address of a register"),
    ],
)
def test_what_is_wrong_is_one_paragraph(
    run: Path, url: str, capsys: pytest.CaptureFixture[str], command: list[str], code: int, said: str
) -> None:
    assert main(["review", *(str(run) if part == "RUN" else part for part in command)]) == code
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_reasons_are_listed_by_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    from breachpattern.review.register import reasons

    assert main(["review", "reasons"]) == 0
    said = capsys.readouterr().out
    assert all(f"{code}:" in said for code in reasons())


def test_without_the_libraries_the_install_line_is_said(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    for name in [name for name in sys.modules if name.startswith("breachpattern.review.register.")]:
        if name.rpartition(".")[2] in ("database", "refusals", "upgrade", "tables", "log", "decisions"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    assert main(["review", "list", str(run)]) == 1
    assert "pip install 'breachpattern[register]'" in " ".join(capsys.readouterr().err.split())

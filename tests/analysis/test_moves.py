from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest

from breachpattern import Analyser, read_extract
from breachpattern.analysis.moves import moves
from breachpattern.cli import main

ROWS = [
    {
        "incident_id": f"I{day}",
        "occurred_from": f"2025-02-{day:02}T10:00",
        "suspect_id": f"P{day % 2}",
        "victim_id": f"V{day % 2}",
        "behaviours": "contact",
        "channel": "text",
    }
    for day in range(1, 9)
]
ORDERS = [
    {
        "order_id": f"O{who}",
        "kind": "restraining",
        "respondent_id": f"P{who}",
        "protected_id": f"V{who}",
        "made_on": "2025-01-10",
        "terms": "no_contact",
    }
    for who in (0, 1)
]


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Two equal runs; to be copied."""
    folder = tmp_path_factory.mktemp("scored")
    for name in ("before", "after"):
        Analyser().score(ROWS, ORDERS, out=folder / name, as_of="2025-06-30")
    return folder


@pytest.fixture
def here(scored, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(scored, tmp_path, dirs_exist_ok=True)


def edit(path, change):
    frame = pd.read_csv(path)
    change(frame)
    frame.to_csv(path, index=False)


def test_nothing_moves_between_equal_runs(here, capsys):
    assert moves("after", "before").empty
    assert main(["patterns", "diff", "before", "after"]) == 0
    assert "Nothing moved" in capsys.readouterr().out


def test_level_score_and_place_are_told_apart(here, capsys):
    def change(frame):
        frame.loc[0, "level"], frame.loc[1, "score"] = "low", frame.loc[1, "score"] + 7
        frame.loc[2, "rank"], frame.loc[3, "rank"] = frame.loc[3, "rank"], frame.loc[2, "rank"]

    edit(here / "after" / "findings.csv", change)
    moved = moves("after", "before")
    assert moved["change"].tolist() == ["level", "score", "place", "place"]
    assert moved.loc[0, "level"] == "low" != moved.loc[0, "level_before"]
    assert moved.loc[1, "score"] == moved.loc[1, "score_before"] + 7
    assert main(["patterns", "diff", "before", "after", "--first", "1"]) == 0
    said = capsys.readouterr().out
    assert "level 1, score 1, place 2" in said
    assert "3 more" in said


def test_a_finding_that_came_or_went_has_no_level_on_the_other_side(here, capsys):
    path = here / "after" / "findings.csv"
    pd.read_csv(path).drop(index=0).to_csv(path, index=False)
    summary = json.loads((here / "after" / "summary.json").read_text())
    summary["findings"]["total"] -= 1
    (here / "after" / "summary.json").write_text(json.dumps(summary))
    assert main(["patterns", "diff", "before", "after"]) == 0
    said = capsys.readouterr()
    assert "rank 1 → none" in said.out
    assert main(["patterns", "diff", "after", "before"]) == 0
    assert "none → " in capsys.readouterr().out
    assert said.err == ""


def test_runs_of_other_inputs_are_remarked_on(here, capsys):
    for name, rows in (("all", ROWS), ("fewer", ROWS[:-1])):
        pd.DataFrame(rows).to_csv(f"{name}.csv", index=False)
        Analyser().score(f"{name}.csv", ORDERS, out=name, as_of="2025-06-30")
    main(["patterns", "diff", "all", "fewer"])
    assert "made of different inputs" in capsys.readouterr().err


def test_what_came_and_went_is_told(here):
    without = [row for row in ROWS if row["suspect_id"] == "P1"]
    one = Analyser().analyse(read_extract(without, ORDERS), as_of="2025-06-30")
    fresh, gone = moves("after", one), moves(one, "after")
    came, went = (
        set(moved.loc[moved["change"] == kind, "finding_id"]) for moved, kind in ((fresh, "new"), (gone, "withdrawn"))
    )
    assert came == went
    assert fresh.loc[fresh["change"] == "new", "headline"].str.startswith("P0").all()
    total = json.loads((here / "after" / "summary.json").read_text())["findings"]["total"]
    assert len(came) == total - len(one.findings)

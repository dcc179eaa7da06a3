from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from breachpattern.cli import main

SAMPLE = Path(__file__).parents[2] / "sample_data"
FILES = [str(SAMPLE / "incidents.csv"), "--orders", str(SAMPLE / "orders.csv"), "--as-of", "2026-06-30"]


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """The folder of an audit of the sample data; to be copied."""
    folder = tmp_path_factory.mktemp("sample") / "audit"
    assert main(["audit", *FILES, "--out", str(folder), "--quiet"]) == 0
    return folder


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_audit_says_how_many_breaches_were_dealt_with_alone(here, capsys):
    assert main(["audit", *FILES, "--out", "audit"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "Breaches dealt with alone" in said.out
    assert "the extract has no actions.risk_assessment" in said.out
    names = {path.name for path in (here / "audit").iterdir()}
    assert names == {"measures.csv", "measures_to_publish.csv", "run_charts.csv", "records.csv", "summary.json"}
    published = pd.read_csv(here / "audit" / "measures_to_publish.csv")
    shown = published[~published["withheld"]]
    assert not shown["numerator"].between(1, 4).any()


def test_problems_with_actions_are_told(here, capsys):
    (here / "actions.csv").write_text("action,at,incident_id\ntea,2025-01-01,I1\n")
    assert main(["audit", *FILES, "--actions", "actions.csv"]) == 0
    assert "actions.csv row 2 action: 'tea'" in " ".join(capsys.readouterr().out.split())


def test_an_audit_under_a_key_names_nobody(here, capsys, caplog):
    caplog.set_level("DEBUG", "breachpattern")
    rows = "".join(f"I{day},2025-02-{day:02}T20:00,CANARYone,CANARYtwo,contact,phone,O1\n" for day in (1, 5, 9, 14))
    (here / "incidents.csv").write_text(
        "incident_id,occurred_from,suspect_id,victim_id,behaviours,channel,breach_of\n"
        + rows
        + "I9,CANARYwhen,CANARYone,,,,\n"
    )
    (here / "orders.csv").write_text(
        "order_id,kind,respondent_id,protected_id,made_on,served_at,terms\n"
        "O1,restraining_conviction,CANARYone,CANARYtwo,2025-01-10,2025-01-12T09:00,no_contact\n"
    )
    (here / "actions.csv").write_text(
        "action,at,incident_id,suspect_id,victim_id\nrisk_assessment,2025-02-05T21:00,,CANARYone,CANARYtwo\n"
        "CANARYtea,2025-02-05,,CANARYone,\narrest,CANARYday,,CANARYone,\narrest,2025-02-05,,,CANARYtwo\n"
    )
    main(["new-key", "key"])
    command = ["audit", "incidents.csv", "--orders", "orders.csv", "--actions", "actions.csv", "--as-of", "2025-12-31",
               "--max-rejected", "100%"]  # fmt: skip
    assert main([*command, "--out", "plain", "--quiet"]) == 0
    assert main([*command, "--out", "hidden", "--pseudonymise", "key", "--way-back", "back.csv"]) == 0
    said = capsys.readouterr()
    plain, hidden = (
        "".join(path.read_text() for path in sorted((here / name).iterdir())) for name in ("plain", "hidden")
    )
    assert "CANARYone" in plain
    assert "CANARY" not in hidden + said.out + said.err + caplog.text
    assert "CANARYtwo" in (here / "back.csv").read_text()
    one, other = (pd.read_csv(here / name / "measures.csv") for name in ("plain", "hidden"))
    pd.testing.assert_frame_equal(one, other)
    told = one[(one["by"] == "all") & (one["measure"] == "M15")].iloc[0]
    assert (told["numerator"], told["denominator"]) == (1, 4)


def test_a_sample_is_drawn_answered_and_estimated(here, audited, capsys):
    shutil.copytree(audited, here / "audit")
    assert main(["dip-sample", "draw", "audit", "--measure", "M17", "-o", "sheet.csv"]) == 0
    sheet = pd.read_csv(here / "sheet.csv", dtype=str)
    sheet.assign(answer="yes").to_csv("sheet.csv", index=False)
    assert main(["dip-sample", "estimate", "sheet.csv"]) == 0
    said = capsys.readouterr()
    assert "100% right" in said.out
    assert main(["dip-sample", "draw", "audit", "--measure", "M20", "--among", "others", "-o", "others.csv"]) == 0
    others, records = (
        pd.read_csv(here / "others.csv", dtype=str),
        pd.read_csv(here / "audit" / "records.csv", dtype=str),
    )
    met = records[(records["measure"] == "M20") & (records["met"].str.lower() == "true")]["incident_id"]
    assert not set(others["incident_id"]) & set(met)
    assert others["question"].str.contains("does not count").all()
    said = capsys.readouterr()
    assert said.err == ""


@pytest.mark.parametrize(
    ("arguments", "code", "mentions"),
    [
        (["dip-sample", "draw", "nowhere", "--measure", "M17"], 1, "no records of an audit"),
        (["dip-sample", "draw", "audit", "--measure", "M99"], 2, "There are records of M2, M4, M5, "),
        (["explain", "audit", "F-852a"], 2, "holds the measures of an audit, and no findings"),
        (["audit", *FILES, "--actions", FILES[0]], 1, "A file of actions has the columns action, at"),
        (["dip-sample", "draw", "audit", "--measure", "M17", "--precision", "lots"], 2, "--precision"),
        (["dip-sample", "draw", "audit", "--measure", "M17", "-o", "sheet.xls"], 2, "CSV"),
        (["dip-sample", "estimate", "nowhere.csv"], 1, "nowhere.csv"),
        (["audit", *FILES, "--actions", "nowhere.csv"], 1, "nowhere.csv"),
    ],
)
def test_errors_are_one_paragraph(here, audited, capsys, arguments, code, mentions):
    shutil.copytree(audited, here / "audit")
    assert main(arguments) == code
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert mentions in said


def test_a_sheet_that_somebody_filled_in_is_not_written_over(here, audited, capsys):
    shutil.copytree(audited, here / "audit")
    (here / "sheet.csv").write_text("answers")
    assert main(["dip-sample", "draw", "audit", "--measure", "m17", "--out", "sheet.csv"]) == 1
    assert "may hold somebody's answers" in capsys.readouterr().err
    assert (here / "sheet.csv").read_text() == "answers"
    assert main(["dip-sample", "draw", "audit", "--measure", "m17", "--out", "new.csv"]) == 0
    assert pd.read_csv(here / "new.csv")["measure"].eq("M17").all()
    assert main(["dip-sample", "draw", "audit", "--measure", "M17", "--out", "nowhere/new.csv"]) == 1
    assert "No such file or directory. Name a file in a folder that is there" in capsys.readouterr().err

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from breachpattern.cli import console, main
from breachpattern.review.measures.definitions import definitions

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
    assert names == {
        "measures_internal.csv", "measures_to_publish.csv", "run_charts_internal.csv", "run_charts_to_publish.csv",
        "records_internal.csv", "summary.json", "summary_to_publish.json",
    }  # fmt: skip
    published = pd.read_csv(here / "audit" / "measures_to_publish.csv")
    shown = published[~published["withheld"]]
    assert not shown["numerator"].between(1, 4).any()
    runs = pd.read_csv(here / "audit" / "run_charts_to_publish.csv")
    hidden = runs[runs["withheld"]]
    assert hidden[["numerator", "denominator", "share", "lower", "upper", "signal"]].isna().all(axis=None)
    assert not runs["numerator"].between(1, 4).any()
    inside, outside = (json.loads((here / "audit" / f"{name}.json").read_text())
                       for name in ("summary", "summary_to_publish"))  # fmt: skip
    assert inside["use"].startswith("internal")
    assert outside["use"].startswith("for publication")
    assert "inputs" not in outside
    numbers = [part.get("numerator", 0) for one in outside["measures"] for part in one.get("parts", [one])]
    assert not any(0 < number < 5 for number in numbers)


@pytest.mark.further
def test_the_audit_tells_how_far_it_is(here, monkeypatch):
    told = []
    hear = console.Progress.__call__
    monkeypatch.setattr(console.Progress, "__call__", lambda self, *one: told.append(one) or hear(self, *one))
    assert main(["audit", *FILES, "--out", "audit", "--quiet"]) == 0
    done = [(done, total) for stage, done, total in told if stage == "measures"]
    total = len(definitions())
    assert done == [(number, total) for number in range(total)]
    assert told[-1] == ("writing", 0, None)


def test_problems_with_actions_are_told(here, capsys):
    (here / "actions.csv").write_text("action,at,incident_id\ntea,2025-01-01,I1\n")
    assert main(["audit", *FILES, "--actions", "actions.csv"]) == 0
    assert "actions.csv row 2 action: 'tea'" in " ".join(capsys.readouterr().out.split())


@pytest.mark.further
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
    (here / "CANARYfile.csv").write_text(
        "action,at,incident_id,suspect_id,victim_id\nrisk_assessment,2025-02-05T21:00,,CANARYone,CANARYtwo\n"
        "CANARYtea,2025-02-05,,CANARYone,\narrest,CANARYday,,CANARYone,\narrest,2025-02-05,,,CANARYtwo\n"
    )
    main(["new-key", "key"])
    command = ["audit", "incidents.csv", "--orders", "orders.csv", "--actions", "CANARYfile.csv",
               "--as-of", "2025-12-31", "--max-rejected", "100%"]  # fmt: skip
    assert main([*command, "--out", "plain", "--quiet"]) == 0
    assert main([*command, "--out", "hidden", "--pseudonymise", "key", "--way-back", "back.csv"]) == 0
    said = capsys.readouterr()
    plain, hidden = (
        "".join(path.read_text() for path in sorted((here / name).iterdir())) for name in ("plain", "hidden")
    )
    assert "CANARYone" in plain
    assert "CANARY" not in hidden + said.out + said.err + caplog.text
    assert "CANARYtwo" in (here / "back.csv").read_text()
    one, other = (pd.read_csv(here / name / "measures_internal.csv") for name in ("plain", "hidden"))
    pd.testing.assert_frame_equal(one, other)
    told = one[(one["by"] == "all") & (one["measure"] == "M15")].iloc[0]
    assert (told["numerator"], told["denominator"]) == (1, 4)


def test_a_sample_is_drawn_answered_and_estimated(here, audited, capsys):
    shutil.copytree(audited, here / "audit")
    assert main(["dip-sample", "draw", "audit", "--measure", "M17.terms", "-o", "sheet.csv"]) == 0
    sheet = pd.read_csv(here / "sheet.csv", dtype=str)
    sheet.assign(answer="yes").to_csv("sheet.csv", index=False)
    assert main(["dip-sample", "estimate", "sheet.csv"]) == 0
    said = capsys.readouterr()
    assert "100% right" in said.out
    assert main(["dip-sample", "draw", "audit", "--measure", "M20", "--among", "others", "-o", "others.csv"]) == 0
    others, records = (
        pd.read_csv(here / "others.csv", dtype=str),
        pd.read_csv(here / "audit" / "records_internal.csv", dtype=str),
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
        (["dip-sample", "draw", "audit", "--measure", "M99"], 2, "There are records of M2.records, M4, M5, "),
        (["explain", "audit", "F-852a"], 2, "holds the measures of an audit, and no findings"),
        (["audit", *FILES, "--actions", FILES[0]], 1, "A file of actions has the columns action, at"),
        (["dip-sample", "draw", "audit", "--measure", "M17", "--precision", "lots"], 2, "--precision"),
        (["dip-sample", "draw", "audit", "--measure", "M17.terms", "-o", "sheet.xls"], 2, "CSV"),
        (["dip-sample", "estimate", "nowhere.csv"], 1, "nowhere.csv"),
        (["audit", *FILES, "--register", "sqlite:///nowhere.db"], 1, "nowhere.db"),
        (["audit", *FILES, "--narrative", "--minimise"], 2, "--narrative"),
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
    assert main(["dip-sample", "draw", "audit", "--measure", "m17.terms", "--out", "sheet.csv"]) == 1
    assert "may hold somebody's answers" in capsys.readouterr().err
    assert (here / "sheet.csv").read_text() == "answers"
    assert main(["dip-sample", "draw", "audit", "--measure", "m17.terms", "--out", "new.csv"]) == 0
    assert pd.read_csv(here / "new.csv")["measure"].eq("M17.terms").all()
    assert main(["dip-sample", "draw", "audit", "--measure", "M17.terms", "--out", "nowhere/new.csv"]) == 1
    assert "No such file or directory. Name a file in a folder that is there" in capsys.readouterr().err


CANARY = "CANARYwording"
TOLD = (
    "incident_id,kind,occurred_from,suspect_id,victim_id,behaviours,narrative\n"
    f"I1,incident,2025-02-01T20:00,P1,V1,contact,{CANARY} he breached the restraining order again\n"
    f"I2,incident,2025-02-05T20:00,P1,V1,contact,{CANARY} he texted her\n"
    f"I3,incident,2025-02-09T20:00,P1,V1,contact,{CANARY} no breach of the order\n"
    f"I4,crime,CANARYwhen,P1,V1,contact,{CANARY} despite the injunction he called\n"
    f"I5,crime,2025-03-09T20:00,P2,V2,contact,{CANARY} despite the injunction he called\n"
)
KNOWN = (
    "order_id,kind,respondent_id,protected_id,made_on,served_at,terms\n"
    "O1,restraining_conviction,P1,V1,2025-01-10,2025-01-12T09:00,no_contact\n"
)


def test_free_text_is_read_where_it_is_asked_for_and_written_nowhere(here, capsys, caplog):
    caplog.set_level("DEBUG", "breachpattern")
    (here / "incidents.csv").write_text(TOLD)
    (here / "orders.csv").write_text(KNOWN)
    command = ["audit", "incidents.csv", "--orders", "orders.csv", "--as-of", "2025-12-31", "--max-rejected", "100%"]
    assert main([*command, "--out", "plain"]) == 0
    assert "read only with --narrative" in " ".join(capsys.readouterr().out.split())
    assert main([*command, "--narrative", "--out", "read"]) == 0
    said = capsys.readouterr()
    records = pd.read_csv(here / "read" / "records_internal.csv")
    spoken = records[records["measure"] == "M17"]
    assert dict(zip(spoken["incident_id"], spoken["met"], strict=True)) == {"I1": True, "I5": True}
    files = "".join(path.read_text() for path in (here / "read").iterdir())
    assert CANARY not in files + said.out + said.err + caplog.text


@pytest.mark.further
def test_verdicts_of_a_register_count_and_what_they_changed_is_shown(here, capsys):
    from breachpattern.review.register import Register

    (here / "incidents.csv").write_text(TOLD)
    (here / "orders.csv").write_text(KNOWN)
    files = ["incidents.csv", "--orders", "orders.csv", "--as-of", "2025-12-31", "--max-rejected", "100%"]
    assert main(["score", *files, "--out", "run", "--quiet"]) == 0
    with Register("sqlite:///register.db", who="A. Reader") as register:
        found = {row["pattern"]: row["finding_id"] for row in register.review("run").findings}
        register.decide("run", found["unrecorded_breach"], "confirmed", "breach_not_recorded")
    assert main(["audit", *files, "--quiet", "--out", "without"]) == 0
    assert main(["audit", *files, "--register", "sqlite:///register.db", "--out", "with"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "confirmed 1; what the register changed" in told
    changed = pd.read_csv(here / "with" / "verdicts_internal.csv").set_index("measure")
    # The three texts under the order are confirmed breaches: before, no breach was recorded at all.
    assert changed.loc["M22", ["denominator", "denominator_without"]].tolist() == [3, 0]
    assert "M17.terms" not in changed.index
    summary = json.loads((here / "with" / "summary.json").read_text())
    assert summary["register"]["confirmed"] == 1
    one, other = (pd.read_csv(here / name / "measures_internal.csv") for name in ("without", "with"))
    assert one.loc[one["measure"] == "M17.terms", "numerator"].tolist() == \
        other.loc[other["measure"] == "M17.terms", "numerator"].tolist()  # fmt: skip


def test_an_audit_does_not_replace_a_run_of_findings(here, capsys):
    assert main(["score", *FILES, "--out", "run", "--quiet"]) == 0
    kept = {path.name: path.read_bytes() for path in (here / "run").iterdir()}
    capsys.readouterr()
    assert main(["audit", *FILES, "--out", "run"]) == 1
    assert "holds no measures, and would be lost. Name another folder." in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in (here / "run").iterdir()} == kept


def test_an_audit_says_what_was_read_and_what_was_wrong_with_it(here, capsys):
    (here / "incidents.csv").write_text(TOLD)
    (here / "orders.csv").write_text(KNOWN)
    files = ["incidents.csv", "--orders", "orders.csv", "--as-of", "2025-12-31", "--max-rejected", "100%"]
    assert main(["audit", *files, "--out", "audit"]) == 0
    told = capsys.readouterr().out
    assert "incidents   5         4         1" in told
    assert "error: incidents.csv row 5 occurred_from" in told
    summary = json.loads((here / "audit" / "summary.json").read_text())
    assert summary["rows"]["incidents"] == {"rows_in": 5, "accepted": 4, "rejected": 1, "duplicates": 0}
    assert summary["issues"]["by_severity"]["error"] == 1
    published = (here / "audit" / "summary_to_publish.json").read_text()
    assert '"rows"' not in published
    assert '"issues"' not in published

from __future__ import annotations

import json
import shutil
from threading import Thread

import pandas as pd
import pytest

from breachpattern import State
from breachpattern.cli import main
from breachpattern.state.lock import hold

BEGINS = "breachpattern: note: a new state begins in state: there was none.\n"
HEAD = "incident_id,occurred_from,suspect_id,victim_id,behaviours,channel\n"
FIRST = HEAD + "I1,2025-02-01T10:00,P1,V1,contact,text\nI2,2025-02-03T22:00,P1,V1,contact,phone\n"
SECOND = HEAD + "I2,2025-02-03T22:00,P1,V1,contact,phone\nI3,2025-02-09T23:00,P1,V1,follow,in_person\n"
ORDERS = """order_id,kind,respondent_id,protected_id,made_on,served_at,terms
O1,restraining_conviction,P1,V1,2025-01-10,2025-01-12T09:00,no_contact
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in {"first.csv": FIRST, "second.csv": SECOND, "orders.csv": ORDERS}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def update(*more, as_of="2025-03-01"):
    return main(["update", "--state", "state", *more, "--as-of", as_of])


def test_batches_come_to_what_one_run_says(here, capsys):
    assert update("first.csv") == 0
    assert update("second.csv", "--orders", "orders.csv", "--out", "changes", as_of="2025-03-02") == 0
    said = capsys.readouterr()
    assert said.err == BEGINS
    for part in ("duplicates", "Breaches           new 2", "goes on from F-", "State state", "Files changes"):
        assert part in said.out
    (here / "all.csv").write_text(FIRST + SECOND.splitlines()[2] + "\n")
    assert main(["score", "all.csv", "--orders", "orders.csv", "--out", "run", "--as-of", "2025-03-02"]) == 0
    for name in ("breaches", "courses", "findings", "near_misses"):
        one, other = (pd.read_csv(here / folder / f"{name}.csv") for folder in ("changes", "run"))
        columns = [column for column in other.columns if column != "row"]
        pd.testing.assert_frame_equal(one[columns], other[columns])


def test_an_update_in_json_lines_holds_the_same_tables(here, capsys):
    from breachpattern.output.read import read_table

    update("first.csv", "--quiet")
    shutil.copytree("state", "again")
    update("second.csv", "--orders", "orders.csv", "--out", "csv", "--quiet", as_of="2025-03-02")
    shutil.rmtree("state")
    shutil.move("again", "state")
    lines = ["--out", "jsonl", "--quiet", "--format", "jsonl"]
    update("second.csv", "--orders", "orders.csv", *lines, as_of="2025-03-02")
    for name in ("breaches", "courses", "findings", "near_misses"):
        assert read_table(here / "csv", name).equals(read_table(here / "jsonl", name)), name
    assert read_table(here / "jsonl", "findings").num_rows
    assert (here / "csv" / "findings.jsonl").read_bytes() == (here / "jsonl" / "findings.jsonl").read_bytes()
    files = json.loads((here / "jsonl" / "summary.json").read_text())["files"]
    assert files == sorted(path.name for path in (here / "jsonl").iterdir())
    assert main(["update", "--help"]) == 0
    assert "findings_all.jsonl" in capsys.readouterr().out


def test_what_is_new_or_changed_can_be_explained_from_the_folder_of_changes(here, capsys):
    update("first.csv", "--orders", "orders.csv", "--out", "changes", "--quiet")
    told = pd.read_csv(here / "changes" / "changes_findings.csv")
    lines = [json.loads(line) for line in (here / "changes" / "findings.jsonl").read_text().splitlines()]
    assert {line["finding_id"] for line in lines} == set(told["finding_id"])
    ranks = pd.read_csv(here / "changes" / "findings.csv").set_index("finding_id")["rank"]
    assert all(line["rank"] == ranks[line["finding_id"]] for line in lines)
    assert main(["explain", "changes", told["finding_id"][0]]) == 0
    summary = json.loads((here / "changes" / "summary.json").read_text())
    assert summary["changes"]["findings"]["new"] == len(told)
    assert capsys.readouterr().err == BEGINS


def test_data_problems_are_told(here, capsys):
    (here / "odd.csv").write_text(HEAD + "I1,2025-02-01T10:00,P1,V1,contact,pigeon\n")
    update("odd.csv")
    said = capsys.readouterr().out
    assert "Data problems 1 (warning 1)" in said
    assert "odd.csv row 2 channel: 'pigeon'" in said


def test_a_state_moves_on_without_rows(here, capsys):
    update("first.csv")
    assert update(as_of="2025-04-15") == 0
    assert "Findings           changed" in capsys.readouterr().out


def test_records_are_withdrawn_by_a_file(here, capsys):
    update("first.csv", "--orders", "orders.csv")
    (here / "gone.csv").write_text("table,id\nincidents,I1\norders,O9\n")
    assert update("--withdrawn", "gone.csv") == 0
    said = capsys.readouterr().out
    assert "Rows withdrawn     incidents 1" in said
    assert "1 of orders, for example O9" in said
    assert State.load(here / "state").rows["incidents"]["incident_id"].to_pylist() == ["I2"]


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [("table,number\nincidents,1\n", 1, "no column table or id"), ("table,id\ncrimes,I1\n", 2, "gone.csv, row 2")],
)
def test_a_file_of_withdrawals_that_says_nothing_is_refused(here, capsys, text, code, part):
    (here / "gone.csv").write_text(text)
    assert update("--withdrawn", "gone.csv") == code
    assert part in capsys.readouterr().err
    assert not (here / "state").exists()


def test_other_rules_are_refused_and_renew_works(here, capsys):
    update("first.csv")
    assert update("second.csv", "--link", "off") == 2
    assert "made with other rules" in capsys.readouterr().err
    assert update("second.csv", "--link", "off", "--renew") == 0


def test_a_folder_that_is_no_state_is_left_alone(here, capsys):
    (here / "state").mkdir()
    (here / "state" / "notes.txt").write_text("mine")
    assert update("first.csv") == 1
    assert "no state" in capsys.readouterr().err
    assert [path.name for path in (here / "state").iterdir()] == ["notes.txt"]


def test_too_many_rejected_rows_are_said_and_the_rest_is_kept(here, capsys):
    (here / "first.csv").write_text(FIRST + "I9,soon,P1,V1,contact,text\n")
    assert update("first.csv", "--out", "changes") == 3
    assert "1 of 3 rows of incidents were rejected" in capsys.readouterr().err
    assert (here / "changes" / "quarantine_incidents.csv").exists()
    assert State.load(here / "state").rows["incidents"].num_rows == 2


def test_results_that_would_stand_in_the_state_are_refused_before_anything_is_written(here, capsys):
    for out in ("state", "state/out", "."):
        assert update("first.csv", "--out", out) == 2
        assert "cannot stand in the folder of the state" in capsys.readouterr().err
    assert not (here / "state").exists()


def test_what_no_save_could_replace_is_refused_before_results_are_written(here, capsys):
    update("first.csv")
    (here / "state" / "notes.txt").write_text("mine")
    assert update("second.csv", "--out", "changes") == 1
    assert "notes.txt" in capsys.readouterr().err
    assert not (here / "changes").exists()


def test_a_state_that_begins_says_so_and_one_whose_save_was_cut_short_is_put_back(here, capsys):
    update("first.csv", "--quiet")
    assert capsys.readouterr() == ("", BEGINS)
    (here / "state").rename(here / ".state.0123abcd.former")
    assert update("second.csv") == 0
    said = capsys.readouterr()
    assert "put back" in said.err
    assert "a new state begins" not in said.err
    assert State.load(here / "state").rows["incidents"].num_rows == 3


def test_a_state_that_is_in_use_is_refused_before_anything_is_written(here, capsys):
    update("first.csv")
    told = []

    def second():
        told.append(update("second.csv", "--out", "changes"))

    with hold(here / "state", "breachpattern watch"):
        thread = Thread(target=second)
        thread.start()
        thread.join()
    assert told == [1]
    assert "The state is in use: breachpattern watch, process" in capsys.readouterr().err
    assert not (here / "changes").exists()


def test_an_interrupt_after_the_results_says_that_they_are_written(here, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(State, "save", interrupted)
    assert update("first.csv") == 130
    assert "nothing was written" in capsys.readouterr().err
    assert update("first.csv", "--out", "changes") == 130
    assert "interrupted; changes is written, the state may be as it was." in capsys.readouterr().err


def hidden(text):
    return text.replace("P1", "CANARYone").replace("V1", "CANARYtwo")


def test_a_state_under_a_key_names_nobody_and_says_what_a_run_under_it_says(here, capsys):
    for name, text in {"first.csv": FIRST, "second.csv": SECOND, "orders.csv": ORDERS}.items():
        (here / name).write_text(hidden(text))
    (here / "all.csv").write_text(hidden(FIRST + SECOND.splitlines()[2] + "\n"))
    main(["new-key", "key"])
    main(["new-key", "other"])
    key = ("--pseudonymise", "key")
    assert update("first.csv", *key, "--way-back", "back.csv") == 0
    assert update("second.csv", *key, "--orders", "orders.csv", "--out", "changes", as_of="2025-03-02") == 0
    assert main(["score", "all.csv", "--orders", "orders.csv", "--out", "run", "--as-of", "2025-03-02", *key]) == 0
    for name in ("breaches", "courses", "findings"):
        one, other = (pd.read_csv(here / folder / f"{name}.csv") for folder in ("changes", "run"))
        columns = [column for column in other.columns if column != "row"]
        pd.testing.assert_frame_equal(one[columns], other[columns])
    held = b"".join(path.read_bytes() for folder in ("state", "changes") for path in (here / folder).rglob("*.*"))
    said = capsys.readouterr()
    assert b"CANARY" not in held
    assert "CANARY" not in said.out + said.err
    assert "CANARYtwo" in (here / "back.csv").read_text()
    for wrong in ((), ("--pseudonymise", "other"), (*key, "--minimise")):
        assert update("second.csv", *wrong, as_of="2025-03-03") == 2
        assert "not shielded as those of the state are" in capsys.readouterr().err
    assert update(as_of="2025-03-03") == 0, "the clock alone needs no key"


def test_a_person_is_withdrawn_from_a_state_under_a_key_by_reference(here, capsys):
    (here / "persons.csv").write_text("person_id,surname\nP1,Smith\nP9,Jones\n")
    (here / "gone.csv").write_text("table,id\npersons,P9\nincidents,I1\n")
    main(["new-key", "key"])
    assert update("first.csv", "--persons", "persons.csv", "--pseudonymise", "key") == 0
    main(["new-key", "other"])
    for wrong in ((), ("--pseudonymise", "other")):
        assert update("--withdrawn", "gone.csv", *wrong, as_of="2025-03-02") == 2, "nobody would have been found"
        assert "--withdrawn" in capsys.readouterr().err
    assert update("--withdrawn", "gone.csv", "--pseudonymise", "key", as_of="2025-03-02") == 0
    assert "Rows withdrawn incidents 1, persons 1" in " ".join(capsys.readouterr().out.split())


def test_events_are_not_watched_on_a_state_under_a_key(here, capsys):
    main(["new-key", "key"])
    assert update("first.csv", "--pseudonymise", "key") == 0
    assert main(["watch", "--state", "state"]) == 2
    assert "names people by pseudonyms" in capsys.readouterr().err

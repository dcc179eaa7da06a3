"""What is said of wrong arguments: the option, what was seen, what would work, and whose help tells more."""

import os

import pytest

from breachpattern.cli import main

INCIDENTS = "incident_id,occurred_from,suspect_id,victim_id\nI1,2025-02-01T10:00,P1,V1\n"
ORDERS = "order_id,kind,respondent_id,protected_id,made_on\nO1,restraining,P1,V1,2025-01-10\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "incidents.csv").write_text(INCIDENTS)
    (tmp_path / "orders.csv").write_text(ORDERS)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "somebodys.txt").write_text("work")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("simulate --incidents ten --out f", "--incidents: 'ten' is no whole number. Write it in digits"),
        ("simulate --incidents=1e3 --out f", "--incidents: '1e3' is no whole number."),
        ("simulate --out f --incidents", "--incidents: It has no value. Write --incidents N."),
        ("simulate --incidents 200 --seed x --out f", "--seed: 'x' is no whole number."),
        ("check incidents.csv --orders", "--orders: It has no value. Write --orders FILE."),
        ("score incidents.csv --as-of --out x", "--as-of: It has no value. Write --as-of WHEN."),
        ("score incidents.csv --link-threshold high", "--link-threshold: 'high' is no number. Write it in digits"),
        ("score incidents.csv --workers many", "--workers: 'many' is no whole number."),
        ("audit incidents.csv --withhold-under 1", "--withhold-under: 1 is too little. Give 2 or more."),
        ("map incidents.csv -o", "-o: It has no value. Write -o FILE."),
        ("update --state", "--state: It has no value."),
        ("watch --state st --link-threshold x", "--link-threshold: 'x' is no number."),
        ("report run --limit none", "--limit: 'none' is no whole number."),
        ("review list run --limit -1", "--limit: -1 is too little. Give 0 or more."),
        ("review decide run F --verdict unsure --reason other --seen x", "--seen: 'x' is no whole number."),
        ("dip-sample draw audit --measure M2 --seed x", "--seed: 'x' is no whole number."),
        ("patterns diff a b --first -3", "--first: -3 is too little. Give 1 or more."),
        ("law show dvpo --on", "--on: It has no value."),
    ],
)
def test_a_wrong_or_missing_value_is_told_with_the_option_and_its_help(here, capsys, arguments, words):
    given = arguments.split()
    command = " ".join(word for word in given[: 2 if given[0] in ("review", "dip-sample", "patterns", "law") else 1])
    assert main(given) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"breachpattern: {words}"), said
    assert said.endswith(f"Try: breachpattern {command} --help\n")
    assert said.count("\n") == 1
    assert sorted(os.listdir(here)) == ["folder", "incidents.csv", "orders.csv"]


def test_a_value_that_looks_like_an_option_can_be_given(here, capsys):
    assert main(["report", "nothere", "--marking=--limit"]) == 1
    assert "nothere: There is no such folder." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("score incidents.csv --orders incidents.csv", 1, "These are columns of incidents: give this file first"),
        ("score orders.csv", 1, "These are columns of orders: give this file with --orders."),
        ("score folder", 1, "folder: This is a folder, not a file. Name the file in it."),
        ("score incidents.csv --mapping folder", 1, "folder: The mapping cannot be read: Is a directory. Name a TOML"),
        ("score incidents.csv --mapping incidents.csv", 1, "at line 1, column 12). Put that line right, or let"),
        ("score incidents.csv --patterns incidents.csv", 1, "Patterns and filters stand in .toml files; put that"),
        ("score incidents.csv --link-threshold 3", 2, "The threshold 3.0 is not a probability. Give a number from"),
        ("update --state st incidents.csv --link-threshold 3", 2, "The threshold 3.0 is not a probability."),
        (
            "score incidents.csv --link-decisions folder",
            1,
            "folder: The decisions cannot be read: Is a directory. Name",
        ),
        ("score incidents.csv --link-decisions a/b.csv", 1, "a/b.csv: The decisions cannot be read: No such file"),
        ("score incidents.csv --link probabilistic --persons incidents.csv --link-model a/m", 1, "person_id"),
        ("new-key a/key", 1, "a/key: The key cannot be written: No such file or directory. Name a file in a folder"),
        ("map incidents.csv -o a/m.toml", 1, "a/m.toml: The file cannot be written: No such file or directory. Name"),
        ("report run --out incidents.csv", 1, "incidents.csv: This is a file, not a folder."),
        ("verify run --inputs nothere", 1, "nothere: This is no folder, and the input files are looked for in one."),
        ("verify run --inputs folder", 1, "Name the folder that holds the input files with --inputs."),
        ("review list nothere", 1, "nothere: There is no such folder."),
        ("review export run a/sheet.csv", 1, "a/sheet.csv: The sheet cannot be written: No such file or directory."),
        ("review import nothere sheet.csv", 1, "nothere: There is no such folder."),
    ],
)
def test_every_other_slip_is_one_paragraph_with_what_would_work(here, capsys, arguments, code, words):
    given = arguments.split()
    before = {"folder", "incidents.csv", "orders.csv"}
    if "run" in given:
        assert main(["score", "incidents.csv", "--out", "run", "--quiet", "--as-of", "2025-06-30"]) == 0
        before.add("run")
        if given[0] == "review":
            assert main(["review", "list", "run"]) == 0
            before.add("register.db")
        capsys.readouterr()
    assert main(given) == code
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1, said
    assert ".;" not in said
    assert set(os.listdir(here)) == before  # a slip leaves nothing behind


def test_a_group_of_commands_alone_shows_its_help(capsys):
    for group in ("law", "patterns", "review", "dip-sample"):
        assert main([group]) == 0
        assert f"Usage: breachpattern {group}" in capsys.readouterr().out

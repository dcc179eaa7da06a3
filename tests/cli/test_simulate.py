import json

import pytest

from breachpattern.cli import main


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def simulate(*more):
    return main(["simulate", "--out", "force", *more])


def test_a_force_is_written_and_can_be_scored(here, capsys):
    assert simulate("--incidents", "300", "--seed", "4") == 0
    said = capsys.readouterr()
    assert "invented" in said.out
    assert said.err == ""
    about = json.loads((here / "force" / "simulation.json").read_text())
    assert about["settings"] == {"incidents": 300, "seed": 4, "quiet_town": False}
    assert "--seed 4" in (here / "force" / "README.md").read_text()
    sides = [
        "--orders",
        "force/orders.csv",
        "--persons",
        "force/persons.csv",
        "--associations",
        "force/associations.csv",
    ]
    assert main(["score", "force/incidents.csv", *sides, "--out", "run", "--quiet"]) == 0
    rows = json.loads((here / "run" / "summary.json").read_text())["rows"]["incidents"]
    assert rows["rejected"] == 0
    assert rows["accepted"] >= 300


def test_a_quiet_town_as_parquet_says_nothing_when_quiet(here, capsys):
    assert simulate("--incidents", "200", "--quiet-town", "--format", "parquet", "--quiet") == 0
    assert capsys.readouterr() == ("", "")
    assert (here / "force" / "truth" / "dyads.parquet").exists()


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        (["--incidents", "12"], 2, "100 or more"),
        (["--incidents", "200", "--seed", "-1"], 2, "seed"),
        (["--incidents", "many"], 2, "--incidents"),
        (["--seed", "1"], 2, "--incidents"),
        (["--incidents", "200", "--format", "xlsx"], 2, "Unknown format"),
    ],
)
def test_wrong_usage_is_one_paragraph(here, capsys, wrong, code, words):
    assert simulate(*wrong) == code
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert not (here / "force").exists()


def test_a_folder_with_work_in_it_is_left_alone(here, capsys):
    (here / "force").mkdir()
    (here / "force" / "mine.txt").write_text("mine")
    assert simulate("--incidents", "200") == 1
    assert "nothing is written over it" in capsys.readouterr().err
    assert [path.name for path in (here / "force").iterdir()] == ["mine.txt"]


def test_other_years_and_told_stories(here, capsys):
    (here / "mine.toml").write_text(
        """
        [[story]]
        name = "calls"
        people.P-1 = ["Ann", "Ames", "1990-01-01", "F", ""]
        people.P-2 = ["Bo", "Birch", "1991-01-01", "M", ""]
        units = [{ kind = "rejected", suspect = "P-2", victim = "P-1" }]
        usual = { suspect_id = "P-2", victim_id = "P-1" }
        incidents = [["I-1", "2025-01-10T20:00", 2, "", "contact", "phone"]]
        """
    )
    asked = ["--incidents", "150", "--since", "2024-01-01", "--until", "2025-06-30", "--stories", "mine.toml"]
    assert simulate(*asked) == 0
    assert "--since 2024-01-01 --until 2025-06-30 --stories FILE" in (here / "force" / "README.md").read_text()
    assert '"I-1"' in (here / "force" / "incidents.csv").read_text()
    assert simulate("--incidents", "150", "--stories", "nowhere.toml") == 1
    assert "The stories cannot be read" in capsys.readouterr().err

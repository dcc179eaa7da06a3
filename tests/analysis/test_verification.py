from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from breachpattern import Analyser
from breachpattern.analysis.verification import verify
from breachpattern.cli import main
from breachpattern.errors import InputError
from breachpattern.output.provenance import sha256_of

INCIDENTS = "incident_id,occurred_from,suspect_id,victim_id,behaviours,channel\n" + "".join(
    f"I{day},2025-02-{day:02}T10:00,P1,V1,contact,text\n" for day in (1, 3, 9, 20)
)
ORDERS = """order_id,kind,respondent_id,protected_id,made_on,served_at,terms
O1,restraining_conviction,P1,V1,2025-01-10,2025-01-12T09:00,no_contact
"""
MAPPING = '[incidents.columns]\nincident_id = "incident_id"\noccurred_from = "occurred_from"\n'


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """A folder with a run and what it was made from; to be copied."""
    folder = tmp_path_factory.mktemp("scored")
    (folder / "incidents.csv").write_text(INCIDENTS)
    (folder / "orders.csv").write_text(ORDERS)
    (folder / "force.toml").write_text(MAPPING)
    score = ["score", "incidents.csv", "--orders", "orders.csv", "--mapping", "force.toml", "--out", "run", "--quiet"]
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        assert main([*score, "--as-of", "2025-06-30"]) == 0
    return folder


@pytest.fixture
def here(scored, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(scored, tmp_path, dirs_exist_ok=True)


@pytest.mark.parametrize("format", ["csv", "parquet", "jsonl"])
def test_a_run_is_made_again_byte_for_byte(here, format):
    Analyser().score("incidents.csv", orders="orders.csv", out="other", as_of="2025-06-30", format=format)
    found = verify("other")
    assert found.reproduced
    assert "findings.jsonl" in found.files
    assert found.versions == {}


def test_the_command_says_so(here, capsys):
    assert main(["verify", "run"]) == 0
    said = capsys.readouterr()
    assert "byte for byte" in said.out
    assert said.err == ""


@pytest.mark.parametrize(
    ("change", "mentions"),
    [
        (
            lambda here: (here / "incidents.csv").write_text(INCIDENTS.replace("P1,V1", "P1,V2")),
            "incidents.csv is other",
        ),
        (lambda here: (here / "orders.csv").unlink(), "no orders.csv"),
        (lambda here: (here / "force.toml").write_text(MAPPING + "\n"), "force.toml, which the settings name"),
        (lambda here: (here / "run" / "courses.csv").write_text("nothing\n"), "courses.csv differs"),
        (lambda here: (here / "run" / "courses.csv").unlink(), "courses.csv is gone"),
    ],
)
def test_what_is_other_than_it_was_is_named(here, capsys, change, mentions):
    change(here)
    assert main(["verify", "run"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert mentions in said


def test_a_summary_that_was_changed_by_hand_differs(here):
    path = here / "run" / "summary.json"
    summary = json.loads(path.read_text())
    summary["findings"]["total"] += 1
    path.write_text(json.dumps(summary))
    assert verify("run").files["summary.json"] == "differs"


def test_other_versions_are_told_and_do_not_forbid(here):
    path = here / "run" / "summary.json"
    summary = json.loads(path.read_text())
    summary["versions"]["numpy"] = "0.0.1"
    path.write_text(json.dumps(summary))
    found = verify("run")
    assert found.versions["numpy"][0] == "0.0.1"
    assert found.reproduced


def test_what_is_no_run_of_score_is_refused(here):
    assert main(["check", "incidents.csv", "--out", "checked", "--quiet"]) == 0
    with pytest.raises(InputError, match="no run of score"):
        verify("checked")


def test_a_folder_has_one_hash_for_names_and_contents(tmp_path):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "a.toml").write_text("x = 1\n")
    first = sha256_of(tmp_path / "pack")
    (tmp_path / "pack" / "a.toml").rename(tmp_path / "pack" / "b.toml")
    assert first != sha256_of(tmp_path / "pack") != ""
    assert sha256_of(Path(tmp_path, "nowhere")) == ""


@pytest.mark.parametrize("spoil", ["link_model", "settings", "inputs", "files"])
def test_a_summary_that_lacks_something_is_refused_in_words(here, capsys, spoil):
    path = here / "run" / "summary.json"
    told = json.loads(path.read_text())
    if spoil == "link_model":
        del told["settings"]["link_model"]
    else:
        told[spoil] = "nothing"
    path.write_text(json.dumps(told))
    capsys.readouterr()
    assert main(["verify", "run"]) == 1
    said = capsys.readouterr().err
    assert spoil in said
    assert "should not have happened" not in said

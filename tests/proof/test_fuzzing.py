"""The log of fuzzing: what it adds up to, and that a run is told however it ends."""

import subprocess
import sys

import numpy as np
import pytest
from proof.fuzzing import LOG, add, entries, table
from proof.tests_of import ROOT
from tests.fuzz.tally import Tally
from tests.fuzz.targets import TARGETS


def test_the_log_adds_up_to_an_hour_at_least_and_names_every_target():
    found = entries()
    assert sum(entry["seconds"] for entry in found) >= 3600
    assert set().union(*(entry["runs"] for entry in found)) == set(TARGETS)
    assert all(sum(entry["runs"].values()) > 100 for entry in found)
    assert all(set(entry["crashes"]) <= set(entry["runs"]) for entry in found)
    assert LOG.read_text("utf-8").endswith("}\n")


def test_a_run_is_added_and_the_table_adds_up(tmp_path):
    log = tmp_path / "log.jsonl"
    assert list(table(log)) == ["Nothing was fuzzed with coverage as the guide yet (`make fuzz`)."]
    add("2025-03-01", 59.96, {"csv": 5, "law": 0}, {}, log)
    add("2025-03-02", 60.0, {"csv": 7, "law": 1}, {"law": 1}, log)
    head, _, *rows = table(log)
    assert "2 minutes in 2 runs, 2025-03-01 to 2025-03-02; 13 inputs tried, 1 crashes" in head
    assert rows[2:] == ["| csv | 12 | **0** |", "| law | 1 | **1** |"]


def test_counts_outlive_the_process_that_made_them(tmp_path):
    path = tmp_path / "tally"
    tally = Tally.new(path, 3)
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom tests.fuzz.tally import Tally\n"
        "tally = Tally(Path(sys.argv[1]))\nfor n in (0, 2, 2):\n    tally.note(n)\nos._exit(77)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False)
    assert done.returncode == 77
    assert (tally.runs.tolist(), tally.target) == ([1, 0, 2], 2)
    assert tally.seconds >= 0
    assert tally.runs.dtype == np.int64


@pytest.mark.parametrize(("code", "crashes"), [(0, {}), (72, {}), (77, {"csv": 1}), (-9, {"csv": 1})])
def test_a_run_is_told_however_it_ends(tmp_path, monkeypatch, code, crashes):
    from tests.fuzz import __main__ as fuzz

    told = []

    def run(command, check):
        Tally(fuzz.Path(command[3])).note(sorted(TARGETS).index("csv"))
        return subprocess.CompletedProcess(command, code)

    monkeypatch.setattr(fuzz.subprocess, "run", run)
    monkeypatch.setattr(fuzz, "add", lambda *line: told.append(line))
    monkeypatch.setattr(fuzz, "write_page", lambda: None)
    assert fuzz.main([str(tmp_path / "corpus"), "-runs=1"]) == (0 if code in fuzz.WELL else code)
    ((_, seconds, runs, found),) = told
    assert (seconds, sum(runs.values()), runs["csv"], found) == (0.0, 1, 1, crashes)

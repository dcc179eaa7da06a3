"""Every write of every command fails once: outputs appear whole or not at all, and the next run puts all right."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from tests.cli import faults

from breachpattern.cli import main

pytestmark = pytest.mark.filterwarnings("ignore::breachpattern.law.CatalogueStaleWarning")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="locks, signals and limits of POSIX")
HEAD = "incident_id,occurred_from,suspect_id,victim_id,behaviours,channel\n"
FIRST = HEAD + "I1,2025-02-01T10:00,P1,V1,contact,text\nI2,2025-02-03T22:00,P1,V1,contact,phone\n"
SECOND = HEAD + "I3,2025-02-09T23:00,P1,V1,follow,in_person\nI4,never,P1,V1,follow,in_person\n"
ORDERS = """order_id,kind,respondent_id,protected_id,made_on,served_at,terms
O1,restraining_conviction,P1,V1,2025-01-10,2025-01-12T09:00,no_contact
"""
COMMON = ["--orders", "orders.csv", "--as-of", "2025-03-02", "--max-rejected", "100%", "--quiet"]
# By name: the command, and what it writes.
COMMANDS = {
    "score": (["score", "second.csv", *COMMON, "--out", "run"], ["run"]),
    "score as parquet": (["score", "second.csv", *COMMON, "--out", "run", "--format", "parquet"], ["run"]),
    "score in buckets": (["score", "second.csv", *COMMON, "--out", "run", "--memory", "2GB"], ["run"]),
    "update": (["update", "--state", "state", "second.csv", *COMMON, "--out", "run"], ["state", "run"]),
    "audit": (["audit", "second.csv", *COMMON, "--out", "run"], ["run"]),
    "check": (["check", "second.csv", "--orders", "orders.csv", "--max-rejected", "100%", "--quiet", "--out", "run"], ["run"]),
    "simulate": (["simulate", "--incidents", "100", "--quiet", "--out", "run"], ["run"]),
}  # fmt: skip
INPUTS = ("first.csv", "second.csv", "orders.csv")
CHANGING = ("started", "finished", "written", "seconds", "sha256")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in zip(INPUTS, (FIRST, SECOND, ORDERS), strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def snapshot(folder: Path) -> dict[str, bytes]:
    """Everything that stands in a folder, without the moments at which it was written."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if path.suffix == ".json":
                told = json.loads(data)
                data = json.dumps({k: v for k, v in told.items() if k not in CHANGING}, sort_keys=True).encode()
            found[str(path.relative_to(folder))] = data
    return found


def former(name: str, here: Path) -> None:
    """What stands there before: an earlier run of the same command, or an earlier batch."""
    command, _ = COMMANDS[name]
    earlier = ["first.csv" if part == "second.csv" else part for part in command]
    if name == "simulate":
        earlier += ["--seed", "7"]
    assert main(earlier) == 0
    (here / "before").mkdir()
    for written in COMMANDS[name][1]:
        shutil.copytree(here / written, here / "before" / written)


def put_back(name: str, here: Path) -> None:
    for written in COMMANDS[name][1]:
        shutil.rmtree(here / written, ignore_errors=True)
        shutil.copytree(here / "before" / written, here / written)


def walk(name, here, capsys, happen, chosen, code, words):
    """Let each of the chosen writes fail, and see what stands there afterwards."""
    former(name, here)
    command, outputs = COMMANDS[name]
    before = {written: snapshot(here / written) for written in outputs}
    with faults.fault(0, happen) as seen:
        assert main(command) == 0
    after = {written: snapshot(here / written) for written in outputs}
    assert all(before[written] != after[written] for written in outputs)
    total, missed = len(seen), 0
    capsys.readouterr()
    for number in chosen(total):
        put_back(name, here)
        with faults.fault(number, happen) as seen:
            got = main(command)
        said = capsys.readouterr().err
        if len(seen) < number:  # threads that write side by side may take a write less
            missed += 1
            continue
        if got == 0:  # the folder in which the outputs stand was there already
            assert seen[number - 1].startswith("mkdir ")
            assert {written: snapshot(here / written) for written in outputs} == after
            continue
        assert got == code, (seen[number - 1], said)
        assert any(word in said for word in words), (seen[-1], said)
        assert "should not have happened" not in said
        assert said.count("\n") == 1, said
        left = {written: snapshot(here / written) for written in outputs}
        for written in outputs:
            assert left[written] in (before[written], after[written]), (number, seen[-1])
        assert sorted(path.name for path in here.iterdir()) == sorted([*INPUTS, "before", *outputs]), seen[-1]
        assert main(command) == 0
        capsys.readouterr()
        if left.get("state") != after.get("state") or "state" not in outputs:
            assert {written: snapshot(here / written) for written in outputs} == after
        else:  # the batch had come: once more it changes nothing but the list of batches
            tables = {path: data for path, data in snapshot(here / "state").items() if path.endswith(".arrow")}
            assert tables.items() <= after["state"].items()
    assert total > 4
    assert missed <= 2


def every(total):
    return range(1, total + 1)


def some(total):
    return sorted({1, 2, total // 2, total - 1, total})


@pytest.mark.parametrize("name", ["score", "check", "simulate"])
def test_a_full_disk_at_any_write_leaves_what_was_there(name, here, capsys):
    walk(name, here, capsys, faults.no_space, every, 1, ["No space left on device"])


@pytest.mark.parametrize("name", ["score as parquet", "score in buckets", "update", "audit"])
def test_a_full_disk_at_some_writes_leaves_what_was_there(name, here, capsys):
    walk(name, here, capsys, faults.no_space, some, 1, ["No space left on device"])


@pytest.mark.parametrize("name", ["score", "update"])
def test_an_interrupt_at_some_writes_leaves_what_was_there(name, here, capsys):
    walk(name, here, capsys, faults.interrupt, some, 130, ["interrupted; "])


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("happen", "code", "words"),
    [
        (faults.no_space, 1, ["No space left on device"]),
        (faults.no_right, 1, ["Permission denied", "is in use"]),
        (faults.interrupt, 130, ["interrupted; "]),
    ],
    ids=["full disk", "no right", "interrupt"],
)
def test_whatever_happens_at_any_write_leaves_what_was_there(name, here, capsys, happen, code, words):
    walk(name, here, capsys, happen, every, code, words)

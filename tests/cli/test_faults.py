"""Every write of every command fails once: outputs appear whole or not at all, and the next run puts all right."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from tests.cli import faults
from tests.drawing import first

from breachpattern.cli import main
from breachpattern.output.folder import remove_left, swap_in

pytestmark = pytest.mark.filterwarnings("ignore::breachpattern.law.CatalogueStaleWarning")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="locks, signals and limits of POSIX")
HEAD = "incident_id,occurred_from,suspect_id,victim_id,behaviours,channel\n"
FIRST = HEAD + "I1,2025-02-01T10:00,P1,V1,contact,text\nI2,2025-02-03T22:00,P1,V1,contact,phone\n"
SECOND = HEAD + "I3,2025-02-09T23:00,P1,V1,follow,in_person\nI4,never,P1,V1,follow,in_person\n"
SECOND += "I5,2025-02-10T23:00,P2,V2,follow,in_person\n"
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
    "check": (["check", "second.csv", *COMMON[:2], *COMMON[4:], "--out", "run"], ["run"]),
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
    return sorted({2, total // 2, total})


# Every write of every command is tried in the slow run, with all that can happen.
@pytest.mark.parametrize("name", first(1, ["score", "score in buckets", "update"]))
def test_a_full_disk_at_some_writes_leaves_what_was_there(name, here, capsys):
    walk(name, here, capsys, faults.no_space, some, 1, ["No space left on device"])


@pytest.mark.parametrize("name", ["update"])
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


def own(here, *arguments):
    """What a process of its own is started with."""
    command = [sys.executable, "-m", "tests.cli.faults", *map(str, arguments)]
    path = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    return {"args": command, "cwd": here, "text": True, "env": {**os.environ, "PYTHONPATH": path}}


def one_process(here, *arguments, **how):
    return subprocess.run(**own(here, *arguments), capture_output=True, check=False, **how)


@contextmanager
def killing(here):
    """A process whose children are killed: each is there at once, with all that it would load."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(**own(here, "serve"), **pipes) as process:

        def end_at(number, command):
            process.stdin.write(json.dumps([number, command]) + "\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield end_at
        process.stdin.close()


def kills(name, here, chosen):
    """Kill a process at each of the chosen writes, and see that the next run leaves what one run leaves."""
    former(name, here)
    command, outputs = COMMANDS[name]
    before = {written: snapshot(here / written) for written in outputs}
    with faults.fault(0, faults.kill) as seen:
        assert main(command) == 0
    after = {written: snapshot(here / written) for written in outputs}
    numbers, killed = chosen(len(seen)), 0
    with killing(here) as end_at:
        for number in numbers:
            put_back(name, here)
            ended = end_at(number, command)
            assert ended in (-signal.SIGKILL, 0), number
            killed += ended != 0
            for written in outputs:  # between two renames the former one stands beside, and comes back
                kept = list(here.glob(f".{written}.*.former"))
                there = here / written if (here / written).exists() else kept[0]
                assert snapshot(there) in (before[written], after[written]), number
            whole = "state" in outputs and (here / "state").exists() and snapshot(here / "state") == after["state"]
            assert main(command) == 0
            if not whole:
                assert {written: snapshot(here / written) for written in outputs} == after, number
            assert sorted(path.name for path in here.iterdir()) == sorted([*INPUTS, "before", *outputs]), number
    assert killed >= len(numbers) - 2  # threads that write side by side may take a write less


@pytest.mark.further
@POSIX
def test_a_process_killed_between_its_last_two_renames_loses_nothing(here):
    kills("score", here, lambda total: [total])


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_process_killed_at_any_write_loses_nothing(name, here):
    kills(name, here, every)


@POSIX
@pytest.mark.parametrize(
    "name", [pytest.param("score", marks=pytest.mark.further), pytest.param("update", marks=pytest.mark.slow)]
)
def test_files_that_cannot_grow_leave_what_was_there(name, here):
    """The system itself cuts writes short, within files and within libraries."""
    import resource

    former(name, here)
    command, outputs = COMMANDS[name]
    before = {written: snapshot(here / written) for written in outputs}
    for size in (100, 2_000):
        done = one_process(
            here,
            0,
            "kill",
            *command,
            preexec_fn=lambda size=size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        )
        assert done.returncode == 1, done.stderr
        assert "File too large" in done.stderr
        assert "should not have happened" not in done.stderr
        assert {written: snapshot(here / written) for written in outputs} == before
        assert sorted(path.name for path in here.iterdir()) == sorted([*INPUTS, "before", *outputs])


# What is left, and where it leads


@POSIX
def test_what_a_living_writer_holds_is_left_alone(here):
    def fill(partial):
        (partial / "a").write_text("half")
        remove_left(here / "run")
        assert (partial / "a").exists()

    swap_in(here / "run", fill)
    assert (here / "run" / "a").read_text() == "half"


@POSIX
def test_what_only_looks_like_ours_is_left_alone(here):
    names = [".run.partial", ".run.0a0a0a0a.partial.mine", ".other.0a0a0a0a.partial", ".run.0A.former"]
    for name in names:
        (here / name).mkdir()
    (here / ".run.0a0a0a0a.partial").mkdir()
    (here / ".run.0b0b0b0b.former").mkdir()
    remove_left(here / "run")
    assert sorted(path.name for path in here.iterdir()) == sorted([*INPUTS, *names, "run"])


@POSIX
def test_links_lead_nowhere_else(here):
    """A folder that is a link is written where it leads; what is linked in it or beside it is never written to."""
    assert main(["score", "first.csv", *COMMON, "--out", "run"]) == 0
    outside = here / "outside"
    outside.mkdir()
    (outside / "diary.txt").write_text("mine")
    (here / "run" / "breaches.csv").unlink()
    (here / "run" / "breaches.csv").symlink_to(outside / "diary.txt")
    (here / ".run.0a0a0a0a.partial").symlink_to(outside)
    (here / "latest").symlink_to(here / "run")
    assert main(["score", "second.csv", *COMMON, "--out", "latest"]) == 0
    assert (outside / "diary.txt").read_text() == "mine"
    assert [path.name for path in outside.iterdir()] == ["diary.txt"]
    assert (here / "latest").is_symlink()
    assert not (here / "run" / "breaches.csv").is_symlink()
    assert main(["score", "second.csv", *COMMON, "--out", "outside/../run"]) == 0
    assert [path.name for path in outside.iterdir()] == ["diary.txt"]


@pytest.mark.parametrize(
    ("command", "name", "code"),
    [
        (["map", "first.csv", "-o", "new.toml"], "new.toml", 1),
        (["dip-sample", "draw", "audit", "--measure", "M17", "-o", "new.csv"], "new.csv", 1),
        (["new-key", "new.key"], "new.key", 1),
    ],
    ids=["map", "dip-sample", "new-key"],
)
def test_a_single_file_appears_whole_and_never_over_another(here, capsys, monkeypatch, command, name, code):
    if command[0] == "dip-sample":
        assert main(["audit", "first.csv", *COMMON, "--out", "audit"]) == 0
        records = pd.read_csv(here / "audit" / "records_internal.csv")
        command = [part if part != "M17" else records["measure"][records["met"]].min() for part in command]
    standing = {path.name for path in here.iterdir()}
    with faults.fault(0, faults.no_space) as seen:
        assert main(command) == 0
    assert (here / name).stat().st_size > 10
    kept = (here / name).read_bytes()
    assert main(command) == 1
    assert "The file exists, and may" in capsys.readouterr().err
    assert (here / name).read_bytes() == kept
    for number in range(1, len(seen) + 1):
        (here / name).unlink(missing_ok=True)
        with faults.fault(number, faults.no_space):
            got = main(command)
        assert got == code
        assert "No space left on device" in capsys.readouterr().err
        assert {path.name for path in here.iterdir()} == standing, seen[number - 1]

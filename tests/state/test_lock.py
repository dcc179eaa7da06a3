"""A state has one writer, and a writer that is killed at any step loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from breachpattern import Analyser, State
from breachpattern.errors import InputError, OutputError
from breachpattern.state.folder import begun
from breachpattern.state.lock import hold

# Replaces a folder in a process that ends, without any cleaning up, at its n-th step; then one step later, …
KILLED = """
import os, pathlib, shutil, sys
from breachpattern.output import folder

def steps(path, last):
    def counted(step):
        def call(*a, **k):
            nonlocal last
            if last == 0:
                os._exit(9)
            last -= 1
            return step(*a, **k)
        return call
    folder.os.fsync = counted(os.fsync)
    for kind, name in ((pathlib.Path, "rename"), (pathlib.Path, "mkdir"), (shutil, "rmtree")):
        setattr(kind, name, counted(getattr(kind, name)))
    def fill(target):
        (target / "state.json").write_text("second")
    folder.swap_in(path, fill, durable=True)

for last in range(100):
    path = pathlib.Path(sys.argv[1], str(last), "state")
    path.mkdir(parents=True)
    (path / "state.json").write_text("first")
    child = os.fork()
    if child == 0:
        steps(path, last)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        print(last)
        break
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a fork")
def test_a_writer_killed_at_any_step_leaves_one_whole_state(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    steps = int(done.stdout)
    assert steps > 8
    seen, put_back = [], []
    for step in range(steps + 1):
        state = tmp_path / str(step) / "state"
        assert begun(state)
        with hold(state) as held:
            put_back.append(held.put_back)
        assert [path.name for path in state.parent.iterdir()] == ["state"], step
        seen.append((state / "state.json").read_text())
    assert seen == sorted(seen)
    assert set(seen) == {"first", "second"}
    assert put_back.count(True) == 1


def test_a_state_whose_save_was_cut_short_is_read_by_nobody_and_put_back_by_the_next_writer(tmp_path):
    state, _ = Analyser().update(None, None, as_of="2025-03-01")
    state.save(tmp_path / "state").rename(tmp_path / ".state.0123abcd.former")
    (tmp_path / ".other.0123abcd.former").mkdir()
    with pytest.raises(InputError, match=r"cut short: the former state stands in \.state\.0123abcd\.former"):
        State.load(tmp_path / "state")
    state.save(tmp_path / "state")
    assert State.load(tmp_path / "state").as_of == state.as_of
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.0123abcd.former", "state"]


def test_of_several_former_states_a_person_chooses(tmp_path):
    for mark in ("0123abcd", "4567abcd"):
        (tmp_path / f".state.{mark}.former").mkdir()
    with pytest.raises(OutputError, match="2 former ones stand beside it"), hold(tmp_path / "state"):
        pass
    assert len(list(tmp_path.iterdir())) == 2


def test_a_former_state_stays_where_something_else_took_its_place(tmp_path):
    (tmp_path / ".state.0123abcd.former").mkdir()
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "notes.txt").write_text("mine")
    with hold(tmp_path / "state") as held:
        assert not held.put_back
    assert sorted(path.name for path in tmp_path.iterdir()) == [".state.0123abcd.former", "state"]


def test_a_state_that_another_process_holds_is_refused_until_that_ends(tmp_path):
    held = (
        "import sys; from breachpattern.state.lock import hold\n"
        "with hold(sys.argv[1], 'the night run'): print(flush=True); sys.stdin.read()"
    )
    state, _ = Analyser().update(None, None, as_of="2025-03-01")
    child = subprocess.Popen(
        [sys.executable, "-c", held, str(tmp_path / "state")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    with pytest.raises(OutputError, match=f"in use: the night run, process {child.pid}, since 20.* holds it"):
        state.save(tmp_path / "state")
    child.kill()
    child.communicate(timeout=60)
    state.save(tmp_path / "state")
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_a_thread_holds_a_state_as_often_as_it_likes_and_keeps_other_threads_out(tmp_path):
    refused = []

    def other():
        try:
            with hold(tmp_path / "state"):
                pass
        except OutputError as error:
            refused.append(error.message)

    with hold(tmp_path / "state"), hold(tmp_path / "state"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(refused) == 1
    with hold(tmp_path / "state"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_to_a_state_stays_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "state").symlink_to(tmp_path / "disk" / "state", target_is_directory=True)
    state, _ = Analyser().update(None, None, as_of="2025-03-01")
    for _ in range(2):
        state.save(tmp_path / "state")
        assert (tmp_path / "state").is_symlink()
    assert State.load(tmp_path / "disk" / "state").as_of == state.as_of
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disk", "state"]
    assert [path.name for path in (tmp_path / "disk").iterdir()] == ["state"]

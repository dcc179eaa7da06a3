"""The child process that other systems talk to: it answers at once, ends on request, and loses nothing it kept."""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import first, up_to
from tests.facts import incident, order

from breachpattern import Analyser
from breachpattern.cases import CaseIndex
from breachpattern.cli import main
from breachpattern.cli.watch import _Input
from breachpattern.errors import OutputError
from breachpattern.state import State

COMMAND = [sys.executable, "-m", "breachpattern", "watch", "--quiet", "--state"]


class Child:
    """A running ``watch``."""

    def __init__(self, state: Path) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def ask(self, *events: Any) -> list[dict[str, Any]]:
        """Send events and wait for as many answers while standard input stays open."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"".join(json.dumps(event).encode() + b"\n" for event in events))
        self.process.stdin.flush()
        return [json.loads(self.process.stdout.readline()) for _ in events]


class Done(NamedTuple):
    """What a ``watch`` that has ended told."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def watch(capfd) -> Iterator[Callable[..., Done]]:
    """Run ``watch`` in this process on lines that stand in a file."""
    mine = os.dup(0)

    def run(state: Path, *lines: Any, options: Sequence[str] = ()) -> Done:
        given = (line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        with tempfile.TemporaryFile() as file:
            file.write(b"\n".join(given))
            file.seek(0)
            os.dup2(file.fileno(), 0)
            capfd.readouterr()
            code = main(["watch", "--quiet", "--state", str(state), *options])
        return Done(code, *capfd.readouterr())

    yield run
    os.dup2(mine, 0)
    os.close(mine)
    gc.freeze()  # the command let go of what the tests had frozen


def call(number: int) -> dict[str, Any]:
    at = f"2025-03-{number:02d}T10:00"
    return {"event": "incident", "incident": incident(f"C{number}", at, behaviours="contact", channel="phone")}


@pytest.mark.parametrize(
    "ending", first(1, [signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGTERM), None])
)
def test_it_answers_while_input_is_open_and_saves_when_it_ends(tmp_path, ending):
    if ending is not None and sys.platform == "win32":
        pytest.skip("Windows sends no such signal to a child")
    child = Child(tmp_path / "state")
    first, second = child.ask({"event": "order", "order": order("O1")}, call(1))
    assert first["kept"]
    with pytest.raises(OutputError, match=r"breachpattern watch, process .* holds it"):
        Analyser().update(None, None)[0].save(tmp_path / "state")
    assert second["answer"]["is_breach"]
    (third,) = child.ask(call(2))
    assert third["answer"]["prior"]["breaches"] == 1
    if ending is not None:
        child.process.send_signal(ending)
    _, errors = child.process.communicate(timeout=60)
    assert (child.process.returncode, errors) == (0, b"")
    assert State.load(tmp_path / "state").rows["incidents"].num_rows == 2


def test_what_was_saved_is_on_file_when_it_starts_again(tmp_path, watch):
    state = tmp_path / "state"
    assert watch(state, {"event": "order", "order": order("O1")}, call(1), {"event": "save"}, call(2)).returncode == 0
    done = watch(state, {"event": "ping"}, call(3) | {"keep": False})
    assert done.returncode == 0
    ping, answer = map(json.loads, done.stdout.splitlines())
    assert ping["records"] == 2
    assert answer["answer"]["prior"]["breaches"] == 2


@pytest.mark.further
def test_what_was_kept_is_saved_where_nobody_reads_any_more(tmp_path):
    child = Child(tmp_path / "state")
    child.ask(call(1))
    assert child.process.stdout is not None
    assert child.process.stdin is not None
    child.process.stdout.close()
    child.process.stdin.write(json.dumps(call(2)).encode() + b"\n")
    child.process.stdin.close()
    assert child.process.wait(timeout=60) == 0
    assert child.process.stderr is not None
    assert child.process.stderr.read() == b""
    child.process.stderr.close()
    assert State.load(tmp_path / "state").rows["incidents"].num_rows == 2


def test_many_lines_at_once_are_answered_in_order(tmp_path, watch):
    lines = [call(1 + n % 28) | {"id": n, "keep": False} if n % 5 else b"broken" for n in range(300)]
    done = watch(tmp_path / "state", *lines)
    assert done.returncode == 0
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["line"] for answer in answers] == list(range(1, 301))
    assert all(("error" in answer) == (answer["line"] % 5 == 1) for answer in answers)
    assert not (tmp_path / "state").exists()


@pytest.mark.further
def test_what_cannot_be_saved_at_the_end_stands_beside_the_state_and_can_be_given_again(tmp_path, watch):
    child = Child(tmp_path / "state")
    child.ask({"event": "order", "order": order("O1")}, call(1))
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "notes.txt").write_text("mine")
    _, errors = child.process.communicate(timeout=60)
    assert child.process.returncode == 1
    (aside,) = tmp_path.glob("state.unsaved-*.jsonl")
    assert str(aside) in errors.decode()
    assert "2 kept records could not be saved: The folder holds what no state wrote (notes.txt)." in errors.decode()
    assert os.name == "nt" or aside.stat().st_mode & 0o777 == 0o600
    (tmp_path / "state" / "notes.txt").unlink()
    again = watch(tmp_path / "state", aside.read_bytes())
    assert again.returncode == 0
    assert State.load(tmp_path / "state").rows["incidents"]["incident_id"].to_pylist() == ["C1"]


@pytest.mark.parametrize(
    ("spoil", "hint"),
    [
        (lambda state: main(["update", "--state", str(state), "--renew", "--link", "off", "--quiet"]), "--renew"),
        (lambda state: (state / "notes.txt").write_text("mine"), "notes.txt"),
    ],
    ids=["other rules", "a stray file"],
)
def test_what_no_save_could_replace_is_refused_before_a_line_is_read(tmp_path, capsys, spoil, hint):
    state = tmp_path / "state"
    Analyser().update(None, [call(1)["incident"]])[0].save(state)
    spoil(state)
    assert main(["watch", "--state", str(state)]) != 0
    said = capsys.readouterr()
    assert said.out == ""
    assert hint in said.err
    assert "renewed()" not in said.err


def test_a_state_made_with_other_rules_is_watched_with_those(tmp_path, watch):
    state = tmp_path / "state"
    main(["update", "--state", str(state), "--link", "off", "--quiet"])
    done = watch(state, call(2), options=["--link", "off"])
    assert (done.returncode, done.stderr) == (0, "")
    assert State.load(state).rows["incidents"].num_rows == 1


def test_a_state_that_knows_of_a_day_that_is_not_over_goes_on(tmp_path, watch):
    state = tmp_path / "state"
    later = datetime.now(UTC) + timedelta(days=2)
    before = Analyser().update(None, [call(1)["incident"]], later)[0]
    before.save(state)
    done = watch(state, call(2))
    assert (done.returncode, done.stderr) == (0, "")
    after = State.load(state)
    assert (after.as_of, after.rows["incidents"].num_rows) == (before.as_of, 2)


def test_one_bad_line_loses_nothing(tmp_path, watch):
    lines = [call(1), b'{"event":"ping","id":"\\ud800"}', b'{"event":"ping","id":1e999}']
    done = watch(tmp_path / "state", *lines)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, ["error" in answer for answer in answers]) == (0, [False, True, True])
    assert State.load(tmp_path / "state").rows["incidents"].num_rows == 1


def test_a_folder_that_is_no_state_is_refused_in_words(tmp_path, watch):
    (tmp_path / "notes.txt").write_text("mine")
    done = watch(tmp_path)
    assert done.returncode == 1
    assert "This folder is no state" in done.stderr
    assert "Traceback" not in done.stderr


@settings(max_examples=up_to(100), deadline=None)
@given(st.lists(st.binary(max_size=6), max_size=8), st.data())
def test_lines_are_whole_however_they_come(lines, data):
    text = b"\n".join(line.replace(b"\n", b"") for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[begin:end] for begin, end in pairwise([0, *cuts, len(text)]) if begin < end]
    with patch("breachpattern.cli.watch.os.read", side_effect=[*pieces, b""]):
        told = [line for some in _Input().lines() for line in some]
    assert told == (text.split(b"\n") if not text.endswith(b"\n") and text else text.split(b"\n")[:-1])


@pytest.mark.parametrize(
    ("terminal", "more", "shown"), [(True, [], True), (True, ["--quiet"], False), (False, [], False)]
)
def test_what_it_waits_for_at_the_start_is_shown_on_a_terminal(tmp_path, monkeypatch, terminal, more, shown):
    Analyser().update(None, [incident("I1", "2025-02-01T10:00")])[0].save(tmp_path / "state")
    stream = io.StringIO()
    stream.isatty = lambda: terminal  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("breachpattern.cli.console.PATIENCE", 0.001)
    made = CaseIndex.of_state

    def slow(*given: Any, **told: Any) -> CaseIndex:
        index = made(*given, **told)
        time.sleep(0.3)
        return index

    monkeypatch.setattr(CaseIndex, "of_state", slow)
    with open(os.devnull, "rb") as nothing, patch("os.read", lambda *_: nothing.read()):
        assert main(["watch", "--state", str(tmp_path / "state"), *more]) == 0
    assert ("the index" in stream.getvalue()) is shown
    assert ("1 records are ready" in stream.getvalue()) is not bool(more)

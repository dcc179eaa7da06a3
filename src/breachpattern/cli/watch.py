"""The command that answers events on standard input until there are no more, or until it is asked to end."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breachpattern.cli import DONE
from breachpattern.cli import options as opt
from breachpattern.cli.groups import Linking, Rules, grouped
from breachpattern.errors import BreachpatternError, OutputError, UsageError, sentence
from breachpattern.interrupts import ENDING

if TYPE_CHECKING:
    from breachpattern.cases.watch import Watcher
    from breachpattern.state import State

CHUNK = 1 << 16
COLLECTED = 500_000, 20, 100  # objects, and rounds, after which the collector of cycles looks at each generation
EPILOG = """\b
Examples:
  breachpattern watch --state STATE < events.jsonl > answers.jsonl
  echo '{"event": "ping"}' | breachpattern watch --state STATE
\b
In:   one JSON object on each line: {"event": "incident", "incident": {...}}, or order, person, association,
      save, ping (breachpattern schema watch). STATE is a folder that `update` wrote, watched with the
      options it was made with; where there is none a new state begins.
Out:  one line for each, in order, at once when nothing more waits. A line that cannot be used gets an error
      line. The end of input, SIGTERM, SIGHUP and Ctrl-C save what was kept and end with 0; what cannot be saved is
      put beside STATE, in a file that `watch` takes as input. Nobody else can write to STATE meanwhile:
      end this, update, start it again.
\n\n"""


class _Ended(BaseException):
    """Somebody asked the process to end while it waited."""


class _Input:
    """Lines of standard input as they come: those that wait together, together."""

    def __init__(self) -> None:
        self.stopping = self._waits = False

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        """Take a request to end: at once while nothing is being answered, else when that is done."""
        self.stopping = True
        if self._waits:
            raise _Ended

    def lines(self) -> Iterator[list[bytes]]:
        """Yield whole lines; the last one may lack its end."""
        rest: list[bytes] = []
        while not self.stopping:
            try:
                self._waits = True
                data = b"" if self.stopping else os.read(0, CHUNK)
            except _Ended:
                break
            finally:
                self._waits = False
            if not data:
                if any(rest) and not self.stopping:
                    yield [b"".join(rest)]
                return
            first, *more = data.split(b"\n")
            rest.append(first)
            if more:
                *whole, last = more
                yield [b"".join(rest), *whole]
                rest = [last]


@grouped
def watch(
    state: Annotated[Path, typer.Option("--state", metavar="DIR", help="The folder of the state.")],
    rules: Rules,
    linking: Linking,
    quiet: opt.Quiet = False,
) -> int:
    """Answer events, line by line: this suspect, this victim, now."""
    from breachpattern.cases import CaseIndex
    from breachpattern.cases.watch import Watcher as Answering
    from breachpattern.cli.console import Progress, say
    from breachpattern.cli.update import PUT_BACK, check_fit
    from breachpattern.state import State
    from breachpattern.state.folder import begun, check_target
    from breachpattern.state.lock import hold

    source = _Input()
    collected = gc.get_threshold()
    previous = {number: signal.signal(number, source.stop) for number in _ending()}
    try:
        with hold(state, "breachpattern watch") as place:
            if place.put_back:
                say(f"breachpattern: note: {PUT_BACK}")
            with Progress(quiet) as progress:
                progress("the state", 0, None)
                analyser = linking.analyser(rules)
                # Whatever would stop a save is said now, before anybody is told that a record is kept.
                begins = not begun(state)
                held = [analyser.update(None, None)[0] if begins else State.load(state)]
                check_target(state)
                check_fit(analyser, held[0], _now(held[0]))
                if held[0].privacy:
                    raise UsageError(
                        "The state names people by pseudonyms, or keeps less than an event says: no event fits it.",
                        where=f"--state {state}",
                        hint="Watch a state that was made without --pseudonymise and --minimise.",
                    )
                index = CaseIndex.of_state(held[0], analyser.catalogue, analyser.patterns, on_progress=progress)
                index.prepare(on_progress=progress)
            # What is on file now stays: the collector need not look at millions of objects again and again.
            gc.collect()
            gc.freeze()
            gc.set_threshold(*COLLECTED)

            def save(pending: Mapping[str, list[dict[str, Any]]]) -> None:
                new = {name: rows for name, rows in pending.items() if rows}
                after = analyser.update(held[0], new, _now(held[0]))[0]
                after.save(state)
                held[0] = after

            watcher = Answering(index, save, lambda: int(time.time()))
            try:
                if not quiet:
                    new = f" A new state begins in {state}." if begins else ""
                    say(f"breachpattern: {len(index):,} records are ready; events on stdin, one a line.{new}")
                for lines in source.lines():
                    answers = [answer for answer in map(watcher.answer, lines) if answer is not None]
                    _write(b"".join(answer + b"\n" for answer in answers))
                    # What was kept meanwhile stays as well, and need not be looked at even once.
                    if watcher.leaves_cycles:
                        gc.collect()
                        watcher.leaves_cycles = False
                    gc.freeze()
            except BrokenPipeError:
                # Nobody reads the answers any more: what was kept is saved all the same.
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            finally:
                _end(watcher, state)
        return DONE
    finally:
        gc.unfreeze()
        gc.set_threshold(*collected)
        for number, handler in previous.items():
            signal.signal(number, handler)


def _ending() -> list[signal.Signals]:
    """Return the signals at which it saves and ends; a hang-up that somebody asked to be passed over is none."""
    return [n for n in ENDING if n.name != "SIGHUP" or signal.getsignal(n) is not signal.SIG_IGN]


def _now(state: State) -> datetime:
    """Return the present, but never before a state: it may know of a day that is not over, and clocks are set back."""
    return max(datetime.now(UTC), datetime.fromtimestamp(max(state.as_of, 0), UTC))


def _end(watcher: Watcher, state: Path) -> None:
    """Save what was kept; what cannot be saved is put beside the state, as events that can be given again."""
    try:
        watcher.save()
    except Exception as error:
        said = error.message if isinstance(error, BreachpatternError) else f"{type(error).__name__}: {error}"
        kept = sum(map(len, watcher.pending.values()))
        message = f"{kept:,} kept records could not be saved: {sentence(said)}"
        aside = state.expanduser().absolute().with_name(f"{state.name}.unsaved-{uuid.uuid4().hex[:8]}.jsonl")
        try:
            aside.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.writelines(watcher.events())
                file.flush()
                os.fsync(file.fileno())
        except OSError as further:
            raise OutputError(
                f"{message} Nor could they be put aside: {further.strerror}. They are lost.",
                where=str(state),
                hint="Send them again once that is put right.",
            ) from error
        raise OutputError(
            f"{message} They stand in {aside}, readable by you alone.",
            where=str(state),
            hint=f"Put that right, then: breachpattern watch --state {state} < {aside}",
        ) from error


def _write(data: bytes) -> None:
    """Write all of some bytes to standard output, whatever it takes at a time."""
    sys.stdout.flush()
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]

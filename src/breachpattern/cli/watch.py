"""The command that answers events on standard input until there are no more, or until it is asked to end."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breachpattern.cli import DONE
from breachpattern.cli import options as opt
from breachpattern.cli.rules import catalogue_of

if TYPE_CHECKING:
    from breachpattern.state import State

CHUNK = 1 << 16
EPILOG = """\b
Examples:
  breachpattern watch --state STATE < events.jsonl > answers.jsonl
  echo '{"event": "ping"}' | breachpattern watch --state STATE
\b
In:   one JSON object on each line: {"event": "incident", "incident": {...}}, or order, person, association,
      save, ping (breachpattern schema watch). STATE is a folder that `update` wrote; where there is none a
      new state begins.
Out:  one line for each, in order, at once when nothing more waits. A line that cannot be used gets an error
      line. The end of input, SIGTERM and Ctrl-C save what was kept and end with 0.
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
        rest = b""
        while not self.stopping:
            try:
                self._waits = True
                data = b"" if self.stopping else os.read(0, CHUNK)
            except _Ended:
                break
            finally:
                self._waits = False
            if not data:
                if rest and not self.stopping:
                    yield [rest]
                return
            *whole, rest = (rest + data).split(b"\n")
            if whole:
                yield whole


def watch(
    state: Annotated[Path, typer.Option("--state", metavar="DIR", help="The folder of the state.")],
    patterns: opt.Patterns = None,
    law: opt.Law = None,
    quiet: opt.Quiet = False,
) -> int:
    """Answer events, line by line: this suspect, this victim, now."""
    from breachpattern.analysis import Analyser
    from breachpattern.cases import CaseIndex
    from breachpattern.cases.watch import Watcher
    from breachpattern.cli.console import say
    from breachpattern.state import State
    from breachpattern.state.folder import begun

    source = _Input()
    previous = {number: signal.signal(number, source.stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        analyser = Analyser(catalogue_of(law or []), patterns or [])
        held: list[State] = [
            State.load(state) if begun(state) else analyser.update(None, None)[0],
        ]
        index = CaseIndex.of_state(held[0], analyser.catalogue, analyser.patterns)
        index.prepare()
        # What is on file now stays: the collector need not look at millions of objects again and again.
        gc.collect()
        gc.freeze()

        def save(pending: Mapping[str, list[dict[str, Any]]]) -> None:
            new = {name: rows for name, rows in pending.items() if rows}
            held[0] = analyser.update(held[0], new)[0]
            held[0].save(state)

        watcher = Watcher(index, save, lambda: int(time.time()))
        if not quiet:
            say(f"breachpattern: {len(index):,} records are ready; events on standard input, one JSON object a line.")
        try:
            for lines in source.lines():
                answers = [answer for answer in map(watcher.answer, lines) if answer is not None]
                _write(b"".join(answer + b"\n" for answer in answers))
        except BrokenPipeError:
            # Nobody reads the answers any more: what was kept is saved all the same.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        watcher.save()
        return DONE
    finally:
        gc.unfreeze()
        for number, handler in previous.items():
            signal.signal(number, handler)


def _write(data: bytes) -> None:
    """Write all of some bytes to standard output, whatever it takes at a time."""
    sys.stdout.flush()
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]

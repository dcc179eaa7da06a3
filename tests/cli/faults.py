"""Faults at the n-th write: what the tests of faults share, and a process of its own that can be killed there."""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from breachpattern.buckets.scale import Division, Scale

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def no_space() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def no_right() -> None:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def interrupt() -> None:
    raise KeyboardInterrupt


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def fault(number: int, happen: Callable[[], None]) -> Iterator[list[str]]:
    """Let something happen in the place of the n-th write (0: never), and list the writes that were tried.

    Within a bound of memory there are two buckets, which this process scores itself: all writes are its own.
    """
    seen: list[str] = []
    opened, lock = io.open, threading.Lock()

    def counted(name: str, real: Callable[..., Any], writes: Callable[..., bool]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            if writes(*args, **more):
                with lock:  # some writes go on side by side
                    seen.append(f"{name} {args[0] if args else ''}")
                    now = len(seen) == number
                if now:
                    happen()
            return real(*args, **more)

        return call

    def always(*_: Any, **__: Any) -> bool:
        return True

    def for_writing(_: Any, mode: str = "r", *__: Any, **___: Any) -> bool:
        return any(letter in mode for letter in "wax+")

    def divided(scale: Scale, _: int) -> Division | None:
        return Division(2, 0, True, scale.memory) if scale.memory is not None else None

    places = [
        *((os, name, always) for name in ("mkdir", "rename", "replace", "fsync", "write", "ftruncate", "link")),
        (os, "open", lambda _, flags, *rest, **more: bool(flags & WRITES)),
        (io, "open", for_writing),
        (pa, "OSFile", for_writing),
        (pyarrow.csv, "CSVWriter", always),
        (pyarrow.parquet, "ParquetWriter", always),
    ]
    with ExitStack() as stack:
        for module, name, writes in places:
            stack.enter_context(patch.object(module, name, counted(name, getattr(module, name), writes)))
        stack.enter_context(patch.object(Scale, "of", divided))
        stack.enter_context(patch.object(builtins, "open", counted("open", opened, for_writing)))
        yield seen


def end_at(number: int, command: list[str]) -> int:
    """Run a command in a process that is killed in the place of the n-th write, and return how it ended."""
    from breachpattern.cli import main

    pid = os.fork()
    if pid == 0:
        try:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            with fault(number, kill):
                code = main(command)
        except BaseException:
            code = 255
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    from breachpattern.cli import main

    if sys.argv[1] == "serve":  # a number and a command a line
        import breachpattern.analysis
        import breachpattern.buckets.run
        import breachpattern.cli.app
        import breachpattern.review.measures
        import breachpattern.simulation
        import breachpattern.state  # noqa: F401
        from breachpattern.patterns import load_packs

        load_packs()
        for line in sys.stdin:
            sys.stdout.write(f"{end_at(*json.loads(line))}\n")
            sys.stdout.flush()
        sys.exit()
    with fault(int(sys.argv[1]), {"kill": kill, "interrupt": interrupt}[sys.argv[2]]):
        code = main(sys.argv[3:])
    sys.exit(code)

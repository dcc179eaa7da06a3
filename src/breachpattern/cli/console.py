"""What the command line says on stderr: errors in one paragraph, notes, and progress."""

from __future__ import annotations

import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from breachpattern.cli import DONE, FAILED, INTERRUPTED, WRONG_USAGE
from breachpattern.errors import BreachpatternError, ResourceError, UsageError, is_shortage, sentence

PATIENCE = 2.0  # seconds before progress is shown


def complain(error: BaseException, *, debug: bool = False) -> int:
    """Say on stderr, in one paragraph, what went wrong, and return the exit code.

    Parameters
    ----------
    error : BaseException
    debug : bool, default False
        Show the traceback first.
    """
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else DONE if error.code is None else FAILED
    if debug and not isinstance(error, KeyboardInterrupt):
        say("".join(traceback.format_exception(error)).rstrip(), wrap=False)
    message, code = _told(error)
    if code == INTERRUPTED:  # nothing is loaded to say so: the interrupt may have come while something was
        sys.stderr.write(f"breachpattern: {message}\n")
        sys.stderr.flush()
    else:
        say(f"breachpattern: {message}")
    return code


def _told(error: BaseException) -> tuple[str, int]:
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        return "interrupted; nothing was written.", INTERRUPTED
    if isinstance(error, BreachpatternError):
        return str(error), WRONG_USAGE if isinstance(error, UsageError) else FAILED
    # typer carries click within itself or beside it, depending on its version: so known by what it can do.
    if hasattr(error, "format_message"):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "breachpattern"
        return f"{sentence(error.format_message())} Try: {command} --help", getattr(error, "exit_code", WRONG_USAGE)
    if is_shortage(error):
        return f"{sentence('the memory ran out')} {ResourceError.BOUND}", FAILED
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}. Check the path and that you may read or write there.", FAILED
    kind = type(error).__name__
    return (
        f"this should not have happened ({kind}: {error}). Run the same command with --debug and report "
        "what it shows, with the output of `breachpattern --version`."
    ), FAILED


def say(text: str, *, wrap: bool = True) -> None:
    """Write a paragraph to stderr, without secrets and without control characters."""
    from breachpattern.ingest.secrets import without_secrets

    lines = without_secrets(text).splitlines() if not wrap else [" ".join(without_secrets(text).split())]
    sys.stderr.write("\n".join(printable(line) for line in lines) + "\n")
    sys.stderr.flush()


def printable(text: str) -> str:
    r"""Return a text in which nothing can steer a terminal.

    Examples
    --------
    >>> printable("P-1\x1b[31m")
    'P-1?[31m'
    """
    return "".join(c if c.isprintable() else "?" for c in text)


def show_notes(debug: bool) -> None:
    """Let warnings of this library be one line each on stderr; those of others show only with ``--debug``."""

    def note(message: Warning | str, category: type[Warning], *_args: Any, **_more: Any) -> None:
        if debug or category.__module__.startswith("breachpattern"):
            say(f"note: {message}")

    warnings.showwarning = note


@contextmanager
def telling_what_stands(out: Path | None, also: str = "") -> Iterator[None]:
    """Say, where an interrupt or the end of the memory comes late, that the outputs stand; before it nothing does.

    Parameters
    ----------
    out : Path, optional
        The folder that is written within the block, whole or not at all.
    also : str, default ""
        What is written after it, and may be missing then.
    """
    before = _stands(out)
    try:
        yield
    except KeyboardInterrupt:
        if _stands(out) == before:
            raise
        say(f"breachpattern: interrupted; {_written(out, also)}.")
        raise SystemExit(INTERRUPTED) from None
    except Exception as error:
        if not is_shortage(error) or _stands(out) == before:
            raise
        hint = "It asks for less with a smaller --limit: breachpattern report." if also else None
        raise ResourceError(f"The memory ran out; {_written(out, also)}.", hint=hint) from error


def _written(out: Path | None, also: str) -> str:
    return f"{out} is written{f', {also} may not be' if also else ''}"


def _stands(out: Path | None) -> tuple[int, int] | None:
    """Return what tells a folder from the one that takes its place."""
    with suppress(OSError):
        if out is not None:
            known = out.stat()
            return known.st_ino, known.st_mtime_ns
    return None


class Progress:
    """Shows on a terminal what is being done, once it takes longer than a moment.

    Parameters
    ----------
    quiet : bool
        Show nothing.
    """

    def __init__(self, quiet: bool) -> None:
        self._silent = quiet or not sys.stderr.isatty()
        self._lock = threading.Lock()
        self._live: Any = None
        self._task: Any = None
        self._last: tuple[str, int, int | None] = ("starting", 0, None)
        self._timer = threading.Timer(PATIENCE, self._begin)
        self._timer.daemon = True

    def __enter__(self) -> Progress:
        if not self._silent:
            self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        self._timer.cancel()
        with self._lock:
            self._silent = True
            if self._live is not None:
                self._live.stop()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Take note that a stage has done so many of so many."""
        with self._lock:
            changed = stage != self._last[0]
            self._last = (stage, done, total)
            if self._live is None:
                return
            if changed:
                self._live.remove_task(self._task)
                self._task = self._live.add_task(stage, total=total, completed=done)
            else:
                self._live.update(self._task, completed=done, total=total)

    def _begin(self) -> None:
        from rich import progress
        from rich.console import Console

        with self._lock:
            if self._silent:
                return
            columns = (
                progress.SpinnerColumn(),
                progress.TextColumn("{task.description}"),
                progress.BarColumn(bar_width=24),
                progress.MofNCompleteColumn(),
                progress.TimeRemainingColumn(),
            )
            self._live = progress.Progress(*columns, console=Console(stderr=True), transient=True)
            stage, done, total = self._last
            self._live.start()
            self._task = self._live.add_task(stage, total=total, completed=done)

"""The command line: ``breachpattern --help`` says what it can do."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Any

from breachpattern.interrupts import ENDING

DONE, FAILED, WRONG_USAGE, TOO_MANY_REJECTED, INTERRUPTED = 0, 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; those of the process by default.

    Returns
    -------
    int
        0 done; 1 failed; 2 wrong usage; 3 more rows of a table rejected than allowed; 130 interrupted.

    Examples
    --------
    >>> main(["--version"])  # doctest: +ELLIPSIS
    breachpattern ...
    0
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments
    if debug:  # it may stand anywhere
        arguments = ["--debug", *(argument for argument in arguments if argument != "--debug")]
    previous = _end_like_an_interrupt()
    try:
        from breachpattern.cli import addresses

        addresses.spare()
        from breachpattern.cli.app import command

        code = command()(args=arguments, prog_name="breachpattern", standalone_mode=False)
        sys.stdout.flush()
        # typer turns an interrupt into a code, its older versions into an error.
        return _complain(KeyboardInterrupt()) if code == INTERRUPTED else int(code or DONE)
    except BrokenPipeError:
        # The reader went away (`| head`): nothing is wrong, and there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except BaseException as error:
        return _complain(error, debug=debug)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _complain(error: BaseException, *, debug: bool = False) -> int:
    """Say what went wrong; all is over by now, and further interrupts are passed over while it is said."""
    if threading.current_thread() is threading.main_thread():
        for number in _ending():
            signal.signal(number, signal.SIG_IGN)
    from breachpattern.cli.console import complain

    return complain(error, debug=debug)


def _end_like_an_interrupt() -> dict[signal.Signals, Any]:
    """Let a request to end (SIGTERM), or a terminal that is gone (SIGHUP), leave nothing half-written, as Ctrl-C does.

    Returns
    -------
    dict
        What was to happen before at each of these signals. Where it is not the main thread, nothing changes: whoever
        embeds the command line decides.
    """
    if threading.current_thread() is not threading.main_thread():
        return {}

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    previous = {number: signal.getsignal(number) for number in _ending()}
    for number in previous:
        if number != signal.SIGINT:
            signal.signal(number, stop)
    return previous


def _ending() -> list[signal.Signals]:
    """Return the signals that end a command; what somebody asked to be passed over (``nohup``) is none."""
    return [number for number in ENDING if signal.getsignal(number) not in (signal.SIG_IGN, None)]

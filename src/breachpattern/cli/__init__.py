"""The command line: ``breachpattern --help`` says what it can do."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

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
    from breachpattern.cli import addresses
    from breachpattern.cli.app import command
    from breachpattern.cli.console import complain

    addresses.spare()
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments
    if debug:  # it may stand anywhere
        arguments = ["--debug", *(argument for argument in arguments if argument != "--debug")]
    previous = _end_like_an_interrupt()
    try:
        code = command()(args=arguments, prog_name="breachpattern", standalone_mode=False)
        sys.stdout.flush()
        # typer turns an interrupt into a code, its older versions into an error.
        return complain(KeyboardInterrupt()) if code == INTERRUPTED else int(code or DONE)
    except BrokenPipeError:
        # The reader went away (`| head`): nothing is wrong, and there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except BaseException as error:
        return complain(error, debug=debug)
    finally:
        if previous is not None:
            signal.signal(signal.SIGTERM, previous)


def _end_like_an_interrupt() -> Any:
    """Let a request to end (SIGTERM) leave nothing half-written, just as Ctrl-C does."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        return signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not in the main thread: whoever embeds the command line decides
        return None

"""Interrupts: held back while something is put in order that must not be left half done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

# What ends a process in an orderly way, as far as the system has it: Ctrl-C, a request, a terminal that is gone.
ENDING = tuple(signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def held_back() -> Iterator[None]:
    """Hear Ctrl-C and requests to end (SIGTERM, SIGHUP) only after the block.

    What tidies up is interrupted by the second Ctrl-C of somebody impatient, or by the first one that comes when all is
    nearly done. So keep blocks short: removing, renaming, waiting for what is being written. Only the main thread hears
    signals; elsewhere nothing is held back. A signal that ends the process at once, or is passed over, still does.

    Examples
    --------
    >>> import signal
    >>> told = []
    >>> try:
    ...     with held_back():
    ...         signal.raise_signal(signal.SIGINT)
    ...         told.append("tidied up")
    ... except KeyboardInterrupt:
    ...     told.append("interrupted")
    >>> told
    ['tidied up', 'interrupted']
    """
    came: list[tuple[int, FrameType | None]] = []
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.getsignal(number) for number in ENDING if callable(signal.getsignal(number))}
    try:
        for number in before:
            signal.signal(number, lambda *told: came.append(told))
        yield
    finally:
        # The one that was held back first is heard last: another one may come at any time.
        for number, handler in reversed(before.items()):
            signal.signal(number, handler)
    for number, frame in came[:1]:
        before[number](number, frame)

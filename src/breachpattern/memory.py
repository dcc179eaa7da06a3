"""Memory: given back to the system where work is done in parts, and taken from it in small pages."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pyarrow as pa

# From linux/prctl.h.
_SET_THP_DISABLE, _GET_THP_DISABLE = 41, 42


def let_go() -> None:
    """Give back what allocators keep for later."""
    pa.default_memory_pool().release_unused()
    _trim()(0)


@contextmanager
def small_pages() -> Iterator[None]:
    """Take memory in small pages meanwhile (Linux).

    A huge page is cleared whole when it is first touched. Columns come and go, and the allocator of Arrow asks for huge
    pages: most of what is cleared is never written to (``docs/decisions/0016``). It is asked for the whole process, by
    the first who wants it, and taken back by the last.
    """
    _SMALL_PAGES.begin()
    try:
        yield
    finally:
        _SMALL_PAGES.end()


class _SmallPages:
    """How many ask for small pages, and what held before the first did."""

    def __init__(self) -> None:
        self._lock, self._askers, self._before = threading.Lock(), 0, 0

    def begin(self) -> None:
        with self._lock:
            if self._askers == 0:
                self._before = _prctl()(_GET_THP_DISABLE, 0, 0, 0, 0)
                _prctl()(_SET_THP_DISABLE, 1, 0, 0, 0)
            self._askers += 1

    def end(self) -> None:
        with self._lock:
            self._askers -= 1
            if self._askers == 0:
                _prctl()(_SET_THP_DISABLE, max(self._before, 0), 0, 0, 0)


_SMALL_PAGES = _SmallPages()


@cache
def _prctl() -> Callable[..., int]:
    """Return the call by which a process says how Linux is to treat it."""
    if not sys.platform.startswith("linux"):
        return lambda *_: 0
    try:
        call = ctypes.CDLL(None).prctl
    except (AttributeError, OSError):
        return lambda *_: 0
    call.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    return lambda *words: int(call(*words))


@cache
def _trim() -> Callable[[int], int]:
    """Return the call of the C library that gives memory back, where it has one (glibc)."""
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return lambda _: 0
    return trim

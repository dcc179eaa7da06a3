"""Memory: given back to the system between buckets, so that a process takes what its bucket takes and no more."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from functools import cache

import pyarrow as pa


def let_go() -> None:
    """Give back what nothing holds any more: objects in cycles, and what allocators keep for later."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    _trim()(0)


@cache
def _trim() -> Callable[[int], int]:
    """Return the call of the C library that gives memory back, where it has one (glibc)."""
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return lambda _: 0
    return trim

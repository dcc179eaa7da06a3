"""Addresses: allocators reserve little of them where the process may not have many (``ulimit -v``)."""

from __future__ import annotations

import os
import sys

_ARENA_MAX = -8  # from malloc.h of glibc


def spare() -> None:
    """Make allocators reserve little, where addresses are bounded: to be called before Arrow is loaded.

    Reserved addresses are no memory, but ``ulimit -v`` counts them. Arrow's own allocator reserves a gigabyte at once,
    and the C library 64 MB for each of up to sixteen threads. Processes that are started from here do as this one.
    """
    if not _bounded():
        return
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    if sys.platform.startswith("linux"):
        import ctypes

        try:
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)
        except (AttributeError, OSError):
            return


def _bounded() -> bool:
    try:
        import resource
    except ImportError:  # Windows
        return False
    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY

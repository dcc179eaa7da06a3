"""How a run is divided: how many processes and buckets a number of rows asks for."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from breachpattern.errors import UsageError

# Measured: below, starting a worker costs more than it saves.
LARGE = 150_000
# Measured at the peak of scoring a bucket, and what a process takes before its first row.
BYTES_PER_ROW, BYTES_PER_PROCESS = 1_600, 200 << 20
# Small buckets fill the cores evenly to the end; each costs something of its own.
EACH, LEAST_ROWS = 4, 50_000
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}


@dataclass(frozen=True)
class Division:
    """How many buckets, how many processes beside this one, and whether this one scores too."""

    buckets: int
    workers: int
    takes_part: bool
    memory: int | None = None

    def buckets_of(self, sizes: npt.NDArray[np.int64]) -> int:
        """Return how many buckets components of some sizes take, so that all workers fit beside the largest of them.

        Examples
        --------
        >>> division = Division(10, 2, False, 4_000_000_000)
        >>> division.buckets_of(np.full(1000, 1000)), division.buckets_of(np.array([2_000_000, *[10] * 50_000]))
        (10, 24)
        """
        if self.memory is None or self.workers < 2 or not len(sizes):
            return self.buckets
        rows, largest = int(sizes.sum()), int(sizes.max())
        spare = self.memory - (self.workers + 1) * BYTES_PER_PROCESS - largest * BYTES_PER_ROW
        room = max(spare // (self.workers - 1) // BYTES_PER_ROW, LEAST_ROWS)
        return max(self.buckets, -(-rows // room))


@dataclass(frozen=True)
class Scale:
    """What was asked for: processes and bytes, ``None`` where it was left open."""

    workers: int | None
    memory: int | None

    def of(self, rows: int) -> Division | None:
        """Return how to divide so many rows; ``None`` where one process does it at once.

        Examples
        --------
        >>> Scale(2, None).of(1_000_000)
        Division(buckets=8, workers=1, takes_part=True, memory=None)
        >>> Scale(1, None).of(1_000_000) is None, Scale(None, None).of(1_000) is None
        (True, True)
        """
        workers = self.workers if self.workers is not None else cores() if rows >= LARGE else 1
        if self.memory is None:
            if workers < 2:
                return None
            return Division(max(workers, min(EACH * workers, rows // LEAST_ROWS)), workers - 1, True)
        if workers < 2 and rows * BYTES_PER_ROW + BYTES_PER_PROCESS <= self.memory:
            return None
        # This process only splits and merges: it lives on where a worker does not.
        each = max((self.memory - BYTES_PER_PROCESS) // workers - BYTES_PER_PROCESS, BYTES_PER_PROCESS)
        buckets = -(-rows * BYTES_PER_ROW // each)
        return Division(max(int(buckets), workers), workers, False, self.memory)


def scale_of(workers: int | None, memory: int | str | None) -> Scale:
    """Return what was asked for, checked.

    Raises
    ------
    UsageError
        Where there is no such number of processes, or of bytes.

    Examples
    --------
    >>> scale_of(2, "2GB")
    Scale(workers=2, memory=2000000000)
    """
    if workers is not None and workers < 1:
        raise UsageError(f"{workers} processes cannot score anything.", where="--workers", hint="Give 1 or more.")
    return Scale(workers, None if memory is None else bytes_of(memory))


def bytes_of(memory: int | str) -> int:
    """Return how many bytes a text such as ``2GB`` or ``512 MiB`` means.

    Raises
    ------
    UsageError
        Where it means none.

    Examples
    --------
    >>> bytes_of("2GB"), bytes_of("1.5 GiB"), bytes_of(1000)
    (2000000000, 1610612736, 1000)
    """
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([KMGT]I?)?B?\s*", str(memory).upper())
    size = int(float(found[1]) * UNITS[found[2] or ""]) if found else 0
    if size < 1:
        raise UsageError(f"{memory!r} is no amount of memory.", where="--memory", hint="Write it as 2GB or 500MB.")
    return size


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

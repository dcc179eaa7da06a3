"""How a run is divided: how many processes and buckets a number of rows asks for."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Sized
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from breachpattern.errors import UsageError

# Measured on two cores: at 300,000 rows a second process costs more than it saves, at 600,000 it saves a tenth.
LARGE = 500_000
# Measured at the peak of scoring a bucket, and what a process takes before its first row.
BYTES_PER_ROW, BYTES_PER_PROCESS = 1_600, 200 << 20
# Bytes of a row in a file, about.
PACKED, WRITTEN = 32, 100
# Small buckets fill the cores evenly to the end, most of all where the last are half as large; each costs something of
# its own.
EACH, LEAST_ROWS = 3, 50_000
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}


@dataclass(frozen=True)
class Division:
    """How many buckets and processes beside this one, whether this one scores too, and how many buckets are halved."""

    buckets: int
    workers: int
    takes_part: bool
    memory: int | None = None
    halved: int = 0

    def shares_of(self, sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return what each bucket takes of components of some sizes, in proportion: halves of a share come last.

        Examples
        --------
        >>> Division(4, 1, True, halved=2).shares_of(np.full(1000, 1000)).tolist()
        [2, 2, 1, 1, 1, 1]
        """
        whole = self._buckets_of(sizes) - self.halved
        return np.repeat(np.array([2, 1]), [whole, 2 * self.halved])

    def _buckets_of(self, sizes: npt.NDArray[np.int64]) -> int:
        """Return how many buckets components of some sizes take, so that all workers fit beside the largest of them.

        Examples
        --------
        >>> division = Division(10, 2, False, 4_000_000_000)
        >>> division._buckets_of(np.full(1000, 1000)), division._buckets_of(np.array([2_000_000, *[10] * 50_000]))
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
    """What was asked for: processes and bytes, ``None`` where it was left open; and whether this process is alone."""

    workers: int | None
    memory: int | None
    own: bool = False

    def alone(self) -> Scale:
        """Return the same without other processes, because those could not know what this one knows."""
        logging.getLogger(__name__).info("One process scores: criteria of your own are known to it alone.")
        return replace(self, own=True)

    def early(self, incidents: object) -> int:
        """Return how many processes to start before it is known how many rows there are."""
        if self.own:
            return 0
        rows = _rows_in(incidents)
        if self.workers is not None:
            return min(self.workers - (self.memory is None), rows // LEAST_ROWS) if self.workers > 1 else 0
        return _useful(rows) - 1 if self.memory is None else 0

    def of(self, rows: int) -> Division | None:
        """Return how to divide so many rows; ``None`` where one process does it at once.

        Examples
        --------
        >>> Scale(2, None).of(1_000_000)
        Division(buckets=6, workers=1, takes_part=True, memory=None, halved=2)
        >>> Scale(1, None).of(1_000_000) is None, Scale(None, None).of(1_000) is None
        (True, True)
        """
        if self.own:
            if self.memory is None:
                return None
            return Division(max(1, -(-rows * BYTES_PER_ROW // self.memory)), 0, True, self.memory)
        workers = self.workers if self.workers is not None else _useful(rows)
        if self.workers is None and self.memory is not None:
            workers = max(min(workers, self.memory // BYTES_PER_PROCESS - 1), 1)
        if self.memory is None:
            if workers < 2:
                return None
            buckets = max(workers, min(EACH * workers, rows // LEAST_ROWS))
            return Division(buckets, workers - 1, True, halved=workers if buckets > workers else 0)
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
        Where there is no such number of processes, or of bytes, or so many processes take more before their first row.

    Examples
    --------
    >>> scale_of(2, "2GB")
    Scale(workers=2, memory=2000000000, own=False)
    """
    if workers is not None and not isinstance(workers, int):
        raise UsageError(f"{workers!r} is no number of processes.", where="--workers", hint="Give a whole number.")
    if workers is not None and workers < 1:
        raise UsageError(f"{workers} processes cannot score anything.", where="--workers", hint="Give 1 or more.")
    size = None if memory is None else bytes_of(memory)
    processes = (workers or 1) + 1
    if size is not None and size < processes * BYTES_PER_PROCESS:
        least = -(-processes * BYTES_PER_PROCESS // UNITS["M"])
        fewer = ", or fewer --workers" if processes > 2 else ""
        raise UsageError(
            f"{memory} is too little: {processes} processes, one of which splits and merges, take {least}MB before "
            "their first row.",
            where="--memory",
            hint=f"Give {least}MB or more{fewer}.",
        )
    return Scale(workers, size)


def _useful(rows: int) -> int:
    """Return how many processes score so many rows sooner than fewer would."""
    return max(min(cores(), rows // LEAST_ROWS), 1) if rows >= LARGE else 1


def _rows_in(incidents: object) -> int:
    """Return about how many rows a source has: those of a table, and of a file by its size; 0 of anything else."""
    if isinstance(incidents, Sized) and not isinstance(incidents, str):
        return len(incidents)
    try:
        path = Path(incidents)  # type: ignore[arg-type]
        size = path.stat().st_size
    except (TypeError, ValueError, OSError):
        return 0
    return size // (PACKED if path.suffix in (".parquet", ".gz", ".xlsx") else WRITTEN)


def see_that_may_open(files: int) -> None:
    """Raise how many files this process may have open, as far as it may: some systems begin with 256."""
    try:
        import resource
    except ImportError:  # Windows
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = files if hard == resource.RLIM_INFINITY else min(files, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):  # what is not allowed, opening a file tells
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


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
    if not sys.executable:
        return 1  # within another program: no further Python can be started
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

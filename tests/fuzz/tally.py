"""Counts that outlive whatever ends a process: a small file in shared memory."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np


class Tally:
    """Inputs tried for each target, the target that is at work, and the time from the first input to the last."""

    def __init__(self, path: Path) -> None:
        self._cells = np.memmap(path, np.int64, "r+")
        self.runs = self._cells[3:]

    @classmethod
    def new(cls, path: Path, targets: int) -> Tally:
        path.write_bytes(bytes(8 * (3 + targets)))
        return cls(path)

    def note(self, target: int) -> None:
        """Count one more input before it is tried."""
        now = time.monotonic_ns()
        if not self._cells[1]:
            self._cells[1] = now
        self._cells[0], self._cells[2] = target, now
        self.runs[target] += 1

    @property
    def target(self) -> int:
        return int(self._cells[0])

    @property
    def seconds(self) -> float:
        return int(self._cells[2] - self._cells[1]) / 1e9

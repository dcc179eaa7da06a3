"""Fuzz with coverage as the guide: ``python -m tests.fuzz FOLDER [options of libFuzzer]`` (needs atheris).

The folder keeps what was found to be worth trying. Every run adds a line to the log from which docs/reliability.md
tells how long was fuzzed and what came of it, whether it ended well, by a crash or by a hang.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from proof.fuzzing import add
from proof.reliability import write_page
from tests.fuzz.tally import Tally
from tests.fuzz.targets import TARGETS

# What libFuzzer leaves with: the time is over, or whoever started it interrupts.
WELL = (0, 72)


def main(arguments: list[str]) -> int:
    names = sorted(TARGETS)
    folder, *options = arguments
    Path(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        told = Path(place, "tally")
        tally = Tally.new(told, len(names))
        command = [sys.executable, "-m", "tests.fuzz.child", os.fspath(told), folder, *options]
        code = subprocess.run(command, check=False).returncode
        runs = {name: int(n) for name, n in zip(names, tally.runs, strict=True)}
        crashed = names[int(tally.target)] if code not in WELL and np.any(tally.runs) else None
        seconds = tally.seconds
    if not any(runs.values()):
        return code or 1
    add(datetime.now(UTC).date().isoformat(), seconds, runs, {crashed: 1} if crashed else {})
    write_page()
    return 0 if code in WELL else code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""The process that fuzzes: ``python -m tests.fuzz.child TALLY FOLDER [options of libFuzzer]``.

The first byte of an input says which target the rest is for.
"""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["breachpattern"]):
    from tests.fuzz.targets import TARGETS, attempt

from tests.fuzz.seeds import SEEDS
from tests.fuzz.tally import Tally

NAMES = sorted(TARGETS)


def main() -> None:
    warnings.simplefilter("ignore")
    tally, folder = Tally(Path(sys.argv[1])), Path(sys.argv[2])
    for number, name in enumerate(NAMES):
        (folder / f"seed-{name}").write_bytes(bytes([number]) + SEEDS[name])

    def one(data: bytes) -> None:
        if data:
            number = data[0] % len(NAMES)
            tally.note(number)
            attempt(NAMES[number], data[1:])

    atheris.Setup([sys.argv[0], os.fspath(folder), *sys.argv[3:]], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

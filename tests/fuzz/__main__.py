"""Fuzz with coverage as the guide: ``python -m tests.fuzz FOLDER [options of libFuzzer]`` (needs atheris).

The first byte says which target the rest is for. The folder keeps what was found to be worth trying.
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

NAMES = sorted(TARGETS)


def one(data: bytes) -> None:
    if data:
        attempt(NAMES[data[0] % len(NAMES)], data[1:])


def main() -> None:
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(NAMES):
        (folder / f"seed-{name}").write_bytes(bytes([number]) + SEEDS[name])
    atheris.Setup([sys.argv[0], os.fspath(folder), *sys.argv[2:]], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

"""Looks into what was built: ``python release/check.py dist``. Says what is missing or too much, and fails.

A wheel holds every module and every file of data under ``src/breachpattern`` and the sample data, and nothing else. The
wheel that is built from the source archive is the same, file for file.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "breachpattern"
SAMPLES = ("incidents", "orders", "persons", "associations")
NEEDED_IN_SOURCES = (
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "pyproject.toml",
    "tests/conftest.py",
    "docs/index.md",
    "Makefile",
)


def contents(wheel: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a wheel, but for its record of files."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/RECORD")]
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}


def expected() -> set[str]:
    """Return the files that the package has."""
    files = (path for path in SOURCE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    own = {f"breachpattern/{path.relative_to(SOURCE).as_posix()}" for path in files}
    return own | {f"breachpattern/_sample_data/{name}.csv" for name in SAMPLES}


def problems(dist: Path) -> list[str]:
    """Return what is wrong with a folder of one wheel and one source archive."""
    (wheel,), (archive,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    held = contents(wheel)
    package = {name for name in held if ".dist-info/" not in name}
    told = [f"the wheel lacks {name}" for name in sorted(expected() - package)]
    told += [f"the wheel holds {name}" for name in sorted(package - expected())]
    with tarfile.open(archive) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
        told += [f"the source archive lacks {name}" for name in NEEDED_IN_SOURCES if name not in names]
        with tempfile.TemporaryDirectory() as place:
            source.extractall(place, filter="data")
            (unpacked,) = Path(place).iterdir()
            command = [sys.executable, "-m", "build", "--wheel", "--outdir", f"{place}/again", str(unpacked)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            (again,) = Path(place, "again").glob("*.whl")
            if contents(again) != held:
                told.append("the wheel that is built from the source archive differs")
    return told


if __name__ == "__main__":
    found = problems(Path(sys.argv[1]))
    for line in found:
        sys.stderr.write(f"{line}\n")
    sys.exit(bool(found))

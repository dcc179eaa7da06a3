"""What a run rested on beside its inputs: a hash of every file that its settings name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from breachpattern.ingest.sources import digest_of

NAMED = ("mapping", "patterns", "filters", "law", "link_decisions", "link_model")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files of a folder with their names; empty where there is none.

    Examples
    --------
    >>> sha256_of(Path("no such file"))
    ''
    """
    try:
        if path.is_file():
            return digest_of(path)
        members = sorted(one for one in path.rglob("*") if one.is_file())
        told = [f"{one.relative_to(path).as_posix()}\0{sha256_of(one)}\n" for one in members]
    except OSError:
        return ""
    return hashlib.sha256("".join(told).encode()).hexdigest() if members else ""


def setting_files(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of every file or folder that settings name, by its path as it was given.

    Parameters
    ----------
    settings : mapping
        As in ``summary.json``.

    Examples
    --------
    >>> setting_files({"mapping": None, "patterns": [], "link": "exact"})
    {}
    """
    return {path: digest for path in _paths(settings) if (digest := sha256_of(Path(path)))}


def _paths(settings: Mapping[str, Any]) -> Iterator[str]:
    for name in NAMED:
        value = settings.get(name)
        for path in value if isinstance(value, list | tuple) else [value]:
            if isinstance(path, str | Path):
                yield str(path)

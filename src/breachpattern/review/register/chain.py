"""The hash chain: what makes a change of the register show. No database here, only rows and hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

START = "0" * 64
LOGGED = ("id", "at", "actor", "kind", "counts", "content", "previous")


def canonical(value: Any) -> bytes:
    """Return a value as the one JSON text that stands for it.

    Examples
    --------
    >>> canonical({"b": 1, "a": "ö"}).decode()
    '{"a":"ö","b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha256(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON, in hexadecimal.

    Examples
    --------
    >>> sha256({"a": 1})[:8]
    '015abd7f'
    """
    return hashlib.sha256(canonical(value)).hexdigest()


def content_of(digests: Iterable[str]) -> str:
    """Return one hash for the digests of some decisions, in their order; blank for none.

    Examples
    --------
    >>> content_of([]), len(content_of(["a"]))
    ('', 64)
    """
    held = list(digests)
    return sha256(held) if held else ""


def entry_hash(row: Mapping[str, Any]) -> str:
    """Return the hash of a row of the log: everything in it, and the hash of the row before.

    Examples
    --------
    >>> row = dict.fromkeys(LOGGED, "") | {"previous": START}
    >>> entry_hash(row) == entry_hash(row | {"hash": "not part of it"})
    True
    """
    return sha256({name: row[name] for name in LOGGED})

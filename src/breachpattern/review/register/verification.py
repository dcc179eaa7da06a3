"""Verifying a register: every hash worked out again, the first broken link named in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from breachpattern.errors import UsageError
from breachpattern.review.register.chain import LOGGED, START, content_of, entry_hash
from breachpattern.review.register.decisions import digest
from breachpattern.review.register.tables import DECISIONS, LOG

_ROWS = 2_000  # fetched at a time
_HEAD = re.compile("[0-9a-f]{8,64}")  # of two digits, one in 256 fits by chance: no proof


@dataclass(frozen=True)
class Verification:
    """What verifying a register found.

    Attributes
    ----------
    entries, decisions, purged : int
        How many entries of the log were looked at, how many decisions, and how many of these are emptied.
    head : str
        The hash of the last entry: noted elsewhere, it proves later that nothing was cut off or written anew.
    broken : str or None
        The first broken link, in words.
    """

    entries: int
    decisions: int
    purged: int
    head: str
    broken: str | None

    @property
    def ok(self) -> bool:
        """Whether every link holds."""
        return self.broken is None


def verify(connection: sa.Connection, anchor: str | None = None) -> Verification:
    """Return what the register looks like when every hash is worked out again.

    Parameters
    ----------
    connection : Connection
        A view of one moment.
    anchor : str, optional
        A head that was noted earlier: it must still be in the log.

    Raises
    ------
    UsageError
        Where the anchor is not at least eight hexadecimal digits.
    """
    if anchor is not None and not _HEAD.fullmatch(anchor):
        raise UsageError(
            f"{anchor!r} is no head of a register, or too little of one to prove anything.",
            where="head",
            hint="Give the first eight digits at least, as `breachpattern review verify` said them.",
        )
    entries, previous, seen, broken = 0, START, anchor is None, None
    contents: dict[int, tuple[str, str]] = {}
    for row in connection.execution_options(yield_per=_ROWS).execute(sa.select(LOG).order_by(LOG.c.id)).mappings():
        entries += 1
        if broken is None:
            broken = _entry(dict(row), entries, previous)
        previous, seen = row["hash"], seen or row["hash"].startswith(str(anchor))
        if row["content"]:
            contents[row["id"]] = (row["kind"], row["content"])
    count, purged, wrong = _decisions(connection, contents)
    faults = [fault for fault in (broken, wrong) if fault]
    if not seen:
        faults.append(
            f"The head {str(anchor)[:16]}… that was noted earlier is not in the log: it was cut off or written anew"
        )
    return Verification(entries, count, purged, previous, faults[0] if faults else None)


def _entry(row: dict[str, object], number: int, previous: str) -> str | None:
    if row["id"] != number:
        return f"Entry {number} of the log is missing (entry {row['id']} stands in its place)"
    if row["previous"] != previous:
        return f"Entry {number} of the log ({row['kind']}, {row['at']}) does not go on from entry {number - 1}"
    if row["hash"] != entry_hash({name: row[name] for name in LOGGED}):
        return f"Entry {number} of the log ({row['kind']}, {row['at']}) is not as it was written"
    return None


def _decisions(connection: sa.Connection, contents: dict[int, tuple[str, str]]) -> tuple[int, int, str | None]:
    """Return how many decisions there are, how many are emptied, and the first that is not as the log says."""
    written: dict[int, list[str]] = {}
    emptied: dict[int, list[str]] = {}
    broken: str | None = None
    count = 0
    for row in _in_order(connection):
        count += 1
        if row["id"] != count:
            broken = broken or f"Decision {count} is missing (decision {row['id']} stands in its place)"
        written.setdefault(row["log_id"], []).append(row["digest"])
        if row["purged_in"] is not None:
            emptied.setdefault(row["purged_in"], []).append(row["digest"])
        elif row["digest"] != digest(row):
            broken = broken or f"Decision {row['id']} ({row['decided_at']}) is not as it was written"
    for held, kinds, word in ((written, ("decide", "import"), "wrote"), (emptied, ("purge",), "emptied")):
        told = {entry: content for entry, (kind, content) in contents.items() if kind in kinds}
        for entry in sorted({*told, *held}):
            if told.get(entry) != content_of(held.get(entry, ())):
                broken = broken or f"The decisions that entry {entry} of the log {word} are not those that stand there"
    return count, sum(map(len, emptied.values())), broken


def _in_order(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    rows = connection.execution_options(yield_per=_ROWS).execute(sa.select(DECISIONS).order_by(DECISIONS.c.id))
    return (dict(row) for row in rows.mappings())

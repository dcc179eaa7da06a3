"""The audit log: who did what, when, of what kind and how much; about whom, never. Each entry holds on to the last.

The Data Protection Act 2018 s.62 asks those who process for law enforcement to log consultation, alteration, disclosure
and erasure, with when and by whom.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import sqlalchemy as sa

from breachpattern.review.register.chain import START, canonical, entry_hash
from breachpattern.review.register.tables import LOG

KINDS = {
    "schema": "The register was made, or brought to a newer schema.",
    "load": "The findings of a run were held against the register.",
    "query": "Decisions were looked up.",
    "export": "Decisions were written to a file.",
    "import": "Decisions were read from a file.",
    "decide": "A decision was made.",
    "purge": "Decisions were emptied.",
}


def append(
    connection: sa.Connection, *, at: str, actor: str, kind: str, counts: Mapping[str, int], content: str = ""
) -> int:
    """Add an entry within the transaction of a writer and return its number.

    Parameters
    ----------
    at : str
        ISO 8601, UTC.
    actor : str
    kind : str
        One of :data:`KINDS`.
    counts : mapping of str to int
    content : str, default ""
        The hash of the decisions that it covers.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of entry")
    last = connection.execute(sa.select(LOG.c.id, LOG.c.hash).order_by(LOG.c.id.desc()).limit(1)).first()
    number, previous = (last.id, last.hash) if last else (0, START)
    row = {
        "id": number + 1,
        "at": at,
        "actor": actor,
        "kind": kind,
        "counts": canonical(dict(counts)).decode(),
        "content": content,
        "previous": previous,
    }
    connection.execute(sa.insert(LOG), row | {"hash": entry_hash(row)})
    return int(number) + 1


def now() -> str:
    """Return the present, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

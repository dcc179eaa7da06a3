"""Purging: decisions older than a day are emptied, and the chain stays whole: a tombstone keeps number and hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from breachpattern.errors import UsageError
from breachpattern.review.register import log
from breachpattern.review.register.chain import content_of
from breachpattern.review.register.decisions import KEPT_WHOLE, last_ids
from breachpattern.review.register.tables import DECISIONS, PURGED

_LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Purge:
    """What was emptied, or would be.

    Attributes
    ----------
    before : str
        Everything decided before this instant, ISO 8601 UTC.
    decisions : tuple of (int, str)
        The number of each decision, and when it was made.
    standing : int
        How many of them are the last on their finding: those findings will be asked again.
    entry : int or None
        The entry of the log that says so; ``None`` where nothing was emptied.
    """

    before: str
    decisions: tuple[tuple[int, str], ...]
    standing: int
    entry: int | None


def start_of(before: str | date) -> str:
    """Return the start of a day in London, in UTC.

    Raises
    ------
    UsageError
        Where it is no day, or one that is still to come.

    Examples
    --------
    >>> start_of("2025-07-01")
    '2025-06-30T23:00:00Z'
    """
    try:
        day = date.fromisoformat(before) if isinstance(before, str) else before
    except ValueError:
        raise UsageError(f"{before!r} is not a date.", where="before", hint="Write it as 2025-03-01.") from None
    if day > datetime.now(_LONDON).date():
        raise UsageError(f"{day} is still to come.", where="before", hint="Give today, or a day that is past.")
    return datetime.combine(day, time(), _LONDON).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def found(connection: sa.Connection, before: str) -> Purge:
    """Return what a purge would empty."""
    old = _old(before)
    rows = connection.execute(sa.select(DECISIONS.c.id, DECISIONS.c.decided_at).where(old).order_by(DECISIONS.c.id))
    standing = sa.select(sa.func.count()).select_from(DECISIONS).where(old, DECISIONS.c.id.in_(last_ids()))
    decisions = tuple((row.id, row.decided_at) for row in rows)
    return Purge(before, decisions, int(connection.execute(standing).scalar() or 0), None)


def purge(connection: sa.Connection, before: str, *, actor: str) -> Purge:
    """Empty what was decided before an instant, within the transaction of a writer."""
    what = found(connection, before)
    if not what.decisions:
        return what
    old = _old(before)
    digests = connection.execute(sa.select(DECISIONS.c.digest).where(old).order_by(DECISIONS.c.id)).scalars()
    counts = {"decisions": len(what.decisions), "standing": what.standing}
    entry = log.append(connection, at=log.now(), actor=actor, kind="purge", counts=counts, content=content_of(digests))
    connection.execute(sa.update(DECISIONS).where(old).values({**dict.fromkeys(PURGED), "purged_in": entry}))
    return Purge(before, what.decisions, what.standing, entry)


def _old(before: str) -> sa.ColumnElement[bool]:
    return sa.and_(KEPT_WHOLE, DECISIONS.c.decided_at < before)

"""Decisions: one row each, never changed; a later one on the same finding names the one that it saw last."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from breachpattern.errors import RegisterError
from breachpattern.review.register import log
from breachpattern.review.register.chain import canonical, content_of, sha256
from breachpattern.review.register.tables import DECISIONS, DIGESTED

KEPT_WHOLE = DECISIONS.c.purged_in.is_(None)
PEOPLE_AND_EVIDENCE = ("suspect_id", "victim_ids", "incidents", "orders", "breaches", "span")
NONE_SEEN = 0


class DecidedMeanwhile(RegisterError):  # noqa: N818 - reads as what it is
    """Somebody decided on the finding after what the reviewer had seen; nothing was overwritten."""

    code = "decided_meanwhile"


@dataclass(frozen=True)
class Decision:
    """What a person decided about a finding, and what was known of it then.

    Attributes
    ----------
    id : int
        Its number in the register.
    decided_at : str
        ISO 8601, UTC.
    finding_id, verdict, reason, text, reviewer : str
    goes_on_from : str
        The decided finding that this one grew from; blank where from none.
    seen, corrects : int or None
        The decision on this finding that the reviewer had seen last, and the one that this corrects.
    evidence_hash : str
        SHA-256 of ``evidence``: which incidents, orders and breaches it rests on, by reference.
    pattern, level, course_id, package_version, catalogue_version, patterns_version, as_of : str
        As they were then.
    """

    id: int
    decided_at: str
    finding_id: str
    verdict: str
    reason: str
    text: str
    reviewer: str
    goes_on_from: str
    seen: int | None
    corrects: int | None
    evidence_hash: str
    evidence: str
    pattern: str
    level: str
    course_id: str
    package_version: str
    catalogue_version: str
    patterns_version: str
    as_of: str

    def rests_on(self) -> dict[str, str]:
        """Return what it rested on, as :func:`~breachpattern.analysis.runs.evidence_table` has it."""
        return {name: str(value) for name, value in json.loads(self.evidence).items()}

    def said(self) -> str:
        """Return it in words: verdict, reason, person, day.

        Examples
        --------
        >>> blank = dict.fromkeys(Decision.__dataclass_fields__, "")
        >>> Decision(**blank | {"id": 3, "verdict": "unsure", "reason": "other", "reviewer": "A. Reader",
        ...                     "decided_at": "2026-11-26T09:12:00Z"}).said()
        'unsure (other) by A. Reader on 26 Nov 2026 at 09:12 UTC (decision 3)'
        """
        at = datetime.fromisoformat(self.decided_at)
        when = f"{at.day} {at:%b %Y at %H:%M} UTC"
        return f"{self.verdict} ({self.reason}) by {self.reviewer} on {when} (decision {self.id})"


@dataclass(frozen=True)
class Draft:
    """A decision that is to be written."""

    finding_id: str
    verdict: str
    reason: str
    text: str
    reviewer: str
    goes_on_from: str
    seen: int
    corrects: int | None
    evidence: Mapping[str, str]
    pattern: str
    level: str
    course_id: str
    package_version: str
    catalogue_version: str
    patterns_version: str
    as_of: str


def evidence_text(row: Mapping[str, Any]) -> str:
    """Return what a finding rests on as the text that is kept and hashed."""
    return canonical({name: row[name] or "" for name in PEOPLE_AND_EVIDENCE}).decode()


def evidence_hash(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a finding rests on."""
    return sha256({name: row[name] or "" for name in PEOPLE_AND_EVIDENCE})


def latest(connection: sa.Connection, finding_ids: Sequence[str] | None = None) -> list[Decision]:
    """Return the last decision on each finding, in the order in which they were made.

    Parameters
    ----------
    finding_ids : sequence of str, optional
        All findings by default.
    """
    return _read(connection, sa.select(*_COLUMNS).where(DECISIONS.c.id.in_(last_ids())), finding_ids)


def histories(connection: sa.Connection, finding_ids: Sequence[str]) -> dict[str, list[Decision]]:
    """Return every decision on some findings, the first one of each first."""
    found: dict[str, list[Decision]] = {}
    for decision in _read(connection, sa.select(*_COLUMNS), finding_ids):
        found.setdefault(decision.finding_id, []).append(decision)
    return found


def last_ids() -> sa.Select[Any]:
    """Return the query for the number of the last decision on each finding; what was purged counts for nothing."""
    return sa.select(sa.func.max(DECISIONS.c.id)).where(KEPT_WHOLE).group_by(DECISIONS.c.finding_id)


def _read(connection: sa.Connection, query: sa.Select[Any], finding_ids: Sequence[str] | None) -> list[Decision]:
    """Return the decisions that a query selects, on all findings or on some, in the order in which they were made."""
    query, some = query.order_by(DECISIONS.c.id), finding_ids
    parts = [query] if some is None else [
        query.where(DECISIONS.c.finding_id.in_(some[start : start + _AT_ONCE]))
        for start in range(0, len(some), _AT_ONCE)
    ]  # fmt: skip
    return [Decision(**row) for part in parts for row in connection.execute(part).mappings()]


def check_seen(draft: Draft, last: Decision | None, own: Sequence[int]) -> None:
    """Refuse a decision whose reviewer has not seen the last one, or that corrects what is none on its finding.

    Raises
    ------
    DecidedMeanwhile, RegisterError
    """
    if draft.seen != (last.id if last else NONE_SEEN):
        had = f"decision {draft.seen}" if draft.seen else "none"
        if last is None:
            raise RegisterError(
                f"There is no decision {draft.seen} on this finding, or it was purged.",
                where=draft.finding_id,
                hint="Leave out which decision was seen.",
            )
        raise DecidedMeanwhile(
            f"It is decided already: {last.said()}; you had seen {had}.",
            where=draft.finding_id,
            hint=f"Look at that one. To decide all the same: --seen {last.id}; to correct it: --corrects {last.id}.",
        )
    if draft.corrects is not None and draft.corrects not in own:
        raise RegisterError(
            f"Decision {draft.corrects} is none on this finding.",
            where=draft.finding_id,
            hint=f"Its decisions: {', '.join(map(str, own)) or 'none'}.",
        )


def write(
    connection: sa.Connection, drafts: Sequence[Draft], *, at: str, actor: str, kind: str, counts: Mapping[str, int]
) -> list[Decision]:
    """Write decisions and the one entry of the log that covers them, within the transaction of a writer.

    Parameters
    ----------
    connection : Connection
    drafts : sequence of Draft
        Checked already.
    at, actor, kind, counts
        As :func:`~breachpattern.review.register.log.append` takes them.
    """
    first = (connection.execute(sa.select(sa.func.max(DECISIONS.c.id))).scalar() or 0) + 1
    rows: list[dict[str, Any]] = []
    for number, draft in enumerate(drafts, start=first):
        row = asdict(draft) | {"id": number, "decided_at": at, "salt": secrets.token_hex(16)}
        row |= {"evidence": evidence_text(draft.evidence), "evidence_hash": evidence_hash(draft.evidence)}
        rows.append(row | {"digest": digest(row)})
    entry = log.append(
        connection, at=at, actor=actor, kind=kind, counts=counts, content=content_of(row["digest"] for row in rows)
    )
    if rows:
        connection.execute(sa.insert(DECISIONS), [row | {"log_id": entry} for row in rows])
    return [Decision(**{name: row[name] for name in Decision.__dataclass_fields__}) for row in rows]


def digest(row: Mapping[str, Any]) -> str:
    """Return the hash by which the log holds on to a decision.

    The salt is drawn for each: once it is purged, nobody can find out from the hash what the decision was.
    """
    return sha256({name: row[name] for name in DIGESTED})


_COLUMNS = tuple(DECISIONS.c[name] for name in Decision.__dataclass_fields__)
_AT_ONCE = 500  # bound parameters in one statement

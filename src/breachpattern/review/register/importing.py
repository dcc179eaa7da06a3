"""Bringing a sheet into the register: one transaction, each row on its own merits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from breachpattern.analysis.runs import Run
from breachpattern.errors import RegisterError
from breachpattern.review.register import log
from breachpattern.review.register.database import Database
from breachpattern.review.register.decisions import (
    DecidedMeanwhile,
    Decision,
    Draft,
    check_seen,
    histories,
    latest,
    write,
)
from breachpattern.review.register.drafts import drafts_of
from breachpattern.review.register.rows import Imported, Problems, read_sheet, rows_of

_SAID = ("verdict", "reason", "text", "reviewer")


def import_sheet(database: Database, run: Run, path: Path, *, reviewer: str | None, actor: str) -> Imported:
    """Write the decisions of a sheet and return what became of its rows.

    Parameters
    ----------
    database : Database
    run : Run
        What the findings rest on now.
    path : Path
    reviewer : str or None
        Who decided, where a row does not say.
    actor : str
        Who imports.
    """
    sheet = read_sheet(path)
    problems = Problems(path.name)
    rows, blank = rows_of(sheet, run, reviewer, problems)
    with database.reading() as connection:
        decided = latest(connection)
    drafts = drafts_of(run, decided, {row.finding_id: row.given for row in rows})
    lines = {row.finding_id: row.line for row in rows}
    with database.writing() as connection:
        fresh, duplicates = _fresh(connection, drafts, lines, problems)
        counts = {
            "rows_in": sheet.data.num_rows + len(sheet.broken),
            "accepted": len(fresh),
            "rejected": len(problems),
            "duplicates": duplicates,
            "blank": blank,
        }
        written = write(connection, fresh, at=log.now(), actor=actor, kind="import", counts=counts)
    return Imported(written, problems.issues(), counts)


def _fresh(
    connection: sa.Connection, drafts: Sequence[Draft], lines: dict[str, int], problems: Problems
) -> tuple[list[Draft], int]:
    """Return the decisions that can be written, and how many are there already; of all others a problem is noted."""
    before = histories(connection, [draft.finding_id for draft in drafts])
    fresh: list[Draft] = []
    duplicates = 0
    for draft in drafts:
        own = before.get(draft.finding_id, [])
        last = own[-1] if own else None
        if last is not None and _same(draft, last):
            duplicates += 1
            continue
        try:
            check_seen(draft, last, [decision.id for decision in own])
        except RegisterError as error:
            code, column = ("decided_meanwhile", "decision"), ("unreadable_number", "corrects")
            which = code if isinstance(error, DecidedMeanwhile) or draft.corrects is None else column
            value = str(getattr(draft, "seen" if which is code else "corrects") or "")
            problems.add(lines[draft.finding_id], which[0], value, error.message, column=which[1])
        else:
            fresh.append(draft)
    return fresh, duplicates


def _same(draft: Draft, last: Decision) -> bool:
    return draft.seen == last.seen and all(getattr(draft, name) == getattr(last, name) for name in _SAID)

"""What people have decided on findings, as a page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from breachpattern.review.register import Register
from breachpattern.review.register.verdicts import CHANGED, UNREVIEWED

NOT_REVIEWED = "not reviewed"


@dataclass(frozen=True)
class Decision:
    """A person's decision on a finding.

    Attributes
    ----------
    status : str
        In words: *confirmed*, *rejected*, *unsure*, *needs record*, *changed since*.
    by, at, reason : str
        Who, when, why; empty where not told.
    """

    status: str
    by: str = ""
    at: str = ""
    reason: str = ""


def decision_on(decisions: Mapping[str, Decision], finding_id: str) -> Decision:
    """Return the decision on a finding, or that there is none.

    Examples
    --------
    >>> decision_on({}, "F-1").status
    'not reviewed'
    """
    return decisions.get(finding_id, Decision(NOT_REVIEWED))


def decisions_of(url: str, folder: Path) -> dict[str, Decision]:
    """Return what a register says about the findings of a run.

    Parameters
    ----------
    url : str
        Of an existing register, such as ``sqlite:///register.db``.
    folder : Path
        The run folder: findings that grew or changed since they were decided are *changed since*.

    Raises
    ------
    RegisterError
        Where there is no register, or it cannot be read.
    """
    with Register(url, create=False) as register:
        rows = register.review(folder).findings.to_arrow().to_pylist()
    return {row["finding_id"]: _decision(row) for row in rows if row["status"] != UNREVIEWED}


def _decision(row: Mapping[str, Any]) -> Decision:
    verdict, status = (str(row.get(name) or "").replace("_", " ") for name in ("verdict", "status"))
    changed = row["status"] == CHANGED
    reason = ": ".join(filter(None, (str(row.get("reason") or "").replace("_", " "), str(row.get("text") or ""))))
    since = f"; since then: {row['difference']}" if changed and row.get("difference") else ""
    return Decision(
        status=f"changed since ({verdict})" if changed else status,
        by=str(row.get("reviewer") or ""),
        at=str(row.get("decided_at") or ""),
        reason=reason + since,
    )

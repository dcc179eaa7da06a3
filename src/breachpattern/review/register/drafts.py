"""Decisions before they are written: which finding is meant, and what it rests on in the run at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from breachpattern.analysis.runs import Run
from breachpattern.errors import UsageError
from breachpattern.review.register.decisions import NONE_SEEN, Decision, Draft
from breachpattern.review.register.standing import review_of


def one_of(run: Run, finding_id: str) -> str:
    """Return the one finding of a run whose id begins so.

    Raises
    ------
    UsageError
    """
    ids: list[str] = run.findings["finding_id"].to_pylist()
    text = finding_id.strip()
    matches = [i for i in ids if i == text] or [i for i in ids if text and i.startswith((text, f"F-{text}"))]
    if len(matches) == 1:
        return matches[0]
    said = "No finding of this run has" if not matches else f"{len(matches)} findings of this run have"
    shown = ", ".join((matches or ids)[:3])
    raise UsageError(f"{said} an id that begins with {text!r}.", hint=f"Ids look like {shown}." if shown else None)


def drafts_of(run: Run, decided: Sequence[Decision], given: dict[str, dict[str, Any]]) -> list[Draft]:
    """Return decisions to write, with what the findings rest on in this run."""
    grew = _grew(run, decided, given)
    rules = {"package_version": "breachpattern", "catalogue_version": "catalogue", "patterns_version": "patterns"}
    versions = {name: run.versions[key] for name, key in rules.items()}
    drafts = []
    for row in run.only(given).evidence.to_pylist():
        fields: dict[str, Any] = dict(given[row["finding_id"]])
        fields |= {"seen": fields["seen"] or fields["corrects"] or NONE_SEEN}
        fields |= {name: row[name] or "" for name in ("finding_id", "pattern", "level", "course_id")}
        from_ = grew.get(row["finding_id"], "")
        drafts.append(Draft(**{**fields, **versions}, goes_on_from=from_, evidence=row, as_of=run.as_of))
    return drafts


def _grew(run: Run, decided: Sequence[Decision], given: Mapping[str, Any]) -> dict[str, str]:
    """Return which decided finding each goes on from; only one that the run does not have any more can be that."""
    here = set(run.findings["finding_id"].to_pylist())
    about = {(row["pattern"], row["suspect_id"]) for row in run.only(given).findings.to_pylist()}
    gone = [d for d in decided if d.finding_id not in here and (d.pattern, d.rests_on()["suspect_id"]) in about]
    if not gone:
        return {}
    return {row["finding_id"]: row["goes_on_from"] or "" for row in review_of(run, decided).findings}

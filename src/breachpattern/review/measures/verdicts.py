"""What reviewers decided, as far as a measure asks for it: breaches that nobody recorded, and harassment only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from breachpattern.analysis.runs import Run
from breachpattern.review.register.verdicts import CONFIRMED, REJECTED

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis
    from breachpattern.review.register import Register

# What a reviewer confirmed as a breach: the finding is of one, or the reason says so, whichever finding it was.
BREACH, BREACH_REASON = "unrecorded_breach", "breach_not_recorded"
HARASSMENT_ONLY = "harassment_only"


@dataclass(frozen=True)
class Verdicts:
    """Incidents of which reviewers decided something that a measure asks for.

    Attributes
    ----------
    breaches : tuple of str
        Confirmed as a breach that no record calls one.
    harassment_only : tuple of str
        Looked into as stalking, and in law harassment only.
    given : bool
        Whether there was a register to ask.
    counts : mapping of str to int
        How many findings of the run have which status.
    """

    breaches: tuple[str, ...] = ()
    harassment_only: tuple[str, ...] = ()
    given: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)


def read_verdicts(register: Register, analysis: Analysis) -> Verdicts:
    """Return what a register says of an analysis. The look is logged there.

    A verdict counts where the finding rests on the same evidence as when it was decided, whenever that was; one that
    changed since counts for nothing until somebody decides again.

    Parameters
    ----------
    register : Register
    analysis : Analysis
    """
    run = Run.of(analysis)
    review = register.review(run)
    rows = review.findings.to_arrow().select(["finding_id", "pattern", "status", "reason"]).to_pylist()
    confirmed = {row["finding_id"] for row in rows if row["status"] == CONFIRMED
                 and (row["pattern"] == BREACH or row["reason"] == BREACH_REASON)}  # fmt: skip
    only = {row["finding_id"] for row in rows if row["status"] in (CONFIRMED, REJECTED)
            and row["reason"] == HARASSMENT_ONLY}  # fmt: skip
    return Verdicts(_incidents(run, confirmed), _incidents(run, only), given=True, counts=review.counts())


def _incidents(run: Run, findings: set[str]) -> tuple[str, ...]:
    if not findings:
        return ()
    lists = run.only(findings).evidence["incidents"].to_pylist()
    return tuple(sorted({incident for some in lists for incident in (some or "").split(";") if incident}))

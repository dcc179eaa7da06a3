"""The register: people's decisions on findings, kept from run to run."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, cast

from breachpattern.analysis.runs import Run
from breachpattern.errors import MissingDependency
from breachpattern.review.register import verdicts

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from breachpattern.analysis import Analysis
    from breachpattern.review.register.decisions import Decision
    from breachpattern.review.register.purge import Purge
    from breachpattern.review.register.rows import Imported
    from breachpattern.review.register.standing import Review
    from breachpattern.review.register.verification import Verification

LOGGER = logging.getLogger(__name__)
DEFAULT = "sqlite:///register.db"


class Register:
    """People's decisions on findings: append-only, shared, and verifiable.

    Parameters
    ----------
    url : str, default "sqlite:///register.db"
        ``sqlite:///FILE`` for one person at a time, ``postgresql://user:password@host/database`` for a team.
    who : str, optional
        Who is at work, for the audit log; the name of the login by default.
    create : bool, default True
        Make the register where there is none, and bring an older schema up to date.

    Raises
    ------
    RegisterError
        Where it cannot be opened, or a newer version made it. Every method raises it where the database is lost,
        locked, full or read-only; what was not confirmed was not written.
    UsageError
        Where the address is of no kind of database that can keep one.

    Examples
    --------
    >>> import breachpattern as bp
    >>> run = bp.Analyser().analyse(bp.read_extract([
    ...     {"incident_id": "I1", "occurred_from": "2025-03-01T10:00", "suspect_id": "P1", "victim_id": "V1",
    ...      "breach_of": "O1"}]), "2025-04-01")
    >>> register = Register("sqlite://", who="A. Reader")
    >>> found = run.findings[0].id
    >>> register.decide(run, found, "needs_record", "record_missing").said().split(" on ")[0]
    'needs_record (record_missing) by A. Reader'
    >>> register.statuses(run)[found]
    'needs_record'

    What became of it in a later run, and why, :meth:`review` says as :func:`~breachpattern.analysis.since.since` does.

    >>> register.verify().ok
    True
    >>> register.close()
    """

    def __init__(self, url: str = DEFAULT, *, who: str | None = None, create: bool = True) -> None:
        try:
            from breachpattern.review.register.database import Database
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "sqlalchemy":
                raise
            raise MissingDependency.for_extra("SQLAlchemy", "register", "keep a register of decisions") from None
        self._who = who or _login()
        self._database = Database(url, self._who, create=create)
        self.name, self.begins = self._database.name, self._database.begins

    def decide(
        self,
        run: Run | Analysis | str | Path,
        finding_id: str,
        verdict: str,
        reason: str,
        *,
        text: str = "",
        reviewer: str | None = None,
        seen: int | None = None,
        corrects: int | None = None,
    ) -> Decision:
        """Write down what a person decided about a finding, and return it as it stands in the register.

        Parameters
        ----------
        run : Run, Analysis or path
            Where the finding is: what it rests on is kept with the decision, by reference.
        finding_id : str
            The id, or a beginning that only it has.
        verdict : {"confirmed", "rejected", "unsure", "needs_record"}
        reason : str
            A code of the list (:func:`breachpattern.review.register.reasons`).
        text : str, default ""
            In words, without names.
        reviewer : str, optional
            Who decided; whoever is at work by default.
        seen : int, optional
            The last decision on this finding that the reviewer has seen; none by default.
        corrects : int, optional
            The decision that this one puts right; it counts as seen.

        Raises
        ------
        UsageError
            Where a field is none, or the run has no such finding.
        DecidedMeanwhile
            Where somebody decided after what was seen; the message names who, when and what.
        """
        from breachpattern.review.register import decisions, drafts

        held, text = Run.of(run), verdicts.tidy(text)
        reviewer = verdicts.tidy(self._who if reviewer is None else reviewer)
        verdicts.check(verdict, reason, text, reviewer)
        identity = drafts.one_of(held, finding_id)
        with self._database.reading() as connection:
            decided = decisions.latest(connection)
        given = {
            "verdict": verdict, "reason": reason, "text": text, "reviewer": reviewer,
            "seen": seen, "corrects": corrects,
        }  # fmt: skip
        (draft,) = drafts.drafts_of(held, decided, {identity: given})
        with self._database.writing() as connection:
            own = decisions.histories(connection, [identity]).get(identity, [])
            decisions.check_seen(draft, own[-1] if own else None, [decision.id for decision in own])
            (decision,) = decisions.write(
                connection, [draft], at=_now(), actor=self._who, kind="decide", counts={"decisions": 1}
            )
        LOGGER.info("decision %d: %s on %s", decision.id, verdict, identity)
        return decision

    def statuses(self, findings: Run | Analysis | str | Path | Iterable[str]) -> dict[str, str]:
        """Return the status of each finding: ``unreviewed``, a verdict, or ``changed``.

        Parameters
        ----------
        findings : Run, Analysis, path or iterable of str
            A run: then findings that rest on other evidence than when they were decided, or grew from decided ones,
            are ``changed``. Of ids alone only the last verdict on exactly that id is known.
        """
        if isinstance(findings, (Run, str, Path)) or hasattr(findings, "summary"):
            rows = self.review(cast("Run", findings)).findings.to_arrow()
            return dict(zip(rows["finding_id"].to_pylist(), rows["status"].to_pylist(), strict=True))
        from breachpattern.review.register import decisions, log

        wanted = list(dict.fromkeys(findings))
        with self._database.writing() as connection:
            found = {d.finding_id: d.verdict for d in decisions.latest(connection, wanted)}
            counts = {"asked": len(wanted), "decided": len(found)}
            log.append(connection, at=_now(), actor=self._who, kind="query", counts=counts)
        return {identity: found.get(identity, verdicts.UNREVIEWED) for identity in wanted}

    def review(self, run: Run | Analysis | str | Path) -> Review:
        """Return the findings of a run beside what people decided, and the decided ones that it does not have.

        Parameters
        ----------
        run : Run, Analysis or path of a run folder
        """
        from breachpattern.review.register import decisions, log, standing

        held = Run.of(run)
        with self._database.reading() as connection:
            decided = decisions.latest(connection)
        review = standing.review_of(held, decided)
        with self._database.writing() as connection:
            log.append(connection, at=_now(), actor=self._who, kind="load", counts=review.counts())
        return review

    def history(self, finding_id: str) -> list[Decision]:
        """Return every decision on a finding, the first one first."""
        from breachpattern.review.register import decisions, log

        with self._database.writing() as connection:
            found = decisions.histories(connection, [finding_id]).get(finding_id, [])
            log.append(connection, at=_now(), actor=self._who, kind="query", counts={"decisions": len(found)})
        return found

    def labels(self) -> pd.DataFrame:
        """Return the last verdict on each finding, for whoever trains and assesses a classifier.

        Returns
        -------
        pandas.DataFrame
            ``finding_id``, ``course_id`` (blank where none), ``verdict`` (1 confirmed, 0 rejected, not a number where
            nobody could say), ``decided_at`` (UTC), ``reviewers`` (how many people decided on it), the oldest first.
        """
        from breachpattern.review.register import labels, log

        with self._database.writing() as connection:
            frame = labels.labels_frame(connection)
            log.append(connection, at=_now(), actor=self._who, kind="query", counts={"labels": len(frame)})
        return frame

    def export_decisions(
        self, run: Run | Analysis | str | Path, path: str | Path, *, status: Sequence[str] = ()
    ) -> dict[str, int]:
        """Write the findings of a run with their last decisions as a sheet to fill in; return counts by status.

        Parameters
        ----------
        run : Run, Analysis or path of a run folder
        path : str or Path
            A new ``.csv`` or ``.xlsx``. No cell of it is a formula.
        status : sequence of str, default ()
            Only findings of these statuses.
        """
        from breachpattern.review.register import decisions, log, sheets, standing

        held, target = Run.of(run), Path(path).expanduser()
        with self._database.writing() as connection:
            review = standing.review_of(held, decisions.latest(connection)).only(status)
            counts = review.counts()
            log.append(connection, at=_now(), actor=self._who, kind="export", counts=counts)
            sheets.write_sheet(target, held, review)
        return counts

    def import_decisions(
        self, run: Run | Analysis | str | Path, path: str | Path, *, reviewer: str | None = None
    ) -> Imported:
        """Write down the decisions of a sheet that was filled in; every good row counts, every bad one is an issue.

        Parameters
        ----------
        run : Run, Analysis or path of a run folder
            The run from which the sheet was exported, or a later one.
        path : str or Path
        reviewer : str, optional
            Who decided, where a row does not say.

        Notes
        -----
        The same sheet twice does no harm. A row is refused where somebody decided on its finding after the sheet was
        written, or where the finding rests on other evidence now.
        """
        from breachpattern.review.register import importing

        imported = importing.import_sheet(
            self._database, Run.of(run), Path(path).expanduser(), reviewer=reviewer, actor=self._who
        )
        LOGGER.info("import: %s", imported.rows)
        return imported

    def purge(self, before: str | date, *, dry_run: bool = False) -> Purge:
        """Empty every decision made before a day; number, time and hash stay, so that the chain can be verified.

        Parameters
        ----------
        before : str or date
            A day in London; what was decided on it stays.
        dry_run : bool, default False
            Only say what would go.
        """
        from breachpattern.review.register import purge

        start = purge.start_of(before)
        if dry_run:
            with self._database.reading() as connection:
                return purge.found(connection, start)
        with self._database.writing() as connection:
            what = purge.purge(connection, start, actor=self._who)
        self._database.sweep()
        LOGGER.info("purge: %d decisions", len(what.decisions))
        return what

    def verify(self, anchor: str | None = None) -> Verification:
        """Work out every hash again and say the first broken link; writes nothing, not even to the log.

        Parameters
        ----------
        anchor : str, optional
            The ``head`` of an earlier verification, or its first digits: it must still be in the log.
        """
        from breachpattern.review.register import verification

        with self._database.reading() as connection:
            return verification.verify(connection, anchor)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> Register:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Register({self.name})"


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _now() -> str:
    from breachpattern.review.register.log import now

    return now()

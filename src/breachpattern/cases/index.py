"""The index of cases: everything on file, ready to be asked about one suspect, one victim, now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.cases.answer import FAR, Assessor
from breachpattern.cases.base import Base
from breachpattern.cases.file import Cases
from breachpattern.cases.findings import WHOLE, Patterns
from breachpattern.cases.full import near, whole_findings
from breachpattern.cases.history import checked, extract_of
from breachpattern.cases.rows import Row
from breachpattern.cases.view import View
from breachpattern.errors import InputError, UsageError
from breachpattern.law import Catalogue
from breachpattern.patterns import load_packs
from breachpattern.patterns.wording import Texts
from breachpattern.records import Order
from breachpattern.spans import FOREVER
from breachpattern.timelines import Tables, build
from breachpattern.timelines.instant import instant_of

if TYPE_CHECKING:
    from breachpattern.patterns.model import Pattern
    from breachpattern.records import Incident
    from breachpattern.state import State
    from breachpattern.state.groups import Same
    from breachpattern.timelines import Timelines
    from breachpattern.timelines.build import CheckedTables

TIERS = ("fast", "full")
Progress = Callable[[str, int, int | None], None]
TOLD = 50  # pairs after which it is told how many are ready
MANY = 100  # records of a pair whose state is worked out with the index: working it out takes longer than an answer may


class WhoIsWho(Protocol):
    """What says which references are one human being."""

    def entity_of(self, references: pa.Array) -> pa.Array:
        """Return the reference by which each person is shown."""


class Shown:
    """Who is who, as a state has it."""

    def __init__(self, same: Same) -> None:
        self._same = same

    def entity_of(self, references: pa.Array) -> pa.Array:
        """Return the reference by which each person is shown."""
        return self._same.person(references)


def _instant(now: str | date | datetime | float) -> int:
    """Return the second UTC of an instant as people give it."""
    said, hint = f"{now!r} is not a date or time.", "Write it as 2026-06-30T14:00, Europe/London, or in seconds UTC."
    if isinstance(now, (str, date)):
        try:
            return instant_of(now)
        except UsageError as error:
            said = error.message
    elif isinstance(now, (int, float)) and not isinstance(now, bool):
        if abs(now) < FAR:
            return int(now)
        said = f"{now!r} seconds are far from any date: are they milliseconds?"
    raise UsageError(said, where="now", hint=hint)


class CaseIndex:
    """Everything on file, ready to be asked about one incident: this suspect, this victim, now.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> row = {"incident_id": "I1", "occurred_from": "2025-03-01T10:00", "suspect_id": "P1", "victim_id": "V1"}
    >>> index = CaseIndex.of(read_extract([row]))
    >>> index.assess(row | {"incident_id": "I2", "occurred_from": "2025-03-02T10:00"})["course"]["strength_after"]
    'weak'
    """

    def __init__(
        self,
        timelines: Timelines,
        extract: CheckedTables,
        patterns: Sequence[Pattern],
        people: WhoIsWho | None = None,
    ) -> None:
        self._patterns, self._people = tuple(patterns), people
        self.cases = Cases(Base(timelines, extract))
        texts = Texts(self.cases.base.context)
        laws = self.cases.laws
        self._assessor = Assessor(self.cases, Patterns(patterns, laws, texts.path), laws)

    @classmethod
    def of(
        cls,
        extract: CheckedTables,
        catalogue: Catalogue | None = None,
        patterns: Sequence[str | Path] = (),
        as_of: int = FOREVER,
        *,
        people: WhoIsWho | None = None,
        on_progress: Progress | None = None,
    ) -> CaseIndex:
        """Return the index of an extract.

        Parameters
        ----------
        extract : Extract
        catalogue : Catalogue, optional
            The built-in one by default.
        patterns : sequence of path
            Packs of your own, added to the core pack.
        as_of : int, default no limit
            The last second, in seconds UTC, of which anything is known.
        people : People, optional
            Which references are one human being.
        on_progress : callable, optional
            Called with (stage, done, total or None) as the work proceeds.
        """
        if not hasattr(extract, "incidents"):
            raise UsageError(
                f"A {type(extract).__name__} is no extract.",
                hint='Read it first: CaseIndex.of(breachpattern.read_extract("incidents.csv", orders="orders.csv")).',
            )
        law = catalogue or Catalogue.load()
        timelines = build(extract, law, as_of, people=people, on_progress=on_progress)  # type: ignore[arg-type]
        if on_progress is not None:
            on_progress("the index", 0, None)
        index = cls(timelines, extract, load_packs(patterns), people)
        index.prepare(MANY, on_progress=on_progress)
        return index

    @classmethod
    def load(
        cls,
        folder: str | Path,
        catalogue: Catalogue | None = None,
        patterns: Sequence[str | Path] = (),
        *,
        on_progress: Progress | None = None,
    ) -> CaseIndex:
        """Return the index of a saved state (:meth:`breachpattern.Analyser.update`).

        Parameters
        ----------
        folder : str or Path
        catalogue, patterns, on_progress
            As in :meth:`of`.

        Raises
        ------
        InputError
            Where the folder holds no state, or one of another format.
        """
        from breachpattern.state import State

        if on_progress is not None:
            on_progress("the state", 0, None)
        return cls.of_state(State.load(folder), catalogue, patterns, on_progress=on_progress)

    @classmethod
    def of_state(
        cls,
        state: State,
        catalogue: Catalogue | None = None,
        patterns: Sequence[str | Path] = (),
        *,
        on_progress: Progress | None = None,
    ) -> CaseIndex:
        """Return the index of a state; further parameters are those of :meth:`of`."""
        law = catalogue or Catalogue.load()
        return cls.of(state.extract(law), law, patterns, people=Shown(state.same), on_progress=on_progress)

    def __len__(self) -> int:
        return len(self.cases)

    def assess(
        self,
        incident: Mapping[str, Any] | Incident,
        *,
        now: str | date | datetime | float | None = None,
        findings: str = "fast",
        keep: bool = False,
    ) -> dict[str, Any]:
        """Return what an incident means in its case; nothing is kept of it unless that is asked for.

        Parameters
        ----------
        incident : mapping or Incident
        now : str, date, datetime, int or float, optional
            The instant of the question: ISO 8601 (a date is the end of that day, Europe/London) or seconds UTC; the
            latest of all that is on file by default. Where something
            that may bear on the incident was learnt only later, the answer is that of what was known by then, for
            which the records of everybody connected are put together anew, at about the cost of ``full``. The
            incident itself is always known.
        findings : {"fast", "full"}
            ``fast`` answers from the state that is kept ready and lists under ``patterns_not_assessed`` what it
            cannot tell; ``full`` runs the engine on everybody connected, which takes a tenth of a second or more, and
            leaves nothing out.
        keep : bool, default False
            Put the incident on file too, at less than the cost of :meth:`add`; one thread at a time. One that stands
            on file as it is changes nothing, kept or not, and is answered from all other incidents, at about the
            cost of ``full``.

        Raises
        ------
        InputError
            Where a field cannot be read, or the incident is to be kept, and is on file and says something else
            there; the message names it.
        UsageError
            Where ``findings`` is neither, or ``now`` is no date or time.
        """
        if findings not in TIERS:
            raise UsageError(f"{findings!r} is no way to find.", where="findings", hint=f"One of {', '.join(TIERS)}.")
        row = self.cases.read(incident)
        asked = None if now is None else _instant(now)
        at = None if asked is None else max(asked, row.known)
        again = self.cases.is_on_file(row.incident)
        if again:
            repeated, keep = self._repeats(row, incident if keep else None), False
            if repeated and not self.cases.has_further_rows(row.incident):
                return self._as_of(row, at, apart=True)._answered(incident, row, at, findings)[0]
        if at is not None and self.cases.is_hindsight(row, at):
            then = self._as_of(row, at)
            again = then.cases.is_on_file(row.incident)
            answer, case = then._answered(incident, then.cases.read(incident), at, findings, again=again)[0], None
        else:
            answer, case = self._answered(incident, row, at, findings, again=again)
        if keep:
            self.cases.add(row, incident, case)
        elif case is not None:
            case.close()
        return answer

    def _repeats(self, row: Row, kept: Mapping[str, Any] | Incident | None = None) -> bool:
        """Return whether a row stands on file as it is; refuse to keep what is on file and says something else."""
        if kept is not None and self.cases.is_on_file(row.incident) and not self.cases.is_kept(row, kept):
            raise InputError(
                f"The incident {row.incident!r} is on file already, and says something else there.",
                where="incident_id",
                hint="A further row of an incident changes what its other rows say: bring it in with an update.",
            )
        return self.cases.repeats(row)

    def _answered(
        self, incident: Mapping[str, Any] | Incident, row: Row, now: int | None, findings: str, *, again: bool = False
    ) -> tuple[dict[str, Any], View]:
        answer, case = self._assessor.assess(row, now, again=again)
        if findings == "full":
            answer |= whole_findings(self.cases, self._patterns, self._people, incident, row, now)
        return answer, case

    def _as_of(self, row: Row, now: int | None, *, apart: bool = False) -> CaseIndex:
        """Return the index of what was known by an instant of the people connected with a row.

        ``apart`` leaves out the incident of the row, which is on file.
        """
        tables, base = near(self.cases, row, FOREVER if now is None else now), self.cases.base.timelines
        if apart:
            others = pc.not_equal(tables.incidents["incident_id"], row.incident)
            tables = Tables(tables.incidents.filter(others), tables.orders, tables.persons, tables.associations)
        as_of = base.as_of if now is None else now
        timelines = build(tables, base.catalogue, as_of, people=self._people, crowded=base.crowded)  # type: ignore[arg-type]
        index = CaseIndex(timelines, tables, self._patterns, self._people)
        index.cases.last_known = max(self.cases.last_known, index.cases.last_known) if now is None else now
        return index

    def prepare(self, least: int = 20, *, on_progress: Progress | None = None) -> int:
        """Work out the state of every pair with so many records now, so that no first question waits for it.

        That of pairs with a hundred records and more is worked out with the index itself.

        Parameters
        ----------
        least : int, default 20
            How many records make a pair worth it.
        on_progress : callable, optional
            Called with (stage, done, total) as the work proceeds.

        Returns
        -------
        int
            How many pairs are ready.
        """
        cases = self.cases
        base = cases.base
        counts = np.diff(base.context.dyad_rows.offsets)
        chosen = np.flatnonzero(counts >= least)
        for done, dyad in enumerate(chosen[np.argsort(counts[chosen], kind="stable")].tolist()):
            if on_progress is not None and done % TOLD == 0:
                on_progress("pairs with many records", done, len(chosen))
            suspect, victim = base.people_of_dyad(dyad)
            view = View(cases, cases.laws, suspect, victim, cases.last_known)
            view.ready([unit for unit in WHOLE if self._assessor.patterns.may_hold(unit, view)])
            view.close()
        return len(chosen)

    def add_order(self, order: Mapping[str, Any] | Order) -> None:
        """Put an order, or a version of one, on file.

        Raises
        ------
        InputError
            Where a field cannot be read; the message names it.
        """
        written = checked(Order, order, self.cases.catalogue)
        self.cases.add_orders(extract_of([], [written], self.cases.catalogue).orders)

    def add(self, incident: Mapping[str, Any] | Incident) -> None:
        """Put an incident on file; one that stands there as it is changes nothing.

        Raises
        ------
        InputError
            Where a field cannot be read, or the incident is on file and says something else there; the message names
            it.
        """
        row = self.cases.read(incident)
        if not self._repeats(row, incident):
            self.cases.add(row, incident)

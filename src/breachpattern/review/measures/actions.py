"""What police did about a breach: risk assessments, decisions on protection orders, arrests. An optional table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pydantic import Field, ValidationError

from breachpattern.errors import InputError
from breachpattern.ingest.headers import unquoted
from breachpattern.ingest.issues import IssueLog, Issues
from breachpattern.ingest.privacy import Privacy
from breachpattern.ingest.sources import read_source
from breachpattern.linking.columns import code
from breachpattern.records import cells, rules
from breachpattern.records.models import Moment, Row, Text
from breachpattern.records.moments import Unreadable, bounds
from breachpattern.sorting import order_by
from breachpattern.timelines.breaches import expand
from breachpattern.vocabulary import Vocabulary

if TYPE_CHECKING:
    from breachpattern.review.measures.facts import Facts

Ints = npt.NDArray[np.int64]
ACTIONS = Vocabulary("action", ("risk_assessment", "protection_order_decision", "arrest"))
COLUMNS = ("action", "at", "incident_id", "suspect_id", "victim_id")
TIMES = ("at", "until")


def _names_somebody(row: Any, _: cells.Reading) -> Unreadable | None:
    if row.incident_id or row.suspect_id:
        return None
    return Unreadable("missing_value", "Neither incident_id nor suspect_id is filled in.", "Fill in one of them.")


class Action(Row):
    """One thing that police did about an incident, or about a suspect (and a victim).

    Examples
    --------
    >>> Action(action="risk_assessment", at="2025-03-02", incident_id="I1").action
    'risk_assessment'
    """

    checks: ClassVar[tuple[rules.Rule, ...]] = (rules.Rule("incident_id", _names_somebody),)

    action: Annotated[str, cells.code_cell(ACTIONS)] = Field(description=f"One of: {', '.join(ACTIONS)}.")
    at: Moment = Field(description="When it was done. A date alone is the whole of its day.")
    incident_id: Text | None = Field(default=None, description="The incident that it was about.")
    suspect_id: Text | None = Field(default=None, description="The suspect, where no incident is named.")
    victim_id: Text | None = Field(default=None, description="The victim, where it was about one.")


@dataclass(frozen=True)
class Actions:
    """Actions that could be read, and what could not.

    Attributes
    ----------
    frame : pandas.DataFrame
        ``action``, ``at`` and ``until`` (its first and last second, UTC), ``incident_id``, ``suspect_id``,
        ``victim_id``.
    issues : Issues
        Rows that could not be used, by file, row and column.
    rows_in : int
    """

    frame: pd.DataFrame
    issues: Issues
    rows_in: int = 0

    @classmethod
    def none(cls) -> Actions:
        """Return no actions at all."""
        return cls(_frame([]), IssueLog().collect())

    def rows_of(self, facts: Facts, *kinds: str) -> tuple[Ints, Ints, Ints]:
        """Return (row, first second, last second) of some kinds of action: the rows of the columns each was about.

        An action that names an incident was about its rows; one that names a suspect, and perhaps a victim, about one
        row of each pair that it fits, which stands for the pair.
        """
        chosen = self.frame[self.frame["action"].isin(kinds) & (self.frame["at"] <= facts.now)]
        columns, people = facts.columns, facts.analysis.timelines.people
        parts: list[tuple[Ints, pd.DataFrame]] = []
        named = chosen[chosen["incident_id"].notna()]
        item, place = _joined(_codes(columns.names.incidents, named["incident_id"]), columns.incident)
        parts.append((place, named.iloc[item]))
        others = chosen[chosen["incident_id"].isna()]
        suspect, victim = (
            people.of(_codes(people.texts, others[side]).astype(np.int32)) for side in ("suspect_id", "victim_id")
        )
        # Rows are sorted by suspect and victim: the first of each stands for the two.
        both = np.stack([columns.suspect, columns.victim])
        first = np.flatnonzero(np.append(True, (both[:, 1:] != both[:, :-1]).any(axis=0))[: len(columns)])
        item, place = _joined(suspect, columns.suspect[first])
        about = others["victim_id"].isna().to_numpy()[item] | (victim[item] == columns.victim[first[place]])
        parts.append((first[place[about]], others.iloc[item[about]]))
        rows = np.concatenate([part for part, _ in parts]).astype(np.int64)
        at, until = (np.concatenate([done[name].to_numpy(np.int64) for _, done in parts]) for name in TIMES)
        return rows, at, until


def read_actions(source: Any, privacy: Privacy | None = None) -> Actions:
    """Return the actions of a file or frame; a row that cannot be read is an issue and costs no other.

    Parameters
    ----------
    source : path, data frame, or iterable of records
        Columns ``action``, ``at`` and ``incident_id`` or ``suspect_id`` (and ``victim_id``).
    privacy : Privacy, optional
        The pseudonyms of the extract, which these people then get too; no cell is quoted.

    Raises
    ------
    InputError
        Where it is no table, or has no column ``action`` or ``at``.

    Examples
    --------
    >>> read = read_actions([{"action": "arrest", "at": "2025-03-02T10:00", "incident_id": "I1"},
    ...                      {"action": "tea", "at": "2025-03-02T10:00", "incident_id": "I1"}])
    >>> len(read.frame), len(read.issues)
    (1, 1)
    """
    privacy = privacy or Privacy()
    with unquoted(privacy.shields):
        text = read_source(source, "actions")
    text = replace(text, name=privacy.file("actions", text.name))
    for name in ("action", "at"):
        if name not in text.data.column_names:
            raise InputError(
                f"There is no column {name!r}.",
                where=text.name,
                hint=f"A file of actions has the columns {', '.join(COLUMNS)}.",
            )
    log = IssueLog([text.name], private=privacy.shields)
    kept: list[dict[str, Any]] = []
    given = [name for name in COLUMNS if name in text.data.column_names]
    for place, row in zip(text.rows.tolist(), text.data.select(given).to_pylist(), strict=True):
        try:
            read = Action(**row)
        except ValidationError as error:
            _note(log, text.name, place, row, error)
            continue
        when = bounds(read.at)
        kept.append(read.model_dump() | dict(zip(TIMES, (when.lo, when.end - 1), strict=True)))
    frame = _frame(kept)
    for name in ("suspect_id", "victim_id"):
        frame[name] = privacy.pseudonyms(pa.array(frame[name], pa.string(), from_pandas=True)).to_pandas()
    return Actions(frame, log.collect(), text.data.num_rows)


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*COLUMNS, "until"]).astype(dict.fromkeys(TIMES, "int64"))


def _note(log: IssueLog, file: str, place: int, row: dict[str, Any], error: ValidationError) -> None:
    for problem in error.errors():
        context = problem.get("ctx", {})
        column = str(problem["loc"][0]) if problem["loc"] else str(context.get("column", "incident_id"))
        known = problem["type"] if problem["type"] in _OWN else "missing_value"
        seen = row.get(column)
        log.add(file, [place], column, known, [None if seen is None else str(seen)], problem["msg"], severity="error")


_OWN = ("missing_value", "unreadable_date", "unknown_value", "year_out_of_range")


def _codes(texts: pa.Array, wanted: pd.Series) -> Ints:
    """Return the position of each text among sorted distinct texts, ``-1`` where it is not there."""
    return code(pa.chunked_array([pa.array(wanted, pa.string(), from_pandas=True)]), texts).astype(np.int64)


def _joined(wanted: npt.NDArray[Any], held: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """Return (item, place) for every place at which a wanted code is held; ``-1`` never is."""
    order = order_by(held)
    low, high = np.searchsorted(held[order], wanted, side="left"), np.searchsorted(held[order], wanted, side="right")
    item, place = expand(np.arange(len(wanted)), low, np.where(wanted < 0, low, high))
    return item, order[place]

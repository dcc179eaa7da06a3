"""Units: what a ranking orders. A dyad (suspect towards victim) or a candidate course, each with its known rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from breachpattern.errors import UsageError
from breachpattern.patterns.context import Context
from breachpattern.scoring.estimators.frame import Unit
from breachpattern.scoring.given import the_analysis
from breachpattern.sorting import numbered, order_by
from breachpattern.timelines.courses import Ragged

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

UNITS = ("dyad", "course")


@dataclass(frozen=True)
class Units:
    """The units of one analysis.

    Attributes
    ----------
    analysis : Analysis
    kind : {"dyad", "course"}
    index : pandas.Index
        ``(suspect_id, victim_id)`` for dyads, ``course_id`` for courses.
    suspect, victim : (n,) int64
        Codes of entities; the first of several for a course.
    rows : Ragged
        The rows of ``analysis.timelines.columns`` of each unit; none is empty.
    """

    analysis: Analysis
    kind: Unit
    index: pd.Index[Any]
    suspect: Ints
    victim: Ints
    rows: Ragged

    def __len__(self) -> int:
        return len(self.suspect)

    @property
    def owner(self) -> Ints:
        """The unit of each entry of ``rows.values``."""
        return np.repeat(np.arange(len(self)), np.diff(self.rows.offsets))

    @property
    def last_known(self) -> Ints:
        """When the latest record of each unit became known, in seconds UTC."""
        return self._latest(self.analysis.timelines.columns.known)

    @property
    def last_start(self) -> Ints:
        """When the latest act of each unit began, in seconds UTC."""
        return self._latest(self.analysis.timelines.columns.start)

    def _latest(self, values: Ints) -> Ints:
        if len(self) == 0:
            return np.empty(0, np.int64)
        return np.asarray(np.maximum.reduceat(values[self.rows.values], self.rows.offsets[:-1]), dtype=np.int64)

    def of_incidents(self, value: npt.NDArray[Any], since: int) -> Floats:
        """Return the sum over the distinct incidents of each unit that began after an instant.

        Parameters
        ----------
        value : (rows of the columns,) numbers
            The greatest of its rows stands for an incident.
        since : int
            Seconds UTC.
        """
        columns = self.analysis.timelines.columns
        row, owner = self.rows.values, self.owner
        recent = columns.start[row] > since
        row, owner = row[recent], owner[recent]
        count, pair = numbered(owner, columns.incident[row]) if len(row) else (0, np.empty(0, np.int64))
        most, whose = np.zeros(count), np.zeros(count, np.int64)
        np.maximum.at(most, pair, value[row].astype(np.float64))
        whose[pair] = owner
        return np.asarray(np.bincount(whose, weights=most, minlength=len(self)), dtype=np.float64)


def units_of(analysis: Analysis, kind: Unit = "course") -> Units:
    """Return the units that an analysis knows of.

    Parameters
    ----------
    analysis : Analysis
    kind : {"course", "dyad"}, default "course"
        A dyad is a suspect and a victim with conduct on record, as :func:`breachpattern.scoring.feature_frame` has it.

    Raises
    ------
    UsageError
        Where what is given is no analysis, or there is no such unit.

    Examples
    --------
    >>> import breachpattern as bp
    >>> rows = [{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1"}]
    >>> units_of(bp.Analyser().analyse(bp.read_extract(rows), as_of="2025-12-31"), "dyad").index.tolist()
    [('P1', 'V1')]
    """
    the_analysis(analysis, "Units are told")
    if kind not in UNITS:
        raise UsageError(f"{kind!r} is no unit of a ranking.", hint=f"One of {', '.join(UNITS)}.")
    return _dyads(analysis) if kind == "dyad" else _courses(analysis)


def _dyads(analysis: Analysis) -> Units:
    context = Context(analysis.timelines)
    dyads, names = context.dyads, context.columns.names.persons
    order = order_by(dyads.suspect, dyads.victim)
    suspect, victim = (side[order].astype(np.int64) for side in (dyads.suspect, dyads.victim))
    index = pd.MultiIndex.from_arrays(
        [_texts(names, suspect), _texts(names, victim)], names=["suspect_id", "victim_id"]
    )
    return Units(analysis, "dyad", index, suspect, victim, context.dyad_rows.take(order))


def _courses(analysis: Analysis) -> Units:
    courses = analysis.timelines.courses
    ids = analysis.found.course_ids
    index = pd.Index(ids.to_numpy(zero_copy_only=False), dtype=object, name="course_id")
    first = [people.values[people.offsets[:-1]].astype(np.int64) for people in (courses.suspects, courses.victims)]
    return Units(analysis, "course", index, first[0], first[1], courses.rows)


def _texts(names: pa.Array, codes: Ints) -> npt.NDArray[Any]:
    texts: npt.NDArray[Any] = names.take(pa.array(codes)).to_numpy(zero_copy_only=False)
    return texts

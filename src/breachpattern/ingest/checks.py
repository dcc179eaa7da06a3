"""One canonical table of text, checked: typed columns, rejected rows, and an issue for every doubt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.columns import Values, read_column
from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.times import Moments
from breachpattern.records import MODELS, Problem, Reading, judge
from breachpattern.records.judge import is_required
from breachpattern.records.rules import ENDLESS, OLDEST_AGE, end_of

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
OPEN_ENDS = ("ends", "until")
ENDS_DOUBTFUL = "order_ends_before_it_starts"


@dataclass
class Checked:
    """A canonical table whose cells have been read.

    Attributes
    ----------
    text : dict of str to pyarrow.Array
        Canonical columns as written.
    rows : (n,) int64
        The line that a spreadsheet shows.
    values : dict
        Typed columns, see :class:`breachpattern.ingest.columns.ReadColumn`.
    reason : (n,) int64
        Position in ``reasons`` of why a row is rejected; -1 where it is accepted.
    ends_doubtful : (n,) bool
        Where an order ended before it started.
    """

    table: str
    file: str
    text: dict[str, pa.Array]
    rows: Ints
    values: dict[str, Values]
    reason: Ints
    reasons: list[str]
    ends_doubtful: Bools

    @property
    def accepted(self) -> Bools:
        """Where a row is accepted."""
        return self.reason < 0

    def keep(self, rows: Ints) -> Checked:
        """Return some rows only."""
        taken = pa.array(rows)
        return Checked(
            self.table,
            self.file,
            {name: column.take(taken) for name, column in self.text.items()},
            self.rows[rows],
            {name: take(column, rows) for name, column in self.values.items()},
            self.reason[rows],
            self.reasons,
            self.ends_doubtful[rows],
        )

    def reject(self, rows: Ints, why: Sequence[str], which: Ints) -> None:
        """Reject rows, each with one of some reasons; the first reason stands."""
        fresh = self.reason[rows] < 0
        self.reason[rows[fresh]] = len(self.reasons) + which[fresh]
        self.reasons.extend(why)


def take(column: Values, rows: Ints) -> Values:
    """Return some rows of a typed column."""
    if isinstance(column, (pa.Array, pa.ChunkedArray)):
        return column.take(pa.array(rows))
    return column.take(rows) if isinstance(column, Moments) else column[rows]


def check(table: str, file: str, text: dict[str, pa.Array], rows: Ints, reading: Reading, log: IssueLog) -> Checked:
    """Return a canonical table with its cells read; every problem goes to the log.

    Parameters
    ----------
    table : str
        ``incidents``, ``orders``, ``persons`` or ``associations``.
    file : str
        Name for the issues.
    text : dict of str to pyarrow.Array
        Canonical columns, trimmed, null where blank; columns that are not there are not known in any row.
    rows : (n,) int64
        The line that a spreadsheet shows.
    """
    checked = Checked(table, file, text, rows, {}, np.full(len(rows), -1, np.int64), [], np.zeros(len(rows), bool))
    model = MODELS[table]
    for name in model.model_fields:
        cells = text.get(name)
        if cells is None:
            cells = text[name] = pa.nulls(len(rows), pa.string())
        column = read_column(model, name, _ending(cells) if name in OPEN_ENDS else cells, reading)
        checked.values[name] = column.values
        required = is_required(model, name)
        _note(checked, name, column.problems, required, log)
        for code in sorted({code for _, code in column.doubts}):
            here = np.concatenate([rows for rows, held in column.doubts if held == code])
            log.add(file, rows[here], name, code, cells.take(pa.array(here)), _CLOCK[code])
        if required:
            blank = np.flatnonzero(cells.is_null().to_numpy(zero_copy_only=False))
            if len(blank):
                log.add(file, rows[blank], name, "missing_value", None, f"{name} is blank.")
                checked.reject(blank, [f"{name} is blank."], np.zeros(len(blank), np.int64))
    _apply_row_rules(checked, reading, log)
    if table in _NOTICES:
        _NOTICES[table](checked, reading, log)
    return checked


def _ending(cells: pa.Array) -> pa.Array:
    """Return ends with years such as 9999 left out: they say *until further order*."""
    endless = pc.match_substring_regex(cells, ENDLESS)
    return pc.if_else(endless, pa.scalar(None, pa.string()), cells) if pc.any(endless).as_py() else cells


_CLOCK = {
    "impossible_clock_time": "The clock in London skipped this time; the whole day stands for it.",
    "repeated_clock_time": "The clock in London showed this time twice; both readings stand.",
}


def _note(
    checked: Checked, column: str, problems: Sequence[tuple[Ints, Problem]], required: bool, log: IssueLog
) -> None:
    """Write the problems of a column to the log, and reject their rows where the column is required."""
    by_code: dict[str, list[tuple[Ints, Problem]]] = defaultdict(list)
    for here, problem in problems:
        by_code[problem.code].append((here, problem))
    for code, found in by_code.items():
        rows = np.concatenate([here for here, _ in found])
        which = np.repeat(np.arange(len(found)), [len(here) for here, _ in found])
        messages = [problem.message for _, problem in found]
        log.add(
            checked.file,
            checked.rows[rows],
            column,
            code,
            checked.text[column].take(pa.array(rows)),
            pa.array(messages, pa.string()).take(pa.array(which)),
            pa.array([problem.hint for _, problem in found], pa.string()).take(pa.array(which)),
            "error" if required else None,
        )
        if required:
            checked.reject(rows, [f"{column}: {message}" for message in messages], which)


def _apply_row_rules(checked: Checked, reading: Reading, log: IssueLog) -> None:
    """Put every accepted row about which the columns have a doubt before the model."""
    doubt = _DOUBTS[checked.table](checked.values, reading) & checked.accepted
    rows = np.flatnonzero(doubt)
    if len(rows) == 0:
        return
    model = MODELS[checked.table]
    names = [name for name, column in checked.values.items() if is_required(model, name) or isinstance(column, Moments)]
    cells = pa.table([checked.text[name].take(pa.array(rows)) for name in names], names=names).to_pylist()
    found: dict[str, list[tuple[Ints, Problem]]] = defaultdict(list)
    for row, written in zip(rows.tolist(), cells, strict=True):
        for problem in judge(model, written, reading).problems:
            column = checked.values[problem.column]
            if isinstance(column, Moments) and column.known[row]:  # else it was set aside before
                found[problem.column].append((np.array([row]), problem))
                column.known[row] = is_required(model, problem.column)
                checked.ends_doubtful[row] |= problem.code == ENDS_DOUBTFUL
    for name in names:
        _note(checked, name, found[name], is_required(model, name), log)


def _doubtful_incidents(values: dict[str, Any], reading: Reading) -> Bools:
    begin, end, limit = values["occurred_from"], values["occurred_to"], end_of(reading.today)
    doubt = (end.known & (end.end <= begin.lo)) | (begin.lo >= limit)
    for name in ("reported_at", "recorded_at"):
        known = values[name]
        doubt |= known.known & ((known.lo >= limit) | (known.end <= begin.lo))
    return np.asarray(doubt & begin.known)


def _doubtful_orders(values: dict[str, Any], _: Reading) -> Bools:
    made, starts, ends, over = (values[name] for name in ("made_on", "starts", "ends", "discharged_on"))
    start = np.where(starts.known, starts.lo, made.lo)
    doubt = ends.known & (starts.known | made.known) & (ends.hi <= start)
    return np.asarray(doubt | (over.known & made.known & (over.end <= made.lo)))


def _doubtful_persons(values: dict[str, Any], reading: Reading) -> Bools:
    born, limit = values["date_of_birth"], end_of(reading.today)
    return np.asarray(born.known & ((born.lo >= limit) | (born.lo < end_of(reading.today - OLDEST_AGE))))


def _doubtful_associations(values: dict[str, Any], _: Reading) -> Bools:
    since, until = values["since"], values["until"]
    return np.asarray(since.known & until.known & (until.hi <= since.lo))


_DOUBTS: dict[str, Callable[[dict[str, Any], Reading], Bools]] = {
    "incidents": _doubtful_incidents,
    "orders": _doubtful_orders,
    "persons": _doubtful_persons,
    "associations": _doubtful_associations,
}


def _notice_half_places(checked: Checked, _: Reading, log: IssueLog) -> None:
    for one, other in (("lat", "lon"), ("easting", "northing")):
        for given, missing in ((one, other), (other, one)):
            blank = checked.text[missing].is_null().to_numpy(zero_copy_only=False)
            rows = np.flatnonzero(~np.isnan(checked.values[given]) & blank & checked.accepted)
            seen = checked.text[given].take(pa.array(rows))
            log.add(checked.file, checked.rows[rows], given, "half_a_place", seen, f"{given} has no {missing}.")


def _notice_later_than_today(checked: Checked, reading: Reading, log: IssueLog) -> None:
    for name in ("made_on", "served_at", "aware_from", "discharged_on"):
        when = checked.values[name]
        rows = np.flatnonzero(when.known & (when.lo >= end_of(reading.today)) & checked.accepted)
        seen = checked.text[name].take(pa.array(rows))
        message = f"{name} lies after the day of the run ({reading.today.isoformat()}); it is kept."
        log.add(checked.file, checked.rows[rows], name, "later_than_today", seen, message)


def _notice_orders(checked: Checked, reading: Reading, log: IssueLog) -> None:
    _notice_later_than_today(checked, reading, log)
    made = checked.values["made_on"]
    # A register may keep the first service beside a variation that was made later.
    first = made.known & (checked.values["version"] <= 1) & checked.accepted
    for name in ("served_at", "aware_from"):
        told = checked.values[name]
        rows = np.flatnonzero(first & told.known & (told.end <= made.lo))
        seen = checked.text[name].take(pa.array(rows))
        message = f"{name} lies before the order was made; both are kept."
        log.add(checked.file, checked.rows[rows], name, "told_before_it_was_made", seen, message)


_NOTICES: dict[str, Callable[[Checked, Reading, IssueLog], None]] = {
    "incidents": _notice_half_places,
    "orders": _notice_orders,
}

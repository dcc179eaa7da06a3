"""Rows of canonical tables as text, all of a source or some of them: checked, typed and accounted for.

What can be said of a row by itself, or by those of the same record, is said here; so it does not matter how many rows
are read together, as long as all rows of one record are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.ingest.as_read import fingerprints, rows_as_read
from breachpattern.ingest.checks import Checked, check
from breachpattern.ingest.conflicts import duplicates, repeated, settle
from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.offences import SEEN, recognise
from breachpattern.ingest.references import Strangers, check_references, strangers
from breachpattern.ingest.tables import TABLES, incidents_table
from breachpattern.records import MODELS, Reading

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

Ints = npt.NDArray[np.int64]
Progress = Callable[[str, int, int | None], None]
IDS = {"incidents": "incident_id", "orders": "order_id", "persons": "person_id", "associations": "person_id"}
# The steps of reading, in the order in which their problems stand: a table is read, then checked; then all together.
READ, CHECK = ({table: 2 * place + step for place, table in enumerate(MODELS)} for step in (0, 1))
TOGETHER = 2 * len(MODELS)


@dataclass(frozen=True)
class Part:
    """Rows of one canonical table as text.

    Attributes
    ----------
    file : str
        Name for the issues.
    columns : dict of str to pyarrow.Array
        Canonical columns, trimmed, null where blank.
    rows : (n,) int64
        The line that a spreadsheet shows.
    origin : (n,) int64
        Position of the source row of each row.
    reading : Reading
        How the cells are read.
    spread : bool
        A mapping makes several rows of one source row.
    """

    file: str
    columns: dict[str, pa.Array]
    rows: Ints
    origin: Ints
    reading: Reading
    spread: bool = False

    def take(self, rows: npt.NDArray[np.integer]) -> Part:
        """Return some of the rows."""
        taken = pa.array(rows)
        columns = {name: column.take(taken) for name, column in self.columns.items()}
        return replace(self, columns=columns, rows=self.rows[rows], origin=self.origin[rows])

    @classmethod
    def together(cls, parts: Sequence[Part]) -> Part:
        """Return parts of one table, at least one, as one."""
        first, *others = parts
        if not others:
            return first
        return replace(
            first,
            columns={name: pa.concat_arrays([part.columns[name] for part in parts]) for name in first.columns},
            rows=np.concatenate([part.rows for part in parts]),
            origin=np.concatenate([part.origin for part in parts]),
        )


@dataclass(frozen=True)
class Rejected:
    """Rejected rows: the source row, the line and the first reason of each."""

    origin: Ints
    rows: Ints
    reasons: pa.Array


@dataclass(frozen=True)
class CheckedParts:
    """What parts of the tables of an extract hold.

    Attributes
    ----------
    tables : dict of str to pyarrow.Table
        All four canonical tables: accepted rows without exact duplicates.
    rows : dict
        By table that was given: ``rows_in, accepted, rejected, duplicates`` and, where spread, ``spread_to``.
    rejected : dict of str to Rejected
    seen : pyarrow.Table
        The pairs of offence code and label, for :func:`breachpattern.ingest.offences.note_unknown`.
    strangers : dict
        Who is named and not among the persons, for :func:`breachpattern.ingest.references.note_strangers`.
    as_read : dict of str to pyarrow.Table
        By table that was given, where asked for: accepted rows before those of one record were brought together.
    """

    tables: dict[str, pa.Table]
    rows: dict[str, dict[str, int]]
    rejected: dict[str, Rejected]
    seen: pa.Table
    strangers: Strangers
    as_read: dict[str, pa.Table] = field(default_factory=dict)


def check_parts(
    parts: Mapping[str, Part],
    catalogue: Catalogue,
    log: IssueLog,
    *,
    keep_narrative: bool = False,
    keep_as_read: bool = False,
    known_persons: pa.Array | None = None,
    on_progress: Progress | None = None,
) -> CheckedParts:
    """Return parts of the tables of an extract, checked; every problem of a row goes to the log.

    Parameters
    ----------
    parts : mapping of str to Part
        By table, those that were given. All rows of an incident or an order stand in one part.
    catalogue : Catalogue
        Recognises offences.
    log : IssueLog
    keep_narrative, keep_as_read : bool, default False
    known_persons : pyarrow.Array of string, optional
        The references of the person records, where these are checked elsewhere.
    on_progress : callable, optional
        Called with (stage, done, total): rows that are checked.
    """
    report = on_progress or (lambda *_: None)
    done, total = 0, sum(len(part.rows) for part in parts.values())
    checked: dict[str, Checked] = {}
    rows: dict[str, dict[str, int]] = {}
    rejected: dict[str, Rejected] = {}
    as_read: dict[str, pa.Table] = {}
    for table, part in parts.items():
        report("checking", done, total)
        done += len(part.rows)
        log.stage = CHECK[table]
        kept = as_read if keep_as_read else None
        checked[table], rows[table], rejected[table] = _checked(table, part, log, keep_narrative, kept)
    report("checking", done, total)
    log.stage = TOGETHER
    check_references(checked, log)
    met: Strangers = {}
    if "persons" in checked:
        met = strangers(checked, checked["persons"].values["person_id"])
    elif known_persons is not None:
        met = strangers(checked, known_persons)
    tables: dict[str, pa.Table] = {}
    seen = SEEN.empty_table()
    for table in MODELS:
        one = checked.get(table) or _nothing(table)
        if table == "incidents":
            offence, seen = recognise(one, catalogue, log)
            tables[table] = incidents_table(one, offence)
        else:
            tables[table] = TABLES[table](one)
    return CheckedParts(tables, rows, rejected, seen, met, as_read)


def _checked(
    table: str, part: Part, log: IssueLog, keep_narrative: bool, as_read: dict[str, pa.Table] | None
) -> tuple[Checked, dict[str, int], Rejected]:
    columns: dict[str, Any] = dict(part.columns)
    repeats = repeated(columns[IDS[table]])
    twice = duplicates(columns, repeats)
    if not keep_narrative:
        columns.pop("narrative", None)
    once = np.flatnonzero(~twice)
    kept = pa.array(once)
    columns = {name: column.take(kept) for name, column in columns.items()} if twice.any() else columns
    checked = check(table, part.file, columns, part.rows[once], part.reading, log)
    if as_read is not None:
        as_read[table] = rows_as_read(checked, fingerprints(table, part.columns)[once])
    if table in ("incidents", "orders") and repeats.any():
        checked = settle(checked, log)
    accepted = np.flatnonzero(checked.accepted)
    counts = _account(part, twice, once[accepted])
    gone = np.flatnonzero(~checked.accepted)
    rejected = Rejected(
        part.origin[once[gone]],
        checked.rows[gone],
        pa.array(checked.reasons, pa.string()).take(pa.array(checked.reason[gone])),
    )
    return checked if len(accepted) == len(once) else checked.keep(accepted), counts, rejected


def _nothing(table: str) -> Checked:
    """Return a table without rows."""
    return check(table, table, {}, np.empty(0, np.int64), Reading(), IssueLog())


def _account(part: Part, twice: npt.NDArray[np.bool_], accepted: Ints) -> dict[str, int]:
    """Return where each row of the source went, once for each, however many rows a mapping makes of it.

    A source row is accepted where any row made of it is, and a duplicate where all of them are.
    """
    first = int(part.origin.min(initial=0))
    size = int(part.origin.max(initial=-1)) + 1 - first

    def distinct(rows: npt.NDArray[np.integer] | npt.NDArray[np.bool_] | slice) -> int:
        seen = np.zeros(max(size, 0), np.bool_)
        seen[part.origin[rows] - first] = True
        return int(seen.sum())

    source, used, fresh = distinct(slice(None)), distinct(accepted), distinct(~twice)
    counts = {"rows_in": source, "accepted": used, "rejected": fresh - used, "duplicates": source - fresh}
    if part.spread:
        counts["spread_to"] = len(accepted)
    return counts

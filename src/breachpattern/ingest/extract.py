"""Read an extract: four tables, checked and typed, with an account of every row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.errors import UsageError
from breachpattern.ingest.as_read import fingerprints, rows_as_read
from breachpattern.ingest.checks import Checked, check
from breachpattern.ingest.conflicts import duplicates, settle
from breachpattern.ingest.issues import IssueLog, Issues
from breachpattern.ingest.mapped import Canonical, apply
from breachpattern.ingest.mapping import Mapping
from breachpattern.ingest.naming import note_nobody
from breachpattern.ingest.offences import recognise
from breachpattern.ingest.references import check_references
from breachpattern.ingest.secrets import safe_address
from breachpattern.ingest.sources import TextTable, read_source
from breachpattern.ingest.tables import TABLES, incidents_table
from breachpattern.records import MODELS, Reading
from breachpattern.records.cells import built_in_catalogue, london_today

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

Progress = Callable[[str, int, int | None], None]
IDS = {"incidents": "incident_id", "orders": "order_id", "persons": "person_id", "associations": "person_id"}


@dataclass(frozen=True)
class Extract:
    """What was read: four typed tables, every issue, and where each row went.

    Attributes
    ----------
    incidents, orders, persons, associations : pyarrow.Table
        Accepted rows without exact duplicates, in the order of the file (``docs/architecture.md``).
    issues : Issues
        Every problem by file, row and column.
    rows : dict
        By table: ``rows_in = accepted + rejected + duplicates`` of the source, ``left_out`` where a mapping leaves
        rows out, and ``spread_to`` where a wide one makes several rows of one: how many the accepted ones became.
    sources : dict
        By table: file name, SHA-256 (``None`` where there is no file) and columns.
    rejected : dict of str to pyarrow.Table
        By table: file, row and reason of each rejected row with its columns as they were written.
    mapping : Mapping or None
        The mapping that was used.
    as_read : dict of str to pyarrow.Table, optional
        By table: the accepted rows before those of one record were brought together, where they were kept.
    """

    incidents: pa.Table
    orders: pa.Table
    persons: pa.Table
    associations: pa.Table
    issues: Issues
    rows: dict[str, dict[str, int]]
    sources: dict[str, dict[str, Any]]
    rejected: dict[str, pa.Table]
    mapping: Mapping | None = None
    as_read: dict[str, pa.Table] | None = None

    @property
    def rejected_share(self) -> float:
        """The largest of :attr:`rejected_shares`; 0 where there are no rows.

        Examples
        --------
        >>> from breachpattern.ingest import read_extract
        >>> read_extract([{"incident_id": "C1", "occurred_from": "in May"}]).rejected_share
        1.0
        """
        return max(self.rejected_shares.values(), default=0.0)

    @property
    def rejected_shares(self) -> dict[str, float]:
        """Rejected rows as a share of the rows of each table that has some: good orders excuse no lost incidents."""
        return {
            table: counts["rejected"] / counts["rows_in"] for table, counts in self.rows.items() if counts["rows_in"]
        }

    def __repr__(self) -> str:
        parts = [f"{counts['accepted']:,} {table}" for table, counts in self.rows.items() if counts["rows_in"]]
        return f"<Extract: {', '.join(parts) or 'no rows'}; {len(self.issues):,} issues>"


def read_extract(
    incidents: Any,
    orders: Any = None,
    persons: Any = None,
    associations: Any = None,
    *,
    mapping: str | Path | Mapping | None = None,
    query: str | dict[str, str] | None = None,
    catalogue: Catalogue | None = None,
    today: date | None = None,
    keep_narrative: bool = False,
    keep_as_read: bool = False,
    on_progress: Progress | None = None,
) -> Extract:
    """Read and check an extract.

    Parameters
    ----------
    incidents, orders, persons, associations : path, database URL, data frame or iterable of records
        See :func:`breachpattern.ingest.sources.read_source`. Only incidents are needed.
    mapping : path or Mapping, optional
        How the force's own columns become canonical ones.
    query : str or dict, optional
        SQL for database URLs, by table; a text alone is for incidents.
    catalogue : Catalogue, optional
        Recognises offences and kinds of orders; the built-in one where not given.
    today : date, optional
        The day of the run; today in London where not given. Later occurrences are refused.
    keep_narrative : bool
        Keep the free text of incidents; it is otherwise dropped on reading.
    keep_as_read : bool
        Keep the rows also as they were read, so that a later batch can be put beside them exactly
        (``Analyser.update``). Costs memory.
    on_progress : callable, optional
        Called with (stage, done, total).

    Returns
    -------
    Extract

    Raises
    ------
    UsageError
        Where a query is given for what is no database.
    InputError
        Where a source cannot be read as a table at all or lacks a required column.
    MappingError
        Where the mapping is not valid or does not fit.

    Examples
    --------
    >>> extract = read_extract([
    ...     {"incident_id": "C1", "occurred_from": "2025-03-01T10:15", "suspect_id": "P1", "victim_id": "V1"},
    ...     {"incident_id": "C2", "occurred_from": "2025-02-31"},
    ... ])
    >>> extract.rows["incidents"]
    {'rows_in': 2, 'accepted': 1, 'rejected': 1, 'duplicates': 0}
    >>> extract.issues.to_arrow()["message"].to_pylist()
    ["'2025-02-31' does not exist in the calendar or on the clock."]
    """
    law: Any = catalogue if catalogue is not None else built_in_catalogue()
    plan = Mapping.load(mapping) if isinstance(mapping, (str, Path)) else mapping
    given = {"incidents": incidents, "orders": orders, "persons": persons, "associations": associations}
    queries = {"incidents": query} if isinstance(query, str) else dict(query or {})
    for table in queries:
        _refuse_idle_query(table, given.get(table))
    log = IssueLog()
    reading = Reading(today=today or london_today(), catalogue=law)
    run = _Run(plan, reading, log, keep_narrative, keep_as_read)
    for table, source in given.items():
        if on_progress is not None:
            on_progress(f"reading {table}", len(run.checked), len(given))
        run.read(table, source, queries.get(table))
    check_references(run.checked, log)
    tables = {}
    for table in MODELS:
        checked = run.checked.get(table) or run.nothing(table)
        if table == "incidents":
            tables[table] = incidents_table(checked, recognise(checked, law, log))
        else:
            tables[table] = TABLES[table](checked)
    return Extract(
        **tables,
        issues=log.collect(),
        rows=run.rows,
        sources=run.sources,
        rejected=run.rejected,
        mapping=plan,
        as_read=run.as_read if keep_as_read else None,
    )


def _refuse_idle_query(table: str, source: Any) -> None:
    if isinstance(source, str) and "://" in source:
        return
    what = source if isinstance(source, (str, Path)) else table
    raise UsageError(
        f"A query is given for {table}, which is read from no database.",
        where=safe_address(str(what)),
        hint="Leave the query out, or give a database URL such as sqlite:///rms.sqlite.",
    )


class _Run:
    """One reading: the tables read so far and the account of their rows."""

    def __init__(
        self, plan: Mapping | None, reading: Reading, log: IssueLog, keep_narrative: bool, keep_as_read: bool
    ) -> None:
        self.plan = plan if plan is not None else Mapping()
        self.reading, self.log, self.keep_narrative, self.keep_as_read = reading, log, keep_narrative, keep_as_read
        self.as_read: dict[str, pa.Table] = {}
        self.text: dict[str, TextTable] = {}
        self.checked: dict[str, Checked] = {}
        self.rows: dict[str, dict[str, int]] = {}
        self.sources: dict[str, dict[str, Any]] = {}
        self.rejected: dict[str, pa.Table] = {}

    def read(self, table: str, source: Any, query: str | None) -> None:
        """Read one table; without a source, the mapping may say that it stands in another table's."""
        plan = self.plan.table(table)
        if source is None and plan.taken_from in self.text:
            text = replace(self.text[plan.taken_from], broken=())  # counted where they stand
        elif source is None:
            self.rows[table] = {"rows_in": 0, "accepted": 0, "rejected": 0, "duplicates": 0}
            return
        else:
            text = read_source(source, table, plan.layout(query))
            _note_file(text, self.log)
        self.text[table] = text
        self.sources[table] = {"name": text.name, "sha256": text.sha256, "columns": text.data.column_names}
        canonical = apply(plan, table, text, self.reading, self.log)
        if table == "incidents":
            note_nobody(canonical.columns, text.name, len(canonical.origin), self.log)
        self._check(table, text, canonical)

    def _check(self, table: str, text: TextTable, canonical: Canonical) -> None:
        columns = dict(canonical.columns)
        twice = duplicates(columns, IDS[table])
        if not self.keep_narrative:
            columns.pop("narrative", None)
        once = np.flatnonzero(~twice)
        kept = pa.array(once)
        columns = {name: column.take(kept) for name, column in columns.items()} if twice.any() else columns
        rows = text.rows[canonical.origin[once]]
        written = fingerprints(table, canonical.columns)[once] if self.keep_as_read else None
        checked = check(table, text.name, columns, rows, canonical.reading, self.log)
        if written is not None:
            self.as_read[table] = rows_as_read(checked, written)
        if table in ("incidents", "orders"):
            checked = settle(checked, self.log)
        accepted = np.flatnonzero(checked.accepted)
        self.rejected[table] = _quarantine(text, checked, canonical, once)
        self.rows[table] = _account(canonical, twice, once[accepted], len(text.broken))
        self.checked[table] = checked if len(accepted) == len(once) else checked.keep(accepted)

    def nothing(self, table: str) -> Checked:
        """Return a table without rows."""
        return check(table, table, {}, np.empty(0, np.int64), self.reading, self.log)


def _account(
    canonical: Canonical, twice: npt.NDArray[np.bool_], accepted: npt.NDArray[np.int64], broken: int
) -> dict[str, int]:
    """Return where each row of the source went, once for each, however many rows a mapping makes of it.

    A source row is accepted where any row made of it is, and a duplicate where all of them are.
    """
    origin = canonical.origin
    size = int(origin.max(initial=-1)) + 1

    def distinct(rows: npt.NDArray[np.integer] | npt.NDArray[np.bool_] | slice) -> int:
        seen = np.zeros(size, np.bool_)
        seen[origin[rows]] = True
        return int(seen.sum())

    source, used, fresh = distinct(slice(None)), distinct(accepted), distinct(~twice)
    counts = {
        "rows_in": source + broken,
        "accepted": used,
        "rejected": fresh - used + broken,
        "duplicates": source - fresh,
    }
    if canonical.left_out:
        counts["left_out"] = canonical.left_out
    if canonical.spread:
        counts["spread_to"] = len(accepted)
    return counts


def _note_file(text: TextTable, log: IssueLog) -> None:
    for code, message in text.notes:
        log.add(text.name, None, None, code, None, message)
    for broken in text.broken:
        log.add(text.name, [broken.row], None, broken.code, [broken.text[:200]], broken.message)
    if text.short:
        message = f"The row has fewer cells than the header ({text.data.num_columns}); the rest is blank."
        log.add(text.name, list(text.short), None, "short_row", None, message)
    if text.data.num_rows == 0 and text.data.num_columns and not text.broken:
        log.add(text.name, None, None, "no_rows", None, "The table has a header and no rows.")


def _quarantine(text: TextTable, checked: Checked, canonical: Canonical, once: npt.NDArray[np.int64]) -> pa.Table:
    """Return the rejected rows with their reason and their columns as they were written, but no narrative.

    A source row of which a mapping makes several stands here once, with the first reason, where any was rejected.
    """
    rows = np.flatnonzero(~checked.accepted)
    _, once_each = np.unique(canonical.origin[once[rows]], return_index=True)
    rows = rows[np.sort(once_each)]
    reasons = pa.array(checked.reasons, pa.string()).take(pa.array(checked.reason[rows]))
    lines = pa.array(checked.rows[rows])
    written = text.data.drop_columns(list(canonical.sources.get("narrative", ())))
    written = written.take(pa.array(canonical.origin[once[rows]]))
    table = pa.table(
        {"file": pa.array([text.name] * len(rows), pa.string()), "row": lines, "reason": reasons}
        | {_free(name): column for name, column in zip(written.column_names, written.columns, strict=True)}
    )
    if not text.broken:
        return table
    broken = pa.table(
        {
            "file": pa.array([text.name] * len(text.broken), pa.string()),
            "row": pa.array([b.row for b in text.broken], pa.int64()),
            "reason": pa.array([b.message for b in text.broken], pa.string()),
            "line": pa.array([b.text for b in text.broken], pa.string()),
        }
    )
    return pa.concat_tables([table, broken], promote_options="default")


def _free(name: str) -> str:
    return f"{name} (as written)" if name in ("file", "row", "reason", "line") else name

"""Read an extract: four tables, checked and typed, with an account of every row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.errors import UsageError
from breachpattern.ingest.headers import unquoted
from breachpattern.ingest.issues import IssueLog, Issues
from breachpattern.ingest.look_alikes import note_look_alikes
from breachpattern.ingest.mapped import Canonical, apply
from breachpattern.ingest.mapping import Mapping
from breachpattern.ingest.naming import note_nobody
from breachpattern.ingest.offences import note_unknown
from breachpattern.ingest.part import READ, TOGETHER, CheckedParts, Part, Progress, Rejected, check_parts
from breachpattern.ingest.privacy import Privacy
from breachpattern.ingest.references import note_strangers
from breachpattern.ingest.secrets import safe_address
from breachpattern.ingest.sources import TextTable, read_source
from breachpattern.memory import small_pages
from breachpattern.records import MODELS, Reading
from breachpattern.records.cells import built_in_catalogue, london_today

if TYPE_CHECKING:
    from breachpattern.law import Catalogue


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
    privacy : dict
        What was done to it as it was read (:attr:`Privacy.settings`), empty where nothing was.
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
    privacy: dict[str, Any] = field(default_factory=dict)

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
        return rejected_shares(self.rows)

    def __repr__(self) -> str:
        parts = [f"{counts['accepted']:,} {table}" for table, counts in self.rows.items() if counts["rows_in"]]
        return f"<Extract: {', '.join(parts) or 'no rows'}; {len(self.issues):,} issues>"


def rejected_shares(rows: AnyMapping[str, AnyMapping[str, int]]) -> dict[str, float]:
    """Return the rejected rows of each table that has some as a share of its rows."""
    return {table: counts["rejected"] / counts["rows_in"] for table, counts in rows.items() if counts["rows_in"]}


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
    privacy: Privacy | None = None,
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
    privacy : Privacy, optional
        Pseudonyms in the place of references to people, and nothing kept that scoring does not need.
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
    sources = read_sources(
        incidents, orders, persons, associations,
        mapping=mapping, query=query, catalogue=catalogue, today=today, privacy=privacy, on_progress=on_progress,
    )  # fmt: skip
    return sources.checked(keep_narrative=keep_narrative, keep_as_read=keep_as_read, on_progress=on_progress)


@small_pages()
def read_sources(
    incidents: Any,
    orders: Any = None,
    persons: Any = None,
    associations: Any = None,
    *,
    mapping: str | Path | Mapping | None = None,
    query: str | dict[str, str] | None = None,
    catalogue: Catalogue | None = None,
    today: date | None = None,
    privacy: Privacy | None = None,
    needed: Collection[str] | None = None,
    on_progress: Progress | None = None,
) -> Sources:
    """Read the sources of an extract in canonical columns of text, and check nothing yet.

    Further parameters and the errors are those of :func:`read_extract`.

    Parameters
    ----------
    needed : collection of str, optional
        Hold only these columns of incidents, where the file can be read part by part.
    """
    law: Any = catalogue if catalogue is not None else built_in_catalogue()
    plan = Mapping.load(mapping) if isinstance(mapping, (str, Path)) else mapping
    given = {"incidents": incidents, "orders": orders, "persons": persons, "associations": associations}
    queries = {"incidents": query} if isinstance(query, str) else dict(query or {})
    for table in queries:
        refuse_idle_query(table, given.get(table))
    if needed is None:
        sources = Sources(plan, law, today, privacy)
    else:
        from breachpattern.ingest.streamed import StreamedSources

        sources = StreamedSources(plan, law, today, needed, privacy, on_progress)
    report = on_progress or (lambda *_: None)
    asked = [table for table, source in given.items() if source is not None or sources.plan.table(table).taken_from]
    for table, source in given.items():
        if table in asked:
            report(f"reading {table}", asked.index(table), len(asked))
        with unquoted(sources.privacy.shields):
            sources.read(table, source, queries.get(table))
    sources.log.stage = TOGETHER
    note_look_alikes(sources.parts, sources.privacy, sources.log)
    return sources


def refuse_idle_query(table: str, source: Any) -> None:
    """Refuse a query for what is read from no database, with a :class:`UsageError`."""
    if isinstance(source, str) and "://" in source:
        return
    what = source if isinstance(source, (str, Path)) else table
    raise UsageError(
        f"A query is given for {table}, which is read from no database.",
        where=safe_address(str(what)),
        hint="Leave the query out, or give a database URL such as sqlite:///rms.sqlite.",
    )


class Sources:
    """The sources of one extract as they are read, and the account of their rows.

    Attributes
    ----------
    text : dict of str to TextTable
        By table, as it was written.
    parts : dict of str to Part
        By table, in canonical columns.
    """

    def __init__(
        self, plan: Mapping | None, law: Catalogue, today: date | None = None, privacy: Privacy | None = None
    ) -> None:
        self.plan, self.mapping, self.law = plan if plan is not None else Mapping(), plan, law
        self.privacy = privacy or Privacy()
        self.reading = Reading(today=today or london_today(), catalogue=law)
        self.log = IssueLog(private=self.privacy.shields)
        self.text: dict[str, TextTable] = {}
        self.parts: dict[str, Part] = {}
        self.described: dict[str, dict[str, Any]] = {}
        self._canonical: dict[str, Canonical] = {}

    def read(self, table: str, source: Any, query: str | None) -> None:
        """Read one table; without a source, the mapping may say that it stands in another table's."""
        plan = self.plan.table(table)
        self.log.stage = READ[table]
        if source is None and plan.taken_from in self.text:
            text = self.text[plan.taken_from]
            # What could not be split into cells is counted where it stands.
            text = replace(text, broken=(), name=self.privacy.file(table, text.name))
        elif source is None:
            return
        else:
            text = read_source(source, table, plan.layout(query))
            text = replace(text, name=self.privacy.file(table, text.name))
            note_file(text, self.log, text.data.num_rows)
        self.log.expect(text.name)
        self.text[table] = text
        self.described[table] = {"name": text.name, "sha256": text.sha256, "columns": text.data.column_names}
        note_refused(text.name, filter(self.privacy.refuses, text.data.column_names), self.log)
        canonical = self.applied(table, text, self.log)
        if table == "incidents":
            note_nobody(canonical.columns, text.name, len(canonical.origin), self.log)
        self._canonical[table] = canonical
        rows = text.rows[canonical.origin]
        self.parts[table] = Part(
            text.name, canonical.columns, rows, canonical.origin, canonical.reading, canonical.spread
        )

    def applied(self, table: str, text: TextTable, log: IssueLog) -> Canonical:
        """Return a source in canonical columns, with what privacy makes of them."""
        refused = [name for name in text.data.column_names if self.privacy.refuses(name)]
        text = replace(text, data=text.data.drop_columns(refused)) if refused else text
        canonical = apply(self.plan.table(table), table, text, self.reading, log)
        return replace(canonical, columns=self.privacy.columns(table, canonical.columns))

    @property
    def in_parts(self) -> bool:
        """Whether incidents come part by part."""
        return False

    def pieces(self, table: str) -> Iterator[Part]:
        """Yield all columns of the rows of a table, part by part."""
        yield self.parts[table]

    def rows_at(self, table: str, places: npt.NDArray[np.integer]) -> Part:
        """Return all columns of some rows of a table, by their positions in ascending order."""
        found, start = [], 0
        for piece in self.pieces(table):
            low, high = np.searchsorted(places, [start, start + len(piece.rows)])
            found.append(piece.take(places[low:high] - start))
            start += len(piece.rows)
        return Part.together(found)

    @small_pages()
    def checked(
        self, *, keep_narrative: bool = False, keep_as_read: bool = False, on_progress: Progress | None = None
    ) -> Extract:
        """Return the extract: every row checked, and what only all rows together can say."""
        done = check_parts(
            self.parts, self.law, self.log,
            keep_narrative=keep_narrative, keep_as_read=keep_as_read, on_progress=on_progress,
        )  # fmt: skip
        return Extract(
            **done.tables,
            issues=self.issues(done),
            rows={table: self.account(table, done.rows.get(table)) for table in MODELS},
            sources=self.described,
            rejected={table: self.quarantine(table, rejected) for table, rejected in done.rejected.items()},
            mapping=self.mapping,
            as_read=done.as_read if keep_as_read else None,
            privacy=self.privacy.settings,
        )

    def issues(self, done: CheckedParts) -> Issues:
        """Return every problem, also those that are told once for all rows."""
        self.log.stage = TOGETHER
        note_strangers(done.strangers, {table: part.file for table, part in self.parts.items()}, self.log)
        if "incidents" in self.parts:
            note_unknown(done.seen, self.parts["incidents"].file, self.law, self.log)
        return self.log.collect()

    def account(self, table: str, counts: dict[str, int] | None) -> dict[str, int]:
        """Return where the rows of a source went, with those that could not be split into cells or were left out."""
        if counts is None:
            return {"rows_in": 0, "accepted": 0, "rejected": 0, "duplicates": 0}
        broken, left_out = len(self.text[table].broken), self._canonical[table].left_out
        counts = counts | {"rows_in": counts["rows_in"] + broken, "rejected": counts["rejected"] + broken}
        spread = {"spread_to": counts.pop("spread_to")} if "spread_to" in counts else {}
        return counts | ({"left_out": left_out} if left_out else {}) | spread

    def quarantine(self, table: str, rejected: Rejected) -> pa.Table:
        """Return the rejected rows with their reason and their columns as they were written, but no narrative.

        A source row of which a mapping makes several stands here once, with the first reason, where any was rejected.
        """
        text = self.text[table]
        _, once_each = np.unique(rejected.origin, return_index=True)
        once = np.sort(once_each)
        written = self._written(table, rejected.origin[once])
        rows, reasons = pa.array(rejected.rows[once]), rejected.reasons.take(pa.array(once))
        if self.privacy.shields:  # which column; the message quotes what it holds
            reasons = pc.replace_substring_regex(reasons, "(?s):.*$", "")
        columns = {"file": pa.array([text.name] * len(once), pa.string()), "row": rows, "reason": reasons}
        columns |= {free_name(name): column for name, column in zip(written.column_names, written.columns, strict=True)}
        whole = pa.table(columns)
        return with_broken(whole, text, lines=not self.privacy.shields)

    def _written(self, table: str, origin: npt.NDArray[np.integer]) -> pa.Table:
        """Return some source rows as they were written, or what privacy lets stand of them."""
        text = self.text[table]
        rows = text.data.take(pa.array(origin))
        if not self.privacy.shields:
            narrative = self._canonical[table].sources.get("narrative", ())
            refused = filter(self.privacy.refuses, rows.column_names)
            return rows.drop_columns([name for name in {*narrative, *refused} if name in rows.column_names])
        made = self.applied(table, replace(text, data=rows, rows=np.arange(len(origin))), IssueLog())
        _, first = np.unique(made.origin, return_index=True)
        return self.privacy.rejected(table, made.columns, first)


def with_broken(rejected: pa.Table, text: TextTable, *, lines: bool = True) -> pa.Table:
    """Return rejected rows followed by those of their source that could not be split into cells, as lines."""
    if not text.broken:
        return rejected
    broken = pa.table(
        {
            "file": pa.array([text.name] * len(text.broken), pa.string()),
            "row": pa.array([b.row for b in text.broken], pa.int64()),
            "reason": pa.array([b.message for b in text.broken], pa.string()),
            "line": pa.array([b.text if lines else None for b in text.broken], pa.string()),
        }
    )
    return pa.concat_tables([rejected, broken], promote_options="default")


def note_file(text: TextTable, log: IssueLog, rows: int) -> None:
    """Note what is wrong with a source as a whole, and with rows that could not be split into cells.

    Parameters
    ----------
    text : TextTable
    log : IssueLog
    rows : int
        How many rows the source has, whether or not they are at hand.
    """
    for code, message in text.notes:
        log.add(text.name, None, None, code, None, message)
    for broken in text.broken:
        log.add(text.name, [broken.row], None, broken.code, [broken.text[:200]], broken.message)
    if text.short:
        message = f"The row has fewer cells than the header ({text.data.num_columns}); the rest is blank."
        log.add(text.name, list(text.short), None, "short_row", None, message)
    if text.unread:
        others = ", ".join(f"'{title}'" for title in text.unread)
        told = f"The sheet '{text.sheet}' was read and no other; there are rows in {others} too."
        log.add(text.name, None, None, "sheets_not_read", ["; ".join(text.unread)], told)
    if rows == 0 and text.data.num_columns and not text.broken:
        log.add(text.name, None, None, "no_rows", None, "The table has a header and no rows.")


def note_refused(file: str, headers: Iterable[str], log: IssueLog) -> None:
    """Note the columns of special categories that are not read."""
    for name in headers:
        message = f"{name!r} is of a special category: it is not read, and not kept beside rejected rows."
        log.add(file, None, name, "special_category", None, message)


def free_name(name: str) -> str:
    """Return what to call a source column beside the columns that say why its row was rejected."""
    return f"{name} (as written)" if name in ("file", "row", "reason", "line") else name

"""A whole run: from a checked extract to breaches, courses and findings that print and explain themselves."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from breachpattern import patterns as patterns_room
from breachpattern import timelines as timelines_room
from breachpattern.errors import UsageError
from breachpattern.explain import law_of
from breachpattern.law import Catalogue
from breachpattern.linking import people as people_room
from breachpattern.linking.people.of_extract import people_of
from breachpattern.output.files import Rows, text_of
from breachpattern.output.folder import check_target
from breachpattern.output.person import person_table
from breachpattern.output.results import FindingsTable, Table, Timeline
from breachpattern.output.run import check_format, write_run
from breachpattern.output.schema import BREACHES, COURSES, NEAR_MISSES
from breachpattern.output.secrets import clean
from breachpattern.output.summary import (
    breaches_summary,
    courses_summary,
    findings_summary,
    run_summary,
    versions,
    versions_of,
    with_considered,
)
from breachpattern.output.tables import (
    breaches_table,
    courses_table,
    extract_tables,
    findings_table,
    link_issues,
    near_misses_table,
    people_links_table,
    schema_of,
)
from breachpattern.spans import as_of_second

if TYPE_CHECKING:
    from breachpattern.buckets.run import Scored
    from breachpattern.cases import CaseIndex
    from breachpattern.graph import GraphIndex
    from breachpattern.ingest import Extract, Issues
    from breachpattern.linking.people import People
    from breachpattern.patterns import Findings
    from breachpattern.records import Incident
    from breachpattern.state import Changes, State
    from breachpattern.state.update import Engine
    from breachpattern.timelines import Timelines

Progress = Callable[[str, int, int | None], None]
LINK_METHODS = ("exact", "probabilistic", "off")


class Analysis:
    """The answers of a run. Tables of text are made when they are first asked for.

    Attributes
    ----------
    extract : Extract
    timelines : Timelines
        The engine's integer-coded frames, for those who build on them.
    people : People or None
        Which references are one human being; ``None`` where references were taken as they are.
    lost_to_links : tuple of str
        Headlines of findings that stand only without the doubtful links between records of people.
    as_of : int
        The last second, in seconds UTC, of which anything was known.
    settings : dict
        How the run was set up: goes into the summary as it stands when that is asked for.
    """

    def __init__(
        self,
        extract: Extract,
        timelines: Timelines,
        found: Findings,
        *,
        people: People | None = None,
        lost_to_links: Sequence[str] = (),
        started: datetime,
        settings: Mapping[str, Any],
    ) -> None:
        self.extract, self.timelines, self.people, self._found = extract, timelines, people, found
        self.lost_to_links = tuple(lost_to_links)
        self.as_of = timelines.as_of
        self.settings = dict(settings)
        self._started, self._finished = started, datetime.now(UTC)

    @property
    def _course_ids(self) -> pa.Array:
        return self._found.course_ids

    @cached_property
    def breaches(self) -> Table:
        """Every incident × order that it breaches, in time order."""
        counts = self.summary["breaches"]["by_status"]
        return Table("breaches", breaches_table(self.timelines, self._course_ids), _said(counts))

    @cached_property
    def courses(self) -> Table:
        """Candidate courses of conduct, the strongest first."""
        counts = self.summary["courses"]["by_strength"]
        return Table("candidate courses", courses_table(self.timelines, self._course_ids), _said(counts))

    @cached_property
    def findings(self) -> FindingsTable:
        """Findings in the order in which a person should look at them."""
        counts = self.summary["findings"]["by_level"]
        return FindingsTable(self._found, self.timelines.catalogue, self._findings_table, _said(counts))

    @cached_property
    def people_links(self) -> Table:
        """Every person record that was joined with another, and why; empty where nothing was."""
        rows = self.people.table() if self.people else None
        return Table("joined person records", people_links_table(rows))

    @cached_property
    def issues(self) -> Issues:
        """Every problem with the data: those of the extract, then those that linking people found."""
        if self.people is None:
            return self.extract.issues
        file = self.extract.sources.get("persons", {}).get("name", "persons")
        decisions = str(self.settings.get("link_decisions") or "decisions")
        return self.extract.issues.with_rows(link_issues(self.people, file, decisions, self.lost_to_links))

    @cached_property
    def suppressed(self) -> Table:
        """What filters suppressed, with the filter that did: never lost, and counted in the summary."""
        return Table("suppressed findings", self._found.suppressed.to_arrow())

    @cached_property
    def near_misses(self) -> Table:
        """What came close to a pattern and is no finding: pattern by pattern, the most recent first."""
        counts = self._found.near_miss_counts
        return Table("near misses", near_misses_table(self._found.near_misses), _said(counts))

    @cached_property
    def _findings_table(self) -> pa.Table:
        return findings_table(self._found.to_arrow())

    def timeline(self, person_id: str) -> Timeline:
        """Return every known record and order event of a person, in time order.

        Parameters
        ----------
        person_id : str
            As written in the extract.

        Raises
        ------
        UsageError
            Where no record and no order names the person.
        """
        table = person_table(self.timelines, self.extract.orders, self._course_ids, person_id)
        return Timeline(person_id, table)

    @cached_property
    def graph_index(self) -> GraphIndex:
        """Who is on which record, order and object: made once, on first use."""
        from breachpattern.graph import GraphIndex

        return GraphIndex.of(self.timelines, self.extract)

    def graph(
        self,
        what: str,
        radius: int = 1,
        as_of: str | date | datetime | None = None,
        *,
        limit: int = 500,
        addresses: bool = False,
        objects: str = "masked",
    ) -> Any:
        """Return the networkx graph around a person, or of a course or a finding.

        Parameters
        ----------
        what : str
            A person as written in the extract, or the id of a course (``C-…``) or a finding (``F-…``).
        radius : int, default 1
            Steps from person to person. Radius 1 around a person is everything on record about them and
            everybody they share it with; radius 1 of a course or finding is what it rests on.
        as_of : str, date, datetime, optional
            Draw only what was known at an earlier instant than that of the analysis.
        limit : int, default 500
            The most nodes that the graph may have.
        addresses : bool, default False
            Whether postcodes are shown.
        objects : {"masked", "clear"}
            Whether telephone numbers, accounts and registration marks are shown by their last four
            characters or in full.

        Raises
        ------
        UsageError
            Where nothing bears the reference, or where the graph is larger than the limit: the message says
            how to narrow it.
        """
        from breachpattern.graph import around_records, neighbourhood

        then = None if as_of is None else instant_of(as_of)
        shown: dict[str, Any] = {"limit": limit, "addresses": addresses, "objects": objects}
        records = self._records_of(what)
        if records is None:
            return neighbourhood(self.graph_index, what, radius, then, **shown)
        return around_records(self.graph_index, what, *records, radius, then, **shown)

    def _records_of(self, what: str) -> tuple[list[str], list[str], list[str]] | None:
        """Return incidents, orders and people of a course or a finding; ``None`` where it is neither."""
        for table, name in (
            (self.courses, "course_id"),
            (self.findings, "finding_id"),
            (self.suppressed, "finding_id"),
        ):
            rows = table.to_arrow()
            place = pc.index(rows[name], what).as_py()
            if place >= 0:
                row = {key: value or "" for key, value in rows.slice(place, 1).to_pylist()[0].items()}
                people = (row.get(key, "") for key in ("suspect_id", "suspect_ids", "victim_ids"))
                lists = row["incident_ids"], row.get("order_ids", ""), ";".join(people)
                return tuple([item for item in text.split(";") if item] for text in lists)  # type: ignore[return-value]
        return None

    @property
    def summary(self) -> dict[str, Any]:
        """Counts that add up, versions, hashes of the inputs, ``as_of`` and settings: ``summary.json``."""
        return self._summary | {"settings": clean(self.settings)}

    @cached_property
    def _summary(self) -> dict[str, Any]:
        findings = self._findings_table
        cited = ";".join(filter(None, findings["provisions"].unique().to_pylist()))
        further = {"suppressed": len(self._found.suppressed), "near_misses": self._found.near_miss_counts}
        return run_summary(
            versions=versions_of(self.timelines.catalogue, self._found.versions),
            as_of=self.as_of,
            started=self._started,
            finished=self._finished,
            inputs=self.extract.sources,
            rows=self.extract.rows,
            counts={
                "not_yet_known": {"incidents": self.timelines.columns.not_yet_known},
                "breaches": breaches_summary(self.timelines),
                "courses": courses_summary(self.timelines),
                "findings": findings_summary(findings) | further,
            },
            people=self.people,
            issues=self.issues,
            provisions=law_of(self.timelines.catalogue, cited),
        )

    def write(
        self,
        folder: str | Path,
        format: str = "csv",
        include_not_breach: bool = False,
        *,
        on_progress: Progress | None = None,
    ) -> Path:
        """Write the run folder, whole or not at all, and return its path.

        Parameters
        ----------
        folder : str or Path
            New, empty, or a former run, which is replaced.
        format : {"csv", "parquet", "jsonl"}, default "csv"
        include_not_breach : bool, default False
            Also write the orders that were considered and do not fit, as ``not_breach``.
        on_progress : callable, optional
            Called with (stage, done, total).

        Raises
        ------
        OutputError
            Where the folder is not ours to replace or cannot be written.
        """
        timelines, ids, considered = self.timelines, self._course_ids, include_not_breach
        written = self._summary["breaches"]["total"] + (len(timelines.considered) if considered else 0)
        near = sum(self._found.near_miss_counts.values())
        # Large tables are made when their turn to be written comes, and are not kept.
        later = {
            "breaches": (BREACHES, written, lambda: breaches_table(timelines, ids, considered=considered)),
            "courses": (COURSES, len(timelines.courses.frame), lambda: courses_table(timelines, ids)),
            "near_misses": (NEAR_MISSES, near, lambda: near_misses_table(self._found.near_misses)),
        }
        tables: dict[str, pa.Table | Rows] = {"findings": self._findings_table}
        tables |= {name: Rows.later(schema_of(columns), count, make) for name, (columns, count, make) in later.items()}
        if len(self.suppressed):
            tables["suppressed"] = self.suppressed.to_arrow()
        if self.people is not None:
            tables["people_links"] = self.people_links.to_arrow()
        tables |= extract_tables(self.extract) | {"issues": self.issues.to_arrow()}
        self.settings |= {"format": format, "include_not_breach": include_not_breach}
        summary = with_considered(self.summary, written)
        return write_run(folder, tables, summary, lines=self._lines(on_progress), format=format)

    def _lines(self, on_progress: Progress | None) -> Iterator[pa.Buffer]:
        done, total = 0, len(self._found)
        for lines in self._found.lines(end="\n"):
            if on_progress is not None:
                on_progress("writing findings", done, total)
            yield text_of(lines)
            done += len(lines)

    def __repr__(self) -> str:
        return "\n".join(
            ["Analysis", *(f"  {table.heading()}" for table in (self.breaches, self.courses, self.findings))]
        )

    def _repr_html_(self) -> str:
        lines = (html.escape(table.heading()) for table in (self.breaches, self.courses, self.findings))
        return "<p><strong>Analysis</strong></p><ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"


class Analyser:
    """Analyses extracts under one catalogue and one set of patterns.

    Parameters
    ----------
    catalogue : Catalogue, optional
        The dated law; the built-in catalogue by default.
    patterns : sequence of path, default ()
        Folders with packs of your own, added to the core pack.
    filters : sequence of path, default ()
        Files that suppress findings, each with its reason, author and day of expiry.
    link : {"exact", "probabilistic", "off"}, default "exact"
        How person records are joined where the extract has persons; without them, references are taken as they are.
    link_threshold : float, optional
        The least probability of a link that is not certain, from 0 to 1.
    link_decisions : path, optional
        A CSV of people's decisions that two records are one person or two, which always win.
    link_model : path, optional
        A model that :func:`breachpattern.linking.people.train_model` wrote.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> rows = [{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1"}]
    >>> len(Analyser().analyse(read_extract(rows), as_of="2025-12-31").breaches)
    0
    """

    def __init__(
        self,
        catalogue: Catalogue | None = None,
        patterns: Sequence[str | Path] = (),
        filters: Sequence[str | Path] = (),
        *,
        link: str = "exact",
        link_threshold: float = people_room.DEFAULT_THRESHOLD,
        link_decisions: str | Path | None = None,
        link_model: str | Path | None = None,
    ) -> None:
        if link not in LINK_METHODS:
            raise UsageError(
                f"{link!r} is not a way to join person records.", hint=f"One of {', '.join(LINK_METHODS)}."
            )
        if link == "off" and link_decisions:
            raise UsageError(
                "Decisions on person records are given, and linking is off.", hint="Leave out one of the two."
            )
        self.catalogue = catalogue or Catalogue.load()
        self.patterns, self.filters = tuple(patterns), tuple(filters)
        self.link, self.link_threshold, self.link_model = link, link_threshold, link_model
        self._decisions = people_room.read_decisions(link_decisions) if link_decisions else None
        self.link_decisions = link_decisions

    def analyse(
        self,
        extract: Extract,
        as_of: str | date | datetime | None = None,
        *,
        on_progress: Progress | None = None,
    ) -> Analysis:
        """Return breaches, courses and findings of an extract, as things were known at an instant.

        Parameters
        ----------
        extract : Extract
            As :func:`breachpattern.read_extract` gives it.
        as_of : str, date, datetime, optional
            ISO 8601. A date is the end of that day, Europe/London; the moment of the call by default.
        on_progress : callable, optional
            Called with (stage, done, total or None) as the work proceeds.

        Raises
        ------
        UsageError
            Where ``as_of`` is no ISO date or time.
        """
        started = datetime.now(UTC)
        return self._analysed(extract, instant_of(started if as_of is None else as_of), started, on_progress)

    def _analysed(self, extract: Extract, instant: int, started: datetime, on_progress: Progress | None) -> Analysis:
        people = self._people(extract, on_progress)
        timelines, found, lost = self._find_with_doubts(extract, instant, people, on_progress)
        return Analysis(
            extract, timelines, found, people=people, lost_to_links=lost, started=started, settings=self._settings()
        )

    def index(self, extract: Extract, *, on_progress: Progress | None = None) -> CaseIndex:
        """Return an extract as an index that answers for single incidents, under this law and these patterns.

        Parameters
        ----------
        extract : Extract
        on_progress : callable, optional
            Called with (stage, done, total or None) as the work proceeds.
        """
        from breachpattern.cases import CaseIndex

        people = None
        if self.link != "off":
            people = people_of(
                extract, self.link, self.link_threshold, self._decisions, self.link_model, on_progress=on_progress
            )
        timelines = timelines_room.build(extract, self.catalogue, people=people, on_progress=on_progress)
        return CaseIndex(timelines, extract, patterns_room.load_packs(self.patterns), people)

    def assess(
        self,
        incident: Mapping[str, Any] | Incident,
        history: Any = (),
        orders: Any = (),
        *,
        as_of: str | date | datetime | None = None,
        findings: str = "fast",
    ) -> dict[str, Any]:
        """Return what one incident means in its case, as plain JSON-able data (``breachpattern schema assess``).

        Parameters
        ----------
        incident : mapping or Incident
        history : CaseIndex, data frame, path, or iterable of records
            What is on file. An index answers at once; anything else is made into one first, which takes a moment.
        orders : data frame, path, or iterable of records
            The orders on file; an index has its own.
        as_of : str, date, datetime, optional
            The instant of the question, ISO 8601; the moment of the call by default.
        findings : {"fast", "full"}
            ``full`` runs the whole engine on everybody connected, and leaves no pattern out.

        Raises
        ------
        InputError
            Where a field cannot be read; the message names it.
        UsageError
            Where orders are given beside an index, or ``as_of`` or ``findings`` is none.

        Examples
        --------
        >>> call = {"incident_id": "I1", "occurred_from": "2025-03-01T10:15", "suspect_id": "P1", "victim_id": "V1",
        ...         "behaviours": "contact", "channel": "phone"}
        >>> order = {"order_id": "O1", "kind": "restraining_conviction", "respondent_id": "P1", "protected_id": "V1",
        ...          "made_on": "2025-01-10", "terms": "no_contact"}
        >>> Analyser().assess(call, orders=[order])["breaches"][0]["status"]
        'unrecorded'
        """
        from breachpattern.cases import CaseIndex
        from breachpattern.cases.history import extract_of

        now = instant_of(datetime.now(UTC) if as_of is None else as_of)
        if isinstance(history, CaseIndex):
            if _is_given(orders):
                raise UsageError(
                    "Orders are given, and the index has its own.", where="orders", hint="Leave one of them out."
                )
            return history.assess(incident, now=now, findings=findings)
        return self.index(extract_of(history, orders, self.catalogue)).assess(incident, now=now, findings=findings)

    def score(
        self,
        incidents: Any,
        orders: Any = None,
        persons: Any = None,
        associations: Any = None,
        *,
        out: str | Path,
        as_of: str | date | datetime | None = None,
        mapping: str | Path | Any = None,
        query: str | dict[str, str] | None = None,
        format: str = "csv",
        include_not_breach: bool = False,
        workers: int | None = None,
        memory: int | str | None = None,
        settings: Mapping[str, Any] | None = None,
        on_progress: Progress | None = None,
    ) -> Scored:
        """Read, analyse and write an extract, on several cores and within a bound of memory.

        The files are the same, byte for byte, whatever ``workers`` and ``memory`` are.

        Parameters
        ----------
        incidents, orders, persons, associations, mapping, query
            As :func:`breachpattern.read_extract` takes them.
        out : str or Path
            The run folder: new, empty, or a former run, which is replaced.
        as_of : str, date, datetime, optional
            As :meth:`analyse` takes it.
        format : {"csv", "parquet", "jsonl"}, default "csv"
        include_not_breach : bool, default False
            Also write the orders that were considered and do not fit.
        workers : int, optional
            How many processes score; by default one for a small extract and one for each core for a large one.
        memory : int or str, optional
            How much memory all processes may take together, in bytes or as ``"2GB"``: a larger extract is scored in
            more and smaller buckets.
        settings : mapping, optional
            What else the summary shall say of how the run was set up.
        on_progress : callable, optional
            Called with (stage, done, total or None) as the work proceeds, always by the calling thread.

        Raises
        ------
        UsageError
            Where ``as_of``, ``format``, ``workers`` or ``memory`` make no sense.
        ResourceError
            Where a worker process is gone or the memory ran out; nothing is written.
        OutputError
            Where the folder is not ours to replace or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> rows = [{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1"}]
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = Analyser().score(rows, out=f"{folder}/run", as_of="2025-12-31")
        >>> run.summary["rows"]["incidents"]
        {'rows_in': 1, 'accepted': 1, 'rejected': 0, 'duplicates': 0}
        """
        from breachpattern.buckets.bucket import Setting
        from breachpattern.buckets.run import TOP, Request, Scored, needed, score_in_buckets
        from breachpattern.buckets.scale import scale_of
        from breachpattern.ingest.extract import read_sources

        started = datetime.now(UTC)
        instant = instant_of(started if as_of is None else as_of)
        check_format(format)
        check_target(Path(out))
        scale = scale_of(workers, memory)
        read = partial(
            read_sources, incidents, orders, persons, associations,
            mapping=mapping, query=query, catalogue=self.catalogue, on_progress=on_progress,
        )  # fmt: skip
        linked = persons is not None or self._decisions is not None
        sources = read(needed=None if scale.memory is None else needed(linked=linked))
        known = self._settings() | dict(settings or {})
        divided = scale.of(sum(len(part.rows) for part in sources.parts.values()))
        if divided is None:
            sources = read() if sources.in_parts else sources
            analysis = self._analysed(sources.checked(), instant, started, on_progress)
            analysis.settings |= known
            analysis.write(out, format, include_not_breach, on_progress=on_progress)
            return Scored(
                folder=Path(out),
                summary=analysis.summary,
                top=analysis.findings.to_arrow().slice(0, TOP).to_pylist(),
                issues=analysis.issues,
                rows=analysis.extract.rows,
                sources=analysis.extract.sources,
                as_of=analysis.as_of,
            )
        setting = Setting(
            instant, self.catalogue, patterns=tuple(map(str, self.patterns)), filters=tuple(map(str, self.filters)),
            considered=include_not_breach,
        )  # fmt: skip
        order = Request(
            setting,
            link=lambda tables: people_of(
                tables, self.link, self.link_threshold, self._decisions, self.link_model, on_progress=on_progress
            ),
            out=Path(out),
            format=format,
            settings=known | {"format": format, "include_not_breach": include_not_breach},
            buckets=divided.buckets_of,
            workers=divided.workers,
            takes_part=divided.takes_part,
            started=started,
            decisions=str(self.link_decisions) if self.link_decisions else None,
            linking=self.link != "off",
        )
        return score_in_buckets(sources, order, on_progress)

    def update(
        self,
        state: State | None,
        new: Any,
        as_of: str | date | datetime | None = None,
        *,
        withdrawn: Mapping[str, Iterable[Any]] | None = None,
        replaces: bool = False,
        on_progress: Progress | None = None,
    ) -> tuple[State, Changes]:
        """Return a state with new rows, and what they changed: the same answers as a full run on everything.

        Only the groups of connected people that the new rows reach are worked out again, and those whose answers the
        time since the last update can have changed.

        Parameters
        ----------
        state : State or None
            What an earlier update gave back, or :meth:`State.load`; ``None`` begins.
        new : Extract, mapping, or anything that is read as incidents
            A mapping has ``incidents``, ``orders``, ``persons`` or ``associations``, each as
            :func:`breachpattern.read_extract` takes them; ``None`` only moves the clock. An :class:`Extract` is exact
            where it was read with ``keep_as_read=True``.
        as_of : str, date, datetime, optional
            As in :meth:`analyse`; never before the state's own.
        withdrawn : mapping of str to iterable, optional
            Records to take out before the new rows are added: by table the ids, of associations pairs of ids.
        replaces : bool, default False
            A record that comes again replaces what the state has of it. Otherwise its rows stand beside the earlier
            ones, and the value that was told first stands, as in one extract.

        Returns
        -------
        state : State
            A new one; the given one is not changed.
        changes : Changes

        Raises
        ------
        UsageError
            Where ``as_of`` lies before the state, or the state was made with other rules.

        Examples
        --------
        >>> rows = [{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1"}]
        >>> state, changes = Analyser().update(None, rows, as_of="2025-12-31")
        >>> state, changes = Analyser().update(state, rows, as_of="2026-01-31")
        >>> changes.rows["incidents"]["duplicates"], len(changes)
        (1, 0)
        """
        from breachpattern.state.update import update

        instant = instant_of(datetime.now(UTC) if as_of is None else as_of)
        return update(self._engine(on_progress), state, new, instant, withdrawn=withdrawn, replaces=replaces)

    def _engine(self, on_progress: Progress | None) -> Engine:
        from breachpattern.patterns.clock import Clockwork
        from breachpattern.patterns.packs import read_packs
        from breachpattern.state.update import Engine

        held = read_packs(self.patterns, self.filters)
        decisions = None if self._decisions is None else str(self._decisions.to_pylist())
        settings = {"link": self.link, "link_threshold": self.link_threshold, "link_decisions": decisions,
                    "link_model": str(self.link_model) if self.link_model else None}  # fmt: skip

        def find(
            extract: Extract, instant: int, people: People | None, crowded: pa.Array
        ) -> tuple[Timelines, Findings]:
            return self._find_with_doubts(extract, instant, people, on_progress, crowded)[:2]

        return Engine(
            catalogue=self.catalogue,
            made_with={"library": versions()["breachpattern"], "catalogue": self.catalogue.version,
                       "patterns": held.version, "settings": settings},
            clockwork=Clockwork.of(held.patterns, held.filters),
            filters=held.filters,
            link=lambda extract: self._people(extract, on_progress),
            find=find,
        )  # fmt: skip

    def _people(self, extract: Extract, on_progress: Progress | None) -> People | None:
        if self.link == "off":
            return None
        return people_of(
            extract, self.link, self.link_threshold, self._decisions, self.link_model, on_progress=on_progress
        )

    def _find_with_doubts(
        self,
        extract: Extract,
        instant: int,
        people: People | None,
        on_progress: Progress | None,
        crowded: pa.Array | None = None,
    ) -> tuple[Timelines, Findings, list[str]]:
        """Return timelines and findings, with what they owe to doubtful links, and what those links hide."""
        timelines, found = self._find(extract, instant, people, on_progress, crowded)
        if people is None or not people.counts["doubtful_links"]:
            return timelines, found, []
        _, certain = self._find(extract, instant, people.certain(), on_progress, crowded)
        found = found.doubting(patterns_room.doubts_of(found, certain, people))
        return timelines, found, patterns_room.lost_to_links(found, certain)

    def _find(
        self,
        extract: Extract,
        instant: int,
        people: People | None,
        on_progress: Progress | None,
        crowded: pa.Array | None = None,
    ) -> tuple[Timelines, Findings]:
        timelines = timelines_room.build(
            extract, self.catalogue, instant, people=people, crowded=crowded, on_progress=on_progress
        )
        return timelines, patterns_room.find(timelines, self.patterns, self.filters, on_progress=on_progress)

    @property
    def settings(self) -> dict[str, Any]:
        """How it is set up, for the summary of a run."""
        return self._settings()

    @property
    def decisions(self) -> pa.Table | None:
        """People's decisions on records of persons, as they were read."""
        return self._decisions

    def _settings(self) -> dict[str, Any]:
        return {
            "patterns": [str(p) for p in self.patterns],
            "filters": [str(f) for f in self.filters],
            "link": self.link,
            "link_threshold": self.link_threshold,
            "link_decisions": str(self.link_decisions) if self.link_decisions else None,
            "link_model": str(self.link_model) if self.link_model else None,
        }

    def __repr__(self) -> str:
        packs = f", patterns={[str(p) for p in self.patterns]}" if self.patterns else ""
        return f"Analyser(catalogue={self.catalogue.version}{packs})"


def instant_of(as_of: str | date | datetime) -> int:
    """Return the last second that an *as of* includes.

    Raises
    ------
    UsageError
        Where the text is no ISO date or time.

    Examples
    --------
    >>> instant_of("2026-06-30")
    1782860399
    """
    try:
        return as_of_second(as_of)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{str(as_of)!r} is not a date or time.",
            where="as of",
            hint="Write it as 2026-06-30 (the end of that day) or 2026-06-30T14:00, Europe/London.",
        ) from None


def _is_given(rows: Any) -> bool:
    return rows is not None and not (isinstance(rows, Sequence) and len(rows) == 0)


def _link_issues(analysis: Analysis) -> list[tuple[str, int | None, str, str, str | None, str, str]]:
    """Return what linking people doubted, with the file that each concerns."""
    assert analysis.people is not None
    persons = analysis.extract.sources.get("persons", {}).get("name", "persons")
    decisions = str(analysis.settings.get("link_decisions") or "decisions")
    hint = "Look at the doubtful links in people_links, and decide them."
    return [
        (decisions if "decision" in i.code else persons, i.row, i.column, i.code, i.value, i.message, i.hint)
        for i in analysis.people.issues
    ] + [
        (persons, None, "person_id", "lost_to_doubtful_link", None, f"Only without doubtful links: {headline}", hint)
        for headline in analysis.lost_to_links
    ]


def _said(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{word} {count:,}" for word, count in counts.items() if count)

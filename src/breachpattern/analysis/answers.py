"""The answers of a run: breaches, courses and findings that print and explain themselves."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.explain import law_of
from breachpattern.memory import small_pages
from breachpattern.output.files import Rows, text_of
from breachpattern.output.person import person_table
from breachpattern.output.results import FindingsTable, Table, Timeline
from breachpattern.output.run import write_run
from breachpattern.output.schema import BREACHES, COURSES, FINDINGS, NEAR_MISSES
from breachpattern.output.secrets import clean
from breachpattern.output.summary import (
    breaches_summary,
    courses_summary,
    findings_summary,
    run_summary,
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

if TYPE_CHECKING:
    from breachpattern.analysis.since import Since
    from breachpattern.graph import GraphIndex
    from breachpattern.ingest import Extract, Issues
    from breachpattern.linking.people import People
    from breachpattern.patterns import Findings
    from breachpattern.timelines import Timelines

from breachpattern.timelines.instant import instant_of

Progress = Callable[[str, int, int | None], None]


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
    def found(self) -> Findings:
        """The findings as the engine's integer-coded columns, for those who build on them."""
        return self._found

    @property
    def course_ids(self) -> pa.Array:
        """The id of each course, in the order of ``timelines.courses``."""
        return self._found.course_ids

    @cached_property
    def breaches(self) -> Table:
        """Every incident × order that it breaches, in time order."""
        counts = self.summary["breaches"]["by_status"]
        return Table("breaches", breaches_table(self.timelines, self.course_ids), _said(counts))

    @cached_property
    def courses(self) -> Table:
        """Candidate courses of conduct, the strongest first."""
        counts = self.summary["courses"]["by_strength"]
        return Table("candidate courses", courses_table(self.timelines, self.course_ids), _said(counts))

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
        table = person_table(self.timelines, self.extract.orders, self.course_ids, person_id)
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

    def since(self, previous: Analysis | str | Path) -> Since:
        """Return what became of findings since an earlier run: new, changed, withdrawn, the same, each with its reason.

        Parameters
        ----------
        previous : Analysis, str or Path
            An earlier analysis, or the folder that one wrote.

        Returns
        -------
        Since
            A finding that grew has another id; it is *changed*, and its reason says which incidents, orders and
            breaches are new and which are gone. A withdrawn one says which record, rule or filter changed.
        """
        from breachpattern.analysis.since import since

        return since(self, previous)

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

    @small_pages()
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
        timelines, ids, considered = self.timelines, self.course_ids, include_not_breach
        written = len(timelines.breaches) + len(timelines.inferred_within_terms)
        written += len(timelines.considered) if considered else 0
        near = sum(self._found.near_miss_counts.values())
        # Large tables are made when their turn to be written comes, and are not kept.
        later = {
            "breaches": (BREACHES, written, lambda: breaches_table(timelines, ids, considered=considered)),
            "courses": (COURSES, len(timelines.courses.frame), lambda: courses_table(timelines, ids)),
            "near_misses": (NEAR_MISSES, near, lambda: near_misses_table(self._found.near_misses)),
            "findings": (FINDINGS, len(self._found), lambda: self._findings_table),
        }
        tables: dict[str, pa.Table | Rows] = {
            name: Rows.later(schema_of(columns), count, make) for name, (columns, count, make) in later.items()
        }
        if len(self._found.suppressed):
            tables["suppressed"] = self.suppressed.to_arrow()
        if self.people is not None:
            tables["people_links"] = self.people_links.to_arrow()
        tables |= extract_tables(self.extract) | {"issues": self.issues.to_arrow()}
        self.settings |= {"format": format, "include_not_breach": include_not_breach}
        return write_run(
            folder,
            tables,
            lambda: with_considered(self.summary, written),
            lines=self._lines(on_progress),
            format=format,
        )

    def _lines(self, on_progress: Progress | None) -> Iterator[list[pa.Buffer]]:
        done, total = 0, len(self._found)
        for lines in self._found.lines(end="\n"):
            if on_progress is not None:
                on_progress("writing findings", done, total)
            yield [text_of(lines)]
            done += len(lines)

    def __repr__(self) -> str:
        return "\n".join(
            ["Analysis", *(f"  {table.heading()}" for table in (self.breaches, self.courses, self.findings))]
        )

    def _repr_html_(self) -> str:
        lines = (html.escape(table.heading()) for table in (self.breaches, self.courses, self.findings))
        return "<p><strong>Analysis</strong></p><ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"


def _said(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{word} {count:,}" for word, count in counts.items() if count)

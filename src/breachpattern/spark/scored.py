"""What a run on Spark came to: data frames that are worked out when they are first used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from breachpattern.buckets import SCHEMAS, merge
from breachpattern.explain import law_of
from breachpattern.ingest.issues import SCHEMA as ISSUE_SCHEMA
from breachpattern.ingest.issues import STAGE, IssueLog, Issues
from breachpattern.ingest.offences import note_unknown
from breachpattern.ingest.part import TOGETHER
from breachpattern.ingest.references import note_strangers
from breachpattern.output.summary import run_summary, versions_of
from breachpattern.output.tables import link_issues, people_links_table
from breachpattern.patterns import engine
from breachpattern.patterns.packs import Packs, read_packs
from breachpattern.records import MODELS
from breachpattern.spark import outputs
from breachpattern.spark.frames import frame_of
from breachpattern.spark.quarantine import quarantine
from breachpattern.spark.session import pinned
from breachpattern.vocabulary import LEVELS

if TYPE_CHECKING:
    from breachpattern.analysis import Analyser
    from breachpattern.ingest.sources import TextTable
    from breachpattern.linking.people.people import People
    from breachpattern.spark.asides import Asides
    from breachpattern.spark.canonical import Canonical
    from breachpattern.spark.heading import Heading


# After everything that reading says.
LINKING = 10_000


class Scored:
    """Breaches, courses and findings of an extract on Spark.

    Every data frame has the columns of the table of its name, in the order of its file, and is worked out when it is
    first used; the scoring itself once, for all of them. :meth:`unpersist` lets go of what is kept.

    Attributes
    ----------
    people : People or None
        Which references are one human being.
    as_of : int
        The last second, in seconds UTC, of which anything was known.
    settings : dict
        For the summary, as they stand.
    """

    def __init__(
        self,
        frame: Any,
        heading: Heading,
        tables: Mapping[str, Canonical],
        asides: Asides,
        people: People | None,
        analyser: Analyser,
        as_of: int,
        started: datetime,
    ) -> None:
        self._frame, self._heading, self._tables, self._asides = frame, heading, dict(tables), asides
        self._analyser, self._started = analyser, started
        self._finished: datetime | None = None
        self.people, self.as_of = people, as_of
        self.settings = analyser.settings

    @cached_property
    def breaches(self) -> Any:
        """Every incident × order that it breaches, in time order."""
        return outputs.breaches(self._frame)

    @cached_property
    def courses(self) -> Any:
        """Candidate courses of conduct, the strongest first."""
        return outputs.courses(self._frame)

    @cached_property
    def findings(self) -> Any:
        """Findings in the order in which a person should look at them."""
        return outputs.findings(self._frame)

    @cached_property
    def lines(self) -> Any:
        """The whole findings as JSON, ``rank`` and ``line``: the lines of ``findings.jsonl``."""
        return outputs.lines(self._frame)

    @cached_property
    def near_misses(self) -> Any:
        """What came close to a pattern and is no finding."""
        return outputs.near_misses(self._frame, tuple(pattern.id for pattern in self._packs.patterns))

    @cached_property
    def suppressed(self) -> Any:
        """What filters suppressed, with the filter that did."""
        return outputs.suppressed(self._frame)

    @cached_property
    def people_links(self) -> Any:
        """Every person record that was joined with another, and why."""
        return frame_of(self._session, people_links_table(self.people.table() if self.people else None))

    @cached_property
    def issues(self) -> Any:
        """Every problem with the data, in the order of files and rows; the scoring runs for it."""
        from pyspark.sql import functions as f

        files = [source.name for source in self._heading.sources.values()]
        own = outputs.rows_of(self._frame, "issues").withColumn("last", f.lit(0))
        told = self._told_of_all()
        others = frame_of(self._session, told.append_column("place", pa.array(range(told.num_rows), pa.int64())))
        whole = own.unionByName(others.withColumn("last", f.lit(1)))
        file = f.array_position(f.array(*map(f.lit, dict.fromkeys(files))), f.col("file"))
        order = [f.col(STAGE.name) == LINKING, file, f.coalesce("row", f.lit(0)), STAGE.name, "last", "place"]
        return whole.orderBy(*order).select(*ISSUE_SCHEMA.names)

    @cached_property
    def rejected(self) -> dict[str, Any]:
        """By table, the rows that were rejected, why, and how they were written; no narrative."""
        # Kept, because that is when Spark plans the work, by the settings of that moment.
        with pinned(self._session):
            return {
                name: self._heading.keep(quarantine(source, self._rejected(name), self._hidden(name)))
                for name, source in self._heading.sources.items()
            }

    @property
    def summary(self) -> dict[str, Any]:
        """Counts that add up, versions, ``as_of`` and settings: ``summary.json``; the scoring runs for it."""
        return self._summary | {"settings": dict(self.settings)}

    @property
    def files(self) -> dict[str, TextTable]:
        """By table, what is known of the source as a whole."""
        return {name: source.described for name, source in self._heading.sources.items()}

    def unpersist(self) -> None:
        """Let go of the results and of the rows that are kept for further use."""
        self._heading.let_go()

    def __repr__(self) -> str:
        return f"<Scored: {', '.join(f'{n:,} {name}' for name, n in self._heading.counts.items())}, on Spark>"

    @property
    def _session(self) -> Any:
        return self._frame.sparkSession

    @cached_property
    def _packs(self) -> Packs:
        return read_packs(self._analyser.patterns, self._analyser.filters)

    @cached_property
    def _counts(self) -> dict[str, Any]:
        from pyspark.sql import functions as f

        rows = outputs.rows_of(self._frame, "counts")
        whole = rows.groupBy("what").agg(f.sum("count").alias("count"), f.min("place").alias("place"))
        # The place keeps the order of vocabularies: what all buckets tell stands first in the one that tells least.
        table = whole.orderBy("place", "what").select("what", "count").toArrow()
        self._finished = datetime.now(UTC)
        return merge.added([table])

    def _told_of_all(self) -> pa.Table:
        """Return what is told of sources and of all their rows together, with the stage of each."""
        from pyspark.sql import functions as f

        log = IssueLog([source.name for source in self._heading.sources.values()])
        log.extend(self._heading.log.staged())
        files = {name: source.name for name, source in self._heading.sources.items()}
        log.stage = TOGETHER
        strangers = {
            (table, column): (met["named"], met["missing"])
            for table, columns in self._counts.get("strangers", {}).items()
            for column, met in columns.items()
        }
        note_strangers(strangers | self._asides.strangers, files, log)
        seen = outputs.rows_of(self._frame, "offences").groupBy("code", "label")
        seen = seen.agg(f.min("first").alias("first"), f.sum("count").alias("count"))
        note_unknown(seen.toArrow().select(SCHEMAS["offences"].names).cast(SCHEMAS["offences"]), files["incidents"],
                     self._analyser.catalogue, log)  # fmt: skip
        told = log.staged()
        if self.people is None:
            return told
        lost = sorted(outputs.rows_of(self._frame, "lost").toArrow()["headline"].to_pylist())
        decisions = str(self.settings.get("link_decisions") or "decisions")
        linking = Issues(ISSUE_SCHEMA.empty_table()).with_rows(
            link_issues(self.people, files.get("persons", "persons"), decisions, lost)
        )
        rows = linking.to_arrow()
        return pa.concat_tables([told, rows.append_column(STAGE, pa.repeat(LINKING, rows.num_rows))])

    def _rejected(self, table: str) -> Any:
        """Return number, line and reason of the rejected rows of a table."""
        if table in self._tables:
            rows = outputs.rows_of(self._frame, "rejected")
            return rows.where(rows["table"] == table).select("row", "reason", "place")
        one = self._asides.rejected[table]
        place = pa.array(range(len(one.rows)), pa.int64())
        return frame_of(
            self._session, pa.table({"row": pa.array(one.rows, pa.int64()), "reason": one.reasons, "place": place})
        )

    def _hidden(self, table: str) -> tuple[str, ...]:
        if table in self._tables:
            return self._tables[table].hidden
        return tuple(self._asides.mapped[table][1].sources.get("narrative", ()))

    @property
    def rows(self) -> dict[str, dict[str, int]]:
        """By table where its rows went; the scoring runs for it."""
        counts = self._counts.get("rows", {})
        own = {name: self._asides.rows.get(name) or counts.get(name) for name in MODELS}
        return {name: self._heading.account(name, counted) for name, counted in own.items()}

    @cached_property
    def _summary(self) -> dict[str, Any]:
        counts, catalogue = self._counts, self._analyser.catalogue
        found = counts["findings"]
        levels, patterns = found.get("by_level", {}), found.get("by_pattern", {})
        summary = run_summary(
            versions=versions_of(catalogue, engine.versions_of(self._packs, catalogue)),
            as_of=self.as_of,
            started=self._started,
            finished=self._finished or datetime.now(UTC),
            inputs=self._heading.inputs(),
            rows=self.rows,
            counts=counts
            | {
                "findings": {
                    "total": found["total"],
                    "by_pattern": dict(sorted(patterns.items(), key=lambda item: (-item[1], item[0]))),
                    "by_level": {level: levels.get(level, 0) for level in reversed(LEVELS.values)},
                    "suppressed": found["suppressed"],
                    "near_misses": found.get("near_misses", {}),
                }
            },
            people=self.people,
            issues=Issues(self.issues.toArrow().cast(ISSUE_SCHEMA)),
            provisions=law_of(catalogue, ";".join(counts.get("cited", {}))),
        )
        return summary

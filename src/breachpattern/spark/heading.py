"""What is said of the sources themselves, before any row is checked, and of all their rows together afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from breachpattern.ingest.extract import note_file, note_refused
from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.mapping import Mapping as Plan
from breachpattern.ingest.naming import LOST, note_nobody
from breachpattern.ingest.part import READ
from breachpattern.records import Reading
from breachpattern.spark.canonical import LINE, Canonical, canonical
from breachpattern.spark.frames import Source


class Heading:
    """The sources of an extract on Spark, and the account of their rows.

    Attributes
    ----------
    sources : dict of str to Source
        By table.
    counts, left_out : dict of str to int
        By table: the rows of the source, and those that the mapping leaves out.
    log : IssueLog
        What is wrong with the sources.
    kept : list of pyspark.sql.DataFrame
        What Spark keeps for further use, until :meth:`let_go`.
    """

    def __init__(self, sources: Mapping[str, Source], plan: Plan, reading: Reading) -> None:
        self.sources, self._plan, self._reading = dict(sources), plan, reading
        self.log = IssueLog([source.name for source in sources.values()])
        self.counts = {name: int(source.frame.count()) for name, source in sources.items()}
        self.left_out: dict[str, int] = {}
        self.kept: list[Any] = []

    def keep(self, frame: Any) -> Any:
        """Return a frame whose rows are kept once they were made, in memory or on disk."""
        self.kept.append(frame.persist())
        return self.kept[-1]

    def let_go(self) -> None:
        """Let go of everything that is kept."""
        for frame in self.kept:
            frame.unpersist()

    def note(self, table: str) -> None:
        """Note what is wrong with a source as a whole; one that is taken from another table's is noted there."""
        source = self.sources[table]
        self.log.stage = READ[table]
        if not source.taken:
            note_file(source.described, self.log, self.counts[table])
        note_refused(source.name, source.refused, self.log)

    def canonical(self, table: str) -> Canonical:
        """Return a table in canonical columns, kept for further use.

        Raises
        ------
        InputError, MappingError
            Where a required column is missing, or the mapping does not fit.
        """
        self.note(table)
        plan, source = self._plan.table(table), self.sources[table]
        unused = IssueLog()
        unused.stage = READ[table]
        found = canonical(source, plan, self._reading, unused)
        found = replace(found, frame=self.keep(found.frame))
        told = self._told(found)
        self.left_out[table] = self.counts[table] - told["rows"] if plan.only or plan.leave_out else 0
        if left_out := self.left_out[table]:
            message = f"Rows that the mapping leaves out: {left_out:,}."
            self.log.add(source.name, None, None, "rows_left_out", None, message)
        self.log.extend(unused.staged())
        if table == "incidents":
            named = {name: pa.array(["x"]) if told[name] else pa.nulls(1) for name in LOST if name in found.given}
            note_nobody(named, source.name, told["rows"], self.log)
        return found

    def _told(self, table: Canonical) -> dict[str, int]:
        """Return how many source rows are left, and how many of the rows name somebody."""
        from pyspark.sql import functions as f

        named = [f.count(name).alias(name) for name in LOST if table.source.table == "incidents"]
        answer: dict[str, Any] = table.frame.agg(f.countDistinct(LINE).alias("rows"), *named).first().asDict()
        return {name: int(count) for name, count in answer.items()}

    def account(self, table: str, counts: Mapping[str, int] | None) -> dict[str, int]:
        """Return where the rows of a source went, with those that could not be split into cells or were left out."""
        if counts is None:
            return {"rows_in": 0, "accepted": 0, "rejected": 0, "duplicates": 0}
        broken = 0 if self.sources[table].taken else len(self.sources[table].described.broken)
        whole = dict(counts) | {"rows_in": counts["rows_in"] + broken, "rejected": counts["rejected"] + broken}
        spread = {"spread_to": whole.pop("spread_to")} if "spread_to" in whole else {}
        left_out = self.left_out.get(table, 0)
        return whole | ({"left_out": left_out} if left_out else {}) | spread

    def inputs(self) -> dict[str, dict[str, Any]]:
        """Return what was read: name, hash and columns of each source."""
        return {
            table: {"name": source.name, "sha256": source.described.sha256, "columns": list(source.columns)}
            for table, source in self.sources.items()
        }

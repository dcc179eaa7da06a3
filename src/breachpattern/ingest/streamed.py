"""Sources whose incidents are larger than the memory: a few columns of all rows, and all columns a part at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.extract import Sources, note_refused
from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.mapping import Mapping
from breachpattern.ingest.naming import LOST, note_nobody
from breachpattern.ingest.part import READ, Part, Progress, Rejected
from breachpattern.ingest.privacy import Privacy
from breachpattern.ingest.sources import TextTable
from breachpattern.ingest.streams import Stream, open_stream
from breachpattern.records import MODELS
from breachpattern.records.cells import normal
from breachpattern.records.judge import is_required

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

STREAMED = "incidents"
_REQUIRED = {name for name in MODELS[STREAMED].model_fields if is_required(MODELS[STREAMED], name)}


class StreamedSources(Sources):
    """Sources that hold, of incidents, only some columns, where the file can be read part by part.

    Parameters
    ----------
    plan, law, today
        As :class:`~breachpattern.ingest.extract.Sources` takes them.
    needed : collection of str
        The canonical columns of incidents to hold.
    on_progress : callable, optional
        Called with (stage, done, total): rows that are read.
    """

    def __init__(
        self,
        plan: Mapping | None,
        law: Catalogue,
        today: date | None,
        needed: Collection[str],
        privacy: Privacy | None = None,
        on_progress: Progress | None = None,
    ) -> None:
        super().__init__(plan, law, today, privacy)
        self._report = on_progress or (lambda *_: None)
        self._needed = set(needed)
        self._stream: Stream | None = None

    @property
    def in_parts(self) -> bool:
        """Whether incidents come part by part."""
        return self._stream is not None

    def read(self, table: str, source: Any, query: str | None) -> None:
        """Read one table; of incidents only what is needed, where that can be."""
        shared = any(self.plan.table(other).taken_from == STREAMED for other in MODELS)
        if table == STREAMED and not shared:
            self._stream = open_stream(source, self.plan.table(table).layout(query))
            if self._stream is not None:
                self._stream = replace(self._stream, name=self.privacy.file(table, self._stream.name))
                self._read_needed(self._stream)
                return
        super().read(table, source, query)

    def _read_needed(self, stream: Stream) -> None:
        self.log.stage = READ[STREAMED]
        self.log.expect(stream.name)
        self.described[STREAMED] = {
            "name": stream.name, "sha256": stream.sha256, "columns": list(stream.columns),
        }  # fmt: skip
        note_refused(stream.name, filter(self.privacy.refuses, stream.columns), self.log)
        log = IssueLog()
        log.stage = READ[STREAMED]
        first = self.applied(STREAMED, next(stream.batches()), log)
        kept: dict[str, list[pa.Array]] = {name: [] for name in first.columns if name in self._needed}
        named: dict[str, int] = defaultdict(int)
        origins, rows, start, left_out = [], [], 0, 0
        # A mapping may make a column of any other.
        wanted = (
            None if self.mapping is not None else [n for n in stream.columns if normal(n) in self._needed | _REQUIRED]
        )
        for text in stream.batches(wanted):
            canonical = self.applied(STREAMED, text, IssueLog())
            for name, parts in kept.items():
                parts.append(canonical.columns[name])
                named[name] += len(canonical.origin) - canonical.columns[name].null_count
            origins.append(canonical.origin + start)
            rows.append(text.rows[canonical.origin])
            start += len(text.rows)
            self._report(f"reading {STREAMED}", start, stream.count)
            left_out += canonical.left_out
        if left_out:
            told = f"Rows that the mapping leaves out: {left_out:,}."
            self.log.add(stream.name, None, None, "rows_left_out", None, told)
        noted = log.staged()
        self.log.extend(noted.filter(pc.not_equal(noted["code"], "rows_left_out")))
        origin = np.concatenate(origins)
        said = {name: pa.array(["x"]) if named[name] else pa.nulls(1, pa.string()) for name in LOST if name in kept}
        note_nobody(said, stream.name, len(origin), self.log)
        empty = pa.table([pa.array([], pa.string())] * len(stream.columns), names=list(stream.columns))
        self.text[STREAMED] = TextTable(stream.name, empty, np.empty(0, np.int64), stream.sha256)
        self._canonical[STREAMED] = replace(first, columns={}, origin=origin[:0], left_out=left_out)
        columns = {name: _together(kept, name) for name in list(kept)}
        self.parts[STREAMED] = Part(stream.name, columns, np.concatenate(rows), origin, first.reading, first.spread)

    def pieces(self, table: str) -> Iterator[Part]:
        """Yield all columns of the rows of a table, part by part."""
        if table != STREAMED or self._stream is None:
            yield from super().pieces(table)
            return
        start = 0
        for text in self._stream.batches():
            canonical = self.applied(STREAMED, text, IssueLog())
            rows, origin = text.rows[canonical.origin], canonical.origin + start
            yield Part(text.name, canonical.columns, rows, origin, canonical.reading, canonical.spread)
            start += len(text.rows)

    def quarantine(self, table: str, rejected: Rejected) -> pa.Table:
        """Return the rejected rows with their reason and their columns as they were written, but no narrative."""
        if table != STREAMED or self._stream is None or not len(rejected.rows):
            return super().quarantine(table, rejected)
        places, here = np.unique(rejected.origin, return_inverse=True)
        empty = self.text[STREAMED]
        self.text[STREAMED] = replace(empty, data=self._stream.rows_at(places))
        try:
            return super().quarantine(table, Rejected(here.reshape(-1), rejected.rows, rejected.reasons))
        finally:
            self.text[STREAMED] = empty


def _together(kept: dict[str, list[pa.Array]], name: str) -> pa.Array:
    """Return a column in one piece, and let go of its parts."""
    return pa.concat_arrays(kept.pop(name))

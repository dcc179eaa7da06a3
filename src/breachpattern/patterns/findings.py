"""Findings: patterns that held, ranked, with evidence by reference. Columns first; JSON by the chunk."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from breachpattern.linking.columns import Floats, Ints
from breachpattern.patterns.additions import additions
from breachpattern.patterns.block import Block
from breachpattern.patterns.citing import Citations
from breachpattern.patterns.context import Context
from breachpattern.patterns.doubts import Doubt
from breachpattern.patterns.model import Filter
from breachpattern.patterns.near_misses import near_misses_table
from breachpattern.patterns.populations import Population
from breachpattern.patterns.record import Record, Recorder
from breachpattern.patterns.rules import Rules
from breachpattern.patterns.store import COLUMNS, Store
from breachpattern.sorting import order_by
from breachpattern.timelines.courses import starts
from breachpattern.vocabulary import LEVELS

# How many findings, and how many rows of evidence, are told at a time: what bounds the memory of writing them.
CHUNK, CHUNK_ROWS = 4_096, 16_384


class Finding:
    """One finding: a pattern that held.

    Attributes
    ----------
    id, pattern, level, headline : str
    score : float
        0 to 100.
    rank : int
        1 is the first to look at.
    """

    def __init__(self, findings: Findings, position: int) -> None:
        self._findings, self._position = findings, position
        store, i = findings._store, int(findings._index[position])
        self.rank = position + 1
        self.id = str(store.ids[i].as_py())
        self.pattern = store.blocks[store.block[i]].pattern.id
        self.level = LEVELS.values[store.level[i]]
        self.score = float(store.score[i])

    @property
    def headline(self) -> str:
        """The finding in one sentence."""
        return str(self._record["headline"])

    def record(self) -> Record:
        """Return the whole finding as JSON-able data: evidence by reference, reasons, law, trace, versions."""
        return dict(self._record)

    @cached_property
    def _record(self) -> Record:
        return self._findings._records(self._position, self._position + 1)[0]

    def __repr__(self) -> str:
        return f"Finding {self.id} ({self.level}, {self.pattern}): {self.headline}"


class Findings:
    """Findings in a strict total order: level, score, recency, id.

    Indexing and iterating give :class:`Finding`; ``to_frame`` the columns of ``findings.csv``.
    """

    def __init__(
        self, store: Store, index: Ints, suppressed: Findings | None = None, by: Sequence[Filter] = ()
    ) -> None:
        self._store, self._index, self._by = store, index, tuple(by)
        self._suppressed = suppressed

    @property
    def suppressed(self) -> Findings:
        """What filters in force suppressed: never lost, and counted."""
        return self._suppressed or Findings(self._store, self._index[:0])

    @property
    def versions(self) -> dict[str, str]:
        """Versions of the library, the catalogue and the patterns."""
        return dict(self._store.versions)

    @property
    def course_ids(self) -> pa.Array:
        """The stable ids of the courses of the run, in the order of its timelines."""
        return self._store.course_ids

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The findings as columns, one block for each pattern, before ranking and filters."""
        return self._store.blocks

    @property
    def population(self) -> Population:
        """What each finding is about, in rank order."""
        return self._store.population.take(self._index)

    @property
    def level(self) -> Ints:
        """The level of each finding (positions in ``vocabulary.LEVELS``), in rank order."""
        return self._store.level[self._index]

    @property
    def score(self) -> Floats:
        """The score of each finding, in rank order."""
        return self._store.score[self._index]

    @property
    def points(self) -> Ints:
        """A mask of the rules that give each finding its points, in rank order."""
        return self._store.added.points[self._index]

    @property
    def pattern(self) -> Ints:
        """The number of each finding's pattern in ``blocks``, in rank order."""
        return self._store.block[self._index]

    def __len__(self) -> int:
        return len(self._index)

    def __getitem__(self, position: int) -> Finding:
        if not -len(self) <= position < len(self):
            raise IndexError(f"there are {len(self)} findings; there is no finding {position}")
        return Finding(self, position % len(self))

    def __iter__(self) -> Iterator[Finding]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        counts = np.bincount(self._store.level[self._index], minlength=len(LEVELS))
        worst_first = range(len(LEVELS) - 1, -1, -1)
        said = ", ".join(f"{LEVELS.values[i]} {counts[i]:,}" for i in worst_first if counts[i])
        return f"{len(self):,} findings" + (f": {said}" if said else "")

    def records(self) -> Iterator[Record]:
        """Yield each finding as JSON-able data, in rank order."""
        for start, end in self._chunks():
            yield from self._records(start, end)

    def lines(self, *, ranked: bool = True, end: str = "") -> Iterator[pa.Array]:
        """Yield the findings as lines of JSON, in rank order, some thousand at a time.

        Parameters
        ----------
        ranked : bool, default True
            Whether these are all findings. Of some of them no rank is known yet: then a line begins after it.
        end : str, default ""
            What each line ends with.
        """
        for first, last in self._chunks():
            ranks = np.arange(first, last) + 1 if ranked else None
            yield self._recorder.lines(self._index[first:last], ranks, end)

    @cached_property
    def _recorder(self) -> Recorder:
        return Recorder(self._store)

    def _chunks(self) -> Iterator[tuple[int, int]]:
        """Yield ranges of findings with so many rows of evidence together that they fit into memory."""
        rows = starts(np.diff(self._store.population.rows.offsets)[self._index])
        start = 0
        while start < len(self):
            end = int(np.searchsorted(rows, rows[start] + CHUNK_ROWS, side="right")) - 1
            end = min(max(end, start + 1), start + CHUNK, len(self))
            yield start, end
            start = end

    def _records(self, start: int, end: int) -> list[Record]:
        lines = self._recorder.lines(self._index[start:end], np.arange(start, end) + 1)
        records: list[Record] = [json.loads(line) for line in lines.to_pylist()]
        for record, held in zip(records, self._by[start:end], strict=False):
            fields = {"id": held.id, "reason": held.reason, "author": held.author}
            record["suppressed_by"] = fields | {"expires": held.expires.isoformat()}
        return records

    def to_arrow(self) -> pa.Table:
        """Return the columns of ``findings.csv`` as a pyarrow table; lists joined with ``;``, times as text."""
        table = self._store.table(self._index)
        rank = pa.array(np.arange(1, len(self) + 1))
        columns = {name: rank if name == "rank" else table[name] for name in COLUMNS}
        if self._by:
            for name in ("id", "reason", "author", "expires"):
                columns[f"filter_{name}"] = pa.array([str(getattr(f, name)) for f in self._by], pa.string())
        return pa.table(columns)

    def to_frame(self) -> pd.DataFrame:
        """Return the columns of ``findings.csv`` as pandas."""
        frame: pd.DataFrame = self.to_arrow().to_pandas()
        return frame

    @cached_property
    def near_misses(self) -> pa.Table:
        """What came close to a pattern, as text columns, the most recent of each pattern first; no findings."""
        return near_misses_table(self._store.blocks, self._store.course_ids)

    @property
    def near_miss_counts(self) -> dict[str, int]:
        """How many near misses each pattern has that declares one."""
        return {b.pattern.id: len(b.near) for b in self._store.blocks if b.pattern.near_miss is not None}

    def headlines_of(self, places: Sequence[int]) -> list[str]:
        """Return the headlines of some findings by their places in the blocks, one after the other."""
        headlines: list[str] = self._store.headlines.take(pa.array(places, pa.int64())).to_pylist()
        return headlines

    def doubting(self, doubts: Mapping[int, Doubt]) -> Findings:
        """Return the findings with what each owes to doubtful links between records of people.

        Parameters
        ----------
        doubts : mapping of int to Doubt
            By the place of the finding in the blocks, one after the other.
        """
        store = replace(self._store, doubts=doubts)
        kept = self._suppressed
        return Findings(store, self._index, kept and Findings(store, kept._index, by=kept._by), self._by)

    def without(self, by: Ints, filters: Sequence[Filter]) -> Findings:
        """Return the findings that no filter names.

        Parameters
        ----------
        by : (n,) int64
            For each finding of the blocks, one after the other, the number of the filter or ``-1``.
        filters : sequence of Filter
        """
        gone = by[self._index] >= 0
        named = [filters[number] for number in by[self._index[gone]].tolist()]
        return Findings(self._store, self._index[~gone], Findings(self._store, self._index[gone], by=named))


def assemble(
    context: Context, rules: Rules, blocks: Sequence[Block], cited: Citations, versions: dict[str, str]
) -> Findings:
    """Return the ranked findings of some blocks.

    Parameters
    ----------
    context : Context
    rules : Rules
        What every finding gets beside its own pattern.
    blocks : sequence of Block
    cited : Citations
        What may be cited in the run.
    versions : dict
    """
    store = Store(context, rules, tuple(blocks), additions(blocks, rules, cited), cited.keys, versions)
    return Findings(store, order_by(-store.level, -store.score, -store.last, store.digest))

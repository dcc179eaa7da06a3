"""Findings: patterns that held, ranked, with evidence by reference. Columns first; JSON by the chunk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from breachpattern.linking.columns import Floats, Ints
from breachpattern.patterns.block import Block
from breachpattern.patterns.caveats import caveat_lists
from breachpattern.patterns.context import Context
from breachpattern.patterns.doubts import Doubt
from breachpattern.patterns.headlines import headlines
from breachpattern.patterns.identity import course_ids, finding_digests, finding_id, text_lists
from breachpattern.patterns.model import Filter
from breachpattern.patterns.populations import filtered, owners
from breachpattern.patterns.record import Record, Recorder
from breachpattern.patterns.wording import Texts, iso_times
from breachpattern.timelines.courses import Ragged
from breachpattern.vocabulary import LEVELS

COLUMNS = (
    "rank", "finding_id", "pattern", "level", "score", "suspect_id", "victim_ids", "course_id",
    "breach_incident_ids", "incident_ids", "order_ids", "first_at", "last_at", "headline", "provisions",
    "caveats",
)  # fmt: skip
SCHEMA = pa.schema([(n, pa.float64() if n == "score" else pa.string()) for n in COLUMNS if n != "rank"])
CHUNK = 4096


@dataclass(frozen=True)
class Store:
    """All findings of a run, block after block, before ranking."""

    context: Context
    blocks: tuple[Block, ...]
    keys: tuple[str, ...]
    versions: dict[str, str]
    block: Ints
    place: Ints
    level: Ints
    score: Floats
    last: Ints
    digest: npt.NDArray[np.uint64]
    doubts: Mapping[int, Doubt] = field(default_factory=dict)

    @cached_property
    def texts(self) -> Texts:
        """The text behind the codes."""
        return Texts(self.context)

    @cached_property
    def course_ids(self) -> npt.NDArray[np.object_]:
        """The stable ids of the courses, with a blank last entry for *no course*."""
        return np.append(course_ids(self.context.timelines), "")

    @cached_property
    def caveats(self) -> list[tuple[list[str], Ragged]]:
        """The caveats of each block: texts, and which of them each finding has."""
        provisions = self.context.catalogue.provisions
        unverified = [k for k in self.keys if k not in provisions or not provisions[k].substance_verified]
        return [
            caveat_lists(b.pattern, b.population, b.missing, b.provisions, self.keys, unverified) for b in self.blocks
        ]

    @cached_property
    def table(self) -> pa.Table:
        """The columns of every finding but its rank, unranked."""
        parts = [self._columns(number) for number, b in enumerate(self.blocks) if len(b.population)]
        whole = pa.concat_tables(parts) if parts else SCHEMA.empty_table()
        if not self.doubts:
            return whole
        caveats = whole["caveats"].to_pylist()
        for i, doubt in self.doubts.items():
            caveats[i] = ";".join(filter(None, [caveats[i], doubt.text.replace(";", ",")]))
        return whole.set_column(whole.column_names.index("caveats"), SCHEMA.field("caveats"), [caveats])

    def records(self, index: Ints, ranks: Ints) -> list[Record]:
        """Return the records of some findings, in the order asked for."""
        recorder = Recorder(self.context, self.texts, self.keys, self.course_ids.tolist(), self.versions)
        out: list[Record] = [{}] * len(index)
        for number in np.unique(self.block[index]).tolist():
            mine = np.flatnonzero(self.block[index] == number)
            heads = [
                {
                    "finding_id": finding_id(int(self.digest[i])),
                    "rank": int(rank),
                    "level": LEVELS.values[int(self.level[i])],
                    "score": float(self.score[i]),
                }
                for i, rank in zip(index[mine].tolist(), ranks[mine].tolist(), strict=True)
            ]
            told = recorder.records(self.blocks[number], self.place[index[mine]], heads, self.caveats[number])
            for position, record in zip(mine.tolist(), told, strict=True):
                out[position] = record
        for record, i in zip(out, index.tolist(), strict=True):
            doubt = self.doubts.get(i)
            if doubt is not None:
                record |= {"identity": doubt.to_dict(), "caveats": [*record["caveats"], doubt.text]}
        return out

    def _columns(self, number: int) -> pa.Table:
        """Return the columns of a block's findings as text."""
        block, context = self.blocks[number], self.context
        population, names = block.population, context.columns.names
        in_evidence = np.zeros(len(context.columns), np.bool_)
        in_evidence[population.rows.values] = True
        breaches = filtered(population.breaches, in_evidence[context.breach.row])
        broken = Ragged(breaches.offsets, context.breach.row[breaches.values])
        texts, lists = self.caveats[number]
        filled = np.diff(population.suspects.offsets) > 0
        first = np.append(population.suspects.values, 0)[population.suspects.offsets[:-1]]
        return pa.table(
            {
                "finding_id": [finding_id(d) for d in self.digest[self.block == number].tolist()],
                "pattern": pa.repeat(block.pattern.id, len(population)),
                "level": pa.array(LEVELS.values).take(pa.array(block.level)),
                "score": block.score,
                "suspect_id": names.persons.take(pa.array(first, mask=~filled)).cast(pa.string()).fill_null(""),
                "victim_ids": text_lists(population.victims, names.persons),
                "course_id": pa.array(self.course_ids[population.course], pa.string()),
                "breach_incident_ids": text_lists(incident_lists(context, broken), names.incidents),
                "incident_ids": text_lists(incident_lists(context, population.rows), names.incidents),
                "order_ids": text_lists(population.orders, names.orders),
                "first_at": iso_times(population.first_at),
                "last_at": iso_times(population.last_at),
                "headline": pa.array(headlines(block.pattern, population, block.held, self.texts), pa.string()),
                "provisions": text_lists(block.provisions, pa.array(self.keys, pa.string())),
                "caveats": text_lists(lists, pa.array(texts, pa.string())),
            },
            schema=SCHEMA,
        )


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
        self.id = finding_id(int(store.digest[i]))
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
    def blocks(self) -> tuple[Block, ...]:
        """The findings as columns, one block for each pattern, before ranking and filters."""
        return self._store.blocks

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
        for start in range(0, len(self), CHUNK):
            yield from self._records(start, min(start + CHUNK, len(self)))

    def _records(self, start: int, end: int) -> list[Record]:
        records = self._store.records(self._index[start:end], np.arange(start, end) + 1)
        for record, held in zip(records, self._by[start:end], strict=False):
            fields = {"id": held.id, "reason": held.reason, "author": held.author}
            record["suppressed_by"] = fields | {"expires": held.expires.isoformat()}
        return records

    def to_arrow(self) -> pa.Table:
        """Return the columns of ``findings.csv`` as a pyarrow table; lists joined with ``;``, times as text."""
        table = self._store.table.take(pa.array(self._index))
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
    def near_misses(self) -> pd.DataFrame:
        """What came close to a pattern: ``pattern, text, suspect_ids, victim_ids, incident_ids``; no findings."""
        names = self._store.context.columns.names
        parts = [pd.DataFrame(columns=["pattern", "text", "suspect_ids", "victim_ids", "incident_ids"], dtype=str)]
        for block in self._store.blocks:
            if block.pattern.near_miss is not None and len(block.near):
                incidents = incident_lists(block.near.context, block.near.rows)
                columns = {
                    "pattern": block.pattern.id,
                    "text": block.pattern.near_miss.text,
                    "suspect_ids": text_lists(block.near.suspects, names.persons).to_pylist(),
                    "victim_ids": text_lists(block.near.victims, names.persons).to_pylist(),
                    "incident_ids": text_lists(incidents, names.incidents).to_pylist(),
                }
                parts.append(pd.DataFrame(columns))
        return pd.concat(parts[1:] or parts, ignore_index=True)

    @property
    def near_miss_counts(self) -> dict[str, int]:
        """How many near misses each pattern has that declares one."""
        return {b.pattern.id: len(b.near) for b in self._store.blocks if b.pattern.near_miss is not None}

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


def assemble(context: Context, blocks: Sequence[Block], keys: tuple[str, ...], versions: dict[str, str]) -> Findings:
    """Return the ranked findings of some blocks.

    Parameters
    ----------
    context : Context
    blocks : sequence of Block
    keys : tuple of str
        The provisions to which the blocks refer.
    versions : dict
    """
    sizes = [len(b.population) for b in blocks]

    def together(parts: list[npt.NDArray[Any]], kind: Any) -> npt.NDArray[Any]:
        return np.concatenate([np.empty(0, kind), *parts]).astype(kind)

    store = Store(
        context=context,
        blocks=tuple(blocks),
        keys=keys,
        versions=versions,
        block=np.repeat(np.arange(len(blocks)), sizes),
        place=together([np.arange(n) for n in sizes], np.int64),
        level=together([b.level for b in blocks], np.int64),
        score=together([b.score for b in blocks], np.float64),
        last=together([b.population.last_at for b in blocks], np.int64),
        digest=together([finding_digests(b.pattern.id, b.population) for b in blocks], np.uint64),
    )
    order = np.lexsort((store.digest, -store.last, -store.score, -store.level))
    return Findings(store, order)


def incident_lists(context: Context, rows: Ragged) -> Ragged:
    """Return the incidents of each candidate's rows, each once, in the order of their first row."""
    incident, owner = context.columns.incident[rows.values].astype(np.int64), owners(rows)
    order = np.lexsort((np.arange(len(incident)), incident, owner))
    o, i = owner[order], incident[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (o[1:] != o[:-1]) | (i[1:] != i[:-1])
    kept = np.sort(order[first])
    return Ragged.of(owner[kept], incident[kept], len(rows))

"""All findings of a run as columns, block after block, before ranking; JSON by the chunk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.columns import Floats, Ints
from breachpattern.patterns.block import Block
from breachpattern.patterns.caveats import caveat_lists
from breachpattern.patterns.context import Context
from breachpattern.patterns.doubts import Doubt
from breachpattern.patterns.headlines import headlines
from breachpattern.patterns.identity import course_ids, finding_id, incident_lists, text_lists
from breachpattern.patterns.populations import filtered
from breachpattern.patterns.record import Recorder
from breachpattern.patterns.wording import Texts, iso_times
from breachpattern.timelines.courses import Ragged
from breachpattern.vocabulary import LEVELS

COLUMNS = (
    "rank", "finding_id", "pattern", "level", "score", "suspect_id", "victim_ids", "course_id",
    "breach_incident_ids", "incident_ids", "order_ids", "first_at", "last_at", "headline", "provisions",
    "caveats",
)  # fmt: skip
SCHEMA = pa.schema([(n, pa.float64() if n == "score" else pa.string()) for n in COLUMNS if n != "rank"])


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
    def heads(self) -> list[pa.Table]:
        """What tables and lines both need of each block's findings, as text: made once and kept."""
        return [self._head(number) for number in range(len(self.blocks))]

    def table(self) -> pa.Table:
        """Return the columns of every finding but its rank, unranked."""
        whole = pa.concat_tables([SCHEMA.empty_table(), *map(self._columns, range(len(self.blocks)))])
        if not self.doubts:
            return whole
        caveats = whole["caveats"].to_pylist()
        for i, doubt in self.doubts.items():
            caveats[i] = "; ".join(filter(None, [caveats[i], doubt.text.replace(";", ",")]))
        return whole.set_column(whole.column_names.index("caveats"), SCHEMA.field("caveats"), [caveats])

    @cached_property
    def _recorder(self) -> Recorder:
        return Recorder(self.context, self.texts, self.keys, self.versions)

    @cached_property
    def evidence_sizes(self) -> Ints:
        """How many rows the evidence of each finding has."""
        return np.concatenate([np.empty(0, np.int64), *(np.diff(b.population.rows.offsets) for b in self.blocks)])

    def lines(self, index: Ints, ranks: Ints | None) -> pa.Array:
        """Return the records of some findings as JSON, one line each, in the order asked for."""
        owner = self.block[index]
        by_block = np.argsort(owner, kind="stable")
        parts = []
        for number in np.unique(owner).tolist():
            mine = by_block[owner[by_block] == number]
            found = index[mine]
            doubted = enumerate(found.tolist()) if self.doubts else ()
            parts.append(
                self._recorder.lines(
                    self.blocks[number],
                    self.place[found],
                    self.heads[number].take(pa.array(self.place[found])),
                    None if ranks is None else ranks[mine],
                    self.caveats[number],
                    {k: self.doubts[i] for k, i in doubted if i in self.doubts},
                )
            )
        if not parts:
            return pa.array([], pa.string())
        back = np.empty(len(index), np.int64)
        back[by_block] = np.arange(len(index))
        return pa.concat_arrays(parts).take(pa.array(back))

    def _head(self, number: int) -> pa.Table:
        block = self.blocks[number]
        population = block.population
        return pa.table(
            {
                "finding_id": pa.array(
                    [finding_id(d) for d in self.digest[self.block == number].tolist()], pa.string()
                ),
                "level": pa.array(LEVELS.values).take(pa.array(block.level)),
                "score": block.score,
                "course_id": pa.array(self.course_ids[population.course], pa.string()),
                "first_at": iso_times(population.first_at),
                "last_at": iso_times(population.last_at),
                "headline": headlines(block.pattern, population, block.held, self.texts),
            }
        )

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
        head = self.heads[number]
        columns = {
            "pattern": pa.repeat(block.pattern.id, len(population)),
            "suspect_id": names.persons.take(pa.array(first, mask=~filled)).cast(pa.string()).fill_null(""),
            "victim_ids": text_lists(population.victims, names.persons),
            "breach_incident_ids": text_lists(incident_lists(context, broken), names.incidents),
            "incident_ids": text_lists(incident_lists(context, population.rows), names.incidents),
            "order_ids": text_lists(population.orders, names.orders),
            "provisions": text_lists(block.provisions, pa.array(self.keys, pa.string())),
            "caveats": text_lists(lists, pa.array(texts, pa.string()), "; "),
        }
        columns |= {name: head[name] for name in head.column_names}
        return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)

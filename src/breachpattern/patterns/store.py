"""All findings of a run as columns, block after block, before ranking; as text where they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.columns import Floats, Ints
from breachpattern.patterns.additions import Additions
from breachpattern.patterns.block import Block
from breachpattern.patterns.caveats import caveat_lists, one_item
from breachpattern.patterns.context import Context
from breachpattern.patterns.doubts import Doubt
from breachpattern.patterns.fragments import chosen, glued, plain, worded
from breachpattern.patterns.headlines import headlines
from breachpattern.patterns.identity import course_ids, finding_digests, id_or_blank, ids, incident_lists, text_lists
from breachpattern.patterns.populations import Population, joined
from breachpattern.patterns.rules import Rules
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
    """All findings of a run, block after block, before ranking: one entry each.

    Attributes
    ----------
    rules : Rules
    added : Additions
        What every finding gets beside its own pattern, and by which rules.
    keys : tuple of str
        The provisions to which the blocks refer.
    doubts : mapping of int to Doubt
        What a finding, by its place here, owes to doubtful links between records of people.
    """

    context: Context
    rules: Rules
    blocks: tuple[Block, ...]
    added: Additions
    keys: tuple[str, ...]
    versions: dict[str, str]
    doubts: Mapping[int, Doubt] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.block)

    # ------------------------------------------------------------------------------------- the blocks together
    @cached_property
    def block(self) -> Ints:
        """The number of each finding's block."""
        return np.repeat(np.arange(len(self.blocks)), [len(b.population) for b in self.blocks])

    @cached_property
    def population(self) -> Population:
        """The candidates on which the patterns hold."""
        return joined(self.context, [b.population for b in self.blocks])

    @cached_property
    def level(self) -> Ints:
        """The level of each finding."""
        return self._together([b.level for b in self.blocks], np.int64)

    @cached_property
    def because(self) -> Ints:
        """The number of the level rule that gave it, ``-1`` for the pattern's own."""
        return self._together([b.because for b in self.blocks], np.int64)

    @property
    def score(self) -> Floats:
        """The score of each finding."""
        return self.added.score

    @cached_property
    def first(self) -> Ints:
        """The first second of each finding."""
        return self.population.first_at

    @cached_property
    def last(self) -> Ints:
        """The last second of each finding."""
        return self.population.last_at

    @cached_property
    def digest(self) -> npt.NDArray[np.uint64]:
        """The hash behind the id of each finding."""
        return self._together([finding_digests(b.pattern.id, b.population) for b in self.blocks], np.uint64)

    @cached_property
    def incidents(self) -> Ragged:
        """The incidents of each finding in time order."""
        return incident_lists(self.context, self.population.rows)

    @cached_property
    def breach_incidents(self) -> Ragged:
        """Those of them that breach an order."""
        breaches = self.population.breaches
        return incident_lists(self.context, Ragged(breaches.offsets, self.context.breach.row[breaches.values]))

    @cached_property
    def caveats(self) -> tuple[pa.Array, Ragged]:
        """The caveats of the run, and which of them each finding has."""
        known = self.context.catalogue.provisions
        unverified = [k for k in self.keys if k not in known or not known[k].substance_verified]
        patterns = [b.pattern for b in self.blocks]
        texts, lists = caveat_lists(patterns, self.block, self.population, self.added.provisions, self.keys, unverified)
        return pa.array(texts, pa.string()), lists

    def _together(self, parts: Sequence[npt.NDArray[Any]], kind: Any) -> npt.NDArray[Any]:
        return np.concatenate([np.empty(0, kind), *parts]).astype(kind)

    # ------------------------------------------------------------------------------------------------- as text
    @cached_property
    def texts(self) -> Texts:
        """The text behind the codes."""
        return Texts(self.context)

    @cached_property
    def course_ids(self) -> pa.Array:
        """The stable ids of the courses of the run."""
        return course_ids(self.context.timelines)

    @cached_property
    def ids(self) -> pa.Array:
        """The stable ids of the findings."""
        return ids("F", self.digest)

    @cached_property
    def headlines(self) -> pa.Array:
        """Each finding in one sentence."""
        told = [headlines(b.pattern, b.population, b.held, self.texts) for b in self.blocks if len(b.population)]
        return pa.concat_arrays([pa.array([], pa.string()), *told])

    def table(self, index: Ints) -> pa.Table:
        """Return the columns of some findings but their rank, in the order asked for."""
        population, places, names = self.population.take(index), pa.array(index), self.context.columns.names
        patterns = [b.pattern.id for b in self.blocks]
        columns = {
            "finding_id": self.ids.take(places),
            "pattern": pa.array(patterns, pa.string()).take(pa.array(self.block[index])),
            "level": pa.array(LEVELS.values).take(pa.array(self.level[index])),
            "score": self.score[index],
            "suspect_id": id_or_blank(names.persons, population.first_suspect),
            "victim_ids": text_lists(population.victims, names.persons),
            "course_id": id_or_blank(self.course_ids, population.course),
            "breach_incident_ids": text_lists(self.breach_incidents.take(index), names.incidents),
            "incident_ids": text_lists(self.incidents.take(index), names.incidents),
            "order_ids": text_lists(population.orders, names.orders),
            "first_at": iso_times(self.first[index]),
            "last_at": iso_times(self.last[index]),
            "headline": self.headlines.take(places),
            "provisions": text_lists(self.added.provisions.take(index), pa.array(self.keys, pa.string())),
            "caveats": self._caveats(index),
        }
        return pa.table(columns, schema=SCHEMA)

    def _caveats(self, index: Ints) -> pa.Array:
        """Return the caveats of some findings, what is missing and what they owe to doubtful links as one text each."""
        texts, lists = self.caveats
        missing = [f"; {one_item(rule.text.rstrip('.'))}" for rule in self.rules.missing]
        further = [plain(worded(lambda mask: "".join(chosen(missing, mask)), self.added.missing[index]))]
        if self.doubts:
            doubts = map(self.doubts.get, index.tolist())
            told = [f"; {doubt.text.replace(';', ',')}" if doubt else "" for doubt in doubts]
            further.append(pa.array(told, pa.string()))
        return glued(text_lists(lists.take(index), texts, "; "), *further)

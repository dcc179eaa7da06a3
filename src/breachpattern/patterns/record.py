"""Whole findings as lines of JSON: evidence by reference, reasons on both sides, law, trace.

A large run has hundreds of thousands of findings, so a line is glued together from columns of JSON pieces, each
distinct value encoded once; no dictionary is made for a finding until somebody asks for its record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from breachpattern.linking.columns import Ints
from breachpattern.patterns.block import Block
from breachpattern.patterns.context import Context
from breachpattern.patterns.doubts import Doubt
from breachpattern.patterns.evidence import Witness
from breachpattern.patterns.fragments import chosen, encode, flags, flat, glued, inside, listed, numbers, quoted, told
from breachpattern.patterns.populations import Population, filtered
from breachpattern.patterns.registry import Reason
from breachpattern.patterns.tree import Branch, Held, Leaf
from breachpattern.patterns.wording import Texts
from breachpattern.timelines.courses import Ragged
from breachpattern.timelines.nexus import signal_table
from breachpattern.vocabulary import STRENGTHS, UNITS

Record = dict[str, Any]


@dataclass(frozen=True)
class Recorder:
    """Turns findings of one run into lines of JSON; what it needs of the run is made once and kept."""

    context: Context
    texts: Texts
    keys: tuple[str, ...]
    versions: Mapping[str, str]

    @cached_property
    def _witness(self) -> Witness:
        return Witness(self.context, self.texts)

    @cached_property
    def _provisions(self) -> pa.Array:
        return quoted(pa.array(self.keys, pa.string()))

    def lines(
        self,
        block: Block,
        index: Ints,
        head: pa.Table,
        ranks: Ints | None,
        caveats: tuple[list[str], Ragged],
        doubts: Mapping[int, Doubt],
    ) -> pa.Array:
        """Return the records of some findings of a block, one line of JSON each, without a line break.

        Parameters
        ----------
        block : Block
        index : (n,) int64
            Which of the findings.
        head : pyarrow.Table
            The columns of those findings, as ``findings.csv`` has them.
        ranks : (n,) int64 or None
            Without them, the fields from the level on: what all findings together decide stands in front.
        caveats : pair of list of str and Ragged
            The texts, and which of them each finding of the block has; what is missing stands last.
        doubts : mapping of int to Doubt
            What a finding, by its place in ``index``, owes to doubtful links between records of people.
        """
        n = len(index)
        population, held = block.population.take(index), block.held.take(index)
        texts, lists = caveats
        said = np.arange(len(texts)) < len(texts) - len(block.missing)
        spoken = filtered(lists.take(index), said)
        spoken_texts = quoted(pa.array(texts, pa.string())).take(pa.array(spoken.values))
        rules = block.pattern.level_rules
        also, identity = _of_doubts(doubts, n)
        front = () if ranks is None else ('{"finding_id":', quoted(head["finding_id"]), ',"rank":', numbers(ranks))
        return glued(
            *front,
            ',"level":',
            quoted(head["level"]),
            ',"score":',
            told(flat(head["score"]).to_numpy(zero_copy_only=False), float),
            self._of_pattern(block),
            self._people(population),
            ',"course_id":',
            quoted(head["course_id"]),
            self._courses(population, block.pattern.unit),
            ',"first_at":',
            quoted(head["first_at"]),
            ',"last_at":',
            quoted(head["last_at"]),
            ",",
            self._witness.told(population),
            ',"headline":',
            quoted(head["headline"]),
            ',"provisions":',
            listed(self._provisions, block.provisions.take(index)),
            ',"caveats":[',
            inside(spoken_texts, spoken),
            also,
            '],"missing":',
            chosen([text for text, _ in block.missing], [on[index] for _, on in block.missing], n),
            ',"level_because":',
            told(block.because[index], lambda b: rules[b].because if b >= 0 else "the pattern's own level"),
            ',"points":',
            chosen(
                [{"points": p.points, "reason": p.reason} for p, _ in block.points],
                [on[index] for _, on in block.points],
                n,
            ),
            ',"trace":',
            self._tree(held),
            identity,
            "}",
        )

    def _of_pattern(self, block: Block) -> str:
        """Return the fields that all findings of a pattern share."""
        shared = {
            "pattern": block.pattern.id,
            "pattern_title": block.pattern.title,
            "pattern_unit": block.pattern.unit,
            "false_positives": list(block.pattern.false_positives),
            "basis": block.pattern.basis,
            "versions": dict(self.versions),
        }
        return f",{encode(shared)[1:-1]}"

    def _people(self, population: Population) -> pa.Array:
        persons, suspects = self._witness.persons, population.suspects
        blank = np.diff(suspects.offsets) == 0
        first = np.append(suspects.values, 0)[suspects.offsets[:-1]]
        return glued(
            ',"suspect_id":',
            persons.take(pa.array(first, mask=blank)).fill_null('""'),
            ',"suspect_ids":',
            listed(persons, suspects),
            ',"victim_ids":',
            listed(persons, population.victims),
            ',"order_ids":',
            listed(self._witness.orders, population.orders),
        )

    def _courses(self, population: Population, own_unit: str) -> pa.Array:
        """Return the course of each finding: its unit, its strength and the signals on both sides."""
        frame, course = self.context.courses.frame, population.course
        unit = np.append(frame["unit"].to_numpy().astype(np.int64), -1)[course]
        signals = np.append(frame["signals"].to_numpy().astype(np.int64), 0)[course]
        strength = np.where(course >= 0, self.context.strength[course], -1)
        return glued(
            ',"unit":',
            told(unit, lambda u: UNITS.values[u] if u >= 0 else own_unit),
            ',"strength":',
            told(strength, lambda s: STRENGTHS.values[s] if s >= 0 else None),
            ',"reasons_for":',
            told(signals, lambda mask: _signals(mask, against=False)),
            ',"reasons_against":',
            told(signals, lambda mask: _signals(mask, against=True)),
        )

    def _tree(self, held: Held) -> pa.Array:
        """Return how the condition came out for each finding: what was asked and what was seen."""
        if isinstance(held.node, Branch):
            parts: list[str | pa.Array] = []
            for part in held.parts:
                parts += [",", self._tree(part)]
            return glued(f'{{"{held.node.how}":[', *parts[1:], '],"holds":', flags(held.holds), "}")
        assert held.outcome is not None
        assert isinstance(held.node, Leaf)
        declared = held.criterion
        asked = {name: p.default for name, p in declared.parameters.items()} | dict(held.node.parameters)
        head = {
            "criterion": held.node.criterion,
            "summary": declared.summary,
            "basis": declared.basis,
            "params": {name: list(v) if isinstance(v, tuple) else v for name, v in asked.items()},
        }
        seen: list[str | pa.Array] = []
        for name, values in held.outcome.reasons.items():
            seen += [",", f"{encode(name)}:", told(values, self._shown(declared.reasons[name]))]
        return glued(f'{encode(head)[:-1]},"values":{{', *seen[1:], '},"holds":', flags(held.holds), "}")

    def _shown(self, reason: Reason) -> Any:
        return lambda value: self.texts.render(reason, value)


def _of_doubts(doubts: Mapping[int, Doubt], n: int) -> tuple[str | pa.Array, str | pa.Array]:
    """Return the further caveat and the field ``identity`` of those findings that doubtful links carry."""
    if not doubts:
        return "", ""
    also, identity = [""] * n, [""] * n
    for i, doubt in doubts.items():
        also[i] = f",{encode(doubt.text)}"
        identity[i] = f',"identity":{encode(doubt.to_dict())}'
    return pa.array(also, pa.string()), pa.array(identity, pa.string())


def _signals(mask: int, *, against: bool) -> list[Record]:
    return [
        {"signal": s.id, "text": s.text, "weight": s.weight, "basis": s.basis}
        for s in signal_table().of(mask)
        if s.against == against
    ]

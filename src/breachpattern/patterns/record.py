"""Whole findings as lines of JSON: evidence by reference, reasons on both sides, law, trace.

A large run has hundreds of thousands of findings, so lines are glued together from columns of JSON pieces, each
distinct value encoded once; no dictionary is made for a finding until somebody asks for its record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.columns import Bools, Ints
from breachpattern.patterns.evidence import Witness
from breachpattern.patterns.fragments import (
    as_strings,
    chosen,
    coded,
    encode,
    glued,
    listed,
    numbered,
    numbers,
    strings_inside,
    told,
    worded,
)
from breachpattern.patterns.identity import id_or_blank
from breachpattern.patterns.populations import Population
from breachpattern.patterns.registry import Reason
from breachpattern.patterns.tree import Branch, Held, Leaf
from breachpattern.patterns.wording import json_times
from breachpattern.sorting import distinct
from breachpattern.timelines.nexus import Signal, signal_table
from breachpattern.vocabulary import LEVELS, STRENGTHS, UNITS

if TYPE_CHECKING:
    from breachpattern.patterns.block import Block
    from breachpattern.patterns.rules import Missing, Points
    from breachpattern.patterns.store import Store

Record = dict[str, Any]
Pieces = tuple[str | pa.DictionaryArray, ...]


class Recorder:
    """Turns findings of one run into lines of JSON; what it needs of the run is made once and kept.

    Parameters
    ----------
    store : Store
        All findings of the run.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._witness = Witness(store.context, store.texts, distinct(store.population.orders.values))
        self._provisions = pa.array(store.keys, pa.string())
        # What is the same for many findings is encoded once in a run. Nothing of it leads back here: a run is gone as
        # soon as nobody holds it, and need not wait to be collected.
        self._graded = cache(partial(_grade, store.blocks, store.versions))
        self._connected = cache(partial(_connection, store.blocks))
        self._weighed = cache(partial(_weight, store.blocks, store.rules.missing))
        self._counted = cache(partial(_points, store.rules.points))

    def lines(self, index: Ints, ranks: Ints | None, end: str = "") -> pa.Array:
        """Return the records of some findings, one line of JSON each.

        Parameters
        ----------
        index : (n,) int64
            Which of the findings of the store.
        ranks : (n,) int64 or None
            Without them, the fields from the level on: what all findings together decide stands in front.
        end : str, default ""
            What each line ends with.
        """
        store, names = self._store, self._store.context.columns.names
        population, block, places = store.population.take(index), store.block[index], pa.array(index)
        caveats = store.caveats[1].take(index)
        also, identity = self._doubts(index)
        front = () if ranks is None else ('{"finding_id":"', store.ids.take(places), '","rank":', numbers(ranks))
        return glued(
            *front,
            worded(self._graded, store.level[index], store.score[index], block),
            self._people(population),
            ',"course_id":"',
            id_or_blank(store.course_ids, population.course),
            '"',
            self._courses(population, block),
            ',"first_at":',
            json_times(store.first[index]),
            ',"last_at":',
            json_times(store.last[index]),
            ',"incident_ids":',
            listed(names.incidents, store.incidents.take(index)),
            ',"breach_incident_ids":',
            listed(names.incidents, store.breach_incidents.take(index)),
            ',"evidence":[',
            self._witness.told(population),
            '],"orders":[',
            self._witness.orders(population),
            '],"headline":',
            *as_strings(store.headlines.take(places)),
            ',"provisions":',
            listed(self._provisions, store.added.provisions.take(index)),
            ',"caveats":[',
            strings_inside(store.caveats[0], caveats),
            also,
            worded(self._weighed, store.added.missing[index], block, store.because[index]),
            worded(self._counted, store.added.points[index]),
            self._traces.take(places),
            identity,
            f"}}{end}",
        )

    def _people(self, population: Population) -> pa.Array:
        names = self._store.context.columns.names
        return glued(
            ',"suspect_id":',
            *as_strings(id_or_blank(names.persons, population.first_suspect)),
            ',"suspect_ids":',
            listed(names.persons, population.suspects),
            ',"victim_ids":',
            listed(names.persons, population.victims),
            ',"order_ids":',
            listed(names.orders, population.orders),
        )

    def _courses(self, population: Population, block: Ints) -> pa.Array:
        context, course = self._store.context, population.course
        unit = context.course_unit[course]
        strength = np.where(course >= 0, context.strength[course], -1)
        return worded(self._connected, unit, np.where(unit < 0, block, -1), strength, context.signals[course])

    def _doubts(self, index: Ints) -> tuple[str | pa.Array, str | pa.Array]:
        """Return the further caveat and the field ``identity`` of those findings that doubtful links carry."""
        if not self._store.doubts:
            return "", ""
        doubts = [self._store.doubts.get(i) for i in index.tolist()]
        also = [f",{encode(doubt.text)}" if doubt else "" for doubt in doubts]
        identity = [f',"identity":{encode(doubt.to_dict())}' if doubt else "" for doubt in doubts]
        return pa.array(also, pa.string()), pa.array(identity, pa.string())

    @cached_property
    def _traces(self) -> pa.DictionaryArray:
        """How the condition came out for each finding: what was asked and what was seen."""
        codes, texts = [np.empty(0, np.int32)], [pa.array([], pa.string())]
        for block in self._store.blocks:
            if len(block.population) == 0:
                continue
            pieces = self._tree(block.held, told(block.held.holds, bool))
            code, first = numbered(*(p.indices.to_numpy() for p in pieces if not isinstance(p, str)))
            codes.append((code + sum(map(len, texts))).astype(np.int32))
            texts.append(glued(*(p if isinstance(p, str) else p.take(pa.array(first)) for p in pieces)))
        return pa.DictionaryArray.from_arrays(pa.array(np.concatenate(codes)), pa.concat_arrays(texts))

    def _tree(self, held: Held, holds: str | pa.DictionaryArray) -> Pieces:
        if isinstance(held.node, Branch):
            parts: Pieces = ()
            for part in held.parts:
                parts += (",", *self._tree(part, _truth(part.holds)))
            return f'{{"{held.node.how}":[', *parts[1:], '],"holds":', holds, "}"
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
        seen: Pieces = ()
        for name, values in held.outcome.reasons.items():
            seen += (f",{encode(name)}:", self._shown(declared.reasons[name], values))
        if seen:
            seen = (str(seen[0])[1:], *seen[1:])
        return f'{encode(head)[:-1]},"values":{{', *seen, '},"holds":', holds, "}"

    def _shown(self, reason: Reason, values: npt.NDArray[Any]) -> pa.DictionaryArray:
        ids = self._store.texts.ids_of(reason)
        if ids is not None:
            codes, first = numbered(values)
            return pa.DictionaryArray.from_arrays(pa.array(codes), glued(*coded(ids, values[first])))
        return told(values, lambda value: self._store.texts.render(reason, value))


def _truth(holds: Bools) -> str | pa.DictionaryArray:
    """Return truth values as JSON: one text where all are the same."""
    if holds.all() or not holds.any():
        return encode(bool(holds.all()))
    return told(holds, bool)


def _grade(blocks: Sequence[Block], versions: Mapping[str, str], level: int, score: float, block: int) -> str:
    """Return level and score, and what all findings of a pattern share."""
    pattern = blocks[block].pattern
    fields = {
        "level": LEVELS.values[level],
        "score": score,
        "pattern": pattern.id,
        "pattern_title": pattern.title,
        "pattern_unit": pattern.unit,
        "false_positives": list(pattern.false_positives),
        "basis": pattern.basis,
        "versions": versions,
    }
    return f",{encode(fields)[1:-1]}"


def _connection(blocks: Sequence[Block], unit: int, block: int, strength: int, signals: int) -> str:
    """Return the unit of a course, its strength and the signals on both sides."""
    fields = {
        "unit": UNITS.values[unit] if unit >= 0 else blocks[block].pattern.unit,
        "strength": STRENGTHS.values[strength] if strength >= 0 else None,
    }
    against = signal_table().mask(against=True)
    pro, con = (",".join(chosen(_signals(), side)) for side in (signals & ~against, signals & against))
    return f',{encode(fields)[1:-1]},"reasons_for":[{pro}],"reasons_against":[{con}]'


def _weight(blocks: Sequence[Block], rules: Sequence[Missing], missing: int, block: int, because: int) -> str:
    """Return what is missing, and why the level is what it is."""
    own = blocks[block].pattern.level_rules
    fields = {
        "missing": [rule.text for rule in chosen(rules, missing)],
        "level_because": own[because].because if because >= 0 else "the pattern's own level",
    }
    return f"],{encode(fields)[1:-1]}"


def _points(rules: Sequence[Points], mask: int) -> str:
    """Return what the points are for."""
    given = [{"points": rule.points, "reason": rule.reason} for rule in chosen(rules, mask)]
    return f',"points":{encode(given)},"trace":'


@cache
def _signals() -> list[str]:
    return [encode(_signal(signal)) for signal in signal_table().signals]


def _signal(signal: Signal) -> Record:
    return {"signal": signal.id, "text": signal.text, "weight": signal.weight, "basis": signal.basis}

"""Whole findings as lines of JSON: evidence by reference, reasons on both sides, law, trace.

A large run has hundreds of thousands of findings, so lines are glued together from columns of JSON pieces, each
distinct value encoded once; no dictionary is made for a finding until somebody asks for its record.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.columns import Ints
from breachpattern.patterns.evidence import Witness
from breachpattern.patterns.fragments import (
    chosen,
    coded,
    encode,
    glued,
    inside,
    listed,
    numbers,
    quoted,
    told,
    worded,
)
from breachpattern.patterns.identity import id_or_blank
from breachpattern.patterns.populations import Population
from breachpattern.patterns.registry import Reason
from breachpattern.patterns.tree import Branch, Held, Leaf
from breachpattern.patterns.wording import iso_times
from breachpattern.timelines.nexus import signal_table
from breachpattern.vocabulary import LEVELS, STRENGTHS, UNITS

if TYPE_CHECKING:
    from breachpattern.patterns.store import Store

Record = dict[str, Any]
Pieces = tuple[str | pa.Array, ...]


class Recorder:
    """Turns findings of one run into lines of JSON; what it needs of the run is made once and kept.

    Parameters
    ----------
    store : Store
        All findings of the run.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._witness = store, Witness(store.context, store.texts)
        self._caveats = quoted(store.caveats[0])
        self._provisions = quoted(pa.array(store.keys, pa.string()))
        # What is the same for many findings is encoded once in a run.
        self._graded, self._connected, self._weighed = cache(self._grade), cache(self._connection), cache(self._weight)

    def lines(self, index: Ints, ranks: Ints | None) -> pa.Array:
        """Return the records of some findings, one line of JSON each, without a line break.

        Parameters
        ----------
        index : (n,) int64
            Which of the findings of the store.
        ranks : (n,) int64 or None
            Without them, the fields from the level on: what all findings together decide stands in front.
        """
        store, incidents = self._store, self._witness.incidents
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
            quoted(iso_times(population.first_at)),
            ',"last_at":',
            quoted(iso_times(store.last[index])),
            ',"incident_ids":',
            listed(incidents, store.incidents.take(index)),
            ',"breach_incident_ids":',
            listed(incidents, store.breach_incidents.take(index)),
            ',"evidence":[',
            self._witness.told(population),
            '],"headline":',
            quoted(store.headlines.take(places)),
            ',"provisions":',
            listed(self._provisions, store.provisions.take(index)),
            ',"caveats":[',
            inside(self._caveats.take(pa.array(caveats.values)), caveats),
            also,
            worded(self._weighed, store.missing[index], block, store.because[index], store.points[index]),
            self._traces(index),
            identity,
            "}",
        )

    def _grade(self, level: int, score: float, block: int) -> str:
        """Return level and score, and what all findings of a pattern share."""
        pattern = self._store.blocks[block].pattern
        fields = {
            "level": LEVELS.values[level],
            "score": score,
            "pattern": pattern.id,
            "pattern_title": pattern.title,
            "pattern_unit": pattern.unit,
            "false_positives": list(pattern.false_positives),
            "basis": pattern.basis,
            "versions": self._store.versions,
        }
        return f",{encode(fields)[1:-1]}"

    def _people(self, population: Population) -> pa.Array:
        persons, suspects = self._witness.persons, population.suspects
        first = population.first_suspect
        return glued(
            ',"suspect_id":',
            persons.take(pa.array(first, mask=first < 0)).fill_null('""'),
            ',"suspect_ids":',
            listed(persons, suspects),
            ',"victim_ids":',
            listed(persons, population.victims),
            ',"order_ids":',
            listed(self._witness.orders, population.orders),
        )

    def _courses(self, population: Population, block: Ints) -> pa.Array:
        context, course = self._store.context, population.course
        unit = context.course_unit[course]
        strength = np.where(course >= 0, context.strength[course], -1)
        return worded(self._connected, unit, np.where(unit < 0, block, -1), strength, context.signals[course])

    def _connection(self, unit: int, block: int, strength: int, signals: int) -> str:
        """Return the unit of a course, its strength and the signals on both sides."""
        on_both_sides: dict[bool, list[Record]] = {False: [], True: []}
        for s in signal_table().of(signals):
            fields = {"signal": s.id, "text": s.text, "weight": s.weight, "basis": s.basis}
            on_both_sides[s.against].append(fields)
        fields = {
            "unit": UNITS.values[unit] if unit >= 0 else self._store.blocks[block].pattern.unit,
            "strength": STRENGTHS.values[strength] if strength >= 0 else None,
            "reasons_for": on_both_sides[False],
            "reasons_against": on_both_sides[True],
        }
        return f",{encode(fields)[1:-1]}"

    def _weight(self, missing: int, block: int, because: int, points: int) -> str:
        """Return what is missing, why the level is what it is, and what the points are for."""
        shared, own = self._store.rules, self._store.blocks[block].pattern.level_rules
        fields = {
            "missing": [rule.text for rule in chosen(shared.missing, missing)],
            "level_because": own[because].because if because >= 0 else "the pattern's own level",
            "points": [{"points": p.points, "reason": p.reason} for p in chosen(shared.points, points)],
        }
        return f'],{encode(fields)[1:-1]},"trace":'

    def _doubts(self, index: Ints) -> tuple[str | pa.Array, str | pa.Array]:
        """Return the further caveat and the field ``identity`` of those findings that doubtful links carry."""
        if not self._store.doubts:
            return "", ""
        doubts = [self._store.doubts.get(i) for i in index.tolist()]
        also = [f",{encode(doubt.text)}" if doubt else "" for doubt in doubts]
        identity = [f',"identity":{encode(doubt.to_dict())}' if doubt else "" for doubt in doubts]
        return pa.array(also, pa.string()), pa.array(identity, pa.string())

    def _traces(self, index: Ints) -> pa.Array:
        """Return how the condition came out for each finding: what was asked and what was seen."""
        block, place = self._store.block[index], self._store.place[index]
        by_block = np.argsort(block, kind="stable")
        found = [pa.array([], pa.string())]
        for number in np.unique(block).tolist():
            mine = pa.array(place[block == number])
            found.append(glued(*(p if isinstance(p, str) else p.take(mine) for p in self._trace_of[number])))
        back = np.empty(len(index), np.int64)
        back[by_block] = np.arange(len(index))
        return pa.concat_arrays(found).take(pa.array(back))

    @cached_property
    def _trace_of(self) -> list[Pieces]:
        return [self._tree(block.held) for block in self._store.blocks]

    def _tree(self, held: Held) -> Pieces:
        holds = told(held.holds, bool)
        if isinstance(held.node, Branch):
            parts: Pieces = ()
            for part in held.parts:
                parts += (",", *self._tree(part))
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

    def _shown(self, reason: Reason, values: npt.NDArray[Any]) -> pa.Array:
        names = {"incident": self._witness.incidents, "order": self._witness.orders}
        if reason.shown in names:
            return coded(names[reason.shown], values)
        return told(values, lambda value: self._store.texts.render(reason, value))

"""Whole findings as JSON-able data: evidence by reference, reasons on both sides, law, trace.

Decoded a chunk at a time, column by column, because a large run has hundreds of thousands of findings.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Ints
from breachpattern.patterns.context import Context
from breachpattern.patterns.headlines import headlines
from breachpattern.patterns.populations import Population
from breachpattern.patterns.registry import Reason
from breachpattern.patterns.tree import Branch, Held, Leaf
from breachpattern.patterns.wording import Texts, iso_times
from breachpattern.timelines.courses import Ragged
from breachpattern.timelines.nexus import signal_table
from breachpattern.timelines.reasons import BREACH_REASONS
from breachpattern.vocabulary import (
    BEHAVIOURS,
    BREACH_KINDS,
    BREACH_STATUSES,
    CHANNELS,
    NATURES,
    ORDER_STATES,
    STRENGTHS,
    TERMS,
    UNITS,
    Vocabulary,
)

if TYPE_CHECKING:
    from breachpattern.patterns.block import Block

Record = dict[str, Any]


@dataclass(frozen=True)
class Recorder:
    """Turns findings of one run into records."""

    context: Context
    texts: Texts
    keys: tuple[str, ...]
    course_ids: list[str]
    versions: dict[str, str]

    def records(
        self, block: Block, index: Ints, heads: list[Record], caveats: tuple[list[str], Ragged]
    ) -> list[Record]:
        """Return the records of some findings of a block.

        Parameters
        ----------
        block : Block
        index : (n,) int64
            Which of the findings.
        heads : list of dict
            Id, rank, level and score of each.
        caveats : pair of list of str and Ragged
            The texts, and which of them each finding of the block has; what is missing stands last.
        """
        population, held = block.population.take(index), block.held.take(index)
        told = len(caveats[0]) - len(block.missing)
        cited = block.provisions.take(index)
        provisions = _slices([self.keys[p] for p in cited.values.tolist()], cited)
        texts = [[caveats[0][c] for c in part if c < told] for part in _split(caveats[1].take(index))]
        trees = self._trees(held, len(index))
        shared = {
            "pattern": block.pattern.id,
            "pattern_title": block.pattern.title,
            "pattern_unit": block.pattern.unit,
            "false_positives": list(block.pattern.false_positives),
            "basis": block.pattern.basis,
            "versions": dict(self.versions),
        }
        people = self._people(population)
        evidence = self._evidence(population)
        lines = headlines(block.pattern, population, held, self.texts)
        courses = self._courses(population)
        rules = block.pattern.level_rules
        out = []
        for i, k in enumerate(index.tolist()):
            because = int(block.because[k])
            record = heads[i] | shared | people[i] | courses[i] | evidence[i]
            record["unit"] = record["unit"] or block.pattern.unit
            record |= {
                "headline": lines[i],
                "provisions": provisions[i],
                "caveats": texts[i],
                "missing": [text for text, on in block.missing if on[k]],
                "level_because": rules[because].because if because >= 0 else "the pattern's own level",
                "points": [{"points": p.points, "reason": p.reason} for p, on in block.points if on[k]],
                "trace": trees[i],
            }
            out.append(record)
        return out

    def _people(self, population: Population) -> list[Record]:
        suspects = [[self.texts.persons[p] for p in part] for part in _split(population.suspects)]
        victims = [[self.texts.persons[p] for p in part] for part in _split(population.victims)]
        orders = [[self.texts.orders[o] for o in part] for part in _split(population.orders)]
        return [
            {"suspect_id": s[0] if s else "", "suspect_ids": s, "victim_ids": v, "order_ids": o}
            for s, v, o in zip(suspects, victims, orders, strict=True)
        ]

    def _courses(self, population: Population) -> list[Record]:
        frame = self.context.courses.frame
        unit = np.append(frame["unit"].to_numpy().astype(np.int64), -1)[population.course].tolist()
        signals = np.append(frame["signals"].to_numpy().astype(np.int64), 0)[population.course].tolist()
        strength = self.context.strength[population.course].tolist()
        return [
            {
                "course_id": self.course_ids[c] if c >= 0 else "",
                "unit": UNITS.values[u] if u >= 0 else "",
                "strength": STRENGTHS.values[s] if c >= 0 else None,
                "reasons_for": _signals(mask, against=False),
                "reasons_against": _signals(mask, against=True),
            }
            for c, u, s, mask in zip(population.course.tolist(), unit, strength, signals, strict=True)
        ]

    def _evidence(self, population: Population) -> list[Record]:
        """Return the rows of each finding in time order, each with the breaches that it is."""
        breach = self.context.breach
        rows = _slices(self._rows(population.rows.values), population.rows)
        broken = _slices(self._breaches(population.breaches.values), population.breaches)
        codes = _split(population.rows)
        of_row = _slices(breach.row[population.breaches.values].tolist(), population.breaches)
        first, last = iso_times(population.first_at).to_pylist(), iso_times(population.last_at).to_pylist()
        out = []
        for i, items in enumerate(rows):
            place = dict(zip(codes[i], items, strict=True))
            number: dict[int, int] = {}
            for row, item in place.items():
                item["occasion"] = number.setdefault(int(self.context.event[row]), len(number) + 1)
            for row, told in zip(of_row[i], broken[i], strict=True):
                if row in place:
                    place[row]["breaches"].append(told)
            for row in place.keys() & self.texts.inferred_of_row.keys():
                place[row]["inferred"] = [self._inferred(k) for k in self.texts.inferred_of_row[row]]
            out.append(
                {
                    "first_at": first[i],
                    "last_at": last[i],
                    "incident_ids": list(dict.fromkeys(item["incident_id"] for item in items)),
                    "breach_incident_ids": list(
                        dict.fromkeys(item["incident_id"] for item in items if item["breaches"])
                    ),
                    "evidence": items,
                }
            )
        return out

    def _inferred(self, place: int) -> Record:
        """Return contact through others that is inferred: which order, through whom, and why."""
        held = self.context.inferred.iloc[place]
        persons = self.texts.persons
        return {
            "order_id": self.texts.orders[int(held["order"])],
            "respondent_id": persons[int(held["suspect"])],
            "through_id": persons[int(held["through"])],
            "order_state": ORDER_STATES.values[int(held["state"])],
            "path": self.texts.path(place),
            "weight": round(float(held["path_weight"]), 2),
        }

    def _rows(self, rows: Ints) -> list[Record]:
        c = self.context.columns
        columns: Record = {
            "incident_id": [self.texts.incidents[i] for i in c.incident[rows].tolist()],
            "row": c.row[rows].tolist(),
            "suspect_id": [self.texts.persons[p] if p >= 0 else None for p in c.suspect[rows].tolist()],
            "victim_id": [self.texts.persons[p] if p >= 0 else None for p in c.victim[rows].tolist()],
            "start": iso_times(c.start[rows]).to_pylist(),
            "end": iso_times(c.end[rows]).to_pylist(),
            "known_at": iso_times(c.known[rows]).to_pylist(),
            "behaviours": _codes(BEHAVIOURS, c.behaviours[rows]),
            "channel": _words(CHANNELS.values, c.channel[rows]),
            "offence": _words(self.context.catalogue.offence_ids, c.offence[rows]),
            "offence_title": _words(self.texts.offences, c.offence[rows]),
        }
        return [
            dict(zip(columns, values, strict=True)) | {"breaches": []} for values in zip(*columns.values(), strict=True)
        ]

    def _breaches(self, index: Ints) -> list[Record]:
        b, version = self.context.breach, self.context.breach.version[index]
        columns: Record = {
            "order_id": [self.texts.orders[o] if o >= 0 else None for o in b.order[index].tolist()],
            "version": self._of_version(self.context.orders.version, version),
            "order_kind": _words(
                self.context.catalogue.order_kind_ids,
                np.array([-1 if k is None else k for k in self._of_version(self.context.orders.kind, version)]),
            ),
            "order_title": [self.texts.kind_of_order[o] if o >= 0 else None for o in b.order[index].tolist()],
            "status": _words(BREACH_STATUSES.values, b.status[index]),
            "order_state": _words(ORDER_STATES.values, b.state[index]),
            "nature": _words(NATURES.values, b.nature[index]),
            "breach_kind": _codes(BREACH_KINDS, b.kinds[index]),
            "terms_matched": _codes(TERMS, b.terms[index]),
            "reasons": _codes(BREACH_REASONS, b.reasons[index]),
        }
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    def _of_version(self, values: npt.NDArray[Any], version: Ints) -> list[int | None]:
        return [int(values[v]) if v >= 0 else None for v in version.tolist()]

    def _trees(self, held: Held, n: int) -> list[Record]:
        """Return how the condition came out for each finding: what was asked and what was seen."""
        holds = held.holds.tolist()
        if isinstance(held.node, Branch):
            parts = [self._trees(part, n) for part in held.parts]
            how = held.node.how
            return [{how: [part[i] for part in parts], "holds": holds[i]} for i in range(n)]
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
        seen = {name: self._values(declared.reasons[name], values) for name, values in held.outcome.reasons.items()}
        return [
            head | {"values": {name: column[i] for name, column in seen.items()}, "holds": holds[i]} for i in range(n)
        ]

    def _values(self, reason: Reason, values: npt.NDArray[Any]) -> list[Any]:
        return [self.texts.render(reason, value) for value in values.tolist()]


def _split(lists: Ragged) -> list[list[int]]:
    return _slices(lists.values.tolist(), lists)


def _slices(values: list[Any], lists: Ragged) -> list[list[Any]]:
    return [values[a:b] for a, b in pairwise(lists.offsets.tolist())]


def _words(values: tuple[str, ...], codes: npt.NDArray[Any]) -> list[str | None]:
    return [values[code] if code >= 0 else None for code in codes.tolist()]


def _codes(vocabulary: Vocabulary, masks: Ints) -> list[list[str]]:
    known = {mask: vocabulary.codes(mask) for mask in np.unique(masks).tolist()}
    return [list(known[mask]) for mask in masks.tolist()]


def _signals(mask: int, *, against: bool) -> list[Record]:
    return [
        {"signal": s.id, "text": s.text, "weight": s.weight, "basis": s.basis}
        for s in signal_table().of(mask)
        if s.against == against
    ]

"""Findings that need a doubtful link between records of people, and what they would be without it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Ints
from breachpattern.patterns.populations import Population
from breachpattern.vocabulary import LEVELS

if TYPE_CHECKING:
    from breachpattern.linking.people import People
    from breachpattern.patterns.findings import Findings

SHOWN = 3


@dataclass(frozen=True)
class Doubt:
    """What a finding owes to links that are not certain.

    Attributes
    ----------
    links : tuple of dict
        ``person_id, other_id, method, probability, evidence`` of each doubtful link of the people concerned: those of
        the finding, and those through whom contact is inferred.
    without : str
        What stands without them, in one sentence.
    """

    links: tuple[dict[str, Any], ...]
    without: str

    @property
    def text(self) -> str:
        """The doubt as a caveat."""
        told = [
            f"{link['person_id']} and {link['other_id']} (probability {link['probability']:.2f}: {link['evidence']})"
            for link in self.links[:SHOWN]
        ]
        if not told:
            return f"Rests on records taken for one person that may be two. {self.without}"
        more = f" and {len(self.links) - SHOWN} more" if len(self.links) > SHOWN else ""
        return f"Takes records for one person that may be two: {', '.join(told)}{more}. {self.without}"

    def to_dict(self) -> dict[str, Any]:
        """Return the doubt as JSON-able data."""
        return {"links": [dict(link) for link in self.links], "without": self.without}


def doubts_of(found: Findings, without: Findings, people: People) -> dict[int, Doubt]:
    """Return the doubt of each finding that is not the same without the doubtful links.

    Parameters
    ----------
    found : Findings
        With every link.
    without : Findings
        Of the same extract, by certain links only.
    people : People
        With every link.

    Returns
    -------
    dict of int to Doubt
        By the place of the finding among those of ``found``, before ranking.
    """
    here, there = _subjects(found), _subjects(without)
    same = {(keys, level) for keys, level in zip(there.keys, there.levels, strict=True)}
    differing = [i for i, key in enumerate(zip(here.keys, here.levels, strict=True)) if key not in same]
    if not differing:
        return {}
    links = _doubtful_links(people)
    nearby: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, (pattern, _, incidents) in enumerate(there.keys):
        for incident in incidents:
            nearby[pattern, incident].append(i)
    out = {}
    for i in differing:
        pattern, _, incidents = here.keys[i]
        mine = tuple(link for person in sorted(here.people[i]) for link in links.get(person, ()))
        left = {j for incident in incidents for j in nearby.get((pattern, incident), ())}
        out[i] = Doubt(mine, _without(there, left, here.levels[i]))
    return out


def lost_to_links(found: Findings, without: Findings) -> list[str]:
    """Return the headlines of findings that stand only without the doubtful links.

    Taking two people for one can hide a pattern: what two suspects did together, what one did to the other. A finding
    that a larger one of its pattern holds is not lost.

    Parameters
    ----------
    found, without : Findings
        Of the same extract, with every link and by certain links only.
    """
    here = _subjects(found)
    held: dict[tuple[str, str], list[frozenset[str]]] = defaultdict(list)
    for pattern, _, incidents in here.keys:
        for incident in incidents:
            held[pattern, incident].append(incidents)
    lost = []
    for i, (pattern, _, incidents) in enumerate(_subjects(without).keys):
        one = min(incidents, default="")
        if not any(incidents <= larger for larger in held.get((pattern, one), ())):
            lost.append(i)
    return sorted(without.headlines_of(lost))


@dataclass(frozen=True)
class _Subjects:
    """What each finding is about: (pattern, orders, incidents), level, people."""

    keys: list[tuple[str, str, frozenset[str]]]
    levels: list[int]
    people: list[set[str]]


def _subjects(found: Findings) -> _Subjects:
    keys: list[tuple[str, str, frozenset[str]]] = []
    levels: list[int] = []
    people: list[set[str]] = []
    for block in found.blocks:
        population = block.population
        names = population.context.columns.names
        incidents = _texts(population, names.incidents, population.context.columns.incident)
        orders = _split(names.orders, population.orders.values, population.orders.offsets)
        who = [
            _split(names.persons, lists.values, lists.offsets) for lists in (population.suspects, population.victims)
        ]
        keys += [(block.pattern.id, ";".join(o), frozenset(i)) for o, i in zip(orders, incidents, strict=True)]
        levels += block.level.tolist()
        others = _go_betweens(population)
        people += [set(s) | set(v) | o for (s, v), o in zip(zip(*who, strict=True), others, strict=True)]
    return _Subjects(keys, levels, people)


def _go_betweens(population: Population) -> list[set[str]]:
    """Return the people on the way from the respondent to who acted, for each finding that holds inferred contact."""
    context = population.context
    inferred, ties, names = context.inferred, context.timelines.ties, context.columns.names.persons
    if len(inferred) == 0:
        return [set() for _ in range(len(population))]
    steps = inferred[["tie", "next_tie"]].to_numpy()
    on_row: dict[int, set[str]] = defaultdict(set)
    for row, through, path in zip(inferred["row"].tolist(), inferred["through"].tolist(), steps.tolist(), strict=True):
        ends = [int(ties.right[tie]) for tie in path if tie >= 0]
        on_row[row] |= {names[code].as_py() for code in (int(through), *ends)}
    rows, offsets = population.rows.values.tolist(), population.rows.offsets.tolist()
    return [set().union(*(on_row.get(row, ()) for row in rows[a:b])) for a, b in pairwise(offsets)]


def _texts(population: Population, texts: pa.Array, codes: Any) -> list[list[str]]:
    return _split(texts, codes[population.rows.values], population.rows.offsets)


def _split(texts: pa.Array, codes: Any, offsets: Ints) -> list[list[str]]:
    told = texts.take(pa.array(np.asarray(codes, dtype=np.int64))).to_pylist()
    return [told[a:b] for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]


def _doubtful_links(people: People) -> dict[str, list[dict[str, Any]]]:
    """Return the doubtful links of each entity, by the reference that shows it."""
    links = people.links.filter(pc.invert(people.links["certain"]))
    shown = people.entity_of(links["person_id"].combine_chunks()).to_pylist()
    out: dict[str, list[dict[str, Any]]] = defaultdict(list)
    columns = ["person_id", "other_id", "method", "probability", "evidence"]
    for entity, link in zip(shown, links.select(columns).to_pylist(), strict=True):
        out[entity].append(link)
    return out


def _without(there: _Subjects, left: Iterable[int], level: int) -> str:
    levels = sorted((there.levels[j] for j in left), reverse=True)
    if not levels:
        return "If they are two, this finding falls away."
    what = "one such finding" if len(levels) == 1 else f"{len(levels)} such findings"
    occasions = sorted((len(there.keys[j][2]) for j in left), reverse=True)
    size = f"of {occasions[0]} incident{'' if occasions[0] == 1 else 's'}" if len(levels) == 1 else "of fewer incidents"
    kept = "the same level" if levels[0] == level else f"level {LEVELS.values[levels[0]]}"
    return f"If they are two, {what} {size} would be left, at {kept}."

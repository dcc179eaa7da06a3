"""What every finding gets beside its own pattern: points, provisions, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from breachpattern.linking.columns import Bools, Floats, Ints
from breachpattern.patterns.block import Block
from breachpattern.patterns.citing import Citations
from breachpattern.patterns.populations import Population, joined, stacked
from breachpattern.patterns.rules import Rules, applies
from breachpattern.patterns.tree import Node, holds
from breachpattern.timelines.courses import Ragged


@dataclass(frozen=True)
class Additions:
    """What the shared rules give to findings, one entry each.

    Attributes
    ----------
    score : float64
        The sum of the points, from 0 to 100.
    points, missing : int64
        Masks of the rules that hold.
    provisions : Ragged
        Positions in the keys of the run.
    """

    score: Floats
    points: Ints
    missing: Ints
    provisions: Ragged


def additions(blocks: Sequence[Block], rules: Rules, cited: Citations) -> Additions:
    """Return what shared rules give to the findings of some blocks, block after block.

    The findings of all patterns of a unit are judged together.
    """
    sizes = [len(block.population) for block in blocks]
    starts = np.append(0, np.cumsum(sizes))
    alike: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for number, block in enumerate(blocks):
        if sizes[number]:
            alike[block.population.unit, block.population.narrowed].append(number)
    n = int(starts[-1])
    score, points, missing = np.zeros(n), np.zeros(n, np.int64), np.zeros(n, np.int64)
    provisions, places = [], [np.empty(0, np.int64)]
    for (unit, narrowed), numbers in alike.items():
        held = [blocks[number] for number in numbers]
        population = joined(held[0].population.context, [b.population for b in held], unit, narrowed=narrowed)
        place = np.concatenate([np.arange(starts[number], starts[number + 1]) for number in numbers])
        on = [_where(rule.when, population) for rule in rules.points]
        score[place] = sum((r.points * where for r, where in zip(rules.points, on, strict=True)), np.zeros(len(place)))
        points[place] = _mask(on, len(place))
        missing[place] = _mask([_where(rule.when, population) for rule in rules.missing], len(place))
        ends = np.cumsum([len(b.population) for b in held])
        own = [
            (b.pattern.provisions, np.arange(end - len(b.population), end)) for b, end in zip(held, ends, strict=True)
        ]
        own += [(rule.provisions, np.flatnonzero(_where(rule.when, population))) for rule in rules.cites]
        provisions.append(cited.lists(population, own))
        places.append(place)
    back = np.argsort(np.concatenate(places))
    return Additions(np.clip(score, 0, 100), points, missing, stacked(provisions).take(back))


def _where(node: Node, population: Population) -> Bools:
    """Return where a shared rule holds; nowhere where its criteria are not defined for the unit."""
    return holds(node, population) if applies(node, population.unit) else np.zeros(len(population), np.bool_)


def _mask(held: Sequence[Bools], n: int) -> Ints:
    """Return for each of ``n`` candidates a mask of the conditions that hold."""
    return sum((on.astype(np.int64) << bit for bit, on in enumerate(held)), np.zeros(n, np.int64))

"""The clock: when findings can change though nothing new is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from breachpattern.law import Catalogue
from breachpattern.linking.columns import Ints
from breachpattern.patterns.model import Filter, Pattern
from breachpattern.patterns.registry import find_criterion
from breachpattern.patterns.rules import rules
from breachpattern.patterns.tree import Leaf, Node, leaves
from breachpattern.spans import FOREVER


@dataclass(frozen=True)
class Clockwork:
    """What in some patterns and filters asks for the time.

    Attributes
    ----------
    leaves : tuple of Leaf
        Criteria with their parameters, each once, wherever they stand.
    shown : dict of str to tuple of Leaf
        By pattern: those of its own condition, whose reasons a finding shows.
    """

    leaves: tuple[Leaf, ...]
    shown: dict[str, tuple[Leaf, ...]]

    @classmethod
    def of(cls, patterns: Sequence[Pattern], filters: Sequence[Filter] = ()) -> Clockwork:
        """Return the clockwork of some patterns and filters, and of the rules that all findings share.

        Examples
        --------
        >>> from breachpattern.patterns import load_packs
        >>> sorted(Clockwork.of(load_packs()).shown)
        ['limitation_clock']
        """
        live = [pattern for pattern in patterns if pattern.status != "deprecated"]
        asked = [leaf for node in _conditions(live, filters) for leaf in _timed(node)]
        shown = {p.id: found for p in live if (found := tuple(_timed(p.tree)))}
        return cls(tuple({repr(leaf): leaf for leaf in asked}.values()), shown)

    def next_turns(self, catalogue: Catalogue, first: Ints, last: Ints, now: int) -> Ints:
        """Return the next instant after ``now`` at which each row can turn an answer, ``FOREVER`` where none.

        Parameters
        ----------
        catalogue : Catalogue
        first, last : (n,) int64
            First and last second of each row.
        now : int
            Seconds UTC.
        """
        out = np.full(len(first), FOREVER, np.int64)
        for leaf in self.leaves:
            criterion = find_criterion(leaf.criterion)
            assert criterion.clock is not None
            asked = {name: p.default for name, p in criterion.parameters.items()} | dict(leaf.parameters)
            turns = criterion.clock.turns(catalogue, first, last, **asked)
            out = np.minimum(out, np.where(turns > now, turns, FOREVER).min(axis=0, initial=FOREVER))
        return out

    def next_tick(self, pattern: str, now: int) -> int:
        """Return the next instant at which what a finding of a pattern shows can change, ``FOREVER`` where never."""
        clocks = (find_criterion(leaf.criterion).clock for leaf in self.shown.get(pattern, ()))
        return min((clock.ticks(now) for clock in clocks if clock is not None), default=FOREVER)


def _conditions(patterns: Sequence[Pattern], filters: Sequence[Filter]) -> Iterator[Node]:
    for pattern in patterns:
        yield from (pattern.windowed(node) for _, node in pattern.conditions())
    yield from (held.when for held in filters if held.when is not None)
    yield from (node for _, node in rules().conditions())


def _timed(node: Node) -> Iterator[Leaf]:
    return (leaf for leaf in leaves(node) if find_criterion(leaf.criterion).clock is not None)

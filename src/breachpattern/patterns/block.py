"""The findings of one pattern as columns."""

from __future__ import annotations

from dataclasses import dataclass

from breachpattern.linking.columns import Ints
from breachpattern.patterns.model import Pattern
from breachpattern.patterns.populations import Population
from breachpattern.patterns.tree import Held


@dataclass(frozen=True)
class Block:
    """The findings of one pattern, in the order of its population; one array entry each.

    Attributes
    ----------
    population : Population
        The candidates on which the pattern holds, with what the findings are about as their rows.
    held : Held
        The condition, evaluated in full.
    level, because : int64
        The level, and the number of the level rule that gave it (``-1``: the pattern's own).
    near : Population
        What came close.
    """

    pattern: Pattern
    population: Population
    held: Held
    level: Ints
    because: Ints
    near: Population

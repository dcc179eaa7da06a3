"""Where a filter fits the findings of a pattern."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Bools
from breachpattern.patterns.block import Block
from breachpattern.patterns.model import Filter, level_number
from breachpattern.patterns.populations import owners
from breachpattern.patterns.rules import applies
from breachpattern.patterns.tree import holds
from breachpattern.timelines.courses import Ragged


def fits(held: Filter, block: Block) -> Bools:
    """Return where a filter fits, one entry for each finding of the block.

    Parameters
    ----------
    held : Filter
    block : Block
        The findings of one pattern.
    """
    population, n = block.population, len(block.population)
    nobody = np.zeros(n, np.bool_)
    if held.patterns and block.pattern.id not in held.patterns:
        return nobody
    out = np.ones(n, np.bool_)
    if held.levels:
        out &= np.isin(block.level, [level_number(level) for level in held.levels])
    names = population.context.columns.names
    incident = population.context.columns.incident[population.rows.values].astype(np.int64)
    for wanted, lists, texts in (
        (held.suspects, population.suspects, names.persons),
        (held.victims, population.victims, names.persons),
        (held.orders, population.orders, names.orders),
        (held.incidents, Ragged(population.rows.offsets, incident), names.incidents),
    ):
        if wanted:
            out &= _names_any(lists, texts, wanted)
    if held.when is not None:
        out &= holds(held.when, population) if n and applies(held.when, population.unit) else nobody
    return out


def _names_any(lists: Ragged, texts: pa.Array, wanted: Sequence[str]) -> Bools:
    codes = pc.drop_null(pc.index_in(pa.array(wanted, pa.string()), value_set=texts)).to_numpy()
    found = np.zeros(len(lists), np.bool_)
    found[owners(lists)[np.isin(lists.values, codes)]] = True
    return found

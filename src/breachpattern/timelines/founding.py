"""Which occasions breach an order that was founded on an earlier one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.linking.columns import Columns, Ints
from breachpattern.linking.orders import Orders
from breachpattern.sorting import distinct, order_by
from breachpattern.timelines.breaches import expand
from breachpattern.timelines.occasions import Occasions

AT_ONCE = 1 << 20  # pairs that may lie in memory together


def founded_pairs(columns: Columns, orders: Orders, breaches: pd.DataFrame, occasions: Occasions) -> tuple[Ints, Ints]:
    """Return (earlier, later) occasions where the later breaches an order founded on the earlier, each pair once.

    Parameters
    ----------
    columns, orders : Columns, Orders
    breaches : pandas.DataFrame
    occasions : Occasions
    """
    empty = np.empty(0, np.int64)
    version, incident = orders.founded
    if len(version) == 0 or len(occasions) == 0:
        return empty, empty
    breach_row, breach_version = breaches["row"].to_numpy(), breaches["version"].to_numpy()
    by_row = order_by(breach_row)
    low = np.searchsorted(breach_row[by_row], occasions.rows, side="left")
    high = np.searchsorted(breach_row[by_row], occasions.rows, side="right")
    later, place = expand(occasions.row_occasion, low, high)
    many = np.int64(len(orders) + 1)
    later, held = np.divmod(distinct(later * many + (breach_version[by_row[place]] + 1)), many)
    low = np.searchsorted(version, held - 1, side="left")
    high = np.searchsorted(version, held - 1, side="right")
    scale = np.int64(len(columns.names.incidents) + 1)
    member = occasions.unit[occasions.row_occasion] * scale + columns.incident[occasions.rows]
    order = order_by(member)
    member, occasion = member[order], occasions.row_occasion[order]
    found = [empty]
    for part in _parts(later, high - low):
        item, place = expand(later[part], low[part], high[part])
        wanted = occasions.unit[item] * scale + incident[place]
        at = np.minimum(np.searchsorted(member, wanted), len(member) - 1)
        earlier = occasion[at]
        hit = (member[at] == wanted) & (occasions.start[earlier] < occasions.start[item])
        found.append(distinct(item[hit] * np.int64(len(occasions)) + earlier[hit]))
    later, earlier = np.divmod(np.concatenate(found), np.int64(len(occasions)))
    return earlier, later


def _parts(owner: Ints, sizes: npt.NDArray[np.integer]) -> Iterator[slice]:
    """Yield slices of sorted owners, none of them divided, with about :data:`AT_ONCE` pairs each."""
    heads = np.flatnonzero(np.append(True, owner[1:] != owner[:-1])) if len(owner) else np.empty(0, np.int64)
    ends = np.append(heads[1:], len(owner))[: len(heads)]
    pairs = np.append(0, np.cumsum(sizes))
    first = 0
    while first < len(heads):
        start = int(heads[first])
        last = int(np.searchsorted(pairs[ends], pairs[start] + AT_ONCE, side="right"))
        first = max(last, first + 1)
        yield slice(start, int(ends[first - 1]))

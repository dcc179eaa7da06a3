"""When a group of people can answer otherwise though no row is added: what becomes known, and what the clock turns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.columns import seconds
from breachpattern.linking.orders import WINDOWS
from breachpattern.linking.versions import known_by
from breachpattern.spans import FOREVER, NEVER
from breachpattern.state.state import Wakes

if TYPE_CHECKING:
    from breachpattern.ingest import Extract
    from breachpattern.law import Catalogue
    from breachpattern.patterns.clock import Clockwork

Ints = npt.NDArray[np.int64]


def next_wakes(
    extract: Extract,
    label: Mapping[str, Ints],
    found: Mapping[str, pa.Table],
    clockwork: Clockwork,
    catalogue: Catalogue,
    as_of: int,
) -> Wakes:
    """Return the next instant after ``as_of`` at which each group can answer otherwise.

    Parameters
    ----------
    extract : Extract
        The records of the groups.
    label : mapping of str to (n,) int64
        By table: the group of each row.
    found : mapping of str to pyarrow.Table
        The results of the groups.
    clockwork : Clockwork
    catalogue : Catalogue
    as_of : int
        Seconds UTC.
    """
    incidents, orders = extract.incidents, extract.orders
    pairs = [(label["incidents"], seconds(incidents[name], default=FOREVER)) for name in ("known_at", "recorded_at")]
    for name in WINDOWS:
        low, high = seconds(orders[f"{name}_lo"], default=NEVER), seconds(orders[f"{name}_hi"], default=FOREVER)
        pairs += [(label["orders"], known_by((low, high))), (label["orders"], low)]
    pairs.append((label["associations"], seconds(extract.associations["since_lo"], default=FOREVER)))
    first, last = seconds(incidents["start"]), seconds(incidents["end"]) - 1
    pairs.append((label["incidents"], clockwork.next_turns(catalogue, first, last, as_of)))
    for name in ("findings", "suppressed"):
        for pattern in clockwork.shown:
            rows = np.flatnonzero(found[name]["pattern"].to_numpy(zero_copy_only=False) == pattern)
            tick = np.full(len(rows), clockwork.next_tick(pattern, as_of))
            pairs.append((found[name]["group"].to_numpy()[rows], tick))
    group, at = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    later = (at > as_of) & (at < FOREVER)
    group, at = group[later], at[later]
    order = np.lexsort((at, group))
    heads = np.append(True, np.diff(group[order]) != 0)[: len(order)]
    return Wakes(group[order][heads], at[order][heads])

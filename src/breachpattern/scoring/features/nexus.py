"""What holds it together, and what speaks against it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Floats, Ints
from breachpattern.patterns.populations import owners
from breachpattern.scoring.features.histories import Histories
from breachpattern.scoring.features.reducing import bits, known, share, total
from breachpattern.sorting import changes, order_by
from breachpattern.timelines.evidence import pair_key
from breachpattern.timelines.nexus import signal_table


def graded(told: Histories) -> dict[str, Floats]:
    """Return the strength of the course, and the reasons on both sides."""
    frame, table = told.context.courses.frame, signal_table()
    course = told.people.course
    held = course >= 0

    def of_course(name: str) -> npt.NDArray[Any]:
        return np.append(frame[name].to_numpy(), 0)[course]

    signals, size = of_course("signals"), len(table.signals)
    against = table.mask(against=True)
    return {
        "strength": np.asarray(of_course("strength"), np.float64),
        "support": known(of_course("support"), held),
        "reasons_for": known(bits(signals & ~against, size), held),
        "reasons_against": known(bits(signals & against, size), held),
        "serious_against": known(signals & table.mask(serious=True) != 0, held),
    }


def returned(told: Histories) -> dict[str, Floats]:
    """Return the occasions in the other direction."""
    n, dyads, columns = len(told), told.context.dyads, told.context.columns
    occasions = told.context.timelines.occasions[dyads.kind]
    each = total(occasions.unit, occasions.count, len(dyads.suspect))
    # Dyads stand in the order of their keys.
    key, other = pair_key(columns, dyads.suspect, dyads.victim), pair_key(columns, dyads.victim, dyads.suspect)
    place = np.minimum(np.searchsorted(key, other), max(len(key) - 1, 0))
    back = np.where(key[place] == other, each[place], 0) if len(key) else each
    lists = told.dyads
    there = total(owners(lists), each[lists.values], n)
    again = total(owners(lists), back[lists.values], n)
    return {"acts_in_return": again, "return_share": share(again, there + again)}


def reunions(told: Histories) -> dict[str, Floats]:
    """Return the records of two people, in either direction, that say they had come together again."""
    columns, dyads = told.context.columns, told.context.dyads
    rows = np.flatnonzero(columns.reconciled & (columns.suspect >= 0) & (columns.victim >= 0))
    pair, incident = _undirected(told, columns.suspect[rows], columns.victim[rows]), columns.incident[rows]
    order = order_by(pair, incident)
    fresh = changes(pair[order], incident[order])
    pairs, records = np.unique(pair[order][fresh], return_counts=True)
    asked = _undirected(told, dyads.suspect, dyads.victim)
    place = np.searchsorted(pairs, asked)
    found = np.append(pairs, -1)[place] == asked
    of_dyad = np.where(found, np.append(records, 0)[place], 0)
    lists = told.dyads
    each, number = np.unique(asked[lists.values] if len(lists.values) else asked[:0], return_inverse=True)
    # Both directions of two people have the same records: they count once.
    once = np.unique(owners(lists) * np.int64(len(each) + 1) + number.reshape(-1), return_index=True)[1]
    owner = owners(lists)[once]
    return {"reconciliations": total(owner, of_dyad[lists.values[once]], len(told))}


def _undirected(told: Histories, one: npt.NDArray[np.integer], other: npt.NDArray[np.integer]) -> Ints:
    return pair_key(told.context.columns, np.minimum(one, other), np.maximum(one, other))

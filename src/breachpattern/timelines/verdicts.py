"""Many judgements of one incident against one order, brought down to one row."""

from __future__ import annotations

import numpy as np
import pandas as pd

from breachpattern.linking.columns import Columns
from breachpattern.linking.orders import Orders
from breachpattern.sorting import order_by
from breachpattern.spans import FOREVER, POSSIBLE, YES
from breachpattern.timelines.evidence import NOT_TOWARDS_A_PERSON
from breachpattern.timelines.reasons import NOT_BREACH, PARTLY_IN_FORCE, TWO_VERSIONS


def join_versions(judged: pd.DataFrame, orders: Orders) -> pd.DataFrame:
    """Make the state certain where one version handed over to the next and both forbid the act."""
    judged = judged.sort_values(["row", "version"], kind="stable", ignore_index=True)
    row, version = judged["row"].to_numpy(), judged["version"].to_numpy()
    doubtful = (
        (judged["state"].to_numpy() == POSSIBLE)
        & (judged["status"].to_numpy() != NOT_BREACH)
        & judged["certain"].to_numpy()
    )
    earlier, later = slice(None, -1), slice(1, None)
    both = doubtful[earlier] & doubtful[later] & (row[earlier] == row[later])
    both &= (version[later] == version[earlier] + 1) & (
        judged["order"].to_numpy()[earlier] == judged["order"].to_numpy()[later]
    )
    start = judged["start"].to_numpy()[earlier]
    end = judged["end"].to_numpy()[earlier]
    both &= (start >= orders.start_hi[version[earlier]]) & (end <= orders.end_lo[version[later]])
    both &= orders.hands_over[version[earlier]]
    certain = np.flatnonzero(both)
    certain = np.union1d(certain, certain + 1)
    state, reasons = judged["state"].to_numpy().copy(), judged["reasons"].to_numpy().copy()
    state[certain] = YES
    reasons[certain] = (reasons[certain] & ~PARTLY_IN_FORCE) | TWO_VERSIONS
    return judged.assign(state=state, reasons=reasons)


def one_row_per_order(judged: pd.DataFrame) -> pd.DataFrame:
    """Keep, for each row and order, the version under which it is most clearly a breach, else the latest."""
    rank = judged["status"].to_numpy()
    order = order_by(
        judged["row"].to_numpy(),
        judged["order"].to_numpy(),
        rank,
        -judged["state"].to_numpy(),
        -judged["version"].to_numpy(),
    )
    judged = judged.iloc[order]
    row, code = judged["row"].to_numpy(), judged["order"].to_numpy()
    first = np.append(True, (row[1:] != row[:-1]) | (code[1:] != code[:-1])) if len(row) else np.empty(0, np.bool_)
    return judged[first].reset_index(drop=True)


def one_row_per_incident(columns: Columns, judged: pd.DataFrame) -> pd.DataFrame:
    """Bring the rows of one incident, suspect, victim and order together: the clearest breach, with all it broke.

    Rows that differ in what was done, or in the reference of one person, are one breach of one order.
    """
    row = judged["row"].to_numpy()
    keys = [judged[name].to_numpy() for name in ("incident", "suspect", "victim", "order")]
    done = columns.behaviours[row] | columns.possible[row]
    towards_nobody = (done != 0) & (done & ~NOT_TOWARDS_A_PERSON == 0)
    order = order_by(
        *keys,
        judged["status"].to_numpy(),
        -judged["state"].to_numpy(),
        -judged["version"].to_numpy(),
        judged["known"].to_numpy(),
        columns.suspect_reference[row],
        columns.victim_reference[row],
        towards_nobody,
        -columns.behaviours[row],
    )
    judged = judged.iloc[order]
    if len(judged) == 0:
        return judged
    fresh = np.append(True, np.logical_or.reduce([np.diff(key[order]) != 0 for key in keys]))
    heads = np.flatnonzero(fresh)
    if len(heads) == len(judged):
        return judged
    group = np.cumsum(fresh) - 1
    fits = judged["status"].to_numpy() != NOT_BREACH
    # What was considered and did not fit adds nothing to a breach.
    counts = fits | ~fits[heads][group]
    out = judged.iloc[heads].copy()
    for name in ("kinds", "terms"):
        out[name] = np.bitwise_or.reduceat(np.where(counts, judged[name].to_numpy(), 0), heads)
    out["known"] = np.minimum.reduceat(np.where(counts, judged["known"].to_numpy(), FOREVER), heads)
    return out

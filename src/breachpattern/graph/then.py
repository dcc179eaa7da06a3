"""What orders and breaches were, as they were known at an earlier instant, for a few incidents."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from breachpattern.graph.index import GraphIndex
from breachpattern.linking.columns import Columns, Ints, take
from breachpattern.linking.orders import Orders, live_orders
from breachpattern.timelines.breaches import find_breaches


def lives_and_breaches(index: GraphIndex, rows: Ints, orders: Ints, as_of: int) -> tuple[Orders, pd.DataFrame]:
    """Return the lives of orders, and the breaches of some rows, as they were known at an instant.

    Parameters
    ----------
    index : GraphIndex
    rows : (n,) int64
        Rows of the columns, ascending, that were known by then.
    orders : (m,) int64
        Codes of the orders whose lives are asked for; others may be returned too.
    as_of : int
        Where it is the instant of the analysis, its own answers are returned.
    """
    timelines = index.timelines
    if as_of >= index.as_of:
        mine = np.isin(timelines.breaches["row"].to_numpy(), rows)
        return timelines.orders, timelines.breaches[mine]
    columns = _only(timelines.columns, rows)
    names, on = columns.names, index.order_rows
    wanted = np.isin(on.respondent, columns.suspect[columns.suspect >= 0])
    wanted |= np.isin(on.order, np.concatenate([orders, columns.breach_claims[1]]))
    lives = live_orders(
        index.tables.orders.take(pa.array(on.position[wanted])),
        timelines.catalogue,
        as_of,
        people=timelines.people,
        incident_ids=names.incidents,
        order_ids=names.orders,
    )
    breaches, _ = find_breaches(columns, lives, timelines.catalogue)
    return lives, breaches.assign(row=rows[breaches["row"].to_numpy()])


def _only(columns: Columns, rows: Ints) -> Columns:
    """Return some rows of the columns, ascending."""
    row, order = columns.breach_claims
    kept = np.isin(row, rows)
    claims = np.searchsorted(rows, row[kept]), order[kept]
    return replace(columns, **take(columns, rows), breach_claims=claims)

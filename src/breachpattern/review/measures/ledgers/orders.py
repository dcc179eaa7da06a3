"""Measures that count orders: one line for each order with a day on which the respondent knew of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from breachpattern.output.tables import texts_of
from breachpattern.review.measures.facts import Facts
from breachpattern.review.measures.ledger import lines, measure
from breachpattern.spans import DAY, FOREVER, NEVER, london_days


@measure("M6.first")
def broken_within_90_days(facts: Facts) -> pd.DataFrame:
    """Return orders from the day on which the respondent knew of them, until the first breach or their end."""
    orders, breach, register = facts.context.orders, facts.context.breach, facts.context.register
    entry = register.of_version
    told = np.full(len(register), FOREVER, np.int64)
    for known in (orders.served, np.where(orders.needs_awareness, orders.aware, FOREVER)):
        np.minimum.at(told, entry, np.where(known == NEVER, FOREVER, known))
    counted = facts.counts_as_breach & (breach.version >= 0)
    of_entry, at = entry[breach.version[counted]], breach.start[counted]
    after = at >= told[of_entry]
    first = np.full(len(register), FOREVER, np.int64)
    np.minimum.at(first, of_entry[after], at[after])
    over = np.minimum(np.minimum(register.end_hi, first), facts.now)
    kept = np.flatnonzero((told < register.end_hi) & (told <= facts.now) & register.is_order)
    people, names = facts.analysis.timelines.people, facts.columns.names
    kinds = np.array([facts.context.catalogue.order_kinds[k].title for k in facts.context.catalogue.order_kind_ids])
    return lines(
        (first <= over)[kept],
        ((over - told) / DAY)[kept],
        order_id=texts_of(names.orders, register.order[kept]).to_pandas(),
        suspect_id=texts_of(people.texts, register.respondent[kept]).to_pandas(),
        order_kind=kinds[register.kind[kept]],
        month=london_days(told[kept]).astype("M8[D]").astype("M8[M]").astype(str),
    )

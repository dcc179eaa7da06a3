"""Which orders there are between suspect and victim at the instant, and since when the suspect knows."""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Bools, Floats, Ints
from breachpattern.patterns.criteria.orders import ladder
from breachpattern.patterns.populations import filtered, owners
from breachpattern.scoring.features.histories import Histories
from breachpattern.scoring.features.reducing import count, extreme, known, total
from breachpattern.spans import DAY, FOREVER, NEVER


def held(told: Histories) -> dict[str, Floats]:
    """Return how many orders and notices there are, and how many may be in force."""
    register, lists = told.context.register, told.orders
    n = len(told)
    return {
        "orders": count(owners(filtered(lists, register.is_order)), n),
        "orders_live": count(owners(filtered(lists, _live(told))), n),
        "notices": count(owners(filtered(lists, ~register.is_order)), n),
    }


def ladder_of(told: Histories) -> dict[str, Floats]:
    """Return successive orders that did not hold, the most of any two people."""
    rungs, lists = ladder(told.context)[0], told.dyads
    return {"order_rungs": extreme(np.maximum, owners(lists), rungs[lists.values], len(told))}


def service(told: Histories) -> dict[str, Floats]:
    """Return how long ago a live order was served, what followed, and how long it still lasts."""
    n, register = len(told), told.context.register
    live = filtered(told.orders, _live(told))
    served = _served(told)
    given = filtered(live, served > NEVER)
    last = extreme(np.maximum, owners(given), served[given.values], n)
    is_known = ~np.isnan(last)
    moment = np.where(is_known, last, FOREVER).astype(np.int64)
    until = extreme(np.maximum, owners(live), register.end_hi[live.values], n)
    closed = ~np.isnan(until) & (until < FOREVER)
    after = told.start >= moment[told.owner]
    return {
        "days_since_service": known(told.days_before(moment), is_known),
        "occasions_since_service": known(total(told.owner, told.count * after, n), is_known),
        "days_to_order_end": known((np.where(closed, until, told.now) - told.now) / DAY, closed),
    }


def _live(told: Histories) -> Bools:
    """Return which orders may be in force at the instant."""
    register = told.context.register
    return np.asarray(register.is_order & (register.start_lo <= told.now) & (register.end_hi > told.now))


def _served(told: Histories) -> Ints:
    """Return when each order was first served, ``NEVER`` where no service is on file."""
    register, orders = told.context.register, told.context.orders
    first = np.full(len(register), FOREVER, np.int64)
    on_file = orders.served > NEVER
    np.minimum.at(first, register.of_version[on_file], orders.served[on_file])
    return np.where(first == FOREVER, NEVER, first)

"""Duties to tell the police: from which moment a failure can be one, and from which it certainly is.

The law sets such a duty beside some orders and counts its days from service, making or coming into force, the day
itself being the first (Stalking Protection Act 2019 s.9; Domestic Abuse Act 2021 s.41).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Ints
from breachpattern.linking.orders import Orders
from breachpattern.spans import FOREVER, NEVER, NO, POSSIBLE, YES, london_days, london_midnight

if TYPE_CHECKING:
    from breachpattern.law import Catalogue


def failed_duty(start: Ints, end: Ints, versions: Ints, orders: Orders, catalogue: Catalogue) -> npt.NDArray[np.int8]:
    """Return whether the duty to tell the police can have been failed within each span.

    Parameters
    ----------
    start, end : (n,) int64
        Seconds UTC, half-open.
    versions : (n,) int64
        Order versions.
    orders : Orders
    catalogue : Catalogue

    Returns
    -------
    (n,) int8
        ``NO`` before the duty began, ``YES`` once its days had run out, ``POSSIBLE`` between the two or where the
        day from which it runs is not on file: false information can be given before the last day. ``YES`` also where
        the law sets no such duty beside the order.
    """
    begins, due = duties_of(orders, catalogue)
    state = np.full(len(versions), POSSIBLE, np.int8)
    state[start >= due[versions]] = YES
    state[end <= begins[versions]] = NO
    return state


def duties_of(orders: Orders, catalogue: Catalogue) -> tuple[Ints, Ints]:
    """Return for each version when its duty began at the earliest, and from when a failure is certain.

    A duty belongs to the order and runs from its first version: a variation starts no new one.
    """
    n = len(orders)
    if n == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    duties = [catalogue.order_kinds[k].notification for k in catalogue.order_kind_ids]
    days = np.array([d.days if d else 0 for d in duties], dtype=np.int64)[orders.kind]
    trigger = np.array([d.trigger if d else "" for d in duties], dtype=object)[orders.kind]
    new = np.append(True, (orders.order[1:] != orders.order[:-1]) | (orders.respondent[1:] != orders.respondent[:-1]))
    first = np.flatnonzero(new)[np.cumsum(new) - 1]
    made, served = orders.made[first], orders.served[first]
    told = np.minimum.reduceat(np.where(orders.served == NEVER, FOREVER, orders.served), np.flatnonzero(new))
    told = told[np.cumsum(new) - 1]
    made_or_begun = np.where(made == NEVER, orders.start_lo[first], made)
    begun_by = np.where(
        orders.start_hi[first] > orders.start_lo[first], orders.start_hi[first] - 1, orders.start_lo[first]
    )
    begun_by = np.where(orders.start_hi[first] == FOREVER, FOREVER, begun_by)
    by_service, by_making = trigger == "service", trigger == "making"
    begins = np.where(by_making, made, orders.start_lo[first])
    begins = np.where(by_service, np.where(served == NEVER, made_or_begun, told), begins)
    by = np.where(by_making & (made != NEVER), made, begun_by)
    by = np.where(by_service, told, by)
    dated = (by != FOREVER) & (days > 0)
    due = np.where(dated, london_midnight(london_days(np.where(dated, by, 0)) + days), FOREVER)
    none = trigger == ""
    return np.where(none, NEVER, begins), np.where(none, NEVER, due)

"""What was learnt when: whether the answer as of an earlier instant must leave out something that is on file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from breachpattern.linking.columns import seconds
from breachpattern.linking.versions import known_by
from breachpattern.spans import FOREVER, NEVER

if TYPE_CHECKING:
    import numpy.typing as npt

    from breachpattern.cases.base import Base

EVENTS = ("made", "served", "aware", "discharged", "starts")  # of an order, each learnt when it happens


class Hindsight:
    """When the last was learnt of each person and of each number, account or vehicle, in seconds UTC.

    What rows share, an incident, a means or an order, is learnt with the last of them, by everybody on any of them.

    Parameters
    ----------
    base : Base
    """

    def __init__(self, base: Base) -> None:
        self._base = base
        columns, orders = base.timelines.columns, base.extract.orders
        learnt = np.maximum(columns.known, columns.recorded)
        of_incident = _latest(columns.incident, learnt, len(columns.names.incidents))
        self._means = _latest(columns.means, learnt, len(columns.names.means))
        learnt = np.maximum(of_incident[columns.incident], self._means[columns.means])
        people = base.timelines.people
        told = order_learnt(orders)
        order = orders["order_id"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
        told = _latest(order, told, int(order.max(initial=-1)) + 1)[order]
        ties = base.extract.associations
        since = seconds(ties["since_lo"], default=NEVER)
        self._persons = _latest(
            np.concatenate(
                [
                    columns.suspect,
                    columns.victim,
                    *(people.named(orders[side]) for side in ("respondent_id", "protected_id")),
                    *(people.named(ties[side]) for side in ("person_id", "other_id")),
                ]
            ),
            np.concatenate([learnt, learnt, told, told, since, since]),
            len(base.persons),
        )
        self.last = max(int(a.max(initial=NEVER)) for a in (learnt, told, since))

    def of_person(self, person: str) -> int:
        """Return when the last was learnt of a person."""
        return int(self._persons[self._base.entity(person)[0]])

    def of_means(self, means: str) -> int:
        """Return when the last use of a number, account or vehicle was learnt."""
        return int(self._means[self._base.means_code(means)])


def order_learnt(orders: pa.Table) -> npt.NDArray[np.int64]:
    """Return when the last was learnt of each row of canonical orders."""
    last = np.full(orders.num_rows, NEVER, np.int64)
    for name in EVENTS:
        window = seconds(orders[f"{name}_lo"], default=NEVER), seconds(orders[f"{name}_hi"], default=FOREVER)
        at = known_by(window)
        last = np.maximum(last, np.where(at == FOREVER, NEVER, at))
    return last


def _latest(codes: npt.NDArray[np.integer], seconds: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """Return the latest second of each code, and at the end, where ``-1`` finds it, never."""
    out = np.full(size + 1, NEVER, np.int64)
    np.maximum.at(out, codes, seconds)
    out[-1] = NEVER
    return out

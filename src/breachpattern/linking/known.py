"""The order versions known at an instant, and what of their lives follows from dates, the law and each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.columns import Bools, Codes, flags, seconds
from breachpattern.linking.lives import (
    awareness,
    beginning,
    hand_over,
    inherited_awareness,
    statutory_end,
    whole_order_discharge,
)
from breachpattern.linking.versions import Versions, Window, known_by
from breachpattern.spans import FOREVER, NEVER

if TYPE_CHECKING:
    from breachpattern.law.entries import OrderKind

# What may be on file and not yet known.
KNOWN_LATER = ("served", "aware", "discharged")


@dataclass(frozen=True)
class Known:
    """The order versions known at an instant, while their lives are worked out.

    Attributes
    ----------
    orders : pyarrow.Table
    versions : Versions
    kinds : list of OrderKind
        As the catalogue lists them.
    kind : (versions,) int32
        The kind of each, as an index into them.
    continues : (versions - 1,) bool
        Where the next version is one of the same order.
    windows : dict of str to Window
        By name, what of each version was known then.
    """

    orders: pa.Table
    versions: Versions
    kinds: list[OrderKind]
    kind: Codes
    continues: Bools
    windows: dict[str, Window]

    def of_kind(self, values: list[Any], dtype: Any = None) -> npt.NDArray[Any]:
        """Return for each version what stands for its kind."""
        return np.array(values, dtype=dtype)[self.kind]

    def start(self) -> Window:
        """Return the window in which each version began to bind."""
        by_service = self.of_kind([kind.begins == "service" for kind in self.kinds])
        return beginning(by_service, *(self.windows[name] for name in ("starts", "made", "served", "aware")))


def known_windows(versions: Versions, windows: dict[str, Window], as_of: int) -> dict[str, Window]:
    """Return the windows of each version; service, awareness and discharge after an instant were not known then."""
    out = {}
    for name, (low, high) in windows.items():
        if name in KNOWN_LATER:
            later = known_by((low, high)) > as_of
            low, high = np.where(later, NEVER, low), np.where(later, FOREVER, high)
        out[name] = versions.window((low, high))
    return out


def ends_of(known: Known, start: Window) -> dict[str, Any]:
    """Return the windows in which versions end, by their dates, the statute, discharge and the next version."""
    orders, versions, made = known.orders, known.versions, known.windows["made"]
    doubtful = versions.any(flags(orders["ends_doubtful"]))
    ends = seconds(orders["ends"], default=FOREVER)
    last = versions.greatest(np.where(ends == FOREVER, NEVER, ends))
    last = np.where(last == NEVER, FOREVER, last)
    told = np.minimum(known_by(known.windows["served"]), known_by(known.windows["aware"]))
    begun = np.where(start[0] == NEVER, told, start[0])
    longest = known.of_kind([kind.max_days or 0 for kind in known.kinds], np.int64)
    cap = statutory_end(longest, made, begun, known.continues)
    certain = known.of_kind([kind.certain_days or 0 for kind in known.kinds], np.int64)
    # Where no end is on file, what a decision ends is certain for a while only.
    for_now = np.where(last == FOREVER, statutory_end(certain, made, begun, known.continues)[0], FOREVER)
    low = np.where(doubtful, NEVER, np.minimum(np.minimum(versions.least(ends), cap[0]), for_now))
    high = np.minimum(last, cap[1])
    discharged = whole_order_discharge(known.windows["discharged"], start[0], known.continues)
    hands_over = hand_over(low, discharged, start, known.continues)
    low, high = np.minimum(low, discharged[0]), np.minimum(high, discharged[1])
    low[:-1] = np.where(known.continues, np.minimum(low[:-1], start[0][1:]), low[:-1])
    high[:-1] = np.where(known.continues, np.minimum(high[:-1], start[1][1:]), high[:-1])
    return {
        "end_lo": low,
        "end_hi": high,
        "hands_over": hands_over,
        "end_doubtful": doubtful,
        "capped": cap[1] < last,
        "open_ended": high == FOREVER,
    }


def awareness_of(known: Known) -> dict[str, Any]:
    """Return whether a breach asks for awareness, since when that is met, and where it cannot be told."""
    notice, versions, continues = known.orders["without_notice"], known.versions, known.continues
    without_notice = versions.any(flags(notice))
    unknown = ~versions.any(np.asarray(notice.is_valid().to_numpy(), dtype=np.bool_))
    elements = [known.kinds[k].awareness for k in known.kind]
    needs, own = awareness(elements, without_notice, unknown, known.windows["served"], known.windows["aware"])
    by_notice = np.array([element == "without_notice" for element in elements], np.bool_)
    follows = np.append(False, continues) if len(versions.heads) else continues
    of_itself = known.of_kind([kind.id == "dapo" for kind in known.kinds]) & (without_notice | unknown)
    there = by_notice & ~without_notice & ~unknown
    return {
        "needs_awareness": needs,
        "aware": inherited_awareness(own, needs, there, follows, of_itself),
        "varied_unaware": follows & of_itself,
        "notice_unknown": by_notice & unknown,
    }

"""How much there is on record."""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Floats
from breachpattern.scoring.features.declared import parameters
from breachpattern.scoring.features.histories import Histories
from breachpattern.scoring.features.reducing import extreme, total


def totals(told: Histories) -> dict[str, Floats]:
    """Return occasions and acts."""
    n = len(told)
    return {
        "occasions": total(told.owner, told.count, n),
        "acts": total(told.owner, told.acts, n),
        "acts_most": extreme(np.maximum, told.owner, told.acts, n),
    }


def windows(told: Histories) -> dict[str, Floats]:
    """Return the occasions of the last so many days."""
    days = parameters()["windows_days"]
    return {f"occasions_{d}d": total(told.owner, told.count * told.within(d), len(told)) for d in days}

"""Gravity: the harm of successive events, by a table of the user's own."""

from __future__ import annotations

import numpy as np
import pandas as pd

from breachpattern.proportions import wilson
from breachpattern.scoring.study.events import asked
from breachpattern.scoring.study.intervals import mean_interval

SHOWN = (
    "weighed", "mean", "median", "compared", "change", "change_low", "change_high", "graver", "graver_low",
    "graver_high",
)  # fmt: skip


def harm_by_event(events: pd.DataFrame, at_most: int = 10, *, confidence: float = 0.95) -> pd.DataFrame:
    """Return the harm of the first, second, ... event of dyads, and how it changed since the event before.

    The change is counted within dyads, so it is not moved by who is left: a mean over events alone would be.

    Parameters
    ----------
    events : pandas.DataFrame
        As :func:`~breachpattern.scoring.study.events.dyad_events` gives them, with a table of harm weights.
    at_most : int, default 10
        The last event shown.
    confidence : float, default 0.95
        Of Student's interval of the change and Wilson's of the share; harm is skewed, so look at both.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``event`` (n, from 1): ``weighed`` (events with a weight, int64), ``mean`` and ``median`` harm;
        ``compared`` (dyads in which this event and the one before it have a weight), ``change`` (mean difference),
        ``change_low``, ``change_high``, ``graver`` (share in which it was graver), ``graver_low``, ``graver_high``.
        NaN where nothing could be counted: an event without a weight is not harmless, it is not known.

    References
    ----------
    Bland, M. and Ariel, B. (2015), as abstracted: most dyads of Suffolk did not escalate in frequency or severity.

    Examples
    --------
    >>> told = pd.DataFrame({"number": [1, 2, 1, 2, 1], "harm": [1.0, 5.0, 2.0, 2.0, np.nan]})
    >>> harm_by_event(told, 2)[["weighed", "mean", "compared", "change", "graver"]].to_numpy().tolist()[1]
    [2.0, 3.5, 2.0, 2.0, 0.5]
    """
    told = asked(events, ["number", "harm"])
    number, harm = told["number"].to_numpy(np.int64), told["harm"].to_numpy(np.float64)
    change = np.append(np.nan, np.diff(harm))[: len(harm)]
    change[number == 1] = np.nan
    graver = np.where(np.isnan(change), np.nan, change > 0)
    frame = pd.DataFrame({"event": number, "harm": harm, "change": change, "graver": graver})
    by = frame[number <= at_most].groupby("event")
    table = pd.DataFrame(
        {
            "weighed": by["harm"].count(),
            "mean": by["harm"].mean(),
            "median": by["harm"].median(),
            "compared": by["change"].count(),
            "change": by["change"].mean(),
            "deviation": by["change"].std(),
            "times": by["graver"].sum(),
        }
    ).reindex(pd.RangeIndex(1, at_most + 1, name="event"))
    counts = table[["weighed", "compared", "times"]].fillna(0).astype(np.int64)
    change_low, change_high = mean_interval(
        table["change"].to_numpy(), table["deviation"].to_numpy(), counts["compared"], confidence
    )
    low, high = wilson(counts["times"], counts["compared"], confidence)
    return table.assign(
        weighed=counts["weighed"],
        compared=counts["compared"],
        change_low=change_low,
        change_high=change_high,
        graver=counts["times"] / counts["compared"].where(counts["compared"] > 0),
        graver_low=low,
        graver_high=high,
    )[list(SHOWN)]

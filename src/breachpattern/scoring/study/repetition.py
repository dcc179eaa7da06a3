"""Repetition: how many events dyads have, how likely and how soon the next one is, and how long they were quiet."""

from __future__ import annotations

import numpy as np
import pandas as pd

from breachpattern.errors import UsageError
from breachpattern.proportions import wilson
from breachpattern.scoring.study.events import asked, lengths

BANDS = ((2, 2), (3, 4), (5, 9), (10, None))


def events_per_dyad(events: pd.DataFrame, at_most: int = 10) -> pd.DataFrame:
    """Return how many dyads have one event, two, and so on.

    Parameters
    ----------
    events : pandas.DataFrame
        As :func:`~breachpattern.scoring.study.events.dyad_events` gives them.
    at_most : int, default 10
        The last row stands for so many events or more.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``events``: ``dyads``, ``share`` of all dyads, ``events_total`` (all events of these dyads), and
        ``share_of_events``.

    References
    ----------
    Bland, M. and Ariel, B. (2015). Targeting escalation in reported domestic abuse. *International Criminal Justice
    Review* 25, 30-53 (abstract): 76 % of the dyads of Suffolk had no repeat.

    Examples
    --------
    >>> told = pd.DataFrame({"number": [1, 1, 2, 1, 2, 3, 4]})
    >>> events_per_dyad(told, 3)["dyads"].to_dict()
    {1: 1, 2: 1, 3: 1}
    """
    count = lengths(events)
    shown = np.minimum(count, _several(at_most, 1))
    dyads = np.bincount(shown, minlength=at_most + 1)[1:]
    total = np.bincount(shown, weights=count, minlength=at_most + 1)[1:].astype(np.int64)
    return pd.DataFrame(
        {
            "dyads": dyads,
            "share": dyads / max(len(count), 1),
            "events_total": total,
            "share_of_events": total / max(int(count.sum()), 1),
        },
        index=pd.RangeIndex(1, at_most + 1, name="events"),
    )


def conditional_probability(
    events: pd.DataFrame, at_most: int = 10, *, follow_up: float | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Return the share of dyads with an n-th event, of those with one before it.

    Without ``follow_up`` every dyad counts, however lately its last event was: what the published tables do, and too
    low, because many had no time for a further event. With it only dyads count that could be followed for so many days
    after the event before, and only an event within those days is one.

    Parameters
    ----------
    events : pandas.DataFrame
        As :func:`~breachpattern.scoring.study.events.dyad_events` gives them.
    at_most : int, default 10
        The last n.
    follow_up : float, optional
        Days; above 0.
    confidence : float, default 0.95
        Of Wilson's interval.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``event`` (n, from 2): ``dyads`` with n - 1 (int64), ``again`` (of them, with n), ``probability``,
        ``low``, ``high``.

    Notes
    -----
    A probability that rises with n does not say that events make further events: those who did little have left the
    count, and those who remain were likelier to repeat from the beginning.

    References
    ----------
    Barnham, L., Barnes, G. C. and Sherman, L. W. (2017). Targeting escalation of intimate partner violence: evidence
    from 52,296 offenders. *Cambridge Journal of Evidence-Based Policing* 1, 116-142. Only the abstract was read; its
    table of conditional probabilities is unverified, and nothing here rests on it.

    Examples
    --------
    >>> told = pd.DataFrame({"number": [1, 1, 2, 1, 2, 3, 1]})
    >>> conditional_probability(told, 3)[["dyads", "again"]].to_numpy().tolist()
    [[4, 2], [2, 1]]
    """
    number = asked(events, ["number"])["number"].to_numpy(np.int64)
    followed_by_one = np.append(number[1:] == number[:-1] + 1, False)[: len(number)]
    counted = np.ones(len(number), np.bool_)
    if follow_up is not None:
        if not follow_up > 0:
            raise UsageError(f"A follow-up of {follow_up} days is none.", where="follow_up", hint="Give 365, or 731.")
        asked(events, ["days_since", "days_followed"])
        counted = events["days_followed"].to_numpy() >= follow_up
        soon = np.append(events["days_since"].to_numpy()[1:] <= follow_up, False)[: len(number)]
        followed_by_one &= soon
    size = _several(at_most, 2) + 1
    inside = counted & (number < at_most)
    dyads = np.bincount(number[inside], minlength=size)[1:at_most]
    again = np.bincount(number[inside & followed_by_one], minlength=size)[1:at_most]
    low, high = wilson(again, dyads, confidence)
    probability = np.where(dyads > 0, again / np.maximum(dyads, 1), np.nan)
    return pd.DataFrame(
        {"dyads": dyads, "again": again, "probability": probability, "low": low, "high": high},
        index=pd.RangeIndex(2, at_most + 1, name="event"),
    )


def days_between(events: pd.DataFrame, at_most: int = 10) -> pd.DataFrame:
    """Return how many days lie between successive events of dyads.

    Parameters
    ----------
    events : pandas.DataFrame
        As :func:`~breachpattern.scoring.study.events.dyad_events` gives them.
    at_most : int, default 10
        The last n.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``event`` (n, from 2), the days since event n - 1: ``dyads``, ``mean``, ``lower_quartile``,
        ``median``, ``upper_quartile``; NaN where no dyad has so many.

    Notes
    -----
    Only gaps that ended are seen, and a dyad with many events in a few years can only have short ones: gaps that fall
    with n are no proof of acceleration. :func:`breachpattern.scoring.study.survival.breach_survival` counts the open
    ones too; Laplace's test within one course is the pattern ``escalation``.

    Examples
    --------
    >>> told = pd.DataFrame({"number": [1, 2, 1, 2, 3], "days_since": [np.nan, 10, np.nan, 20, 5]})
    >>> days_between(told, 3)["mean"].tolist()
    [15.0, 5.0]
    """
    told = asked(events, ["number", "days_since"])
    told = told[(told["number"] >= 2) & (told["number"] <= _several(at_most, 2))]
    told = told.astype({"number": np.int64, "days_since": np.float64})
    gaps = told.groupby("number")["days_since"]
    table = pd.DataFrame(
        {
            "dyads": gaps.size(),
            "mean": gaps.mean(),
            "lower_quartile": gaps.quantile(0.25),
            "median": gaps.median(),
            "upper_quartile": gaps.quantile(0.75),
        }
    ).reindex(pd.RangeIndex(2, at_most + 1, name="event"))
    return table.astype(np.float64).assign(dyads=table["dyads"].fillna(0).astype(np.int64))


def intermittency(events: pd.DataFrame, quiet_days: float = 365, *, confidence: float = 0.95) -> pd.DataFrame:
    """Return how often dyads were quiet for long and then came back, and how uneven their gaps are.

    Parameters
    ----------
    events : pandas.DataFrame
        As :func:`~breachpattern.scoring.study.events.dyad_events` gives them.
    quiet_days : float, default 365
        From how many days on a gap is a quiet spell.
    confidence : float, default 0.95
        Of Wilson's interval.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``events`` (bands of the number of events, as text): ``dyads``, ``returned`` (those with a quiet
        spell that a further event ended), ``share``, ``low``, ``high``, ``longest_gap`` (median, days), and
        ``burstiness`` (mean over dyads with three events or more: (s - m) / (s + m) of the gaps' deviation and mean,
        from -1 for a clock to 1 for bursts; about 0 where many events fall at random, lower for few).

    References
    ----------
    Goh, K.-I. and Barabási, A.-L. (2008). Burstiness and memory in complex systems. *EPL* 81, 48002.

    Examples
    --------
    >>> told = pd.DataFrame({"number": [1, 2, 1, 2], "days_since": [np.nan, 10.0, np.nan, 400.0]})
    >>> intermittency(told).loc["2", ["dyads", "returned", "longest_gap"]].tolist()
    [2.0, 1.0, 205.0]
    """
    told = asked(events, ["number", "days_since"])
    count = lengths(told)
    dyad = np.cumsum(told["number"].to_numpy() == 1) - 1
    gap = told["days_since"].to_numpy(np.float64)
    later = ~np.isnan(gap)
    gaps, owner, n = gap[later], dyad[later], len(count)
    longest = np.zeros(n)
    np.maximum.at(longest, owner, gaps)
    several = np.maximum(count - 1, 1)
    mean = np.bincount(owner, weights=gaps, minlength=n) / several
    deviation = np.sqrt(np.bincount(owner, weights=(gaps - mean[owner]) ** 2, minlength=n) / several)
    known = (count >= 3) & (mean + deviation > 0)
    bursts = np.where(known, (deviation - mean) / np.where(known, deviation + mean, 1), np.nan)
    rows = []
    for first, last in BANDS:
        inside = (count >= first) & (count <= (last or np.inf))
        some = inside & known
        rows.append(
            {
                "events": f"{first}" if first == last else f"{first} or more" if last is None else f"{first} to {last}",
                "dyads": int(inside.sum()),
                "returned": int((longest[inside] >= quiet_days).sum()),
                "longest_gap": float(np.median(longest[inside])) if inside.any() else np.nan,
                "burstiness": float(bursts[some].mean()) if some.any() else np.nan,
            }
        )
    table = pd.DataFrame(rows).set_index("events")
    low, high = wilson(table["returned"], table["dyads"], confidence)
    share = table["returned"] / table["dyads"].where(table["dyads"] > 0)
    table = table.assign(share=share, low=low, high=high)
    return table[["dyads", "returned", "share", "low", "high", "longest_gap", "burstiness"]]


def _several(at_most: int, least: int) -> int:
    if not isinstance(at_most, int) or isinstance(at_most, bool) or at_most < least:
        raise UsageError(
            f"at_most is {at_most!r}.",
            where="at_most",
            hint=f"It is a whole number from {least} on: the last event shown.",
        )
    return at_most

"""Survival: how long orders hold, from service to the first breach and from each breach to the next."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from breachpattern.errors import UsageError
from breachpattern.linking.columns import Floats, Ints
from breachpattern.patterns.context import Context
from breachpattern.scoring.given import the_analysis
from breachpattern.scoring.study.events import followed_until
from breachpattern.sorting import changes, order_by
from breachpattern.spans import DAY, FOREVER, NEVER

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis


def breach_spells(analysis: Analysis) -> pd.DataFrame:
    """Return the spells of every order that was served: from service to its first breach, from each breach to the next.

    Only certain breaches end a spell: recorded ones, and acts within the terms of an order that was certainly in force.
    Failures to notify or to comply are none, and records of one event are one. The last spell of an order is open: it
    ends, unbroken, with the order or with what is known, whichever comes first. Orders whose service is not on file are
    left out, and so are spells without length at the end.

    Parameters
    ----------
    analysis : Analysis
        As :meth:`breachpattern.Analyser.analyse` gives it.

    Returns
    -------
    pandas.DataFrame
        One row for each spell, in the order of ``order_id`` and time: ``order_id``, ``kind``, ``number`` (int64, 1 is
        the spell from service), ``days`` (float64), ``broken`` (bool; False: censored).

    Examples
    --------
    >>> import breachpattern as bp
    >>> order = {"order_id": "O1", "kind": "restraining_conviction", "respondent_id": "P1", "protected_id": "V1"}
    >>> order |= {"made_on": "2025-01-01", "served_at": "2025-01-01T12:00", "terms": "no_contact"}
    >>> call = {"incident_id": "I1", "occurred_from": "2025-01-11T12:00", "suspect_id": "P1", "victim_id": "V1"}
    >>> extract = bp.read_extract([call | {"behaviours": "contact"}], orders=[order])
    >>> spells = breach_spells(bp.Analyser().analyse(extract, as_of="2025-01-31T12:00"))
    >>> spells[["number", "days", "broken"]].to_numpy().tolist()
    [[1, 10.0, True], [2, 20.0, False]]
    """
    the_analysis(analysis, "A study is made")
    context, known_until = Context(analysis.timelines), followed_until(analysis)
    order, kind, served, ends = _lives(context, known_until)
    place = np.full(int(order.max(initial=-1)) + 1, -1, np.int64)
    place[order] = np.arange(len(order))
    whose, at = _breaches(context, place, served)
    ends = np.maximum(ends, _last(whose, at, len(order)))
    # Service and breaches of each order in time order, and the end after them all.
    owner = np.concatenate([np.arange(len(order)), whose, np.arange(len(order))])
    moment = np.concatenate([served, at, ends])
    broken = np.repeat([False, True, False], [len(order), len(whose), len(order)])
    last = np.repeat([0, 1, 2], [len(order), len(whose), len(order)])
    sort = order_by(owner, last, moment)
    owner, moment, broken = owner[sort], moment[sort], broken[sort]
    begins = changes(owner)
    spell = ~begins
    days = np.diff(moment, prepend=moment[:1]) / DAY
    number = np.arange(len(owner)) - np.maximum.accumulate(np.where(begins, np.arange(len(owner)), 0))
    kept = spell & (broken | (days > 0))
    catalogue, texts = analysis.timelines.catalogue, context.columns.names.orders
    frame = pd.DataFrame(
        {
            "order_id": texts.take(order[owner[kept]]).to_pandas(),
            "kind": np.array([*catalogue.order_kind_ids, "unknown"], object)[kind[owner[kept]]],
            "number": number[kept],
            "days": days[kept],
            "broken": broken[kept],
        }
    )
    return frame.sort_values(["order_id", "number"], kind="stable", ignore_index=True)


def _lives(context: Context, known_until: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Return of each order that was served its code, kind, service, and until when it was certainly followed."""
    orders = context.timelines.orders
    asked = np.flatnonzero(orders.is_order & (orders.served > NEVER) & (orders.served < FOREVER))
    sort = asked[order_by(orders.order[asked], orders.version[asked])]
    head = np.flatnonzero(changes(orders.order[sort]))
    code = orders.order[sort][head].astype(np.int64)
    if len(head) == 0:
        return code, code, code, code
    served = np.minimum.reduceat(orders.served[sort], head)
    ends = np.maximum.reduceat(np.minimum(orders.end_lo[sort], known_until), head)
    kept = (served < known_until) & (ends > served)
    return code[kept], orders.kind[sort][head].astype(np.int64)[kept], served[kept], ends[kept]


def _breaches(context: Context, place: Ints, served: Ints) -> tuple[Ints, Ints]:
    """Return the order and the moment of every event that certainly broke a served order after its service."""
    breach = context.breach
    order = breach.order.astype(np.int64)
    asked = (order >= 0) & (order < len(place)) & context.certain_breach & ~context.duty_only & ~context.told_beside
    rows = np.flatnonzero(asked)
    rows = rows[place[order[rows]] >= 0]
    whose = place[order[rows]]
    at = context.columns.start[breach.row[rows]]
    event = context.event_of_breach[rows]
    after = at >= served[whose]
    whose, at, event = whose[after], at[after], event[after]
    sort = order_by(whose, event, at)
    first = changes(whose[sort], event[sort])
    return whose[sort][first], at[sort][first]


def _last(whose: Ints, at: Ints, n: int) -> Ints:
    last = np.full(n, NEVER, np.int64)
    np.maximum.at(last, whose, at)
    return last


def breach_survival(
    spells: pd.DataFrame,
    *,
    number: int | None = 1,
    by: str | None = None,
    days: Sequence[float] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the share of spells that no breach had ended after so many days, by Kaplan and Meier's estimate.

    Open spells count for as long as they were seen and no longer. The interval is Greenwood's on the scale of the
    logarithm of minus the logarithm, which keeps it within 0 and 1.

    Parameters
    ----------
    spells : pandas.DataFrame
        As :func:`breach_spells` gives them, or any with ``days`` and ``broken``.
    number : int, optional
        Which spells: 1 from service to the first breach (default), 2 from the first breach to the second, and so on;
        None takes the spells as they are.
    by : str, optional
        A column, such as ``kind``: an estimate for each of its values.
    days : sequence of float, optional
        The estimate after so many days; every day on which a spell ended by default.
    confidence : float, default 0.95

    Returns
    -------
    pandas.DataFrame
        (``by``,) ``days``, ``at_risk`` (spells still seen and unbroken just before), ``broken`` (breaches by then),
        ``survival``, ``low``, ``high``; after the longest spell seen, NaN.

    Notes
    -----
    It assumes that orders that end are no likelier to have been broken soon than those that go on. An order that was
    discharged because the two had come together, or a respondent in custody, is neither, and short orders leave the
    count early: compare orders of one kind.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations. *JASA* 53, 457-481.
    Greenwood, M. (1926). The natural duration of cancer. *Reports on Public Health and Medical Subjects* 33, 1-26.

    Examples
    --------
    >>> told = pd.DataFrame({"days": [3.0, 5.0, 5.0, 9.0], "broken": [True, False, True, False]})
    >>> breach_survival(told, number=None)[["days", "at_risk", "survival"]].to_numpy().tolist()
    [[3.0, 4.0, 0.75], [5.0, 3.0, 0.5], [9.0, 1.0, 0.5]]
    """
    needed = ["days", "broken", *(["number"] if number is not None else []), *([by] if by is not None else [])]
    missing = [name for name in needed if name not in getattr(spells, "columns", ())]
    if missing:
        raise UsageError(
            f"There is no column {missing[0]!r} among the spells.",
            where="spells",
            hint="Give the frame that breach_spells returns; number=None takes spells of your own.",
        )
    chosen = spells if number is None else spells[spells["number"] == number]
    if by is None:
        return _curve(chosen, days, confidence)
    parts = [_curve(own, days, confidence).assign(**{by: value}) for value, own in chosen.groupby(by, sort=True)]
    table = pd.concat(parts, ignore_index=True) if parts else _curve(chosen, days, confidence).assign(**{by: []})
    return table[[by, *table.columns.drop(by)]]


def _curve(spells: pd.DataFrame, days: Sequence[float] | None, confidence: float) -> pd.DataFrame:
    length, broken = spells["days"].to_numpy(np.float64), spells["broken"].to_numpy(np.bool_)
    if not np.isfinite(length).all() or (length < 0).any():
        raise UsageError("A spell has no length, or less than none.", where="spells", hint="Days are numbers from 0.")
    at = np.unique(length) if days is None else np.asarray(days, np.float64)
    ends, ended = np.sort(length), np.sort(length[broken])
    table = {
        "days": at,
        "at_risk": len(ends) - np.searchsorted(ends, at, side="left"),
        "broken": np.searchsorted(ended, at, side="right"),
    }
    survival = low = high = np.full(len(at), np.nan)
    if len(length):
        survival, low, high = _estimate(length, broken, at, confidence)
        seen = at <= ends[-1]
        survival, low, high = (np.where(seen, values, np.nan) for values in (survival, low, high))
    return pd.DataFrame(table | {"survival": survival, "low": low, "high": high})


def _estimate(length: Floats, broken: np.ndarray, at: Floats, confidence: float) -> tuple[Floats, Floats, Floats]:
    if not broken.any():  # nothing to estimate a spread from
        return np.ones(len(at)), np.full(len(at), np.nan), np.full(len(at), np.nan)
    held = stats.ecdf(stats.CensoredData(uncensored=length[broken], right=length[~broken])).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # bounds at 0 and 1 are undefined, and NaN says so
        interval = held.confidence_interval(confidence, method="log-log")
    place = np.searchsorted(held.quantiles, at, side="right")

    def steps(values: Floats, before: float) -> Floats:
        return np.asarray(np.append(before, values)[place])

    return (
        steps(held.probabilities, 1.0),
        steps(interval.low.probabilities, np.nan),
        steps(interval.high.probabilities, np.nan),
    )

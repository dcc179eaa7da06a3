"""Shares and medians with their intervals, by month, force, district and kind of order."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.proportions import LEVEL, wilson
from breachpattern.review.measures.definitions import Definition
from breachpattern.review.measures.ledger import DIVISIONS

Floats = npt.NDArray[np.float64]
_TAIL = (1 - LEVEL) / 2
WITHHELD = ["numerator", "denominator", "share", "low", "high", "days", "days_low", "days_high"]


def median_interval(values: Floats) -> tuple[float, float, float]:
    """Return the median of values and its distribution-free interval; NaN where there are too few.

    The ranks of the interval are those of a sign test (Conover, Practical Nonparametric Statistics).

    Examples
    --------
    >>> median_interval(np.arange(1.0, 12.0))
    (6.0, 2.0, 10.0)
    >>> median_interval(np.array([3.0]))
    (3.0, nan, nan)
    """
    from scipy.stats import binom

    kept = np.sort(values[~np.isnan(values)])
    n = len(kept)
    if n == 0:
        return float("nan"), float("nan"), float("nan")
    rank = int(binom.ppf(_TAIL, n, 0.5))
    if binom.cdf(rank - 1, n, 0.5) > _TAIL or rank < 1:
        return float(np.median(kept)), float("nan"), float("nan")
    return float(np.median(kept)), float(kept[rank - 1]), float(kept[n - rank])


def survival(days: Floats, met: npt.NDArray[np.bool_], at_day: int) -> dict[str, float]:
    """Return the Kaplan-Meier share that met its event by a day, its interval, and the median days.

    Kaplan and Meier (1958), Journal of the American Statistical Association 53; log-log interval by
    :func:`scipy.stats.ecdf`.

    Examples
    --------
    >>> survival(np.array([10.0, 20.0, 100.0, 200.0]), np.array([True, True, False, False]), 90)["share"]
    0.5
    """
    from scipy.stats import CensoredData, ecdf

    blank = {"share": np.nan, "low": np.nan, "high": np.nan, "days": np.nan}
    if len(days) == 0:
        return blank
    curve = ecdf(CensoredData(uncensored=days[met], right=days[~met]))
    share = float(curve.cdf.evaluate(at_day))
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        # It has none before the first event and after the last: there NaN says so.
        warnings.filterwarnings("ignore", "The confidence interval is undefined", RuntimeWarning)
        interval = curve.cdf.confidence_interval(method="log-log")
    low, high = (float(side.evaluate(at_day)) for side in (interval.low, interval.high))
    reached = np.flatnonzero(curve.cdf.probabilities >= 0.5)
    half = float(curve.cdf.quantiles[reached[0]]) if len(reached) else np.nan
    return {"share": share, "low": low, "high": high, "days": half}


def rates(definition: Definition, ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the value of a measure over all lines and by each division.

    Parameters
    ----------
    definition : Definition
    ledger : pandas.DataFrame
        See :mod:`breachpattern.review.measures.ledger`.

    Returns
    -------
    pandas.DataFrame
        ``by`` (``all`` or a division), ``of``, ``category``, ``numerator``, ``denominator``, ``share``, ``low``,
        ``high`` (95 %), ``days``, ``days_low``, ``days_high``.
    """
    filled = [division for division in DIVISIONS if ledger[division].notna().any()]
    named = ledger.assign(**{division: ledger[division].fillna("not known") for division in filled})
    parts = [whole(definition, ledger), *(_divided(definition, named, division) for division in filled)]
    table = pd.concat(parts, ignore_index=True)
    return table.astype({"numerator": "Int64", "denominator": "Int64"})


def whole(definition: Definition, ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the value of a measure over all lines; of a mix, of each part."""
    if definition.kind == "mix" and len(ledger):
        return _divided(definition, ledger.assign(all=""), "all")
    days, met = ledger["days"].to_numpy(), ledger["met"].to_numpy()
    out: dict[str, Any] = {"by": "all", "of": [""], "numerator": int(met.sum()), "denominator": len(met)}
    if definition.kind == "survival":
        out |= survival(days, met, definition.at_day)
    elif definition.kind == "days":
        out["days"], out["days_low"], out["days_high"] = median_interval(days)
    return _with_shares(definition, out)


def _divided(definition: Definition, ledger: pd.DataFrame, division: str) -> pd.DataFrame:
    keys = [division, "category"] if definition.kind == "mix" else [division]
    grouped = ledger.groupby(keys, sort=True, dropna=False)
    met = grouped["met"].sum()
    size = grouped["met"].size()
    out = {"by": division, "of": met.index.get_level_values(division), "numerator": met.to_numpy()}
    if definition.kind == "mix":
        out["category"] = met.index.get_level_values("category")
        size = size.groupby(level=division).transform("sum")
    out["denominator"] = size.to_numpy()
    if definition.kind == "survival":
        told = [survival(part["days"].to_numpy(), part["met"].to_numpy(), definition.at_day) for _, part in grouped]
        out |= {name: [each[name] for each in told] for name in ("share", "low", "high", "days")}
    elif definition.kind == "days":
        out["days"] = grouped["days"].median().to_numpy()
    return _with_shares(definition, out)


def _with_shares(definition: Definition, values: dict[str, Any]) -> pd.DataFrame:
    table = pd.DataFrame({"category": "", **dict.fromkeys(WITHHELD, np.nan), **values})
    if definition.kind in ("share", "mix"):
        k, n = (table[name].to_numpy(float) for name in ("numerator", "denominator"))
        table["share"] = np.divide(k, n, out=np.full(len(n), np.nan), where=n > 0)
        table["low"], table["high"] = wilson(k, n)
    return table[["by", "of", "category", *WITHHELD]]

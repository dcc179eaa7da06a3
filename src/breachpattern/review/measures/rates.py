"""Shares and medians with their intervals, by month, force, district and kind of order; small cells withheld."""

from __future__ import annotations

import warnings
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.proportions import LEVEL, wilson
from breachpattern.review.measures.definitions import Definition
from breachpattern.review.measures.ledger import DIVISIONS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
SMALL = 5
_TAIL = (1 - LEVEL) / 2
# Measures of which each counts some of what the one before counts.
STEPS = (("M6.2", "M6.3", "M6.5"), ("M8.30d", "M8.7d", "M8.24h"))
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
    parts = [_whole(definition, ledger), *(_divided(definition, named, division) for division in filled)]
    table = pd.concat(parts, ignore_index=True)
    return table.astype({"numerator": "Int64", "denominator": "Int64"})


def _whole(definition: Definition, ledger: pd.DataFrame) -> pd.DataFrame:
    if definition.kind == "mix" and len(ledger):
        return _divided(definition, ledger.assign(all=""), "all")
    days, met = ledger["days"].to_numpy(), ledger["met"].to_numpy()
    out: dict[str, Any] = {"by": "all", "of": "", "category": "", "numerator": int(met.sum()), "denominator": len(met)}
    if definition.kind == "survival":
        out |= survival(days, met, definition.at_day)
    elif definition.kind == "days":
        out["days"], out["days_low"], out["days_high"] = median_interval(days)
    return _with_shares(definition, pd.DataFrame([out]))


def _divided(definition: Definition, ledger: pd.DataFrame, division: str) -> pd.DataFrame:
    keys = [division, "category"] if definition.kind == "mix" else [division]
    grouped = ledger.groupby(keys, sort=True, dropna=False)
    table = grouped.agg(numerator=("met", "sum"), denominator=("met", "size"), days=("days", "median")).reset_index()
    if definition.kind == "mix":
        table["denominator"] = table.groupby(division)["denominator"].transform("sum")
    table = table.rename(columns={division: "of"}).assign(by=division)
    if definition.kind == "survival":
        told = [survival(part["days"].to_numpy(), part["met"].to_numpy(), definition.at_day) for _, part in grouped]
        table = table.drop(columns="days").join(pd.DataFrame(told, index=table.index))
    return _with_shares(definition, table)


def _with_shares(definition: Definition, table: pd.DataFrame) -> pd.DataFrame:
    blank = dict.fromkeys([name for name in WITHHELD if name not in table], np.nan)
    table = table.assign(**blank, category=table.get("category", ""))
    if definition.kind in ("share", "mix"):
        n = table["denominator"].to_numpy(float)
        share = np.divide(table["numerator"].to_numpy(float), n, out=np.full(len(n), np.nan), where=n > 0)
        low, high = wilson(table["numerator"], table["denominator"])
        table = table.assign(share=share, low=low, high=high, days=np.nan)
    return table[["by", "of", "category", *WITHHELD]]


def withheld(table: pd.DataFrame, under: int = SMALL) -> pd.DataFrame:
    """Return a table fit to publish: no cell from which fewer people than ``under`` could be singled out.

    A cell is withheld where its numerator, its denominator, or what is between them is 1 to ``under - 1``, and where it
    differs by so few from an earlier step of the same measure (two breaches, three, five). What is withheld of one
    total could be worked out from the rest: so others go with it, the smallest first, until they are two at least and
    together no small count. A part whose size is small is chosen by sizes alone, so that measures of the same records
    withhold the same parts.

    Parameters
    ----------
    table : pandas.DataFrame
        As :func:`rates` gives, with ``measure`` where it holds several.

    Returns
    -------
    pandas.DataFrame
        With a column ``withheld``.
    """
    table = table.reset_index(drop=True)
    k, n = (table[name].fillna(0).to_numpy(np.int64) for name in ("numerator", "denominator"))
    hidden = _small(k, under) | _small(n, under) | _small(n - k, under) | _steps(table, k, n, under)
    mixed = (table["category"] != "").to_numpy()
    measure = table["measure"] if "measure" in table else pd.Series("", index=table.index)
    of_total = (measure + "|" + table["by"]).where(table["by"] != "all", "")
    for places in _groups(of_total):
        _hide_sizes(hidden, places, table["of"].to_numpy()[places], n, under)
    # The parts of one total: the divisions of a measure; of a mix also the categories of one division.
    divisions = measure + "|" + table["by"] + "|" + table["category"]
    categories = (measure + "|" + table["by"] + "|" + table["of"]).where(mixed, "")
    additive = [(divisions, (k, n, n - k)), (categories, (k,))]
    before = -1
    while before != (before := int(hidden.sum())):
        for label, counts in additive:
            for places in _groups(label):
                _hide_parts(hidden, places, counts, n, under)
    out = table.assign(withheld=hidden)
    out.loc[hidden, WITHHELD] = pd.NA
    return out


def _small(count: Any, under: int) -> Any:
    return (count > 0) & (count < under)


def _steps(table: pd.DataFrame, k: Ints, n: Ints, under: int) -> Bools:
    """Return where a cell is so near to that of an earlier step of the same measure that few lie between."""
    hidden = np.zeros(len(table), np.bool_)
    if "measure" not in table:
        return hidden
    cells = table[["by", "of", "measure"]].assign(place=np.arange(len(table)))
    for steps in STEPS:
        for earlier, later in combinations(steps, 2):
            one, other = (cells[cells["measure"] == step] for step in (earlier, later))
            both = one.merge(other, on=["by", "of"])
            first, second = both["place_x"].to_numpy(np.int64), both["place_y"].to_numpy(np.int64)
            near = (n[first] == n[second]) & _small(np.abs(k[first] - k[second]), under)
            hidden[second[near]] = True
    return hidden


def _groups(label: pd.Series) -> list[Ints]:
    """Return the places of each label that several rows share; a blank one is none."""
    names, which = np.unique(label.to_numpy(str), return_inverse=True)
    parts = np.split(np.argsort(which, kind="stable"), np.cumsum(np.bincount(which))[:-1])
    return [places for name, places in zip(names, parts, strict=True) if name and len(places) > 1]


def _hide_sizes(hidden: Bools, places: Ints, parts: npt.NDArray[Any], n: Ints, under: int) -> None:
    """Withhold whole parts of a total until nobody can work out the size of a small one."""
    _, first, which = np.unique(parts, return_index=True, return_inverse=True)
    sizes = n[places[first]]
    gone = np.asarray(_small(sizes, under))
    while gone.any() and not gone.all() and (gone.sum() == 1 or _small(sizes[gone].sum(), under)):
        left = np.flatnonzero(~gone)
        gone[left[np.argmin(np.where(sizes[left] > 0, sizes[left], np.iinfo(np.int64).max))]] = True
    hidden[places[gone[which.reshape(-1)]]] = True


def _hide_parts(hidden: Bools, places: Ints, counts: tuple[Ints, ...], n: Ints, under: int) -> None:
    """Withhold parts of a total until those withheld are two at least, and together no small count."""
    k = counts[0]
    while True:
        gone, left = places[hidden[places]], places[~hidden[places]]
        apart = len(gone) > 1 and not any(_small(count[gone].sum(), under) for count in counts)
        if len(gone) == 0 or len(left) == 0 or apart:
            return
        # A cell of nought or of all hides nothing: the others first.
        plain = (k[left] == 0) | (k[left] == n[left])
        hidden[left[np.lexsort((n[left], k[left], plain, n[left] == 0))[0]]] = True

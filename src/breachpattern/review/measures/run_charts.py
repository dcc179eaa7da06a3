"""Run charts: a share by month, and how far it varies by chance. A shift is shown only when it is one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.review.measures.definitions import definitions
from breachpattern.spans import london_day

BASELINE, RUN = 12, 8
TAIL = 0.00135  # beyond three standard deviations, of a normal distribution
CHANCE = 0.01  # a run is a shift only where chance alone would give so long a one once in a hundred times
_MEAN_MOVING_RANGE = 1.128  # of two draws from a standard normal distribution


COLUMNS = ("month", "numerator", "denominator", "share", "centre", "lower", "upper", "signal")
JUDGED = ["centre", "lower", "upper"]


def run_charts(measures: pd.DataFrame, last: str) -> pd.DataFrame:
    """Return the run chart of every share that has months.

    Parameters
    ----------
    measures : pandas.DataFrame
        As :class:`~breachpattern.review.measures.audit.Audit` has them. Where it has a column ``withheld``, the charts
        are made of what is shown alone: a month that is withheld is passed over, and a chart with such a month among
        its first twelve is not judged, for its centre would tell what was withheld.
    last : str
        The month that is not over yet.
    """
    shares = [key for key, definition in definitions().items() if definition.kind == "share"]
    wanted = (measures["by"] == "month") & (measures["of"] != "not known") & measures["measure"].isin(shares)
    charts = [
        (_published if "withheld" in part else run_chart)(part, last).assign(measure=key)
        for key, part in measures[wanted].groupby("measure", sort=False)
    ]
    names = ["measure", *COLUMNS, *(["withheld"] if "withheld" in measures else [])]
    return pd.concat(charts, ignore_index=True)[names] if charts else pd.DataFrame(columns=names)


def _published(months: pd.DataFrame, last: str) -> pd.DataFrame:
    hidden = months["withheld"].to_numpy(bool)
    chart = run_chart(months[~hidden], last).assign(withheld=False)
    if hidden[np.flatnonzero((months["of"] != last).to_numpy())[:BASELINE]].any():
        chart = chart.assign(**dict.fromkeys(JUDGED, np.nan), signal="")
    blank = pd.DataFrame({"month": months["of"][hidden].astype(str), "signal": "", "withheld": True})
    whole = pd.concat([chart.astype({"numerator": "Int64", "denominator": "Int64"}), blank], ignore_index=True)
    return whole.sort_values("month", ignore_index=True)


def run_chart(months: pd.DataFrame, last: str = "") -> pd.DataFrame:
    """Return the months of a share with centre, limits and signals.

    The centre and the limits come from the first twelve complete months. Limits are three standard deviations of a
    share of that denominator, or the binomial quantiles where these are wider, widened where the months vary more than
    chance (Laney 2002, Quality Engineering 14: p' charts). A signal is a month beyond the limits, or eight months in a
    row on one side of the centre, none of them in the twelve; more than eight where counts are so small that most
    months lie on that side anyway. With fewer than thirteen months nothing is judged.

    Parameters
    ----------
    months : pandas.DataFrame
        ``of`` (``2025-03``), ``numerator``, ``denominator``, in time order.
    last : str
        The month that is not over yet: shown, never judged.

    Returns
    -------
    pandas.DataFrame
        ``month``, ``numerator``, ``denominator``, ``share``, ``centre``, ``lower``, ``upper``, ``signal``.

    Examples
    --------
    >>> months = pd.DataFrame({"of": [f"2024-{m:02}" for m in range(1, 13)] + ["2025-01"],
    ...                        "numerator": [50, 48] * 6 + [90], "denominator": [100] * 13})
    >>> run_chart(months)["signal"].tolist()[-2:]
    ['', 'above the limits']
    """
    from scipy.stats import binom

    kept = months[months["denominator"] > 0]
    month = kept["of"].astype(str).to_numpy()
    k, n = (kept[name].to_numpy(float) for name in ("numerator", "denominator"))
    share = k / n
    complete = np.flatnonzero(month != last)
    centre, lower, upper = (np.full(len(month), np.nan) for _ in range(3))
    signal = np.full(len(month), "", dtype=object)
    base = complete[:BASELINE]
    if len(complete) > BASELINE:
        # A year of nothing but zeros is no promise that there will never be one.
        middle = float(np.clip(k[base].sum() / n[base].sum(), 0.5 / n[base].sum(), 1 - 0.5 / n[base].sum()))
        sd = np.sqrt(middle * (1 - middle) / n) * _overdispersion(share[base], n[base], middle)
        centre[:], lower, upper = middle, np.maximum(middle - 3 * sd, 0), np.minimum(middle + 3 * sd, 1)
        # Small counts are far from normal.
        lower, upper = (
            np.minimum(lower, binom.ppf(TAIL, n, middle) / n),
            np.maximum(upper, binom.isf(TAIL, n, middle) / n),
        )
        judged = complete[BASELINE:]
        above, below = binom.sf(np.floor(middle * n), n, middle), binom.cdf(np.ceil(middle * n) - 1, n, middle)
        likely = np.where(share > middle, above, below) / (above + below)
        _judge(signal, judged, share - middle, likely, share, lower, upper)
    whole: dict[str, Any] = {
        "month": month, "numerator": k.astype(int), "denominator": n.astype(int), "share": share, "centre": centre,
        "lower": lower, "upper": upper, "signal": signal,
    }  # fmt: skip
    return pd.DataFrame(whole)


def _overdispersion(share: npt.NDArray[np.float64], n: npt.NDArray[np.float64], middle: float) -> float:
    z = (share - middle) / np.sqrt(middle * (1 - middle) / n)
    return max(1.0, float(np.abs(np.diff(z)).mean()) / _MEAN_MOVING_RANGE)


def _judge(
    signal: npt.NDArray[np.object_],
    judged: npt.NDArray[np.int64],
    side: npt.NDArray[np.float64],
    likely: npt.NDArray[np.float64],
    share: npt.NDArray[np.float64],
    lower: npt.NDArray[np.float64],
    upper: npt.NDArray[np.float64],
) -> None:
    run: list[int] = []
    for place in judged.tolist():
        if side[place] == 0:
            continue  # a month on the centre line neither makes nor ends a run
        run = [*run, place] if run and np.sign(side[run[-1]]) == np.sign(side[place]) else [place]
        if len(run) >= RUN and likely[run].prod() <= CHANCE:
            signal[run] = "shift upwards" if side[place] > 0 else "shift downwards"
    for place in judged.tolist():
        if share[place] > upper[place] or share[place] < lower[place]:
            signal[place] = "above the limits" if share[place] > upper[place] else "below the limits"


def month_of(second: int) -> str:
    """Return the London month of a second, such as ``2025-03``."""
    return str(np.datetime64(london_day(second), "D").astype("M8[M]"))

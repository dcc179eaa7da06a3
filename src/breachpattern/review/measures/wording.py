"""The value of a measure in words, and as plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

# Columns that an extract can hold and that are read only where somebody asks for them.
_ASKED_FOR = {
    "incidents.narrative": "incidents.narrative (such a column is read only with --narrative, keep_narrative=True)"
}


def said(row: Mapping[str, Any] | pd.Series) -> str:
    """Return the value of a measure in words.

    Examples
    --------
    >>> said({"status": "computed", "numerator": 3, "denominator": 4, "share": 0.75, "low": 0.3, "high": 0.95,
    ...       "days": float("nan"), "category": ""})
    '75 % (3 of 4; 30 to 95 %)'
    >>> said({"status": "not computed", "missing": "orders|actions.arrest;incidents.outcome"})
    'not computed: the extract has no orders or actions.arrest, no incidents.outcome'
    """
    if row["status"] != "computed":
        needs = [" or ".join(_ASKED_FOR.get(one, one) for one in need.split("|")) for need in row["missing"].split(";")]
        return f"not computed: the extract has no {', no '.join(needs)}"
    note = f"; {row['note']}" if row.get("note") else ""
    if row.get("withheld"):
        return f"withheld: small numbers{note}"
    category = f"{row['category']}: " if row.get("category") else ""
    if row["denominator"] == 0:
        return f"nothing to count{note}"
    share, low, days = (_number(row, name) for name in ("share", "low", "days"))
    median = "" if math.isnan(days) else f"median {days:.0f} days"
    if math.isnan(share):
        return f"{median} ({row['denominator']:,} counted){note}"
    between = "" if math.isnan(low) else f"; {100 * low:.0f} to {100 * row['high']:.0f} %"
    by_a_day = abs(share - row["numerator"] / row["denominator"]) > 1e-9  # the share by a day, of what came in the end
    end = " in the end" if by_a_day else ""
    counts = f"{row['numerator']:,} of {row['denominator']:,}{end}{between}{'; ' + median if median else ''}"
    return f"{category}{100 * share:.0f} % ({counts}){note}"


def _number(row: Mapping[str, Any] | pd.Series, name: str) -> float:
    value = row.get(name)
    return math.nan if value is None or value is pd.NA else float(value)


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as plain Python, each without its blanks."""
    return [without_blanks(row) for row in frame.astype(object).to_dict("records")]  # type: ignore[arg-type]


def without_blanks(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is filled in, as plain Python."""
    kept = {}
    for name, value in row.items():
        if isinstance(value, tuple):
            value = list(value)
        blank = value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))
        if not blank:
            kept[name] = value.item() if isinstance(value, np.generic) else value
    return kept

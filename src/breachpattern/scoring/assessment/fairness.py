"""Fairness: how the lists treat groups of people. The one place that joins sensitive attributes, for totals only.

No attribute enters a score here or anywhere; small groups and small numbers are not shown, because a rate of few
people says little and may say it about somebody.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.errors import MissingDependency, UsageError
from breachpattern.proportions import wilson
from breachpattern.scoring.assessment.intervals import newcombe
from breachpattern.spans import LONDON

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis

Floats = npt.NDArray[np.float64]

MINIMUM = 30
SMALLEST_CELL = 5
NOT_KNOWN = "not known"
AGES = (18, 25, 35, 50, 65)


def _selected(_: Any, shown: Any) -> tuple[int, int]:
    return int(np.sum(shown)), len(shown)


def _found(truth: Any, shown: Any) -> tuple[int, int]:
    return int(np.sum(np.asarray(shown)[np.asarray(truth) == 1])), int(np.sum(truth))


def _for_nothing(truth: Any, shown: Any) -> tuple[int, int]:
    return int(np.sum(np.asarray(shown)[np.asarray(truth) == 0])), int(np.sum(1 - np.asarray(truth)))


def _right(truth: Any, shown: Any) -> tuple[int, int]:
    return int(np.sum(np.asarray(truth)[np.asarray(shown) == 1])), int(np.sum(shown))


# Each gives what was counted and out of how many, so that an interval can be put around it.
MEASURES = {
    "selection_rate": _selected,
    "true_positive_rate": _found,
    "false_positive_rate": _for_nothing,
    "precision": _right,
}


def attributes_of(analysis: Analysis) -> pd.DataFrame:
    """Return what the persons table says of each person that matters for fairness: sex and a group of ages.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    pandas.DataFrame
        By ``person_id``: ``sex`` and ``age_group`` at the instant of the analysis, ``not known`` where blank. A force
        adds columns of its own, such as recorded ethnicity, before it asks for fairness.

    Examples
    --------
    >>> import breachpattern as bp
    >>> rows = [{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1"}]
    >>> people = [{"person_id": "P1", "sex": "M", "date_of_birth": "1990-05-01"}]
    >>> attributes_of(bp.Analyser().analyse(bp.read_extract(rows, persons=people), as_of="2025-12-31")).values.tolist()
    [['M', '35-49']]
    """
    persons = analysis.extract.persons.select(["person_id", "sex", "date_of_birth"]).to_pandas()
    persons = persons.drop_duplicates("person_id").set_index("person_id").sort_index()
    born = pd.to_datetime(persons["date_of_birth"], format="%Y-%m-%d", errors="coerce")
    today = pd.Timestamp(analysis.as_of, unit="s", tz="UTC").tz_convert(LONDON)
    to_come = (born.dt.month > today.month) | ((born.dt.month == today.month) & (born.dt.day > today.day))
    years = today.year - born.dt.year - to_come
    words = [
        f"under {AGES[0]}",
        *(f"{a}-{b - 1}" for a, b in pairwise(AGES)),
        f"{AGES[-1]} and over",
    ]
    group = pd.cut(years, [-np.inf, *AGES, np.inf], labels=words, right=False).astype(object)
    sex = persons["sex"].astype(object)
    return pd.DataFrame({"sex": sex.where(sex.notna(), NOT_KNOWN), "age_group": group.where(group.notna(), NOT_KNOWN)})


def fairness_by_group(
    truth: Any, shown: Any, groups: pd.Series[Any], *, minimum: int = MINIMUM, smallest_cell: int = SMALLEST_CELL
) -> pd.DataFrame:
    """Return how often each group is shown, found, shown for nothing and shown rightly.

    Parameters
    ----------
    truth, shown : (n,) array-like of 0 and 1
        Whether a unit is a course of conduct, and whether it was on a list.
    groups : (n,) pandas.Series
        The group of each unit; its name is the attribute. Blank counts as ``not known``.
    minimum : int, default 30
        A rate of fewer units is suppressed.
    smallest_cell : int, default 5
        Where fewer units of a group are shown, or are not, nothing of it is told; where fewer are found, missed, shown
        for nothing or rightly left alone, only its selection rate is: each of the four follows from the other rates.

    Returns
    -------
    pandas.DataFrame
        ``attribute``, ``group``, ``measure``, ``count`` (out of how many), ``value``, ``low``, ``high`` (Wilson, 95 %),
        ``difference`` from the largest group with ``difference_low`` and ``difference_high`` (Newcombe, 95 %),
        ``note``. Where a small number alone is suppressed, the next smallest group goes with it in every measure, so
        that nobody can take the others from the total.

    Raises
    ------
    MissingDependency
        Where fairlearn is not installed; the message holds the install line.

    Notes
    -----
    Counts come from :class:`fairlearn.metrics.MetricFrame`. Differences between groups in what is found can come
    from how people are policed and recorded as much as from the ranking: the table says where to look.
    """
    try:
        from fairlearn.metrics import MetricFrame
    except ImportError:
        raise MissingDependency.for_extra("fairlearn", "ml", "compare groups") from None
    truth, shown = np.asarray(truth, np.int64), np.asarray(shown, np.int64)
    if not len(truth) == len(shown) == len(groups):
        raise UsageError(
            f"{len(truth)} truths, {len(shown)} choices and {len(groups)} groups do not match.",
            hint="Give one of each for each row.",
        )
    attribute = str(groups.name or "group")
    named = groups.astype(object).where(groups.notna(), NOT_KNOWN).astype(str).to_numpy()
    if len(truth) == 0:
        return pd.DataFrame(columns=_COLUMNS)
    frame = MetricFrame(metrics=MEASURES, y_true=truth, y_pred=shown, sensitive_features={attribute: named})
    counted = frame.by_group
    notes = _notes(counted, minimum, smallest_cell)
    parts = [_rates(attribute, measure, counted[measure], notes[measure]) for measure in MEASURES]
    return pd.concat(parts, ignore_index=True)[_COLUMNS]


_COLUMNS = [
    "attribute", "group", "measure", "count", "value", "low", "high",
    "difference", "difference_low", "difference_high", "note",
]  # fmt: skip


def _pairs(counted: pd.Series[Any]) -> tuple[Floats, Floats]:
    hits, count = (np.array([pair[i] for pair in counted], dtype=np.float64) for i in (0, 1))
    return hits, count


def _small(counted: pd.DataFrame, cell: int) -> dict[str, npt.NDArray[np.bool_]]:
    """Return for each measure which groups have too small a number behind it, or behind what it would give away."""
    least = {}
    for measure in MEASURES:
        hits, count = _pairs(counted[measure])
        least[measure] = np.minimum(hits, count - hits) < cell
    inner = least["true_positive_rate"] | least["false_positive_rate"]
    return {m: least["selection_rate"] | (inner if m != "selection_rate" else False) for m in MEASURES}


def _notes(counted: pd.DataFrame, minimum: int, cell: int) -> dict[str, npt.NDArray[Any]]:
    """Return for each measure why the rate of each group is not told, blank where it is.

    Measures give each other away (who is shown is a numerator of one and the denominator of another), so the group that
    keeps a suppressed one company is the same in all of them.
    """
    small, notes = _small(counted, cell), {}
    for measure in MEASURES:
        note = np.where(_pairs(counted[measure])[1] < minimum, f"fewer than {minimum}", "").astype(object)
        note[(note == "") & small[measure]] = "a small number"
        notes[measure] = note
    hidden = np.array([note != "" for note in notes.values()])
    alone = [m for m, there in zip(MEASURES, hidden, strict=True) if there.sum() == 1 and small[m][there].all()]
    hiding = np.any([notes[m] != "" for m in alone], axis=0)
    others = np.flatnonzero(~hiding)
    if alone and len(others):
        units = _pairs(counted["selection_rate"])[1][others]
        company = others[np.lexsort((units, hidden[:, others].any(axis=0)))[0]]
        for note in notes.values():
            note[company] = note[company] or "would give another group away"
    return notes


def _rates(attribute: str, measure: str, counted: pd.Series[Any], note: npt.NDArray[Any]) -> pd.DataFrame:
    hits, count = _pairs(counted)
    hidden = note != ""
    low, high = wilson(hits, count)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = hits / count
    shown = ~hidden
    largest = int(np.argmax(np.where(shown, count, -1)))
    down, up = newcombe(hits, count, hits[largest], count[largest])
    compared = shown & (np.arange(len(count)) != largest)
    table = pd.DataFrame({"attribute": attribute, "group": counted.index.astype(str), "measure": measure})
    table["count"] = np.where(shown, count, np.nan)
    for name, column, kept in (
        ("value", value, shown), ("low", low, shown), ("high", high, shown),
        ("difference", value - value[largest], compared), ("difference_low", down, compared),
        ("difference_high", up, compared),
    ):  # fmt: skip
        table[name] = np.where(kept, column, np.nan)
    return table.assign(note=note)


def missingness_by_group(
    features: pd.DataFrame, groups: pd.Series[Any], *, minimum: int = MINIMUM, smallest_cell: int = SMALLEST_CELL
) -> pd.DataFrame:
    """Return the share of units for which each feature is blank, by group.

    Parameters
    ----------
    features : (n, features) pandas.DataFrame
    groups : (n,) pandas.Series
        In the order of the features; its name is the attribute.
    minimum, smallest_cell : int
        As in :func:`fairness_by_group`; that no unit, or every unit, lacks a value is nothing about anybody and shown.

    Returns
    -------
    pandas.DataFrame
        ``attribute``, ``group``, ``feature``, ``count``, ``missing`` (share), ``low``, ``high``, ``note``; features of
        which nothing is missing in any group are left out.
    """
    named = groups.astype(object).where(groups.notna(), NOT_KNOWN).astype(str).to_numpy()
    blank = features.isna()
    blank = blank.loc[:, blank.any()]
    hits = blank.groupby(named).sum().rename_axis(index="group").reset_index()
    table = hits.melt(id_vars="group", var_name="feature", value_name="hits")
    size = pd.Series(named).value_counts()
    count = size.reindex(table["group"]).to_numpy(np.float64)
    number = table["hits"].to_numpy(np.float64)
    few = (count < minimum) | ((np.minimum(number, count - number) < smallest_cell) & (number > 0) & (number < count))
    low, high = wilson(number, count)
    table.insert(0, "attribute", str(groups.name or "group"))
    for name, column in (("count", count), ("missing", number / count), ("low", low), ("high", high)):
        table[name] = np.where(few, np.nan, column)
    return table.drop(columns="hits").assign(note=np.where(few, "too few", ""))

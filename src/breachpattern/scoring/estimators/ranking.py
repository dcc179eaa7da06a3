"""A worklist by any estimator: the findings of a run, or its courses or dyads, in another order and no other number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from breachpattern.errors import ScoringError
from breachpattern.patterns.context import Context
from breachpattern.patterns.populations import population
from breachpattern.scoring.estimators.frame import LEVEL, Unit, pattern_frame, place
from breachpattern.scoring.estimators.sums import Floats
from breachpattern.scoring.features.selection import refuse_sensitive
from breachpattern.vocabulary import LEVELS

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis

# In this order: points as they are added up, then log-odds, which order rows that a probability rounds to one.
METHODS = ("score_samples", "decision_function", "predict_proba")


def rank(analysis: Analysis, scorer: Any, features: pd.DataFrame, *, within_level: bool = True) -> pd.DataFrame:
    """Return the findings of a run in the order of any estimator: level, then its score, then the rank of the rules.

    Nothing is added and nothing is left out; a finding without a score, because it is about no unit that has one,
    comes after those that have one.

    Parameters
    ----------
    analysis : Analysis
    scorer : estimator
        Fitted: one of this room, or any classifier or pipeline of scikit-learn with ``decision_function`` or
        ``predict_proba``. The higher, the earlier.
    features : pandas.DataFrame
        One row for every course or every dyad of the analysis, indexed like :func:`feature_frame` and
        :func:`pattern_frame`. A finding has the highest score of the units that it is about.
    within_level : bool, default True
        Whether a finding of a higher level stays before one of a lower level. A level is what a rule and the law
        behind it say; set it aside only where people have decided to follow the learnt score alone.

    Returns
    -------
    pandas.DataFrame
        The columns of ``findings.csv`` with a new ``rank``, and ``learnt_score`` and ``rule_rank`` after it.

    Raises
    ------
    ScoringError
        Where rows or columns are missing, a column is a sensitive attribute, or the estimator gives no order of two
        classes.

    Examples
    --------
    >>> import breachpattern as bp
    >>> from breachpattern.scoring import PatternScorer, pattern_frame
    >>> who = {"suspect_id": "P1", "victim_id": "V1", "behaviours": "follow"}
    >>> rows = [{"incident_id": f"I{d}", "occurred_from": f"2025-03-0{d}T10:00"} | who for d in (1, 4)]
    >>> analysis = bp.Analyser().analyse(bp.read_extract(rows), as_of="2025-12-31")
    >>> frame = pattern_frame(analysis)
    >>> rank(analysis, PatternScorer().fit(frame), frame)["rank"].tolist()
    [1]
    """
    placed = place(analysis, unit_of(features))
    score = scores(scorer, _every(features, placed.index))
    best = np.full(len(analysis.found), -np.inf)
    np.maximum.at(best, placed.finding, score[placed.unit])
    level = analysis.found.level if within_level else np.zeros(len(best), np.int64)
    # Findings come in the rank of the rules, which settles what is left: points, recency, id.
    order = np.lexsort((-best, -level))
    frame = analysis.findings.to_frame().iloc[order].reset_index(drop=True)
    frame.insert(1, "rule_rank", frame["rank"])
    frame.insert(1, "learnt_score", np.where(np.isneginf(best), np.nan, best)[order])
    return frame.assign(rank=np.arange(1, len(frame) + 1))


def rank_units(analysis: Analysis, scorer: Any, features: pd.DataFrame, *, within_level: bool = False) -> pd.DataFrame:
    """Return every course or dyad in the order of any estimator: its score, then recency, then id.

    Parameters
    ----------
    analysis, scorer, features
        As :func:`rank` takes them.
    within_level : bool, default False
        Whether the level of its first-ranked finding goes before the score of a unit. A unit has no level of its own,
        and what was never found has none at all.

    Returns
    -------
    pandas.DataFrame
        Indexed like ``features``: ``rank`` (1 is the first to look at), ``score``, ``level`` of its first-ranked
        finding (blank where it has none) and ``last_at``, when it last showed (UTC).

    Raises
    ------
    ScoringError
        As :func:`rank` does.

    Examples
    --------
    >>> import breachpattern as bp
    >>> from breachpattern.scoring import PatternScorer, pattern_frame
    >>> rows = [{"incident_id": f"I{d}", "occurred_from": f"2025-03-0{d}T10:00", "suspect_id": "P1", "victim_id": "V1",
    ...          "behaviours": "follow"} for d in (1, 4)]
    >>> analysis = bp.Analyser().analyse(bp.read_extract(rows), as_of="2025-12-31")
    >>> frame = pattern_frame(analysis, "dyad")
    >>> rank_units(analysis, PatternScorer().fit(frame), frame)[["rank", "score", "level"]].to_dict("records")
    [{'rank': 1, 'score': 614.0, 'level': 'medium'}]
    """
    unit = unit_of(features)
    placed = place(analysis, unit)
    rows = _every(features, placed.index)
    score = scores(scorer, rows)
    last = population(Context(analysis.timelines), unit).last_at
    level = pattern_frame(analysis, unit)[LEVEL].reindex(placed.index).to_numpy().astype(np.int64)
    name = np.empty(len(rows), np.int64)
    name[placed.index.argsort()] = np.arange(len(rows))
    order = np.lexsort((name, -last, -score, -level if within_level else np.zeros(len(rows))))
    words = np.array(["", *LEVELS.values], dtype=object)
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(rows) + 1),
            "score": score[order],
            "level": words[level[order]],
            "last_at": pd.to_datetime(last[order], unit="s", utc=True),
        },
        index=rows.index[order],
    )


def unit_of(features: pd.DataFrame) -> Unit:
    """Return what the rows are, by their index."""
    names = list(features.index.names)
    if names == ["course_id"]:
        return "course"
    if names == ["suspect_id", "victim_id"]:
        return "dyad"
    raise ScoringError(
        f"Rows indexed by {', '.join(map(str, names))} are neither courses nor dyads.", where="features",
        hint="Index them by course_id, or by suspect_id and victim_id, as feature_frame does.",
    )  # fmt: skip


def scores(scorer: Any, features: pd.DataFrame) -> Floats:
    """Return one number for each row, the higher the earlier; a blank comes last.

    Examples
    --------
    >>> from breachpattern.scoring import PatternScorer
    >>> frame = pd.DataFrame({"finding_level": [4.0, 2.0]})
    >>> scores(PatternScorer().fit(frame), frame.assign(unused=0.0)).tolist()
    [800.0, 400.0]
    """
    method = next((getattr(scorer, name) for name in METHODS if hasattr(scorer, name)), None)
    if method is None:
        raise ScoringError(
            f"A {type(scorer).__name__} gives no scores.", where="scorer",
            hint="Use one with decision_function or predict_proba, such as a classifier.",
        )  # fmt: skip
    found = np.asarray(method(_columns(scorer, features)), dtype=np.float64)
    found = found[:, 1] if found.ndim == 2 and found.shape[1] == 2 else found
    if found.shape != (len(features),):
        raise ScoringError(
            f"A {type(scorer).__name__} gives scores of the shape {found.shape} for {len(features)} rows.",
            where="scorer", hint="It has to tell two classes apart, the second being those to look at.",
        )  # fmt: skip
    return np.where(np.isnan(found), -np.inf, found)


def _columns(scorer: Any, features: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that an estimator was fitted to, in its order."""
    wanted: Sequence[str] | None = getattr(scorer, "feature_names_in_", None)
    refuse_sensitive(features.columns if wanted is None else wanted, "features")
    if wanted is None:
        return features
    missing = [name for name in wanted if name not in features.columns]
    if missing:
        raise ScoringError(
            f"{_listed(missing)} not among the features, and the model was fitted to {len(wanted)} of them.",
            where="features", hint="Make them as for training: the same columns of feature_frame and pattern_frame.",
        )  # fmt: skip
    return features[list(wanted)]


def _every(features: pd.DataFrame, units: pd.Index) -> pd.DataFrame:
    """Return the rows in the order of the units, of which none may be missing and none unknown."""
    repeated = features.index[features.index.duplicated()]
    missing, unknown = units.difference(features.index), features.index.difference(units)
    for these, said in ((repeated, "stand twice"), (missing, "have no row"), (unknown, "are not of this analysis")):
        if len(these):
            raise ScoringError(
                f"{len(these):,} of the units {said}, such as {these[0]}.", where="features",
                hint="Make the rows from this analysis, as of the same instant, and leave none out.",
            )  # fmt: skip
    return features.reindex(units)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more are" if len(names) > 3 else " is" if len(names) == 1 else " are"
    return f"{', '.join(names[:3])}{more}"

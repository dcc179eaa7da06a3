"""One call: several scorers against what is true, in the same run, with everything that a reader asks for next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.errors import ScoringError, UsageError
from breachpattern.scoring.assessment.intervals import Resamples
from breachpattern.scoring.assessment.labels import decided
from breachpattern.scoring.assessment.lists import Snapshot, stability
from breachpattern.scoring.assessment.measures import calibration_curve, decision_curve
from breachpattern.scoring.assessment.pool import Pool
from breachpattern.scoring.assessment.result import RankingAssessment
from breachpattern.scoring.assessment.scorers import Frame, Scoring, gives_probabilities, with_baselines
from breachpattern.scoring.assessment.split import connected_people
from breachpattern.scoring.assessment.units import units_of
from breachpattern.scoring.estimators.frame import Unit
from breachpattern.scoring.estimators.ranking import unit_of
from breachpattern.scoring.given import the_analysis
from breachpattern.spans import DAY

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis

Floats = npt.NDArray[np.float64]

CAPACITY = 30
ACTIVE_DAYS = 365


def assess_ranking(
    analyses: Analysis | Iterable[Analysis],
    labels: pd.Series[Any],
    scorers: dict[str, Any] | None = None,
    *,
    unit: Unit | None = None,
    capacity: int = CAPACITY,
    active_days: int | None = ACTIVE_DAYS,
    features: Frame | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> RankingAssessment:
    """Return how well scorers order units, beside the rule rank and what forces use today, in the same run.

    Parameters
    ----------
    analyses : Analysis or iterable of Analysis
        The same extract as it was known at one instant, or at several in order, such as the end of every week: each is
        one worklist. They are looked at one after the other, so a generator needs the memory of one.
    labels : pandas.Series
        What is true, by the index of the units: people's decisions (``confirmed``, ``rejected``; ``unsure``,
        ``unreviewed`` and blank are no labels), true and false, or :func:`truth_labels`. Units without a label take no
        part and are counted; leave out those of people whom a scorer was trained on.
    scorers : dict of str to scorer, optional
        Fitted scikit-learn estimators (they get the features), functions of :class:`Units`, or series of scores. The
        baselines are always added.
    unit : {"course", "dyad"}, optional
        What is ranked: by default what the index of the labels says. Courses at one instant only: their ids change as
        they grow.
    capacity : int, default 30
        Units that a person can look at from one worklist.
    active_days : int or None, default 365
        Only units with a record that became known in so many days before the instant; ``None`` for all.
    features : callable, optional
        Gives the features of :class:`Units`, one row each; by default those of
        :func:`breachpattern.scoring.feature_frame` and :func:`breachpattern.scoring.pattern_frame` side by side.
    resamples : int, default 1000
        Of connected people, for the intervals.
    seed : int, default 0

    Returns
    -------
    RankingAssessment
        Prints itself; ``to_frame``, ``plot``, ``fairness``, ``model_card``.

    Raises
    ------
    UsageError
        Where there is no analysis or they are not in order, no active unit has a label, a label is none or is about
        neither courses nor dyads, or a number is below 1.

    Examples
    --------
    >>> import breachpattern as bp
    >>> from breachpattern.scoring.assessment import truth_labels
    >>> force = bp.simulate(3_000, seed=1)
    >>> analysis = bp.Analyser().analyse(bp.read_extract(**force.tables()), as_of="2025-12-31")
    >>> found = assess_ranking(analysis, truth_labels(analysis, force.truth, "dyad"), capacity=10, resamples=50)
    >>> found.to_frame()["measure"].unique().tolist()
    ['average_precision', 'precision_at_10', 'recall_at_10']
    """
    if capacity < 1 or resamples < 1:
        raise UsageError(f"Nobody looks at {capacity} units, or draws {resamples} resamples.", hint="Give 1 or more.")
    wanted, truth_of = with_baselines(scorers), decided(labels)
    unit = unit or _unit_of(labels)
    snapshots: list[Snapshot] = []
    unlabelled = 0
    analysis: Analysis | None = None
    for analysis in _each(analyses):
        snapshot, unlabelled = _snapshot(analysis, truth_of, wanted, unit, active_days, features)
        if snapshots and unit == "course":
            raise UsageError(
                "A course has another id as soon as it grows, so lists of courses cannot follow each other.",
                hint="Assess dyads at several instants, or courses at one.",
            )
        if snapshots and snapshot.as_of <= snapshots[-1].as_of:
            raise UsageError("The analyses are not in order of their instants.", hint="Give the earliest first.")
        snapshots.append(snapshot)
    if analysis is None or len(snapshots[-1].index) == 0:
        raise UsageError(
            "There is nothing to assess: no active unit has a label.",
            hint="Look at the index of the labels, and at active_days.",
        )
    pool = Pool(snapshots, truth_of, connected_people(analysis), capacity, list(wanted))
    drawn = Resamples.of(pool.people, resamples, seed)
    measures, differences, curves = pool.measured(drawn, {n for n in wanted if gives_probabilities(wanted[n])})
    latest = snapshots[-1]
    truth = pool.truth[pool.place(latest)]
    sure = {name: latest.scores[name] for name in wanted if gives_probabilities(wanted[name])}
    about = {
        "as_of": [snapshot.day for snapshot in snapshots], "unit": unit, "capacity": capacity,
        "active_days": active_days, "units": len(latest.index), "true": int(truth.sum()), "unlabelled": unlabelled,
        "pool": len(pool.truth), "pool_true": int(pool.truth.sum()), "people": len(np.unique(pool.people)),
        "resamples": resamples, "seed": seed, "versions": analysis.summary["versions"],
        "probabilities": sorted(sure),
        "scorers": {name: _told(scorer) for name, scorer in wanted.items()},
    }  # fmt: skip
    return RankingAssessment(
        about=about,
        tables={
            "measures": measures,
            "differences": differences,
            "capacity": curves,
            "worklists": pool.by_list(),
            "stability": stability(snapshots, wanted, capacity),
            "calibration": _by_scorer(sure, lambda p: calibration_curve(p, truth)),
            "decisions": _by_scorer(sure, lambda p: decision_curve(p, truth)),
            "shown": pool.lists,
        },
        pool=pool.frame(),
    )


def _each(analyses: Analysis | Iterable[Analysis]) -> Iterator[Analysis]:
    if hasattr(analyses, "timelines"):
        analyses = [analyses]  # type: ignore[list-item]
    elif not isinstance(analyses, Iterable) or isinstance(analyses, str | Mapping | pd.DataFrame):
        the_analysis(analyses, "A ranking is assessed", hint="several are given as a list, the earliest first")
    for analysis in analyses:
        yield the_analysis(analysis, "A ranking is assessed")


def _unit_of(labels: pd.Series[Any]) -> Unit:
    """Return what labels are about, by their index."""
    try:
        return unit_of(labels.to_frame())
    except ScoringError:
        names = ", ".join(map(str, labels.index.names))
        raise UsageError(
            f"Labels indexed by {names} are about neither courses nor dyads.",
            where="labels",
            hint="Index them by course_id, or by suspect_id and victim_id, as labels_from_findings does.",
        ) from None


def _snapshot(
    analysis: Analysis,
    labels: pd.Series[Any],
    scorers: dict[str, Any],
    unit: Unit,
    days: int | None,
    frame: Frame | None,
) -> tuple[Snapshot, int]:
    """Return the active units that have a label, with their scores, and how many active units have none."""
    units = units_of(analysis, unit)
    active = np.ones(len(units), np.bool_) if days is None else units.last_known > analysis.as_of - days * DAY
    known = units.index.isin(labels.index)
    kept = np.flatnonzero(active & known)
    scoring = Scoring(units, frame)
    scores = {name: scoring.of(name, scorer)[kept] for name, scorer in scorers.items()}
    names = np.asarray(analysis.timelines.columns.names.persons.to_numpy(zero_copy_only=False), dtype=object)
    people = names[units.suspect[kept]], names[units.victim[kept]]
    snapshot = Snapshot(analysis.as_of, units.index[kept], *people, scores)
    return snapshot, int(np.count_nonzero(active & ~known))


def _by_scorer(scores: dict[str, Floats], table: Any) -> pd.DataFrame:
    parts: list[pd.DataFrame] = [table(values).assign(scorer=name) for name, values in scores.items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"scorer": []})


def _told(scorer: Any) -> str:
    """Return what a scorer is, in one line for the record."""
    if hasattr(scorer, "predict"):
        return " ".join(repr(scorer).split())
    if isinstance(scorer, pd.Series):
        return "Scores as they were given."
    return (getattr(scorer, "__doc__", None) or "A function of the units.").strip().splitlines()[0]

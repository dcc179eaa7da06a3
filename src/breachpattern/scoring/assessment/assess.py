"""One call: several scorers against what is true, in the same run, with everything that a reader asks for next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.errors import UsageError
from breachpattern.scoring.assessment.intervals import Resamples, interval, wilson
from breachpattern.scoring.assessment.lists import Snapshot, stability, worklists
from breachpattern.scoring.assessment.measures import Ranked, brier, calibration_curve, decision_curve
from breachpattern.scoring.assessment.result import RankingAssessment
from breachpattern.scoring.assessment.scorers import Frame, Scoring, gives_probabilities, with_baselines
from breachpattern.scoring.assessment.split import connected_people
from breachpattern.scoring.assessment.units import units_of
from breachpattern.scoring.estimators.frame import Unit
from breachpattern.spans import DAY

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis

Floats = npt.NDArray[np.float64]

CAPACITY = 30
ACTIVE_DAYS = 365
# Of the capacity, for the curve.
STEPS = (0.25, 0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30)


def assess_ranking(
    analyses: Analysis | Iterable[Analysis],
    labels: pd.Series[Any],
    scorers: dict[str, Any] | None = None,
    *,
    unit: Unit = "dyad",
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
    labels : pandas.Series of bool
        What is true, by the index of the units: a person's decision, or :func:`truth_labels`. Units without a label
        take no part and are counted; leave out those of people whom a scorer was trained on.
    scorers : dict of str to scorer, optional
        Fitted scikit-learn estimators (they get the features), functions of :class:`Units`, or series of scores. The
        baselines are always added.
    unit : {"dyad", "course"}, default "dyad"
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
        Where there is no analysis, they are not in order, or no active unit has a label.

    Examples
    --------
    >>> import breachpattern as bp
    >>> from breachpattern.scoring.assessment import truth_labels
    >>> force = bp.simulate(3_000, seed=1)
    >>> analysis = bp.Analyser().analyse(bp.read_extract(**force.tables()), as_of="2025-12-31")
    >>> found = assess_ranking(analysis, truth_labels(analysis, force.truth), capacity=10, resamples=50)
    >>> found.to_frame()["measure"].unique().tolist()
    ['average_precision', 'precision_at_10', 'recall_at_10']
    """
    wanted = with_baselines(scorers)
    snapshots: list[Snapshot] = []
    unlabelled = 0
    analysis: Analysis | None = None
    for analysis in _each(analyses):
        snapshot, unlabelled = _snapshot(analysis, labels, wanted, unit, active_days, features)
        if snapshots and snapshot.as_of <= snapshots[-1].as_of:
            raise UsageError("The analyses are not in order of their instants.", hint="Give the earliest first.")
        snapshots.append(snapshot)
    if analysis is None or len(snapshots[-1].index) == 0:
        raise UsageError(
            "There is nothing to assess: no active unit has a label.",
            hint="Look at the index of the labels, and at active_days.",
        )
    pool = _Pool(snapshots, labels, connected_people(analysis), capacity, list(wanted))
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


def _each(analyses: Analysis | Iterable[Analysis]) -> Iterable[Analysis]:
    return [analyses] if hasattr(analyses, "timelines") else analyses  # type: ignore[list-item]


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
    known = units.index.isin(labels.dropna().index)
    kept = np.flatnonzero(active & known)
    scoring = Scoring(units, frame)
    scores = {name: scoring.of(name, scorer)[kept] for name, scorer in scorers.items()}
    names = np.asarray(analysis.timelines.columns.names.persons.to_numpy(zero_copy_only=False), dtype=object)
    people = names[units.suspect[kept]], names[units.victim[kept]]
    snapshot = Snapshot(analysis.as_of, units.index[kept], *people, scores)
    return snapshot, int(np.count_nonzero(active & ~known))


class _Pool:
    """Every unit that was active at any of the instants, what is true of it, and who showed it."""

    def __init__(
        self,
        snapshots: Sequence[Snapshot],
        labels: pd.Series[Any],
        people: pd.Series[Any],
        capacity: int,
        names: list[str],
    ) -> None:
        self.snapshots, self.capacity, self.names = snapshots, capacity, names
        units = pd.concat(
            [pd.DataFrame({"suspect_id": s.suspect, "victim_id": s.victim}, index=s.index) for s in snapshots]
        )
        self.units = units[~units.index.duplicated(keep="last")].sort_index()
        self.truth = labels.reindex(self.units.index).to_numpy(dtype=np.float64)
        suspect = self.units["suspect_id"]
        self.people = suspect.map(people).fillna(suspect).to_numpy(dtype=object)
        lists = [worklists(snapshots, name, capacity).assign(scorer=name) for name in names]
        self.lists = pd.concat(lists, ignore_index=True)[["scorer", "as_of", "place", "unit"]]
        at = self.units.index.get_indexer(_index_like(self.units.index, self.lists["unit"]))
        self.lists["true"] = self.truth[at] == 1
        self.shown = {name: np.zeros(len(self.units)) for name in names}
        for name in names:
            self.shown[name][at[(self.lists["scorer"] == name).to_numpy()]] = 1.0

    def place(self, snapshot: Snapshot) -> npt.NDArray[np.int64]:
        return np.asarray(self.units.index.get_indexer(snapshot.index), dtype=np.int64)

    def frame(self) -> pd.DataFrame:
        return self.units.assign(true=self.truth, **{f"shown_by_{name}": self.shown[name] for name in self.names})

    def by_list(self) -> pd.DataFrame:
        """Return precision by list and scorer, with Wilson's intervals."""
        counted = self.lists.groupby(["scorer", "as_of"], sort=False)["true"].agg(["sum", "size"]).reset_index()
        low, high = wilson(counted["sum"], counted["size"])
        columns = {"found": counted["sum"], "shown": counted["size"], "precision": counted["sum"] / counted["size"]}
        return counted[["scorer", "as_of"]].assign(**columns, low=low, high=high)

    def measured(self, drawn: Resamples, sure: set[str]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Return measures, differences and capacity curves, all from the same draws of people."""
        here = self.place(self.snapshots[-1])
        scores, truth = self.snapshots[-1].scores, self.truth[here]
        ranked = {name: Ranked.of(scores[name], truth) for name in self.names}
        steps = sorted({max(1, round(self.capacity * step)) for step in STEPS})

        def measure(weights: Floats) -> dict[tuple[str, str], Floats]:
            found: dict[tuple[str, str], Floats] = {}
            for name in self.names:
                counts = ranked[name].counts(weights[:, here])
                found[name, "average_precision"] = counts.average_precision()
                precision, recall = counts.at(steps)
                for column, step in enumerate(steps):
                    found[name, f"precision_at_{step}"] = precision[:, column]
                    found[name, f"recall_at_{step}"] = recall[:, column]
                if len(self.snapshots) > 1:
                    shown = weights * self.shown[name]
                    hits = shown @ self.truth
                    found[name, "worklist_precision"] = hits / _or_nan(shown.sum(axis=1))
                    found[name, "worklist_recall"] = hits / _or_nan(weights @ self.truth)
                if name in sure:
                    found[name, "brier"] = brier(scores[name], truth, weights[:, here])
            return found

        once = {key: float(value[0]) for key, value in measure(np.ones((1, len(self.truth)))).items()}
        chunks = [measure(weights) for weights in drawn.weights()]
        again = {key: np.concatenate([chunk[key] for chunk in chunks]) if chunks else np.empty(0) for key in once}
        told = ["average_precision", f"precision_at_{self.capacity}", f"recall_at_{self.capacity}",
                "worklist_precision", "worklist_recall", "brier"]  # fmt: skip
        rows = [
            (name, what, once[name, what], *interval(again[name, what]))
            for what in told for name in self.names if (name, what) in once
        ]  # fmt: skip
        pairs = [
            (what, one, two, once[one, what] - once[two, what], *interval(again[one, what] - again[two, what]))
            for what in told for one, two in combinations(self.names, 2) if {(one, what), (two, what)} <= set(once)
        ]  # fmt: skip
        curve = [
            (name, step, *(v for what in ("precision", "recall") for key in [(name, f"{what}_at_{step}")]
                           for v in (once[key], *interval(again[key]))))
            for name in self.names for step in steps
        ]  # fmt: skip
        ends = ["precision", "precision_low", "precision_high", "recall", "recall_low", "recall_high"]
        return (
            pd.DataFrame(rows, columns=["scorer", "measure", "value", "low", "high"]),
            pd.DataFrame(pairs, columns=["measure", "scorer", "beside", "difference", "low", "high"]),
            pd.DataFrame(curve, columns=["scorer", "capacity", *ends]),
        )


def _by_scorer(scores: dict[str, Floats], table: Any) -> pd.DataFrame:
    parts: list[pd.DataFrame] = [table(values).assign(scorer=name) for name, values in scores.items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"scorer": []})


def _index_like(index: pd.Index[Any], units: pd.Series[Any]) -> pd.Index[Any]:
    if isinstance(index, pd.MultiIndex):
        return cast("pd.Index[Any]", pd.MultiIndex.from_tuples(list(units), names=index.names))
    return cast("pd.Index[Any]", pd.Index(units))


def _or_nan(values: Floats) -> Floats:
    return np.where(values > 0, values, np.nan)


def _told(scorer: Any) -> str:
    doc = getattr(scorer, "__doc__", None) or type(scorer).__name__
    is_function = callable(scorer) and not hasattr(scorer, "predict")
    return (
        doc.strip().splitlines()[0]
        if is_function
        else repr(scorer)
        if hasattr(scorer, "predict")
        else "scores as given"
    )

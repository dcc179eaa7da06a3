"""The pool: every unit that was active at any of the instants, and everything that is measured on it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.proportions import wilson
from breachpattern.scoring.assessment.intervals import Resamples, interval_between, interval_of
from breachpattern.scoring.assessment.lists import Snapshot, worklists
from breachpattern.scoring.assessment.measures import Ranked, brier, or_nan

Floats = npt.NDArray[np.float64]

# Of the capacity, for the curve.
STEPS = (0.25, 0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30)


class Pool:
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
        """Return where the units of a snapshot stand in the pool."""
        return np.asarray(self.units.index.get_indexer(snapshot.index), dtype=np.int64)

    def frame(self) -> pd.DataFrame:
        """Return each unit with its people, what is true of it and who showed it."""
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
                    found[name, "worklist_precision"] = hits / or_nan(shown.sum(axis=1))
                    found[name, "worklist_recall"] = hits / or_nan(weights @ self.truth)
                if name in sure:
                    found[name, "brier"] = brier(scores[name], truth, weights[:, here])
            return found

        once = {key: float(value[0]) for key, value in measure(np.ones((1, len(self.truth)))).items()}
        chunks = [measure(weights) for weights in drawn.weights()]
        again = {key: np.concatenate([chunk[key] for chunk in chunks]) if chunks else np.empty(0) for key in once}
        told = ["average_precision", f"precision_at_{self.capacity}", f"recall_at_{self.capacity}",
                "worklist_precision", "worklist_recall", "brier"]  # fmt: skip
        looked: dict[tuple[str, str], float] = {}
        for name in self.names:
            looked |= {(name, f"precision_at_{step}"): min(step, len(here)) for step in steps}
            looked[name, "worklist_precision"] = self.shown[name].sum()
        ends_of = {key: interval_of(once[key], again[key], looked.get(key)) for key in again}
        rows = [
            (name, what, once[name, what], *ends_of[name, what])
            for what in told for name in self.names if (name, what) in once
        ]  # fmt: skip
        pairs = [
            (what, one, two, once[one, what] - once[two, what], *interval_between(
                (once[one, what], once[two, what]), (again[one, what], again[two, what]),
                (looked.get((one, what)), looked.get((two, what)))))
            for what in told for one, two in combinations(self.names, 2) if {(one, what), (two, what)} <= set(once)
        ]  # fmt: skip
        curve = [
            (name, step, *(v for what in ("precision", "recall") for key in [(name, f"{what}_at_{step}")]
                           for v in (once[key], *ends_of[key])))
            for name in self.names for step in steps
        ]  # fmt: skip
        ends = ["precision", "precision_low", "precision_high", "recall", "recall_low", "recall_high"]
        return (
            pd.DataFrame(rows, columns=["scorer", "measure", "value", "low", "high"]),
            pd.DataFrame(pairs, columns=["measure", "scorer", "beside", "difference", "low", "high"]),
            pd.DataFrame(curve, columns=["scorer", "capacity", *ends]),
        )


def _index_like(index: pd.Index[Any], units: pd.Series[Any]) -> pd.Index[Any]:
    if isinstance(index, pd.MultiIndex):
        return cast("pd.Index[Any]", pd.MultiIndex.from_tuples(list(units), names=index.names))
    return cast("pd.Index[Any]", pd.Index(units))

"""Scorers: whatever orders units. A function of the units, an estimator that is fitted, or scores that are ready."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.errors import UsageError
from breachpattern.scoring.assessment.baselines import BASELINES
from breachpattern.scoring.assessment.units import Units
from breachpattern.scoring.features.selection import refuse_sensitive

Floats = npt.NDArray[np.float64]
Frame = Callable[[Units], pd.DataFrame]


def features_of(units: Units) -> pd.DataFrame:
    """Return the features of the units and what the patterns found about them, side by side, in their order."""
    from breachpattern.scoring import feature_frame, pattern_frame

    frame: pd.DataFrame = feature_frame(units.analysis, unit=units.kind)
    return frame.join(pattern_frame(units.analysis, units.kind)).reindex(units.index)


def gives_probabilities(scorer: Any) -> bool:
    """Return whether a scorer's numbers are meant as probabilities: then they can be held against how often it is true.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> gives_probabilities(DummyClassifier()), gives_probabilities(len)
    (True, False)
    """
    return hasattr(scorer, "predict_proba") or bool(getattr(scorer, "gives_probabilities", False))


def with_baselines(scorers: dict[str, Any] | None) -> dict[str, Any]:
    """Return the scorers to assess, in order: those given, then what forces use today and the rule rank."""
    given = dict(scorers or {})
    return given | {name: scorer for name, scorer in BASELINES.items() if name not in given}


class Scoring:
    """The scores of the units of one analysis; features are made once, and only where an estimator asks for them.

    Parameters
    ----------
    units : Units
    frame : callable, optional
        Gives the features of units, one row for each; :func:`features_of` by default.
    """

    def __init__(self, units: Units, frame: Frame | None = None) -> None:
        self.units, self._frame = units, frame or features_of
        self._features: pd.DataFrame | None = None

    @property
    def features(self) -> pd.DataFrame:
        """The features of the units."""
        if self._features is None:
            self._features = self._frame(self.units)
        return self._features

    def of(self, name: str, scorer: Any) -> Floats:
        """Return the score of each unit; the higher, the earlier.

        Raises
        ------
        UsageError
            Where the scorer is none, or does not give one number for each unit.
        """
        if isinstance(scorer, pd.Series):
            values = scorer.reindex(self.units.index)
        elif hasattr(scorer, "predict"):
            values = self._estimated(name, scorer)
        elif callable(scorer):
            values = scorer(self.units)
        else:
            raise UsageError(
                f"{type(scorer).__name__} cannot score units.",
                where=name,
                hint="Give a fitted estimator, a function of the units, or a series of scores.",
            )
        try:
            found = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError):
            raise UsageError(
                f"The scores are no numbers: they are of type {getattr(values, 'dtype', type(values).__name__)}.",
                where=name,
                hint="Give one number for each unit; NaN where a unit has no score.",
            ) from None
        if found.shape != (len(self.units),):
            raise UsageError(
                f"There are {len(self.units)} units and scores of shape {found.shape}.",
                where=name,
                hint="Give one number for each unit.",
            )
        return found

    def _estimated(self, name: str, estimator: Any) -> Any:
        wanted = getattr(estimator, "feature_names_in_", None)
        frame = self.features
        refuse_sensitive(frame.columns if wanted is None else wanted, name)
        if wanted is not None:
            absent = [column for column in wanted if column not in frame.columns]
            if absent:
                raise UsageError(
                    f"The estimator was fitted on {', '.join(absent[:5])}, which the features do not have.",
                    where=name,
                    hint="Fit it on the frame that it is assessed on, or pass features= with a function that gives it.",
                )
            frame = frame[list(wanted)]
        if hasattr(estimator, "predict_proba"):
            return np.asarray(estimator.predict_proba(frame))[:, 1]
        if hasattr(estimator, "decision_function"):
            return estimator.decision_function(frame)
        return estimator.predict(frame)

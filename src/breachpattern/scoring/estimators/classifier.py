"""A classifier that learns from decisions and says exactly what each feature added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from breachpattern.errors import ScoringError
from breachpattern.scoring.estimators.additive import Additive, fit_additive
from breachpattern.scoring.estimators.checks import BinaryTags, labels_of, rows_of
from breachpattern.scoring.estimators.curves import Curve, knots_of
from breachpattern.scoring.estimators.directions import directions_of
from breachpattern.scoring.estimators.fitting import fit_line
from breachpattern.scoring.estimators.frame import LEVEL
from breachpattern.scoring.estimators.periods import Times, parts_of, people_of
from breachpattern.scoring.estimators.sums import Floats
from breachpattern.scoring.estimators.weights import points_table
from breachpattern.scoring.features.selection import refuse_sensitive
from breachpattern.sorting import Ints

# Fewer labels, or fewer of either class, and nothing but the level is learnt: with 20, no draw did worse than the
# rules; with 10, some did (docs/decisions/0019-estimators-that-add-up.md).
LEAST_LABELS, LEAST_OF_EACH = 20, 5


class CourseOfConductClassifier(BinaryTags, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Learns from what people confirmed and rejected which courses or dyads to look at first.

    The log-odds are a baseline, what the rules say, and one broken line for each feature, added up. What a feature
    adds is never below 0; a blank adds 0. A line never falls where more of the feature can only speak for a course of
    conduct, and never rises where it can only speak against one.

    Parameters
    ----------
    directions : mapping of str to int, optional
        1 (never falls), -1 (never rises) or 0 (free) by feature; by default what the features declare.
    penalty : float, default 1.0
        How strongly lines are held to 0: each step of a line is believed to be about 1/sqrt(penalty) high.
    calibration_share : float, default 0.25
        The share of labelled rows, the latest, that calibrates and does not fit. Needs ``times``.

    Attributes
    ----------
    classes_ : (2,) array
        The positive one last: ``rejected``, ``confirmed``.
    model_ : Additive
        The baseline, what a point of the rules adds, and one line for each feature.
    training_ : dict
        Labels, people, period and calibration in numbers.
    feature_names_in_ : (n_features,) str
        Where the rows had names.

    Notes
    -----
    Rows that hold the columns of :func:`pattern_frame` start from the rank of the rules: what the labels say is added
    to it, and with fewer than 20 labels, or fewer than 5 of either class, the order *is* that of the rules. Rows
    without labels (``unsure``, ``unreviewed``, blank) only help to place the corners of the lines. That is right as
    long as whether a row was judged depends on nothing but what its features show.

    Calibration is Platt's: the log-odds are multiplied by a number above 0 and shifted, fitted to later rows of people
    who fitted nothing. It changes no order, and is worked into the baseline, the rules and the lines.

    Examples
    --------
    >>> frame = pd.DataFrame({"occasions": [1, 2, 3, 4, 5, 6] * 5})
    >>> decided = np.where(frame["occasions"] > 3, "confirmed", "rejected")
    >>> model = CourseOfConductClassifier(directions={"occasions": 1}).fit(frame, decided)
    >>> model.predict(frame[:6]).tolist()
    ['rejected', 'rejected', 'rejected', 'confirmed', 'confirmed', 'confirmed']
    >>> told = model.explain(frame)
    >>> bool((told.sum(axis=1) == model.decision_function(frame)).all())
    True
    """

    def __init__(
        self,
        directions: Mapping[str, int] | None = None,
        penalty: float = 1.0,
        calibration_share: float = 0.25,
    ) -> None:
        self.directions = directions
        self.penalty = penalty
        self.calibration_share = calibration_share

    def fit(self, X: Any, y: Any, *, times: Any = None, groups: Any = None) -> CourseOfConductClassifier:  # noqa: N803
        """Learn from the rows that have a label.

        Parameters
        ----------
        X : (n, features) data frame or array
        y : (n,) array-like
            ``confirmed`` or ``rejected``, or two other values; ``unsure``, ``unreviewed``, empty, NaN are no labels.
        times : (n,) array-like of times or numbers, optional
            When each row was decided or last acted. Without them nothing is calibrated.
        groups : (n,) array-like, optional
            The suspect of each row, or one name for all who belong together: nobody both fits and calibrates.

        Raises
        ------
        ScoringError
            Where labels of one class are missing, or times or groups do not fit the rows.
        """
        self._check_parameters()
        rows = rows_of(self, X, reset=True)
        if y is not None:
            check_consistent_length(rows, y)
        refuse_sensitive(self._names(), "X")
        self.classes_, label = labels_of(self, y)
        when = None if times is None else Times.of(times, len(rows))
        people = None if groups is None else people_of(groups, len(rows))
        order = _settled(rows, label, when, people)
        order = order[label[order] >= 0]
        known, y_known = rows[order], label[order].astype(np.float64)
        people = None if people is None else people[order]
        parts = parts_of(None if when is None else when.values[order], people, self.calibration_share, y_known)
        learns = self._is_enough(y_known[parts.fits])
        fitted = fit_additive(known[parts.fits], y_known[parts.fits], self._start(rows), self.penalty, learns=learns)
        later = parts.calibrates
        slope, intercept = fit_line(fitted.log_odds(known[later]), y_known[later])
        self.model_ = fitted.calibrated(slope, intercept)
        self.training_ = {
            "labels": {**{str(c): int((label == k).sum()) for k, c in enumerate(self.classes_)},
                       "unlabelled": int((label < 0).sum())},
            "people": None if people is None else len(np.unique(people)),
            "period": None if when is None else [when.told(at(when.values[order])) for at in (np.min, np.max)],
            "learnt": "baseline and lines" if learns else "baseline only: the order is that of the rules",
            "calibration": {
                "method": "platt" if later.any() else "none",
                "rows": int(later.sum()),
                "positive": int(y_known[later].sum()),
                "from": when.told(when.values[order][later].min()) if when is not None and later.any() else None,
                "set_aside": parts.set_aside,
                "slope": slope,
                "intercept": intercept,
            },
        }  # fmt: skip
        return self

    def _check_parameters(self) -> None:
        if not (np.isfinite(self.penalty) and self.penalty > 0):
            raise ScoringError(f"A penalty of {self.penalty} holds nothing.", hint="It is above 0; 1 by default.")
        if not 0 <= self.calibration_share < 1:
            raise ScoringError(f"A calibration_share of {self.calibration_share} cannot be.", hint="From 0, below 1.")
        wrong = {name: d for name, d in (self.directions or {}).items() if d not in (-1, 0, 1)}
        if wrong:
            name, direction = next(iter(wrong.items()))
            raise ScoringError(f"{direction!r} is no direction of {name}.", hint="1, -1 or 0.")

    def _is_enough(self, y: Floats) -> bool:
        """Return whether there are labels enough to leave the order of the rules, where they have a say."""
        of_each = min(y.sum(), len(y) - y.sum())
        return LEVEL not in self._names() or bool(len(y) >= LEAST_LABELS and of_each >= LEAST_OF_EACH)

    def _start(self, rows: Floats) -> Additive:
        """Return the model before anything is learnt: corners, directions, and what the rules say."""
        names, table = self._names(), points_table()
        ruled = LEVEL in names
        points = tuple(table.points().get(name, 0.0) if ruled else 0.0 for name in names)
        directions = directions_of(names, self.directions)
        knots = [tuple(knots_of(rows[:, j]).tolist()) if points[j] == 0 else () for j in range(len(names))]
        level = [(0.0,) * len(k) for k in knots]
        curves = tuple(map(Curve, names, directions, knots, level))
        return Additive(0.0, table.log_odds if ruled else 0.0, points, curves)

    def _names(self) -> list[str]:
        named = getattr(self, "feature_names_in_", None)
        return [f"x{j}" for j in range(self.n_features_in_)] if named is None else [str(name) for name in named]

    # ---------------------------------------------------------------------------------------------------- answers
    def explain(self, X: Any) -> pd.DataFrame:  # noqa: N803
        """Return what the baseline, the rules and each feature add: exactly ``decision_function``, in any order."""
        check_is_fitted(self)
        index = X.index if isinstance(X, pd.DataFrame) else None
        contributions = self.model_.contributions(rows_of(self, X, reset=False))
        return pd.DataFrame(contributions, columns=pd.Index(self.model_.terms()), index=index)

    def decision_function(self, X: Any) -> Floats:  # noqa: N803
        """Return the log-odds, calibrated where there were times."""
        check_is_fitted(self)
        return self.model_.log_odds(rows_of(self, X, reset=False))

    def predict_proba(self, X: Any) -> Floats:  # noqa: N803
        """Return the probability of each class: (n, 2)."""
        log_odds = self.decision_function(X)
        return np.column_stack([expit(-log_odds), expit(log_odds)])

    def predict(self, X: Any) -> npt.NDArray[Any]:  # noqa: N803
        """Return the class that is more probable than not."""
        positive = self.decision_function(X) > 0
        return np.asarray(self.classes_[positive.astype(np.int64)])


def _settled(rows: Floats, label: Ints, when: Times | None, people: Ints | None) -> Ints:
    """Return an order of rows that does not depend on the one given, so that sums over them do not either."""
    keys = [*rows.T, label.astype(np.float64)]
    keys += [when.values] if when is not None else []
    keys += [people.astype(np.float64)] if people is not None else []
    return np.lexsort(keys)

"""Points: the order of the rules for courses and dyads, without training, as a scikit-learn estimator."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from breachpattern.errors import ScoringError
from breachpattern.scoring.estimators.checks import BinaryTags, labels_of, rows_of
from breachpattern.scoring.estimators.sums import Floats, exact
from breachpattern.scoring.estimators.weights import points_table
from breachpattern.scoring.features.selection import refuse_sensitive


class PatternScorer(BinaryTags, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Adds points for what the patterns found. Nothing is learnt from rows or labels.

    With the points of the package, units stand in the order of their first-ranked findings: level, then points; the
    number of further patterns only orders units that are alike in both. A blank earns nothing.

    Parameters
    ----------
    weights : mapping of str to float, optional
        Points for one of each column, none below 0; by default those of ``scoring/data/points.toml``, which stands
        beside each its source or the word *judgement*. A column without an entry earns nothing. Rows without column
        names earn one point for one of each column.
    threshold : float, optional
        The points above which ``predict`` says 1; by default that of the same file, and 0 with weights of your own or
        rows without names.

    Attributes
    ----------
    weights_ : (n_features,) float64
        The points of each column.
    threshold_ : float
    classes_ : (2,) array
    feature_names_in_ : (n_features,) str
        Where the rows had names.

    Examples
    --------
    >>> frame = pd.DataFrame({"finding_level": [4, 2], "points_clear_course": [1, 0], "further_patterns": [2, 0]})
    >>> scorer = PatternScorer().fit(frame)
    >>> scorer.score_samples(frame).tolist()
    [820.03125, 400.0]
    >>> scorer.explain(frame).loc[0].tolist()
    [800.0, 20.0, 0.03125]
    """

    _poor_score = True  # Nothing is learnt, so nothing can fit: scikit-learn shall not ask for accuracy.

    def __init__(self, weights: Mapping[str, float] | None = None, threshold: float | None = None) -> None:
        self.weights = weights
        self.threshold = threshold

    def fit(self, X: Any, y: Any = None) -> PatternScorer:  # noqa: N803
        """Take note of the columns. Labels are only asked which classes there are."""
        rows = rows_of(self, X, reset=True)
        self.classes_ = np.array([0, 1])
        if y is not None:
            check_consistent_length(rows, y)
            self.classes_ = labels_of(self, y)[0]
        table, named = points_table(), hasattr(self, "feature_names_in_")
        own = self.weights is not None or not named
        self.threshold_ = float(self.threshold if self.threshold is not None else 0 if own else table.threshold)
        self.weights_ = self._by_column(table.points()) if named else self._unnamed(rows.shape[1])
        return self

    def _unnamed(self, n: int) -> Floats:
        if self.weights is not None:
            raise ScoringError("The weights name columns, and the rows have no names.", hint="Give a data frame.")
        return np.ones(n)

    def _by_column(self, table: Mapping[str, float]) -> Floats:
        given = table if self.weights is None else self.weights
        wrong = {c: w for c, w in given.items() if not (np.isfinite(w) and w >= 0)}
        if wrong:
            column, weight = next(iter(wrong.items()))
            raise ScoringError(
                f"The weight of {column} is {weight}, and points are only added, so that no blank can raise a score.",
                hint="Leave the column out, or turn it round before.",
            )
        names = self.feature_names_in_.tolist()
        refuse_sensitive((name for name in names if given.get(name)), "weights")
        if not set(names) & set(given):
            warnings.warn(
                f"None of the {len(names)} columns has points, so every score is 0. Rows of pattern_frame have.",
                stacklevel=3,
            )
        return np.array([float(given.get(name, 0)) for name in names])

    def _contributions(self, X: Any) -> Floats:  # noqa: N803
        check_is_fitted(self)
        return exact(np.nan_to_num(rows_of(self, X, reset=False), nan=0.0) * self.weights_)

    def explain(self, X: Any) -> pd.DataFrame:  # noqa: N803
        """Return the points of each column: one row for each of X, which adds up to its score to the last bit.

        Columns that can earn nothing are left out.
        """
        contributions = self._contributions(X)
        names = getattr(self, "feature_names_in_", np.array([f"x{i}" for i in range(contributions.shape[1])]))
        counted = self.weights_ > 0
        index = X.index if isinstance(X, pd.DataFrame) else None
        return pd.DataFrame(contributions[:, counted], columns=pd.Index(names[counted]), index=index)

    def score_samples(self, X: Any) -> Floats:  # noqa: N803
        """Return the points of each row: the higher, the earlier to look at."""
        return np.asarray(self._contributions(X).sum(axis=1))

    def decision_function(self, X: Any) -> Floats:  # noqa: N803
        """Return the points of each row above the threshold."""
        return self.score_samples(X) - float(exact(self.threshold_))

    def predict(self, X: Any) -> npt.NDArray[Any]:  # noqa: N803
        """Return the second class where the points are above the threshold."""
        above = self.decision_function(X) > 0
        return np.asarray(self.classes_[above.astype(np.int64)])

"""What scikit-learn checks of rows, labels and estimators, in the words of its versions from 1.5 on."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sklearn
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from breachpattern.errors import ScoringError
from breachpattern.scoring.estimators.sums import Floats
from breachpattern.scoring.given import refuse_no_rows

BEFORE_VALIDATE_DATA = tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 6)
CONFIRMED, REJECTED = "confirmed", "rejected"
UNLABELLED = ("unsure", "unreviewed", "")


def rows_of(estimator: Any, X: Any, *, reset: bool) -> Floats:  # noqa: N803 - the name that scikit-learn uses
    """Return rows as an array, after the checks that scikit-learn makes; blanks (NaN) are let through.

    Raises
    ------
    ScoringError
        Where what is given is no rows, such as an analysis.
    """
    refuse_no_rows(X, type(estimator).__name__)
    if BEFORE_VALIDATE_DATA:
        rows = estimator._validate_data(X, reset=reset, dtype=np.float64, force_all_finite="allow-nan")
    else:
        from sklearn.utils.validation import validate_data

        rows = validate_data(estimator, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
    return np.asarray(rows, dtype=np.float64)


def labels_of(estimator: Any, y: Any) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return the two classes, the positive one last, and the class of each row, ``-1`` where it has no label.

    Parameters
    ----------
    estimator : estimator
        For its name, in errors.
    y : (n,) array-like
        ``confirmed`` and ``rejected``, or any two values. ``unsure``, ``unreviewed``, empty and blank (NaN) are no
        labels.

    Raises
    ------
    ScoringError
        Where there are not two classes.
    """
    if y is None:
        raise ScoringError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None.",
            hint="Pass the labels as y.",
        )
    values = column_or_1d(np.asarray(y), warn=True)
    textual = values.dtype.kind in "OUST"
    blank = np.asarray(pd.isna(values)) | (np.isin(values.astype(str), UNLABELLED) if textual else False)
    known = values[~blank]
    if textual:
        known = known.astype(str) if all(isinstance(value, str) for value in known) else known
    if len(known) == 0:
        raise ScoringError(
            "No row has a label.",
            where="y",
            hint="Give confirmed and rejected, or 1 and 0, for those that people judged.",
        )
    if known.dtype.kind == "f" and not np.isfinite(known).all():
        raise ScoringError("A label is infinite.", where="y", hint="Give 1, 0 or a blank.")
    check_classification_targets(known)
    classes = np.unique(known)
    if len(classes) > 2:
        raise ScoringError(
            "Only binary classification is supported. The type of the target is multiclass.",
            where="y",
            hint="Give 1, 0 or a blank.",
        )
    if len(classes) < 2:
        raise ScoringError(
            f"Only one class has labels ({classes[0]}): there is nothing to tell it from.", where="y",
            hint="PatternScorer ranks without labels until both confirmed and rejected ones are there.",
        )  # fmt: skip
    if set(classes.tolist()) == {CONFIRMED, REJECTED}:
        classes = np.array([REJECTED, CONFIRMED])
    codes = np.full(len(values), -1, np.int64)
    codes[~blank] = known == classes[1]
    return classes, codes


class BinaryTags:
    """Tags of an estimator that tells two classes apart and takes blanks, for every version of scikit-learn."""

    _poor_score = False

    def _more_tags(self) -> dict[str, bool]:
        return {"binary_only": True, "allow_nan": True, "poor_score": self._poor_score}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.poor_score = self._poor_score
        tags.input_tags.allow_nan = True
        return tags

"""Features as a step of a scikit-learn pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from breachpattern.analysis import Analyser, Analysis
from breachpattern.errors import UsageError
from breachpattern.ingest import Extract, read_extract
from breachpattern.scoring.features.declared import version
from breachpattern.scoring.features.frame import feature_frame
from breachpattern.scoring.features.selection import chosen

if TYPE_CHECKING:
    from datetime import date, datetime

_TABLES = ("incidents", "orders", "persons", "associations")


class TimelineFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns an analysis or an extract into features, one row per course or dyad, for any estimator to learn from.

    Nothing is learnt by fitting: it settles which columns there are, so that what is transformed later has the same.

    Parameters
    ----------
    unit : {"course", "dyad"}, default "course"
        What a row is.
    as_of : str, date, datetime, optional
        Tell only what was known then. An analysis has an instant of its own; everything else needs one.
    features : str or list of str, optional
        Names of features or of groups; all by default.
    harm : pandas.DataFrame, mapping, or path of a CSV, optional
        Weights of offences. Without it there are no features of harm.

    Attributes
    ----------
    feature_names_ : list of str
    features_version_ : str
        The version of the declared features.

    Notes
    -----
    ``X`` is one of: an :class:`~breachpattern.Analysis`; an :class:`~breachpattern.Extract`; a mapping with
    ``incidents`` and, where there are some, ``orders``, ``persons`` and ``associations``, each as
    :func:`breachpattern.read_extract` takes them; or incidents alone, in canonical columns. All but the first are
    analysed with the built-in catalogue and need ``as_of``.

    Rows come out in the order of :func:`~breachpattern.scoring.feature_frame`, never in that of incidents, so a target
    is brought into that order: ``y.reindex(feature_frame(analysis).index)``. Splitting into folds is done on the frame,
    after this step. The output is always a data frame, because its index says whom a row is about.

    Examples
    --------
    >>> import breachpattern as bp
    >>> who = {"suspect_id": "P1", "victim_id": "V1", "behaviours": "contact", "channel": "phone"}
    >>> rows = [{"incident_id": f"I{d}", "occurred_from": f"2025-03-{d:02d}T10:00"} | who for d in (1, 2, 9)]
    >>> step = TimelineFeatures(unit="dyad", as_of="2025-03-31", features=["occasions", "trend"])
    >>> step.set_output(transform="pandas").fit_transform(bp.read_extract(rows)).round(2).reset_index()
      suspect_id victim_id  occasions  trend
    0         P1        V1        3.0   -1.3
    >>> step.get_feature_names_out().tolist()
    ['occasions', 'trend']
    """

    def __init__(
        self,
        unit: str = "course",
        *,
        as_of: str | date | datetime | None = None,
        features: str | list[str] | None = None,
        harm: Any = None,
    ) -> None:
        self.unit = unit
        self.as_of = as_of
        self.features = features
        self.harm = harm

    def fit(self, X: Any, y: Any = None) -> TimelineFeatures:  # noqa: N803, ARG002 - the names that scikit-learn gives
        """Settle the columns.

        Parameters
        ----------
        X : Analysis, Extract, mapping of tables, or incidents
        y : ignored

        Raises
        ------
        UsageError
            Where a feature is asked for that is none or never can be one, or ``as_of`` is missing.
        """
        self._check(X)
        self.feature_names_ = [feature.name for feature in self._chosen()]
        self.features_version_ = version()
        return self

    def transform(self, X: Any) -> pd.DataFrame:  # noqa: N803
        """Return the features of every course or dyad.

        Parameters
        ----------
        X : Analysis, Extract, mapping of tables, or incidents

        Returns
        -------
        pandas.DataFrame
            As :func:`~breachpattern.scoring.feature_frame` gives it.
        """
        check_is_fitted(self, "feature_names_")
        analysis, as_of = self._analysed(X)
        frame = feature_frame(analysis, as_of, self.unit, features=self.features, harm=self.harm)
        return frame[self.feature_names_]

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray[Any, Any]:  # noqa: ARG002
        """Return the names of the columns.

        Parameters
        ----------
        input_features : ignored
            Incidents go in and features of courses come out: no column is one of the input.
        """
        check_is_fitted(self, "feature_names_")
        return np.asarray(self.feature_names_, dtype=object)

    def _chosen(self) -> Any:
        return chosen(self.features, self.unit, harm=self.harm is not None)

    def _check(self, X: Any) -> None:  # noqa: N803
        if self.as_of is None and not isinstance(X, Analysis):
            raise UsageError(
                f"{type(X).__name__} has no instant of its own, and features need one.",
                where="as_of",
                hint="Give TimelineFeatures(as_of=...), such as as_of='2026-06-30', or an Analysis, which has its own.",
            )

    def _analysed(self, X: Any) -> tuple[Analysis, Any]:  # noqa: N803
        """Return an analysis, and the instant to ask of it."""
        self._check(X)
        if isinstance(X, Analysis):
            return X, self.as_of
        extract = X if isinstance(X, Extract) else read_extract(**_tables(X))
        return Analyser().analyse(extract, self.as_of), None


def _tables(given: Any) -> dict[str, Any]:
    """Return the tables of an extract by name."""
    if not isinstance(given, Mapping):
        return {"incidents": given}
    unknown = [str(name) for name in given if name not in _TABLES]
    if unknown or "incidents" not in given:
        raise UsageError(
            f"A mapping of tables holds {unknown[0]!r}." if unknown else "A mapping of tables holds no incidents.",
            where="X",
            hint=f"It holds incidents and, where there are some, {', '.join(_TABLES[1:])}.",
        )
    return dict(given)

"""The split: people and time kept apart, so that a test cannot be passed by remembering."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import BaseCrossValidator

from breachpattern.errors import UsageError
from breachpattern.scoring.given import seconds_of, the_analysis
from breachpattern.spans import as_of_second

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis

Ints = npt.NDArray[np.int64]


class PersonTimeSplit(BaseCrossValidator):  # type: ignore[misc]
    """Splits units so that nobody connected is on both sides and every test comes after all training.

    People are dealt into folds; for each instant and each fold, training takes the rows of everybody else that date
    from the instant or before, and the test takes the rows of the fold that date from later (up to the next instant,
    where there is one). Rows of the fold from before, and rows of the others from after, are left out of that split.

    Parameters
    ----------
    n_splits : int, default 5
        Into how many folds people are dealt.
    as_of : str, date, datetime, or sequence of them, optional
        The last instants that training may know, ISO 8601; a date is the end of that day, Europe/London. By default
        the instant up to which half of the rows date.
    random_state : int, default 0
        Deals people into folds; the order of rows changes nothing.

    Notes
    -----
    It follows scikit-learn's splitters: pass it as ``cv``. With metadata routing, ``groups`` and ``times`` reach it
    from ``cross_validate(…, params={"groups": …, "times": …})``. scikit-learn has no splitter for people and time.

    Examples
    --------
    >>> people = ["A", "A", "B", "B"]
    >>> known = ["2024-06-01", "2025-06-01", "2024-06-01", "2025-06-01"]
    >>> splitter = PersonTimeSplit(2, as_of="2024-12-31")
    >>> sorted((train.tolist(), test.tolist()) for train, test in splitter.split(known, groups=people, times=known))
    [([0], [3]), ([2], [1])]
    """

    __metadata_request__split = {"groups": True, "times": True}  # noqa: RUF012 - scikit-learn reads it so

    def __init__(
        self,
        n_splits: int = 5,
        *,
        as_of: str | date | datetime | Sequence[str | date | datetime] | None = None,
        random_state: int = 0,
    ) -> None:
        self.n_splits = n_splits
        self.as_of = as_of
        self.random_state = random_state

    def split(self, X: Any, y: Any = None, groups: Any = None, times: Any = None) -> Iterator[tuple[Ints, Ints]]:  # noqa: N803, ARG002
        """Yield the positions of training and test rows.

        Parameters
        ----------
        X : array-like of n rows
            Only its length is looked at.
        y : ignored
        groups : (n,) array-like
            A label of the connected people of each row, as :func:`connected_people` gives it.
        times : (n,) array-like
            When each row dates from: the *as of* of its features, or when it was decided on. Whole numbers are
            seconds UTC; anything else is read as ISO 8601, in London without an offset, a day as its end.

        Raises
        ------
        UsageError
            Where groups or times are missing or blank, or a side of a split would be empty.
        """
        people, instant = _labels(groups, len(X)), _seconds(times, len(X))
        fold = self._folds(people)
        cuts = self._cuts(instant)
        for cut, until in zip(cuts, [*cuts[1:], np.iinfo(np.int64).max], strict=True):
            before, after = instant <= cut, (instant > cut) & (instant <= until)
            for number in range(self.n_splits):
                train, test = np.flatnonzero(before & (fold != number)), np.flatnonzero(after & (fold == number))
                if len(train) == 0 or len(test) == 0:
                    side = "training" if len(train) == 0 else "test"
                    raise UsageError(
                        f"Fold {number + 1} of {self.n_splits} has no {side} rows at "
                        f"{pd.Timestamp(cut, unit='s', tz='UTC').isoformat()}.",
                        where="PersonTimeSplit",
                        hint="Use fewer folds, or an instant with rows on both sides of it.",
                    )
                yield train, test

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: N803, ARG002
        """Return how many splits there are: folds of people times instants."""
        several = isinstance(self.as_of, Sequence) and not isinstance(self.as_of, str)
        return self.n_splits * (len(self.as_of) if several else 1)  # type: ignore[arg-type]

    def _folds(self, people: npt.NDArray[Any]) -> Ints:
        """Return the fold of each row: people in drawn order, cut where their rows come to equal parts."""
        labels, group = np.unique(people, return_inverse=True)
        if not 2 <= self.n_splits <= len(labels):
            raise UsageError(
                f"{len(labels)} groups of connected people cannot be dealt into {self.n_splits} folds.",
                where="PersonTimeSplit",
                hint="Use at least 2 folds, and at most as many as there are groups.",
            )
        order = np.random.default_rng(self.random_state).permutation(len(labels))
        rows = np.bincount(group.reshape(-1), minlength=len(labels))[order]
        middle = np.cumsum(rows) - rows / 2
        by_rows = (middle * self.n_splits / rows.sum()).astype(np.int64)
        # A huge group may leave a fold without anybody: then people are counted, not rows.
        even = (
            by_rows
            if len(np.unique(by_rows)) == self.n_splits
            else np.arange(len(labels)) * self.n_splits // len(labels)
        )
        fold = np.empty(len(labels), np.int64)
        fold[order] = even
        return np.asarray(fold[group.reshape(-1)])

    def _cuts(self, instant: Ints) -> list[int]:
        if self.as_of is None:
            return [int(np.quantile(instant, 0.5, method="lower"))]
        given = [self.as_of] if isinstance(self.as_of, str | date) else list(self.as_of)
        cuts = [as_of_second(value) for value in given]
        if cuts != sorted(set(cuts)):
            raise UsageError(
                "The instants do not follow each other.", where="as_of", hint="Give them in order, each once."
            )
        return cuts


def connected_people(analysis: Analysis) -> pd.Series[Any]:
    """Return for each person a label of everybody whom records connect them with.

    Parameters
    ----------
    analysis : Analysis
        The latest one: what connects people later keeps them together earlier, too.

    Returns
    -------
    pandas.Series
        By ``person_id``, the smallest reference among the connected. Incidents, orders, ties and objects that few
        people share connect.

    Examples
    --------
    >>> import breachpattern as bp
    >>> rows = [{"incident_id": f"I{n}", "occurred_from": "2025-03-01", "suspect_id": p, "victim_id": v}
    ...         for n, (p, v) in enumerate([("P1", "V1"), ("P2", "V1"), ("P3", "V3")])]
    >>> connected_people(bp.Analyser().analyse(bp.read_extract(rows), as_of="2025-12-31")).tolist()
    ['P1', 'P1', 'P3', 'P1', 'P3']
    """
    from breachpattern.graph import components

    the_analysis(analysis, "Connections are told")
    index = analysis.graph_index
    label = components(index)
    names = np.asarray(index.names(np.arange(index.persons)), dtype=object)
    return pd.Series(names[label], index=pd.Index(names, name="person_id"), name="people")


def _labels(groups: Any, n: int) -> npt.NDArray[Any]:
    if groups is None:
        raise UsageError("The groups are missing.", where="PersonTimeSplit", hint="Pass groups=connected people.")
    series = pd.Series(np.asarray(groups, dtype=object))
    if len(series) != n or series.isna().any():
        raise UsageError(
            f"There are {n} rows and {series.notna().sum()} labels of people.",
            where="groups",
            hint="Give one for each row, none blank.",
        )
    return series.astype(str).to_numpy()


def _seconds(times: Any, n: int) -> Ints:
    if times is None:
        raise UsageError("The times are missing.", where="PersonTimeSplit", hint="Pass times=when each row dates from.")
    values = pd.Series(np.asarray(times)) if not isinstance(times, pd.Series | pd.Index) else pd.Series(times)
    if len(values) != n or values.isna().any():
        raise UsageError(
            f"There are {n} rows and {values.notna().sum()} times.",
            where="times",
            hint="Give one for each row, none blank.",
        )
    if pd.api.types.is_integer_dtype(values.dtype):
        return values.to_numpy(np.int64)
    seconds = seconds_of(values)
    if np.isnan(seconds).any():
        raise UsageError(
            f"{values[np.isnan(seconds)].iloc[0]!r} is no time.",
            where="times",
            hint="Write it as 2026-06-30 (the end of that day) or 2026-06-30T14:00, Europe/London.",
        )
    return seconds.astype(np.int64)

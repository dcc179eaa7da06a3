"""Worklists: what a scorer would have put before a person, week by week, and how steady that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.sorting import order_by
from breachpattern.spans import DAY, LONDON

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Nine tenths of the weight of rank-biased overlap then lie on the first 22 places (Webber, Moffat and Zobel, 2010).
PERSISTENCE = 0.9


@dataclass(frozen=True)
class Snapshot:
    """The units that were known and active at an instant, with the score that each scorer gives them.

    Attributes
    ----------
    as_of : int
        Seconds UTC.
    index : pandas.Index
    suspect, victim : (n,) object
        References; the first of several for a course.
    scores : mapping of str to (n,) float64
        The higher, the earlier.
    """

    as_of: int
    index: pd.Index[Any]
    suspect: npt.NDArray[Any]
    victim: npt.NDArray[Any]
    scores: Mapping[str, Floats]

    @property
    def day(self) -> str:
        """The day of the instant on the London clock."""
        return pd.Timestamp(self.as_of, unit="s", tz="UTC").tz_convert(LONDON).date().isoformat()


def drawn_lots(index: pd.Index[Any]) -> npt.NDArray[np.uint64]:
    """Return a number for each unit by which ties are settled: the same in every run, and of no meaning.

    Examples
    --------
    >>> lots = drawn_lots(pd.Index(["C-1", "C-2"]))
    >>> bool((lots == drawn_lots(pd.Index(["C-2", "C-1"]))[::-1]).all())
    True
    """
    texts = index.map("\x1f".join) if isinstance(index, pd.MultiIndex) else index.astype(str)
    return pd.util.hash_array(np.asarray(texts, dtype=object), categorize=False)


def best_first(index: pd.Index[Any], score: Floats) -> Ints:
    """Return the positions of units, the highest score first; ties in the order of drawn lots."""
    score = np.nan_to_num(score, nan=-np.inf)
    _, place = np.unique(-score, return_inverse=True)
    return order_by(place.reshape(-1), drawn_lots(index))


def worklists(snapshots: Sequence[Snapshot], scorer: str, capacity: int) -> pd.DataFrame:
    """Return what a scorer puts before a person at each instant: the best units that it has not shown before.

    Parameters
    ----------
    snapshots : sequence of Snapshot
        In order of their instants.
    scorer : str
    capacity : int
        Units on one list.

    Returns
    -------
    pandas.DataFrame
        ``as_of`` (day), ``place`` from 1, ``unit`` (the value of the index).
    """
    parts: list[pd.DataFrame] = []
    seen: Any = pd.Index([], dtype=object)
    for snapshot in snapshots:
        order = best_first(snapshot.index, snapshot.scores[scorer])
        flat: Any = snapshot.index.to_flat_index()
        fresh = order[~flat[order].isin(seen)][:capacity]
        units = flat[fresh]
        seen = seen.append(units)
        parts.append(pd.DataFrame({"as_of": snapshot.day, "place": np.arange(1, len(fresh) + 1), "unit": units}))
    return pd.concat(parts, ignore_index=True)


def stability(snapshots: Sequence[Snapshot], scorers: Iterable[str], depth: int) -> pd.DataFrame:
    """Return how much of the top of one run is in the top of the next.

    Returns
    -------
    pandas.DataFrame
        ``scorer``, ``as_of``, ``next``, ``days`` between, ``overlap`` (share of the top that stays in it) and
        ``rank_biased_overlap`` (which counts the first places most). Units that are not active at both instants count
        as having left: that is what a person sees.
    """
    rows = []
    for scorer in scorers:
        tops = [s.index[best_first(s.index, s.scores[scorer])[:depth]] for s in snapshots]
        for (one, top), (two, after) in zip(
            zip(snapshots, tops, strict=True), list(zip(snapshots, tops, strict=True))[1:], strict=False
        ):
            common = len(top.intersection(after)) / max(min(len(top), len(after)), 1)
            days = round((two.as_of - one.as_of) / DAY, 1)
            rows.append((scorer, one.day, two.day, days, common, rank_biased_overlap(list(top), list(after))))
    return pd.DataFrame(rows, columns=["scorer", "as_of", "next", "days", "overlap", "rank_biased_overlap"])


def rank_biased_overlap(one: Sequence[Any], two: Sequence[Any], persistence: float = PERSISTENCE) -> float:
    """Return how alike two lists are, from 0 to 1, the first places counting most; extrapolated beyond their ends.

    Notes
    -----
    RBO_ext of Webber, Moffat and Zobel (2010), for lists of equal depth; the longer is cut.

    Examples
    --------
    >>> rank_biased_overlap("abc", "abc"), rank_biased_overlap("abc", "xyz")
    (1.0, 0.0)
    >>> rank_biased_overlap("abcd", "bacd") > rank_biased_overlap("abcd", "abdc")
    False
    """
    depth = min(len(one), len(two))
    if depth == 0:
        return float("nan")
    place = {unit: at for at, unit in enumerate(one[:depth])}
    # A unit is common from the later of its two places on.
    later = [max(place[unit], at) for at, unit in enumerate(two[:depth]) if unit in place]
    common = np.cumsum(np.bincount(later, minlength=depth)[:depth])
    at = np.arange(1, depth + 1)
    powers = persistence**at
    value = common[-1] / depth * powers[-1] + (1 - persistence) / persistence * (common / at * powers).sum()
    return round(float(value), 12)

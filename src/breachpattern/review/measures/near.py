"""Whether something with the same label came in a time, or stood at a moment: over whole columns, without a loop."""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Bools, Ints


def has_near(label: Ints, since: Ints, until: Ints, among: Ints, at: Ints, ends: Ints | None = None) -> Bools:
    """Return for each question whether something with the same label came in ``[since, until]``; ``-1`` never does.

    What lasts from ``at`` to ``ends`` came in that time where the two overlap.

    Examples
    --------
    >>> ask, label = np.array([7, 7, -1]), np.array([7, -1])
    >>> has_near(ask, np.array([0, 6, 0]), np.array([5, 9, 9]), label, np.array([5, 5])).tolist()
    [True, False, False]
    """
    over = _counted(label, since, among, at if ends is None else ends, "left")
    return np.asarray(_counted(label, until, among, at, "right") > over)


def alive(label: Ints, moment: Ints, among: Ints, start: Ints, end: Ints) -> Bools:
    """Return for each question whether a span ``[start, end)`` with the same label holds the moment.

    Examples
    --------
    >>> alive(np.array([1, 1, 2]), np.array([4, 5, 4]), np.array([1]), np.array([0]), np.array([5])).tolist()
    [True, False, False]
    """
    begun = _counted(label, moment, among, start, "right")
    return np.asarray(begun > _counted(label, moment, among, np.maximum(start, end), "right"))


def _counted(label: Ints, moment: Ints, among: Ints, at: Ints, side: str) -> Ints:
    """Return how many of ``at`` with the same label lie before a moment (``left``) or not after it (``right``)."""
    names, places = np.unique(among[among >= 0], return_inverse=True)
    times, when = np.unique(at[among >= 0], return_inverse=True)
    width = len(times) + 1
    keys = np.sort(places.reshape(-1) * width + when.reshape(-1))
    if len(keys) == 0:
        return np.zeros(len(label), np.int64)
    place = np.minimum(np.searchsorted(names, label), len(names) - 1)
    found = (names[place] == label) & (label >= 0)
    rank = np.searchsorted(times, moment, side=side)  # type: ignore[call-overload]
    below = np.searchsorted(keys, place * width + rank, side="left")
    return np.where(found, below - np.searchsorted(keys, place * width, side="left"), 0).astype(np.int64)

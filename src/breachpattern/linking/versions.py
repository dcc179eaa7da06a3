"""Versions of orders out of their rows: what several rows of one version say together.

An order version has a row for each protected person, and extracts are not careful with them. A blank says
nothing. Windows that can both be true narrow each other; where they cannot, what lies between them is open. What
stands is chosen by what the rows say, never by where they stand in a file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Bools, Codes, Ints
from breachpattern.sorting import order_by
from breachpattern.spans import FOREVER, NEVER

Window = tuple[Ints, Ints]


@dataclass(frozen=True)
class Versions:
    """Rows of orders, sorted by respondent, order and version, and the version of each.

    Attributes
    ----------
    rows : (n,) int64
        Positions in the table of orders.
    member : (n,) int64
        The version of each row, as an index into ``heads``.
    heads : (versions,) int64
        The first row of each version.
    """

    rows: Ints
    member: Ints
    heads: Ints

    @classmethod
    def of(cls, respondent: Codes, order: Codes, version: Ints) -> Versions:
        """Return the versions of a table of orders.

        Examples
        --------
        >>> found = Versions.of(np.array([0, 0, 0]), np.array([7, 5, 7]), np.array([1, 1, 1]))
        >>> found.rows.tolist(), found.member.tolist(), found.heads.tolist()
        ([1, 0, 2], [0, 1, 1], [1, 0])
        """
        rows = order_by(respondent, order, version)
        keys = np.stack([respondent[rows], order[rows], version[rows]])
        fresh = np.append(True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)) if len(rows) else np.empty(0, np.bool_)
        return cls(rows, np.cumsum(fresh) - 1, rows[fresh])

    def where(self, kept: Bools) -> Versions:
        """Return the versions of some rows only, given as one answer per row of the table."""
        chosen = kept[self.rows]
        rows, member = self.rows[chosen], self.member[chosen]
        fresh = np.append(True, member[1:] != member[:-1]) if len(rows) else np.empty(0, np.bool_)
        return Versions(rows, np.cumsum(fresh) - 1, rows[fresh])

    def least(self, values: npt.NDArray[np.integer]) -> Ints:
        """Return the least value of each version, given one per row of the table."""
        return self._reduced(np.minimum, values)

    def greatest(self, values: npt.NDArray[np.integer]) -> Ints:
        """Return the greatest value of each version."""
        return self._reduced(np.maximum, values)

    def union(self, masks: Ints) -> Ints:
        """Return the union of the masks of each version."""
        return self._reduced(np.bitwise_or, masks)

    def any(self, flags: Bools) -> Bools:
        """Return the versions of which any row has a flag."""
        return self.greatest(flags.astype(np.int64)) > 0

    def filled(self, values: Ints) -> Ints:
        """Return, per row of the table, its own value or else the least of its version; blank is ``FOREVER``."""
        out = values.copy()
        out[self.rows] = np.where(values[self.rows] == FOREVER, self.least(values)[self.member], values[self.rows])
        return out

    def window(self, window: Window) -> Window:
        """Return one window for each version: where its rows meet, or all that they span.

        Examples
        --------
        >>> both = Versions.of(np.array([0, 0]), np.array([0, 0]), np.array([1, 1]))
        >>> meet = both.window((np.array([0, 50]), np.array([100, 50])))
        >>> [int(side[0]) for side in meet]
        [50, 50]
        >>> apart = both.window((np.array([0, 300]), np.array([100, 400])))
        >>> [int(side[0]) for side in apart]
        [0, 400]
        """
        low, high = window
        said = high != FOREVER
        last = np.where(high > low, high - 1, high)
        latest_low = self.greatest(np.where(said, low, NEVER))
        earliest_last = self.least(np.where(said, last, FOREVER))
        meet = latest_low <= earliest_last
        return (
            np.where(meet, latest_low, self.least(np.where(said, low, FOREVER))),
            np.where(meet, self.least(high), self.greatest(np.where(said, high, NEVER))),
        )

    def shortest_curfew(self, begins: Ints, ends: Ints) -> tuple[Ints, Ints]:
        """Return the shortest curfew of each version, in minutes after midnight; -1 is blank.

        Half a curfew counts only where no row of the version has a whole one.
        """
        half = (begins < 0) | (ends < 0)
        length = np.where(half, 1440, np.mod(ends - begins, 1440))
        order = order_by(self.member, half[self.rows], length[self.rows], begins[self.rows])
        fresh = np.append(True, np.diff(self.member[order]) != 0) if len(order) else np.empty(0, np.bool_)
        best = self.rows[order[fresh]]
        return (
            np.where(half[best], self.greatest(begins), begins[best]),
            np.where(half[best], self.greatest(ends), ends[best]),
        )

    def _reduced(self, ufunc: np.ufunc, values: npt.NDArray[np.integer]) -> Ints:
        if len(self.rows) == 0:
            return np.empty(0, np.int64)
        starts = np.flatnonzero(np.append(True, np.diff(self.member) != 0))
        return np.asarray(ufunc.reduceat(values[self.rows].astype(np.int64), starts))


def known_by(window: Window) -> Ints:
    """Return the second by which an event is known: the event itself, or the end of its day."""
    low, high = window
    return np.where(high == FOREVER, FOREVER, np.where(high > low, high - 1, high))


def known_rows(versions: Versions, windows: dict[str, Window], as_of: int) -> Bools:
    """Return which rows of a table of orders are known at an instant.

    A row is known from the first of the making of its version, its own service and its own awareness. A row that
    gives no making has that of its siblings; one that gives none of the three has what its siblings give, and one
    of a version that gives nothing at all was known when it starts, or always.
    """
    made, served, aware = (known_by(windows[name]) for name in ("made", "served", "aware"))
    told = np.minimum(served, aware)
    known = versions.filled(np.minimum(versions.filled(made), told))
    starts = windows["starts"]
    begins = versions.filled(np.where(starts[1] == FOREVER, FOREVER, starts[0]))
    return np.asarray(np.where(known == FOREVER, np.where(begins == FOREVER, NEVER, begins), known) <= as_of)

"""Whether the respondent knew what was forbidden, where a variation asks that of what it adds or extends.

A domestic abuse protection order varied without notice binds whoever is not aware of the variation only so far as the
version before did (Domestic Abuse Act 2021 s.45(8)-(9)): what was barred all along, under a version of which the
respondent was aware, stays barred.
"""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Bools, Columns, Ints
from breachpattern.linking.orders import Orders
from breachpattern.timelines.terms import TermTable, matched_terms


def aware_of(
    columns: Columns, orders: Orders, terms: TermTable, pairs: tuple[Ints, Ints], within: Ints, named: Bools
) -> Bools:
    """Return where the respondent was aware that the order forbade the act.

    Parameters
    ----------
    columns, orders, terms : Columns, Orders, TermTable
    pairs : pair of (n,) int64
        Incident rows and order versions.
    within : (n,) int64
        Mask of the terms that the act falls within under each version.
    named : (n,) bool
        The record itself says that this order, or one of its kind, was broken.

    Notes
    -----
    Going back from version to version, the same act is held against the one before, its places, hours and protected
    people included, until none of the terms forbade it or the respondent knew of the version.
    """
    rows, versions = pairs
    start = columns.start
    met = start[rows] >= orders.aware[versions]
    open_ = np.flatnonzero(~met & orders.varied_unaware[versions] & (within != 0))
    at, left = versions[open_], within[open_]
    while len(open_):
        at, row = at - 1, rows[open_]
        protects = orders.protects(at, columns.victim[row])
        before = matched_terms(columns, orders, terms, (row, at), protects, named[open_], columns.possible[row])
        left = left & (before[0] | before[1])
        held = left != 0
        met[open_] |= held & (start[row] >= orders.aware[at])
        on = held & ~met[open_] & orders.varied_unaware[at]
        open_, at, left = open_[on], at[on], left[on]
    return met

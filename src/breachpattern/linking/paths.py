"""Ways between people in words: *P2, family of P1 since 2021 and in the household of P1*."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from breachpattern.linking.columns import Columns, Ints
from breachpattern.linking.ties import Ties, tie_table
from breachpattern.spans import NEVER, london_days


def tie_words(ties: Ties, columns: Columns, tie: int) -> str:
    """Return what connects the two people of a tie, without the first of them.

    Where records suggest the tie, the record that shows it stands in brackets.
    """
    kind = tie_table()[0][int(ties.kind[tie])]
    words = f"{kind.text} {columns.names.persons[int(ties.right[tie])].as_py()}"
    if ties.row[tie] >= 0:
        return f"{words} (record {columns.names.incidents[int(columns.incident[ties.row[tie]])].as_py()})"
    if ties.since[tie] > NEVER and not kind.inferred:
        return f"{words} since {_year(int(ties.since[tie]))}"
    return words


def path_words(ties: Ties, columns: Columns, path: Sequence[int]) -> str:
    """Return the way from the respondent to who acted, told from the end.

    Parameters
    ----------
    ties : Ties
    columns : Columns
        Holds the names.
    path : sequence of int
        Positions in the ties: from the respondent, one or two steps.
    """
    told = columns.names.persons[int(ties.right[path[-1]])].as_py()
    for tie in reversed(path):
        told += ", " + " and ".join(tie_words(ties, columns, other) for other in _alongside(ties, tie))
    return str(told)


def _alongside(ties: Ties, tie: int) -> list[int]:
    """Return every tie between the people of one, as seen from its far end, the heaviest first."""
    here = _between(ties, int(ties.right[tie]), int(ties.left[tie]))
    return sorted(here.tolist(), key=lambda other: (-ties.weight[other], int(ties.kind[other])))


def _between(ties: Ties, left: int, right: int) -> Ints:
    low, high = np.searchsorted(ties.left, left, side="left"), np.searchsorted(ties.left, left, side="right")
    return np.asarray(low + np.flatnonzero(ties.right[low:high] == right))


def _year(second: int) -> int:
    day = np.datetime64(int(london_days(np.array([second]))[0]), "D")
    return int(str(day)[:4])

"""Ways between people in words: *P2, family of P1 since 2021 and in the household of P1*."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from breachpattern.linking.columns import Columns, Ints
from breachpattern.linking.ties import Ties, tie_table
from breachpattern.sorting import order_by
from breachpattern.spans import NEVER, london_days

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
# What an object is called in a sentence, by the kind with which its spelling begins.
NOUNS = {"phone": "number", "account": "account", "vehicle": "vehicle", "address": "address"}


def tie_words(ties: Ties, columns: Columns, tie: int, act: int = -1) -> str:
    """Return what connects the two people of a tie, without the first of them.

    Where records suggest the tie, the record that shows it stands in brackets; of a number that both used, the last
    use by the second of them before the act.

    Parameters
    ----------
    ties : Ties
    columns : Columns
    tie : int
        A position in the ties.
    act : int, optional
        The row that the tie is to explain.
    """
    kind, row = tie_table()[0][int(ties.kind[tie])], int(ties.row[tie])
    other = str(columns.names.persons[int(ties.right[tie])].as_py())
    if kind.id in ("same_means", "uses_object_of") and row >= 0:
        return _words_of_use(ties, columns, tie, act, other)
    if row >= 0:
        return f"{kind.text} {other} ({_record(columns, row)})"
    if ties.since[tie] > NEVER and not kind.inferred:
        return f"{kind.text} {other} since {_year(int(ties.since[tie]))}"
    return f"{kind.text} {other}"


def path_words(ties: Ties, columns: Columns, path: Sequence[int], act: int = -1) -> str:
    """Return the way from the respondent to who acted, told from the end.

    Parameters
    ----------
    ties : Ties
    columns : Columns
        Holds the names.
    path : sequence of int
        Positions in the ties: from the respondent, one or two steps.
    act : int, optional
        The row of what was done: then only ties that held at the time are told.
    """
    told = columns.names.persons[int(ties.right[path[-1]])].as_py()
    for tie in reversed(path):
        words = [tie_words(ties, columns, other, act) for other in _alongside(ties, columns, tie, act)]
        told += ", " + " and ".join(dict.fromkeys(words))
    return str(told)


def _words_of_use(ties: Ties, columns: Columns, tie: int, act: int, other: str) -> str:
    """Return the words of an object that one person used, and the other used or has on file."""
    kind, row, person = tie_table()[0][int(ties.kind[tie])], int(ties.row[tie]), int(ties.right[tie])
    means = int(columns.means[row])
    if kind.id == "same_means" and act >= 0 and int(columns.suspect[act]) == int(ties.left[tie]):
        # Of several objects that both used, the one with which it was done.
        done_with = int(columns.means[act])
        means = done_with if done_with >= 0 and _last_use(columns, person, done_with, act) >= 0 else means
    noun = NOUNS[str(columns.names.means[means]).split(":")[0]]
    if kind.id == "uses_object_of" and int(columns.suspect[row]) != person:
        return f"user of the {noun} on file for {other} ({_record(columns, row)})"
    used = _last_use(columns, person, means, act)
    if used < 0:
        return f"{kind.text_back or kind.text} {other} ({_record(columns, row)})"
    words = "user of the {} that {}" if kind.id == "same_means" else "with the {} on file that {}"
    return f"{words.format(noun, other)} used in {_month(int(columns.start[used]))} ({_record(columns, used)})"


def _last_use(columns: Columns, person: int, means: int, act: int) -> int:
    """Return the row of the last use of an object by somebody, before an act if there is one; ``-1`` where none is."""
    low, high = np.searchsorted(columns.suspect, person, "left"), np.searchsorted(columns.suspect, person, "right")
    rows = np.arange(low, high)
    rows = rows[(columns.means[rows] == means) & ~columns.cancelled[rows]]
    if act >= 0:
        rows = rows[(columns.start[rows] < columns.start[act]) & (columns.known[rows] <= columns.known[act])]
    order = order_by(columns.start[rows], columns.incident[rows])
    return int(rows[order[-1]]) if len(rows) else -1


def _record(columns: Columns, row: int) -> str:
    return f"record {columns.names.incidents[int(columns.incident[row])].as_py()}"


def _alongside(ties: Ties, columns: Columns, tie: int, act: int) -> list[int]:
    """Return every tie between the people of one, as seen from its far end, the heaviest first."""
    here = _between(ties, int(ties.right[tie]), int(ties.left[tie]))
    if act >= 0:
        here = here[ties.held(here, columns.start[[act] * len(here)], columns.known[[act] * len(here)])]
    weight = ties.weight
    return sorted(here.tolist(), key=lambda other: (-weight[other], int(ties.kind[other])))


def _between(ties: Ties, left: int, right: int) -> Ints:
    low, high = np.searchsorted(ties.left, left, side="left"), np.searchsorted(ties.left, left, side="right")
    return np.asarray(low + np.flatnonzero(ties.right[low:high] == right))


def _year(second: int) -> int:
    return int(str(_day(second))[:4])


def _month(second: int) -> str:
    """Return the month of a second on the London clock.

    Examples
    --------
    >>> _month(1_740_855_600)
    'March 2025'
    """
    day = date.fromisoformat(str(_day(second)))
    return f"{MONTHS[day.month - 1]} {day.year}"


def _day(second: int) -> np.datetime64:
    return np.datetime64(int(london_days(np.array([second]))[0]), "D")

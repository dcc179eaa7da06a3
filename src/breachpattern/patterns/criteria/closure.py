"""Criteria on records that were closed while the conduct went on."""

from __future__ import annotations

import re

import numpy as np

from breachpattern.linking.columns import Bools, Ints
from breachpattern.patterns.context import Context
from breachpattern.patterns.populations import Population, combined, filtered, owners
from breachpattern.patterns.registry import Outcome, Parameter, Reason, criterion
from breachpattern.timelines.courses import Ragged

UNRESOLVED = ("9", "10", "13", "14", "15", "16", "17", "18", "20", "21")


@criterion(
    "closed_then_more",
    unit=("course", "dyad"),
    params={
        "outcomes": Parameter(tuple, UNRESOLVED, "Home Office outcome numbers that end a record without a sanction"),
        "after": Parameter(int, 1, "later occasions"),
    },
    reasons={
        "closed": Reason("records closed without a sanction and followed by more", noun="record"),
        "closed_incident": Reason("the first of them", "incident"),
        "occasions_after": Reason("occasions after it", noun="occasion"),
    },
    basis="Home Office outcomes framework; each record closed on its own while the conduct went on",
)
def closed_then_more(population: Population, *, outcomes: tuple[str, ...], after: int) -> Outcome:
    """Hold where a record was closed without a sanction and the conduct went on."""
    context, columns = population.context, population.context.columns
    closed = filtered(population.rows, closed_without_sanction(context, outcomes))
    owner = owners(closed)
    last_start = combined(np.maximum, population.rows, context.event_start, np.iinfo(np.int64).min)
    followed = last_start[owner] >= columns.end[closed.values]
    kept, owner = closed.values[followed], owner[followed]
    first = np.full(len(population), -1, np.int64)
    first[owner[::-1]] = kept[::-1]
    later = rows_after(population, np.append(columns.end, np.iinfo(np.int64).max)[first])
    count = np.diff(Ragged.distinct(owners(later), context.event[later.values], len(population)).offsets)
    return Outcome(
        (first >= 0) & (count >= after),
        {
            "closed": np.diff(Ragged.distinct(owner, columns.incident[kept].astype(np.int64), len(population)).offsets),
            "closed_incident": np.where(first >= 0, np.append(columns.incident, -1)[first], -1).astype(np.int64),
            "occasions_after": count,
        },
    )


def rows_after(population: Population, moment: Ints) -> Ragged:
    """Return the rows of each candidate whose event begins at its moment or later.

    A second record of an event that had begun before is nothing that followed.
    """
    owner = owners(population.rows)
    keep = population.context.event_start[population.rows.values] >= moment[owner]
    return Ragged.of(owner[keep], population.rows.values[keep], len(population))


def closed_without_sanction(context: Context, outcomes: tuple[str, ...]) -> Bools:
    """Return where a row is closed with one of some outcomes, or closed with none on record."""
    columns = context.columns
    listed = with_outcome(context, outcomes)
    return np.asarray(listed | (columns.closed & (columns.outcome < 0)))


def with_outcome(context: Context, outcomes: tuple[str, ...]) -> Bools:
    """Return where a row has one of some outcome numbers, however it is written (``16``, ``016``, ``Outcome 16``)."""
    texts = context.columns.names.outcomes.to_pylist()
    table = np.array([outcome_number(t) in outcomes for t in texts] + [False], dtype=np.bool_)
    return np.asarray(table[context.columns.outcome])


def outcome_number(text: str) -> str:
    """Return a Home Office outcome number as it is printed.

    Examples
    --------
    >>> outcome_number("Outcome 01a"), outcome_number("16"), outcome_number("pending")
    ('1A', '16', '')
    """
    found = re.search(r"0{0,9}(\d{1,2}[A-Za-z]?)\b", text)
    return found.group(1).upper() if found else ""

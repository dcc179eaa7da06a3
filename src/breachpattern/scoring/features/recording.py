"""How it came to be on record.

Outcomes and closures are left out: extracts hold them as they stand on the day of the extract and not when they were
decided, so they would tell what was learnt later.
"""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Bools, Floats
from breachpattern.patterns.populations import owners
from breachpattern.scoring.features.histories import Histories
from breachpattern.scoring.features.reducing import extreme, known, median, share
from breachpattern.spans import DAY, FOREVER
from breachpattern.vocabulary import INCIDENT_KINDS


def records(told: Histories) -> dict[str, Floats]:
    """Return how many incidents there are, and what they were recorded as."""
    columns = told.context.columns
    every = _incidents(told, np.ones(len(columns), np.bool_))
    no_crime = _incidents(told, columns.kind != INCIDENT_KINDS.index("crime"))
    return {
        "incidents": every,
        "not_crimed_share": share(no_crime, every),
        "conduct_crimes": _incidents(told, told.context.conduct()),
    }


def delays(told: Histories) -> dict[str, Floats]:
    """Return how long after the conduct police were told."""
    rows, n = told.people.rows, len(told)
    reported = told.reported[rows.values]
    on_file = reported < FOREVER
    owner = owners(rows)[on_file]
    days = np.maximum(reported - told.context.columns.end[rows.values], 0)[on_file] / DAY
    return {
        "reporting_delay_median": median(owner, days, n),
        "reporting_delay_longest": extreme(np.maximum, owner, days, n),
    }


def _incidents(told: Histories, where: Bools) -> Floats:
    people = told.people
    return known(np.diff(people.distinct(people.rows_where(where), told.context.columns.incident).offsets))

"""Measures that count candidate courses, or pairs with one: one line for each, at the latest of its records."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from breachpattern.linking.columns import Bools
from breachpattern.output.tables import texts_of
from breachpattern.patterns.criteria.recording import limitation_runs
from breachpattern.patterns.populations import Population, population
from breachpattern.review.measures.facts import ARGUABLE, Facts
from breachpattern.review.measures.ledger import lines_of_rows, measure
from breachpattern.sorting import order_by

SOON = 30


def _arguable(facts: Facts) -> Population:
    courses = population(facts.context, "course")
    return courses.take(np.flatnonzero(facts.context.strength[courses.subject] >= ARGUABLE))


def _ledger(facts: Facts, courses: Population, met: Bools) -> pd.DataFrame:
    last = courses.rows.values[courses.rows.offsets[1:] - 1]
    ids: pa.Array = facts.analysis.course_ids
    return lines_of_rows(facts, last, met, course_id=texts_of(ids, courses.subject))


@measure("M10")
def protection_order_considered(facts: Facts) -> pd.DataFrame:
    """Return pairs with a course and an act associated with stalking, and whether an order was considered."""
    associated = facts.context.behaving("s2a")
    courses = _arguable(facts)
    own = facts.context.dyad_of_course[courses.subject]
    courses = courses.take(np.flatnonzero((own >= 0) & courses.any_row(facts.columns.behaviours & associated != 0)))
    # A pair with several courses is one line, at the last of its records.
    last = courses.rows.values[courses.rows.offsets[1:] - 1]
    order = order_by(facts.pair[last], facts.columns.start[last], courses.subject)
    pair = facts.pair[last][order]
    courses = courses.take(np.sort(order[np.append(pair[1:] != pair[:-1], True)[: len(order)]]))
    bound = facts.context.orders.respondent[facts.of_stalking]
    decided, *_ = facts.actions.rows_of(facts, "protection_order_decision")
    where = np.isin(facts.columns.suspect, bound[bound >= 0])
    where |= np.isin(facts.columns.suspect, _known(facts.columns.suspect[facts.applied]))
    where |= np.isin(facts.pair, _known(facts.pair[decided]))
    return _ledger(facts, courses, courses.any_row(where))


def _known(label: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
    """Return the labels that are known; ``-1`` is like nothing."""
    return label[label >= 0]


@measure("M16")
def limitation_exposure(facts: Facts) -> pd.DataFrame:
    """Return courses whose six months run, and whether 30 days or fewer are left."""
    courses = _arguable(facts)
    outcome = limitation_runs(courses, at_most=366)
    running = np.flatnonzero(outcome.holds)
    left = np.asarray(outcome.reasons["days_left"])[running]
    return _ledger(facts, courses.take(running), left <= SOON)

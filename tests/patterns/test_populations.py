"""Populations: who the candidates are, and what narrowing keeps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.facts import incident, order, timelines
from tests.patterns.given import CALL, calls, extracts

from breachpattern.patterns.context import Context, strongest
from breachpattern.patterns.populations import filtered, owners, population, single_breaches
from breachpattern.patterns.registry import UNITS
from breachpattern.timelines.courses import Ragged

RAGGED = st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=5).map(
    lambda lists: Ragged(
        np.cumsum([0, *(len(part) for part in lists)]), np.array([v for part in lists for v in part], dtype=np.int64)
    )
)


@given(RAGGED, st.lists(st.booleans(), min_size=10, max_size=10))
def test_filtering_keeps_order_and_owners(lists, keep):
    kept = filtered(lists, np.array(keep))
    assert [kept[k].tolist() for k in range(len(kept))] == [
        [v for v in lists[k].tolist() if keep[v]] for k in range(len(lists))
    ]
    assert owners(kept).tolist() == [k for k in range(len(kept)) for _ in kept[k]]


@settings(max_examples=up_to(15), deadline=None)
@given(extracts())
def test_rows_are_in_time_order_and_breaches_lie_in_rows(extract):
    context = Context(timelines(*extract))
    for unit in UNITS:
        candidates = population(context, unit)
        start = context.columns.start
        for k in range(len(candidates)):
            rows = candidates.rows[k]
            assert (np.diff(start[rows]) >= 0).all()
            assert set(context.breach.row[candidates.breaches[k]]) <= set(rows.tolist())
            one = candidates.take(np.array([k]))
            assert one.rows[0].tolist() == rows.tolist()
            assert one.victims[0].tolist() == candidates.victims[k].tolist()


def test_events_are_counted_once_whoever_the_victims_are():
    rows = [
        incident("I1", "2025-03-01T20:00", victim_id="V1", **CALL),
        incident("I1", "2025-03-01T20:00", victim_id="V2", **CALL),
        incident("I2", "2025-03-01T20:00", victim_id="V1", **CALL),
        incident("I3", "2025-03-05T20:00", victim_id="V2", **CALL),
    ]
    both = [order("O1", protected_id="V1"), order("O1", protected_id="V2")]
    candidates = population(Context(timelines(rows, both)), "order")
    assert candidates.count_breach_events().tolist() == [2]
    assert candidates.count_events().tolist() == [2]


def test_one_breach_candidate_for_each_incident_order_and_suspect():
    rows = [incident("I1", "2025-03-01T20:00", victim_id=v, **CALL) for v in ("V1", "V2")]
    both = [order("O1", protected_id=v) for v in ("V1", "V2")] + [order("O2")]
    context = Context(timelines(rows, both))
    assert len(population(context, "breach")) == 2
    assert len(single_breaches(context)) == len(context.breach) == 3


def test_an_order_takes_its_protected_people_where_the_record_names_nobody():
    late = [incident("I1", "2025-03-01", victim_id="", behaviours="notification_failure")]
    context = Context(timelines(late, [order("O1", kind="stalking_protection", terms="notification")]))
    candidates = population(context, "order")
    names = context.columns.names.persons.to_pylist()
    assert [names[v] for v in candidates.victims[0]] == ["V1"]


def test_narrowing_to_members_keeps_only_their_rows():
    rows = [*calls("2025-03-01"), incident("I9", "2025-03-05", victim_id="", behaviours="notification_failure")]
    bound = order("O1", kind="stalking_protection", served_at="2025-01-12T12:00", terms="no_contact;notification")
    context = Context(timelines(rows, [bound]))
    kept = population(context, "order").with_members(~context.duty_only)
    ids = context.columns.names.incidents.to_pylist()
    assert [ids[i] for i in context.columns.incident[kept.rows[0]]] == ["I1"]


def test_the_strongest_course_is_the_first_of_equals():
    strength = np.array([1, 3, 3, 0])
    assert strongest(np.array([0, 0, 0]), np.array([2, 1, 0]), strength, 1).tolist() == [1]
    assert strongest(np.array([-1]), np.array([0]), strength, 1).tolist() == [-1]


@pytest.mark.parametrize("unit", UNITS)
def test_nothing_on_file_is_no_candidate(unit):
    assert len(population(Context(timelines([])), unit)) == 0

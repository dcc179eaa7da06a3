"""What an order was founded on agrees with going through every pair."""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from tests.drawing import up_to
from tests.facts import incident, order, timelines
from tests.timelines.test_build import extracts

from breachpattern.timelines import founding
from breachpattern.timelines.founding import founded_pairs

slow = settings(max_examples=up_to(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def founded_one_by_one(found, occasions):
    version, ground = found.orders.founded
    grounds = set(zip(version.tolist(), ground.tolist(), strict=True))
    rows = list(zip(occasions.row_occasion.tolist(), occasions.rows.tolist(), strict=True))
    breached = list(zip(found.breaches["row"].tolist(), found.breaches["version"].tolist(), strict=True))
    pairs = set()
    for (earlier, ground_row), (later, row) in product(rows, rows):
        same = occasions.unit[earlier] == occasions.unit[later] and occasions.start[earlier] < occasions.start[later]
        held = [v for r, v in breached if r == row]
        if same and any((v, int(found.columns.incident[ground_row])) in grounds for v in held):
            pairs.add((earlier, later))
    return pairs


@slow
@given(extracts())
def test_founded_pairs_are_those_found_one_by_one_and_each_once(extract):
    found = timelines(*extract, as_of="2025-12-31")
    for occasions in found.occasions.values():
        earlier, later = founded_pairs(found.columns, found.orders, found.breaches, occasions)
        pairs = list(zip(earlier.tolist(), later.tolist(), strict=True))
        assert set(pairs) == founded_one_by_one(found, occasions)
        assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize("at_once", [1, 7, 1 << 20])
def test_the_size_of_a_part_changes_nothing(monkeypatch, at_once):
    monkeypatch.setattr(founding, "AT_ONCE", at_once)
    days = range(1, 9)
    rows = [incident(f"I{d}", f"2025-01-0{d}T10:00", behaviours="contact") for d in days]
    rows += [incident(f"J{d}", f"2025-03-0{d}T10:00", behaviours="contact") for d in days]
    bound = [order(f"O{k}", founded_on=";".join(f"I{d}" for d in days)) for k in range(3)]
    found = timelines(rows, bound)
    earlier, later = founded_pairs(found.columns, found.orders, found.breaches, found.occasions[0])
    assert len(earlier) == 8 * 8
    assert (found.occasions[0].start[earlier] < found.occasions[0].start[later]).all()

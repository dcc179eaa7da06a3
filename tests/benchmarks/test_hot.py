"""The hot extracts hold what they are made for: everything that meets in one place is found there."""

from __future__ import annotations

import pytest
from benchmarks.bench_hot import CASES

from benchmarks import hot
from breachpattern.analysis import Analyser
from breachpattern.ingest import read_extract

pytestmark = pytest.mark.filterwarnings("ignore::breachpattern.law.CatalogueStaleWarning")


@pytest.mark.parametrize(
    ("case", "sizes", "rows", "breaches"),
    [
        ("pair", (30,), 30, 30),
        ("pair", (10, 5), 10, 50),
        ("pair", (10, 2, 3), 10, 20),
        ("suspect", (20, 5), 20, 5),
        ("hub", (4,), 16, 4),
        ("number", (20, 20), 20, 1),
        ("number", (20, 6), 20, 1),
    ],
)
def test_every_meeting_is_a_breach_of_every_order(case, sizes, rows, breaches):
    incidents, orders = getattr(hot, case)(*sizes)
    assert incidents.num_rows == rows
    analysis = Analyser().analyse(read_extract(incidents, orders=orders), as_of="2026-06-30")
    assert len(analysis.breaches) == breaches


def test_each_way_of_meeting_is_measured_at_more_than_one_size():
    sizes = {case: {sizes for name, sizes in CASES.values() if name == case} for case, _ in CASES.values()}
    assert set(sizes) == {"pair", "suspect", "hub", "number"}
    assert all(len(tried) > 1 for tried in sizes.values())

"""The engine gives what the literal reference gives: breaches, courses and findings."""

from pathlib import Path

import pytest
from benchmarks.extracts import make
from benchmarks.reference.comparing import differences
from benchmarks.reference.criteria import CRITERIA
from benchmarks.reference.findings import conditions, core_patterns, names
from benchmarks.reference.reading import NOT_READ
from hypothesis import HealthCheck, given, settings
from tests.benchmarks.messy import extracts
from tests.cases.given import with_arrests
from tests.drawing import first, up_to

from benchmarks import reference
from breachpattern import simulate
from breachpattern.analysis import Analyser
from breachpattern.ingest import read_extract
from breachpattern.patterns import load_packs

AS_OF = "2026-06-30"


def agree(incidents, orders, as_of):
    answer = reference.score(incidents, orders, as_of)
    analysis = Analyser().analyse(read_extract(incidents, orders=orders or None), as_of=as_of)
    assert differences(analysis, answer) == []
    return answer


@given(extracts())
@settings(max_examples=up_to(30), deadline=None, suppress_health_check=list(HealthCheck))
def test_messy_extracts(extract):
    agree(*extract)


@pytest.mark.parametrize("seed", first(8, range(20, 45)))
def test_arrests_beside_breaches(seed):
    told = with_arrests(seed)
    agree(told["incidents"], told["orders"], AS_OF)


@pytest.mark.slow
@given(extracts())
@settings(max_examples=up_to(400), deadline=None, suppress_health_check=list(HealthCheck))
def test_many_messy_extracts(extract):
    agree(*extract)


def test_a_small_force(tmp_path: Path):
    paths = make(1_500, tmp_path, seed=1, means=True)
    agree(paths["incidents.csv"], paths["orders.csv"], AS_OF)


def test_a_simulated_force():
    tables = simulate(1_500, 1).tables()
    rows = {
        name: tables[name].drop([c for c in NOT_READ.get(name, ()) if c in tables[name].column_names]).to_pylist()
        for name in ("incidents", "orders")
    }
    answer = agree(rows["incidents"], rows["orders"], "2025-12-31")
    assert len({finding.pattern for finding in answer.findings}) >= 10


@pytest.mark.slow
def test_twenty_thousand_incidents(tmp_path: Path):
    paths = make(20_000, tmp_path, means=True)
    answer = agree(paths["incidents.parquet"], paths["orders.parquet"], AS_OF)
    assert len(answer.breaches) > 500
    patterns = {finding.pattern for finding in answer.findings}
    assert len(patterns) >= 10
    assert "means_across_victims" in patterns


def test_what_is_left_out_is_named():
    """A new pattern or criterion that the reference does not know has to be written there, or named as left out."""
    unknown = {
        pattern["id"]
        for pattern in core_patterns()
        if any(name not in CRITERIA for node in conditions(pattern) for name in names(node))
    }
    assert reference.not_covered() == sorted(unknown) == []
    assert len(core_patterns()) == len(load_packs())


def test_what_is_not_read_is_refused():
    row = {"order_id": "O1", "kind": "non_molestation", "respondent_id": "P1", "curfew_from": "21:00"}
    with pytest.raises(reference.NotCovered, match="curfew_from"):
        reference.score([], [row])

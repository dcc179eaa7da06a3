"""The register of criteria: what it takes, what it refuses, and that every criterion keeps its word."""

import numpy as np
import pytest
from tests.facts import order, timelines
from tests.patterns.given import calls

from breachpattern.errors import PatternError
from breachpattern.patterns.context import Context
from breachpattern.patterns.populations import population
from breachpattern.patterns.registry import (
    Outcome,
    Parameter,
    all_criteria,
    criterion,
    find_criterion,
    forget,
)

CASES = [(c.id, unit) for c in all_criteria() for unit in c.units]
CONTEXTS = {
    "some": Context(
        timelines(calls("2025-03-01", "2025-03-05", outcome="16"), [order("O1"), order("O2", ends="2025-03-03")])
    ),
    "nothing": Context(timelines([], [])),
}


@pytest.mark.parametrize("facts", CONTEXTS)
@pytest.mark.parametrize(("name", "unit"), CASES)
def test_every_criterion_gives_what_it_declares(name, unit, facts):
    found, candidates = find_criterion(name), population(CONTEXTS[facts], unit)
    outcome = found(candidates, {})
    assert outcome.holds.shape == (len(candidates),)
    assert set(outcome.reasons) <= set(found.reasons)
    assert all(len(values) == len(candidates) for values in outcome.reasons.values())
    if outcome.evidence is not None:
        assert len(outcome.evidence) == len(candidates)


@pytest.mark.parametrize("found", all_criteria(), ids=lambda c: c.id)
def test_every_criterion_is_documented_and_its_defaults_are_allowed(found):
    assert found.summary.endswith(".")
    assert found.basis
    for parameter in found.parameters.values():
        assert parameter.meaning
        assert parameter.problem(parameter.default) == ""


def test_a_criterion_that_breaks_its_word_is_named():
    @criterion("broken_for_test")
    def broken(population):
        return Outcome(np.zeros(len(population) + 1, np.bool_))

    try:
        with pytest.raises(PatternError, match="broken_for_test"):
            find_criterion("broken_for_test")(population(CONTEXTS["some"], "course"), {})
    finally:
        forget("broken_for_test")


@pytest.mark.parametrize("options", [{"unit": "village"}, {"unit": ("course", "village")}])
def test_unknown_units_are_refused(options):
    with pytest.raises(PatternError, match="village"):
        criterion("for_test", **options)


def test_an_id_is_taken_once():
    with pytest.raises(PatternError, match="taken"):
        criterion("breaches")


def test_a_whole_number_may_stand_for_a_number():
    assert Parameter(float, 0.05, "level").problem(1) == ""
    assert "a number" in Parameter(float, 0.05, "level").problem("x")

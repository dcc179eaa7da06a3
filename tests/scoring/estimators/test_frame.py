"""The frame says of each unit what its findings say, whatever the order of the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from tests.drawing import first, up_to
from tests.patterns.given import extracts
from tests.scoring.estimators.given import analysed

import breachpattern as bp
from breachpattern.errors import UsageError
from breachpattern.patterns.rules import rules
from breachpattern.scoring.estimators.frame import FURTHER, LEVEL, PATTERN, POINTS, pattern_frame
from breachpattern.vocabulary import LEVELS


def level_number(text: str) -> int:
    return LEVELS.index(text) + 1


def literal(analysis: bp.Analysis, unit: str) -> dict[object, dict[str, float]]:
    """The same from the records of the findings, one by one."""
    out: dict[object, dict[str, float]] = {}
    for finding in analysis.findings:
        record = finding.record()
        if unit == "course":
            units = [record["course_id"]] if record["course_id"] else []
        else:
            units = [(s, v) for s in record["suspect_ids"] for v in record["victim_ids"]]
        for name in units:
            row = out.setdefault(
                name, {LEVEL: level_number(finding.level), "first": finding.pattern, "score": finding.score}
            )
            row[PATTERN + finding.pattern] = max(row.get(PATTERN + finding.pattern, 0), level_number(finding.level))
    return out


@pytest.mark.parametrize("unit", first(1, ["course", "dyad"]))
def test_it_agrees_with_the_findings_told_one_by_one(unit):
    analysis = analysed()
    frame, told = pattern_frame(analysis, unit), literal(analysis, unit)
    told = {name: row for name, row in told.items() if name in frame.index}
    assert len(told) > 100
    weights = {f"{POINTS}{rule.id}": rule.points for rule in rules().points}
    score = (frame[list(weights)] * weights).sum(axis=1)
    patterns = [c for c in frame if c.startswith(PATTERN)]
    for name, row in told.items():
        assert (frame.loc[name, LEVEL], score[name]) == (row[LEVEL], row["score"])
        assert frame.loc[name, patterns].to_dict() == {c: row.get(c, 0) for c in patterns}
        assert frame.loc[name, FURTHER] == sum(c in row for c in patterns) - 1
    assert not frame[~frame.index.isin(list(told))].to_numpy().any()


@pytest.mark.parametrize("unit", ["course", "dyad"])
def test_every_unit_has_one_row(unit):
    analysis = analysed()
    frame = pattern_frame(analysis, unit)
    assert frame.index.is_unique
    assert frame.index.is_monotonic_increasing
    if unit == "course":
        assert set(frame.index) == set(analysis.courses.to_frame()["course_id"])
        assert frame.index.name == "course_id"
    else:
        assert list(frame.index.names) == ["suspect_id", "victim_id"]
    assert frame.dtypes.eq(np.float64).all()


@settings(max_examples=up_to(10))
@given(extracts())
def test_the_order_of_rows_does_not_matter(facts):
    rows, orders = facts
    both = [
        bp.Analyser().analyse(bp.read_extract(list(r), orders=list(o) or None), as_of="2026-06-30")
        for r, o in ((rows, orders), (rows[::-1], orders[::-1]))
    ]
    for unit in ("course", "dyad"):
        one, other = (pattern_frame(analysis, unit) for analysis in both)
        pd.testing.assert_frame_equal(one, other)


def test_an_extract_without_people_has_no_units():
    analysis = bp.Analyser().analyse(
        bp.read_extract([{"incident_id": "I1", "occurred_from": "2025-03-01"}]), "2025-12-31"
    )
    assert len(pattern_frame(analysis)) == len(pattern_frame(analysis, "dyad")) == 0


def test_another_unit_is_refused():
    with pytest.raises(UsageError, match=r"'order' is not a unit that can be scored\. One of course, dyad"):
        pattern_frame(analysed(), "order")

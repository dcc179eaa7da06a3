"""Patterns of somebody's own are told from what is carried on as the whole engine tells them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.facts import catalogue, incident, order

from breachpattern.cases import CaseIndex
from breachpattern.ingest import read_extract

PATTERN = """
id = "own"
title = "A pattern of somebody's own"
status = "test"
level = "low"
unit = "{unit}"
summary = "Whatever is asked."
basis = "judgement"
headline = "{{suspect}} towards {{victims}}: {{occasions}}, {{strength}}, {{order_ids}}"
false_positives = ["None known."]
{more}
"""
FEW = (
    'members = { criterion = "behaviour", any_of = ["threat"] }\ncondition = { criterion = "occasions", at_least = 1 }'
)
CERTAIN = 'condition = { criterion = "escalating", alpha = 1.0, occasions = 2 }'
LADDER = 'condition = { criterion = "successive_orders", at_least = 0 }'


@pytest.mark.parametrize(
    ("unit", "more"),
    [("dyad", FEW), ("course", FEW), ("suspect", FEW), ("order", FEW), ("dyad", LADDER), ("dyad", CERTAIN)],
)
@pytest.mark.parametrize("orders", [[], [order("O1")]], ids=["no order", "an order"])
def test_a_pattern_is_told_as_the_whole_engine_tells_it(tmp_path: Path, unit, more, orders):
    (tmp_path / "own.toml").write_text(PATTERN.format(unit=unit, more=more))
    given = [incident("I1", "2025-03-01T10:00", behaviours="threat"), incident("I2", "2024-03-01T10:00")]
    index = CaseIndex.of(read_extract(given, orders=orders or None), catalogue(), [tmp_path])
    for day in range(2, 5):
        one = incident(f"N{day}", f"2025-03-{day:02d}T10:00", behaviours="follow;threat", channel="in_person")
        whole = index.assess(one, findings="full")
        assert index.assess(one, keep=True)["findings"] == whole["findings"]

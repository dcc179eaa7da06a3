"""Both ways to find say the same of one incident, apart from what the fast one says that it does not tell."""

from __future__ import annotations

from typing import Any

from tests.facts import catalogue, incident, order

import breachpattern as bp
from breachpattern.cases import CaseIndex
from breachpattern.cases.index import TIERS
from breachpattern.ingest import read_extract

TOLD = ("findings", "no_longer")


def asked(
    history: list[dict[str, Any]], call: dict[str, Any], orders: list[dict[str, Any]] | None = None, **more: Any
) -> dict[str, Any]:
    """The fast answer, after the other one was found to say the same; nothing is left out of it."""
    index = CaseIndex.of(read_extract(history, orders=orders, **more), catalogue())
    fast, full = (index.assess(call, findings=tier) for tier in TIERS)
    assert fast["patterns_not_assessed"] == []
    assert {part: fast[part] for part in TOLD} == {part: full[part] for part in TOLD}
    return fast


def changes(answer: dict[str, Any]) -> dict[str, str]:
    return {f["pattern"]: f["change"] for f in answer["findings"]}


CALLS = [incident(f"I{day}", f"2025-03-0{day}T10:00", behaviours="contact") for day in (1, 3)]
CALL = incident("N", "2025-03-05T10:00", behaviours="contact")
NAMED = """
id = "named"
title = "Orders by their names"
status = "experimental"
level = "low"
unit = "dyad"
summary = "One."
basis = "judgement"
headline = "{suspect} and the orders {order_ids}"
false_positives = ["None."]
[condition]
criterion = "occasions"
at_least = 2
"""


def test_an_order_that_was_made_after_the_last_record_is_on_file_for_both(tmp_path):
    (tmp_path / "own.toml").write_text(NAMED)
    index = bp.Analyser(patterns=[tmp_path]).index(read_extract(CALLS, orders=[order("O1", made_on="2025-06-01")]))
    fast, full = (index.assess(CALL, findings=tier) for tier in TIERS)
    assert fast == full
    assert [f["headline"] for f in fast["findings"] if f["pattern"] == "named"] == ["P1 and the orders O1"]


def test_an_order_is_the_same_once_a_course_holds_what_breaches_it():
    broken = [incident("I1", "2025-03-01T10:00", behaviours="contact")]
    answer = asked(broken, incident("N", "2025-03-05T10:00", behaviours="contact"), [order("O1")])
    assert changes(answer)["unrecorded_breach"] == "changed"
    assert answer["no_longer"] == []

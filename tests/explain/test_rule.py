"""The rule in words: no names of parameters, no True and False."""

import pytest
from tests.facts import order
from tests.patterns.given import calls, findings

from breachpattern.explain.rule import rule

TRACE = {
    "all": [
        {
            "criterion": "breaches", "holds": True, "summary": "There are breaches.", "basis": "s.7(3)",
            "params": {"at_least": 1, "status": ["recorded", "unrecorded", "recorded_no_order"], "certain": False,
                       "told_here": True},
            "values": {"breaches": "9 breaches", "recorded": "3 recorded breaches"},
        },
        {"holds": True,
         "not": {"criterion": "soon_after_service", "holds": False, "params": {"days": 7}, "values": {}}},
    ],
    "holds": True,
}  # fmt: skip


def test_a_rule_is_told_in_words():
    lines = [text for line, details in rule(TRACE) for text in (line, *details)]
    assert lines == [
        "all of these (met):",
        "  There are breaches: yes",
        "  asked for: distinct occasions of breach: at least 1; one of them belongs to no stronger course, "
        "nor an equal one of fewer people",
        "  found: 9 breaches; 3 recorded breaches",
        "  rests on: s.7(3)",
        "  not this (met):",
        "    soon after service: no",
        "    asked for: days between service and breach: at most 7",
    ]


@pytest.mark.parametrize("word", ["True", "False", "None", "_", "/recorded"])
def test_no_word_of_a_program_is_in_any_rule(word):
    found = findings(calls("2025-03-01", "2025-03-05", "2025-03-09"), [order("O1", served_at="2025-03-01T09:00")])
    assert len(found)
    for record in found.records():
        for line, details in rule(record["trace"]):
            assert word not in " ".join([line, *details]), line


def test_a_criterion_that_is_not_known_here_is_still_named():
    assert list(rule({"criterion": "my_own", "holds": True, "params": {"x": 1}})) == [("my own: yes", ())]

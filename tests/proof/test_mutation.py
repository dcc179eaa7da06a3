"""The page of the mutants says what the last run found, and no survivor is excused that is none."""

import json

from proof.mutation import COPIED, PAGE, RESULTS, _sums, settings
from proof.mutation_page import equivalents, page, sums, told
from proof.tests_of import ROOT


def test_the_page_says_what_the_last_run_found():
    assert PAGE.read_text(encoding="utf-8") == page()
    assert sum(count["mutants"] for count in sums().values()) > 0


def test_every_module_and_test_that_is_named_is_there():
    for module in settings()["module"].values():
        assert all((ROOT / "src" / "breachpattern" / file).is_file() for file in module["files"])
        assert all((ROOT / test).is_file() for test in module["tests"])
    assert all((ROOT / what).exists() for what in COPIED)


def test_only_survivors_are_said_to_change_nothing():
    survivors = {told(s) for module in json.loads(RESULTS.read_text("utf-8")).values() for s in module["survivors"]}
    assert set(equivalents()) - survivors == set()


def test_every_mutant_is_counted_once():
    mutants = {
        "breachpattern.spans.x_touches__mutmut_1": ["spans.py", 1, []],
        "breachpattern.spans.x_touches__mutmut_2": ["spans.py", 0, ["-    a < b", "+    a <= b"]],
        "breachpattern.spans.xǁSpanǁends__mutmut_1": ["spans.py", 33, ["-    a", "+    b"]],
        "breachpattern.spans.x_touches__mutmut_3": ["spans.py", 36, []],
        "breachpattern.spans.x_touches__mutmut_4": ["spans.py", None, []],
    }
    found = _sums(mutants)
    assert {k: v for k, v in found.items() if k != "survivors"} == {
        "possible": 5, "mutants": 4, "killed": 2, "survived": 1, "no_tests": 1,
    }  # fmt: skip
    assert [told(survivor) for survivor in found["survivors"]] == ["Span.ends: b", "touches: a <= b"]

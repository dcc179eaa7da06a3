"""Every example of every pattern says what it should; one that does not is reported."""

import pytest
from tests.patterns.test_packs import GOOD, pack

from breachpattern.patterns import load_packs, test_packs
from breachpattern.patterns.examples import run_example

EXAMPLES = [(p, e) for p in load_packs() for e in p.examples]


@pytest.mark.parametrize(("pattern", "example"), EXAMPLES, ids=[f"{p.id}: {e.name}" for p, e in EXAMPLES])
def test_the_example_says_what_it_should(pattern, example):
    result = run_example(pattern, example)
    assert result.passed, str(result)


@pytest.mark.parametrize("pattern", load_packs(), ids=lambda p: p.id)
def test_every_pattern_has_an_example_that_fires_and_one_that_must_not(pattern):
    assert {e.expect for e in pattern.examples} == {True, False}


def test_an_example_that_fails_is_reported(tmp_path):
    pack(tmp_path, GOOD.replace("at_least = 2", "at_least = 3"))
    failed = test_packs([tmp_path])
    assert [(r.pattern, r.example) for r in failed] == [("my_pattern", "two calls under an order")]
    assert "FAILED: expected a finding, saw nothing" in str(failed[0])
    pack(tmp_path, GOOD)
    assert test_packs([tmp_path]) == []


def test_the_level_of_an_example_is_held(tmp_path):
    pack(tmp_path, GOOD.replace("expect = true", 'expect = true\nlevel = "high"'))
    assert "expected high, saw low" in str(test_packs([tmp_path])[0])

"""What the default run leaves out, another run of CI holds; and the default run does not grow unseen."""

from __future__ import annotations

import re
import shlex
import tomllib
from itertools import product
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression
from hypothesis import settings
from tests.drawing import first, up_to

ROOT = Path(__file__).parent.parent
OPTIONS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
MARKERS = [marker.partition(":")[0] for marker in OPTIONS["markers"]]
# Each needs something of its own, and the tests of it lie together.
ALONE = {"spark", "postgres", "browser"}


def runs() -> dict[str, list[str]]:
    """Return the arguments of pytest in each target that CI makes."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    given = dict(re.findall(r"^([A-Z]+) := (.*)$", makefile, re.MULTILINE))
    recipes = dict(re.findall(r"^(test[a-z-]*):.*\n\t.*-m pytest(.*)$", makefile, re.MULTILINE))
    recipes |= dict(re.findall(r"^(test-spark):.*\n\t.*\n\t.*-m pytest(.*)$", makefile, re.MULTILINE))
    made = re.findall(r"^make (test[a-z-]*)$", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)
    both = re.search(r"^test-all: (.*?) *##", makefile, re.MULTILINE)
    assert both is not None
    names = [name for target in made for name in (both[1].split() if target == "test-all" else [target])]
    return {name: shlex.split(re.sub(r"\$\(([A-Z]+)\)", lambda hit: given[hit[1]], recipes[name])) for name in names}


def chosen(arguments: list[str], markers: set[str]) -> bool:
    """Return whether a run takes a test with these markers."""
    by_default = shlex.split(OPTIONS["addopts"])
    words = [*by_default, *arguments]
    last = max(n for n, word in enumerate(words) if word == "-m")
    return Expression.compile(words[last + 1]).evaluate(lambda name, **_: name in markers)


@pytest.mark.parametrize("alone", [None, *sorted(ALONE)])
def test_whatever_a_test_is_marked_with_a_run_of_ci_takes_it(alone):
    others = sorted({*MARKERS, "hypothesis"} - ALONE)
    for held in product([False, True], repeat=len(others)):
        markers = {marker for marker, there in zip(others, held, strict=True) if there} | ({alone} - {None})
        takes = {name: words for name, words in runs().items() if chosen(words, markers)}
        assert takes, markers
        if "hypothesis" in markers:
            assert any("full" in words for words in takes.values()), markers


def test_the_oldest_versions_meet_all_that_is_not_slow():
    oldest = runs()["test-oldest"]
    assert "full" in oldest
    assert chosen(oldest, set())
    assert chosen(oldest, {"further", "hypothesis"})


def test_every_count_of_examples_follows_the_run():
    """A count that stands fast is drawn in the default run too."""
    counts = [
        (path.relative_to(ROOT).as_posix(), count)
        for path in (ROOT / "tests").rglob("test_*.py")
        for count in re.findall(r"max_examples=(?!up_to\()[^)\s]+", path.read_text("utf-8"))
    ]
    # One in a text, of which the test counts what was drawn; and the pattern above.
    assert [
        place for place, _ in counts if place not in ("tests/proof/test_reliability.py", "tests/test_drawing.py")
    ] == []


def test_a_run_draws_its_share_and_one_at_least():
    drawn = [up_to(full) for full in range(1, 401)]
    whole = settings.get_profile("full").max_examples
    assert drawn == sorted(drawn)
    assert drawn[0] >= 1
    assert up_to(whole) == settings().max_examples


def test_parameters_beyond_the_first_are_further_ones():
    kept, *rest = first(1, [1, 2])
    assert kept == 1
    assert [(one.values, [mark.name for mark in one.marks]) for one in rest] == [((2,), ["further"])]

"""The examples that patterns carry: canonical rows, read, built and searched like any extract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from breachpattern.ingest import read_extract
from breachpattern.law import Catalogue
from breachpattern.patterns.context import Context
from breachpattern.patterns.engine import run
from breachpattern.patterns.model import Example, Pattern
from breachpattern.patterns.packs import load_packs
from breachpattern.spans import as_of_second
from breachpattern.timelines import build


@dataclass(frozen=True)
class ExampleResult:
    """What a pattern said about one of its examples.

    Attributes
    ----------
    pattern, example : str
    passed : bool
    expected, seen : str
    near_misses : int
    """

    pattern: str
    example: str
    passed: bool
    expected: str
    seen: str
    near_misses: int

    def __str__(self) -> str:
        """Return the result as one line."""
        verdict = "passed" if self.passed else f"FAILED: expected {self.expected}, saw {self.seen}"
        near = f" ({self.near_misses} near miss)" if self.near_misses else ""
        return f"{self.pattern}: {self.example}: {verdict}{near}"


def run_examples(packs: Sequence[str | Path] = ()) -> Iterator[ExampleResult]:
    """Yield the result of every example of some packs, or of the core pack.

    Parameters
    ----------
    packs : sequence of path
        Folders of your own; the core pack where none is given.

    Examples
    --------
    >>> next(run_examples()).passed
    True
    """
    core = load_packs()
    for pattern in load_packs(packs)[len(core) :] if packs else core:
        for example in pattern.examples:
            yield run_example(pattern, example)


def run_example(pattern: Pattern, example: Example) -> ExampleResult:
    """Return what a pattern says about an example."""
    extract = read_extract(
        _rows(example.incidents),
        orders=_rows(example.orders) or None,
        associations=_rows(example.associations) or None,
    )
    timelines = build(extract, Catalogue.load(), as_of_second(example.as_of))
    found = run(Context(timelines), [pattern])
    seen = found[0].level if len(found) else "nothing"
    expected = (example.level or "a finding") if example.expect else "nothing"
    passed = (len(found) > 0) == example.expect and (example.level is None or seen == example.level)
    return ExampleResult(pattern.id, example.name, passed, expected, seen, found.near_miss_counts.get(pattern.id, 0))


def test_packs(packs: Sequence[str | Path] = ()) -> list[ExampleResult]:  # noqa: PT028
    """Return the examples on which a pattern does not say what it should; empty where all is well."""
    return [result for result in run_examples(packs) if not result.passed]


test_packs.__test__ = False  # type: ignore[attr-defined]  # its name is not an invitation to pytest


def _rows(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows as an extract holds them: text, with lists joined by ``;``."""
    return [{column: _text(value) for column, value in row.items()} for row in rows]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)

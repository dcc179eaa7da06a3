"""The properties on which everything rests, as docs/properties.md lists them, and whether their tests are there."""

from __future__ import annotations

import ast
import re
from functools import cache

from proof.tests_of import ROOT

PAGE = ROOT / "docs" / "properties.md"


def properties() -> dict[int, list[str]]:
    """Return the tests of each property, as ``tests/…/test_file.py::test_name``."""
    out = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        number = re.match(r"\| (\d+) \|", line)
        if number:
            out[int(number[1])] = [f"tests/{name}" for name in re.findall(r"`([\w/]+\.py::test_\w+)`", line)]
    return out


def is_property(test: str) -> bool:
    """Return whether a test draws its own cases with hypothesis.

    Raises
    ------
    KeyError
        Where there is no such test.
    """
    path, _, name = test.partition("::")
    return _drawn(path)[name]


@cache
def _drawn(path: str) -> dict[str, bool]:
    functions = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    return {node.name: _given(node) for node in functions if isinstance(node, ast.FunctionDef)}


def _given(test: ast.FunctionDef) -> bool:
    calls = (mark.func for mark in test.decorator_list if isinstance(mark, ast.Call))
    return any(getattr(function, "id", "") == "given" for function in calls)

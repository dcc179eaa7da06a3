"""How many examples are tried: drawn anew on every run of a developer, the same ones on every run of CI.

The default run is ``quick`` and draws a seventh of the examples. ``make test-slow`` draws all of them, and so does CI;
``--hypothesis-profile thorough`` draws ten times as many.
"""

import os
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings

FULL = 50

for name, examples in {"quick": FULL // 7, "full": FULL, "thorough": 10 * FULL}.items():
    settings.register_profile(name, deadline=None, max_examples=examples, derandomize=bool(os.environ.get("CI")))
settings.load_profile("quick")


def up_to(full: int) -> int:
    """Return the examples that the profile in force draws where a full run draws so many; one at least."""
    return -(-full * settings().max_examples // FULL)


def first(count: int, values: Iterable[Any]) -> list[Any]:
    """Return the parameters of a test of which the default run takes the first so many; the others are further ones."""
    return [value if n < count else pytest.param(value, marks=pytest.mark.further) for n, value in enumerate(values)]

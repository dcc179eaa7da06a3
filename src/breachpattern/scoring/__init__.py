"""Ranking: features, estimators and how well they do. Names are loaded when they are first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from breachpattern.scoring.estimators import (
        PatternScorer,
        pattern_frame,
    )

_HOMES = {
    "PatternScorer": "breachpattern.scoring.estimators",
    "pattern_frame": "breachpattern.scoring.estimators",
}

__all__ = [
    "PatternScorer",
    "pattern_frame",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'breachpattern.scoring' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

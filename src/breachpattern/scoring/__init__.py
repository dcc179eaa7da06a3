"""Scoring: features, estimators, assessment. Names are loaded when they are first used: scikit-learn is heavy."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from breachpattern.scoring.assessment import PersonTimeSplit, assess_ranking

_HOMES = {
    "PersonTimeSplit": "breachpattern.scoring.assessment",
    "assess_ranking": "breachpattern.scoring.assessment",
}

__all__ = [
    "PersonTimeSplit",
    "assess_ranking",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'breachpattern.scoring' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Features, estimators and their assessment: what orders findings, and never makes or removes one.

Nothing is loaded before it is used; only estimators and transformers need scikit-learn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from breachpattern.scoring.assessment import PersonTimeSplit, assess_ranking
    from breachpattern.scoring.estimators.classifier import CourseOfConductClassifier
    from breachpattern.scoring.estimators.frame import pattern_frame
    from breachpattern.scoring.estimators.points import PatternScorer
    from breachpattern.scoring.estimators.ranking import rank, rank_units
    from breachpattern.scoring.features.frame import feature_frame
    from breachpattern.scoring.features.transformer import TimelineFeatures
    from breachpattern.scoring.persistence.models import load, save
    from breachpattern.scoring.study.events import dyad_events
    from breachpattern.scoring.study.gravity import harm_by_event
    from breachpattern.scoring.study.repetition import (
        conditional_probability,
        days_between,
        events_per_dyad,
        intermittency,
    )
    from breachpattern.scoring.study.survival import breach_spells, breach_survival

_HOMES = {
    "CourseOfConductClassifier": "breachpattern.scoring.estimators.classifier",
    "PatternScorer": "breachpattern.scoring.estimators.points",
    "PersonTimeSplit": "breachpattern.scoring.assessment",
    "TimelineFeatures": "breachpattern.scoring.features.transformer",
    "assess_ranking": "breachpattern.scoring.assessment",
    "feature_frame": "breachpattern.scoring.features.frame",
    "load": "breachpattern.scoring.persistence.models",
    "pattern_frame": "breachpattern.scoring.estimators.frame",
    "rank": "breachpattern.scoring.estimators.ranking",
    "rank_units": "breachpattern.scoring.estimators.ranking",
    "save": "breachpattern.scoring.persistence.models",
    "breach_spells": "breachpattern.scoring.study.survival",
    "breach_survival": "breachpattern.scoring.study.survival",
    "conditional_probability": "breachpattern.scoring.study.repetition",
    "days_between": "breachpattern.scoring.study.repetition",
    "dyad_events": "breachpattern.scoring.study.events",
    "events_per_dyad": "breachpattern.scoring.study.repetition",
    "harm_by_event": "breachpattern.scoring.study.gravity",
    "intermittency": "breachpattern.scoring.study.repetition",
}

__all__ = [
    "CourseOfConductClassifier",
    "PatternScorer",
    "PersonTimeSplit",
    "TimelineFeatures",
    "assess_ranking",
    "breach_spells",
    "breach_survival",
    "conditional_probability",
    "days_between",
    "dyad_events",
    "events_per_dyad",
    "feature_frame",
    "harm_by_event",
    "intermittency",
    "load",
    "pattern_frame",
    "rank",
    "rank_units",
    "save",
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

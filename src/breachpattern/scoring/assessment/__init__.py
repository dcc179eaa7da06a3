"""Assessment: can a ranking be trusted? People and time kept apart, baselines in the same run, intervals, fairness."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from breachpattern.scoring.assessment.assess import assess_ranking
    from breachpattern.scoring.assessment.baselines import (
        BASELINES,
        count_in_a_year,
        recency_frequency_gravity,
        rule_rank,
    )
    from breachpattern.scoring.assessment.card import ModelCard
    from breachpattern.scoring.assessment.fairness import attributes_of, fairness_by_group, missingness_by_group
    from breachpattern.scoring.assessment.labels import labels_from_findings, truth_labels
    from breachpattern.scoring.assessment.measures import calibration_curve, decision_curve
    from breachpattern.scoring.assessment.result import RankingAssessment
    from breachpattern.scoring.assessment.split import PersonTimeSplit, connected_people
    from breachpattern.scoring.assessment.units import Units, units_of

_ROOM = "breachpattern.scoring.assessment"
_HOMES = {
    "BASELINES": "baselines",
    "ModelCard": "card",
    "PersonTimeSplit": "split",
    "RankingAssessment": "result",
    "Units": "units",
    "assess_ranking": "assess",
    "attributes_of": "fairness",
    "calibration_curve": "measures",
    "connected_people": "split",
    "count_in_a_year": "baselines",
    "decision_curve": "measures",
    "fairness_by_group": "fairness",
    "labels_from_findings": "labels",
    "missingness_by_group": "fairness",
    "recency_frequency_gravity": "baselines",
    "rule_rank": "baselines",
    "truth_labels": "labels",
    "units_of": "units",
}

__all__ = [
    "BASELINES",
    "ModelCard",
    "PersonTimeSplit",
    "RankingAssessment",
    "Units",
    "assess_ranking",
    "attributes_of",
    "calibration_curve",
    "connected_people",
    "count_in_a_year",
    "decision_curve",
    "fairness_by_group",
    "labels_from_findings",
    "missingness_by_group",
    "recency_frequency_gravity",
    "rule_rank",
    "truth_labels",
    "units_of",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module '{_ROOM}' has no attribute {name!r}")
    value = getattr(import_module(f"{_ROOM}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Models to keep: small ones, fitted to the shared analysis."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from tests.scoring.estimators.given import analysed

from breachpattern.scoring import CourseOfConductClassifier, PatternScorer, feature_frame, pattern_frame


@cache
def frame() -> pd.DataFrame:
    return pattern_frame(analysed()).join(feature_frame(analysed()))


def labels() -> np.ndarray:
    return (frame()["occasions"] + frame()["finding_level"] > 4).to_numpy().astype(int)


@cache
def classifier() -> CourseOfConductClassifier:
    decided = np.where(labels() == 1, "confirmed", "rejected").astype(object)
    decided[::3] = "unsure"
    when = pd.date_range("2025-01-01", periods=len(decided), freq="h", tz="UTC")
    return CourseOfConductClassifier().fit(frame(), decided, times=when, groups=np.arange(len(decided)) // 2)


@cache
def points() -> PatternScorer:
    return PatternScorer().fit(frame())

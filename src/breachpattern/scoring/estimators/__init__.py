"""Estimators: points without training, a classifier that learns from decisions, and any other of scikit-learn."""

from breachpattern.scoring.estimators.classifier import CourseOfConductClassifier
from breachpattern.scoring.estimators.frame import pattern_frame
from breachpattern.scoring.estimators.points import PatternScorer

__all__ = ["CourseOfConductClassifier", "PatternScorer", "pattern_frame"]

"""A whole run: from a checked extract to breaches, courses and findings that print and explain themselves."""

from breachpattern.analysis.analyser import Analyser
from breachpattern.analysis.answers import Analysis
from breachpattern.timelines.instant import instant_of

__all__ = ["Analyser", "Analysis", "instant_of"]

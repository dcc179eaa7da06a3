"""Timelines: every breach, occasion and candidate course of conduct, as things were known at an instant."""

from breachpattern.timelines.build import Tables, Timelines, build

__all__ = ["Tables", "Timelines", "build"]

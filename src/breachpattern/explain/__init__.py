"""The whole story of a finding, for a person who has to decide."""

from breachpattern.explain.story import Explanation, Section, explain, law_of

__all__ = ["Explanation", "Section", "explain", "law_of"]

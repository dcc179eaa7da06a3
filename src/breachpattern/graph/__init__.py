"""Graphs on demand: who and what is connected around a person, a course or a finding.

Whole-extract questions are answered from sorted whole numbers (:class:`GraphIndex`); networkx draws only what
somebody looks at.
"""

from breachpattern.graph.index import GraphIndex
from breachpattern.graph.view import around_records, neighbourhood

__all__ = ["GraphIndex", "around_records", "neighbourhood"]

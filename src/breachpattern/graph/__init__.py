"""Graphs on demand: who and what is connected around a person, a course or a finding.

Whole-extract questions are answered from sorted whole numbers (:class:`GraphIndex`); networkx draws only what
somebody looks at.
"""

from breachpattern.graph.components import components, degrees
from breachpattern.graph.export import write_graph
from breachpattern.graph.index import GraphIndex
from breachpattern.graph.motifs import mutual, order_ladder, others_contacted, shared_objects
from breachpattern.graph.paths import bridges, paths_in_words, third_parties
from breachpattern.graph.picture import plot
from breachpattern.graph.view import around_records, neighbourhood

__all__ = [
    "GraphIndex",
    "around_records",
    "bridges",
    "components",
    "degrees",
    "mutual",
    "neighbourhood",
    "order_ladder",
    "others_contacted",
    "paths_in_words",
    "plot",
    "shared_objects",
    "third_parties",
    "write_graph",
]

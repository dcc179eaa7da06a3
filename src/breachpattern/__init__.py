"""Puts every breach of a protective order back into its pattern, with the evidence and the law beside it.

The public names are loaded when they are first used, so that importing the package costs next to nothing.

Examples
--------
>>> import breachpattern as bp
>>> incidents = [
...     {"incident_id": "I1", "occurred_from": "2025-03-01T10:00", "suspect_id": "P1", "victim_id": "V1",
...      "behaviours": "contact", "channel": "text"},
...     {"incident_id": "I2", "occurred_from": "2025-03-04T22:15", "suspect_id": "P1", "victim_id": "V1",
...      "behaviours": "contact", "channel": "text"},
... ]
>>> orders = [
...     {"order_id": "O1", "kind": "restraining_conviction", "respondent_id": "P1", "protected_id": "V1",
...      "made_on": "2025-01-10", "terms": "no_contact"},
... ]
>>> analysis = bp.Analyser().analyse(bp.read_extract(incidents, orders))
>>> analysis.breaches.to_frame()["status"].tolist()
['unrecorded', 'unrecorded']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from breachpattern.analysis import Analyser, Analysis
    from breachpattern.cases import CaseIndex
    from breachpattern.ingest import Extract, Issues, Mapping, read_extract
    from breachpattern.law import Catalogue
    from breachpattern.output.results import Timeline
    from breachpattern.output.summary import show_versions
    from breachpattern.records import Association, Incident, Order, Person
    from breachpattern.review.register import Register
    from breachpattern.simulation import Simulation, simulate
    from breachpattern.state import Changes, State

    __version__: str

_HOMES = {
    "Analyser": "breachpattern.analysis",
    "Analysis": "breachpattern.analysis",
    "Association": "breachpattern.records",
    "CaseIndex": "breachpattern.cases",
    "Catalogue": "breachpattern.law",
    "Changes": "breachpattern.state",
    "Extract": "breachpattern.ingest",
    "Incident": "breachpattern.records",
    "Issues": "breachpattern.ingest",
    "Mapping": "breachpattern.ingest",
    "Order": "breachpattern.records",
    "Person": "breachpattern.records",
    "Register": "breachpattern.review.register",
    "Simulation": "breachpattern.simulation",
    "State": "breachpattern.state",
    "Timeline": "breachpattern.output.results",
    "read_extract": "breachpattern.ingest",
    "show_versions": "breachpattern.output.summary",
    "simulate": "breachpattern.simulation",
}

__all__ = [
    "Analyser",
    "Analysis",
    "Association",
    "CaseIndex",
    "Catalogue",
    "Changes",
    "Extract",
    "Incident",
    "Issues",
    "Mapping",
    "Order",
    "Person",
    "Register",
    "Simulation",
    "State",
    "Timeline",
    "__version__",
    "read_extract",
    "show_versions",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("breachpattern")
    if name not in _HOMES:
        raise AttributeError(f"module 'breachpattern' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

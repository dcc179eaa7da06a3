"""The compliance measures: are breaches dealt with alone, how many, which ones, and is it getting better.

Examples
--------
>>> import breachpattern as bp
>>> rows = [{"incident_id": f"I{k}", "occurred_from": f"2025-0{k}-01T10:00", "suspect_id": "P1", "victim_id": "V1",
...          "behaviours": "contact", "breach_of": "O1"} for k in (1, 2, 3)]
>>> orders = [{"order_id": "O1", "kind": "restraining_conviction", "respondent_id": "P1", "protected_id": "V1",
...            "made_on": "2024-12-01", "terms": "no_contact"}]
>>> found = audit(bp.Analyser().analyse(bp.read_extract(rows, orders), as_of="2025-06-30"))
>>> alone = found["no_wider_record"]
>>> int(alone["numerator"]), int(alone["denominator"])
(1, 1)
"""

from breachpattern.review.measures.actions import Actions, read_actions
from breachpattern.review.measures.audit import Audit
from breachpattern.review.measures.compute import audit
from breachpattern.review.measures.definitions import Definition, definitions
from breachpattern.review.measures.dip_sample import dip_sample, estimate, sample_size

__all__ = [
    "Actions",
    "Audit",
    "Definition",
    "audit",
    "definitions",
    "dip_sample",
    "estimate",
    "read_actions",
    "sample_size",
]

"""What tests of features share: small extracts in which everything that features tell can happen."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from tests.facts import catalogue, incident, order
from tests.timelines.test_build import day, extracts

from breachpattern import Analyser, read_extract
from breachpattern.analysis import Analysis
from breachpattern.scoring import feature_frame

HARM = {"195/12": 10.0, "008/31": 3.0, "105/01": 1.0, "195/94": 5.0}
CALL = {"behaviours": "contact", "channel": "phone"}


def analyse(incidents: Any, orders: Any = None, associations: Any = None, as_of: str = "2026-06-30") -> Analysis:
    extract = read_extract(incidents, orders=orders or None, associations=associations or None)
    return Analyser(catalogue()).analyse(extract, as_of)


def features(incidents: Any, orders: Any = None, *, unit: str = "dyad", as_of: str = "2026-06-30", **options: Any):
    """The features of the only row, by name."""
    frame = feature_frame(analyse(incidents, orders, as_of=as_of), unit=unit, **options)
    assert len(frame) == 1
    return frame.iloc[0]


def calls(*days: str, **values: Any) -> list[dict[str, Any]]:
    return [incident(f"I{i}", f"{d}T20:00", **(CALL | values)) for i, d in enumerate(days, 1)]


FURTHER = {
    "means": lambda prefix: ["", f"{prefix}07700900001", f"{prefix}07700900002"],
    "place_role": lambda prefix: ["", "victim_home", "public"],
    "impact": lambda prefix: ["", "fear_of_violence", "serious_alarm_distress"],
    "relationship": lambda prefix: ["", "ex_partner", "unknown"],
    "postcode": lambda prefix: ["", "ZZ1 1AA", "ZZ2 3AB"],
    "force": lambda prefix: ["", "Northmarch", "Southmarch"],
}


@st.composite
def rich(draw, prefix=""):
    """An extract with everything that features tell: channels, objects, places, effects, forces, relationships."""
    incidents, orders, ties = draw(extracts(prefix))
    said: dict[str, dict[str, str]] = {}
    for row in incidents:  # rows of one incident agree on what belongs to it
        if row["incident_id"] not in said:
            said[row["incident_id"]] = {name: draw(st.sampled_from(values(prefix))) for name, values in FURTHER.items()}
        row |= said[row["incident_id"]]
    return incidents, orders, ties


__all__ = ["CALL", "HARM", "analyse", "calls", "catalogue", "day", "features", "incident", "order", "rich"]

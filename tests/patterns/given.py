"""What tests of the patterns share: facts in, findings out, and small random extracts."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from tests.facts import TODAY, incident, order, timelines

from breachpattern.patterns import find, load_packs
from breachpattern.patterns.context import Context
from breachpattern.patterns.engine import run
from breachpattern.patterns.findings import Findings

CALL = {"behaviours": "contact", "channel": "phone"}
BEHAVIOURS = ["contact", "contact;threat", "follow", "assault", "third_party_contact", ""]
TEXT_OFFENCES = ["", "008/31", "195/94", "195/12", "066/39", "149/00", "105/01"]


def findings(rows, orders=None, associations=None, as_of: str | None = TODAY, **options: Any) -> Findings:
    return find(timelines(rows, orders, associations, as_of), **options)


def by_pattern(rows, orders=None, associations=None, as_of: str | None = TODAY) -> dict[str, list[dict[str, Any]]]:
    """The records of each pattern that held."""
    out: dict[str, list[dict[str, Any]]] = {}
    for record in findings(rows, orders, associations, as_of).records():
        out.setdefault(record["pattern"], []).append(record)
    return out


def record_of(pattern: str, rows, orders=None, associations=None, as_of: str | None = TODAY) -> dict[str, Any] | None:
    """The one finding of a pattern, None where it did not hold."""
    held = {p.id: p for p in load_packs()}[pattern]
    found = list(run(Context(timelines(rows, orders, associations, as_of)), [held]).records())
    assert len(found) <= 1, f"{pattern} made {len(found)} findings"
    return found[0] if found else None


def calls(*days: str, **values: Any) -> list[dict[str, Any]]:
    """One call of P1 to V1 on each day."""
    return [incident(f"I{i}", f"{day}T20:00", **(CALL | values)) for i, day in enumerate(days, 1)]


@st.composite
def extracts(draw, largest: int = 8) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A few incidents and orders between a few people in one year."""
    incidents = []
    for i in range(draw(st.integers(1, largest))):
        day = draw(st.integers(0, 300))
        hour = draw(st.integers(0, 23))
        incidents.append(
            {
                "incident_id": f"I{i}",
                "kind": draw(st.sampled_from(["crime", "incident"])),
                "occurred_from": f"2025-{1 + day // 28:02d}-{1 + day % 28:02d}T{hour:02d}:15",
                "suspect_id": draw(st.sampled_from(["P1", "P1", "P1", "P2", ""])),
                "victim_id": draw(st.sampled_from(["V1", "V1", "V1", "V2", ""])),
                "behaviours": draw(st.sampled_from(BEHAVIOURS)),
                "channel": draw(st.sampled_from(["phone", "text", "in_person", ""])),
                "offence_code": draw(st.sampled_from(TEXT_OFFENCES)),
                "relationship": draw(st.sampled_from(["ex_partner", "neighbour", ""])),
                "impact": draw(st.sampled_from(["fear_of_violence", "changed_routine", ""])),
                "status": draw(st.sampled_from(["", "open", "closed"])),
                "outcome": draw(st.sampled_from(["", "16", "1"])),
                "force": draw(st.sampled_from(["Northmarch", "Southmarch", ""])),
            }
        )  # fmt: skip
    orders = [
        order(
            f"O{k}",
            kind=draw(st.sampled_from(["restraining_conviction", "non_molestation", "police_bail", "dvpo"])),
            made_on=f"2025-{draw(st.integers(1, 11)):02d}-10",
            served_at=draw(st.sampled_from(["", "2025-06-12T12:00"])),
            protected_id=draw(st.sampled_from(["V1", "V2"])),
            terms=draw(st.sampled_from(["no_contact", "no_contact;no_approach;no_violence", ""])),
            founded_on=draw(st.sampled_from(["", "I0"])),
        )
        for k in range(draw(st.integers(0, 3)))
    ]
    return incidents, orders

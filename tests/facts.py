"""Facts in, plain answers out: what tests of the engine share."""

from __future__ import annotations

from functools import cache
from typing import Any

from breachpattern.ingest import read_extract
from breachpattern.law import Catalogue
from breachpattern.spans import as_of_second
from breachpattern.timelines import Timelines, build
from breachpattern.timelines.reasons import BREACH_REASONS
from breachpattern.vocabulary import (
    BREACH_KINDS,
    BREACH_STATUSES,
    NATURES,
    ORDER_STATES,
    STRENGTHS,
    TERMS,
    UNITS,
)

TODAY = "2026-06-30"


@cache
def catalogue() -> Catalogue:
    return Catalogue.load()


def incident(number: str, at: str, **values: Any) -> dict[str, Any]:
    """An incident of P1 towards V1, unless the values say otherwise."""
    return {"incident_id": number, "occurred_from": at, "suspect_id": "P1", "victim_id": "V1"} | values


def order(number: str, **values: Any) -> dict[str, Any]:
    """A restraining order that binds P1 and protects V1 against contact, unless the values say otherwise."""
    return {
        "order_id": number,
        "kind": "restraining_conviction",
        "respondent_id": "P1",
        "protected_id": "V1",
        "made_on": "2025-01-10",
        "terms": "no_contact",
    } | values


def timelines(
    incidents: list[dict[str, Any]],
    orders: list[dict[str, Any]] | None = None,
    associations: list[dict[str, Any]] | None = None,
    as_of: str | None = TODAY,
) -> Timelines:
    extract = read_extract(incidents, orders=orders or None, associations=associations or None)
    return build(extract, catalogue(), as_of_second(as_of))


def breaches(found: Timelines, *, considered: bool = False) -> list[dict[str, Any]]:
    """The breaches as text, in a stable order."""
    frame = found.considered if considered else found.breaches
    names = found.columns.names
    return [
        {
            "incident": names.incidents[int(r.incident)].as_py(),
            "order": names.orders[int(r.order)].as_py() if r.order >= 0 else None,
            "suspect": names.persons[int(r.suspect)].as_py() if r.suspect >= 0 else None,
            "victim": names.persons[int(r.victim)].as_py() if r.victim >= 0 else None,
            "status": BREACH_STATUSES.values[r.status],
            "state": ORDER_STATES.values[r.state],
            "nature": NATURES.values[r.nature] if r.nature >= 0 else None,
            "kinds": set(BREACH_KINDS.codes(int(r.kinds))),
            "terms": set(TERMS.codes(int(r.terms))),
            "reasons": set(BREACH_REASONS.codes(int(r.reasons))),
        }
        | (
            {}
            if considered
            else {
                "strength": STRENGTHS.values[r.strength],
                "prior_occasions": int(r.prior_occasions_365d),
                "prior_breaches": int(r.prior_breaches),
            }
        )
        for r in frame.itertuples()
    ]


def within(found: dict[str, Any]) -> str:
    """Whether the conduct of a breach certainly lies within the terms (`yes`), or only may (`possible`)."""
    if "conduct within the terms of the order" in found["reasons"]:
        return "yes"
    return (
        "possible" if "conduct that may be within the terms, depending on the order's words" in found["reasons"] else ""
    )


def breach(found: Timelines, number: str) -> dict[str, Any]:
    """The one breach of an incident."""
    mine = [b for b in breaches(found) if b["incident"] == number]
    assert len(mine) == 1, f"{number} has {len(mine)} breaches"
    return mine[0]


def courses(found: Timelines) -> list[dict[str, Any]]:
    """The candidate courses as text, in a stable order."""
    names = found.columns.names
    table = found.courses
    out = []
    for k, r in enumerate(table.frame.itertuples()):
        rows = table.rows[k]
        out.append(
            {
                "unit": UNITS.values[r.unit],
                "strength": STRENGTHS.values[r.strength],
                "support": round(float(r.support), 9),
                "occasions": int(r.occasions),
                "acts": int(r.acts),
                "breaches": int(r.breaches),
                "signals": int(r.signals),
                "suspects": sorted(names.persons[int(p)].as_py() for p in table.suspects[k]),
                "victims": sorted(names.persons[int(p)].as_py() for p in table.victims[k]),
                "incidents": sorted({names.incidents[int(i)].as_py() for i in found.columns.incident[rows]}),
            }
        )
    return sorted(out, key=lambda c: (c["unit"], c["suspects"], c["victims"], c["incidents"]))


def strength(found: Timelines, suspects: str = "P1", victims: str = "V1") -> str:
    """The highest strength between some people, `none` where there is no candidate."""
    wanted = (sorted(suspects.split()), sorted(victims.split()))
    graded = [c["strength"] for c in courses(found) if (c["suspects"], c["victims"]) == wanted]
    return max(graded, key=STRENGTHS.index, default="none")

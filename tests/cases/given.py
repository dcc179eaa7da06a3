"""Random extracts with everything that makes one incident hard to put into its case."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.facts import incident, order

BEHAVIOURS = [
    "contact", "contact;threat", "follow", "assault", "third_party_contact", "damage", "theft", "", "", "approach",
    "watch;loiter", "notification_failure", "requirement_failure", "curfew_failure", "exclusion_entry", "gift", "other",
]  # fmt: skip
OFFENCES = ["", "", "008/31", "195/94", "195/12", "066/39", "149/00", "105/01", "068/16", "008/65"]
LABELS = ["", "", "", "Breach of restraining order", "Breach of non mol", "breach of bail", "Stalking"]
ORDER_KINDS = [
    "restraining_conviction", "non_molestation", "police_bail", "dvpo", "stalking_protection", "dapo", "police_warning",
    "dvpn", "court_bail",
]  # fmt: skip
TERMS = [
    "no_contact", "no_contact;no_approach;no_violence", "no_contact;no_indirect_contact", "", "exclusion", "curfew",
    "no_contact;exclusion;reporting", "notification", "no_violence;other",
]  # fmt: skip


def extract(seed: int, *, largest: int = 14, people: int = 3) -> dict[str, list[dict[str, Any]]]:
    """Return incidents, orders and associations between a few people in about a year."""
    r = Random(seed)
    suspects = [f"P{i}" for i in range(1, people)] + ["P1", "P1", "P1"]
    victims = [f"V{i}" for i in range(1, people)] + ["V1", "V1", "V1"]
    incidents = [_incident(r, i, suspects, victims) for i in range(r.randint(2, largest))]
    incidents += [
        one | {r.choice(["suspect_id", "victim_id"]): r.choice(["P2", "V2", "P1"])}
        for one in incidents
        if r.random() < 0.06
    ]
    orders = [row for k in range(r.randint(0, 4)) for row in _order(r, k, len(incidents))]
    associations = [
        {"person_id": r.choice(["P1", "P2", "V1"]), "other_id": r.choice(["P2", "V2", "V1"]),
         "tie": r.choice(["family", "partner", "friend", "co_suspect"]),
         "since": r.choice(["", "", "2025-04-01"])}
        for _ in range(r.choice([0, 0, 1, 2]))
    ]  # fmt: skip
    return {"incidents": incidents, "orders": orders, "associations": associations}


def _incident(r: Random, i: int, suspects: list[str], victims: list[str]) -> dict[str, Any]:
    day = r.randint(0, 330)
    date = f"2025-{1 + day // 28:02d}-{1 + day % 28:02d}"
    begin = date if r.random() < 0.15 else f"{date}T{r.randint(0, 23):02d}:{r.choice([0, 15, 30]):02d}"
    one: dict[str, Any] = {
        "incident_id": f"I{i:02d}",
        "kind": r.choice(["crime", "incident", "", "custody"]) if r.random() < 0.5 else "crime",
        "occurred_from": begin,
        "suspect_id": r.choice(suspects),
        "victim_id": r.choice(victims),
        "behaviours": r.choice(BEHAVIOURS) if r.random() < 0.5 else "contact",
        "channel": r.choice(["phone", "text", "in_person", "third_party", "", ""]),
        "offence_code": r.choice(OFFENCES),
    }
    if r.random() < 0.06:
        one["suspect_id"] = ""
    if r.random() < 0.06:
        one["victim_id"] = ""
    if r.random() < 0.04:
        one["suspect_id"], one["victim_id"] = "V1", "P1"
    chance: dict[str, tuple[float, list[Any]]] = {
        "offence_text": (0.2, LABELS),
        "relationship": (0.5, ["ex_partner", "neighbour", "family"]),
        "impact": (0.3, ["fear_of_violence", "changed_routine", "serious_alarm_distress"]),
        "status": (0.4, ["open", "closed", "cancelled"]),
        "outcome": (0.3, ["16", "1", "Outcome 18", "14"]),
        "force": (0.6, ["Northmarch", "Southmarch", "northmarch "]),
        "means": (0.25, ["07700900142", "@nobody", "AB12CDE"]),
        "occurrence_ref": (0.2, ["R1", "R2"]),
        "act_count": (0.1, [2, 5, 40]),
        "breach_of": (0.1, ["O0", "O1", "O0;O1", "O9"]),
        "postcode": (0.3, ["ZZ2 3AB", "ZZ2", "ZZ23 4CD"]),
        "place_role": (0.3, ["victim_home", "public", "suspect_home", "online"]),
        "reconciled_before": (0.06, ["true"]),
    }
    for name, (often, values) in chance.items():
        if r.random() < often:
            one[name] = r.choice(values)
    later = min(day + r.randint(0, 40), 335)
    if r.random() < 0.1:
        one["occurred_to"] = f"2025-{1 + later // 28:02d}-{1 + later % 28:02d}"
    if r.random() < 0.2:
        one["reported_at"] = f"2025-{1 + later // 28:02d}-{1 + later % 28:02d}T23:50"
    if r.random() < 0.1:
        one["recorded_at"] = f"2026-01-{r.randint(1, 28):02d}"
    return one


def _order(r: Random, k: int, incidents: int) -> list[dict[str, Any]]:
    month = r.randint(1, 11)
    one = {
        "order_id": f"O{k}",
        "kind": r.choice(ORDER_KINDS),
        "respondent_id": r.choice(["P1", "P1", "P1", "P2"]),
        "protected_id": r.choice(["V1", "V1", "V1", "V2", ""]),
        "made_on": f"2025-{month:02d}-{r.randint(1, 28):02d}",
        "served_at": r.choice(["", "2025-06-12T12:00", f"2025-{month:02d}-28"]),
        "ends": r.choice(["", "", "2025-10-01", "2026-03-01"]),
        "terms": r.choice(TERMS),
        "without_notice": r.choice(["", "", "true", "false"]),
        "founded_on": r.choice(["", "", "I00;I01", f"I{r.randint(0, max(incidents - 1, 0)):02d}"]),
    }
    if "exclusion" in one["terms"]:
        one["exclusion_postcodes"] = r.choice(["ZZ2", "", "ZZ2 3AB"])
    if "curfew" in one["terms"]:
        one |= {"curfew_from": "21:00", "curfew_to": "06:00"}
    rows = [one]
    if r.random() < 0.25:
        rows.append(one | {"protected_id": "V2"})
    if r.random() < 0.25:
        rows.append(one | {"version": 2, "made_on": f"2025-{min(month + 1, 12):02d}-15", "terms": r.choice(TERMS)})
    if r.random() < 0.1:
        rows[0]["discharged_on"] = f"2025-{min(month + 1, 12):02d}-15"
    return rows


def with_arrests(seed: int) -> dict[str, list[dict[str, Any]]]:
    """Calls and arrests of a few weeks under two orders of two victims, in the order in which they come to notice."""
    r = Random(seed)
    told = {"kind": "crime", "offence_code": "008/31", "behaviours": "contact", "channel": "phone"}
    arrest = {"kind": "custody", "offence_code": "008/31", "behaviours": "", "channel": ""}
    rows = []
    for n in range(r.randint(3, 8)):
        what = r.choice([told, told | {"offence_code": "", "kind": "incident"}, arrest, arrest | {"breach_of": "O1"}])
        day, until = r.randint(1, 25), r.choice(["", "T23:00", "+3"])
        ends = {"": {}, "T23:00": {"occurred_to": f"2025-03-{day:02d}T23:00"},
                "+3": {"occurred_to": f"2025-03-{day + 3:02d}T09:00"}}[until]  # fmt: skip
        whom = r.choice(["V1", "V1", "V2", "" if what["kind"] == "custody" else "V1"])
        rows.append(incident(f"I{n}", f"2025-03-{day:02d}T{r.randint(8, 20):02d}:00", victim_id=whom, **what, **ends))
    return {"incidents": rows, "orders": [order("O1"), order("O2", protected_id="V2")], "associations": []}


def untidy(seed: int) -> dict[str, list[dict[str, Any]]]:
    """Several victims, orders that are made after all records, orders of and for others, more from unknown people."""
    r = Random(seed)
    given = extract(seed, largest=r.choice([6, 10, 14]), people=r.choice([2, 3, 4]))
    for one in given["incidents"]:
        if r.random() < 0.05:
            one |= {"suspect_id": "", "breach_of": r.choice(["O0", "O1"])}
        if r.random() < 0.05:
            one["suspect_id"], one["victim_id"] = one["victim_id"], one["suspect_id"]
    others = {number: r.choice(["P2", "P3", "V1"]) for number in ("O0", "O1", "O2", "O3") if r.random() < 0.2}
    for one in given["orders"]:
        if r.random() < 0.2:
            late = r.choice(["2026-02-10", "2026-06-01"])
            one |= {"made_on": late, "served_at": r.choice(["", late]), "discharged_on": ""}
        if r.random() < 0.2:
            one["protected_id"] = r.choice(["V1", "V2", "V3", "P2"])
        one["respondent_id"] = others.get(one["order_id"], one["respondent_id"])
        if one["ends"] and one["ends"] <= one["made_on"]:
            one["ends"] = "2027-01-01"
    return given

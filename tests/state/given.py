"""Small worlds that change under one's hands, for properties of updates."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

BLANK = st.none()
SUSPECTS, VICTIMS = [f"P{i}" for i in range(1, 10)], [f"V{i}" for i in range(1, 5)]
DAYS = st.integers(0, 330).map(lambda day: f"{2025 + day // 365}-{day // 30 % 12 + 1:02d}-{day % 28 + 1:02d}")
MOMENTS = st.builds(lambda day, hour: f"{day}T{hour:02d}:30", DAYS, st.integers(0, 23))
WHEN = st.one_of(MOMENTS, DAYS)


def _or_blank(values: Any) -> Any:
    return st.one_of(BLANK, st.sampled_from(values))


def _row(**columns: Any) -> Any:
    return st.fixed_dictionaries(columns).map(lambda row: {k: v for k, v in row.items() if v is not None})


INCIDENTS = _row(
    incident_id=st.sampled_from([f"I{i}" for i in range(1, 13)]),
    occurred_from=WHEN,
    reported_at=st.one_of(BLANK, WHEN),
    recorded_at=st.one_of(BLANK, BLANK, WHEN),
    suspect_id=_or_blank([*SUSPECTS, "P1", "P2", "P1"]),
    victim_id=_or_blank([*VICTIMS, "V1", "V1"]),
    behaviours=_or_blank(["contact", "follow", "threat", "assault", "contact;threat", "third_party_contact", "damage"]),
    channel=_or_blank(["text", "phone", "in_person", "third_party"]),
    offence_code=_or_blank(["195/12", "195/94", "066/39", "105/01"]),
    means=_or_blank(["07700 900001", "07700900001", "AB12 CDE", "withheld"]),
    status=_or_blank(["open", "closed", "cancelled"]),
    outcome=_or_blank(["16", "1"]),
    relationship=_or_blank(["ex_partner", "stranger"]),
    breach_of=_or_blank(["O1", "O2;O1"]),
    occurrence_ref=_or_blank(["CAD1"]),
    reconciled_before=_or_blank(["true"]),
    force=_or_blank(["A", "B"]),
)
ORDERS = _row(
    order_id=st.sampled_from(["O1", "O2", "O3"]),
    version=_or_blank(["1", "2"]),
    kind=st.sampled_from(["restraining_conviction", "non_molestation", "dvpo", "stalking_protection"]),
    respondent_id=st.sampled_from(SUSPECTS[:3]),
    protected_id=_or_blank(VICTIMS[:3]),
    made_on=st.one_of(BLANK, DAYS),
    served_at=st.one_of(BLANK, WHEN),
    ends=st.one_of(BLANK, BLANK, DAYS),
    discharged_on=st.one_of(BLANK, BLANK, DAYS),
    terms=_or_blank(["no_contact", "no_contact;no_indirect_contact", "exclusion"]),
    founded_on=_or_blank(["I1;I2"]),
)
PERSONS = _row(
    person_id=st.sampled_from([*SUSPECTS[:6], *VICTIMS[:2]]),
    given_name=_or_blank(["Ana", "Ben"]),
    surname=_or_blank(["Vale", "Moss"]),
    date_of_birth=_or_blank(["1990-05-01", "1985-01-09"]),
    pnc_id=_or_blank(["2011/0412907D", "2009/0123456N"]),
    phone=_or_blank(["07700 900001", "07700 900002"]),
    address=_or_blank(["1 Long Row"]),
    postcode=_or_blank(["ZZ1 1AA"]),
)
ASSOCIATIONS = _row(
    person_id=st.sampled_from([*SUSPECTS[:5], *VICTIMS]),
    other_id=st.sampled_from([*SUSPECTS[:5], *VICTIMS]),
    tie=st.sampled_from(["family", "friend", "co_suspect"]),
    since=st.one_of(BLANK, DAYS),
    until=st.one_of(BLANK, BLANK, DAYS),
)
ROWS = st.one_of(
    *(INCIDENTS.map(lambda row: ("incidents", row)),) * 5,
    *(ORDERS.map(lambda row: ("orders", row)),) * 2,
    PERSONS.map(lambda row: ("persons", row)),
    ASSOCIATIONS.map(lambda row: ("associations", row)),
)
# Batches, each with the days until it comes: what is there, then few rows at a time, so that few people are named.
FEW = st.tuples(st.integers(0, 120), st.lists(ROWS, max_size=3))
ARRIVALS = st.builds(
    lambda first, others: [first, *others],
    st.tuples(st.integers(30, 300), st.lists(ROWS, min_size=8, max_size=24)),
    st.lists(FEW, min_size=1, max_size=5),
)


def tables(rows: list[tuple[str, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The rows by table."""
    out: dict[str, list[dict[str, Any]]] = {}
    for name, row in rows:
        out.setdefault(name, []).append(row)
    return out


def worlds_of(draw: Random, worlds: int, *, first: bool) -> list[tuple[str, dict[str, Any]]]:
    """Rows of many small worlds without a person, record or object in common: much at first, then little of some."""
    rows = []
    for world in range(worlds):
        size = draw.randint(6, 30) if first else draw.randint(1, 3) * (draw.random() < 0.3)
        rows += [_drawn(draw, world) for _ in range(size)]
    draw.shuffle(rows)
    return rows


def _drawn(draw: Random, world: int) -> tuple[str, dict[str, Any]]:
    crowded = world % 3 == 0

    def some(share: float, *values: str | None) -> str | None:
        return draw.choice(values) if draw.random() < share else None

    def own(text: str | None) -> str | None:
        return ";".join(f"{world}:{part}" for part in text.split(";")) if text else None

    def day() -> str:
        return str(date(2025, 1, 1) + timedelta(days=draw.randint(0, 330)))

    def when() -> str:
        return day() + (f"T{draw.randint(0, 23):02d}:30" if draw.random() < 0.7 else "")

    phones = [f"07700{world:06d}", f"+447700{world:06d}", f"07711{world:06d}"]
    kind = draw.choices(["incidents", "orders", "persons", "associations"], [64, 12, 21 if crowded else 9, 10])[0]
    if kind == "incidents":
        row = {
            "incident_id": own(some(1, f"I{draw.randint(1, 14)}", f"J{draw.randint(1, 10**6)}")),
            "occurred_from": when(), "reported_at": some(0.4, when()), "recorded_at": some(0.3, when()),
            "suspect_id": own(some(0.9, *SUSPECTS, *["P1"] * 9, *["P2"] * 4, "V1")),
            "victim_id": own(some(0.9, *VICTIMS, *["V1"] * 5, *["V2"] * 4, "P1")),
            "behaviours": some(0.85, "contact", "follow", "threat", "assault", "contact;threat", "third_party_contact"),
            "channel": some(0.5, "text", "phone", "in_person", "third_party"),
            "offence_code": some(0.4, "195/12", "195/94", "066/39", "105/01"),
            "means": some(0.75 if crowded else 0.3, *phones),
            "status": some(0.4, "open", "closed", "cancelled"), "outcome": some(0.2, "16", "1"),
            "relationship": some(0.3, "ex_partner", "stranger"), "breach_of": own(some(0.1, "O1", "O2;O1")),
            "occurrence_ref": some(0.1, "CAD1"), "reconciled_before": some(0.1, "true"), "force": some(0.3, "A", "B"),
        }  # fmt: skip
    elif kind == "orders":
        kinds = ("restraining_conviction", "non_molestation", "dvpo", "stalking_protection", "police_warning")
        row = {
            "order_id": own(f"O{draw.randint(1, 4)}"), "version": some(0.4, "1", "2"), "kind": draw.choice(kinds),
            "respondent_id": own(draw.choice(SUSPECTS[:4])), "protected_id": own(some(0.85, *VICTIMS)),
            "made_on": some(0.8, day()), "served_at": some(0.4, when()), "ends": some(0.2, day()),
            "discharged_on": some(0.15, day()), "founded_on": own(some(0.2, "I1;I2")),
            "terms": some(0.7, "no_contact", "no_contact;no_indirect_contact", "exclusion"),
        }  # fmt: skip
    elif kind == "persons":
        row = {
            "person_id": own(draw.choice(SUSPECTS + VICTIMS)), "phone": some(0.8, *phones[:2]),
            "address": some(0.6, f"{world} Long Row"), "postcode": some(0.8, "ZZ1 1AA"),
        }  # fmt: skip
    else:
        row = {
            "person_id": own(draw.choice(SUSPECTS[:5] + VICTIMS)), "other_id": own(draw.choice(SUSPECTS[:5] + VICTIMS)),
            "tie": draw.choice(["family", "friend", "co_suspect", "partner"]),
            "since": some(0.4, day()), "until": some(0.2, day()),
        }  # fmt: skip
    return kind, {name: value for name, value in row.items() if value is not None}

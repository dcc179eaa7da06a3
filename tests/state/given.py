"""Small worlds that change under one's hands, for properties of updates."""

from __future__ import annotations

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
    person_id=st.sampled_from(SUSPECTS[:5]),
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
# Batches, each with the days until it comes.
ARRIVALS = st.lists(st.tuples(st.integers(0, 200), st.lists(ROWS, max_size=10)), min_size=2, max_size=5)


def tables(rows: list[tuple[str, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The rows by table."""
    out: dict[str, list[dict[str, Any]]] = {}
    for name, row in rows:
        out.setdefault(name, []).append(row)
    return out

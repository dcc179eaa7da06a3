"""Messy extracts of a few people: ties, shared telephones, late recording, blanks, overlapping orders, many victims."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from breachpattern.law import Catalogue
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS, IMPACTS, INCIDENT_KINDS, PLACE_ROLES, RELATIONSHIPS, TERMS

Row = dict[str, Any]
SUSPECTS, VICTIMS = ["P1", "P1", "P1", "P2", "P3", ""], ["V1", "V1", "V1", "V2", "V2", "V3", "P1", ""]
ORDERS = ["O1", "O2", "O3"]
FIRST = datetime(2024, 9, 1, 9, 0)
CODES = ["", "", "008/31", "008/71", "066/39", "068/16", "195/94", "195/12", "008/72", "149/00", "105/01", "PH97010"]
LABELS = ["", "", "breach of non mol", "breach of order", "stalking", "breach of bail conditions", "harassment (NI)"]
KINDS = [
    "non_molestation", "restraining_conviction", "restraining", "stalking_protection", "court_bail", "police_bail",
    "dvpo", "dapo", "dapn", "police_warning", "non_harassment", "community_order", "forced_marriage",
]  # fmt: skip
COMMON = ["contact", "contact;threat", "assault", "follow", "damage", "theft", "third_party_contact", ""]

# Four objects, each as several people would write it, and what is none.
MEANS = [
    "07700900142", "07700 900142", "+44 (0)7700 900142", "WhatsApp: 07700-900142", "0044 7700 900142",
    "@jo_99", "jo_99", "JO_99", "AB12 CDE", "ab12cde", "blue van, AB12CDE", "12 Long Row", "12 LONG ROW",
    "withheld", "blue van", "WhatsApp",
]  # fmt: skip


@st.composite
def moments(draw: st.DrawFn, *, blank: bool = True) -> str:
    """A blank, a day, or a time: few enough that they meet, some of them where clocks change."""
    if blank and draw(st.integers(0, 3)) == 0:
        return ""
    at = FIRST + timedelta(days=draw(st.integers(0, 12)) * draw(st.sampled_from([1, 9, 30])))
    at += timedelta(minutes=draw(st.sampled_from([0, 0, 5, 130, 600, 890])))
    if draw(st.integers(0, 40)) == 0:
        at = draw(st.sampled_from([datetime(2024, 10, 27, 1, 30), datetime(2025, 3, 30, 1, 30)]))
    return at.date().isoformat() if draw(st.integers(0, 2)) == 0 else at.isoformat(timespec="minutes")


def later(draw: st.DrawFn, when: str) -> str:
    """A time or a day after another, by minutes, days or months."""
    days = draw(st.sampled_from([0, 0, 1, 5, 40, 400]))
    if len(when) == 10:
        return (date.fromisoformat(when) + timedelta(days=days)).isoformat()
    return (datetime.fromisoformat(when) + timedelta(days=days, minutes=30)).isoformat(timespec="minutes")


def some(draw: st.DrawFn, words: Any, most: int = 2) -> str:
    """A list of a few words, most often none or one."""
    return ";".join(draw(st.lists(st.sampled_from(sorted(words)), max_size=draw(st.integers(0, most)), unique=True)))


def maybe(draw: st.DrawFn, words: Any, one_in: int = 3) -> str:
    """A word, or a blank."""
    return draw(st.sampled_from(sorted(words))) if draw(st.integers(1, one_in)) == 1 else ""


@st.composite
def incidents(draw: st.DrawFn) -> list[Row]:
    """The rows of one incident: one, or one for each of several suspects and victims."""
    at = draw(moments(blank=False))
    whole = {
        "incident_id": f"I{draw(st.integers(1, 25)):02d}",
        "occurred_from": at,
        "occurred_to": later(draw, at) if draw(st.integers(0, 5)) == 0 else "",
        "kind": maybe(draw, INCIDENT_KINDS),
        "offence_code": draw(st.sampled_from(CODES)),
        "offence_text": draw(st.sampled_from(LABELS)),
        "channel": maybe(draw, CHANNELS, 2),
        "occurrence_ref": maybe(draw, ["R1", "R2"]),
        "place_role": maybe(draw, PLACE_ROLES),
        "status": maybe(draw, ["open", "closed", "cancelled"], 5),
        "outcome": maybe(draw, ["1", "2", "14", "16", "Outcome 018"], 5),
        "force": maybe(draw, ["North", "north ", "South"]),
    }
    rows = []
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        acts = draw(st.sampled_from(COMMON)) if draw(st.booleans()) else some(draw, BEHAVIOURS)
        row = whole | {
            "suspect_id": draw(st.sampled_from(SUSPECTS)),
            "victim_id": draw(st.sampled_from(VICTIMS)),
            "behaviours": acts,
            "reported_at": later(draw, at) if draw(st.booleans()) else "",
            "recorded_at": later(draw, at) if draw(st.booleans()) else "",
            "relationship": maybe(draw, RELATIONSHIPS),
            "impact": some(draw, IMPACTS, 1),
            "act_count": draw(st.sampled_from(["", "", "", "1", "2", "40"])),
            "means": draw(st.sampled_from(MEANS)) if draw(st.integers(0, 2)) == 0 else "",
            "breach_of": some(draw, ORDERS, 1) if draw(st.integers(0, 3)) == 0 else "",
            "reconciled_before": draw(st.sampled_from(["", "", "", "", "true", "false"])),
        }
        if draw(st.integers(0, 9)) == 0:  # a row of the incident that leaves something blank, or says another thing
            row |= {draw(st.sampled_from(["offence_code", "channel", "status", "kind", "force"])): ""}
        if draw(st.integers(0, 19)) == 0:
            row |= {"occurred_from": draw(moments(blank=False)), "channel": draw(st.sampled_from(CHANNELS.values))}
        rows.append(row)
    return rows


@st.composite
def orders(draw: st.DrawFn) -> list[Row]:
    """The rows of one order: its versions, one for each protected person."""
    respondent = draw(st.sampled_from(["P1", "P1", "P1", "P2", "P3"]))
    number, rows = draw(st.sampled_from(ORDERS)), []
    kind = (
        draw(st.sampled_from(KINDS))
        if draw(st.booleans())
        else draw(st.sampled_from(list(Catalogue.load().order_kinds)))
    )
    for version in range(1, draw(st.sampled_from([1, 1, 2, 3])) + 1):
        terms = some(draw, TERMS, 4)
        protected = draw(st.sampled_from([["V1"], ["V1"], ["V1", "V2"], ["V2"], ["V3", "V1"], [""]]))
        made = draw(moments())
        whole = {
            "order_id": number,
            "version": str(version),
            "kind": kind,
            "respondent_id": respondent,
            "made_on": made,
            "served_at": later(draw, made) if made and draw(st.booleans()) else draw(moments()),
            "aware_from": maybe(draw, [draw(moments())]),
            "starts": maybe(draw, [draw(moments())]),
            "ends": draw(moments()) if draw(st.booleans()) else "2025-12-31",
            "discharged_on": maybe(draw, [draw(moments())], 6),
            "without_notice": draw(st.sampled_from(["", "true", "false"])),
            "founded_on": some(draw, [f"I{i:02d}" for i in range(1, 9)], 2),
        }
        rows += [whole | {"protected_id": person, "terms": terms} for person in protected]
    return rows


@st.composite
def hostels(draw: st.DrawFn) -> list[Row]:
    """Records of several suspects who used one number: as many as are too many, or hardly."""
    rows = []
    for number in range(1, draw(st.integers(3, 8)) + 1):
        at = draw(moments(blank=False))
        rows.append({
            "incident_id": f"H{number}", "occurred_from": at, "suspect_id": f"P{number}",
            "victim_id": draw(st.sampled_from(VICTIMS)), "behaviours": "contact",
            "means": draw(st.sampled_from(MEANS[:5])), "reported_at": later(draw, at) if draw(st.booleans()) else "",
            "status": maybe(draw, ["cancelled"], 8),
        })  # fmt: skip
    return rows


@st.composite
def extracts(draw: st.DrawFn) -> tuple[list[Row], list[Row], str | None]:
    """Incidents, orders, and the instant of the analysis."""
    rows = [row for one in draw(st.lists(incidents(), min_size=1, max_size=14)) for row in one]
    if draw(st.booleans()):  # most of it between the same two people
        rows = [row | {"suspect_id": "P1", "victim_id": "V1"} for row in rows[:6]] + rows[6:]
    rows += draw(hostels()) if draw(st.integers(0, 3)) == 0 else []
    rows += [dict(row) for row in draw(st.lists(st.sampled_from(rows), max_size=2))]  # exact repetitions
    rows = draw(st.permutations(rows))
    held: dict[str, list[Row]] = {}
    for one in draw(st.lists(orders(), min_size=draw(st.sampled_from([0, 1, 2, 3])), max_size=3)):
        held.setdefault(one[0]["order_id"], one)
    as_of = draw(st.sampled_from([None, None, "2025-12-31", "2025-01-15", "2024-11-02T12:00"]))
    return list(rows), [row for one in held.values() for row in one], as_of

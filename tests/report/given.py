"""Runs for tests of the pack."""

from tests.facts import incident, order

import breachpattern as bp

AS_OF = "2025-06-30"
INCIDENTS = [
    incident("I1", "2025-01-05T20:00", behaviours="follow;threat", channel="in_person", impact="fear_of_violence"),
    incident("I2", "2025-02-01T20:00", behaviours="contact", channel="phone", offence_code="008/31", breach_of="O1"),
    incident("I3", "2025-02-09T21:00", behaviours="loiter", channel="in_person", narrative="she said no"),
    incident("I4", "2025-03-20T22:00", behaviours="contact;threat", channel="text", force="Northmarch"),
    incident("I5", "2025-03-21", behaviours="damage", channel="in_person", force="Northmarch"),
    incident("J1", "2025-04-01T22:00", victim_id="V2", behaviours="follow", channel="in_person"),
    incident("J2", "2025-04-09T22:00", victim_id="V2", behaviours="follow;contact", channel="in_person"),
]
ORDERS = [
    order("O1", served_at="2025-01-12T09:00", terms="no_contact;no_approach"),
    order("O2", kind="non_molestation", made_on="2025-03-01", ends="2025-12-31", without_notice="true"),
]
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "=cmd|'/c calc'!A1",
    "P\u202egnp.exe",
    "{{ 7*7 }}",
)


def score(folder, incidents=INCIDENTS, orders=ORDERS, format="csv"):
    extract = bp.read_extract(incidents, orders=orders or None)
    return bp.Analyser().analyse(extract, AS_OF).write(folder, format)


def hostile(folder):
    """A run in which every reference is meant to do harm."""
    script, image, formula, turned, braces = HOSTILE
    people = {
        "suspect_id": turned,
        "victim_id": script,
        "force": f"{image}|",
        "channel": "phone",
        "behaviours": "contact",
    }
    rows = [
        {"incident_id": f"{name}{day}", "occurred_from": f"2025-03-0{day}T10:00", **people}
        for day, name in enumerate((script, image, formula, braces), 1)
    ]
    bound = [order(formula, respondent_id=turned, protected_id=script)]
    return score(folder, rows, bound)


def texts(pack):
    """Every page of a pack as text, by name."""
    return {
        path.relative_to(pack).as_posix(): path.read_text(encoding="utf-8") for path in sorted(pack.rglob("*.html"))
    }


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

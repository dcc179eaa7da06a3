"""Messy extracts: ties, repetitions, rows that disagree, late recording, blanks, hubs, people who may be one."""

import json
from pathlib import Path
from unittest.mock import patch

import numpy as np

from breachpattern.analysis import Analyser
from breachpattern.buckets.scale import Division

AS_OF = "2025-06-30"
TIMES = ["2025-03-01T10:00", "2025-03-01T10:00", "2025-03-01", "2025-03-30T01:30", "2025-04-02T09:00",
         "2025-05-20T22:15", "2025-06-29T08:00", "2025-08-01T10:00", "2031-01-01", "31/02/2025", ""]  # fmt: skip
PHONES = ["07700900001", "07700 900002", "+447700900003", "withheld", "@handle", "AB12 CDE"]
PLACES = [("1 High Street", "ZZ1 1AA"), ("2 High Street", "ZZ1 1AA"), ("no fixed abode", "ZZ1 1AB")]
NAMES = [("Ana", "Vale"), ("Bo", "Reed"), ("Ana", "Vale")]


def messy(seed: int, rows: int = 60, people: int = 14) -> dict[str, list[dict[str, str]]]:
    """Return records of the four tables."""
    draw = np.random.default_rng(seed)

    def one(*values: str, blank: float = 0.3) -> str:
        return "" if draw.random() < blank else str(draw.choice(values))

    def some(values: list[str], most: int = 2) -> str:
        return ";".join(dict.fromkeys(str(v) for v in draw.choice(values, draw.integers(0, most + 1))))

    def person(blank: float = 0.1) -> str:
        # A few people are on many rows, most on few.
        return "" if draw.random() < blank else f"P{int(people * draw.random() ** 2):02d}"

    incident_ids = [f"I{n:02d}" for n in range(int(rows * 0.8))]
    order_ids = [f"O{n}" for n in range(6)]
    incidents = [
        {
            "incident_id": one(*incident_ids, blank=0.03),
            "kind": one("crime", "incident", "call", "custody"),
            "occurred_from": one(*TIMES, blank=0.02),
            "occurred_to": one(*TIMES, blank=0.8),
            "reported_at": one(*TIMES[:8], blank=0.5),
            "recorded_at": one(*TIMES[:8], blank=0.5),
            "offence_code": one("105/01", "195/94", "066/39", "999/99", "8/51", "nonsense"),
            "offence_text": one("Stalking", "Breach of a non-molestation order", "Something odd", "Lost dog"),
            "suspect_id": person(),
            "victim_id": person(),
            "relationship": one("ex_partner", "family", "stranger", "pal"),
            "behaviours": some(["follow", "contact", "threat", "assault", "third_party_contact", "juggling"]),
            "channel": one("phone", "in_person", "third_party", "pigeon"),
            "means": one(*PHONES, blank=0.4),
            "act_count": one("1", "5", blank=0.8),
            "occurrence_ref": one("R1", "R2", "R3", blank=0.7),
            "breach_of": some([*order_ids, "O99"], 1) if draw.random() < 0.3 else "",
            "postcode": one("ZZ1 1AA", "ZZ2 3AB"),
            "impact": one("fear_of_violence", "moved_home"),
            "reconciled_before": one("true", "false", blank=0.8),
            "outcome": one("1", "16", "14"),
            "status": one("open", "closed", "cancelled"),
            "force": one("A", "B", blank=0.1),
        }
        for _ in range(rows)
    ]
    incidents += [incidents[int(draw.integers(0, rows))] for _ in range(3)]
    orders = [
        {
            "order_id": one(*order_ids, blank=0.03),
            "version": one("1", "2", "x", blank=0.5),
            "kind": one("non_molestation", "restraining_conviction", "police_warning", "dvpo", "odd", blank=0.02),
            "respondent_id": person(0.05),
            "protected_id": person(0.2),
            "made_on": one("2025-01-05", "2025-02-01", "2025-05-01", blank=0.1),
            "served_at": one("2025-02-02T10:00", "2025-05-03"),
            "ends": one("2025-12-31", "2024-12-31", "9999-12-31"),
            "discharged_on": one("2025-04-01", blank=0.85),
            "terms": some(["no_contact", "no_indirect_contact", "exclusion", "no_violence"]),
            "exclusion_postcodes": one("ZZ2"),
            "founded_on": some(incident_ids, 2),
        }
        for _ in range(14)
    ]
    persons = []
    for n in range(people):
        street, postcode = PLACES[int(draw.integers(0, 3))]
        given, family = NAMES[int(draw.integers(0, 3))]
        persons.append(
            {
                "person_id": f"P{n:02d}",
                "given_name": given,
                "surname": family,
                "date_of_birth": one("1990-05-01", "1985-02-03"),
                "pnc_id": one("2011/0412907D", blank=0.9),
                "phone": one(*PHONES[:3], blank=0.6),
                "address": street if draw.random() < 0.4 else "",
                "postcode": postcode,
            }
        )
    persons.append({**persons[0], "person_id": ""})
    associations = [
        {
            "person_id": person(0.05),
            "other_id": person(0.05),
            "tie": one("partner", "friend", "odd"),
            "since": one("2024-01-01", "2025-05-01", "2026-01-01"),
        }
        for _ in range(5)
    ]
    return {"incidents": incidents, "orders": orders, "persons": persons, "associations": associations}


def at_once(analyser: Analyser, tables: dict, out: Path, **more: object) -> dict[str, bytes]:
    """Score in one piece and return what the folder holds."""
    analyser.score(**tables, out=out, as_of=AS_OF, workers=1, **more)
    return contents(out)


def in_buckets(analyser: Analyser, tables: dict, out: Path, buckets: int, **more: object) -> dict[str, bytes]:
    """Score in buckets, in this process, and return what the folder holds; without ``memory``, results are held."""
    with patch("breachpattern.buckets.scale.Scale.of", lambda self, rows: Division(buckets, 0, True, self.memory)):
        analyser.score(**tables, out=out, as_of=AS_OF, **more)
    return contents(out)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a run by name, the summary without its times."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    summary = json.loads(files["summary.json"])
    del summary["started"], summary["finished"]
    return files | {"summary.json": json.dumps(summary).encode()}

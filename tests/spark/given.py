"""An extract of an invented force with everything that data can have wrong with it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

DAY = 24 * 60
START = np.datetime64("2024-01-01T00:00", "m")
BEHAVIOURS = ["contact", "contact;threat", "assault", "follow", "damage", "watch;loiter", "approach", "pestering", None]
CHANNELS = ["in_person", "phone", "text", "social_media", "pigeon", None]
CODES = ["105/01", "149/00", "195/94", "066/39", "008/31", "999/99", "8/65", "nonsense", None, None]
KINDS = ["non_molestation", "restraining_conviction", "stalking_protection", "court_bail", "dvpo", "police_warning"]
TERMS = ["no_contact", "no_contact;no_indirect_contact", "no_contact;no_approach", "exclusion", None]
TIES = ["partner", "family", "household", "friend", "cousins"]
HUB = "07700 900999"


def messy(seed: int = 3, incidents: int = 900) -> dict[str, pa.Table]:
    """Return incidents, orders, persons and associations as text.

    Among them: several incidents of one minute, late recording, exact duplicates, rows of one incident that disagree,
    rows that are rejected, blanks, references that lead nowhere, a hot suspect, a telephone that everybody used and
    some that three people used, people with two records.
    """
    draw = np.random.default_rng(seed)
    people = incidents // 3
    suspect, victim = draw.integers(0, people, incidents), draw.integers(0, people, incidents)
    suspect[: incidents // 10] = 7
    victim[: incidents // 20] = 8
    # Pairs come back, half of the records on a handful of minutes of the day.
    again = draw.integers(0, incidents, incidents // 2)
    suspect[incidents // 2 :], victim[incidents // 2 :] = suspect[again], victim[again]
    minute = draw.integers(0, 900 * DAY, incidents)
    minute[::2] -= minute[::2] % (12 * 60)
    late = np.where(draw.random(incidents) < 0.2, draw.integers(DAY, 200 * DAY, incidents), 45)
    number = draw.integers(0, incidents * 4 // 5, incidents)
    occurred = _times(minute)
    for place in range(0, incidents, 37):
        occurred[place] = ["2025-02-31", "", "sometime in May", "2031-01-01T10:00", "2024-03-31T01:30"][place % 5]
    columns = {
        "incident_id": [f"C{n:05d}" if n % 61 else "" for n in number],
        "occurred_from": occurred,
        "reported_at": _blank(draw, _times(minute + late), 0.2),
        "recorded_at": _blank(draw, _times(minute + late + 20), 0.3),
        "suspect_id": _blank(draw, [f"P{n:04d}" for n in suspect], 0.06),
        "victim_id": _blank(draw, [f"P{n:04d}" for n in victim], 0.05),
        "offence_code": _drawn(draw, CODES, incidents),
        "behaviours": _drawn(draw, BEHAVIOURS, incidents),
        "channel": _drawn(draw, CHANNELS, incidents),
        "means": [_means(draw, n) for n in suspect],
        "occurrence_ref": _blank(draw, [f"R{n:04d}" for n in draw.integers(0, incidents, incidents)], 0.7),
        "breach_of": _blank(draw, [f"O{n:03d}" for n in draw.integers(0, people // 2, incidents)], 0.8),
        "relationship": _drawn(draw, ["ex_partner", "partner", "family", "stranger", None], incidents),
        "status": _drawn(draw, ["open", "closed", "cancelled", None], incidents),
        "officer": [f"X{n}" for n in draw.integers(0, 9, incidents)],
    }
    rows = pa.table({name: pa.array(list(values), pa.string()) for name, values in columns.items()})
    twice = pa.concat_tables([rows, rows.slice(0, incidents // 15)])
    return {
        "incidents": twice.take(pa.array(draw.permutation(twice.num_rows))),
        "orders": _orders(draw, people, incidents),
        "persons": _persons(draw, people),
        "associations": _associations(draw, people),
    }


def _orders(draw: np.random.Generator, people: int, incidents: int) -> pa.Table:
    count = people // 2
    bound, protected = draw.integers(0, people, count), draw.integers(0, people, count)
    bound[:5], protected[:5] = 7, 8
    made = draw.integers(0, 700 * DAY, count)
    number = draw.integers(0, count * 4 // 5, count)
    columns = {
        "order_id": [f"O{n:03d}" for n in number],
        "version": [str(n) for n in draw.integers(1, 3, count)],
        "kind": [None if n == 9 else KINDS[n % len(KINDS)] for n in draw.integers(0, 10, count)],
        "respondent_id": [f"P{n:04d}" for n in bound],
        "protected_id": _blank(draw, [f"P{n:04d}" for n in protected], 0.1),
        "made_on": [text[:10] for text in _times(made)],
        "served_at": _blank(draw, _times(made + DAY), 0.3),
        "ends": _blank(draw, [text[:10] for text in _times(made + draw.integers(-5, 300, count) * DAY)], 0.3),
        "terms": _drawn(draw, TERMS, count),
        "founded_on": _blank(draw, [f"C{n:05d}" for n in draw.integers(0, incidents, count)], 0.6),
    }
    return pa.table({name: pa.array(list(values), pa.string()) for name, values in columns.items()})


def _persons(draw: np.random.Generator, people: int) -> pa.Table:
    number = np.append(np.arange(0, people, 2), draw.integers(0, people, 10))
    human = np.where(draw.random(len(number)) < 0.3, number - number % 12, number)
    columns = {
        "person_id": [f"P{n:04d}" for n in number],
        "given_name": [f"Given{n % 40}" for n in human],
        "surname": [f"Family{n % 60}" for n in human],
        "date_of_birth": [f"19{60 + n % 40}-0{1 + n % 9}-1{n % 9}" for n in human],
        "pnc_id": [f"{1980 + n % 40}/{412907 + 31 * n:07d}D" if n % 3 else None for n in human],
        "phone": [f"07700 9{n // 3:05d}" if n % 5 else HUB for n in number],
    }
    return pa.table({name: pa.array(list(values), pa.string()) for name, values in columns.items()})


def _associations(draw: np.random.Generator, people: int) -> pa.Table:
    one, other = draw.integers(0, people, (2, people // 4))
    columns = {
        "person_id": [f"P{n:04d}" for n in one],
        "other_id": [f"P{n:04d}" for n in other],
        "tie": _drawn(draw, TIES, len(one)),
    }
    return pa.table({name: pa.array(list(values), pa.string()) for name, values in columns.items()})


def _times(minutes: np.ndarray) -> list[str]:
    return [str(at) for at in START + minutes]


def _drawn(draw: np.random.Generator, values: list, count: int) -> list:
    return [values[n] for n in draw.integers(0, len(values), count)]


def _blank(draw: np.random.Generator, values: list, share: float) -> list:
    return [None if gone else value for value, gone in zip(values, draw.random(len(values)) < share, strict=True)]


def _means(draw: np.random.Generator, person: int) -> str | None:
    """Return a telephone of few people, one of very many, or nothing."""
    kind = draw.integers(0, 6)
    return f"07700 9{person // 3:05d}" if kind == 0 else HUB if kind == 1 else None

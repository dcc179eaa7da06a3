"""Extracts in which everything meets in one place: one pair, one suspect, one incident, one much-founded order."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

EPOCH = np.datetime64("2016-01-01T00:00", "m")
MINUTES = 10 * 365 * 24 * 60
Tables = tuple[pa.Table, pa.Table]


def pair(incidents: int, orders: int = 1, founded_on: int = 0) -> Tables:
    """Return one suspect's many contacts with one victim, all of them breaches of each order.

    ``founded_on`` names so many of the first incidents as the grounds of each order.
    """
    at = np.sort(np.random.default_rng(3).integers(0, MINUTES, incidents))
    grounds = ";".join(f"C{i:07d}" for i in range(founded_on))
    return _incidents(at, ["P1"] * incidents, ["V1"] * incidents), _orders(["V1"] * orders, grounds)


def suspect(incidents: int, orders: int) -> Tables:
    """Return one suspect's contacts, each with another victim, some of whom an order protects."""
    at = np.sort(np.random.default_rng(4).integers(0, MINUTES, incidents))
    victims = [f"V{i}" for i in range(incidents)]
    return _incidents(at, ["P1"] * incidents, victims), _orders(victims[:orders])


def hub(people: int) -> Tables:
    """Return one incident on which each of many suspects is set against each of as many victims."""
    suspects = [f"P{i}" for i in range(people) for _ in range(people)]
    victims = [f"V{i}" for i in range(people)] * people
    incidents = _incidents(np.zeros(people * people, np.int64), suspects, victims)
    incidents = incidents.set_column(0, "incident_id", pa.repeat("C0000000", people * people))
    return incidents, _orders(victims[:people])


def number(people: int, users: int) -> Tables:
    """Return many suspects, each towards a victim of its own; so many ``users`` have one number each time."""
    at = np.sort(np.random.default_rng(5).integers(0, MINUTES, people))
    victims = [f"V{i}" for i in range(people)]
    incidents = _incidents(at, [f"P{i}" for i in range(people)], victims)
    means = [f"07700 {900_000 + i // users:06d}" for i in range(people)]
    return incidents.append_column("means", pa.array(means)), _orders(victims[: people // 10])


def _incidents(at: np.ndarray, suspects: list[str], victims: list[str]) -> pa.Table:
    n = len(at)
    return pa.table(
        {
            "incident_id": [f"C{i:07d}" for i in range(n)],
            "occurred_from": np.datetime_as_string(EPOCH + at),
            "suspect_id": suspects,
            "victim_id": victims,
            "behaviours": ["contact"] * n,
            "channel": ["phone"] * n,
        }
    )


def _orders(protected: list[str], founded_on: str = "") -> pa.Table:
    n = len(protected)
    return pa.table(
        {
            "order_id": [f"O{i:06d}" for i in range(n)],
            "kind": ["restraining_conviction"] * n,
            "respondent_id": ["P1"] * n,
            "protected_id": protected,
            "made_on": ["2015-06-01"] * n,
            "served_at": ["2015-06-02T10:00"] * n,
            "terms": ["no_contact"] * n,
            "founded_on": [founded_on] * n,
        }
    )

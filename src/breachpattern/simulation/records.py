"""Rows of the incident table before they are text: one numpy column for each fact."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from breachpattern.simulation.clock import NEVER
from breachpattern.simulation.draws import Bools, Ints

CRIME, INCIDENT, INTELLIGENCE, CALL, CUSTODY = range(5)  # the first of vocabulary.INCIDENT_KINDS
PROMPTED = ("act", "log", "addition", "again", "second", "arrest", "custody", "failure", "unknown")
ACT, LOG, ADDITION, AGAIN, SECOND, ARREST, HELD, FAILURE, UNKNOWN = range(len(PROMPTED))


@dataclass(frozen=True)
class Records:
    """Rows of the incident table; -1 (for times ``NEVER``) is blank.

    Attributes
    ----------
    why : int64
        Position in :data:`PROMPTED`: what made the police write it down.
    act, unit, order : int64
        The act and unit that it is about; the order, where it is about one alone.
    number : int64
        Rows of one incident share it.
    kind : int64
        Of record: position in ``INCIDENT_KINDS``.
    begins, ends, reported, recorded : int64
    day_only : bool
        The day is on record, the hour is not.
    offence : int64
        Position in ``offences.OFFENCES``.
    suspect, victim : int64
        People, as the record has them.
    doer, target : int64
        People, as it truly was.
    relationship, channel, place : int64
        Positions in the vocabularies.
    behaviours, impact : int64
        Masks.
    means, means_of, means_number : int64
        As in :class:`~breachpattern.simulation.conduct.Conduct`.
    count : int64
        Acts that it covers.
    occurrence : int64
        Records that share it share a reference.
    breach_of : int64
        An order that it says was broken.
    home : int64
        Where.
    reconciled, domestic : int64
        1, 0 or -1.
    outcome : int64
        Home Office number; cancelled records have none.
    cancelled, neighbour : bool
        Cancelled later; recorded by the neighbouring force.
    """

    why: Ints
    act: Ints
    unit: Ints
    order: Ints
    number: Ints
    kind: Ints
    begins: Ints
    ends: Ints
    reported: Ints
    recorded: Ints
    day_only: Bools
    offence: Ints
    suspect: Ints
    victim: Ints
    doer: Ints
    target: Ints
    relationship: Ints
    channel: Ints
    place: Ints
    behaviours: Ints
    impact: Ints
    means: Ints
    means_of: Ints
    means_number: Ints
    count: Ints
    occurrence: Ints
    breach_of: Ints
    home: Ints
    reconciled: Ints
    domestic: Ints
    outcome: Ints
    cancelled: Bools
    neighbour: Bools

    def __len__(self) -> int:
        return len(self.number)

    def at(self, places: Ints | Bools, **changed: Any) -> Records:
        """Return the rows at some places, with other columns in the place of some."""
        taken = Records(**{field.name: getattr(self, field.name)[places] for field in fields(Records)})
        return replace(taken, **changed)


def blank(size: int, **known: Any) -> Records:
    """Return rows of which nothing is on record but what is given."""
    columns: dict[str, Any] = {}
    for field in fields(Records):
        if str(field.type) == "Bools":
            columns[field.name] = np.zeros(size, np.bool_)
        elif field.name in ("behaviours", "impact", "means", "means_number"):
            columns[field.name] = np.zeros(size, np.int64)
        elif field.name == "count":
            columns[field.name] = np.ones(size, np.int64)
        else:
            columns[field.name] = np.full(size, NEVER if field.name in ("ends", "reported") else -1)
    return Records(**columns | {name: np.broadcast_to(value, size).copy() for name, value in known.items()})


def together(parts: list[Records]) -> Records:
    """Return the rows of all parts."""
    return Records(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Records)})

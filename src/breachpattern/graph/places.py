"""Places: where records lie, named so that nobody's address is given away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from breachpattern.linking.columns import Columns, Ints
from breachpattern.vocabulary import PLACE_ROLES

# A victim's own places, and places of which nobody said what they are, are never named by default.
NAMED_ROLES = frozenset({"suspect_home", "court", "public", "other"})
NOWHERE = PLACE_ROLES.index("online")


@dataclass(frozen=True)
class Places:
    """Distinct places of some rows.

    Attributes
    ----------
    of_row : (n,) int64
        The place of each row, ``-1`` where none is on record.
    labels, roles : list of str
    postcodes : list of str
        Blank where not on record.
    """

    of_row: Ints
    labels: list[str]
    roles: list[str]
    postcodes: list[str]


def places_of(columns: Columns, rows: Ints, addresses: bool) -> Places:
    """Return the places of some rows, told apart by role, postcode and, for a victim's own, the victim.

    Parameters
    ----------
    columns : Columns
    rows : (n,) int64
    addresses : bool
        Whether postcodes are shown.
    """
    role, postcode = columns.place_role[rows].astype(np.int64), columns.postcode[rows].astype(np.int64)
    lat, lon = columns.lat[rows], columns.lon[rows]
    point = (postcode < 0) & ~np.isnan(lat)
    somewhere = (role != NOWHERE) & ((postcode >= 0) | point)
    own = np.array([r not in NAMED_ROLES for r in PLACE_ROLES.values] + [False])[role]
    whose = np.where(own, columns.victim[rows], -1).astype(np.int64)
    keys = np.stack(
        [role, whose, postcode, np.where(point, lat, 0) * 1e4 // 1, np.where(point, lon, 0) * 1e4 // 1], axis=1
    ).astype(np.int64)[somewhere]
    distinct, place = np.unique(keys, axis=0, return_inverse=True)
    of_row = np.full(len(rows), -1, np.int64)
    of_row[somewhere] = place.reshape(-1)
    roles = [PLACE_ROLES.values[r] if r >= 0 else "unknown" for r in distinct[:, 0].tolist()]
    victims = _texts(columns.names.persons, distinct[:, 1])
    postcodes = [_spaced(text) for text in _texts(columns.names.postcodes, distinct[:, 2])]
    labels = [
        _label(role, victim, postcode, addresses)
        for role, victim, postcode in zip(roles, victims, postcodes, strict=True)
    ]
    return Places(of_row, _told_apart(labels), roles, postcodes)


def _label(role: str, victim: str, postcode: str, addresses: bool) -> str:
    words = "place" if role == "unknown" else role.replace("_", " ")
    if victim:
        words = f"{words} of {victim}"
    if addresses and postcode:
        return f"{words}, {postcode}"
    district = postcode.split(" ")[0] if " " in postcode else ""
    return f"{words} in {district}" if role in NAMED_ROLES and district else words


def _told_apart(labels: list[str]) -> list[str]:
    """Return the labels with a running number where one would stand twice."""
    seen: dict[str, int] = {}
    out = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        out.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return out


def _texts(texts: pa.Array, codes: Ints) -> list[str]:
    found = texts.take(pa.array(np.maximum(codes, 0), mask=codes < 0)) if len(texts) else pa.nulls(len(codes))
    return [text or "" for text in found.to_pylist()]


def _spaced(postcode: str) -> str:
    return f"{postcode[:-3]} {postcode[-3:]}" if len(postcode) > 4 else postcode

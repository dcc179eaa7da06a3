"""Told stories: campaigns and disputes that somebody wrote down, record by record, to stand among drawn ones.

A story names its people and units, and every record and order of them as the extract shall hold it. What is not told
is drawn as for everybody else (when something was written down), and what truly happened is worked out as for
everybody else (:mod:`breachpattern.simulation.told`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from breachpattern.errors import InputError
from breachpattern.simulation.parameters import parameters
from breachpattern.simulation.units import KINDS, OTHERS

Row = dict[str, str]
PERSON = ("given_name", "surname", "date_of_birth", "sex", "postcode")
TIE = ("person_id", "other_id", "tie", "since")
INCIDENT = ("incident_id", "occurred_from", "reported_at", "offence_code", "behaviours", "channel")
IN_A_FILE = ("story", "repeated", "messy")
IN_A_STORY = ("name", "title", "people", "same_person", "ties", "units", "usual", "orders", "incidents")
# What a story says of a record for the tables of truth alone.
TRUTH_ONLY = ("done_by",)


@dataclass(frozen=True)
class Unit:
    """Who acts towards whom in a story: the kind is one of the model's campaigns or everyday disputes."""

    kind: str
    suspect: str
    victim: str
    others: tuple[str, ...] = ()

    def concerns(self, suspect: str, victim: str) -> bool:
        """Return whether somebody acts towards somebody within it, in either direction; blank is anybody."""
        sides = ({self.suspect, *self.others}, {self.victim, *self.others})
        return any(
            (not one or one in here) and (not other or other in there)
            for here, there in (sides, sides[::-1])
            for one, other in ((suspect, victim),)
        )


@dataclass(frozen=True)
class Stories:
    """Everything that a file of stories tells.

    Attributes
    ----------
    units : list of Unit
    persons, associations : list of dict
        Rows in the canonical columns, as text.
    orders, incidents : list of (int, dict)
        Rows with the unit that each is about, -1 for rows that are about nobody's story.
    same_person : dict
        Nominal records of one person: the further one, and the first.
    repeated : list of str
        Incidents whose rows stand in the extract twice.
    """

    units: list[Unit]
    persons: list[Row]
    associations: list[Row]
    orders: list[tuple[int, Row]]
    incidents: list[tuple[int, Row]]
    same_person: dict[str, str]
    repeated: list[str]

    @property
    def numbers(self) -> list[str]:
        """The incidents that are told, each once."""
        return list(dict.fromkeys(row["incident_id"] for _, row in self.incidents))


def read_stories(source: str | Path | Mapping[str, Any]) -> Stories:
    """Return the stories of a TOML file, or of what such a file holds.

    Parameters
    ----------
    source : str, Path or mapping

    Raises
    ------
    InputError
        Where the file cannot be read, or a story does not fit together.

    Examples
    --------
    >>> told = read_stories({"story": [{
    ...     "name": "calls",
    ...     "people": {"P-1": ["A", "B", "1990-01-01", "M", "ZZ1 1AA"], "P-2": ["C", "D", "", "F", ""]},
    ...     "units": [{"kind": "rejected", "suspect": "P-1", "victim": "P-2"}],
    ...     "usual": {"suspect_id": "P-1", "victim_id": "P-2"},
    ...     "incidents": [["I-1", "2025-03-01T20:00", 2, "", "contact", "phone"]],
    ... }]})
    >>> told.incidents[0][1]["reported_at"]
    '2025-03-01T22:10'
    """
    if isinstance(source, Mapping):
        data, where = source, "stories"
    else:
        where = str(source)
        try:
            data = tomllib.loads(Path(source).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise InputError(f"The stories cannot be read: {why}.", where=where) from None
    try:
        _only(data, IN_A_FILE, "The file")
        _tables(data.get("story", []), "story")
    except ValueError as error:
        raise InputError(str(error), where=where) from None
    found = Stories([], [], [], [], [], {}, [str(number) for number in data.get("repeated", [])])
    for story in data.get("story", []):
        try:
            _tell(story, found)
        except KeyError as error:
            raise InputError(f"Story {story.get('name', '')!r} says no {error}.", where=where) from None
        except (TypeError, ValueError) as error:
            raise InputError(f"Story {story.get('name', '')!r}: {error}", where=where) from None
    found.incidents.extend((-1, {name: str(value) for name, value in row.items()}) for row in data.get("messy", []))
    return found


def _tell(story: Mapping[str, Any], found: Stories) -> None:
    """Add what one story tells."""
    _only(story, IN_A_STORY, "it")
    force = {"force": str(parameters()["force"]["name"])}
    people = {person: list(cells) for person, cells in story["people"].items()}
    for person, cells in people.items():
        more = cells[len(PERSON)] if len(cells) > len(PERSON) else {}
        known = _named(PERSON, cells[: len(PERSON)], person)
        found.persons.append({"person_id": person} | known | force | more)
    same = story.get("same_person", {})
    found.same_person.update(same)
    found.associations.extend(_named(TIE, tie, f"the tie {tie}") for tie in story.get("ties", []))
    base, own = len(found.units), [_unit(given, people) for given in story["units"]]
    found.units.extend(own)
    for row in story.get("orders", []):
        order = force | {name: str(value) for name, value in row.items()}
        protected = order.get("protected_id", "")
        found.orders.append((base + _which(own, order["respondent_id"], protected, order["order_id"]), order))
    for cells in story["incidents"]:
        _named(INCIDENT, cells[: len(INCIDENT)], f"incident {cells[0] if cells else ''}".strip())
        row = _incident(story.get("usual", {}), *cells)
        if row.get("place_role") == "victim_home" and "postcode" not in row:
            row["postcode"] = people[row["victim_id"]][PERSON.index("postcode")]
        who, whom = (row.get("done_by") or row.get("suspect_id", "")), row.get("victim_id", "")
        who, whom = same.get(who, who), same.get(whom, whom)
        found.incidents.append((base + _which(own, who, whom, row["incident_id"]), row))


def _only(given: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    if strange := [name for name in given if name not in known]:
        raise ValueError(f"{what} says {strange[0]!r}, which means nothing here; known are {', '.join(known)}.")


def _tables(given: Any, name: str) -> None:
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise ValueError(f"{name!r} is no list of tables: begin each with [[{name}]].")


def _named(names: tuple[str, ...], cells: Any, what: str) -> Row:
    """Return cells under their names."""
    if len(cells) != len(names):
        raise ValueError(f"{what} says {len(cells)} of {len(names)} things: {', '.join(names)}.")
    return dict(zip(names, cells, strict=True))


def _unit(given: Mapping[str, Any], people: Mapping[str, Any]) -> Unit:
    unit = Unit(given["kind"], given["suspect"], given["victim"], tuple(given.get("others", ())))
    if unit.kind not in KINDS:
        raise ValueError(f"{unit.kind!r} is no kind of unit; there are {', '.join(KINDS)}.")
    if len(unit.others) > OTHERS:
        raise ValueError(f"a unit has at most {OTHERS} others.")
    strange = [person for person in (unit.suspect, unit.victim, *unit.others) if person not in people]
    if strange:
        raise ValueError(f"{', '.join(strange)} is not among its people.")
    return unit


def _which(units: list[Unit], suspect: str, victim: str, about: str) -> int:
    """Return the first unit that somebody's acts towards somebody belong to."""
    for place, unit in enumerate(units):
        if unit.concerns(suspect, victim):
            return place
    raise ValueError(f"{about} ({suspect or 'nobody'} towards {victim or 'nobody'}) is about none of its units.")


def _incident(
    usual: Mapping[str, Any],
    incident: str,
    at: str,
    reported: int | str,
    offence: str,
    behaviours: str,
    channel: str,
    more: Mapping[str, Any] | None = None,
) -> Row:
    """Return one incident: the story's usual columns, its own, and what it says besides."""
    if isinstance(reported, int):
        reported = (datetime.fromisoformat(at) + timedelta(hours=reported, minutes=10)).isoformat(timespec="minutes")
    own = {"incident_id": incident, "occurred_from": at, "reported_at": reported, "offence_code": offence}
    said = {name: str(value) for name, value in (more or {}).items()}
    shared = {"force": parameters()["force"]["name"], "status": "open"} | dict(usual)
    return shared | own | {"behaviours": behaviours, "channel": channel} | said

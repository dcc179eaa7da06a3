"""Told stories: campaigns and disputes that somebody wrote down, record by record, to stand among drawn ones.

A story names its people and units, and every record and order of them as the extract shall hold it. What is not told
is drawn as for everybody else (when something was written down), and what truly happened is worked out as for
everybody else (:mod:`breachpattern.simulation.told`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from breachpattern.documents import Unreadable, parse_toml
from breachpattern.errors import InputError
from breachpattern.simulation.clock import minute_of
from breachpattern.simulation.parameters import parameters
from breachpattern.simulation.units import KINDS, OTHERS
from breachpattern.vocabulary import RELATIONSHIPS

Row = dict[str, str]
PERSON = ("given_name", "surname", "date_of_birth", "sex", "postcode")
TIE = ("person_id", "other_id", "tie", "since")
IN_A_FILE = ("story", "repeated", "messy")
IN_A_STORY = ("name", "title", "people", "same_person", "ties", "units", "usual", "orders", "incidents")
# What a story says of a record for the tables of truth alone.
TRUTH_ONLY = ("done_by",)
# What has to be a day or a moment, where it is told.
INCIDENT_TIMES = ("occurred_from", "occurred_to", "reported_at")
ORDER_TIMES = ("made_on", "served_at", "aware_from", "starts", "ends", "discharged_on")
HINT = "How a story is written stands in docs/reference/simulate.md."


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
            data = parse_toml(Path(source).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, Unreadable) as error:
            why = getattr(error, "strerror", None) or error
            raise InputError(f"The stories cannot be read: {why}.", where=where, hint=HINT) from None
    try:
        _only(data, IN_A_FILE, "The file")
    except ValueError as error:
        raise InputError(str(error), where=where, hint=HINT) from None
    repeated, stories, messy = (_list(data.get(name, []), name, where) for name in ("repeated", "story", "messy"))
    found = Stories([], [], [], [], [], {}, [str(number) for number in repeated])
    for number, story in enumerate(stories, 1):
        name = story.get("name", number) if isinstance(story, Mapping) else number
        try:
            _tell(story, found)
        except KeyError as error:
            raise InputError(f"Story {name!r} says no {error}.", where=where, hint=HINT) from None
        except (AttributeError, TypeError):
            raise InputError(f"Story {name!r} has a part that is not of its form.", where=where, hint=HINT) from None
        except ValueError as error:
            raise InputError(f"Story {name!r}: {error}", where=where, hint=HINT) from None
    for row in messy:
        if not isinstance(row, Mapping) or "incident_id" not in row:
            raise InputError("A messy row says no 'incident_id'.", where=where, hint=HINT)
        found.incidents.append((-1, {name: str(value) for name, value in row.items()}))
    return found


def _only(given: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    """Refuse names that mean nothing: a slip of the pen would leave out what it names."""
    if strange := [name for name in given if name not in known]:
        raise ValueError(f"{what} says {strange[0]!r}, which means nothing here; known are {', '.join(known)}.")


def _list(value: Any, name: str, where: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise InputError(f"{name!r} is a {type(value).__name__}, not a list.", where=where, hint=HINT)
    return value


def _named(names: Sequence[str], cells: Sequence[Any], about: str) -> Row:
    """Return cells by what they tell."""
    if not isinstance(cells, list | tuple) or len(cells) < len(names):
        raise ValueError(f"{about} is told as a list of {', '.join(names)}.")
    return dict(zip(names, map(str, cells), strict=False))


def _tell(story: Mapping[str, Any], found: Stories) -> None:
    """Add what one story tells."""
    force = {"force": str(parameters()["force"]["name"])}
    people = {person: _named(PERSON, cells, person) for person, cells in story["people"].items()}
    _only(story, IN_A_STORY, "it")
    for person, known in people.items():
        cells = story["people"][person]
        more = _texts(cells[len(PERSON)]) if len(cells) > len(PERSON) else {}
        found.persons.append({"person_id": person} | known | force | more)
    same = story.get("same_person", {})
    strange = [person for pair in same.items() for person in pair if person not in people]
    if strange:
        raise ValueError(f"{', '.join(strange)} is not among its people.")
    found.same_person.update(same)
    found.associations.extend(_named(TIE, tie, "a tie") for tie in story.get("ties", []))
    base, own = len(found.units), [_unit(given, people) for given in story["units"]]
    found.units.extend(own)
    for row in story.get("orders", []):
        order = force | _texts(row)
        _check_times(order, ORDER_TIMES, order["order_id"])
        protected = order.get("protected_id", "")
        found.orders.append((base + _which(own, order["respondent_id"], protected, order["order_id"]), order))
    for cells in story["incidents"]:
        row = _incident(story.get("usual", {}), *cells)
        _check(row, {order["order_id"] for _, order in found.orders})
        if row.get("place_role") == "victim_home" and "postcode" not in row:
            row["postcode"] = people[row["victim_id"]]["postcode"]
        who, whom = (row.get("done_by") or row.get("suspect_id", "")), row.get("victim_id", "")
        who, whom = same.get(who, who), same.get(whom, whom)
        found.incidents.append((base + _which(own, who, whom, row["incident_id"]), row))


def _texts(row: Mapping[str, Any]) -> Row:
    return {name: str(value) for name, value in row.items()}


def _check(row: Row, orders: set[str]) -> None:
    """Refuse an incident of which the model could make nothing."""
    about, acts = row["incident_id"], row.get("act_count", "")
    _check_times(row, INCIDENT_TIMES, about)
    if row.get("relationship") and row["relationship"] not in RELATIONSHIPS:
        raise ValueError(f"{about} says the relationship {row['relationship']!r}, which is none of the vocabulary.")
    if acts and not (acts.isdecimal() and int(acts)):
        raise ValueError(f"{about} says act_count {acts!r}, which is no number of acts.")
    strange = [] if not row.get("breach_of") else [one for one in row["breach_of"].split(";") if one not in orders]
    if strange:
        raise ValueError(f"{about} breaks {', '.join(strange)}, which is no order of its story.")


def _check_times(row: Row, names: Iterable[str], about: str) -> None:
    for name in names:
        try:
            minute_of(row.get(name) or "2025-01-01")
        except ValueError:
            raise ValueError(f"{about} says {name} {row[name]!r}, which is not a day or a moment.") from None


def _unit(given: Mapping[str, Any], people: Mapping[str, Row]) -> Unit:
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
    own = {"incident_id": str(incident), "occurred_from": at, "reported_at": reported, "offence_code": offence}
    said = _texts(more or {})
    shared = {"force": parameters()["force"]["name"], "status": "open"} | dict(usual)
    return shared | own | {"behaviours": behaviours, "channel": channel} | said

"""Whom and where it reached: victims, others who act, channels, objects, places, forces."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Codes, Floats, Ints
from breachpattern.patterns.populations import owners
from breachpattern.scoring.features.histories import Histories
from breachpattern.scoring.features.reducing import any_of, extreme, known, total
from breachpattern.timelines.courses import Ragged
from breachpattern.timelines.evidence import pair_key
from breachpattern.timelines.nexus import AROUND_THE_VICTIM
from breachpattern.timelines.units import GROUP, JOINT
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS, PLACE_ROLES, RELATIONSHIPS


def people(told: Histories) -> dict[str, Floats]:
    """Return how many people stand on each side of a course."""
    return {
        "victims": known(np.diff(told.people.victims.offsets)),
        "suspects": known(np.diff(told.people.suspects.offsets)),
    }


def serial(told: Histories) -> dict[str, Floats]:
    """Return how many victims the suspect has, and how many people orders protect from the suspect."""
    context = told.context
    dyads, register, n = context.dyads, context.register, len(context.columns.names.persons)
    victims = np.bincount(dyads.suspect, minlength=n)
    lists = register.protected
    owner = register.respondent[owners(lists)]
    is_order = register.is_order[owners(lists)] & (owner >= 0)
    protected = np.diff(Ragged.distinct(owner[is_order], lists.values[is_order], n).offsets)
    suspect = dyads.suspect[told.dyads.values]
    return {
        "victims_of_suspect": _most(told, victims[suspect]),
        "victims_protected": _most(told, protected[suspect]),
    }


def connected(told: Histories) -> dict[str, Floats]:
    """Return the further people whom ties connect on each side."""
    return {
        "connected_victims": _most(told, _others(told, GROUP)[told.dyads.values]),
        "co_suspects": _most(told, _others(told, JOINT)[told.dyads.values]),
    }


def _others(told: Histories, kind: int) -> Ints:
    """Return for each dyad how many others the largest unit of a kind holds beside it."""
    units, n = told.context.timelines.units[kind], len(told.context.dyads.suspect)
    dyad = told.context.dyad_of_row[units.rows]
    members = Ragged.distinct(units.unit, dyad, len(units.suspect))
    others = np.zeros(n, np.int64)
    np.maximum.at(others, members.values, np.diff(members.offsets)[owners(members)] - 1)
    return others


def through(told: Histories) -> dict[str, Floats]:
    """Return contact through a third person, as recorded."""
    others = told.behaviours & BEHAVIOURS.mask(["third_party_contact"]) != 0
    others |= told.channels & (1 << CHANNELS.index("third_party")) != 0
    telling = (told.behaviours != 0) | (told.channels != 0)
    occasions = total(told.owner, told.count * others, len(told))
    return {"occasions_through_others": known(occasions, any_of(told.owner, telling, len(told)))}


def inferred(told: Histories) -> dict[str, Floats]:
    """Return the tied people whose contact may have been on the suspect's behalf."""
    frame, dyads, columns = told.context.inferred, told.context.dyads, told.context.columns
    through = frame["through"].to_numpy().astype(np.int64)
    wanted = pair_key(columns, frame["suspect"].to_numpy(), frame["victim"].to_numpy())
    key = pair_key(columns, dyads.suspect, dyads.victim)
    place = np.searchsorted(key, wanted)
    found = (np.append(key, -1)[place] == wanted) & (through >= 0)
    of_dyad = Ragged.of(place[found].astype(np.int64), through[found], len(key))
    return {"proxies": known(np.diff(told.through_dyads(of_dyad).offsets))}


def distinct(told: Histories) -> dict[str, Floats]:
    """Return how many different channels, objects, places and forces are on record."""
    columns = told.context.columns
    of_row: dict[str, npt.NDArray[np.integer]] = {
        "channels": _but(columns.channel, CHANNELS.index("unknown")),
        "means": columns.means,
        "place_roles": columns.place_role,
        "places": _places(told),
        "forces": columns.force,
    }
    counts = {name: np.diff(told.people.distinct(told.people.rows, codes).offsets) for name, codes in of_row.items()}
    return {name: known(number, number > 0) for name, number in counts.items()}


def around(told: Histories) -> dict[str, Floats]:
    """Return the occasions where the victim lives, works or learns."""
    near = sum(1 << PLACE_ROLES.index(role) for role in AROUND_THE_VICTIM)
    occasions = total(told.owner, told.count * (told.places & near != 0), len(told))
    return {"around_victim": known(occasions, any_of(told.owner, told.places != 0, len(told)))}


def relation(told: Histories) -> dict[str, Floats]:
    """Return whether records call the suspect a former partner."""
    relationship = _but(told.context.columns.relationship, RELATIONSHIPS.index("unknown"))
    former = told.people.any_row(relationship == RELATIONSHIPS.index("ex_partner"))
    return {"ex_partner": known(former, told.people.any_row(relationship >= 0))}


def _most(told: Histories, of_dyad: Ints) -> Floats:
    return extreme(np.maximum, owners(told.dyads), of_dyad, len(told))


def _but(codes: npt.NDArray[np.integer], unknown: int) -> Ints:
    """Return codes with *not known* where a record says "unknown"."""
    return np.where(codes == unknown, -1, codes).astype(np.int64)


def _places(told: Histories) -> Ints | Codes:
    """Return a number for the place of each row: its postcode, or its point to about a hundred metres."""
    columns = told.context.columns
    point = (columns.postcode < 0) & ~np.isnan(columns.lat) & ~np.isnan(columns.lon)
    if not point.any():
        return columns.postcode
    grid = np.round(columns.lat[point] * 1000) * 1_000_000 + np.round(columns.lon[point] * 1000)
    out = columns.postcode.astype(np.int64)
    out[point] = len(columns.names.postcodes) + np.unique(grid, return_inverse=True)[1].reshape(-1)
    return out

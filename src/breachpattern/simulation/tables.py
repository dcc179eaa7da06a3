"""The canonical tables as text, and the tables of truth beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.simulation import texts
from breachpattern.simulation.census import Humans
from breachpattern.simulation.clock import DAY, EPOCH, NEVER, day_text, moment_text, settled
from breachpattern.simulation.draws import Bools, Draws, Ints
from breachpattern.simulation.nominals import Nominals, references
from breachpattern.simulation.offences import codes
from breachpattern.simulation.parameters import campaign, parameters
from breachpattern.simulation.police import ORDER_KINDS, WARNINGS
from breachpattern.simulation.recording import Town
from breachpattern.simulation.records import Records
from breachpattern.simulation.units import COUPLES, FAMILY, OTHERS, of_kind
from breachpattern.vocabulary import (
    BEHAVIOURS,
    CHANNELS,
    IMPACTS,
    INCIDENT_KINDS,
    ORIGINS,
    PLACE_ROLES,
    RELATIONSHIPS,
    TERMS,
)

NO, YES = "false", "true"
TIES = ("family", "friend", "partner")


@dataclass(frozen=True)
class Names:
    """The texts by which rows, orders and people are named, by their numbers."""

    incidents: pa.Array
    orders: pa.Array
    held: Nominals
    humans: Humans


def incident_names(records: Records) -> pa.Array:
    """Return the number of each row's incident, such as ``NM16-00000042``: in the order of first recording."""
    first = np.full(int(records.number.max()) + 1 if len(records) else 0, np.int64(2**40))
    np.minimum.at(first, records.number, records.recorded)
    used = np.flatnonzero(first < 2**40)
    rank = np.empty(len(first), np.int64)
    rank[used[np.lexsort((used, first[used]))]] = np.arange(len(used))
    year = _year(first[records.number]) % 100
    return texts.joined("NM", texts.padded(year, 2), "-", texts.padded(rank[records.number] + 1, 8))


def order_names(town: Town) -> pa.Array:
    """Return the reference of each order."""
    return texts.joined("NO", texts.padded(_year(town.orders.made) % 100, 2), "-",
                        texts.padded(np.arange(len(town.orders)) + 1, 7))  # fmt: skip


def _year(minutes: Ints) -> Ints:
    years = (EPOCH + minutes.astype("m8[m]")).astype("M8[Y]").astype(np.int64) + 1970
    return np.asarray(years, np.int64)


def incidents_table(records: Records, names: Names, draws: Draws) -> pa.Table:
    """Return the incident table."""
    force = parameters()["force"]
    means = texts.means_texts(records.means, names.humans.number[np.maximum(records.means_of, 0)], records.means_number)
    begins = pc.if_else(pa.array(records.day_only), day_text(records.begins), moment_text(records.begins))
    investigation = records.occurrence < -1
    number = np.where(investigation, -2 - records.occurrence, records.occurrence)
    reference = pc.if_else(pa.array(investigation), texts.numbered("INV", number, 7), texts.numbered("CAD", number, 8))
    closed = np.where(records.cancelled, 2, np.where(records.outcome >= 0, 1, 0))
    closed = np.where(records.kind == 0, closed, -1)
    home = np.maximum(records.home, 0)
    street = street_of(names.humans, home)
    return pa.table(
        {
            "incident_id": names.incidents,
            "kind": texts.taken(INCIDENT_KINDS.values, records.kind),
            "occurred_from": begins,
            "occurred_to": moment_text(records.ends, (records.ends != NEVER) & ~records.day_only),
            "reported_at": moment_text(records.reported, records.reported != NEVER),
            "recorded_at": moment_text(records.recorded),
            "offence_code": texts.taken(codes(), records.offence),
            "suspect_id": texts.numbered("P-", references(names.held, records.suspect, draws), 8),
            "victim_id": texts.numbered("P-", references(names.held, records.victim, draws), 8),
            "relationship": texts.taken(RELATIONSHIPS.values, records.relationship),
            "behaviours": texts.mask_texts(BEHAVIOURS, records.behaviours),
            "channel": texts.taken(CHANNELS.values, records.channel),
            "means": means,
            "act_count": texts.masked(texts.padded(records.count, 1), records.count > 1),
            "occurrence_ref": texts.masked(reference, records.occurrence != -1),
            "breach_of": _picked(names.orders, records.breach_of),
            "postcode": texts.masked(texts.postcodes(street), records.home >= 0),
            "place_role": texts.taken(PLACE_ROLES.values, records.place),
            "impact": texts.mask_texts(IMPACTS, records.impact),
            "reconciled_before": texts.taken([NO, YES], records.reconciled),
            "outcome": texts.masked(texts.padded(records.outcome, 1), records.outcome >= 0),
            "status": texts.taken(["open", "closed", "cancelled"], closed),
            "domestic_abuse": texts.taken([NO, YES], records.domestic),
            "force": texts.taken([force["name"], force["neighbour"]], records.neighbour.astype(np.int64)),
        }
    )


def street_of(humans: Humans, home: Ints) -> Ints:
    """Return the street of homes, which those who live there know."""
    streets = np.zeros(int(max(humans.home.max(), home.max(initial=0))) + 1, np.int64)
    streets[:] = (np.arange(len(streets)) // 2 * 7_368_787 + 12_345) % 2**40  # of homes where nobody lives
    streets[humans.home] = humans.street
    return np.asarray(streets[home])


def _picked(values: pa.Array, places: Ints) -> pa.Array:
    return values.take(pa.array(places, mask=places < 0))


def orders_table(town: Town, records: Records, names: Names, draws: Draws) -> pa.Table:
    """Return the order table: one row for each order × protected person × version, as far as on file."""
    orders, held = town.orders, town.held
    order, person, version = _order_rows(town)
    warning = np.isin(orders.kind[order], [ORDER_KINDS.index(kind) for kind in WARNINGS])
    terms = np.where(version == 2, held.terms_after[order], held.terms[order])
    excluded = ((terms & TERMS.mask(["exclusion"])) != 0) & draws.chance(
        parameters()["register"]["exclusion_named"], len(order)
    )
    protected = np.maximum(person, 0)
    known_service = held.service_on_file[order] | warning
    made_of_version = np.where(version == 2, held.varied[order], orders.made[order])
    aware = (orders.without_notice[order] == 0) & (version == 1)
    founding = np.full(len(town.acts) + 1, -1)
    of_act = np.flatnonzero((records.act >= 0) & (records.why == 0))
    founding[records.act[of_act]] = of_act
    founded = np.where(held.names_foundation[order], founding[orders.act[order]], -1)
    return pa.table(
        {
            "order_id": _picked(names.orders, order),
            "version": texts.padded(version, 1),
            "kind": texts.taken(ORDER_KINDS, orders.kind[order]),
            "respondent_id": texts.numbered("P-", references(names.held, held.respondent[order], draws), 8),
            "protected_id": texts.numbered("P-", references(names.held, person, draws), 8),
            "made_on": day_text(made_of_version),
            "served_at": moment_text(settled(orders.served[order]), known_service & (version == 1)),
            "aware_from": day_text(orders.made[order], aware & known_service),
            "ends": day_text(orders.last_day[order], (orders.last_day[order] != NEVER) & held.end_on_file[order]),
            "discharged_on": day_text(
                orders.discharged[order],
                (orders.discharged[order] != NEVER) & (orders.discharged[order] < town.period.last),
            ),
            "without_notice": texts.taken([NO, YES], orders.without_notice[order]),
            "origin": texts.taken(ORIGINS.values, orders.origin[order]),
            "terms": texts.masked(texts.mask_texts(TERMS, terms), held.terms_on_file[order]),
            "exclusion_postcodes": texts.masked(
                texts.postcodes(names.humans.street[protected]), excluded & (person >= 0) & held.terms_on_file[order]
            ),
            "founded_on": _picked(names.incidents, founded),
            "force": texts.taken([parameters()["force"]["name"]], np.zeros(len(order), np.int64)),
        }
    )


def _order_rows(town: Town) -> tuple[Ints, Ints, Ints]:
    """Return order, protected person and version of each row."""
    held = town.held
    size = len(town.orders)
    order = np.repeat(np.arange(size), held.protected.shape[1])
    person = held.protected.reshape(-1)
    keep = (person >= 0) & held.on_file[order]
    order, person = order[keep], person[keep]
    varied = held.varied[order] < town.period.last
    order, person, version = (
        np.concatenate([order, order[varied]]),
        np.concatenate([person, person[varied]]),
        np.concatenate([np.ones(len(order), np.int64), np.full(int(varied.sum()), 2)]),
    )
    rows = np.lexsort((person, version, order))
    return order[rows], person[rows], version[rows]


@dataclass(frozen=True)
class Ties:
    """Ties on file: who is tied to whom, how (position in :data:`TIES`), since when (``NEVER``: not known)."""

    person: Ints
    other: Ints
    tie: Ints
    since: Ints


def ties_on_file(town: Town, draws: Draws) -> Ties:
    """Return the ties that the force has on file: of proxies, of connected victims, of some couples and relatives."""
    units = town.units
    parts: list[tuple[Ints, Ints, Ints]] = []
    proxy = np.flatnonzero((units.kind == of_kind("by_proxy")) & (units.others[:, 0] >= 0))
    proxy = proxy[draws.chance(campaign("by_proxy")["proxy_on_file"], len(proxy))]
    parts.append((units.suspect[proxy], units.others[proxy, 0], draws.whole(0, 2, len(proxy))))
    for place in range(OTHERS):
        linked = (units.kind == of_kind("connected_victims")) & (units.others[:, place] >= 0)
        of = np.flatnonzero(linked)
        of = of[draws.chance(campaign("connected_victims")["tie_on_file"], len(of))]
        parts.append((units.victim[of], units.others[of, place], draws.whole(0, len(TIES), len(of))))
    close = np.flatnonzero(np.isin(units.relationship, [*COUPLES, FAMILY]))
    close = close[draws.chance(parameters()["people"]["partner_tie"], len(close))]
    parts.append((units.suspect[close], units.victim[close], np.where(units.relationship[close] == FAMILY, 0, 2)))
    person, other, tie = (np.concatenate(column) for column in zip(*parts, strict=True))
    dated = draws.chance(parameters()["people"]["tie_dated"], len(person))
    since = np.where(dated, draws.whole(0, 365 * DAY, len(person)), NEVER)
    order = np.lexsort((tie, other, person))
    return Ties(person[order], other[order], tie[order], since[order])


def associations_table(ties: Ties, names: Names, draws: Draws) -> pa.Table:
    """Return the table of associations."""
    return pa.table(
        {
            "person_id": texts.numbered("P-", references(names.held, ties.person, draws), 8),
            "other_id": texts.numbered("P-", references(names.held, ties.other, draws), 8),
            "tie": texts.taken(TIES, ties.tie),
            "since": day_text(ties.since, ties.since != NEVER),
        }
    )


def is_named(records: Records, town: Town, ties: Ties) -> Ints:
    """Return everybody whom a row, an order on file or a tie names."""
    order, person, _ = _order_rows(town)
    named = np.concatenate(
        [records.suspect, records.victim, town.held.respondent[order], person, ties.person, ties.other]
    )
    return np.unique(named[named >= 0])


def with_repeats(table: pa.Table, records: Records, draws: Draws) -> tuple[pa.Table, Bools]:
    """Return the table with some rows standing in it twice, and which rows are such repeats."""
    again = np.flatnonzero(draws.chance(parameters()["recording"]["repeated_row"], len(records)))
    place = np.concatenate([np.arange(len(records)), again])
    repeat = np.arange(len(place)) >= len(records)
    return table.take(pa.array(place)), repeat

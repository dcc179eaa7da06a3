"""The tables of truth: what no extract holds, by which findings can be judged."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.simulation import texts
from breachpattern.simulation.acts import ACTS
from breachpattern.simulation.clock import FOREVER, NEVER, moment_text
from breachpattern.simulation.draws import Bools, Ints
from breachpattern.simulation.police import ORDER_KINDS
from breachpattern.simulation.recording import Town
from breachpattern.simulation.records import FAILURE, HELD, PROMPTED, Records
from breachpattern.simulation.tables import Names
from breachpattern.simulation.units import KINDS
from breachpattern.vocabulary import RELATIONSHIPS, TERMS

# What each column of the tables of truth means; docs/reference/simulate.md is written from here.
COLUMNS: dict[str, dict[str, str]] = {
    "incidents": {
        "incident_id": "the incident, as in the extract",
        "suspect": "who truly did it, known to the police or not; blank where nobody in this town is meant",
        "victim": "whom it was aimed at",
        "process": "the kind of campaign or of everyday life that it came from, `unknown_suspect` for the rest",
        "unit": "the campaign (`C…`) or dispute (`U…`); blank for the rest",
        "campaign_id": "the campaign alone; blank where it belongs to none",
        "act": "what was done (a key of the parameters), blank for custody and failures to notify",
        "act_id": "records with one number are about one act",
        "record": "why it was written down: one of "
        "`act`, `log`, `addition`, `again`, `arrest`, `custody`, `failure`, `unknown`",
        "forward": "false where it went the other way, from the victim of the unit to its suspect",
    },
    "campaigns": {
        "campaign_id": "the campaign",
        "kind": "its kind (a key of the parameters)",
        "series": "what the campaigns of one serial offender share",
        "suspect": "the person whose campaign it is",
        "others": "the proxy, or the further victims",
        "victim": "its first victim",
        "relationship": "of the suspect to the victim",
        "started": "the first act",
        "ended": "the last act",
        "acts": "how many acts there were, reported or not",
        "incidents": "how many incidents of the extract are about them",
        "course_of_conduct": "true where it came to two acts or more in the direction of the campaign",
    },
    "units": {
        "unit": "the dispute or campaign",
        "process": "its kind",
        "suspect": "in a two-way dispute, whoever acted first",
        "victim": "the other",
        "acts": "how many acts there were",
        "reverse": "how many of them went the other way",
        "course_of_conduct": "true for the campaigns that are one",
    },
    "breaches": {
        "incident_id": "the incident",
        "order_id": "the order that it truly broke",
        "suspect": "who broke it",
        "terms": "the terms that it broke",
        "on_file": "false where the order is missing from the extract",
    },
    "orders": {
        "order_id": "the order",
        "kind": "its kind",
        "respondent": "the person bound",
        "protected": "the persons protected",
        "made": "when it was made",
        "served": "when the respondent was told",
        "ended": "when it ended, discharge included; blank: until further order",
        "on_file": "false where it is missing from the extract",
        "broken": "true where an act, recorded or not, broke it",
    },
    "persons": {"person_id": "the nominal record", "human": "the human being whom it is about"},
    "dyads": {
        "suspect": "one human being",
        "victim": "another",
        "acts": "how many acts of one towards the other there were",
        "incidents": "how many incidents of the extract are about them",
        "campaign_id": "the campaign that they belong to, blank where none",
        "process": "the kind of campaign or dispute",
        "course_of_conduct": "true where a campaign came to two acts or more of one towards the other",
    },
}


def human(people: Ints) -> pa.Array:
    """Return the reference of human beings."""
    return texts.numbered("H", people, 8)


def _flags(values: Bools) -> pa.Array:
    return texts.taken(["false", "true"], values.astype(np.int64))


def truth_tables(town: Town, records: Records, names: Names) -> dict[str, pa.Table]:
    """Return the tables of truth by name; :data:`COLUMNS` says what their columns mean."""
    broken = _broken_orders(town)
    tables = {
        "incidents": _incidents(town, records, names),
        "campaigns": _campaigns(town, records),
        "units": _units(town),
        "breaches": _breaches(town, records, names),
        "orders": _orders(town, names, broken),
        "persons": _persons(names),
        "dyads": _dyads(town, records),
    }
    return {name: table.select(list(COLUMNS[name])) for name, table in tables.items()}


def unit_names(town: Town, unit: Ints) -> pa.Array:
    """Return the reference of units: campaigns and disputes, null for -1."""
    is_campaign = np.where(unit >= 0, town.units.is_campaign[unit], False)
    number = texts.padded(unit, 7)
    named = texts.joined(texts.taken(["U", "C"], is_campaign.astype(np.int64)), number)
    return texts.masked(named, unit >= 0)


def course(town: Town) -> Ints:
    """Return how many acts each unit had in its own direction."""
    return np.bincount(town.acts.unit[town.conduct.forward], minlength=len(town.units))


def _incidents(town: Town, records: Records, names: Names) -> pa.Table:
    first = _first_rows(records)
    taken = records.at(first)
    unit = taken.unit
    process = np.where(unit >= 0, town.units.kind[unit], len(KINDS))
    has_act = taken.act >= 0
    act = np.where(has_act, taken.act, 0)
    campaign = np.where(unit >= 0, town.units.is_campaign[unit], False)
    return pa.table(
        {
            "incident_id": names.incidents.take(pa.array(first)),
            "suspect": human(taken.doer),
            "victim": human(taken.target),
            "process": texts.taken([*KINDS, "unknown_suspect"], process),
            "unit": unit_names(town, unit),
            "campaign_id": texts.masked(unit_names(town, unit), campaign),
            "act": texts.masked(texts.taken(ACTS, town.acts.what[act]), has_act),
            "act_id": texts.numbered("A", np.where(has_act, taken.act, -1), 8),
            "record": texts.taken(PROMPTED, taken.why),
            "forward": texts.masked(_flags(town.conduct.forward[act]), has_act),
        }
    )


def _first_rows(records: Records) -> Ints:
    """Return the first row of each incident, in the order of the table."""
    _, first = np.unique(records.number, return_index=True)
    return np.sort(first)


def _campaigns(town: Town, records: Records) -> pa.Table:
    units, acts = town.units, town.acts
    chosen = np.flatnonzero(units.is_campaign)
    count = np.bincount(acts.unit, minlength=len(units))[chosen]
    recorded = _incidents_by_unit(town, records)[chosen]
    first, last = np.full(len(units), FOREVER), np.full(len(units), NEVER)
    np.minimum.at(first, acts.unit, acts.at)
    np.maximum.at(last, acts.unit, acts.at)
    keep = recorded > 0
    chosen, count, recorded = chosen[keep], count[keep], recorded[keep]
    return pa.table(
        {
            "campaign_id": unit_names(town, chosen),
            "kind": texts.taken(KINDS, units.kind[chosen]),
            "series": texts.numbered("S", units.series[chosen], 6),
            "suspect": human(units.suspect[chosen]),
            "others": _several(units.others[chosen]),
            "victim": human(units.victim[chosen]),
            "relationship": texts.taken(RELATIONSHIPS.values, units.relationship[chosen]),
            "started": moment_text(first[chosen]),
            "ended": moment_text(last[chosen]),
            "acts": pa.array(count),
            "incidents": pa.array(recorded),
            "course_of_conduct": _flags(course(town)[chosen] >= 2),
        }
    )


def _incidents_by_unit(town: Town, records: Records) -> Ints:
    first = _first_rows(records)
    unit, why = records.unit[first], records.why[first]
    counted = (unit >= 0) & (why != HELD) & (why != FAILURE)
    return np.bincount(unit[counted], minlength=len(town.units))


def _several(people: Ints) -> pa.Array:
    """Return references of several people in one cell; those who are missing stand last."""
    text = human(people[:, 0])
    for place in range(1, people.shape[1]):
        longer = texts.joined(text, ";", human(people[:, place]))
        text = pc.if_else(pa.array(people[:, place] >= 0), longer, text)
    return text


def _units(town: Town) -> pa.Table:
    units, acts = town.units, town.acts
    count = np.bincount(acts.unit, minlength=len(units))
    reverse = np.bincount(acts.unit[~town.conduct.forward], minlength=len(units))
    chosen = np.flatnonzero(count)
    return pa.table(
        {
            "unit": unit_names(town, chosen),
            "process": texts.taken(KINDS, units.kind[chosen]),
            "suspect": human(units.suspect[chosen]),
            "victim": human(units.victim[chosen]),
            "acts": pa.array(count[chosen]),
            "reverse": pa.array(reverse[chosen]),
            "course_of_conduct": _flags(units.is_campaign[chosen] & (course(town)[chosen] >= 2)),
        }
    )


def _breaches(town: Town, records: Records, names: Names) -> pa.Table:
    """Return every incident × order that it truly broke: acts within terms, and failures to notify."""
    broken = town.broken
    rows = np.flatnonzero(records.act >= 0)
    first = np.unique(records.number[rows], return_index=True)[1]
    rows = rows[np.sort(first)]
    order = np.argsort(records.act[rows], kind="stable")
    rows = rows[order]
    low = np.searchsorted(records.act[rows], broken.act, side="left")
    count = np.searchsorted(records.act[rows], broken.act, side="right") - low
    pair = np.repeat(np.arange(len(broken.act)), count)
    row = rows[np.repeat(low, count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)]
    failed = np.flatnonzero(records.why == FAILURE)
    row = np.concatenate([row, failed])
    which = np.concatenate([broken.order[pair], records.order[failed]])
    terms = np.concatenate([broken.terms[pair], np.full(len(failed), TERMS.mask(["notification"]))])
    final = np.lexsort((which, row))
    row, which, terms = row[final], which[final], terms[final]
    return pa.table(
        {
            "incident_id": names.incidents.take(pa.array(row)),
            "order_id": names.orders.take(pa.array(which)),
            "suspect": human(records.doer[row]),
            "terms": texts.mask_texts(TERMS, terms),
            "on_file": _flags(town.held.on_file[which]),
        }
    )


def _broken_orders(town: Town) -> Bools:
    found = np.zeros(len(town.orders), np.bool_)
    found[town.broken.order] = True
    return found


def _orders(town: Town, names: Names, broken: Bools) -> pa.Table:
    orders, held = town.orders, town.held
    return pa.table(
        {
            "order_id": names.orders,
            "kind": texts.taken(ORDER_KINDS, orders.kind),
            "respondent": human(held.respondent),
            "protected": _several(held.protected),
            "made": moment_text(orders.made),
            "served": moment_text(orders.served),
            "ended": moment_text(np.minimum(orders.until, 2**26), orders.until < 2**26),
            "on_file": _flags(held.on_file),
            "broken": _flags(broken),
        }
    )


def _persons(names: Names) -> pa.Table:
    held = names.held
    order = np.argsort(held.reference)
    return pa.table({"person_id": texts.numbered("P-", held.reference[order], 8), "human": human(held.who[order])})


def _dyads(town: Town, records: Records) -> pa.Table:
    """Return every two people one of whom acted towards the other, as far as any of it is on record."""
    acts, conduct = town.acts, town.conduct
    size = np.int64(max(int(conduct.actor.max(initial=0)), int(conduct.target.max(initial=0))) + 1)
    key = conduct.actor * size + conduct.target
    pairs, first, place = np.unique(key, return_index=True, return_inverse=True)
    place = place.reshape(-1)
    count = np.bincount(place, minlength=len(pairs))
    rows = np.flatnonzero(records.act >= 0)
    doer, target = records.doer[rows] * size + records.target[rows], records.number[rows]
    seen = np.unique(np.stack([doer, target], axis=1), axis=0)[:, 0] if len(rows) else np.empty(0, np.int64)
    where = np.minimum(np.searchsorted(pairs, seen), max(len(pairs) - 1, 0))
    known = pairs[where] == seen if len(pairs) else np.zeros(len(seen), np.bool_)
    recorded = np.bincount(where[known], minlength=len(pairs))
    keep = np.flatnonzero(recorded)
    unit = acts.unit[first[keep]]
    campaign = town.units.is_campaign[unit]
    own = conduct.forward[first[keep]]
    return pa.table(
        {
            "suspect": human(pairs[keep] // size),
            "victim": human(pairs[keep] % size),
            "acts": pa.array(count[keep]),
            "incidents": pa.array(recorded[keep]),
            "campaign_id": texts.masked(unit_names(town, unit), campaign),
            "process": texts.taken(KINDS, town.units.kind[unit]),
            "course_of_conduct": _flags(campaign & own & (count[keep] >= 2)),
        }
    )

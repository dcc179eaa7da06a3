"""Motifs: small shapes that mean something to an analyst, from whole columns. Context, never a verdict."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from breachpattern.graph.drawing import london_days_text
from breachpattern.graph.index import GraphIndex
from breachpattern.graph.objects import KINDS
from breachpattern.graph.reach import MOST_SHARED
from breachpattern.linking.columns import Ints
from breachpattern.spans import DAY
from breachpattern.timelines.courses import Ragged


def mutual(index: GraphIndex) -> pd.DataFrame:
    """Return the people of whom each stands as suspect towards the other: disputes and counter-allegations.

    Parameters
    ----------
    index : GraphIndex

    Returns
    -------
    pandas.DataFrame
        One row per pair: ``person_id, other_id``, in order of text; ``towards_other, towards_person``, incidents
        in each direction; ``on_one_record``, incidents that hold both; ``first_towards_other,
        first_towards_person``; ``answered_after_days``, whole days from the first record in one direction to
        the first in the other. Counts stand beside each other and are never netted: who reports second may
        have been hit first.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> from breachpattern.law import Catalogue
    >>> from breachpattern.timelines import build
    >>> rows = [
    ...     {"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "P2"},
    ...     {"incident_id": "I2", "occurred_from": "2025-03-04", "suspect_id": "P2", "victim_id": "P1"},
    ...     {"incident_id": "I3", "occurred_from": "2025-03-09", "suspect_id": "P1", "victim_id": "P2"},
    ... ]
    >>> extract = read_extract(rows)
    >>> found = mutual(GraphIndex.of(build(extract, Catalogue.load()), extract))
    >>> found[["person_id", "other_id", "towards_other", "towards_person", "answered_after_days"]].values.tolist()
    [['P1', 'P2', 2, 1, 3]]
    """
    columns = index.timelines.columns
    people = np.int64(max(index.persons, 1))
    rows = np.flatnonzero((columns.suspect >= 0) & (columns.victim >= 0) & (columns.suspect != columns.victim))
    suspect, victim = columns.suspect[rows].astype(np.int64), columns.victim[rows].astype(np.int64)
    pair = np.minimum(suspect, victim) * people + np.maximum(suspect, victim)
    forth = suspect < victim
    both = np.intersect1d(np.unique(pair[forth]), np.unique(pair[~forth]))
    kept = np.isin(pair, both)
    rows, forth = rows[kept], forth[kept]
    place = np.searchsorted(both, pair[kept])
    incident = columns.incident[rows].astype(np.int64)
    there, back = (Ragged.distinct(place[way], incident[way], len(both)) for way in (forth, ~forth))
    first_there, first_back = (_earliest(place[way], columns.start[rows[way]], len(both)) for way in (forth, ~forth))
    together = Ragged.distinct(place, incident, len(both))
    count_there, count_back = np.diff(there.offsets), np.diff(back.offsets)
    return pd.DataFrame(
        {
            "person_id": index.names(both // people),
            "other_id": index.names(both % people),
            "towards_other": count_there,
            "towards_person": count_back,
            "on_one_record": count_there + count_back - np.diff(together.offsets),
            "first_towards_other": london_days_text(first_there),
            "first_towards_person": london_days_text(first_back),
            "answered_after_days": np.abs(first_back - first_there) // DAY,
        }
    )


def shared_objects(index: GraphIndex, most_shared: int = MOST_SHARED, *, objects: str = "masked") -> pd.DataFrame:
    """Return the telephones, accounts and vehicles that several people have, or that reached several victims.

    Parameters
    ----------
    index : GraphIndex
    most_shared : int, default 10
        What more people have is nobody's in particular, and is left out.
    objects : {"masked", "clear"}
        Whether they are shown by their last four characters or in full.

    Returns
    -------
    pandas.DataFrame
        ``object, kind, persons, victims, incidents, person_ids, victim_ids``: who has or used it, and whom it
        was used towards; most victims first.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> from breachpattern.law import Catalogue
    >>> from breachpattern.timelines import build
    >>> rows = [{"incident_id": f"I{v}", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": v,
    ...          "means": "07700 900142"} for v in ("V1", "V2")]
    >>> extract = read_extract(rows)
    >>> found = shared_objects(GraphIndex.of(build(extract, Catalogue.load()), extract))
    >>> found[["object", "persons", "victims", "incidents"]].values.tolist()
    [['phone …0142', 1, 2, 2]]
    """
    columns, n = index.timelines.columns, len(index.things)
    rows, thing = index.users.values, np.repeat(np.arange(n), np.diff(index.users.offsets))
    suspect, victim = columns.suspect[rows].astype(np.int64), columns.victim[rows].astype(np.int64)
    person = np.concatenate([suspect, index.holdings.person]).astype(np.int64)
    has = np.concatenate([thing, index.holdings.object]).astype(np.int64)
    persons = Ragged.distinct(has[person >= 0], person[person >= 0], n)
    victims = Ragged.distinct(thing[victim >= 0], victim[victim >= 0], n)
    incidents = Ragged.distinct(thing, columns.incident[rows].astype(np.int64), n)
    count, reached = np.diff(persons.offsets), np.diff(victims.offsets)
    chosen = np.flatnonzero(((count > 1) | (reached > 1)) & (count <= most_shared))
    chosen = chosen[np.lexsort((chosen, -count[chosen], -reached[chosen]))]
    clear = objects == "clear"
    return pd.DataFrame(
        {
            "object": pd.Series([index.things.label(code, clear) for code in chosen.tolist()], dtype="str"),
            "kind": pd.Series([KINDS[kind] for kind in index.things.kind[chosen].tolist()], dtype="str"),
            "persons": count[chosen],
            "victims": reached[chosen],
            "incidents": np.diff(incidents.offsets)[chosen],
            "person_ids": _joined(index, persons.take(chosen)),
            "victim_ids": _joined(index, victims.take(chosen)),
        }
    )


def others_contacted(index: GraphIndex, suspect: str) -> pd.DataFrame:
    """Return everybody towards whom a person stands as suspect: who else was contacted.

    Parameters
    ----------
    index : GraphIndex
    suspect : str
        As written in the extract.

    Returns
    -------
    pandas.DataFrame
        ``victim_id, incidents, first_at, last_at, orders``: ``orders`` that bind the one and protect the other,
        joined with ``;``. In order of the first incident.

    Raises
    ------
    UsageError
        Where nothing names the person.
    """
    code, columns = index.person(suspect), index.timelines.columns
    low, high = np.searchsorted(columns.suspect, [code, code + 1])
    rows = np.arange(low, high)[columns.victim[low:high] >= 0]
    victims, place = np.unique(columns.victim[rows].astype(np.int64), return_inverse=True)
    incidents = Ragged.distinct(place, columns.incident[rows].astype(np.int64), len(victims))
    first, last = (
        _earliest(place, columns.start[rows], len(victims)),
        _earliest(place, -columns.start[rows], len(victims)),
    )
    on = index.order_rows
    binding = np.flatnonzero((on.respondent == code) & np.isin(on.protected, victims))
    orders = Ragged.distinct(
        np.searchsorted(victims, on.protected[binding]), on.order[binding].astype(np.int64), len(victims)
    )
    names = columns.names.orders
    frame = pd.DataFrame(
        {
            "victim_id": index.names(victims),
            "incidents": np.diff(incidents.offsets),
            "first_at": london_days_text(first),
            "last_at": london_days_text(-last),
            "orders": [";".join(names.take(pa.array(orders[i])).to_pylist()) for i in range(len(victims))],
        }
    )
    return frame.iloc[np.lexsort((victims, first))].reset_index(drop=True)


def order_ladder(index: GraphIndex, respondent: str) -> pd.DataFrame:
    """Return the orders that bind a person, in the order in which they began: the ladder of protection.

    Parameters
    ----------
    index : GraphIndex
    respondent : str
        As written in the extract.

    Returns
    -------
    pandas.DataFrame
        One row per order: ``order_id, kind, made, served, last_day, protected_ids, breach_incidents, court,
        force``. What is not on file is blank.

    Raises
    ------
    UsageError
        Where nothing names the person.
    """
    code, lives, on = index.person(respondent), index.timelines.orders, index.order_rows
    names, breaches = index.timelines.columns.names, index.timelines.breaches
    mine = np.flatnonzero(lives.respondent == code)
    orders, head = np.unique(lives.order[mine].astype(np.int64), return_index=True)
    tail = np.searchsorted(lives.order[mine], orders, side="right") - 1
    first, last = mine[head], mine[tail]
    rows = np.flatnonzero(np.isin(on.order, orders) & (on.respondent == code))
    place, named = np.searchsorted(orders, on.order[rows]), on.protected[rows] >= 0
    protected = Ragged.distinct(place[named], on.protected[rows][named].astype(np.int64), len(orders))
    broken = np.flatnonzero(np.isin(breaches["order"].to_numpy(), orders))
    incidents = Ragged.distinct(
        np.searchsorted(orders, breaches["order"].to_numpy()[broken]),
        breaches["incident"].to_numpy()[broken].astype(np.int64),
        len(orders),
    )
    _, row_of = np.unique(place, return_index=True)
    said = index.tables.orders.take(pa.array(on.position[rows[row_of]]))
    kinds = index.timelines.catalogue.order_kind_ids
    frame = pd.DataFrame(
        {
            "order_id": names.orders.take(pa.array(orders)).to_pylist(),
            "kind": [kinds[kind] for kind in lives.kind[first].tolist()],
            "made": london_days_text(lives.made[first]),
            "served": london_days_text(lives.served[first]),
            "last_day": london_days_text(lives.end_hi[last] - 1),
            "protected_ids": _joined(index, protected),
            "breach_incidents": np.diff(incidents.offsets),
            "court": said["court"].to_pylist(),
            "force": said["force"].to_pylist(),
        }
    )
    return frame.iloc[np.lexsort((orders, lives.start_lo[first]))].reset_index(drop=True)


def _earliest(place: Ints, when: Ints, n: int) -> Ints:
    out = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(out, place, when)
    return out


def _joined(index: GraphIndex, people: Ragged) -> list[str]:
    return [";".join(index.names(people[i])) for i in range(len(people))]

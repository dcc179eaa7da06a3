"""Components: people whom records connect, and how many others each is connected with; whole columns at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from breachpattern.graph.index import GraphIndex
from breachpattern.graph.links import Links
from breachpattern.graph.reach import MOST_SHARED
from breachpattern.linking.columns import Bools, Ints
from breachpattern.timelines.breaches import expand
from breachpattern.timelines.occasions import components as labels


def components(index: GraphIndex, most_shared: int = MOST_SHARED) -> Ints:
    """Return for each person the smallest code of the people they are connected with.

    Parameters
    ----------
    index : GraphIndex
    most_shared : int, default 10
        An object that more people share connects nobody.

    Returns
    -------
    (persons,) int64
        Two people have one label where incidents, orders, associations or shared objects lead from one to the
        other. Codes are positions in ``timelines.columns.names.persons``.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> from breachpattern.law import Catalogue
    >>> from breachpattern.timelines import build
    >>> pairs = [("P1", "V1"), ("P2", "V2"), ("P2", "V1"), ("P3", "V3")]
    >>> rows = [{"incident_id": f"I{n}", "occurred_from": "2025-03-01", "suspect_id": p, "victim_id": v}
    ...         for n, (p, v) in enumerate(pairs)]
    >>> extract = read_extract(rows)
    >>> components(GraphIndex.of(build(extract, Catalogue.load()), extract)).tolist()
    [0, 0, 2, 0, 0, 2]
    """
    ties = index.ties.person.astype(np.int64), index.ties.other.astype(np.int64)
    joined = [links.neighbours(passable) for links, passable in _connecting(index, most_shared)]
    left = np.concatenate([ties[0], *(pair[0] for pair in joined)])
    right = np.concatenate([ties[1], *(pair[1] for pair in joined)])
    return labels(index.persons, left, right)


def degrees(index: GraphIndex, most_shared: int = MOST_SHARED) -> pd.DataFrame:
    """Return for each person how much is on record about them, and how many others stand there with them.

    Parameters
    ----------
    index : GraphIndex
    most_shared : int, default 10
        An object that more people share makes nobody a neighbour.

    Returns
    -------
    pandas.DataFrame
        ``person_id, people, incidents, orders, objects, ties``, in the order of the codes.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> from breachpattern.law import Catalogue
    >>> from breachpattern.timelines import build
    >>> rows = [{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": v}
    ...         for v in ("V1", "V2")]
    >>> extract = read_extract(rows)
    >>> degrees(GraphIndex.of(build(extract, Catalogue.load()), extract))["people"].tolist()
    [2, 2, 2]
    """
    ties = index.ties.person.astype(np.int64), index.ties.other.astype(np.int64)
    parts = [ties, (ties[1], ties[0])]
    parts += [_all_pairs(links, passable) for links, passable in _connecting(index, most_shared)]
    key = np.unique(np.concatenate([left * max(index.persons, 1) + right for left, right in parts]))
    counted = {
        "people": np.bincount(key // max(index.persons, 1), minlength=index.persons),
        "incidents": np.diff(index.incidents.by_person.offsets),
        "orders": np.diff(index.orders.by_person.offsets),
        "objects": np.diff(index.objects.by_person.offsets),
        "ties": np.diff(index.ties.by_person.offsets),
    }
    return pd.DataFrame({"person_id": index.timelines.columns.names.persons.to_pandas()} | counted)


def _connecting(index: GraphIndex, most_shared: int) -> tuple[tuple[Links, Bools | None], ...]:
    """Return what connects people, and which of it does where not all."""
    quiet = ~index.objects.crowded(most_shared, index.as_of)
    return (index.incidents, None), (index.orders, None), (index.objects, quiet)


def _all_pairs(links: Links, passable: Bools | None) -> tuple[Ints, Ints]:
    """Return every two people on one thing, in both directions."""
    pairs = np.arange(len(links.person))
    if passable is not None:
        pairs = pairs[passable[links.thing]]
    offsets = links.by_thing.offsets
    mine, place = expand(pairs, offsets[links.thing[pairs]], offsets[links.thing[pairs] + 1])
    left, right = links.person[mine], links.person[links.by_thing.values[place]]
    return left[left != right], right[left != right]

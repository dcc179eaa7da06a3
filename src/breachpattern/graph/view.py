"""Views: the graph around a person, or of some records, asked for by reference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from breachpattern.errors import UsageError
from breachpattern.graph.drawing import Graph, drawn
from breachpattern.graph.index import GraphIndex
from breachpattern.graph.reach import LIMIT, MOST_SHARED, Start, reach
from breachpattern.linking.columns import Ints, code

OBJECTS = ("masked", "clear")


def neighbourhood(
    index: GraphIndex,
    person: str,
    radius: int = 1,
    as_of: int | None = None,
    *,
    limit: int = LIMIT,
    most_shared: int = MOST_SHARED,
    addresses: bool = False,
    objects: str = "masked",
) -> Graph:
    """Return the graph around a person.

    Parameters
    ----------
    index : GraphIndex
    person : str
        As written in the extract.
    radius : int, default 1
        Steps from person to person. Radius 1 is the person, everything on record about them, and everybody
        they share a record, an order, an association or an object with; what those others share is drawn too.
    as_of : int, optional
        The last second, in seconds UTC, of which anything may be known; by default that of the analysis.
    limit : int, default 500
        The most nodes that the graph may have.
    most_shared : int, default 10
        An object that more people share is shown and leads nowhere.
    addresses : bool, default False
        Whether postcodes are shown. Otherwise a victim's own places have no name but whose they are, and
        other places their postcode district.
    objects : {"masked", "clear"}
        Whether telephone numbers, accounts and registration marks are shown by their last four characters
        or in full.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes have ``kind`` (``person``, ``incident``, ``order``, ``place``, ``object``) and ``label``; edges
        ``kind``, ``record`` (the incident or order), ``table`` and ``row`` of the extract, and ``time`` as
        ISO 8601 text. What is not known is not there.

    Raises
    ------
    UsageError
        Where nothing names the person, where the radius is below 1, or where the graph is larger than the
        limit: the message says how to narrow it.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> from breachpattern.law import Catalogue
    >>> from breachpattern.timelines import build
    >>> extract = read_extract(
    ...     [{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1"}]
    ... )
    >>> graph = neighbourhood(GraphIndex.of(build(extract, Catalogue.load()), extract), "P1")
    >>> sorted(graph)
    ['incident:I1', 'person:P1', 'person:V1']
    >>> sorted((who, kind) for who, _, kind in graph.edges(data="kind"))
    [('person:P1', 'suspect_of'), ('person:V1', 'victim_of')]
    """
    then = _instant(index, as_of)
    start = Start.person(index, person, radius)
    return drawn(index, reach(index, start, then, limit, most_shared), then, addresses, _clear(objects))


def around_records(
    index: GraphIndex,
    what: str,
    incidents: Sequence[str],
    orders: Sequence[str] = (),
    persons: Sequence[str] = (),
    radius: int = 1,
    as_of: int | None = None,
    *,
    limit: int = LIMIT,
    most_shared: int = MOST_SHARED,
    addresses: bool = False,
    objects: str = "masked",
) -> Graph:
    """Return the graph of some records: a course, or the evidence of a finding.

    Parameters
    ----------
    index : GraphIndex
    what : str
        What to call them in a message.
    incidents, orders, persons : sequence of str
        References as the extract writes them.
    radius : int, default 1
        Radius 1 is the records, the people on them, and the orders, ties and objects that those people share.
        Each further step adds what is on record about the people already there.
    as_of, limit, most_shared, addresses, objects
        As for :func:`neighbourhood`.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> from breachpattern.law import Catalogue
    >>> from breachpattern.timelines import build
    >>> rows = [{"incident_id": f"I{n}", "occurred_from": "2025-03-01", "suspect_id": "P1"} for n in (1, 2)]
    >>> extract = read_extract(rows)
    >>> sorted(around_records(GraphIndex.of(build(extract, Catalogue.load()), extract), "one record", ["I1"]))
    ['incident:I1', 'person:P1']
    """
    then, names = _instant(index, as_of), index.timelines.columns.names
    start = Start.records(
        index,
        what,
        _codes(incidents, names.incidents),
        _codes(orders, names.orders),
        _codes(persons, names.persons),
        radius,
        then,
    )
    return drawn(index, reach(index, start, then, limit, most_shared), then, addresses, _clear(objects))


def _instant(index: GraphIndex, as_of: int | None) -> int:
    if as_of is None:
        return index.as_of
    if as_of > index.as_of:
        raise UsageError(
            "The graph is asked for as of a moment after that of the analysis.",
            hint="Analyse the extract as of the later moment, or leave as_of out.",
        )
    return as_of


def _clear(objects: str) -> bool:
    if objects not in OBJECTS:
        raise UsageError(f"{objects!r} is no way to show objects.", hint="Write 'masked' or 'clear'.")
    return objects == "clear"


def _codes(texts: Iterable[str], within: pa.Array) -> Ints:
    found = code(pa.chunked_array([pa.array(list(texts), pa.string())]), within)
    return np.unique(found[found >= 0]).astype(np.int64)

"""The engine's rows: canonical incidents as integer-coded numpy columns.

People, incidents, orders, means and references become integers once. Codes follow the order of the text, so
that nothing depends on the order of rows in a file; ``-1`` is *not known*, and two unknowns are never the
same.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.vocabulary import Vocabulary

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

UNKNOWN = -1
COMMUNICATION_CHANNELS = ("phone", "text", "email", "social_media", "post", "online_other")


@dataclass(frozen=True)
class Names:
    """The text behind the integer codes: ``ids[code]``."""

    persons: pa.Array
    incidents: pa.Array
    orders: pa.Array
    means: pa.Array
    postcodes: pa.Array
    occurrences: pa.Array
    outcomes: pa.Array
    forces: pa.Array


@dataclass(frozen=True)
class Columns:
    """Incident rows known at an instant, sorted by suspect, victim, time and incident.

    Every array has one entry per row (incident × suspect × victim). Times are seconds UTC; coded columns hold
    positions in :mod:`breachpattern.vocabulary` or in :class:`Names`, ``-1`` where not known.

    Attributes
    ----------
    suspect, victim : int32
        Who: codes of entities.
    suspect_reference, victim_reference : int32
        What the row writes: codes of references. The same as the entity where linking joined nothing.
    behaviours : int64
        Mask of what was done: as recorded, and as the offence itself implies.
    possible : int64
        Mask of what the offence or the channel makes likely but does not say.
    labelled : bool
        No code of an offence is on the record: what it says of one is a label.
    means : int32
        The object used, as :func:`~breachpattern.linking.objects.spelt` writes it; ``-1`` also where none is named.
    breach_claims : pair of int64 arrays
        (row, order code) for every order on file that a record itself says was breached; ``names_an_order``
        is true also where that order is not on file.
    """

    position: Ints
    row: Ints
    incident: Codes
    suspect: Codes
    victim: Codes
    suspect_reference: Codes
    victim_reference: Codes
    start: Ints
    end: Ints
    known: Ints
    recorded: Ints
    kind: npt.NDArray[np.int8]
    relationship: npt.NDArray[np.int8]
    channel: npt.NDArray[np.int8]
    place_role: npt.NDArray[np.int8]
    offence: Codes
    behaviours: Ints
    possible: Ints
    impact: Ints
    means: Codes
    occurrence: Codes
    acts: Ints
    postcode: Codes
    lat: Floats
    lon: Floats
    reconciled: Bools
    domestic: Bools
    cancelled: Bools
    closed: Bools
    outcome: Codes
    force: Codes
    names_an_order: Bools
    labelled: Bools
    breach_claims: tuple[Ints, Ints]
    names: Names
    not_yet_known: int

    def __len__(self) -> int:
        return len(self.incident)


def take(columns: Columns, rows: npt.NDArray[Any]) -> dict[str, Any]:
    """Return the per-row arrays of some rows, by name."""
    return {
        field.name: getattr(columns, field.name)[rows]
        for field in fields(columns)
        if field.name not in ("breach_claims", "names", "not_yet_known")
    }


def dictionary(*columns: pa.ChunkedArray) -> pa.Array:
    """Return the distinct non-null texts of some columns, sorted.

    Examples
    --------
    >>> dictionary(pa.chunked_array([["b", None, "a"]]), pa.chunked_array([["a", "c"]])).to_pylist()
    ['a', 'b', 'c']
    """
    parts = [part for column in columns for part in _distinct_texts(column)]
    if not parts:
        return pa.array([], pa.string())
    unique = parts[0] if len(parts) == 1 else pc.unique(pa.chunked_array(parts, pa.string()))
    unique = unique.drop_null()
    return unique if _ascending(unique) else unique.take(pc.sort_indices(unique))


def _ascending(texts: pa.Array) -> bool:
    return pc.all(pc.less(texts.slice(0, max(len(texts) - 1, 0)), texts.slice(1))).as_py() is not False


def alike(*columns: pa.ChunkedArray) -> tuple[pa.Array, tuple[pa.ChunkedArray, ...]]:
    """Return the distinct non-null texts of some columns, sorted, and the columns as dictionaries of just these.

    Each text is looked up once and for all: :func:`code` of such a column and these texts is its indices.

    Examples
    --------
    >>> texts, (first, second) = alike(pa.chunked_array([["b", None]]), pa.chunked_array([["a", "b"]]))
    >>> texts.to_pylist(), first.chunk(0).indices.to_pylist(), second.chunk(0).indices.to_pylist()
    (['a', 'b'], [1, None], [0, 1])
    """
    chunks = [chunk for column in columns for chunk in _plain(column).chunks]
    whole = pc.dictionary_encode(pa.chunked_array(chunks, pa.string())).combine_chunks()
    found, indices = whole.dictionary, whole.indices
    texts = found
    if not _ascending(found):
        order = pc.sort_indices(found)
        place = np.empty(len(found), np.int32)
        place[order.to_numpy()] = np.arange(len(found), dtype=np.int32)
        texts, indices = found.take(order), pa.array(place).take(indices)
    ends = np.cumsum([0, *map(len, columns)]).tolist()
    parts = (indices[start:end] for start, end in pairwise(ends))
    return texts, tuple(pa.chunked_array([pa.DictionaryArray.from_arrays(part, texts)]) for part in parts)


def _distinct_texts(column: pa.ChunkedArray) -> list[pa.Array]:
    """Return the distinct texts of a column, in parts that may share some."""
    if len(column) == 0:
        return []
    if pa.types.is_dictionary(column.type):
        return [column.unify_dictionaries().chunk(0).dictionary.cast(pa.string())]
    return [pc.unique(_plain(column))]


def code(column: pa.ChunkedArray, texts: pa.Array) -> Codes:
    """Return the position of each text in ``texts``; ``-1`` for null or unknown text.

    Examples
    --------
    >>> code(pa.chunked_array([["b", None, "zz"]]), pa.array(["a", "b"])).tolist()
    [1, -1, -1]
    """
    if len(column) == 0:
        return np.empty(0, np.int32)
    encoded = (
        column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(_plain(column))
    ).unify_dictionaries()
    distinct = encoded.chunk(0).dictionary.cast(pa.string())
    if distinct.equals(texts):
        indices = [pc.fill_null(chunk.indices.cast(pa.int32()), UNKNOWN).to_numpy() for chunk in encoded.chunks]
        return np.concatenate(indices)
    places = pc.fill_null(pc.index_in(distinct, value_set=texts), UNKNOWN).to_numpy(zero_copy_only=False)
    lookup = np.append(places.astype(np.int32), np.int32(UNKNOWN))
    indices = [
        pc.fill_null(chunk.indices.cast(pa.int64()), len(lookup) - 1).to_numpy(zero_copy_only=False)
        for chunk in encoded.chunks
    ]
    return np.asarray(lookup[np.concatenate(indices)], dtype=np.int32)


def vocabulary_code(column: pa.ChunkedArray, vocabulary: Vocabulary) -> npt.NDArray[np.int8]:
    """Return the position of each code in a vocabulary, ``-1`` where blank."""
    return code(column, pa.array(vocabulary.values)).astype(np.int8)


def seconds(column: pa.ChunkedArray, default: int | None = None) -> Ints:
    """Return a timestamp column as seconds UTC; nulls become ``default``."""
    whole = column.cast(pa.timestamp("s", "UTC")).cast(pa.int64())
    if default is not None:
        whole = pc.fill_null(whole, default)
    return np.asarray(whole.to_numpy(), dtype=np.int64)


def integers(column: pa.ChunkedArray) -> Ints:
    """Return a column of whole numbers without nulls as numpy."""
    return np.asarray(column.to_numpy(), dtype=np.int64)


def floats(column: pa.ChunkedArray) -> Floats:
    """Return a column of numbers as numpy, NaN where blank."""
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def flags(column: pa.ChunkedArray) -> Bools:
    """Return where a Boolean column is true; blank is not true."""
    return np.asarray(pc.fill_null(column, False).to_numpy(), dtype=np.bool_)


def equals(column: pa.ChunkedArray, text: str) -> Bools:
    """Return where a text column equals ``text``."""
    return np.asarray(pc.fill_null(pc.equal(_plain(column), text), False).to_numpy(), dtype=np.bool_)


def exploded(lists: pa.ChunkedArray, texts: pa.Array) -> tuple[Ints, Ints]:
    """Return (row, code) pairs of a column of ``;``-joined ids; unknown ids are left out.

    Examples
    --------
    >>> rows, codes = exploded(pa.chunked_array([["a;c", None, "b"]]), pa.array(["a", "b"]))
    >>> rows.tolist(), codes.tolist()
    ([0, 2], [0, 1])
    """
    column = _plain(lists)
    rows = np.flatnonzero(pc.is_valid(column).to_numpy())
    if len(rows) == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    split = pc.split_pattern(column.take(pa.array(rows)).combine_chunks(), ";")
    parents = rows[pc.list_parent_indices(split).to_numpy()]
    items = pc.utf8_trim_whitespace(pc.list_flatten(split))
    codes = code(pa.chunked_array([items]), texts).astype(np.int64)
    return parents[codes >= 0], codes[codes >= 0]


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if column.type != pa.string() else column

"""Text columns in one spelling: letters without accents, single spaces, integer codes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def by_distinct(column: pa.Array, function: Callable[[str], str | None]) -> pa.Array:
    """Return a column with a function applied once to each distinct text; nulls stay null.

    Examples
    --------
    >>> by_distinct(pa.array(["a", None, "a"]), str.upper).to_pylist()
    ['A', None, 'A']
    """
    encoded = column.dictionary_encode()
    texts = pa.array([function(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return texts.take(encoded.indices)


def plain(column: pa.Array) -> pa.Array:
    """Return texts in lower case without accents or punctuation, blank as null.

    Apostrophes vanish, other punctuation becomes a space.

    Examples
    --------
    >>> plain(pa.array(["  O’Brien-Smythe ", "José", "-", None])).to_pylist()
    ['obrien smythe', 'jose', None, None]
    """
    encoded = column.dictionary_encode()
    texts = pc.utf8_lower(pc.utf8_normalize(encoded.dictionary.cast(pa.string()), form="NFKD"))
    texts = pc.replace_substring_regex(texts, r"[\p{M}'’‘`´]+", "")
    texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, r"[^\p{L}\p{N}]+", " "))
    return pc.if_else(pc.equal(texts, ""), None, texts).take(encoded.indices)


def joined(*columns: pa.Array) -> pa.Array:
    """Return columns joined by a space, null where one of them is null."""
    return pc.binary_join_element_wise(*columns, " ")


def encode(column: pa.Array) -> tuple[Ints, pa.Array]:
    """Return integer codes and the sorted distinct texts; null is ``-1``.

    Examples
    --------
    >>> codes, texts = encode(pa.array(["b", None, "a"]))
    >>> codes.tolist(), texts.to_pylist()
    ([1, -1, 0], ['a', 'b'])
    """
    texts = pc.unique(column).drop_null()
    texts = texts.take(pc.sort_indices(texts))
    codes = pc.fill_null(pc.index_in(column, value_set=texts), -1)
    return codes.to_numpy(zero_copy_only=False).astype(np.int64), texts


def positions(column: pa.Array | pa.ChunkedArray, texts: pa.Array) -> Ints:
    """Return where each text stands among others; ``-1`` where null or not among them.

    Examples
    --------
    >>> positions(pa.array(["b", None, "c"]), pa.array(["a", "b"])).tolist()
    [1, -1, -1]
    """
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    found = pc.index_in(column.cast(pa.string()), value_set=texts, skip_nulls=True)
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), np.int64)


def together(*codes: Ints) -> Ints:
    """Return one code for the tuple of several, ``-1`` where one of them is ``-1``.

    Examples
    --------
    >>> together(np.array([0, 0, 1, -1]), np.array([5, 5, 5, 5])).tolist()
    [0, 0, 1, -1]
    """
    whole = codes[0]
    for other in codes[1:]:
        unknown = (whole < 0) | (other < 0)
        width = int(other.max(initial=0)) + 1
        known = np.flatnonzero(~unknown)
        _, inverse = np.unique(whole[known] * width + other[known], return_inverse=True)
        whole = np.full(len(unknown), -1, np.int64)
        whole[known] = inverse.ravel()
    return whole

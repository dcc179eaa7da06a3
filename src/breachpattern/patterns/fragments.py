"""Pieces of JSON text as whole columns, so that a record is glued together without a dictionary per finding."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.timelines.courses import Ragged
from breachpattern.vocabulary import Vocabulary

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
# What may not stand in a JSON string as it is.
_ESCAPED = r'["\\\x00-\x1f]'


def quoted(texts: pa.Array) -> pa.Array:
    r"""Return each text as a JSON string; null becomes ``null``.

    Examples
    --------
    >>> quoted(pa.array(["plain", 'a "b"', None])).to_pylist()
    ['"plain"', '"a \\"b\\""', 'null']
    """
    texts = flat(texts).cast(pa.string())
    out = pc.binary_join_element_wise('"', texts, '"', "")
    odd = pc.fill_null(pc.match_substring_regex(texts, _ESCAPED), False)
    if pc.any(odd).as_py():
        escaped = pa.array([encode(text) for text in texts.filter(odd).to_pylist()], pa.string())
        out = pc.replace_with_mask(out, odd, escaped)
    return pc.fill_null(out, "null") if out.null_count else out


def flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def glued(*pieces: str | pa.Array) -> pa.Array:
    """Return pieces side by side: columns of text, and text that is the same for all.

    Examples
    --------
    >>> glued("[", pa.array(["1", "2"]), ",", "0]").to_pylist()
    ['[1,0]', '[2,0]']
    """
    parts: list[Any] = []
    for same, run in groupby(pieces, lambda piece: isinstance(piece, str)):
        if same:
            parts.append(pa.scalar("".join(run)))
        else:
            parts += run
    return pc.binary_join_element_wise(*parts, "")


def told(values: npt.NDArray[Any], tell: Callable[[Any], Any]) -> pa.Array:
    """Return what is told of each value as JSON; each distinct value is told once.

    Examples
    --------
    >>> told(np.array([2, 1, 2]), lambda n: {"n": n}).to_pylist()
    ['{"n":2}', '{"n":1}', '{"n":2}']
    """
    known, place = np.unique(values, return_inverse=True)
    texts = pa.array([encode(tell(value)) for value in known.tolist()], pa.string())
    return texts.take(pa.array(place.reshape(-1)))


def coded(texts: pa.Array, codes: npt.NDArray[Any]) -> pa.Array:
    """Return the JSON behind each code; ``-1`` is ``null``.

    Examples
    --------
    >>> coded(pa.array(['"a"', '"b"']), np.array([1, -1])).to_pylist()
    ['"b"', 'null']
    """
    found = texts.take(pa.array(codes.astype(np.int64), mask=codes < 0))
    return pc.fill_null(found, "null") if found.null_count else found


def word(values: Sequence[str], codes: npt.NDArray[Any]) -> pa.Array:
    """Return the word of each position as a JSON string; ``-1`` is ``null``."""
    return coded(quoted(pa.array(values, pa.string())), codes)


def words(vocabulary: Vocabulary, masks: npt.NDArray[Any]) -> pa.Array:
    """Return the words of each bit mask as a JSON array."""
    return told(masks, lambda mask: list(vocabulary.codes(mask)))


def numbers(values: npt.NDArray[Any]) -> pa.Array:
    """Return whole numbers as JSON."""
    return pa.array(values.astype(np.int64)).cast(pa.string())


def flags(values: npt.NDArray[np.bool_]) -> pa.Array:
    """Return truth values as JSON."""
    return pa.array(values).cast(pa.string())


def listed(texts: pa.Array, lists: Ragged) -> pa.Array:
    """Return each list of codes as a JSON array of the texts behind them.

    Examples
    --------
    >>> listed(pa.array(['"a"', '"b"']), Ragged(np.array([0, 2, 2]), np.array([1, 0]))).to_pylist()
    ['["b","a"]', '[]']
    """
    return glued("[", inside(texts.take(pa.array(lists.values, pa.int64())), lists), "]")


def inside(items: pa.Array, lists: Ragged) -> pa.Array:
    """Return the items of each list with commas between them; ``items`` has one entry per value."""
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(lists.offsets, pa.int32()), items), ",")


def chosen(texts: Sequence[Any], held: Sequence[npt.NDArray[np.bool_]], n: int) -> pa.Array:
    """Return as a JSON array those of some values that hold for each of ``n`` findings.

    Examples
    --------
    >>> chosen(["a", "b"], [np.array([True, False]), np.array([True, True])], 2).to_pylist()
    ['["a","b"]', '["b"]']
    """
    mask = np.zeros(n, np.int64)
    for bit, on in enumerate(held):
        mask |= on.astype(np.int64) << bit
    return told(mask, lambda bits: [text for bit, text in enumerate(texts) if bits >> bit & 1])

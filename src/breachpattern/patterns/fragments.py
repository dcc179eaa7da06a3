"""Pieces of JSON text as whole columns, so that a record is glued together without a dictionary per finding.

Columns with few distinct values travel as codes: the text of each value is made once and copied by the buffer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Bools, Codes, Ints
from breachpattern.timelines.courses import Ragged

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
    texts = texts.cast(pa.string())
    out = pc.binary_join_element_wise('"', texts, '"', "")
    if _may_need_escapes(texts):
        odd = pc.fill_null(pc.match_substring_regex(texts, _ESCAPED), False)
        escaped = pa.array([encode(text) for text in texts.filter(odd).to_pylist()], pa.string())
        out = pc.replace_with_mask(out, odd, escaped)
    return pc.fill_null(out, "null") if out.null_count else out


def _may_need_escapes(texts: pa.Array) -> bool:
    """Return whether JSON escapes any byte behind the texts: one look at the buffer, before one at each text."""
    data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
    return bool(data.min(initial=0xFF) < 0x20 or (data == ord('"')).any() or (data == ord("\\")).any())


def as_strings(texts: pa.Array) -> tuple[str | pa.Array, ...]:
    """Return pieces that write each text as a JSON string: where none needs anything but its quotes, these alone.

    Examples
    --------
    >>> as_strings(pa.array(["a"]))[::2], glued(*as_strings(pa.array(["a", None]))).to_pylist()
    (('"', '"'), ['"a"', 'null'])
    """
    return (quoted(texts),) if texts.null_count or _may_need_escapes(texts) else ('"', texts, '"')


def glued(*pieces: str | pa.Array) -> pa.Array:
    """Return pieces side by side: columns of text, as codes or plain, and text that is the same for all.

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
            parts += map(plain, run)
    return pc.binary_join_element_wise(*parts, "")


def plain(piece: pa.Array) -> pa.Array:
    """Return a column of text without its codes."""
    return piece.dictionary_decode() if isinstance(piece, pa.DictionaryArray) else piece


def numbered(*columns: npt.NDArray[Any]) -> tuple[Codes, Ints]:
    """Return a number for each distinct combination of values, and where each combination stands first.

    Columns are packed into one word, which alone is looked up.

    Examples
    --------
    >>> numbered(np.array([5, 7, 5, 5]), np.array([True, True, True, False]))
    (array([0, 1, 0, 2], dtype=int32), array([0, 1, 3]))
    """
    word, used = np.zeros(len(columns[0]), np.int64), 0
    for values in columns:
        place, bits = _places(values)
        if used + bits > _BITS:
            (word, used), (place, bits) = _places(_encoded(word)[0]), _places(_encoded(place)[0])
        word = word << bits | place
        used += bits
    codes, count = _encoded(word)
    first = np.zeros(count, np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return codes, first


_BITS = 63


def _places(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], int]:
    """Return values as whole numbers from 0 on, and how many bits these take."""
    if values.dtype.kind not in "bi":
        values = _encoded(values)[0]
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    if (high - low).bit_length() > _BITS:
        return _places(_encoded(values)[0])
    return np.subtract(values, low, dtype=np.int64), (high - low).bit_length()


def _encoded(values: npt.NDArray[Any]) -> tuple[Codes, int]:
    found = pa.array(values).dictionary_encode()
    return found.indices.to_numpy(), len(found.dictionary)


def worded(tell: Callable[..., str | None], *columns: npt.NDArray[Any]) -> pa.DictionaryArray:
    """Return what is told of each combination of values as text; each distinct combination is told once.

    Examples
    --------
    >>> worded("{} {}".format, np.array([2, 1, 2]), np.array(["a", "b", "a"])).to_pylist()
    ['2 a', '1 b', '2 a']
    """
    codes, first = numbered(*columns)
    texts = [tell(*values) for values in zip(*(column[first].tolist() for column in columns), strict=True)]
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(texts, pa.string()))


def told(values: npt.NDArray[Any], tell: Callable[[Any], Any]) -> pa.DictionaryArray:
    """Return what is told of each value as JSON; each distinct value is told once.

    Examples
    --------
    >>> told(np.array([2, 1, 2]), lambda n: {"n": n}).to_pylist()
    ['{"n":2}', '{"n":1}', '{"n":2}']
    """
    return worded(lambda value: encode(tell(value)), values)


def coded(texts: pa.Array, codes: npt.NDArray[Any]) -> tuple[str | pa.Array, ...]:
    """Return pieces that write the text behind each code as a JSON string; ``-1`` is ``null``.

    Examples
    --------
    >>> glued(*coded(pa.array(["a", "b"]), np.array([1, -1]))).to_pylist()
    ['"b"', 'null']
    """
    return as_strings(texts.take(pa.array(codes, mask=codes < 0)))


def numbers(values: npt.NDArray[Any], known: Bools | None = None) -> pa.Array:
    """Return whole numbers as JSON; ``null`` where not known."""
    texts = pa.array(values.astype(np.int64), mask=None if known is None else ~known).cast(pa.string())
    return pc.fill_null(texts, "null") if texts.null_count else texts


def fixed(texts: npt.NDArray[Any], known: Bools | None = None) -> pa.Array:
    """Return texts of one width as a column: their bytes are the column. Null where not known.

    Examples
    --------
    >>> fixed(np.array([b"ab", b"cd"]), np.array([True, False])).to_pylist()
    ['ab', None]
    """
    offsets = np.arange(len(texts) + 1, dtype=np.int32) * np.int32(texts.dtype.itemsize)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(texts))]
    column = pa.Array.from_buffers(pa.string(), len(texts), buffers)
    return column if known is None or known.all() else pc.if_else(pa.array(known), column, pa.scalar(None, pa.string()))


def listed(texts: pa.Array, lists: Ragged) -> pa.Array:
    """Return the texts behind each list of codes as a JSON array.

    Examples
    --------
    >>> listed(pa.array(["a", "b"]), Ragged(np.array([0, 2, 2]), np.array([1, 0]))).to_pylist()
    ['["b","a"]', '[]']
    """
    return glued("[", strings_inside(texts, lists), "]")


def strings_inside(texts: pa.Array, lists: Ragged) -> pa.Array:
    """Return the texts behind each list of codes as JSON strings with commas between them."""
    pieces = coded(texts, lists.values)
    if len(pieces) == 1:
        return inside(pieces[0], lists)
    quote = pa.array(["", '"']).take(pa.array((np.diff(lists.offsets) > 0).astype(np.int8)))
    return glued(quote, inside(pieces[1], lists, '","'), quote)


def inside(items: pa.Array, lists: Ragged, joint: str = ",") -> pa.Array:
    """Return the items of each list with commas between them; ``items`` has one entry per value."""
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(lists.offsets, pa.int32()), items), joint)


def chosen(texts: Sequence[Any], mask: int) -> list[Any]:
    """Return those of some values whose bit is set.

    Examples
    --------
    >>> chosen(["a", "b"], 2)
    ['b']
    """
    return [text for bit, text in enumerate(texts) if mask >> bit & 1]

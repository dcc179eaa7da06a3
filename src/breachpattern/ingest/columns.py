"""Whole columns of cells: typed values, and the cells that have to be set aside.

Each distinct value is looked at once. What is plain is read by array operations; what is doubtful goes through
the field of the model, whose verdict and words stand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.times import parse
from breachpattern.records import Problem, Reading, Row, judge_cell
from breachpattern.records.judge import cell_of
from breachpattern.records.moments import bounds

Ints = npt.NDArray[np.int64]
Values = Any  # a pyarrow array, a numpy array or Moments: one entry for each row

POSTCODE = r"^([A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}|GIR0AA)$"
PLAIN_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"


@dataclass
class ReadColumn:
    """A column of typed values and what is wrong in it.

    Attributes
    ----------
    values
        ``text``, ``ids``, ``postcode``: pyarrow string. ``code``, ``order_kind``: pyarrow dictionary. ``codes``:
        int64 masks. ``when``: Moments. ``boolean``: pyarrow bool. ``number``: float64, NaN where blank.
        ``count``, ``clock``: int64, -1 where blank (a clock in minutes after midnight).
    problems : list of (rows, Problem)
        Positions of the rows that hold a doubtful value, and the verdict on it.
    doubts : list of (rows, code)
        Clock times that never were or were twice; the value stands.
    """

    values: Values
    problems: list[tuple[Ints, Problem]] = field(default_factory=list)
    doubts: list[tuple[Ints, str]] = field(default_factory=list)


def read_column(model: type[Row], name: str, text: pa.Array, reading: Reading) -> ReadColumn:
    """Return a column of text as typed values.

    Parameters
    ----------
    model : type
        Whose field decides.
    name : str
        Canonical column.
    text : pyarrow.Array of string
        Trimmed; null where blank.
    reading : Reading
        How cells are read.

    Examples
    --------
    >>> from breachpattern.records import Incident
    >>> column = read_column(Incident, "channel", pa.array(["Phone", "pigeon", None]), Reading())
    >>> column.values.to_pylist(), column.problems[0][0].tolist()
    (['phone', None, None], [1])
    """
    kind = cell_of(model, name).name
    if kind == "text":
        return ReadColumn(text)
    if kind == "when":
        return _moments(model, name, text, reading)
    if text.null_count == len(text):
        return ReadColumn(_BLANK[kind](text))
    distinct = _Distinct(text)
    known, problems = _read_distinct(model, name, distinct, reading, _FAST.get(kind))
    return ReadColumn(_SPREAD[kind](distinct, known, model, name), problems)


class _Distinct:
    """The distinct values of a column and where each stands."""

    def __init__(self, text: pa.Array) -> None:
        encoded = pc.dictionary_encode(text)
        self.values: pa.Array = encoded.dictionary
        codes = pc.fill_null(encoded.indices, len(self.values))
        self.codes: Ints = np.asarray(codes.to_numpy(zero_copy_only=False), dtype=np.int64)
        self._order: Ints | None = None
        self._edges: Ints | None = None

    def rows_of(self, code: int) -> Ints:
        """Return the positions of the rows that hold one value."""
        if self._order is None or self._edges is None:
            self._order = np.argsort(self.codes, kind="stable")
            self._edges = np.searchsorted(self.codes[self._order], np.arange(len(self.values) + 1))
        return self._order[self._edges[code] : self._edges[code + 1]]


def _moments(model: type[Row], name: str, text: pa.Array, reading: Reading) -> ReadColumn:
    moments, doubtful = parse(text, reading.date_formats, reading.time_zone)
    column = ReadColumn(moments)
    rows = np.flatnonzero(doubtful)
    if len(rows) == 0:
        return column
    distinct = _Distinct(text.take(pa.array(rows)))
    for code, value in enumerate(distinct.values.to_pylist()):
        here = rows[distinct.rows_of(code)]
        when, problem = judge_cell(model, name, value, reading)
        if problem is not None:
            column.problems.append((here, problem))
            continue
        known = bounds(when)
        moments.put(here, known)
        if known.doubt:
            column.doubts.append((here, known.doubt))
    return column


def _read_distinct(
    model: type[Row],
    name: str,
    distinct: _Distinct,
    reading: Reading,
    fast: Callable[[pa.Array], tuple[list[Any], npt.NDArray[np.bool_]]] | None,
) -> tuple[list[Any], list[tuple[Ints, Problem]]]:
    """Return the meaning of each distinct value (``None`` where there is none) and the problems."""
    size = len(distinct.values)
    known: list[Any] = [None] * size
    plain = np.zeros(size, bool)
    if fast is not None and size:
        known, plain = fast(distinct.values)
        plain &= _within(known, model, name)
    problems: list[tuple[Ints, Problem]] = []
    for code in np.flatnonzero(~plain).tolist():
        value, problem = judge_cell(model, name, distinct.values[code].as_py(), reading)
        if problem is not None:
            problems.append((distinct.rows_of(code), problem))
            value = judge_cell(model, name, problem.keep, reading)[0] if problem.keep else None
        known[code] = value
    return known, problems


def _within(known: list[Any], model: type[Row], name: str) -> npt.NDArray[np.bool_]:
    """Return which values lie within the bounds of a number; every other type of cell has none."""
    schema = cell_of(model, name).schema
    if "minimum" not in schema:
        return np.ones(len(known), bool)
    numbers = np.array(known, np.float64)
    return np.asarray((numbers >= schema["minimum"]) & (numbers <= schema["maximum"]))


def _fast_postcodes(values: pa.Array) -> tuple[list[Any], npt.NDArray[np.bool_]]:
    tight = pc.replace_substring(pc.utf8_upper(values), " ", "")
    plain = pc.match_substring_regex(tight, POSTCODE).to_numpy(zero_copy_only=False)
    return tight.to_pylist(), plain


def _fast_numbers(values: pa.Array) -> tuple[list[Any], npt.NDArray[np.bool_]]:
    shape = pc.match_substring_regex(values, PLAIN_NUMBER).to_numpy(zero_copy_only=False)
    return pc.if_else(pa.array(shape), values, "0").cast(pa.float64()).to_pylist(), shape


_FAST: dict[str, Callable[[pa.Array], tuple[list[Any], npt.NDArray[np.bool_]]]] = {
    "postcode": _fast_postcodes,
    "number": _fast_numbers,
}


def _as_text(distinct: _Distinct, known: list[Any], *_: Any) -> pa.Array:
    return pa.array([*known, None], pa.string()).take(pa.array(distinct.codes))


def _as_dictionary(distinct: _Distinct, known: list[Any], *_: Any) -> pa.DictionaryArray:
    codes = list(dict.fromkeys(value for value in known if value is not None))
    place = {code: i for i, code in enumerate(codes)}
    lookup = pa.array([place.get(value) for value in known] + [None], pa.int32())
    return pa.DictionaryArray.from_arrays(lookup.take(pa.array(distinct.codes)), pa.array(codes, pa.string()))


def _as_masks(distinct: _Distinct, known: list[Any], model: type[Row], name: str) -> Ints:
    vocabulary = cell_of(model, name).vocabulary
    assert vocabulary is not None, "only coded columns come here"
    masks = np.array([vocabulary.mask(value or ()) for value in known] + [0], np.int64)
    return masks[distinct.codes]


def _as_lists(distinct: _Distinct, known: list[Any], *_: Any) -> pa.Array:
    joined = [";".join(value) if value else None for value in known]
    return pa.array([*joined, None], pa.string()).take(pa.array(distinct.codes))


def _as_booleans(distinct: _Distinct, known: list[Any], *_: Any) -> pa.Array:
    return pa.array([*known, None], pa.bool_()).take(pa.array(distinct.codes))


def _as_numbers(distinct: _Distinct, known: list[Any], *_: Any) -> npt.NDArray[np.float64]:
    return np.array([np.nan if v is None else v for v in known] + [np.nan], np.float64)[distinct.codes]


def _as_counts(distinct: _Distinct, known: list[Any], *_: Any) -> Ints:
    return np.array([-1 if v is None else v for v in known] + [-1], np.int64)[distinct.codes]


def _as_minutes(distinct: _Distinct, known: list[Any], *_: Any) -> Ints:
    def minutes(at: time | None) -> int:
        return -1 if at is None else at.hour * 60 + at.minute

    return np.array([minutes(value) for value in known] + [-1], np.int64)[distinct.codes]


# The same where nothing is known in any row: most columns of most extracts.
_BLANK: dict[str, Callable[[pa.Array], Values]] = {
    **dict.fromkeys(("code", "order_kind"), lambda text: pa.nulls(len(text), pa.dictionary(pa.int32(), pa.string()))),
    **dict.fromkeys(("ids", "postcodes", "postcode"), lambda text: pa.nulls(len(text), pa.string())),
    **dict.fromkeys(("count", "clock"), lambda text: np.full(len(text), -1, np.int64)),
    "codes": lambda text: np.zeros(len(text), np.int64),
    "boolean": lambda text: pa.nulls(len(text), pa.bool_()),
    "number": lambda text: np.full(len(text), np.nan),
}
_SPREAD: dict[str, Callable[[_Distinct, list[Any], type[Row], str], Values]] = {
    "code": _as_dictionary,
    "order_kind": _as_dictionary,
    "codes": _as_masks,
    "ids": _as_lists,
    "postcodes": _as_lists,
    "postcode": _as_text,
    "boolean": _as_booleans,
    "number": _as_numbers,
    "count": _as_counts,
    "clock": _as_minutes,
}

"""Offence codes and labels: each distinct pair is put to the catalogue once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.checks import Checked
from breachpattern.ingest.conflicts import codes_of
from breachpattern.ingest.issues import IssueLog
from breachpattern.sorting import numbered

# Home Office NNN/NN in any spelling, CJS AANNNNN or COMLNNN with an optional suffix (POLE DS_074, DS_080).
CODE = re.compile(r"\d{1,3}\s*[/.\- ]\s*\d{1,2}[A-Z]?|\d{5}|[A-Z]{2}\s?\d{5}[A-Z]?|[A-Z]{4}\d{3}[A-Z]?", re.ASCII)

ALIKE = 0.7
SEEN = pa.schema([("code", pa.string()), ("label", pa.string()), ("first", pa.int64()), ("count", pa.int64())])


class Recognised(Protocol):
    """What a catalogue says of a code and a label."""

    @property
    def offence(self) -> str | None:
        """Catalogue id."""

    @property
    def method(self) -> str:
        """``code``, ``label``, ``words`` or ``none``."""

    @property
    def closest(self) -> Sequence[str]:
        """Nearest catalogue ids."""


class Offences(Protocol):
    """What ingest needs of the catalogue of law to recognise offences."""

    def recognise(self, code: str | None, text: str | None, /) -> Recognised:
        """Return what a code and a label mean."""


def recognise(checked: Checked, catalogue: Offences, log: IssueLog) -> tuple[pa.DictionaryArray, pa.Table]:
    """Return the catalogue id of the offence of each row, null where it is not recognised, and the pairs seen.

    A malformed code is a warning in its row.

    Returns
    -------
    offence : pyarrow.DictionaryArray
    seen : pyarrow.Table
        One row for each distinct pair of ``code`` and ``label``: ``first``, the line of the first row that has it, and
        ``count``, for :func:`note_unknown`.
    """
    code, text = (cast("pa.Array", checked.values[name]) for name in ("offence_code", "offence_text"))
    count, member = numbered(codes_of(code), codes_of(text))
    first = np.full(count, len(member), np.int64)
    np.minimum.at(first, member, np.arange(len(member)))
    seen = pa.table(
        {
            "code": code.take(pa.array(first)),
            "label": text.take(pa.array(first)),
            "first": pa.array(checked.rows[first]),
            "count": pa.array(np.bincount(member, minlength=count)),
        },
        schema=SEEN,
    )
    found: list[str | None] = []
    malformed: list[int] = []
    pairs = zip(seen["code"].to_pylist(), seen["label"].to_pylist(), strict=True)
    for number, (written, label) in enumerate(pairs):
        answer = None if written is None and label is None else catalogue.recognise(written, label)
        found.append(None if answer is None else answer.offence)
        if answer is not None and _is_malformed(written, answer):
            malformed.append(number)
    if malformed:
        written_there = pc.fill_null(pc.equal(checked.text["offence_code"], code), False)
        written_there = written_there.to_numpy(zero_copy_only=False)
        _note_malformed(checked, np.flatnonzero(np.isin(member, malformed) & written_there), log)
    codes = [name for name in dict.fromkeys(found) if name is not None]
    place = {name: i for i, name in enumerate(codes)}
    lookup = pa.array([None if name is None else place[name] for name in found], pa.int32())
    return pa.DictionaryArray.from_arrays(lookup.take(pa.array(member)), pa.array(codes, pa.string())), seen


def _is_malformed(code: str | None, answer: Recognised) -> bool:
    return code is not None and answer.method != "code" and not CODE.fullmatch(code.upper())


def note_unknown(seen: pa.Table, file: str, catalogue: Offences, log: IssueLog) -> None:
    """Note each code or label that the catalogue does not hold, once, at its first row.

    Most recorded crime has nothing to do with orders or courses of conduct.

    Parameters
    ----------
    seen : pyarrow.Table
        As :func:`recognise` gives it; the rows of several parts of one file may stand one after the other.
    """
    whole = seen.group_by(["code", "label"], use_threads=False).aggregate([("first", "min"), ("count", "sum")])
    whole = whole.rename_columns({"first_min": "first", "count_sum": "count"})
    order = np.lexsort([_by_appearance(whole, name) for name in ("label", "code")])
    noted: set[tuple[str, str]] = set()
    for row in whole.take(pa.array(order)).to_pylist():
        code, label = row["code"], row["label"]
        column, value = ("offence_code", code) if code is not None else ("offence_text", label)
        if value is None or (column, value) in noted:
            continue
        answer = catalogue.recognise(code, label)
        if answer.offence is None and not _is_malformed(code, answer):
            noted.add((column, value))
            _note_one(file, row["first"], row["count"], column, value, answer, log)


def _by_appearance(seen: pa.Table, name: str) -> npt.NDArray[np.int64]:
    """Return by the first row of each text where it stands; blank comes first."""
    group = codes_of(seen[name].combine_chunks())
    first = np.full(int(group.max(initial=-1)) + 2, np.iinfo(np.int64).max)
    np.minimum.at(first, group, seen["first"].to_numpy())
    return np.where(group < 0, -1, first[group])


def _note_one(file: str, row: int, count: int, column: str, value: str, answer: Recognised, log: IssueLog) -> None:
    what = "code" if column == "offence_code" else "label"
    # Of a label, only what is spelt much like it helps; a shared word such as "incident" leads astray.
    alike = [near for near in answer.closest if what == "code" or _alike(value, near)]
    near = f" Nearest: {', '.join(alike)}." if alike else ""
    often = f" (in {count:,} rows)" if count > 1 else ""
    message = f"The catalogue does not hold the {what} '{value}'{often}.{near}"
    log.add(file, [row], column, f"unknown_{column}", [value], message)


def _alike(label: str, ident: str) -> bool:
    return SequenceMatcher(None, label.casefold(), ident.replace("_", " ")).ratio() >= ALIKE


def _note_malformed(checked: Checked, rows: npt.NDArray[np.int64], log: IssueLog) -> None:
    if len(rows):
        seen = checked.text["offence_code"].take(pa.array(rows))
        log.add(
            checked.file,
            checked.rows[rows],
            "offence_code",
            "malformed_offence_code",
            seen,
            "Neither a Home Office code nor a CJS code.",
        )

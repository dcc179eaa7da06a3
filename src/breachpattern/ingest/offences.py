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


def recognise(checked: Checked, catalogue: Offences, log: IssueLog) -> pa.DictionaryArray:
    """Return the catalogue id of the offence of each row, null where it is not recognised.

    A malformed code is a warning in its row. A code or label that the catalogue does not hold is noted once, at
    its first row: most recorded crime has nothing to do with orders or courses of conduct.
    """
    code, text = (cast("pa.Array", checked.values[name]) for name in ("offence_code", "offence_text"))
    count, member = numbered(codes_of(code), codes_of(text))
    first = np.full(count, len(member), np.int64)
    np.minimum.at(first, member, np.arange(len(member)))
    counts = np.bincount(member)
    pairs = zip(code.take(pa.array(first)).to_pylist(), text.take(pa.array(first)).to_pylist(), strict=True)
    found: list[str | None] = []
    noted: set[tuple[str, str]] = set()
    malformed: list[int] = []
    for number, (written, label) in enumerate(pairs):
        if written is None and label is None:
            found.append(None)
            continue
        answer = catalogue.recognise(written, label)
        found.append(answer.offence)
        if written is not None and answer.method != "code" and not CODE.fullmatch(written.upper()):
            malformed.append(number)
        elif answer.offence is None:
            _note_unknown(checked, (written, label), int(first[number]), int(counts[number]), answer, noted, log)
    written_there = pc.fill_null(pc.equal(checked.text["offence_code"], code), False)
    written_there = written_there.to_numpy(zero_copy_only=False)
    _note_malformed(checked, np.flatnonzero(np.isin(member, malformed) & written_there), log)
    codes = [name for name in dict.fromkeys(found) if name is not None]
    place = {name: i for i, name in enumerate(codes)}
    lookup = pa.array([None if name is None else place[name] for name in found], pa.int32())
    return pa.DictionaryArray.from_arrays(lookup.take(pa.array(member)), pa.array(codes, pa.string()))


def _note_unknown(
    checked: Checked,
    pair: tuple[str | None, str | None],
    row: int,
    count: int,
    answer: Recognised,
    noted: set[tuple[str, str]],
    log: IssueLog,
) -> None:
    column, what = ("offence_code", "code") if pair[0] is not None else ("offence_text", "label")
    value = pair[0] if pair[0] is not None else pair[1]
    if value is None or (column, value) in noted:
        return
    noted.add((column, value))
    # Of a label, only what is spelt much like it helps; a shared word such as "incident" leads astray.
    alike = [near for near in answer.closest if what == "code" or _alike(value, near)]
    near = f" Nearest: {', '.join(alike)}." if alike else ""
    often = f" (in {count:,} rows)" if count > 1 else ""
    log.add(
        checked.file,
        checked.rows[[row]],
        column,
        f"unknown_{column}",
        [value],
        f"The catalogue does not hold the {what} '{value}'{often}.{near}",
    )


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

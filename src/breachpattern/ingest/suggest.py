"""Suggest a mapping from the headers and values of a force's extract, and say what could not be placed."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.date_shapes import suggest_formats
from breachpattern.ingest.mapped import clean, joined
from breachpattern.ingest.mapping import Mapping
from breachpattern.ingest.sources import TextTable, read_source
from breachpattern.records import MODELS, Reading, judge_cell
from breachpattern.records.cells import items
from breachpattern.records.judge import cell_of, is_required

LOOKED_AT = 200_000
VALUES_SHOWN = 12
CODED = ("code", "codes", "boolean")


@dataclass(frozen=True)
class Unplaced:
    """A column of the extract, or values in one, that the suggestion leaves to a person, and why."""

    column: str
    reason: str
    values_only: bool = False


@dataclass(frozen=True)
class SuggestedMapping:
    """A mapping to look over: what was recognised, and what was not.

    Attributes
    ----------
    table, source : str
        Canonical table and file.
    columns : dict
        Canonical column: source column, or the date and time columns to join.
    wide : tuple of dict
        Groups of parallel source columns.
    date_formats : tuple of str
        Shown by the values themselves; none where they leave the order of day and month open.
    values : dict
        Canonical column: {value as written: code}.
    unmapped : tuple of Unplaced
        Columns and values that could not be placed, with the reason.
    questions : tuple of str
        What a person has to decide before the mapping can be used.
    """

    table: str
    source: str
    columns: dict[str, tuple[str, ...]]
    wide: tuple[dict[str, tuple[str, ...]], ...] = ()
    date_formats: tuple[str, ...] = ()
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    unmapped: tuple[Unplaced, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def mapping(self) -> Mapping:
        """The suggestion as a mapping that can be used."""
        return Mapping.parse(self.to_toml(), "suggested mapping")  # what people get and what is used are one

    def to_toml(self) -> str:
        """Return the suggestion as TOML, with what could not be placed as comments."""
        lines = [f"# Suggested for {_comment(self.source)}. Look it over; nothing is placed by guessing."]
        lines += [f"# Decide: {_comment(question)}" for question in self.questions]
        lines += ["", f"[{self.table}]"]
        if self.date_formats:
            lines.append(f"date_formats = {_toml(self.date_formats)}")
        left = [part for part in self.unmapped if not part.values_only]
        if left:
            lines += ["unused = [", *(f"  {_toml(p.column)},  # {_comment(p.reason)}" for p in left), "]"]
        strange = [part for part in self.unmapped if part.values_only]
        lines += [f"# {_comment(part.column)}: {_comment(part.reason)}" for part in strange]
        lines += ["", f"[{self.table}.columns]"]
        for column, names in self.columns.items():
            joined = f'{{ join = {_toml(names)}, with = " " }}' if len(names) > 1 else _toml(names[0])
            lines.append(f"{column} = {joined}")
        for group in self.wide:
            lines += ["", f"[[{self.table}.wide]]", *(f"{name} = {_toml(names)}" for name, names in group.items())]
        for column, synonyms in self.values.items():
            lines += ["", f"[{self.table}.values.{column}]"]
            lines += [f"{_toml(seen)} = {_toml(meant)}" for seen, meant in synonyms.items()]
        return "\n".join(lines) + "\n"

    def report(self) -> str:
        """Return what was placed and what was not, in plain words."""
        placed = len(self.columns) + sum(len(group) for group in self.wide)
        lines = [f"{self.source}: {placed} columns of {self.table} recognised."]
        missing = [
            name
            for name in MODELS[self.table].model_fields
            if is_required(MODELS[self.table], name) and name not in self.columns
        ]
        missing = [name for name in missing if not any(name in group for group in self.wide)]
        if missing:
            lines.append(f"Still needed: {', '.join(missing)}.")
        lines += [f"Decide: {question}" for question in self.questions]
        if self.unmapped:
            lines.append("Not placed:")
            lines += [f"  {part.column}: {part.reason}" for part in self.unmapped]
        return "\n".join(lines)


def suggest_mapping(source: Any, table: str = "incidents") -> SuggestedMapping:
    """Return a mapping suggested by the headers and values of a source.

    Parameters
    ----------
    source : path, database URL, data frame or iterable of records
        The force's own extract.
    table : str
        The canonical table to make of it.

    Raises
    ------
    InputError
        Where the source cannot be read as a table.

    Examples
    --------
    >>> found = suggest_mapping([{"Crime No": "1", "Committed From": "31/01/2025 10:15", "Beat": "7"}])
    >>> found.columns["incident_id"], found.date_formats, [part.column for part in found.unmapped]
    (('Crime No',), ('%d/%m/%Y %H:%M',), ['Beat'])
    """
    text = read_source(source, table)
    columns, wide, unmapped = _place(table, text.data.column_names)
    formats, questions = _formats(table, text, columns)
    values, strange = _values(table, text, columns)
    return SuggestedMapping(
        table,
        text.name,
        columns,
        wide,
        formats,
        values,
        (*unmapped, *strange),
        questions,
    )


@cache
def synonyms() -> dict[str, Any]:
    """Return the built-in names of columns and values (``synonyms.toml``)."""
    file = resources.files("breachpattern.ingest") / "synonyms.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def words(text: str) -> str:
    """Return a header or value as lower-case words.

    Examples
    --------
    >>> words("incidentStartDateTime"), words("Crime_No."), words("Ex-Wife")
    ('incident start date time', 'crime no', 'ex wife')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return " ".join(re.sub(r"[^0-9a-z]+", " ", spaced.casefold()).split())


def _place(
    table: str, names: list[str]
) -> tuple[dict[str, tuple[str, ...]], tuple[dict[str, tuple[str, ...]], ...], list[Unplaced]]:
    """Return source columns by canonical column, wide groups, and what is left with the reason."""
    headers: dict[str, list[str]] = synonyms()["headers"][table]
    left = {words(name): name for name in names}
    wide = tuple(_wide_groups(headers, left)) if table == "incidents" else ()
    taken = {column for group in wide for column in group}
    columns: dict[str, tuple[str, ...]] = {}
    for column, known in headers.items():
        if column in taken:
            continue
        match = next((name for name in [words(column), *known] if name in left), None)
        if match is not None:
            columns[column] = (left.pop(match),)
    for column, known in synonyms()["times"].items():
        match = next((name for name in known if name in left), None)
        if match is not None and column in columns:
            columns[column] = (*columns[column], left.pop(match))
    ordered = {name: columns[name] for name in MODELS[table].model_fields if name in columns}
    return ordered, wide, [Unplaced(name, _why_left(name, headers, columns)) for name in left.values()]


def _wide_groups(headers: dict[str, list[str]], left: dict[str, str]) -> Iterable[dict[str, tuple[str, ...]]]:
    """Yield groups such as suspect 1, suspect 2; their columns are taken out of ``left``."""
    for column in ("suspect_id", "victim_id"):
        known = {words(column), *headers[column]}
        stems_of = {w: " ".join(re.sub(r"\d+", " ", w).split()) for w in left if re.search(r"\d", w)}
        numbered = [(w, stem) for w, stem in stems_of.items() if stem in known]
        stems = Counter(stem for _, stem in numbered)
        if stems and stems.most_common(1)[0][1] > 1:
            stem = stems.most_common(1)[0][0]
            yield {column: tuple(left.pop(w) for w, s in numbered if s == stem)}


def _why_left(name: str, headers: dict[str, list[str]], columns: dict[str, tuple[str, ...]]) -> str:
    for column, known in headers.items():
        if words(name) in known and column in columns:
            return f"also looks like {column}, for which {columns[column][0]} was taken"
    near = get_close_matches(words(name), [known for names in headers.values() for known in names], 1, 0.82)
    if near:
        column = next(column for column, known in headers.items() if near[0] in known)
        return f"no known name; it may be {column}" + (" (taken)" if column in columns else "")
    return "no known name"


def _formats(
    table: str, text: TextTable, columns: dict[str, tuple[str, ...]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    formats: dict[str, None] = {}
    questions: list[str] = []
    for column, names in columns.items():
        if cell_of(MODELS[table], column).name != "when":
            continue
        written = joined([clean(text.data[name].slice(0, LOOKED_AT)) for name in names], " ")
        found, question = suggest_formats(pc.unique(written).drop_null().to_pylist())
        formats |= dict.fromkeys(found)
        if question:
            questions.append(f"{' and '.join(names)} ({column}): {question}")
    return tuple(formats), tuple(questions)


def _values(
    table: str, text: TextTable, columns: dict[str, tuple[str, ...]]
) -> tuple[dict[str, dict[str, str]], list[Unplaced]]:
    """Return known synonyms among the values of coded columns, and the values that nobody knows."""
    placed: dict[str, dict[str, str]] = {}
    strange: list[Unplaced] = []
    for column, names in columns.items():
        if cell_of(MODELS[table], column).name not in CODED:
            continue
        known = {name: code for code, listed in synonyms()["values"].get(column, {}).items() for name in listed}
        unknown: list[str] = []
        for value in _distinct(table, column, clean(text.data[names[0]].slice(0, LOOKED_AT))):
            code = known.get(words(value))
            if code is None:
                unknown.append(value)
            else:
                placed.setdefault(column, {})[value] = code
        if unknown:
            shown = ", ".join(repr(value) for value in unknown[:VALUES_SHOWN])
            more = f" and {len(unknown) - VALUES_SHOWN} more" if len(unknown) > VALUES_SHOWN else ""
            strange.append(Unplaced(names[0], f"values of {column} that are not known: {shown}{more}", True))
    return placed, strange


def _distinct(table: str, column: str, text: pa.Array) -> list[str]:
    """Return the distinct values (or items of lists) that the column does not take as they are."""
    is_list = cell_of(MODELS[table], column).name == "codes"
    seen: dict[str, None] = {}
    for value in pc.unique(text).drop_null().to_pylist():
        seen |= dict.fromkeys(items(value, ";") if is_list else [value])
    return [value for value in seen if judge_cell(MODELS[table], column, value, Reading())[1] is not None]


def _toml(value: str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04X}" for c in escaped) + '"'


def _comment(text: str) -> str:
    return " ".join(text.split())

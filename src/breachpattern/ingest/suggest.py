"""Suggest a mapping from the headers and values of a force's extract, and say what could not be placed."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.date_shapes import suggest_formats
from breachpattern.ingest.header_line import find_layout
from breachpattern.ingest.mapped import clean, joined
from breachpattern.ingest.sources import TextTable, read_source
from breachpattern.ingest.suggestion import SuggestedMapping, Unplaced
from breachpattern.records import MODELS, Reading, judge_cell
from breachpattern.records.cells import items
from breachpattern.records.judge import cell_of

LOOKED_AT = 200_000
VALUES_SHOWN = 12
CODED = ("code", "codes", "boolean")


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
    layout = find_layout(source, table, _known_names(table), words)
    text = read_source(source, table, layout)
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
        layout.header_row,
        layout.sheet,
    )


@cache
def synonyms() -> dict[str, Any]:
    """Return the built-in names of columns and values (``synonyms.toml``)."""
    file = resources.files("breachpattern.ingest") / "synonyms.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def _known_names(table: str) -> frozenset[str]:
    """Return every name by which a column of a table is known."""
    listed = synonyms()["headers"][table]
    numbered = {
        f"{name} {n}" for column in ("suspect_id", "victim_id") for name in listed.get(column, ()) for n in "123"
    }
    return frozenset({words(column) for column in MODELS[table].model_fields} | numbered).union(
        *listed.values(), *synonyms()["times"].values()
    )


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
    if near and not set(words(name).split()) < set(near[0].split()):
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

"""Apply a mapping: source columns of text to canonical columns of text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.errors import MappingError
from breachpattern.ingest.headers import HeaderError, UnmappedHeaderError
from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.mapping import FromColumns, TableMapping
from breachpattern.ingest.sources import TextTable
from breachpattern.records import MODELS, Reading
from breachpattern.records.cells import items, normal
from breachpattern.records.judge import cell_of, is_required

Ints = npt.NDArray[np.int64]
SHOWN = 12
SPREAD = 10_000  # rows that a mapping may make of one: a hundred suspects times a hundred victims
LISTS = ("codes", "ids", "postcodes")


@dataclass(frozen=True)
class Canonical:
    """A table in canonical columns, as text.

    Attributes
    ----------
    columns : dict of str to pyarrow.Array
        Trimmed, null where blank.
    sources : dict of str to tuple of str
        Canonical column: the source columns that it was made of.
    origin : (n,) int64
        Position of the source row of each row.
    reading : Reading
        How the cells of this table are read.
    left_out : int
        Source rows that the mapping leaves out.
    spread : bool
        The mapping makes several rows of one source row.
    """

    columns: dict[str, pa.Array]
    sources: dict[str, tuple[str, ...]]
    origin: Ints
    reading: Reading
    left_out: int = 0
    spread: bool = False


def clean(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return a column of text trimmed, blank as null.

    Examples
    --------
    >>> clean(pa.array([" NA ", "  ", None])).to_pylist()
    ['NA', None, None]
    """
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks)
    trimmed = pc.utf8_trim_whitespace(whole)
    blank = pc.equal(pc.binary_length(trimmed), 0)
    return pc.if_else(blank, pa.scalar(None, pa.string()), trimmed) if pc.any(blank).as_py() else trimmed


def joined(parts: list[pa.Array], separator: str) -> pa.Array:
    """Return the parts of each row in one text, blanks passed over; null where all of them are blank.

    pyarrow's own join drops a row whose parts are all null where it is told to skip nulls.

    Examples
    --------
    >>> joined([pa.array(["1 May", None, None]), pa.array(["10:15", "9:00", None])], " ").to_pylist()
    ['1 May 10:15', '9:00', None]
    """
    whole, *rest = parts
    for part in rest:
        whole = pc.coalesce(pc.binary_join_element_wise(whole, part, separator), whole, part)
    return whole


def apply(plan: TableMapping, table: str, text: TextTable, reading: Reading, log: IssueLog) -> Canonical:
    """Return a source as a canonical table.

    Parameters
    ----------
    plan : TableMapping
        An empty one takes canonical columns by their names, in any case and spacing.
    table : str
        Which canonical table.
    text : TextTable
        The source.

    Raises
    ------
    InputError, MappingError
        Where a required column is missing, or the mapping names a column that is not there.
    """
    reading = replace(
        reading,
        date_formats=plan.date_formats,
        time_zone=plan.time_zone or reading.time_zone,
        list_separator=plan.list_separator or reading.list_separator,
    )
    source = _Source(text, table)
    kept = _kept_rows(plan, source)
    left_out = text.data.num_rows - len(kept)
    if left_out:
        log.add(text.name, None, None, "rows_left_out", None, f"Rows that the mapping leaves out: {left_out:,}.")
        source = source.rows(kept)
    columns = _columns(plan, table, source)
    sources = dict(source.used)
    spread, origin = _long(plan, source)
    if len(plan.wide):
        columns = {name: column.take(pa.array(origin)) for name, column in columns.items()} | spread
    for name, value in plan.constants.items():
        columns[name] = pa.array([value], pa.string()).take(pa.array(np.zeros(len(origin), np.int64)))
    for name, synonyms in plan.values.items():
        if name in columns:
            columns[name] = _translated(columns[name], synonyms, table, name, reading.list_separator)
    columns = _with_required(columns, table, text, mapped=bool(plan.columns))
    _note_unused(plan, text, source, log)
    return Canonical(columns, sources, kept[origin], reading, left_out, bool(plan.wide))


class _Source:
    """The columns of a source by name, and which of them were used."""

    def __init__(self, text: TextTable, table: str) -> None:
        self.text, self.table = text, table
        self.used: dict[str, tuple[str, ...]] = {}
        self._touched: set[str] = set()

    @property
    def size(self) -> int:
        return int(self.text.data.num_rows)

    def rows(self, kept: Ints) -> _Source:
        """Return some rows only; what was used of all of them stays used."""
        some = _Source(replace(self.text, data=self.text.data.take(pa.array(kept))), self.table)
        some._touched = self._touched
        return some

    def column(self, name: str) -> pa.Array:
        """Return a source column, cleaned; names match in any case and spacing."""
        return clean(self.text.data[self.find(name)])

    def find(self, name: str) -> str:
        names = self.text.data.column_names
        wanted = name.casefold().split()
        match = name if name in names else next((n for n in names if n.casefold().split() == wanted), None)
        if match is None:
            near = get_close_matches(name, names, 1, 0.6)
            raise UnmappedHeaderError(
                f"The mapping names a column '{name}', which is not there.",
                where=place(self.text, self.table),
                hint=(f"Did you mean '{near[0]}'? " if near else "") + f"The columns are {_few(names)}.",
            )
        self._touched.add(match)
        return match

    def make(self, target: str, spec: FromColumns) -> pa.Array:
        """Return a canonical column made of source columns."""
        self.used[target] = tuple(self.find(name) for name in spec.names)
        parts = [self.column(name) for name in spec.names]
        if spec.joined_by is None:
            return parts[0] if len(parts) == 1 else pc.coalesce(*parts)
        return clean(joined(parts, spec.joined_by))

    def untouched(self) -> list[str]:
        return [name for name in self.text.data.column_names if name not in self._touched]


def _columns(plan: TableMapping, table: str, source: _Source) -> dict[str, pa.Array]:
    columns = {target: source.make(target, spec) for target, spec in plan.columns.items()}
    taken = {*columns, *plan.constants, *(column for group in plan.wide for column in group)}
    skipped = {name.casefold() for name in plan.unused}
    for name in source.untouched():
        target = normal(name)
        if target in MODELS[table].model_fields and target not in taken and name.casefold() not in skipped:
            columns[target] = source.make(target, FromColumns((name,)))
            taken.add(target)
    return columns


def _kept_rows(plan: TableMapping, source: _Source) -> Ints:
    keep = np.ones(source.size, bool)
    for name, values in plan.only.items():
        keep &= _matches(source.column(name), values)
    for name, values in plan.leave_out.items():
        keep &= ~_matches(source.column(name), values)
    return np.flatnonzero(keep)


def _matches(column: pa.Array, values: Iterable[str]) -> npt.NDArray[np.bool_]:
    """Return where a column holds one of some values; ``*`` stands for anything, an empty text for blank."""
    encoded = pc.dictionary_encode(column)
    patterns = [_folded(value) for value in values if value]
    hits = [any(fits(p, _folded(v)) for p in patterns) for v in encoded.dictionary.to_pylist()]
    codes = pc.fill_null(encoded.indices, len(hits)).to_numpy(zero_copy_only=False)
    return np.asarray(np.array([*hits, "" in values], bool)[codes])


def fits(pattern: str, text: str) -> bool:
    """Return whether a text fits a pattern in which ``*`` stands for anything.

    No regular expression: with a dozen stars one takes longer than anybody waits. The earliest place is right for
    every part but the last.

    Examples
    --------
    >>> fits("breach*order", "breach of an order"), fits("a*b*", "ba")
    (True, False)
    """
    first, *parts = pattern.split("*")
    if not parts:
        return pattern == text
    if not text.startswith(first):
        return False
    place = len(first)
    for part in parts[:-1]:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(text) - place >= len(parts[-1]) and text.endswith(parts[-1])


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _long(plan: TableMapping, source: _Source) -> tuple[dict[str, pa.Array], Ints]:
    """Return the wide columns as long ones, and the source row of each row.

    Each filled place of a group is a row; a group without a filled place is one row of blanks. Groups multiply:
    two suspects and two victims are four rows.
    """
    origin = np.arange(source.size)
    places: list[Ints] = []
    filled_groups = []
    for group in plan.wide:
        parts = {column: [source.column(name) for name in names] for column, names in group.items()}
        for column, names in group.items():
            source.used[column] = tuple(source.find(name) for name in names)
        width = len(next(iter(group.values())))
        filled = np.column_stack(
            [
                np.any([part[i].is_valid().to_numpy(zero_copy_only=False) for part in parts.values()], axis=0)
                for i in range(width)
            ]
        )
        filled[~filled.any(axis=1), 0] = True
        chosen = filled[origin]
        rows, nth = np.nonzero(chosen)
        origin = origin[rows]
        most = int(np.bincount(origin).max(initial=0))
        if most > SPREAD:
            raise MappingError(
                f"One row would become {most:,} rows: the groups of wide columns multiply, and {SPREAD:,} is the most.",
                where=place(source.text, source.table),
                hint="Put columns that belong together into one group.",
            )
        places = [earlier[rows] for earlier in places] + [nth]
        filled_groups.append(parts)
    columns: dict[str, pa.Array] = {}
    for parts, nth in zip(filled_groups, places, strict=True):
        for column, arrays in parts.items():
            stacked = pa.concat_arrays(arrays)
            columns[column] = stacked.take(pa.array(nth * source.size + origin))
    return columns, origin


def _translated(column: pa.Array, synonyms: dict[str, str], table: str, name: str, separator: str) -> pa.Array:
    """Return a column with synonyms replaced: whole cells, and items of lists."""
    exact = {_folded(seen): meant for seen, meant in synonyms.items() if "*" not in seen}
    patterns = [(_folded(seen), meant) for seen, meant in synonyms.items() if "*" in seen]

    def meaning(text: str) -> str | None:
        folded = _folded(text)
        if folded in exact:
            return exact[folded]
        return next((meant for pattern, meant in patterns if fits(pattern, folded)), None)

    is_list = cell_of(MODELS[table], name).name in LISTS
    encoded = pc.dictionary_encode(column)
    meant = []
    for text in encoded.dictionary.to_pylist():
        whole = meaning(text)
        if whole is None and is_list:
            parts = (meaning(item) for item in items(text, separator))
            pairs = zip(parts, items(text, separator), strict=True)
            whole = separator.join(item if part is None else part for part, item in pairs)
        meant.append(text if whole is None else whole or None)
    return pa.array(meant, pa.string()).take(encoded.indices)


def _with_required(columns: dict[str, pa.Array], table: str, text: TextTable, *, mapped: bool) -> dict[str, pa.Array]:
    model = MODELS[table]
    missing = [name for name in model.model_fields if is_required(model, name) and name not in columns]
    if not text.data.num_columns:
        return columns | {name: pa.nulls(0, pa.string()) for name in missing}
    if missing:
        hint = _other_table(text, table) or (_name_it if mapped else _let_map)(table, missing)
        raise HeaderError(
            f"There is no column {' and none '.join(missing)}; the columns are {_few(text.data.column_names)}.",
            where=place(text, table),
            hint=_other_sheets(text) + hint,
        )
    return columns


def _name_it(table: str, missing: list[str]) -> str:
    return f'Name the column that holds it in the mapping: {missing[0]} = "…" under [{table}.columns].'


def _let_map(table: str, _missing: list[str]) -> str:
    option = "" if table == "incidents" else f" --table {table}"
    return f"Let `breachpattern map{option}` suggest a mapping for this file, and name it with --mapping."


def _other_table(text: TextTable, table: str) -> str:
    """Return a hint where a file has all that another table needs: two files were swapped."""
    names = set(text.data.column_names)
    for other, model in MODELS.items():
        if other != table and names >= {name for name in model.model_fields if is_required(model, name)}:
            given = "first, without an option" if other == "incidents" else f"with --{other}"
            return f"These are columns of {other}: give this file {given}."
    return ""


def _other_sheets(text: TextTable) -> str:
    if not text.other_sheets:
        return ""
    sheets = ", ".join(f"'{title}'" for title in text.other_sheets)
    return f'The workbook has other sheets ({sheets}): sheet = "{text.other_sheets[0]}" in a mapping picks one. '


def _note_unused(plan: TableMapping, text: TextTable, source: _Source, log: IssueLog) -> None:
    known = {name.casefold() for name in plan.unused}
    for name in plan.unused:
        source.find(name)
    unused = [name for name in source.untouched() if name.casefold() not in known]
    if unused:
        message = f"Not read: {_few(unused)} ({len(unused)} of {text.data.num_columns} columns)."
        log.add(text.name, None, None, "unused_columns", ["; ".join(unused)], message)


def place(text: TextTable, table: str) -> str:
    """Return what to call a source in a message."""
    return table if text.name == table else f"{text.name}, {table}"


def _few(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")

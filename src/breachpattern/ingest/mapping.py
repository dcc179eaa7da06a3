"""Mappings: how a force's own columns become canonical ones, written as TOML (``docs/reference/mapping.md``)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from breachpattern.documents import Unreadable, parse_toml
from breachpattern.errors import MappingError
from breachpattern.ingest.sources import Layout
from breachpattern.records import MODELS

_SAMPLE = datetime(2001, 2, 3, 4, 5, 6)


@dataclass(frozen=True)
class FromColumns:
    """A canonical column made of source columns: the first that is not blank, or all of them joined."""

    names: tuple[str, ...]
    joined_by: str | None = None


@dataclass(frozen=True)
class TableMapping:
    """How one canonical table is made of one source.

    Attributes
    ----------
    columns : dict
        Canonical column: source columns. A canonical column that is not named is taken from a source column of the
        same name, where there is one.
    constants : dict
        Canonical column: one text for every row.
    values : dict
        Canonical column: {value as written: what it means}. Case and spacing do not matter; ``*`` stands for
        anything.
    wide : tuple of dict
        Groups of parallel source columns; each filled place of a group becomes a row.
    only, leave_out : dict
        Source column: values of the rows to keep, or to leave out.
    unused : tuple of str
        Source columns that are known not to be needed.
    taken_from : str or None
        Another table whose source this one stands in.
    """

    columns: dict[str, FromColumns] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    wide: tuple[dict[str, tuple[str, ...]], ...] = ()
    only: dict[str, tuple[str, ...]] = field(default_factory=dict)
    leave_out: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    date_formats: tuple[str, ...] = ()
    time_zone: str | None = None
    list_separator: str | None = None
    header_row: int = 1
    delimiter: str | None = None
    sheet: str | None = None
    taken_from: str | None = None

    def layout(self, query: str | None = None) -> Layout:
        """Return where in its file the table stands."""
        return Layout(self.header_row, self.delimiter, self.sheet, query)


@dataclass(frozen=True)
class Mapping:
    r"""A mapping for the four tables of an extract.

    Examples
    --------
    >>> mapping = Mapping.parse('''
    ... [incidents]
    ... date_formats = ["%d/%m/%Y %H:%M"]
    ... [incidents.columns]
    ... incident_id = "Crime No"
    ... ''')
    >>> mapping.table("incidents").columns["incident_id"].names
    ('Crime No',)
    >>> Mapping.parse('[incidents.columns]\nincident = "Crime No"')
    Traceback (most recent call last):
        ...
    breachpattern.errors.MappingError: mapping, [incidents.columns]: 'incident' is not a column of incidents. ...
    """

    tables: dict[str, TableMapping] = field(default_factory=dict)
    name: str = "mapping"

    @classmethod
    def load(cls, path: str | Path) -> Mapping:
        """Return the mapping in a TOML file.

        Raises
        ------
        MappingError
            Where the file cannot be read, is no TOML, or says something that a mapping cannot say.
        """
        file = Path(path).expanduser()
        try:
            text = file.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise MappingError("There is no such mapping file.", where=str(path), hint="Check the path.") from None
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise MappingError(
                f"The mapping cannot be read: {reason}.",
                where=str(path),
                hint="Name a TOML file, such as `breachpattern map EXTRACT -o FILE` writes.",
            ) from None
        return cls.parse(text, file.name)

    @classmethod
    def parse(cls, text: str, name: str = "mapping") -> Mapping:
        """Return the mapping in a TOML text."""
        try:
            document = parse_toml(text)
        except Unreadable as error:
            raise MappingError(
                f"This is not valid TOML: {error}.",
                where=name,
                hint="Put that line right, or let `breachpattern map EXTRACT -o FILE` write a mapping.",
            ) from None
        for table, section in document.items():
            _known(table, MODELS, name, "a table", "Tables")
            if not isinstance(section, dict):
                raise MappingError(f"[{table}] must be a section.", where=name, hint=f"Write [{table}.columns].")
        return cls({table: _Section(name, table, section).read() for table, section in document.items()}, name)

    def table(self, name: str) -> TableMapping:
        """Return the mapping of one table; without a section, canonical columns are taken by name."""
        return self.tables.get(name, TableMapping())


class _Section:
    """Reads one section of a mapping; every wrong key or value is refused with its place."""

    def __init__(self, file: str, table: str, section: dict[str, Any]) -> None:
        self.file, self.table, self.section = file, table, section

    def read(self) -> TableMapping:
        readers = {
            "columns": self._columns,
            "constants": lambda part: self._texts(self._canonical(part, "constants"), "constants"),
            "values": self._values,
            "wide": self._wide,
            "only": lambda part: self._lists(part, "only"),
            "leave_out": lambda part: self._lists(part, "leave_out"),
            "unused": lambda part: self._list(part, "unused"),
            "date_formats": self._date_formats,
            "time_zone": self._time_zone,
            "list_separator": lambda part: self._text(part, "list_separator"),
            "header_row": self._header_row,
            "delimiter": self._delimiter,
            "sheet": lambda part: self._text(part, "sheet"),
            "from": self._from,
        }
        names = {"from": "taken_from"}
        read: dict[str, Any] = {}
        for key, part in self.section.items():
            _known(key, readers, f"{self.file}, [{self.table}]", "a key of a mapping", "Keys")
            read[names.get(key, key)] = readers[key](part)
        mapping = TableMapping(**read)
        self._no_column_twice(mapping)
        return mapping

    def _refuse(self, message: str, part: str = "", hint: str = "") -> MappingError:
        place = f"[{self.table}.{part}]" if part else f"[{self.table}]"
        return MappingError(message, where=f"{self.file}, {place}", hint=hint or None)

    def _canonical(self, part: Any, key: str) -> dict[str, Any]:
        if not isinstance(part, dict):
            raise self._refuse(f"{key} must be a section of names and values.")
        for column in part:
            _known(
                column,
                MODELS[self.table].model_fields,
                f"{self.file}, [{self.table}.{key}]",
                f"a column of {self.table}",
                "Columns",
            )
        return part

    def _columns(self, part: Any) -> dict[str, FromColumns]:
        return {column: self._source(column, spec) for column, spec in self._canonical(part, "columns").items()}

    def _source(self, column: str, spec: Any) -> FromColumns:
        if isinstance(spec, str):
            return FromColumns((spec,))
        if isinstance(spec, dict) and set(spec) == {"first"}:
            return FromColumns(self._list(spec["first"], "columns"))
        if isinstance(spec, dict) and set(spec) == {"join", "with"} and isinstance(spec["with"], str):
            return FromColumns(self._list(spec["join"], "columns"), spec["with"])
        raise self._refuse(
            f"{column} is not understood.",
            "columns",
            'Write "Name", { first = ["A", "B"] } or { join = ["A", "B"], with = "-" }.',
        )

    def _values(self, part: Any) -> dict[str, dict[str, str]]:
        return {
            column: self._texts(synonyms, f"values.{column}")
            for column, synonyms in self._canonical(part, "values").items()
        }

    def _wide(self, part: Any) -> tuple[dict[str, tuple[str, ...]], ...]:
        parts = [{column: names} for column, names in part.items()] if isinstance(part, dict) else part
        if not isinstance(parts, list) or not all(isinstance(group, dict) and group for group in parts):
            raise self._refuse("wide must name lists of columns.", hint="Write [incidents.wide].")
        groups = tuple(self._lists(self._canonical(group, "wide"), "wide") for group in parts)
        for group in groups:
            if len({len(names) for names in group.values()}) > 1:
                raise self._refuse("Lists of one group must be equally long.", "wide")
        return groups

    def _texts(self, part: Any, key: str) -> dict[str, str]:
        if not isinstance(part, dict) or not all(isinstance(text, str) for text in part.values()):
            raise self._refuse("Every value must be text in quotes.", key)
        return part

    def _lists(self, part: Any, key: str) -> dict[str, tuple[str, ...]]:
        if not isinstance(part, dict):
            raise self._refuse(f"{key} must be a section of names and lists.")
        return {name: self._list(texts, key) for name, texts in part.items()}

    def _list(self, part: Any, key: str) -> tuple[str, ...]:
        if not isinstance(part, list) or not part or not all(isinstance(text, str) for text in part):
            raise self._refuse("A list of texts is needed here.", key, 'Write ["A", "B"].')
        return tuple(part)

    def _text(self, part: Any, key: str) -> str:
        if not isinstance(part, str) or not part:
            raise self._refuse(f"{key} must be text in quotes.")
        return part

    def _delimiter(self, part: Any) -> str:
        if not isinstance(part, str) or len(part) != 1 or part == '"' or not (part == "\t" or " " <= part <= "~"):
            raise self._refuse(
                "delimiter must be one character of ASCII, and no quotation mark.",
                hint='Write delimiter = ";" or "\\t".',
            )
        return part

    def _header_row(self, part: Any) -> int:
        if not isinstance(part, int) or isinstance(part, bool) or part < 1:
            raise self._refuse("header_row must be a line number from 1 on.")
        return part

    def _from(self, part: Any) -> str:
        others = [table for table in MODELS if table != self.table]
        _known(part, others, f"{self.file}, [{self.table}]", "another table", "Tables")
        return str(part)

    def _time_zone(self, part: Any) -> str:
        try:
            return ZoneInfo(self._text(part, "time_zone")).key
        except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones, a name that no file can have
            raise self._refuse(f"There is no time zone '{part}'.", hint="Write Europe/London or UTC.") from None

    def _date_formats(self, part: Any) -> tuple[str, ...]:
        formats = self._list(part, "date_formats")
        for form in formats:
            try:
                same_day = datetime.strptime(_SAMPLE.strftime(form), form).date() == _SAMPLE.date()
            except (ValueError, re.error):  # strptime makes a regular expression of it
                same_day = False
            if not same_day:
                raise self._refuse(
                    f"The date format '{form}' does not give day, month and year.",
                    hint="Write %d/%m/%Y or %d/%m/%Y %H:%M, as for Python's strptime.",
                )
        return formats

    def _no_column_twice(self, mapping: TableMapping) -> None:
        wide = [column for group in mapping.wide for column in group]
        seen: set[str] = set()
        for column in [*mapping.columns, *mapping.constants, *wide]:
            if column in seen:
                raise self._refuse(f"{column} is given twice (columns, constants and wide exclude each other).")
            seen.add(column)


def _known(name: Any, known: Iterable[str], where: str, what: str, heading: str) -> None:
    names = list(known)
    if name in names:
        return
    near = get_close_matches(str(name), names, 1, 0.6)
    hint = f"Did you mean '{near[0]}'? " if near else ""
    raise MappingError(f"'{name}' is not {what}.", where=where, hint=f"{hint}{heading}: {', '.join(names)}.")

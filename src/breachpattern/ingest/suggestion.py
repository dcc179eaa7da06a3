"""A suggested mapping: what was recognised and what was not, as TOML to look over and in plain words."""

from __future__ import annotations

from dataclasses import dataclass, field

from breachpattern.ingest.mapping import Mapping
from breachpattern.ingest.naming import LOST
from breachpattern.records import MODELS
from breachpattern.records.judge import is_required


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
    header_row : int
        The line of the header.
    sheet : str or None
        The worksheet, where it is not the first.
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
    header_row: int = 1
    sheet: str | None = None

    @property
    def mapping(self) -> Mapping:
        """The suggestion as a mapping that can be used."""
        return Mapping.parse(self.to_toml(), "suggested mapping")  # what people get and what is used are one

    def to_toml(self) -> str:
        """Return the suggestion as TOML, with what could not be placed as comments."""
        lines = [f"# Suggested for {_comment(self.source)}. Look it over; nothing is placed by guessing."]
        lines += [f"# Decide: {_comment(question)}" for question in self.questions]
        lines += ["", f"[{self.table}]"]
        if self.sheet:
            lines.append(f"sheet = {_toml(self.sheet)}")
        if self.header_row > 1:
            lines.append(f"header_row = {self.header_row}  # the lines above it are not read")
        if self.date_formats:
            lines.append(f"date_formats = {_toml(self.date_formats)}")
        left = [part for part in self.unmapped if not part.values_only]
        if left:
            lines += ["# Not placed. What is needed goes under columns; what is not, into unused = [ ... ]."]
            lines += [f"#   {_toml(part.column)}: {_comment(part.reason)}" for part in left]
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

    def _has(self, column: str) -> bool:
        return column in self.columns or any(column in group for group in self.wide)

    def report(self) -> str:
        """Return what was placed and what was not, in plain words."""
        placed = len(self.columns) + sum(len(group) for group in self.wide)
        lines = [f"{self.source}: {placed} columns of {self.table} recognised."]
        if self.sheet:
            lines.append(f"The table stands on the sheet '{self.sheet}'.")
        if self.header_row > 1:
            lines.append(f"The header stands on line {self.header_row}; the lines above it are not read.")
        missing = [
            name
            for name in MODELS[self.table].model_fields
            if is_required(MODELS[self.table], name) and name not in self.columns
        ]
        missing = [name for name in missing if not self._has(name)]
        if missing:
            lines.append(f"Still needed: {', '.join(missing)}.")
        if missing and not placed:
            lines.append("Where the header does not stand on that line, or on that sheet, write header_row or sheet.")
        lines += [
            f"Nothing is placed as {name}: {lost}."
            for name, lost in LOST.items()
            if self.table == "incidents" and not self._has(name)
        ]
        lines += [f"Decide: {question}" for question in self.questions]
        if self.unmapped:
            lines.append("Not placed:")
            lines += [f"  {part.column}: {part.reason}" for part in self.unmapped]
        return "\n".join(lines)


def _toml(value: str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04X}" for c in escaped) + '"'


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))

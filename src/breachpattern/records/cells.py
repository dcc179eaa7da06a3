"""How the text of one cell becomes a typed value: one reader for each type of cell.

The readers stand behind the Pydantic models and behind the columnar checks alike, so that a cell cannot mean
one thing to a row and another to a column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from pydantic_core import PydanticCustomError, core_schema

from breachpattern.records.moments import LONDON_NAME, Unreadable, read_when
from breachpattern.spans import LONDON
from breachpattern.vocabulary import Vocabulary

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo

NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,18})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
COUNT = re.compile(r"(\d{1,9})(?:\.0+)?", re.ASCII)
POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}|GIR0AA", re.ASCII)
PART_POSTCODE = re.compile(r"[A-Z]{1,2}(\d[A-Z\d]?( ?\d[A-Z]?)?)?", re.ASCII)
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::00)?", re.ASCII)
SPELLINGS = 1024  # of codes, and lists of codes, whose meaning is remembered for each vocabulary
BOOLEANS = {"true": True, "yes": True, "y": True, "t": True, "1": True,
            "false": False, "no": False, "n": False, "f": False, "0": False}  # fmt: skip


class OrderKindRead(Protocol):
    """What a text was taken to mean as a kind of order."""

    @property
    def kind(self) -> str | None:
        """The code of the kind, ``None`` where it means several or none."""

    @property
    def named(self) -> Sequence[str]:
        """The codes of the kinds that it names."""

    @property
    def not_in_force(self) -> bool:
        """Whether it says that no such order was made or holds."""


class OrderKinds(Protocol):
    """What reading an order needs of the catalogue of law."""

    @property
    def order_kinds(self) -> Mapping[str, Any]:
        """Kinds of orders by code."""

    def read_order_kind(self, text: str, /) -> OrderKindRead:
        """Return the kind that a text means, and why where it means none."""

    def order_kinds_near(self, text: str, /) -> Sequence[str]:
        """Return the kinds whose names come closest, best first."""


@cache
def built_in_catalogue() -> OrderKinds:
    """Return the catalogue that comes with the package."""
    from breachpattern.law import Catalogue

    return Catalogue.load()


def london_today() -> date:
    """Return today's date in London."""
    return datetime.now(LONDON).date()


@dataclass(frozen=True)
class Reading:
    """How cells are read: the context of a validation.

    Parameters
    ----------
    date_formats : tuple of str
        Formats beside ISO 8601, in the order in which they are tried.
    time_zone : str
        Of clock times without an offset.
    list_separator : str
        Between the items of a list in one cell.
    today : date
        The day of the run; later occurrences lie in the future.
    catalogue : OrderKinds, optional
        Knows the kinds of orders; the built-in catalogue where none is given.
    """

    date_formats: tuple[str, ...] = ()
    time_zone: str = LONDON_NAME
    list_separator: str = ";"
    today: date = field(default_factory=london_today)
    catalogue: OrderKinds | None = None

    @property
    def kinds(self) -> OrderKinds:
        """The catalogue that decides what is a kind of order."""
        return self.catalogue if self.catalogue is not None else built_in_catalogue()


@dataclass(frozen=True)
class Cell:
    """A type of cell: its name, how its text is read, and its JSON Schema.

    As metadata of a model's field it makes Pydantic read the cell in this way; a value that is typed already
    is written as text and read again.
    """

    name: str
    read: Callable[[str, Reading], Any]
    schema: Mapping[str, Any]
    vocabulary: Vocabulary | None = None

    def __hash__(self) -> int:
        return hash((self.name, self.read))

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Return the schema that calls this reader."""
        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the JSON Schema of the value."""
        return dict(self.schema)

    def _validate(self, value: Any, info: ValidationInfo) -> Any:
        context = info.context
        reading = context if isinstance(context, Reading) else Reading()
        text = value.strip() if isinstance(value, str) else as_text(value, reading.list_separator)
        try:
            return self.read(text, reading)
        except Unreadable as problem:
            raise refusal(problem) from None


def refusal(problem: Unreadable, column: str = "") -> PydanticCustomError:
    """Return the Pydantic error that carries a problem; ``column`` where a rule on the whole row failed."""
    context = {"message": problem.message, "hint": problem.hint, "keep": problem.keep or "", "column": column}
    return PydanticCustomError(problem.code, "{message}", context)


def as_text(value: Any, separator: str = ";") -> str:
    """Return a value as the text of a cell.

    Examples
    --------
    >>> as_text(True), as_text(3.0), as_text(["a", "b"]), as_text(None)
    ('true', '3', 'a;b', '')
    """
    if isinstance(value, str):
        return value.strip()
    if value is None or _is_missing(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Iterable) and not isinstance(value, (bytes, Mapping)):
        return separator.join(as_text(item, separator) for item in value)
    return str(value).strip()


def _is_missing(value: Any) -> bool:
    """Return whether a value is nothing that equals itself: not a number, not a time, pandas.NA."""
    try:
        return bool(value != value)
    except TypeError:  # pandas.NA does not say
        return type(value).__name__ == "NAType"
    except ValueError:  # an array says it of each
        return False


def items(text: str, separator: str) -> list[str]:
    """Return the items of a list in one cell, trimmed, without blanks."""
    return [item.strip() for item in text.split(separator) if item.strip()]


def normal(text: str) -> str:
    """Return a code as vocabularies write it: lower case, words joined by ``_``.

    Examples
    --------
    >>> normal("Ex-Partner"), normal(" social media")
    ('ex_partner', 'social_media')
    """
    return "_".join(text.casefold().replace("-", " ").replace("_", " ").split())


def text_cell() -> Cell:
    """Return the cell of free text and of references: kept exactly as written, but trimmed."""
    return Cell("text", lambda text, _: text, {"type": "string"})


def when_cell() -> Cell:
    """Return the cell of a day or a time."""
    return Cell(
        "when",
        lambda text, reading: read_when(text, reading.date_formats, reading.time_zone),
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]},
    )


def code_cell(vocabulary: Vocabulary) -> Cell:
    """Return the cell of one code of a vocabulary."""

    @lru_cache(maxsize=SPELLINGS)
    def known(text: str) -> str:
        code = normal(text)
        if code not in vocabulary:
            raise _unknown([text], vocabulary, keep=None)
        return code

    enum = list(vocabulary.values)
    return Cell("code", lambda text, _: known(text), {"type": "string", "enum": enum}, vocabulary)


def codes_cell(vocabulary: Vocabulary) -> Cell:
    """Return the cell of a list of codes; what is known of it is kept."""

    @lru_cache(maxsize=SPELLINGS)
    def known(text: str, separator: str) -> tuple[str, ...]:
        codes = dict.fromkeys(items(text, separator))
        unknown = [item for item in codes if normal(item) not in vocabulary]
        known = dict.fromkeys(normal(item) for item in codes if normal(item) in vocabulary)
        if unknown:
            raise _unknown(unknown, vocabulary, keep=separator.join(known))
        return tuple(known)

    item = {"type": "string", "enum": list(vocabulary.values)}
    return Cell(
        "codes", lambda text, reading: known(text, reading.list_separator), {"type": "array", "items": item}, vocabulary
    )


def _unknown(seen: list[str], vocabulary: Vocabulary, keep: str | None) -> Unreadable:
    near = get_close_matches(normal(seen[0]), vocabulary.values, 1, 0.7)
    closest = f"Nearest: {near[0]}. " if near else ""
    words = ", ".join(f"'{item}'" for item in seen)
    verb = "is not a code" if len(seen) == 1 else "are not codes"
    return Unreadable(
        "unknown_value",
        f"{words} {verb} of {vocabulary.name}.",
        f"{closest}Known: {', '.join(vocabulary.values)}.",
        keep=keep,
    )


def ids_cell() -> Cell:
    """Return the cell of a list of references."""
    return Cell(
        "ids",
        lambda text, reading: tuple(dict.fromkeys(items(text, reading.list_separator))),
        {"type": "array", "items": {"type": "string"}},
    )


def _boolean(text: str, _: Reading) -> bool:
    value = BOOLEANS.get(text.casefold())
    if value is None:
        raise Unreadable("unreadable_boolean", f"'{text}' is neither true nor false.", "Write true or false.")
    return value


def boolean_cell() -> Cell:
    """Return the cell of true or false."""
    return Cell("boolean", _boolean, {"type": "boolean"})


def number_cell(low: float, high: float, unit: str) -> Cell:
    """Return the cell of a number between two bounds, both included."""

    def read(text: str, _: Reading) -> float:
        if not NUMBER.fullmatch(text):
            raise Unreadable("unreadable_number", f"'{text}' is not a number.", f"Write {unit} such as {high / 2:g}.")
        value = float(text)
        if not low <= value <= high:
            raise Unreadable("out_of_range", f"{text} does not lie between {low:g} and {high:g} {unit}.", "Correct it.")
        return value

    return Cell("number", read, {"type": "number", "minimum": low, "maximum": high})


def count_cell(least: int, most: int) -> Cell:
    """Return the cell of a whole number between two bounds, both included."""

    def read(text: str, _: Reading) -> int:
        parts = COUNT.fullmatch(text)
        if not parts:
            raise Unreadable("unreadable_number", f"'{text}' is not a whole number.", "Write digits only.")
        if not least <= int(parts[1]) <= most:
            raise Unreadable("out_of_range", f"{text} does not lie between {least} and {most:,}.", "Correct it.")
        return int(parts[1])

    return Cell("count", read, {"type": "integer", "minimum": least, "maximum": most})


def _clock(text: str, _: Reading) -> time:
    parts = CLOCK.fullmatch(text)
    if not parts:
        raise Unreadable("unreadable_time", f"'{text}' is not a time of day.", "Write it as 22:00.")
    return time(int(parts[1]), int(parts[2]))


def clock_cell() -> Cell:
    """Return the cell of a time of day."""
    return Cell("clock", _clock, {"type": "string", "format": "time"})


def _postcode(text: str, _: Reading) -> str:
    tight = "".join(text.upper().split())
    if POSTCODE.fullmatch(tight):
        return tight
    part = " ".join(text.upper().split())
    if PART_POSTCODE.fullmatch(part):
        return part
    raise Unreadable("unreadable_postcode", f"'{text}' is not a UK postcode or the beginning of one.",
                     "Write it as ZZ2 3AB or ZZ2.")  # fmt: skip


def postcode_cell() -> Cell:
    """Return the cell of a UK postcode: upper case, without spaces where it is whole."""
    return Cell("postcode", _postcode, {"type": "string"})


def _postcodes(text: str, reading: Reading) -> tuple[str, ...]:
    known: dict[str, None] = {}
    wrong: list[Unreadable] = []
    for item in items(text, reading.list_separator):
        try:
            known[_postcode(item, reading)] = None
        except Unreadable as problem:
            wrong.append(problem)
    if wrong:
        raise Unreadable(wrong[0].code, wrong[0].message, wrong[0].hint, keep=reading.list_separator.join(known))
    return tuple(known)


def postcodes_cell() -> Cell:
    """Return the cell of a list of postcodes or beginnings of postcodes."""
    return Cell("postcodes", _postcodes, {"type": "array", "items": {"type": "string"}})


def _order_kind(text: str, reading: Reading) -> str:
    read = reading.kinds.read_order_kind(text)
    if read.kind is not None:
        return read.kind
    if read.not_in_force:
        raise Unreadable(
            "unknown_order_kind",
            f"'{text}' names {' and '.join(read.named)}, but says that none was made, or none that holds.",
            "Leave out what was never ordered; give a past order by its kind alone, with ends or discharged_on.",
        )
    near = reading.kinds.order_kinds_near(text)
    raise Unreadable(
        "unknown_order_kind",
        f"'{text}' is not a kind of order that the catalogue knows.",
        f"Nearest: {', '.join(near)}."
        if near
        else "docs/reference/catalogue.md lists the kinds, such as non_molestation.",
    )


def order_kind_cell() -> Cell:
    """Return the cell of a kind of order, decided by the catalogue."""
    return Cell("order_kind", _order_kind, {"type": "string"})

"""From TOML files to entries: checks every key, type and choice, and says where a problem is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from breachpattern.documents import Unreadable, parse_toml
from breachpattern.law.codes import spellings
from breachpattern.law.entries import (
    Behaviour,
    BreachInLaw,
    CrimeOutcome,
    Dates,
    Entry,
    NotificationDuty,
    Offence,
    OrderKind,
    Provision,
    RecordingRule,
    Sourced,
    Term,
)
from breachpattern.law.overlay import WHOLE, changes, overlay
from breachpattern.vocabulary import BREACH_KINDS, NATURES, TERMS

ENTRY_CLASSES: dict[str, type[Entry]] = {
    "provision": Provision,
    "order_kind": OrderKind,
    "offence": Offence,
    "behaviour": Behaviour,
    "term": Term,
    "recording_rule": RecordingRule,
    "outcome": CrimeOutcome,
}
TERM_CLASSES = ("prohibition", "requirement", "notification")
CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("order_kind", "begins"): ("making", "service"),
    ("order_kind", "awareness"): ("none", "without_notice", "service"),
    ("order_kind", "default_terms"): TERMS.values,
    ("breach", "nature"): NATURES.values,
    ("breach", "by"): ("conduct", "made"),
    ("breach", "term_classes"): TERM_CLASSES,
    ("notification", "trigger"): ("service", "making", "in_force"),
    ("offence", "role"): ("core", "breach", "contributory", "context"),
    ("offence", "mode"): ("summary", "either way", "indictable", "not an offence"),
    ("offence", "conduct"): ("stalking", "harassment", "fear_of_violence", "coercive_control", ""),
    ("offence", "breach_kind"): (*BREACH_KINDS.values, ""),
    ("outcome", "ends_with"): ("charge", "caution", "resolution", "nothing"),
    ("term", "term_class"): TERM_CLASSES,
    ("term", "breach_kind"): BREACH_KINDS.values,
    ("behaviour", "s2a"): ("", "a", "b", "c(i)", "c(ii)", "d", "e", "f", "g"),
}
_ACT_KEYS = frozenset({"title", "url", "extent", "path", "unit"})
_HEADER: dict[str, type] = {"version": str, "checked": date}
_WORDS = ("stop", "distinct", "same", "acts", "phrases", "places", "guard", "narrative")
_UNWRITTEN = frozenset({"id", "origin", "checked", "in_force", "breaches"})
_SUMMARY_LIMIT_MONTHS = 6  # Magistrates' Courts Act 1980 s.127(1)


@dataclass(frozen=True)
class Problem:
    """Something wrong or doubtful in a catalogue file: where, what, and what would put it right."""

    file: str
    entry: str
    message: str
    hint: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        """Return the problem as one readable line."""
        place = f"{self.file}, {self.entry}" if self.entry else self.file
        return f"{place}: {self.message}{' ' + self.hint if self.hint else ''}"


@dataclass
class Reading:
    """What a set of files says, by section, and what is wrong with it."""

    entries: dict[str, dict[str, Any]] = field(default_factory=lambda: {s: {} for s in ENTRY_CLASSES})
    tables: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    acts: dict[str, dict[str, Any]] = field(default_factory=dict)
    words: dict[str, dict[str, Any]] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def copy(self) -> Reading:
        """Return a reading that can be added to without changing this one."""
        return Reading(
            {section: dict(table) for section, table in self.entries.items()},
            dict(self.tables),
            dict(self.acts),
            {section: dict(table) for section, table in self.words.items()},
            dict(self.header),
            list(self.problems),
        )


def toml_files(place: str | Path) -> list[Path]:
    """Return the TOML files of a folder in name order, or the file itself."""
    path = Path(place)
    return sorted(path.glob("*.toml")) if path.is_dir() else [path]


def read(files: Sequence[Path], into: Reading, *, label: str = "") -> Reading:
    """Read files into a reading; an entry is laid over one of the same id that an earlier layer gave.

    Parameters
    ----------
    files : sequence of Path
        TOML files of one layer. Two of them may not define the same entry.
    into : Reading
        What earlier layers said; it is changed and returned.
    label : str, optional
        Put before the file name in the origin of each entry.
    """
    seen: dict[tuple[str, str], str] = {}
    documents = [(path, _parse(path, into.problems)) for path in files]
    for path, document in documents:  # Acts and the check date first: entries of other files rest on them
        _read_head(path, document, into)
    for path, document in documents:
        origin = f"{label}{path.name}" if label else str(path)
        for section, tables in document.items():
            if section in ("act", "catalogue", "words"):
                continue
            if section not in ENTRY_CLASSES:
                known = ", ".join([*ENTRY_CLASSES, "act", "catalogue", "words"])
                into.problems.append(Problem(origin, section, "no such section.", f"Sections are: {known}."))
                continue
            for ident, table in _tables(tables, path, section, into.problems).items():
                if (section, ident) in seen:
                    first = seen[section, ident]
                    into.problems.append(Problem(origin, ident, f"is already defined in {first}."))
                seen[section, ident] = origin
                whole = _laid_over(into, origin, section, ident, table)
                entry = _Builder(into, origin, section, ident).entry(whole)
                if entry is not None:
                    into.entries[section][ident] = entry
    return into


def _laid_over(into: Reading, origin: str, section: str, ident: str, table: dict[str, Any]) -> Mapping[str, Any]:
    """Return an entry with what an earlier layer said of it, and note what it changes."""
    earlier, before = into.tables.get((section, ident)), into.entries[section].get(ident)
    merged = overlay(earlier or {}, table) if isinstance(table.get(WHOLE, False), bool) else table
    into.tables[section, ident] = merged
    if earlier is not None and before is not None:
        said = f"{changes(earlier, merged)}, of the entry in {before.origin}."
        into.problems.append(Problem(origin, f"{section}.{ident}", said, severity="note"))
    return merged


def _read_head(path: Path, document: dict[str, Any], into: Reading) -> None:
    for act, table in _tables(document.get("act", {}), path, "act", into.problems).items():
        if all(isinstance(table.get(key), str) for key in ("title", "url")) and set(table) <= _ACT_KEYS:
            into.acts[act] = table
        else:
            hint = f"Allowed: {', '.join(sorted(_ACT_KEYS))}; title and url are needed."
            into.problems.append(Problem(str(path), f"act.{act}", "is not a whole Act.", hint))
    for section in ("catalogue", "words"):
        if not isinstance(document.get(section, {}), dict):
            into.problems.append(Problem(str(path), section, "must be a table.", f"Write [{section}]."))
            document[section] = {}
    for key, value in document.get("catalogue", {}).items():
        if isinstance(value, _HEADER.get(key, ())):
            into.header[key] = value
        else:
            hint = "Allowed: version (text) and checked (a date, without quotes)."
            into.problems.append(Problem(str(path), "catalogue", f"'{key}' cannot be {value!r}.", hint))
    for name, table in document.get("words", {}).items():
        if name not in _WORDS:
            hint = f"Allowed: {', '.join(_WORDS)}."
            into.problems.append(Problem(str(path), "words", f"'{name}' is not a table of words.", hint))
            continue
        known = into.words.setdefault(name, {})
        for form, words in (table if isinstance(table, dict) else {"all": table}).items():
            if isinstance(words, list) and all(isinstance(word, str) for word in words):
                known[form] = [*known.get(form, []), *words]
            else:
                where = f"words.{name}"
                into.problems.append(Problem(str(path), where, f"'{form}' must be a list of texts."))


def _parse(path: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        return parse_toml(path.read_text(encoding="utf-8"))
    except Unreadable as error:
        problems.append(Problem(str(path), "", f"is not valid TOML: {error}."))
    except UnicodeDecodeError:
        problems.append(Problem(str(path), "", "is not UTF-8 text.", "Save it again as UTF-8."))
    except OSError as error:
        problems.append(Problem(str(path), "", f"cannot be read: {error.strerror}."))
    return {}


def _tables(value: Any, path: Path, section: str, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    if isinstance(value, dict) and all(isinstance(table, dict) for table in value.values()):
        return value
    problems.append(Problem(path.name, section, "must hold one table for each id.", f"Write [{section}.ID]."))
    return {}


class _Builder:
    """Builds one entry, noting every problem instead of stopping at the first."""

    def __init__(self, reading: Reading, origin: str, section: str, ident: str) -> None:
        self.reading = reading
        self.origin = origin
        self.section = section
        self.ident = ident
        self.sound = True

    def entry(self, table: Mapping[str, Any]) -> Entry | None:
        values = dict(table)
        more: dict[str, Any] = {"id": self.ident, "origin": self.origin}
        if self.section == "order_kind":
            more["breaches"] = tuple(self.part(BreachInLaw, "breach", part) for part in _list(values.pop("breach", [])))
            if "notification" in values:
                more["notification"] = self.part(NotificationDuty, "notification", values["notification"])
                del values["notification"]
            values.setdefault("family", self.ident)
        if self.section == "provision":
            self._provision(values)
        if self.section == "offence" and values.get("mode") == "summary":
            values.setdefault("limitation_months", _SUMMARY_LIMIT_MONTHS)
        for key in ("ho_codes", "cjs_codes"):
            if isinstance(values.get(key), list):
                values[key] = [self._code(key, code) for code in values[key]]
        if values.get("limitation_months") == 0:
            values["limitation_months"] = None
        built: Entry | None = self.build(ENTRY_CLASSES[self.section], self.section, values, more)
        return built

    def _code(self, key: str, code: Any) -> Any:
        """Return a code in the spelling that records are looked up by."""
        known = spellings(code) if isinstance(code, str) else ()
        if isinstance(code, str) and not known:
            hint = "Write a Home Office code as 008/65, a CJS code as PH97010."
            self.problem(f"'{code}' in {key} is no offence code.", hint)
        return known[0] if known else code

    def part(self, kind: type[Sourced], name: str, table: Any) -> Any:
        if not isinstance(table, dict):
            self.problem(f"{name} must be a table.")
            return None
        return self.build(kind, name, dict(table), {})

    def _provision(self, values: dict[str, Any]) -> None:
        act = self.reading.acts.get(values.setdefault("act", self.ident.split(".")[0]))
        if act is None:
            acts = ", ".join(get_close_matches(str(values["act"]), self.reading.acts, 3)) or "an [act] table"
            self.problem(f"Act '{values['act']}' is not known.", f"Nearest: {acts}.")
            return
        section = values.setdefault("section", self.ident.partition(".s")[2])
        values.setdefault("title", f"{act['title']}, {act.get('unit', 's.')}{section}".rstrip(" ,"))
        values.setdefault("extent", act.get("extent", "E&W"))
        number = re.match(r"\d+[A-Z]*", values["section"])
        path = values.pop("path", act.get("path", "/section/") + number.group() if number else "")
        values.setdefault("url", act["url"] + path)
        values.setdefault("source", values["url"])
        values["act"] = act["title"]

    def build(self, kind: type[Sourced], name: str, values: dict[str, Any], more: dict[str, Any]) -> Any:
        specification = {f.name: f for f in fields(kind)}
        allowed = sorted((set(specification) - _UNWRITTEN) | {"from", "to", "checked", "verified"})
        values = self._dates(values)
        if values.pop("verified", True) is False:
            values["unverified"] = ["entry", *_list(values.get("unverified", []))]
        values.setdefault("checked", self.reading.header.get("checked", date.min))
        for key in [key for key in values if key not in specification]:
            near = get_close_matches(key, allowed, 1)
            hint = f"Did you mean '{near[0]}'? " if near else ""
            self.problem(f"'{key}' is not a key of {name}.", f"{hint}Allowed: {', '.join(allowed)}.")
            del values[key]
        for key, value in values.items():
            values[key] = self._checked(name, key, str(specification[key].type), value)
        for key, spec in specification.items():
            if key not in values and key not in more and spec.default is MISSING:
                self.problem(f"{name} needs '{key}'.")
        return kind(**values, **more) if self.sound else None

    def _dates(self, values: dict[str, Any]) -> dict[str, Any]:
        start, end = values.pop("from", None), values.pop("to", None)
        for key, value in (("from", start), ("to", end)):
            if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
                self.problem(f"'{key}' must be a date.", "Write it without quotes, as 2019-05-01.")
                return values
        if start and end and end <= start:
            self.problem(f"ends ({end}) before it begins ({start}).")
        values["in_force"] = Dates(start, end)
        return values

    def _checked(self, name: str, key: str, kind: str, value: Any) -> Any:
        if kind.startswith("tuple"):
            if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
                self.problem(f"'{key}' must be a list of texts.")
                return ()
            value = tuple(value)
        elif not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "bool"):
            self.problem(f"'{key}' must be {_NAMES[kind]}, not {value!r}.")
            return value
        choices = CHOICES.get((name, key))
        if choices is not None:
            for item in value if isinstance(value, tuple) else (value,):
                if item not in choices:
                    self.problem(f"'{key}' may not be '{item}'.", f"Allowed: {', '.join(choices)}.")
        return value

    def problem(self, message: str, hint: str = "") -> None:
        self.sound = False
        self.reading.problems.append(Problem(self.origin, f"{self.section}.{self.ident}", message, hint))


_TYPES: dict[str, Any] = {
    "str": str,
    "bool": bool,
    "int": int,
    "int | None": (int, type(None)),
    "date": date,
    "Dates": Dates,
}
_NAMES = {"str": "text", "bool": "true or false", "int": "a whole number", "int | None": "a whole number",
          "date": "a date", "Dates": "dates"}  # fmt: skip


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

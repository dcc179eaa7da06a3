"""Packs: folders of pattern and filter files, the core pack first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from breachpattern.documents import Unreadable, parse_toml
from breachpattern.errors import PatternError
from breachpattern.patterns.headlines import faults_of
from breachpattern.patterns.model import Filter, Pattern, read_filter, read_pattern
from breachpattern.patterns.tree import check

CORE = Path(__file__).parent / "packs" / "core"
RETIRED = "retired.toml"


@dataclass(frozen=True)
class Packs:
    """What some folders hold: patterns by file name, filters, and a version that changes with every byte."""

    patterns: tuple[Pattern, ...]
    filters: tuple[Filter, ...]
    version: str


def load_packs(packs: Sequence[str | Path] = ()) -> tuple[Pattern, ...]:
    """Return the patterns of the core pack and of further folders.

    Parameters
    ----------
    packs : sequence of path
        Folders (or single files) of your own, added to the core pack.

    Raises
    ------
    PatternError
        Where a file is not a pattern, names an unknown criterion, or uses an id that is taken or retired.

    Examples
    --------
    >>> "breach_in_course" in {pattern.id for pattern in load_packs()}
    True
    """
    return read_packs(packs).patterns


def read_packs(packs: Sequence[str | Path] = (), filters: Sequence[str | Path] = ()) -> Packs:
    """Return patterns, filters and version of the core pack, further packs and filter files."""
    core = _core()
    places = [Path(p) for p in packs], [Path(f) for f in filters]
    if not packs and not filters:
        return core
    digest = hashlib.sha256(core.version.encode())
    patterns, held = list(core.patterns), list(core.filters)
    taken = {pattern.id: pattern.source for pattern in patterns} | dict.fromkeys(retired_ids(), "the retired ids")
    further = [(*found, False) for found in tables(places[0], digest)]
    further += [(*found, True) for found in tables(places[1], digest)]
    for path, kind, table, only_filters in further:
        if kind == "filter":
            held.append(_sound_filter(read_filter(table, str(path))))
            continue
        if only_filters:
            raise PatternError(
                "There is no [[filter]] in this file.",
                where=str(path),
                hint="Write [[filter]] with id, reason, author, expires and what it is about; give patterns apart.",
            )
        pattern = _sound(read_pattern(table, str(path)))
        if pattern.id in taken:
            raise PatternError(
                f"The id '{pattern.id}' is already used by {taken[pattern.id]}.",
                where=str(path),
                hint="An id is never reused, because decisions refer to it. Choose another.",
            )
        taken[pattern.id] = str(path)
        patterns.append(pattern)
    return Packs(tuple(patterns), tuple(held), f"{core.version}+{digest.hexdigest()[:8]}")


def tables(places: Sequence[Path], digest: Any = None) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """Yield (file, ``pattern`` or ``filter``, parsed table) of folders and files in name order."""
    for place in places:
        files = sorted(place.glob("*.toml")) if place.is_dir() else [place]
        if not files or not place.exists():
            raise PatternError(
                "There is no .toml file in this folder." if place.is_dir() else "There is no such file or folder.",
                where=str(place),
                hint="Patterns and filters stand in .toml files: give one, or a folder that holds some.",
            )
        for path in files:
            if path.name == RETIRED:
                continue
            try:
                content = path.read_bytes()
            except OSError as error:
                raise PatternError(
                    f"The file cannot be read: {error.strerror}.", where=str(path), hint="Check that you may read it."
                ) from None
            if digest is not None:
                # As TOML itself has it: how a line ends is no difference (git may change it on checkout).
                digest.update(path.name.encode() + b"\0" + content.replace(b"\r\n", b"\n"))
            data = parsed(path, content)
            if "filter" in data:
                if not isinstance(data["filter"], list) or not all(isinstance(one, dict) for one in data["filter"]):
                    raise PatternError("filter must be a list of tables.", where=str(path), hint="Write [[filter]].")
                yield from ((path, "filter", table) for table in data["filter"])
            else:
                yield path, "pattern", data


def parsed(path: Path, content: bytes) -> dict[str, Any]:
    """Return a TOML file as a table; :class:`PatternError` where it is none."""
    try:
        return parse_toml(content.decode("utf-8"))
    except (Unreadable, UnicodeDecodeError) as error:
        raise PatternError(
            f"This is not valid TOML: {error}.",
            where=str(path),
            hint="Patterns and filters stand in .toml files; put that line right, or name another file.",
        ) from None


@cache
def _core() -> Packs:
    digest = hashlib.sha256()
    patterns = tuple(_sound(read_pattern(table, path.name)) for path, _, table in tables([CORE], digest))
    return Packs(patterns, (), f"core-{digest.hexdigest()[:8]}")


@cache
def retired_ids() -> frozenset[str]:
    """Return the ids that once stood for a pattern and never will again."""
    path = CORE / RETIRED
    return frozenset(parsed(path, path.read_bytes()).get("retired", {}))


def _sound(pattern: Pattern) -> Pattern:
    for place, node in pattern.conditions():
        unit = "breach" if place == "members" else pattern.unit
        for problem in check(node, unit):
            raise PatternError(
                problem,
                where=f"{pattern.source}, {place}",
                hint="Criteria and what they take: docs/reference/patterns.md.",
            )
    for message, hint in faults_of(pattern):
        raise PatternError(message, where=f"{pattern.source}, headline", hint=hint)
    return pattern


def _sound_filter(held: Filter) -> Filter:
    if held.empty:
        raise PatternError(
            f"The filter '{held.id}' would suppress every finding.",
            where=held.source,
            hint="Name patterns, levels, suspects, victims, incidents, orders, or a condition.",
        )
    if held.when is not None:
        for problem in check(held.when, ""):
            raise PatternError(
                problem,
                where=f"{held.source}, {held.id}",
                hint="Criteria and what they take: docs/reference/patterns.md.",
            )
    return held

"""Coverage of the law: ``python -m proof.law`` (in ``make pages``) writes docs/coverage_of_the_law.md.

For every provision, order kind, offence and recording rule of the catalogue: whether it is verified and when, what of
the data and the code rests on it, and which test holds it. Nothing on the page is written by hand.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from breachpattern.law import Catalogue
from breachpattern.law.entries import Entry
from breachpattern.patterns import load_packs
from breachpattern.patterns.tree import leaves
from proof.tests_of import ROOT, naming, parametrised

PAGE = ROOT / "docs" / "coverage_of_the_law.md"
SOURCE = ROOT / "src" / "breachpattern"
RESTATED = "tests.law.test_restated"
# Tests that hold something which is no row of a table.
SINGLE = {"common_law": ["tests/law/test_restated.py::test_the_common_law_has_no_section_and_no_first_day"]}
HEAD = """# Coverage of the law

Written by `make pages` from the catalogue, the code and the tests; not by hand. For every entry: whether it was read in
a primary source and when; what rests on it; which test holds it. The numbered tests below compare an entry with tables
in `tests/law/restated`, which were written from the statutes and the official code lists and not from the catalogue.
Other tests that name the entry come after them, two at most, under `tests`. What each entry says:
[the catalogue](reference/catalogue.md).

"Nothing" under *rests on it* is no fault: an entry may stand in the catalogue for those who look the law up.
"""


def sections() -> dict[str, Mapping[str, Entry]]:
    """Return the four kinds of entries that the page lists, by their heading."""
    law = Catalogue.load()
    return {
        "Order kinds": law.order_kinds,
        "Offences and breaches": law.offences,
        "Recording rules": {rule.id: rule for rule in law.recording_rules},
        "Provisions": law.provisions,
    }


@cache
def tests() -> dict[str, list[str]]:
    """Return the tests that hold each entry, those with expectations of their own first."""
    found = {ident: list(names) for ident, names in (*parametrised(RESTATED).items(), *SINGLE.items())}
    known = [ident for heading, entries in sections().items() if heading != "Recording rules" for ident in entries]
    for ident, names in naming(known).items():
        found.setdefault(ident, []).extend(name for name in names if name not in found.get(ident, ()))
    return found


@cache
def uses() -> dict[str, list[str]]:
    """Return what rests on each entry, by its id: entries of the catalogue, patterns, data and modules that name it."""
    law, out = Catalogue.load(), {}

    def note(ident: str, what: str) -> None:
        if what not in out.setdefault(ident, []):
            out[ident].append(what)

    for kind in law.order_kinds.values():
        duty = kind.notification.provisions if kind.notification else ()
        for key in (*kind.made_under, *(key for breach in kind.breaches for key in breach.provisions), *duty):
            note(key, f"order kind `{kind.id}`")
    for offence in law.offences.values():
        for key in offence.provisions:
            note(key, f"offence `{offence.id}`")
        for key in offence.breach_of:
            note(key, f"offence `{offence.id}`")
        codes = len(offence.ho_codes) + len(offence.cjs_codes)
        note(offence.id, f"reading of records: {codes} codes, {len(offence.labels) + 1} labels")
    for behaviour in law.behaviours.values():
        for key in behaviour.provisions:
            note(key, f"behaviour `{behaviour.id}`")
    for rule in law.recording_rules:
        for key in rule.provisions:
            note(key, f"recording rule `{rule.id}`")
    for pattern, node in ((p, leaf) for p in load_packs() for _, tree in p.conditions() for leaf in leaves(tree)):
        asked = node.parameters.get("requires")
        for rule in law.recording_rules:
            if asked in rule.requires:
                note(rule.id, f"pattern `{pattern.id}`")
        for kind in law.order_kinds.values():
            if node.criterion == "order_family" and kind.family in node.parameters.get("any_of", ()):
                note(kind.id, f"pattern `{pattern.id}`")
        for offence in law.offences.values():
            if node.criterion == "recorded_as" and offence.conduct in node.parameters.get("any_of", ()):
                note(offence.id, f"pattern `{pattern.id}`")
    for pattern in load_packs():
        for key in pattern.provisions:
            note(key, f"pattern `{pattern.id}`")
    known = {ident for entries in sections().values() for ident in entries if "_" in ident or "." in ident}
    for path, texts in _texts_of_source():
        for ident in sorted(known & texts):
            note(ident, f"`{path}`")
        for rule in law.recording_rules:
            if texts & set(rule.requires):
                note(rule.id, f"`{path}`")
    return out


def _texts_of_source() -> Iterator[tuple[str, set[str]]]:
    """Yield the texts of every module and data file outside the catalogue itself, docstrings left out."""
    for path in sorted((*SOURCE.rglob("*.py"), *SOURCE.rglob("*.toml"))):
        name = path.relative_to(SOURCE).as_posix()
        if name.startswith(("law/data/", "patterns/packs/")):
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            yield name, set(_leaves(tomllib.loads(text)))
        else:
            nodes = ast.walk(ast.parse(text))
            yield name, {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        value = value.values()
    if isinstance(value, str):
        yield value
    elif not isinstance(value, int | float | bool) and isinstance(value, Iterable):
        for inner in value:
            yield from _leaves(inner)


def page() -> str:
    """Return the whole page."""
    parts, found = [HEAD], tests()
    counts = [
        f"| {heading.lower()} | {len(entries)} | {sum(e.verified for e in entries.values())} | "
        f"{sum(e.substance_verified and not e.verified for e in entries.values())} | "
        f"{sum(not e.substance_verified for e in entries.values())} | "
        f"{sum(bool(uses().get(i)) for i in entries)} | {sum(bool(found.get(i)) for i in entries)} |"
        for heading, entries in sections().items()
    ]
    head = "| what | entries | verified | but for a side fact | not verified | something rests on it | held by a test |"
    parts.append("\n".join([head, "|---|---|---|---|---|---|---|", *counts]) + "\n")
    told = ["| number | test |", "|---|---|", *(f"| {n} | `{test}` |" for test, n in numbered().items())]
    parts.append("\n".join(told) + "\n")
    for heading, entries in sections().items():
        rows = [
            f"| `{ident}` {entry.title} | {verified(entry)} | {resting(ident)} | {held(ident)} |"
            for ident, entry in entries.items()
        ]
        parts.append(
            "\n".join([f"## {heading}", "", "| entry | verified | rests on it | held by |", "|---|---|---|---|", *rows])
        )
        parts.append("")
    return "\n".join(parts)


def verified(entry: Entry) -> str:
    """Return whether an entry was verified, and when that was last looked at."""
    day = entry.checked.isoformat()
    if entry.verified:
        return day
    doubts = ", ".join({"from": "its first day", "to": "its last day"}.get(fact, fact) for fact in entry.unverified)
    return f"{day} but for {doubts}" if entry.substance_verified else f"**no**, looked for on {day}"


@cache
def numbered() -> dict[str, str]:
    """Return a short name for each test that compares entries with what was restated."""
    own = dict.fromkeys(name for names in (*parametrised(RESTATED).values(), *SINGLE.values()) for name in names)
    return {name: f"T{n}" for n, name in enumerate(own, 1)}


def held(ident: str) -> str:
    """Return the tests of an entry as a cell, ``none`` where there is none."""
    names, short = tests().get(ident, []), numbered()
    others = [name for name in names if name not in short]
    cells = [short[name] for name in names if name in short]
    cells += [f"`{name.removeprefix('tests/')}`" for name in others[:2]]
    more = [f"and {len(others) - 2} more"] if len(others) > 2 else []
    return ", ".join([*cells, *more]) or "none"


def resting(ident: str) -> str:
    """Return what rests on an entry: four at most, and how many more there are."""
    names, most = uses().get(ident, []), 4
    more = f", and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more or "nothing"


if __name__ == "__main__":
    Path(PAGE).write_text(page(), encoding="utf-8")

"""The reference page of patterns, written from the models, the registry of criteria and the core pack.

``python -m breachpattern.patterns.reference docs/reference/patterns.md`` (or ``make pages``) fills in what stands
between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``; everything else on the page is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from breachpattern.patterns.headlines import PLACEHOLDERS
from breachpattern.patterns.model import STATUSES, Filter, Pattern
from breachpattern.patterns.packs import load_packs
from breachpattern.patterns.registry import UNITS, Criterion, Parameter, all_criteria

_TYPES = {int: "whole number", float: "number", bool: "true or false", str: "text", tuple: "list"}
_UNITS = {
    "course": "a candidate course of conduct",
    "breach": "an incident that breaches an order, or is recorded so with none on file",
    "order": "an order, with every breach of it",
    "dyad": "a suspect and a victim, with all conduct between them",
    "suspect": "a suspect, with every course",
}


def filled(page: str) -> str:
    """Return a page with its generated parts written anew.

    Examples
    --------
    >>> print(filled("<!-- begin units --><!-- end units -->").splitlines()[2])
    | unit | one finding is about |
    """
    parts = {
        "fields": _fields(Pattern),
        "statuses": _table(("status", "means"), STATUSES.items()),
        "units": _table(("unit", "one finding is about"), ((unit, _UNITS[unit]) for unit in UNITS)),
        "placeholders": _table(("placeholder", "stands for"), ((k, p.meaning) for k, p in PLACEHOLDERS.items())),
        "filters": _fields(Filter),
        "criteria": "\n\n".join("\n".join(_criterion(known)) for known in all_criteria()),
        "core": "\n\n".join("\n".join(_pattern(pattern)) for pattern in load_packs()),
    }
    for name, text in parts.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        before, found, rest = page.partition(begin)
        if found:
            page = f"{before}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}"
    return page


def _table(head: tuple[str, ...], rows: Any) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *(f"| `{first}` | {' | '.join(rest)} |" for first, *rest in rows)])


def _fields(model: type[BaseModel]) -> str:
    fields = ((name, field) for name, field in model.model_fields.items() if name != "source")
    rows = ((name, "yes" if field.is_required() else "no", field.description or "") for name, field in fields)
    return _table(("key", "needed", "meaning"), rows)


def _criterion(known: Criterion) -> Iterator[str]:
    yield f"### `{known.id}`"
    yield ""
    everywhere = set(known.units) == set(UNITS)
    yield f"{known.summary.rstrip('.')}. For {'every unit' if everywhere else ', '.join(known.units)}."
    yield f"Rests on: {known.basis.rstrip('.')}."
    if known.parameters:
        yield ""
        rows = ((n, _TYPES[p.kind], _value(p.default), _meaning(p)) for n, p in known.parameters.items())
        yield _table(("parameter", "is", "default", "meaning"), rows)
    if known.reasons:
        yield ""
        yield "Gives: " + "; ".join(f"`{{{name}}}` {reason.meaning}" for name, reason in known.reasons.items()) + "."


def _meaning(parameter: Parameter) -> str:
    allowed = " ".join(f"`{code}`" for code in parameter.codes)
    return parameter.meaning + (f": {allowed}" if allowed else "")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _pattern(pattern: Pattern) -> Iterator[str]:
    yield f"### `{pattern.id}`: {pattern.title}"
    yield ""
    yield pattern.summary
    yield ""
    level = f"level {pattern.level} unless a rule of the file says otherwise"
    yield f"Unit {pattern.unit}, {level}, status {pattern.status}."
    yield f"Basis: {pattern.basis.rstrip('.')}."
    if pattern.provisions:
        yield f"Provisions: {', '.join(f'`{key}`' for key in pattern.provisions)}."
    yield ""
    yield "Known to mislead it:"
    yield ""
    yield from (f"* {text}" for text in pattern.false_positives)


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")

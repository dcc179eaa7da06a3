"""The reference page of features, written from their declarations.

``python -m breachpattern.scoring.features.reference docs/reference/features.md`` (or ``make pages``) fills in what
stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``; everything else on the page is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from breachpattern.scoring.features.declared import (
    Feature,
    declared,
    groups,
    kinds,
    parameters,
    sensitive,
    version,
)

_HEAD = ("feature", "definition", "unit", "reason", "basis", "direction", "source")


def filled(page: str) -> str:
    """Return a page with its generated parts written anew.

    Examples
    --------
    >>> print(filled("<!-- begin parameters --><!-- end parameters -->").splitlines()[2])
    | parameter | value | basis |
    """
    parts = {
        "version": f"Version {version()} of the declared features.",
        "features": "\n\n".join(_groups()),
        "parameters": _parameters(),
        "kinds": _table(("kind", "behaviours"), ((name, ", ".join(done)) for name, done in kinds().items())),
        "sensitive": _table(("word", "why"), sensitive().items()),
    }
    for name, text in parts.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        before, found, rest = page.partition(begin)
        if found:
            page = f"{before}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}"
    return page


def _groups() -> Iterator[str]:
    for group, about in groups().items():
        rows = (_row(feature) for feature in declared() if feature.group == group)
        yield f"### `{group}`: {about[0].lower()}{about[1:]}\n\n{_table(_HEAD, rows)}"


def _row(feature: Feature) -> tuple[str, ...]:
    only = f" Only of a {feature.of}." if feature.of else ""
    up = "never lower" if feature.direction else ""
    definition = f"{feature.definition}.{only}"
    return feature.name, definition, feature.unit, feature.reason, feature.basis, up, f"`{feature.source}`"


def _parameters() -> str:
    numbers = parameters()
    rows = ((name, _shown(numbers[name]), basis) for name, basis in numbers["basis"].items())
    return _table(("parameter", "value", "basis"), rows)


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *(f"| `{first}` | {' | '.join(rest)} |" for first, *rest in rows)])


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")

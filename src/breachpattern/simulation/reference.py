"""The reference page of the simulation, written from the parameters and the columns of truth.

``python -m breachpattern.simulation.reference docs/reference/simulate.md`` (or ``make pages``) fills in what stands
between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``; everything else on the page is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from breachpattern.simulation.parameters import every_parameter, sections
from breachpattern.simulation.truth import COLUMNS


def filled(page: str) -> str:
    """Return a page with its generated parts written anew.

    Examples
    --------
    >>> print(filled("<!-- begin truth --><!-- end truth -->").splitlines()[2])
    ### truth/incidents
    """
    parts = {"parameters": "\n\n".join(_sections()), "truth": "\n\n".join(_truth())}
    for name, text in parts.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        before, found, rest = page.partition(begin)
        if found:
            page = f"{before}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}"
    return page


def _sections() -> Iterator[str]:
    known = list(every_parameter())
    for name, table in sections():
        rows = [one for one in known if one.section == name]
        lines = [f"### `{name}`", "", f"{table['about'][0].upper()}{table['about'][1:]}.", ""]
        lines += ["| parameter | value | source |", "|---|---|---|"]
        lines += [f"| `{one.name}` | {shown(one.value)} | {one.source} |" for one in rows]
        yield "\n".join(lines)


def shown(value: Any) -> str:
    """Return a value as the page shows it.

    Examples
    --------
    >>> shown({"one": 0.25, "two": 0.75}), shown([0.5, 2]), shown("text")
    ('one 0.25, two 0.75', '0.5, 2', 'text')
    """
    if isinstance(value, dict):
        return ", ".join(f"{name} {shown(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            return "; ".join(f"{' '.join(one['terms']) or 'none'} {one['share']}" for one in value)
        return ", ".join(shown(inner) for inner in value) or "none"
    return str(value) or "none"


def _truth() -> Iterator[str]:
    for name, columns in COLUMNS.items():
        lines = [f"### truth/{name}", "", "| column | meaning |", "|---|---|"]
        yield "\n".join([*lines, *(f"| `{column}` | {meaning} |" for column, meaning in columns.items())])


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")

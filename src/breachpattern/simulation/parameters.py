"""The numbers of the model, each with its source or the word "assumption"."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

NOT_NUMBERS = ("about", "source", "sources")
TABLES_OF_TABLES = ("act", "everyday", "campaign")


@dataclass(frozen=True)
class Parameter:
    """One number (or set of shares) of the model: where it stands, its value, where it comes from."""

    section: str
    name: str
    value: Any
    source: str


@cache
def parameters() -> dict[str, Any]:
    """Return the parameter file as nested dicts.

    Examples
    --------
    >>> parameters()["period"]["start"].isoformat()
    '2016-01-01'
    """
    text = resources.files(__package__).joinpath("parameters.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def sections() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and the table of every section, ``act.message`` among them."""
    for name, table in parameters().items():
        if name in TABLES_OF_TABLES:
            yield from ((f"{name}.{key}", inner) for key, inner in table.items())
        else:
            yield name, table


def every_parameter() -> Iterator[Parameter]:
    """Yield every parameter with its source.

    Examples
    --------
    >>> first = next(every_parameter())
    >>> first.section, first.name, first.source
    ('period', 'start', 'assumption')
    """
    for section, table in sections():
        for name, value in table.items():
            if name not in NOT_NUMBERS:
                yield Parameter(section, name, value, table.get("sources", {}).get(name, table["source"]))


def campaign(kind: str) -> dict[str, Any]:
    """Return the numbers of a kind of campaign, those that all kinds share filled in."""
    shared: dict[str, Any] = parameters()["campaign_defaults"]
    own: dict[str, Any] = parameters()["campaign"][kind]
    return shared | own

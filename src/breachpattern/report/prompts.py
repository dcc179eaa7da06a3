"""What the guidance asks for next, as prompts beside what the record speaks to (``prompts.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from breachpattern.explain import law_of
from breachpattern.law import Catalogue
from breachpattern.report.facts import Fact, Facts


@dataclass(frozen=True)
class Row:
    """One prompt: the question, its provision, and the facts of the record that speak to it (none: not seen)."""

    ask: str
    provision: dict[str, Any] | None
    seen: tuple[Fact, ...]


@dataclass(frozen=True)
class Section:
    """Prompts under one heading, with the source or the provision on which they rest."""

    id: str
    title: str
    lead: str
    asks: str
    source: dict[str, Any] | None
    provision: dict[str, Any] | None
    rows: tuple[Row, ...]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("breachpattern.report").joinpath("prompts.toml").read_text("utf-8"))


def checked() -> date:
    """Return the day on which the prompts were last held against their sources."""
    day = _data()["checked"]
    assert isinstance(day, date)
    return day


def prompts_of(facts: Facts, catalogue: Catalogue) -> list[Section]:
    """Return every prompt with what the record speaks to.

    Parameters
    ----------
    facts : dict of str to Fact
        As :func:`breachpattern.report.facts.facts_of` gives them.
    catalogue : Catalogue
        Says what each provision is and when it was last checked.

    Examples
    --------
    >>> seen = Fact("occasions", "repeated occasions", "3 occasions")
    >>> first = prompts_of({"occasions": seen}, Catalogue.load())[0]
    >>> [(row.ask.split(":")[0], [fact.label for fact in row.seen]) for row in first.rows][-1]
    ('Repeated', ['repeated occasions'])
    """
    data = _data()
    sources = {name: {**source, "checked": data["checked"]} for name, source in data["source"].items()}
    return [
        Section(
            id=section["id"],
            title=section["title"],
            lead=section.get("lead", ""),
            asks=section["asks"],
            source=sources[section["source"]] if "source" in section else None,
            provision=provision(section.get("provision"), catalogue),
            rows=tuple(
                Row(
                    row["ask"],
                    provision(row.get("provision"), catalogue),
                    tuple(facts[name] for name in row["facts"] if name in facts),
                )
                for row in section["row"]
            ),
        )
        for section in data["section"]
    ]


def provision(key: str | None, catalogue: Catalogue) -> dict[str, Any] | None:
    """Return what the catalogue says about a provision, with its key; ``None`` where none is asked for."""
    return None if key is None else {"key": key, **law_of(catalogue, [key])[key]}

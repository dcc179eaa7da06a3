"""The features as they are declared: ``features.toml``, one entry for each word of a list where it says ``over``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from breachpattern.vocabulary import BREACH_KINDS, BREACH_STATUSES, NATURES

UNITS = ("course", "dyad")


@dataclass(frozen=True)
class Feature:
    """One column: what it is, in what unit, why it is there, and which way the law points.

    Attributes
    ----------
    direction : int
        1 where a further connected occasion never lowers it and more of it never speaks against a course, else 0.
    source : str
        The function that works it out, as ``module.function`` of this room.
    of : str
        The kind of row that has it, blank where all have.
    word : str
        The word of a list that it counts, blank where it is no such feature.
    """

    name: str
    group: str
    source: str
    definition: str
    unit: str
    reason: str
    basis: str
    direction: int
    of: str = ""
    word: str = ""


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("features.toml").read_text(encoding="utf-8"))


def version() -> str:
    """Return the version of the declared features: it changes when what a feature says changes."""
    return str(_table()["version"])


def parameters() -> Mapping[str, Any]:
    """Return the fixed numbers that features rest on, and under ``basis`` where each comes from."""
    table: Mapping[str, Any] = _table()["parameters"]
    return table


def kinds() -> Mapping[str, list[str]]:
    """Return the kinds of conduct that are counted, each with its behaviours."""
    table: Mapping[str, list[str]] = _table()["kinds"]
    return table


def sensitive() -> dict[str, str]:
    """Return the words that no feature may be about, and why."""
    table: dict[str, str] = _table()["sensitive"]
    return table


def groups() -> Mapping[str, str]:
    """Return the groups of features, and what each tells."""
    table: Mapping[str, str] = _table()["groups"]
    return table


def _words(over: str) -> Iterator[dict[str, str]]:
    """Yield what stands in the place of each ``{word}``."""
    if over == "kind":
        yield from ({"kind": kind, "behaviours": ", ".join(done)} for kind, done in kinds().items())
        return
    lists: Mapping[str, tuple[Any, ...]] = {
        "window": tuple(parameters()["windows_days"]),
        "breach_status": tuple(s for s in BREACH_STATUSES if s != "not_breach"),
        "breach_kind": BREACH_KINDS.values,
        "nature": NATURES.values,
    }
    yield from ({over: str(word)} for word in lists[over])


@cache
def declared(unit: str | None = None) -> tuple[Feature, ...]:
    """Return the features in the order of their columns.

    Parameters
    ----------
    unit : {"course", "dyad"}, optional
        Only those that such rows have.

    Examples
    --------
    >>> [feature.name for feature in declared("dyad")][:4]
    ['occasions', 'acts', 'acts_most', 'occasions_30d']
    """
    found = []
    for name, entry in _table()["feature"].items():
        entry = dict(entry)
        over = entry.pop("over", None)
        for words in _words(over) if over else ({},):
            texts = {key: text.format(**words) if key == "definition" else text for key, text in entry.items()}
            found.append(Feature(name=name.format(**words), word=words.get(over, ""), **texts))
    return tuple(feature for feature in found if unit is None or feature.of in ("", unit))

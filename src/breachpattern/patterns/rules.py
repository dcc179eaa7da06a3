"""What every finding gets beside its own pattern (``rules.toml``): points, provisions, and what is missing."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from breachpattern.patterns.registry import find_criterion
from breachpattern.patterns.tree import Node, leaves, parse


@dataclass(frozen=True)
class Points:
    """Points on the scale of 0 to 100 that order findings of one level, with their reason."""

    id: str
    points: int
    reason: str
    when: Node


@dataclass(frozen=True)
class Cites:
    """Provisions that are cited where a condition holds."""

    provisions: tuple[str, ...]
    when: Node


@dataclass(frozen=True)
class Missing:
    """What is said to be missing where a condition holds."""

    text: str
    when: Node


@dataclass(frozen=True)
class Rules:
    """The rules of ``rules.toml``."""

    points: tuple[Points, ...]
    cites: tuple[Cites, ...]
    missing: tuple[Missing, ...]

    def conditions(self) -> Iterator[tuple[str, Node]]:
        """Yield every condition with the place where it stands."""
        for kind in ("points", "cites", "missing"):
            for i, rule in enumerate(getattr(self, kind)):
                yield f"rules.toml, {kind} {i + 1}", rule.when


def applies(node: Node, unit: str) -> bool:
    """Return whether every criterion of a condition is defined for a unit."""
    return all(unit in find_criterion(leaf.criterion).units for leaf in leaves(node))


@cache
def rules() -> Rules:
    """Return the rules of ``rules.toml``.

    Examples
    --------
    >>> sum(rule.points for rule in rules().points if rule.id == "clear_course")
    20
    """
    text = files("breachpattern.patterns").joinpath("rules.toml").read_text("utf-8")
    data = tomllib.loads(text)

    def when(table: dict[str, object]) -> Node:
        return parse(table["when"], "rules.toml")

    return Rules(
        tuple(Points(t["id"], t["points"], t["reason"], when(t)) for t in data["points"]),
        tuple(Cites(tuple(t["provisions"]), when(t)) for t in data["cites"]),
        tuple(Missing(t["text"], when(t)) for t in data["missing"]),
    )

"""Findings: which candidates a pattern holds for, and at what level."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from inspect import signature
from typing import Any

from .breaches import Breach
from .candidates import Candidate, Case, candidates, single
from .criteria import CRITERIA, LEFT_OUT
from .reading import Record

Node = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """A pattern that held."""

    id: str
    pattern: str
    level: str
    unit: str
    suspects: tuple[str, ...]
    victims: tuple[str, ...]
    orders: tuple[str, ...]
    incidents: tuple[str, ...]


@cache
def core_patterns() -> tuple[dict[str, Any], ...]:
    """Return the patterns of the core pack as data."""
    folder = files("breachpattern.patterns").joinpath("packs", "core")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".toml")), key=lambda path: path.name)
    read = [tomllib.loads(path.read_text("utf-8")) for path in paths]
    return tuple(pattern for pattern in read if "id" in pattern)


def not_covered() -> list[str]:
    """Return the patterns of the core pack that the reference does not judge."""
    return [
        pattern["id"]
        for pattern in core_patterns()
        if any(name in LEFT_OUT for node in conditions(pattern) for name in names(node))
    ]


def conditions(pattern: dict[str, Any]) -> list[Node]:
    """Return every condition on which a finding of a pattern, or its level, can rest."""
    rules = [rule["when"] for rule in pattern.get("level_rules", ())]
    return [pattern["condition"], *([pattern["members"]] if "members" in pattern else []), *rules]


def names(node: Node) -> Iterator[str]:
    """Yield the criteria that a condition names."""
    if "criterion" in node:
        yield node["criterion"]
        return
    for part in node.get("all", node.get("any", [node.get("not")])):
        yield from names(part)


def find(case: Case) -> list[Finding]:
    """Return the findings of every core pattern that is covered."""
    out, left_out = [], not_covered()
    for pattern in core_patterns():
        if pattern["id"] not in left_out:
            out += [_finding(pattern, c) for c in _that_hold(pattern, case)]
    return sorted(out, key=lambda finding: finding.id)


def _that_hold(pattern: dict[str, Any], case: Case) -> Iterator[Candidate]:
    days = pattern.get("window", {}).get("days")
    members = pattern.get("members")

    def counts(breach: Breach) -> bool:
        return holds(members, single(case, breach), days)

    for candidate in candidates(case, pattern["unit"]):
        kept = candidate if members is None else candidate.with_members(counts)
        if holds(pattern["condition"], kept, days):
            about = pattern.get("about") == "evidence"
            yield kept.about(list(_evidence(pattern["condition"], kept, days))) if about else kept


def answer(leaf: Node, candidate: Candidate, days: int | None) -> tuple[bool, list[Record] | None]:
    """Return what one criterion says of a candidate; the window of a pattern is the days of its criteria."""
    call = CRITERIA[leaf["criterion"]]
    given = {name: value for name, value in leaf.items() if name != "criterion"}
    if days is not None and "days" in signature(call).parameters:
        given = {"days": days} | given
    return call(candidate, **given)


def holds(node: Node, candidate: Candidate, days: int | None) -> bool:
    """Return whether a condition holds."""
    if "criterion" in node:
        return answer(node, candidate, days)[0]
    if "not" in node:
        return not holds(node["not"], candidate, days)
    if "all" in node:
        return all(holds(part, candidate, days) for part in node["all"])
    return any(holds(part, candidate, days) for part in node["any"])


def _evidence(node: Node, candidate: Candidate, days: int | None) -> Iterator[Record]:
    """Yield the records to which the criteria that hold point, those under a ``not`` apart."""
    if "criterion" in node:
        held, rows = answer(node, candidate, days)
        if held:
            yield from rows or ()
        return
    for part in node.get("all", node.get("any", ())):
        yield from _evidence(part, candidate, days)


def _finding(pattern: dict[str, Any], c: Candidate) -> Finding:
    days = pattern.get("window", {}).get("days")
    rules = pattern.get("level_rules", ())
    level = next((rule["level"] for rule in rules if holds(rule["when"], c, days)), pattern["level"])
    incidents = sorted({r.incident for r in c.rows})
    orders = c.orders if c.unit in ("order", "breach") else []
    parts = [pattern["id"], c.unit, *(";".join(some) for some in (c.suspects, c.victims, orders, incidents))]
    digest = blake2b("|".join(parts).encode(), digest_size=8).hexdigest()
    return Finding(
        f"F-{digest}", pattern["id"], level, c.unit, tuple(c.suspects), tuple(c.victims), tuple(c.orders),
        tuple(incidents),
    )  # fmt: skip

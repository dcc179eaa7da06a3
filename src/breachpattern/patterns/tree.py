"""Condition trees: ``all``, ``any`` and ``not`` of criteria, read from TOML and evaluated over whole populations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from breachpattern.errors import PatternError
from breachpattern.linking.columns import Bools, Ints
from breachpattern.patterns.registry import Criterion, Outcome, find_criterion

if TYPE_CHECKING:
    from breachpattern.patterns.populations import Population

BRANCHES = ("all", "any", "not")
WINDOW = "days"


@dataclass(frozen=True)
class Leaf:
    """A criterion with the parameters that a pattern gives it."""

    criterion: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Branch:
    """Several conditions of which all, any or none (``not``: of one) must hold."""

    how: str
    parts: tuple[Node, ...]


Node = Leaf | Branch


def parse(table: Any, where: str) -> Node:
    """Return the condition tree of a TOML table.

    Parameters
    ----------
    table : dict
        ``{all = [...]}``, ``{any = [...]}``, ``{not = {...}}`` or ``{criterion = "id", parameter = value, …}``.
    where : str
        File and pattern, for messages.

    Raises
    ------
    PatternError
        Where the table is none of these.

    Examples
    --------
    >>> parse({"any": [{"criterion": "breaches", "at_least": 2}]}, "doc").parts[0].parameters
    {'at_least': 2}
    """
    if isinstance(table, Mapping) and "criterion" in table:
        return Leaf(str(table["criterion"]), {k: _plain(v) for k, v in table.items() if k != "criterion"})
    if isinstance(table, Mapping) and len(table) == 1:
        ((how, value),) = table.items()
        if how in ("all", "any") and isinstance(value, list) and value:
            return Branch(how, tuple(parse(part, where) for part in value))
        if how == "not":
            return Branch(how, (parse(value, where),))
    raise PatternError(
        f"{table!r} is not a condition.",
        where=where,
        hint='Write { criterion = "…" }, { all = [ … ] }, { any = [ … ] } or { not = { … } }.',
    )


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def leaves(node: Node) -> Iterator[Leaf]:
    """Yield the criteria that a tree names, from left to right."""
    if isinstance(node, Leaf):
        yield node
    else:
        for part in node.parts:
            yield from leaves(part)


def with_window(node: Node, days: int | None) -> Node:
    """Return the tree with the pattern's window as the ``days`` of every criterion that has such a parameter."""
    if days is None:
        return node
    if isinstance(node, Branch):
        return Branch(node.how, tuple(with_window(part, days) for part in node.parts))
    takes = WINDOW in find_criterion(node.criterion).parameters and WINDOW not in node.parameters
    return Leaf(node.criterion, {**node.parameters, WINDOW: days}) if takes else node


def holds(node: Node, population: Population) -> Bools:
    """Return where a condition holds, asking each further criterion only about the candidates still open."""
    if isinstance(node, Leaf):
        return find_criterion(node.criterion)(population, node.parameters).holds
    if node.how == "not":
        return ~holds(node.parts[0], population)
    wanted = node.how == "all"
    answer = np.full(len(population), wanted, np.bool_)
    for part in node.parts:
        still_open = np.flatnonzero(answer == wanted)
        if len(still_open) == 0:
            break
        everyone = len(still_open) == len(population)
        answer[still_open] = holds(part, population if everyone else population.take(still_open))
    return answer


@dataclass(frozen=True)
class Held:
    """A condition evaluated in full over a population, to be told candidate by candidate."""

    node: Node
    holds: Bools
    outcome: Outcome | None = None
    parts: tuple[Held, ...] = ()

    @property
    def criterion(self) -> Criterion:
        """Return the criterion of a leaf."""
        assert isinstance(self.node, Leaf)
        return find_criterion(self.node.criterion)

    def leaves(self) -> Iterator[Held]:
        """Yield the evaluated criteria, from left to right."""
        if self.outcome is not None:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def reasons(self) -> dict[str, tuple[Held, npt.NDArray[Any]]]:
        """Return the reason fields of the whole tree; the first criterion to give a field owns it."""
        found: dict[str, tuple[Held, npt.NDArray[Any]]] = {}
        for leaf in self.leaves():
            assert leaf.outcome is not None
            for name, values in leaf.outcome.reasons.items():
                found.setdefault(name, (leaf, values))
        return found

    def take(self, index: Ints) -> Held:
        """Return the evaluation of some of the candidates."""
        outcome = None
        if self.outcome is not None:
            evidence = self.outcome.evidence
            outcome = Outcome(
                self.outcome.holds[index],
                {name: values[index] for name, values in self.outcome.reasons.items()},
                None if evidence is None else evidence.take(index),
            )
        return Held(self.node, self.holds[index], outcome, tuple(part.take(index) for part in self.parts))


def evaluate(node: Node, population: Population) -> Held:
    """Return a condition evaluated in full, with the reasons of every criterion."""
    if isinstance(node, Leaf):
        outcome = find_criterion(node.criterion)(population, node.parameters)
        return Held(node, outcome.holds, outcome)
    parts = tuple(evaluate(part, population) for part in node.parts)
    answers = np.array([part.holds for part in parts]).reshape(len(parts), len(population))
    combined = {"all": answers.all(axis=0), "any": answers.any(axis=0), "not": ~answers[0]}[node.how]
    return Held(node, combined, None, parts)


def check(node: Node, unit: str) -> Iterator[str]:
    """Yield what is wrong with a tree: unknown criteria, parameters or values, criteria of another unit."""
    for leaf in leaves(node):
        try:
            found = find_criterion(leaf.criterion)
        except PatternError as error:
            yield f"{error.message} {error.hint}"
            continue
        if unit and unit not in found.units:
            yield f"The criterion '{leaf.criterion}' is for {', '.join(found.units)}, not for unit '{unit}'."
        for name, value in leaf.parameters.items():
            if name not in found.parameters:
                allowed = ", ".join(found.parameters) or "none"
                yield f"'{name}' is not a parameter of '{leaf.criterion}'. Allowed: {allowed}."
            elif problem := found.parameters[name].problem(value):
                yield f"'{name}' of '{leaf.criterion}' {problem}."

"""Whether a pattern may hold of a pair or a suspect as a whole, at a glance: before their rows are put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from breachpattern.cases.lives import OrderLife
from breachpattern.cases.towards import Towards
from breachpattern.patterns.tree import Leaf, Node
from breachpattern.vocabulary import STRENGTHS


class Case(Protocol):
    """What is known of a case without putting rows together."""

    @property
    def lives(self) -> Sequence[OrderLife]:
        """The orders that bind the suspect."""

    @property
    def protected(self) -> frozenset[str]:
        """Whom these protect."""

    @property
    def towards(self) -> Towards:
        """The strength of the course of the suspect towards everybody."""

    @property
    def acts_through_others(self) -> bool:
        """Whether anything was done to the victim through a third party."""

    @property
    def tied_acts(self) -> tuple[Sequence[Any], int]:
        """What people tied to the suspect did to the victim."""

    @property
    def uses_means(self) -> bool:
        """Whether a number, account or vehicle of the suspect is on record."""


Glance = Callable[[Case], bool]


def _open(_: Case) -> bool:
    return True


def _strong(asked: Mapping[str, Any]) -> Glance:
    strength, least = STRENGTHS.index(asked["strength"]), asked["at_least"]
    return lambda case: len(case.towards.strong(strength)) >= least


def _orders(asked: Mapping[str, Any]) -> Glance:
    least = asked["at_least"]
    return lambda case: len(case.lives) >= least


def _protected(asked: Mapping[str, Any]) -> Glance:
    least = asked["at_least"]
    return lambda case: len(case.protected) >= least


# What must be so for a criterion to hold of a unit. One that is not here may hold of anybody: contact through others of
# a suspect may be contact with somebody else than the victim.
NEEDED: dict[str, dict[str, Callable[[Mapping[str, Any]], Glance]]] = {
    "dyad": {
        "through_others": lambda _: lambda case: case.acts_through_others,
        "tied_person_acts": lambda _: lambda case: bool(case.tied_acts[0]),
        "successive_orders": _orders,
    },
    "suspect": {
        "orders_for_victims": _protected,
        "victims_with_course": _strong,
        "means_across_victims": lambda asked: _open if asked["at_least"] < 1 else lambda case: case.uses_means,
    },
}


def glances(unit: str, node: Node, parameters: Callable[[Leaf], Mapping[str, Any]]) -> tuple[Glance, ...]:
    """Return functions of a case, of which one must say yes for a condition to hold of a unit.

    Parameters
    ----------
    unit : {"dyad", "suspect"}
    node : Node
    parameters : callable
        Returns all parameters of a criterion.
    """
    if isinstance(node, Leaf):
        needed = NEEDED[unit].get(node.criterion)
        return (_open if needed is None else needed(parameters(node)),)
    if node.how == "not":
        return (_open,)
    parts = [glances(unit, part, parameters) for part in node.parts]
    if node.how == "any":
        return tuple(one for part in parts for one in part)
    # All must hold, so that any one of them tells: the first that leaves nothing open.
    return next((part for part in parts if _open not in part), (_open,))

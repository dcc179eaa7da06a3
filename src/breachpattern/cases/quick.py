"""Whether a criterion holds, without what only its story needs: how patterns are asked of many candidates.

A criterion that has no entry here is asked whole (:mod:`breachpattern.cases.criteria`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from breachpattern.cases.candidates import Candidate
from breachpattern.cases.criteria import (
    CRITERIA,
    blank,
    breaches,
    closed_then_more,
    codes_mask,
    runs_out,
    statuses,
    successive_orders,
    through_others,
)
from breachpattern.cases.escalation import indicates
from breachpattern.cases.laws import Laws
from breachpattern.cases.nexus import BIT
from breachpattern.cases.sums import FIELDS
from breachpattern.vocabulary import BEHAVIOURS, RELATIONSHIPS, STRENGTHS, UNITS

Test = Callable[[Candidate], bool]
Quick = Callable[[Mapping[str, Any], Laws], Test]


def _quick_strength(asked: Mapping[str, Any], _: Laws) -> Test:
    low, high = STRENGTHS.index(asked["at_least"]), STRENGTHS.index(asked["at_most"])
    return lambda c: low <= c.strength <= high


def _quick_unit(asked: Mapping[str, Any], _: Laws) -> Test:
    kinds = frozenset(UNITS.index(u) for u in asked["any_of"])
    return lambda c: c.kind in kinds


def _quick_behaving(mask: int) -> Test:
    return lambda c: c.sums.behaviours & mask != 0


def _quick_breaches(asked: Mapping[str, Any], _: Laws) -> Test:
    wanted, certain, least = statuses(asked["status"]), asked["certain"], asked["at_least"]
    if not asked["told_here"]:
        return lambda c: c.sums.breach_events(wanted, certain) >= least
    return lambda c: (
        c.sums.breach_events(wanted, certain) >= least and (c.scene.tells is None or breaches(c, **asked).holds)
    )


def _quick_blank(asked: Mapping[str, Any], _: Laws) -> Test:
    if asked["field"] == "impact":
        return lambda c: blank(c, field="impact").holds
    place = FIELDS.index(asked["field"])
    return lambda c: c.sums.blanks >> place & 1 == 1


def _quick_relationship(asked: Mapping[str, Any], _: Laws) -> Test:
    mask = codes_mask(RELATIONSHIPS, asked["any_of"])
    return lambda c: c.sums.relationships & mask != 0


def _quick_signal(asked: Mapping[str, Any], _: Laws) -> Test:
    mask = sum(BIT[s] for s in asked["any_of"])
    return lambda c: c.signals & mask != 0


def _quick_recorded(asked: Mapping[str, Any], laws: Laws) -> Test:
    mask, rule = laws.conducts_mask(asked["any_of"]), asked["requires"]
    if rule:
        return lambda c: c.sums.under(laws, rule)[1] & mask != 0
    return lambda c: c.sums.offences & mask != 0


def _quick_closed(asked: Mapping[str, Any], _: Laws) -> Test:
    return lambda c: bool(c.sums.ended) and closed_then_more(c, **asked).holds


def _quick_successive(asked: Mapping[str, Any], _: Laws) -> Test:
    least = asked["at_least"]
    return lambda c: len(c.scene.lives) >= least and successive_orders(c, **asked).holds


def _quick_limitation(asked: Mapping[str, Any], _: Laws) -> Test:
    days = asked["at_most"]
    return lambda c: runs_out(c, days)


def _quick_escalating(asked: Mapping[str, Any], _: Laws) -> Test:
    alpha, least = asked["alpha"], asked["occasions"]
    return lambda c: indicates(c, alpha, least)


def _quick_through(asked: Mapping[str, Any], _: Laws) -> Test:
    return lambda c: c.sums.acts_through_others and through_others(c, **asked).holds


QUICK: dict[str, Quick] = {
    "course_strength": _quick_strength,
    "course_unit": _quick_unit,
    "breaches": _quick_breaches,
    "blank": _quick_blank,
    "signal": _quick_signal,
    "occasions": lambda asked, _laws: lambda c: c.occasions >= asked["at_least"],
    "recorded_as": _quick_recorded,
    "closed_then_more": _quick_closed,
    "successive_orders": _quick_successive,
    "through_others": _quick_through,
    "tied_person_acts": lambda _asked, _laws: lambda c: bool(c.inferred[0]),
    "only_duties": lambda _asked, _laws: lambda c: c.sums.only_duties,
    "forces": lambda asked, _laws: lambda c: len(c.sums.forces) >= asked["at_least"],
    "soon_after_service": lambda asked, _laws: lambda c: 0 <= c.sums.soonest <= asked["days"],
    "relationship": _quick_relationship,
    "limitation_runs": _quick_limitation,
    "escalating": _quick_escalating,
}
# What takes long to judge, and is asked last.
COSTLY = ("escalating", "limitation_runs", "orders_for_victims", "victims_with_course", "recorded_under")


def test_of(criterion: str, asked: Mapping[str, Any], laws: Laws) -> Test:
    """Return whether a criterion holds as a function of a candidate, without what only its story needs.

    Parameters
    ----------
    criterion : str
    asked : mapping
        Its parameters, all of them.
    laws : Laws
    """
    if criterion in ("trait", "behaviour") and asked["at_least"] == 1:
        names = asked["any_of"]
        return _quick_behaving(laws.behaving(names) if criterion == "trait" else BEHAVIOURS.mask(names))
    quick = QUICK.get(criterion)
    if quick is not None:
        return quick(asked, laws)
    function = CRITERIA[criterion]
    return lambda c: function(c, **asked).holds

"""Patterns over one case: compiled once from the packs, asked of the few candidates that one record may change.

Mirrors :mod:`breachpattern.patterns.engine`, ``identity`` and ``headlines`` for single candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial
from string import Formatter
from typing import TYPE_CHECKING, Any, NamedTuple

from breachpattern.cases.breaches import Breach
from breachpattern.cases.candidates import Candidate, in_time_order
from breachpattern.cases.criteria import CRITERIA, Outcome, midnight_of
from breachpattern.cases.glance import NEEDED, glances
from breachpattern.cases.laws import Laws
from breachpattern.cases.occasions import Entry
from breachpattern.cases.quick import COSTLY, QUICK, Test, test_of
from breachpattern.cases.sums import Sums
from breachpattern.patterns.model import Pattern
from breachpattern.patterns.registry import find_criterion
from breachpattern.patterns.tree import Leaf, Node, leaves
from breachpattern.patterns.wording import EPOCH, counted, day_text, joined, spoken, with_article
from breachpattern.spans import FOREVER, NEVER, POSSIBLE, YES, london_day
from breachpattern.timelines.reasons import MAYBE_TERMS, UNRECORDED
from breachpattern.vocabulary import STRENGTHS, UNITS

if TYPE_CHECKING:
    from breachpattern.cases.view import View
    from breachpattern.law import Catalogue
    from breachpattern.patterns.registry import Reason

# Units whose candidates know the signals of their course; of the others, only its strength is carried on.
SIGNALLED = ("course", "dyad")
# Units whose rows are put together only where a pattern may hold of them.
WHOLE = tuple(NEEDED)


@dataclass(slots=True, eq=False)
class Found:
    """A pattern that holds on a candidate."""

    pattern: Pattern
    level: str
    because: str
    candidate: Candidate
    whole: Candidate
    compiled: Compiled

    @property
    def key(self) -> tuple[Any, ...]:
        """What it is about, whichever records it rests on: tells a finding that changed from a new one."""
        return self.pattern.id, *about(self.whole)

    @property
    def id(self) -> str:
        """The id that the finding has in every run on the same facts (``finding_digests``)."""
        c = self.candidate
        orders = c.orders if c.unit in ("order", "breach") else ()
        about = (f"{self.pattern.id}|{c.unit}", ";".join(c.suspects), ";".join(c.victims), ";".join(orders))
        return c.sums.digest(about)

    @property
    def headline(self) -> str:
        """The finding in one sentence."""
        return self.compiled.headline(self.candidate, self.whole)

    def rests_on(self, incident: str) -> bool:
        """Return whether an incident is in its evidence."""
        return self.candidate.sums.holds(incident)


def about(c: Candidate) -> tuple[Any, ...]:
    """Return what a candidate is, whichever records it has."""
    return (
        c.unit,
        c.kind,
        c.suspects,
        c.orders if c.unit in ("order", "breach") else (),
        c.towards,
        c.sums.first.row.incident if c.unit == "course" and c.sums.first is not None else "",
    )


class Compiled:
    """A pattern as closures over one candidate."""

    def __init__(self, pattern: Pattern, laws: Laws, path: Callable[[int], str]) -> None:
        self.pattern, self.id = pattern, pattern.id
        self._catalogue, self._path = laws.catalogue, path
        self._holds = _test(pattern.tree, laws)
        self._members = _test(pattern.windowed(pattern.members), laws) if pattern.members is not None else None
        self._levels = [
            (rule.level, rule.because, _test(pattern.windowed(rule.when), laws)) for rule in pattern.level_rules
        ]
        self._pieces = [
            (literal, name, PLACEHOLDERS.get(name or "")) for literal, name, _, _ in Formatter().parse(pattern.headline)
        ]
        told = {name for _, name, said in self._pieces if name and said is None}
        # Of two criteria that give one reason the first stands, and so is asked last.
        self._tellers = [
            (_whole(leaf), reasons)
            for leaf in reversed(list(leaves(pattern.tree)))
            if told & (reasons := find_criterion(leaf.criterion).reasons).keys()
        ]
        self._evidence = [_whole(leaf) for leaf in _affirmed(pattern.tree)]

    def may_hold(self, strength: int, kind: int) -> bool:
        """Return whether the pattern can hold of courses of a strength and a kind of unit at all."""
        graded_anew = self._members is not None and self.pattern.unit in ("breach", "order")
        return graded_anew or _may_hold(self.pattern.tree, strength, kind)

    def found(self, candidate: Candidate) -> Found | None:
        """Return the finding that the pattern makes of a candidate, if it makes one."""
        whole = candidate
        if self._members is not None:
            members = self._members
            whole = candidate.with_members((self.id, "members"), lambda b, e: members(_single(candidate, b, e)))
        if not self._holds(whole):
            return None
        chosen = whole
        if self.pattern.about == "evidence":
            chosen = _about((self.id, "about"), self._evidence, whole)
        for level, because, holds in self._levels:
            if holds(chosen):
                return Found(self.pattern, level, because, chosen, whole, self)
        return Found(self.pattern, self.pattern.level, "the pattern's own level", chosen, whole, self)

    def headline(self, c: Candidate, whole: Candidate) -> str:
        """Return the sentence of a finding."""
        out = []
        reasons: dict[str, tuple[Reason, Any]] | None = None
        for literal, name, said in self._pieces:
            out.append(literal)
            if said is not None:
                out.append(said(c, self._catalogue))
            elif name:
                if reasons is None:
                    reasons = {
                        told: (declared[told], value)
                        for outcome, declared in self._tellers
                        for told, value in outcome(whole).reasons().items()
                    }
                out.append(self._said(*reasons[name]))
        return "".join(out)

    def _said(self, reason: Reason, value: Any) -> str:
        """Mirror ``_said`` and ``Texts.render``."""
        if reason.shown == "path":
            return self._path(value) if value >= 0 else "an unknown day"
        if reason.shown == "incident":
            return str(value) if value else "an unknown day"
        if reason.shown == "mask" and reason.vocabulary is not None:
            items = reason.vocabulary.codes(int(value))
            return joined([item.replace("_", " ") for item in items]) if items else "nothing coded"
        if reason.shown == "text" and reason.vocabulary is not None:
            return reason.vocabulary.values[int(value)]
        if reason.shown == "instant":
            if reason.meaning.startswith("last day"):
                value = midnight_of(value) if abs(value) < 1 << 24 else value
            return day_text(int(value)) if NEVER < int(value) < FOREVER else "an unknown day"
        if reason.shown == "days":
            return counted(int(value), "day") if value >= 0 else "an unknown day"
        if reason.shown == "probability":
            return f"{float(f'{float(value):.4g}'):.2g}"
        if reason.noun and value == 0:
            return "none"
        return counted(int(value), reason.noun) if reason.noun else str(int(value))


class Patterns:
    """The patterns of the packs, compiled; and those that no twin exists for.

    Attributes
    ----------
    without_twin : tuple of str
        Patterns that name a criterion of somebody's own, or ask for signals where candidates here have none: only the
        whole engine can judge them.
    """

    def __init__(self, patterns: Sequence[Pattern], laws: Laws, path: Callable[[int], str]) -> None:
        live = [p for p in patterns if p.status != "deprecated"]
        whole = [
            p
            for p in live
            if all(
                leaf.criterion in CRITERIA and (leaf.criterion != "signal" or p.unit in SIGNALLED)
                for _, node in p.conditions()
                for leaf in leaves(node)
            )
        ]
        self.without_twin = tuple(p.id for p in live if p not in whole)
        self.by_unit: dict[str, list[Compiled]] = {}
        for pattern in whole:
            self.by_unit.setdefault(pattern.unit, []).append(Compiled(pattern, laws, path))

        self._glances = {
            unit: [may for c in self.by_unit.get(unit, ()) for may in glances(unit, c.pattern.tree, _parameters)]
            for unit in WHOLE
        }
        self._asked = {
            (unit, strength, kind): tuple(c for c in held if c.may_hold(strength, kind))
            for unit, held in self.by_unit.items()
            for strength in range(len(STRENGTHS))
            for kind in range(len(UNITS))
        }

    def asked(self, candidate: Candidate) -> Sequence[Compiled]:
        """Return the patterns that a candidate has to be judged by: its strength and kind alone rule out the others."""
        return self._asked[candidate.unit, candidate.strength, candidate.kind]

    def may_hold(self, unit: str, case: View) -> bool:
        """Return whether any pattern about a unit may hold in a case, as far as can be seen at a glance."""
        if unit not in WHOLE:
            return True
        if case.own is not None:
            for may in self._glances[unit]:
                if may(case):
                    return True
        return False

    def naming(self, *criteria: str) -> list[str]:
        """Return the patterns whose condition names one of some criteria."""
        return [
            c.pattern.id
            for held in self.by_unit.values()
            for c in held
            if any(leaf.criterion in criteria for leaf in leaves(c.pattern.tree))
        ]


def _test(node: Node, laws: Laws) -> Test:
    """Return a condition as a function of a candidate."""
    if isinstance(node, Leaf):
        return test_of(node.criterion, _parameters(node), laws)
    parts = tuple(_test(part, laws) for part in sorted(node.parts, key=_cost))
    if node.how == "not":
        (only,) = parts
        return lambda candidate: not only(candidate)
    if node.how == "all":

        def every(candidate: Candidate) -> bool:
            for part in parts:  # noqa: SIM110 - twice as fast as all() of a generator
                if not part(candidate):
                    return False
            return True

        return every

    def some(candidate: Candidate) -> bool:
        for part in parts:  # noqa: SIM110
            if part(candidate):
                return True
        return False

    return some


def _may_hold(node: Node, strength: int, kind: int) -> bool:
    """Return whether a condition can hold, going by strength and kind of unit and leaving all else open."""
    if not isinstance(node, Leaf):
        either = any if node.how == "any" else all
        return node.how == "not" or either(_may_hold(part, strength, kind) for part in node.parts)
    asked = _parameters(node)
    if node.criterion == "course_strength":
        return STRENGTHS.index(asked["at_least"]) <= strength <= STRENGTHS.index(asked["at_most"])
    return node.criterion != "course_unit" or UNITS.values[kind] in asked["any_of"]


def _cost(node: Node) -> int:
    """Return how much a condition takes to judge: of several, the cheapest are asked first."""
    return max(2 if leaf.criterion in COSTLY else 0 if leaf.criterion in QUICK else 1 for leaf in leaves(node))


def _parameters(leaf: Leaf) -> dict[str, Any]:
    declared = find_criterion(leaf.criterion).parameters
    return {name: p.default for name, p in declared.items()} | dict(leaf.parameters)


def _whole(leaf: Leaf) -> Callable[[Candidate], Outcome]:
    """Return a criterion as a function of a candidate, with all that its story needs."""
    return partial(CRITERIA[leaf.criterion], **_parameters(leaf))


def _about(key: object, criteria: Sequence[Callable[[Candidate], Outcome]], whole: Candidate) -> Candidate:
    """Return the candidate with the rows to which the criteria that hold point."""
    told = [one for one in (outcome(whole) for outcome in criteria) if one.holds and one.evidence is not None]
    carried = [one.carry for one in told if one.carry is not None]
    token = None
    if told and len(carried) == len(told):
        token = tuple(of for of, _ in carried)
        held = whole.carried(key, token, lambda entry, broken: any(takes(entry, broken) for _, takes in carried))
        if held is not None:
            return held
    rows = [e for one in told if one.evidence is not None for e in one.evidence()]
    return whole.about(key, rows if len(told) == 1 and told[0].in_order else in_time_order(rows), token)


def _affirmed(node: Node) -> Iterator[Leaf]:
    """Yield the criteria that may point to evidence; nothing under a ``not`` does."""
    if isinstance(node, Leaf):
        yield node
    elif node.how != "not":
        for part in node.parts:
            yield from _affirmed(part)


def _single(candidate: Candidate, breach: Breach, entry: Entry) -> Candidate:
    """Return one breach as a candidate of its own (``single_breaches``)."""
    scene = candidate.scene
    return Candidate(
        unit="breach",
        scene=scene,
        sums=Sums([entry], [(breach, entry)]),
        orders=(breach.order,) if breach.order else (),
        suspects=(entry.row.suspect,) if entry.row.suspect else (),
        victims=(entry.row.victim,) if entry.row.victim else (),
        strength=scene.strength_of(entry),
    )


# --------------------------------------------------------------------------------------------------- headlines
def _people(names: Sequence[str], nobody: str) -> str:
    return names[0] if len(names) == 1 else joined(names) if names else nobody


def _span(c: Candidate) -> str:
    sums = c.sums
    if sums.empty:
        return "at no known time"
    return _span_text(london_day(sums.first_at), london_day(sums.last_end - 1))


@lru_cache(maxsize=65536)
def _span_text(first: int, last: int) -> str:
    """Mirror :func:`breachpattern.patterns.wording.span_texts`."""
    begin, end = EPOCH + timedelta(first), EPOCH + timedelta(last)
    until = f"{end.day} {end:%b %Y}"
    if begin == end:
        return f"on {until}"
    year = "" if begin.year == end.year else f" {begin.year}"
    return f"between {begin.day} {begin:%b}{year} and {until}"


class _Counted(NamedTuple):
    """How many events breach for certain, possibly, with no order on file; recorded as a breach, and at all."""

    certain: int
    possible: int
    unfounded: int
    recorded: int
    every: int


def _counted(c: Candidate) -> _Counted:
    """Mirror ``_by_certainty``."""
    sure, some, recorded, every = set(), set(), set(), set()
    for b, e in c.breaches:
        event, told = e.event, b.status != UNRECORDED
        every.add(event)
        if told:
            recorded.add(event)
        if b.state == YES and (told or not b.reasons & MAYBE_TERMS):
            sure.add(event)
        elif b.state == POSSIBLE or b.state == YES:
            some.add(event)
    possible = len(some - sure)
    return _Counted(len(sure), possible, len(every) - len(sure) - possible, len(recorded), len(every))


def _phrase(c: Candidate, catalogue: Catalogue) -> str:
    return _told(c, _counted(c), catalogue)


def _told(c: Candidate, events: _Counted, catalogue: Catalogue) -> str:
    certain, possible, unfounded, recorded, every = events
    parts = [counted(certain, "breach")] if certain else []
    if possible:
        parts.append(counted(possible, "possible one" if parts else "possible breach"))
    if unfounded:
        parts.append(f"{unfounded} with no order on file" if parts else counted(unfounded, "breach"))
    orders = {b.order: b for b, _ in c.breaches if b.order}
    if len(orders) > 1:
        whom = f"{len(orders)} orders"
    elif orders:
        (order,) = orders
        whom = with_article(_kind_of(c, order, catalogue))
    else:
        whom = "an order not on file"
    how = (
        "none recorded as a breach"
        if not recorded
        else "recorded"
        if recorded == every
        else f"{recorded} recorded as a breach"
    )
    return f"{joined(parts) if parts else 'no breach'} of {whom} ({how})"


def _kind_of(c: Candidate, order: str, catalogue: Catalogue) -> str:
    kind = next((o.kind for o in c.scene.lives if o.order == order), None)
    if kind is None:
        kind = next(b.order_kind for b, _ in c.breaches if b.order == order)
    return spoken(catalogue.order_kinds[catalogue.order_kind_ids[kind]].title.split(",")[0])


def _among_them(c: Candidate, catalogue: Catalogue) -> str:
    events = _counted(c)
    phrase = _told(c, events, catalogue)
    if events.every == 1:
        return f"one of them a {phrase.removeprefix('1 ')}"
    return f"among them {phrase}"


def _conduct_within(c: Candidate, _: Catalogue) -> str:
    events = _counted(c)
    sure, maybe = events.certain, events.possible
    often = f" on {counted(sure or maybe, 'occasion')}" if sure + maybe > 1 else ""
    more = f", and possibly on {maybe} more," if sure and maybe else ""
    return f"conduct{often}{more} {_span(c)} {'falls' if sure else 'may fall'} within"


def _after_service(c: Candidate, _: Catalogue) -> str:
    least = min((b.days_since_served for b, _e in c.breaches if b.days_since_served >= 0), default=-1)
    if least < 0:
        return "at an unknown time after service"
    return "on the day of service" if least == 0 else f"within {counted(least, 'day')} of service"


def _orders(c: Candidate, catalogue: Catalogue) -> str:
    names = [f"{order} ({_kind_of(c, order, catalogue)})" for order in c.orders]
    return f"{'order' if len(names) < 2 else 'orders'} {joined(names)}" if names else "an order not on file"


PLACEHOLDERS: dict[str, Callable[[Candidate, Catalogue], str]] = {
    "suspect": lambda c, _: _people(c.suspects, "A suspect not named"),
    "victims": lambda c, _: _people(c.victims, "a person not named"),
    "occasions": lambda c, _: counted(c.occasions, "occasion"),
    "span": lambda c, _: _span(c),
    "breaches": _phrase,
    "among_them": _among_them,
    "conduct_within": _conduct_within,
    "broken": lambda c, _: "broken" if _counted(c).certain else "possibly broken",
    "after_service": _after_service,
    "order": _orders,
    "order_ids": lambda c, _: joined(c.orders) if c.orders else "not on file",
    "strength": lambda c, _: STRENGTHS.values[c.strength],
}

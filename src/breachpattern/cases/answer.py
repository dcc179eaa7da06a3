"""What one incident means in its case, as plain data: orders, breaches, what came before, courses, findings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from breachpattern.cases.breaches import Breach
from breachpattern.cases.elsewhere import bound, crowds, explains_gaps, regraded, turned
from breachpattern.cases.findings import Found, Patterns
from breachpattern.cases.laws import Laws
from breachpattern.cases.lives import Version, containment
from breachpattern.cases.nexus import CUSTODY
from breachpattern.cases.pairs import Pair, Record, past, prior_breaches, prior_occasions
from breachpattern.cases.rows import Row
from breachpattern.cases.view import View, course_with
from breachpattern.patterns.tree import Leaf, leaves
from breachpattern.spans import FOREVER, LONDON, NEVER, NO, POSSIBLE, london_day
from breachpattern.timelines.nexus import signal_table
from breachpattern.timelines.reasons import BREACH_REASONS
from breachpattern.timelines.units import CLEAR
from breachpattern.vocabulary import (
    BREACH_KINDS,
    BREACH_STATUSES,
    LEVELS,
    NATURES,
    ORDER_STATES,
    STRENGTHS,
    TERMS,
)

if TYPE_CHECKING:
    from breachpattern.cases.file import Cases
    from breachpattern.patterns.model import Pattern

Answer = dict[str, Any]
FAR = 1 << 40  # seconds, further from 1970 than any date
THROUGH_OTHERS = ("tied_person_acts",)
NO_ORDERS: frozenset[str] = frozenset()
BY_COURSE = ("course_strength", "signal", "victims_with_course")
LEVEL = {level: i for i, level in enumerate(LEVELS.values)}


class Assessor:
    """Answers for single incidents under one catalogue and one set of patterns."""

    def __init__(self, cases: Cases, patterns: Patterns, laws: Laws) -> None:
        self.cases, self.patterns, self.laws = cases, patterns, laws
        catalogue = cases.catalogue
        self._kinds = [(k, catalogue.order_kinds[k].title) for k in catalogue.order_kind_ids]
        self._wider_patterns = [
            c.pattern.id for c in patterns.by_unit.get("course", ()) if not _dyads_only(c.pattern.condition)
        ]
        by_course = {
            unit: [c.pattern.id for c in held if unit == "course" or _asks(c.pattern, *BY_COURSE)]
            for unit, held in patterns.by_unit.items()
        }
        self._by_course = [ident for held in by_course.values() for ident in held]
        self._breach_by_course = by_course.get("breach", [])
        self._graded_by_course = by_course.get("order", []) + self._breach_by_course
        self._told_once = [
            c.pattern.id for c in patterns.by_unit.get("course", ()) if any(map(_told_here, _leaves(c.pattern)))
        ]
        self._by_means = patterns.naming("means_across_victims")
        self._by_others = patterns.naming(*THROUGH_OTHERS)

    def assess(self, row: Row, now: int | None = None, *, again: bool = False) -> tuple[Answer, View]:
        """Return what a row means, with what is on file and nothing more known than that, and the case with it.

        Parameters
        ----------
        row : Row
        now : int, optional
            The instant of the question, in seconds UTC; the latest of all that is on file by default.
        again : bool, default False
            Whether the incident is on file.
        """
        cases = self.cases
        record, considered = cases.record(row)
        now = max(now or 0, row.known) if now is not None else max(cases.last_known, row.known, row.end - 1)
        before = View(cases, self.laws, row.suspect, row.victim, now)
        after = View(cases, self.laws, row.suspect, row.victim, now, before, record)
        further: Sequence[tuple[View, Set[str], Iterable[str]]] = ()
        if after.own is not None and after.own.beside.other_direction:
            further = [(view, set(), self.patterns.by_unit) for view in turned(after)]
        elif record.breaches and not row.suspect:
            further = [(view, orders, ("order",)) for view, orders in bound(after)]
        not_assessed = self._not_assessed(after, [view for view, _, _ in further] if further else ())
        if again:
            reason = "the incident is on file already: a further row of it changes what its other rows say"
            not_assessed = {c.pattern.id: reason for held in self.patterns.by_unit.values() for c in held}
        skipped = set(not_assessed)
        broken = {b.order for b in record.breaches} if record.breaches else NO_ORDERS
        if after.lives:
            after.regrade()
        old = {} if again else self._held(before, broken, skipped)
        new = [] if again else [(f.key, f) for f in self._found(after, broken, skipped)]
        if further and not again:
            old = dict(old)
            for view, orders, units in further:
                assert view.before is not None
                old |= {f.key: (f.id, f.level) for f in self._found(view.before, orders, skipped, units)}
                new += [(f.key, f) for f in self._found(view, orders, skipped, units)]
        held = {key for key, _ in new}
        own, was = after.own, before.own
        counted = past(was) if was else None
        occasions = prior_occasions(own, row, row.known, counted) if own else 0
        prior = prior_breaches(own, row, counted) if own else 0
        answer = {
            "incident_id": row.incident,
            "suspect_id": row.suspect or None,
            "victim_id": row.victim or None,
            "as_of": iso(now),
            "orders": [self._order(v, row, record, considered) for v in self._live(row)],
            "is_breach": bool(record.breaches),
            "breaches": [
                self._breach(b, occasions, prior if own else cases.prior_breaches_of_order(row, b))
                for b in record.breaches
            ],
            "considered": [
                {"order_id": b.order, "version": b.order_version, "reasons": _reasons(b.reasons)} for b in considered
            ],
            "prior": {
                "occasions_365d": occasions,
                "occasions": _occasions_before(was, row) if was else 0,
                "breaches": prior,
                "records": _records_before(was, row) if was else 0,
            },
            "course": {
                "strength_before": STRENGTHS.values[_best(was)],
                "strength_after": STRENGTHS.values[_best(own)],
                **_course(own, record),
            },
            "findings": sorted(
                self._told(new, old, row.incident), key=lambda f: (-LEVEL[f["level"]], f["pattern"], f["finding_id"])
            ),
            "no_longer": [
                {"finding_id": ident, "pattern": key[0], "level": level}
                for key, (ident, level) in old.items()
                if key not in held
            ],
            "patterns_not_assessed": [{"pattern": p, "reason": why} for p, why in sorted(not_assessed.items())],
        }
        for view, _, _ in further:
            view.close()
        return answer, after

    def _not_assessed(self, view: View, further: Sequence[View]) -> dict[str, str]:
        out = dict.fromkeys(self.patterns.without_twin, "it asks what only the whole engine answers")
        if view.may_widen:
            why = "the incident may join people to a group or a joint unit, which takes more than this case"
            out |= dict.fromkeys(self._wider_patterns, why)
            if view.before is None or min(_best(view.own), _best(view.before.own)) < CLEAR:
                out |= dict.fromkeys(self._graded_by_course, why)
        if view.may_act_for_others:
            why = "the incident may be contact on behalf of somebody whom an order keeps away"
            out |= dict.fromkeys(self._by_others, why)
        assert view.record is not None
        row = view.record.row
        if row.means or row.kind == CUSTODY:
            self._by_row(out, row, view)
        own = view.own
        if further or view.lives or view.wider or self._breach_by_course or (own is not None and own.unsure):
            for one in (view, *further):
                self._as_others_stand(out, one, row)
        return out

    def _as_others_stand(self, out: dict[str, str], view: View, row: Row) -> None:
        """Add what is not told of a case because of others in it, or of what was added since the engine ran."""
        if not row.suspect and any(map(self.cases.is_widened, (view.suspect, *view.protected))):
            why = "what was added since may have joined people to a group, and that would grade the order"
            out |= dict.fromkeys(self._graded_by_course, why)
        if view.before is not None and (view.wider or view.before.wider):
            self._in_units(out, view.before, view)
        if view.lives and (self.cases.is_widened(view.suspect) or self.cases.may_be_acted_for(view.victim)):
            why = "what was added since may be contact by somebody tied to whom an order binds"
            out |= dict.fromkeys(self._by_others, why)
        if self._breach_by_course and view.regrade():
            why = "the incident changes the strength of a course that holds other breaches"
            out |= dict.fromkeys(self._breach_by_course, why)
        if view.own is not None and view.own.unsure:
            why = "which of the records are one event has changed, and with it what counts as one"
            out |= {c.pattern.id: why for held in self.patterns.by_unit.values() for c in held}

    def _by_row(self, out: dict[str, str], row: Row, view: View) -> None:
        """Add what is not told because of time in custody, or of others who used a number, account or vehicle."""
        cases = self.cases
        if row.kind == CUSTODY and explains_gaps(cases, row):
            why = "the time in custody also explains gaps in what the suspect did to others"
            out |= dict.fromkeys(self._by_course, why)
        if not row.means:
            return
        if row.suspect and not row.cancelled and cases.may_be_shared(row.means, row.suspect):
            why = "the number, account or vehicle may tie people together of whom more is on file"
            if view.own is None or not view.own.count:
                out |= dict.fromkeys(self._wider_patterns, why)
            others = any(cases.orders(user)[1] for user in cases.users_of(row.means, "") - {row.suspect})
            if others or view.lives:
                out |= dict.fromkeys(self._by_others, why)
            if others or view.protected - {row.victim}:
                out |= dict.fromkeys(self._graded_by_course, why)
        if not row.suspect and cases.users_of(row.means, ""):
            why = "somebody known used the same number, account or vehicle"
            out |= dict.fromkeys(self._by_means, why)
        elif crowds(cases, row):
            why = "with the incident too many people use the number, account or vehicle for it to tie them"
            out |= dict.fromkeys([*self._by_means, *self._by_others], why)

    def _in_units(self, out: dict[str, str], before: View, after: View) -> None:
        """Add what is not told of others who belong to a group or a joint unit with the two people."""
        others = list(regraded(before, after))
        why = "the incident changes the strength of a group or a joint unit, and with it what others did in it"
        if any(entry.breaches for entry in others):
            out |= dict.fromkeys(self._told_once, why)
        if any(self.cases.orders(suspect)[1] for suspect in {entry.row.suspect for entry in others}):
            out |= dict.fromkeys(self._graded_by_course, why)

    def _held(self, view: View, broken: Set[str], skipped: set[str]) -> dict[tuple[Any, ...], tuple[str, str]]:
        """Return id and level of the findings that stand without the record, by what they are about.

        Only what the record may change is judged.
        """
        people = [view.suspect, view.victim, ""]
        if view.wider:
            people += [p for wider in view.wider for pair in wider.parts for p in pair]
        key = broken, skipped, london_day(view.now), [view.stamp(p) for p in people], view.changing, view.regraded
        kept = view.own.memory.get("found") if view.own is not None else None
        if kept is not None and kept[0] == key:
            return kept[1]  # type: ignore[no-any-return]
        found = {f.key: (f.id, f.level) for f in self._found(view, broken, skipped)}
        if view.own is not None:
            view.own.memory["found"] = key, found
        return found

    def _found(
        self, view: View, broken: Set[str], skipped: set[str], units: Iterable[str] | None = None
    ) -> list[Found]:
        """Return what holds of all that the record may change."""
        out = []
        for unit in self.patterns.by_unit if units is None else units:
            if not self.patterns.may_hold(unit, view):
                continue
            for candidate in view.orders(broken) if unit == "order" else view.candidates(unit):
                for compiled in self.patterns.asked(candidate):
                    if compiled.id in skipped:
                        continue
                    found = compiled.found(candidate)
                    if found is not None:
                        out.append(found)
        return out

    def _told(
        self,
        new: Sequence[tuple[tuple[Any, ...], Found]],
        old: dict[tuple[Any, ...], tuple[str, str]],
        incident: str,
    ) -> Iterator[Answer]:
        for key, f in new:
            before, level = old.get(key, (None, None))
            ident, rests = f.id, f.rests_on(incident)
            same = before == ident and level == f.level
            if not rests and same:
                continue  # nothing that the incident has to do with
            yield {
                "finding_id": ident,
                "pattern": f.pattern.id,
                "level": f.level,
                "because": f.because,
                "headline": f.headline,
                "rests_on_incident": rests,
                "change": "new" if before is None else "unchanged" if same else "changed",
                "finding_id_before": before,
                "level_before": level,
            }

    def _live(self, row: Row) -> list[Version]:
        """Return the order versions that may have been in force, those that protect the victim first."""
        if not row.suspect:
            return []
        live = [v for v in self.cases.orders(row.suspect)[0] if containment(row.start, row.end, v) != NO]
        return sorted(live, key=lambda v: row.victim not in v.protected)

    def _order(self, v: Version, row: Row, record: Record, considered: Sequence[Breach]) -> Answer:
        judged = next((b for b in (*record.breaches, *considered) if b.version == v.index), None)
        life = containment(row.start, row.end, v)
        state = judged.state if judged is not None else min(life, POSSIBLE) if row.start < v.aware else life
        kind, title = self._kinds[v.kind]
        return {
            "order_id": v.order,
            "version": v.version,
            "kind": kind,
            "title": title,
            "is_order": v.is_order,
            "order_state": ORDER_STATES.values[state],
            "protects_victim": row.victim in v.protected,
            "protected_ids": sorted(v.protected),
            "terms": list(_terms(v.terms)),
            "terms_on_file": v.terms_on_file,
            "made": iso(v.made),
            "served": iso(v.served),
            "ends": iso(v.end_hi),
        }

    def _breach(self, b: Breach, occasions: int, prior: int) -> Answer:
        return {
            "order_id": b.order or None,
            "order_version": b.order_version if b.order else None,
            "order_kind": self._kinds[b.order_kind][0] if b.order else None,
            "status": BREACH_STATUSES.values[b.status],
            "order_state": ORDER_STATES.values[b.state],
            "nature": NATURES.values[b.nature] if b.nature >= 0 else None,
            "breach_kind": list(_kinds(b.kinds)),
            "terms_matched": list(_terms(b.terms)),
            "days_since_served": b.days_since_served if b.days_since_served >= 0 else None,
            "prior_occasions_365d": occasions,
            "prior_breaches": prior,
            "reasons": _reasons(b.reasons),
        }


def _leaves(pattern: Pattern) -> Iterator[Leaf]:
    """Yield the criteria of all conditions of a pattern."""
    for _, node in pattern.conditions():
        yield from leaves(node)


def _asks(pattern: Pattern, *criteria: str) -> bool:
    return any(leaf.criterion in criteria for leaf in _leaves(pattern))


def _told_here(leaf: Leaf) -> bool:
    return leaf.criterion == "breaches" and bool(dict(leaf.parameters).get("told_here"))


def _dyads_only(node: Any) -> bool:
    """Return whether a condition holds for courses of one suspect towards one victim alone."""
    if getattr(node, "criterion", "") == "course_unit":
        return bool(node.parameters.get("any_of") == ("dyad",))
    return getattr(node, "how", "") == "all" and any(map(_dyads_only, node.parts))


def _occasions_before(pair: Pair, row: Row) -> int:
    """Return the occasions that began before a row."""
    if row.start > pair.last_start:
        return pair.count
    place = bisect_left(pair.occasions, row.start, key=attrgetter("start"))
    return pair.count - sum(o.count for o in pair.occasions[place:])


def _records_before(pair: Pair, row: Row) -> int:
    """Return the records that began before a row."""
    late = row.start > pair.last_start
    return len(pair.records) if late else bisect_left(pair.records, row.start, key=attrgetter("row.start"))


def _best(pair: Pair | None) -> int:
    return pair.strength if pair is not None else 0


@lru_cache(maxsize=4096)
def _signals(mask: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    told = signal_table().of(mask)
    return tuple(s.text for s in told if not s.against), tuple(s.text for s in told if s.against)


def _course(pair: Pair | None, record: Record) -> Answer:
    """Return what is said of the course that holds the record; where none does, of the strongest of the two people."""
    own = course_with(pair, record.row) if pair is not None and pair.count else None
    course = own if own is not None or pair is None else pair.strongest
    if course is None:
        return {
            "strength": "none", "holds_incident": False, "occasions": 0, "acts": 0, "first_at": None, "last_at": None,
            "reasons_for": [], "counter_signals": [],
        }  # fmt: skip
    reasons_for, against = _signals(course.signals)
    return {
        "strength": STRENGTHS.values[course.strength],
        "holds_incident": own is not None,
        "occasions": course.count,
        "acts": course.acts,
        "first_at": iso(course.first_at),
        "last_at": iso(course.last_at - 1),
        "reasons_for": list(reasons_for),
        "counter_signals": list(against),
    }


_terms, _kinds, _texts = (lru_cache(4096)(v.codes) for v in (TERMS, BREACH_KINDS, BREACH_REASONS))


def _reasons(mask: int) -> list[str]:
    return list(_texts(mask))


@lru_cache(maxsize=65536)
def iso(second: int) -> str | None:
    """Return an instant as ISO 8601 on the London clock; ``None`` where it is far from any date.

    Examples
    --------
    >>> iso(1751576400)
    '2025-07-03T22:00:00+01:00'
    """
    if not NEVER < second < FOREVER or abs(second) >= FAR:
        return None
    return datetime.fromtimestamp(second, UTC).astimezone(LONDON).isoformat()

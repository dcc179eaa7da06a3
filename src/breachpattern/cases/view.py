"""A case as it stands, with or without one more record: its pairs, wider units, orders, and what patterns judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from breachpattern.cases.candidates import Broken, Candidate, Laws, in_time_order
from breachpattern.cases.courses import Beside, Chain, Course, chain, entries_of
from breachpattern.cases.lives import OrderLife
from breachpattern.cases.nexus import Custody
from breachpattern.cases.occasions import Entry, gather
from breachpattern.cases.pairs import Pair, Record, entry_of, warnings_of
from breachpattern.cases.rows import THROUGH, Row
from breachpattern.timelines.proxies import CONTACT as BY_OTHERS
from breachpattern.timelines.units import GROUP
from breachpattern.vocabulary import TERMS

if TYPE_CHECKING:
    from breachpattern.cases.index import Cases

NO_CONTACT = TERMS.mask(["no_contact", "no_indirect_contact"])


@dataclass(slots=True, eq=False)
class Wider:
    """A group or a joint unit: the pairs in it, and their courses together."""

    kind: int
    chain: Chain
    courses: list[Course]
    suspects: frozenset[str]
    victims: frozenset[str]


class View:
    """What is on file of a suspect and a victim, and one more record where there is one.

    Parameters
    ----------
    cases : Cases
    suspect, victim : str
        Whom the questions are about; empty where not known.
    record : Record, optional
        One more record of the two.
    now : int
        The last second, in seconds UTC, of which anything is known.
    """

    def __init__(self, cases: Cases, laws: Laws, suspect: str, victim: str, record: Record | None, now: int) -> None:
        self.cases, self.laws, self.record, self.now = cases, laws, record, now
        self.suspect, self.victim = suspect, victim
        self._grown: Pair | None = None

    # -------------------------------------------------------------------------------------------------- pairs
    def pair(self, suspect: str, victim: str) -> Pair:
        """Return the state of two people, with the further record where it is theirs."""
        if self.record is None or (suspect, victim) != (self.suspect, self.victim):
            return self.cases.pair(suspect, victim)
        if self._grown is None:
            self._grown = self.cases.with_record(self.cases.pair(suspect, victim), self.record)
        return self._grown

    @cached_property
    def own(self) -> Pair | None:
        """The pair that the questions are about."""
        return self.pair(self.suspect, self.victim) if self.suspect and self.victim else None

    @cached_property
    def lives(self) -> tuple[OrderLife, ...]:
        """The orders that bind the suspect."""
        return self.cases.orders(self.suspect)[1] if self.suspect else ()

    @cached_property
    def victims(self) -> list[str]:
        """Everybody towards whom conduct of the suspect is on record."""
        found = self.cases.victims_of(self.suspect)
        if self.own is not None and self.own.entries:
            found.add(self.victim)
        return sorted(found)

    # ------------------------------------------------------------------------------------------ wider units
    @cached_property
    def wider(self) -> list[Wider]:
        """The groups and joint units to which the pair belongs, as the engine saw them."""
        cases, own = self.cases, self.own
        if own is None or not own.entries:
            return []
        return [self._wider(kind, unit) for kind, unit in cases.units_of(self.suspect, self.victim)]

    def _wider(self, kind: int, unit: int) -> Wider:
        cases = self.cases
        people, traits, parts = cases.unit(kind, unit)
        pairs = [self.pair(s, v) for s, v in people]
        part_of = {id(e): part for pair, part in zip(pairs, parts, strict=True) for e in pair.entries}
        entries = [e for pair in pairs for e in pair.entries]
        back = gather([e for s, v in people for e in cases.pair(v, s).entries])
        beside = Beside(
            [(o.start, o.end, o.count) for o in back],
            [(r.row.start, r.row.end, 1) for pair in pairs for r in pair.records if r.row.cancelled],
        )
        custody = cases.custody(self.suspect) if kind == GROUP else Custody()
        made = chain(gather(entries), traits, beside, custody)
        courses = [c for c in made.courses if len({part_of[id(e)] for e in entries_of(made, c)}) >= 2]
        return Wider(kind, made, courses, frozenset(s for s, _ in people), frozenset(v for _, v in people))

    # ------------------------------------------------------------------------------------- strength of a row
    def strength_of(self, entry: Entry) -> int:
        """Return the strength of the strongest course that holds a row."""
        row = entry.row
        if (row.suspect, row.victim) == (self.suspect, self.victim) and self.own is not None:
            return max(self._own_strength.get(row.key, 0), self._wider_strength.get(self._identity(row), 0))
        if self._wider_strength and self._identity(row) in self._wider_strength:
            pair = self._strengths_of(row.suspect, row.victim)
            return max(pair.get(row.key, 0), self._wider_strength[self._identity(row)])
        if row.place >= 0 and not self.cases.is_touched(row.suspect, row.victim):
            return self.cases.base.strength_at(row.place)
        return self._strengths_of(row.suspect, row.victim).get(row.key, 0) if row.suspect and row.victim else 0

    @cached_property
    def _own_strength(self) -> dict[tuple[str, int], int]:
        return self._strengths_of(self.suspect, self.victim)

    def _strengths_of(self, suspect: str, victim: str) -> dict[tuple[str, int], int]:
        pair = self.pair(suspect, victim)
        held = pair.memory.get("strengths")
        if held is None:
            links = pair.links()
            strengths: dict[tuple[str, int], int] = {}
            for occasion, which in zip(links.occasions, links.course_of, strict=True):
                if which >= 0:
                    for e in occasion.entries:
                        strengths[e.row.key] = links.courses[which].strength
            held = pair.memory["strengths"] = strengths
        return held  # type: ignore[return-value]

    @cached_property
    def _wider_strength(self) -> dict[tuple[str, str, str, int], int]:
        out: dict[tuple[str, str, str, int], int] = {}
        for wider in self.wider:
            for course in wider.courses:
                for e in entries_of(wider.chain, course):
                    key = self._identity(e.row)
                    out[key] = max(out.get(key, 0), course.strength)
        return out

    @staticmethod
    def _identity(row: Row) -> tuple[str, str, str, int]:
        return row.suspect, row.victim, row.incident, row.place

    # --------------------------------------------------------------------------------------------- candidates
    def candidates(self, unit: str) -> Iterator[Candidate]:
        """Yield what the further record may change of a unit."""
        yield from _BUILDERS[unit](self)

    def _candidate(
        self,
        unit: str,
        entries: Sequence[Entry],
        breaches: Sequence[Broken] | None = None,
        *,
        suspects: tuple[str, ...],
        victims: tuple[str, ...],
        orders: tuple[str, ...] | None = None,
        **more: object,
    ) -> Candidate:
        broken = [(b, e) for e in entries for b in e.breaches] if breaches is None else breaches
        return Candidate(
            unit=unit,
            laws=self.laws,
            now=self.now,
            entries=entries,
            breaches=broken,
            orders=tuple(sorted({b.order for b, _ in broken if b.order})) if orders is None else orders,
            suspects=suspects,
            victims=victims,
            lives=self.lives,
            towards=self._towards,
            strength_of=self.strength_of,
            **more,  # type: ignore[arg-type]
        )

    def _towards(self, victim: str) -> Sequence[Entry]:
        return self.pair(self.suspect, victim).entries

    def courses(self) -> Iterator[Candidate]:
        """Yield the courses of the pair, then those of its wider units."""
        own = self.own
        if own is None:
            return
        links = own.links()
        for course in links.courses:
            yield self._candidate(
                "course",
                entries_of(links, course),
                suspects=(self.suspect,),
                victims=(self.victim,),
                strength=course.strength,
                signals=course.signals,
                course_occasions=course.count,
                pair=own,
                tells=lambda e, s=course.strength: self._wider_strength.get(self._identity(e.row), 0) <= s,
            )
        wider = [(w, c) for w in self.wider for c in w.courses]
        for k, (unit, course) in enumerate(wider):
            entries = entries_of(unit.chain, course)
            yield self._candidate(
                "course",
                entries,
                suspects=tuple(sorted({e.row.suspect for e in entries})),
                victims=tuple(sorted({e.row.victim for e in entries})),
                kind=unit.kind,
                strength=course.strength,
                signals=course.signals,
                course_occasions=course.count,
                tells=self._tells_wider(wider[:k], course),
            )

    def _tells_wider(self, before: list[tuple[Wider, Course]], course: Course) -> Callable[[Entry], bool]:
        """Return whether a wider course is the strongest that holds a row: equals of fewer people come first."""
        earlier = [(c.strength, {id(e) for e in entries_of(w.chain, c)}) for w, c in before]

        def tells(entry: Entry) -> bool:
            own = self._strengths_of(entry.row.suspect, entry.row.victim).get(entry.row.key, 0)
            if own >= course.strength or self._wider_strength.get(self._identity(entry.row), 0) > course.strength:
                return False
            return not any(s >= course.strength and id(entry) in held for s, held in earlier)

        return tells

    def breach_rows(self) -> Iterator[Candidate]:
        """Yield the breaches of the further record, each incident × order once."""
        if self.record is None:
            return
        entry = self.entry(self.record)
        for breach in self.record.breaches:
            yield self._candidate(
                "breach",
                [entry],
                [(breach, entry)],
                suspects=(entry.row.suspect,) if entry.row.suspect else (),
                victims=self._victims_of([entry]),
                strength=self.strength_of(entry),
            )

    def order_lives(self) -> Iterator[Candidate]:
        """Yield the orders that the further record breaks, and those that protect its victim from its suspect."""
        broken = {b.order for b in self.record.breaches} if self.record is not None else set()
        if self.focus is not None:
            broken |= {b.order for b in self.focus.breaches}
        for life in self.lives:
            if life.order not in broken and self.victim not in life.protected:
                continue
            breaches = self._breaches_of(life)
            entries = in_time_order(e for _, e in breaches)
            yield self._candidate(
                "order",
                entries,
                breaches,
                suspects=(self.suspect,),
                victims=self._victims_of(entries) or tuple(sorted(life.protected)),
                orders=(life.order,),
                strength=max((self.strength_of(e) for e in entries), default=0),
                life=life,
                inferred=self.cases.inferred(self.suspect, order=life.order),
            )

    focus: Record | None = None

    def _victims_of(self, entries: Sequence[Entry]) -> tuple[str, ...]:
        return tuple(sorted({e.row.victim for e in entries if e.row.victim and e.row.victim != e.row.suspect}))

    def _breaches_of(self, life: OrderLife) -> list[Broken]:
        records = self.cases.records_of_order(self.suspect, life)
        if self.record is not None and any(b.order == life.order for b in self.record.breaches):
            records = [*records, self.record]
        out = []
        for record in records:
            entry = self.entry(record)
            out += [(b, entry) for b in record.breaches if b.order == life.order]
        return out

    def entry(self, record: Record) -> Entry:
        """Return the entry of a record: that of its pair where it is conduct."""
        row = record.row
        if row.suspect and row.victim:
            pair = self.pair(row.suspect, row.victim)
            by_key = pair.memory.get("entries")
            if by_key is None:
                by_key = pair.memory["entries"] = {e.row.key: e for e in pair.entries}
            held = by_key.get(row.key)  # type: ignore[attr-defined]
            if held is not None:
                return held  # type: ignore[no-any-return]
        return entry_of(record, self.cases.facts, (), warnings_of((), row.victim))

    def dyads(self) -> Iterator[Candidate]:
        """Yield the pair."""
        own = self.own
        if own is None or not own.entries:
            return
        links = own.links()
        best = max(links.courses, key=lambda c: c.strength, default=None)
        yield self._candidate(
            "dyad",
            own.entries,
            suspects=(self.suspect,),
            victims=(self.victim,),
            orders=tuple(sorted(o.order for o in self.lives if self.victim in o.protected)),
            strength=best.strength if best else 0,
            signals=best.signals if best else 0,
            pair=own,
            inferred=self.cases.inferred(self.suspect, victim=self.victim),
        )

    def suspects(self) -> Iterator[Candidate]:
        """Yield the suspect, where there is a course or conduct towards several people."""
        if self.own is None:
            return
        towards = {v: self._strength_towards(v) for v in self.victims}
        if len(towards) < 2 and not any(towards.values()):
            return
        entries = in_time_order(e for v in towards for e in self.pair(self.suspect, v).entries)
        yield self._candidate(
            "suspect",
            entries,
            suspects=(self.suspect,),
            victims=tuple(sorted(towards)),
            strength=max(towards.values(), default=0),
            courses_towards=towards,
            users_of=lambda means: len(self.cases.users_of(means, self.suspect)),
            unattributed=self.cases.unattributed,
        )

    def _strength_towards(self, victim: str) -> int:
        return max((c.strength for c in self.pair(self.suspect, victim).links().courses), default=0)

    # ------------------------------------------------------------------------------------------------- limits
    @cached_property
    def may_widen(self) -> bool:
        """Whether the further record may change who belongs to a group or a joint unit."""
        record, own = self.record, self.own
        if record is None or own is None or not own.entries:
            return False
        row = record.row
        before = self.cases.pair(self.suspect, self.victim)
        if row.means and self.cases.may_be_shared(row.means, self.suspect):
            return True
        if before.entries and row.start > before.last_start and not row.behaviours & THROUGH:
            until = max(before.last_end, row.end)
            return self.cases.tie_begins_between(self.suspect, self.victim, before.last_end, until)
        return self.cases.has_company(self.suspect, self.victim)

    @cached_property
    def may_act_for_others(self) -> bool:
        """Whether the further record may be contact on behalf of somebody whom an order keeps away."""
        record = self.record
        if record is None or not self.suspect or not self.victim or record.row.cancelled:
            return False
        done = record.row.behaviours | record.row.possible
        return bool(done & BY_OTHERS) and self.cases.others_bound(self.suspect, self.victim, record.row)


_BUILDERS: dict[str, Callable[[View], Iterator[Candidate]]] = {
    "course": View.courses,
    "breach": View.breach_rows,
    "order": View.order_lives,
    "dyad": View.dyads,
    "suspect": View.suspects,
}

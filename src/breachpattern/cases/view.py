"""A case as it stands, with or without one more record: its pairs, wider units, orders, and what patterns judge.

A case with one more record is the case before it carried on: what was worked out of the one is where the other begins.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from breachpattern.cases.breaches import Breach
from breachpattern.cases.candidates import Candidate, Scene, in_time_order, names, strongest
from breachpattern.cases.chains import chain, entries_of
from breachpattern.cases.courses import Beside, Course
from breachpattern.cases.grown import course_of, courses_kept, courses_of
from breachpattern.cases.laws import Laws
from breachpattern.cases.lives import OrderLife
from breachpattern.cases.nexus import Custody, is_spell
from breachpattern.cases.occasions import Entry, gather
from breachpattern.cases.once import once
from breachpattern.cases.pairs import ARREST, Facts, Pair, Record, entry_of
from breachpattern.cases.rows import THROUGH, Row
from breachpattern.cases.sums import Sums
from breachpattern.cases.towards import Towards
from breachpattern.cases.wider import Wider, identity_of, summed, with_row
from breachpattern.timelines.proxies import CONTACT as BY_OTHERS
from breachpattern.timelines.units import DYAD, GROUP, JOINT

if TYPE_CHECKING:
    from breachpattern.cases.file import Cases


@dataclass(slots=True, eq=False)
class Carried:
    """What is known of a case once its further record is on file: the state of its pair, and what was worked out of it.

    ``orders`` and ``suspect`` are candidates, ``towards`` the strength of the course towards everybody.
    """

    pair: Pair | None = None
    widens: bool = False
    acts_for: bool = False
    orders: dict[str, Candidate] = field(default_factory=dict)
    suspect: Candidate | None = None
    towards: Towards | None = None


class View:
    """What is on file of a suspect and a victim, and one more record where there is one.

    Parameters
    ----------
    cases : Cases
    laws : Laws
    suspect, victim : str
        Whom the questions are about; empty where not known.
    now : int
        The last second, in seconds UTC, of which anything is known.
    before : View, optional
        The same case without the record.
    record : Record, optional
        One more record of the two.
    facing : View, optional
        The case in the other direction, where the record is one of that.

    """

    stamps: dict[str, int]
    facing: Pair | None = None
    regraded = False

    def __init__(
        self,
        cases: Cases,
        laws: Laws,
        suspect: str,
        victim: str,
        now: int,
        before: View | None = None,
        record: Record | None = None,
        facing: View | None = None,
    ) -> None:
        self.cases, self.laws, self.now = cases, laws, now
        self.suspect, self.victim = suspect, victim
        self.before, self.record = before, record
        # Taken before anything is read: what is worked out of it may be kept for as long as they are the same.
        self.stamps = {p: cases.stamp(p) for p in (suspect, victim, "")} if before is None else before.stamps
        self.lives: tuple[OrderLife, ...] = cases.orders(suspect)[1] if suspect else ()
        self.own: Pair | None = None
        if suspect and victim:
            kept = cases.pair(suspect, victim) if before is None or before.own is None else before.own
            self.own = kept if record is None else cases.with_record(kept, record)
            if facing is not None and facing.own is not None and facing.record is not None:
                self.own, self.facing = cases.faced(kept, facing.own, facing.record), facing.own
        self.fresh = self._fresh()
        self.wider: list[Wider] = self._wider_units()
        self.made: dict[str, Candidate] = {}
        self.changing: Sequence[Course] = ()
        if before is not None:
            before.changing, self.changing = self._tell_apart(before)

    def close(self) -> None:
        """Let go of what would keep the case alive once it is answered: no collector of cycles need look for it."""
        for view in (self, self.before):
            if view is not None and "scene" in view.__dict__:
                view.scene.close()

    @once
    def scene(self) -> Scene:
        """Where its candidates are judged."""
        cases, suspect = self.cases, self.suspect  # what outlives the case must not hold on to it
        return Scene(
            self.laws, self.now, self.lives, self._towards, self._tells if self.wider else None, self.strength_of,
            lambda means: len(cases.users_of(means, suspect)), cases.unattributed,
        )  # fmt: skip

    def stamp(self, person: str) -> int:
        """Return the number that changes with everything that is added of a person, as the case began with it."""
        held = self.stamps.get(person)
        if held is None:
            held = self.stamps[person] = self.cases.stamp(person)
        return held

    # -------------------------------------------------------------------------------------------------- pairs
    def pair(self, suspect: str, victim: str) -> Pair:
        """Return the state of two people, with the further record where it is theirs."""
        if self.own is not None and victim == self.victim and suspect == self.suspect:
            return self.own
        if self.facing is not None and victim == self.suspect and suspect == self.victim:
            return self.facing
        return self.cases.pair(suspect, victim)

    def _tell_apart(self, before: View) -> tuple[Sequence[Course], Sequence[Course]]:
        """Return the courses of the pair that the further record changes, as they were and as they are with it."""
        if self.own is None or before.own is None:
            return (), ()
        was, now = before.own.links(), self.own.links()
        if self.wider or before.wider:  # which course tells of a row depends on all of them
            return was.courses, now.courses
        return now.told_apart(was)

    def _towards(self, victim: str) -> Sequence[Entry]:
        return self.pair(self.suspect, victim).entries

    def _fresh(self) -> Entry | None:
        """Return the further record as a row of a candidate, where it stands apart from all on file of the two."""
        if self.record is None:
            return None
        if self.own is None:
            return entry_of(self.record, self.cases.facts)
        if self.before is None or self.own.origin is not self.before.own:
            return None
        return self.own.fresh or entry_of(self.record, self.cases.facts)

    # ------------------------------------------------------------------------------------------ wider units
    def _wider_units(self) -> list[Wider]:
        """Return the groups and joint units to which the pair belongs, as the engine saw them."""
        own = self.own
        if own is None or not own.count:
            return []
        found = []
        for kind, unit in own.units:
            held = None
            if self.before is not None and own.fresh is not None and self.fresh is own.fresh:
                former = self.before.kept_wider(kind, unit)
                held = None if former is None else with_row(former, own.fresh)
            found.append(held or self._wider(kind, unit))
        return found

    def kept_wider(self, kind: int, unit: int) -> Wider | None:
        """Return a wider unit that was worked out, if it was."""
        for wider, key in zip(self.wider, self.own.units if self.own is not None else (), strict=False):
            if key == (kind, unit):
                return wider
        return None

    def _wider(self, kind: int, unit: int) -> Wider:
        cases, as_kept = self.cases, self.before is None
        people, traits, parts = cases.unit(kind, unit)
        stamp = tuple(self.stamp(person) for pair in people for person in pair)
        if as_kept:
            kept = cases.kept_units.get((kind, unit))
            if kept is not None and kept[0] == stamp:
                return kept[1]
        pairs = [self.pair(s, v) for s, v in people]
        entries = [e for pair in pairs for e in pair.entries]
        back = gather([e for s, v in people for e in self.pair(v, s).entries])
        beside = Beside(
            [(o.start, o.end, o.count) for o in back],
            [(r.row.start, r.row.end, 1) for pair in pairs for r in pair.records if r.row.cancelled],
        )
        custody = Custody()
        if kind == GROUP:
            suspect = people[0][0]
            more = [self.record.row] if self.record is not None and is_spell(self.record.row) else []
            custody = Custody([*cases.spells(suspect), *more]) if more else cases.custody(suspect)
        made = summed(
            kind,
            chain(gather(entries), traits, beside, custody),
            dict(zip(people, parts, strict=True)),
            custody,
            {e.row.occurrence for e in entries if e.row.occurrence},
            max(pair.last_start for pair in pairs),
            max(pair.last_end for pair in pairs),
        )
        if as_kept:
            cases.remember(cases.kept_units, (kind, unit), (stamp, made))
        return made

    # ------------------------------------------------------------------------------------- strength of a row
    def strength_of(self, entry: Entry) -> int:
        """Return the strength of the strongest course that holds a row."""
        row = entry.row
        most = 0
        for wider in self.wider:
            most = max(most, wider.strengths.get(identity_of(row), 0))
        elsewhere = row.place >= 0 and (row.suspect, row.victim) != (self.suspect, self.victim)
        if elsewhere and not self.cases.is_touched(row.suspect, row.victim):
            return max(most, self.cases.base.strength_at(row.place))
        if row.suspect and row.victim:
            pair = self.pair(row.suspect, row.victim)
            most = max(most, _strength_in(pair, row))
            for key in pair.units if elsewhere else ():
                if self.own is None or key not in self.own.units:
                    most = max(most, (self.before or self)._wider(*key).strengths.get(identity_of(row), 0))
        return most

    def _tells(self, candidate: Candidate, entry: Entry) -> bool:
        """Return whether a course is the strongest that holds a row: of equals, that of the fewest people."""
        row, strength = entry.row, candidate.strength
        identity = identity_of(row)
        most = max((w.strengths.get(identity, 0) for w in self.wider), default=0)
        if candidate.kind == DYAD:
            return most <= strength
        if most > strength or _strength_in(self.pair(row.suspect, row.victim), row) >= strength:
            return False
        if row.place >= 0 and (row.suspect, row.victim) != (self.suspect, self.victim):
            # The group of another suspect and the joint unit against another victim are none of this pair's.
            kind, elsewhere = self.cases.base.course_at(row.place)
            foreign = GROUP if row.suspect != self.suspect else JOINT
            if kind == foreign and (elsewhere, -kind) > (strength, -candidate.kind):
                return False
        for wider in self.wider:
            for course in wider.courses:
                if course.strength == strength and any(
                    identity_of(e.row) == identity for e in entries_of(wider.chain, course)
                ):
                    return course is candidate.derived.get("course")  # type: ignore[comparison-overlap]
        return True

    # --------------------------------------------------------------------------------------------- candidates
    def candidates(self, unit: str) -> Iterator[Candidate]:
        """Return what the further record may change of a unit."""
        return _BUILDERS[unit](self)

    def courses(self) -> Iterator[Candidate]:
        """Yield the courses of the pair that the further record changes, then those of its wider units."""
        if self.own is None:
            return
        for course in self.changing:
            yield course_of(self.own, course, self.scene).at(self.scene)
        for wider in self.wider:
            for course in wider.courses:
                entries = entries_of(wider.chain, course)
                made = Candidate(
                    unit="course",
                    scene=self.scene,
                    sums=Sums(entries),
                    orders=(),
                    suspects=tuple(sorted({e.row.suspect for e in entries})),
                    victims=tuple(sorted({e.row.victim for e in entries})),
                    strength=course.strength,
                    kind=wider.kind,
                    signals=course.signals,
                    course_occasions=course.count,
                )
                made.orders = tuple(sorted({b.order for b, _ in made.breaches if b.order}))
                made.derived["course"] = course  # type: ignore[assignment]
                yield made

    def breach_rows(self) -> Iterator[Candidate]:
        """Yield the breaches of the further record, each incident × order once."""
        if self.record is None:
            return
        entry = self.entry(self.record)
        row = entry.row
        for breach in self.record.breaches:
            yield Candidate(
                unit="breach",
                scene=self.scene,
                sums=Sums([entry], [(breach, entry)]),
                orders=(breach.order,) if breach.order else (),
                suspects=(row.suspect,) if row.suspect else (),
                victims=(row.victim,) if row.victim and row.victim != row.suspect else (),
                strength=self.strength_of(entry),
            )

    def orders(self, broken: Set[str]) -> Iterator[Candidate]:
        """Yield some orders of the suspect, those that protect the victim, and others whose grade may change."""
        for life in self.lives:
            if (
                life.order in broken
                or self.victim in life.protected
                or (self.regraded and self.victim in self.order(life).victims)
            ):
                held = self.order(life)
                yield held.at(self.scene, strength=strongest(held.sums.entries, self.scene))

    def order(self, life: OrderLife) -> Candidate:
        """Return an order with everything that breaches it."""
        held = self.made.get(life.order)
        if held is None:
            held = self.made[life.order] = self._order(life)
        return held

    def _order(self, life: OrderLife) -> Candidate:
        if self.record is not None and self.before is not None:
            former = self.before.order(life)
            fresh = [b for b in self.record.breaches if b.order == life.order]
            if not fresh:
                return former
            arrests = self.cases.facts.is_arrest(self.record.row) or any(
                self.cases.facts.is_arrest(e.row) for e in former.sums.entries
            )
            if self.fresh is not None and not arrests:
                grown = former.plus(self.fresh, [(b, self.fresh) for b in fresh])
                victim, known = self.fresh.row.victim, grown.victims
                if victim and (victim not in known or (len(known) > 1 and not any(map(names, former.sums.entries)))):
                    grown.victims = _victims(grown.sums.entries) or known
                return grown
            return self._order_anew(life)
        stamp = self.stamp(self.suspect)
        kept = self.cases.kept_orders.get((self.suspect, life.order))
        if kept is None or kept[0] != stamp or kept[1].life is not life:
            kept = stamp, self._order_anew(life)
            self.cases.remember(self.cases.kept_orders, (self.suspect, life.order), kept)
        return kept[1]

    def _order_anew(self, life: OrderLife) -> Candidate:
        records = self.cases.records_of_order(self.suspect, life)
        if self.record is not None and any(b.order == life.order for b in self.record.breaches):
            records = [*records, self.record]
        of_order = [(b, r) for r in records for b in r.breaches if b.order == life.order]
        told = [(b, self.entry(r)) for b, r in without_arrests(of_order, self.cases.facts)]
        entries = in_time_order(e for _, e in told)
        return Candidate(
            unit="order",
            scene=self.scene,
            sums=Sums(entries, told),
            orders=(life.order,),
            suspects=(self.suspect,),
            victims=_victims(entries) or tuple(sorted(life.protected)),
            life=life,
            inferred=self.cases.inferred(self.suspect, order=life.order),
        )

    def entry(self, record: Record) -> Entry:
        """Return the entry of a record: that of its pair where it is conduct."""
        row = record.row
        if record is self.record and self.fresh is not None:
            return self.fresh
        if row.suspect and row.victim:
            held = _at(self.pair(row.suspect, row.victim), row)
            if held is not None:
                return held
        return entry_of(record, self.cases.facts)

    def dyads(self) -> Iterator[Candidate]:
        """Yield the pair."""
        own = self.own
        if own is None or not own.occasions:
            return
        best = own.strongest
        yield self._dyad(own).at(
            self.scene,
            orders=tuple(sorted(o.order for o in self.lives if self.victim in o.protected)),
            strength=best.strength if best else 0,
            signals=best.signals if best else 0,
            inferred=self.tied_acts,
        )

    def _dyad(self, pair: Pair) -> Candidate:
        held: Candidate | None = pair.memory.get("dyad")
        if held is None:
            former: Candidate | None = pair.origin.memory.get("dyad") if pair.origin is not None else None
            # As a rule one course holds everything, and what it adds up to is that of the pair.
            first = next(iter(pair.links().courses), None)
            all_of_it = first is not None and first.count == pair.count
            whole = course_of(pair, first, self.scene).sums if first is not None and all_of_it else None
            if former is None:
                sums = whole if whole is not None and whole.entries == pair.entries else Sums(pair.entries)
                people = (pair.suspect,), (pair.victim,)
                held = Candidate("dyad", self.scene, sums, (), *people, towards=pair.victim)
            elif pair.fresh is None:
                held = former
            elif whole is not None and whole.parent is former.sums and whole.added is pair.fresh:
                held = former.changed(sums=whole, before=former)
            else:
                held = former.plus(pair.fresh)
            pair.memory["dyad"] = held
        return held

    def suspects(self) -> Iterator[Candidate]:
        """Yield the suspect, where there is a course or conduct towards several people."""
        if self.own is None:
            return
        towards = self.towards
        if len(towards) < 2 and not towards.strong(1):
            return
        held = self.of_suspect
        yield held.at(
            self.scene,
            victims=tuple(towards),
            strength=max(towards.values(), default=0),
            towards_strength=towards,
            orders=tuple(sorted({b.order for b, _ in held.breaches if b.order})),
        )

    @once
    def towards(self) -> Towards:
        """The strength of the course towards everybody."""
        held = self.cases.strengths_towards(self.suspect)
        own = self.own
        return held.with_one(self.victim, own.strength) if own is not None and own.count else held

    @once
    def of_suspect(self) -> Candidate:
        """The suspect with all conduct towards anybody."""
        cases = self.cases
        if self.before is not None and self.fresh is not None and self.own is not None and self.own.fresh is self.fresh:
            return self.before.of_suspect.plus(self.fresh)
        stamp = self.stamp(self.suspect)
        if self.record is None:
            kept = cases.kept_suspects.get(self.suspect)
            if kept is not None and kept[0] == stamp:
                return kept[1]
        entries = in_time_order(e for v in self.towards for e in self.pair(self.suspect, v).entries)
        made = Candidate("suspect", self.scene, Sums(entries), (), (self.suspect,), ())
        if self.before is None:
            cases.remember(cases.kept_suspects, self.suspect, (stamp, made))
        return made

    def regrade(self) -> bool:
        """Tell the case, and the one before, if anything that was on file may be of another strength, and return it."""
        if self.before is not None:
            was, now = self.before.changing, self.changing
            if len(was) == 1 and len(now) == 1:
                other = was[0].strength != now[0].strength or len(now[0].members) > len(was[0].members) + 1
            else:
                other = len(was) > 0 or (len(now) > 0 and len(now[0].members) > 1)
            self.regraded = self.before.regraded = other
        return self.regraded

    # --------------------------------------------------------------------------------------------- at a glance
    @once
    def acts_through_others(self) -> bool:
        """Whether anything was done to the victim through a third party."""
        return self.own is not None and self.own.acts_through_others

    @once
    def tied_acts(self) -> tuple[list[Entry], int]:
        """What people tied to the suspect did to the victim, and the place of the heaviest."""
        return self.cases.inferred(self.suspect, victim=self.victim)

    @once
    def protected(self) -> frozenset[str]:
        """Whom orders protect from the suspect."""
        return frozenset(victim for life in self.lives for victim in life.protected)

    @once
    def uses_means(self) -> bool:
        """Whether a number, account or vehicle of the suspect is on record."""
        return (self.record is not None and self.record.row.means != "") or self.cases.uses_means(self.suspect)

    def ready(self, units: Sequence[str]) -> None:
        """Work out what a first question about the two would wait for, the rows of some units among it."""
        own = self.own
        if own is None or not own.occasions:
            return
        for candidate in (*courses_of(own, self.scene), *(self.dyads() if "dyad" in units else ())):
            if candidate.sums.events() >= 2:
                candidate.sums.history(self.laws)
        for life in self.lives:
            self.order(life)
        if "suspect" in units:
            list(self.suspects())

    def carried(self) -> Carried:
        """Return what is known once the further record is on file."""
        own, before = self.own, self.before
        if own is None or before is None or self.record is None:
            return Carried()
        out = Carried(own, self.may_widen, self.may_act_for_others)
        stamp = self.cases.stamp(self.suspect)
        for life in self.lives:
            kept = self.cases.kept_orders.get((self.suspect, life.order))
            if kept is not None and kept[0] == stamp and kept[1].life is life:
                out.orders[life.order] = self.order(life)
        if self.cases.towards_kept(self.suspect) is not None:
            out.towards = self.towards
            held = self.cases.kept_suspects.get(self.suspect)
            if held is not None and held[0] == stamp:
                out.suspect = self.of_suspect
        # What the state before it knew is carried on, so that it need not be kept itself.
        settled = [*courses_kept(own), *out.orders.values()]
        if "dyad" in own.memory:
            settled.append(own.memory["dyad"])
        if out.suspect is not None:
            settled.append(out.suspect)
        for candidate in settled:
            candidate.settle()
        own.settle()
        return out

    # ------------------------------------------------------------------------------------------------- limits
    @once
    def may_widen(self) -> bool:
        """Whether the further record may change who belongs to a group or a joint unit."""
        if self.record is None or self.own is None or self.before is None or self.before.own is None:
            return False
        return widens(self.cases, self.before.own, self.own, self.record.row)

    @once
    def may_act_for_others(self) -> bool:
        """Whether the further record may be contact on behalf of somebody whom an order keeps away."""
        record = self.record
        if record is None or not self.suspect or not self.victim or record.row.cancelled:
            return False
        if self.cases.may_be_acted_for(self.victim):
            return True
        done = record.row.behaviours | record.row.possible
        return bool(done & BY_OTHERS) and self.cases.others_bound(self.suspect, self.victim, record.row)


def widens(cases: Cases, before: Pair, own: Pair, row: Row) -> bool:
    """Return whether one more record of a pair may change who belongs to a group or a joint unit."""
    if not own.count:
        return False
    if row.means and cases.may_be_shared(row.means, own.suspect):
        return True
    if before.occasions and row.start > before.last_start and not row.behaviours & THROUGH:
        return cases.tie_begins_between(own.suspect, own.victim, before.last_end, max(before.last_end, row.end))
    return cases.has_company(own.suspect, own.victim)


def without_arrests(told: list[tuple[Breach, Record]], facts: Facts) -> list[tuple[Breach, Record]]:
    """Return the breaches of one order without arrests for others. Mirrors ``told_beside``."""
    arrests = [r.row for _, r in told if r.row.suspect and facts.is_arrest(r.row)]
    if not arrests:
        return told
    others = [r.row for _, r in told if not facts.is_arrest(r.row)]
    beside = {
        (row.key, row.victim) for row in arrests
        if any(
            o.suspect == row.suspect and row.victim in ("", o.victim) and row.start - ARREST <= o.start < row.end
            for o in others
        )
    }  # fmt: skip
    return [(b, r) for b, r in told if (r.row.key, r.row.victim) not in beside]


def _victims(entries: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(sorted({e.row.victim for e in entries if e.row.victim and e.row.victim != e.row.suspect}))


def _at(pair: Pair, row: Row) -> Entry | None:
    """Return the entry of a pair that is a row, ``None`` where it is none of its conduct."""
    for place in range(bisect_left(pair.entries, row.start, key=attrgetter("row.start")), len(pair.entries)):
        entry = pair.entries[place]
        if entry.row.key == row.key:
            return entry
        if entry.row.start > row.start:
            break
    return None


def course_with(pair: Pair, row: Row) -> Course | None:
    """Return the course of a pair that holds a row, if one does."""
    links = pair.links()
    if pair.fresh is not None and pair.fresh.row is row and pair.place >= 0:
        return links.course_at(pair.place)
    for place in reversed(range(bisect_right(pair.occasions, row.start, key=attrgetter("start")))):
        if any(entry.row.key == row.key for entry in pair.occasions[place].entries):
            return links.course_at(place)
    return None


def _strength_in(pair: Pair, row: Row) -> int:
    """Return the strength of the course of a pair that holds a row."""
    course = course_with(pair, row)
    return course.strength if course is not None else 0


_BUILDERS: dict[str, Callable[[View], Iterator[Candidate]]] = {
    "course": View.courses,
    "breach": View.breach_rows,
    "dyad": View.dyads,
    "suspect": View.suspects,
}

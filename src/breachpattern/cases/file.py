"""What is on file, one person or one pair at a time: as the engine left it, and what was added since."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from breachpattern.cases.base import Base
from breachpattern.cases.breaches import Breach, Judge
from breachpattern.cases.chains import weighed_anew
from breachpattern.cases.courses import Beside, Traits
from breachpattern.cases.hindsight import Hindsight, order_learnt
from breachpattern.cases.history import cells_of
from breachpattern.cases.laws import Laws
from breachpattern.cases.lives import OrderLife, Version, containment
from breachpattern.cases.nexus import Custody, is_spell
from breachpattern.cases.occasions import Entry
from breachpattern.cases.pairs import Facts, Pair, Record, entry_of, pair_of, with_event, with_one
from breachpattern.cases.rows import Row, RowReader, same
from breachpattern.cases.towards import Towards
from breachpattern.cases.view import View
from breachpattern.spans import FOREVER, NEVER, NO
from breachpattern.timelines.units import GROUP, JOINT
from breachpattern.vocabulary import TERMS

if TYPE_CHECKING:
    from breachpattern.cases.candidates import Candidate
    from breachpattern.cases.wider import Wider
    from breachpattern.records import Incident

logger = logging.getLogger(__name__)
NO_CONTACT = TERMS.mask(["no_contact", "no_indirect_contact"])
REACH = 3  # the two of an incident, whoever is near them, and whoever is near these
UNTOLD = ("domestic_abuse", "offence_code", "offence_text", "status")  # cells that no row has as they are
KEPT = 50_000  # states of pairs that are kept ready at most


class Added(NamedTuple):
    """What was added since the engine ran: records by suspect and by victim."""

    acted: tuple[Record, ...] = ()
    suffered: tuple[Record, ...] = ()


NOTHING = Added()


class Cases:
    """People, pairs and orders of an index, built when they are first asked for and kept.

    Any number of threads may read while one adds: what a reader holds is never changed, only replaced. What is added
    is there before the generation and the stamps are raised that say so: whoever took one of these before reading may
    keep what was worked out under it, as it counts for nothing once they are raised.
    """

    def __init__(self, base: Base) -> None:
        self.base = base
        self.catalogue = base.timelines.catalogue
        self.laws = Laws(self.catalogue)
        self.judge, self.reader, self.facts = Judge(self.catalogue), RowReader(self.catalogue), Facts(self.catalogue)
        self._added: dict[str, Added] = {}
        self._incidents: set[str] = set()
        self.written: dict[str, Mapping[str, Any] | Incident] = {}
        self._pairs: dict[tuple[str, str], Pair] = {}
        self._orders: dict[str, tuple[tuple[Version, ...], tuple[OrderLife, ...]]] = {}
        self._own_orders: dict[str, tuple[tuple[Version, ...], tuple[OrderLife, ...]]] = {}
        self._custody: dict[str, Custody] = {}
        self._touched: set[tuple[str, str]] = set()
        self._held_since: set[str] = set()
        self._rejudged: set[str] = set()
        self._further_orders: dict[str, pa.Table] = {}
        self._widened: set[str] = set()
        self._bound_since: dict[str, set[str]] = {}
        self._acted_for: set[str] = set()
        self._users: dict[str, set[str]] = {}
        self._with_means: set[str] = set()
        self._stamps: dict[str, int] = {}
        self._towards: dict[str, tuple[int, Towards]] = {}
        self.kept_orders: dict[tuple[str, str], tuple[int, Candidate]] = {}
        self.kept_suspects: dict[str, tuple[int, Candidate]] = {}
        self.kept_units: dict[tuple[int, int], tuple[tuple[int, ...], Wider]] = {}
        self._lock = Lock()
        self._generation = 0
        self.last_known = base.last_known
        self._hindsight = Hindsight(base)
        self._learnt: dict[str, int] = {}
        self.last_learnt = self._hindsight.last

    def __len__(self) -> int:
        return len(self.base) + sum(len(a.acted) for a in self._added.values())

    # ------------------------------------------------------------------------------------------------ reading
    def read(self, incident: Mapping[str, Any] | Incident) -> Row:
        """Return the row of an incident, with the people that its references mean."""
        row = self.reader.read(incident)
        if row.suspect:
            row.suspect = self.base.entity(row.suspect)[1]
        if row.victim:
            row.victim = self.base.entity(row.victim)[1]
        return row

    def is_on_file(self, incident: str) -> bool:
        """Return whether an incident has a row here."""
        return incident in self._incidents or self.base.is_on_file(incident)

    def repeats(self, row: Row) -> bool:
        """Return whether a row stands on file as it is, as far as answers tell."""
        if not self.is_on_file(row.incident):
            return False
        added = [r.row for r in self._added.get(row.suspect, NOTHING).acted if r.row.incident == row.incident]
        held = self.base.rows_of_incident(row.incident)
        for one in held:
            self.base.ready_to_judge(one)
        return any(same(row, one) for one in (*added, *held))

    def is_kept(self, row: Row, incident: Mapping[str, Any] | Incident) -> bool:
        """Return whether a row stands on file as it is, with what only scores and tables tell of it."""
        if not self.repeats(row):
            return False
        base, kept = self.base, self.written.get(row.incident)
        held = base.cells_of_incident(row.incident) if kept is None else cells_of(kept, self.catalogue)
        (said,) = cells_of(incident, self.catalogue)
        return any(all(said[name] == one.get(name) for name in UNTOLD) for one in held)

    def has_further_rows(self, incident: str) -> bool:
        """Return whether an incident on file has several rows."""
        return len(self.base.rows_of_incident(incident)) > 1

    def orders(self, respondent: str) -> tuple[tuple[Version, ...], tuple[OrderLife, ...]]:
        """Return the order versions that bind a person, and the whole orders that they make up."""
        held = self._own_orders.get(respondent) or self._orders.get(respondent)
        if held is None:
            generation = self._generation
            versions = self.base.versions(self.base.entity(respondent)[0])
            held = versions, self.base.orders_of(versions)
            self._keep(self._orders, respondent, held, generation)
        return held

    def versions_of_order(self, order: str) -> list[Version]:
        """Return the versions of an order, whomever they bind."""
        own = dict(self._own_orders)
        found = [v for v in self.base.versions_of_order(order) if v.respondent not in own]
        found += [v for versions, _ in own.values() for v in versions if v.order == order]
        return sorted(found, key=attrgetter("respondent"))

    def people_of_orders(self, orders: Iterable[str]) -> set[str]:
        """Return whom some orders bind and whom they protect."""
        versions = [version for order in orders for version in self.versions_of_order(order)]
        return {person for version in versions for person in (version.respondent, *version.protected)}

    def bound(self, record: Record) -> dict[str, set[str]]:
        """Return whom the orders bind that a record of an unknown suspect breaches, and which orders of each."""
        out: dict[str, set[str]] = {}
        if record.row.suspect:
            return out
        for breach in record.breaches:
            for version in self.versions_of_order(breach.order) if breach.order else ():
                if version.index == breach.version:
                    out.setdefault(version.respondent, set()).add(breach.order)
        return out

    def judged(self, row: Row) -> tuple[list[Breach], list[Breach]]:
        """Return what a row breaches, and the orders considered that it does not."""
        if row.suspect:
            versions: Sequence[Version] = self.orders(row.suspect)[0]
        else:
            versions = [v for order in dict.fromkeys(row.breach_of) for v in self.versions_of_order(order)]
        return self.judge.breaches(row, versions)

    def record(self, row: Row) -> tuple[Record, list[Breach]]:
        """Return a new row with what it breaches, and the orders considered that it does not."""
        breaches, considered = self.judged(row)
        return Record(row, tuple(breaches), row.incident, 0, row.start), considered

    def pair(self, suspect: str, victim: str) -> Pair:
        """Return the state of a suspect towards a victim."""
        held = self._pairs.get((suspect, victim))
        if held is None:
            generation = self._generation
            held = self._built(suspect, victim, ())
            self._keep(self._pairs, (suspect, victim), held, generation)
        return held

    def with_record(self, pair: Pair, record: Record) -> Pair:
        """Return the state of two people with one more record; the one that is kept stays as it is."""
        grown = with_one(pair, record, self.facts) or with_event(pair, record, self.facts)
        if grown is None:
            logger.debug("a record that stands not apart: a pair of %d records is built anew", len(pair.records))
            grown = self._built(pair.suspect, pair.victim, (record,))
        return grown

    def faced(self, pair: Pair, facing: Pair, record: Record) -> Pair:
        """Return the state of two people where that of the other direction has one more record."""
        if record.row.reconciled:
            return self._built(pair.suspect, pair.victim, (), (record,))
        beside = Beside([(o.start, o.end, o.count) for o in facing.occasions], pair.beside.cancelled)
        return pair.changed(beside=beside, chain=weighed_anew(pair.links(), beside), memory={})

    def custody(self, suspect: str) -> Custody:
        """Return the time that a suspect spent in custody."""
        held = self._custody.get(suspect)
        if held is None:
            generation = self._generation
            held = Custody(self.spells(suspect))
            self._keep(self._custody, suspect, held, generation)
        return held

    def records(self, suspect: str, victim: str) -> list[Record]:
        """Return all records of a suspect towards a victim, as they are on file."""
        base = self.base
        code = base.entity(victim)[0]
        low, high = base.span(base.entity(suspect)[0], code) if code >= 0 or not victim else (0, 0)
        found = [self._on_file(row) for row in base.rows(low, high)] if low < high else []
        added = self._added.get(suspect, NOTHING).acted
        return found + [self._again(r) for r in added if r.row.victim == victim] if added else found

    def _on_file(self, row: Row) -> Record:
        """Return a row of the engine with what it breaches, judged again where orders came since."""
        if row.suspect in self._rejudged:
            self.base.ready_to_judge(row)
            return Record(row, tuple(self.judged(row)[0]), *self.base.event(row.place))
        return Record(row, self.base.breaches(row.place, row), *self.base.event(row.place))

    def _again(self, record: Record) -> Record:
        """Return an added record as one of its own, so that no two states share what they know of its event."""
        row = record.row
        breaches = tuple(self.judged(row)[0]) if row.suspect in self._rejudged else record.breaches
        return Record(row, breaches, record.event, record.stands_for, record.event_start)

    def _built(self, suspect: str, victim: str, more: tuple[Record, ...], against: tuple[Record, ...] = ()) -> Pair:
        back = [*self.records(victim, suspect), *against]
        own = [*self.records(suspect, victim), *more]
        told = sorted(r.row.start for r in (*own, *back) if r.row.reconciled)
        beside = Beside((), [(r.row.start, r.row.end, 1) for r in own if r.row.cancelled])
        if back:
            reverse = pair_of(
                victim, suspect, back, facts=self.facts, versions=(), told=told, custody=Custody(), beside=Beside()
            )
            beside.other_direction = [(o.start, o.end, o.count) for o in reverse.occasions]
        custody = self.custody(suspect)
        if any(is_spell(r.row) for r in more):
            custody = Custody([*self.spells(suspect), *(r.row for r in more)])
        as_found = not more and not against and not self.is_touched(suspect, victim)
        base = self.base
        dyad = base.dyad(base.entity(suspect)[0], base.entity(victim)[0])
        return pair_of(
            suspect,
            victim,
            own,
            facts=self.facts,
            versions=self.orders(suspect)[0],
            told=told,
            custody=custody,
            beside=beside,
            found=base.found if as_found else None,
            dyad=dyad,
            units=[(kind, unit) for kind in (GROUP, JOINT) for unit in base.units[kind].of_dyad.get(dyad, ())],
        )

    def spells(self, suspect: str) -> list[Row]:
        """Return the rows among which the time is that a suspect spent in custody."""
        code = self.base.entity(suspect)[0]
        return self.base.rows_at(self.base.custody_of_suspect(code)) + [
            r.row for r in self._added.get(suspect, NOTHING).acted
        ]

    def _keep(self, cache: dict[Any, Any], key: object, value: object, generation: int) -> None:
        """Keep what was read, unless something was added since the reading began."""
        with self._lock:
            if generation == self._generation:
                if len(cache) >= KEPT:
                    cache.pop(next(iter(cache)), None)
                cache[key] = value

    # ------------------------------------------------------------------------------------------ neighbourhood
    def stamp(self, person: str) -> int:
        """Return a number that changes with everything that is added of a person."""
        return self._stamps.get(person, 0)

    def strengths_towards(self, suspect: str) -> Towards:
        """Return the strength of the strongest course towards everybody towards whom there is conduct on file."""
        stamp = self.stamp(suspect)
        kept = self._towards.get(suspect)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        base = self.base
        found: dict[str, int] = {}
        others = [r.row.victim for r in self._added.get(suspect, NOTHING).acted if r.row.victim]
        for dyad, victim in base.dyads_of_suspect(base.entity(suspect)[0]):
            name = base.persons[victim]
            if self.is_touched(suspect, name):
                others.append(name)
            else:
                found[name] = int(base.best[dyad])
        for other in others:
            if other not in found and (pair := self.pair(suspect, other)).entries:
                found[other] = pair.strength
        towards = Towards(found)
        self.remember(self._towards, suspect, (stamp, towards))
        return towards

    @staticmethod
    def remember(cache: dict[Any, Any], key: object, value: object) -> None:
        """Keep what was worked out; where much is kept already, begin anew."""
        if len(cache) >= KEPT:
            cache.clear()
        cache[key] = value

    def uses_means(self, suspect: str) -> bool:
        """Return whether a number, account or vehicle of a suspect is on record."""
        return self.base.has_means(self.base.entity(suspect)[0]) or suspect in self._with_means

    def is_touched(self, suspect: str, victim: str) -> bool:
        """Return whether anything was added since the engine ran that bears on two people."""
        return (suspect, victim) in self._touched or suspect in self._held_since

    def records_of_order(self, respondent: str, life: OrderLife) -> list[Record]:
        """Return the records on file that breach an order."""
        base = self.base
        if respondent in self._rejudged:
            rows = base.rows(*base.span_of_suspect(base.entity(respondent)[0]))
        else:
            rows = base.rows_at(base.rows_breaching(v.index for v in life.versions))
        added = self._added.get(respondent, NOTHING).acted + self._added.get("", NOTHING).acted
        found = [self._on_file(row) for row in rows] + [self._again(r) for r in added]
        return [r for r in found if any(b.order == life.order for b in r.breaches)]

    def prior_breaches_of_order(self, row: Row, breach: Breach) -> int:
        """Return the earlier breaches of an order on which no victim is named, as known then.

        Mirrors :func:`~breachpattern.timelines.priors.prior_breaches` where the victim is not known.
        """
        if not row.suspect:
            return 0
        first: dict[str, tuple[int, int]] = {}
        for record in self.records(row.suspect, ""):
            for other in record.breaches:
                held = first.get(record.row.incident)
                if other.order == breach.order and (held is None or other.known < held[1]):
                    first[record.row.incident] = record.row.start, other.known
        return sum(1 for start, known in first.values() if start < row.start and known <= row.known)

    def unit(self, kind: int, unit: int) -> tuple[list[tuple[str, str]], Traits, list[int]]:
        """Return the pairs of a wider unit, what is known of it, and the part of it that each pair is."""
        base = self.base
        held, units = base.units[kind].by_unit[unit], base.units[kind].units
        people = [base.people_of_dyad(dyad) for dyad, _ in held]
        traits = Traits(
            kind, int(units.highest[unit]), bool(units.together[unit]), bool(units.same_means[unit]),
            bool(units.filed[unit]),
        )  # fmt: skip
        return people, traits, [part for _, part in held]

    def inferred(self, respondent: str, *, order: str = "", victim: str = "") -> tuple[list[Entry], int]:
        """Return what people tied to a respondent did, as the engine inferred it, and the place of the heaviest."""
        entries, best, most = [], -1, -1.0
        for place, row, its_order, its_victim, weight in self.base.inferred_of(respondent):
            if order == its_order or (victim and victim == its_victim):
                (found,) = self.base.rows(row, row + 1)
                event = self.base.event(row)
                entries.append(Entry(found, self.base.breaches(row, found), False, 0, NEVER, FOREVER, NEVER, *event))
                if weight > most:
                    best, most = place, weight
        return entries, best

    def users_of(self, means: str, further: str) -> set[str]:
        """Return the known suspects who used a number, account or vehicle, and a further one."""
        found = self.base.users_of(means) | self._users.get(means, set())
        return (found | {further}) - {""}

    def may_be_shared(self, means: str, suspect: str) -> bool:
        """Return whether a means may tie its user to somebody: another user, or a person of whom it is on file."""
        return bool(self.users_of(means, "") - {suspect}) or self.base.has_persons

    def unattributed(self, means: str) -> list[Entry]:
        """Return the records of unknown suspects on which a means was used."""
        base = self.base
        rows = base.unattributed(means)
        found = [Record(row, base.breaches(row.place, row), *base.event(row.place)) for row in rows]
        added = [r for r in self._added.get("", NOTHING).acted if r.row.means == means and not r.row.cancelled]
        return [entry_of(r, self.facts) for r in found + added]

    def has_company(self, suspect: str, victim: str) -> bool:
        """Return whether a tie of either of two people may join their pair with another."""
        base = self.base
        if {suspect, victim} & self._widened:
            return True
        return bool(base.ties_of(base.entity(suspect)[0]) or base.ties_of(base.entity(victim)[0]))

    def is_widened(self, person: str) -> bool:
        """Return whether anything was added that may join those of a person to others."""
        return person in self._widened

    def tie_begins_between(self, suspect: str, victim: str, since: int, until: int) -> bool:
        """Return whether a tie of either began in a time that only the latest record reaches."""
        base, ties = self.base, self.base.timelines.ties
        if suspect in self._widened or victim in self._widened:
            return True
        for person in (suspect, victim):
            for tie in base.ties_of(base.entity(person)[0]):
                if since <= int(ties.since[tie]) < until:
                    return True
        return False

    def may_be_acted_for(self, victim: str) -> bool:
        """Return whether anything was added that may be contact with a victim on behalf of somebody else."""
        return victim in self._acted_for

    def others_bound(self, suspect: str, victim: str, row: Row) -> bool:
        """Return whether an order keeps somebody else from a victim, to whom the suspect may be tied."""
        base = self.base
        code = base.entity(suspect)[0]
        if not (base.ties_of(code) or suspect in self._widened or row.means):
            return False
        bound = {base.persons[respondent] for respondent in base.respondents_towards(base.entity(victim)[0]) - {-1}}
        for respondent in (bound | self._bound_since.get(victim, set())) - {suspect}:
            for version in self.orders(respondent)[0]:
                bars = victim in version.protected and version.terms & NO_CONTACT and version.is_order
                if bars and containment(row.start, row.end, version) != NO:
                    return True
        return False

    def further_orders(self, people: set[str]) -> list[pa.Table]:
        """Return the rows of orders added since the engine ran that bind or protect any of some people."""
        return [
            table
            for respondent, table in list(self._further_orders.items())
            if respondent in people or people & set(table["protected_id"].to_pylist())
        ]

    def added_near(self, people: set[str]) -> list[Row]:
        """Return the rows added since the engine ran that name any of some people."""
        own = {p for person in people for p in self._added.get(person, NOTHING).acted}
        own |= {p for person in people for p in self._added.get(person, NOTHING).suffered}
        return [record.row for record in own]

    def is_hindsight(self, row: Row, now: int) -> bool:
        """Return whether anything that may bear on a row was learnt only after an instant.

        What an answer rests on names the suspect, the victim, somebody near one of them, or somebody near these.
        """
        if now >= self.last_learnt:
            return False
        if self._hindsight.of_means(row.means) > now:
            return True
        people = {row.suspect, row.victim} | self.users_of(row.means, "")
        if not row.suspect:
            people |= self.people_of_orders(row.breach_of)
        seen: set[str] = set()
        for _ in range(REACH):
            people -= seen
            if any(max(self._hindsight.of_person(p), self._learnt.get(p, NEVER)) > now for p in people):
                return True
            seen |= people
            people = {other for p in people for other in self._near(p)}
        return False

    def _near(self, person: str) -> set[str]:
        """Return everybody with whom a person shares a record, an order or a tie."""
        if not person:
            return set()
        found = self.base.near(self.base.entity(person)[0])
        added = self._added.get(person, NOTHING)
        found |= {p for r in (*added.acted, *added.suffered) for p in (r.row.suspect, r.row.victim)}
        found |= {p for r in added.acted for p in self.users_of(r.row.means, "")}
        return found | {p for version in self.orders(person)[0] for p in version.protected}

    # ------------------------------------------------------------------------------------------------ writing
    def add(self, row: Row, written: Mapping[str, Any] | Incident | None = None, case: View | None = None) -> None:
        """Add a row; readers see each of its people as before it or as after it.

        Parameters
        ----------
        row : Row
        written : mapping or Incident, optional
            What was handed in for it.
        case : View, optional
            The case with the row, where that was worked out and nothing was added since.
        """
        suspect, victim = row.suspect, row.victim
        if case is None or case.record is None:
            before = View(self, self.laws, suspect, victim, self.last_known)
            case = View(self, self.laws, suspect, victim, self.last_known, before, self.record(row)[0])
        record, carried = case.record, case.carried()
        case.close()
        assert record is not None
        spell = is_spell(row)
        # One number, account or vehicle ties everybody who used it, whatever else the record says.
        tied: set[str] = set()
        if row.means and suspect and not row.cancelled and self.may_be_shared(row.means, suspect):
            tied = self.users_of(row.means, suspect)
        with self._lock:
            self._widened |= tied
            self._incidents.add(row.incident)
            if written is not None:
                # The mapping is the caller's, who may use it for the next incident.
                self.written[row.incident] = dict(written) if isinstance(written, Mapping) else written
            self._touched |= {(suspect, victim), (victim, suspect)}
            # Whoever used the same number, account or vehicle is no longer the only one.
            people = {suspect, victim, *self.bound(record)} | self.users_of(row.means, "")
            self._learn(people, max(row.known, row.recorded))
            if carried.widens:
                self._widened |= {suspect, victim}
            if row.means:
                self._with_means.add(suspect)
            if row.means and not row.cancelled:
                self._users[row.means] = self._users.get(row.means, set()) | {suspect}
            self.last_known = max(self.last_known, row.known, row.end - 1)
            held = self._added.get(suspect, NOTHING)
            self._added[suspect] = Added((*held.acted, record), held.suffered)
            if victim:
                held = self._added.get(victim, NOTHING)
                self._added[victim] = Added(held.acted, (*held.suffered, record))
            if carried.acts_for:
                self._acted_for.add(victim)
            if carried.pair is None or row.cancelled or row.reconciled or spell:
                self._pairs.pop((suspect, victim), None)
            else:
                self._pairs[suspect, victim] = carried.pair
                stamp = self.stamp(suspect) + 1
                for order, candidate in carried.orders.items():
                    self.remember(self.kept_orders, (suspect, order), (stamp, candidate))
                if carried.suspect is not None:
                    self.remember(self.kept_suspects, suspect, (stamp, carried.suspect))
                if carried.towards is not None:
                    self.remember(self._towards, suspect, (stamp, carried.towards))
            self._pairs.pop((victim, suspect), None)
            if spell:
                self._held_since.add(suspect)
                self._custody.pop(suspect, None)
                for key in [key for key in list(self._pairs) if key[0] == suspect]:
                    self._pairs.pop(key, None)
            self._changed(people)

    def _learn(self, people: set[str], second: int) -> None:
        for person in people:
            self._learnt[person] = max(self._learnt.get(person, NEVER), second)
        self.last_learnt = max(self.last_learnt, second)

    def _changed(self, people: set[str]) -> None:
        """Say that something was added, once it is there."""
        for person in people:
            self._stamps[person] = self._stamps.get(person, 0) + 1
        self._generation += 1

    def towards_kept(self, suspect: str) -> Towards | None:
        """Return the strengths towards everybody, if they were worked out and nothing was added since."""
        kept = self._towards.get(suspect)
        return kept[1] if kept is not None and kept[0] == self.stamp(suspect) else None

    def add_orders(self, orders: pa.Table) -> None:
        """Add rows of orders: the lives of all orders of their respondents are worked out anew, by the engine itself.

        Parameters
        ----------
        orders : pyarrow.Table
            Canonical orders.
        """
        base = self.base
        names = [base.entity(reference)[1] for reference in orders["respondent_id"].to_pylist()]
        for respondent in dict.fromkeys(names):
            own = orders.filter(pa.array([name == respondent for name in names]))
            held = self._further_orders.get(respondent)
            more = own if held is None else pa.concat_tables([held, own], promote_options="permissive")
            table = pa.concat_tables([base.order_rows(respondent), more], promote_options="permissive")
            lives = base.lives_of(table)
            kept = [v for v in lives.all_versions() if v.respondent == respondent]
            told = set(own["order_id"].to_pylist())
            # Whom one order protects together it ties to each other, and nobody else to anybody.
            together = {p for v in kept if v.order in told and len(v.protected) > 1 for p in v.protected}
            with self._lock:
                self._further_orders[respondent] = more
                self._own_orders[respondent] = tuple(kept), lives.lives(kept)
                self._orders.pop(respondent, None)
                self._rejudged.add(respondent)
                self._held_since.add(respondent)
                self._widened |= together
                for protected in {p for v in kept for p in v.protected}:
                    self._bound_since[protected] = self._bound_since.get(protected, set()) | {respondent}
                for key in [key for key in list(self._pairs) if respondent in key]:
                    self._pairs.pop(key, None)
                bound = {respondent, *(base.entity(p)[1] for p in own["protected_id"].to_pylist() if p)}
                self._learn(bound, int(order_learnt(own).max()))
                self._changed({respondent})

"""Every record against every order of its suspect: in force or not, within its terms or not, a breach or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from breachpattern.law import Catalogue
from breachpattern.law.entries import BreachInLaw, OrderKind
from breachpattern.spans import day_bounds
from breachpattern.vocabulary import BEHAVIOURS, NATURES

from .clock import DAY, FOREVER, NEVER, NO, POSSIBLE, RANK, YES, day_of, held
from .orders import Version, WholeOrder, first_made
from .reading import Record

RECORDED, UNRECORDED, NO_ORDER, NOT_BREACH = "recorded", "unrecorded", "recorded_no_order", "not_breach"
CLEARER = {RECORDED: 0, UNRECORDED: 1, NO_ORDER: 2, NOT_BREACH: 3}
DUTIES = frozenset({"notification_failure", "requirement_failure", "curfew_failure"})
PLACED = ("exclusion", "curfew")
REMOTE = frozenset({"phone", "text", "email", "social_media", "post", "online_other", "third_party"})
# Which part of an order an act breaks where no term on file names it.
KIND_OF_ACT = {
    "notification_failure": "notification", "requirement_failure": "requirement", "curfew_failure": "curfew",
    "exclusion_entry": "exclusion", "publish": "publication", "image_abuse": "publication", "monitor": "monitoring",
    "track_device": "monitoring", "assault": "violence", "strangulation": "violence", "sexual": "violence",
    "contact": "contact", "third_party_contact": "contact", "gift": "contact", "threat": "contact",
    "impersonate": "contact", "approach": "approach", "follow": "approach", "loiter": "approach", "watch": "approach",
    "entry": "approach",
}  # fmt: skip


@dataclass(eq=False)
class Breach:
    """One record against one order, or against none on file."""

    record: Record
    order: str | None
    version: Version | None
    turn: int
    status: str
    state: str
    nature: str | None
    kinds: frozenset[str]
    terms: frozenset[str]
    days_since_served: int | None
    known: int
    forbids: bool
    certain: bool
    prior_occasions: int = 0
    prior_breaches: int = 0
    course: int = -1

    @property
    def suspect(self) -> str | None:
        return self.record.suspect

    @property
    def victim(self) -> str | None:
        return self.record.victim

    @property
    def maybe_terms(self) -> bool:
        """Whether the words of the order decide if they reach the act."""
        return not self.forbids and bool(self.terms)

    @property
    def counts_as_certain(self) -> bool:
        """Whether it was recorded with its order on file, or lies within the terms of one certainly in force."""
        return self.status == RECORDED or (self.status != NO_ORDER and self.state == YES and not self.maybe_terms)

    @property
    def duty_only(self) -> bool:
        """Whether it is only a failure to notify or to comply with a requirement."""
        return bool(self.kinds) and self.kinds <= {"notification", "requirement"}


@dataclass
class Judge:
    """Judges records against versions under one catalogue."""

    law: Catalogue
    made: dict[str, int]
    orders: dict[str, WholeOrder] = field(default_factory=dict)

    # ------------------------------------------------------------------------------------ what the record says
    def says(self, record: Record) -> bool:
        """Return whether the record itself says that some order was broken."""
        broken = record.offence is not None and self._breaks(record.offence.breach_of)
        return (broken or bool(record.breach_of)) and not record.cancelled

    def _breaks(self, kinds: Iterable[str]) -> bool:
        return any(kind == "*" or kind in self.law.order_kinds for kind in kinds)

    def names_kind(self, record: Record, kind: OrderKind) -> bool:
        """Return whether the record's code or label is the breach of an order of this kind's family."""
        offence = record.offence
        if offence is None:
            return False
        named = [*offence.breach_of, *(offence.label_breach_of if record.labelled else ())]
        families = {self.law.order_kinds[k].family for k in named if k in self.law.order_kinds}
        return "*" in offence.breach_of or kind.family in families

    def _only_kind(self, record: Record) -> OrderKind | None:
        """Return the kind of order that the offence names, where it names but one family."""
        named = [k for k in (record.offence.breach_of if record.offence else ()) if k in self.law.order_kinds]
        families = {self.law.order_kinds[k].family for k in named}
        return self.law.order_kinds[named[0]] if len(families) == 1 else None

    # ------------------------------------------------------------------------------------------ terms and acts
    def within(
        self, record: Record, version: Version, named: bool, possible: frozenset[str]
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Return the terms that the conduct certainly falls within, and those that it may."""
        protects = version.protects(record.victim)
        open_victim = named if record.victim is None else not version.protected
        certain, arguable = set(), set()
        for name in version.terms - set(PLACED):
            term = self.law.terms[name]
            either = {*term.certain, *term.arguable}
            sure = bool((self._bodily(record) if name == "no_approach" else record.done) & set(term.certain))
            maybe = bool((record.done | possible) & either)
            if term.needs_victim and not protects:
                sure, maybe = False, (sure or maybe) and open_victim
            if sure:
                certain.add(name)
            elif maybe:
                arguable.add(name)
        for name, state in (("exclusion", self._excluded), ("curfew", self._curfewed)):
            if name in version.terms:
                found = state(record, version, named)
                (certain if found == YES else arguable if found == POSSIBLE else set()).add(name)
        return frozenset(certain), frozenset(arguable)

    def _there(self, record: Record) -> str:
        """Return whether the suspect was there in person."""
        presence = {*self.law.terms["no_approach"].certain, "damage", "property_interference", "theft"}
        if record.channel == "in_person" or record.done & {"exclusion_entry", "curfew_failure"}:
            return YES
        far = record.channel in REMOTE or record.place_role == "online"
        if self._bodily(record) & presence:
            return POSSIBLE if far else YES
        return NO if far else POSSIBLE

    def _bodily(self, record: Record) -> frozenset[str]:
        """Return the acts without those that may have been done by the internet, where it was used."""
        by_internet = {"follow", "watch", "property_interference", "damage", "theft", "sexual"}
        internet = record.channel in ("social_media", "online_other") or record.place_role == "online"
        return record.done - by_internet if internet else record.done

    def _excluded(self, record: Record, version: Version, named: bool) -> str:
        """Return whether the suspect was where no area is on file: only the record's own words can say so."""
        if "exclusion_entry" in record.done:
            return YES
        protects, there = version.protects(record.victim), self._there(record)
        others = record.victim is not None and not protects and bool(version.protected)
        if named and not others and there == YES:
            return POSSIBLE
        return POSSIBLE if record.place_role == "victim_home" and protects and there != NO else NO

    def _curfewed(self, record: Record, _: Version, named: bool) -> str:
        """Return whether the suspect was out at hours that are not on file."""
        if "curfew_failure" in record.done:
            return YES
        out = self._there(record) == YES and record.place_role != "suspect_home"
        return POSSIBLE if named and out else NO

    def duty_failed(self, record: Record, version: Version) -> str:
        """Return whether the duty to tell the police can have been failed by then; it belongs to the whole order."""
        duty = version.kind.notification
        if duty is None:
            return YES
        versions = self.orders[version.order + "\0" + version.respondent].versions
        first = versions[0]
        served = min((v.served[0] for v in versions if v.served[1] != FOREVER), default=FOREVER)
        low, high = first.begins
        begun_by = high if high == FOREVER else max(high - 1, low)
        begins, by = low, begun_by
        if duty.trigger == "making":
            begins, by = first.made[0], first.made[0] if first.made[0] != NEVER else begun_by
        elif duty.trigger == "service":
            unserved = first.made[0] if first.made[0] != NEVER else low
            begins, by = (unserved if first.served[1] == FOREVER else served), served
        due = FOREVER
        if by != FOREVER and duty.days:
            due = day_bounds(day_of(by) + timedelta(days=duty.days))[0]
        if record.end <= begins:
            return NO
        return YES if record.start >= due else POSSIBLE

    def aware(self, record: Record, version: Version, within: frozenset[str], named: bool) -> bool:
        """Return whether the respondent knew that the order forbade the act.

        What a version adds or extends without notice asks for awareness of itself; what the one before forbade
        already does not.
        """
        if record.start >= version.aware_from:
            return True
        if not version.varied_unaware or not within or version.before is None:
            return False
        certain, arguable = self.within(record, version.before, named, record.possible)
        still = within & (certain | arguable)
        return bool(still) and self.aware(record, version.before, still, named)

    # ------------------------------------------------------------------------------------------------ in law
    def nature(self, kind: OrderKind, classes: frozenset[str], start: int, made: int) -> str | None:
        """Return the gravest thing that a breach of some classes of term is in law."""
        found = [entry.nature for entry in kind.breaches if _applies(entry, classes, start, made)]
        return min(found, key=NATURES.index, default=None)

    def classes(self, terms: frozenset[str], acts: frozenset[str]) -> frozenset[str]:
        if terms:
            return frozenset(self.law.terms[name].term_class for name in terms)
        failing = set()
        if acts & {"requirement_failure", "curfew_failure"}:
            failing.add("requirement")
        if "notification_failure" in acts:
            failing.add("notification")
        return frozenset(failing) if failing and acts <= DUTIES else frozenset({"prohibition"})

    def kinds(self, terms: frozenset[str], record: Record) -> frozenset[str]:
        """Return which part of the order was broken: by its terms, else as the offence says, else by the acts."""
        kinds = frozenset(self.law.terms[name].breach_kind for name in terms)
        said = record.offence.breach_kind if record.offence else ""
        if not kinds and said:
            kinds = frozenset({said})
        if not kinds:
            kinds = frozenset(KIND_OF_ACT[act] for act in record.shown if act in KIND_OF_ACT)
        return kinds or frozenset({"unspecified"})

    # ----------------------------------------------------------------------------------------------- verdicts
    def judge(self, record: Record, version: Version, turn: int) -> Breach:
        """Return the judgement of one record against one version."""
        says = self.says(record)
        names_order = version.order in record.breach_of
        named = says and (names_order or self.names_kind(record, version.kind))
        life = held(record.start, record.end, version.begins, version.finishes)
        certain, arguable = self.within(record, version, named, record.possible)
        duty = self.duty_failed(record, version)
        if duty == NO:
            certain -= {"notification"}
        fits = bool(certain | arguable)
        aware = self.aware(record, version, certain or arguable, named)
        unnamed = record.suspect is None
        state = POSSIBLE if life == YES and (not aware or unnamed) else life
        placeless = any(not self.law.terms[name].needs_victim for name in version.terms)
        person_fits = (
            version.protects(record.victim)
            or record.victim is None
            or not version.protected
            or fits
            or (names_order and placeless)
        )
        unspecific = "other" in version.terms or not record.done - {"other"}
        terms_fit = fits or names_order or unspecific or not version.terms_on_file
        if life != NO and named and person_fits and terms_fit:
            status = RECORDED
        else:
            status = UNRECORDED if life != NO and fits else NOT_BREACH
        if named and record.shown and not certain and arguable:
            # What the record shows decides which part of the order was broken, not what its code makes likely.
            arguable = self.within(record, version, named, record.shown & record.possible)[1]
        matched = certain or arguable
        early = "notification_failure" in record.done and not matched - {"notification"} and duty != YES
        if life != NO and early:
            state = POSSIBLE
        several = len({self.law.terms[name].breach_kind for name in matched}) > 1
        told_apart = not (named and not record.shown and not certain and several)
        served = version.served_at
        days = (record.start - served) // DAY if served is not None and record.start >= served else None
        classes = self.classes(matched, record.done | record.possible)
        return Breach(
            record=record,
            order=version.order,
            version=version,
            turn=turn,
            status=status,
            state=state,
            nature=self.nature(version.kind, classes, record.start, self.made[version.order]),
            kinds=self.kinds(matched if told_apart else frozenset(), record),
            terms=matched,
            days_since_served=days,
            known=record.known,
            forbids=bool(certain),
            certain=bool(certain) and aware and not unnamed and not early,
        )

    def without_order(self, record: Record) -> Breach:
        """Return a record that says breach where no order on file fits."""
        kind = self._only_kind(record)
        classes = self.classes(frozenset(), record.done | record.possible)
        return Breach(
            record=record,
            order=None,
            version=None,
            turn=-1,
            status=NO_ORDER,
            state=NO,
            nature=None if kind is None else self.nature(kind, classes, record.start, NEVER),
            kinds=self.kinds(frozenset(), record),
            terms=frozenset(),
            days_since_served=None,
            known=record.known,
            forbids=False,
            certain=False,
        )


def find_breaches(records: Sequence[Record], orders: Sequence[WholeOrder], law: Catalogue) -> list[Breach]:
    """Return every breach: one for each incident, suspect, victim and order."""
    judge = Judge(law, first_made(orders), {whole.order + "\0" + whole.respondent: whole for whole in orders})
    turns = [(v, turn) for turn, v in enumerate(v for whole in orders for v in whole.versions)]
    turns = [(v, turn) for v, turn in turns if v.kind.is_order]
    by_respondent, by_order = defaultdict(list), defaultdict(list)
    for v, turn in turns:
        by_respondent[v.respondent].append((v, turn))
        by_order[v.order].append((v, turn))
    best: list[Breach] = []
    for record in records:
        if record.cancelled:
            continue
        if record.suspect is not None:
            concerned = by_respondent.get(record.suspect, ())
        else:
            concerned = [pair for order in record.breach_of for pair in by_order.get(order, ())]
        judged = [judge.judge(record, v, turn) for v, turn in concerned]
        _join_versions(judged)
        per_order: dict[str, Breach] = {}
        for one in sorted(judged, key=_clearest):
            per_order.setdefault(str(one.order), one)
        best += per_order.values()
    fitting = {one.record.incident for one in best if one.status == RECORDED}
    best += [judge.without_order(r) for r in records if judge.says(r) and r.incident not in fitting]
    return [one for one in _one_per_incident(best) if one.status != NOT_BREACH]


def _clearest(one: Breach) -> tuple[int, int, int]:
    return CLEARER[one.status], -RANK[one.state], -one.turn


def _join_versions(judged: list[Breach]) -> None:
    """Make certain what one version or the next forbade throughout, where the first lasted until the second bound."""
    joined = set()
    for earlier in judged:
        for later in judged:
            a, b = earlier.version, later.version
            if a is None or b is None or b.before is not a:
                continue
            doubtful = all(x.state == POSSIBLE and x.status != NOT_BREACH and x.certain for x in (earlier, later))
            record = earlier.record
            inside = record.start >= a.begins[1] and record.end <= b.finishes[0]
            if doubtful and inside and a.hands_over:
                joined |= {id(earlier), id(later)}
    for one in judged:
        if id(one) in joined:
            one.state = YES


def _one_per_incident(judged: list[Breach]) -> list[Breach]:
    """Bring the rows of one incident, suspect, victim and order together: the clearest, with all it broke."""
    groups: dict[tuple[str | None, ...], list[Breach]] = defaultdict(list)
    for one in judged:
        groups[one.record.incident, one.suspect, one.victim, one.order].append(one)
    out = []
    for rows in groups.values():
        head = min(rows, key=_of_incident)
        told = [one for one in rows if one.status != NOT_BREACH or head.status == NOT_BREACH]
        out.append(
            replace(
                head,
                kinds=frozenset().union(*(one.kinds for one in told)),
                terms=frozenset().union(*(one.terms for one in told)),
                known=min(one.known for one in told),
            )
        )
    return sorted(out, key=lambda b: (b.record.start, b.record.incident, b.order or "", b.record.place))


def _of_incident(one: Breach) -> tuple[object, ...]:
    acts = one.record.done | one.record.possible
    return (*_clearest(one), one.record.known, bool(acts) and acts <= DUTIES, -BEHAVIOURS.mask(one.record.done))


def _applies(entry: BreachInLaw, classes: frozenset[str], start: int, made: int) -> bool:
    if not classes & set(entry.term_classes):
        return False
    since, until = entry.in_force.start, entry.in_force.end
    day = day_of(start)
    if entry.by == "made":
        if made != NEVER:
            day = day_of(made)
        elif until is not None:
            day = min(day, until - timedelta(days=1))
    return (since is None or day >= since) and (until is None or day < until)

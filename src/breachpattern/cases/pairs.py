"""The state of one suspect towards one victim: records, conduct, occasions, candidate courses.

Mirrors :mod:`breachpattern.timelines.build`, ``evidence`` and ``priors`` for a single dyad.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from breachpattern.cases.breaches import Breach
from breachpattern.cases.chains import Chain, chain, changed, extended
from breachpattern.cases.courses import Beside, Course, Traits
from breachpattern.cases.lives import Version
from breachpattern.cases.nexus import RULE, Custody, is_spell
from breachpattern.cases.occasions import REACH, Entry, Occasion, gather, occasion_of
from breachpattern.cases.rows import Row
from breachpattern.spans import DAY, FOREVER, NEVER, NO, POSSIBLE
from breachpattern.timelines.evidence import NOT_TOWARDS_A_PERSON
from breachpattern.timelines.priors import YEAR
from breachpattern.timelines.reasons import MAYBE_TERMS, UNRECORDED
from breachpattern.vocabulary import BEHAVIOURS, INCIDENT_KINDS

if TYPE_CHECKING:
    from breachpattern.cases.found import FoundCourses
    from breachpattern.law import Catalogue

CUSTODY = INCIDENT_KINDS.index("custody")
GROWN = ("records", "entries", "moments")  # of a state that grew by one record, what is put together when asked for
ARREST = int(RULE.arrest_days * DAY)


@dataclass(slots=True, eq=False)
class Record:
    """A row on file with what it breaches, and the event that it records."""

    row: Row
    breaches: tuple[Breach, ...]
    event: object
    stands_for: int
    event_start: int


class Facts:
    """What the catalogue says of each offence that deciding on conduct needs."""

    def __init__(self, catalogue: Catalogue) -> None:
        offences = [catalogue.offences[o] for o in catalogue.offence_ids]
        self.conduct = [bool(o.conduct) for o in offences] + [False]
        self.context = [o.role == "context" for o in offences] + [False]
        self.breach = [bool(o.breach_of) for o in offences] + [False]
        self.implied = [BEHAVIOURS.mask(o.behaviours) for o in offences] + [0]

    def conducts(self, row: Row) -> bool:
        """Return whether a row is conduct towards a person, arrests included (``evidence_rows``)."""
        done = row.behaviours | row.possible
        return bool(
            row.suspect
            and row.victim
            and row.suspect != row.victim
            and not row.cancelled
            and (done == 0 or done & ~NOT_TOWARDS_A_PERSON)
            and not (row.behaviours == 0 and self.context[row.offence])
        )

    def is_arrest(self, row: Row) -> bool:
        """Return whether a row says no more than that somebody was arrested."""
        return row.kind == CUSTODY and row.behaviours & ~self.implied[row.offence] == 0

    def evidence(self, rows: Sequence[Row]) -> list[bool]:
        """Return which rows of one dyad are conduct. Mirrors ``evidence_rows``."""
        conduct = [self.conducts(row) for row in rows]
        arrests = [i for i, row in enumerate(rows) if conduct[i] and self.is_arrest(row)]
        if not arrests:
            return conduct
        for i in arrests:
            conduct[i] = False
        starts = sorted(row.start for row, on in zip(rows, conduct, strict=True) if on)
        for i in arrests:
            row = rows[i]
            if self.breach[row.offence] or row.behaviours:
                recorded = bisect_left(starts, row.end) - bisect_left(starts, row.start - ARREST)
                conduct[i] = recorded == 0
        return conduct


@dataclass(eq=False)
class Pair:
    """A suspect towards a victim.

    Attributes
    ----------
    records : list of Record
        Every row of the two, cancelled ones and others that are no conduct among them, in time order.
    entries : list of Entry
        The conduct, in time order.
    count : int
        How often the occasions stand for.
    told : list of int
        When records of the two, in either direction, say that they had come together again.
    last_start, last_end, longest : int
        The latest of all records, and the seconds of the longest.
    origin, record : Pair and Record
        Where the state is another one and one more record, early or late.
    fresh, place : Entry and int
        That record where it is conduct, with the place of its occasion.
    units : sequence of (int, int)
        The groups and joint units to which the engine saw the two belong, as (kind, unit).
    memory : dict
        What was worked out of this state.
    """

    suspect: str
    victim: str
    records: list[Record]
    told: list[int]
    custody: Custody
    warned_at: int
    entries: list[Entry]
    occasions: list[Occasion]
    count: int
    references: set[str]
    last_start: int
    last_end: int
    longest: int
    beside: Beside
    units: Sequence[tuple[int, int]] = ()
    chain: Chain | None = None
    unsure: bool = False
    moments: dict[str, tuple[int, int]] = field(default_factory=dict)
    origin: Pair | None = field(default=None, repr=False)
    record: Record | None = field(default=None, repr=False)
    fresh: Entry | None = None
    place: int = -1
    memory: dict[object, Any] = field(default_factory=dict, repr=False)

    def changed(self, **fields: Any) -> Pair:
        """Return a state that differs in some fields."""
        out = Pair.__new__(Pair)
        out.__dict__.update(self.__dict__, **fields)
        return out

    def __getattr__(self, name: str) -> Any:
        """Return what a state that grew by one record has of all records, put together when somebody asks for it."""
        if name == "occasions" and self.chain is not None:
            self.occasions = self.chain.occasions
            return self.occasions
        former, record, entry = self.origin, self.record, self.fresh
        if name not in GROWN or former is None or record is None:
            raise AttributeError(name)
        held = getattr(former, name)
        more = record if name == "records" else entry
        if name == "moments" and record.breaches:
            held = dict(held)
            _note_moment(held, record)
        elif name != "moments" and more is not None:
            held = list(held)
            held.insert(bisect_right(held, record.row.start, key=_start), more)
        self.__dict__[name] = held
        return held

    @property
    def acts_through_others(self) -> bool:
        """Whether anything was done through a third party, by what was done or by its channel."""
        held: bool | None = self.memory.get("through")
        if held is None:
            former, fresh = self.origin, self.fresh
            if former is None or self.record is None:
                held = any(e.row.acts_through_others for e in self.entries)
            else:
                held = former.acts_through_others or (fresh is not None and fresh.row.acts_through_others)
            self.memory["through"] = held
        return held

    def settle(self) -> None:
        """Let go of the state before, with every list put together: what is kept is read by several threads."""
        self.acts_through_others  # noqa: B018 - known of the state before as a rule, and looked up there
        for name in (*GROWN, "occasions"):
            getattr(self, name)
        self.origin = self.record = None

    @property
    def strongest(self) -> Course | None:
        """The strongest course of the two, of equals the first."""
        if "strongest" not in self.memory:
            courses = self.links().courses if self.count else ()
            self.memory["strongest"] = max(courses, key=_strength, default=None)
        held: Course | None = self.memory["strongest"]
        return held

    @property
    def strength(self) -> int:
        """The strength of the strongest course of the two."""
        course = self.strongest
        return course.strength if course is not None else 0

    def links(self) -> Chain:
        """Return the candidate courses, worked out when they are first asked for."""
        if self.chain is None:
            self.chain = chain(self.occasions, Traits(), self.beside, self.custody)
        return self.chain


def pair_of(
    suspect: str,
    victim: str,
    records: list[Record],
    *,
    facts: Facts,
    versions: Sequence[Version],
    told: list[int],
    custody: Custody,
    beside: Beside,
    found: FoundCourses | None = None,
    dyad: int = -1,
    units: Sequence[tuple[int, int]] = (),
) -> Pair:
    """Return the state of two people from all that is on file of them.

    Parameters
    ----------
    suspect, victim : str
    records : list of Record
        Of these two, in any order.
    facts : Facts
    versions : sequence of Version
        What binds the suspect.
    told : list of int
        Sorted; see :class:`Pair`.
    custody : Custody
        Of the suspect.
    beside : Beside
    found : FoundCourses, optional
        Where nothing came since the engine ran: what it found of the two, with their ``dyad``.
    units : sequence of (int, int)
        See :class:`Pair`.
    """
    records.sort(key=lambda r: (r.row.start, r.row.end, r.row.incident))
    warned_at = min(warnings_of(versions, victim), default=FOREVER)
    on = facts.evidence([r.row for r in records])
    entries = [entry_of(r, facts, told, warned_at) for r, conduct in zip(records, on, strict=True) if conduct]
    occasions = gather(entries) if found is None else found.occasions(entries)
    pair = Pair(
        suspect=suspect,
        victim=victim,
        records=records,
        told=told,
        custody=custody,
        warned_at=warned_at,
        entries=entries,
        occasions=occasions,
        count=sum(o.count for o in occasions),
        references={e.row.occurrence for e in entries if e.row.occurrence},
        last_start=max((r.row.start for r in records), default=NEVER),
        last_end=max((r.row.end for r in records), default=NEVER),
        longest=max((r.row.end - r.row.start for r in records), default=0),
        beside=beside,
        units=units,
        chain=None if found is None or dyad < 0 else found.chain(dyad, occasions, beside),
    )
    pair.unsure = _name_events(occasions, entries)
    for record in records:
        _note_moment(pair.moments, record)
    return pair


def with_one(pair: Pair, record: Record, facts: Facts) -> Pair | None:
    """Return the state with one more record, early or late, ``None`` where it has to be built anew.

    Nothing but the new record may have changed. It lies apart from all others in time, and changes nothing of what
    they say.
    """
    row = record.row
    records, place = pair.records, len(pair.records)
    late = row.start <= pair.last_start
    if row.cancelled or (row.start < pair.last_end and not late):
        return None
    if row.occurrence and row.occurrence in pair.references and (late or row.start < pair.last_start + REACH):
        return None
    conducts, arrest = facts.conducts(row), facts.is_arrest(row)
    if late:
        place = bisect_right(records, row.start, key=_start)
        if arrest or row.reconciled or is_spell(row) or not _apart(pair, place, row):
            return None
        if conducts and any(r.row.start < row.end + ARREST and facts.is_arrest(r.row) for r in records[place:]):
            return None
    elif conducts and arrest:
        recent = any(e.row.start >= row.start - ARREST and not facts.is_arrest(e.row) for e in pair.entries[-200:])
        if len(pair.entries) > 200 and not recent:
            return None
        conducts = (facts.breach[row.offence] or row.behaviours != 0) and not recent
    told = [*pair.told, row.start] if row.reconciled and row.suspect and row.victim else pair.told
    grown = pair.changed(
        told=told,
        last_start=max(pair.last_start, row.start),
        last_end=max(pair.last_end, row.end),
        longest=max(pair.longest, row.end - row.start),
        origin=pair,
        record=record,
        fresh=None,
        memory={},
    )
    for name in GROWN:
        del grown.__dict__[name]
    if not conducts:
        return grown
    entry = entry_of(record, facts, told, pair.warned_at)
    occasion = occasion_of([entry])
    entry.stands_for = max(entry.stands_for, occasion.count)
    grown.fresh, grown.count = entry, pair.count + occasion.count
    if late:
        where = bisect_right(pair.occasions, row.start, key=_began)
        grown.chain = changed(pair.links(), where, [occasion, *pair.occasions[where:]], pair.custody)
        grown.place = where
    else:
        grown.chain = extended(pair.links(), occasion, pair.custody)
        grown.place = len(pair.occasions)
    del grown.__dict__["occasions"]
    if row.occurrence:
        grown.references = pair.references | {row.occurrence}
    return grown


def _apart(pair: Pair, place: int, row: Row) -> bool:
    """Return whether a row has no second in common with the records on either side of it."""
    records = pair.records
    if _reach(pair, place, row.start) > row.start or (place and records[place - 1].row.start == row.start):
        return False
    return place == len(records) or records[place].row.start >= row.end


def _reach(pair: Pair, place: int, since: int) -> int:
    """Return the latest end of the records before a place, as far as it may lie after a second."""
    first = bisect_left(pair.records, since - pair.longest, key=_start)
    return max(map(_end, pair.records[first:place]), default=NEVER)


def with_event(pair: Pair, record: Record, facts: Facts) -> Pair | None:
    """Return the state with one more record that may be one event with the latest, ``None`` where all is built anew.

    Which of them are one event is told anew for those that came since the engine ran, from the first that may be one
    with the record.
    """
    records, row = pair.records, record.row
    place = bisect_left(records, row.start, key=_start)
    since = row.start
    while place and records[place - 1].row.end > since:
        place -= 1
        since = records[place].row.start
    tail = sorted([*records[place:], record], key=lambda r: (r.row.start, r.row.end, r.row.incident))
    if (
        pair.unsure
        or _reach(pair, place, since) > since
        or (place and records[place - 1].row.start == since)
        or any(
            r.row.place >= 0 or r.row.cancelled or r.row.reconciled or r.row.occurrence or facts.is_arrest(r.row)
            for r in tail
        )
        or is_spell(row)
    ):
        return None
    entries = [entry_of(r, facts, pair.told, pair.warned_at) for r in tail if facts.conducts(r.row)]
    later = gather(entries)
    at, where = bisect_left(pair.entries, since, key=_start), bisect_left(pair.occasions, since, key=_began)
    moments = dict(pair.moments)
    _note_moment(moments, record)
    return pair.changed(
        records=[*records[:place], *tail],
        entries=[*pair.entries[:at], *entries],
        occasions=[*pair.occasions[:where], *later],
        count=pair.count + sum(o.count for o in later) - sum(o.count for o in pair.occasions[where:]),
        chain=changed(pair.links(), where, later, pair.custody),
        last_start=max(pair.last_start, row.start),
        last_end=max(pair.last_end, row.end),
        longest=max(pair.longest, row.end - row.start),
        moments=moments,
        unsure=_name_events(later, entries),
        origin=None,
        record=None,
        fresh=None,
        memory={},
    )


_start, _end, _began = attrgetter("row.start"), attrgetter("row.end"), attrgetter("start")
_strength = attrgetter("strength")


def entry_of(record: Record, facts: Facts, told: Sequence[int] = (), warned_at: int = FOREVER) -> Entry:
    """Return the row with what other rooms know of it. Mirrors ``_row_facts``."""
    row = record.row
    state, made = NO, NEVER
    for breach in record.breaches:
        if breach.version >= 0:
            doubtful = breach.status == UNRECORDED and breach.reasons & MAYBE_TERMS
            state = max(state, min(breach.state, POSSIBLE) if doubtful else breach.state)
            made = max(made, breach.order_made)
    place = bisect_right(told, row.start) if told else 0
    return Entry(
        row=row,
        breaches=record.breaches,
        conduct_crime=facts.conduct[row.offence],
        order_state=state,
        order_made=made,
        warned_at=warned_at,
        reconciled_at=told[place - 1] if place else NEVER,
        event=record.event,
        stands_for=record.stands_for,
        event_start=record.event_start,
    )


def warnings_of(versions: Sequence[Version], victim: str) -> list[int]:
    """Return when the suspect was warned about a victim. Mirrors ``_warnings``."""
    out = []
    for v in versions:
        if not v.is_order and victim in v.protected:
            given = v.made if v.start_hi == FOREVER else v.start_hi
            if given != NEVER:
                out.append(given)
    return out


class Past(NamedTuple):
    """What is counted of a pair: when each occasion began and how many up to it, when breaches were, the last known."""

    starts: list[int]
    counts: list[int]
    breaches: list[int]
    known: int


def past(pair: Pair) -> Past | None:
    """Return what is counted of a pair, ``None`` for the first who asks: most states are asked only once."""
    held: Past | None = pair.memory.get("past")
    if held is None and not pair.memory.setdefault("asked", False):
        pair.memory["asked"] = True
    elif held is None:
        known = [o.known for o in pair.occasions] + [known for _, known in pair.moments.values()]
        held = pair.memory["past"] = Past(
            [o.start for o in pair.occasions],
            list(accumulate([o.count for o in pair.occasions], initial=0)),
            sorted([start for start, _ in pair.moments.values()]),
            max(known, default=NEVER),
        )
    return held


def prior_occasions(pair: Pair, row: Row, known: int, counted: Past | None = None) -> int:
    """Return the other occasions of the year before that were known then.

    ``counted`` is what is counted of the pair without the row. Mirrors
    :func:`~breachpattern.timelines.priors.prior_occasions`.
    """
    apart = pair.origin is not None and pair.record is not None and pair.record.row is row
    if apart and counted is not None and counted.known <= known:
        starts = counted.starts
        return counted.counts[bisect_left(starts, row.start)] - counted.counts[bisect_left(starts, row.start - YEAR)]
    occasions = pair.origin.occasions if apart and pair.origin is not None else pair.occasions
    low = bisect_left(occasions, row.start - YEAR, key=_began)
    high = bisect_left(occasions, row.start, lo=low, key=_began)
    # One that began before and is of several records may hold the row itself.
    return sum(
        [
            o.count
            for o in occasions[low:high]
            if o.known <= known and (len(o.entries) == 1 or all(e.row is not row for e in o.entries))
        ]
    )


def prior_breaches(pair: Pair, row: Row, counted: Past | None = None) -> int:
    """Mirror :func:`~breachpattern.timelines.priors.prior_breaches` where the victim is known.

    ``counted`` is what is counted of the pair without the row.
    """
    apart = pair.origin is not None and pair.record is not None and pair.record.row is row
    moments = pair.origin.moments if apart and pair.origin is not None else pair.moments
    if apart and row.incident in moments:
        moments = pair.moments
    elif apart and counted is not None and counted.known <= row.known:
        return bisect_left(counted.breaches, row.start)
    return len([1 for start, known in moments.values() if start < row.start and known <= row.known])


def _note_moment(moments: dict[str, tuple[int, int]], record: Record) -> None:
    """Keep, for each incident of a breach, when it was and when it was first known."""
    for breach in record.breaches:
        held = moments.get(record.row.incident)
        if held is None or breach.known < held[1]:
            moments[record.row.incident] = record.row.start, breach.known


def _name_events(occasions: Sequence[Occasion], entries: Sequence[Entry]) -> bool:
    """Give the entries of one event one name, where records were added since the engine named them.

    Mirrors :attr:`~breachpattern.patterns.context.Context.event` for the two people. Returns whether it is in doubt
    which are one.
    """
    if all(isinstance(e.event, int) for e in entries):
        return False
    unsure = False
    leader: dict[object, object] = {}

    def find(name: object) -> object:
        while leader.get(name, name) != name:
            name = leader[name]
        return name

    for occasion in occasions:
        names = sorted({find(e.event) for e in occasion.entries}, key=lambda n: (not isinstance(n, int), str(n)))
        for other in names[1:]:
            leader[other] = names[0]
    seen: dict[object, int] = {}
    for k, occasion in enumerate(occasions):
        for name in {find(e.event) for e in occasion.entries}:
            unsure |= seen.setdefault(name, k) != k and not isinstance(name, str)
    starts: dict[object, int] = {}
    counts: dict[object, int] = {}
    for occasion in occasions:
        for e in occasion.entries:
            e.event = find(e.event)
            starts[e.event] = min(starts.get(e.event, FOREVER), e.event_start)
            counts[e.event] = max(counts.get(e.event, 0), occasion.count, e.stands_for)
    for e in entries:
        e.event_start, e.stands_for = starts[e.event], counts[e.event]
    return unsure

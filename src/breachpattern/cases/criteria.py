"""The criteria of patterns, asked of one candidate. Each mirrors the criterion of its name in ``patterns.criteria``.

A criterion takes a :class:`~breachpattern.cases.candidates.Candidate` and the parameters of the pattern, and answers
whether it holds, with the reason fields that headlines may tell and the rows it rests on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from breachpattern.cases.breaches import Breach
from breachpattern.cases.candidates import Candidate, Laws
from breachpattern.cases.nexus import BIT
from breachpattern.cases.occasions import Entry
from breachpattern.linking.ties import tie_table
from breachpattern.patterns.criteria.closure import outcome_number
from breachpattern.patterns.criteria.escalation import KINDS, TESTS
from breachpattern.patterns.statistics import crowding_p, holm, late_start_p, trend_p
from breachpattern.spans import DAY, FOREVER, NEVER, london_day, london_midnight
from breachpattern.timelines.nexus import signal_table
from breachpattern.timelines.reasons import NO_ORDER
from breachpattern.vocabulary import (
    BEHAVIOURS,
    BREACH_KINDS,
    BREACH_STATUSES,
    CHANNELS,
    IMPACTS,
    INCIDENT_KINDS,
    NATURES,
    ORDER_STATES,
    RELATIONSHIPS,
    STRENGTHS,
    UNITS,
)

CRIME = INCIDENT_KINDS.index("crime")
OTHER = BEHAVIOURS.mask(["other"])
THROUGH, THIRD_PARTY = BEHAVIOURS.mask(["third_party_contact"]), CHANNELS.index("third_party")
UNRECORDED = BREACH_STATUSES.index("unrecorded")


class Outcome(NamedTuple):
    """What a criterion says of one candidate."""

    holds: bool
    reasons: Mapping[str, Any] = {}
    evidence: Sequence[Entry] | None = None


Criterion = Callable[..., Outcome]
CRITERIA: dict[str, Criterion] = {}


def twin(function: Criterion) -> Criterion:
    """Register the scalar twin of the criterion of the same name."""
    CRITERIA[function.__name__] = function
    return function


def _events(entries: Iterable[Entry]) -> set[object]:
    return {e.event for e in entries}


# --------------------------------------------------------------------------------------------------- breaches
@twin
def breaches(c: Candidate, *, at_least: int, status: tuple[str, ...], certain: bool, told_here: bool) -> Outcome:
    """Hold where: occasions of breach."""
    wanted = [BREACH_STATUSES.index(s) for s in status]
    kept = [(b, e) for b, e in c.breaches if b.status in wanted and (not certain or b.sure)]
    count = len({e.event for _, e in kept})
    holds = count >= at_least and (not told_here or any(c.tells(e) for _, e in kept))
    recorded = len({e.event for b, e in c.breaches if b.status != UNRECORDED})
    return Outcome(holds, {"breaches": count, "recorded": recorded}, [e for _, e in kept])


@twin
def breach_status(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: recorded, unrecorded, or with no order on file."""
    wanted = [BREACH_STATUSES.index(s) for s in any_of]
    return Outcome(any(b.status in wanted for b, _ in c.breaches))


@twin
def order_state(c: Candidate, *, at_least: str) -> Outcome:
    """Hold where: the best state of an order at a breach."""
    best = max((b.state for b, _ in c.breaches), default=0)
    return Outcome(best >= ORDER_STATES.index(at_least), {"order_state": best})


@twin
def breach_kind(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: kinds of breach."""
    mask = BREACH_KINDS.mask(any_of)
    return Outcome(any(b.kinds & mask for b, _ in c.breaches), {"breach_kinds": c.kinds_of_breach})


@twin
def only_duties(c: Candidate) -> Outcome:
    """Hold where: only failures to notify or to comply."""
    holds = bool(c.breaches) and all(b.duty_only for b, _ in c.breaches)
    return Outcome(holds, {"breach_kinds": c.kinds_of_breach})


@twin
def breach_nature(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: what a breach is in law."""
    wanted = [NATURES.index(n) for n in any_of]
    return Outcome(any(b.nature in wanted for b, _ in c.breaches))


@twin
def soon_after_service(c: Candidate, *, days: int) -> Outcome:
    """Hold where: a breach within days of service."""
    least = min(
        (b.days_since_served for b, _ in c.breaches if b.days_since_served >= 0 and not b.duty_only), default=-1
    )
    return Outcome(0 <= least <= days, {"days_after_service": least})


@twin
def no_order_on_file(c: Candidate) -> Outcome:
    """Hold where: a record says breach and no order fits."""
    return Outcome(any(b.status == NO_ORDER for b, _ in c.breaches))


@twin
def service_not_on_file(c: Candidate) -> Outcome:
    """Hold where: an order that was breached has no date of service."""
    return Outcome(any(b.version >= 0 and b.order_served < -(1 << 60) for b, _ in c.breaches))


# ---------------------------------------------------------------------------------------------------- conduct
@twin
def behaviour(c: Candidate, *, any_of: tuple[str, ...], at_least: int) -> Outcome:
    """Hold where: some behaviour on record."""
    return _behaving(c, BEHAVIOURS.mask(any_of), at_least)


@twin
def trait(c: Candidate, *, any_of: tuple[str, ...], at_least: int) -> Outcome:
    """Hold where: violent, threatening or other conduct."""
    return _behaving(c, c.laws.behaving(any_of), at_least)


def _behaving(c: Candidate, mask: int, at_least: int) -> Outcome:
    shown = c.behaviours & mask
    kept = [e for e in c.entries if e.row.behaviours & mask] if shown else []
    return Outcome(shown != 0 if at_least <= 1 else len(_events(kept)) >= at_least, {"behaviours": shown}, kept)


@twin
def impact(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: an effect on the victim."""
    shown = c.impact & IMPACTS.mask(any_of)
    return Outcome(shown != 0, {"impact": shown})


@twin
def relationship(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: a relationship on record."""
    wanted = [RELATIONSHIPS.index(r) for r in any_of]
    return Outcome(any(e.row.relationship in wanted for e in c.entries))


@twin
def channel(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: a channel on record."""
    wanted = [CHANNELS.index(x) for x in any_of]
    return Outcome(any(e.row.channel in wanted for e in c.entries))


BLANK: dict[str, Callable[[Entry], bool]] = {
    "behaviours": lambda e: e.row.behaviours == 0,
    "offence": lambda e: e.row.offence < 0 and e.row.kind == CRIME,
    "relationship": lambda e: e.row.relationship < 0,
    "channel": lambda e: e.row.channel < 0,
    "victim": lambda e: not e.row.victim,
    "suspect": lambda e: not e.row.suspect,
}


@twin
def blank(c: Candidate, *, field: str) -> Outcome:
    """Hold where: something is not on record."""
    if field == "impact":
        return Outcome(bool(c.entries) and c.impact == 0)
    return Outcome(any(map(BLANK[field], c.entries)))


# ---------------------------------------------------------------------------------------------------- courses
@twin
def course_strength(c: Candidate, *, at_least: str, at_most: str) -> Outcome:
    """Hold where: the strength of the course."""
    holds = STRENGTHS.index(at_least) <= c.strength <= STRENGTHS.index(at_most)
    return Outcome(holds, {"strength": c.strength})


@twin
def course_unit(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: a dyad, a group or a joint unit."""
    return Outcome(UNITS.values[c.kind] in any_of)


@twin
def occasions(c: Candidate, *, at_least: int) -> Outcome:
    """Hold where: several occasions."""
    return Outcome(c.occasions >= at_least, {"occasions": c.occasions})


@twin
def signal(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: some signal of the strength rule."""
    return Outcome(c.signals & sum(BIT[s] for s in any_of) != 0)


@twin
def recent(c: Candidate, *, within: int) -> Outcome:
    """Hold where: the last act is recent."""
    if not c.entries:
        return Outcome(False, {"days_since": -1})
    since = max(c.now - c.last_at, 0) // DAY
    return Outcome(since <= within, {"days_since": since})


# ------------------------------------------------------------------------------------------------- escalation
class History(NamedTuple):
    """One event of a candidate: when it began, and what was done by which ways."""

    start: int
    behaviours: int
    channels: int


@twin
def escalating(c: Candidate, *, alpha: float, occasions: int) -> Outcome:
    """Hold where: rate, harm, in person, violence, new kinds: five tests with Holm's correction."""
    told = _histories(c)
    n = len(told)
    p = [1.0] * 5
    p_harm, discordant = _harm(told, c.laws)
    if n >= occasions:
        p = [
            _rate(told),
            p_harm,
            _in_person(told, c.laws),
            _begins(told, [bool(h.behaviours & c.laws.violent) for h in told]),
            _new_kinds(told),
        ]
    adjusted = holm(np.array([p]))[0].tolist()
    mask = sum(1 << k for k in range(len(TESTS)) if adjusted[k] <= alpha)
    names = ("p_rate", "p_harm", "p_in_person", "p_violence", "p_new_kinds")
    reasons: dict[str, Any] = dict(zip(names, p, strict=True))
    reasons |= {"escalation": mask, "tested": n, "p_adjusted": min(adjusted), "discordant": discordant}
    return Outcome(n >= occasions and mask != 0, reasons)


def _histories(c: Candidate) -> list[History]:
    held: dict[object, list[int]] = {}
    for e in c.entries:
        row = e.row
        bits = 1 << row.channel if row.channel >= 0 else 0
        own = held.get(e.event)
        if own is None:
            held[e.event] = [row.start, row.behaviours, bits]
        else:
            own[0] = min(own[0], row.start)
            own[1] |= row.behaviours
            own[2] |= bits
    return [History(*own) for own in sorted(held.values(), key=lambda h: h[0])]


def _rate(told: list[History]) -> float:
    first, last = told[0].start, told[-1].start
    if last <= first:
        return 1.0
    inner = told[1:-1]
    span = float(last - first)
    mean = sum((h.start - first) / span for h in inner) / len(inner) if inner else 0.0
    return _crowding(mean, len(inner))


def _crowding(mean: float, inner: int) -> float:
    return float(crowding_p(np.array([mean]), np.array([inner]))[0])


def _harm(told: list[History], laws: Laws) -> tuple[float, int]:
    ranks = laws.ranks
    counts = [0] * ranks
    discordant = unknown = 0
    for h in told:
        if not h.behaviours:
            unknown += 1
            continue
        rank = laws.worst(h.behaviours)
        discordant += sum(counts[rank + 1 :])
        counts[rank] += 1
    known = len(told) - unknown
    discordant += unknown * known + unknown * (unknown - 1) // 2
    return _trend(discordant, tuple(counts)), discordant


@lru_cache(maxsize=4096)
def _trend(discordant: int, counts: tuple[int, ...]) -> float:
    return float(trend_p(np.array([discordant]), np.array([counts]))[0])


def _in_person(told: list[History], laws: Laws) -> float:
    here = [bool(h.behaviours & laws.in_person or h.channels & laws.face) for h in told]
    unsure = [
        not (h.channels & laws.far or h.behaviours & laws.remote) and not on for h, on in zip(told, here, strict=True)
    ]
    return _begins(told, here, unsure)


def _begins(told: list[History], sure: list[bool], unsure: list[bool] | None = None) -> float:
    n, times = len(told), sum(sure)
    if times == 0:
        return 1.0
    first = sure.index(True)
    plain = _late(first, times, n)
    earliest = n
    for k in range(first):
        if (not told[k].behaviours or (unsure is not None and unsure[k])) and not sure[k]:
            earliest = k
            break
    return max(plain, _late(earliest, times + 1, n)) if earliest < first else plain


@lru_cache(maxsize=65536)
def _late(first: int, times: int, length: int) -> float:
    return float(late_start_p(np.array([first]), np.array([times]), np.array([length]))[0])


def _new_kinds(told: list[History]) -> float:
    kinds = signal_table().kinds
    each = [_begins(told, [bool(h.behaviours & kinds[k]) for h in told]) for k in KINDS]
    return min(min(each) * len(KINDS), 1.0)


# --------------------------------------------------------------------------------------------------- closure
@lru_cache(maxsize=4096)
def _outcome(text: str) -> str:
    return outcome_number(text) if text else ""


@twin
def closed_then_more(c: Candidate, *, outcomes: tuple[str, ...], after: int) -> Outcome:
    """Hold where: a record was closed without a sanction and the conduct went on."""
    last = max((e.event_start for e in c.entries), default=NEVER)
    kept = [
        e
        for e in c.entries
        if (_outcome(e.row.outcome) in outcomes if e.row.outcome else e.row.closed) and last >= e.row.end
    ]
    first = kept[0].row if kept else None
    count = len({e.event for e in c.entries if e.event_start >= first.end}) if first else 0
    reasons = {
        "closed": len({e.row.incident for e in kept}),
        "closed_incident": first.incident if first else "",
        "occasions_after": count,
    }
    return Outcome(bool(kept) and count >= after, reasons)


# ---------------------------------------------------------------------------------------------------- orders
@twin
def order_family(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: an order concerned is of some family."""
    return Outcome(any(c.laws.family[kind] in any_of for kind in c.kinds_of_orders))


@twin
def conduct_after_end(c: Candidate, *, days: int) -> Outcome:
    """Hold where: conduct went on after the order, with no other in force."""
    life = c.life
    assert life is not None
    end = life.end_hi
    kept = []
    if end < FOREVER and life.is_order:
        for e in c.towards_protected:
            since = e.row.start - end
            if 0 <= since < days * DAY and not _some_order_live(c, e):
                kept.append(e)
    first = min((e.row.start - end for e in kept), default=-DAY)
    reasons = {
        "ended": end - 1 if kept else NEVER,
        "days_after_end": first // DAY,
        "occasions_after_end": len(_events(kept)),
    }
    return Outcome(bool(kept), reasons, kept)


def _some_order_live(c: Candidate, e: Entry) -> bool:
    return any(
        o.is_order and e.row.victim in o.protected and e.row.end > o.start_lo and e.row.start < o.end_hi
        for o in c.lives
    )


@twin
def founding_conduct_repeated(c: Candidate) -> Outcome:
    """Hold where: what the order was founded on was done again while it was in force."""
    life = c.life
    assert life is not None
    rows = c.towards_protected if life.founded else []
    ground = [e for e in rows if e.row.incident in life.founded]
    before = 0
    for e in ground:
        before |= e.row.behaviours & ~OTHER
    again = [
        e
        for e in rows
        if e.row.end > life.start_lo
        and e.row.start < life.end_hi
        and e.row.incident not in life.founded
        and e.row.behaviours & before
    ]
    shared = 0
    for e in again:
        shared |= e.row.behaviours & before
    return Outcome(
        bool(again), {"repeated": shared, "occasions_since": len(_events(again))}, again + ground if again else []
    )


@twin
def successive_orders(c: Candidate, *, at_least: int) -> Outcome:
    """Hold where: successive orders, each followed by conduct before the next."""
    if c.pair is None:
        return Outcome(at_least <= 0, {"rungs": 0}, [])
    starts = sorted(
        o.begins for o in c.lives if o.is_order and c.pair.victim in o.protected and NEVER < o.begins < FOREVER
    )
    moments = [e.row.start for e in c.pair.entries]
    rungs = 0
    for k, start in enumerate(starts):
        until = starts[k + 1] if k + 1 < len(starts) else FOREVER
        rungs += bisect_left(moments, until) > bisect_left(moments, start)
    kept = [e for e in c.entries if e.row.start >= starts[0]] if starts else []
    return Outcome(rungs >= at_least, {"rungs": rungs}, kept)


# ---------------------------------------------------------------------------------------------------- people
@twin
def victims(c: Candidate, *, at_least: int) -> Outcome:
    """Hold where: several known victims."""
    return Outcome(len(c.victims) >= at_least, {"victims_on_record": len(c.victims)})


@twin
def suspects(c: Candidate, *, at_least: int) -> Outcome:
    """Hold where: several known suspects."""
    return Outcome(len(c.suspects) >= at_least, {"suspects_on_record": len(c.suspects)})


@twin
def forces(c: Candidate, *, at_least: int) -> Outcome:
    """Hold where: records of several forces."""
    count = len({_force(e.row.force) for e in c.entries if e.row.force})
    return Outcome(count >= at_least, {"forces": count})


@lru_cache(maxsize=4096)
def _force(name: str) -> str:
    return " ".join(name.split()).casefold()


@twin
def victims_with_course(c: Candidate, *, strength: str, at_least: int) -> Outcome:
    """Hold where: a course towards each of several victims."""
    least = STRENGTHS.index(strength)
    strong = {victim for victim, own in c.courses_towards.items() if own >= least}
    kept = [e for e in c.entries if e.row.victim in strong] if strong else []
    return Outcome(len(strong) >= at_least, {"victims_with_course": len(strong)}, kept)


@twin
def means_across_victims(c: Candidate, *, at_least: int) -> Outcome:
    """Hold where: one number, account or vehicle reached several victims."""
    most = tie_table()[1].most_people
    reach: dict[str, set[str]] = {}
    for e in c.entries:
        if e.row.means:
            reach.setdefault(e.row.means, set()).add(e.row.victim)
    best, size = "", 0
    for means in sorted(reach):
        if len(reach[means]) > size and c.users_of(means) <= most:
            best, size = means, len(reach[means])
    if size < at_least:
        return Outcome(size >= at_least, {"victims_reached": size, "unattributed": 0}, [])
    strangers = c.unattributed(best)
    kept = [e for e in c.entries if e.row.means == best] + strangers
    return Outcome(True, {"victims_reached": size, "unattributed": len(strangers)}, kept)


@twin
def orders_for_victims(c: Candidate, *, at_least: int) -> Outcome:
    """Hold where: orders for several people, each followed by conduct."""
    kept: list[Entry] = []
    protected: set[str] = set()
    made: set[str] = set()
    for life in c.lives:
        if life.is_order and NEVER < life.begins < FOREVER:
            for victim in life.protected:
                after = [e for e in c.towards(victim) if e.row.start >= life.begins]
                if after:
                    kept += after
                    protected.add(victim)
                    made.add(life.order)
    return Outcome(len(protected) >= at_least, {"protected": len(protected), "orders_made": len(made)}, kept)


# --------------------------------------------------------------------------------------------------- proxies
@twin
def through_others(c: Candidate, *, breaching: bool) -> Outcome:
    """Hold where: contact through another person on record."""
    kept = [
        e
        for e in c.entries
        if (e.row.behaviours & THROUGH or e.row.channel == THIRD_PARTY) and (not breaching or e.breaches)
    ]
    return Outcome(bool(kept), {"occasions_through_others": len(_events(kept))}, kept)


@twin
def tied_person_acts(c: Candidate) -> Outcome:
    """Hold where: a person tied to the respondent acted."""
    kept, best = c.inferred
    return Outcome(bool(kept), {"occasions_by_others": len(_events(kept)), "path": best}, kept)


@twin
def no_conduct_of_respondent(c: Candidate) -> Outcome:
    """Hold where: nothing on record is the respondent's own conduct towards a protected person."""
    return Outcome(not c.towards_protected)


# -------------------------------------------------------------------------------------------------- recording
@twin
def recorded_as(c: Candidate, *, any_of: tuple[str, ...], requires: str) -> Outcome:
    """Hold where: a course-of-conduct crime is on record."""
    offences = c.laws.conducts(any_of)
    count = sum(
        1
        for e in c.entries
        if e.row.offence in offences and (not requires or c.laws.requires(requires, e.row.recorded))
    )
    return Outcome(count > 0, {"conduct_records": count})


@twin
def recorded_under(c: Candidate, *, requires: str, beyond_first: bool) -> Outcome:
    """Hold where: records made under a recording rule."""
    entries = c.entries
    first = None
    if beyond_first and entries and entries[0].stands_for < 2:
        first = entries[0].event
    if c.elsewhere:
        return Outcome(False, {"records_under_rule": 0})
    count = sum(1 for e in entries if c.laws.requires(requires, e.row.recorded) and (first is None or e.event != first))
    return Outcome(count > 0, {"records_under_rule": count})


@twin
def other_principal_crime(c: Candidate, *, requires: str) -> Outcome:
    """Hold where: a crime that outranks a summary conduct offence."""
    graver = c.laws.graver
    first = next(
        (
            e.row.incident
            for e in c.entries
            if e.row.offence in graver
            and e.row.kind == CRIME
            and (not requires or c.laws.requires(requires, e.row.recorded))
        ),
        "",
    )
    if requires and c.elsewhere:
        first = ""
    return Outcome(first != "", {"principal_incident": first})


@twin
def limitation_runs(c: Candidate, *, at_most: int) -> Outcome:
    """Hold where: the six months of a summary conduct offence are running."""
    laws, entries = c.laws, c.entries
    conduct = laws.conducts(())
    until = NEVER
    for e in entries:
        if e.row.offence in conduct and _outcome(e.row.outcome) in laws.disposing and e.row.end > until:
            until = e.row.end
    left_open = entries if until == NEVER else [e for e in entries if e.event_start >= until]
    wanting = any(e.row.offence in laws.summary for e in left_open) or not any(
        e.row.offence in conduct for e in left_open
    )
    if until != NEVER:
        wanting = wanting and sum({e.event: e.stands_for for e in left_open}.values()) >= 2
    last = max((e.row.end - 1 if e.row.acts > 1 else e.row.start for e in left_open), default=NEVER)
    if last == NEVER:
        return Outcome(False, {"deadline": NEVER, "days_left": -1})
    deadline = months_later(london_day(last), laws.limitation_months)
    left = deadline - london_day(c.now)
    runs = wanting and 0 <= left <= at_most and not c.elsewhere
    return Outcome(runs, {"deadline": deadline, "days_left": left})


@lru_cache(maxsize=4096)
def months_later(day: int, months: int) -> int:
    """Mirror :func:`breachpattern.patterns.criteria.recording.months_later`."""
    epoch = date(1970, 1, 1)
    at = epoch + timedelta(day)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    length = (after - timedelta(1)).day
    return (date(year, month + 1, min(at.day, length)) - epoch).days


def midnight_of(day: int) -> int:
    """Return the first second of a London day."""
    return int(london_midnight(np.array([day]))[0])


def breach_of(pair: tuple[Breach, Entry]) -> Breach:
    """Return the breach of a pair."""
    return pair[0]

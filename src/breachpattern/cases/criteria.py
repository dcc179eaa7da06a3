"""The criteria of patterns, asked of one candidate. Each mirrors the criterion of its name in ``patterns.criteria``.

A criterion takes a :class:`~breachpattern.cases.candidates.Candidate` and the parameters of the pattern, and answers
whether it holds, with the reason fields that headlines may tell and the rows it rests on. Both of these are worked
out only when somebody asks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from breachpattern.cases.candidates import Candidate, Takes
from breachpattern.cases.escalation import escalation, indicates
from breachpattern.cases.nexus import BIT
from breachpattern.cases.occasions import Entry
from breachpattern.cases.sums import FIELDS, outcome_of
from breachpattern.linking.ties import tie_table
from breachpattern.spans import DAY, FOREVER, NEVER, london_day, london_midnight
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
UNRECORDED = BREACH_STATUSES.index("unrecorded")
TOLD = tuple(i for i in range(len(BREACH_STATUSES)) if i != UNRECORDED)


class Outcome(NamedTuple):
    """What a criterion says of one candidate.

    ``in_order`` tells that the evidence is in time order, each row once. ``carry`` is a token and a test of a row: as
    long as the token is the same, a further row changes the evidence only by itself, where it passes the test.
    """

    holds: bool
    reasons: Callable[[], Mapping[str, Any]] = dict
    evidence: Callable[[], Sequence[Entry]] | None = None
    in_order: bool = False
    carry: tuple[object, Takes] | None = None


YES, NO = Outcome(True), Outcome(False)
Criterion = Callable[..., Outcome]
CRITERIA: dict[str, Criterion] = {}


def twin(function: Criterion) -> Criterion:
    """Register the scalar twin of the criterion of the same name."""
    CRITERIA[function.__name__] = function
    return function


def _events(entries: Iterable[Entry]) -> int:
    return len({e.event for e in entries})


@lru_cache(maxsize=256)
def statuses(names: tuple[str, ...]) -> tuple[int, ...]:
    """Return statuses of breaches as codes."""
    return tuple(BREACH_STATUSES.index(s) for s in names)


@lru_cache(maxsize=256)
def codes_mask(vocabulary: Any, names: tuple[str, ...]) -> int:
    """Return codes as a mask of bits ``code + 1``."""
    return sum(1 << vocabulary.index(name) + 1 for name in names)


# --------------------------------------------------------------------------------------------------- breaches
@twin
def breaches(c: Candidate, *, at_least: int, status: tuple[str, ...], certain: bool, told_here: bool) -> Outcome:
    """Hold where: occasions of breach."""
    wanted = statuses(status)
    count = c.sums.breach_events(wanted, certain)
    holds = count >= at_least
    tells = c.scene.tells
    if holds and told_here and tells is not None:
        holds = any(b.status in wanted and (not certain or b.sure) and tells(c, e) for b, e in c.breaches)
    if not holds:
        return Outcome(False, lambda: {"breaches": count, "recorded": c.sums.breach_events(TOLD, False)})
    return Outcome(
        True,
        lambda: {"breaches": count, "recorded": c.sums.breach_events(TOLD, False)},
        lambda: [e for b, e in c.breaches if b.status in wanted and (not certain or b.sure)],
        carry=(
            ("breaches", wanted, certain),
            lambda _, broken: any(b.status in wanted and (not certain or b.sure) for b, _ in broken),
        ),
    )


@twin
def breach_status(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: recorded, unrecorded, or with no order on file."""
    wanted = statuses(any_of)
    return Outcome(any(b.status in wanted for b, _ in c.breaches))


@twin
def order_state(c: Candidate, *, at_least: str) -> Outcome:
    """Hold where: the best state of an order at a breach."""
    best = max((b.state for b, _ in c.breaches), default=0)
    return Outcome(best >= ORDER_STATES.index(at_least), lambda: {"order_state": best})


@twin
def breach_kind(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: kinds of breach."""
    return Outcome(c.sums.kinds & BREACH_KINDS.mask(any_of) != 0, lambda: {"breach_kinds": c.sums.kinds})


@twin
def only_duties(c: Candidate) -> Outcome:
    """Hold where: only failures to notify or to comply."""
    return Outcome(c.sums.only_duties, lambda: {"breach_kinds": c.sums.kinds})


@twin
def breach_nature(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: what a breach is in law."""
    wanted = [NATURES.index(n) for n in any_of]
    return Outcome(any(b.nature in wanted for b, _ in c.breaches))


@twin
def soon_after_service(c: Candidate, *, days: int) -> Outcome:
    """Hold where: a breach within days of service."""
    least = c.sums.soonest
    return Outcome(0 <= least <= days, lambda: {"days_after_service": least})


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
    return _behaving(c, c.scene.laws.behaving(any_of), at_least)


def _behaving(c: Candidate, mask: int, at_least: int) -> Outcome:
    shown = c.sums.behaviours & mask
    if not shown:
        return Outcome(at_least <= 0, lambda: {"behaviours": 0}, list)

    def rows() -> list[Entry]:
        return [e for e in c.entries if e.row.behaviours & mask]

    holds = at_least <= 1 or _events(rows()) >= at_least
    carry = ("behaviours", mask), lambda e, _: e.row.behaviours & mask != 0
    return Outcome(holds, lambda: {"behaviours": shown}, rows, carry=carry)


@twin
def impact(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: an effect on the victim."""
    shown = c.sums.impact & IMPACTS.mask(any_of)
    return Outcome(shown != 0, lambda: {"impact": shown})


@twin
def relationship(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: a relationship on record."""
    return Outcome(c.sums.relationships & codes_mask(RELATIONSHIPS, any_of) != 0)


@twin
def channel(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: a channel on record."""
    return Outcome(c.sums.channels & codes_mask(CHANNELS, any_of) != 0)


@twin
def blank(c: Candidate, *, field: str) -> Outcome:
    """Hold where: something is not on record."""
    if field == "impact":
        return Outcome(not c.sums.empty and c.sums.impact == 0)
    return Outcome(c.sums.blanks >> FIELDS.index(field) & 1 == 1)


# ---------------------------------------------------------------------------------------------------- courses
@twin
def course_strength(c: Candidate, *, at_least: str, at_most: str) -> Outcome:
    """Hold where: the strength of the course."""
    holds = STRENGTHS.index(at_least) <= c.strength <= STRENGTHS.index(at_most)
    return Outcome(holds, lambda: {"strength": c.strength})


@twin
def course_unit(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: a dyad, a group or a joint unit."""
    return YES if UNITS.values[c.kind] in any_of else NO


@twin
def occasions(c: Candidate, *, at_least: int) -> Outcome:
    """Hold where: several occasions."""
    return Outcome(c.occasions >= at_least, lambda: {"occasions": c.occasions})


@twin
def signal(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: some signal of the strength rule."""
    return Outcome(c.signals & sum(BIT[s] for s in any_of) != 0)


@twin
def recent(c: Candidate, *, within: int) -> Outcome:
    """Hold where: the last act is recent."""
    if c.sums.empty:
        return Outcome(False, lambda: {"days_since": -1})
    since = max(c.scene.now - c.last_at, 0) // DAY
    return Outcome(since <= within, lambda: {"days_since": since})


@twin
def escalating(c: Candidate, *, alpha: float, occasions: int) -> Outcome:
    """Hold where: rate, harm, in person, violence, new kinds: five tests with Holm's correction."""
    return Outcome(indicates(c, alpha, occasions), lambda: escalation(c, alpha, occasions))


# --------------------------------------------------------------------------------------------------- closure
@twin
def closed_then_more(c: Candidate, *, outcomes: tuple[str, ...], after: int) -> Outcome:
    """Hold where: a record was closed without a sanction and the conduct went on."""
    sums = c.sums
    last = sums.last_event
    kept = [
        e
        for e in sums.ended
        if last >= e.row.end and (outcome_of(e.row.outcome) in outcomes if e.row.outcome else e.row.closed)
    ]
    if not kept:
        return Outcome(after <= 0 < len(kept), lambda: {"closed": 0, "closed_incident": "", "occasions_after": 0})
    first = kept[0].row
    count = len(sums.starts) - bisect_left(sums.starts, first.end)
    return Outcome(
        count >= after,
        lambda: {
            "closed": len({e.row.incident for e in kept}),
            "closed_incident": first.incident,
            "occasions_after": count,
        },
    )


# ---------------------------------------------------------------------------------------------------- orders
@twin
def order_family(c: Candidate, *, any_of: tuple[str, ...]) -> Outcome:
    """Hold where: an order concerned is of some family."""
    family = c.scene.laws.family
    if c.life is not None:
        return YES if family[c.life.kind] in any_of else NO
    return Outcome(any(family[o.kind] in any_of for o in c.scene.lives if o.order in c.orders))


@twin
def conduct_after_end(c: Candidate, *, days: int) -> Outcome:
    """Hold where: conduct went on after the order, with no other in force."""
    life = c.life
    assert life is not None
    end = life.end_hi
    kept: list[Entry] = []
    if end < FOREVER and life.is_order:
        for victim in life.protected:
            kept += [e for e in _between(c, victim, end, end + days * DAY) if not _some_order_live(c, e)]
    if not kept:
        return Outcome(False, lambda: {"ended": NEVER, "days_after_end": -1, "occasions_after_end": 0}, list)
    return Outcome(
        True,
        lambda: {
            "ended": end - 1,
            "days_after_end": min(e.row.start - end for e in kept) // DAY,
            "occasions_after_end": _events(kept),
        },
        lambda: kept,
    )


def _start(entry: Entry) -> int:
    return entry.row.start


def _between(c: Candidate, victim: str, since: int, until: int) -> Sequence[Entry]:
    """Return the conduct towards somebody that begins within ``[since, until)``."""
    rows = c.scene.towards(victim)
    low = bisect_left(rows, since, key=_start)
    return rows[low : bisect_left(rows, until, lo=low, key=_start)]


def _some_order_live(c: Candidate, e: Entry) -> bool:
    row = e.row
    return any(
        o.is_order and row.victim in o.protected and row.end > o.start_lo and row.start < o.end_hi
        for o in c.scene.lives
    )


@twin
def founding_conduct_repeated(c: Candidate) -> Outcome:
    """Hold where: what the order was founded on was done again while it was in force."""
    life = c.life
    assert life is not None
    if not life.founded:
        return Outcome(False, lambda: {"repeated": 0, "occasions_since": 0}, list)
    rows = c.towards_protected()
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
        bool(again),
        lambda: {"repeated": shared, "occasions_since": _events(again)},
        lambda: again + ground if again else [],
    )


@twin
def successive_orders(c: Candidate, *, at_least: int) -> Outcome:
    """Hold where: successive orders, each followed by conduct before the next."""
    victim = c.towards
    if not victim:
        return Outcome(at_least <= 0, lambda: {"rungs": 0}, list)
    starts = sorted(
        o.begins for o in c.scene.lives if o.is_order and victim in o.protected and NEVER < o.begins < FOREVER
    )
    rungs = 0
    if len(starts) >= at_least:
        moments = c.scene.towards(victim)
        low = [bisect_left(moments, start, key=_start) for start in starts]
        rungs = sum(after > before for before, after in pairwise([*low, len(moments)]))

    def rows() -> list[Entry]:
        return c.entries[bisect_left(c.entries, starts[0], key=_start) :] if starts else []

    since = starts[0] if starts else FOREVER
    carry = since, lambda e, _: e.row.start >= since
    return Outcome(rungs >= at_least, lambda: {"rungs": rungs}, rows, in_order=True, carry=carry)


# ---------------------------------------------------------------------------------------------------- people
@twin
def victims(c: Candidate, *, at_least: int) -> Outcome:
    """Hold where: several known victims."""
    return Outcome(len(c.victims) >= at_least, lambda: {"victims_on_record": len(c.victims)})


@twin
def suspects(c: Candidate, *, at_least: int) -> Outcome:
    """Hold where: several known suspects."""
    return Outcome(len(c.suspects) >= at_least, lambda: {"suspects_on_record": len(c.suspects)})


@twin
def forces(c: Candidate, *, at_least: int) -> Outcome:
    """Hold where: records of several forces."""
    count = len(c.sums.forces)
    return Outcome(count >= at_least, lambda: {"forces": count})


@twin
def victims_with_course(c: Candidate, *, strength: str, at_least: int) -> Outcome:
    """Hold where: a course towards each of several victims."""
    least = STRENGTHS.index(strength)
    strong = c.towards_strength.strong(least)
    return Outcome(
        len(strong) >= at_least,
        lambda: {"victims_with_course": len(strong)},
        lambda: [e for e in c.entries if e.row.victim in strong],
        in_order=True,
        carry=(strong, lambda e, _: e.row.victim in strong),
    )


@twin
def means_across_victims(c: Candidate, *, at_least: int) -> Outcome:
    """Hold where: one number, account or vehicle reached several victims."""
    most = tie_table()[1].most_people
    reach: dict[str, set[str]] = {}
    used = c.sums.with_means
    for e in used:
        reach.setdefault(e.row.means, set()).add(e.row.victim)
    best, size = "", 0
    for means in sorted(reach):
        if len(reach[means]) > size and c.scene.users_of(means) <= most:
            best, size = means, len(reach[means])
    if size < at_least:
        return Outcome(False, lambda: {"victims_reached": size, "unattributed": 0}, list)
    strangers = c.scene.unattributed(best)
    return Outcome(
        True,
        lambda: {"victims_reached": size, "unattributed": len(strangers)},
        lambda: [e for e in used if e.row.means == best] + strangers,
    )


@twin
def orders_for_victims(c: Candidate, *, at_least: int) -> Outcome:
    """Hold where: orders for several people, each followed by conduct."""
    lives = [o for o in c.scene.lives if o.is_order and NEVER < o.begins < FOREVER]
    kept: list[Entry] = []
    protected: set[str] = set()
    made: set[str] = set()
    if len(set().union(*(o.protected for o in lives))) >= at_least:
        for life in lives:
            for victim in life.protected:
                if rows := _between(c, victim, life.begins, FOREVER):
                    kept += rows
                    protected.add(victim)
                    made.add(life.order)
    return Outcome(
        len(protected) >= at_least,
        lambda: {"protected": len(protected), "orders_made": len(made)},
        lambda: kept,
    )


# --------------------------------------------------------------------------------------------------- proxies
@twin
def through_others(c: Candidate, *, breaching: bool) -> Outcome:
    """Hold where: contact through another person on record."""
    if not c.sums.acts_through_others:
        return Outcome(False, lambda: {"occasions_through_others": 0}, list)
    kept = [e for e in c.entries if e.row.acts_through_others and (not breaching or e.breaches)]
    return Outcome(bool(kept), lambda: {"occasions_through_others": _events(kept)}, lambda: kept, in_order=True)


@twin
def tied_person_acts(c: Candidate) -> Outcome:
    """Hold where: a person tied to the respondent acted."""
    kept, best = c.inferred
    return Outcome(bool(kept), lambda: {"occasions_by_others": _events(kept), "path": best}, lambda: kept)


@twin
def no_conduct_of_respondent(c: Candidate) -> Outcome:
    """Hold where: nothing on record is the respondent's own conduct towards a protected person."""
    assert c.life is not None
    return Outcome(not any(c.scene.towards(victim) for victim in c.life.protected))


# -------------------------------------------------------------------------------------------------- recording
@twin
def recorded_as(c: Candidate, *, any_of: tuple[str, ...], requires: str) -> Outcome:
    """Hold where: a course-of-conduct crime is on record."""
    laws = c.scene.laws
    offences = c.sums.under(laws, requires)[1] if requires else c.sums.offences

    def counted() -> Mapping[str, Any]:
        wanted = laws.conducts(any_of)
        rows = [e.row for e in c.entries if e.row.offence in wanted]
        return {"conduct_records": sum(1 for r in rows if not requires or laws.requires(requires, r.recorded))}

    return Outcome(offences & laws.conducts_mask(any_of) != 0, counted)


@twin
def recorded_under(c: Candidate, *, requires: str, beyond_first: bool) -> Outcome:
    """Hold where: records made under a recording rule."""
    laws = c.scene.laws
    if c.elsewhere:
        return Outcome(False, lambda: {"records_under_rule": 0})
    if beyond_first:
        count = c.sums.under(laws, requires)[0]
    else:
        count = sum(laws.requires(requires, e.row.recorded) for e in c.entries)
    return Outcome(count > 0, lambda: {"records_under_rule": count})


@twin
def other_principal_crime(c: Candidate, *, requires: str) -> Outcome:
    """Hold where: a crime that outranks a summary conduct offence."""
    laws = c.scene.laws
    crimes = c.sums.under(laws, requires)[2] if requires else c.sums.offences
    if not crimes & laws.graver_mask or (requires and c.elsewhere):
        return Outcome(False, lambda: {"principal_incident": ""})
    first = next(
        (
            e.row.incident
            for e in c.entries
            if e.row.offence in laws.graver
            and e.row.kind == CRIME
            and (not requires or laws.requires(requires, e.row.recorded))
        ),
        "",
    )
    return Outcome(first != "", lambda: {"principal_incident": first})


@twin
def limitation_runs(c: Candidate, *, at_most: int) -> Outcome:
    """Hold where: the six months of a summary conduct offence are running."""
    deadline = c.sums.summary_deadline(c.scene.laws)[1]
    left = deadline - london_day(c.scene.now) if deadline != NEVER else -1
    return Outcome(runs_out(c, at_most), lambda: {"deadline": deadline, "days_left": left})


def runs_out(c: Candidate, days: int) -> bool:
    """Return whether the time limit of a summary conduct offence is running and ends within some days."""
    open_, deadline = c.sums.summary_deadline(c.scene.laws)
    return open_ and 0 <= deadline - london_day(c.scene.now) <= days and not c.elsewhere


@lru_cache(maxsize=4096)
def midnight_of(day: int) -> int:
    """Return the first second of a London day."""
    return int(london_midnight(np.array([day]))[0])

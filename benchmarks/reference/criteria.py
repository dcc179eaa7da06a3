"""The criteria that patterns name, each over one candidate: does it hold, and to which records it points."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from breachpattern.law.entries import Offence

from .breaches import NO_ORDER, RECORDED, UNRECORDED
from .candidates import Candidate
from .clock import DAY, FOREVER, NEVER, day_of
from .courses import STRENGTH
from .escalation import escalates
from .orders import WholeOrder
from .reading import Record
from .units import most_people

Answer = tuple[bool, list[Record] | None]
CONDUCTS = ("stalking", "harassment", "fear_of_violence", "coercive_control")
UNRESOLVED = ("9", "10", "13", "14", "15", "16", "17", "18", "20", "21")
# Criteria that ask for columns which this reference does not read: none now.
LEFT_OUT: frozenset[str] = frozenset()

CRITERIA: dict[str, Callable[..., Answer]] = {}


def criterion(call: Callable[..., Answer]) -> Callable[..., Answer]:
    """Enter a criterion under the name that patterns use."""
    CRITERIA[call.__name__] = call
    return call


def count_events(c: Candidate, rows: Iterable[Record]) -> int:
    """Return how many events some records record."""
    return len({c.case.event[r] for r in rows})


# --------------------------------------------------------------------------------------------------------- breaches
@criterion
def breaches(
    c: Candidate, at_least: int = 1, status: Sequence[str] = (RECORDED, UNRECORDED, NO_ORDER),
    certain: bool = False, told_here: bool = False,
) -> Answer:  # fmt: skip
    counted = [b for b in c.breaches if b.status in status and (not certain or b.counts_as_certain)]
    enough = count_events(c, (b.record for b in counted)) >= at_least
    if told_here:
        enough = enough and any(b.course == c.course for b in counted)
    return enough, [b.record for b in counted]


@criterion
def breach_status(c: Candidate, any_of: Sequence[str] = (UNRECORDED,)) -> Answer:
    return any(b.status in any_of for b in c.breaches), None


@criterion
def only_duties(c: Candidate) -> Answer:
    return bool(c.breaches) and all(b.duty_only for b in c.breaches), None


@criterion
def soon_after_service(c: Candidate, days: int = 7) -> Answer:
    return any(
        not b.duty_only and b.days_since_served is not None and b.days_since_served <= days for b in c.breaches
    ), None


@criterion
def no_order_on_file(c: Candidate) -> Answer:
    return any(b.status == NO_ORDER for b in c.breaches), None


# ---------------------------------------------------------------------------------------------------------- conduct
@criterion
def trait(c: Candidate, any_of: Sequence[str] = ("violent", "threatening"), at_least: int = 1) -> Answer:
    law = c.case.law.behaviours
    wanted = {act for act, entry in law.items() if any(getattr(entry, name) for name in any_of)}
    rows = [r for r in c.rows if r.done & wanted]
    return (bool(rows) if at_least <= 1 else count_events(c, rows) >= at_least), rows


@criterion
def behaviour(c: Candidate, any_of: Sequence[str] = (), at_least: int = 1) -> Answer:
    rows = [r for r in c.rows if r.done & set(any_of)]
    return (bool(rows) if at_least <= 1 else count_events(c, rows) >= at_least), rows


@criterion
def relationship(c: Candidate, any_of: Sequence[str] = ("ex_partner",)) -> Answer:
    return any(r.relationship in any_of for r in c.rows), None


@criterion
def blank(c: Candidate, field: str = "behaviours") -> Answer:
    missing: dict[str, Callable[[Record], bool]] = {
        "offence": lambda r: r.offence is None and r.kind == "crime",
        "behaviours": lambda r: not r.done,
    }
    return any(missing[field](r) for r in c.rows), None


@criterion
def through_others(c: Candidate, breaching: bool = False) -> Answer:
    rows = [r for r in c.rows if "third_party_contact" in r.done or r.channel == "third_party"]
    if breaching:
        rows = [r for r in rows if c.case.breaches_of.get(r)]
    return bool(rows), rows


@criterion
def escalating(c: Candidate, alpha: float = 0.05, occasions: int = 5) -> Answer:
    events: dict[int, list[Record]] = {}
    for r in c.rows:
        events.setdefault(c.case.event[r], []).append(r)
    told = sorted(
        (
            min(r.start for r in rows),
            label,
            frozenset().union(*(r.done for r in rows)),
            frozenset(r.channel for r in rows if r.channel is not None),
        )
        for label, rows in events.items()
    )
    return escalates([(start, done, by) for start, _, done, by in told], c.case.law, alpha, occasions), None


# ---------------------------------------------------------------------------------------------------------- courses
@criterion
def course_strength(c: Candidate, at_least: str = "arguable", at_most: str = "clear") -> Answer:
    return STRENGTH[at_least] <= c.case.strength(c.course) <= STRENGTH[at_most], None


@criterion
def signal(c: Candidate, any_of: Sequence[str] = ()) -> Answer:
    return bool(c.case.courses[c.course].signals & set(any_of)), None


@criterion
def course_unit(c: Candidate, any_of: Sequence[str] = ("dyad",)) -> Answer:
    return c.case.courses[c.course].unit.kind in any_of, None


@criterion
def forces(c: Candidate, at_least: int = 2) -> Answer:
    return len({" ".join(r.force.split()).casefold() for r in c.rows if r.force is not None}) >= at_least, None


@criterion
def victims_with_course(c: Candidate, strength: str = "arguable", at_least: int = 2) -> Answer:
    case = c.case
    rows = [r for r in c.rows if case.strength(case.course_of_dyad.get(case.dyad_of[r], -1)) >= STRENGTH[strength]]
    return len({case.dyad_of[r] for r in rows}) >= at_least, rows


@criterion
def means_across_victims(c: Candidate, at_least: int = 2) -> Answer:
    reached: dict[str, set[str | None]] = {}
    for r in c.rows:
        if r.means is not None and len(c.case.users.get(r.means, ())) <= most_people():
            reached.setdefault(r.means, set()).add(r.victim)
    # Of those that reached as many the first by its spelling.
    furthest = min(reached, key=lambda means: (-len(reached[means]), means), default=None)
    if furthest is None or len(reached[furthest]) < at_least:
        return False, []
    return True, [r for r in c.rows if r.means == furthest] + c.case.unattributed.get(furthest, [])


# ----------------------------------------------------------------------------------------------------------- orders
@criterion
def order_family(c: Candidate, any_of: Sequence[str] = ()) -> Answer:
    return any(c.case.families[order] & set(any_of) for order in c.orders), None


def _live(whole: WholeOrder, record: Record) -> bool:
    return record.end > whole.begins[0] and record.start < whole.finishes[1]


def _begun(whole: WholeOrder) -> int:
    return whole.begins[0] if whole.begins[0] > NEVER else whole.begins[1]


@criterion
def conduct_after_end(c: Candidate, days: int = 365) -> Answer:
    case, whole = c.case, c.whole
    assert whole is not None
    end = whole.finishes[1]
    if end == FOREVER or not whole.kind.is_order:
        return False, []
    rows = [r for r in case.conduct_under(whole) if 0 <= r.start - end < days * DAY]
    rows = [
        r
        for r in rows
        if not any(other.kind.is_order and _live(other, r) for other in case.orders_of_dyad[case.dyad_of[r]])
    ]
    return bool(rows), rows


@criterion
def founding_conduct_repeated(c: Candidate) -> Answer:
    whole = c.whole
    assert whole is not None
    rows = c.case.conduct_under(whole)
    grounds = [r for r in rows if r.incident in whole.founded_on]
    before = frozenset().union(*(r.done for r in grounds)) - {"other"}
    again = [r for r in rows if r not in grounds and _live(whole, r) and r.done & before]
    return bool(again), again + grounds if again else []


@criterion
def successive_orders(c: Candidate, at_least: int = 2) -> Answer:
    dyad = c.dyad
    assert dyad is not None
    dated = [whole for whole in c.case.orders_of_dyad.get(dyad, ()) if whole.kind.is_order]
    starts = sorted(start for whole in dated if NEVER < (start := _begun(whole)) < FOREVER)
    rungs = 0
    for start, until in zip(starts, [*starts[1:], FOREVER], strict=False):
        rungs += any(start <= r.start < until for r in c.case.dyads[dyad])
    return rungs >= at_least, [r for r in c.rows if starts and r.start >= starts[0]]


@criterion
def orders_for_victims(c: Candidate, at_least: int = 2) -> Answer:
    suspect, protected, rows = c.suspects[0], set(), []
    for victim in {r.victim for r in c.rows}:
        for whole in c.case.orders_of_dyad.get((suspect, str(victim)), ()):
            start = _begun(whole)
            if whole.kind.is_order and NEVER < start < FOREVER:
                after = [r for r in c.case.dyads[suspect, str(victim)] if r.start >= start]
                rows += after
                protected |= {victim} if after else set()
    return len(protected) >= at_least, rows


@criterion
def tied_person_acts(c: Candidate) -> Answer:
    if c.unit == "order":
        rows = [one.record for one in c.case.inferred if one.order == c.orders[0]]
    else:
        rows = [one.record for one in c.case.inferred if (one.respondent, one.victim) == c.dyad]
    return bool(rows), rows


@criterion
def no_conduct_of_respondent(c: Candidate) -> Answer:
    assert c.whole is not None
    return not c.case.conduct_under(c.whole), None


# -------------------------------------------------------------------------------------------------------- recording
def _requires(c: Candidate, record: Record, flag: str) -> bool:
    rule = c.case.law.recording_rule(day_of(record.recorded))
    return rule is not None and flag in rule.requires


def _conduct(offence: Offence | None, any_of: Sequence[str] = CONDUCTS) -> bool:
    return offence is not None and offence.conduct in any_of


@criterion
def recorded_as(c: Candidate, any_of: Sequence[str] = CONDUCTS, requires: str = "") -> Answer:
    return any(_conduct(r.offence, any_of) and (not requires or _requires(c, r, requires)) for r in c.rows), None


@criterion
def recorded_under(
    c: Candidate, requires: str = "conduct_in_addition_to_notifiable", beyond_first: bool = True
) -> Answer:
    rows = [r for r in c.rows if _requires(c, r, requires)]
    if beyond_first and c.rows:
        first = c.rows[0]
        if c.case.event_stands_for[first] < 2:
            rows = [r for r in rows if c.case.event[r] != c.case.event[first]]
    return bool(rows) and not _elsewhere(c), None


def _elsewhere(c: Candidate) -> bool:
    """Return whether law of Scotland or Northern Ireland is on record, and none of England and Wales."""
    extents = {r.offence.extent for r in c.rows if r.offence is not None}
    extents |= {b.version.kind.extent for b in c.breaches if b.version is not None}
    here = any("E&W" in extent for extent in extents)
    return not here and any("E&W" not in extent and extent != "UK" for extent in extents)


@criterion
def other_principal_crime(c: Candidate, requires: str = "") -> Answer:
    def graver(r: Record) -> bool:
        offence = r.offence
        indictable = offence is not None and not offence.conduct and offence.mode in ("either way", "indictable")
        return indictable and r.kind == "crime" and (not requires or _requires(c, r, requires))

    return any(graver(r) for r in c.rows) and not (requires and _elsewhere(c)), None


def _outcome(text: str | None) -> str:
    found = re.search(r"0*(\d{1,2}[A-Za-z]?)\b", text or "")
    return found.group(1).upper() if found else ""


@criterion
def limitation_runs(c: Candidate, at_most: int = 366) -> Answer:
    law = c.case.law
    disposing = {number for number, outcome in law.outcomes.items() if outcome.disposes}
    disposed = [r.end for r in c.rows if _conduct(r.offence) and _outcome(r.outcome) in disposing]
    until = max(disposed, default=NEVER)
    rows = [r for r in c.rows if c.case.event_start[r] >= until]
    summary = any(_conduct(r.offence) and r.offence is not None and r.offence.limitation_months for r in rows)
    wanting = summary or not any(_conduct(r.offence) for r in rows)
    stands = {c.case.event[r]: c.case.event_stands_for[r] for r in rows}
    if disposed and sum(stands.values()) < 2:
        wanting = False
    if not rows or not wanting or _elsewhere(c):
        return False, None
    months = min((o.limitation_months for o in law.offences.values() if o.conduct and o.limitation_months), default=6)
    last = day_of(max(r.end - 1 if r.acts > 1 else r.start for r in rows))
    left = (_months_later(last, months) - day_of(c.case.now)).days
    return 0 <= left <= at_most, None


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@criterion
def closed_then_more(c: Candidate, outcomes: Sequence[str] = UNRESOLVED, after: int = 1) -> Answer:
    last = max((c.case.event_start[r] for r in c.rows), default=NEVER)
    closed = [
        r
        for r in c.rows
        if (_outcome(r.outcome) in outcomes if r.outcome is not None else r.status == "closed") and last >= r.end
    ]
    if not closed:
        return False, None
    later = [r for r in c.rows if c.case.event_start[r] >= closed[0].end]
    return count_events(c, later) >= after, None

"""Candidate courses of conduct: chains of occasions that something connects, weighed on both sides."""

from __future__ import annotations

import math
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from itertools import pairwise
from typing import Any

import networkx as nx

from .clock import DAY, NEVER, day_of
from .occasions import Dyad, Facts, Occasion, count_within, events, in_time, occasions, stands_for
from .reading import Record
from .units import DYAD, GROUP, JOINT, Unit

STRENGTH = {"none": 0, "weak": 1, "arguable": 2, "clear": 3}
REMOTE = frozenset({"phone", "text", "email", "social_media", "post", "online_other", "third_party"})
AROUND_THE_VICTIM = frozenset({"victim_home", "victim_work", "victim_school"})
FEAR = frozenset({"fear_of_violence", "serious_alarm_distress"})
CHANGED_LIFE = frozenset({"changed_routine", "moved_home", "health", "work", "extra_security"})
CLOSE_DAYS, LONG_DAYS, MONTH, HALF_A_YEAR = 30, 182, 30 * DAY, 182 * DAY
KINDS_OF_ACT = ("message", "presence", "confrontation", "property")


@cache
def rule() -> dict[str, Any]:
    """Return the numbers of the strength rule, which are data."""
    return tomllib.loads(files("breachpattern.timelines").joinpath("signals.toml").read_text("utf-8"))


@cache
def weights() -> dict[str, float]:
    return {signal["id"]: signal["weight"] for signal in rule()["signal"]}


@cache
def serious() -> frozenset[str]:
    return frozenset(signal["id"] for signal in rule()["signal"] if signal.get("serious"))


@cache
def kinds() -> dict[str, frozenset[str]]:
    return {name: frozenset(acts) for name, acts in rule()["kinds"].items()}


@dataclass(eq=False)
class Link:
    """What connects an earlier with a later occasion, as places in the unit's occasions."""

    earlier: int
    later: int
    score: float
    signals: frozenset[str]


@dataclass(eq=False)
class Course:
    """A candidate course of conduct."""

    unit: Unit
    strength: str
    support: float
    occasions: int
    acts: int
    first_at: int
    last_at: int
    longest_gap: int
    signals: frozenset[str]
    rows: list[Record]
    members: list[Occasion] = field(default_factory=list)
    breaches: int = 0

    @property
    def suspects(self) -> list[str]:
        return sorted({str(r.suspect) for r in self.rows})

    @property
    def victims(self) -> list[str]:
        return sorted({str(r.victim) for r in self.rows})

    @property
    def incidents(self) -> list[str]:
        return sorted({r.incident for r in self.rows})

    def reasons(self, *, against: bool) -> str:
        """Return the reasons on one side in words."""
        signals = [one for one in rule()["signal"] if one["id"] in self.signals]
        return "; ".join(one["text"] for one in signals if one.get("against", False) == against)

    @property
    def id(self) -> str:
        """A hash of what it is about, which is the same in every run on the same facts."""
        parts = [self.unit.kind, *(";".join(some) for some in (self.suspects, self.victims, self.incidents))]
        return f"C-{blake2b('|'.join(parts).encode(), digest_size=8).hexdigest()}"


@dataclass
class World:
    """What courses rest on: the conduct of each two people, and what speaks against it."""

    dyads: dict[Dyad, list[Record]]
    cancelled: dict[Dyad, list[Record]]
    custody: dict[str, list[tuple[int, int]]]
    founded: dict[Record, frozenset[str]]
    facts: Facts

    def in_custody(self, suspect: str | None, start: int, end: int) -> int:
        """Return the seconds that a suspect spent in custody within ``[start, end)``, by the extract's own records."""
        spent, until = 0, start
        for begun, over in self.custody.get(suspect or "", ()):
            begun, over = max(begun, until), min(over, end)
            if over > begun:
                spent, until = spent + over - begun, over
        return spent


def custody_of(records: Iterable[Record]) -> dict[str, list[tuple[int, int]]]:
    """Return the spells of each suspect in custody of a day or more, in time order."""
    out = defaultdict(list)
    for r in records:
        if r.kind == "custody" and r.suspect is not None and not r.cancelled and r.end - r.start >= DAY:
            out[r.suspect].append((r.start, r.end))
    return {suspect: sorted(spells) for suspect, spells in out.items()}


def courses_of(unit: Unit, world: World) -> tuple[list[Occasion], list[Course]]:
    """Return the occasions of one unit and the candidate courses among them."""
    rows = sorted((r for dyad in unit.dyads for r in world.dyads[dyad]), key=in_time)
    told = occasions(rows, world.facts)
    links = _compared(unit, told, world)
    chains = _chains(unit, told, links)
    out = []
    for members in chains:
        course = _course(unit, told, members, links, world)
        parts = {unit.part[str(r.suspect), str(r.victim)] for r in course.rows}
        if unit.kind == DYAD or len(parts) >= 2:
            out.append(course)
    return told, out


def _compared(unit: Unit, told: Sequence[Occasion], world: World) -> list[Link]:
    """Compare each occasion with the three before it, and with those on which the order it breaches was founded."""
    pairs = [(i, j, True) for i, j in _founded(told, world)]
    pairs += [(j - lag, j, False) for lag in (1, 2, 3) for j in range(lag, len(told))]
    return [_link(unit, told, i, j, founded, world) for i, j, founded in pairs]


def _founded(told: Sequence[Occasion], world: World) -> set[tuple[int, int]]:
    where = {r.incident: place for place, occasion in enumerate(told) for r in occasion.records}
    out = set()
    for j, later in enumerate(told):
        for record in later.records:
            for ground in world.founded.get(record, ()):
                i = where.get(ground)
                if i is not None and told[i].start < later.start:
                    out.add((i, j))
    return out


def proximity(days: float) -> float:
    """Return the points of closeness in time: each doubling of a long gap costs one."""
    return rule()["rule"]["at_once"] - math.log2(1 + max(days, 0) / rule()["rule"]["scale_days"])


def _link(unit: Unit, told: Sequence[Occasion], i: int, j: int, founded: bool, world: World) -> Link:
    a, b, kind = told[i], told[j], kinds()
    gap = max(b.start - a.end, 0)
    explained = world.in_custody(unit.suspect, a.end, b.start) if unit.suspect is not None else 0
    days = max(gap - explained, 0) / DAY
    apart = (day_of(b.start) - day_of(a.start)).days
    aimed = all(not one.done or one.done - kind["for_gain"] for one in (a, b))
    recurring = apart >= 300 and abs(apart - round(apart / 365.25) * 365.25) <= 3 and aimed
    gain = bool(b.done) and b.done <= kind["for_gain"] and a.done <= kind["for_gain"]
    same = bool((a.done & b.done) - {"other"}) and not gain
    akin = any(a.done & kind[name] and b.done & kind[name] for name in KINDS_OF_ACT) and not gain
    stalking = bool(a.done & kind["stalking"] and b.done & kind["stalking"])
    breach = b.in_order or b.in_possible_order
    holds = {
        "close_in_time": days <= CLOSE_DAYS,
        "same_behaviour": same,
        "akin_behaviour": akin and not same,
        "stalking_acts": stalking,
        "same_means": bool(a.means & b.means),
        "same_channel": bool(a.channels & b.channels & REMOTE),
        "same_place": bool(a.places & b.places & AROUND_THE_VICTIM),
        "conduct_crimes": a.conduct_crime and b.conduct_crime,
        "order_in_force": b.in_order,
        "order_possibly_in_force": b.in_possible_order and not b.in_order,
        "order_founded_on_it": founded,
        "order_followed_it": breach and not founded and b.order_made > a.start and b.order_made != NEVER,
        "warned": b.warned_at <= b.start,
        "recurring_date": recurring,
        "same_occurrence": bool(a.references & b.references),
        "fear_or_alarm": bool((a.impact | b.impact) & FEAR),
        "gap_explained": explained >= DAY,
        "unlike": not same and not akin and not stalking,
        "long_gap": days > LONG_DAYS and not recurring,
        "reconciled": b.reconciled_at > max(a.reconciled_at, a.start),
        "for_gain": gain,
    }
    signals = {name for name, true in holds.items() if true}
    if not (a.speaks and b.speaks) and not any(weights()[name] > 0 for name in signals):
        signals.add("silent")
    return Link(i, j, proximity(days) + sum(weights()[name] for name in signals), frozenset(signals))


def _chains(unit: Unit, told: Sequence[Occasion], links: Sequence[Link]) -> list[list[int]]:
    """Return the places of the occasions of each candidate."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(told)))
    for link in links:
        without = link.score - sum(weights()[name] for name in link.signals & serious())
        if without >= rule()["rule"]["link"]:
            graph.add_edge(link.earlier, link.later)
    parts = [sorted(part) for part in nx.connected_components(graph)]
    chains = [part for part in parts if sum(told[i].count for i in part) >= 2]
    if not chains and unit.kind == DYAD and sum(occasion.count for occasion in told) >= 2:
        chains = [list(range(len(told)))]
    return sorted(chains)


def _strongest(links: Sequence[Link], members: Sequence[int]) -> list[Link]:
    """Return the strongest links that hold the members together: of equals the earlier later one, then the earlier."""
    inside = [link for link in links if link.earlier in members and link.later in members]
    in_order = sorted(inside, key=lambda link: (-link.score, link.later, link.earlier))
    graph = nx.Graph()
    for place, link in enumerate(in_order):
        if not graph.has_edge(link.earlier, link.later):
            graph.add_edge(link.earlier, link.later, weight=place, link=link)
    return [data["link"] for _, _, data in nx.minimum_spanning_edges(graph, data=True)]


def _course(unit: Unit, told: Sequence[Occasion], places: Sequence[int], links: Sequence[Link], world: World) -> Course:
    held = _strongest(links, frozenset(places))
    members = [told[i] for i in places]
    scores = [link.score for link in held]
    signals = set().union(*(link.signals for link in held))
    for one in members:
        if one.count > 1:
            within = (one.end - one.start) / DAY / max(one.acts - 1, 1)
            scores.append(proximity(within) + (weights()["same_behaviour"] if one.done else 0))
            signals.add("many_acts_in_one_record")
    count = sum(one.count for one in members)
    first, last = min(one.start for one in members), max(one.end for one in members)
    if last - first < rule()["rule"]["short_run_hours"] * 3600:
        signals.add("minutes_apart")
    signals |= _grave_signs(members)
    against = _against(unit, first - MONTH, last + MONTH, count, world)
    mean = sum(scores) / max(len(scores), 1)
    support = mean + math.log2(max(count, 2)) - 1
    support += sum(weights()[name] for name in against)
    signals |= against
    rows = sorted((r for one in members for r in one.records), key=lambda r: (r.start, r.incident))
    strength = _strength(support, mean, signals, _days(members))
    course = Course(
        unit=unit,
        strength=min(strength, unit.highest, key=STRENGTH.__getitem__),
        support=support,
        occasions=count,
        acts=sum(one.acts for one in members),
        first_at=first,
        last_at=last,
        longest_gap=max((max(b.start - a.end, 0) for a, b in pairwise(members)), default=0),
        signals=frozenset(signals),
        rows=rows,
        members=members,
    )
    return course


def _against(unit: Unit, since: int, until: int, count: int, world: World) -> set[str]:
    """Return what speaks against a whole course: acts in the other direction, cancelled records, its kind of unit."""
    turned = [r for suspect, victim in unit.dyads for r in world.dyads.get((victim, suspect), ())]
    back = [
        (min(r.start for r in event), max(r.end for r in event), max(stands_for(r) for r in event))
        for event in events(turned)
    ]
    reverse = count_within(back, since - HALF_A_YEAR + MONTH, until + HALF_A_YEAR - MONTH)
    mutual = reverse >= 2 and reverse * 2 >= count
    out = {"two_way"} if mutual else {"counter_allegation"} if reverse else set()
    if reverse and not mutual and reverse * 3 >= count:
        out.add("not_one_sided")
    dropped = [(r.start, r.end, 1) for dyad in unit.dyads for r in world.cancelled.get(dyad, ())]
    if count_within(dropped, since, until):
        out.add("cancelled_records")
    if unit.kind == GROUP:
        out |= {"purpose_not_on_record"}
    if unit.kind == JOINT:
        out |= {"acted_together"} if unit.together else {"tie_only"}
        out |= {"same_means_used"} if unit.same_means else set()
    if not unit.on_file and not (unit.kind == JOINT and unit.together):
        out.add("connection_inferred")
    return out


def _days(members: Sequence[Occasion]) -> int:
    """Return on how many days the acts certainly began; a record of many acts that goes on stands for its days.

    One act at an unknown time of several days is given the day of another wherever it may have been on it.
    """
    spans = []
    for one in members:
        vague = one.count == 1 and _went_on(one)
        spans.append((day_of(one.end - 1 if vague else one.start), day_of(one.start)))
    chosen = []
    for last, first in sorted(spans):
        if not chosen or first > chosen[-1]:
            chosen.append(last)
    return len(chosen) + sum(one.count - 1 for one in members if _went_on(one))


def _went_on(one: Occasion) -> bool:
    return one.end - one.start > DAY and day_of(one.end - 1) > day_of(one.start)


def _grave_signs(members: Sequence[Occasion]) -> set[str]:
    """Return the signs that set a course apart from trouble that came back."""
    pursuit = frozenset(rule()["kinds"]["pursuit"])
    effects = frozenset().union(*(one.impact for one in members))
    signs = set()
    if _days([one for one in members if one.in_order]) >= 2:
        signs.add("order_broken_again")
    if _days([one for one in members if one.done & pursuit]) >= 2:
        signs.add("pursued")
    related = {record.relationship for one in members for record in one.records} - {None, "unknown"}
    afraid = _days([one for one in members if "fear_of_violence" in one.impact]) >= 2
    alarmed = _days([one for one in members if "serious_alarm_distress" in one.impact]) >= 2
    if (afraid or (alarmed and effects & CHANGED_LIFE)) and related and not related & {"partner", "family"}:
        signs.add("graver_effect")
    return signs


def _strength(support: float, mean: float, signals: set[str], days: int) -> str:
    numbers = rule()["rule"]
    if mean < numbers["link"] or support < numbers["arguable"]:
        return "weak"
    return (
        "clear"
        if support >= numbers["clear"] and not signals & serious() and days >= numbers["clear_days"]
        else "arguable"
    )

"""What the record already speaks to: plain facts by name, each with the sentence that says where it shows.

A fact is *seen* or it is not. That it is not seen says nothing: a blank is never a no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from breachpattern.explain.evidence import listed
from breachpattern.explain.moments import day
from breachpattern.law import Catalogue
from breachpattern.patterns.rules import rules
from breachpattern.patterns.wording import counted, joined
from breachpattern.report.run import People, Record, Run
from breachpattern.report.text import moment, words

_WEEK, _VISITS = timedelta(days=7), 4


@dataclass(frozen=True)
class Fact:
    """Something that the record speaks to: what to call it, and where it shows."""

    name: str
    label: str
    text: str


Facts = dict[str, Fact]


@dataclass(frozen=True)
class _Given:
    finding: Record
    people: People
    records: Sequence[Record]
    run: Run
    catalogue: Catalogue

    @property
    def own(self) -> list[Record]:
        """The findings that are about nobody but the victims of this one."""
        victims = set(self.finding["victim_ids"])
        return [one for one in self.people.findings if victims.issuperset(one["victim_ids"])]


def facts_of(finding: Record, people: People, run: Run, catalogue: Catalogue) -> Facts:
    """Return what the record speaks to, by name; what it does not speak to is left out.

    Parameters
    ----------
    finding : dict
        A line of ``findings.jsonl``.
    people : People
        What the run holds about the same people.
    run : Run
    catalogue : Catalogue
    """
    given = _Given(finding, people, people.records, run, catalogue)
    told = ((name, label, tell(given)) for name, (label, tell) in _FACTS.items())
    return {name: Fact(name, label, text) for name, label, text in told if text}


def names() -> list[str]:
    """Return the names of all facts."""
    return list(_FACTS)


def _occasions(given: _Given) -> str:
    course = given.run.courses.get(given.finding.get("course_id") or "", {})
    count = max(len({item["occasion"] for item in given.finding["evidence"]}), int(course.get("occasions") or 0))
    if count < 2:
        return ""
    first, last = (course.get(end) or given.finding[end] for end in ("first_at", "last_at"))
    return f"{counted(count, 'occasion')} between {day(first)} and {day(last)}"


def _several_victims(given: _Given) -> str:
    victims = given.finding["victim_ids"]
    return f"{len(victims)} people named as victims: {joined(victims)}" if len(victims) > 1 else ""


def _stalking_acts(given: _Given) -> str:
    marked = {name: entry.s2a for name, entry in given.catalogue.behaviours.items() if entry.s2a}
    seen = {name for item in given.records for name in item["behaviours"] if name in marked}
    if not seen:
        return ""
    acts = [f"{words(name)} (paragraph {marked[name]})" for name in sorted(seen, key=lambda name: marked[name])]
    count = sum(not marked.keys().isdisjoint(item["behaviours"]) for item in given.records)
    return f"{joined(acts)} on {counted(count, 'record')}"


def _acts(*codes: str, channel: str = "") -> Callable[[_Given], str]:
    """Return a fact: at least one record holds one of some acts."""

    def tell(given: _Given) -> str:
        held = [
            item
            for item in given.records
            if not set(codes).isdisjoint(item["behaviours"]) and channel in ("", item.get("channel"))
        ]
        acts = sorted({code for item in held for code in item["behaviours"] if code in codes})
        return f"{joined([words(act) for act in acts])} on {_cited(held)}" if held else ""

    return tell


def _rule(rule: str) -> Callable[[_Given], str]:
    """Return a fact: points were given for a reason, to this finding or another on the same people."""

    def tell(given: _Given) -> str:
        reason = _reasons()[rule]
        held = any(p["reason"] == reason for one in given.own for p in one["points"] or ())
        return reason if held else ""

    return tell


@cache
def _reasons() -> dict[str, str]:
    return {points.id: points.reason for points in rules().points}


def _while_in_force(given: _Given) -> str:
    held = [item for item in given.records if any(b["order_state"] in ("yes", "possible") for b in item["breaches"])]
    if not held:
        return ""
    sure = sum(any(b["order_state"] == "yes" for b in item["breaches"]) for item in held)
    unsure = f", {len(held) - sure} of them possibly" if len(held) > sure else ""
    return f"{counted(len(held), 'record')} while an order was in force{unsure}: {_ids(held)}"


def _told_to_stop(given: _Given) -> str:
    told = [
        f"{v['order_title'] or 'order'} {order['order_id']} made {day(v['made'])}"
        + (f", served {day(v['served'])}" if v["served"] else "")
        for order in given.people.orders
        for v in order["versions"][:1]
        if v["made"]
    ]
    return f"{joined(told[:3])}{' and more' if len(told) > 3 else ''}" if told else ""


def _after_orders(given: _Given) -> str:
    acted = {breach["order_id"] for item in given.records for breach in item["breaches"] if breach["order_id"]}
    return f"conduct after {counted(len(acted), 'order')}: {joined(sorted(acted)[:4])}" if acted else ""


def _recorded(status: str) -> Callable[[_Given], str]:
    def tell(given: _Given) -> str:
        held = [item for item in given.records if any(b["status"] == status for b in item["breaches"])]
        return _cited(held) if held else ""

    return tell


def _other_victims(given: _Given) -> str:
    others = sorted({v for course in given.run.other_courses(given.finding) for v in course["victim_ids"]})
    return f"candidate courses towards {joined(others[:4])}{' and others' if len(others) > 4 else ''}" if others else ""


def _through_others(given: _Given) -> str:
    held = [item for item in given.records if item.get("inferred") or "third_party_contact" in item["behaviours"]]
    return f"contact through others on {_cited(held)}" if held else ""


def _helpers(given: _Given) -> str:
    together = given.finding.get("unit") == "joint" or len(given.finding["suspect_ids"]) > 1
    return f"several suspects: {joined(given.finding['suspect_ids'])}" if together else ""


def _visits(given: _Given) -> str:
    """Four or more records in person within seven days."""
    times = [moment(item["start"]) for item in given.records if item.get("channel") == "in_person" and item["start"]]
    for first, later in zip(times, times[_VISITS - 1 :], strict=False):
        if later - first <= _WEEK:
            return f"{_VISITS} or more records in person within a week from {_day(first)}"
    return ""


def _pattern(pattern: str) -> Callable[[_Given], str]:
    """Return a fact: another pattern held for the same people."""

    def tell(given: _Given) -> str:
        return next((str(one["headline"]) for one in given.own if one["pattern"] == pattern), "")

    return tell


def _order_on_file(*kinds: str) -> Callable[[_Given], str]:
    def tell(given: _Given) -> str:
        held = [o["order_id"] for o in given.people.orders if any(v["order_kind"] in kinds for v in o["versions"])]
        return f"on file: {joined(held)}" if held else ""

    return tell


def _cited(records: Sequence[Record]) -> str:
    return f"{counted(len(records), 'record')}: {_ids(records)}"


def _ids(records: Iterable[Mapping[str, Any]], most: int = 3) -> str:
    ids = list(dict.fromkeys(str(item["incident_id"]) for item in records))
    return ", ".join(ids[:most]) + (f" and {len(ids) - most} more" if len(ids) > most else "")


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"


_FACTS: dict[str, tuple[str, Callable[[_Given], str]]] = {
    "occasions": ("repeated occasions", _occasions),
    "several_victims": ("several victims", _several_victims),
    "stalking_acts": ("acts associated with stalking", _stalking_acts),
    "told_to_stop": ("an order or a notice", _told_to_stop),
    "while_in_force": ("conduct while an order was in force", _while_in_force),
    "after_orders": ("conduct in spite of orders", _after_orders),
    "recorded_breach": ("recorded breaches", _recorded("recorded")),
    "unrecorded_breach": ("breaches not recorded", _recorded("unrecorded")),
    "fear": ("fear, alarm or distress", _rule("fear")),
    "life_changed": ("the victim's life changed", _rule("life_changed")),
    "violence": ("violence", _acts("assault", "strangulation", "sexual")),
    "threats": ("threats or coercion", _acts("threat", "coercion")),
    "damage": ("damage", _acts("damage", "property_interference")),
    "loitering": ("loitering, watching or following", _acts("loiter", "watch", "follow", "exclusion_entry")),
    "watching": ("watching or monitoring", _acts("watch", "monitor", "track_device")),
    "visits": ("several visits in a week", _visits),
    "through_others": ("contact through others", _through_others),
    "helpers": ("several suspects", _helpers),
    "other_victims": ("other victims", _other_victims),
    "escalation": ("escalation", _pattern("escalation")),
    "former_partner": ("a former partner", _pattern("ex_partner_default")),
    "stalking_protection_order": (
        "a stalking protection order",
        _order_on_file("stalking_protection", "interim_stalking_protection"),
    ),
}


def reasons_of(record: Mapping[str, Any], field: str) -> list[tuple[str, str]]:
    """Return the reasons on one side, each with the authority on which it rests."""
    return [
        (reason, "") if isinstance(reason, str) else (str(reason["text"]), str(reason.get("basis") or ""))
        for reason in listed_or_list(record.get(field))
    ]


def listed_or_list(value: Any) -> list[Any]:
    """Return a list, whether it comes as one or as text."""
    return listed(value) if isinstance(value, str) else list(value or ())

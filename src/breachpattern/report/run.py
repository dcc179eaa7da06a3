"""What a run folder holds, as the pages ask for it: findings, and what else is on record about their people."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from breachpattern.errors import OutputError
from breachpattern.explain.evidence import listed
from breachpattern.output.files import times_as_text
from breachpattern.output.folder import read_run
from breachpattern.output.read import read_table

Record = dict[str, Any]
_OF_COURSE = (
    "course_id",
    "unit",
    "strength",
    "occasions",
    "acts",
    "breaches",
    "first_at",
    "last_at",
    "longest_gap_days",
)
_SUSPECTS = re.compile(r'"suspect_ids":(\[.*?\]),"victim_ids":')
_BRIEF = (
    "finding_id", "suspect_ids", "victim_ids", "rank", "level", "pattern", "pattern_title", "headline", "points",
)  # fmt: skip


@dataclass(frozen=True)
class People:
    """What the run holds about some suspects towards some victims, over all its findings.

    Attributes
    ----------
    records : list of dict
        The evidence of all these findings, each record once, in time order.
    findings : list of dict
        These findings in brief, in rank order.
    orders : list of dict
        The orders of these findings, each once.
    """

    records: list[Record]
    findings: list[Record]
    orders: list[Record]


@dataclass(frozen=True)
class Run:
    """A run as its folder tells it.

    Attributes
    ----------
    summary : dict
        ``summary.json``.
    findings : list of dict
        The first findings in rank order: those that get a page.
    total : int
        How many there are.
    courses : dict of str to dict
        By id, the candidate courses that concern the people of these findings.
    """

    summary: Record
    findings: list[Record]
    total: int
    courses: dict[str, Record]
    _of: dict[tuple[str, str], list[Record]] = field(default_factory=dict, repr=False)

    @cached_property
    def paged(self) -> frozenset[str]:
        """The ids of the findings that get a page."""
        return frozenset(finding["finding_id"] for finding in self.findings)

    def people(self, finding: Mapping[str, Any]) -> People:
        """Return what the run holds about the suspects of a finding towards its victims."""
        about = (one for pair in _pairs(finding) for one in self._of.get(pair, ()))
        known = {one["finding_id"]: one for one in (_brief(finding), *about)}
        findings = sorted(known.values(), key=lambda one: int(one["rank"]))
        orders = {order["order_id"]: order for one in findings for order in one["orders"]}
        return People(_merged(findings, finding), findings, list(orders.values()))

    def each(self, change: Callable[[Record], Record]) -> Run:
        """Return the run with every finding and every course changed, such as by pseudonyms."""
        changed = {id(one): change(one) for held in self._of.values() for one in held}
        of: dict[tuple[str, str], list[Record]] = {}
        for one in changed.values():
            for pair in _pairs(one):
                of.setdefault(pair, []).append(one)
        courses = [change(course) for course in self.courses.values()]
        findings = [change(finding) for finding in self.findings]
        return Run(self.summary, findings, self.total, {course["course_id"]: course for course in courses}, of)

    def other_courses(self, finding: Mapping[str, Any]) -> list[Record]:
        """Return the candidate courses of the same suspects towards others, the strongest first."""
        suspects, victims = set(finding["suspect_ids"]), set(finding["victim_ids"])
        return [
            course
            for course in self.courses.values()
            if suspects & set(course["suspect_ids"]) and not victims & set(course["victim_ids"])
        ]


def read(folder: Path, limit: int) -> Run:
    """Return the run of a folder with its first findings.

    Parameters
    ----------
    folder : Path
        As ``breachpattern score`` wrote it.
    limit : int
        The most findings that get a page.

    Raises
    ------
    OutputError
        Where the folder is not a run of this library, or its findings cannot be read.
    """
    summary = read_run(folder)
    path = folder / "findings.jsonl"
    try:
        with path.open(encoding="utf-8") as lines:
            chosen = [json.loads(line) for _, line in zip(range(limit), lines, strict=False)]
            suspects = {suspect for finding in chosen for suspect in finding["suspect_ids"]}
            others = [json.loads(line) for line in lines if _names_one(line, suspects)]
        total = int(summary["findings"]["total"])
        of: dict[tuple[str, str], list[Record]] = {}
        for finding in (*chosen, *others):
            brief = _brief(finding)
            for pair in _pairs(finding):
                of.setdefault(pair, []).append(brief)
        courses = _courses(folder, suspects)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(
            "The findings of this run cannot be read.", where=str(path), hint="Score the extract again."
        ) from error
    return Run(summary, chosen, total, courses, of)


def _names_one(line: str, suspects: set[str]) -> bool:
    """Return whether a line names one of some suspects; most lines need not be read whole to know it does not."""
    found = _SUSPECTS.search(line)
    return found is None or not suspects.isdisjoint(json.loads(found[1]))


def _pairs(finding: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return who did it to whom; a person who is not known is nobody whom another finding could be about."""
    return [(suspect, victim) for suspect in finding["suspect_ids"] for victim in finding["victim_ids"]]


def _brief(finding: Mapping[str, Any]) -> Record:
    told = {name: finding.get(name) for name in _BRIEF}
    return told | {"evidence": finding["evidence"], "orders": finding.get("orders") or []}


def _merged(findings: Iterable[Record], this: Mapping[str, Any]) -> list[Record]:
    """Return the records of several findings, each once with all its breaches, those of ``this`` finding marked."""
    own = {_key(item): item for item in this["evidence"]}
    merged: dict[tuple[str, ...], Record] = {key: {**item, "own": True} for key, item in own.items()}
    # A finding on several victims also holds what was done to the others.
    victims = {None, *this["victim_ids"]}
    about = (item for one in findings for item in one["evidence"] if item.get("victim_id") in victims)
    for item in about:
        held = merged.setdefault(_key(item), {**item, "own": False, "occasion": None})
        known = {breach.get("order_id") for breach in held["breaches"]}
        held["breaches"] = [*held["breaches"], *(b for b in item["breaches"] if b.get("order_id") not in known)]
        held.setdefault("inferred", item.get("inferred") or [])
    return sorted(merged.values(), key=lambda item: (str(item["start"]), str(item["incident_id"])))


def _key(item: Mapping[str, Any]) -> tuple[str, ...]:
    return str(item["incident_id"]), str(item.get("suspect_id")), str(item.get("victim_id"))


def _courses(folder: Path, suspects: set[str]) -> dict[str, Record]:
    """Return the candidate courses of some suspects by id, the strongest first."""
    found = {}
    for row in times_as_text(read_table(folder, "courses")).to_pylist():
        ends = {name: listed(row[name]) for name in ("suspect_ids", "victim_ids")}
        if not suspects.isdisjoint(ends["suspect_ids"]):
            found[row["course_id"]] = {**{name: row[name] for name in _OF_COURSE}, **ends}
    return found

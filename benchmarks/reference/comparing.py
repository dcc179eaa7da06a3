"""The engine's answer beside the reference's: what either says and the other does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from breachpattern.analysis import Analysis
from breachpattern.spans import DAY
from breachpattern.vocabulary import BREACH_KINDS, TERMS

from . import Answer
from .breaches import Breach
from .courses import Course
from .findings import Finding, not_covered

BREACH = (
    "incident_id", "order_id", "order_version", "suspect_id", "victim_id", "through_id", "status", "order_state",
    "nature", "breach_kind", "terms_matched", "days_since_served", "course_id", "course_strength",
    "prior_occasions_365d", "prior_breaches", "known_at",
)  # fmt: skip
COURSE = (
    "course_id", "suspect_ids", "victim_ids", "unit", "strength", "occasions", "acts", "breaches", "first_at",
    "last_at", "longest_gap_days", "support", "reasons_for", "reasons_against", "incident_ids",
)  # fmt: skip
FINDING = ("finding_id", "pattern", "level", "suspect_id", "victim_ids", "incident_ids", "order_ids")
SHOWN = 5
Rows = Sequence[tuple[Any, ...]]


def differences(analysis: Analysis, answer: Answer) -> list[str]:
    """Return what engine and reference say differently, a few of each kind; none where they agree.

    Breaches of inferred contact are held against the findings that tell them, and left out here.
    """
    through, pattern, left_out = BREACH.index("through_id"), FINDING.index("pattern"), not_covered()
    direct = [row for row in _rows(analysis.breaches.to_arrow(), BREACH) if row[through] is None]
    findings = [row for row in _rows(analysis.findings.to_arrow(), FINDING) if row[pattern] not in left_out]
    return [
        *_unlike("breach", BREACH, direct, [_breach(one, answer) for one in answer.breaches]),
        *_unlike("course", COURSE, _rows(analysis.courses.to_arrow(), COURSE), [_course(c) for c in answer.courses]),
        *_unlike("finding", FINDING, findings, [_finding(finding) for finding in answer.findings]),
    ]


def _rows(table: pa.Table, names: Sequence[str]) -> Rows:
    columns = []
    for name in names:
        column = table[name]
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("s", "UTC")).cast(pa.int64())
        values = column.to_pylist()
        values = [None if value == "" else value for value in values]
        if name in ("incident_ids", "order_ids"):
            values = [";".join(sorted((value or "").split(";"))) for value in values]
        columns.append(values)
    return list(zip(*columns, strict=True))


def _breach(one: Breach, answer: Answer) -> tuple[Any, ...]:
    course = answer.courses[one.course] if one.course >= 0 else None
    return (
        one.record.incident, one.order, one.version.number if one.version else None, one.suspect, one.victim, None,
        one.status, one.state, one.nature, ";".join(BREACH_KINDS.codes(BREACH_KINDS.mask(one.kinds))),
        ";".join(TERMS.codes(TERMS.mask(one.terms))) or None, one.days_since_served,
        course.id if course else None, course.strength if course else "none", one.prior_occasions, one.prior_breaches,
        one.known,
    )  # fmt: skip


def _course(one: Course) -> tuple[Any, ...]:
    return (
        one.id, ";".join(one.suspects), ";".join(one.victims), one.unit.kind, one.strength, one.occasions, one.acts,
        one.breaches, one.first_at, one.last_at - 1, round(one.longest_gap * 10 / DAY) / 10,
        round(one.support, 2), one.reasons(against=False) or None,
        one.reasons(against=True) or None, ";".join(one.incidents),
    )  # fmt: skip


def _finding(one: Finding) -> tuple[Any, ...]:
    return (
        one.id, one.pattern, one.level, next(iter(one.suspects), None), ";".join(one.victims) or None,
        ";".join(one.incidents), ";".join(one.orders),
    )  # fmt: skip


def _unlike(what: str, names: Sequence[str], engine: Rows, reference: Rows) -> Iterable[str]:
    """Yield differences: rows of one key field by field, and rows that only one side has."""
    more, fewer = Counter(engine), Counter(reference)
    only_engine, only_reference = list((more - fewer).elements()), list((fewer - more).elements())
    told = 0
    for row in only_engine:
        other = next((o for o in only_reference if o[:2] == row[:2]), None)
        if other is None:
            yield f"{what}: the engine alone says {dict(zip(names, row, strict=True))}"
        else:
            only_reference.remove(other)
            apart = {n: (a, b) for n, a, b in zip(names, row, other, strict=True) if a != b}
            yield f"{what} {row[0]} {row[1] or ''}: (engine, reference) {apart}"
        told += 1
        if told >= SHOWN:
            break
    for row in only_reference[: SHOWN - min(told, SHOWN - 1)]:
        yield f"{what}: the reference alone says {dict(zip(names, row, strict=True))}"
    if len(only_engine) > told:
        yield f"{what}: {len(only_engine)} rows of the engine differ in all"

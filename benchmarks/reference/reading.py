"""Rows into records, one Pydantic model each, and the rows of one incident brought together."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from breachpattern.law import Catalogue
from breachpattern.law.entries import Offence
from breachpattern.records import Incident, Order, Reading, judge
from breachpattern.records.models import Row
from breachpattern.records.moments import When, bounds

from .means import spelt

Source = str | Path | Iterable[Mapping[str, Any]]
MESSAGES = ("phone", "text", "email", "social_media", "post", "online_other")
# What belongs to the incident and not to one of its people.
OF_THE_INCIDENT = (
    "kind", "span", "offence_code", "offence_text", "channel", "occurrence_ref", "place_role", "outcome", "status",
    "force",
)  # fmt: skip
# Columns on which an answer can rest that this reference does not work out.
NOT_READ = {
    "orders": (
        "exclusion_postcodes", "exclusion_lat", "exclusion_lon", "exclusion_radius_m", "curfew_from", "curfew_to",
    ),
}  # fmt: skip


class NotCovered(ValueError):  # noqa: N818 - reads as what it is
    """The extract asks for something that the reference leaves out."""


@dataclass(eq=False)
class Record:
    """One row of the incidents: who towards whom, when, and what was done."""

    place: int
    incident: str
    suspect: str | None
    victim: str | None
    start: int
    end: int
    known: int
    recorded: int
    kind: str
    relationship: str | None
    channel: str | None
    place_role: str | None
    offence: Offence | None
    labelled: bool
    done: frozenset[str]
    possible: frozenset[str]
    impact: frozenset[str]
    acts: int
    occurrence: str | None
    breach_of: tuple[str, ...]
    outcome: str | None
    status: str | None
    means: str | None
    reconciled: bool
    force: str | None

    @property
    def cancelled(self) -> bool:
        return self.status == "cancelled"

    @property
    def shown(self) -> frozenset[str]:
        """What the record itself shows: the acts on it, else what its channel alone says."""
        if self.done:
            return self.done
        if self.channel in MESSAGES:
            return frozenset({"contact"})
        return frozenset({"third_party_contact"}) if self.channel == "third_party" else frozenset()


@dataclass
class OrderRow:
    """One row of the orders, as the model read it."""

    row: Order
    end_doubtful: bool


@dataclass
class _Told:
    """A row of an incident while the rows of that incident are brought together."""

    place: int
    row: Incident
    values: dict[str, Any]
    own: int | None
    recorded: When | None
    told: int | None = None
    gives: dict[str, Any] = field(default_factory=dict)


def read_orders(source: Source) -> list[OrderRow]:
    """Return the orders that the model accepts."""
    out = []
    for _, cells in _rows(source, "orders"):
        verdict = judge(Order, cells)
        if isinstance(verdict.record, Order):
            doubtful = any(problem.code == "order_ends_before_it_starts" for problem in verdict.problems)
            out.append(OrderRow(verdict.record, doubtful))
    return out


def read_incidents(source: Source, law: Catalogue, as_of: int) -> list[Record]:
    """Return the rows of the incidents that the model accepts and that were known at ``as_of``."""
    by_incident: dict[str, list[_Told]] = defaultdict(list)
    reading = Reading()
    for place, cells in _rows(source, "incidents"):
        verdict = judge(Incident, cells, reading)
        row = verdict.record
        if not isinstance(row, Incident):
            continue
        told = row.reported_at or row.recorded_at
        values = {name: getattr(row, name) for name in OF_THE_INCIDENT}
        if "kind" not in cells or any(problem.column == "kind" for problem in verdict.problems):
            values["kind"] = None
        own = None if told is None else bounds(told).end - 1
        by_incident[row.incident_id].append(_Told(place, row, values, own, row.recorded_at))
    out = []
    for rows in by_incident.values():
        _bring_together(rows)
        out += [_record(one, law, as_of) for one in rows]
    return sorted((record for record in out if record.known <= as_of), key=lambda record: record.place)


def _bring_together(rows: list[_Told]) -> None:
    """Let what was told first stand for the incident; a row takes nothing from one that was told later."""
    own = [one.own for one in rows if one.own is not None]
    for one in rows:
        one.told = one.own if one.own is not None else min(own, default=None)
    if len(rows) == 1:
        return
    never = float("-inf")

    def instant(one: _Told) -> float:
        return never if one.told is None else one.told

    in_turn = sorted(rows, key=lambda one: (instant(one), one.own is None, one.place))
    for name in OF_THE_INCIDENT:
        first = next((one for one in in_turn if one.values[name] is not None), None)
        if first is not None:
            for one in in_turn:
                if instant(one) >= instant(first):
                    one.gives[name] = first.values[name]
    first = next((one for one in in_turn if one.recorded is not None), None)
    for one in in_turn:
        if first is not None and one.recorded is None and instant(one) >= instant(first):
            one.recorded = first.recorded
    for one in rows:
        one.values |= one.gives


def _record(one: _Told, law: Catalogue, as_of: int) -> Record:
    values, row = one.values, one.row
    start, end = values["span"]
    known = max(end - 1 if one.told is None else one.told, start)
    recorded = None if one.recorded is None else bounds(one.recorded).end - 1
    code, text = values["offence_code"], values["offence_text"]
    named = law.recognise(code, text).offence if code or text else None
    offence = law.offences[named] if named else None
    channel, done = values["channel"], set(row.behaviours)
    if offence is not None:
        done |= set(offence.behaviours)
    if "contact" in done and channel == "third_party":
        done.add("third_party_contact")
    if "contact" in done and channel == "in_person":
        done.add("approach")
    possible = set(offence.may_involve) if offence is not None else set()
    if not done and channel in MESSAGES:
        possible.add("contact")
    if not done and channel == "third_party":
        possible.add("third_party_contact")
    return Record(
        place=one.place,
        incident=row.incident_id,
        suspect=row.suspect_id,
        victim=row.victim_id,
        start=start,
        end=end,
        known=known,
        recorded=recorded if recorded is not None and recorded <= as_of else known,
        kind=values["kind"] or ("crime" if code else "incident"),
        relationship=row.relationship,
        channel=channel,
        place_role=values["place_role"],
        offence=offence,
        labelled=code is None,
        done=frozenset(done),
        possible=frozenset(possible - done),
        impact=frozenset(row.impact),
        acts=row.act_count,
        occurrence=values["occurrence_ref"],
        breach_of=row.breach_of,
        outcome=values["outcome"],
        status=values["status"],
        means=spelt(row.means),
        reconciled=bool(row.reconciled_before),
        force=values["force"],
    )


def _rows(source: Source, table: str) -> Iterable[tuple[int, dict[str, str]]]:
    """Yield each row as text with its place, without exact repetitions."""
    model: type[Row] = Incident if table == "incidents" else Order
    seen = set()
    for place, row in enumerate(_read(source)):
        cells = {name: _text(row.get(name)) for name in model.model_fields}
        cells = {name: text for name, text in cells.items() if text}
        for name in NOT_READ.get(table, ()):
            if name in cells:
                raise NotCovered(f"{table}.{name} is given, which this reference leaves out.")
        key = tuple(sorted(cells.items()))
        if key not in seen:
            seen.add(key)
            yield place, cells


def _read(source: Source) -> Iterable[Mapping[str, Any]]:
    if not isinstance(source, str | Path):
        yield from source
    elif Path(source).suffix == ".parquet":
        for batch in pq.ParquetFile(source).iter_batches():
            yield from batch.to_pylist()
    else:
        with Path(source).open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def _text(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return "" if value is None else str(value).strip()

"""What the rows of a candidate add up to, kept so that one more row costs one more step.

Criteria ask the same few questions again and again: which acts, which effects, how many events, how many of them
breaches. Each is answered once for the rows that are on file, and carried on when one more row joins them, early or
late.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from breachpattern.cases.breaches import Breach
from breachpattern.cases.escalation import History, history_of, tested
from breachpattern.cases.laws import Laws
from breachpattern.cases.occasions import Entry
from breachpattern.cases.once import once
from breachpattern.cases.rows import THIRD_PARTY, THROUGH, Row
from breachpattern.patterns.criteria.closure import outcome_number
from breachpattern.spans import FOREVER, NEVER, london_day
from breachpattern.vocabulary import INCIDENT_KINDS

Broken = tuple[Breach, Entry]
CRIME = INCIDENT_KINDS.index("crime")
FIELDS = ("behaviours", "offence", "relationship", "channel", "victim", "suspect")
NOT_CODED, NO_OFFENCE, NO_RELATIONSHIP, NO_CHANNEL, NO_VICTIM, NO_SUSPECT = (1 << i for i in range(len(FIELDS)))


@lru_cache(maxsize=4096)
def outcome_of(text: str) -> str:
    """Return a Home Office outcome number as it is printed."""
    return outcome_number(text) if text else ""


@lru_cache(maxsize=4096)
def force_of(name: str) -> str:
    """Return a force as it is compared: case and spacing tell none apart."""
    return " ".join(name.split()).casefold()


def blanks_of(row: Row) -> int:
    """Return which fields of a row are blank, as a mask over :data:`FIELDS`."""
    return (
        (NOT_CODED if row.behaviours == 0 else 0)
        | (NO_OFFENCE if row.offence < 0 and row.kind == CRIME else 0)
        | (NO_RELATIONSHIP if row.relationship < 0 else 0)
        | (NO_CHANNEL if row.channel < 0 else 0)
        | (0 if row.victim else NO_VICTIM)
        | (0 if row.suspect else NO_SUSPECT)
    )


def _with(held: Mapping[str, Any], entry: Entry) -> dict[str, int]:
    """Return what rows add up to with one more, without its breaches."""
    row = entry.row
    start, end = row.start, row.end
    act = end - 1 if row.acts > 1 else start
    return {
        "behaviours": held["behaviours"] | row.behaviours,
        "impact": held["impact"] | row.impact,
        "relationships": held["relationships"] | 1 << row.relationship + 1,
        "channels": held["channels"] | 1 << row.channel + 1,
        "blanks": held["blanks"] | blanks_of(row),
        "offences": held["offences"] | 1 << row.offence + 1,
        "kinds": held["kinds"],
        "order_kinds": held["order_kinds"],
        "first_at": start if start < held["first_at"] else held["first_at"],
        "last_end": end if end > held["last_end"] else held["last_end"],
        "last_act": act if act > held["last_act"] else held["last_act"],
        "last_event": entry.event_start if entry.event_start > held["last_event"] else held["last_event"],
    }


class Sums:
    """Rows in time order with their breaches, and what they add up to.

    Attributes
    ----------
    entries : list of Entry
    breaches : list of (Breach, Entry)
    behaviours, impact, relationships, channels, blanks, offences, kinds, order_kinds : int
        Masks; of offences and kinds of orders bit ``code + 1``, so that bit 0 is *none*.
    first_at, last_end, last_act, last_event : int
        The first start, the last end, the last act as a time limit counts it, the latest beginning of an event.
    """

    def __init__(self, entries: Sequence[Entry], breaches: Sequence[Broken] | None = None) -> None:
        self.parent: Sums | None = None
        self.added: Entry | None = None
        self.added_breaches: list[Broken] = []
        self.entries = list(entries)
        self.breaches = [(b, e) for e in self.entries for b in e.breaches] if breaches is None else list(breaches)
        self.behaviours = self.impact = self.relationships = self.channels = self.blanks = 0
        self.offences = self.kinds = self.order_kinds = 0
        self.first_at, self.last_end, self.last_act, self.last_event = FOREVER, NEVER, NEVER, NEVER
        for entry in self.entries:
            self.__dict__.update(_with(self.__dict__, entry))
        for breach, _ in self.breaches:
            self.kinds |= breach.kinds
            self.order_kinds |= 1 << breach.order_kind + 1
        self._more: dict[object, Any] = {}
        self._digests: dict[tuple[str, ...], blake2b] = {}
        self._tested: tuple[int, list[float]] | None = None

    def plus(self, entry: Entry, breaches: Iterable[Broken] | None = None) -> Sums:
        """Return these rows and one more, early or late, that records an event of its own."""
        out = Sums.__new__(Sums)
        out.__dict__.update(_with(self.__dict__, entry))
        fresh = [(b, entry) for b in entry.breaches] if breaches is None else list(breaches)
        out.breaches = [*self.breaches, *fresh] if fresh else self.breaches
        for breach, _ in fresh:
            out.kinds |= breach.kinds
            out.order_kinds |= 1 << breach.order_kind + 1
        out._more, out._digests, out._tested = {}, {}, None
        out.parent, out.added, out.added_breaches = self, entry, fresh
        return out

    def settle(self, laws: Laws) -> None:
        """Answer what the rows before were asked, so that these need not be kept."""
        former = self.parent
        if former is None:
            return
        former.settle(laws)
        for name in _LISTS:
            if name in former.__dict__:
                getattr(self, name)
        for key in former._more:
            if key == "events":
                self.events()
            elif key == "history":
                self.history(laws)
            elif key == "disposed":
                self.disposed_until(laws)
            elif key == "deadline":
                self.summary_deadline(laws)
            elif key[0] == "under":  # type: ignore[index]
                self.under(laws, key[1])  # type: ignore[index]
            else:
                self.breach_events(*key)  # type: ignore[misc]
        self.parent = None

    # ------------------------------------------------------------------------------------------------- counts
    def events(self) -> int:
        """Return how many events the rows record."""
        held: int | None = self._more.get("events")
        if held is None:
            held = len({e.event for e in self.entries}) if self.parent is None else self.parent.events() + 1
            self._more["events"] = held
        return held

    def breach_events(self, statuses: tuple[int, ...], certain: bool) -> int:
        """Return how many events the breaches of some statuses are."""
        key = statuses, certain
        held: int | None = self._more.get(key)
        if held is None:
            if self.parent is None:
                held = len({e.event for b, e in self.breaches if b.status in statuses and (not certain or b.sure)})
            else:
                more = any(b.status in statuses and (not certain or b.sure) for b, _ in self.added_breaches)
                held = self.parent.breach_events(statuses, certain) + more
            self._more[key] = held
        return held

    def history(self, laws: Laws) -> History:
        """Return what tells whether it grows worse."""
        held: History | None = self._more.get("history")
        if held is None:
            if self.parent is not None and self.added is not None:
                row = self.added.row
                channels = 1 << row.channel if row.channel >= 0 else 0
                held = self.parent.history(laws).plus(row.start, row.behaviours, channels, laws)
            if held is None:
                held = history_of(self.entries, laws)
            self._more["history"] = held
        return held

    def tested(self, laws: Laws) -> tuple[int, list[float]]:
        """Return what the tests of escalation say (:func:`~breachpattern.cases.escalation.tested`)."""
        if self._tested is None:
            self._tested = tested(self.history(laws))
        return self._tested

    @once
    def soonest(self) -> int:
        """The fewest days from service to a breach other than a failure to notify or comply; ``-1`` where none."""
        among, least = (self.breaches, -1) if self.parent is None else (self.added_breaches, self.parent.soonest)
        days = [b.days_since_served for b, _ in among if b.days_since_served >= 0 and not b.duty_only]
        return min(days if least < 0 else [*days, least], default=-1)

    @once
    def only_duties(self) -> bool:
        """Whether there are breaches and all are only failures to notify or to comply."""
        if self.parent is None or not self.parent.breaches:
            return bool(self.breaches) and all(b.duty_only for b, _ in self.breaches)
        return self.parent.only_duties and all(b.duty_only for b, _ in self.added_breaches)

    # -------------------------------------------------------------------------------------------------- lists
    @once
    def entries(self) -> list[Entry]:
        """The rows in time order, put together when somebody asks for all of them."""
        assert self.parent is not None
        assert self.added is not None
        return with_one(self.parent.entries, self.added)

    @property
    def empty(self) -> bool:
        """Whether there are no rows."""
        return self.first_at == FOREVER

    @property
    def acts_through_others(self) -> bool:
        """Whether anything was done through a third party, by what was done or by its channel."""
        return bool(self.behaviours & THROUGH or self.channels >> THIRD_PARTY + 1 & 1)

    @once
    def first(self) -> Entry | None:
        """The first of the rows."""
        if self.added is None or self.parent is None:
            return self.entries[0] if self.entries else None
        first = self.parent.first
        return self.added if first is None or moment(self.added) < moment(first) else first

    @once
    def incidents(self) -> list[str]:
        """The incidents of the rows, each once, sorted."""
        if self.added is None or self.parent is None:
            return sorted({e.row.incident for e in self.entries})
        out = list(self.parent.incidents)
        insort(out, self.added.row.incident)
        return out

    def holds(self, incident: str) -> bool:
        """Return whether an incident is among the rows."""
        if self.added is not None and self.parent is not None:
            return self.added.row.incident == incident or self.parent.holds(incident)
        place = bisect_left(self.incidents, incident)
        return place < len(self.incidents) and self.incidents[place] == incident

    @once
    def _last_incident(self) -> str:
        if self.added is None or self.parent is None:
            return self.incidents[-1] if self.incidents else ""
        return max(self.parent._last_incident, self.added.row.incident)

    @once
    def _all_incidents(self) -> str:
        """The incidents as one text: a further one that sorts after all others is added at its end."""
        if self.added is None or self.parent is None or not self._sorts_last:
            return ";".join(self.incidents)
        return f"{self.parent._all_incidents};{self.added.row.incident}"

    def digest(self, about: tuple[str, ...]) -> str:
        """Return the id of a finding about somebody that rests on these rows."""
        held = self._digests.get(about)
        if held is None:
            former = self.parent._digests.get(about) if self.parent is not None else None
            if former is not None and self.added is not None and self._sorts_last:
                held = former.copy()
                held.update(f";{self.added.row.incident}".encode())
            else:
                held = blake2b("|".join((*about, self._all_incidents)).encode(), digest_size=8)
            self._digests[about] = held
        return f"F-{held.hexdigest()}"

    @property
    def _sorts_last(self) -> bool:
        """Whether the incident of the further row sorts after all others."""
        if self.added is None or self.parent is None:
            return False
        return "" < self.parent._last_incident < self.added.row.incident

    @once
    def starts(self) -> list[int]:
        """When each event began, in order."""
        if self.added is None or self.parent is None:
            return sorted({e.event: e.event_start for e in self.entries}.values())
        out = list(self.parent.starts)
        insort(out, self.added.event_start)
        return out

    @once
    def forces(self) -> frozenset[str]:
        """The forces that hold records."""
        if self.added is None or self.parent is None:
            return frozenset(force_of(e.row.force) for e in self.entries if e.row.force)
        force = self.added.row.force
        return self.parent.forces | {force_of(force)} if force else self.parent.forces

    @once
    def ended(self) -> list[Entry]:
        """The rows that are closed, or have an outcome."""
        if self.added is None or self.parent is None:
            return [e for e in self.entries if e.row.closed or e.row.outcome]
        row = self.added.row
        return with_one(self.parent.ended, self.added) if row.closed or row.outcome else self.parent.ended

    def disposed_until(self, laws: Laws) -> int:
        """Return until when conduct offences on record are disposed of, ``NEVER`` where none is."""
        held: int | None = self._more.get("disposed")
        if held is None:
            carried = self.parent is not None and self.added is not None
            held = self.parent.disposed_until(laws) if carried and self.parent is not None else NEVER
            conduct = laws.conducts(())
            for e in (self.added,) if carried else self.ended:
                row = e.row  # type: ignore[union-attr]
                if row.end > held and row.offence in conduct and outcome_of(row.outcome) in laws.disposing:
                    held = row.end
            self._more["disposed"] = held
        return held

    def summary_deadline(self, laws: Laws) -> tuple[bool, int]:
        """Return whether a summary conduct offence is open, and the last day for a charge (``NEVER``: no act).

        What is on record of acts that are disposed of already counts for nothing.
        """
        held: tuple[bool, int] | None = self._more.get("deadline")
        if held is None:
            until = self.disposed_until(laws)
            if until == NEVER:
                wanting = self.offences & laws.summary_mask != 0 or self.offences & laws.conducts_mask(()) == 0
                last = self.last_act
            else:
                conduct, left_open = laws.conducts(()), [e for e in self.entries if e.event_start >= until]
                offences = {e.row.offence for e in left_open}
                wanting = not offences.isdisjoint(laws.summary) or offences.isdisjoint(conduct)
                wanting = wanting and sum({e.event: e.stands_for for e in left_open}.values()) >= 2
                last = max((e.row.end - 1 if e.row.acts > 1 else e.row.start for e in left_open), default=NEVER)
            deadline = NEVER if last == NEVER else months_later(london_day(last), laws.limitation_months)
            self._more["deadline"] = held = wanting, deadline
        return held

    @once
    def with_means(self) -> list[Entry]:
        """The rows that name a number, account or vehicle."""
        if self.added is None or self.parent is None:
            return [e for e in self.entries if e.row.means]
        return with_one(self.parent.with_means, self.added) if self.added.row.means else self.parent.with_means

    def under(self, laws: Laws, flag: str) -> tuple[int, int, int]:
        """Return, of the rows recorded under a rule: how many beyond the first event, their offences, their crimes.

        The last two are masks. The first event counts too where it stands for several occasions.
        """
        key = "under", flag
        held: tuple[int, int, int] | None = self._more.get(key)
        if held is None:
            if self.parent is None or self.added is None or self.first is self.added:
                first = self.first.event if self.first is not None and self.first.stands_for < 2 else None
                held = 0, 0, 0
                rows: Iterable[Entry] = self.entries
            else:
                first, held = None, self.parent.under(laws, flag)
                rows = (self.added,)
            count, offences, crimes = held
            for e in rows:
                if laws.requires(flag, e.row.recorded):
                    count += first is None or e.event != first
                    offences |= 1 << e.row.offence + 1
                    crimes |= 1 << e.row.offence + 1 if e.row.kind == CRIME else 0
            self._more[key] = held = count, offences, crimes
        return held


@lru_cache(maxsize=4096)
def months_later(day: int, months: int) -> int:
    """Mirror :func:`breachpattern.patterns.criteria.recording.months_later`."""
    epoch = date(1970, 1, 1)
    at = epoch + timedelta(day)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    length = (after - timedelta(1)).day
    return (date(year, month + 1, min(at.day, length)) - epoch).days


def moment(entry: Entry) -> tuple[int, str, str, str]:
    """Return what rows are in order by: time, then what tells them apart."""
    row = entry.row
    return row.start, row.incident, row.suspect, row.victim


def with_one(entries: Sequence[Entry], entry: Entry) -> list[Entry]:
    """Return rows in time order and one more in its place."""
    out = list(entries)
    if out and out[-1].row.start >= entry.row.start and moment(out[-1]) > moment(entry):
        insort(out, entry, key=moment)
    else:
        out.append(entry)
    return out


_LISTS = (
    "entries", "first", "soonest", "only_duties", "incidents", "_last_incident", "_all_incidents",
    "starts", "forces", "ended", "with_means",
)  # fmt: skip

"""Occasions of one unit out of its rows. Mirrors :mod:`breachpattern.timelines.events` and ``occasions``."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from breachpattern.cases.breaches import Breach
from breachpattern.cases.rows import Row
from breachpattern.spans import DAY, FOREVER, NEVER, POSSIBLE, YES, london_day
from breachpattern.timelines.events import LONG, SHARP
from breachpattern.timelines.nexus import signal_table

REACH = int(signal_table().rule.same_occurrence_hours * 3600)


@dataclass(slots=True, eq=False)
class Entry:
    """A row of a unit with what other rooms know about it (:class:`~breachpattern.timelines.occasions.RowFacts`).

    ``event`` is the same for rows that record one event (:attr:`~breachpattern.patterns.context.Context.event`),
    ``stands_for`` how many occasions that event stands for.
    """

    row: Row
    breaches: tuple[Breach, ...] = ()
    conduct_crime: bool = False
    order_state: int = 0
    order_made: int = NEVER
    warned_at: int = FOREVER
    reconciled_at: int = NEVER
    event: object = None
    stands_for: int = 0
    event_start: int = 0


NONE: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Occasion:
    """One occasion, as :class:`~breachpattern.timelines.occasions.Occasions` has it."""

    start: int
    end: int
    known: int
    count: int
    acts: int
    behaviours: int
    channels: int
    places: int
    impact: int
    means: frozenset[str]
    references: frozenset[str]
    conduct_crime: bool
    speaks: bool
    reconciled_at: int
    in_order: bool
    in_possible_order: bool
    order_made: int
    warned_at: int
    incident: str
    entries: list[Entry] = field(repr=False)


def stands_for(row: Row) -> int:
    """Mirror ``_stands_for``."""
    if row.acts <= 1:
        return 1
    days = min((row.end - row.start + DAY - 1) // DAY, london_day(row.end - 1) - london_day(row.start) + 1)
    return min(max(days, 2), row.acts)


def occasion_of(entries: list[Entry]) -> Occasion:
    """Return what the entries of one occasion say together (``gather``)."""
    if len(entries) == 1:
        one = entries[0]
        row = one.row
        return Occasion(
            row.start, row.end, row.known, stands_for(row), row.acts, row.behaviours,
            1 << row.channel if row.channel >= 0 else 0, 1 << row.place_role if row.place_role >= 0 else 0, row.impact,
            frozenset((row.means,)) if row.means else NONE, frozenset((row.occurrence,)) if row.occurrence else NONE,
            one.conduct_crime,
            row.behaviours | row.possible != 0 or row.offence >= 0, one.reconciled_at, one.order_state == YES,
            one.order_state == POSSIBLE, one.order_made, one.warned_at, row.incident, entries,
        )  # fmt: skip
    rows = [e.row for e in entries]
    behaviours = channels = places = impact = 0
    for row in rows:
        behaviours |= row.behaviours
        impact |= row.impact
        channels |= 1 << row.channel if row.channel >= 0 else 0
        places |= 1 << row.place_role if row.place_role >= 0 else 0
    return Occasion(
        start=min(row.start for row in rows),
        end=max(row.end for row in rows),
        known=min(row.known for row in rows),
        count=max(map(stands_for, rows)),
        acts=max(row.acts for row in rows),
        behaviours=behaviours,
        channels=channels,
        places=places,
        impact=impact,
        means=frozenset(row.means for row in rows if row.means),
        references=frozenset(row.occurrence for row in rows if row.occurrence),
        conduct_crime=any(e.conduct_crime for e in entries),
        speaks=any(row.behaviours | row.possible or row.offence >= 0 for row in rows),
        reconciled_at=max(e.reconciled_at for e in entries),
        in_order=any(e.order_state == YES for e in entries),
        in_possible_order=any(e.order_state == POSSIBLE for e in entries),
        order_made=max(e.order_made for e in entries),
        warned_at=min(e.warned_at for e in entries),
        incident=min(row.incident for row in rows),
        entries=entries,
    )


def gather(entries: Sequence[Entry]) -> list[Occasion]:
    """Return the occasions of a unit in time order. Mirrors ``gather`` and ``same_event``."""
    ordered = sorted(entries, key=lambda e: (e.row.start, e.row.end, e.row.incident))
    label = _events([e.row for e in ordered])
    held: dict[int, list[Entry]] = {}
    for entry, one in zip(ordered, label, strict=True):
        held.setdefault(one, []).append(entry)
    found = [occasion_of(own) for own in held.values()]
    found.sort(key=lambda o: (o.start, o.end, o.incident))
    return found


class Joined:
    """Sets of positions that edges join, each known by its smallest."""

    def __init__(self, n: int) -> None:
        self.parent = list(range(n))

    def find(self, i: int) -> int:
        """Return the smallest position that edges join to ``i``."""
        parent = self.parent
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(self, i: int, j: int) -> bool:
        """Join two positions; whether they were apart."""
        i, j = self.find(i), self.find(j)
        if i == j:
            return False
        self.parent[max(i, j)] = min(i, j)
        return True


def _events(rows: Sequence[Row]) -> list[int]:
    """Return the event of each row of one unit in time order."""
    n = len(rows)
    joined = Joined(n)
    first_of: dict[str, int] = {}
    for i, row in enumerate(rows):
        joined.join(first_of.setdefault(row.incident, i), i)
    duration = [row.end - row.start for row in rows]
    sharp = [i for i in range(n) if duration[i] < SHARP]
    whole = [i for i in range(n) if SHARP <= duration[i] < LONG]
    _join_overlapping(joined, rows, sharp)
    _join_overlapping(joined, rows, whole)
    _join_first_within(joined, rows, whole, sharp)
    groups: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        if row.occurrence:
            groups.setdefault(row.occurrence, []).append(i)
    for members in groups.values():
        timed = [i for i in members if duration[i] < SHARP]
        wide = [i for i in members if duration[i] >= SHARP]
        held = _join_first_within(joined, rows, wide, timed)
        _join_fewest(joined, [(rows[i].start, rows[i].start + REACH, i) for i in timed])
        _join_fewest(joined, [(rows[i].start, rows[i].end, i) for i in wide if i not in held])
    return [joined.find(i) for i in range(n)]


def _join_overlapping(joined: Joined, rows: Sequence[Row], members: list[int]) -> None:
    """Mirror ``_overlapping``."""
    running = NEVER
    for k, i in enumerate(members):
        if k and rows[i].start < running:
            joined.join(members[k - 1], i)
        running = max(running, rows[i].end)


def _join_first_within(joined: Joined, rows: Sequence[Row], wide: list[int], sharp: list[int]) -> set[int]:
    """Mirror ``_first_within``; return the members that found one."""
    if not wide or not sharp:
        return set()
    starts = [rows[i].start for i in sharp]
    held = set()
    for i in wide:
        place = bisect_left(starts, rows[i].start)
        if place < len(sharp) and starts[place] < rows[i].end:
            joined.join(i, sharp[place])
            held.add(i)
    return held


def _join_fewest(joined: Joined, spans: list[tuple[int, int, int]]) -> None:
    """Mirror ``_fewest`` for one group: (begin, reach, member), by begin."""
    k = 0
    while k < len(spans):
        soonest = min(range(k, len(spans)), key=lambda m: (spans[m][1], m))
        reach = spans[soonest][1]
        while k < len(spans) and spans[k][0] < reach:
            joined.join(spans[soonest][2], spans[k][2])
            k += 1

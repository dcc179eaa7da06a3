"""Candidates of patterns: one course, breach, order, dyad or suspect, with everything on record about it.

Mirrors :mod:`breachpattern.patterns.populations` for a population of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from breachpattern.cases.breaches import Breach
from breachpattern.cases.lives import OrderLife
from breachpattern.cases.occasions import Entry
from breachpattern.cases.pairs import Pair
from breachpattern.spans import FOREVER, NEVER, london_day
from breachpattern.timelines.units import DYAD
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

Broken = tuple[Breach, Entry]


class Laws:
    """What criteria ask of the catalogue, as tables over codes (:class:`~breachpattern.patterns.context.Context`)."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        offences = [catalogue.offences[o] for o in catalogue.offence_ids]
        kinds = [catalogue.order_kinds[k] for k in catalogue.order_kind_ids]
        self.family = [k.family for k in kinds]
        self._conduct = [o.conduct for o in offences]
        self.graver = frozenset(
            i for i, o in enumerate(offences) if not o.conduct and o.mode in ("either way", "indictable")
        )
        self.summary = frozenset(i for i, o in enumerate(offences) if o.conduct and o.limitation_months)
        self.limitation_months = min(
            (o.limitation_months for o in offences if o.conduct and o.limitation_months), default=6
        )
        self.disposing = frozenset(number for number, outcome in catalogue.outcomes.items() if outcome.disposes)
        self.here = frozenset(i for i, o in enumerate(offences) if "E&W" in o.extent)
        self.abroad = frozenset(i for i, o in enumerate(offences) if "E&W" not in o.extent and o.extent != "UK")
        self.kinds_here = frozenset(i for i, k in enumerate(kinds) if "E&W" in k.extent)
        self.kinds_abroad = frozenset(i for i, k in enumerate(kinds) if "E&W" not in k.extent and k.extent != "UK")
        entries = catalogue.behaviours
        self._harm = [entries[b].harm if b in entries else 0 for b in BEHAVIOURS]
        self.ranks = max(self._harm, default=0) + 1
        self.behaving = lru_cache(maxsize=256)(self._behaving)
        self.conducts = lru_cache(maxsize=256)(self._conducts)
        self.worst = lru_cache(maxsize=65536)(self._worst)
        self._requires_on = lru_cache(maxsize=65536)(self._requires_on_day)
        self.violent = self.behaving(("violent", "threatening"))
        self.in_person, self.remote = self.behaving(("in_person",)), self.behaving(("remote",))
        self.face = 1 << CHANNELS.index("in_person")
        self.far = sum(
            1 << CHANNELS.index(c) for c in ("phone", "text", "email", "social_media", "post", "online_other")
        )

    def requires(self, flag: str, recorded: int) -> bool:
        """Return whether the recording rule of the day asks for something (``rule_requires``)."""
        return self._requires_on(flag, london_day(recorded))

    def _requires_on_day(self, flag: str, day: int) -> bool:
        return any(
            flag in rule.requires and _day(rule.in_force.start, NEVER) <= day < _day(rule.in_force.end, FOREVER)
            for rule in self.catalogue.recording_rules
        )

    def _behaving(self, traits: tuple[str, ...]) -> int:
        entries = self.catalogue.behaviours
        return BEHAVIOURS.mask(b for b in BEHAVIOURS if b in entries and any(getattr(entries[b], t) for t in traits))

    def _conducts(self, conducts: tuple[str, ...]) -> frozenset[int]:
        return frozenset(i for i, c in enumerate(self._conduct) if c and (not conducts or c in conducts))

    def _worst(self, behaviours: int) -> int:
        return max((harm for bit, harm in enumerate(self._harm) if behaviours >> bit & 1), default=0)


def _day(day: object, default: int) -> int:
    return default if day is None else (day - date(1970, 1, 1)).days  # type: ignore[operator]


@dataclass(eq=False)
class Candidate:
    """What a pattern judges.

    Attributes
    ----------
    unit : str
    kind : int
        Of a course: dyad, group or joint.
    entries : sequence of Entry
        Its rows in time order.
    breaches : sequence of (Breach, Entry)
    orders, suspects, victims : tuple of str
        Sorted.
    strength, signals, occasions : int
        Of the course it belongs to, the strongest of several; ``occasions`` as the course counts them, where the
        candidate is a whole course.
    lives : sequence of OrderLife
        The orders of its suspect; ``life`` is its own where the unit is an order.
    tells : callable
        Whether the course is the strongest that holds a row.
    """

    unit: str
    laws: Laws
    now: int
    entries: Sequence[Entry]
    breaches: Sequence[Broken]
    orders: tuple[str, ...]
    suspects: tuple[str, ...]
    victims: tuple[str, ...]
    strength: int = 0
    kind: int = DYAD
    signals: int = 0
    course_occasions: int | None = None
    pair: Pair | None = None
    life: OrderLife | None = None
    lives: Sequence[OrderLife] = ()
    towards: Callable[[str], Sequence[Entry]] = lambda _victim: ()
    tells: Callable[[Entry], bool] = lambda _entry: True
    strength_of: Callable[[Entry], int] = lambda _entry: 0
    courses_towards: Mapping[str, int] = field(default_factory=dict)
    inferred: tuple[Sequence[Entry], int] = ((), -1)
    users_of: Callable[[str], int] = lambda _means: 1
    unattributed: Callable[[str], list[Entry]] = lambda _means: []
    narrowed: bool = False

    @cached_property
    def behaviours(self) -> int:
        """What was done, as a mask."""
        out = 0
        for e in self.entries:
            out |= e.row.behaviours
        return out

    @cached_property
    def impact(self) -> int:
        """The effects on record, as a mask."""
        out = 0
        for e in self.entries:
            out |= e.row.impact
        return out

    @cached_property
    def kinds_of_breach(self) -> int:
        """The kinds of all breaches, as a mask."""
        out = 0
        for b, _ in self.breaches:
            out |= b.kinds
        return out

    @property
    def kinds_of_orders(self) -> Iterable[int]:
        """The kinds of the orders concerned."""
        return (o.kind for o in self.lives if o.order in self.orders)

    @cached_property
    def occasions(self) -> int:
        """How many occasions it has (``count_occasions``)."""
        if self.course_occasions is not None and not self.narrowed:
            return self.course_occasions
        return len({e.event for e in self.entries})

    @cached_property
    def first_at(self) -> int:
        """The first second of its rows."""
        return min((e.row.start for e in self.entries), default=FOREVER)

    @cached_property
    def last_at(self) -> int:
        """The last second of its rows."""
        return max((e.row.end for e in self.entries), default=NEVER) - 1

    @cached_property
    def towards_protected(self) -> list[Entry]:
        """The respondent's conduct towards the people whom the order protects."""
        assert self.life is not None
        return [e for victim in sorted(self.life.protected) for e in self.towards(victim)]

    @cached_property
    def elsewhere(self) -> bool:
        """Whether only law of Scotland or Northern Ireland is on record (``elsewhere``)."""
        laws = self.laws
        abroad = any(e.row.offence in laws.abroad for e in self.entries) or any(
            b.order_kind in laws.kinds_abroad for b, _ in self.breaches
        )
        if not abroad:
            return False
        return not (
            any(e.row.offence in laws.here for e in self.entries)
            or any(b.order_kind in laws.kinds_here for b, _ in self.breaches)
        )

    def with_members(self, keep: Callable[[Breach, Entry], bool]) -> Candidate:
        """Return the candidate with only those breaches that count (``with_members``)."""
        breaches = [(b, e) for b, e in self.breaches if keep(b, e)]
        if self.unit not in ("breach", "order"):
            return replace(self, breaches=breaches, narrowed=True)
        entries = in_time_order(e for _, e in breaches)
        strength = max((self.strength_of(e) for e in entries), default=0)
        return replace(
            self, breaches=breaches, entries=entries, victims=self._victims(entries), strength=strength, narrowed=True
        )

    def about(self, entries: Iterable[Entry]) -> Candidate:
        """Return the candidate with other rows as its evidence (``about``)."""
        rows = in_time_order(entries)
        broken = [(b, e) for e in rows for b in e.breaches]
        changed = replace(self, entries=rows, breaches=broken, victims=self._victims(rows), narrowed=True)
        if self.unit == "order":
            own = {b.key for b, _ in self.breaches}
            changed.breaches = [(b, e) for b, e in broken if b.key in own]
            changed.strength = max((self.strength_of(e) for e in rows), default=0)
        elif self.unit != "dyad":
            changed.orders = tuple(sorted({b.order for b, _ in broken if b.order}))
        return changed

    def _victims(self, entries: Sequence[Entry]) -> tuple[str, ...]:
        found = {e.row.victim for e in entries if e.row.victim and e.row.victim != e.row.suspect}
        return tuple(sorted(found)) if found else self.victims


def in_time_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return distinct entries in time order."""
    return sorted(dict.fromkeys(entries), key=lambda e: (e.row.start, e.row.incident, e.row.suspect, e.row.victim))

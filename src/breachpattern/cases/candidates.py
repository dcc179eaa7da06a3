"""Candidates of patterns: one course, breach, order, dyad or suspect, with everything on record about it.

Mirrors :mod:`breachpattern.patterns.populations` for a population of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from breachpattern.cases.breaches import Breach
from breachpattern.cases.lives import OrderLife
from breachpattern.cases.occasions import Entry
from breachpattern.cases.sums import Broken, Sums, moment, with_one
from breachpattern.cases.towards import Towards
from breachpattern.timelines.units import DYAD

if TYPE_CHECKING:
    from breachpattern.cases.laws import Laws
NOBODY = Towards({})
# Whether a further row belongs to the evidence, by itself and those of its breaches that count.
Takes = Callable[[Entry, Sequence[Broken]], bool]


def _over(*_: object) -> Any:
    raise RuntimeError("A candidate was judged in the scene of a case that is over.")


@dataclass(slots=True, eq=False)
class Scene:
    """Where candidates are judged: the instant, the law, and what else is on file of the people.

    ``strength_of`` gives the strength of the strongest course that holds a row, ``tells`` whether a course is the
    strongest that holds it, ``towards`` the conduct of the suspect towards somebody.
    """

    laws: Laws
    now: int
    lives: Sequence[OrderLife] = ()
    towards: Callable[[str], Sequence[Entry]] = lambda _victim: ()
    tells: Callable[[Candidate, Entry], bool] | None = None
    strength_of: Callable[[Entry], int] = lambda _entry: 0
    users_of: Callable[[str], int] = lambda _means: 1
    unattributed: Callable[[str], list[Entry]] = lambda _means: []

    def close(self) -> None:
        """Let go of the case: candidates that are kept are judged in the scene of another one next."""
        self.towards = self.tells = self.strength_of = _over


@dataclass(eq=False)
class Candidate:
    """What a pattern judges.

    Attributes
    ----------
    unit : str
    kind : int
        Of a course: dyad, group or joint.
    orders, suspects, victims : tuple of str
        Sorted.
    strength, signals, course_occasions : int
        Of the course it belongs to, the strongest of several; ``course_occasions`` as the course counts them, where
        the candidate is a whole course.
    life : OrderLife
        Where the unit is an order.
    towards : str
        The victim, where it is one suspect towards one victim.
    towards_strength : Towards
        Where it is a suspect: the strength of the course towards each victim.
    inferred : pair
        What tied people did, and the place of the heaviest.
    token : object
        What its evidence was chosen by, where one more row can be judged by itself.
    derived : dict
        Parts of the candidate that patterns asked for, to be carried on with it.
    """

    unit: str
    scene: Scene
    sums: Sums
    orders: tuple[str, ...]
    suspects: tuple[str, ...]
    victims: tuple[str, ...]
    strength: int = 0
    kind: int = DYAD
    signals: int = 0
    course_occasions: int | None = None
    towards: str = ""
    life: OrderLife | None = None
    towards_strength: Towards = field(default_factory=lambda: NOBODY)
    inferred: tuple[Sequence[Entry], int] = ((), -1)
    narrowed: bool = False
    token: object = None
    derived: dict[object, Candidate] = field(default_factory=dict)
    before: Candidate | None = None

    def changed(self, **fields: Any) -> Candidate:
        """Return a candidate that differs in some fields; it shares nothing that was derived."""
        out = Candidate.__new__(Candidate)
        held = out.__dict__
        held.update(self.__dict__)
        held["derived"], held["before"] = {}, None
        held.update(fields)
        return out

    def at(self, scene: Scene, **fields: Any) -> Candidate:
        """Return the candidate as it is judged in a scene."""
        if not fields and scene is self.scene:
            return self
        out = Candidate.__new__(Candidate)
        held = out.__dict__
        held.update(self.__dict__)
        held["scene"] = scene
        held.update(fields)
        return out

    def plus(self, entry: Entry, breaches: Sequence[Broken] | None = None, **fields: Any) -> Candidate:
        """Return the candidate with one more row, early or late, that records an event of its own."""
        return self.changed(sums=self.sums.plus(entry, breaches), before=self, **fields)

    def settle(self) -> None:
        """Let go of the candidate before, once everything is worked out that is carried on from it."""
        if self.before is not None:
            self.before.settle()
            self.before = None
            self.sums.settle(self.scene.laws)
            for held in self.derived.values():
                held.settle()

    # ------------------------------------------------------------------------------------------------ shorthand
    @property
    def entries(self) -> list[Entry]:
        """Its rows in time order."""
        return self.sums.entries

    @property
    def breaches(self) -> list[Broken]:
        """Its breaches with their rows."""
        return self.sums.breaches

    @property
    def occasions(self) -> int:
        """How many occasions it has (``count_occasions``)."""
        if self.course_occasions is not None and not self.narrowed:
            return self.course_occasions
        return self.sums.events()

    @property
    def last_at(self) -> int:
        """The last second of its rows."""
        return self.sums.last_end - 1

    def towards_protected(self) -> list[Entry]:
        """Return the respondent's conduct towards the people whom the order protects."""
        assert self.life is not None
        if len(self.life.protected) == 1:
            (victim,) = self.life.protected
            return list(self.scene.towards(victim))
        return [e for victim in sorted(self.life.protected) for e in self.scene.towards(victim)]

    @property
    def elsewhere(self) -> bool:
        """Whether only law of Scotland or Northern Ireland is on record (``elsewhere``)."""
        laws, sums = self.scene.laws, self.sums
        if not (sums.offences & laws.abroad_mask or sums.order_kinds & laws.kinds_abroad_mask):
            return False
        return not (sums.offences & laws.here_mask or sums.order_kinds & laws.kinds_here_mask)

    # ------------------------------------------------------------------------------------------------- narrowing
    def with_members(self, key: object, keep: Callable[[Breach, Entry], bool]) -> Candidate:
        """Return the candidate with only those breaches that count (``with_members``)."""
        held = self.derived.get(key)
        if held is None:
            held = self.derived[key] = self._with_members(key, keep)
        if self.unit in ("breach", "order"):
            return held.at(self.scene, strength=strongest(held.sums.entries, self.scene))
        # What was carried on from the state before is of the rows; all else is known of this one.
        return self.at(self.scene, sums=held.sums, narrowed=True, derived=held.derived, before=held.before)

    def _with_members(self, key: object, keep: Callable[[Breach, Entry], bool]) -> Candidate:
        whole = self.unit not in ("breach", "order")
        last = self.sums.added
        if self.before is not None and last is not None:
            former = self.before.at(self.scene).with_members(key, keep)
            fresh = [(b, e) for b, e in self.sums.added_breaches if keep(b, e)]
            if not fresh and not whole:
                kept = former.changed(derived=former.derived)
                if self.victims != self.before.victims:  # those of the whole stand for rows that name nobody
                    kept.victims = self._victims(kept.sums)
                return kept
            grown = former.plus(last, fresh)
            grown.victims = self._victims(grown.sums, last)
            return grown
        breaches = [(b, e) for b, e in self.breaches if keep(b, e)]
        if whole:
            return self.changed(sums=Sums(self.entries, breaches), narrowed=True)
        entries = in_time_order(e for _, e in breaches)
        sums = Sums(entries, breaches)
        return self.changed(sums=sums, victims=self._victims(sums), narrowed=True)

    def about(self, key: object, rows: list[Entry], token: object = None) -> Candidate:
        """Return the candidate with other rows, in time order, as its evidence (``about``)."""
        held = self.derived.get(key)
        if held is None or held.sums.entries != rows or (held.victims != self.victims and not any(map(names, rows))):
            held = self.derived[key] = self._about(key, rows)
        held.token = token
        return self._judged(held)

    def carried(self, key: object, token: object, takes: Takes) -> Candidate | None:
        """Return the candidate with its evidence carried on from the state before, ``None`` where it cannot be."""
        held = self.derived.get(key)
        if held is not None and held.token is not None and held.token == token:
            return self._judged(held)
        last = self.sums.added
        if self.before is None or last is None or self.unit == "order":
            return None
        if self.before.carried(key, token, takes) is None:
            return None
        former = self.before.derived[key]
        if takes(last, self.sums.added_breaches):
            grown = former.plus(last)
            grown.victims = self._victims(grown.sums, last)
            if self.unit != "dyad" and last.breaches:
                grown.orders = tuple(sorted({*grown.orders, *(b.order for b in last.breaches if b.order)}))
        else:
            grown = former.at(self.scene)
        grown.token = token
        self.derived[key] = grown
        return self._judged(grown)

    def _judged(self, held: Candidate) -> Candidate:
        """Return a part of the candidate as it is judged in its scene."""
        if self.unit == "order":
            return held.at(self.scene, strength=strongest(held.sums.entries, self.scene))
        fields = {"orders": self.orders} if self.unit == "dyad" else {}
        return held.at(self.scene, strength=self.strength, towards_strength=self.towards_strength, **fields)

    def _about(self, key: object, rows: list[Entry]) -> Candidate:
        former = None if self.before is None else self.before.derived.get(key)
        last = self.sums.added
        if former is not None and last is not None and with_one(former.sums.entries, last) == rows:
            grown = former.plus(last, self._broken([last]))
            grown.victims = self._victims(grown.sums, last)
        else:
            sums = Sums(rows, self._broken(rows))
            grown = self.changed(sums=sums, victims=self._victims(sums), narrowed=True)
        if self.unit not in ("order", "dyad"):
            grown.orders = tuple(sorted({b.order for b, _ in grown.breaches if b.order}))
        return grown

    def _broken(self, rows: Sequence[Entry]) -> list[Broken]:
        broken = [(b, e) for e in rows for b in e.breaches]
        if self.unit == "order":
            own = {b.key for b, _ in self.breaches}
            return [(b, e) for b, e in broken if b.key in own]
        return broken

    def _victims(self, sums: Sums, last: Entry | None = None) -> tuple[str, ...]:
        """Return the victims of some rows, the last one given, or those of the candidate where they name none."""
        if last is not None and (last.row.victim,) == self.victims:
            return self.victims
        found = {e.row.victim for e in sums.entries if e.row.victim and e.row.victim != e.row.suspect}
        return tuple(sorted(found)) if found else self.victims


def names(entry: Entry) -> bool:
    """Return whether a row names a victim. Nobody is their own victim."""
    return entry.row.victim not in ("", entry.row.suspect)


def strongest(entries: Iterable[Entry], scene: Scene) -> int:
    """Return the strength of the strongest course that holds any of some rows."""
    most = 0
    of = scene.strength_of
    for entry in entries:
        one = of(entry)
        if one > most:
            most = one
            if most >= 3:
                break
    return most


def in_time_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return distinct entries in time order."""
    return sorted(dict.fromkeys(entries), key=moment)

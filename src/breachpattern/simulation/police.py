"""What police and courts do about an act that came to notice: arrest, warning, bail, custody, orders.

Everything is decided for all units of a moment together. An order that ends early ends so from the beginning here:
its discharge is drawn when it is made, so that what the unit does meanwhile can depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from breachpattern.law import Catalogue
from breachpattern.simulation.clock import DAY, FOREVER, HOUR, NEVER, START, WHOLE, Period, days, minute
from breachpattern.simulation.draws import Bools, Draws, Floats, Ints
from breachpattern.simulation.parameters import parameters
from breachpattern.simulation.units import COUPLES, NEIGHBOUR, Units, of_kind
from breachpattern.vocabulary import ORIGINS

ORDER_KINDS = (
    "court_bail", "police_bail", "restraining_conviction", "restraining_acquittal", "non_molestation", "occupation",
    "dvpn", "dvpo", "dapn", "dapo", "interim_stalking_protection", "stalking_protection",
    "community_protection_notice", "civil_injunction", "police_information_notice", "police_warning",
)  # fmt: skip
WARNINGS = ("police_information_notice", "police_warning")
# One order of each family at a time: a second one waits until the first has ended.
BAIL, RESTRAINING, FAMILY, NOTICE, STALKING, COMMUNITY = range(6)
SEVERITY = np.array([act["severity"] for act in parameters()["act"].values()], np.int64)
COVERT = np.array([act["covert"] for act in parameters()["act"].values()], np.float64)
YEARS = {"one": 365, "two": 730, "five": 1826, "indefinite": 36500}
MONTHS = {"six": 182, "twelve": 365}


@dataclass(frozen=True)
class Orders:
    """Every order, notice and warning; one entry for each.

    Attributes
    ----------
    unit, act : int64
        The unit, and the act that led to it.
    kind : int64
        Position in :data:`ORDER_KINDS`.
    made, served : int64
        When it was made and when the respondent was told.
    until : int64
        When it truly ended, discharge included.
    last_day : int64
        The minute with which its last day begins as the order says it, ``NEVER`` where it says none.
    discharged : int64
        ``NEVER`` where it was not.
    without_notice : int64
        1, 0, or -1 where the question does not arise.
    origin : int64
        Position in ``ORIGINS``, -1 where it has none.
    """

    unit: Ints
    act: Ints
    kind: Ints
    made: Ints
    served: Ints
    until: Ints
    last_day: Ints
    discharged: Ints
    without_notice: Ints
    origin: Ints

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True)
class Custody:
    """Remands and sentences: the unit, the act for which it was, and from when until when."""

    unit: Ints
    act: Ints
    begins: Ints
    ends: Ints


@dataclass(frozen=True)
class Answer:
    """What followed from some acts.

    ``served`` is when the first new order was served, ``restrained`` when a restraining order was; infinite where none.
    """

    arrested: Bools
    charged: Bools
    contact: Bools
    served: Floats
    restrained: Floats


class Police:
    """Answers acts, and remembers orders and custody."""

    def __init__(self, units: Units, draws: Draws, period: Period = WHOLE) -> None:
        self.units, self.draws, self.last = units, draws, period.last
        self.response, self.chances = parameters()["response"], parameters()["orders"]
        size = len(units)
        self.begins = np.full((size, 6), float(FOREVER))
        self.ends = np.full((size, 6), float(NEVER))
        # Remands and sentences that are known: what lies ahead, and the last that have passed.
        self.locked, self.released = np.full((size, 4), float(FOREVER)), np.full((size, 4), float(NEVER))
        self._orders: list[Orders] = []
        self._custody: list[Custody] = []
        kinds = Catalogue.load().order_kinds
        self.law = {kind: minute(kinds[kind].in_force.start or START) for kind in ORDER_KINDS}
        here = minute(parameters()["force"]["domestic_abuse_orders_from"])
        self.law |= {kind: max(self.law[kind], here) for kind in ("dapn", "dapo")}
        # Where the two are bound to meet again, conditions and restraining orders are the rule.
        self.close = units.domestic | units.is_campaign | (units.relationship == NEIGHBOUR)
        self._can_be_warned = units.is_campaign | np.isin(units.kind, [of_kind("message_quarrel")])

    # what units ask --------------------------------------------------------------------------------
    def bound(self, u: Ints, at: Floats) -> Bools:
        """Return whether an order binds the suspects of units."""
        return np.asarray(((self.begins[u] <= at[:, None]) & (at[:, None] < self.ends[u])).any(axis=1))

    def free_from(self, u: Ints, at: Floats) -> Floats:
        """Return when suspects can act at the earliest, from a moment on: later where they are in custody."""
        for _ in range(self.locked.shape[1]):  # out of one, into the next
            held = (self.locked[u] <= at[:, None]) & (at[:, None] < self.released[u])
            at = np.maximum(at, np.where(held, self.released[u], -np.inf).max(axis=1))
        return at

    # what follows an act --------------------------------------------------------------------------------
    def answer(self, u: Ints, at: Ints, what: Ints, breach: Bools, notices: Ints, act: Ints) -> Answer:
        """Decide what follows from acts that came to notice.

        Parameters
        ----------
        u : (n,) int64
            Units, each at most once.
        at, what : (n,) int64
            When, and which act.
        breach : (n,) bool
            An order bound the suspect.
        notices : (n,) int64
            How many acts of the unit had come to notice by then, this one included.
        act : (n,) int64
            The number of the act.
        """
        r, size, draw = self.response, len(u), self.draws
        severity = SEVERITY[what]
        known = ~draw.chance(COVERT[what], size)
        arrest = np.array(r["arrest"])[severity] + np.where(breach, r["arrest_breach"], 0.0)
        arrested = known & draw.chance(arrest, size)
        charged = arrested & draw.chance(np.where(breach, r["charge_breach"], r["charge"]), size)
        self._served, self._restrained = np.full(size, np.inf), np.full(size, np.inf)
        self._u, self._at, self._act = u, at, act
        self._to_court(charged, breach)
        self._bailed(arrested & ~charged)
        self._family_court(notices)
        self._notice(arrested & ~charged)
        self._stalking_order(known, notices)
        self._community(known)
        warned = known & ~arrested & self._can_be_warned[u] & draw.chance(r["warning"], size)
        self._warning(warned)
        return Answer(arrested, charged, arrested | warned, self._served, self._restrained)

    def _to_court(self, charged: Bools, breach: Bools) -> None:
        """Charge: bail or remand until the trial, then a sentence, a restraining order, or neither."""
        r, c, draw, size = self.response, self.chances, self.draws, len(self._u)
        remanded = charged & draw.chance(np.where(breach, r["remand_breach"], r["remand"]), size)
        trial = self._at + DAY + draw.lengths(r["trial_days"] * DAY, 0.5, size).astype(np.int64)
        trial = days(trial) + 12 * HOUR
        first = days(self._at) + DAY + 11 * HOUR
        close = self.close[self._u]
        bailed = charged & ~remanded & draw.chance(np.where(close, c["court_bail"], c["bail_elsewhere"]), size)
        self._make("court_bail", BAIL, bailed, first, first, trial, ends_with="discharge")
        convicted = charged & draw.chance(r["convicted"], size)
        sentenced = convicted & draw.chance(np.where(breach, r["custody_breach"], r["custody"]), size)
        out = trial + draw.waits(r["custody_weeks"] * 7 * DAY, size).astype(np.int64)
        self._lock(remanded, self._at + 6 * HOUR, np.where(sentenced, out, trial))
        self._lock(sentenced & ~remanded, trial, out)
        for kind, who in (("restraining_conviction", convicted), ("restraining_acquittal", charged & ~convicted)):
            made = who & draw.chance(np.where(close, c[kind], c["restraining_elsewhere"] * c[kind]), size)
            length = self._length(c["restraining_years"], YEARS, size)
            self._make(kind, RESTRAINING, made, trial, trial, days(trial) + length,
                       origin="conviction" if who is convicted else "acquittal")  # fmt: skip

    def _bailed(self, released: Bools) -> None:
        c, draw, size = self.chances, self.draws, len(self._u)
        share = c["police_bail"] * np.where(self.close[self._u], 1.0, c["bail_elsewhere"])
        bailed = released & draw.chance(share, size)
        made = self._at + 10 * HOUR
        until = days(made) + draw.lengths(c["police_bail_days"] * DAY, 0.4, size).astype(np.int64) // DAY * DAY + DAY
        self._make("police_bail", BAIL, bailed, made, made, until)

    def _family_court(self, notices: Ints) -> None:
        """Let victims apply to the family court: with or without notice, served days later."""
        c, draw, size = self.chances, self.draws, len(self._u)
        can = self.units.domestic[self._u] & (self.units.is_campaign[self._u] | (notices <= 2))
        applied = can & draw.chance(c["non_molestation"], size)
        made = days(self._at + DAY + draw.waits(c["non_molestation_days"] * DAY, size).astype(np.int64)) + 14 * HOUR
        silent = draw.chance(c["without_notice"], size)
        wait = HOUR + draw.waits(c["service_days"] * DAY, size).astype(np.int64)
        served = made + np.where(silent, wait, 0)
        until = days(made) + self._length(c["non_molestation_months"], MONTHS, size)
        served = np.minimum(served, until - DAY)
        given = self._make("non_molestation", FAMILY, applied, made, served, until, origin="application",
                           without_notice=silent)  # fmt: skip
        home = given & np.isin(self.units.relationship[self._u], COUPLES) & draw.chance(c["occupation"], size)
        self._make("occupation", None, home, made, served, days(made) + 182 * DAY, origin="application",
                   without_notice=silent)  # fmt: skip

    def _notice(self, released: Bools) -> None:
        """Let a senior officer give a protection notice, and the magistrates make the order two days later."""
        c, draw, size = self.chances, self.draws, len(self._u)
        given = released & self.units.domestic[self._u] & draw.chance(c["protection_notice"], size)
        new = self._at >= self.law["dapn"]
        served = self._at + 6 * HOUR
        hearing = days(served) + 2 * DAY + 11 * HOUR
        ordered = draw.chance(c["protection_order"], size)
        short = days(hearing) + draw.whole(14, 29, size) * DAY
        long = days(hearing) + self._length(c["domestic_years"], YEARS, size)
        for notice, order, until, which in (("dvpn", "dvpo", short, ~new), ("dapn", "dapo", long, new)):
            made = self._make(notice, NOTICE, given & which, served, served, hearing)
            self._make(order, NOTICE, made & ordered, hearing, hearing, until, follows=True, origin="application")

    def _stalking_order(self, known: Bools, notices: Ints) -> None:
        c, draw, size = self.chances, self.draws, len(self._u)
        can = known & self.units.is_campaign[self._u] & (notices >= 2) & (self._at >= self.law["stalking_protection"])
        asked = can & draw.chance(c["stalking_protection"], size)
        interim = asked & draw.chance(c["interim"], size)
        first = days(self._at) + 9 * DAY + 11 * HOUR
        main = first + 42 * DAY
        until = days(main) + self._length(c["stalking_years"], YEARS, size)
        told = 2 * HOUR + draw.waits(DAY, size).astype(np.int64)
        made = self._make("interim_stalking_protection", STALKING, interim, first, first + told, main,
                          origin="application")  # fmt: skip
        self._make("stalking_protection", STALKING, asked & (made | ~interim), main, main + told, until, follows=True,
                   origin="application")  # fmt: skip

    def _community(self, known: Bools) -> None:
        c, draw, size = self.chances, self.draws, len(self._u)
        neighbours = known & (self.units.relationship[self._u] == NEIGHBOUR)
        given = neighbours & draw.chance(c["community_order"], size)
        court = draw.chance(c["community_court"], size)
        made = days(self._at) + 14 * DAY + 12 * HOUR
        self._make("community_protection_notice", COMMUNITY, given & ~court, made, made + HOUR, made + 365 * DAY)
        self._make("civil_injunction", COMMUNITY, given & court, made, made + DAY, days(made) + 365 * DAY,
                   origin="application")  # fmt: skip

    def _warning(self, warned: Bools) -> None:
        notice = self._at < minute(self.chances["warnings_since"])
        at = self._at + DAY
        until = np.full(len(at), FOREVER)
        self._make("police_information_notice", None, warned & notice, at, at, until, ends_with="nothing")
        self._make("police_warning", None, warned & ~notice, at, at, until, ends_with="nothing")

    # the register --------------------------------------------------------------------------------
    def _make(
        self,
        kind: str,
        slot: int | None,
        where: Bools,
        made: Ints,
        served: Ints,
        until: Ints,
        *,
        origin: str = "",
        without_notice: Bools | None = None,
        ends_with: str = "day",
        follows: bool = False,
    ) -> Bools:
        """Make an order where there is none of its family yet, and return where it was made.

        Parameters
        ----------
        kind : str
        slot : int, optional
            The family; none for warnings and for what accompanies another order.
        where : (n,) bool
        made, served, until : (n,) int64
        origin : str
        without_notice : (n,) bool, optional
        ends_with : {"day", "discharge", "nothing"}
            Whether the order says its last day, ends when it is discharged, or never.
        follows : bool
            It takes the place of the order just made in its family.
        """
        where = where & (made < self.last) & (made >= self.law[kind])
        if slot is not None and not follows:
            where = where & (self.ends[self._u, slot] <= made)
        n = np.flatnonzero(where)
        if len(n) == 0:
            return where
        u, until = self._u[n], until[n]
        ends = np.minimum(until, FOREVER)
        early = self.draws.chance(parameters()["register"]["discharged"], len(n)) & (ends_with == "day")
        early &= (until - served[n]) > 20 * DAY
        spread = self.draws.random.random(len(n)) * np.minimum(until - served[n], 700 * DAY)
        when = days(served[n] + DAY + spread.astype(np.int64)) + 12 * HOUR
        discharged = np.where(early, when, until if ends_with == "discharge" else NEVER)
        ends = np.where(early, when, ends)
        stated = (ends_with == "day") & (until < 30000 * DAY)
        if slot is not None:
            begins = served[n] if not follows else np.minimum(self.begins[u, slot], served[n])
            self.begins[u, slot], self.ends[u, slot] = begins, ends
            told = self._restrained if slot == RESTRAINING else self._served
            told[n] = np.minimum(told[n], served[n])
        self._orders.append(
            Orders(
                unit=u,
                act=self._act[n],
                kind=np.full(len(n), ORDER_KINDS.index(kind)),
                made=made[n],
                served=served[n],
                until=ends,
                last_day=np.where(stated, days(until) - DAY, NEVER),
                discharged=discharged,
                without_notice=np.full(len(n), -1) if without_notice is None else without_notice[n].astype(np.int64),
                origin=np.full(len(n), ORIGINS.index(origin) if origin else -1),
            )
        )
        return where

    def _length(self, shares: dict[str, float], lengths: dict[str, int], size: int) -> Ints:
        """Return lengths in minutes, the day on which it begins being the first."""
        table = np.array(list(lengths.values()), np.int64) * DAY
        return np.asarray(table[self.draws.pick(shares, tuple(lengths), size)])

    def _lock(self, where: Bools, begins: Ints, ends: Ints) -> None:
        n = np.flatnonzero(where)
        u = self._u[n]
        oldest = self.released[u].argmin(axis=1)
        self.locked[u, oldest], self.released[u, oldest] = begins[n], ends[n]
        if len(n):
            self._custody.append(Custody(u, self._act[n], begins[n], ends[n]))

    def acts_moved(self, place: Ints) -> None:
        """Follow the acts to their places in the final order."""
        self._place = place

    def orders(self) -> Orders:
        """Return every order, in order of making."""
        names = [field.name for field in fields(Orders)]
        columns: dict[str, Any] = {
            name: np.concatenate([np.empty(0, np.int64), *(getattr(part, name) for part in self._orders)])
            for name in names
        }
        columns["act"] = self._place[columns["act"]]
        order = np.lexsort((columns["kind"], columns["act"], columns["made"]))
        return Orders(**{name: columns[name][order] for name in names})

    def custody(self) -> Custody:
        """Return remands and sentences, in order of time."""
        parts = [
            np.concatenate([np.empty(0, np.int64), *(getattr(part, field.name) for part in self._custody)])
            for field in fields(Custody)
        ]
        unit, act, begins, ends = parts
        order = np.lexsort((unit, begins))
        return Custody(unit[order], self._place[act[order]], begins[order], ends[order])

"""What happens: self-exciting acts of every unit, one after another, with the police and the courts in between.

Every unit has an intensity: a background, and what its earlier acts still excite (a Hawkes process with an
exponential kernel), times the hour of the day, times what police contact and orders have left of it. All units advance
together, one candidate each at a time, and a candidate stays with the chance that the intensity then and there has of
its bound (Ogata's thinning): what an act causes can so change what comes next, and no row is ever looped over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from breachpattern.simulation.clock import DAY, FOREVER, WHOLE, Period, hour_weights, hours_rate, settled
from breachpattern.simulation.draws import Bools, Draws, Floats, Ints
from breachpattern.simulation.parameters import campaign, parameters
from breachpattern.simulation.police import Answer, Police
from breachpattern.simulation.units import CAMPAIGNS, EVERYDAY, KINDS, Units

ACTS: tuple[str, ...] = tuple(parameters()["act"])
LATE_AFTER = 6
ANNIVERSARY, BREACH, LATER_BREACH = range(3)


@dataclass(frozen=True)
class Acts:
    """Everything that happened, in the order of unit and time; one entry for each act.

    Attributes
    ----------
    unit, at : int64
        The unit, and the minute.
    what : int64
        Position in :data:`ACTS`.
    reported : bool
        It came to notice.
    arrested, charged : bool
    under_order : bool
        An order bound the suspect at that minute, known to him or not.
    number : int64
        How many acts of the unit came before.
    defies : int64
        In everyday life, of the one act that breaks an order: the act that led to the order; -1 elsewhere.
    """

    unit: Ints
    at: Ints
    what: Ints
    reported: Bools
    arrested: Bools
    charged: Bools
    under_order: Bools
    number: Ints
    defies: Ints

    def __len__(self) -> int:
        return len(self.unit)


def happen(units: Units, draws: Draws, period: Period = WHOLE) -> tuple[Acts, Police]:
    """Return all acts, and the police with every order and custody that followed from them."""
    town = _Town(units, draws, period)
    town.run()
    return town.acts(), town.police


class _Town:
    """The state of all units while they run."""

    def __init__(self, units: Units, draws: Draws, period: Period = WHOLE) -> None:
        self.units, self.draws, self.last = units, draws, period.last
        self.police = Police(units, draws, period)
        size = len(units)
        self.now, self.end = units.start.copy(), units.end.copy()
        self.excited, self.left = np.zeros(size), np.ones(size)
        self.count = np.zeros(size, np.int64)
        self.noticed = np.zeros(size, np.int64)
        self.special = np.full((size, 3), float(FOREVER))
        self.broken = np.zeros(size, np.bool_)
        self.founding = np.full(size, -1)
        self._numbers(units)
        self._parts: list[tuple[Ints | Bools, ...]] = []
        self._acts = 0

    def _numbers(self, units: Units) -> None:
        """Look up what each unit's kind says."""

        def of_campaigns(name: str, everyday: float) -> Floats:
            of_kind = np.array([float(campaign(kind)[name]) for kind in CAMPAIGNS] + [everyday] * len(EVERYDAY))
            return np.asarray(of_kind[units.kind])

        self.reported = of_campaigns("reported", 1.0), of_campaigns("reported_under_order", 1.0)
        self.contact_ends, self.contact_rate = of_campaigns("contact_ends", 0.0), of_campaigns("contact_rate", 1.0)
        self.order_ends, self.order_rate = of_campaigns("order_ends", 0.0), of_campaigns("order_rate", 0.0)
        orders = parameters()["orders"]
        close = self.police.close
        self.breaks = np.where(close, of_campaigns("breaks", orders["everyday_breach"]), orders["breach_elsewhere"])
        self.breaks_later = np.where(close, orders["restraining_breach"], orders["breach_elsewhere"])
        self.breaks_soon = of_campaigns("breaks_soon", 0.0)
        self.breaks_days = of_campaigns("breaks_days", parameters()["orders"]["everyday_breach_days"])
        self.goes_on = of_campaigns("goes_on_days", 0.0) * DAY
        returns = self.draws.chance(of_campaigns("anniversary", 0.0), len(units))
        self.special[returns, ANNIVERSARY] = units.start[returns] + 365 * DAY
        self.early, self.late = _act_table("early"), _act_table("late")
        self.once = _cumulative([parameters()["orders"]["everyday_breach_acts"]])

    def run(self) -> None:
        """Let every unit happen: its first act, then one candidate after another."""
        everyone = np.arange(len(self.units))
        self._happens(everyone[self.now < self.last], np.zeros(int((self.now < self.last).sum()), np.bool_))
        active = everyone
        while len(active):
            pending = self.special[active].min(axis=1)
            goes_on = (self.end[active] > self.now[active]) & (self.count[active] < self.units.most[active])
            active = active[
                ((goes_on & (self.rate(active) > 0)) | (pending < self.last)) & (self.now[active] < self.last)
            ]
            self._advance(active)

    def rate(self, u: Ints) -> Floats:
        """Return the intensity of units now, hour and orders apart."""
        return np.asarray((self.units.rate[u] + self.excited[u]) * self.left[u])

    def _advance(self, u: Ints) -> None:
        """Move units to their next candidate, or to an act that was due anyway; let those that stand happen."""
        most = float(hour_weights().max())
        ended = (self.now[u] >= self.end[u]) | (self.count[u] >= self.units.most[u])
        bound = np.where(ended, 0.0, self.rate(u) * most)
        with np.errstate(divide="ignore"):
            candidate = self.now[u] + self.draws.waits(np.minimum(1 / bound, float(FOREVER)), len(u))
        candidate = np.where(ended | (candidate > self.end[u]), float(FOREVER), candidate)
        which = self.special[u].argmin(axis=1)
        due = self.special[u, which]
        is_special = due <= candidate
        then = np.minimum(candidate, due)
        self.special[u[is_special], which[is_special]] = float(FOREVER)
        then_free = self.police.free_from(u, then)
        held = then_free > then
        then = np.maximum(then_free, self.now[u])
        self.excited[u] *= np.exp(-self.units.decay[u] * np.minimum(then - self.now[u], 1e7))
        self.now[u] = then
        bound_by_order = self.police.bound(u, then)
        intensity = self.rate(u) * hours_rate(then) * np.where(bound_by_order, self.order_rate[u], 1.0)
        stands = self.draws.random.random(len(u)) * bound < intensity
        breach = is_special & (which != ANNIVERSARY)
        more = self.draws.waits(self.goes_on[u], len(u))
        self.end[u] = np.where(breach, np.maximum(self.end[u], then + more), self.end[u])
        now = (stands | is_special) & ~held & (then < self.last)
        self._happens(u[now], (breach & ~self.units.is_campaign[u])[now])

    def _happens(self, u: Ints, only_breach: Bools) -> None:
        """Let units act now, some only because an order is to be broken once, and the police answer."""
        if len(u) == 0:
            return
        at = settled(self.now[u].astype(np.int64))
        under_order = self.police.bound(u, self.now[u])
        late = under_order | (self.count[u] >= LATE_AFTER)
        chosen = np.where(late[:, None], self.late[self.units.kind[u]], self.early[self.units.kind[u]])
        chosen = np.where(only_breach[:, None], self.once, chosen)
        what = (self.draws.random.random(len(u))[:, None] > chosen).sum(axis=1)
        before, under = self.reported
        reported = self.draws.chance(np.where(under_order, under[u], before[u]), len(u))
        first = self._acts
        self._acts += len(u)
        arrested, charged = np.zeros(len(u), np.bool_), np.zeros(len(u), np.bool_)
        told = np.flatnonzero(reported)
        if len(told):
            self.noticed[u[told]] += 1
            answer = self.police.answer(
                u[told], at[told], what[told], under_order[told], self.noticed[u[told]], first + told
            )
            arrested[told], charged[told] = answer.arrested, answer.charged
            self._react(u[told], answer, first + told)
        self._parts.append(
            (
                u,
                at,
                what,
                reported,
                arrested,
                charged,
                under_order,
                self.count[u],
                np.where(only_breach, self.founding[u], -1),
            )
        )
        self.count[u] += 1
        self.excited[u] += self.units.excitation[u] * self.units.decay[u]

    def _react(self, u: Ints, answer: Answer, act: Ints) -> None:
        """Let units change after police contact: end or slow down; and after orders."""
        draws = self.draws
        met = u[answer.contact]
        stops = draws.chance(self.contact_ends[met], len(met))
        self.end[met[stops]] = np.minimum(self.end[met[stops]], self.now[met[stops]])
        self.left[met] *= self.contact_rate[met]
        self._ordered(u, act, answer.served, BREACH, self.breaks, self.breaks_days)
        later_days = np.full(len(self.units), float(parameters()["orders"]["restraining_breach_days"]))
        self._ordered(u, act, answer.restrained, LATER_BREACH, self.breaks_later, later_days)

    def _ordered(self, u: Ints, act: Ints, served: Floats, which: int, chance: Floats, later_days: Floats) -> None:
        """Let units end when an order is served, or break it later, as far as one was served."""
        draws = self.draws
        ordered = np.isfinite(served)
        w, when = u[ordered], served[ordered]
        stops = draws.chance(self.order_ends[w], len(w))
        self.end[w[stops]] = np.minimum(self.end[w[stops]], when[stops])
        breaks = draws.chance(chance[w], len(w)) & ~self.broken[w]
        soon = draws.chance(self.breaks_soon[w], len(w))
        wait = np.where(soon, parameters()["campaign_defaults"]["soon_days"], later_days[w]) * DAY
        self.special[w[breaks], which] = (when + draws.waits(wait, len(w)))[breaks]
        self.founding[w[breaks]] = act[ordered][breaks]
        # In everyday life orders are obeyed, or one is broken once.
        self.broken[w[breaks & ~self.units.is_campaign[w]]] = True

    def acts(self) -> Acts:
        """Return everything that happened, in order of unit and time."""
        columns = [np.concatenate(column) for column in zip(*self._parts, strict=True)]
        order = np.lexsort((np.arange(self._acts), columns[1], columns[0]))
        place = np.empty(self._acts, np.int64)
        place[order] = np.arange(self._acts)
        self.police.acts_moved(place)
        acts = Acts(*(column[order] for column in columns))
        return replace(acts, defies=np.where(acts.defies >= 0, place[acts.defies], -1))


def _act_table(phase: str) -> Floats:
    """Return the cumulative shares of the acts of every kind; everyday kinds have one phase."""
    return _cumulative(
        [campaign(kind)[phase] if kind in CAMPAIGNS else parameters()["everyday"][kind]["acts"] for kind in KINDS]
    )


def _cumulative(rows: Sequence[Mapping[str, float]]) -> Floats:
    """Return the cumulative shares of acts, one row for each set of shares, without the last column (always one)."""
    table = np.zeros((len(rows), len(ACTS)))
    for row, shares in enumerate(rows):
        for name, share in shares.items():
            table[row, ACTS.index(name)] = share
    cumulative = np.cumsum(table, axis=1)
    return np.asarray(cumulative / cumulative[:, -1:])[:, :-1]

"""The register of orders as the force holds it: terms, versions, protected people, what is missing from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from breachpattern.simulation.clock import DAY, FOREVER, NEVER, WHOLE, Period, days
from breachpattern.simulation.conduct import Conduct
from breachpattern.simulation.draws import Bools, Draws, Ints
from breachpattern.simulation.parameters import parameters
from breachpattern.simulation.police import ORDER_KINDS, WARNINGS, Orders
from breachpattern.simulation.units import OTHERS, Units, of_kind
from breachpattern.vocabulary import TERMS

NOTIFIES = tuple(
    kind for kind in ORDER_KINDS if any("notification" in one["terms"] for one in parameters()["terms"][kind])
)


@dataclass(frozen=True)
class Register:
    """What the register says of each order, and what it leaves out; one entry for each order.

    Attributes
    ----------
    terms, terms_after : int64
        Masks of ``TERMS``, before and after the variation.
    varied : int64
        The minute of the variation, ``FOREVER`` where there was none.
    respondent : int64
        People.
    protected : (n, 1 + OTHERS) int64
        The protected people, -1 where there are fewer.
    on_file, terms_on_file, service_on_file, end_on_file, names_foundation : bool
        Whether it stands in the table at all, and with its terms, service, last day and foundation.
    """

    terms: Ints
    terms_after: Ints
    varied: Ints
    respondent: Ints
    protected: Ints
    on_file: Bools
    terms_on_file: Bools
    service_on_file: Bools
    end_on_file: Bools
    names_foundation: Bools


def register(units: Units, conduct: Conduct, orders: Orders, draws: Draws, period: Period = WHOLE) -> Register:
    """Return what the register says of the orders.

    The respondent is the suspect of the unit, who answers for a proxy too, and the protected person its victim; the
    other way round where the act that led to the order went the other way.
    """
    numbers, size = parameters()["register"], len(orders)
    u, act = orders.unit, orders.act
    forward = conduct.forward[act]
    respondent = np.where(forward, units.suspect[u], units.victim[u])
    protected = np.full((size, 1 + OTHERS), -1)
    protected[:, 0] = np.where(forward, units.victim[u], units.suspect[u])
    also = (units.kind[u] == of_kind("connected_victims")) & draws.chance(parameters()["orders"]["on_others"], size)
    protected[:, 1:] = np.where((also & forward)[:, None], units.others[u], -1)
    terms = _terms(orders.kind, draws)
    is_order = ~np.isin(orders.kind, [ORDER_KINDS.index(kind) for kind in WARNINGS])
    runs = np.minimum(orders.until, period.last) - orders.served
    varied = is_order & (orders.last_day != NEVER) & (runs > 30 * DAY) & draws.chance(numbers["varied"], size)
    when = days(orders.served + DAY + (draws.random.random(size) * np.maximum(runs - 2 * DAY, 1)).astype(np.int64))
    stricter = terms | TERMS.mask(["no_approach", "exclusion"])
    after = np.where(draws.chance(numbers["stricter"], size), stricter, TERMS.mask(["no_violence"]))
    return Register(
        terms=terms,
        terms_after=np.where(varied, np.where(is_order, after, 0), terms),
        varied=np.where(varied, when + 12 * 60, FOREVER),
        respondent=respondent,
        protected=protected,
        on_file=~draws.chance(numbers["not_on_file"], size),
        terms_on_file=~draws.chance(numbers["terms_missing"], size),
        service_on_file=~draws.chance(numbers["service_missing"], size),
        end_on_file=~draws.chance(numbers["end_missing"], size),
        names_foundation=draws.chance(numbers["founded_named"], size),
    )


def _terms(kind: Ints, draws: Draws) -> Ints:
    terms = np.zeros(len(kind), np.int64)
    for code, name in enumerate(ORDER_KINDS):
        of = np.flatnonzero(kind == code)
        sets = parameters()["terms"][name]
        shares = {str(place): one["share"] for place, one in enumerate(sets)}
        masks = np.array([TERMS.mask(one["terms"]) for one in sets], np.int64)
        terms[of] = masks[draws.pick(shares, tuple(shares), len(of))]
    return terms

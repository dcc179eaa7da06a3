"""The lives of the orders of one respondent as scalars, taken from those that the engine resolved.

What :mod:`breachpattern.linking.orders` works out of dates, versions and the law is read off here and never worked
out again: an order's life does not depend on any incident.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from breachpattern.linking.places import Zones
from breachpattern.spans import FOREVER, NEVER, NO, POSSIBLE, YES
from breachpattern.timelines.duties import duties_of
from breachpattern.vocabulary import TERMS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue
    from breachpattern.linking.orders import Orders

APART = TERMS.mask(["exclusion", "curfew"])


@dataclass(slots=True, eq=False)
class Version:
    """One version of an order, as :class:`~breachpattern.linking.orders.Orders` has it; texts in place of codes.

    ``plain`` are the terms apart from exclusion and curfew, as positions; ``before`` is the version of the same order
    before this one; ``first_made`` is when the order was first made; ``zones`` are the exclusion areas of this
    version alone.
    """

    index: int
    order: str
    version: int
    kind: int
    respondent: str
    protected: frozenset[str]
    founded: frozenset[str]
    start_lo: int
    start_hi: int
    end_lo: int
    end_hi: int
    hands_over: bool
    aware: int
    varied_unaware: bool
    made: int
    served: int
    terms: int
    plain: tuple[int, ...]
    terms_on_file: bool
    is_order: bool
    needs_service: bool
    end_doubtful: bool
    capped: bool
    names_nobody: bool
    curfew_from: int
    curfew_to: int
    zones: Zones | None
    duty_begins: int
    duty_due: int
    first_made: int
    before: Version | None = field(default=None, repr=False)


@dataclass(slots=True, eq=False)
class OrderLife:
    """A whole order of one respondent over all its versions: an entry of the register of orders.

    Mirrors :class:`~breachpattern.patterns.registers.OrderRegister`.
    """

    order: str
    kind: int
    is_order: bool
    start_lo: int
    start_hi: int
    end_lo: int
    end_hi: int
    protected: frozenset[str]
    founded: frozenset[str]
    versions: tuple[Version, ...]

    @property
    def begins(self) -> int:
        """When it began as far as anybody knows; ``NEVER`` or ``FOREVER`` where nobody does."""
        return self.start_lo if self.start_lo > NEVER else self.start_hi


def containment(start: int, end: int, version: Version) -> int:
    """Return the state of a version at a span. Mirrors :func:`breachpattern.spans.containment`."""
    if not (start < version.end_hi and version.start_lo < end and start < end and version.start_lo < version.end_hi):
        return NO
    return YES if start >= version.start_hi and end <= version.end_lo else POSSIBLE


class LifeReader:
    """Reads versions off the arrays of the engine, one respondent at a time.

    Parameters
    ----------
    orders : Orders
    catalogue : Catalogue
    person, order, incident : sequence of str
        The texts of the codes.
    awaited : dict of str to list of int, optional
        Incidents that versions were founded on and that are not on file yet, with the versions.
    beyond : int, default 0
        Where the numbers of the versions begin.
    """

    def __init__(
        self,
        orders: Orders,
        catalogue: Catalogue,
        person: Sequence[str],
        order: Sequence[str],
        incident: Sequence[str],
        awaited: dict[int, list[str]] | None = None,
        beyond: int = 0,
    ) -> None:
        self._orders, self._person, self._order, self._incident = orders, person, order, incident
        self._respondents, self._zoned = begins(orders.respondent, len(person)), shared(orders.zones.version)
        self._founded, self._protections = (tuple(map(shared, pairs)) for pairs in (orders.founded, orders.protections))
        self._is_order = [catalogue.order_kinds[k].is_order for k in catalogue.order_kind_ids]
        self._begins, self._due = duties_of(orders, catalogue)
        first = np.full(int(orders.order.max(initial=-1)) + 1, FOREVER, np.int64)
        np.minimum.at(first, orders.order, orders.made)
        self._first_made = first
        by_order = np.argsort(orders.order, kind="stable")
        self._by_order, self._sorted_orders = by_order, shared(orders.order[by_order])
        self._awaited, self._beyond = awaited or {}, beyond

    def of_respondent(self, respondent: int) -> tuple[Version, ...]:
        """Return the versions that bind a person, in order."""
        return self._versions(range(self._respondents[respondent], self._respondents[respondent + 1]))

    def all_versions(self) -> tuple[Version, ...]:
        """Return every version."""
        return self._versions(range(len(self._orders)))

    def of_order(self, order: int) -> tuple[Version, ...]:
        """Return the versions of an order, whomever each binds."""
        low, high = span(self._sorted_orders, order)
        return self._versions(sorted(self._by_order[low:high].tolist()))

    def _versions(self, index: Sequence[int]) -> tuple[Version, ...]:
        out: list[Version] = []
        for i in index:
            made = self._version(i)
            if (
                out
                and out[-1].index == self._beyond + i - 1
                and (out[-1].order, out[-1].respondent) == (made.order, made.respondent)
            ):
                made.before = out[-1]
            out.append(made)
        return tuple(out)

    def _version(self, i: int) -> Version:
        o = self._orders
        terms = int(o.terms[i])
        zones = None
        low, high = span(self._zoned, i)
        if high > low:
            z = o.zones
            part = np.arange(low, high)
            zones = Zones(
                np.zeros(len(part), np.int64),
                z.postcodes.take(pa.array(part)),
                z.lat[part],
                z.lon[part],
                z.radius[part],
            )
        return Version(
            index=self._beyond + i,
            order=self._order[int(o.order[i])],
            version=int(o.version[i]),
            kind=int(o.kind[i]),
            respondent=self._person[int(o.respondent[i])] if o.respondent[i] >= 0 else "",
            protected=frozenset(self._person[c] for c in _of(self._protections, i)),
            founded=self.founded(i),
            start_lo=int(o.start_lo[i]),
            start_hi=int(o.start_hi[i]),
            end_lo=int(o.end_lo[i]),
            end_hi=int(o.end_hi[i]),
            hands_over=bool(o.hands_over[i]),
            aware=int(o.aware[i]),
            varied_unaware=bool(o.varied_unaware[i]),
            made=int(o.made[i]),
            served=int(o.served[i]),
            terms=terms,
            plain=tuple(t for t in range(len(TERMS)) if (terms & ~APART) >> t & 1),
            terms_on_file=bool(o.terms_on_file[i]),
            is_order=bool(o.is_order[i]),
            needs_service=bool(o.needs_service[i]),
            end_doubtful=bool(o.end_doubtful[i]),
            capped=bool(o.capped[i]),
            names_nobody=bool(o.names_nobody[i]),
            curfew_from=int(o.curfew_from[i]),
            curfew_to=int(o.curfew_to[i]),
            zones=zones,
            duty_begins=int(self._begins[i]),
            duty_due=int(self._due[i]),
            first_made=int(self._first_made[o.order[i]]),
        )

    def founded(self, version: int) -> frozenset[str]:
        """Return the incidents on which a version was founded, those not on file yet among them."""
        codes = _of(self._founded, version)
        if not codes and version not in self._awaited:
            return frozenset()
        return frozenset([self._incident[c] for c in codes] + self._awaited.get(version, []))

    def lives(self, versions: Sequence[Version]) -> tuple[OrderLife, ...]:
        """Return the orders that some versions of one respondent make up."""
        held: dict[str, list[Version]] = {}
        for version in versions:
            held.setdefault(version.order, []).append(version)
        return tuple(
            OrderLife(
                order=order,
                kind=own[-1].kind,
                is_order=self._is_order[own[-1].kind],
                start_lo=min(v.start_lo for v in own),
                start_hi=min(v.start_hi for v in own),
                end_lo=max(v.end_lo for v in own),
                end_hi=max(v.end_hi for v in own),
                protected=frozenset().union(*(v.protected for v in own)),
                founded=frozenset().union(*(v.founded for v in own)),
                versions=tuple(own),
            )
            for order, own in held.items()
        )


def shared(values: Any) -> Any:
    """Return an array to be read one value at a time: plain numbers, at a fraction of what an array takes."""
    return memoryview(np.ascontiguousarray(values))  # type: ignore[arg-type]


def begins(codes: Any, size: int) -> Any:
    """Return where each of so many codes begins among sorted ones, and at the end where the last of them ends."""
    return shared(np.searchsorted(codes, np.arange(size + 1)).astype(np.int32))


def span(values: Any, value: int) -> tuple[int, int]:
    """Return where a value begins and ends among sorted ones."""
    low = bisect_left(values, value)
    return low, bisect_right(values, value, low)


def _of(pairs: tuple[Any, ...], version: int) -> list[int]:
    low, high = span(pairs[0], version)
    return pairs[1][low:high].tolist() if high > low else []

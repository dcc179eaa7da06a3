"""The orders that stories tell, in the terms of the model: what was made, and what the register holds of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from breachpattern.errors import InputError
from breachpattern.simulation.acts import Acts
from breachpattern.simulation.clock import DAY, FOREVER, NEVER, minute_of
from breachpattern.simulation.draws import Ints
from breachpattern.simulation.police import ORDER_KINDS, Orders
from breachpattern.simulation.register import Register
from breachpattern.simulation.stories import Row, Stories
from breachpattern.simulation.units import OTHERS
from breachpattern.vocabulary import ORIGINS, TERMS


def told_orders(
    stories: Stories, order_ids: list[str], whose: dict[str, int], humans: dict[str, int], acts: Acts
) -> tuple[Orders, Register]:
    """Return the told orders: one for each reference, with its last version beside its first."""
    rows = {name: [row for _, row in stories.orders if row["order_id"] == name] for name in order_ids}
    for name, own in rows.items():
        _check(name, own, humans)
    first, last = {n: own[0] for n, own in rows.items()}, {n: own[-1] for n, own in rows.items()}
    size = len(order_ids)
    protected = np.full((size, 1 + OTHERS), -1)
    for place, name in enumerate(order_ids):
        people = dict.fromkeys(humans[row["protected_id"]] for row in rows[name] if row.get("protected_id"))
        protected[place, : len(people)] = list(people)

    def time_of(name: str, *columns: str, otherwise: int) -> int:
        own = last[name] if columns[0] in ("ends", "discharged_on") else first[name]
        found = next((own[column] for column in columns if own.get(column)), "")
        return minute_of(found) if found else otherwise

    def terms(row: Row) -> int:
        return TERMS.mask(code for code in row.get("terms", "").split(";") if code)

    made = each(order_ids, lambda name: time_of(name, "made_on", otherwise=int(NEVER)))
    ends = each(order_ids, lambda name: time_of(name, "ends", otherwise=int(FOREVER)))
    by_day = each(order_ids, lambda name: len(last[name].get("ends", "")) == len("2025-01-01")).astype(np.bool_)
    discharged = each(order_ids, lambda name: time_of(name, "discharged_on", otherwise=int(NEVER)))
    until = np.where(discharged != NEVER, discharged, np.where(by_day, ends + DAY, ends))
    unit = each(order_ids, lambda name: whose[name])
    notice = {"true": 1, "false": 0}
    yes = np.ones(size, np.bool_)
    orders = Orders(
        unit=unit,
        act=np.searchsorted(acts.unit, unit, side="left"),
        kind=each(order_ids, lambda name: ORDER_KINDS.index(first[name]["kind"])),
        made=made,
        served=np.maximum(
            made,
            each(order_ids, lambda name: time_of(name, "served_at", "aware_from", "made_on", otherwise=int(NEVER))),
        ),
        until=until,
        last_day=np.where(ends == FOREVER, NEVER, ends),
        discharged=discharged,
        without_notice=each(order_ids, lambda name: notice.get(first[name].get("without_notice", ""), -1)),
        origin=each(order_ids, lambda n: ORIGINS.index(first[n]["origin"]) if first[n].get("origin") else -1),
    )
    versions = {name: last[name].get("version") != first[name].get("version") for name in order_ids}
    varied = each(order_ids, lambda name: minute_of(last[name]["made_on"]) if versions[name] else int(FOREVER))
    held = Register(
        terms=each(order_ids, lambda name: terms(first[name])),
        terms_after=each(order_ids, lambda name: terms(last[name])),
        varied=varied,
        respondent=each(order_ids, lambda name: humans[first[name]["respondent_id"]]),
        protected=protected,
        on_file=yes,
        terms_on_file=yes,
        service_on_file=yes,
        end_on_file=yes,
        names_foundation=yes,
    )
    return orders, held


def _check(name: str, rows: list[Row], humans: dict[str, int]) -> None:
    """Refuse an order that the model cannot hold."""
    for row in rows:
        people = {row["respondent_id"], *filter(None, [row.get("protected_id")])}
        strange = {
            "kind": row["kind"] not in ORDER_KINDS,
            "respondent_id or protected_id": not people <= set(humans),
            "terms": not set(filter(None, row.get("terms", "").split(";"))) <= set(TERMS),
            "origin": row.get("origin", "") not in ("", *ORIGINS),
        }
        if any(strange.values()):
            wrong = next(column for column, is_wrong in strange.items() if is_wrong)
            known = {"kind": ORDER_KINDS, "terms": tuple(TERMS), "origin": tuple(ORIGINS)}.get(wrong, tuple(humans))
            raise InputError(f"The model does not know its {wrong}.", where=name, hint=f"Known: {', '.join(known)}.")
    if len({row.get("protected_id") for row in rows}) > 1 + OTHERS:
        raise InputError(
            f"An order protects at most {1 + OTHERS} people in the model.", where=name, hint="Tell two orders."
        )


def each(items: Iterable[Any], value: Callable[[Any], int]) -> Ints:
    """Return a whole number of each item."""
    return np.array([value(item) for item in items], np.int64)

"""Contact through others, inferred: what a person tied to the respondent did towards the protected person.

The order binds the respondent alone. What a tied person did is the respondent's conduct only where it was aided,
abetted, counselled or procured (Protection from Harassment Act 1997 s.7(3A)), which no extract says. So every row
here is inferred, *possible* at most, kept apart from the breaches, and carries the path that suggests it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.linking.columns import Bools, Columns, Floats, Ints
from breachpattern.linking.orders import Orders
from breachpattern.linking.ties import BETWEEN_SUSPECTS, Ties, tie_table
from breachpattern.sorting import order_by
from breachpattern.spans import DAY, NEVER, NO, POSSIBLE, containment
from breachpattern.timelines.breaches import expand
from breachpattern.timelines.nature import nature_of
from breachpattern.timelines.reasons import AWARENESS_OPEN, IN_FORCE, INFERRED, MAYBE_TERMS, PARTLY_IN_FORCE, UNRECORDED
from breachpattern.vocabulary import BEHAVIOURS, BREACH_KINDS, RELATIONSHIPS, TERMS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

CONTACT = BEHAVIOURS.mask(["contact", "third_party_contact", "gift", "threat"])
PROHIBITION = 1
# Whoever is this to the victim has a reason of their own to be in touch.
CLOSE = [RELATIONSHIPS.index(word) for word in ("partner", "ex_partner", "family", "friend")]


@dataclass(frozen=True)
class Paths:
    """Ways from one person to another, of one or two ties.

    ``first`` and ``second`` are positions in the ties, ``second`` is ``-1`` for a direct one.
    """

    first: Ints
    second: Ints
    weight: Floats


def inferred_breaches(columns: Columns, orders: Orders, ties: Ties, catalogue: Catalogue) -> pd.DataFrame:
    """Return contact by a tied person with somebody whom an order protects against contact.

    Parameters
    ----------
    columns, orders : Columns, Orders
    ties : Ties
        Of this extract, as known at the instant.
    catalogue : Catalogue

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`~breachpattern.timelines.breaches.find_breaches`, one row per incident row × order:
        ``suspect`` is the respondent, ``through`` who acted; ``tie`` and ``next_tie`` are positions in the ties
        (``-1`` where one step leads there), ``path_weight`` lies between 0 and 1.
    """
    between = ties.of_kinds(*BETWEEN_SUSPECTS)
    rows, versions = _contacts_under_orders(columns, orders)
    apart = ~_respondent_on_record(columns, orders, rows, versions)
    rows, versions = rows[apart], versions[apart]
    paths = _best_paths(between, orders.respondent[versions], columns.suspect[rows], columns, rows)
    victims = _tied_to_victim(ties, columns, rows)
    rule = tie_table()[1]
    said = orders.terms[versions] & TERMS.mask(["no_indirect_contact"]) != 0
    weight = paths.weight * np.where(victims, rule.tied_to_victim, 1.0) * np.where(said, 1.0, rule.not_said)
    enough = np.flatnonzero(weight >= rule.enough)
    rows, versions, said = rows[enough], versions[enough], said[enough]
    whole = np.append(np.flatnonzero(np.isin(ties.kind, between.kind)), -1) if len(ties) else np.array([-1])
    start, end = columns.start[rows], columns.end[rows]
    life = containment(
        start,
        end,
        (orders.start_lo[versions], orders.start_hi[versions]),
        (orders.end_lo[versions], orders.end_hi[versions]),
    )
    aware = start >= orders.aware[versions]
    served = orders.served[versions]
    days = np.where((served != NEVER) & (start >= served), (start - served) // DAY, -1).astype(np.float64)
    frame = pd.DataFrame(
        {
            "row": rows,
            "incident": columns.incident[rows],
            "order": orders.order[versions],
            "version": versions,
            "suspect": orders.respondent[versions],
            "victim": columns.victim[rows],
            "start": start,
            "end": end,
            "known": columns.known[rows],
            "status": np.full(len(rows), UNRECORDED, np.int8),
            "state": np.full(len(rows), POSSIBLE, np.int8),
            "nature": nature_of(catalogue, orders.kind[versions], np.full(len(rows), PROHIBITION), start),
            "kinds": np.full(len(rows), BREACH_KINDS.mask(["contact"])),
            "terms": np.where(said, TERMS.mask(["no_indirect_contact"]), TERMS.mask(["no_contact"])),
            "days_since_served": np.where(days < 0, np.nan, days),
            "reasons": INFERRED
            | np.where(life == POSSIBLE, PARTLY_IN_FORCE, IN_FORCE)
            | np.where(aware, 0, AWARENESS_OPEN)
            | np.where(said, 0, MAYBE_TERMS),
            "certain": np.zeros(len(rows), np.bool_),
            "through": columns.suspect[rows],
            "tie": whole[paths.first[enough]],
            "next_tie": whole[paths.second[enough]],
            "path_weight": weight[enough],
        }
    )
    order = order_by(rows, orders.order[versions], -versions)
    frame = frame.iloc[order]
    twice = frame.duplicated(["row", "order"]).to_numpy()
    return frame[~twice].reset_index(drop=True)


def _contacts_under_orders(columns: Columns, orders: Orders) -> tuple[Ints, Ints]:
    """Return (row, version) of contact by others with a person whom a live order protects from contact."""
    contact = TERMS.mask(["no_contact", "no_indirect_contact"])
    forbidding = (orders.terms & contact != 0) & orders.terms_on_file & orders.is_order
    version, person = orders.protections
    wanted = forbidding[version]
    version, person = version[wanted], person[wanted]
    sort = order_by(person)
    version, person = version[sort], person[sort]
    done = columns.behaviours | columns.possible
    acted = np.flatnonzero((columns.suspect >= 0) & (columns.victim >= 0) & ~columns.cancelled & (done & CONTACT != 0))
    begins = np.searchsorted(person, np.arange(len(columns.names.persons) + 1))
    victim = columns.victim[acted]
    rows, place = expand(acted, begins[victim], begins[victim + 1])
    versions = version[place]
    life = containment(
        columns.start[rows],
        columns.end[rows],
        (orders.start_lo[versions], orders.start_hi[versions]),
        (orders.end_lo[versions], orders.end_hi[versions]),
    )
    keep = (life != NO) & (orders.respondent[versions] != columns.suspect[rows]) & (orders.respondent[versions] >= 0)
    return rows[keep], versions[keep]


def _respondent_on_record(columns: Columns, orders: Orders, rows: Ints, versions: Ints) -> Bools:
    """Return where the respondent is a suspect of the same incident: that is direct, not inferred."""
    scale = np.int64(1) << 31
    asked = np.zeros(len(columns.names.incidents), np.bool_)
    asked[columns.incident[rows]] = True
    there = np.flatnonzero(asked[columns.incident] & (columns.suspect >= 0))
    seen = columns.incident[there].astype(np.int64) * scale + columns.suspect[there]
    return np.isin(columns.incident[rows].astype(np.int64) * scale + orders.respondent[versions], seen)


def _best_paths(
    ties: Ties, left: npt.NDArray[np.integer], right: npt.NDArray[np.integer], columns: Columns, rows: Ints
) -> Paths:
    """Return the strongest way between two people that held at the time of each row.

    Two steps weigh less than their product, and never lead through the victim.
    """
    n, rule = len(rows), tie_table()[1]
    first, second, weight = np.full(n, -1, np.int64), np.full(n, -1, np.int64), np.zeros(n)
    left, right = left.astype(np.int64), right.astype(np.int64)
    low, high = np.searchsorted(ties.left, left, side="left"), np.searchsorted(ties.left, left, side="right")
    item, step = expand(np.arange(n), low, high)
    held = ties.held(step, columns.start[rows[item]], columns.known[rows[item]])
    item, step = item[held], step[held]
    direct = ties.right[step] == right[item]
    near, one = item[direct], step[direct]
    via = ~direct & (ties.right[step] != columns.victim[rows[item]])
    item, step = item[via], step[via]
    pick, onward = expand(np.arange(len(item)), *_range(ties, ties.right[step], right[item]))
    act = rows[item[pick]]
    held = ties.held(onward, columns.start[act], columns.known[act])
    pick, onward = pick[held], onward[held]
    both = ties.weight[step[pick]] * ties.weight[onward] * rule.per_step
    _keep_best(
        first, second, weight,
        np.append(near, item[pick]), np.append(one, step[pick]), np.append(np.full(len(near), -1), onward),
        np.append(ties.weight[one], both),
    )  # fmt: skip
    return Paths(first, second, weight)


def _keep_best(first: Ints, second: Ints, weight: Floats, item: Ints, one: Ints, two: Ints, weighed: Floats) -> None:
    """Put the strongest candidate of each item in its place; among equals one step, then the first in order."""
    order = order_by(weighed, two < 0, -one, -two)
    first[item[order]], second[item[order]], weight[item[order]] = one[order], two[order], weighed[order]


def _tied_to_victim(ties: Ties, columns: Columns, rows: Ints) -> Bools:
    """Return where who acted was tied to the victim too: by any tie that held, or in the words of the row itself."""
    item, tie = expand(np.arange(len(rows)), *_range(ties, columns.suspect[rows], columns.victim[rows]))
    tied = np.isin(columns.relationship[rows], CLOSE)
    tied[item[ties.held(tie, columns.start[rows[item]], columns.known[rows[item]])]] = True
    return tied


def _range(ties: Ties, left: npt.NDArray[np.integer], right: npt.NDArray[np.integer]) -> tuple[Ints, Ints]:
    """Return where the ties between two people begin and end."""
    key = ties.left * (np.int64(1) << 31) + ties.right
    wanted = left.astype(np.int64) * (np.int64(1) << 31) + right
    return np.searchsorted(key, wanted, side="left"), np.searchsorted(key, wanted, side="right")

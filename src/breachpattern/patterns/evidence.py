"""The evidence of findings as JSON: rows in time order by reference, each with the breaches that it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from breachpattern.linking.columns import Ints
from breachpattern.patterns.context import Context
from breachpattern.patterns.fragments import coded, encode, glued, inside, numbers, strings_inside, worded
from breachpattern.patterns.populations import Population, first_alike, owners
from breachpattern.patterns.wording import Texts, json_times
from breachpattern.spans import NEVER
from breachpattern.timelines.courses import Ragged
from breachpattern.timelines.reasons import AWARENESS_OPEN, BREACH_REASONS, IN_FORCE
from breachpattern.vocabulary import (
    BEHAVIOURS,
    BREACH_KINDS,
    BREACH_STATUSES,
    CHANNELS,
    NATURES,
    ORDER_STATES,
    TERMS,
    Vocabulary,
)


@dataclass(frozen=True)
class Witness:
    """Tells the evidence of findings; what it needs of a run is made once and kept.

    Attributes
    ----------
    cited : (n,) int64
        The orders of all findings, sorted.
    """

    context: Context
    texts: Texts
    cited: Ints

    def told(self, population: Population) -> pa.Array:
        """Return the items of the field ``evidence`` of each candidate, with commas between them."""
        c, names, rows = self.context.columns, self.context.columns.names, population.rows.values
        n, broken = len(rows), self._broken(population)
        times = json_times(np.concatenate([c.start[rows], c.end[rows], c.known[rows]]))
        items = glued(
            '{"incident_id":',
            *coded(names.incidents, c.incident[rows]),
            ',"row":',
            numbers(c.row[rows]),
            ',"suspect_id":',
            *coded(names.persons, c.suspect[rows]),
            ',"victim_id":',
            *coded(names.persons, c.victim[rows]),
            ',"start":',
            times[:n],
            ',"end":',
            times[n : 2 * n],
            ',"known_at":',
            times[2 * n :],
            worded(self._acts, c.behaviours[rows], c.channel[rows], c.offence[rows], c.force[rows]),
            ',"occasion":',
            numbers(self._occasions(population.rows)),
            ',"breaches":[',
            inside(self._breaches(broken.values), broken),
            "]",
            self._inferred(rows),
            "}",
        )
        return inside(items, population.rows)

    @cached_property
    def _acts(self) -> Any:
        offences = (*self.context.catalogue.offence_ids, None)
        titles = (*self.texts.offences, None)
        forces = (*self.context.columns.names.forces.to_pylist(), None)

        @cache
        def tell(behaviours: int, channel: int, offence: int, force: int) -> str:
            fields = {
                "behaviours": list(BEHAVIOURS.codes(behaviours)),
                "channel": _word(CHANNELS, channel),
                "offence": offences[offence],
                "offence_title": titles[offence],
                "force": forces[force],
            }
            return f",{encode(fields)[1:-1]}"

        return tell

    def _broken(self, population: Population) -> Ragged:
        """Return the breaches of the candidates that each of their rows is."""
        rows, breaches, context = population.rows, population.breaches, self.context
        scale = np.int64(len(context.columns) + 1)
        some = np.flatnonzero(context.is_breach[rows.values])
        key = owners(rows)[some] * scale + rows.values[some]
        order = np.argsort(key)
        wanted = owners(breaches) * scale + context.breach.row[breaches.values]
        item = some[order[np.searchsorted(key, wanted, sorter=order)]]
        return Ragged.of(item, breaches.values, len(rows.values))

    def _occasions(self, rows: Ragged) -> Ints:
        """Return for each row the number of its occasion within its finding, in the order of their first rows."""
        first = first_alike(rows, self.context.event, self.context.several_records)
        number = np.cumsum(first == np.arange(len(first)))[first]
        return np.asarray(number - number[rows.offsets[owners(rows)]] + 1)

    def _breaches(self, index: Ints) -> pa.Array:
        b, orders = self.context.breach, self.context.orders
        version = b.version[index]
        return glued(
            '{"order_id":',
            *coded(self.context.columns.names.orders, b.order[index]),
            ',"version":',
            numbers(np.append(orders.version, 0)[version], version >= 0),
            worded(
                self._breach,
                np.append(orders.kind, -1)[version],
                np.append(self.texts.kind_of_order, -1)[b.order[index]],
                *(codes[index] for codes in (b.status, b.state, b.nature, b.kinds, b.terms, b.reasons)),
            ),
        )

    @cached_property
    def _breach(self) -> Any:
        kinds, titles = (*self.context.catalogue.order_kind_ids, None), (*self.texts.order_titles, None)

        @cache
        def tell(kind: int, title: int, status: int, state: int, nature: int, how: int, terms: int, why: int) -> str:
            fields = {
                "order_kind": kinds[kind],
                "order_title": titles[title],
                "status": _word(BREACH_STATUSES, status),
                "order_state": _word(ORDER_STATES, state),
                "nature": _word(NATURES, nature),
                "breach_kind": list(BREACH_KINDS.codes(how)),
                "terms_matched": list(TERMS.codes(terms)),
                "reasons": list(BREACH_REASONS.codes(why)),
            }
            return f",{encode(fields)[1:]}"

        return tell

    def orders(self, population: Population) -> pa.Array:
        """Return the items of the field ``orders`` of each candidate: the life of every version, as it was judged."""
        lists = population.orders
        return inside(self._orders.take(pa.array(np.searchsorted(self.cited, lists.values))), lists)

    @cached_property
    def _orders(self) -> pa.Array:
        ids = coded(self.context.columns.names.orders, self.cited)
        return glued('{"order_id":', *ids, ',"versions":[', self._lives(self.cited), "]}")

    def _lives(self, orders: Ints) -> pa.Array:
        """Return the versions of some orders, ascending codes, with commas between them."""
        o, names = self.context.orders, self.context.columns.names
        mine = np.flatnonzero(np.isin(o.order, orders))
        mine = mine[np.lexsort((mine, o.version[mine], o.order[mine]))]
        held = Ragged.of(np.searchsorted(orders, o.order[mine]), mine, len(orders))
        mine, n = held.values, len(held.values)
        moments = (o.made, o.served, o.start_lo, o.start_hi, o.end_lo, o.end_hi)
        times = json_times(np.concatenate([moment[mine] for moment in moments]))
        made, served, start_lo, start_hi, end_lo, end_hi = (times[n * i : n * (i + 1)] for i in range(len(moments)))
        version, person = o.protections
        chosen = np.flatnonzero(np.isin(version, mine))
        places = np.argsort(mine)[np.searchsorted(np.sort(mine), version[chosen])]
        protected = Ragged.of(places, person[chosen], n)
        items = glued(
            '{"version":', numbers(o.version[mine]),
            worded(self._kind, o.kind[mine], o.terms[mine], o.terms_on_file[mine]),
            ',"respondent_id":', *coded(names.persons, o.respondent[mine]),
            ',"protected_ids":[', strings_inside(names.persons, protected),
            '],"made":', made, ',"served":', served,
            ',"from":', start_lo, ',"from_by":', start_hi, ',"until":', end_lo, ',"until_by":', end_hi,
            worded(_end, o.end_lo[mine] == NEVER),
        )  # fmt: skip
        return inside(items, held)

    @cached_property
    def _kind(self) -> Any:
        kinds, titles = (*self.context.catalogue.order_kind_ids, None), (*self.texts.order_titles[:-1], None)

        @cache
        def tell(kind: int, terms: int, on_file: bool) -> str:
            fields = {
                "order_kind": kinds[kind],
                "order_title": titles[kind],
                "terms": list(TERMS.codes(terms)),
                "terms_on_file": bool(on_file),
            }
            return f",{encode(fields)[1:-1]}"

        return tell

    def _inferred(self, rows: Ints) -> pa.Array | str:
        """Return contact through others that is inferred from some of the rows: which order, through whom, why."""
        known = self._inferred_of_row
        if not known:
            return ""
        return pa.array([known.get(row, "") for row in rows.tolist()], pa.string())

    @cached_property
    def _inferred_of_row(self) -> dict[int, str]:
        return {
            row: f',"inferred":{encode([self._path(place) for place in places])}'
            for row, places in self.texts.inferred_of_row.items()
        }

    def _path(self, place: int) -> dict[str, Any]:
        held = self.context.inferred.iloc[place]
        persons = self.texts.persons
        return {
            "order_id": self.texts.orders[int(held["order"])],
            "respondent_id": persons[int(held["suspect"])],
            "through_id": persons[int(held["through"])],
            "order_in_force": "yes" if int(held["reasons"]) & (IN_FORCE | AWARENESS_OPEN) == IN_FORCE else "possible",
            "path": self.texts.path(place),
            "weight": round(float(held["path_weight"]), 2),
        }


def _end(doubtful: bool) -> str:
    """Return the end of an order version: without ``until``, whether it goes on or may have ended at any time."""
    return f',"end_doubtful":{encode(doubtful)}}}'


def _word(vocabulary: Vocabulary, code: int) -> str | None:
    return vocabulary.values[code] if code >= 0 else None

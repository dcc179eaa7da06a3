"""The evidence of findings as JSON: rows in time order by reference, each with the breaches that it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from breachpattern.linking.columns import Ints
from breachpattern.patterns.context import Context
from breachpattern.patterns.fragments import coded, encode, glued, inside, listed, numbers, quoted, word, words
from breachpattern.patterns.identity import incident_lists
from breachpattern.patterns.populations import Population, owners
from breachpattern.patterns.wording import Texts, iso_times
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
)


@dataclass(frozen=True)
class Witness:
    """Tells the evidence of findings; what it needs of a run is made once and kept."""

    context: Context
    texts: Texts

    @cached_property
    def persons(self) -> pa.Array:
        """Person references by code, as JSON."""
        return quoted(self.context.columns.names.persons)

    @cached_property
    def orders(self) -> pa.Array:
        """Order ids by code, as JSON."""
        return quoted(self.context.columns.names.orders)

    @cached_property
    def incidents(self) -> pa.Array:
        """Incident ids by code, as JSON."""
        return quoted(self.context.columns.names.incidents)

    @cached_property
    def _order_titles(self) -> pa.Array:
        return quoted(pa.array(self.texts.kind_of_order, pa.string()))

    def told(self, population: Population) -> pa.Array:
        """Return the fields ``incident_ids``, ``breach_incident_ids`` and ``evidence`` of each candidate."""
        rows = population.rows
        item = self._items(population)
        broken = Ragged.of(item[item >= 0], population.breaches.values[item >= 0], len(rows.values))
        is_breach = np.diff(broken.offsets) > 0
        items = glued(
            self._rows(rows.values),
            ',"occasion":',
            numbers(self._occasions(rows)),
            ',"breaches":[',
            inside(self._breaches(broken.values), broken),
            "]",
            self._inferred(rows.values),
            "}",
        )
        breach_rows = Ragged.of(owners(rows)[is_breach], rows.values[is_breach], len(rows))
        return glued(
            '"incident_ids":',
            listed(self.incidents, incident_lists(self.context, rows)),
            ',"breach_incident_ids":',
            listed(self.incidents, incident_lists(self.context, breach_rows)),
            ',"evidence":[',
            inside(items, rows),
            "]",
        )

    def _items(self, population: Population) -> Ints:
        """Return for each breach of the candidates which of their rows it belongs to, ``-1`` for none."""
        rows, breaches = population.rows, population.breaches
        if len(rows.values) == 0:
            return np.full(len(breaches.values), -1)
        scale = np.int64(len(self.context.columns) + 1)
        key = owners(rows) * scale + rows.values
        order = np.argsort(key, kind="stable")
        wanted = owners(breaches) * scale + self.context.breach.row[breaches.values]
        place = order[np.minimum(np.searchsorted(key[order], wanted), len(order) - 1)]
        return np.where(key[place] == wanted, place, -1)

    def _occasions(self, rows: Ragged) -> Ints:
        """Return for each row the number of its occasion within its finding, in the order of their first rows."""
        owner = owners(rows)
        key = owner * np.int64(len(self.context.columns) + 1) + self.context.event[rows.values]
        _, first, label = np.unique(key, return_index=True, return_inverse=True)
        by_first = np.argsort(first, kind="stable")
        place = np.empty(len(first), np.int64)
        place[by_first] = np.arange(len(first))
        before = np.searchsorted(owner[first[by_first]], np.arange(len(rows)))
        return np.asarray(place[label.reshape(-1)] - before[owner] + 1)

    def _rows(self, rows: Ints) -> pa.Array:
        c = self.context.columns
        return glued(
            '{"incident_id":',
            self.incidents.take(pa.array(c.incident[rows].astype(np.int64))),
            ',"row":',
            numbers(c.row[rows]),
            ',"suspect_id":',
            coded(self.persons, c.suspect[rows]),
            ',"victim_id":',
            coded(self.persons, c.victim[rows]),
            ',"start":',
            quoted(iso_times(c.start[rows])),
            ',"end":',
            quoted(iso_times(c.end[rows])),
            ',"known_at":',
            quoted(iso_times(c.known[rows])),
            ',"behaviours":',
            words(BEHAVIOURS, c.behaviours[rows]),
            ',"channel":',
            word(CHANNELS.values, c.channel[rows]),
            ',"offence":',
            word(self.context.catalogue.offence_ids, c.offence[rows]),
            ',"offence_title":',
            word(self.texts.offences, c.offence[rows]),
        )

    def _breaches(self, index: Ints) -> pa.Array:
        b, orders = self.context.breach, self.context.orders
        version = b.version[index]
        return glued(
            '{"order_id":',
            coded(self.orders, b.order[index]),
            ',"version":',
            coded(numbers(orders.version), version),
            ',"order_kind":',
            word(self.context.catalogue.order_kind_ids, np.append(orders.kind, -1)[version]),
            ',"order_title":',
            coded(self._order_titles, b.order[index]),
            ',"status":',
            word(BREACH_STATUSES.values, b.status[index]),
            ',"order_state":',
            word(ORDER_STATES.values, b.state[index]),
            ',"nature":',
            word(NATURES.values, b.nature[index]),
            ',"breach_kind":',
            words(BREACH_KINDS, b.kinds[index]),
            ',"terms_matched":',
            words(TERMS, b.terms[index]),
            ',"reasons":',
            words(BREACH_REASONS, b.reasons[index]),
            "}",
        )

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

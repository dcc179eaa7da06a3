"""What a run of the engine left, read one person or one pair at a time.

The arrays of the engine stay as they are: sorted, integer-coded, shared by all readers. Rows become objects when
somebody asks about them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from breachpattern.cases.breaches import Breach
from breachpattern.cases.found import FoundCourses
from breachpattern.cases.lives import LifeReader, OrderLife, Version, begins, shared, span
from breachpattern.cases.nexus import CUSTODY
from breachpattern.cases.rows import Row
from breachpattern.cases.texts import Texts
from breachpattern.linking.columns import code, dictionary
from breachpattern.linking.entities import Entities
from breachpattern.linking.orders import live_orders
from breachpattern.patterns.context import Context
from breachpattern.spans import NEVER
from breachpattern.timelines.units import GROUP, JOINT

if TYPE_CHECKING:
    from breachpattern.timelines import Timelines
    from breachpattern.timelines.build import CheckedTables

FIELDS = (
    "incident", "suspect", "victim", "start", "end", "known", "recorded", "kind", "relationship", "channel",
    "place_role", "offence", "behaviours", "possible", "impact", "means", "occurrence", "acts", "reconciled",
    "cancelled", "closed", "outcome", "force",
)  # fmt: skip
FEW = 8  # rows that are read one by one
BEYOND = 1 << 40  # where versions that the engine has not seen are numbered from
BREACH_FIELDS = (
    "order", "version", "status", "state", "nature", "kinds", "terms", "days_since_served", "reasons", "known",
)  # fmt: skip


class Base:
    """The engine's answer on an extract, to be asked about single people.

    Parameters
    ----------
    timelines : Timelines
    extract : CheckedTables
        The tables of which they were made.
    """

    def __init__(self, timelines: Timelines, extract: CheckedTables) -> None:
        self.timelines, self.extract = timelines, extract
        self.context = Context(timelines)
        columns = timelines.columns
        names = columns.names
        self.persons, self.incidents, self.orders = Texts(names.persons), Texts(names.incidents), Texts(names.orders)
        self._texts = {
            "incident": self.incidents, "suspect": self.persons, "victim": self.persons, "means": Texts(names.means),
            "occurrence": Texts(names.occurrences), "outcome": Texts(names.outcomes), "force": Texts(names.forces),
        }  # fmt: skip
        self.is_on_file = lru_cache(maxsize=1 << 10)(self._is_on_file)
        self.entity = lru_cache(maxsize=1 << 17)(self._entity_of)
        self.has_means = lru_cache(maxsize=1 << 16)(self._has_means)
        self._any_means = bool((columns.means >= 0).any())
        self._entity = shared(timelines.people.entity)
        self._columns = {name: shared(getattr(columns, name)) for name in FIELDS}
        self._suspect, self._victim = self._columns["suspect"], self._columns["victim"]
        self._rows_from = begins(columns.suspect, len(names.persons))
        self._custody = shared(np.flatnonzero(columns.kind == CUSTODY))
        self._event = shared(self.context.event)
        self._stands_for = shared(self.context.stands_for)
        self._event_start = shared(self.context.event_start)
        breaches = timelines.breaches
        order, offsets = self.context._breaches_by_row
        self._breach_at = shared(order), shared(offsets)
        version = breaches["version"].to_numpy()
        by_version = np.argsort(version, kind="stable")
        self._by_version = shared(breaches["row"].to_numpy().astype(np.int64)[by_version])
        self._versions = shared(version[by_version].astype(np.int64))
        protected, person = timelines.orders.protections
        by_person = np.argsort(person, kind="stable")
        self._protected = begins(person[by_person], len(names.persons))
        self._protecting = shared(protected[by_person].astype(np.int64))
        self._breach = {name: shared(breaches[name].fillna(-1).astype(np.int64).to_numpy()) for name in BREACH_FIELDS}
        dyads = self.context.dyads
        self._dyad_suspect = shared(dyads.suspect)
        self._dyads_from = begins(dyads.suspect, len(names.persons))
        self._dyad_victim = shared(dyads.victim)
        self._dyad_offsets = shared(self.context.dyad_rows.offsets)
        self._dyad_rows = shared(self.context.dyad_rows.values)
        rows_by_victim = np.argsort(columns.victim, kind="stable").astype(np.int32)
        self._rows_by_victim = shared(rows_by_victim)
        self._rows_victim = begins(columns.victim[rows_by_victim], len(names.persons))
        self.best = shared(self.context.strength[self.context.course_of_dyad])
        self._course_of_row = shared(self.context.course_of_row)
        self._strength = shared(self.context.strength)
        self._course_kind = shared(timelines.courses.frame["unit"].to_numpy().astype(np.int64))
        self.found = FoundCourses(timelines)
        self.units = {kind: _Wider(timelines, kind) for kind in (GROUP, JOINT)}
        self.last_known = self.context.now if len(columns) else 0
        self.lives = LifeReader(
            timelines.orders, timelines.catalogue, self.persons, self.orders, self.incidents, self._awaited()
        )

    def __len__(self) -> int:
        return len(self._suspect)

    # ------------------------------------------------------------------------------------------------- people
    def _entity_of(self, reference: str) -> tuple[int, str]:
        """Return the code and the name of whom a reference means; ``-1`` and itself where it is not on file."""
        place = self.persons.find(reference) if reference else -1
        if place < 0:
            return -1, reference
        own = self._entity[place]
        return own, reference if own == place else self.persons[own]

    # --------------------------------------------------------------------------------------------------- rows
    def _is_on_file(self, incident: str) -> bool:
        """Return whether an incident has a row."""
        return self.incidents.find(incident) >= 0

    def rows_of_incident(self, incident: str) -> list[Row]:
        """Return the rows of an incident."""
        code = self.incidents.find(incident)
        return self.rows_at(np.flatnonzero(self.timelines.columns.incident == code).tolist()) if code >= 0 else []

    def cells_of_incident(self, incident: str) -> list[dict[str, Any]]:
        """Return the rows of an incident as the extract has them."""
        places = self.timelines.columns.position[[row.place for row in self.rows_of_incident(incident)]]
        cells: list[dict[str, Any]] = self.extract.incidents.take(pa.array(places)).to_pylist()
        return cells

    def span_of_suspect(self, suspect: int) -> tuple[int, int]:
        """Return where the rows of a suspect begin and end."""
        if suspect < 0:
            return 0, 0
        return self._rows_from[suspect], self._rows_from[suspect + 1]

    def custody_of_suspect(self, suspect: int) -> list[int]:
        """Return the places of the rows about a suspect in custody."""
        low, high = self.span_of_suspect(suspect)
        first = bisect_left(self._custody, low)
        return self._custody[first : bisect_left(self._custody, high, first)].tolist()  # type: ignore[no-any-return]

    def span(self, suspect: int, victim: int) -> tuple[int, int]:
        """Return where the rows of a suspect towards a victim begin and end."""
        low, high = self.span_of_suspect(suspect)
        return bisect_left(self._victim, victim, low, high), bisect_right(self._victim, victim, low, high)

    def rows(self, low: int, high: int) -> list[Row]:
        """Return rows by their places ``[low, high)``."""
        if high - low == 1:
            return self._rows((low,), {n: [c[low]] for n, c in self._columns.items()})
        return self._rows(range(low, high), {n: c[low:high].tolist() for n, c in self._columns.items()})

    def rows_at(self, places: Sequence[int]) -> list[Row]:
        """Return rows by their places, one by one."""
        if len(places) < FEW:
            return [row for place in places for row in self.rows(place, place + 1)]
        which = np.asarray(places)
        return self._rows(places, {n: c.obj[which].tolist() for n, c in self._columns.items()})

    def _rows(self, places: Sequence[int], columns: dict[str, list[Any]]) -> list[Row]:
        for name, texts in self._texts.items():
            columns[name] = texts.of(columns[name])
        return [Row(*values) for values in zip(*columns.values(), places, strict=True)]

    def event(self, place: int) -> tuple[int, int, int]:
        """Return the event of a row, how many occasions it stands for, and when it began."""
        return self._event[place], self._stands_for[place], self._event_start[place]

    def breaches(self, place: int, row: Row) -> tuple[Breach, ...]:
        """Return the breaches of a row."""
        at, offsets = self._breach_at
        low, high = offsets[place], offsets[place + 1]
        return tuple(self._breach_of(at[k], row) for k in range(low, high)) if high > low else ()

    def _breach_of(self, k: int, row: Row) -> Breach:
        b, o = self._breach, self.timelines.orders
        version = b["version"][k]
        on_file = version >= 0
        founded = self.lives.founded(version) if on_file else frozenset()
        return Breach(
            row=row,
            order=self.orders[b["order"][k]] if on_file else "",
            version=version,
            order_version=int(o.version[version]) if on_file else -1,
            order_kind=int(o.kind[version]) if on_file else -1,
            order_made=int(o.made[version]) if on_file else NEVER,
            order_served=int(o.served[version]) if on_file else NEVER,
            status=b["status"][k],
            state=b["state"][k],
            nature=b["nature"][k],
            kinds=b["kinds"][k],
            terms=b["terms"][k],
            days_since_served=b["days_since_served"][k],
            reasons=b["reasons"][k],
            known=b["known"][k],
            founded=founded,
        )

    def rows_breaching(self, versions: Iterable[int]) -> list[int]:
        """Return the places of the rows that breach some versions, each once, ascending."""
        found: set[int] = set()
        for version in versions:
            low, high = span(self._versions, version)
            found.update(self._by_version[low:high].tolist())
        return sorted(found)

    def strength_at(self, place: int) -> int:
        """Return the strength of the strongest course that holds a row."""
        course = self._course_of_row[place]
        return self._strength[course] if course >= 0 else 0

    def course_at(self, place: int) -> tuple[int, int]:
        """Return the kind of unit and the strength of the strongest course that holds a row, ``-1`` where none does."""
        course = self._course_of_row[place]
        return (self._course_kind[course], self._strength[course]) if course >= 0 else (-1, 0)

    def respondents_towards(self, victim: int) -> set[int]:
        """Return who is bound by an order version that protects a person."""
        if victim < 0:
            return set()
        low, high = self._protected[victim], self._protected[victim + 1]
        return {int(self.timelines.orders.respondent[v]) for v in self._protecting[low:high].tolist()}

    # -------------------------------------------------------------------------------------------------- dyads
    def dyad(self, suspect: int, victim: int) -> int:
        """Return the dyad of two people, ``-1`` where no conduct is on record."""
        if suspect < 0 or victim < 0:
            return -1
        low, high = self._dyads_from[suspect], self._dyads_from[suspect + 1]
        place = bisect_left(self._dyad_victim, victim, low, high)
        return int(place) if place < high and self._dyad_victim[place] == victim else -1

    def dyads_of_suspect(self, suspect: int) -> list[tuple[int, int]]:
        """Return (dyad, victim code) of a suspect."""
        if suspect < 0:
            return []
        low, high = self._dyads_from[suspect], self._dyads_from[suspect + 1]
        return [(d, self._dyad_victim[d]) for d in range(low, high)]

    def rows_of_dyad(self, dyad: int) -> list[int]:
        """Return the places of the rows of evidence of a dyad."""
        return self._dyad_rows[self._dyad_offsets[dyad] : self._dyad_offsets[dyad + 1]].tolist()  # type: ignore[no-any-return]

    def people_of_dyad(self, dyad: int) -> tuple[str, str]:
        """Return the suspect and the victim of a dyad."""
        return self.persons[self._dyad_suspect[dyad]], self.persons[self._dyad_victim[dyad]]

    # ------------------------------------------------------------------------------------------- means, others
    @cached_property
    def _uses(self) -> tuple[Any, Any, Any, Any]:
        """Rows that name a means and stand, by it, known suspects and unknown ones apart."""
        columns = self.timelines.columns
        used = np.flatnonzero((columns.means >= 0) & ~columns.cancelled)
        known = used[columns.suspect[used] >= 0]
        known = known[np.argsort(columns.means[known], kind="stable")]
        unknown = used[columns.suspect[used] < 0]
        unknown = unknown[np.argsort(columns.means[unknown], kind="stable")]
        return tuple(shared(a) for a in (columns.means[known], columns.suspect[known], columns.means[unknown], unknown))

    def means_code(self, means: str) -> int:
        """Return the code of a number, account or vehicle; ``-1`` where it is not on file."""
        return self._texts["means"].find(means) if means else -1

    def users_of(self, means: str) -> set[str]:
        """Return the known suspects who used a number, account or vehicle."""
        code = self.means_code(means)
        if code < 0:
            return set()
        sorted_means, suspects, _, _ = self._uses
        low, high = span(sorted_means, code)
        return {self.persons[s] for s in set(suspects[low:high].tolist())}

    def unattributed(self, means: str) -> list[Row]:
        """Return the rows of unknown suspects on which a means was used."""
        code = self.means_code(means)
        if code < 0:
            return []
        _, _, sorted_means, rows = self._uses
        low, high = span(sorted_means, code)
        return self.rows_at(rows[low:high].tolist())

    @property
    def has_persons(self) -> bool:
        """Whether there is a table of persons, whose objects may tie them to others."""
        return bool(self.extract.persons.num_rows)

    @cached_property
    def _inferred(self) -> dict[str, list[tuple[int, int, str, str, float]]]:
        frame = self.timelines.inferred
        out: dict[str, list[tuple[int, int, str, str, float]]] = {}
        for place, (respondent, row, order, victim, weight) in enumerate(
            zip(*(frame[c].tolist() for c in ("suspect", "row", "order", "victim", "path_weight")), strict=True)
        ):
            told = place, row, self.orders[order], self.persons[victim], weight
            out.setdefault(self.persons[respondent], []).append(told)
        return out

    def inferred_of(self, respondent: str) -> list[tuple[int, int, str, str, float]]:
        """Return (place, row, order, victim, weight) of what people tied to a respondent did."""
        return self._inferred.get(respondent, [])

    def _has_means(self, suspect: int) -> bool:
        """Return whether any row of a suspect names a number, account or vehicle."""
        if not self._any_means:
            return False
        low, high = self.span_of_suspect(suspect)
        return max(self._columns["means"][low:high].tolist(), default=-1) >= 0

    # ------------------------------------------------------------------------------------------------- orders
    def versions(self, respondent: int) -> tuple[Version, ...]:
        """Return the order versions that bind a person."""
        return self.lives.of_respondent(respondent) if respondent >= 0 else ()

    def versions_of_order(self, order: str) -> tuple[Version, ...]:
        """Return the versions of an order."""
        place = self.orders.find(order)
        return self.lives.of_order(place) if place >= 0 else ()

    def orders_of(self, versions: tuple[Version, ...]) -> tuple[OrderLife, ...]:
        """Return the whole orders of some versions."""
        return self.lives.lives(versions)

    def order_rows(self, respondent: str) -> pa.Table:
        """Return the rows of the orders on file that bind a person."""
        people, table = self.timelines.people, self.extract.orders
        code = self.entity(respondent)[0]
        own = people.named(table["respondent_id"]) == code
        return table.filter(pa.array(own & (code >= 0), pa.bool_()))

    def lives_of(self, orders: pa.Table) -> LifeReader:
        """Return the lives of some rows of orders, as the engine works them out."""
        people = dictionary(orders["respondent_id"], orders["protected_id"])
        shown = pa.array([self.entity(reference)[1] for reference in people.to_pylist()], pa.string())
        texts = dictionary(pa.chunked_array([people]), pa.chunked_array([shown]))
        whole = pa.array([self.entity(reference)[1] for reference in texts.to_pylist()], pa.string())
        lists = [text for text in orders["founded_on"].to_pylist() if text]
        incidents = pa.array(sorted({one.strip() for text in lists for one in text.split(";")} - {""}), pa.string())
        ids = dictionary(orders["order_id"])
        catalogue, as_of = self.timelines.catalogue, self.timelines.as_of
        lives = live_orders(
            orders, catalogue, as_of, people=Entities.known(texts, whole), incident_ids=incidents, order_ids=ids
        )
        return LifeReader(lives, catalogue, Texts(texts), Texts(ids), Texts(incidents), beyond=BEYOND)

    def ready_to_judge(self, row: Row) -> None:
        """Give a row on file what whoever judges it asks; the orders it names may be such as are not on file."""
        columns, place = self.timelines.columns, row.place
        where = columns.postcode[place]
        row.postcode = columns.names.postcodes[int(where)].as_py() if where >= 0 else ""
        row.lat, row.lon = float(columns.lat[place]), float(columns.lon[place])
        row.labelled, row.names_an_order = bool(columns.labelled[place]), bool(columns.names_an_order[place])
        if row.names_an_order:
            written = self.extract.incidents["breach_of"][int(columns.position[place])].as_py() or ""
            row.breach_of = tuple(filter(None, (one.strip() for one in written.split(";"))))

    def _awaited(self) -> dict[int, list[str]]:
        """Return, by version, the incidents it was founded on that are not on file: they may still come."""
        table = self.extract.orders
        rows = np.flatnonzero(table["founded_on"].is_valid().to_numpy())
        out: dict[int, list[str]] = {}
        if len(rows) == 0:
            return out
        orders = self.timelines.orders
        names = self.timelines.columns.names
        order = code(table["order_id"], names.orders)
        version = table["version"].to_numpy()
        respondent = self.timelines.people.named(table["respondent_id"])
        places = {
            key: i
            for i, key in enumerate(
                zip(orders.respondent.tolist(), orders.order.tolist(), orders.version.tolist(), strict=True)
            )
        }
        for row in rows.tolist():
            key = (int(respondent[row]), int(order[row]), int(version[row]))
            if key not in places:
                continue
            written = [t.strip() for t in table["founded_on"][row].as_py().split(";")]
            missing = [text for text in written if text and self.incidents.find(text) < 0]
            if missing:
                out.setdefault(places[key], []).extend(missing)
        return out

    # --------------------------------------------------------------------------------------------------- ties
    @cached_property
    def _ties_from(self) -> Any:
        return begins(self.timelines.ties.left, len(self.persons))

    def near(self, person: int) -> set[str]:
        """Return everybody with whom a person shares a row, an order or a tie."""
        if person < 0:
            return set()
        low, high = self.span_of_suspect(person)
        codes = set(np.asarray(self._victim[low:high]).tolist())
        low, high = self._rows_victim[person], self._rows_victim[person + 1]
        codes |= {self._suspect[row] for row in self._rows_by_victim[low:high]}
        codes |= self.respondents_towards(person)
        codes |= {int(self.timelines.ties.right[tie]) for tie in self.ties_of(person)}
        bound = {p for version in self.versions(person) for p in version.protected}
        return bound | {self.persons[c] for c in codes if c >= 0}

    def ties_of(self, person: int) -> range:
        """Return the places of the ties of a person."""
        if person < 0:
            return range(0)
        return range(self._ties_from[person], self._ties_from[person + 1])


class _Wider:
    """Groups or joint units: which of them a dyad belongs to, and the dyads of each."""

    def __init__(self, timelines: Timelines, kind: int) -> None:
        units = timelines.units[kind]
        self.units = units
        dyads = timelines.units[0]
        dyad_of_row = np.full(len(timelines.columns), -1, np.int64)
        dyad_of_row[dyads.rows] = dyads.unit
        pairs = np.unique(np.stack([units.unit, dyad_of_row[units.rows], units.part]), axis=1)
        self.by_unit: dict[int, list[tuple[int, int]]] = {}
        self.of_dyad: dict[int, list[int]] = {}
        for unit, dyad, part in pairs.T.tolist():
            self.by_unit.setdefault(unit, []).append((dyad, part))
            self.of_dyad.setdefault(dyad, []).append(unit)

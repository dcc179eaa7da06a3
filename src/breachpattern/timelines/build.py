"""Build the timelines of an extract: breaches, occasions and courses as known at an instant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from breachpattern.linking.columns import Columns, Ints, alike
from breachpattern.linking.encoding import encode
from breachpattern.linking.entities import Entities
from breachpattern.linking.orders import Orders, live_orders
from breachpattern.linking.ties import Ties, find_ties
from breachpattern.sorting import order_by
from breachpattern.spans import FOREVER, NEVER, NO, POSSIBLE
from breachpattern.timelines.breaches import expand, find_breaches
from breachpattern.timelines.courses import Courses, Ragged, chain
from breachpattern.timelines.evidence import evidence_rows
from breachpattern.timelines.founding import founded_pairs
from breachpattern.timelines.nexus import Custody, signal_table
from breachpattern.timelines.occasions import Occasions, RowFacts, gather
from breachpattern.timelines.priors import prior_breaches, prior_occasions
from breachpattern.timelines.proxies import inferred_breaches
from breachpattern.timelines.reasons import MAYBE_TERMS, NO_ORDER, NOT_BREACH, UNRECORDED
from breachpattern.timelines.units import DYAD, GROUP, JOINT, Units, dyads, groups, joints
from breachpattern.vocabulary import TERMS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue
    from breachpattern.linking.people import People

Progress = Callable[[str, int, int | None], None]
ON_INCIDENTS, ON_ORDERS = ("suspect_id", "victim_id"), ("respondent_id", "protected_id")


class CheckedTables(Protocol):
    """What the engine needs of an extract: its checked canonical tables."""

    @property
    def incidents(self) -> pa.Table:
        """Canonical incidents."""

    @property
    def orders(self) -> pa.Table:
        """Canonical orders."""

    @property
    def persons(self) -> pa.Table:
        """Canonical persons."""

    @property
    def associations(self) -> pa.Table:
        """Canonical associations."""


@dataclass(frozen=True)
class Tables:
    """Checked canonical tables by themselves."""

    incidents: pa.Table
    orders: pa.Table
    persons: pa.Table
    associations: pa.Table


@dataclass(frozen=True)
class Timelines:
    """Breaches, occasions and courses of an extract, as known at ``as_of``.

    Attributes
    ----------
    columns, orders : Columns, Orders
        The engine's rows and the lives of orders.
    ties : Ties
        What connects people, on file and inferred.
    breaches, inferred, considered : pandas.DataFrame
        See ``docs/architecture.md``; ``inferred`` holds contact by a person tied to the respondent, which is no
        breach that anybody can show; ``considered`` the orders that were not breached.
    courses : Courses
        Dyads first, then groups, then joint units.
    occasions : dict of int to Occasions
        By kind of unit (dyad 0, group 1, joint 2).
    units : dict of int to Units
    people : Entities
        The references of the extract, and who each of them is.
    crowded : pyarrow.Array of string
        Objects that more people share than are on these timelines.
    """

    as_of: int
    catalogue: Catalogue
    people: Entities
    columns: Columns
    orders: Orders
    ties: Ties
    breaches: pd.DataFrame
    inferred: pd.DataFrame
    considered: pd.DataFrame
    courses: Courses
    occasions: dict[int, Occasions]
    units: dict[int, Units]
    crowded: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))

    @property
    def inferred_within_terms(self) -> pd.DataFrame:
        """Inferred contact under an order that says "directly or indirectly".

        Where an order forbids contact alone, that its words reach another's act is a second doubt on top of whose act
        it was: a finding may ask, a row among the breaches would answer.
        """
        said = self.inferred["terms"].to_numpy() & TERMS.mask(["no_indirect_contact"]) != 0
        return self.inferred.iloc[np.flatnonzero(said)]


def build(
    extract: CheckedTables,
    catalogue: Catalogue,
    as_of: int = FOREVER,
    *,
    people: People | None = None,
    crowded: pa.Array | None = None,
    on_progress: Progress | None = None,
) -> Timelines:
    """Return the timelines of an extract.

    Parameters
    ----------
    extract : Extract
        Checked canonical tables.
    catalogue : Catalogue
        The dated law.
    as_of : int, default no limit
        The last second, in seconds UTC, of which anything may be known.
    people : People, optional
        Which references are one human being; without it each reference is taken as it is.
    crowded : pyarrow.Array of string, optional
        Objects and addresses that too many people share to tie anybody: where the tables hold the rows of some people
        only, what the rows of all have shown.
    on_progress : callable, optional
        Called with (stage, done, total) as stages finish.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> from breachpattern.law import Catalogue
    >>> rows = [{"incident_id": "I1", "occurred_from": "2025-03-01T10:00", "suspect_id": "P1"}]
    >>> len(build(read_extract(rows), Catalogue.load()).columns)
    1
    """
    report = on_progress or (lambda *_: None)
    report("timelines: people and records", 0, 4)
    incidents, incident_ids = _encoded(extract.incidents, "incident_id")
    order_rows, order_ids = _encoded(extract.orders, "order_id")
    incidents, order_rows, texts = _people_encoded(incidents, order_rows, extract)
    entities = Entities.known(texts, people.entity_of(texts) if people else None)
    columns = encode(incidents, catalogue, as_of, people=entities, incident_ids=incident_ids, orders=order_ids)
    orders = live_orders(order_rows, catalogue, as_of, people=entities, incident_ids=incident_ids, order_ids=order_ids)
    report("timelines: breaches", 1, 4)
    breaches, considered = find_breaches(columns, orders, catalogue)
    ties = find_ties(columns, orders, extract.associations, extract.persons, entities, as_of, crowded)
    inferred = inferred_breaches(columns, orders, ties, catalogue)
    report("timelines: occasions and courses", 2, 4)
    facts = _row_facts(columns, orders, breaches, catalogue)
    evidence = evidence_rows(columns, catalogue)
    pairs = dyads(columns, evidence)
    units = {DYAD: pairs, GROUP: groups(columns, pairs, ties), JOINT: joints(columns, pairs, ties)}
    custody = Custody(columns)
    occasions, found = {}, []
    for kind, unit in units.items():
        occasions[kind] = gather(
            columns, unit.rows, unit.unit, facts,
            same_occurrence_hours=signal_table().rule.same_occurrence_hours,
        )  # fmt: skip
        founded = founded_pairs(columns, orders, breaches, occasions[kind])
        found.append(chain(columns, unit, occasions[kind], founded, custody))
    courses = _together(found)
    report("timelines: what came before", 3, 4)
    breaches, inferred = _in_pattern(columns, breaches, inferred, courses, occasions[DYAD], pairs)
    courses.frame["breaches"] = _breaches_in(courses, breaches)
    report("timelines", 4, 4)
    return Timelines(
        as_of, catalogue, entities, columns, orders, ties, breaches, inferred, considered, courses, occasions, units,
        pa.array([], pa.string()) if crowded is None else crowded,
    )  # fmt: skip


def _encoded(table: pa.Table, name: str) -> tuple[pa.Table, pa.Array]:
    """Return a table with its ids as a dictionary, and the texts of that."""
    texts, (column,) = alike(table[name])
    return _with(table, {name: column}), texts


def _people_encoded(
    incidents: pa.Table, orders: pa.Table, extract: CheckedTables
) -> tuple[pa.Table, pa.Table, pa.Array]:
    """Return tables with the people on them as one dictionary, and its texts: the references of all tables."""
    ties = extract.associations
    texts, columns = alike(
        *(incidents[name] for name in ON_INCIDENTS),
        *(orders[name] for name in ON_ORDERS),
        ties["person_id"], ties["other_id"], extract.persons["person_id"],
    )  # fmt: skip
    incidents = _with(incidents, dict(zip(ON_INCIDENTS, columns, strict=False)))
    return incidents, _with(orders, dict(zip(ON_ORDERS, columns[len(ON_INCIDENTS) :], strict=False))), texts


def _with(table: pa.Table, columns: Mapping[str, pa.ChunkedArray]) -> pa.Table:
    """Return a table with some columns in the place of its own."""
    for name, column in columns.items():
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def _row_facts(columns: Columns, orders: Orders, breaches: pd.DataFrame, catalogue: Catalogue) -> RowFacts:
    n = len(columns)
    conduct = np.array([bool(catalogue.offences[o].conduct) for o in catalogue.offence_ids] + [False])
    row, version = breaches["row"].to_numpy(), breaches["version"].to_numpy()
    of_order = version >= 0
    state = np.full(n, NO, np.int8)
    # What the words of the order may not reach, it has told the respondent less about.
    doubtful = (breaches["status"].to_numpy() == UNRECORDED) & (breaches["reasons"].to_numpy() & MAYBE_TERMS != 0)
    told = np.where(doubtful, np.minimum(breaches["state"].to_numpy(), POSSIBLE), breaches["state"].to_numpy())
    np.maximum.at(state, row[of_order], told[of_order].astype(np.int8))
    made = np.full(n, NEVER, np.int64)
    np.maximum.at(made, row[of_order], orders.made[version[of_order]])
    return RowFacts(
        conduct_crime=conduct[columns.offence],
        order_state=state,
        order_made=made,
        warned_at=_warnings(columns, orders),
    )


def _warnings(columns: Columns, orders: Orders) -> Ints:
    """Return for each row the first second at which the suspect had been warned about this victim."""
    warned = np.full(len(columns), FOREVER, np.int64)
    notice = np.flatnonzero(~orders.is_order)
    if len(notice) == 0:
        return warned
    given = np.where(orders.start_hi[notice] == FOREVER, orders.made[notice], orders.start_hi[notice])
    low = np.searchsorted(columns.suspect, orders.respondent[notice], side="left")
    high = np.searchsorted(columns.suspect, orders.respondent[notice], side="right")
    item, row = expand(np.arange(len(notice)), low, high)
    about = orders.protects(notice[item], columns.victim[row]) & (given[item] != NEVER)
    np.minimum.at(warned, row[about], given[item[about]])
    return warned


def _together(found: list[Courses]) -> Courses:
    """Return the courses of all kinds of unit, dyads first."""
    first, *others = found
    frame = pd.concat([c.frame for c in found], ignore_index=True)
    links, base = [first.links], len(first.frame)
    suspects, victims, rows, members = first.suspects, first.victims, first.rows, first.members
    for courses in others:
        links.append(courses.links.assign(course=courses.links["course"] + base))
        base += len(courses.frame)
        suspects, victims = suspects.append(courses.suspects), victims.append(courses.victims)
        rows, members = rows.append(courses.rows), members.append(courses.members)
    return Courses(frame, suspects, victims, rows, members, pd.concat(links, ignore_index=True))


def _in_pattern(
    columns: Columns,
    breaches: pd.DataFrame,
    inferred: pd.DataFrame,
    courses: Courses,
    occasions: Occasions,
    pairs: Units,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add to breaches the strongest course that holds each, and what came before as it was known then.

    What came before an inferred breach are the respondent's own acts; it is never counted before another.
    """
    course = np.full(len(columns), -1, np.int64)
    strength = courses.frame["strength"].to_numpy()
    owner = np.repeat(np.arange(len(courses.frame)), np.diff(courses.rows.offsets))
    order = order_by(strength[owner], -owner)
    course[courses.rows.values[order]] = owner[order]
    before = prior_breaches(breaches, inferred)
    out = []
    for frame, prior in ((breaches, before[: len(breaches)]), (inferred, before[len(breaches) :])):
        held = course[frame["row"].to_numpy()]
        out.append(
            frame.assign(
                course=held,
                strength=np.append(strength, 0)[held].astype(np.int8),
                prior_occasions_365d=prior_occasions(columns, frame, occasions, pairs),
                prior_breaches=prior,
            ).drop(columns=["certain"])
        )
    return out[0], out[1]


def _breaches_in(courses: Courses, breaches: pd.DataFrame) -> Ints:
    """Count the breach incidents of each course."""
    breached = np.zeros(int(courses.rows.values.max()) + 1 if len(courses.rows.values) else 0, np.int64)
    rows = breaches["row"].to_numpy()
    incident = np.full(len(breached), -1, np.int64)
    inside = rows < len(breached)
    incident[rows[inside]] = breaches["incident"].to_numpy()[inside]
    owner = np.repeat(np.arange(len(courses.frame)), np.diff(courses.rows.offsets))
    values = incident[courses.rows.values]
    kept = Ragged.distinct(owner[values >= 0], values[values >= 0], len(courses.frame))
    return np.diff(kept.offsets)


__all__ = ["NOT_BREACH", "NO_ORDER", "POSSIBLE", "Progress", "Timelines", "build"]

"""What the measures ask of an analysis again and again: recorded breaches, pairs, conduct crimes, orders in force."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Bools, Columns, Ints
from breachpattern.output.tables import texts_of
from breachpattern.patterns.context import Context
from breachpattern.review.measures.definitions import APPLICATIONS
from breachpattern.review.measures.near import alive, has_near
from breachpattern.review.measures.verdicts import Verdicts
from breachpattern.sorting import order_by
from breachpattern.spans import DAY, london_days
from breachpattern.timelines.evidence import pair_key
from breachpattern.timelines.reasons import NO_ORDER, RECORDED, UNRECORDED
from breachpattern.vocabulary import STRENGTHS

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis
    from breachpattern.review.measures.actions import Actions

LOOK_BACK = 365 * DAY
ARGUABLE = STRENGTHS.index("arguable")
STALKING_PROTECTION = ("stalking_protection", "interim_stalking_protection", "stalking_protection_ni")
_DISTRICT = r"^(?P<district>[A-Z]{1,2}[0-9][A-Z0-9]?)[0-9][A-Z]{2}$"


@dataclass(frozen=True)
class Facts:
    """An analysis as the measures see it.

    Rows are rows of the engine's columns (incident × suspect × victim, known at the instant of the analysis). A pair
    is a suspect and a victim who are both known; ``-1`` stands for no pair.
    """

    analysis: Analysis
    actions: Actions
    verdicts: Verdicts = field(default_factory=Verdicts)

    @cached_property
    def context(self) -> Context:
        """The timelines, and what follows from them."""
        return Context(self.analysis.timelines)

    @property
    def columns(self) -> Columns:
        """The engine's rows."""
        return self.context.columns

    @cached_property
    def pair(self) -> Ints:
        """The pair of each row."""
        columns = self.columns
        known = (columns.suspect >= 0) & (columns.victim >= 0)
        return np.asarray(np.where(known, pair_key(columns, columns.suspect, columns.victim), -1), dtype=np.int64)

    @cached_property
    def standing(self) -> Bools:
        """Where a record was not cancelled."""
        return np.asarray(~self.columns.cancelled)

    # ------------------------------------------------------------------------------------------ breaches
    @cached_property
    def says_breach(self) -> Bools:
        """Where an entry of the breaches is one by its own record, whether or not an order fits."""
        status = self.context.breach.status
        return np.asarray(((status == RECORDED) | (status == NO_ORDER)) & self.standing[self.context.breach.row])

    @cached_property
    def counts_as_breach(self) -> Bools:
        """Where an entry of the breaches counts as one: its own record says so, or a reviewer confirmed it."""
        breach = self.context.breach
        confirmed = (breach.status == UNRECORDED) & self.standing[breach.row]
        return np.asarray(self.says_breach | (confirmed & self.of_incidents(self.verdicts.breaches)[breach.row]))

    @cached_property
    def breaches(self) -> Ints:
        """The rows that count as a breach, sorted."""
        return np.unique(self.context.breach.row[self.counts_as_breach]).astype(np.int64)

    @cached_property
    def is_breach(self) -> Bools:
        """Where a row counts as a breach."""
        return self.marked(self.breaches)

    @cached_property
    def called(self) -> Bools:
        """Where a record of the incident itself says that an order was breached."""
        out = np.zeros(len(self.columns.names.incidents) + 1, np.bool_)
        out[self.context.breach.incident[self.says_breach]] = True
        return out[self.columns.incident]

    @cached_property
    def prior(self) -> Ints:
        """How many occasions of the pair came in the 365 days before each breach row, as known then; else 0."""
        out = np.zeros(len(self.columns), np.int64)
        frame = self.analysis.timelines.breaches
        np.maximum.at(out, frame["row"].to_numpy(), frame["prior_occasions_365d"].to_numpy().astype(np.int64))
        return out

    @cached_property
    def in_course(self) -> Bools:
        """Where a row lies in a course that is at least arguable."""
        return np.asarray(self.context.strength[self.context.course_of_row] >= ARGUABLE)

    @cached_property
    def conduct(self) -> Bools:
        """Where a standing row is a conduct crime: stalking, harassment, coercive control."""
        return self.context.conduct() & self.standing

    @cached_property
    def applied(self) -> Ints:
        """The rows that are an application for a stalking protection order, by their code."""
        said = pc.is_in(pc.utf8_upper(self.written("offence_code")), value_set=pa.array(APPLICATIONS))
        return np.flatnonzero(said.to_numpy() & self.standing)

    @cached_property
    def speaking(self) -> Ints:
        """The rows whose free text speaks of a broken order."""
        texts, narrative = self.written("narrative"), self.context.catalogue.narrative
        hits = np.flatnonzero(pc.fill_null(pc.match_substring_regex(texts, narrative.pattern), False).to_numpy())
        # The rows of one incident repeat its text: each is read once.
        found = pc.dictionary_encode(texts.take(pa.array(hits))).combine_chunks()
        kept = np.array([narrative.speaks_of_breach(text) for text in found.dictionary.to_pylist()], np.bool_)
        rows = hits[kept[found.indices.to_numpy()]]
        return np.asarray(rows[self.standing[rows]], dtype=np.int64)

    # ------------------------------------------------------------------------------------ rows and events
    def written(self, name: str) -> pa.ChunkedArray:
        """Return a column of the incidents as it was read, one entry for each row of the columns."""
        return self.analysis.extract.incidents[name].take(pa.array(self.columns.position))

    def of_incidents(self, ids: tuple[str, ...]) -> Bools:
        """Return where a row belongs to one of some incidents."""
        named = pc.is_in(self.columns.names.incidents, value_set=pa.array(ids, pa.string()))
        return np.append(named.to_numpy(zero_copy_only=False), False)[self.columns.incident]

    def marked(self, rows: Ints) -> Bools:
        """Return a flag for every row of the columns, true for some."""
        out = np.zeros(len(self.columns), np.bool_)
        out[rows] = True
        return out

    def has_near(
        self,
        asked: Ints,
        since: Ints,
        until: Ints,
        among: Ints,
        at: Ints,
        ends: Ints | None = None,
        *,
        of: Ints | None = None,
    ) -> Bools:
        """Return for each row asked whether one of other rows, of the same pair, came, or may have, in a time.

        Parameters
        ----------
        asked : (n,) int64
            Rows.
        since, until : (n,) int64
            Seconds UTC, both inclusive.
        among, at : (m,) int64
            Rows, and the second at which each came.
        ends : (m,) int64, optional
            The last second at which each can have come; default ``at``.
        of : (rows,) int64, optional
            What has to be the same; default the pair.
        """
        label = self.pair if of is None else of
        return has_near(label[asked], since, until, label[among], at, ends)

    @cached_property
    def next_event(self) -> Ints:
        """The first row of the next event of the same pair, ``-1`` where none follows.

        A cancelled record is none, nor is an application to a court.
        """
        event, pair, start = self.context.event, self.pair, self.columns.start
        order = order_by(pair, start)
        order = order[(self.standing & ~self.marked(self.applied))[order]]
        fresh = np.append(True, (event[order][1:] != event[order][:-1]) | (pair[order][1:] != pair[order][:-1]))[
            : len(order)
        ]
        first = np.flatnonzero(fresh)
        group = np.cumsum(fresh) - 1
        following = np.append(first[1:], -1)[group]
        out = np.full(len(pair), -1, np.int64)
        there = following >= 0
        there[there] &= pair[order][following[there]] == pair[order][there]
        there &= pair[order] >= 0
        out[order[there]] = order[following[there]]
        return out

    # -------------------------------------------------------------------------------------------- orders
    @cached_property
    def protected_pairs(self) -> tuple[Ints, Ints]:
        """(order version, pair of respondent and protected person)."""
        version, person = self.context.orders.protections
        respondent = self.context.orders.respondent[version]
        pair = np.where(respondent >= 0, pair_key(self.columns, respondent, person), -1)
        return version, pair

    def in_force(self, rows: Ints) -> Bools:
        """Return where an order that protects the victim from the suspect was, or may have been, in force."""
        orders = self.context.orders
        version, pair = self.protected_pairs
        kept = orders.is_order[version]
        version, pair = version[kept], pair[kept]
        return alive(self.pair[rows], self.columns.start[rows], pair, orders.start_lo[version], orders.end_hi[version])

    @cached_property
    def of_stalking(self) -> Bools:
        """Which order versions are stalking protection orders, interim or full."""
        kinds = self.context.catalogue.order_kind_ids
        wanted = [kinds.index(kind) for kind in STALKING_PROTECTION if kind in kinds]
        return np.asarray(np.isin(self.context.orders.kind, wanted))

    def guarded(self, rows: Ints, since: Ints, until: Ints) -> Bools:
        """Return where a stalking protection order that protects the victim, or names nobody, stood in a time."""
        orders, wanted = self.context.orders, self.of_stalking
        last = np.maximum(orders.made, orders.end_hi)
        version, pair = self.protected_pairs
        of, label = version[wanted[version]], pair[wanted[version]]
        named = has_near(self.pair[rows], since, until, label, orders.made[of], last[of])
        anybody = np.flatnonzero(wanted & orders.names_nobody)
        suspect, bound = self.columns.suspect[rows].astype(np.int64), orders.respondent[anybody].astype(np.int64)
        return named | has_near(suspect, since, until, bound, orders.made[anybody], last[anybody])

    # ---------------------------------------------------------------------------------- how it is divided
    @cached_property
    def month(self) -> npt.NDArray[np.int64]:
        """The London month in which each row was recorded, months since 1970."""
        days = london_days(self.columns.recorded).astype("M8[D]")
        return np.asarray(days.astype("M8[M]").astype(np.int64))

    @cached_property
    def districts(self) -> pa.Array:
        """The postcode district behind each code of ``columns.postcode``, null where the postcode is only a part."""
        return pc.struct_field(pc.extract_regex(self.columns.names.postcodes, _DISTRICT), [0])

    @cached_property
    def order_kind(self) -> Ints:
        """The kind of order that each breach broke (the first of several), ``-1`` where none is on file."""
        out = np.full(len(self.columns), -1, np.int64)
        breach = self.context.breach
        of_order = np.flatnonzero(breach.version >= 0)[::-1]
        out[breach.row[of_order]] = self.context.orders.kind[breach.version[of_order]]
        return out

    @cached_property
    def now(self) -> int:
        """The last second of which anything is known."""
        return self.context.now

    # ------------------------------------------------------------------------------------- what is on file
    def missing(self, needs: tuple[str, ...]) -> list[str]:
        """Return what a measure needs and the extract does not hold."""
        return [need for need in needs if not any(self._holds(one) for one in need.split("|"))]

    def _holds(self, need: str) -> bool:
        table, _, column = need.partition(".")
        if table == "actions":
            known = self.actions.frame[self.actions.frame["at"] <= self.now]
            return bool((known["action"] == column).any())
        rows = self._known(table)
        if not column:
            return bool(rows.num_rows)
        if column == "narrative" and column not in rows.column_names:
            return False
        column, _, value = column.partition("=")
        if value:
            return bool(pc.any(pc.equal(rows[column].cast(pa.string()), value)).as_py())
        if column == "terms":
            return bool(pc.any(pc.not_equal(rows[column], 0)).as_py())
        name = column if column in rows.column_names else f"{column.removesuffix('_at').removesuffix('_from')}_lo"
        return bool(rows[name].null_count < rows.num_rows)

    def _known(self, table: str) -> pa.Table:
        """Return the rows of a table that were known at the instant of the analysis."""
        rows: pa.Table = getattr(self.analysis.extract, table)
        if table == "incidents" and self.columns.not_yet_known:
            return rows.take(pa.array(self.columns.position))
        return self.orders_table if table == "orders" else rows

    @cached_property
    def orders_table(self) -> pa.Table:
        """The rows of the orders that were known at the instant of the analysis."""
        rows, orders, key = self.analysis.extract.orders, self.context.orders, ["order_id", "version"]
        texts = texts_of(self.columns.names.orders, orders.order).to_pandas()
        known = pd.MultiIndex.from_arrays([texts, orders.version])
        return rows.filter(pa.array(pd.MultiIndex.from_frame(rows.select(key).to_pandas()).isin(known)))


def by_incident(facts: Facts, rows: Ints, *flags: Bools) -> tuple[Ints, list[Bools]]:
    """Return the first row of each incident of some rows, and for each flag whether it holds in any of its rows.

    Parameters
    ----------
    rows : (n,) int64
    *flags : (n,) bool
    """
    incident, first, place = np.unique(facts.columns.incident[rows], return_index=True, return_inverse=True)
    out = []
    for flag in flags:
        any_of = np.zeros(len(incident), np.bool_)
        np.logical_or.at(any_of, place.reshape(-1), flag)
        out.append(any_of)
    return rows[first], out

"""What the measures ask of an analysis again and again: recorded breaches, pairs, conduct crimes, orders in force."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Bools, Columns, Ints
from breachpattern.patterns.context import Context
from breachpattern.sorting import order_by
from breachpattern.spans import DAY, FOREVER, NEVER, london_days
from breachpattern.timelines.evidence import pair_key
from breachpattern.timelines.reasons import NO_ORDER, RECORDED
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
    def recorded(self) -> Ints:
        """The rows that are recorded as a breach, sorted: the record itself says so, whether or not an order fits."""
        status = self.context.breach.status
        rows = np.unique(self.context.breach.row[(status == RECORDED) | (status == NO_ORDER)])
        return np.asarray(rows[self.standing[rows]], dtype=np.int64)

    @cached_property
    def is_recorded_breach(self) -> Bools:
        """Where a row is recorded as a breach."""
        return self.marked(self.recorded)

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

    # ------------------------------------------------------------------------------------ rows and events
    def marked(self, rows: Ints) -> Bools:
        """Return a flag for every row of the columns, true for some."""
        out = np.zeros(len(self.columns), np.bool_)
        out[rows] = True
        return out

    def has_near(
        self, asked: Ints, since: Ints, until: Ints, among: Ints, at: Ints, *, of: Ints | None = None
    ) -> Bools:
        """Return for each row asked whether one of other rows, of the same pair, came in ``[since, until]``.

        Parameters
        ----------
        asked : (n,) int64
            Rows.
        since, until : (n,) int64
            Seconds UTC, both inclusive.
        among, at : (m,) int64
            Rows, and the second at which each came.
        of : (rows,) int64, optional
            What has to be the same; default the pair.
        """
        label = self.pair if of is None else of
        return has_near(label[asked], since, until, label[among], at)

    @cached_property
    def next_event(self) -> Ints:
        """The first row of the next event of the same pair, ``-1`` where none follows."""
        event, pair, start = self.context.event, self.pair, self.columns.start
        order = order_by(pair, start)
        fresh = np.append(True, (event[order][1:] != event[order][:-1]) | (pair[order][1:] != pair[order][:-1]))[
            : len(order)
        ]
        first = np.flatnonzero(fresh)
        group = np.cumsum(fresh) - 1
        following = np.append(first[1:], -1)[group]
        out = np.full(len(order), -1, np.int64)
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

    def protection_of_stalking(self) -> tuple[Ints, Ints]:
        """Return (pair, second made) of the stalking protection orders, interim or full."""
        orders = self.context.orders
        kinds = self.context.catalogue.order_kind_ids
        wanted = np.isin(orders.kind, [kinds.index(k) for k in STALKING_PROTECTION if k in kinds])
        version, pair = self.protected_pairs
        kept = wanted[version]
        return pair[kept], orders.made[version][kept]

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
        """The kind of order that each recorded breach broke (the first of several), ``-1`` where none is on file."""
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
            return bool((self.actions.frame["action"] == column).any())
        rows: pa.Table = getattr(self.analysis.extract, table)
        if table == "incidents" and self.columns.not_yet_known:
            rows = rows.take(pa.array(self.columns.position))
        if not column:
            return bool(rows.num_rows)
        column, _, value = column.partition("=")
        if value:
            return bool(pc.any(pc.equal(rows[column].cast(pa.string()), value)).as_py())
        if column == "terms":
            return bool(pc.any(pc.not_equal(rows[column], 0)).as_py())
        name = column if column in rows.column_names else f"{column.removesuffix('_at').removesuffix('_from')}_lo"
        return bool(rows[name].null_count < rows.num_rows)


def has_near(label: Ints, since: Ints, until: Ints, among: Ints, at: Ints) -> Bools:
    """Return for each question whether something with the same label came in ``[since, until]``; ``-1`` never does.

    Examples
    --------
    >>> ask, label = np.array([7, 7, -1]), np.array([7, -1])
    >>> has_near(ask, np.array([0, 6, 0]), np.array([5, 9, 9]), label, np.array([5, 5])).tolist()
    [True, False, False]
    """
    return np.asarray(_counted(label, until, among, at, "right") > _counted(label, since, among, at, "left"))


def alive(label: Ints, moment: Ints, among: Ints, start: Ints, end: Ints) -> Bools:
    """Return for each question whether a span ``[start, end)`` with the same label holds the moment.

    Examples
    --------
    >>> alive(np.array([1, 1, 2]), np.array([4, 5, 4]), np.array([1]), np.array([0]), np.array([5])).tolist()
    [True, False, False]
    """
    begun = _counted(label, moment, among, start, "right")
    return np.asarray(begun > _counted(label, moment, among, np.maximum(start, end), "right"))


def _counted(label: Ints, moment: Ints, among: Ints, at: Ints, side: str) -> Ints:
    """Return how many of ``at`` with the same label lie before a moment (``left``) or not after it (``right``)."""
    names, places = np.unique(among[among >= 0], return_inverse=True)
    times, when = np.unique(at[among >= 0], return_inverse=True)
    width = len(times) + 1
    keys = np.sort(places.reshape(-1) * width + when.reshape(-1))
    if len(keys) == 0:
        return np.zeros(len(label), np.int64)
    place = np.minimum(np.searchsorted(names, label), len(names) - 1)
    found = (names[place] == label) & (label >= 0)
    rank = np.searchsorted(times, moment, side=side)  # type: ignore[call-overload]
    below = np.searchsorted(keys, place * width + rank, side="left")
    return np.where(found, below - np.searchsorted(keys, place * width, side="left"), 0).astype(np.int64)


def seconds_known(values: Ints) -> Bools:
    """Return where a second is neither unknown past nor unknown future."""
    return np.asarray((values != NEVER) & (values != FOREVER))


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


__all__ = ["ARGUABLE", "LOOK_BACK", "Facts", "alive", "by_incident", "has_near", "seconds_known"]

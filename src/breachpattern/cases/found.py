"""The occasions and courses of one suspect towards one victim, as the engine found them.

What it worked out for all is read off its arrays for one, so that nobody who asks waits until it is worked out again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from breachpattern.cases.chains import Chain, recalled
from breachpattern.cases.courses import Beside, Course, inner_points
from breachpattern.cases.lives import shared
from breachpattern.cases.nexus import link_of
from breachpattern.cases.occasions import Entry, Occasion, occasion_of
from breachpattern.cases.signs import NO_SIGNS, shown
from breachpattern.timelines.units import DYAD

if TYPE_CHECKING:
    from breachpattern.timelines import Timelines


class FoundCourses:
    """Reads occasions and courses of pairs.

    Parameters
    ----------
    timelines : Timelines
    """

    def __init__(self, timelines: Timelines) -> None:
        occasions, courses = timelines.occasions[DYAD], timelines.courses
        frame = courses.frame
        self._occasions = shared(np.searchsorted(occasions.unit, np.arange(len(timelines.units[DYAD].suspect) + 1)))
        of_row = np.full(len(timelines.columns), -1, np.int32)
        of_row[occasions.rows] = occasions.row_occasion
        self._of_row = shared(of_row)
        of_pairs = int(np.count_nonzero(frame["unit"].to_numpy() == DYAD))  # these come first
        members = courses.members
        of_course = np.repeat(np.arange(of_pairs), np.diff(members.offsets[: of_pairs + 1]))
        course = np.full(len(occasions), -1, np.int32)
        course[members.values[: members.offsets[of_pairs]]] = of_course
        self._course = shared(course)
        links = courses.links
        order = np.argsort(links["course"].to_numpy(), kind="stable")
        link_at = np.searchsorted(links["course"].to_numpy()[order], np.arange(of_pairs + 1))
        self._link_at, own = shared(link_at), order[: link_at[-1]]
        self._links = tuple(shared(links[name].to_numpy()[own]) for name in ("score", "later", "earlier", "signals"))
        self._graded = tuple(
            shared(frame[name].to_numpy()[:of_pairs])
            for name in ("occasions", "acts", "first_at", "last_at", "strength", "support", "signals")
        )

    def occasions(self, entries: list[Entry]) -> list[Occasion]:
        """Return the occasions of the rows of a pair."""
        held: dict[int, list[Entry]] = {}
        of_row = self._of_row
        for entry in entries:
            held.setdefault(of_row[entry.row.place], []).append(entry)
        return [occasion_of(held[one]) for one in sorted(held)]

    def chain(self, dyad: int, occasions: list[Occasion], beside: Beside) -> Chain:
        """Return the chain of a pair, of which the occasions are given."""
        low, high = self._occasions[dyad], self._occasions[dyad + 1]
        members: dict[int, list[int]] = {}
        for place, course in enumerate(self._course[low:high].tolist()):
            if course >= 0:
                members.setdefault(course, []).append(place)
        return recalled(occasions, beside, [self._read(k, low, own, occasions) for k, own in members.items()])

    def _read(self, k: int, low: int, members: list[int], occasions: list[Occasion]) -> Course:
        first, last = self._link_at[k], self._link_at[k + 1]
        score, later, earlier, signals = (column[first:last].tolist() for column in self._links)
        count, acts, first_at, last_at, strength, support, all_signals = (column[k] for column in self._graded)
        tree = [link_of(w, i - low, j - low, s) for w, i, j, s in zip(score, earlier, later, signals, strict=True)]
        inner = [inner_points(occasions[m]) for m in members if occasions[m].count > 1]
        union = 0
        for one in signals:
            union |= one
        return Course(
            members, tree, sum(inner), len(inner), count, acts, first_at, last_at, sum(score), union, strength, support,
            all_signals, shown(NO_SIGNS, [occasions[m] for m in members]),
        )  # fmt: skip

"""Nexus: what connects two occasions, and what speaks against it, in points with a reason and an authority.

The signals and their weights are data (``signals.toml``); ``docs/strength.md`` explains the rule and why it
has no cliff.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.columns import Bools, Columns, Floats, Ints
from breachpattern.sorting import order_by
from breachpattern.spans import DAY, FOREVER, NEVER
from breachpattern.timelines.in_common import shared
from breachpattern.timelines.occasions import Occasions
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS, IMPACTS, INCIDENT_KINDS, PLACE_ROLES

SECONDS = float(DAY)
CLOSE_DAYS, LONG_DAYS = 30, 182
REMOTE = ("phone", "text", "email", "social_media", "post", "online_other", "third_party")
AROUND_THE_VICTIM = ("victim_home", "victim_work", "victim_school")


@dataclass(frozen=True)
class Signal:
    """One reason for or against a connection: its points, its words and what it rests on."""

    id: str
    weight: float
    text: str
    basis: str
    against: bool = False
    serious: bool = False
    course: bool = False
    provisions: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Rule:
    """The rule of strength: thresholds in points, windows in days or hours."""

    at_once: float
    scale_days: float
    link: float
    arguable: float
    clear: float
    clear_days: int
    lags: int
    same_occurrence_hours: float
    short_run_hours: float
    arrest_days: float
    basis: str


@dataclass(frozen=True)
class SignalTable:
    """All signals in the order of their bits, the rule, and the kinds of behaviour."""

    signals: tuple[Signal, ...]
    rule: Rule
    kinds: dict[str, int]

    def bit(self, signal: str) -> int:
        """Return the bit of a signal in a mask."""
        return 1 << self.index(signal)

    def index(self, signal: str) -> int:
        """Return the position of a signal."""
        return [s.id for s in self.signals].index(signal)

    def mask(self, *, against: bool | None = None, serious: bool | None = None) -> int:
        """Return the mask of the signals that speak for or against, or are serious."""
        return sum(
            1 << i
            for i, s in enumerate(self.signals)
            if (against is None or s.against == against) and (serious is None or s.serious == serious)
        )

    def points(self, masks: Ints) -> Floats:
        """Return the sum of the weights of the signals of each mask; of many masks few are distinct."""
        coded = pa.array(masks).dictionary_encode()
        distinct = coded.dictionary.to_numpy()
        out = np.zeros(len(distinct))
        for i, signal in enumerate(self.signals):
            if signal.weight:
                out += np.where(distinct >> i & 1 == 1, signal.weight, 0.0)
        return np.asarray(out[coded.indices.to_numpy()])

    def of(self, mask: int) -> tuple[Signal, ...]:
        """Return the signals of a mask, in table order."""
        return tuple(s for i, s in enumerate(self.signals) if mask >> i & 1)


@cache
def signal_table() -> SignalTable:
    """Return the table of ``signals.toml``.

    Examples
    --------
    >>> signal_table().signals[signal_table().index("reconciled")].weight
    -3.0
    """
    data = tomllib.loads(files("breachpattern.timelines").joinpath("signals.toml").read_text("utf-8"))
    return SignalTable(
        signals=tuple(Signal(**entry | {"provisions": tuple(entry.get("provisions", ()))}) for entry in data["signal"]),
        rule=Rule(**data["rule"]),
        kinds={name: BEHAVIOURS.mask(members) for name, members in data["kinds"].items()},
    )


def proximity(gap_days: Floats, rule: Rule) -> Floats:
    """Return the points of closeness in time: each doubling of a long gap costs one, and no gap is a cliff.

    Examples
    --------
    >>> proximity(np.array([0.0, 14.0, 98.0]), signal_table().rule).tolist()
    [3.0, 2.0, 0.0]
    """
    return np.asarray(rule.at_once - np.log2(1 + np.maximum(gap_days, 0) / rule.scale_days))


class Custody:
    """Time that each suspect spent in custody, as the extract's own custody records say, cancelled ones apart."""

    def __init__(self, columns: Columns) -> None:
        spell = (
            (columns.kind == INCIDENT_KINDS.index("custody"))
            & (columns.suspect >= 0)
            & ~columns.cancelled
            & (columns.end - columns.start >= DAY)
        )
        rows = np.flatnonzero(spell)
        self._none = len(rows) == 0
        if self._none:
            return
        rows = rows[order_by(columns.suspect[rows], columns.start[rows])]
        suspect, start, end = columns.suspect[rows].astype(np.int64), columns.start[rows], columns.end[rows]
        self._base, self._width = int(start.min()), np.int64(int(end.max()) - int(start.min()) + 2)
        low = suspect * self._width + (start - self._base)
        high = np.maximum.accumulate(suspect * self._width + (end - self._base))
        low = np.maximum(low, np.append(low[0], high[:-1]))
        self._low, self._high = low, np.maximum(high, low)
        self._before = np.append(0, np.cumsum(self._high - self._low))

    def seconds(self, suspect: npt.NDArray[Any], start: Ints, end: Ints) -> Ints:
        """Return the seconds each suspect spent in custody within ``[start, end)``."""
        if self._none:
            return np.zeros(len(start), np.int64)
        spent = self._until(suspect, end) - self._until(suspect, start)
        return np.where((suspect >= 0) & (end > start), spent, 0)

    def _until(self, suspect: npt.NDArray[Any], moment: Ints) -> Ints:
        offset = np.clip(moment - self._base, 0, self._width - 1)
        key = np.maximum(suspect, 0).astype(np.int64) * self._width + offset
        place = np.searchsorted(self._low, key, side="right")
        inside = np.maximum(place - 1, 0)
        over = np.where(place > 0, np.maximum(self._high[inside] - key, 0), 0)
        return np.asarray(self._before[place] - over)


@dataclass(frozen=True)
class Links:
    """Comparisons of an earlier with a later occasion: points, signals and the unexplained gap in seconds."""

    earlier: Ints
    later: Ints
    score: Floats
    signals: Ints
    gap: Ints

    def take(self, index: Ints) -> Links:
        """Return some of the comparisons."""
        return Links(*(getattr(self, f.name)[index] for f in fields(self)))

    @classmethod
    def together(cls, parts: Sequence[Links]) -> Links:
        """Return the comparisons of each part, one part after the other."""
        return cls(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)))


def compare(
    occasions: Occasions,
    earlier: Ints | slice,
    later: Ints | slice,
    unit_suspect: npt.NDArray[Any],
    custody: Custody,
    *,
    founded: bool = False,
) -> Links:
    """Return the nexus between pairs of occasions of one unit.

    Parameters
    ----------
    occasions : Occasions
    earlier, later : (n,) int64, or slice
        Indices of occasions; ``earlier`` comes first in time. Of neighbours, slices: nothing is copied then. What it
        returns of two that are not of one unit means nothing.
    unit_suspect : (units,) int
        The suspect of each unit, ``-1`` where it has several.
    custody : Custody
        Explains gaps.
    founded : bool, default False
        The later occasions breach an order that was founded on the earlier ones.
    """
    table = signal_table()
    kinds = table.kinds
    o, i, j = occasions, earlier, later
    gap = np.maximum(o.start[j] - o.end[i], 0)
    explained = custody.seconds(unit_suspect[o.unit[j]], o.end[i], o.start[j])
    open_gap = np.maximum(gap - explained, 0)
    days = open_gap / SECONDS
    apart = o.day[j] - o.day[i]
    year = np.abs(apart - np.rint(apart / 365.25) * 365.25)
    before, done = o.behaviours[i], o.behaviours[j]
    # What recurs on the day is conduct aimed at somebody (Lau); an act for gain alone has no anniversary.
    aimed = _aimed(before, kinds) & _aimed(done, kinds)
    recurring = (apart >= 300) & (year <= 3) & aimed
    both = before & done & ~BEHAVIOURS.mask(["other"])
    akin = np.zeros(len(gap), np.bool_)
    for name in ("message", "presence", "confrontation", "property"):
        akin |= (before & kinds[name] != 0) & (done & kinds[name] != 0)
    gain = (done != 0) & ((before | done) & ~kinds["for_gain"] == 0)
    same = (both != 0) & ~gain
    stalking = (before & kinds["stalking"] != 0) & (done & kinds["stalking"] != 0)
    remote = sum(1 << CHANNELS.index(c) for c in REMOTE)
    around = sum(1 << PLACE_ROLES.index(p) for p in AROUND_THE_VICTIM)
    fear = IMPACTS.mask(["fear_of_violence", "serious_alarm_distress"])
    breach = o.in_order[j] | o.in_possible_order[j]
    crimes = o.conduct_crime[i] & o.conduct_crime[j]
    followed = breach & (not founded) & (o.order_made[j] > o.start[i]) & (o.order_made[j] != NEVER)
    held = {
        "close_in_time": days <= CLOSE_DAYS,
        "same_behaviour": same,
        "akin_behaviour": akin & ~same & ~gain,
        "stalking_acts": stalking,
        "same_means": shared(o.means_low, o.means_high, o.means_between, i, j),
        "same_channel": o.channels[i] & o.channels[j] & remote != 0,
        "same_place": o.places[i] & o.places[j] & around != 0,
        "conduct_crimes": crimes,
        "order_in_force": o.in_order[j],
        "order_possibly_in_force": o.in_possible_order[j] & ~o.in_order[j],
        "order_founded_on_it": np.full(len(gap), founded),
        "order_followed_it": followed,
        "warned": (o.warned_at[j] <= o.start[j]) & (o.warned_at[j] != FOREVER),
        "recurring_date": recurring,
        "same_occurrence": shared(o.reference_low, o.reference_high, o.reference_between, i, j),
        "fear_or_alarm": (o.impact[i] | o.impact[j]) & fear != 0,
        "gap_explained": explained >= DAY,
        "unlike": ~same & ~(akin & ~gain) & ~stalking,
        "long_gap": (days > LONG_DAYS) & ~recurring,
        "reconciled": o.reconciled_at[j] > np.maximum(o.reconciled_at[i], o.start[i]),
        "for_gain": gain,
    }
    signals = np.zeros(len(gap), np.int64)
    for name, where in held.items():
        signals |= where * np.int64(table.bit(name))
    connects = sum(1 << k for k, s in enumerate(table.signals) if s.weight > 0)
    silent = ~(o.speaks[i] & o.speaks[j]) & (signals & connects == 0)
    signals |= silent * np.int64(table.bit("silent"))
    score = proximity(days, table.rule) + table.points(signals)
    index = np.arange(len(o))
    return Links(earlier=index[i], later=index[j], score=score, signals=signals, gap=open_gap)


def _aimed(behaviours: Ints, kinds: dict[str, int]) -> Bools:
    """Return where acts are not known to be for gain alone."""
    return np.asarray((behaviours == 0) | (behaviours & ~kinds["for_gain"] != 0))

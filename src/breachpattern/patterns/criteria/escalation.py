"""Escalation, tested: rate, harm, from remote to in person, new kinds of conduct, violence or threats.

Five one-sided tests with Holm's correction. What is not on record counts against escalation: an occasion
without coded behaviour is read in whichever way makes the rest least surprising, and as discordant with every
other in harm. So leaving a field blank can only weaken the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Bools, Floats, Ints
from breachpattern.patterns.context import Context
from breachpattern.patterns.populations import Population, owners
from breachpattern.patterns.registry import Later, Outcome, Parameter, Reason, criterion
from breachpattern.patterns.statistics import crowding_p, discordant_pairs, first_true, holm, late_start_p, trend_p
from breachpattern.sorting import changes, order_by
from breachpattern.timelines.courses import Ragged
from breachpattern.timelines.nexus import signal_table
from breachpattern.vocabulary import CHANNELS, Vocabulary

TESTS = Vocabulary(
    "escalation",
    (
        "occasions come closer together",
        "harm rises",
        "from remote to in person",
        "violence or threats begin",
        "new kinds of conduct begin",
    ),
)
KINDS = ("message", "presence", "confrontation", "property")


@dataclass(frozen=True)
class Histories:
    """The occasions of candidates in time order, one after the other."""

    history: Ints
    place: Ints
    length: Ints
    start: Ints
    behaviours: Ints
    channels: Ints

    @property
    def known(self) -> Bools:
        """Return where behaviour is on record."""
        return np.asarray(self.behaviours != 0)


@criterion(
    "escalating",
    unit=("course", "order", "dyad"),
    params={
        "alpha": Parameter(float, 0.05, "probability below which a test indicates escalation, after correction"),
        "occasions": Parameter(int, 5, "fewest occasions that are tested"),
    },
    reasons={
        "escalation": Reason("what the tests indicate", "mask", vocabulary=TESTS),
        "tested": Reason("occasions tested", noun="occasion"),
        "p_rate": Reason("Laplace's test for a rising rate, exact given first and last occasion", "probability"),
        "p_harm": Reason("Mann-Kendall test for rising harm rank, exact with ties", "probability"),
        "p_in_person": Reason("chance that in-person conduct begins this late in random order", "probability"),
        "p_violence": Reason("chance that violence or threats begin this late in random order", "probability"),
        "p_new_kinds": Reason("the same for kinds of conduct, times four kinds", "probability"),
        "p_adjusted": Reason("the smallest of the five after Holm's correction", "probability"),
        "discordant": Reason("pairs of occasions in which harm falls or is not on record", noun="pair"),
    },
    basis="Laplace's test for trend; Mann (1945), Kendall (1975); Holm (1979). Harm ranks are a judgement",
)
def escalating(population: Population, *, alpha: float, occasions: int) -> Outcome:
    """Hold where the conduct escalates, by tests that keep the chance of a false alarm below a stated level."""
    context = population.context
    if population.unit == "course" and not population.narrowed:
        tested = context.once(("escalating", occasions), lambda: _tested(context, context.courses.rows, occasions))
        p, long_enough = tested[0][population.subject], tested[1][population.subject]
    else:
        p, long_enough = _tested(context, population.rows, occasions)
    adjusted, telling = np.ones_like(p), (p < 1).any(axis=1)
    adjusted[telling] = holm(p[telling])
    indicated = adjusted <= alpha

    def reasons() -> dict[str, npt.NDArray[Any]]:
        whole = _histories(context, population.rows)
        mask = (indicated * (1 << np.arange(len(TESTS)))).sum(axis=1)
        names = ("p_rate", "p_harm", "p_in_person", "p_violence", "p_new_kinds")
        return {name: p[:, i] for i, name in enumerate(names)} | {
            "escalation": mask.astype(np.int64),
            "tested": whole.length,
            "p_adjusted": adjusted.min(axis=1) if len(p) else np.empty(0),
            "discordant": _discordant(whole, context)[0],
        }

    return Outcome(long_enough & indicated.any(axis=1), Later(reasons))


def _tested(context: Context, lists: Ragged, occasions: int) -> tuple[Floats, Bools]:
    """Return the probability of each test for each history, 1 for those too short, and which are long enough."""
    p, long_enough = np.ones((len(lists), len(TESTS))), np.diff(lists.offsets) >= occasions
    # A history has at most as many occasions as rows: most are too short for a test.
    candidates = np.flatnonzero(long_enough)
    told = _histories(context, lists.take(candidates))
    enough = told.length >= occasions
    violent = told.behaviours & context.behaving("violent", "threatening") != 0
    harm = trend_p(*_discordant(told, context))
    tests = (_rate(told), harm, _in_person(told, context), _begins(told, violent), _new_kinds(told))
    p[candidates[enough]] = np.stack(tests, axis=1)[enough]
    long_enough[candidates] = enough
    return p, long_enough


def _histories(context: Context, lists: Ragged) -> Histories:
    """Return the events of each candidate in time order, with what was done on each."""
    columns, owner, rows = context.columns, owners(lists), lists.values
    order = order_by(owner, context.event[rows])
    o, e, r = owner[order], context.event[rows][order], rows[order]
    first = np.flatnonzero(changes(o, e))
    if len(first) == 0:
        none = np.empty(0, np.int64)
        return Histories(none, none, np.zeros(len(lists), np.int64), none, none, none)
    channel = columns.channel[r].astype(np.int64)
    bits = np.where(channel >= 0, np.left_shift(1, np.maximum(channel, 0)), 0)
    start = np.minimum.reduceat(columns.start[r], first)
    behaviours = np.bitwise_or.reduceat(columns.behaviours[r], first)
    channels = np.bitwise_or.reduceat(bits, first)
    history = o[first]
    by_time = order_by(history, start, e[first])
    length = np.bincount(history, minlength=len(lists))
    history = history[by_time]
    return Histories(
        history=history,
        place=np.arange(len(history)) - np.append(0, np.cumsum(length))[history],
        length=length,
        start=start[by_time],
        behaviours=behaviours[by_time],
        channels=channels[by_time],
    )


def _rate(told: Histories) -> Floats:
    n = len(told.length)
    first, last = np.full(n, np.iinfo(np.int64).max), np.full(n, np.iinfo(np.int64).min)
    np.minimum.at(first, told.history, told.start)
    np.maximum.at(last, told.history, told.start)
    inside = (told.place > 0) & (told.place < told.length[told.history] - 1)
    h = told.history[inside]
    span = np.maximum(last - first, 1).astype(np.float64)
    share = (told.start[inside] - first[h]) / span[h]
    inner = np.bincount(h, minlength=n)
    mean = np.divide(np.bincount(h, weights=share, minlength=n), inner, out=np.zeros(n), where=inner > 0)
    same_moment = last <= first
    return np.where(same_moment, 1.0, crowding_p(mean, inner))


def _discordant(told: Histories, context: Context) -> tuple[Ints, Ints]:
    """Return the pairs of occasions in which harm falls or is not on record, and how often each rank occurs."""
    n = len(told.length)
    worst = np.zeros(len(told.behaviours), np.int64)
    for bit, harm in enumerate(context.harm):
        worst = np.where(told.behaviours >> bit & 1 == 1, np.maximum(worst, harm), worst)
    rank = np.where(told.known, worst, -1)
    ranks = int(context.harm.max(initial=0)) + 1
    discordant, counts = discordant_pairs(rank, told.history, n, ranks)
    unknown = np.bincount(told.history[~told.known], minlength=n)
    known = told.length - unknown
    return discordant + unknown * known + unknown * (unknown - 1) // 2, counts


def _in_person(told: Histories, context: Context) -> Floats:
    face = 1 << CHANNELS.index("in_person")
    in_person = (told.behaviours & context.behaving("in_person") != 0) | (told.channels & face != 0)
    far = sum(1 << CHANNELS.index(c) for c in ("phone", "text", "email", "social_media", "post", "online_other"))
    remote = (told.channels & far != 0) | (told.behaviours & context.behaving("remote") != 0)
    return _begins(told, in_person, unsure=~remote & ~in_person)


def _begins(told: Histories, sure: Bools, unsure: Bools | None = None) -> Floats:
    """Return how unlikely it is that something begins this late, whatever the occasions not on record were.

    The least surprising reading of the unknown ones is that none of them has it, or only the first of them.
    """
    unknown = (~told.known if unsure is None else unsure | ~told.known) & ~sure
    times = np.bincount(told.history[sure], minlength=len(told.length))
    first = first_true(sure, told.place, told.history, told.length)
    earliest = first_true(unknown, told.place, told.history, told.length)
    plain = late_start_p(first, times, told.length)
    earlier = np.flatnonzero((earliest < first) & (times > 0))
    plain[earlier] = np.maximum(
        plain[earlier], late_start_p(earliest[earlier], times[earlier] + 1, told.length[earlier])
    )
    return plain


def _new_kinds(told: Histories) -> Floats:
    kinds = signal_table().kinds
    each = [_begins(told, told.behaviours & kinds[k] != 0) for k in KINDS]
    return np.asarray(np.minimum(np.min(each, axis=0) * len(KINDS), 1.0))

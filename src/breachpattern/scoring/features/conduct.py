"""What was done: how diverse, how grave, and whether it changes.

An occasion of which nothing is on record counts in no share and in no comparison of halves; where nothing at all is on
record, the answer is not known.
"""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Bools, Floats, Ints
from breachpattern.patterns.statistics import discordant_pairs
from breachpattern.scoring.features.declared import kinds as declared_kinds
from breachpattern.scoring.features.histories import Histories
from breachpattern.scoring.features.reducing import any_of, bits, count, extreme, known, share, total, union
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS, IMPACTS

FAR = ("phone", "text", "email", "social_media", "post", "online_other")


def diversity(told: Histories) -> dict[str, Floats]:
    """Return how many behaviours there are, and their entropy."""
    n = len(told)
    shown = union(told.owner, told.behaviours, n)
    entries = told.context.catalogue.behaviours
    listed = BEHAVIOURS.mask(b for b in BEHAVIOURS if b in entries and entries[b].s2a)
    return {
        "behaviours": known(bits(shown, len(BEHAVIOURS)), shown != 0),
        "stalking_behaviours": known(bits(shown & listed, len(BEHAVIOURS)), shown != 0),
        "behaviour_entropy": _entropy(told, np.ones(len(told.owner), np.bool_)),
    }


def changes(told: Histories) -> dict[str, Floats]:
    """Return how far the behaviours of the second half differ from those of the first."""
    n = len(told)
    first, second = told.half == 0, told.half == 1
    before, after = (_shown(told, half) for half in (first, second))
    both = (before > 0) & (after > 0)
    apart = np.zeros(n)
    for bit in range(len(BEHAVIOURS)):
        p, q = (_of_bit(told, half, bit) / np.maximum(whole, 1) for half, whole in ((first, before), (second, after)))
        # Jensen-Shannon: the entropy of the middle less the mean entropy of both.
        apart += _surprise((p + q) / 2) - (_surprise(p) + _surprise(q)) / 2
    old, new = (union(told.owner[half], told.behaviours[half], n) for half in (first, second))
    return {
        "behaviour_change": known(np.clip(apart, 0, 1), both),
        "new_behaviours": known(bits(new & ~old, len(BEHAVIOURS)), both),
    }


def kinds(told: Histories) -> dict[str, Floats]:
    """Return the occasions that show each declared kind of conduct."""
    n = len(told)
    recorded = any_of(told.owner, told.behaviours != 0, n)
    return {
        f"occasions_{kind}": known(_occasions(told, told.behaviours & BEHAVIOURS.mask(done) != 0), recorded)
        for kind, done in declared_kinds().items()
    }


def presence(told: Histories) -> dict[str, Floats]:
    """Return the occasions in person, and whether their share changes."""
    n, context = len(told), told.context
    face = 1 << CHANNELS.index("in_person")
    in_person = (told.behaviours & context.behaving("in_person") != 0) | (told.channels & face != 0)
    remote = told.behaviours & context.behaving("remote") != 0
    remote |= told.channels & sum(1 << CHANNELS.index(channel) for channel in FAR) != 0
    telling = in_person | remote
    shares = []
    for half in (0, 1):
        where = telling & (told.half == half)
        shares.append(share(count(told.owner[where & in_person], n), count(told.owner[where], n)))
    return {
        "occasions_in_person": known(_occasions(told, in_person), any_of(told.owner, telling, n)),
        "in_person_change": shares[1] - shares[0],
    }


def impact(told: Histories) -> dict[str, Floats]:
    """Return what is on record of the effect on the victim."""
    fear = IMPACTS.mask(["fear_of_violence"])
    effects = union(told.owner, told.impact, len(told))
    return {
        "fear_of_violence": known(_occasions(told, told.impact & fear != 0), effects != 0),
        "serious_effect": known(bits(effects & ~fear, len(IMPACTS)), effects != 0),
    }


def gravity(told: Histories) -> dict[str, Floats]:
    """Return the highest and the last harm rank, and whether ranks rise."""
    n, harm = len(told), told.context.harm
    rank = np.full(len(told.owner), -1, np.int64)
    for bit, worth in enumerate(harm.tolist()):
        rank = np.where(told.behaviours >> bit & 1 == 1, np.maximum(rank, worth), rank)
    ranked = rank >= 0
    owner, place = told.owner[ranked], told.place[ranked]
    last = place == extreme(np.maximum, owner, place, n)[owner]
    return {
        "gravity_highest": extreme(np.maximum, owner, rank[ranked], n),
        "gravity_last": extreme(np.maximum, owner[last], rank[ranked][last], n),
        "gravity_trend": _mann_kendall(rank, told.owner, n, int(harm.max(initial=0)) + 1),
    }


def _mann_kendall(rank: Ints, owner: Ints, n: int, ranks: int) -> Floats:
    """Return the pairs that rise less those that fall, in standard deviations of random order, ties allowed for."""
    falling, times = discordant_pairs(rank, owner, n, ranks)
    m = times.sum(axis=1).astype(np.float64)
    t = times.astype(np.float64)
    untied = (m * (m - 1) - (t * (t - 1)).sum(axis=1)) / 2
    variance = (m * (m - 1) * (2 * m + 5) - (t * (t - 1) * (2 * t + 5)).sum(axis=1)) / 18
    enough = (m >= 3) & (variance > 0)
    spread = np.sqrt(np.where(enough, variance, 1))
    return known((untied - 2 * falling) / spread, enough)


def _occasions(told: Histories, where: Bools) -> Floats:
    return total(told.owner, told.count * where, len(told))


def _of_bit(told: Histories, where: Bools, bit: int) -> Floats:
    return count(told.owner[where & (told.behaviours >> bit & 1 == 1)], len(told))


def _shown(told: Histories, where: Bools) -> Floats:
    """Return how many behaviours the occasions of each history show, all occasions together."""
    return total(told.owner[where], bits(told.behaviours[where], len(BEHAVIOURS)), len(told))


def _entropy(told: Histories, where: Bools) -> Floats:
    whole = _shown(told, where)
    out = np.zeros(len(told))
    for bit in range(len(BEHAVIOURS)):
        out += _surprise(_of_bit(told, where, bit) / np.maximum(whole, 1))
    return known(np.maximum(out, 0), whole > 0)


def _surprise(p: Floats) -> Floats:
    """Return ``-p log2 p``, 0 for what never happens."""
    return np.asarray(-p * np.log2(np.where(p > 0, p, 1)))

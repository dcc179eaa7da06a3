"""When it happened: rates, trends, gaps, bursts and what a self-exciting process would expect next."""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Bools, Floats, Ints
from breachpattern.scoring.features.declared import parameters
from breachpattern.scoring.features.histories import Histories
from breachpattern.scoring.features.reducing import count, extreme, known, median, share, total
from breachpattern.spans import DAY

MONTH = 30


def since(told: Histories) -> dict[str, Floats]:
    """Return how long ago it began and ended, and how long it lasted."""
    first, last = _first(told), _last_end(told)
    return {
        "days_since_first": told.days_before(first),
        "days_since_last": told.days_before(last - 1),
        "span_days": (last - first) / DAY,
    }


def rates(told: Histories) -> dict[str, Floats]:
    """Return occasions per month: until the instant, and between the first and the last."""
    n = len(told)
    occasions = total(told.owner, told.count, n)
    shortest = parameters()["shortest_observation_days"]
    observed = np.maximum(told.days_before(_first(told)), shortest)
    lasted = (_last_start(told) - _first(told)) / DAY
    return {
        "rate": MONTH * occasions / observed,
        "rate_within": known(MONTH * (occasions - 1) / np.maximum(lasted, 1), (told.length > 1) & (lasted >= 1)),
    }


def trends(told: Histories) -> dict[str, Floats]:
    """Return Laplace's statistic, observed until the last occasion and until the instant."""
    first, last = _first(told), _last_start(told)
    inner = (told.place > 0) & (told.place < told.length[told.owner] - 1)
    later = told.place > 0
    return {
        "trend": _laplace(told, inner, first, last),
        "trend_to_date": _laplace(told, later, first, np.maximum(told.now, last)),
    }


def _laplace(told: Histories, events: Bools, first: Ints, until: Ints) -> Floats:
    """Return how far events lie towards the end, in standard deviations of a uniform spread.

    Under a constant rate their mean place is 1/2 on average, with variance 1 / (12 m) for m of them.
    """
    n, owner = len(told), told.owner[events]
    span = np.maximum(until - first, 1).astype(np.float64)
    place = (told.start[events] - first[owner]) / span[owner]
    m = count(owner, n)
    return known((share(total(owner, place, n), m) - 0.5) * np.sqrt(12 * m), (m > 0) & (until > first))


def gaps(told: Histories) -> dict[str, Floats]:
    """Return the times from the end of one occasion to the start of the next."""
    n = len(told)
    owner, gap = _gaps(told)
    final = told.place[1:][told.owner[1:] == told.owner[:-1]] == told.length[owner] - 1
    return {
        "gap_shortest": extreme(np.minimum, owner, gap, n),
        "gap_median": median(owner, gap, n),
        "gap_longest": extreme(np.maximum, owner, gap, n),
        "gap_last": extreme(np.maximum, owner[final], gap[final], n),
    }


def bursts(told: Histories) -> dict[str, Floats]:
    """Return burstiness with the correction for few times between occasions.

    With ``r`` the deviation of ``n`` times over their mean, ``r`` is ``sqrt((n - 1) / (n + 1))`` where occasions fall
    at random into a fixed span (zero burstiness) and at most ``sqrt(n - 1)`` (burstiness 1).
    """
    n = len(told)
    same = told.owner[1:] == told.owner[:-1]
    owner, between = told.owner[1:][same], (told.start[1:] - told.start[:-1])[same] / DAY
    times = count(owner, n)
    mean = share(total(owner, between, n), times)
    spread = np.sqrt(share(total(owner, (between - mean[owner]) ** 2, n), times))
    enough = (times >= 2) & (mean > 0)
    r = np.divide(spread, mean, out=np.zeros(n), where=enough)
    few, many = np.sqrt(np.maximum(times - 1, 1)), np.sqrt(times + 1)
    return {"burstiness": known((many * r - few) / ((many - 2) * r + few), enough)}


def intensities(told: Histories) -> dict[str, Floats]:
    """Return the excited part of a Hawkes intensity at the instant: sum of ``alpha / tau * exp(-age / tau)``."""
    numbers = parameters()
    age = told.days_before(told.start)
    alpha = float(numbers["intensity_excitation"])
    return {
        name: total(told.owner, told.count * np.exp(-age / numbers[f"{name}_days"]), len(told))
        * (alpha * MONTH / numbers[f"{name}_days"])
        for name in ("intensity", "intensity_slow")
    }


def _first(told: Histories) -> Ints:
    return np.asarray(told.start[told.head])


def _last_start(told: Histories) -> Ints:
    return np.asarray(told.start[told.head + told.length - 1])


def _last_end(told: Histories) -> Ints:
    if len(told) == 0:
        return told.end[:0]
    return np.asarray(np.maximum.reduceat(told.end, told.head))


def _gaps(told: Histories) -> tuple[Ints, Floats]:
    """Return each gap in days with its owner; where occasions overlap there is none between them."""
    same = told.owner[1:] == told.owner[:-1]
    return told.owner[1:][same], (np.maximum(told.start[1:] - told.end[:-1], 0) / DAY)[same]

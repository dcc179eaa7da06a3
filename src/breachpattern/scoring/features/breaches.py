"""Which orders it broke, how, and what that is in law; an event is counted once, whatever it breaks."""

from __future__ import annotations

import numpy as np

from breachpattern.linking.columns import Floats, Ints
from breachpattern.patterns.populations import filtered, owners
from breachpattern.scoring.features.histories import Histories
from breachpattern.scoring.features.reducing import extreme, known, share
from breachpattern.spans import POSSIBLE
from breachpattern.vocabulary import BREACH_KINDS, BREACH_STATUSES, NATURES


def totals(told: Histories) -> dict[str, Floats]:
    """Return how many breaches there are, how certain and how recent."""
    context, people, n = told.context, told.people, len(told)
    breach, lists = context.breach, people.breaches
    recent = breach.start > told.now - 365 * 86_400
    ordered = np.flatnonzero(np.diff(lists.offsets) > 0)
    last = extreme(np.maximum, owners(lists), breach.start[lists.values], n)
    age = np.full(n, np.nan)
    age[ordered] = told.days_before(last[ordered])
    after = filtered(lists, ~np.isnan(breach.days_since_served))
    events = people.count_breach_events()
    return {
        "breaches": _floats(events),
        "breaches_certain": _floats(people.count_breach_events(context.certain_breach)),
        "breaches_possible": _floats(people.count_breach_events(~context.certain_breach & (breach.state == POSSIBLE))),
        "breaches_365d": _floats(people.count_breach_events(recent)),
        "breach_share": share(events, people.count_events()),
        "days_since_last_breach": age,
        "orders_broken": _floats(np.diff(people.distinct(lists, breach.order).offsets)),
        "days_from_service_to_breach": extreme(np.minimum, owners(after), breach.days_since_served[after.values], n),
    }


def by_status(told: Histories) -> dict[str, Floats]:
    """Return the breaches of each status."""
    status = told.context.breach.status
    words = [word for word in BREACH_STATUSES if word != "not_breach"]
    return {
        f"breaches_{word}": _floats(told.people.count_breach_events(status == BREACH_STATUSES.index(word)))
        for word in words
    }


def by_kind(told: Histories) -> dict[str, Floats]:
    """Return the breaches of each kind; one event can be of several."""
    kinds = told.context.breach.kinds
    return {
        f"breaches_{word}": _floats(told.people.count_breach_events(kinds >> bit & 1 == 1))
        for bit, word in enumerate(BREACH_KINDS)
    }


def by_nature(told: Histories) -> dict[str, Floats]:
    """Return the breaches by what they are in law."""
    nature = told.context.breach.nature
    return {
        f"breaches_as_{word}": _floats(told.people.count_breach_events(nature == code))
        for code, word in enumerate(NATURES)
    }


def _floats(counts: Ints) -> Floats:
    return known(counts)

"""What must be weighed before anybody relies on a finding, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from breachpattern.linking.columns import Ints
from breachpattern.patterns.model import Pattern
from breachpattern.patterns.populations import Population, combined, owners
from breachpattern.timelines.courses import Ragged
from breachpattern.timelines.nexus import signal_table
from breachpattern.timelines.reasons import BREACH_REASONS

PEOPLE_DECIDE = "A candidate for a person to weigh: it decides nothing"
# The reasons of a breach that leave a doubt; the others say why it is one.
DOUBTS = (
    "conduct that may be within the terms, depending on the order's words",
    "part of the incident's time lies where the order is not certainly in force",
    "made without notice, or notice not on file, and awareness by then is not on file",
    "service, which this notice needs, is not on file by then",
    "terms not on file: read as no contact and no violence",
    "the order ends before it starts on file: its end is treated as unknown",
    "ends with the longest life that the statute allows",
    "the suspect is not named on the record",
    "the victim is not named on the record",
    "the duty to tell the police had not begun",
    "the days for telling the police had not certainly run out, though false information can be given sooner",
    "the order had ended",
    "the order had not begun",
    "the order protects somebody else",
    "the record names another kind of order",
)


def caveat_lists(
    patterns: Sequence[Pattern],
    block: Ints,
    population: Population,
    provisions: Ragged,
    keys: Sequence[str],
    unverified: Sequence[str],
) -> tuple[list[str], Ragged]:
    """Return texts, and for each finding which of them it has.

    Parameters
    ----------
    patterns : sequence of Pattern
    block : (n,) int64
        The number of each finding's pattern, ascending.
    population : Population
        The findings.
    provisions : Ragged
        Positions in ``keys``.
    keys : sequence of str
        Provisions.
    unverified : sequence of str
        Those whose substance the catalogue has not verified.
    """
    n = len(population)
    told: list[tuple[str, Ints]] = []
    for number, pattern in enumerate(patterns):
        own = np.arange(*np.searchsorted(block, (number, number + 1)))
        told += [(text, own) for text in pattern.caveats]
    told += _against(population)
    told += _doubts(population)
    cited = owners(provisions)
    for key in unverified:
        told.append((f"Not verified in the catalogue: {key}", np.unique(cited[provisions.values == keys.index(key)])))
    told.append((PEOPLE_DECIDE, np.arange(n)))
    owner = np.concatenate([index for _, index in told])
    place_of = np.repeat(np.arange(len(told)), [len(index) for _, index in told])
    return [one_item(text) for text, _ in told], Ragged.of(owner, place_of, n)


def one_item(text: str) -> str:
    """Return a text as it stands in a list whose items are parted by ``;``."""
    return text.replace("; ", ", ").replace(";", ",")


def _against(population: Population) -> list[tuple[str, Ints]]:
    """Return what speaks against the course."""
    held = population.context.signals[population.course]
    return [
        (f"Against: {signal.text}", np.flatnonzero(held >> bit & 1))
        for bit, signal in enumerate(signal_table().signals)
        if signal.against
    ]


def _doubts(population: Population) -> list[tuple[str, Ints]]:
    """Return what is doubtful about the breaches."""
    reasons = combined(np.bitwise_or, population.breaches, population.context.breach.reasons, 0)
    return [
        (f"A breach here: {text}", np.flatnonzero(reasons >> bit & 1))
        for bit, text in enumerate(BREACH_REASONS)
        if text in DOUBTS
    ]

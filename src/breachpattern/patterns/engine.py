"""Run patterns over timelines: one pass over whole populations for each pattern, no loop over candidates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from breachpattern.law import Catalogue
from breachpattern.linking.columns import Bools, Ints
from breachpattern.patterns.block import Block
from breachpattern.patterns.citing import citations
from breachpattern.patterns.context import Context
from breachpattern.patterns.filtering import fits
from breachpattern.patterns.findings import Findings, assemble
from breachpattern.patterns.model import Filter, Pattern, level_number
from breachpattern.patterns.packs import Packs, read_packs
from breachpattern.patterns.populations import Population, owners, population, single_breaches
from breachpattern.patterns.rules import rules
from breachpattern.patterns.tree import Held, evaluate, holds
from breachpattern.spans import FOREVER, LONDON
from breachpattern.timelines import Timelines
from breachpattern.timelines.courses import Ragged

Progress = Callable[[str, int, int | None], None]


def find(
    timelines: Timelines,
    packs: Sequence[str | Path] = (),
    filters: Sequence[str | Path] = (),
    *,
    on_progress: Progress | None = None,
) -> Findings:
    """Return the findings of all patterns in the order in which a person should look at them.

    Parameters
    ----------
    timelines : Timelines
        Breaches, occasions and courses, as known at an instant.
    packs : sequence of path
        Folders of your own with patterns, added to the core pack.
    filters : sequence of path
        Files that suppress findings; what they suppress is kept and counted in ``Findings.suppressed``.
    on_progress : callable, optional
        Called with (stage, done, total).

    Raises
    ------
    PatternError
        Where a pack or a filter is wrong.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> from breachpattern.law import Catalogue
    >>> from breachpattern.timelines import build
    >>> rows = [{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1"}]
    >>> len(find(build(read_extract(rows), Catalogue.load())))
    0
    """
    held = read_packs(packs, filters)
    context = Context(timelines)
    return run(context, held.patterns, held.filters, versions_of(held, timelines.catalogue), on_progress)


def versions_of(held: Packs, catalogue: Catalogue) -> dict[str, str]:
    """Return the versions of the library, the catalogue and the patterns of a run."""
    return {"breachpattern": _own_version(), "catalogue": catalogue.version, "patterns": held.version}


def run(
    context: Context,
    patterns: Sequence[Pattern],
    filters: Sequence[Filter] = (),
    versions: dict[str, str] | None = None,
    on_progress: Progress | None = None,
) -> Findings:
    """Return the findings of some patterns; deprecated ones are left out."""
    live = [pattern for pattern in patterns if pattern.status != "deprecated"]
    shared = rules()
    further = [key for p in live for key in p.provisions] + [key for rule in shared.cites for key in rule.provisions]
    engine = _Engine(context)
    report = on_progress or (lambda *_: None)
    blocks = []
    for done, pattern in enumerate(live):
        report("patterns", done, len(live))
        blocks.append(engine.block(pattern))
    report("patterns", len(live), len(live))
    cited = citations(context, further)
    found = assemble(context, shared, blocks, cited, versions or {})
    return _filtered(found, filters, context) if filters else found


@dataclass
class _Engine:
    """Populations by unit, made at first use."""

    context: Context
    _populations: dict[str, Population] = field(default_factory=dict)
    _singles: Population | None = None

    def candidates(self, pattern: Pattern) -> Population:
        """Return the candidates of a pattern, with only the breaches that count."""
        if pattern.unit not in self._populations:
            self._populations[pattern.unit] = population(self.context, pattern.unit)
        candidates = self._populations[pattern.unit]
        if pattern.members is None:
            return candidates
        if self._singles is None:
            self._singles = single_breaches(self.context)
        return candidates.with_members(holds(pattern.windowed(pattern.members), self._singles))

    def block(self, pattern: Pattern) -> Block:
        """Return the findings of one pattern."""
        candidates = self.candidates(pattern)
        hit = holds(pattern.tree, candidates)
        chosen = candidates.take(np.flatnonzero(hit))
        held = evaluate(pattern.tree, chosen)
        if pattern.about == "evidence":
            chosen = chosen.about(_evidence(held, len(chosen)))
        level, because = _levels(pattern, chosen)
        return Block(pattern, chosen, held, level, because, candidates.take(_near(pattern, candidates, hit)))


def _near(pattern: Pattern, candidates: Population, hit: Bools) -> Ints:
    if pattern.near_miss is None:
        return np.empty(0, np.int64)
    return np.flatnonzero(holds(pattern.windowed(pattern.near_miss.condition), candidates) & ~hit)


def _evidence(held: Held, n: int) -> Ragged:
    """Return the rows to which the criteria that hold point, each once."""
    owner, rows = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for leaf in _affirmed(held):
        if leaf.outcome is not None and leaf.outcome.evidence is not None:
            lists = leaf.outcome.evidence
            told = leaf.holds[owners(lists)]
            owner.append(owners(lists)[told])
            rows.append(lists.values[told])
    return Ragged.distinct(np.concatenate(owner), np.concatenate(rows), n)


def _affirmed(held: Held) -> list[Held]:
    """Return the leaves of a tree that stand under no ``not``."""
    if held.outcome is not None:
        return [held]
    if getattr(held.node, "how", "") == "not":
        return []
    return [leaf for part in held.parts for leaf in _affirmed(part)]


def _levels(pattern: Pattern, chosen: Population) -> tuple[Ints, Ints]:
    """Return the level of each finding and the number of the rule that gave it, ``-1`` for the pattern's own."""
    level = np.full(len(chosen), level_number(pattern.level), np.int64)
    because = np.full(len(chosen), -1, np.int64)
    open_ones = np.arange(len(chosen))
    for number, rule in enumerate(pattern.level_rules):
        if len(open_ones) == 0:
            break
        on = holds(pattern.windowed(rule.when), chosen.take(open_ones))
        level[open_ones[on]] = level_number(rule.level)
        because[open_ones[on]] = number
        open_ones = open_ones[~on]
    return level, because


def _filtered(found: Findings, filters: Sequence[Filter], context: Context) -> Findings:
    """Return the findings without those that a filter in force suppresses."""
    as_of = context.timelines.as_of
    today = datetime.now(LONDON).date() if as_of >= FOREVER else _london_date(as_of)
    by = np.full(sum(len(block.population) for block in found.blocks), -1, np.int64)
    for number, held in enumerate(filters):
        if today < held.expires:
            matching = np.concatenate([np.empty(0, np.bool_), *(fits(held, block) for block in found.blocks)])
            by[(by < 0) & matching] = number
    return found.without(by, filters)


def _london_date(second: int) -> date:
    return datetime.fromtimestamp(second, UTC).astimezone(LONDON).date()


@cache
def _own_version() -> str:
    try:
        return version("breachpattern")
    except PackageNotFoundError:
        return "not installed"

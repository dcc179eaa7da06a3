"""What the rules make of each course or dyad, as one row of numbers: the natural input of the points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from breachpattern.errors import UsageError
from breachpattern.linking.columns import Ints
from breachpattern.patterns.context import Context
from breachpattern.patterns.rules import rules
from breachpattern.scoring.given import the_analysis
from breachpattern.timelines.breaches import expand
from breachpattern.timelines.courses import Ragged

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis
    from breachpattern.patterns import Findings

Unit = Literal["course", "dyad"]
LEVEL, POINTS, FURTHER, PATTERN = "finding_level", "points_", "further_patterns", "pattern_"


@dataclass(frozen=True)
class Placed:
    """Which findings are about which unit, pair by pair; findings are numbered in rank order.

    Attributes
    ----------
    index : pandas.Index
        The units: course ids, or (suspect, victim) references.
    unit, finding : int64
        One entry for each pair.
    """

    index: pd.Index
    unit: Ints
    finding: Ints


def pattern_frame(analysis: Analysis, unit: Unit = "course") -> pd.DataFrame:
    """Return what the patterns found about each unit, one row each, those without findings as zeros.

    Parameters
    ----------
    analysis : Analysis
        A finding about an order, a dyad or a suspect counts towards the strongest course that it belongs to, or
        towards every dyad of its people.
    unit : {"course", "dyad"}, default "course"
        Every candidate course, or every suspect and victim with conduct on record.

    Returns
    -------
    pandas.DataFrame
        ``float64``, sorted by its index: ``course_id``, or ``suspect_id`` and ``victim_id`` as findings name them.

        * ``finding_level``: the level of the first-ranked finding, 1 (informational) to 5 (critical), 0 for none.
        * ``points_<rule>``: 1 where that finding earns the points of a rule of ``patterns/rules.toml``.
        * ``further_patterns``: how many patterns hold beside that of the first-ranked finding.
        * ``pattern_<id>``: the highest level of a finding of that pattern, 0 for none.

    Raises
    ------
    UsageError
        Where what is given is no analysis, or the unit is neither.

    Examples
    --------
    >>> import breachpattern as bp
    >>> rows = [{"incident_id": f"I{d}", "occurred_from": f"2025-03-0{d}T10:00", "suspect_id": "P1", "victim_id": "V1",
    ...          "behaviours": "follow"} for d in (1, 4)]
    >>> analysis = bp.Analyser().analyse(bp.read_extract(rows), as_of="2025-12-31")
    >>> pattern_frame(analysis, "dyad")[["finding_level", "further_patterns"]].loc[("P1", "V1")].tolist()
    [3.0, 0.0]
    """
    placed = place(analysis, unit)
    found = analysis.found
    n, names = len(placed.index), [rule.id for rule in rules().points]
    first = np.full(n, len(found))
    np.minimum.at(first, placed.unit, placed.finding)
    level, points = np.append(found.level + 1, 0), np.append(found.points, 0)
    held = _highest(found, placed)
    columns = {LEVEL: level[first]}
    columns |= {f"{POINTS}{name}": points[first] >> bit & 1 for bit, name in enumerate(names)}
    columns[FURTHER] = np.maximum(sum((h > 0 for h in held.values()), np.zeros(n, np.int64)) - 1, 0)
    columns |= {f"{PATTERN}{name}": held[name] for name in sorted(held)}
    return pd.DataFrame(columns, index=placed.index, dtype=np.float64).sort_index()


def place(analysis: Analysis, unit: Unit) -> Placed:
    """Return which findings are about which course or dyad."""
    the_analysis(analysis, "Patterns are told")
    makers = {"course": _by_course, "dyad": _by_dyad}
    if unit not in makers:
        raise UsageError(f"{unit!r} is not a unit that can be scored.", hint="One of course, dyad.")
    return makers[unit](analysis)


def _by_course(analysis: Analysis) -> Placed:
    course = analysis.found.population.course
    finding = np.flatnonzero(course >= 0)
    return Placed(pd.Index(_text(analysis.found.course_ids), name="course_id"), course[finding], finding)


def _by_dyad(analysis: Analysis) -> Placed:
    population = analysis.found.population
    dyads, persons = Context(analysis.timelines).dyads, analysis.timelines.columns.names.persons
    index = pd.MultiIndex.from_arrays(
        [_text(persons.take(pa.array(people))) for people in (dyads.suspect, dyads.victim)],
        names=["suspect_id", "victim_id"],
    )
    finding, suspect, victim = _crossed(population.suspects, population.victims)
    size = np.int64(len(persons) + 1)
    own, asked = dyads.suspect * size + dyads.victim, suspect * size + victim
    order = np.argsort(own, kind="stable")
    at = np.minimum(np.searchsorted(own[order], asked), max(len(own) - 1, 0))
    known = own[order][at] == asked if len(own) else np.zeros(len(asked), np.bool_)
    return Placed(index, order[at[known]] if len(own) else asked[:0], finding[known])


def _crossed(left: Ragged, right: Ragged) -> tuple[Ints, Ints, Ints]:
    """Return every pair of values of the lists of one owner, as (owner, left, right)."""
    owner = np.repeat(np.arange(len(left)), np.diff(left.offsets))
    item, place_ = expand(np.arange(len(owner)), right.offsets[owner], right.offsets[owner + 1])
    return owner[item], left.values[item], right.values[place_]


def _highest(found: Findings, placed: Placed) -> dict[str, Ints]:
    """Return for each pattern of the run the highest level that a finding of it has about each unit, 0 for none."""
    out = np.zeros((len(found.blocks), len(placed.index)), np.int64)
    np.maximum.at(out, (found.pattern[placed.finding], placed.unit), found.level[placed.finding] + 1)
    return {block.pattern.id: out[number] for number, block in enumerate(found.blocks)}


def _text(values: pa.Array) -> list[str]:
    texts: list[str] = values.cast(pa.string()).to_pylist()
    return texts

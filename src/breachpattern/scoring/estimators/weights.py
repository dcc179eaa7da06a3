"""The table of points (``scoring/data/points.toml``): each with its source, or the word judgement."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from breachpattern.patterns.rules import rules


@dataclass(frozen=True)
class Weight:
    """The points for one of a column, and why."""

    column: str
    points: float
    source: str


@dataclass(frozen=True)
class PointsTable:
    """The points of each column of a pattern frame.

    Attributes
    ----------
    version : int
    weights : tuple of Weight
    threshold : float
        The points above which a unit is called positive, where somebody asks for a yes or no.
    log_odds : float
        What a point is worth to a model that has learnt nothing yet.
    """

    version: int
    weights: tuple[Weight, ...]
    threshold: float
    log_odds: float

    def points(self) -> dict[str, float]:
        """Return the points by column."""
        return {weight.column: weight.points for weight in self.weights}


@cache
def points_table() -> PointsTable:
    """Return the table, with the points that the shared rules of the patterns give.

    Examples
    --------
    >>> points_table().points()["points_clear_course"]
    20.0
    """
    text = files("breachpattern.scoring").joinpath("data", "points.toml").read_text("utf-8")
    data = tomllib.loads(text)
    own = [Weight(w["column"], float(w["points"]), w["source"]) for w in data["weights"]]
    shared = data["rule_points"]
    own += [
        Weight(
            f"{shared['prefix']}{rule.id}", float(shared["scale"] * rule.points), f"{shared['source']}; {rule.reason}"
        )
        for rule in rules().points
    ]
    return PointsTable(data["version"], tuple(own), float(data["threshold"]["points"]), data["log_odds"]["per_point"])

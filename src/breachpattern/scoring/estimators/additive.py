"""An additive model: a baseline, what the rules say, and one broken line for each feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from breachpattern.scoring.estimators.curves import Curve, drawn, ramps
from breachpattern.scoring.estimators.fitting import fit_ramps
from breachpattern.scoring.estimators.sums import Floats, exact


@dataclass(frozen=True)
class Additive:
    """Log-odds as a sum.

    Attributes
    ----------
    baseline : float
        The log-odds where nothing adds anything.
    per_point : float
        What a point of the rules adds; 0 where they have no say.
    points : tuple of float
        The points of the rules for one of each column; such columns are not learnt one by one.
    curves : tuple of Curve
        One for each column, level where it is one of the rules or says nothing.
    """

    baseline: float
    per_point: float
    points: tuple[float, ...]
    curves: tuple[Curve, ...]

    @property
    def ruled(self) -> bool:
        """Whether the rules have a say."""
        return any(self.points)

    @property
    def learnt(self) -> tuple[int, ...]:
        """The columns that have a line of their own."""
        return tuple(j for j, points in enumerate(self.points) if points == 0)

    def terms(self) -> list[str]:
        """Return what each column of the contributions is."""
        return ["baseline", *(["rules"] if self.ruled else []), *(self.curves[j].feature for j in self.learnt)]

    def contributions(self, rows: Floats) -> Floats:
        """Return what each term adds to each row: (rows, terms), which add up in any order without rounding."""
        parts = [np.full(len(rows), self.baseline)]
        if self.ruled:
            parts.append(exact(self.per_point * rule_points(rows, self.points)))
        parts += [self.curves[j].at(rows[:, j]) for j in self.learnt]
        return np.column_stack(parts)

    def log_odds(self, rows: Floats) -> Floats:
        """Return the sum for each row."""
        return np.asarray(self.contributions(rows).sum(axis=1))

    def calibrated(self, slope: float, intercept: float) -> Additive:
        """Return the model whose log-odds are ``slope`` times these plus ``intercept``."""
        scaled = [replace(c, values=tuple(exact(slope * np.array(c.values)).tolist())) for c in self.curves]
        baseline = float(exact(slope * self.baseline + intercept))
        return Additive(baseline, slope * self.per_point, self.points, tuple(scaled))


def rule_points(rows: Floats, points: Sequence[float]) -> Floats:
    """Return what the rules give each row; a blank earns nothing."""
    return np.asarray(exact(np.nan_to_num(rows, nan=0.0) * np.array(points)).sum(axis=1))


def fit_additive(rows: Floats, y: Floats, start: Additive, penalty: float, *, learns: bool) -> Additive:
    """Return a model fitted to labelled rows.

    Parameters
    ----------
    rows : (n, features) float64
    y : (n,) float64
        1 or 0.
    start : Additive
        Its curves say where the corners are and which direction each line has, its points what the rules say.
    penalty : float
        How strongly the steps of lines are held to 0.
    learns : bool
        Whether anything but the baseline is learnt.
    """
    used = [j for j in start.learnt if len(start.curves[j].knots) > 1]
    knots = [np.array(start.curves[j].knots) for j in used]
    parts = [ramps(rows[:, j], k, start.curves[j].direction) for j, k in zip(used, knots, strict=True)]
    rule = start.per_point * rule_points(rows, start.points)
    fit = fit_ramps(np.hstack([np.empty((len(rows), 0)), *parts]), y, rule, penalty, learns=learns)
    ends = np.cumsum([0, *(part.shape[1] for part in parts)])
    curves = list(start.curves)
    for j, k, first, last in zip(used, knots, ends[:-1], ends[1:], strict=True):
        curves[j] = drawn(curves[j].feature, curves[j].direction, k, fit.heights[first:last])
    return Additive(float(exact(fit.level)), fit.trust * start.per_point, start.points, tuple(curves))

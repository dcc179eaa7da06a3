"""Our own models as JSON that people can read, and back again bit by bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from breachpattern.errors import ScoringError
from breachpattern.scoring.estimators.additive import Additive
from breachpattern.scoring.estimators.classifier import CourseOfConductClassifier
from breachpattern.scoring.estimators.curves import Curve
from breachpattern.scoring.estimators.directions import directions_of
from breachpattern.scoring.estimators.points import PatternScorer
from breachpattern.scoring.estimators.sums import exact
from breachpattern.scoring.features.declared import version
from breachpattern.scoring.persistence.heading import Heading, Strict, checked, digest_of
from breachpattern.scoring.persistence.strict_json import read_json, refusal

Label = bool | int | float | str


class _Points(Heading):
    """A :class:`PatternScorer`."""

    classes: list[Label]
    settings: dict[Literal["weights", "threshold"], Any]
    points: dict[str, float]
    threshold: float
    sha256: str


class _Curve(Strict):
    feature: str
    direction: Literal[-1, 0, 1]
    knots: list[float]
    values: list[float]


class _Settings(Strict):
    directions: dict[str, int] | None
    penalty: float
    calibration_share: float


class _Classifier(Heading):
    """A :class:`CourseOfConductClassifier`."""

    classes: list[Label]
    settings: _Settings
    baseline: float
    per_point: float
    points: dict[str, float]
    curves: list[_Curve]
    sha256: str


def to_json(model: PatternScorer | CourseOfConductClassifier, heading: Heading) -> str:
    """Return a model as JSON: one line for each line of the model."""
    content: dict[str, Any] = heading.model_dump() | {
        "classes": model.classes_.tolist(),
        "settings": model.get_params(),
    }
    if isinstance(model, PatternScorer):
        content["points"] = dict(zip(heading.features, model.weights_.tolist(), strict=True))
        content["threshold"] = model.threshold_
        weights = content["settings"]["weights"]
        content["settings"]["weights"] = None if weights is None else {str(k): float(v) for k, v in weights.items()}
    else:
        fitted = model.model_
        content |= {
            "baseline": fitted.baseline,
            "per_point": fitted.per_point,
            "points": dict(zip(heading.features, fitted.points, strict=True)),
            "curves": [
                {"feature": c.feature, "direction": c.direction, "knots": list(c.knots), "values": list(c.values)}
                for c in fitted.curves
            ],
        }
        settings = content["settings"]
        directions = settings["directions"]
        settings["directions"] = None if directions is None else {str(k): int(v) for k, v in directions.items()}
        settings |= {name: float(settings[name]) for name in ("penalty", "calibration_share")}
    return _readable(content | {"sha256": digest_of(content)})


def from_json(data: bytes, where: str) -> tuple[Any, Heading]:
    """Return the model that a file holds, and its heading.

    Raises
    ------
    ScoringError
        Where it is none, was changed, or could not have been written by a fitted model.
    """
    content = read_json(data, where)
    shapes: dict[str, type[Strict]] = {"PatternScorer": _Points, "CourseOfConductClassifier": _Classifier}
    shape = shapes.get(str(content.get("kind")))
    if shape is None:
        checked(Heading, {k: v for k, v in content.items() if k in Heading.model_fields}, where)
        raise refusal(where, f"It says that it holds a {content.get('kind')}, which is not kept as JSON.")
    told = checked(shape, content, where)
    if told.sha256 != digest_of({name: value for name, value in content.items() if name != "sha256"}):
        raise ScoringError(
            "It was changed after it was written: its SHA-256 does not fit.", where=where,
            hint="Take the file as save() wrote it, or train again.",
        )  # fmt: skip
    wrong = _why_impossible(told)
    if wrong:
        raise refusal(where, wrong)
    return (_points_model(told) if isinstance(told, _Points) else _classifier(told)), told


def _why_impossible(told: Any) -> str | None:
    """Return what no fitted model could say, ``None`` where all is well."""
    if len(set(told.features)) < len(told.features):
        return "It names a feature twice."
    if list(told.points) != told.features:
        return "Its points are not those of its features."
    if len(told.classes) != 2 or told.classes[0] == told.classes[1]:
        return "It does not tell two classes apart."
    if not all(points >= 0 for points in told.points.values()):
        return "It takes points away."
    if isinstance(told, _Points):
        return None
    if [c.feature for c in told.curves] != told.features:
        return "Its lines are not those of its features."
    if told.per_point < 0:
        return "It turns the rules against themselves."
    if exact(told.baseline) != told.baseline:
        return "Its baseline is none that a fit gives: sums with it would not be exact."
    if told.settings.directions is not None or told.versions.get("features") == version():
        lawful = directions_of(told.features, told.settings.directions)
        turned = [c.feature for c, way in zip(told.curves, lawful, strict=True) if c.direction != way]
        if turned:
            return f"The line of {turned[0]} has another direction than its settings and the declared features give."
    return next((f"The line of {c.feature} {wrong}." for c in told.curves if (wrong := _why_no_line(c))), None)


def _why_no_line(curve: _Curve) -> str | None:
    knots, values = np.array(curve.knots), np.array(curve.values)
    steps = np.diff(values) * curve.direction
    if len(knots) != len(values):
        return "has not one value for each knot"
    if not (np.diff(knots) > 0).all():
        return "has knots out of order"
    if not (values >= 0).all() or (exact(values) != values).any():
        return "adds what no fitted line adds"
    return "goes against its direction" if (steps < 0).any() else None


def _points_model(told: _Points) -> PatternScorer:
    model = PatternScorer(**{str(name): value for name, value in told.settings.items()})
    model.weights_ = np.array(list(told.points.values()))
    model.threshold_ = told.threshold
    _name(model, told)
    return model


def _classifier(told: _Classifier) -> CourseOfConductClassifier:
    model = CourseOfConductClassifier(**told.settings.model_dump())
    curves = tuple(Curve(c.feature, c.direction, tuple(c.knots), tuple(c.values)) for c in told.curves)
    model.model_ = Additive(told.baseline, told.per_point, tuple(told.points.values()), curves)
    model.training_ = told.training or {}
    _name(model, told)
    return model


def _name(model: Any, told: Any) -> None:
    model.classes_ = np.array(told.classes)
    model.feature_names_in_ = np.array(told.features, dtype=object)
    model.n_features_in_ = len(told.features)


def _readable(content: Mapping[str, Any]) -> str:
    """Return JSON with one line for each entry, and one for each item of lists of objects."""

    def flat(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)

    def part(value: Any) -> str:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return "[\n    " + ",\n    ".join(map(flat, value)) + "\n  ]"
        if isinstance(value, dict) and value:
            inner = ",\n    ".join(f"{flat(name)}: {flat(item)}" for name, item in value.items())
            return "{\n    " + inner + "\n  }"
        return flat(value)

    return "{\n  " + ",\n  ".join(f"{flat(name)}: {part(value)}" for name, value in content.items()) + "\n}\n"

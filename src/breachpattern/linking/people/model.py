"""Models: for each level of agreement, how often one person's records show it, and how often two people's do."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from breachpattern.documents import parse_json
from breachpattern.errors import InputError
from breachpattern.linking.people.comparisons import COMPARISONS

FORMAT = 1


@cache
def _shipped() -> str:
    return (resources.files(__package__) / "model.json").read_text("utf-8")


def shipped_model() -> dict[str, Any]:
    """Return the model that comes with the package, trained on an invented population.

    Examples
    --------
    >>> model = shipped_model()
    >>> same = model["comparisons"]["phone"]["same"]
    >>> same["m"] > same["u"]
    True
    """
    model: dict[str, Any] = json.loads(_shipped())
    return model


def read_model(path: str | Path) -> dict[str, Any]:
    """Return a model from a JSON file that :func:`train_model` wrote.

    Raises
    ------
    InputError
        Where the file is no such model.
    """
    path = Path(path)
    try:
        model = parse_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"The model cannot be read: {error.strerror}.",
            where=str(path),
            hint="Name the JSON file that train_model wrote.",
        ) from error
    except ValueError as error:
        raise InputError("The model is not JSON.", where=path.name, hint="Train it with train_model.") from error
    check_model(model, path.name)
    checked: dict[str, Any] = model
    return checked


def check_model(model: object, where: str) -> None:
    """Raise where something is not a model of this version.

    Examples
    --------
    >>> check_model(shipped_model(), "model.json")
    >>> check_model({}, "mine.json")
    Traceback (most recent call last):
    breachpattern.errors.InputError: mine.json: This is not a model of people. Train it with train_model.
    """
    hint = "Train it with train_model."
    if not isinstance(model, dict) or model.get("format") != FORMAT or not isinstance(model.get("comparisons"), dict):
        raise InputError("This is not a model of people.", where=where, hint=hint)
    for comparison in COMPARISONS:
        levels = model["comparisons"].get(comparison.name)
        for level in comparison.levels:
            numbers = levels.get(level.key) if isinstance(levels, dict) else None
            if not isinstance(numbers, dict) or not all(_is_probability(numbers.get(name)) for name in "mu"):
                raise InputError(
                    f"The model lacks '{level.key}' of '{comparison.name}', or its numbers are no probabilities.",
                    where=where,
                    hint=hint,
                )
    if not _is_probability(model.get("probability_two_random_records_match")):
        raise InputError("The model lacks the probability that two random records match.", where=where, hint=hint)


def write_model(model: dict[str, Any], path: str | Path) -> None:
    """Write a model as JSON that people can read."""
    Path(path).write_text(json.dumps(model, indent=2) + "\n", encoding="utf-8", newline="\n")


def _is_probability(value: object) -> bool:
    return isinstance(value, float) and 0 < value < 1

"""The verdict on a row of text: what it means, what has to be set aside, and whether it can be used at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from breachpattern.records.cells import Cell, Reading, as_text
from breachpattern.records.models import Row


@dataclass(frozen=True)
class Problem:
    """One cell that is wrong: where, which code, what was seen, and what would work."""

    column: str
    code: str
    value: str
    message: str
    hint: str
    keep: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a row means: the record, ``None`` where the row is rejected, and every problem on the way."""

    record: Row | None
    problems: tuple[Problem, ...]


def judge(model: type[Row], row: Mapping[str, Any], reading: Reading | None = None) -> Verdict:
    """Return what a row of text means, setting aside what cannot be read.

    Parameters
    ----------
    model : type
        One of the four models.
    row : mapping of str to str or None
        Cells by canonical column; blank and ``None`` are not known.
    reading : Reading, optional
        Date formats, time zone, day of the run, catalogue.

    Returns
    -------
    Verdict
        A problem in a required cell rejects the row; any other costs the cell only.

    Examples
    --------
    >>> from breachpattern.records import Incident
    >>> row = {"incident_id": "C1", "occurred_from": "2025-03-01", "channel": "pigeon"}
    >>> verdict = judge(Incident, row)
    >>> verdict.record.channel, verdict.problems[0].code
    (None, 'unknown_value')
    >>> judge(Incident, {"incident_id": "C1"}).problems[0].message
    'occurred_from is blank.'
    """
    reading = reading if reading is not None else Reading()
    cells = {name: as_text(value, reading.list_separator) for name, value in row.items()}
    problems: list[Problem] = []
    while True:
        try:
            return Verdict(model.model_validate(cells, context=reading), tuple(problems))
        except ValidationError as error:
            found = [_problem(details, cells) for details in error.errors(include_url=False)]
        problems += found
        if any(problem.column not in cells or is_required(model, problem.column) for problem in found):
            return Verdict(None, tuple(problems))
        cells |= {problem.column: problem.keep for problem in found}


def judge_cell(model: type[Row], column: str, text: str, reading: Reading) -> tuple[Any | None, Problem | None]:
    """Return what one cell means by its field of the model, or what is wrong with it.

    Examples
    --------
    >>> from breachpattern.records import Incident
    >>> judge_cell(Incident, "act_count", "50", Reading())
    (50, None)
    """
    try:
        return _adapter(model, column).validate_python(text, context=reading), None
    except ValidationError as error:
        return None, _problem(error.errors(include_url=False)[0], {column: text}, column)


def cell_of(model: type[Row], column: str) -> Cell:
    """Return the type of cell that a column of a model has.

    Examples
    --------
    >>> from breachpattern.records import Incident
    >>> cell_of(Incident, "occurred_to").name
    'when'
    """
    return _cell(model, column)


def is_required(model: type[Row], column: str) -> bool:
    """Return whether a row needs this cell, so that it is rejected without it.

    Examples
    --------
    >>> from breachpattern.records import Incident
    >>> is_required(Incident, "occurred_from"), is_required(Incident, "kind")
    (True, False)
    """
    return column in _required(model)


@cache
def _required(model: type[Row]) -> frozenset[str]:
    filled = model._filled({})
    return frozenset(name for name, field in model.model_fields.items() if field.is_required() and name not in filled)


@cache
def _cell(model: type[Row], column: str) -> Cell:
    field = model.model_fields[column]
    places = [*field.metadata]
    for part in getattr(field.annotation, "__args__", ()):
        places += getattr(part, "__metadata__", ())
    return next(place for place in places if isinstance(place, Cell))


@cache
def _adapter(model: type[Row], column: str) -> TypeAdapter[Any]:
    return TypeAdapter(Annotated[Any, _cell(model, column)])


def _problem(details: ErrorDetails, cells: Mapping[str, str], column: str = "") -> Problem:
    context = details.get("ctx", {})
    column = context.get("column") or (str(details["loc"][0]) if details["loc"] else column)
    if details["type"] == "missing":
        return Problem(column, "missing_value", "", f"{column} is blank.", "Every row needs it.")
    return Problem(
        column,
        details["type"],
        cells.get(column, ""),
        context.get("message", details["msg"]),
        context.get("hint", ""),
        context.get("keep", ""),
    )

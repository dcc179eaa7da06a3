"""What is on file, as somebody hands it in: a few records and orders, checked, and refused in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from breachpattern.cases.rows import check_plain, fault
from breachpattern.errors import InputError
from breachpattern.ingest import read_extract
from breachpattern.records import Reading, Row

if TYPE_CHECKING:
    from breachpattern.ingest import Extract
    from breachpattern.law import Catalogue

NO_INCIDENTS: dict[str, list[str]] = {"incident_id": [], "occurred_from": []}


def extract_of(history: Any, orders: Any, catalogue: Catalogue) -> Extract:
    """Return a history and its orders as a checked extract.

    Raises
    ------
    InputError
        Where a row cannot be used; the message names the field.

    Examples
    --------
    >>> from breachpattern.law import Catalogue
    >>> extract_of([], [], Catalogue.load()).incidents.num_rows
    0
    """
    import pandas as pd

    rows, held = _rows(history, "history"), _rows(orders, "orders")
    if isinstance(rows, list) and not rows:
        rows = pd.DataFrame(NO_INCIDENTS, dtype=str)
    extract = read_extract(rows, orders=None if isinstance(held, list) and not held else held, catalogue=catalogue)
    for table, name in (("incidents", "history"), ("orders", "orders")):
        if extract.rows.get(table, {}).get("rejected"):
            first = extract.rejected[table].slice(0, 1).to_pylist()[0]
            count = extract.rows[table]["rejected"]
            raise InputError(
                f"{count} of the rows cannot be used, the first of them because {first['reason']}",
                where=f"{name}, row {first['row']}",
                hint="Correct it, or leave the row out.",
            )
    return extract


def checked(model: type[Row], data: Any, catalogue: Catalogue) -> dict[str, Any]:
    """Return a record as a mapping that the model accepts.

    Raises
    ------
    InputError
        Where a field cannot be read; the message names it.
    """
    word = model.__name__.lower()
    if isinstance(data, model):
        return written(data)
    if not isinstance(data, Mapping):
        raise InputError(
            f"This is a {type(data).__name__}, not a mapping of fields.",
            where=word,
            hint=f"`breachpattern schema {word}` lists them.",
        )
    check_plain(data)
    reading = Reading(catalogue=catalogue)
    try:
        model.model_validate(data, context=reading)
    except (ValidationError, TypeError):
        raise fault(model, data, reading) from None
    return dict(data)


def written(record: BaseModel | Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as the fields that it has."""
    if not isinstance(record, BaseModel):
        return dict(record)
    return {k: v for k, v in record.model_dump(mode="json").items() if v not in (None, [])}


def cells_of(incident: BaseModel | Mapping[str, Any], catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return an incident, which can be read, as the one row of a table that it is on file."""
    cells: list[dict[str, Any]] = read_extract([written(incident)], catalogue=catalogue).incidents.to_pylist()
    return cells


def _rows(rows: Any, name: str) -> Any:
    """Return records as mappings; whatever is a table or a file stays what it is."""
    if rows is None:
        return []
    if isinstance(rows, str | bytes) or hasattr(rows, "columns") or hasattr(rows, "open"):
        return rows
    try:
        items = [rows] if isinstance(rows, Mapping) else list(rows)
    except TypeError:
        raise InputError(
            f"This is a {type(rows).__name__}, not records.",
            where=name,
            hint="Give a list of mappings, a data frame, a path or a CaseIndex.",
        ) from None
    return [written(item) if isinstance(item, BaseModel) else item for item in items]

"""JSON Schema of the canonical tables."""

from __future__ import annotations

from typing import Any

from breachpattern.errors import UsageError
from breachpattern.records.models import MODELS

SINGULAR = {"incident": "incidents", "order": "orders", "person": "persons", "association": "associations"}


def json_schema(table: str) -> dict[str, Any]:
    """Return the JSON Schema of one row of a table.

    Parameters
    ----------
    table : str
        ``incidents``, ``orders``, ``persons`` or ``associations``, or the singular.

    Raises
    ------
    UsageError
        Where there is no such table.

    Examples
    --------
    >>> json_schema("incident")["required"]
    ['incident_id', 'occurred_from']
    """
    name = SINGULAR.get(table, table)
    if name not in MODELS:
        raise UsageError(f"There is no table '{table}'.", hint=f"Tables: {', '.join(MODELS)}.")
    schema = MODELS[name].model_json_schema(mode="serialization")
    filled = MODELS[name]._filled({})
    schema["description"] = str(schema.get("description", "")).partition("\n\nExamples\n")[0]
    schema["required"] = [column for column in schema.get("required", []) if column not in filled]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}

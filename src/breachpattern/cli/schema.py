"""The command that prints what goes in and what comes out, as JSON Schemas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breachpattern.cli import DONE
from breachpattern.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

EPILOG = """\b
Examples:
  breachpattern schema                list the tables
  breachpattern schema incident       JSON Schema of a row of incidents
  breachpattern schema outputs        JSON Schema of the output tables
  breachpattern schema findings       of one of them
  breachpattern schema issues         the codes of data problems
"""


def schema(
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="[TABLE]",
            help="incident, order, person, association; outputs, or one such as findings; issues, assess, watch.",
        ),
    ] = None,
) -> int:
    """Print JSON Schemas and the codes of data problems."""
    name = (table or "").lower()
    if not name:
        typer.echo("\n".join(SCHEMAS))
        return DONE
    singular = next((key for key in SCHEMAS if name in (key, f"{key}s")), None)
    if singular is None:
        raise UsageError(f"There is no table {table!r}.", hint=f"Tables: {', '.join(SCHEMAS)}.")
    typer.echo(json.dumps(SCHEMAS[singular](singular), indent=2, ensure_ascii=False, default=str))
    return DONE


def _input_schema(table: str) -> Any:
    from breachpattern.records import json_schema

    return json_schema(table)


def _output_schema(table: str) -> Any:
    from breachpattern.output.schema import json_schema

    return json_schema("" if table == "outputs" else table)


def _case_schema(name: str) -> Any:
    from breachpattern.cases.schema import answer_schema, watch_schema

    return answer_schema() if name == "assess" else watch_schema()


def _issue_codes(_table: str) -> Any:
    from breachpattern.ingest import ISSUE_CODES

    return {
        code: {"severity": entry.severity, "meaning": entry.meaning, "hint": entry.hint}
        for code, entry in ISSUE_CODES.items()
    }


SCHEMAS: dict[str, Callable[[str], Any]] = {
    "incident": _input_schema,
    "order": _input_schema,
    "person": _input_schema,
    "association": _input_schema,
    "outputs": _output_schema,
    "breaches": _output_schema,
    "courses": _output_schema,
    "findings": _output_schema,
    "near_misses": _output_schema,
    "people_links": _output_schema,
    "issues": _issue_codes,
    "assess": _case_schema,
    "watch": _case_schema,
}

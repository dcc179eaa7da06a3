"""What the files of a run hold: every table, its columns, their types and their meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from breachpattern.vocabulary import (
    BREACH_KINDS,
    BREACH_STATUSES,
    LEVELS,
    NATURES,
    ORDER_STATES,
    STRENGTHS,
    TERMS,
    UNITS,
    Vocabulary,
)


@dataclass(frozen=True)
class Column:
    """One column of an output table.

    Attributes
    ----------
    name : str
    kind : str
        ``text``, ``list`` (text items joined with ``;``), ``whole`` (number), ``number``, ``time`` or ``flag``.
    meaning : str
    codes : Vocabulary, optional
        The values that may stand in the cell, or the items of its list.
    """

    name: str
    kind: str
    meaning: str
    codes: Vocabulary | None = None


BREACHES = (
    Column("incident_id", "text", "The incident, as written in the extract."),
    Column("order_id", "text", "The order concerned; blank for `recorded_no_order`."),
    Column("suspect_id", "text", "The suspect of the row; blank is not known."),
    Column("victim_id", "text", "The victim of the row; blank is not known."),
    Column("status", "text", "What the record and the orders say together.", BREACH_STATUSES),
    Column("order_state", "text", "Whether the order was in force and its awareness element met.", ORDER_STATES),
    Column("nature", "text", "What that breach is in law on the day of the conduct.", NATURES),
    Column("breach_kind", "list", "Which part of the order was broken.", BREACH_KINDS),
    Column("terms_matched", "list", "The terms of the order within which the conduct falls.", TERMS),
    Column("days_since_served", "whole", "Whole days from service to the incident; blank where not on file."),
    Column("course_id", "text", "The strongest candidate course that holds the incident."),
    Column("course_strength", "text", "The strength of that course.", STRENGTHS),
    Column("prior_occasions_365d", "whole", "Earlier occasions of the same two people in the year before."),
    Column("prior_breaches", "whole", "Earlier breach incidents towards the same victim."),
    Column("reasons", "list", "Why, in words, on both sides."),
    Column("order_version", "whole", "The version of the order that was judged."),
    Column("order_kind", "text", "The kind of order."),
    Column("occurred_at", "time", "The first second of the occurrence."),
    Column("known_at", "time", "When the police knew of it."),
    Column("row", "whole", "The line of the incidents file, the header being line 1."),
    Column(
        "through_id",
        "text",
        "Who acted, where contact through others is inferred from a tie; then `suspect_id` is the respondent.",
    ),
    Column("path", "text", "What ties that person to the respondent, in words."),
)
COURSES = (
    Column("course_id", "text", "Stable id of the candidate course."),
    Column("suspect_ids", "list", "The suspects."),
    Column("victim_ids", "list", "The victims."),
    Column("unit", "text", "One victim, connected victims, or several suspects.", UNITS),
    Column("strength", "text", "How well connected the occasions are.", STRENGTHS),
    Column("occasions", "whole", "Occasions: events in the victim's life, not records."),
    Column("acts", "whole", "Acts: fifty calls in one record are fifty."),
    Column("breaches", "whole", "Incidents of the course that breach an order."),
    Column("first_at", "time", "The first second of the first occasion."),
    Column("last_at", "time", "The last second of the last occasion."),
    Column("longest_gap_days", "number", "Days between two neighbouring occasions, at most."),
    Column("reasons_for", "list", "What connects the occasions, in words."),
    Column("reasons_against", "list", "What speaks against it, in words."),
    Column("incident_ids", "list", "The incidents, in time order."),
    Column("support", "number", "The points on which the strength rests (see strength.md)."),
)
FINDINGS = (
    Column("rank", "whole", "Place in the worklist, 1 first: level, score, recency, id."),
    Column("finding_id", "text", "Stable id: the same facts give the same id in every run."),
    Column("pattern", "text", "The pattern that held."),
    Column("level", "text", "How soon a person should look.", LEVELS),
    Column("score", "number", "0 to 100. Orders findings of one level; never makes or removes one."),
    Column("suspect_id", "text", "The suspect, or the first of several."),
    Column("victim_ids", "list", "The victims."),
    Column("course_id", "text", "The candidate course concerned; blank where none."),
    Column("breach_incident_ids", "list", "The incidents of the evidence that breach an order."),
    Column("incident_ids", "list", "All incidents of the evidence."),
    Column("order_ids", "list", "The orders concerned."),
    Column("first_at", "time", "The first second of the evidence."),
    Column("last_at", "time", "The last second of the evidence."),
    Column("headline", "text", "The finding in one sentence."),
    Column("provisions", "list", "Keys of the provisions concerned, such as `pha1997.s2A`."),
    Column("caveats", "list", "What to weigh before relying on it."),
)
NEAR_MISSES = (
    Column("pattern", "text", "The pattern that did not hold."),
    Column("text", "text", "What there is of it so far."),
    Column("suspect_ids", "list", "The suspects."),
    Column("victim_ids", "list", "The victims."),
    Column("course_id", "text", "The candidate course concerned; blank where none."),
    Column("order_ids", "list", "The orders concerned."),
    Column("incident_ids", "list", "The incidents that come close, in time order."),
    Column("first_at", "time", "The first second of those incidents."),
    Column("last_at", "time", "The last second of those incidents."),
)
PEOPLE_LINKS = (
    Column("person_id", "text", "A person record's reference."),
    Column("entity_id", "text", "The human being that linking takes it for; opaque."),
    Column("shown_as", "text", "The smallest reference of that human being, by which courses and findings call them."),
    Column("other_id", "text", "The record it was joined with; blank in the row of the smallest reference."),
    Column("method", "text", "The stage that joined the two, or a person's decision; `shown` for the smallest."),
    Column("probability", "number", "How probable it is that both are one human being."),
    Column("certain", "flag", "Whether findings may rest on it without saying so."),
    Column("evidence", "text", "What agrees, in words; no names, no addresses."),
)
ISSUES = (
    Column("file", "text", "The file, or the table where no file was read."),
    Column("row", "whole", "The line that a spreadsheet shows, the header being line 1; blank for the file."),
    Column("column", "text", "The column; blank for the whole row."),
    Column("code", "text", "Stable code; `breachpattern schema issues` lists them."),
    Column("severity", "text", "`error`: row rejected; `warning`: value set aside, row kept; `info`: for notice."),
    Column("value", "text", "What was seen."),
    Column("message", "text", "What is wrong with it."),
    Column("hint", "text", "What would work."),
)
OUTPUTS: dict[str, tuple[Column, ...]] = {
    "breaches": BREACHES,
    "courses": COURSES,
    "people_links": PEOPLE_LINKS,
    "findings": FINDINGS,
    "near_misses": NEAR_MISSES,
    "issues": ISSUES,
}
_TYPES = {
    "text": "string", "list": "string", "whole": "integer", "number": "number", "time": "string", "flag": "boolean",
}  # fmt: skip


def names(table: str) -> list[str]:
    """Return the column names of an output table, in order.

    Examples
    --------
    >>> names("issues")
    ['file', 'row', 'column', 'code', 'severity', 'value', 'message', 'hint']
    """
    return [column.name for column in OUTPUTS[table]]


def json_schema(table: str = "") -> dict[str, Any]:
    """Return the JSON Schema of one row of every output table, or of one.

    Parameters
    ----------
    table : str, optional
        Of ``breaches``, ``courses``, ``people_links``, ``findings``, ``near_misses``, ``issues``.

    Examples
    --------
    >>> json_schema()["$defs"]["courses"]["properties"]["strength"]["enum"]
    ['none', 'weak', 'arguable', 'clear', None]
    >>> json_schema("findings")["properties"]["rank"]["type"]
    ['integer', 'null']
    """
    form = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    if table:
        return {**form, "title": f"A row of {table}", **_row(OUTPUTS[table])}
    return {
        **form,
        "title": "Outputs of a run: one row of each table",
        "$defs": {name: _row(columns) for name, columns in OUTPUTS.items()},
    }


def _row(columns: tuple[Column, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {column.name: _property(column) for column in columns},
        "required": [column.name for column in columns],
    }


def _property(column: Column) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": [_TYPES[column.kind], "null"], "description": column.meaning}
    if column.kind == "time":
        entry["format"] = "date-time"
    elif column.kind == "list":
        entry["description"] += " Items are joined with `;`."
    if column.codes and column.kind == "text":
        entry["enum"] = [*column.codes, None]
    elif column.codes:
        entry["items_separated_by_semicolon"] = list(column.codes)
    return entry

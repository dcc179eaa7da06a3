"""JSON Schemas of an answer and of the lines that ``breachpattern watch`` reads and writes."""

from __future__ import annotations

from typing import Any

from breachpattern.records import json_schema
from breachpattern.vocabulary import (
    BREACH_KINDS,
    BREACH_STATUSES,
    LEVELS,
    NATURES,
    ORDER_STATES,
    STRENGTHS,
    TERMS,
    Vocabulary,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def _object(meaning: str, fields: Schema, *, optional: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "description": meaning,
        "properties": fields,
        "required": [name for name in fields if name not in optional],
        "additionalProperties": False,
    }


def _of(kind: str, meaning: str, *, blank: bool = False) -> Schema:
    return {"type": [kind, "null"] if blank else kind, "description": meaning}


def _coded(vocabulary: Vocabulary, meaning: str, *, blank: bool = False) -> Schema:
    values: list[str | None] = [*vocabulary.values]
    return {"enum": [*values, None] if blank else values, "description": meaning}


def _list(items: Schema, meaning: str) -> Schema:
    return {"type": "array", "items": items, "description": meaning}


def _time(meaning: str) -> Schema:
    return _of("string", f"{meaning} ISO 8601 on the London clock with its offset; null where not known.", blank=True)


TEXTS: Schema = {"type": "string"}


def answer_schema() -> Schema:
    """Return the JSON Schema of what :meth:`CaseIndex.assess` answers.

    Examples
    --------
    >>> "patterns_not_assessed" in answer_schema()["required"]
    True
    """
    return {"$schema": DIALECT, "title": "What one incident means in its case"} | _answer()


def _answer() -> Schema:
    order = _object(
        "An order version that may have been in force at the incident, those that protect the victim first.",
        {
            "order_id": _of("string", "The order."),
            "version": _of("integer", "Its version."),
            "kind": _of("string", "The kind, a code of the catalogue."),
            "title": _of("string", "The kind in words."),
            "is_order": _of("boolean", "False for a police warning, which cannot be broken."),
            "order_state": _coded(ORDER_STATES, "Whether it was in force and its awareness element met."),
            "protects_victim": _of("boolean", "Whether it protects the victim of the incident."),
            "protected_ids": _list(TEXTS, "Whom it protects."),
            "terms": _list({"enum": list(TERMS.values)}, "What it forbids or requires."),
            "terms_on_file": _of("boolean", "False where the terms are what the kind of order says by default."),
            "made": _time("When it was made."),
            "served": _time("When it was served."),
            "ends": _time("When it certainly ends."),
        },
    )
    breach = _object(
        "An order that the incident breaches, or a record that says breach where no order fits.",
        {
            "order_id": _of("string", "The order; null for recorded_no_order.", blank=True),
            "order_version": _of("integer", "Its version.", blank=True),
            "order_kind": _of("string", "Its kind.", blank=True),
            "status": _coded(BREACH_STATUSES, "What the record and the orders say together."),
            "order_state": _coded(ORDER_STATES, "Whether the order was in force and its awareness element met."),
            "nature": _coded(NATURES, "What that breach is in law on that day.", blank=True),
            "breach_kind": _list({"enum": list(BREACH_KINDS.values)}, "Which part of the order was broken."),
            "terms_matched": _list({"enum": list(TERMS.values)}, "The terms within which the conduct falls."),
            "days_since_served": _of("integer", "Whole days from service; null where not on file.", blank=True),
            "prior_occasions_365d": _of("integer", "Other occasions of the two in the year before, as known then."),
            "prior_breaches": _of("integer", "Earlier breaches towards the victim, as known then."),
            "reasons": _list(TEXTS, "Why, in words, on both sides."),
        },
    )
    finding = _object(
        "A pattern that holds with the incident on file.",
        {
            "finding_id": _of("string", "The id that the finding has in every run on the same facts."),
            "pattern": _of("string", "The pattern."),
            "level": _coded(LEVELS, "How soon a person should look."),
            "because": _of("string", "The rule that gave the level."),
            "headline": _of("string", "The finding in one sentence."),
            "rests_on_incident": _of("boolean", "Whether the incident is in its evidence."),
            "change": {
                "enum": ["new", "changed", "unchanged"],
                "description": "Against the same case without the incident.",
            },
            "finding_id_before": _of("string", "Its id without the incident.", blank=True),
            "level_before": _coded(LEVELS, "Its level without the incident.", blank=True),
        },
    )
    strength = "The strength of the strongest candidate course of the two people"
    return _object(
        "One incident in its case. People decide.",
        {
            "incident_id": _of("string", "The incident."),
            "suspect_id": _of("string", "The suspect, by the smallest reference of the person.", blank=True),
            "victim_id": _of("string", "The victim, likewise.", blank=True),
            "as_of": _time("The instant of the answer."),
            "orders": _list(order, "Orders that bind the suspect and may have been in force."),
            "is_breach": _of(
                "boolean",
                "Whether there is any breach by the suspect named. What may be contact on behalf of somebody whom an"
                " order keeps away is told by `findings`, or named under `patterns_not_assessed`.",
            ),
            "breaches": _list(breach, "Breaches by the suspect named."),
            "considered": _list(
                _object(
                    "An order that was considered and not broken.",
                    {
                        "order_id": _of("string", "The order."),
                        "version": _of("integer", "Its version."),
                        "reasons": _list(TEXTS, "Why not."),
                    },
                ),
                "Orders of the suspect that the incident does not breach.",
            ),
            "prior": _object(
                "What is on file of the two people from before the incident.",
                {
                    "occasions_365d": _of("integer", "Occasions in the year before, as known then."),
                    "occasions": _of("integer", "All earlier occasions."),
                    "breaches": _of("integer", "Earlier breaches, as known then."),
                    "records": _of("integer", "Records, cancelled ones among them."),
                },
            ),
            "course": _object(
                "The candidate course that holds the incident; where none does, the strongest of the two people.",
                {
                    "strength_before": _coded(STRENGTHS, f"{strength} without the incident."),
                    "strength_after": _coded(STRENGTHS, f"{strength} with it."),
                    "strength": _coded(STRENGTHS, "The strength of the course that is described here."),
                    "holds_incident": _of("boolean", "Whether the incident is among its occasions."),
                    "occasions": _of("integer", "Its occasions."),
                    "acts": _of("integer", "Acts."),
                    "first_at": _time("Its first second."),
                    "last_at": _time("Its last second."),
                    "reasons_for": _list(TEXTS, "What connects the occasions."),
                    "counter_signals": _list(TEXTS, "What speaks against it."),
                },
            ),
            "findings": _list(finding, "What the incident has to do with, the gravest first."),
            "no_longer": _list(
                _object(
                    "A finding that does not stand once the incident is on file.",
                    {
                        "finding_id": _of("string", "Its id."),
                        "pattern": _of("string", "The pattern."),
                        "level": _coded(LEVELS, "Its level."),
                    },
                ),
                "Findings that would go.",
            ),
            "patterns_not_assessed": _list(
                _object(
                    "A pattern that this answer says nothing about.",
                    {"pattern": _of("string", "The pattern."), "reason": _of("string", "Why.")},
                ),
                'What the fast answer cannot tell; ask again with "findings": "full".',
            ),
        },
    )


def watch_schema() -> Schema:
    """Return the JSON Schemas of the lines that ``breachpattern watch`` reads (``event``) and writes (``reply``).

    Examples
    --------
    >>> sorted(watch_schema()["$defs"])
    ['event', 'reply']
    """
    ident: Schema = {
        "type": ["string", "integer", "null"],
        "description": "A name or number of yours; it comes back with the answer.",
    }

    def event(kind: str, fields: Schema, optional: tuple[str, ...] = ()) -> Schema:
        named = {"event": {"const": kind}, "id": ident} | fields
        return _object(f"The event {kind!r}.", named, optional=("id", *optional))

    incident = {
        "incident": _record("incident"),
        "keep": _of("boolean", "Put it on file (true)."),
        "findings": {"enum": ["fast", "full"], "description": "fast; full leaves no pattern out and takes longer."},
    }
    events = [
        event("incident", incident, ("keep", "findings")),
        *(event(table, {table: _record(table)}) for table in ("order", "person", "association")),
        event("save", {}),
        event("ping", {}),
    ]
    line = {"line": _of("integer", "The number of the line that is answered, from 1."), "id": ident}
    kept = {
        "kept": _of("boolean", "Whether it was put on file, or stood there as it is."),
        "in_effect": _of("boolean", "False where answers take it into account only after a restart."),
    }
    counts = _object(
        "Rows by table.",
        {name: _of("integer", "Rows.") for name in ("incidents", "orders", "persons", "associations")},
    )

    def reply(kinds: list[str], fields: Schema) -> Schema:
        named = line | {"event": {"enum": kinds}} | fields
        return _object("An answer.", named, optional=("id",))

    error = _object(
        "What was wrong with a line; nothing was changed.",
        {
            "code": _of("string", "input, usage or internal."),
            "where": _of("string", "The field.", blank=True),
            "message": _of("string", "What happened."),
            "hint": _of("string", "What would work.", blank=True),
        },
    )
    replies = [
        reply(["incident"], kept | {"answer": _answer()}),
        reply(["order", "person", "association"], kept),
        reply(["save"], {"saved": counts}),
        reply(["ping"], {"records": _of("integer", "Records on file."), "pending": counts}),
        _object("An error.", line | {"error": error}, optional=("id",)),
    ]
    return {
        "$schema": DIALECT,
        "title": "The lines of `breachpattern watch`: one event in, one reply out, in order",
        "$defs": {"event": {"oneOf": events}, "reply": {"oneOf": replies}},
    }


def _record(table: str) -> Schema:
    """Return the schema of a canonical row as part of another; a list may also be one text with ``;``."""
    schema = {key: value for key, value in json_schema(table).items() if key != "$schema"}
    schema["properties"] = {
        name: {"anyOf": [field, TEXTS], "description": field["description"]} if field.get("type") == "array" else field
        for name, field in schema["properties"].items()
    }
    return schema

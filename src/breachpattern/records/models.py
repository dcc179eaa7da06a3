"""The four models: what a valid row of each canonical table is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from breachpattern.records import cells, rules
from breachpattern.records.moments import When, bounds
from breachpattern.vocabulary import (
    BEHAVIOURS,
    CHANNELS,
    IMPACTS,
    INCIDENT_KINDS,
    ORIGINS,
    PLACE_ROLES,
    RELATIONSHIPS,
    STATUSES,
    TERMS,
    TIES,
)

Text = Annotated[str, cells.text_cell()]
Moment = Annotated[When, cells.when_cell()]
Flag = Annotated[bool, cells.boolean_cell()]
References = Annotated[tuple[str, ...], cells.ids_cell()]
Postcode = Annotated[str, cells.postcode_cell()]
Postcodes = Annotated[tuple[str, ...], cells.postcodes_cell()]
Clock = Annotated[time, cells.clock_cell()]
Latitude = Annotated[float, cells.number_cell(-90, 90, "degrees")]
Longitude = Annotated[float, cells.number_cell(-180, 180, "degrees")]
# The extent of the British National Grid (Ordnance Survey); 0, 0 is what systems write for no place.
Easting = Annotated[float, cells.number_cell(1, 700_000, "metres")]
Northing = Annotated[float, cells.number_cell(1, 1_300_000, "metres")]
Radius = Annotated[float, cells.number_cell(1, 500_000, "metres")]


class Row(BaseModel):
    """What the rows of every table have in common: frozen, typed, nothing unknown; blank is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    checks: ClassVar[tuple[rules.Rule, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def _leave_blanks_out(cls, data: Any) -> Any:
        if not isinstance(data, (dict, Mapping)):  # looked for in this order, the usual one at once
            return data
        return cls._filled(
            {
                name: value
                for name, value in data.items()
                if (value.strip() if isinstance(value, str) else cells.as_text(value))
            }
        )

    @classmethod
    def _filled(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Return the cells with the defaults that depend on other cells."""
        return data

    @model_validator(mode="after")
    def _agrees_with_itself(self, info: ValidationInfo) -> Row:
        reading = info.context if isinstance(info.context, cells.Reading) else cells.Reading()
        for rule in type(self).checks:
            problem = rule.check(self, reading)
            if problem is not None:
                raise cells.refusal(problem, rule.column)
        return self


class Incident(Row):
    """One incident × suspect × victim: a crime, incident, intelligence or custody record.

    Examples
    --------
    >>> call = Incident(incident_id="C1", occurred_from="2025-03-01T10:15", behaviours="contact;threat")
    >>> call.kind, call.behaviours
    ('incident', ('contact', 'threat'))
    >>> Incident.model_validate_json(call.model_dump_json()) == call
    True
    >>> Incident(incident_id="C2", occurred_from="some time in May")
    Traceback (most recent call last):
        ...
    pydantic_core._pydantic_core.ValidationError: 1 validation error for Incident
    occurred_from
      'some time in May' is not a date that can be read. [type=unreadable_date]
    """

    checks: ClassVar[tuple[rules.Rule, ...]] = rules.INCIDENT_RULES

    incident_id: Text = Field(
        description="Crime, incident, intelligence or custody number. Rows with one number are one incident.",
    )
    kind: Annotated[str, cells.code_cell(INCIDENT_KINDS)] = Field(
        description="What sort of record it is. Blank: crime where an offence code is given, else incident."
    )
    occurred_from: Moment = Field(
        description="When it happened or began to happen. A date alone is the whole day (POLE DS_001)."
    )
    occurred_to: Moment | None = Field(default=None, description="When it ended. Blank: at occurred_from.")
    reported_at: Moment | None = Field(default=None, description="When the police were told.")
    recorded_at: Moment | None = Field(default=None, description="When it was recorded.")
    offence_code: Text | None = Field(
        default=None,
        description="Home Office code NNN/NN (POLE DS_074) or CJS offence code (POLE DS_080), any spelling.",
    )
    offence_text: Text | None = Field(default=None, description="The label as recorded.")
    suspect_id: Text | None = Field(default=None, description="Reference of the suspect. Blank: nobody known.")
    victim_id: Text | None = Field(default=None, description="Reference of the victim. Blank: nobody known.")
    relationship: Annotated[str, cells.code_cell(RELATIONSHIPS)] | None = Field(
        default=None, description="Of the suspect to the victim (POLE DS_047)."
    )
    behaviours: Annotated[tuple[str, ...], cells.codes_cell(BEHAVIOURS)] = Field(
        default=(),
        description="What was done; the first eight codes are the examples of Protection from Harassment Act"
        " 1997 s.2A(3).",
    )
    channel: Annotated[str, cells.code_cell(CHANNELS)] | None = Field(default=None, description="By which way.")
    means: Text | None = Field(default=None, description="The number, handle, address or vehicle used.")
    act_count: Annotated[int, cells.count_cell(1, 1_000_000)] = Field(
        default=1, description="Acts that this record covers: fifty calls are 50."
    )
    occurrence_ref: Text | None = Field(
        default=None, description="The call, CAD, investigation or occurrence number that several records share."
    )
    breach_of: References = Field(default=(), description="Orders that this record says were breached.")
    postcode: Postcode | None = Field(default=None, description="Where (POLE DS_005 to DS_016).")
    lat: Latitude | None = Field(default=None, description="Degrees north, WGS84.")
    lon: Longitude | None = Field(default=None, description="Degrees east, WGS84.")
    easting: Easting | None = Field(default=None, description="Metres, British National Grid (OSGB36).")
    northing: Northing | None = Field(default=None, description="Metres, British National Grid (OSGB36).")
    place_role: Annotated[str, cells.code_cell(PLACE_ROLES)] | None = Field(
        default=None, description="Whose or what place it was."
    )
    impact: Annotated[tuple[str, ...], cells.codes_cell(IMPACTS)] = Field(
        default=(),
        description="What it did to the victim; serious alarm or distress and its signs, Protection from"
        " Harassment Act 1997 s.4A(1)(b).",
    )
    reconciled_before: Flag | None = Field(
        default=None, description="True where suspect and victim reconciled since the incident before."
    )
    outcome: Text | None = Field(default=None, description="Home Office outcome number.")
    status: Annotated[str, cells.code_cell(STATUSES)] | None = Field(default=None, description="Of the record.")
    domestic_abuse: Flag | None = Field(default=None, description="Whether it was flagged as domestic abuse.")
    force: Text | None = Field(default=None, description="The recording force.")
    narrative: Text | None = Field(
        default=None, description="Free text (POLE DS_088). Dropped on reading unless it is asked for."
    )

    @classmethod
    def _filled(cls, data: dict[str, Any]) -> dict[str, Any]:
        return {"kind": "crime" if "offence_code" in data else "incident"} | data

    @property
    def span(self) -> tuple[int, int]:
        """The seconds of UTC within which it happened, half-open; an instant lasts one second."""
        begin = bounds(self.occurred_from)
        if self.occurred_to is None:
            return begin.lo, begin.end
        return begin.lo, max(bounds(self.occurred_to).hi, begin.lo + 1)


class Order(Row):
    """One order × protected person × version: a variation is a new version, never an edit.

    Examples
    --------
    >>> order = Order(order_id="O1", kind="non_molestation", respondent_id="P1", made_on="2025-01-10")
    >>> order.version, order.terms
    (1, ())
    """

    checks: ClassVar[tuple[rules.Rule, ...]] = rules.ORDER_RULES

    order_id: Text = Field(description="The reference of the order.")
    version: Annotated[int, cells.count_cell(0, 10_000)] = Field(default=1, description="Rises with each variation.")
    kind: Annotated[str, cells.order_kind_cell()] = Field(
        description="Kind of order: a code, an abbreviation or a name that the catalogue of law knows."
    )
    respondent_id: Text = Field(description="The person bound.")
    protected_id: Text | None = Field(default=None, description="A protected person. Blank: none is named.")
    made_on: Moment | None = Field(default=None, description="When it was made.")
    served_at: Moment | None = Field(default=None, description="When it was served on the respondent.")
    aware_from: Moment | None = Field(
        default=None,
        description="When the respondent is first known to have been aware of it (Family Law Act 1996 s.42A(2)).",
    )
    starts: Moment | None = Field(default=None, description="In force from. Blank: from made_on, notices from service.")
    ends: Moment | None = Field(
        default=None,
        description="In force until: a date is the last day, included; a time is excluded. Blank, or a year"
        " after 2100: until further order.",
    )
    discharged_on: Moment | None = Field(default=None, description="Discharged, revoked, lapsed or set aside.")
    without_notice: Flag | None = Field(
        default=None, description="Made without the respondent there (Family Law Act 1996 s.45)."
    )
    origin: Annotated[str, cells.code_cell(ORIGINS)] | None = Field(default=None, description="What it was made on.")
    terms: Annotated[tuple[str, ...], cells.codes_cell(TERMS)] = Field(
        default=(), description="What it forbids or requires. Blank: not on file."
    )
    exclusion_postcodes: Postcodes = Field(
        default=(), description="Postcodes of the exclusion area, whole or beginnings."
    )
    exclusion_lat: Latitude | None = Field(default=None, description="Centre of the exclusion area, degrees WGS84.")
    exclusion_lon: Longitude | None = Field(default=None, description="Centre of the exclusion area, degrees WGS84.")
    exclusion_radius_m: Radius | None = Field(default=None, description="Radius of the exclusion area in metres.")
    curfew_from: Clock | None = Field(default=None, description="Begin of the curfew, London clock.")
    curfew_to: Clock | None = Field(default=None, description="End of the curfew; it may lie beyond midnight.")
    founded_on: References = Field(default=(), description="Incidents on which the order was made.")
    court: Text | None = Field(default=None, description="The court that made it.")
    force: Text | None = Field(default=None, description="The force that holds it.")

    @classmethod
    def _filled(cls, data: dict[str, Any]) -> dict[str, Any]:
        return rules.without_endless_end(data, "ends")


class Person(Row):
    """One nominal record. Several rows may be the same human being; linking decides.

    Examples
    --------
    >>> Person(person_id="P1", surname="Null").surname
    'Null'
    """

    checks: ClassVar[tuple[rules.Rule, ...]] = rules.PERSON_RULES

    person_id: Text = Field(description="The reference of the nominal record.")
    given_name: Text | None = Field(default=None, description="POLE DS_031.")
    surname: Text | None = Field(default=None, description="POLE DS_032.")
    date_of_birth: Annotated[date, cells.when_cell()] | None = Field(
        default=None, description="POLE DS_034: not in the future, age at most 120."
    )
    sex: Text | None = Field(default=None, description="As recorded (POLE DS_037).")
    pnc_id: Text | None = Field(default=None, description="Police National Computer number (POLE DS_072).")
    cro_number: Text | None = Field(default=None, description="Criminal Records Office number (POLE DS_071).")
    phone: Text | None = Field(default=None, description="POLE DS_053.")
    email: Text | None = Field(default=None, description="POLE DS_054.")
    address: Text | None = Field(default=None, description="POLE DS_005 to DS_016.")
    postcode: Postcode | None = Field(default=None, description="UK postcode.")
    vehicle: Text | None = Field(default=None, description="Registration mark (POLE DS_065).")
    force: Text | None = Field(default=None, description="The force that holds the record.")


class Association(Row):
    """One known tie between two people.

    Examples
    --------
    >>> Association(person_id="P1", other_id="P2", tie="co-suspect").tie
    'co_suspect'
    """

    checks: ClassVar[tuple[rules.Rule, ...]] = rules.ASSOCIATION_RULES

    person_id: Text = Field(description="One of the two.")
    other_id: Text = Field(description="The other.")
    tie: Annotated[str, cells.code_cell(TIES)] = Field("other", description="What ties them.")
    since: Moment | None = Field(default=None, description="Since when.")
    until: Moment | None = Field(default=None, description="Until when: a date is the last day, a time is excluded.")

    @classmethod
    def _filled(cls, data: dict[str, Any]) -> dict[str, Any]:
        return rules.without_endless_end(data, "until")


MODELS: dict[str, type[Row]] = {
    "incidents": Incident,
    "orders": Order,
    "persons": Person,
    "associations": Association,
}

"""One incident row as scalars: what the columns of the engine say of it, with texts in place of codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from time import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pydantic import ValidationError

from breachpattern.errors import InputError
from breachpattern.ingest.places import wgs84_from_grid
from breachpattern.linking.columns import COMMUNICATION_CHANNELS
from breachpattern.linking.objects import spelt
from breachpattern.records import Incident, Reading
from breachpattern.records.judge import judge
from breachpattern.records.moments import When, bounds
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS, IMPACTS, INCIDENT_KINDS, PLACE_ROLES, RELATIONSHIPS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

NAN = float("nan")
CONTACT, THROUGH, APPROACH = (BEHAVIOURS.mask([b]) for b in ("contact", "third_party_contact", "approach"))
BY_MESSAGE = frozenset(CHANNELS.index(c) for c in COMMUNICATION_CHANNELS)
THIRD_PARTY, IN_PERSON = CHANNELS.index("third_party"), CHANNELS.index("in_person")


@dataclass(slots=True, eq=False)
class Row:
    """One incident × suspect × victim, as :class:`~breachpattern.linking.columns.Columns` has it.

    A text that is not known is empty, a coded value that is not known is -1; ``place`` is that in the columns of the
    engine, ``-1`` where it is new.
    """

    incident: str
    suspect: str
    victim: str
    start: int
    end: int
    known: int
    recorded: int
    kind: int
    relationship: int
    channel: int
    place_role: int
    offence: int
    behaviours: int
    possible: int
    impact: int
    means: str
    occurrence: str
    acts: int
    reconciled: bool
    cancelled: bool
    closed: bool
    outcome: str
    force: str
    place: int = -1
    # What only whoever judges a breach asks.
    postcode: str = ""
    lat: float = NAN
    lon: float = NAN
    names_an_order: bool = False
    labelled: bool = False
    breach_of: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, int]:
        """What tells rows of one suspect towards one victim apart."""
        return self.incident, self.place

    @property
    def acts_through_others(self) -> bool:
        """Whether it was done through a third party, by what was done or by its channel."""
        return self.behaviours & THROUGH != 0 or self.channel == THIRD_PARTY


def same(one: Row, two: Row) -> bool:
    """Return whether two rows say the same, wherever they stand."""
    for name in SAID:
        said, other = getattr(one, name), getattr(two, name)
        if said != other and not (said != said and other != other):  # what is no number is not known
            return False
    return True


SAID = tuple(f.name for f in fields(Row) if f.name != "place")


class RowReader:
    """Reads an incident as somebody hands it in. Mirrors :func:`~breachpattern.linking.encoding.encode`.

    Parameters
    ----------
    catalogue : Catalogue
        Recognises offences, and says which behaviours each implies.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._place = {name: i for i, name in enumerate(catalogue.offence_ids)}
        offences = [catalogue.offences[o] for o in catalogue.offence_ids]
        self._implied = [BEHAVIOURS.mask(o.behaviours) for o in offences] + [0]
        self._likely = [BEHAVIOURS.mask(o.may_involve) for o in offences] + [0]
        self._recognise = lru_cache(maxsize=4096)(catalogue.recognise)
        self._reading_within = lru_cache(maxsize=1)(lambda _minute: Reading(catalogue=catalogue))

    def read(self, incident: Mapping[str, Any] | Incident) -> Row:
        """Return the row of an incident.

        Raises
        ------
        InputError
            Where a field cannot be read; the message names it.
        """
        record = incident if isinstance(incident, Incident) else self._checked(incident)
        start, end = record.span
        told = record.reported_at or record.recorded_at
        known = max(end - 1 if told is None else _last(told), start)
        recorded = known if record.recorded_at is None else _last(record.recorded_at)
        offence = -1
        if record.offence_code is not None or record.offence_text is not None:
            found = self._recognise(record.offence_code, record.offence_text).offence
            offence = -1 if found is None else self._place[found]
        channel = _code(CHANNELS, record.channel)
        done, possible = self._conduct(BEHAVIOURS.mask(record.behaviours), offence, channel)
        lat, lon = _where(record)
        return Row(
            incident=record.incident_id,
            suspect=record.suspect_id or "",
            victim=record.victim_id or "",
            start=start,
            end=end,
            known=known,
            recorded=recorded,
            kind=INCIDENT_KINDS.index(record.kind),
            relationship=_code(RELATIONSHIPS, record.relationship),
            channel=channel,
            place_role=_code(PLACE_ROLES, record.place_role),
            offence=offence,
            behaviours=done,
            possible=possible,
            impact=IMPACTS.mask(record.impact),
            means=_spelt(record.means) if record.means else "",
            occurrence=record.occurrence_ref or "",
            acts=record.act_count,
            postcode=record.postcode or "",
            lat=lat,
            lon=lon,
            reconciled=bool(record.reconciled_before),
            cancelled=record.status == "cancelled",
            closed=record.status == "closed",
            outcome=record.outcome or "",
            force=record.force or "",
            names_an_order=bool(record.breach_of),
            labelled=record.offence_code is None,
            breach_of=record.breach_of,
        )

    def _checked(self, incident: Mapping[str, Any]) -> Incident:
        if not isinstance(incident, (dict, Mapping)):  # looked for in this order, the usual one at once
            raise InputError(
                f"An incident is a mapping of fields or a bp.Incident, not {type(incident).__name__}.",
                where="incident",
                hint='Give for example {"incident_id": "C1", "occurred_from": "2025-03-01T10:15", "suspect_id": "P1"}.',
            )
        check_plain(incident)
        reading = self._reading_within(time() // 60)  # no day begins within a minute
        try:
            return Incident.model_validate(incident, context=reading)
        except (ValidationError, TypeError):
            raise fault(Incident, incident, reading) from None

    def _conduct(self, recorded: int, offence: int, channel: int) -> tuple[int, int]:
        """Mirror the engine's reading of what was done, and may have been."""
        done = recorded | self._implied[offence]
        if done & CONTACT:
            if channel == THIRD_PARTY:
                done |= THROUGH
            elif channel == IN_PERSON:
                done |= APPROACH
        possible = self._likely[offence]
        if done == 0:
            if channel in BY_MESSAGE:
                possible |= CONTACT
            elif channel == THIRD_PARTY:
                possible |= THROUGH
        return done, possible & ~done


def check_plain(data: Mapping[str, Any]) -> None:
    """Refuse what no cell holds: an object or bytes, and half of a character.

    Raises
    ------
    InputError
        The message names the field.
    """
    for name, value in data.items():
        if isinstance(value, str):
            if not value.isascii() and not _is_whole(value):
                raise InputError(
                    "It holds half of a character (a lone surrogate).",
                    where=str(name),
                    hint="Send the text as the source has it, in UTF-8.",
                )
        elif isinstance(value, (Mapping, bytes)):
            raise InputError(
                f"A {type(value).__name__} is no value of a field.",
                where=str(name),
                hint="Give a text, a number, a date, true or false, or a list of texts.",
            )


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def fault(model: Any, data: Mapping[str, Any], reading: Reading | None = None) -> InputError:
    """Return the error that names the first field of a record that cannot be read, and counts the rest."""
    word = model.__name__.lower()
    unknown = [str(name) for name in data if name not in model.model_fields]
    if unknown:
        return InputError(
            f"{unknown[0]!r} is not a field of an {word}."
            if word[0] in "aio"
            else f"{unknown[0]!r} is not a field of a {word}.",
            where=unknown[0],
            hint=f"`breachpattern schema {word}` lists the fields.",
        )
    problems = judge(model, data, reading).problems
    if not problems:
        return InputError(f"This {word} cannot be read.", where=word, hint=f"See `breachpattern schema {word}`.")
    first, more = problems[0], len(problems) - 1
    hint = " ".join(filter(None, [first.hint, f"({more} more like it.)" if more else ""]))
    return InputError(first.message, where=first.column, hint=hint or None)


def _last(when: When) -> int:
    told = bounds(when)
    return told.hi - 1 if told.day else told.hi


def _code(vocabulary: Any, value: str | None) -> int:
    return -1 if value is None else int(vocabulary.index(value))


def _where(record: Incident) -> tuple[float, float]:
    if record.lat is not None and record.lon is not None:
        return record.lat, record.lon
    if record.easting is not None and record.northing is not None:
        import numpy as np

        lat, lon = wgs84_from_grid(np.array([record.easting]), np.array([record.northing]))
        return float(lat[0]), float(lon[0])
    return NAN, NAN


@lru_cache(maxsize=4096)
def _spelt(text: str) -> str:
    return spelt(pa.array([text], pa.string()))[0].as_py() or ""

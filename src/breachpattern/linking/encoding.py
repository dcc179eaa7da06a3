"""Canonical incidents made into the engine's rows: those that were known at an instant, coded and sorted once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.columns import (
    COMMUNICATION_CHANNELS,
    Codes,
    Columns,
    Ints,
    Names,
    code,
    dictionary,
    equals,
    exploded,
    flags,
    floats,
    integers,
    seconds,
    vocabulary_code,
)
from breachpattern.linking.objects import spelt_column
from breachpattern.sorting import order_by
from breachpattern.spans import FOREVER
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS, INCIDENT_KINDS, PLACE_ROLES, RELATIONSHIPS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue
    from breachpattern.linking.entities import Entities

# By field of Columns: the canonical column, and the field of Names that holds its texts.
OWN_TEXTS = {
    "means": ("means", "means"),
    "postcode": ("postcode", "postcodes"),
    "occurrence": ("occurrence_ref", "occurrences"),
    "outcome": ("outcome", "outcomes"),
    "force": ("force", "forces"),
}


def encode(
    incidents: pa.Table,
    catalogue: Catalogue,
    as_of: int,
    *,
    people: Entities,
    incident_ids: pa.Array,
    orders: pa.Array,
) -> Columns:
    """Return the incident rows that were known at ``as_of`` as integer-coded columns.

    Parameters
    ----------
    incidents : pyarrow.Table
        Canonical incidents (see ``docs/architecture.md``).
    catalogue : Catalogue
        Gives the behaviours that each offence implies.
    as_of : int
        Last second, in seconds UTC, of which anything may be known.
    people : Entities
    incident_ids, orders : pyarrow.Array of string
        The sorted texts to code against, as :func:`dictionary` makes them.

    Examples
    --------
    Called by :func:`breachpattern.timelines.build`; rows reported after ``as_of`` are counted in
    ``not_yet_known`` and appear nowhere else.
    """
    known_all = seconds(incidents["known_at"])
    position = np.flatnonzero(known_all <= as_of)
    table = incidents if len(position) == len(known_all) else incidents.take(pa.array(position))
    columns: dict[str, Any] = {"position": position, "incident": code(table["incident_id"], incident_ids)}
    columns |= _who(table, people) | _when(table, known_all[position], as_of)
    order = order_by(*(columns[name] for name in ("suspect", "victim", "start", "end", "incident")))
    columns |= _what(table, catalogue) | _further(table)
    coded, texts = _coded_texts(table)
    columns = {name: values.take(order) for name, values in (columns | coded).items()}
    return Columns(
        **columns,
        breach_claims=exploded(table["breach_of"].take(pa.array(order)), orders),
        names=Names(persons=people.texts, incidents=incident_ids, orders=orders, **texts),
        not_yet_known=len(known_all) - len(position),
    )


def _who(table: pa.Table, people: Entities) -> dict[str, Any]:
    """Return suspects and victims, as written and as the people they are."""
    written = people.references(table["suspect_id"]), people.references(table["victim_id"])
    suspect, victim = (people.of(side) for side in written)
    return {
        "suspect": suspect,
        "victim": victim,
        "suspect_reference": written[0],
        "victim_reference": written[1],
    }


def _when(table: pa.Table, known: Ints, as_of: int) -> dict[str, Any]:
    """Return when each record happened, was known and was recorded."""
    recorded = seconds(table["recorded_at"], default=FOREVER)
    return {
        "start": seconds(table["start"]),
        "end": seconds(table["end"]),
        "known": known,
        # Not yet recorded then, or blank: the day on which it was known decides.
        "recorded": np.where((recorded <= as_of) & (recorded != FOREVER), recorded, known),
    }


def _what(table: pa.Table, catalogue: Catalogue) -> dict[str, Any]:
    """Return what was done, by the record, by its offence and by its channel."""
    offence = code(table["offence"], pa.array(catalogue.offence_ids, pa.string()))
    channel = vocabulary_code(table["channel"], CHANNELS)
    implied, likely = _offence_masks(catalogue)
    recorded = integers(table["behaviours"]).astype(np.int64)
    behaviours, possible = _conduct(recorded, implied[offence], likely[offence], channel)
    return {"offence": offence, "channel": channel, "behaviours": behaviours, "possible": possible}


def _further(table: pa.Table) -> dict[str, Any]:
    """Return what else a record says, column by column."""
    status = table["status"]
    return {
        "row": integers(table["row"]).astype(np.int64),
        "kind": vocabulary_code(table["kind"], INCIDENT_KINDS),
        "relationship": vocabulary_code(table["relationship"], RELATIONSHIPS),
        "place_role": vocabulary_code(table["place_role"], PLACE_ROLES),
        "impact": integers(table["impact"]).astype(np.int64),
        "acts": integers(table["act_count"]).astype(np.int64),
        "lat": floats(table["lat"]),
        "lon": floats(table["lon"]),
        "reconciled": flags(table["reconciled_before"]),
        "domestic": flags(table["domestic_abuse"]),
        "cancelled": equals(status, "cancelled"),
        "closed": equals(status, "closed"),
        "names_an_order": np.asarray(table["breach_of"].is_valid().to_numpy(), dtype=np.bool_),
        "labelled": np.asarray(table["offence_code"].is_null().to_numpy(), dtype=np.bool_),
    }


def _coded_texts(table: pa.Table) -> tuple[dict[str, Codes], dict[str, pa.Array]]:
    """Return the columns whose codes stand for texts of their own, and those texts by their name in :class:`Names`."""
    codes, texts = {}, {}
    for name, (column, names) in OWN_TEXTS.items():
        written = spelt_column(table[column]) if name == "means" else table[column]
        texts[names] = dictionary(written)
        codes[name] = code(written, texts[names])
    return codes, texts


def _offence_masks(catalogue: Catalogue) -> tuple[Ints, Ints]:
    """Return what each offence implies and makes likely; the last entry stands for no offence."""

    def masks(names: Sequence[Sequence[str]]) -> Ints:
        return np.array([BEHAVIOURS.mask(name) for name in names] + [0], dtype=np.int64)

    offences = [catalogue.offences[i] for i in catalogue.offence_ids]
    return masks([o.behaviours for o in offences]), masks([o.may_involve for o in offences])


def _conduct(behaviours: Ints, implied: Ints, likely: Ints, channel: npt.NDArray[np.int8]) -> tuple[Ints, Ints]:
    """Return what was done, and what may have been done, from the record, its offence and its channel."""
    contact = BEHAVIOURS.mask(["contact"])
    done = behaviours | implied
    through_others = channel == CHANNELS.index("third_party")
    done = np.where(through_others & (done & contact != 0), done | BEHAVIOURS.mask(["third_party_contact"]), done)
    face_to_face = channel == CHANNELS.index("in_person")
    done = np.where(face_to_face & (done & contact != 0), done | BEHAVIOURS.mask(["approach"]), done)
    by_message = np.isin(channel, [CHANNELS.index(c) for c in COMMUNICATION_CHANNELS])
    possible = likely | np.where((done == 0) & by_message, contact, 0)
    possible |= np.where((done == 0) & through_others, BEHAVIOURS.mask(["third_party_contact"]), 0)
    return done, possible & ~done

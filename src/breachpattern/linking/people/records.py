"""Person records prepared for comparison: one spelling, integer codes, placeholders set aside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.people import births, contacts, identifiers, names
from breachpattern.linking.people.texts import Bools, Ints, encode, joined, plain, together

COLUMNS = ("given_name", "surname", "date_of_birth", "sex", "pnc_id", "cro_number", "phone", "email", "address",
           "postcode", "vehicle")  # fmt: skip
CONTACTS = ("phone", "email", "address", "vehicle")
KEYS = (*CONTACTS, "pnc_as_written", "cro_as_written")
WRITTEN = r"^(SF)?\d{2,6}/\d{2,7}[A-Z]?$"
CODED = (
    "given",
    "surname",
    "name",
    "pnc",
    "cro",
    "pnc_id",
    "cro_number",
    *CONTACTS,
    "postcode",
    "street",
    "pnc_as_written",
    "cro_as_written",
)


@dataclass(frozen=True)
class Records:
    """Person records without exact duplicates, sorted by reference; ``-1`` is not known.

    Attributes
    ----------
    references : pyarrow.Array of string
        Distinct references, sorted.
    reference : (n,) int64
        Position in ``references`` of each record.
    code : dict of (n,) int64
        Codes of ``given, surname, name, pnc, cro, phone, email, address, vehicle, postcode, street``, of which ``pnc``
        and ``cro`` only where the check letter holds and contacts only where few people share them; of ``pnc_id`` and
        ``cro_number`` as written; and of the same where they look like one (``pnc_as_written``, ``cro_as_written``).
    day : (n,) int64
        Birth date in days since 1970-01-01, ``births.UNKNOWN_DAY`` where not known.
    year : (n,) int64
        Year of birth, also where the first of January stands for a whole year; ``-1`` where not known.
    position : (n,) int64
        Where each record stands in the persons table; of equal rows the one with the smallest row number.
    text : pyarrow.Table
        The same values as text, and ``pnc_id``, ``cro_number``, ``sex`` as written but for case and spaces.
    """

    references: pa.Array
    reference: Ints
    code: dict[str, Ints]
    day: Ints
    year: Ints
    position: Ints
    text: pa.Table

    def __len__(self) -> int:
        return len(self.reference)

    @property
    def born(self) -> Bools:
        """Where a birth date is known."""
        return np.asarray(self.day != births.UNKNOWN_DAY)


@dataclass(frozen=True)
class SetAside:
    """Values of the rows as given that linking does not use.

    Attributes
    ----------
    given_names, surnames, birth_dates, pnc_ids, cro_numbers : (n,) bool
        For each row of the persons table, whether the value is a placeholder or fails its check letter.
    unnamed : (n,) bool
        Rows of which neither a given name nor a surname is left.
    contacts : int
        How many phones, e-mail addresses, addresses and vehicles more than a few people share.
    """

    given_names: Bools
    surnames: Bools
    unnamed: Bools
    birth_dates: Bools
    pnc_ids: Bools
    cro_numbers: Bools
    contacts: int

    @property
    def names(self) -> Bools:
        """Rows of which a given name or a surname is a placeholder."""
        return np.asarray(self.given_names | self.surnames)


def prepare(persons: pa.Table, also: pa.Array | None = None) -> tuple[Records, SetAside]:
    """Return the records of a canonical persons table, and what was set aside.

    Parameters
    ----------
    persons : pyarrow.Table
    also : pyarrow.Array of string, optional
        References without a record, to be counted among the references.

    Examples
    --------
    >>> table = pa.table({"person_id": ["P2", "P1"], "surname": ["Null", "Null"], "given_name": ["Dana", None]})
    >>> records, aside = prepare(table)
    >>> records.references.to_pylist(), records.text["surname"].to_pylist(), aside.names.tolist()
    (['P1', 'P2'], [None, 'null'], [False, True])
    """
    raw = {name: _column(persons, name) for name in COLUMNS}
    ids = _column(persons, "person_id")
    codes, references = encode(
        ids if also is None else pa.concat_arrays([ids, _column(pa.table([also], ["id"]), "id")])
    )
    reference = codes[: len(ids)]
    text, code, day = _values(raw)
    aside = SetAside(
        given_names=_lost(plain(raw["given_name"]), text["given"]),
        surnames=_lost(plain(raw["surname"]), text["surname"]),
        unnamed=np.asarray(pc.and_(text["given"].is_null(), text["surname"].is_null())),
        birth_dates=np.asarray((births.days(raw["date_of_birth"]) != births.UNKNOWN_DAY) & (day == births.UNKNOWN_DAY)),
        pnc_ids=_lost(raw["pnc_id"], text["pnc"]),
        cro_numbers=_lost(raw["cro_number"], text["cro"]),
        contacts=sum(_drop_shared(text, code, name, day) for name in CONTACTS),
    )
    year = _years(raw["date_of_birth"])
    keep = _distinct(persons, reference, day, year, text)
    return (
        Records(
            references=references,
            reference=reference[keep],
            code={name: values[keep] for name, values in code.items()},
            day=day[keep],
            year=year[keep],
            position=keep,
            text=pa.table(text).take(pa.array(keep)).combine_chunks(),
        ),
        aside,
    )


def _values(raw: dict[str, pa.Array]) -> tuple[dict[str, pa.Array], dict[str, Ints], Ints]:
    given, surname = names.without_placeholders(plain(raw["given_name"]), plain(raw["surname"]))
    pnc, cro = identifiers.canonical_pncs(raw["pnc_id"]), identifiers.canonical_cros(raw["cro_number"])
    postcode, street = contacts.postcodes(raw["postcode"]), contacts.streets(raw["address"])
    text = {
        "given": given,
        "surname": surname,
        "name": joined(given, surname),
        "pnc": pnc,
        "cro": cro,
        "phone": contacts.phones(raw["phone"]),
        "email": contacts.emails(raw["email"]),
        "address": contacts.addresses(street, postcode),
        "vehicle": contacts.vehicles(raw["vehicle"]),
        "postcode": postcode,
        "street": street,
        "sex": pc.utf8_slice_codeunits(plain(raw["sex"]), 0, 1),
        "pnc_id": pc.coalesce(pnc, pc.utf8_upper(pc.replace_substring_regex(raw["pnc_id"], r"\s+", ""))),
        "cro_number": pc.coalesce(cro, pc.utf8_upper(pc.replace_substring_regex(raw["cro_number"], r"\s+", ""))),
    }
    text |= {"pnc_as_written": _like_one(text["pnc_id"]), "cro_as_written": _like_one(text["cro_number"])}
    code = {name: encode(text[name])[0] for name in CODED}
    day = births.days(raw["date_of_birth"])
    day = np.where(births.placeholders(day, code["name"]), births.UNKNOWN_DAY, day)
    return text, code, day


def _like_one(identifier: pa.Array) -> pa.Array:
    """Return identifiers that look like one, null where the text is something else or all noughts."""
    looks = pc.and_(
        pc.match_substring_regex(identifier, WRITTEN), pc.match_substring_regex(identifier, r"[1-9]\d*[A-Z]?$")
    )
    return pc.if_else(looks, identifier, None)


def _years(column: pa.Array) -> Ints:
    day = births.days(column)
    known = (day != births.UNKNOWN_DAY) & ~np.isin(day, births.NOBODYS_BIRTHDAY)
    return np.where(known, births.parts(np.where(known, day, 0))[0], -1)


def _drop_shared(text: dict[str, pa.Array], code: dict[str, Ints], name: str, day: Ints) -> int:
    known = np.where(day == births.UNKNOWN_DAY, -1, day - births.UNKNOWN_DAY)
    person = together(code["name"] + 1, known + 1)
    shared = contacts.shared_by_many(code[name], person)
    count = len(np.unique(code[name][shared]))
    code[name] = np.where(shared, -1, code[name])
    text[name] = pc.if_else(pa.array(shared), None, text[name])
    return count


def _distinct(persons: pa.Table, reference: Ints, day: Ints, year: Ints, text: dict[str, pa.Array]) -> Ints:
    """Return one position for each different record, sorted by reference and then by value."""
    columns = [reference, day, year, *(encode(values)[0] for name, values in text.items() if name != "name")]
    row = [persons["row"].to_numpy()] if "row" in persons.column_names else []
    order = np.lexsort([*row, *columns[::-1]])
    first = np.ones(len(order), np.bool_)
    first[1:] = np.any([values[order[1:]] != values[order[:-1]] for values in columns], axis=0)
    return np.asarray(order[first])


def _column(persons: pa.Table, name: str) -> pa.Array:
    if name not in persons.column_names:
        return pa.nulls(persons.num_rows, pa.string())
    column = persons[name].combine_chunks().cast(pa.string())
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(column), ""), None, column)


def _lost(before: pa.Array, after: pa.Array) -> Bools:
    return np.asarray(pc.and_(before.is_valid(), after.is_null()).to_numpy(zero_copy_only=False), dtype=np.bool_)

"""Probable pairs: what Splink finds beyond the exact stages, with the comparisons that agreed in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.people import splink_engine
from breachpattern.linking.people.comparisons import COMPARISONS
from breachpattern.linking.people.likeness import compare
from breachpattern.linking.people.model import read_model, shipped_model, write_model
from breachpattern.linking.people.names import nicknames
from breachpattern.linking.people.pairs import Pairs, make
from breachpattern.linking.people.records import Records, prepare
from breachpattern.linking.people.texts import Bools, Ints

RARE = 20  # records that carry a value
CERTAIN = 0.99  # from this probability a link is certain, where an identifier or the birth date agrees as well


def probable_pairs(
    records: Records, exact: Pairs, threshold: float, model: str | Path | None, contradictory: Ints
) -> Pairs:
    """Return the pairs of references that Splink joins and no exact stage does.

    Parameters
    ----------
    records : Records
    exact : Pairs
        Left out of the answer.
    threshold : float
    model : path or None
    contradictory : (k,) int64
        References whose links are never certain.
    """
    numbers = shipped_model() if model is None else read_model(model)
    found = splink_engine.predict(comparable(records), numbers, max(threshold, 1e-6))
    found = found.filter(pa.array(_personal(found)))
    ends = [records.reference[found[side].to_numpy()] for side in ("left", "right")]
    left, right = np.minimum(*ends), np.maximum(*ends)
    width = len(records.references)
    known = np.append(exact.left * width + exact.right, -1)
    new = np.flatnonzero((left != right) & ~np.isin(left * width + right, known))
    probability = found["probability"].to_numpy()[new]
    certain = (probability >= CERTAIN) & (_at_least(found, "born", "slip") | _identified(found))[new]
    certain &= ~compare(records, left[new], right[new]).doubtful
    certain &= ~np.isin(left[new], contradictory) & ~np.isin(right[new], contradictory)
    words = _evidence(found.take(pa.array(new)))
    return make(left[new], right[new], "splink", probability, certain, words)


def train_model(persons: pa.Table, path: str | Path | None = None, seed: int = 1) -> dict[str, Any]:
    """Return a model trained on a persons table, without anybody having said who is who.

    Splink estimates how often values agree by chance from random pairs, and how often they agree within one person
    by expectation maximisation. What the records cannot teach, because a column is missing or nobody shows a level,
    stays as in the model that comes with the package.

    Parameters
    ----------
    persons : pyarrow.Table
        Canonical persons; a few thousand at least.
    path : path, optional
        Where to write the model as JSON.
    seed : int
        Of the random pairs.

    Raises
    ------
    MissingDependency
        Where Splink is not installed.

    Examples
    --------
    >>> from breachpattern.linking.people import link_people
    >>> rows = {"person_id": ["P1", "P2"], "surname": ["Vale", "Vail"], "given_name": ["Ana", "Ana"]}
    >>> train_model(pa.table(rows))["records"]
    2
    """
    splink_engine.require()
    records, _ = prepare(persons)
    start = shipped_model()
    table = comparable(records)
    model = splink_engine.train(table, start, seed) if splink_engine.teachable(table) else start
    model |= {"about": "trained by train_model", "records": len(records), "seed": seed}
    if path is not None:
        write_model(model, path)
    return model


def comparable(records: Records) -> pa.Table:
    """Return records as the columns that Splink compares.

    Examples
    --------
    >>> records, _ = prepare(pa.table({"person_id": ["P1"], "given_name": ["Bob James"], "postcode": ["ZZ2 3AB"]}))
    >>> row = comparable(records).select(["forename", "called", "sector", "district"]).to_pylist()[0]
    >>> row["forename"], "robert" in row["called"], row["sector"], row["district"]
    ('bob', True, 'zz23', 'zz2')
    """
    text = records.text
    codes = records.code
    day = np.where(records.born, records.day, 0)
    unborn = ~records.born
    dob = pa.array(np.datetime_as_string(day.astype("datetime64[D]")), pa.string(), mask=unborn)
    year = np.where(records.year >= 0, records.year, 0)
    postcode = text["postcode"].combine_chunks()
    email = text["email"].combine_chunks()
    return pa.table(
        {
            "unique_id": np.arange(len(records)),
            "forename": pc.replace_substring_regex(text["given"], r" .*", ""),
            "called": _called(text["given"].combine_chunks()),
            "surname": text["surname"],
            "dob": dob,
            "birth_year": pa.array(year, pa.int64(), mask=records.year < 0),
            "postcode": postcode,
            "sector": pc.utf8_slice_codeunits(postcode, 0, -2),
            "district": pc.utf8_slice_codeunits(postcode, 0, -3),
            "street": text["street"],
            "house": pc.replace_substring_regex(text["street"], r"^((?:flat )?\d*).*", r"\1"),
            "phone": text["phone"],
            "email": email,
            "email_user": pc.replace_substring_regex(email, r"@.*", ""),
            "vehicle": text["vehicle"],
            "pnc_id": text["pnc_id"],
            "cro_number": text["cro_number"],
            "sex": text["sex"],
            "rare_name": _rare(text["name"], codes["name"]),
            "rare_dob": _rare(dob, day - int(day.min(initial=0))),
            "rare_street": _rare(text["street"], codes["street"]),
        }
    )


def _rare(texts: pa.Array | pa.ChunkedArray, codes: Ints) -> pa.Array:
    """Return texts that few records carry, null for the others: a value that may serve alone to find pairs."""
    count = np.bincount(codes + 1)
    return pc.if_else(pa.array(count[codes + 1] <= RARE), texts, None)


def _called(given: pa.Array) -> pa.Array:
    """Return, for each given name, the names under which its words are known."""
    encoded = given.dictionary_encode()
    groups = nicknames()
    known = [
        sorted({name for word in text.split() for name in (groups.get(word) or (word,))})
        for text in encoded.dictionary.to_pylist()
    ]
    return pa.array(known, pa.list_(pa.string())).take(encoded.indices)


def _personal(found: pa.Table) -> Bools:
    """Return pairs that agree on the person, not only on the household or on a common name.

    Relatives share surname, address, phone and more, and many people one name. So two of given name, surname and birth
    date have to agree, given name or birth date closely; where the third contradicts, a contact has to agree too (for
    another surname, the part of the town will do).
    Different given names are one person's only by an identifier. An e-mail address needs one of the three.
    """

    def at_least(name: str, level: str) -> Bools:
        return _at_least(found, name, level)

    given, surname, born = at_least("forename", "similar"), at_least("surname", "similar"), at_least("born", "near")
    closely = at_least("forename", "alike") | at_least("born", "slip")
    other_surname, other_birthday = _gamma(found, "surname") == 0, (_gamma(found, "born") >= 0) & ~born
    contact = at_least("phone", "slip") | at_least("email", "alike") | at_least("vehicle", "same")
    contact |= at_least("postcode", "same") | at_least("street", "alike")
    unsaid = (other_surname & ~contact & ~at_least("postcode", "sector")) | (other_birthday & ~contact)
    by_two = (given.astype(int) + surname + born >= 2) & closely & ~unsaid
    by_email = at_least("email", "same") & (given | surname | born)
    by_identifier = at_least("pnc", "slip") | at_least("cro", "slip")
    return np.asarray(by_identifier | ((by_two | by_email) & (_gamma(found, "forename") != 0)))


def _identified(found: pa.Table) -> Bools:
    return np.asarray(_at_least(found, "pnc", "same") | _at_least(found, "cro", "same"))


def _at_least(found: pa.Table, name: str, level: str) -> Bools:
    """Return pairs that agree at least so well."""
    comparison = next(comparison for comparison in COMPARISONS if comparison.name == name)
    keys = [known.key for known in reversed(comparison.levels)]
    return np.asarray(_gamma(found, name) >= keys.index(level))


def _gamma(found: pa.Table, name: str) -> Ints:
    column = f"gamma_{name}"
    if column not in found.column_names:
        return np.full(found.num_rows, -1, np.int64)
    return np.asarray(found[column].to_numpy(), dtype=np.int64)


def _evidence(found: pa.Table) -> pa.Array:
    said = []
    for comparison in COMPARISONS:
        words = pa.array([level.words or None for level in reversed(comparison.levels)], pa.string())
        gamma = _gamma(found, comparison.name)
        said.append(words.take(pa.array(gamma, mask=gamma < 0)))
    return pc.binary_join_element_wise(*said, "; ", null_handling="skip")

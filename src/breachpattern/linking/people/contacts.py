"""Phones, e-mail addresses, addresses and vehicles in one spelling, and those that many people share."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.people.texts import Bools, Ints, by_distinct, joined, plain

SHARED_BY_MANY = 6  # more different people than a large household: a hostel, a solicitor, a switchboard
FULL_POSTCODE = r"^[a-z]{1,2}\d[a-z\d]?\d[a-z]{2}$"
SHORT_WORDS = {"street": "st", "road": "rd", "avenue": "ave", "lane": "ln", "close": "cl", "drive": "dr",
               "court": "ct", "place": "pl", "crescent": "cres", "gardens": "gdns", "terrace": "ter", "square": "sq",
               "apartment": "flat", "apt": "flat", "saint": "st"}  # fmt: skip


def canonical_phone(text: str) -> str | None:
    """Return a phone number as digits with country code; None where it is none.

    Examples
    --------
    >>> canonical_phone("07700 900 123"), canonical_phone("+44 (0)7700-900123"), canonical_phone("none")
    ('447700900123', '447700900123', None)
    """
    digits = re.sub(r"[^\d+]", "", text)
    digits = re.sub(r"^(\+|00)", "", digits).replace("+", "")
    digits = re.sub(r"^440(?=\d{9,10}$)|^0(?=\d{9,10}$)", "44", digits)
    if not 9 <= len(digits) <= 15 or len(set(digits[-9:])) <= 2:
        return None
    return digits


def phones(column: pa.Array) -> pa.Array:
    """Return phone numbers in one spelling."""
    return by_distinct(column, canonical_phone)


def emails(column: pa.Array) -> pa.Array:
    """Return e-mail addresses in lower case, null where they are none.

    Examples
    --------
    >>> emails(pa.array([" A.B@Example.org ", "none"])).to_pylist()
    ['a.b@example.org', None]
    """
    texts = pc.utf8_lower(pc.utf8_trim_whitespace(column))
    return pc.if_else(pc.match_substring_regex(texts, r"^[^@\s]+@[^@\s]+$"), texts, None)


def postcodes(column: pa.Array) -> pa.Array:
    """Return whole postcodes without a space, null where they are not whole.

    Examples
    --------
    >>> postcodes(pa.array(["ZZ2 3AB", "zz23ab", "ZZ2"])).to_pylist()
    ['zz23ab', 'zz23ab', None]
    """
    texts = pc.utf8_lower(pc.replace_substring_regex(column, r"\s+", ""))
    return pc.if_else(pc.match_substring_regex(texts, FULL_POSTCODE), texts, None)


def streets(column: pa.Array) -> pa.Array:
    """Return addresses in plain spelling with the usual abbreviations.

    Examples
    --------
    >>> streets(pa.array(["12, High Street", "12 High St."])).to_pylist()
    ['12 high st', '12 high st']
    """
    return by_distinct(plain(column), lambda text: " ".join(SHORT_WORDS.get(word, word) for word in text.split()))


def addresses(street: pa.Array, postcode: pa.Array) -> pa.Array:
    """Return address and whole postcode together, null where one of them is not known."""
    return joined(street, postcode)


def vehicles(column: pa.Array) -> pa.Array:
    """Return registration marks without spaces, null where they cannot be one.

    Examples
    --------
    >>> vehicles(pa.array(["ab12 cde", "blue Ford van", "unknown"])).to_pylist()
    ['AB12CDE', None, None]
    """
    texts = pc.utf8_upper(pc.replace_substring_regex(column, r"\s+", ""))
    mark = pc.and_(
        pc.match_substring_regex(texts, r"^[A-Z0-9]{2,8}$"),
        pc.and_(pc.match_substring_regex(texts, r"\d"), pc.match_substring_regex(texts, r"[A-Z]")),
    )
    return pc.if_else(mark, texts, None)


def shared_by_many(value: Ints, person: Ints) -> Bools:
    """Return which values more than ``SHARED_BY_MANY`` different people carry.

    Parameters
    ----------
    value : (n,) int64
        Code of the value of each row, ``-1`` where none.
    person : (n,) int64
        A code of who it is about, as far as can be told.

    Examples
    --------
    >>> shared_by_many(np.array([0] * 7 + [1, 1]), np.arange(9)).tolist()
    [True, True, True, True, True, True, True, False, False]
    """
    known = value >= 0
    width = int(person.max(initial=0)) + 1
    pairs = np.unique(value[known] * width + person[known])
    people = np.bincount(pairs // width, minlength=int(value.max(initial=0)) + 1)
    return np.asarray(known & (people[np.maximum(value, 0)] > SHARED_BY_MANY))

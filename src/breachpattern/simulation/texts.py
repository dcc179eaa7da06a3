"""Whole columns of text from numbers: references, names, places, means."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.simulation.conduct import EMAIL, HANDLE, NUMBER, VEHICLE
from breachpattern.simulation.draws import Bools, Floats, Ints
from breachpattern.simulation.parameters import parameters
from breachpattern.vocabulary import Vocabulary

LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # as postcodes end
CHECK = "ZABCDEFGHJKLMNPQRTUVWXY"  # of PNC ids: the letter is that of (two-digit year, serial) modulo 23
SPELLINGS = 4  # each name as it is, and three slips


@cache
def names() -> dict[str, list[str]]:
    """Return the lists of names and streets."""
    text = resources.files(__package__).joinpath("names.toml").read_text(encoding="utf-8")
    return {key: list(value) for key, value in tomllib.loads(text).items()}


def taken(values: Sequence[str], codes: Ints) -> pa.Array:
    """Return the text that each code stands for, null for -1.

    Examples
    --------
    >>> taken(["a", "b"], np.array([1, -1])).to_pylist()
    ['b', None]
    """
    return pa.array(list(values), pa.string()).take(pa.array(codes, mask=codes < 0))


def numbered(prefix: str, numbers: Ints, digits: int) -> pa.Array:
    """Return references such as ``P-0000042``, null for -1.

    Examples
    --------
    >>> numbered("P-", np.array([42, -1]), 4).to_pylist()
    ['P-0042', None]
    """
    texts = pc.binary_join_element_wise(prefix, padded(numbers, digits), "")
    return pc.if_else(pa.array(numbers >= 0), texts, pa.scalar(None, pa.string()))


def padded(numbers: Ints, digits: int) -> pa.Array:
    """Return numbers with leading zeros."""
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), digits, "0")


def joined(*parts: pa.Array | str) -> pa.Array:
    """Return texts put together, null where a part is."""
    return pc.binary_join_element_wise(*parts, "")


def masked(texts: pa.Array, keep: Bools) -> pa.Array:
    """Return texts, null where they are not kept."""
    return pc.if_else(pa.array(keep), texts, pa.scalar(None, pa.string()))


def mask_texts(vocabulary: Vocabulary, masks: Ints) -> pa.Array:
    """Return sets of codes as lists in a cell, null for the empty set."""
    distinct, place = np.unique(masks, return_inverse=True)
    lists = [";".join(vocabulary.codes(int(mask))) or None for mask in distinct]
    return pa.array(lists, pa.string()).take(pa.array(place.reshape(-1)))


def slips(name: str) -> list[str]:
    """Return a name and three ways of mistyping it.

    Examples
    --------
    >>> slips("taylor")
    ['taylor', 'atylor', 'taylo', 'tayylor']
    """
    half = len(name) // 2
    return [name, name[1] + name[0] + name[2:], name[:-1], name[:half] + name[half - 1] + name[half:]]


@cache
def _given() -> tuple[pa.Array, int, int]:
    men, women = names()["men"], names()["women"]
    return pa.array([text.title() for name in men + women for text in slips(name)]), len(men), len(women)


@cache
def _surnames() -> tuple[pa.Array, int, int]:
    n = names()
    made = [a + b + c for a in n["beginnings"] for b in n["middles"] for c in n["endings"]]
    every = [text.title() for name in n["surnames"] + made for text in slips(name)]
    return pa.array(every), len(n["surnames"]), len(made)


def given_names(where: Floats, male: Bools, slip: Ints) -> pa.Array:
    """Return given names: the first of each list are the commonest; ``slip`` chooses a spelling."""
    pool, men, women = _given()
    place = (np.square(where) * np.where(male, men, women)).astype(np.int64) + np.where(male, 0, men)
    return pool.take(pa.array(place * SPELLINGS + slip))


def surnames(draw: Ints, slip: Ints) -> pa.Array:
    """Return surnames: common ones, and ones composed of three parts."""
    pool, common, made = _surnames()
    is_common = (draw % 1000) < 1000 * parameters()["people"]["common_surname"]
    place = np.where(is_common, draw // 1000 % common, common + draw // 1000 % made)
    return pool.take(pa.array(place * SPELLINGS + slip))


def phones(numbers: Ints, which: Ints) -> pa.Array:
    """Return telephone numbers in the range for drama, with more digits than a real one; ``which`` of a person's."""
    return joined(taken(["07700 9", "07700 8", "07700 7", "07700 6"], which), padded(numbers, 8))


def vehicles(numbers: Ints) -> pa.Array:
    """Return registration marks."""
    letter = [chr(65 + place) for place in range(26)]
    parts = [taken(letter, numbers // 26**power % 26) for power in range(5)]
    return joined("Z", parts[0], padded(numbers // 26**5 % 100, 2), parts[1], parts[2], parts[3])


def pnc_ids(numbers: Ints) -> pa.Array:
    """Return PNC ids with their check letters."""
    year, serial = 1990 + numbers % 30, numbers % 10_000_000
    letter = (year % 100 * 10_000_000 + serial) % 23
    return joined(padded(year, 4), "/", padded(serial, 7), taken(list(CHECK), letter))


def postcodes(street: Ints) -> pa.Array:
    """Return postcodes of the area ZZ, which does not exist."""
    out, sector = 1 + street % 90, street // 90 % 10
    letters = [taken(list(LETTERS), street // divisor % len(LETTERS)) for divisor in (900, 18_000)]
    return joined("ZZ", padded(out, 1), " ", padded(sector, 1), *letters)


def addresses(home: Ints, street: Ints) -> pa.Array:
    """Return the first lines of addresses; homes 2k and 2k + 1 are next door to each other."""
    n = names()
    house = padded(1 + street // 360_000 % 60 * 2 + home % 2, 1)
    name = taken([text.title() for text in n["streets"]], street // 7 % len(n["streets"]))
    way = taken([text.title() for text in n["ways"]], street // 11 % len(n["ways"]))
    return joined(house, " ", name, " ", way)


def means_texts(means: Ints, numbers: Ints, which: Ints) -> pa.Array:
    """Return what was used: a telephone number, an account, an e-mail address, a vehicle; null where nothing.

    Parameters
    ----------
    means : (n,) int64
        ``NOTHING`` to ``VEHICLE``.
    numbers, which : (n,) int64
        The number of the person whose it is, and which of theirs.
    """
    mark = padded(numbers * 4 + which, 1)
    made = {
        NUMBER: phones(numbers, which),
        HANDLE: joined("user", mark),
        EMAIL: joined("mail", mark, "@mail.example"),
        VEHICLE: vehicles(numbers),
    }
    texts = pa.nulls(len(means), pa.string())
    for code, text in made.items():
        texts = pc.if_else(pa.array(means == code), text, texts)
    return texts

"""What speaks against two references being one person: PNC ids, twins, father and son."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.people import births, names
from breachpattern.linking.people.records import Records
from breachpattern.linking.people.texts import Bools, Ints

GENERATION_YEARS = 12  # two people of one name born at least so far apart are taken for parent and child


@dataclass(frozen=True)
class Likeness:
    """For each pair of references, what their records say against one person.

    Attributes
    ----------
    different_pnc : (n,) bool
        Both have a valid PNC id and share none.
    same_identifier : (n,) bool
        They share a valid PNC id or CRO number.
    twins : (n,) bool
        Same birth date and surname, given names that are not alike, and no given names that are.
    generations : (n,) bool
        Same name, birth dates a generation apart, and none closer.
    strangers : (n,) bool
        Neither a given name, nor a surname, nor a birth date in common, where both are on file.
    """

    different_pnc: Bools
    same_identifier: Bools
    twins: Bools
    generations: Bools
    strangers: Bools

    @property
    def apart(self) -> Bools:
        """Pairs that no link but a person's decision may join."""
        return np.asarray(self.different_pnc | ((self.twins | self.generations) & ~self.same_identifier))

    @property
    def doubtful(self) -> Bools:
        """Pairs that may be joined by an identifier, but not for certain."""
        return np.asarray(self.twins | self.generations | self.strangers)


def compare(records: Records, left: Ints, right: Ints) -> Likeness:
    """Return what speaks against each pair of references, over all their records.

    Parameters
    ----------
    left, right : (n,) int64
        Positions among the references.
    """
    pair, a, b = crossed(records, left, right)
    size = len(left)

    def some(row_pairs: Bools) -> Bools:
        return np.bincount(pair[row_pairs], minlength=size) > 0

    known, same = _agreement(records, a, b)
    day_a, day_b = records.day[a], records.day[b]
    both_born = records.born[a] & records.born[b]
    same_day = both_born & (day_a == day_b)
    near_day = both_born & (same_day | (births.day_and_month_in_order(day_a) == births.day_and_month_in_order(day_b)))
    generation = both_born & (np.abs(day_a - day_b) >= GENERATION_YEARS * 365.25)
    asked = known["given"] & ~same["given"] & (some(same_day & same["surname"])[pair] | ~some(near_day)[pair])
    alike = same["given"].copy()
    alike[asked] = alike_given(records, a[asked], b[asked])
    return Likeness(
        different_pnc=some(known["pnc"]) & ~some(same["pnc"]),
        same_identifier=some(same["pnc"] | same["cro"]),
        twins=some(same_day & same["surname"] & known["given"] & ~alike) & ~some(alike),
        generations=some(same["name"] & generation) & ~some(both_born & ~generation),
        strangers=some(both_born & known["given"] & known["surname"]) & ~some(alike | same["surname"] | near_day),
    )


def alike_given(records: Records, a: Ints, b: Ints) -> Bools:
    """Return whether the given names of two records may be one person's; each pair of names is judged once."""
    codes = records.code["given"]
    pairs, inverse = np.unique(np.stack([codes[a], codes[b]], axis=1), axis=0, return_inverse=True)
    if len(pairs) == 0:
        return np.empty(0, np.bool_)
    rows = np.empty(int(codes.max(initial=0)) + 1, np.int64)
    rows[codes[codes >= 0]] = np.flatnonzero(codes >= 0)
    given = records.text["given"]
    ours, theirs = (given.take(pa.array(rows[side])).to_pylist() for side in pairs.T)
    answers = np.fromiter((names.alike(*pair) for pair in zip(ours, theirs, strict=True)), np.bool_, len(pairs))
    return np.asarray(answers[inverse.ravel()])


def crossed(records: Records, left: Ints, right: Ints) -> tuple[Ints, Ints, Ints]:
    """Return every pair of records of each pair of references: position of the pair, left and right record."""
    first = np.searchsorted(records.reference, np.arange(len(records.references) + 1))
    count = np.diff(first)
    wide = count[right]
    sizes = count[left] * wide
    pair = np.repeat(np.arange(len(left)), sizes)
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return pair, first[left][pair] + within // wide[pair], first[right][pair] + within % wide[pair]


def _agreement(records: Records, a: Ints, b: Ints) -> tuple[dict[str, Bools], dict[str, Bools]]:
    known: dict[str, npt.NDArray[np.bool_]] = {}
    same: dict[str, npt.NDArray[np.bool_]] = {}
    for name in ("given", "surname", "name", "pnc", "cro"):
        ours, theirs = records.code[name][a], records.code[name][b]
        known[name] = (ours >= 0) & (theirs >= 0)
        same[name] = known[name] & (ours == theirs)
    return known, same

"""What speaks against two references being one person: PNC ids, twins, father and son."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.people import births, names
from breachpattern.linking.people.records import Records
from breachpattern.linking.people.texts import Bools, Ints

JUDGES: dict[str, Callable[[str, str], bool]] = {
    "given": names.alike,
    "surname": names.alike,
    "pnc_id": names.one_slip,
    "cro_number": names.one_slip,
}
GENERATION_YEARS = 12  # two people of one name born at least so far apart are taken for parent and child


@dataclass(frozen=True)
class Likeness:
    """For each pair of references, what their records say against one person.

    Attributes
    ----------
    different_pnc : (n,) bool
        Both have a valid PNC id and share none.
    same_identifier : (n,) bool
        They share a PNC id or CRO number, whether or not its check letter fits: no two people have one. One slip
        apart is the same number for pairs that look like relatives: two numbers whose letters fit are never so near.
    twins : (n,) bool
        Same birth date and surname, given names that are not alike, and no given names that are.
    generations : (n,) bool
        Names alike, birth dates a generation apart, and none closer.
    strangers : (n,) bool
        Neither a given name, nor a surname, nor a birth date in common, where both are on file.
    """

    different_pnc: Bools
    same_identifier: Bools
    twins: Bools
    generations: Bools
    strangers: Bools

    @property
    def relatives(self) -> Bools:
        """Pairs that look like twins or like parent and child: only an identifier or a decision may join them."""
        return np.asarray((self.twins | self.generations) & ~self.same_identifier)

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
    older = generation & ~some(both_born & ~generation)[pair]
    asked = some(same_day & same["surname"])[pair] | ~some(near_day)[pair]
    alike = _alike(records, "given", a, b, asked)
    namesakes = alike & _alike(records, "surname", a, b, older)
    twins = some(same_day & same["surname"] & known["given"] & ~alike) & ~some(alike)
    generations = some(namesakes & older)
    relatives = (twins | generations)[pair]
    same_number = same["pnc_id"] | same["cro_number"]
    for column in ("pnc_id", "cro_number"):
        same_number |= _alike(records, column, a, b, relatives)
    return Likeness(
        different_pnc=some(known["pnc"]) & ~some(same["pnc"]),
        same_identifier=some(same_number),
        twins=twins,
        generations=generations,
        strangers=some(both_born & known["given"] & known["surname"]) & ~some(alike | same["surname"] | near_day),
    )


def _alike(records: Records, column: str, a: Ints, b: Ints, asked: Bools) -> Bools:
    """Return whether values of two records are equal, or may be one person's where that is asked.

    Each pair of values is judged once.
    """
    judge = JUDGES[column]
    codes = records.code[column]
    answer = np.asarray((codes[a] == codes[b]) & (codes[a] >= 0))
    open_ = np.flatnonzero(asked & ~answer & (codes[a] >= 0) & (codes[b] >= 0))
    pairs, inverse = np.unique(np.stack([codes[a[open_]], codes[b[open_]]]), axis=1, return_inverse=True)
    if pairs.size == 0:
        return answer
    rows = np.empty(int(codes.max()) + 1, np.int64)
    rows[codes[codes >= 0]] = np.flatnonzero(codes >= 0)
    ours, theirs = (records.text[column].take(pa.array(rows[side])).to_pylist() for side in pairs)
    judged = np.fromiter((judge(*pair) for pair in zip(ours, theirs, strict=True)), np.bool_, len(ours))
    answer[open_] = judged[inverse.ravel()]
    return answer


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
    for name in ("given", "surname", "name", "pnc", "pnc_id", "cro_number"):
        ours, theirs = records.code[name][a], records.code[name][b]
        known[name] = (ours >= 0) & (theirs >= 0)
        same[name] = known[name] & (ours == theirs)
    return known, same

"""Pairs of references: found by a shared value, kept once, with method, probability and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.people.texts import Bools, Ints

# Beyond this distance in a sorted group only neighbours are paired: everybody stays connected, not everybody paired.
NEIGHBOURS = 30
# The order in which links are taken within the certain and within the doubtful ones.
METHODS = ("decision", "pnc_id", "cro_number", "name_birth_date_key", "name_birth_date_postcode", "birth_date_swapped",
           "changed_surname", "splink")  # fmt: skip

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Pairs of references, ``left < right``.

    Attributes
    ----------
    left, right : (n,) int64
        Positions among the sorted references.
    method : (n,) int64
        Position in ``METHODS``.
    probability : (n,) float64
    certain : (n,) bool
    evidence : pyarrow.Array of string
    """

    left: Ints
    right: Ints
    method: Ints
    probability: Floats
    certain: Bools
    evidence: pa.Array

    def __len__(self) -> int:
        return len(self.left)

    def take(self, positions: Ints | Bools) -> Pairs:
        """Return some of the pairs."""
        if positions.dtype == np.bool_:
            positions = np.flatnonzero(positions)
        return Pairs(
            self.left[positions],
            self.right[positions],
            self.method[positions],
            self.probability[positions],
            self.certain[positions],
            self.evidence.take(pa.array(positions)),
        )


def make(
    left: Ints, right: Ints, method: str, probability: float | Floats, certain: bool | Bools, evidence: pa.Array | str
) -> Pairs:
    """Return pairs of one method; single values stand for all.

    Examples
    --------
    >>> pairs = make(np.array([0]), np.array([1]), "pnc_id", 0.9, True, "same PNC id")
    >>> len(pairs), pairs.evidence.to_pylist()
    (1, ['same PNC id'])
    """
    size = len(left)
    return Pairs(
        np.asarray(left, np.int64),
        np.asarray(right, np.int64),
        np.full(size, METHODS.index(method), np.int64),
        np.broadcast_to(np.asarray(probability, np.float64), size).copy(),
        np.broadcast_to(np.asarray(certain, np.bool_), size).copy(),
        pa.repeat(evidence, size) if isinstance(evidence, str) else evidence.cast(pa.string()),
    )


def strongest(parts: Sequence[Pairs]) -> Pairs:
    """Return each pair once, by its strongest link, in the order in which links are taken.

    Decisions come first, then certain links, then doubtful ones; within these by method, probability, references.
    """
    whole = Pairs(
        np.concatenate([part.left for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.method for part in parts]),
        np.concatenate([part.probability for part in parts]),
        np.concatenate([part.certain for part in parts]),
        pa.concat_arrays([part.evidence for part in parts]),
    )
    order = np.lexsort((whole.right, whole.left, -whole.probability, whole.method, ~whole.certain))
    keys = whole.left[order] * (int(whole.right.max(initial=0)) + 1) + whole.right[order]
    _, first = np.unique(keys, return_index=True)
    return whole.take(order[np.sort(first)])


def sharing(value: Ints, holder: Ints) -> tuple[Ints, Ints]:
    """Return pairs of holders that share a value, each pair once, the smaller first.

    Parameters
    ----------
    value : (n,) int64
        Code of the value, ``-1`` where not known.
    holder : (n,) int64
        Who has it.

    Examples
    --------
    >>> left, right = sharing(np.array([7, 7, 7, 8, -1, -1]), np.array([2, 0, 0, 1, 3, 4]))
    >>> left.tolist(), right.tolist()
    ([0], [2])
    """
    known = value >= 0
    width = int(holder.max(initial=0)) + 1
    value, holder = np.divmod(np.unique(value[known] * width + holder[known]), width)
    found = [np.empty(0, np.int64)]
    for distance in range(1, NEIGHBOURS + 1):
        same = np.flatnonzero(value[distance:] == value[:-distance])
        if len(same) == 0:
            break
        found.append(holder[same] * width + holder[same + distance])
    left, right = np.divmod(np.unique(np.concatenate(found)), width)
    return left, right

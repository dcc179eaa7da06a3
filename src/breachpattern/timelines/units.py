"""Who acts towards whom: dyads, groups of connected victims, and suspects who act together.

A dyad is directed: suspect towards victim. A group is one suspect and victims whom a tie connects: on file, by an
order that protects both, or inferred (Protection from Harassment Act 1997 s.1(1A), s.7(3)(b)). A joint unit is one
victim and suspects who appear together on a record or whom a tie connects (s.7(3A)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Bools, Columns, Ints
from breachpattern.linking.ties import BETWEEN_SUSPECTS, BETWEEN_VICTIMS, Ties
from breachpattern.timelines.breaches import expand
from breachpattern.timelines.evidence import pair_key
from breachpattern.timelines.occasions import components
from breachpattern.vocabulary import BEHAVIOURS, STRENGTHS

DYAD, GROUP, JOINT = range(3)
WEAK, ARGUABLE, CLEAR = (STRENGTHS.index(s) for s in ("weak", "arguable", "clear"))


@dataclass(frozen=True)
class Units:
    """Units of one kind: the evidence rows of each, and what is known of its ties.

    Attributes
    ----------
    rows, unit : int64
        Evidence rows of the columns and the unit of each; a row may belong to no unit.
    suspect : int64
        The suspect of each unit, ``-1`` for a joint unit.
    victim : int64
        The victim of each unit, ``-1`` for a group.
    together : bool
        Joint units: a joint act, or one through the other, is on record.
    same_means : bool
        Joint units: two of the suspects used the same number, account or vehicle.
    filed : bool
        Groups and joint units: a tie on file, and not only an inferred one, connects people of the unit.
    """

    kind: int
    rows: Ints
    unit: Ints
    suspect: Ints
    victim: Ints
    together: Bools
    same_means: Bools
    filed: Bools
    evidence: Ints

    def highest_strength(self, unit: Ints) -> npt.NDArray[np.int8]:
        """Return the highest strength that an extract can show for each unit.

        The purpose that s.1(1A) asks for is in no extract, so a group is at most arguable; a tie alone is
        not a joint act (s.7(3A)); the same number used by both is arguable.
        """
        if self.kind == GROUP:
            return np.full(len(unit), ARGUABLE, np.int8)
        if self.kind == JOINT:
            alone = np.where(self.same_means[unit], ARGUABLE, WEAK)
            return np.where(self.together[unit], CLEAR, alone).astype(np.int8)
        return np.full(len(unit), CLEAR, np.int8)


def dyads(columns: Columns, evidence: Ints) -> Units:
    """Return one unit per suspect and victim with evidence.

    Parameters
    ----------
    columns : Columns
    evidence : (n,) int64
        Rows of conduct, ascending (the columns are sorted by suspect and victim).
    """
    people = pair_key(columns, columns.suspect[evidence], columns.victim[evidence])
    first = np.append(True, people[1:] != people[:-1]) if len(people) else np.empty(0, np.bool_)
    head = evidence[first]
    return Units(
        kind=DYAD,
        rows=evidence,
        unit=(np.cumsum(first) - 1).astype(np.int64),
        suspect=columns.suspect[head].astype(np.int64),
        victim=columns.victim[head].astype(np.int64),
        together=np.ones(len(head), np.bool_),
        same_means=np.zeros(len(head), np.bool_),
        filed=np.ones(len(head), np.bool_),
        evidence=evidence,
    )


def groups(columns: Columns, pairs: Units, ties: Ties) -> Units:
    """Return one unit per suspect and set of connected victims.

    Parameters
    ----------
    columns : Columns
    pairs : Units
        The dyads.
    ties : Ties
        Those between people; only the kinds that connect victims count.
    """
    ties = ties.of_kinds(*BETWEEN_VICTIMS)
    left, right = _dyads_joined_by(pairs.victim, pairs.suspect, ties, columns)
    filed, _ = _dyads_joined_by(pairs.victim, pairs.suspect, ties.take(~ties.inferred), columns)
    blank = _dyads_among(pairs)
    return _merged(GROUP, pairs, left, right, together=blank, same_means=blank, filed=_dyads_among(pairs, filed))


def joints(columns: Columns, pairs: Units, ties: Ties) -> Units:
    """Return one unit per victim and set of suspects who act together.

    Parameters
    ----------
    columns : Columns
    pairs : Units
        The dyads.
    ties : Ties
        Those between people; only the kinds that connect suspects count.
    """
    ties = ties.of_kinds(*BETWEEN_SUSPECTS)
    left, right = _dyads_joined_by(pairs.suspect, pairs.victim, ties, columns)
    partners, _ = _dyads_joined_by(pairs.suspect, pairs.victim, ties.of_kinds("co_suspect"), columns)
    means, _ = _dyads_joined_by(pairs.suspect, pairs.victim, ties.of_kinds("same_means"), columns)
    filed, _ = _dyads_joined_by(pairs.suspect, pairs.victim, ties.take(~ties.inferred), columns)
    same_left, same_right = _on_one_record(columns, pairs)
    through = BEHAVIOURS.mask(["third_party_contact"])
    carried = _dyads_among(pairs, pairs.unit[columns.behaviours[pairs.rows] & through != 0])
    together = _dyads_among(pairs, partners, same_left, same_right) | (carried & _dyads_among(pairs, left))
    return _merged(
        JOINT,
        pairs,
        np.concatenate([left, same_left]),
        np.concatenate([right, same_right]),
        together=together,
        same_means=_dyads_among(pairs, means),
        filed=_dyads_among(pairs, filed),
    )


def _dyads_among(pairs: Units, *lists: Ints) -> Bools:
    """Return which dyads stand in any of some lists."""
    out = np.zeros(len(pairs.suspect), np.bool_)
    for listed in lists:
        out[listed] = True
    return out


def _dyads_joined_by(side: Ints, other: Ints, ties: Ties, columns: Columns) -> tuple[Ints, Ints]:
    """Return pairs of dyads that share ``other`` and whose ``side`` people are tied, each in both directions."""
    by_side = np.argsort(side, kind="stable")
    low = np.searchsorted(side[by_side], ties.left, side="left")
    high = np.searchsorted(side[by_side], ties.left, side="right")
    tie, place = expand(np.arange(len(ties)), low, high)
    dyad = by_side[place]
    key = pair_key(columns, other, side)
    by_key = np.argsort(key, kind="stable")
    wanted = pair_key(columns, other[dyad], ties.right[tie])
    found = np.searchsorted(key[by_key], wanted)
    found = np.minimum(found, max(len(key) - 1, 0))
    hit = key[by_key][found] == wanted if len(key) else np.zeros(len(wanted), np.bool_)
    return dyad[hit], by_key[found[hit]]


def _on_one_record(columns: Columns, pairs: Units) -> tuple[Ints, Ints]:
    """Return pairs of dyads with one victim that share an incident."""
    rows = pairs.rows
    order = np.lexsort((pairs.unit, pairs.victim[pairs.unit], columns.incident[rows]))
    incident, dyad = columns.incident[rows][order], pairs.unit[order]
    victim = pairs.victim[dyad]
    same = (incident[1:] == incident[:-1]) & (victim[1:] == victim[:-1]) & (dyad[1:] != dyad[:-1])
    return dyad[:-1][same], dyad[1:][same]


def _merged(
    kind: int, pairs: Units, left: Ints, right: Ints, *, together: Bools, same_means: Bools, filed: Bools
) -> Units:
    """Join dyads into larger units and keep those of at least two dyads."""
    label = components(len(pairs.suspect), left, right)
    size = np.bincount(label, minlength=len(label)) if len(label) else np.empty(0, np.int64)
    several = size[label] >= 2
    heads, index = np.unique(label[several], return_inverse=True)
    unit_of_dyad = np.full(len(label), -1, np.int64)
    unit_of_dyad[several] = index
    unit = unit_of_dyad[pairs.unit]
    keep = unit >= 0

    def any_of(flags: Bools) -> Bools:
        out = np.zeros(len(heads), np.bool_)
        np.logical_or.at(out, index, flags[several])
        return out

    blank = np.full(len(heads), -1, np.int64)
    return Units(
        kind=kind,
        rows=pairs.rows[keep],
        unit=unit[keep],
        suspect=pairs.suspect[heads] if kind == GROUP else blank,
        victim=blank if kind == GROUP else pairs.victim[heads],
        together=any_of(together),
        same_means=any_of(same_means),
        filed=any_of(filed),
        evidence=pairs.evidence,
    )

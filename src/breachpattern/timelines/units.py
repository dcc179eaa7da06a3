"""Who acts towards whom: dyads, groups of connected victims, and suspects who act together.

A dyad is directed: suspect towards victim. A group is one suspect and victims whom a tie connects: on file, by an
order that protects both, or inferred (Protection from Harassment Act 1997 s.1(1A), s.7(3)(b)). A joint unit is one
victim and suspects who appear together on a record, or of whom one acted through the other (s.7(3A)). Those whom a
tie alone adds stand in a wider unit of their own, which can show less: nobody is swept into what others did together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Bools, Columns, Ints
from breachpattern.linking.ties import BETWEEN_SUSPECTS, BETWEEN_VICTIMS, Ties
from breachpattern.sorting import distinct, order_by
from breachpattern.timelines.bonds import Bonds, Pairs, carried, on_one_record, tied_suspects, tied_victims
from breachpattern.timelines.evidence import pair_key
from breachpattern.timelines.occasions import components
from breachpattern.vocabulary import STRENGTHS

DYAD, GROUP, JOINT = range(3)
NOTHING = Bonds(*np.empty((2, 0), np.int64))
WEAK, ARGUABLE, CLEAR = (STRENGTHS.index(s) for s in ("weak", "arguable", "clear"))


@dataclass(frozen=True)
class Units:
    """Units of one kind: the evidence rows of each, and what is known of its ties.

    Attributes
    ----------
    rows, unit : int64
        Evidence rows of the columns and the unit of each; a row may belong to none, and to several.
    part : int64
        The part of its unit that each row belongs to: the dyad, or what stands closer together already. What lies
        within one part is not the conduct of the unit.
    suspect : int64
        The suspect of each unit, ``-1`` for a joint unit.
    victim : int64
        The victim of each unit, ``-1`` for a group.
    highest : int8
        The highest strength that an extract can show for each unit.
    together : bool
        Joint units: joint acts, or one through the other, connect all of its people.
    same_means : bool
        Joint units: two of the suspects used the same number, account or vehicle.
    filed : bool
        Groups and joint units: a tie on file, and not only an inferred one, connects people of the unit.
    """

    kind: int
    rows: Ints
    unit: Ints
    part: Ints
    suspect: Ints
    victim: Ints
    highest: npt.NDArray[np.int8]
    together: Bools
    same_means: Bools
    filed: Bools
    evidence: Ints

    def part_of(self, rows: Ints, unit: Ints) -> Ints:
        """Return the part of each of some (row, unit) pairs of these units."""
        scale = np.int64(int(self.rows.max(initial=0)) + 1)
        key = self.unit * scale + self.rows
        order = order_by(key)
        return np.asarray(self.part[order[np.searchsorted(key[order], unit * scale + rows)]])


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
    unit = (np.cumsum(first) - 1).astype(np.int64)
    return Units(
        kind=DYAD,
        rows=evidence,
        unit=unit,
        part=unit,
        suspect=columns.suspect[head].astype(np.int64),
        victim=columns.victim[head].astype(np.int64),
        highest=np.full(len(head), CLEAR, np.int8),
        together=np.ones(len(head), np.bool_),
        same_means=np.zeros(len(head), np.bool_),
        filed=np.ones(len(head), np.bool_),
        evidence=evidence,
    )


def groups(columns: Columns, dyads: Units, ties: Ties) -> Units:
    """Return one unit per suspect and set of connected victims.

    The purpose that s.1(1A) asks for is in no extract, so a group is at most arguable.

    Parameters
    ----------
    columns : Columns
    dyads : Units
    ties : Ties
        Those between people; only the kinds that connect victims count.
    """
    pairs = Pairs(columns, dyads.rows, dyads.unit, dyads.suspect, dyads.victim)
    ties = ties.of_kinds(*BETWEEN_VICTIMS)
    filed = tied_victims(columns, pairs, ties.take(~ties.inferred))
    steps = [_Step(ARGUABLE, tied_victims(columns, pairs, ties))]
    return _merged(GROUP, dyads, steps, means=NOTHING, filed=filed)


def joints(columns: Columns, dyads: Units, ties: Ties) -> Units:
    """Return one unit per victim and set of suspects who act together, and the wider sets that lesser bonds make.

    A joint act connects for certain; the same number, account or vehicle used by both arguably; a tie alone is not a
    joint act (s.7(3A)).

    Parameters
    ----------
    columns : Columns
    dyads : Units
    ties : Ties
        Those between people; only the kinds that connect suspects count.
    """
    pairs = Pairs(columns, dyads.rows, dyads.unit, dyads.suspect, dyads.victim)
    ties = ties.of_kinds(*BETWEEN_SUSPECTS)
    tied = tied_suspects(columns, pairs, ties)
    filed = tied_suspects(columns, pairs, ties.take(~ties.inferred))
    means = tied_suspects(columns, pairs, ties.of_kinds("same_means"))
    partners = tied_suspects(columns, pairs, ties.of_kinds("co_suspect"))
    acted = on_one_record(columns, pairs).with_(partners).with_(carried(columns, pairs, tied))
    steps = [_Step(CLEAR, acted), _Step(ARGUABLE, means), _Step(WEAK, tied)]
    return _merged(JOINT, dyads, steps, means=means, filed=filed)


@dataclass(frozen=True)
class _Step:
    """Bonds that widen the units of the step before, and the highest strength that they can show."""

    highest: int
    bonds: Bonds


def _merged(kind: int, dyads: Units, steps: list[_Step], *, means: Bonds, filed: Bonds) -> Units:
    """Join dyads into larger units, step by step, and keep what each step adds.

    A unit of a step is a set of dyads that its bonds and those of the steps before connect. One that an earlier step
    knew already is not told again.
    """
    n = len(dyads.suspect)
    label, bonds = np.arange(n), NOTHING
    found = []
    for step in steps:
        bonds = bonds.with_(step.bonds)
        closer, label = label, components(n, bonds.left, bonds.right)
        found.append(_widened(kind, dyads, closer, label, step.highest, means=means, filed=filed))
    return _all(found)


def _widened(kind: int, dyads: Units, closer: Ints, label: Ints, highest: int, *, means: Bonds, filed: Bonds) -> Units:
    """Return the units that hold several of those that stand closer together; a label is a unit's first dyad."""
    parts = distinct(closer)
    several = np.bincount(label[parts], minlength=len(label))[label] >= 2
    heads, index = np.unique(label[several], return_inverse=True)
    unit_of_dyad = np.full(len(label), -1, np.int64)
    unit_of_dyad[several] = index
    unit = unit_of_dyad[dyads.unit]
    keep = unit >= 0

    def hold(bonds: Bonds) -> Bools:
        """Return which units hold both dyads of a bond."""
        joined = unit_of_dyad[bonds.left]
        inside = (joined >= 0) & (joined == unit_of_dyad[bonds.right])
        return np.bincount(joined[inside], minlength=len(heads)) > 0

    blank = np.full(len(heads), -1, np.int64)
    return Units(
        kind=kind,
        rows=dyads.rows[keep],
        unit=unit[keep],
        part=closer[dyads.unit[keep]],
        suspect=dyads.suspect[heads] if kind == GROUP else blank,
        victim=blank if kind == GROUP else dyads.victim[heads],
        highest=np.full(len(heads), highest, np.int8),
        together=np.full(len(heads), kind == JOINT and highest == CLEAR),
        same_means=hold(means),
        filed=hold(filed),
        evidence=dyads.evidence,
    )


def _all(units: list[Units]) -> Units:
    """Return all units of a kind, numbered one after the other."""
    base = np.append(0, np.cumsum([len(one.suspect) for one in units]))
    joined = {
        name: np.concatenate([getattr(one, name) for one in units])
        for name in ("rows", "part", "suspect", "victim", "highest", "together", "same_means", "filed")
    }
    unit = np.concatenate([one.unit + start for one, start in zip(units, base[:-1], strict=True)])
    return Units(kind=units[0].kind, unit=unit, evidence=units[0].evidence, **joined)

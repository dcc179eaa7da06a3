"""What a record itself says about a breach: its offence code, its label, the order it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Bools, Codes, Columns, Ints
from breachpattern.vocabulary import BREACH_KINDS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

ANY_ORDER = "*"
ID_SPACE = np.int64(1) << 32


@dataclass(frozen=True)
class Claimed:
    """What the record of each pair of an incident row and an order says: a breach, this order, its kind."""

    says: Bools
    names_order: Bools
    names_kind: Bools

    @property
    def named(self) -> Bools:
        """Where the record says that this order, or one of its kind, was broken."""
        return self.says & (self.names_order | self.names_kind)


@dataclass(frozen=True)
class Claims:
    """What each record itself says about a breach.

    Attributes
    ----------
    says : (rows,) bool
        The record says that some order was broken, and was not cancelled.
    breach_kind : (rows,) int8
        The kind of breach that the offence is (a notification offence), ``-1`` where it does not say.
    """

    says: Bools
    breach_kind: npt.NDArray[np.int8]
    _offence: Codes
    _breaks: Bools
    _labelled: Bools
    _breaks_by_label: Bools
    _family_of_kind: Ints
    _named: Ints

    @classmethod
    def of(cls, columns: Columns, catalogue: Catalogue) -> Claims:
        """Return the claims of every row: by offence code or label, and by the order it names.

        Kinds of one family (the two restraining orders, the two bails) are not told apart by their codes, those of
        one name in two jurisdictions not by their labels.
        """
        kinds = [catalogue.order_kinds[k] for k in catalogue.order_kind_ids]
        families = sorted({k.family for k in kinds})
        family_of = {k.id: families.index(k.family) for k in kinds}
        offences = [catalogue.offences[o] for o in catalogue.offence_ids]
        breaks = np.zeros((len(offences) + 1, len(families)), np.bool_)
        by_label = breaks.copy()
        kind_of_breach = np.full(len(offences) + 1, -1, np.int8)
        for i, offence in enumerate(offences):
            breaks[i] |= ANY_ORDER in offence.breach_of
            breaks[i, [family_of[k] for k in offence.breach_of if k in family_of]] = True
            by_label[i, [family_of[k] for k in offence.label_breach_of]] = True
            if offence.breach_kind in BREACH_KINDS:
                kind_of_breach[i] = BREACH_KINDS.index(offence.breach_kind)
        rows, orders = columns.breach_claims
        says = np.asarray(breaks.any(axis=1))[columns.offence] | columns.names_an_order
        return cls(
            says=says & ~columns.cancelled,
            breach_kind=kind_of_breach[columns.offence],
            _offence=columns.offence,
            _breaks=breaks,
            _labelled=columns.labelled,
            _breaks_by_label=by_label,
            _family_of_kind=np.array([family_of[k.id] for k in kinds], dtype=np.int64),
            _named=np.sort(rows * ID_SPACE + orders),
        )

    def of_pairs(self, rows: Ints, orders: Codes, kinds: Codes) -> Claimed:
        """Return what the record of each pair says about that very order."""
        return Claimed(self.says[rows], self.names_order(rows, orders), self.names_kind(rows, kinds))

    def names_order(self, rows: Ints, orders: Codes) -> Bools:
        """Return where a record names an order by its id."""
        if len(self._named) == 0:
            return np.zeros(len(rows), np.bool_)
        wanted = rows * ID_SPACE + orders
        place = np.minimum(np.searchsorted(self._named, wanted), len(self._named) - 1)
        return np.asarray(self._named[place] == wanted)

    def names_kind(self, rows: Ints, kinds: Codes) -> Bools:
        """Return where a record's code or label is the breach of an order of this kind's family."""
        offence, family = self._offence[rows], self._family_of_kind[kinds]
        return np.asarray(
            self._breaks[offence, family] | (self._labelled[rows] & self._breaks_by_label[offence, family])
        )

"""What the judgement of an incident against an order can come to, and why: the words, and a bit for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Bools, Columns, Ints
from breachpattern.linking.orders import Orders
from breachpattern.spans import NO, POSSIBLE, YES
from breachpattern.timelines.claims import Claimed
from breachpattern.vocabulary import Vocabulary

RECORDED, UNRECORDED, NO_ORDER, NOT_BREACH = range(4)

BREACH_REASONS = Vocabulary(
    "reasons",
    (
        "the record itself says breach",
        "the record names this order",
        "conduct within the terms of the order",
        "conduct that may be within the terms, depending on the order's words",
        "in force throughout the time of the incident",
        "part of the incident's time lies where the order is not certainly in force",
        "made without notice, or notice not on file, and awareness by then is not on file",
        "service, which this notice needs, is not on file by then",
        "terms not on file: read as no contact and no violence",
        "the order ends before it starts on file: its end is treated as unknown",
        "ends with the longest life that the statute allows",
        "the suspect is not named on the record",
        "no order on file fits",
        "the order had ended",
        "the order had not begun",
        "the order protects somebody else",
        "the conduct is not within the terms on file",
        "the record names another kind of order",
        "in force under one version or the next throughout",
        "inferred from a tie: nothing on record says that the respondent had a part in it",
        "the victim is not named on the record",
        "the duty to tell the police had not begun",
        "the days for telling the police had not certainly run out, though false information can be given sooner",
    ),
)
(
    SAYS_BREACH, NAMES_ORDER, WITHIN_TERMS, MAYBE_TERMS, IN_FORCE, PARTLY_IN_FORCE, AWARENESS_OPEN,
    SERVICE_OPEN, NO_TERMS, END_DOUBTFUL, STATUTORY_END, NO_SUSPECT, NONE_FITS, ENDED, NOT_BEGUN,
    PROTECTS_OTHERS, OUTSIDE_TERMS, OTHER_KIND, TWO_VERSIONS, INFERRED, NO_VICTIM,
    DUTY_NOT_BEGUN, DUTY_RUNNING,
) = (1 << i for i in range(len(BREACH_REASONS)))  # fmt: skip


@dataclass(frozen=True)
class Grounds:
    """What was found of each pair of an incident row and an order version, one array entry per pair.

    ``life`` is whether the version was in force, ``aware`` whether its awareness element was met; ``certain`` and
    ``matched`` are masks of terms; ``claimed`` is what the record itself says; ``duty`` is whether a failure to
    tell the police can have been one; ``recorded`` and ``fits`` are the
    verdict.
    """

    rows: Ints
    versions: Ints
    life: npt.NDArray[np.int8]
    aware: Bools
    protects: Bools
    certain: Ints
    matched: Ints
    claimed: Claimed
    duty: npt.NDArray[np.int8]
    recorded: Bools
    fits: Bools

    def reasons(self, columns: Columns, orders: Orders) -> Ints:
        """Return why each pair is a breach or is none, as a mask of :data:`BREACH_REASONS`."""
        rows, versions, life, fits = self.rows, self.versions, self.life, self.fits
        needs_service = orders.needs_service[versions]
        late = ~self.aware & (life != NO)
        others = ~self.protects & (columns.victim[rows] >= 0) & ~orders.names_nobody[versions]
        held = (
            (SAYS_BREACH, self.recorded),
            (NAMES_ORDER, self.claimed.names_order),
            (WITHIN_TERMS, self.certain != 0),
            (MAYBE_TERMS, (self.certain == 0) & (self.matched != 0)),
            (IN_FORCE, life == YES),
            (PARTLY_IN_FORCE, life == POSSIBLE),
            (AWARENESS_OPEN, late & ~needs_service),
            (SERVICE_OPEN, late & needs_service),
            (NO_TERMS, ~orders.terms_on_file[versions] & fits),
            (END_DOUBTFUL, orders.end_doubtful[versions] & fits),
            (STATUTORY_END, orders.capped[versions]),
            (NO_SUSPECT, columns.suspect[rows] < 0),
            (
                NO_VICTIM,
                self.recorded & (self.certain == 0) & (columns.victim[rows] < 0) & ~orders.names_nobody[versions],
            ),
            (DUTY_NOT_BEGUN, (life != NO) & (self.duty == NO)),
            (DUTY_RUNNING, (life != NO) & (self.duty == POSSIBLE)),
            (ENDED, (life == NO) & (columns.start[rows] >= orders.end_hi[versions])),
            (NOT_BEGUN, (life == NO) & (columns.end[rows] <= orders.start_lo[versions])),
            (PROTECTS_OTHERS, ~fits & others),
            (OUTSIDE_TERMS, ~fits & (life != NO) & self.protects & (self.matched == 0)),
            (OTHER_KIND, self.claimed.says & ~self.claimed.named),
        )
        out = np.zeros(len(rows), np.int64)
        for bit, where in held:
            out |= np.where(where, bit, 0)
        return out
